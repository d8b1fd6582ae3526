"""A call between screen and desk: what the form's values ask the desk to store, what is read out of the answer."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from uuid import UUID

from deskapp.domain.flow.facts import facts_of
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import _, language
from deskapp.domain.terms import Channel, Grade, Priority
from deskapp.domain.views import TicketView
from deskapp.domain.when import parse_when
from deskapp.services.requests.intake import RaiseRed, TakeCall
from deskapp.widgets.ticket_columns import what


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


def promise(ticket: TicketView, now: datetime, local: Callable[[datetime], datetime]) -> str:
    """What was stored and is promised, to be read to the caller."""
    due = ticket.row.due_at
    promised = f"{what(ticket.row, now)} {local(due):%m-%d %H:%M}" if due else _("no promise")
    return _("{ticket} for {who}: {problem}. Promised: {promise}.").format(
        ticket=ticket.row.label, who=ticket.row.customer, problem=ticket.row.subject, promise=promised
    )


def promise_with_visit(ticket: TicketView, now: datetime, local: Callable[[datetime], datetime]) -> str:
    """The promise, and when somebody comes where a visit is booked."""
    told = promise(ticket, now, local)
    for visit in ticket.appointments[:1]:
        starts, ends = local(visit.starts_at), local(visit.ends_at)
        told = _("{case} We come on {day} between {starts} and {ends}.").format(
            case=told, day=f"{starts:%m-%d}", starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}"
        )
    return told
