"""Read mass faults: the reports a scan looks at, lists and one whole case; plain statements on both databases."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, and_, func, select, type_coerce
from sqlmodel import Session

from deskapp.domain.views_incident import ChildLine, MassFaultLine
from deskapp.models.base import table
from deskapp.models.customer import Customer
from deskapp.models.incident import MassFault, MassFaultAction, MassFaultEvent, MassFaultScan, MassFaultTicket
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket
from deskapp.store.clocks import instant

_m, _l, _a = table(MassFault).c, table(MassFaultTicket).c, table(MassFaultAction).c
_t, _c, _agent = table(Ticket).c, table(Customer).c, table(Agent).c
_LONGEST_LIST = 200


def reports(session: Session, since: datetime, until: datetime) -> Iterator[tuple[str, str, str, str | None, datetime]]:
    """Every ticket that names a product and a fault: id, product, fault, customer, when it was opened.

    Ids are texts, equal for the same one: of hundreds of thousands of tickets nothing is turned that is not used.
    """
    ids: list[ColumnElement[Any]] = [_t.id, _t.customer_id]
    opened: ColumnElement[Any] = _t.opened_at
    if session.get_bind().dialect.name == "sqlite":
        ids, opened = [type_coerce(column, Text) for column in ids], type_coerce(opened, Text)
    query = select(ids[0], _t.product, _t.fault, ids[1], opened).where(
        _t.opened_at > since, _t.opened_at <= until, _t.product != "", _t.fault != "", _t.status != "cancelled"
    )
    for ticket, product, fault, customer, at in session.execute(query.execution_options(yield_per=5000)):
        yield str(ticket), product, fault, customer and str(customer), instant(at)


def lines(session: Session, *, over: bool = False, only: UUID | None = None) -> tuple[MassFaultLine, ...]:
    """Mass faults as lines: the highest level first, proposals behind those under way."""
    still_open = (
        select(func.count())
        .select_from(table(MassFaultTicket).join(table(Ticket), _l.ticket_id == _t.id))
        .where(_l.mass_fault_id == _m.id, _t.is_open)
        .scalar_subquery()
    )
    due = select(func.min(_a.due_at)).where(_a.mass_fault_id == _m.id, _a.done_at.is_(None)).scalar_subquery()
    query: Select[Any] = select(
        _m.id, _m.number, _m.product, _m.fault, _m.state, _m.level, _m.customers, still_open, _m.first_signal_at,
        _m.proposed_at, due,
    ).order_by(_m.is_over, _m.level.desc(), _m.customers.desc(), _m.number.desc())  # fmt: skip
    if only is not None:
        query = query.where(_m.id == only)
    elif not over:
        query = query.where(~_m.is_over)
    return tuple(MassFaultLine(*row) for row in session.execute(query.limit(_LONGEST_LIST)))


def find(session: Session, key: UUID | None, number: int | None) -> MassFault | None:
    """One mass fault by id or by number."""
    wanted = _m.id == key if key is not None else _m.number == number
    found = session.execute(select(_m.id).where(wanted)).scalar()
    return session.get(MassFault, found) if found else None


def actions(session: Session, key: UUID) -> Sequence[Row[Any]]:
    """The plan's actions with the name of who did them, by level and due time."""
    query = (
        select(table(MassFaultAction), func.coalesce(_agent.name, "").label("by_name"))
        .outerjoin(table(Agent), _a.done_by == _agent.id)
        .where(_a.mass_fault_id == key)
        .order_by(_a.level, _a.due_at, _a.id)
    )
    return session.execute(query).all()


def steps(session: Session, key: UUID) -> Sequence[Row[Any]]:
    """What happened, oldest first: at, kind, by, level, customers, text."""
    e = table(MassFaultEvent).c
    query = (
        select(e.at, e.kind, func.coalesce(_agent.name, ""), e.level, e.customers, e.text)
        .select_from(table(MassFaultEvent).outerjoin(table(Agent), e.by_id == _agent.id))
        .where(e.mass_fault_id == key)
        .order_by(e.at, e.id)
    )
    return session.execute(query).all()


def linked(session: Session, key: UUID) -> tuple[UUID, ...]:
    """The open tickets linked to a mass fault, oldest first."""
    query = (
        select(_t.id)
        .join_from(table(MassFaultTicket), table(Ticket), _l.ticket_id == _t.id)
        .where(_l.mass_fault_id == key, _t.is_open)
        .order_by(_t.opened_at, _t.number)
    )
    return tuple(session.execute(query).scalars())


def children(session: Session, key: UUID, candidates: Sequence[UUID] | None = None) -> tuple[ChildLine, ...]:
    """The tickets of a mass fault, or the candidates given for it; open ones first, the oldest at the top."""
    source = (
        table(Ticket).outerjoin(table(Customer), _t.customer_id == _c.id).outerjoin(
            table(Agent), _t.assignee_id == _agent.id
        )
    )  # fmt: skip
    if candidates is None:
        source = source.join(table(MassFaultTicket), and_(_l.ticket_id == _t.id, _l.mass_fault_id == key))
    query = (
        select(
            _t.id, _t.number, _t.subject, _t.status, func.coalesce(_c.name, ""), func.coalesce(_agent.name, ""),
            _t.opened_at,
        )
        .select_from(source)
        .order_by(_t.is_open.desc(), _t.opened_at, _t.number)
    )  # fmt: skip
    if candidates is not None:
        query = query.where(_t.id.in_(list(candidates)[:_LONGEST_LIST]))
    return tuple(ChildLine(*row) for row in session.execute(query))


def last_scan(session: Session) -> datetime | None:
    """When somebody last had the desk look for mass faults."""
    return session.execute(select(func.max(table(MassFaultScan).c.at))).scalar()


__all__ = ["actions", "children", "find", "last_scan", "lines", "linked", "reports", "steps"]
