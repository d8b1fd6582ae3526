"""The report of a shift: what is promised by when, what is late or red, who took what over, mass faults, the anchor."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlmodel import Session

from deskapp.domain.errors import NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Reach, reach
from deskapp.domain.terms import Grade, Shift
from deskapp.domain.views_incident import MassFaultLine
from deskapp.domain.views_shift import HandedDuty, HandedOver, PromiseLine, ShiftReport
from deskapp.models.base import table
from deskapp.models.clock import Clock
from deskapp.models.customer import Customer
from deskapp.models.people import Agent, Team
from deskapp.models.shift import ShiftDuty, ShiftHandOver
from deskapp.models.ticket import CallBack, Ticket, TimelineEntry
from deskapp.services.audit import anchor_of
from deskapp.services.desk import Read, handles
from deskapp.services.requests.shift_report import GetShiftReport
from deskapp.store import incidents
from deskapp.store.queue import OPEN

USUAL = timedelta(hours=8)
"""How far back a report goes that names no beginning."""
AHEAD = timedelta(hours=24)
_MOST = 200
_t, _clock, _cust, _agent = table(Ticket).c, table(Clock).c, table(Customer).c, table(Agent).c
_h, _d, _call = table(ShiftHandOver).c, table(ShiftDuty).c, table(CallBack).c
_owner, _assignee = table(Agent).alias("owner"), table(Agent).alias("assignee")


@handles(GetShiftReport)
def get_shift_report(read: Read, query: GetShiftReport) -> ShiftReport:
    """The report as of one moment. Raises NotFound for a team that is not there."""
    session, now = read.session, read.clock.now()
    since = query.since or now - USUAL
    team = session.get(Team, query.team_id) if query.team_id else None
    if query.team_id and team is None:
        raise NotFound(N_("There is no such desk."), field="team_id")
    own = read.actor.id if reach(read.actor, query.action) < Reach.ALL else None
    people = _people(query.team_id, query.shift, own)
    mine = _concerns(query.team_id, query.shift, own)
    soon = and_(_clock.due_at >= now, _clock.due_at < now + AHEAD)
    red = and_(_t.grade == Grade.RED, _clock.state.in_(("running", "paused")))
    promises, late, reds = (_promises(session, and_(mine, found)) for found in (soon, _clock.due_at < now, red))
    return ShiftReport(
        since=since, now=now, team=team.name if team else "", shift=query.shift,
        person=read.actor.name if own else "",
        opened=_count(session, _t.opened_at.between(since, now), mine),
        solved=_count(session, _t.solved_at.between(since, now), mine),
        called_back=_called_back(session, since, now, people),
        promises=promises[1], late=late[1], red=_one_a_ticket(reds[1]),
        handed=_handed(session, since, now, people, query.team_id),
        faults=() if own else tuple(_under_way(session)),
        anchor=anchor_of(session),
        totals=(promises[0], late[0], _count(session, mine, _t.grade == Grade.RED, OPEN)),
    )  # fmt: skip


def _people(team_id: UUID | None, shift: Shift | None, own: UUID | None) -> ColumnElement[bool]:
    """Which people the report is about."""
    wanted: list[ColumnElement[bool]] = [true()]
    if own is not None:
        wanted.append(_agent.id == own)
    if team_id is not None:
        wanted.append(_agent.team_id == team_id)
    if shift is not None:
        wanted.append(_agent.shift == shift)
    return and_(*wanted)


def _concerns(team_id: UUID | None, shift: Shift | None, own: UUID | None) -> ColumnElement[bool]:
    """Which tickets: a team's or owned by its people; of a shift those that its people own or work on."""
    if team_id is None and shift is None and own is None:
        return true()
    people = select(_agent.id).where(_people(team_id, shift, own))
    theirs = or_(_t.owner_id.in_(people), _t.assignee_id.in_(people))
    unclaimed = and_(_t.team_id == team_id, _t.assignee_id.is_(None)) if team_id and own is None else false()
    return or_(theirs, unclaimed)


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return int(session.execute(select(func.count()).select_from(table(Ticket)).where(*conditions)).scalar_one())


def _called_back(session: Session, since: datetime, now: datetime, people: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table(CallBack)).where(_call.done_at.between(since, now))
    return int(session.execute(query.where(_call.done_by.in_(select(_agent.id).where(people)))).scalar_one())


def _promises(session: Session, condition: ColumnElement[bool]) -> tuple[int, tuple[PromiseLine, ...]]:
    """Open promises that fit, what is due first in front, and how many there are in all."""
    source = (
        table(Clock)
        .join(table(Ticket), _clock.ticket_id == _t.id)
        .outerjoin(table(Customer), _t.customer_id == _cust.id)
        .outerjoin(_owner, _t.owner_id == _owner.c.id)
        .outerjoin(_assignee, _t.assignee_id == _assignee.c.id)
    )
    still_open = and_(_clock.state.in_(("running", "paused")), condition)
    total = session.execute(select(func.count()).select_from(source).where(still_open)).scalar_one()
    query: Select[Any] = (
        select(
            _t.number, _t.subject, func.coalesce(_cust.name, ""), _t.grade, _clock.metric, _clock.due_at,
            func.coalesce(_owner.c.name, ""), func.coalesce(_assignee.c.name, ""),
        )
        .select_from(source)
        .where(still_open)
        .order_by(_clock.due_at.is_(None), _clock.due_at, _t.number)
        .limit(_MOST)
    )  # fmt: skip
    lines = [PromiseLine(f"T-{number}", *rest) for number, *rest in session.execute(query)]
    return int(total), tuple(lines)


def _one_a_ticket(lines: Iterable[PromiseLine]) -> tuple[PromiseLine, ...]:
    first: dict[str, PromiseLine] = {}
    for line in lines:
        first.setdefault(line.ticket, line)
    return tuple(first.values())


def _handed(
    session: Session, since: datetime, now: datetime, people: ColumnElement[bool], team_id: UUID | None
) -> tuple[HandedOver, ...]:
    """Hand-overs by or to the people of the report, oldest first."""
    them = select(_agent.id).where(people)
    giver, by, taker = (table(Agent).alias(name) for name in ("giver", "done_by", "taker"))
    team = table(Team)
    to_team = _h.to_team_id == team_id if team_id else false()
    found = session.execute(
        select(
            _h.id, _h.at, giver.c.name, by.c.name, _h.giver_id == _h.by_id, func.coalesce(taker.c.name, team.c.name),
            _h.to_shift,
        )
        .select_from(
            table(ShiftHandOver)
            .join(giver, _h.giver_id == giver.c.id)
            .join(by, _h.by_id == by.c.id)
            .outerjoin(taker, _h.to_agent_id == taker.c.id)
            .outerjoin(team, _h.to_team_id == team.c.id)
        )
        .where(_h.at.between(since, now), or_(_h.giver_id.in_(them), _h.to_agent_id.in_(them), to_team))
        .order_by(_h.at, _h.id)
    ).all()  # fmt: skip
    notes, told = _duties(session, [row.id for row in found])
    return tuple(
        HandedOver(at, who, "" if own else lead, name or "", shift, notes.get(key, ""), tuple(told.get(key, ())))
        for key, at, who, lead, own, name, shift in found
    )


def _duties(session: Session, ids: Sequence[UUID]) -> tuple[dict[UUID, str], dict[UUID, list[HandedDuty]]]:
    e = table(TimelineEntry).c
    found = session.execute(
        select(_d.hand_over_id, _d.kind, _t.number, _t.subject, _t.is_open, _t.status, e.text)
        .select_from(
            table(ShiftDuty)
            .join(table(Ticket), _d.ticket_id == _t.id)
            .outerjoin(table(TimelineEntry), _d.entry_id == e.id)
        )
        .where(_d.hand_over_id.in_(ids))
        .order_by(_t.number, _d.kind)
    )
    notes: dict[UUID, str] = {}
    told: dict[UUID, list[HandedDuty]] = {}
    for key, kind, number, subject, is_open, status, text in found:
        todo = status == "solved" if kind == "follow_up" else is_open
        told.setdefault(key, []).append(HandedDuty(kind, f"T-{number}", subject, bool(todo)))
        if text:
            notes.setdefault(key, text)
    return notes, told


def _under_way(session: Session) -> Iterable[MassFaultLine]:
    return (line for line in incidents.lines(session) if not line.state.is_over)


__all__ = ["AHEAD", "USUAL", "get_shift_report"]
