"""What somebody has to do: tickets, call-backs, visits, updates promised; their own and those they stand in for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlmodel import Session

from deskapp.domain.permissions import Actor
from deskapp.domain.sla import Metric, State
from deskapp.domain.terms import Grade, HandOverState, Role, Shift, Status
from deskapp.domain.views import Duty, QueueRow
from deskapp.models.base import table
from deskapp.models.clock import Clock
from deskapp.models.people import Agent
from deskapp.models.shift import ShiftDuty
from deskapp.models.ticket import Appointment, CallBack, HandOver, Ticket
from deskapp.store import queue as store

MOST = 200
"""Lines of one list; a longer one is nobody's day."""
AHEAD = timedelta(hours=24)
_MANY = 5000
_OPEN_STATES = tuple(status for status in Status if status.is_open)
_t, _d, _c, _a, _clock = table(Ticket).c, table(ShiftDuty).c, table(CallBack).c, table(Appointment).c, table(Clock).c


@dataclass(frozen=True, slots=True)
class Whose:
    """The person whose duties are asked for; `stands_in`: tickets by the kind of duty that was handed over to them.

    These few ids go into the statements as they are: beside `owner_id = ...` a subquery would keep PostgreSQL from the
    index.
    """

    id: UUID
    role: Role
    team_id: UUID | None
    stands_in: Mapping[str, frozenset[UUID]]

    def ids(self, kind: str) -> frozenset[UUID]:
        """The tickets of which they have a duty of that kind since the end of somebody's shift."""
        return self.stands_in.get(kind, frozenset())


def whose(session: Session, actor: Actor) -> Whose:
    """The person behind an actor."""
    shift = session.execute(select(table(Agent).c.shift).where(table(Agent).c.id == actor.id)).scalar()
    return person(session, actor.id, actor.role, actor.team_id, shift)


def person(session: Session, agent_id: UUID, role: Role, team_id: UUID | None, shift: Shift | None) -> Whose:
    """Somebody with what was handed over to them, to their team or to their shift of it."""
    to_team = and_(_d.to_agent_id.is_(None), _d.to_team_id == team_id, or_(_d.to_shift.is_(None), _d.to_shift == shift))
    query = select(_d.kind, _d.ticket_id).where(_d.ended_at.is_(None), or_(_d.to_agent_id == agent_id, to_team))
    found: dict[str, set[UUID]] = {}
    for kind, ticket_id in session.execute(query):
        found.setdefault(kind, set()).add(ticket_id)
    return Whose(agent_id, role, team_id, {kind: frozenset(ids) for kind, ids in found.items()})


def tickets(session: Session, who: Whose, *, most: int = MOST) -> list[Duty]:
    """Open tickets that somebody works on."""
    ids = select(_t.id).where(store.OPEN, _t.assignee_id == who.id)
    ids = ids.order_by(_t.queue_band, _t.queue_at, _t.grade_rank).limit(most)
    return [Duty("ticket", row, row.due_at or row.paused_until) for row in _ordered(session, ids)]


def waiting(session: Session, who: Whose, *, most: int = MOST) -> list[Duty]:
    """Open tickets that somebody owns, or stands in for the owner of, while others work on them."""
    owned = select(_t.id).where(
        _t.status.in_(_OPEN_STATES),
        _t.assignee_id.is_distinct_from(who.id),
        _or_among(_t.owner_id == who.id, who.ids("waiting")),
    )
    return [Duty("ticket", row, row.due_at, "", _for(row, who)) for row in _ordered(session, owned.limit(most))]


def from_a_shift(session: Session, who: Whose) -> list[Duty]:
    """Tickets left to a team or shift at the end of another one, until somebody takes them."""
    if not who.ids("ticket"):
        return []
    ids = select(_t.id).where(store.OPEN, _t.assignee_id.is_(None), _t.id.in_(who.ids("ticket")))
    return [Duty("shift", row, row.due_at or row.paused_until) for row in _ordered(session, ids.limit(MOST))]


def offered(session: Session, who: Whose) -> list[Duty]:
    """Hand-overs that wait for an answer of the team."""
    h = table(HandOver).c
    found = session.execute(
        select(h.ticket_id, h.due_at, h.asked)
        .where(h.state == HandOverState.OFFERED, h.to_team_id == who.team_id)
        .limit(MOST)
    )
    return _duties(session, "hand_over", found, None)


def follow_ups(session: Session, who: Whose, until: datetime | None, *, most: int = MOST) -> list[Duty]:
    """Call-backs that somebody owes, or stands in for, due before an instant (None: all)."""
    query = (
        select(_c.ticket_id, _c.due_at, _t.subject)
        .join_from(table(CallBack), table(Ticket), _c.ticket_id == _t.id)
        .where(_or_among(_t.owner_id == who.id, who.ids("follow_up")))
        .where(_t.status == Status.SOLVED, _c.done_at.is_(None))
        .order_by(_c.due_at)
    )
    if until is not None:
        query = query.where(_c.due_at < until)
    return _duties(session, "follow_up", session.execute(query.limit(most)), who)


def visits(session: Session, who: Whose, now: datetime, *, most: int = MOST) -> list[Duty]:
    """Visits of the next 24 hours on tickets that somebody owns, or stands in for the owner of."""
    found = session.execute(
        select(_a.ticket_id, _a.starts_at, _a.note)
        .join_from(table(Appointment), table(Ticket), _a.ticket_id == _t.id)
        .where(_or_among(_t.owner_id == who.id, who.ids("visit")))
        .where(_t.status.in_(_OPEN_STATES), _a.state.in_(("booked", "moved")))
        .where(_a.starts_at >= now, _a.starts_at < now + AHEAD)
        .order_by(_a.starts_at)
        .limit(most)
    )
    return _duties(session, "visit", found, who)


def updates(session: Session, who: Whose, now: datetime) -> list[Duty]:
    """Updates promised to customers while another desk works on their tickets: for owner and assignee alike."""
    # Their tickets first, then the clocks of these: on a large desk many more clocks than tickets of one person run.
    owned = select(_t.id).where(_t.owner_id == who.id, _t.status.in_(_OPEN_STATES))
    held = select(_t.id).where(store.OPEN, _t.assignee_id == who.id)
    theirs = {*session.execute(owned).scalars(), *session.execute(held).scalars(), *who.ids("waiting")}
    found = session.execute(
        select(_clock.ticket_id, _clock.due_at, _t.subject)
        .join_from(table(Clock), table(Ticket), _clock.ticket_id == _t.id)
        .where(_clock.ticket_id.in_(sorted(theirs)[:_MANY]), _clock.metric == Metric.PROGRESS.value)
        .where(_clock.state == State.RUNNING.value, _clock.due_at < now + AHEAD, _t.status.in_(_OPEN_STATES))
        .order_by(_clock.due_at)
        .limit(MOST)
    )
    return _duties(session, "progress", found, who)


def red(session: Session, who: Whose, known: set[UUID]) -> list[Duty]:
    """Red tickets above everything else: the desk's for its lead, whoever works on them; those one was left with."""
    concerned: ColumnElement[bool] = _t.id.in_(who.ids("red"))
    if who.role is Role.LEAD:
        # Also what the team's people own while another desk works on it.
        people = select(table(Agent).c.id).where(table(Agent).c.team_id == who.team_id)
        theirs = or_(_t.team_id == who.team_id, _t.owner_id.in_(people))
        concerned = or_(concerned, theirs, _t.team_id.is_(None), _t.assignee_id.is_(None))
    return _red(session, concerned, known)


def red_unread(session: Session, who: Whose, unread: set[UUID], known: set[UUID]) -> list[Duty]:
    """Red tickets that somebody was told of and has not looked at, or was left with."""
    return _red(session, _t.id.in_(unread | who.ids("red")), known)


def _red(session: Session, concerned: ColumnElement[bool], known: set[UUID]) -> list[Duty]:
    ids = select(_t.id).where(store.OPEN, _t.grade == Grade.RED, _t.status == Status.OPEN, concerned).limit(MOST)
    return [Duty("ticket", row, row.due_at) for row in _ordered(session, ids) if row.id not in known]


def _or_among(condition: ColumnElement[bool], ids: frozenset[UUID]) -> ColumnElement[bool]:
    return or_(condition, _t.id.in_(ids)) if ids else condition


def _ordered(session: Session, ids: Select[Any]) -> list[QueueRow]:
    rows = store.rows_of(session, session.execute(ids).scalars())
    return sorted(rows, key=lambda row: (row.due_at is None, row.due_at or row.paused_until or row.opened_at))


def _duties(session: Session, kind: str, found: Any, who: Whose | None) -> list[Duty]:
    told = [tuple(row) for row in found]
    rows = {row.id: row for row in store.rows_of(session, {ticket for ticket, _due, _text in told})}
    return [
        Duty(kind, rows[ticket], due, text, _for(rows[ticket], who) if who else "")
        for ticket, due, text in told
        if ticket in rows
    ]


def _for(row: QueueRow, who: Whose) -> str:
    """For whom one stands in; empty where the ticket is one's own."""
    return "" if who.id in (row.owner_id, row.assignee_id) else row.owner


__all__ = [
    "MOST", "Whose", "follow_ups", "from_a_shift", "offered", "person", "red", "red_unread", "tickets",
    "updates", "visits", "waiting", "whose",
]  # fmt: skip
