"""Read a ticket with everything that hangs on it, and a customer's file, as data objects."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from deskapp.domain.permissions import Actor
from deskapp.domain.views import (
    AppointmentLine,
    CallBackLine,
    HandOverLine,
    MachineLine,
    TicketView,
)
from deskapp.models.base import table
from deskapp.models.customer import Machine
from deskapp.models.people import Agent, Team
from deskapp.models.shift import TicketMerge
from deskapp.models.ticket import Appointment, CallBack, HandOver, Ticket, TimelineEntry
from deskapp.store.customers import load_customer
from deskapp.store.queue import rows_of
from deskapp.store.timeline import timeline

_t, _e, _h = table(Ticket).c, table(TimelineEntry).c, table(HandOver).c
_agent = table(Agent).c


def load_ticket(
    session: Session, actor: Actor, *, ticket_id: UUID | None = None, number: int | None = None
) -> TicketView | None:
    """Everything about one ticket, by id or by number; None where there is none."""
    wanted = _t.id == ticket_id if ticket_id is not None else _t.number == number
    ticket = session.execute(
        select(
            _t.id, _t.description, _t.fault, _t.resolution, _t.channel, _t.machine_id, _t.first_response_at,
            _t.solved_at, _t.closed_at, _t.reopened, _t.pause_reason, _t.customer_id,
        ).where(wanted)
    ).first()  # fmt: skip
    if ticket is None:
        return None
    took_in = _took_in(session, ticket.id)
    return TicketView(
        row=rows_of(session, [ticket.id])[0],
        description=ticket.description,
        fault=ticket.fault,
        resolution=ticket.resolution,
        channel=ticket.channel,
        machine=_machine(session, ticket.machine_id),
        first_response_at=ticket.first_response_at,
        solved_at=ticket.solved_at,
        closed_at=ticket.closed_at,
        reopened=ticket.reopened,
        pause_reason=ticket.pause_reason,
        timeline=timeline(session, _e.ticket_id.in_([ticket.id, *(key for key, _number in took_in)])),
        hand_overs=_hand_overs(session, ticket.id),
        call_backs=_call_backs(session, ticket.id),
        appointments=_appointments(session, ticket.id),
        customer=load_customer(session, actor, ticket.customer_id) if ticket.customer_id else None,
        merged_into=_merged_into(session, ticket.id),
        took_in=took_in,
    )


def _merged_into(session: Session, ticket_id: UUID) -> tuple[UUID, int] | None:
    m = table(TicketMerge).c
    found = session.execute(
        select(_t.id, _t.number).join_from(table(TicketMerge), table(Ticket), m.target_id == _t.id)
        .where(m.source_id == ticket_id)
    ).first()  # fmt: skip
    return (found.id, found.number) if found else None


def _took_in(session: Session, ticket_id: UUID) -> tuple[tuple[UUID, int], ...]:
    """The tickets that went into one, and those that had gone into them before."""
    m, targets = table(TicketMerge).c, [ticket_id]
    found: dict[UUID, int] = {}
    while targets:
        rows = session.execute(
            select(_t.id, _t.number).join_from(table(TicketMerge), table(Ticket), m.source_id == _t.id)
            .where(m.target_id.in_(targets))
        ).all()  # fmt: skip
        targets = [row.id for row in rows if row.id not in found]
        found |= {row.id: row.number for row in rows}
    return tuple(sorted(found.items(), key=lambda entry: entry[1]))


def _machine(session: Session, machine_id: UUID | None) -> MachineLine | None:
    row = session.get(Machine, machine_id) if machine_id else None
    return machine_line(row) if row else None


def machine_line(row: Machine) -> MachineLine:
    """A machine as a data object."""
    return MachineLine(
        row.id, row.version, row.product, row.model, row.serial, row.bought_on, row.warranty_until, row.place
    )


def _hand_overs(session: Session, ticket_id: UUID) -> tuple[HandOverLine, ...]:
    source, target, by = table(Team).alias("source"), table(Team).alias("target"), table(Agent).alias("by")
    found = session.execute(
        select(
            _h.id, _h.ticket_id, _h.version, func.coalesce(source.c.name, ""), target.c.name, _h.to_team_id, by.c.name,
            _h.offered_at, _h.asked, _h.due_at, _h.state, _h.answer,
        )
        .select_from(
            table(HandOver)
            .outerjoin(source, _h.from_team_id == source.c.id)
            .join(target, _h.to_team_id == target.c.id)
            .join(by, _h.offered_by == by.c.id)
        )
        .where(_h.ticket_id == ticket_id)
        .order_by(_h.offered_at)
    )  # fmt: skip
    return tuple(HandOverLine(*row) for row in found)


def _call_backs(session: Session, ticket_id: UUID) -> tuple[CallBackLine, ...]:
    c = table(CallBack).c
    found = session.execute(
        select(
            c.id, c.due_at, c.done_at, func.coalesce(_agent.name, ""), c.attempts, c.solved, c.satisfaction, c.comment
        )
        .select_from(table(CallBack).outerjoin(table(Agent), c.done_by == _agent.id))
        .where(c.ticket_id == ticket_id)
        .order_by(c.due_at)
    )
    return tuple(CallBackLine(*row) for row in found)


def _appointments(session: Session, ticket_id: UUID) -> tuple[AppointmentLine, ...]:
    a = table(Appointment).c
    found = session.execute(
        select(a.id, a.version, a.starts_at, a.ends_at, a.state, func.coalesce(_agent.name, ""), a.note, a.reason)
        .select_from(table(Appointment).outerjoin(table(Agent), a.technician_id == _agent.id))
        .where(a.ticket_id == ticket_id)
        .order_by(a.starts_at)
    )
    return tuple(AppointmentLine(*row) for row in found)
