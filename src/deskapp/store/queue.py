"""Read the queue: one index for the order, one page at a time, the same on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, and_, false, func, literal_column, or_, select, tuple_
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

OPEN: ColumnElement[Any] = literal_column("ticket.is_open")
"""Whether a ticket is open, in the very words of the partial indexes: SQLite sees no `is_open` in `is_open = 1`, which
is what SQLAlchemy makes of the column, and would read the whole table."""

_t, _c, _team, _book = table(Ticket).c, table(Customer).c, table(Team).c, table(ClockBook).c
_assignee = table(Agent).alias("assignee")
_owner = table(Agent).alias("owner")
# What a row shows of the ticket itself; the names come from other tables.
_OF_TICKET = (
    _t.id, _t.number, _t.version, _t.subject, _t.product, _t.grade, _t.priority, _t.status, _t.customer_id, _t.team_id,
    _t.assignee_id, _t.owner_id, _t.opened_at, _t.due_metric, _t.due_target, _t.due_at, _t.paused_until,
)  # fmt: skip
_BY_NAME = {Sort.CUSTOMER: _c.name, Sort.ASSIGNEE: _assignee.c.name}


class Totals:
    """How many tickets fit what is asked for, remembered until the ledger moves; threads may share one.

    Counting a hundred thousand takes milliseconds, and each page of a list asks for the same number again.
    """

    _MOST = 64

    def __init__(self) -> None:
        self._known: dict[object, tuple[int, Any]] = {}

    def at(self, seq: int, key: object, count: Callable[[], Any]) -> Any:
        """What `count` says; asked once for each number of the ledger."""
        known = self._known.get(key)
        if known is None or known[0] != seq:
            if len(self._known) >= self._MOST:
                self._known = {}
            self._known[key] = known = (seq, count())
        return known[1]


def page(
    session: Session,
    actor: Actor,
    wanted: QueueFilter,
    sort: Sort,
    descending: bool,
    first: int,
    count: int,
    now: datetime,
    totals: Totals,
) -> tuple[int, int, tuple[QueueRow, ...]]:
    """The ledger's number, how many tickets match, and the rows from `first` on in the order asked for."""
    seq = newest_change(session)
    condition = where(session, actor, wanted, now)

    def count_all() -> int:
        return int(session.execute(select(func.count()).select_from(table(Ticket)).where(condition)).scalar_one())

    # Tickets become late without anybody changing them.
    total = count_all() if wanted.overdue else totals.at(seq, (actor.id, wanted), count_all)
    if first >= total or count <= 0:
        return seq, total, ()
    count = min(count, total - first)
    # From the far half the index is walked backwards: the last page costs what the first one does.
    backwards = first > total - first - count
    offset = total - first - count if backwards else first
    keys = [column.label(f"order_{place}") for place, column in enumerate(_order(sort))]
    few = select(*_OF_TICKET, *keys).select_from(_source(sort)).where(condition)
    few = few.order_by(*_directed(keys, descending != backwards)).offset(offset).limit(count)
    # Names are looked up for the rows of the page only, not for those that the offset passes over.
    found = few.subquery("page")
    ordered = _directed([found.c[key.name] for key in keys], descending)
    rows = _rows(session, _named(found).order_by(*ordered))
    return seq, total, rows


def rows_of(session: Session, ids: Iterable[UUID]) -> tuple[QueueRow, ...]:
    """The queue rows of certain tickets, in no particular order."""
    return _rows(session, _named(table(Ticket)).where(_t.id.in_(list(ids))))


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


def counts(session: Session, now: datetime, totals: Totals) -> QueueCounts:
    """The figures above the queue, over all open tickets; each is counted in one index, without the rows."""
    late = session.execute(_COUNT.where(_late(now))).scalar_one()
    steady = totals.at(newest_change(session), "counts", lambda: session.execute(_STEADY).one())
    return QueueCounts(steady.open, late, steady.red, steady.unclaimed, steady.paused)


_COUNT = select(func.count()).select_from(table(Ticket)).where(OPEN)
_STEADY = select(
    _COUNT.scalar_subquery().label("open"),
    _COUNT.where(_t.grade_rank == Grade.RED.rank).scalar_subquery().label("red"),
    _COUNT.where(_t.assignee_id.is_(None)).scalar_subquery().label("unclaimed"),
    select(func.count()).where(_t.status == Status.PAUSED).scalar_subquery().label("paused"),
)


def newest_change(session: Session) -> int:
    """The ledger's newest sequence number."""
    ledger = table(Ledger).c
    return int(session.execute(select(ledger.seq).where(ledger.id == 1)).scalar_one())


def changed_since(session: Session, seq: int) -> tuple[frozenset[UUID] | None, frozenset[str]]:
    """The tickets that changed behind a ledger number, and the kinds of what else did.

    None for the tickets when any may have, as after an edit of a calendar.
    """
    event = table(AuditEvent).c
    found = session.execute(select(event.ticket_id, event.object_kind).where(event.seq > seq).distinct()).all()
    kinds = frozenset(kind for ticket, kind in found if ticket is None)
    if kinds & _MOVING_ALL:
        return None, kinds
    return frozenset(ticket for ticket, _kind in found if ticket is not None), kinds


_MOVING_ALL = frozenset(("calendar", "policy"))


def where(session: Session, actor: Actor, wanted: QueueFilter, now: datetime) -> ColumnElement[bool]:
    """A filter as a condition on the ticket table."""
    terms: list[ColumnElement[bool]] = [_t.status.in_(wanted.statuses) if wanted.statuses else OPEN]
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
    # In this band the queue is ordered by what is due: the index holds the instant.
    return and_(_t.queue_band == RUNNING, _t.queue_at < now)


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


def _directed(columns: Iterable[ColumnElement[Any]], descending: bool) -> list[ColumnElement[Any]]:
    return [column.desc() if descending else column.asc() for column in columns]


def _source(sort: Sort) -> FromClause:
    match sort:
        case Sort.CUSTOMER:
            return table(Ticket).outerjoin(table(Customer), _t.customer_id == _c.id)
        case Sort.ASSIGNEE:
            return table(Ticket).outerjoin(_assignee, _t.assignee_id == _assignee.c.id)
        case _:
            return table(Ticket)


def _named(tickets: FromClause) -> Select[Any]:
    """The columns of queue rows: those of tickets, with the names of whom they are about."""
    t = tickets.c
    return select(
        t.id, t.number, t.version, t.subject, t.product, t.grade, t.priority, t.status,
        t.customer_id, func.coalesce(_c.name, ""), t.team_id, func.coalesce(_team.name, ""),
        t.assignee_id, func.coalesce(_assignee.c.name, ""), t.owner_id, func.coalesce(_owner.c.name, ""),
        t.opened_at, t.due_metric, t.due_target, t.due_at, t.paused_until, _book.shown,
    ).select_from(
        tickets.outerjoin(table(Customer), t.customer_id == _c.id)
        .outerjoin(table(Team), t.team_id == _team.id)
        .outerjoin(_assignee, t.assignee_id == _assignee.c.id)
        .outerjoin(_owner, t.owner_id == _owner.c.id)
        .outerjoin(table(ClockBook), t.id == _book.ticket_id)
    )  # fmt: skip


def _rows(session: Session, query: Select[Any]) -> tuple[QueueRow, ...]:
    connection = session.connection()
    calendar = partial(calendar_version, connection)
    rows = []
    for found in session.execute(query).all():
        facts = list(found)
        facts[-1] = shown_of(found[-1] or (), calendar)
        rows.append(QueueRow(*facts))
    return tuple(rows)
