"""Read the desk as a whole: aggregates over open tickets, clocks and arrivals, the same on SQLite and PostgreSQL."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, func, literal, or_, select
from sqlmodel import Session

from deskapp.domain.sla.clock import State
from deskapp.domain.terms import Role
from deskapp.domain.views import QueueRow
from deskapp.models.base import table
from deskapp.models.clock import Clock
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket
from deskapp.store.queue import OPEN, PAUSED, RUNNING, UNPROMISED, rows_of

_t, _k, _a = table(Ticket).c, table(Clock).c, table(Agent).c
QUARTER = 900  # seconds: every zone's hours begin at a quarter of a UTC hour


def standing(session: Session, now: datetime, edges: Sequence[timedelta]) -> Sequence[Any]:
    """Open tickets by grade: all, unclaimed, paused ones by status, six colours, then those older than each edge.

    A ticket turns yellow and red when the queue shows it so. One that has not been touched since that is kept is
    counted by the usual limits and in real time, by the promise that is due next.
    """
    target = func.coalesce(_t.due_target, 86_400)
    left = _epoch(session, _t.due_at) - literal(now.timestamp())
    running = _t.queue_band == RUNNING
    late = and_(running, _t.due_at < now)
    unknown = _t.yellow_at.is_(None)
    red = or_(_t.red_at <= now, and_(unknown, or_(left <= target * 0.1, and_(left <= 600, left <= target * 0.2))))
    nearly = or_(left <= target * 0.25, and_(left <= 1800, left <= target * 0.5))
    # A comparison with what is not there is neither true nor false: it would count nowhere.
    red, yellow = func.coalesce(red, False), func.coalesce(or_(_t.yellow_at <= now, and_(unknown, nearly)), False)
    ahead = and_(running, _t.due_at >= now)
    query = select(
        _t.grade,
        func.count(),
        func.count().filter(_t.assignee_id.is_(None)),
        func.count().filter(_t.status == "paused"),
        func.min(_t.due_at).filter(late),
        func.count().filter(late),
        func.count().filter(and_(ahead, red)),
        func.count().filter(and_(ahead, yellow, ~red)),
        func.count().filter(and_(ahead, ~yellow, ~red)),
        func.count().filter(_t.queue_band == PAUSED),
        func.count().filter(_t.queue_band == UNPROMISED),
        *(func.count().filter(_t.opened_at <= now - edge) for edge in edges),
    )
    return session.execute(query.where(OPEN).group_by(_t.grade)).all()


def next_promises(session: Session, now: datetime, count: int) -> tuple[QueueRow, ...]:
    """The tickets whose promise is due next, those late already left out."""
    ids = (
        select(_t.id)
        .where(OPEN, _t.queue_band == RUNNING, _t.queue_at >= now)
        .order_by(_t.queue_band, _t.queue_at, _t.grade_rank, _t.number)
        .limit(count)
    )
    rows = rows_of(session, session.execute(ids).scalars())
    return tuple(sorted(rows, key=lambda row: (row.due_at or now, row.grade.rank, row.number)))


def ended(session: Session, since: datetime, now: datetime) -> Iterator[tuple[str, bool, int]]:
    """Promises that ended since, or ran out since and still run: metric, whether it was kept, how many."""
    done = select(_k.metric, _k.state, func.count()).where(
        _k.done_at >= since, _k.done_at <= now, _k.state.in_((State.MET, State.LATE))
    )
    for metric, state, count in session.execute(done.group_by(_k.metric, _k.state)):
        yield metric, state == State.MET, count
    out = select(_k.metric, func.count()).where(_k.state == State.RUNNING, _k.due_at >= since, _k.due_at < now)
    for metric, count in session.execute(out.group_by(_k.metric)):
        yield metric, False, count


def arrivals(session: Session, since: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """New tickets by quarter of an hour in which there was one; its begin in UTC."""
    seconds = _epoch(session, _t.opened_at)
    quarter = cast(func.floor(seconds / QUARTER) if session.get_bind().dialect.name == "postgresql" else
                   seconds / QUARTER, Integer)  # fmt: skip
    query = select(quarter, func.count()).where(_t.opened_at >= since, _t.opened_at < until).group_by(quarter)
    return [(datetime.fromtimestamp(at * QUARTER, since.tzinfo), count) for at, count in session.execute(query)]


def agents(session: Session, now: datetime) -> Sequence[Any]:
    """People who take tickets, with how many they have and how many of these are late."""
    late = and_(_t.queue_band == RUNNING, _t.due_at < now)
    held = (
        select(_t.assignee_id, func.count().label("open"), func.count().filter(late).label("late"))
        .where(OPEN, _t.assignee_id.is_not(None))
        .group_by(_t.assignee_id)
        .subquery()
    )
    query = (
        select(_a.id, _a.name, _a.state, _a.state_since, func.coalesce(held.c.open, 0), func.coalesce(held.c.late, 0))
        .select_from(table(Agent).outerjoin(held, held.c.assignee_id == _a.id))
        .where(_a.active, or_(_a.role == Role.AGENT, held.c.open > 0))
    )
    return session.execute(query).all()


def due_until(session: Session, now: datetime, until: datetime, limit: int) -> Sequence[Any]:
    """Running promises that fall due until then, the first due first: ticket number, metric, product, begin, due."""
    query = (
        select(_t.number, _k.metric, _t.product, _k.started_at, _k.due_at)
        .join_from(table(Clock), table(Ticket), _k.ticket_id == _t.id)
        .where(_k.state == State.RUNNING, _k.due_at > now, _k.due_at <= until)
        .order_by(_k.due_at)
        .limit(limit)
    )
    return session.execute(query).all()


def pace(session: Session, since: datetime, now: datetime, most: int) -> Iterator[Any]:
    """Promises that ran since: metric, product, begin, end (None: it still runs). Of more than `most`, every n-th."""
    seen = or_(
        and_(_k.state == State.RUNNING, _k.started_at <= now),
        and_(_k.state.in_((State.MET, State.LATE)), _k.done_at >= since, _k.done_at <= now),
    )
    total = session.execute(select(func.count()).select_from(table(Clock)).where(seen)).scalar_one()
    query = (
        select(_k.metric, _t.product, _k.started_at, _k.done_at)
        .join_from(table(Clock), table(Ticket), _k.ticket_id == _t.id)
        .where(seen)
    )
    step = -(-total // most)
    if step > 1:
        query = query.where(_t.number % step == 0)
    yield from session.execute(query.execution_options(yield_per=5000))


def _epoch(session: Session, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An instant as seconds since 1970."""
    if session.get_bind().dialect.name == "postgresql":
        return func.extract("epoch", column)
    return (func.julianday(column) - 2440587.5) * 86_400.0


__all__ = ["agents", "arrivals", "due_until", "ended", "next_promises", "pace", "standing"]
