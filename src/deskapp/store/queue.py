"""Read the queue: one index for the order, one page at a time, the same on SQLite and PostgreSQL."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, func, or_, select, tuple_
from sqlmodel import Session

from deskapp.domain.permissions import Actor
from deskapp.domain.queue import Holder, QueueFilter, Sort
from deskapp.domain.sla import shown_of
from deskapp.domain.terms import Grade, Status
from deskapp.domain.views import QueueCounts, QueueRow
from deskapp.models.audit import AuditEvent, Ledger
from deskapp.models.base import table
from deskapp.models.clock import ClockBook
from deskapp.models.customer import Customer
from deskapp.models.people import Agent, Team
from deskapp.models.ticket import Ticket, TimelineEntry
from deskapp.store.rules import calendar_version
from deskapp.store.search import ENTRY, TICKET, ids_matching

RUNNING, UNPROMISED, PAUSED = 0, 1, 2

_t, _c, _team = table(Ticket).c, table(Customer).c, table(Team).c
_assignee = table(Agent).alias("assignee")
_owner = table(Agent).alias("owner")
_COLUMNS = (
    _t.id, _t.number, _t.version, _t.subject, _t.product, _t.grade, _t.priority, _t.status,
    _t.customer_id, func.coalesce(_c.name, ""), _t.team_id, func.coalesce(_team.name, ""),
    _t.assignee_id, func.coalesce(_assignee.c.name, ""), _t.owner_id, func.coalesce(_owner.c.name, ""),
    _t.opened_at, _t.due_metric, _t.due_target, _t.due_at, _t.paused_until, table(ClockBook).c.shown,
)  # fmt: skip
_BY_NAME = {Sort.CUSTOMER: _c.name, Sort.ASSIGNEE: _assignee.c.name}


def page(
    session: Session,
    actor: Actor,
    wanted: QueueFilter,
    sort: Sort,
    descending: bool,
    first: int,
    count: int,
    now: datetime,
) -> tuple[int, tuple[QueueRow, ...]]:
    """How many tickets match, and the rows from `first` on in the order asked for."""
    condition = where(session, actor, wanted, now)
    total = session.execute(select(func.count()).select_from(table(Ticket)).where(condition)).scalar_one()
    if first >= total or count <= 0:
        return total, ()
    count = min(count, total - first)
    # From the far half the index is walked backwards: the last page costs what the first one does.
    backwards = first > total - first - count
    offset = total - first - count if backwards else first
    ids = _ordered(select(_t.id).select_from(_source(sort)).where(condition), sort, descending != backwards)
    ids = ids.offset(offset).limit(count)
    rows = _rows(session, _ordered(_joined().where(_t.id.in_(ids)), sort, descending))
    return total, rows


def rows_of(session: Session, ids: Iterable[UUID]) -> tuple[QueueRow, ...]:
    """The queue rows of certain tickets, in no particular order."""
    return _rows(session, _joined().where(_t.id.in_(list(ids))))


def position(
    session: Session, actor: Actor, wanted: QueueFilter, sort: Sort, descending: bool, ticket_id: UUID, now: datetime
) -> int | None:
    """How many tickets stand before this one; None where the filter leaves it out."""
    condition = where(session, actor, wanted, now)
    columns = _order(sort)
    source = _source(sort)
    own = session.execute(select(*columns).select_from(source).where(condition, _t.id == ticket_id)).first()
    if own is None:
        return None
    mine, other = tuple_(*own), tuple_(*columns)
    before = other > mine if descending else other < mine
    return int(session.execute(select(func.count()).select_from(source).where(condition, before)).scalar_one())


def counts(session: Session, now: datetime) -> QueueCounts:
    """The figures above the queue, over all open tickets."""
    late = _late(now)
    row = session.execute(
        select(
            func.count(),
            func.count().filter(late),
            func.count().filter(_t.grade == Grade.RED),
            func.count().filter(_t.assignee_id.is_(None)),
            func.count().filter(_t.status == Status.PAUSED),
        ).where(_t.is_open)
    ).one()
    return QueueCounts(*row)


def newest_change(session: Session) -> int:
    """The ledger's newest sequence number."""
    ledger = table(Ledger).c
    return int(session.execute(select(ledger.seq).where(ledger.id == 1)).scalar_one())


def changed_since(session: Session, seq: int) -> frozenset[UUID] | None:
    """The tickets that changed behind a ledger number; None when any may have, as after an edit of a calendar."""
    event = table(AuditEvent).c
    if session.execute(select(event.seq).where(event.seq > seq, event.object_kind == "calendar").limit(1)).first():
        return None
    found = session.execute(select(event.ticket_id).where(event.seq > seq, event.ticket_id.is_not(None)).distinct())
    return frozenset(found.scalars())


def where(session: Session, actor: Actor, wanted: QueueFilter, now: datetime) -> ColumnElement[bool]:
    """A filter as a condition on the ticket table."""
    terms: list[ColumnElement[bool]] = [_t.status.in_(wanted.statuses) if wanted.statuses else _t.is_open]
    match wanted.holder:
        case Holder.ME:
            terms.append(_t.assignee_id == actor.id)
        case Holder.MY_TEAM:
            terms.append(_t.team_id == actor.team_id)
        case Holder.NOBODY:
            terms.append(_t.assignee_id.is_(None))
        case Holder.OWNED_BY_ME:
            terms.append(_t.owner_id == actor.id)
        case Holder.ANYBODY:
            pass
    if wanted.overdue:
        terms.append(_late(now))
    for column, words in ((_t.grade, wanted.grades), (_t.priority, wanted.priorities), (_t.channel, wanted.channels)):
        if words:
            terms.append(column.in_(words))
    for column, value in ((_t.team_id, wanted.team_id), (_t.assignee_id, wanted.assignee_id)):
        if value is not None:
            terms.append(column == value)
    if wanted.product:
        terms.append(_t.product == wanted.product)
    if wanted.text:
        terms.append(_matching(session, wanted.text))
    return and_(*terms)


def _matching(session: Session, text: str) -> ColumnElement[bool]:
    label = text.upper().removeprefix("T-").removeprefix("#")
    by_number = _t.number == int(label) if label.isascii() and label.isdigit() and len(label) < 10 else false()
    entry = table(TimelineEntry).c
    said = select(entry.ticket_id).where(entry.id.in_(ids_matching(session, ENTRY, text)))
    return or_(by_number, _t.id.in_(ids_matching(session, TICKET, text)), _t.id.in_(said))


def _late(now: datetime) -> ColumnElement[bool]:
    return and_(_t.queue_band == RUNNING, _t.due_at < now)


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    match sort:
        case Sort.NUMBER:
            return (_t.number,)
        case Sort.AGE:
            return (_t.opened_at, _t.number)
        case Sort.GRADE:
            return (_t.grade_rank, _t.queue_band, _t.queue_at, _t.number)
        case Sort.CUSTOMER | Sort.ASSIGNEE:
            return (func.coalesce(_BY_NAME[sort], ""), _t.number)
        case _:
            return (_t.queue_band, _t.queue_at, _t.grade_rank, _t.number)


def _ordered(query: Select[Any], sort: Sort, descending: bool) -> Select[Any]:
    return query.order_by(*(column.desc() if descending else column.asc() for column in _order(sort)))


def _source(sort: Sort) -> FromClause:
    match sort:
        case Sort.CUSTOMER:
            return table(Ticket).outerjoin(table(Customer), _t.customer_id == _c.id)
        case Sort.ASSIGNEE:
            return table(Ticket).outerjoin(_assignee, _t.assignee_id == _assignee.c.id)
        case _:
            return table(Ticket)


def _joined() -> Select[Any]:
    return select(*_COLUMNS).select_from(
        table(Ticket)
        .outerjoin(table(Customer), _t.customer_id == _c.id)
        .outerjoin(table(Team), _t.team_id == _team.id)
        .outerjoin(_assignee, _t.assignee_id == _assignee.c.id)
        .outerjoin(_owner, _t.owner_id == _owner.c.id)
        .outerjoin(table(ClockBook), _t.id == table(ClockBook).c.ticket_id)
    )


def _rows(session: Session, query: Select[Any]) -> tuple[QueueRow, ...]:
    connection = session.connection()
    calendar = partial(calendar_version, connection)
    rows = []
    for found in session.execute(query).all():
        facts = list(found)
        facts[-1] = shown_of(found[-1] or (), calendar)
        rows.append(QueueRow(*facts))
    return tuple(rows)
