"""Notices: told once for each clock, threshold and due revision, by whichever seat holds the lease; red at once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, insert, literal, or_, select, update
from sqlmodel import Session

from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Reach, Subject, reach
from deskapp.domain.sla import BREACH, next_threshold_at, notices_due
from deskapp.domain.terms import Grade, Role
from deskapp.domain.views_time import NoticeLine, SweepState
from deskapp.models.audit import Lease
from deskapp.models.base import Identified, table
from deskapp.models.clock import Clock, Notice, NoticeSeen
from deskapp.models.ticket import Ticket
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa import deadlines
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.notices import GetNotices, GetSweep, SeeNotices, SweepNotices
from deskapp.store.clocks import clock_of_row
from deskapp.store.rules import need

LEASE = timedelta(seconds=30)
"""How long a seat that stops sweeping keeps others from it."""
RED, SHIFT = "red", "shift"
RECENT = timedelta(days=14)
"""How far back notices are listed: one index, however many years of them there are."""
_DUTY = "notices"
_MOST = 20_000
_c, _n, _seen, _t, _lease = table(Clock), table(Notice), table(NoticeSeen), table(Ticket), table(Lease)
_OPEN = _c.c.state.in_(("running", "paused"))
_SET_NEXT = (
    update(_c)
    .where(*(_c.c[name] == bindparam(f"b_{name}") for name in ("ticket_id", "metric", "name", "round")))
    .values(next_threshold_at=bindparam("next_at"))
)


@handles(GetSweep)
def get_sweep(read: Read, query: GetSweep) -> SweepState:
    """When there is something to tell, and whether this seat is the one to do it; one look at an index."""
    connection, now = read.session.connection(), read.clock.now()
    promise = connection.execute(select(func.min(_c.c.next_threshold_at)).where(_OPEN)).scalar()
    next_at = min(filter(None, (promise, deadlines.next_notice(read.session))), default=None)
    other = (_lease.c.name == _DUTY) & (_lease.c.holder != query.holder) & (_lease.c.until > _now(connection, now))
    taken = connection.execute(select(exists().where(other))).scalar()
    return SweepState(not taken, next_at)


@handles(SweepNotices)
def sweep_notices(work: Work, command: SweepNotices) -> Receipt:
    """Tell what has fallen due. A seat without the lease does nothing; a dead one loses it after half a minute."""
    work.authorize(command.action)
    connection = work.session.connection()
    nothing = Receipt("notice", UUID(int=0), "", 0)
    if not _take_lease(connection, command.holder, work.now):
        return nothing
    actions = deadlines.tell_deadlines(work)
    found = connection.execute(
        select(_c, _t.c.team_id, _t.c.owner_id, _t.c.assignee_id, _t.c.grade)
        .join_from(_c, _t, _c.c.ticket_id == _t.c.id)
        .where(_OPEN, _c.c.next_threshold_at <= work.now)
        .order_by(_c.c.next_threshold_at)
        .limit(_MOST)
    ).mappings()
    rows = _due_notices(work, connection, list(found))
    if not rows and not actions:
        return nothing
    if rows:
        connection.execute(insert(_n), rows)
    work.tell(told=len(rows) + actions)
    batch = Identified(id=work.submission_id)
    work.record(command.action, "notice", batch)
    return Receipt("notice", batch.id, str(len(rows) + actions), 0)


def _due_notices(work: Work, connection: Connection, due: list[Any]) -> list[dict[str, Any]]:
    if not due:
        return []
    told = _told(connection, work.now)
    rules = need(connection, {row["policy"] for row in due}, {row["calendar"] for row in due})
    rows, ahead = [], []
    for row in due:
        clock, key = clock_of_row(row), (row["ticket_id"], row["metric"], row["name"], row["round"])
        calendar, policy = rules.calendar(clock.calendar), rules.policy(clock.policy)
        before = frozenset(told.get(key, ()))
        new = notices_due(clock, calendar, policy, work.now, before)
        rows += [_row(work, row, notice.name, notice.revision, notice.at) for notice in new]
        after = before | {(notice.name, notice.revision) for notice in new}
        names = ("b_ticket_id", "b_metric", "b_name", "b_round")
        next_at = next_threshold_at(clock, calendar, policy, after)
        ahead.append({**dict(zip(names, key, strict=True)), "next_at": next_at})
    connection.execute(_SET_NEXT, ahead)
    return rows


def tell_red(work: Work, ticket: Ticket) -> None:
    """A ticket is red: its lead is told in the same transaction."""
    row = {
        "ticket_id": ticket.id, "metric": "", "name": "", "round": 0, "team_id": ticket.team_id,
        "owner_id": ticket.owner_id, "assignee_id": ticket.assignee_id, "grade": Grade.RED,
    }  # fmt: skip
    told = select(func.count()).where(_n.c.ticket_id == ticket.id, _n.c.kind == RED)
    connection = work.session.connection()
    revision = connection.execute(told).scalar_one() + 1
    connection.execute(insert(_n), [_row(work, row, RED, revision, work.now)])


def tell_handed_over(work: Work, ticket: Ticket, agent_id: UUID) -> None:
    """A duty on a ticket was handed over to somebody at the end of a shift: they are told in the same transaction."""
    row = {
        "ticket_id": ticket.id, "metric": "", "name": "", "round": 0, "team_id": ticket.team_id, "owner_id": None,
        "assignee_id": agent_id, "grade": ticket.grade,
    }  # fmt: skip
    told = select(func.count()).where(_n.c.ticket_id == ticket.id, _n.c.kind == SHIFT)
    connection = work.session.connection()
    revision = connection.execute(told).scalar_one() + 1
    connection.execute(insert(_n), [{**_row(work, row, SHIFT, revision, work.now), "to_lead": False}])


def concerning(agent_id: UUID, role: Role, team_id: UUID | None, now: datetime) -> ColumnElement[bool]:
    """Notices of two weeks on somebody's own tickets, and for a lead what the team missed or what is red."""
    mine = or_(_n.c.assignee_id == agent_id, and_(_n.c.owner_id == agent_id, _n.c.assignee_id.is_(None)))
    if role is Role.LEAD:
        mine = or_(mine, and_(_n.c.to_lead, or_(_n.c.team_id == team_id, _n.c.team_id.is_(None), _n.c.kind == RED)))
    recent = _n.c.told_at > now - RECENT
    return and_(recent, mine, or_(_t.c.is_open, _n.c.metric == "follow_up", _n.c.kind == SHIFT))


def unseen_by(agent_id: UUID) -> ColumnElement[bool]:
    """Notices that somebody has not taken note of."""
    return ~exists().where(_seen.c.notice_id == _n.c.id, _seen.c.agent_id == agent_id)


def count_unseen(read: Read) -> int:
    """How many notices wait for who asks."""
    me = read.actor
    if reach(me, GetNotices.action) is Reach.NONE:
        return 0
    found = select(func.count()).select_from(_n.join(_t, _n.c.ticket_id == _t.c.id))
    found = found.where(concerning(me.id, me.role, me.team_id, read.clock.now()), unseen_by(me.id))
    return int(read.session.execute(found).scalar_one()) + deadlines.count_unseen(read)


def red_tickets_unseen(session: Session, agent_id: UUID, role: Role, team_id: UUID | None, now: datetime) -> set[UUID]:
    """Tickets with a red notice that somebody has not taken note of."""
    found = select(_n.c.ticket_id).select_from(_n.join(_t, _n.c.ticket_id == _t.c.id))
    found = found.where(concerning(agent_id, role, team_id, now), unseen_by(agent_id), _n.c.kind == RED)
    return set(session.execute(found.distinct()).scalars())


@handles(GetNotices)
def get_notices(read: Read, query: GetNotices) -> tuple[NoticeLine, ...]:
    """What concerns who asks, red first, then the newest; with `earlier`, what was taken note of as well."""
    me = read.actor
    new = unseen_by(me.id)
    wanted = concerning(me.id, me.role, me.team_id, read.clock.now())
    found = read.session.execute(
        select(_n, _t.c.number, _t.c.subject, _t.c.grade, new.label("is_new"))
        .join_from(_n, _t, _n.c.ticket_id == _t.c.id)
        .where(wanted if query.earlier else and_(wanted, new))
        .order_by(new.desc(), (_n.c.kind == RED).desc(), _n.c.told_at.desc(), _n.c.id.desc())
        .limit(max(1, min(query.limit, 200)))
    )
    from deskapp.services.checklist_files import checklist  # the queue counts notices, and needs no reader of files

    steps = tuple(str(step) for step in checklist())
    promises = tuple(
        NoticeLine(
            row.id, row.ticket_id, f"T-{row.number}", row.subject, row.grade, row.metric, row.kind, row.at,
            row.to_lead, steps if row.kind == RED or (row.kind == SHIFT and row.grade is Grade.RED) else (),
            bool(row.is_new),
        )
        for row in found
    )  # fmt: skip
    return (*promises, *deadlines.notices_of(read, max(1, min(query.limit, 200)), earlier=query.earlier))


@handles(SeeNotices)
def see_notices(work: Work, command: SeeNotices) -> Receipt:
    """Take note; a second time does nothing."""
    work.authorize(command.action, Subject(people=frozenset({work.actor.id})))
    connection = work.session.connection()
    wanted = select(_n.c.id).where(_n.c.id.in_(command.notice_ids))
    there = select(_seen.c.notice_id).where(
        _seen.c.agent_id == work.actor.id, _seen.c.notice_id.in_(command.notice_ids)
    )
    new = set(connection.execute(wanted).scalars()) - set(connection.execute(there).scalars())
    seen = len(new) + deadlines.see(work, command.notice_ids)
    if new:
        connection.execute(insert(_seen), [{"notice_id": n, "agent_id": work.actor.id, "at": work.now} for n in new])
    if seen:
        work.tell(seen=seen)
        work.record("notice.see", "notice", Identified(id=work.submission_id))
    return Receipt("notice", work.submission_id, str(seen), 0)


def _row(work: Work, ticket: Any, kind: str, revision: int, at: datetime) -> dict[str, Any]:
    grave = kind in (BREACH, RED) or kind.startswith("step:")
    return {
        "id": uuid7(), "ticket_id": ticket["ticket_id"], "metric": ticket["metric"], "name": ticket["name"],
        "round": ticket["round"], "kind": kind, "revision": revision, "at": at, "told_at": work.now,
        "batch": work.submission_id, "to_lead": grave or ticket["grade"] is Grade.RED, "team_id": ticket["team_id"],
        "owner_id": ticket["owner_id"], "assignee_id": ticket["assignee_id"],
    }  # fmt: skip


def _told(connection: Connection, now: datetime) -> dict[tuple[Any, ...], set[tuple[str, int]]]:
    same = and_(
        _n.c.ticket_id == _c.c.ticket_id, _n.c.metric == _c.c.metric, _n.c.name == _c.c.name, _n.c.round == _c.c.round
    )
    found = connection.execute(
        select(_n.c.ticket_id, _n.c.metric, _n.c.name, _n.c.round, _n.c.kind, _n.c.revision)
        .join_from(_n, _c, same)
        .where(_OPEN, _c.c.next_threshold_at <= now)
    )
    told: dict[tuple[Any, ...], set[tuple[str, int]]] = {}
    for ticket, metric, name, round_, kind, revision in found:
        told.setdefault((ticket, metric, name, round_), set()).add((kind, revision))
    return told


def _take_lease(connection: Connection, holder: str, now: datetime) -> bool:
    """Take the duty or keep it; compared inside the database, whose clock is the one that counts on PostgreSQL."""
    at = _now(connection, now)
    until = at + LEASE if connection.dialect.name == "postgresql" else literal(now + LEASE, _lease.c.until.type)
    free = (_lease.c.name == _DUTY) & ((_lease.c.holder == holder) | (_lease.c.until <= at))
    if connection.execute(update(_lease).where(free).values(holder=holder, until=until)).rowcount:
        return True
    if connection.execute(select(_lease.c.name).where(_lease.c.name == _DUTY)).first():
        return False
    connection.execute(insert(_lease).values(name=_DUTY, holder=holder, until=until))
    return True


def _now(connection: Connection, now: datetime) -> Any:
    return func.clock_timestamp() if connection.dialect.name == "postgresql" else literal(now, _lease.c.until.type)


__all__ = [
    "LEASE", "RED", "SHIFT", "count_unseen", "red_tickets_unseen", "tell_handed_over", "tell_red",
]  # fmt: skip
