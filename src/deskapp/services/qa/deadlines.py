"""Deadlines of corrective actions as clocks: in the list of who is responsible, told at 50 %, 75 % and the breach."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlmodel import Session

from deskapp.domain.deadline import ESCALATED, METRIC, Deadline
from deskapp.domain.ids import uuid7
from deskapp.domain.sla import BREACH
from deskapp.domain.terms import Grade, Priority, Status
from deskapp.domain.verification import ActionState
from deskapp.domain.views import Duty, QueueRow
from deskapp.domain.views_time import NoticeLine
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.store.deadlines import ACTION, NOTICE

if TYPE_CHECKING:
    from deskapp.models.qa import QaAction
    from deskapp.services.desk import Read, Work

_x, _n, _a = ACTION.c, NOTICE.c, table(Agent).c
RUNNING = (ActionState.OPEN, ActionState.SECOND_ROUND)
_RUNNING = tuple(state.value for state in RUNNING)
_MOST = 500


def deadline_of(row: "QaAction") -> Deadline:
    """The clock of the round that runs."""
    return Deadline(row.clock_from or row.issued_at, row.deadline)


def who_is(session: Session, name: str) -> UUID | None:
    """The person whom a notice names by name or login; None for nobody at this desk, or for more than one."""
    found = session.execute(select(_a.id).where((_a.name == name) | (_a.login == name), _a.active).limit(2)).scalars()
    people = list(found)
    return people[0] if len(people) == 1 else None


def set_clock(row: "QaAction", now: datetime) -> None:
    """Bring the clock in line with the state: it runs while something is to be done, a second round begins anew."""
    if row.state is ActionState.SECOND_ROUND and row.done_at is not None:
        again = deadline_of(row).again(now)
        row.clock_from, row.deadline = again.since, again.until
    row.next_notice_at = deadline_of(row).next_at(()) if row.state in RUNNING else None


def next_notice(session: Session) -> datetime | None:
    """When the next notice of an action falls due."""
    found: datetime | None = session.execute(select(func.min(_x.next_notice_at)).where(_x.state.in_(_RUNNING))).scalar()
    return found


def tell_deadlines(work: "Work") -> int:
    """Tell what has fallen due, once for each round; returns how many notices. The breach goes to the issuer too."""
    rows = work.session.execute(
        select(_x.id, _x.round, _x.responsible_id, _x.issued_by, _x.issued_at, _x.clock_from, _x.deadline)
        .where(_x.state.in_(_RUNNING), _x.next_notice_at <= work.now)
        .order_by(_x.next_notice_at)
        .limit(_MOST)
    ).all()
    told = 0
    for row in rows:
        clock = Deadline(row.clock_from or row.issued_at, row.deadline)
        kinds = select(_n.kind).where(_n.action_id == row.id, _n.round == row.round)
        before = set(work.session.execute(kinds).scalars())
        new = clock.due(work.now, before)
        for kind, at in new:
            people = {row.responsible_id or row.issued_by} | ({row.issued_by} if kind == BREACH else set())
            told += _tell(work, row.id, row.round, kind, at, people)
        next_at = clock.next_at(before | {kind for kind, _at in new})
        work.session.execute(update(ACTION).where(_x.id == row.id).values(next_notice_at=next_at))
    return told


def tell_escalated(work: "Work", row: "QaAction") -> None:
    """An action has failed twice: who is responsible and who issued it are told at once."""
    people = {row.issued_by} | ({row.responsible_id} if row.responsible_id else set())
    _tell(work, row.id, row.round, ESCALATED, work.now, people)


def _tell(work: "Work", action: UUID, round_: int, kind: str, at: datetime, people: Iterable[UUID]) -> int:
    rows = [
        {"id": uuid7(), "action_id": action, "round": round_, "kind": kind, "to_id": person, "at": at,
         "told_at": work.now, "seen_at": None}
        for person in sorted(people, key=str)
    ]  # fmt: skip
    work.session.execute(insert(NOTICE), rows)
    return len(rows)


def _concerning(person: UUID) -> ColumnElement[bool]:
    return and_(_n.to_id == person, _x.state.in_(_RUNNING) | (_n.kind == ESCALATED))


def count_unseen(read: "Read") -> int:
    """How many notices on actions wait for who asks."""
    found = select(func.count()).select_from(NOTICE.join(ACTION, _n.action_id == _x.id))
    return int(read.session.execute(found.where(_concerning(read.actor.id), _n.seen_at.is_(None))).scalar_one())


def notices_of(read: "Read", limit: int, *, earlier: bool = False) -> list[NoticeLine]:
    """Notices on actions for who asks, the newest first; with `earlier`, those taken note of as well."""
    wanted = _concerning(read.actor.id)
    found = read.session.execute(
        select(_n.id, _n.kind, _n.at, _n.seen_at, _x.id.label("action"), _x.number, _x.finding)
        .join_from(NOTICE, ACTION, _n.action_id == _x.id)
        .where(wanted if earlier else and_(wanted, _n.seen_at.is_(None)))
        .order_by(_n.seen_at.is_not(None), _n.told_at.desc(), _n.id.desc())
        .limit(limit)
    )
    return [
        NoticeLine(row.id, row.action, f"CA-{row.number}", row.finding, Grade.GREEN, METRIC, row.kind, row.at, False,
                   (), row.seen_at is None)
        for row in found
    ]  # fmt: skip


def see(work: "Work", notices: Iterable[UUID]) -> int:
    """Take note of one's own notices; returns how many were new."""
    wanted = (_n.id.in_(list(notices)), _n.to_id == work.actor.id, _n.seen_at.is_(None))
    new = list(work.session.execute(select(_n.id).where(*wanted)).scalars())
    if new:
        work.session.execute(update(NOTICE).where(_n.id.in_(new)).values(seen_at=work.now))
    return len(new)


def duties_of(read: "Read") -> list[Duty]:
    """The running actions for which who asks is responsible, the nearest deadline first."""
    rows = read.session.execute(
        select(ACTION).where(_x.responsible_id == read.actor.id, _x.state.in_(_RUNNING)).order_by(_x.deadline)
    )
    return [_duty(row) for row in rows]


def _duty(row: Any) -> Duty:
    clock = Deadline(row.clock_from or row.issued_at, row.deadline)
    shown: dict[str, Any] = {
        "id": row.id, "version": row.version, "number": row.number, "subject": row.finding, "grade": Grade.GREEN,
        "priority": Priority.NORMAL, "status": Status.OPEN, "opened_at": row.issued_at, "due_metric": METRIC,
        "due_target": int(clock.span.total_seconds()), "due_at": clock.until, "customer": row.department,
        "product": "", "customer_id": None, "team_id": None, "team": row.department, "paused_until": None,
        "assignee_id": row.responsible_id, "assignee": row.responsible, "owner_id": row.responsible_id,
        "owner": row.responsible, "clocks": (clock.shown(),),
    }  # fmt: skip
    return Duty("action", QueueRow(**shown), clock.until, row.action)


__all__ = ["count_unseen", "deadline_of", "duties_of", "next_notice", "notices_of", "see", "set_clock",
           "tell_deadlines", "tell_escalated", "who_is"]  # fmt: skip
