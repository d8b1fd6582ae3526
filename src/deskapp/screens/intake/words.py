"""A call between screen and desk: what the form's values ask the desk to store, what is read out of the answer."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from uuid import UUID

from deskapp.domain.flow.facts import facts_of
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.terms import Channel, Grade, Priority
from deskapp.domain.views import TicketView
from deskapp.domain.when import parse_when
from deskapp.services.requests.intake import RaiseRed, TakeCall

Span = tuple[datetime, datetime]
_UPDATE = N_("You hear from us by {at}.")
_PROMISED = {
    "book": N_("We agree the time of the visit with you by {at}."), "on_site": N_("We are with you by {at}."),
    "resolve": N_("It is solved by {at}."), "follow_up": N_("We call you back by {at}."),
}  # fmt: skip


def plain_call(
    values: Mapping[str, str], now: datetime, zone: tzinfo, *,
    submission_id: UUID, customer_id: UUID | None, machine_id: UUID | None,
) -> TakeCall:  # fmt: skip
    """The call as the form has it; `zone` is that of times as typed. Raises Invalid."""
    known = customer_id is not None
    occurred = values["occurred"].strip()
    return TakeCall(
        submission_id=submission_id,
        customer_id=customer_id,
        machine_id=machine_id,
        occurred_at=parse_when(occurred, now, zone) if occurred else None,
        channel=Channel(values["channel"]),
        grade=Grade(values["grade"]),
        priority=Priority(values["priority"]),
        name="" if known else values["name"],
        phone="" if known else values["phone"],
        address="" if known else values["address"],
        product=values["product"],
        model=values["model"],
        serial=values["serial"],
        subject=values["subject"],
        description=values["description"],
        fault=values["fault"],
        note=values["note"],
        remember=values["remember"],
    )


def red_call(
    values: Mapping[str, str], session: GuidedSession | None, *, call_id: UUID, customer_id: UUID | None
) -> RaiseRed:
    """The emergency as far as it is known while the call goes on: answers before what the form has."""
    facts = facts_of(session.compiled, session.draft.answers, today=session.today) if session else {}
    outcome = session.outcome if session else None
    return RaiseRed(
        call_id=call_id,
        customer_id=customer_id,
        subject=values["subject"] or _("Emergency"),
        product=values["product"],
        description=outcome.title.get(language()) if outcome else values["description"],
        phone=facts.get("phone", values["phone"]),
        address=facts.get("address", values["address"]),
    )


def promise(ticket: TicketView, now: datetime, local: Callable[[datetime], datetime], call: Span | None = None) -> str:
    """What was stored, what is promised until when, when somebody comes or calls: to be read to the caller."""
    told = [_("{ticket} for {who}: {problem}.").format(
        ticket=ticket.row.label, who=ticket.row.customer, problem=ticket.row.subject
    )]  # fmt: skip
    if clock := ticket.row.worst(now):
        told.append(_(_PROMISED.get(clock.metric, _UPDATE)).format(at=f"{local(clock.due_at):%m-%d %H:%M}"))
    spans = [(_("We come on {day} between {starts} and {ends}."), visit.starts_at, visit.ends_at)
             for visit in ticket.appointments[:1]]  # fmt: skip
    if call:
        spans.append((_("We call you on {day} between {starts} and {ends}."), *call))
    for said, starts, ends in spans:
        day, begins, finishes = f"{local(starts):%m-%d}", f"{local(starts):%H:%M}", f"{local(ends):%H:%M}"
        told.append(said.format(day=day, starts=begins, ends=finishes))
    return " ".join(told) if language() == "en" else "".join(told)
