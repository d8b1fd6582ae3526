"""What makes a mass fault grow by itself: tickets that belong to it, its distinct customers, its level, its plan."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Connection, select
from sqlmodel import Session

from deskapp.domain import incident as rules
from deskapp.domain.incident import Change, Incident, IncidentEvent, IncidentState, PlanAction
from deskapp.domain.sla.amounts import Amount, Unit
from deskapp.models.base import table
from deskapp.models.incident import MassFault, MassFaultAction, MassFaultEvent, MassFaultTicket
from deskapp.models.ticket import Ticket
from deskapp.services import own_pack
from deskapp.services.clock_rules import in_force
from deskapp.store.uow import Work

if TYPE_CHECKING:
    from deskapp.services.outbreak_files import OutbreakPack

UNDER_WAY = (IncidentState.CONFIRMED, IncidentState.ACTIVE, IncidentState.CLOSING)
_m, _l, _t = table(MassFault).c, table(MassFaultTicket).c, table(Ticket).c
_APART = re.compile(r";|,(?! )")


def pack() -> "OutbreakPack":
    """The rules of mass faults, the desk's own or the shipped ones; days in UTC: a scan sets the desk's zone itself."""
    return _pack(own_pack.place("outbreak"))


@cache
def _pack(path: Path) -> "OutbreakPack":
    # Imported when first asked: it brings the reader of files, which opening a ticket does not need.
    from deskapp.services.outbreak_files import read_outbreak

    return read_outbreak(path)


def faults_of(text: str) -> tuple[str, ...]:
    """The faults a ticket names: several stand apart by `;` or by a comma without a blank behind it.

    Words that name no fault ("other") are left out: what cannot be told apart cannot be a mass fault.
    """
    names = dict.fromkeys(name.strip() for name in _APART.split(text))
    return tuple(name for name in names if name and name.casefold() not in pack().unspecific)


def reporter(customer_id: UUID | str | None, ticket_id: UUID | str) -> str:
    """Who reported a ticket; where nobody is named, each ticket is somebody else's."""
    return str(customer_id or ticket_id)


def join(work: Work, ticket: Ticket) -> None:
    """Link a ticket, new or corrected, to the mass fault it belongs to; the level rises by itself.

    To be called when the use case has named its own change.
    """
    if not (ticket.product and ticket.fault):
        return
    found = work.session.connection().execute(
        select(_m.id, _m.fault, _m.counted_from).where(
            _m.product == ticket.product, ~_m.is_over, _m.state.in_(UNDER_WAY)
        )
    )
    mine = faults_of(ticket.fault)
    for row_id, fault, since in found.all():
        if fault not in mine or ticket.opened_at < since:
            continue
        row = work.lock(MassFault, row_id)
        linked = links(work.session, row)
        if ticket.id not in linked:
            work.add(MassFaultTicket(mass_fault_id=row.id, ticket_id=ticket.id, linked_at=work.now))
            people = {*linked.values(), reporter(ticket.customer_id, ticket.id)}
            counted(work, row, len(people))


def link_all(work: Work, row: MassFault) -> int:
    """Link every ticket that belongs to a mass fault; returns how many different customers they are."""
    linked = links(work.session, row)
    for ticket_id, customer_id in matching(work.session, row.product, row.fault, row.counted_from):
        if ticket_id not in linked:
            work.add(MassFaultTicket(mass_fault_id=row.id, ticket_id=ticket_id, linked_at=work.now))
            linked[ticket_id] = reporter(customer_id, ticket_id)
    return len(set(linked.values()))


def links(session: Session, row: MassFault) -> dict[UUID, str]:
    """The tickets linked to a mass fault, each with who reported it."""
    source = table(MassFaultTicket).join(table(Ticket), _l.ticket_id == _t.id)
    query = select(_l.ticket_id, _t.customer_id).select_from(source).where(_l.mass_fault_id == row.id)
    return {ticket: reporter(customer, ticket) for ticket, customer in session.execute(query)}


def matching(session: Session, product: str, fault: str, since: datetime) -> Iterator[tuple[UUID, UUID | None]]:
    """Tickets (id, customer) of a product that name a fault, opened since, cancelled ones left out."""
    query = select(_t.id, _t.customer_id, _t.fault).where(
        _t.product == product,
        _t.opened_at >= since,
        _t.status != "cancelled",
        _t.fault.contains(fault, autoescape=True),
    )
    for ticket_id, customer_id, text in session.execute(query):
        if fault in faults_of(text):
            yield ticket_id, customer_id


def counted(work: Work, row: MassFault, customers: int) -> None:
    """Take a new number of distinct customers; a level that is reached begins with its plan."""
    before = row.level
    put(work, row, rules.count(state_of(work.session, row), customers, work.now, pack().incident))
    if row.level != before:
        work.record("incident.level", "mass_fault", row)


def put(work: Work, row: MassFault, change: Change | Incident, *, said: str = "") -> None:
    """Write a step of the rules into the rows: state, new events, the plan clocks that begin with it."""
    step = change if isinstance(change, Change) else Change(change)
    new = step.incident
    row.state, row.is_over, row.customers = new.state, new.state.is_over, new.customers
    row.level, row.highest_level, row.lowered_at_customers = new.level, new.highest_level, new.lowered_at_customers
    for event in new.events[1:]:
        note(work, row, event.kind, event.reason or said, by_itself=not event.by)
    for level, action in step.begins:
        work.add(_begun(work, row, level, action))


def note(work: Work, row: MassFault, kind: str, text: str, *, by_itself: bool = False) -> None:
    """Add an event with the counts of the moment."""
    work.add(
        MassFaultEvent(
            mass_fault_id=row.id,
            at=work.now,
            kind=kind,
            by_id=None if by_itself else work.actor.id,
            level=row.level,
            customers=row.customers,
            text=text,
        )
    )


def state_of(session: Session, row: MassFault) -> Incident:
    """The rules' view of a row, with the last event alone: what comes behind it is new."""
    e, last = table(MassFaultEvent).c, IncidentEvent(row.proposed_at, "proposed", "", row.level, row.customers)
    found = session.execute(
        select(e.at, e.kind, e.level, e.customers)
        .where(e.mass_fault_id == row.id, e.kind.not_in(("broadcast", "action_done", "action_called_off")))
        .order_by(e.at.desc(), e.id.desc())
        .limit(1)
    ).first()
    if found:
        last = IncidentEvent(found.at, found.kind, "", found.level, found.customers)
    return Incident(
        row.product, row.fault, row.state, row.first_signal_at, row.customers, row.level, row.highest_level,
        row.lowered_at_customers, (last,),
    )  # fmt: skip


def _begun(work: Work, row: MassFault, level: int, action: PlanAction) -> MassFaultAction:
    role = pack().roles.get(action.owner_role)
    return MassFaultAction(
        mass_fault_id=row.id,
        level=level,
        key=action.key,
        owner_role=action.owner_role,
        within=action.within,
        started_at=work.now,
        due_at=_due(work.session.connection(), action.within, work.now),
        words={
            "title": [action.title.en, action.title.zh],
            "role": [role.en, role.zh] if role else [action.owner_role, ""],
            "steps": [[step.en, step.zh] for step in action.steps],
        },
    )


def _due(connection: Connection, within: str, now: datetime) -> datetime:
    """When an action is due: real time, or the desk's own calendar."""
    amount = Amount.parse(within)
    if amount.unit is Unit.REAL:
        return now + amount.length
    return amount.due(in_force(connection, now, store=False).calendar, now)


__all__ = [
    "UNDER_WAY",
    "counted",
    "faults_of",
    "join",
    "link_all",
    "links",
    "matching",
    "note",
    "pack",
    "put",
    "reporter",
    "state_of",
]
