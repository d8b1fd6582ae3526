"""What can be asked about tickets."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from deskapp.domain.terms import Channel, EntryKind, Grade, PauseReason, Priority
from deskapp.services.requests.base import Command, Query, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket(Command):
    """Record a case of a customer. Whoever opens it is its first-contact owner and works on it.

    `ticket_id` may be given by a draft, so that the number on its screen and in its journal are the same case.
    """

    action: ClassVar[str] = "ticket.create"
    customer_id: UUID | None = None
    machine_id: UUID | None = None
    channel: Channel = Channel.PHONE
    grade: Grade = Grade.GREEN
    priority: Priority = Priority.NORMAL
    subject: str = line(200, required=True)
    description: str = body(8000)
    product: str = line(80)
    fault: str = line(120)
    team_id: UUID | None = None
    # When the customer called, where that was before now; recorded beside the time of writing.
    occurred_at: datetime | None = None
    # When the call or chat came in, before it was answered.
    arrived_at: datetime | None = None
    # The promise that a guided flow ended with, as policies name it: `visit_24h`.
    outcome: str = line(40)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddEntry(Command):
    """Write a line into the timeline: a note, or words with the customer."""

    action: ClassVar[str] = "ticket.note"
    ticket_id: UUID
    kind: EntryKind = EntryKind.NOTE
    text: str = body(8000, required=True)
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTicket(Command):
    """Take a ticket that nobody works on; exactly one of two who try wins."""

    action: ClassVar[str] = "ticket.claim"
    ticket_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimNext(Command):
    """Take the unclaimed ticket of one's team that is due first."""

    action: ClassVar[str] = "ticket.claim"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTicket(Command):
    """Put a ticket back for others to claim."""

    action: ClassVar[str] = "ticket.release"
    ticket_id: UUID
    reason: str = line(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTicket(Command):
    """Give a ticket to somebody (a lead's right)."""

    action: ClassVar[str] = "ticket.assign"
    ticket_id: UUID
    agent_id: UUID
    reason: str = line(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOwner(Command):
    """Give the first-contact ownership to somebody else, with a reason."""

    action: ClassVar[str] = "ticket.move_owner"
    ticket_id: UUID
    agent_id: UUID
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTicket(Command):
    """Correct what the ticket says. Only what is given is changed."""

    action: ClassVar[str] = "ticket.edit"
    ticket_id: UUID
    version: int | None = None
    subject: str = line(200)
    description: str = body(8000)
    product: str = line(80)
    fault: str = line(120)
    machine_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegradeTicket(Command):
    """Change the grade or the priority, with a reason; used time carries over."""

    action: ClassVar[str] = "ticket.regrade"
    ticket_id: UUID
    grade: Grade | None = None
    priority: Priority | None = None
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseTicket(Command):
    """Wait for the customer, parts or a third party, with the day it should go on."""

    action: ClassVar[str] = "ticket.pause"
    ticket_id: UUID
    reason: PauseReason
    until: datetime
    text: str = line(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeTicket(Command):
    """Go on with a paused ticket."""

    action: ClassVar[str] = "ticket.resume"
    ticket_id: UUID
    text: str = line(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveTicket(Command):
    """Say that it is solved and how; the customer is called back before it is closed."""

    action: ClassVar[str] = "ticket.solve"
    ticket_id: UUID
    resolution: str = body(4000, required=True)
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTicket(Command):
    """Go on with a ticket that was solved or closed: for the same fault within the time of the policy the promise
    to solve it goes on, otherwise it begins again."""

    action: ClassVar[str] = "ticket.reopen"
    ticket_id: UUID
    reason: str = line(300, required=True)
    same_fault: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseTicket(Command):
    """End a solved ticket without a call-back, with the reason why there was none."""

    action: ClassVar[str] = "ticket.close"
    ticket_id: UUID
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTicket(Command):
    """End a ticket that should not be one: opened twice, wrong number."""

    action: ClassVar[str] = "ticket.cancel"
    ticket_id: UUID
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferHandOver(Command):
    """Ask another desk to work on it: what is asked, by when. The owner stays."""

    action: ClassVar[str] = "ticket.hand_over"
    ticket_id: UUID
    to_team_id: UUID
    asked: str = body(1000, required=True)
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHandOver(Command):
    """Accept a hand-over, or send it back with a reason."""

    action: ClassVar[str] = "ticket.answer_hand_over"
    hand_over_id: UUID
    accept: bool
    answer: str = body(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCallBack(Command):
    """Tell how the call after the solution went: not reached, solved with a satisfaction of 1 to 5, or not solved."""

    action: ClassVar[str] = "ticket.call_back"
    ticket_id: UUID
    reached: bool = True
    solved: bool = True
    satisfaction: int | None = None
    comment: str = body(2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTicket(Query):
    """Everything about one ticket, by id or by number."""

    action: ClassVar[str] = "ticket.read"
    ticket_id: UUID | None = None
    number: int | None = None
