"""What can be asked while a call is taken."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from deskapp.domain.flow import plain_value
from deskapp.domain.flow.draft import How
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.terms import Channel, Grade, PreferenceKind, Priority
from deskapp.services.requests.base import Command, Request, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """One answer of a guided call as it was given (value None: taken back), at an aware UTC instant."""

    question: str
    value: Any
    at: datetime
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Said(Request):
    """Something written down or read out during the call, at an aware UTC instant."""

    at: datetime
    text: str = line(1000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedCall(Request):
    """The guided part of a call: every answer in the order given; what it means is worked out again by the desk.

    `today` is the site's calendar day. `broken_off` stores a call that ended before everything required was asked.
    `grade` is the agent's own where it differs from the flow's, with the reason.
    """

    version_id: UUID
    events: tuple[GivenAnswer, ...]
    started_at: datetime
    today: date
    keys: int = 0
    read_out: tuple[Said, ...] = ()
    broken_off: bool = False
    grade: Grade | None = None
    grade_reason: str = line(300)
    # The language in which wishes are written into the file.
    language: str = line(2)

    @classmethod
    def of(
        cls, session: GuidedSession, version_id: UUID, language: str, *,
        broken_off: bool = False, grade: Grade | None = None, grade_reason: str = "",
    ) -> "GuidedCall":  # fmt: skip
        """What a call under way has been told and read out so far."""
        events = tuple(
            GivenAnswer(
                question=e.question, value=None if e.value is None else plain_value(e.value), at=e.at, how=e.how
            )
            for e in session.draft.events
        )
        return cls(
            version_id=version_id, events=events, started_at=session.started_at, today=session.today,
            keys=session.keys, read_out=tuple(Said(at=note.at, text=note.text) for note in session.read_out),
            broken_off=broken_off, grade=grade, grade_reason=grade_reason, language=language,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When a visit is agreed for, aware instants; `despite` says that the customer agreed to go against a wish."""

    starts_at: datetime
    ends_at: datetime
    despite: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseRed(Command):
    """An emergency on the line: the ticket is there at once, red, so that the lead hears; the call goes on.

    `call_id` is the call's submission id: taking the call later completes the same ticket.
    """

    action: ClassVar[str] = "ticket.create"
    call_id: UUID
    customer_id: UUID | None = None
    subject: str = line(200, required=True)
    description: str = body(8000)
    product: str = line(80)
    phone: str = line(40)
    address: str = line(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCall(Command):
    """Record a call as a whole: the customer where it is a new one, the machine, what is to be remembered, the case.

    Either all of it is stored or nothing; `submission_id` becomes the ticket's id.
    """

    action: ClassVar[str] = "ticket.create"
    customer_id: UUID | None = None
    name: str = line(120)
    phone: str = line(40)
    address: str = line(300)
    language: str = line(8)
    machine_id: UUID | None = None
    product: str = line(80)
    model: str = line(80)
    serial: str = line(80)
    channel: Channel = Channel.PHONE
    grade: Grade = Grade.GREEN
    priority: Priority = Priority.NORMAL
    subject: str = line(200, required=True)
    description: str = body(8000)
    fault: str = line(120)
    note: str = body(4000)
    remember: str = line(300)
    remember_kind: PreferenceKind = PreferenceKind.OTHER
    remember_until: date | None = None
    occurred_at: datetime | None = None
    # When the call or chat came in, before it was answered.
    arrived_at: datetime | None = None
    bought_on: date | None = None
    notes: tuple[Said, ...] = ()
    guided: GuidedCall | None = None
    visit: Window | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueTicket(Command):
    """The caller asks about a ticket that is there: a contact on its timeline, with what was said so far."""

    action: ClassVar[str] = "ticket.note"
    ticket_id: UUID
    channel: Channel = Channel.PHONE
    text: str = body(8000)
