"""The plan of visits: which windows a team has, how many visits fit, what is booked; a full one takes no more."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.terms import AppointmentState
from deskapp.domain.visits import Planned, SlotCell, SlotGrid, VisitLine, instant, on_day
from deskapp.models.base import table
from deskapp.models.customer import Customer
from deskapp.models.people import Agent, Team
from deskapp.models.ticket import Appointment, Ticket, VisitSlot
from deskapp.services.desk import Read, Work, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.slots import GetSlotGrid, SaveSlot

ACTIVE = (AppointmentState.BOOKED, AppointmentState.MOVED, AppointmentState.ARRIVED)
_s, _a, _t = table(VisitSlot).c, table(Appointment).c, table(Ticket).c


@handles(GetSlotGrid)
def get_slot_grid(read: Read, query: GetSlotGrid) -> SlotGrid:
    """The plan of some days. Raises NotFound where the desk has no team."""
    team = table(Team).c
    teams = [(row.id, row.name) for row in read.session.execute(select(team.id, team.name).where(team.active))]
    chosen = query.team_id or read.actor.team_id or (teams[0][0] if teams else None)
    name = next((name for id_, name in teams if id_ == chosen), None)
    if chosen is None or name is None:
        raise NotFound(N_("There is no such team."), field="team_id")
    first = query.first or read.clock.now().astimezone(query.zone).date()
    days = max(1, min(query.days, 31))
    plan = _plan(read.session, chosen)
    begin, end = instant(first, 0, query.zone), instant(first + timedelta(days=days), 0, query.zone)
    booked = list(_booked(read.session, chosen, begin, end))
    cells = []
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        for slot in on_day(plan, day):
            starts, ends = instant(day, slot.starts, query.zone), instant(day, slot.ends, query.zone)
            visits = [v for v in booked if v.starts_at < ends and starts < v.ends_at and slot.skill in ("", v.skill)]
            lines = tuple(
                VisitLine(v.ticket_id, f"T-{v.number}", v.customer or "", v.technician or "", v.state) for v in visits
            )
            cells.append(SlotCell(day, slot.starts, slot.ends, slot.skill, slot.capacity, slot.day is not None, lines))
    return SlotGrid(chosen, name, first, days, tuple(cells), tuple(sorted(teams, key=lambda one: one[1])))


@handles(SaveSlot)
def save_slot(work: Work, command: SaveSlot) -> Receipt:
    """Plan a window; the same window again changes how many visits fit (0: none). Raises Invalid."""
    work.authorize(command.action)
    if not (0 <= command.weekday <= 6 and 0 <= command.starts < command.ends <= 1440 and command.capacity >= 0):
        raise Invalid(N_("A window has a weekday, a beginning before its end, and room for none or more visits."))
    if command.day and command.day.weekday() != command.weekday:
        raise Invalid(N_("That date is another day of the week."), field="day")
    found = work.session.execute(
        select(_s.id).where(
            _s.team_id == command.team_id, _s.skill == command.skill, _s.weekday == command.weekday,
            _s.starts == command.starts, _s.ends == command.ends, _s.day.is_not_distinct_from(command.day),
        )
    ).scalar()  # fmt: skip
    if found:
        slot = work.lock(VisitSlot, found)
        slot.capacity = command.capacity
    else:
        slot = VisitSlot(
            id=command.submission_id, team_id=command.team_id, skill=command.skill, weekday=command.weekday,
            starts=command.starts, ends=command.ends, capacity=command.capacity, day=command.day,
        )  # fmt: skip
        work.add(slot)
    work.record(command.action, "visit_slot", slot)
    return Receipt("visit_slot", slot.id, "", 0)


def need_room(
    work: Work, team: UUID | None, starts: datetime, ends: datetime, skill: str, *, but: UUID | None = None
) -> None:
    """Raise Conflict when a planned window (instants in the desk's zone) is full; what is unplanned is not counted."""
    if team is None:
        return
    local, minutes = starts.date(), starts.hour * 60 + starts.minute
    lasts = int((ends - starts).total_seconds() // 60)
    slots = [slot for slot in on_day(_plan(work.session, team), local) if slot.skill in ("", skill)]
    same = [slot for slot in slots if (slot.starts, slot.ends - slot.starts) == (minutes, lasts)]
    rooms = [slot.capacity for slot in same]
    if not same or None in rooms:
        return
    # Two who book at once take their turns: the team's row is held until the first of them is done.
    work.session.execute(select(table(Team).c.id).where(table(Team).c.id == team).with_for_update())
    there = [v for v in _booked(work.session, team, starts, ends) if v.visit_id != but]
    taken = sum(v.starts_at < ends and starts < v.ends_at for v in there)
    if taken >= sum(room for room in rooms if room is not None):
        raise Conflict(
            N_("This window is full."), hint=N_("Take another one, or let a lead make room."), field="starts_at"
        )


def _plan(session: OrmSession, team: UUID) -> list[Planned]:
    rows = select(_s.weekday, _s.starts, _s.ends, _s.capacity, _s.day, _s.skill).where(_s.team_id == team, _s.active)
    return [Planned(*row) for row in session.execute(rows)]


def _booked(session: OrmSession, team: UUID, begin: datetime, end: datetime) -> Iterable[Any]:
    c, p = table(Customer).c, table(Agent).c
    return session.execute(
        select(
            _a.id.label("visit_id"), _a.ticket_id, _t.number, c.name.label("customer"), p.name.label("technician"),
            _a.state, _a.starts_at, _a.ends_at, _a.skill,
        )
        .select_from(
            table(Appointment)
            .join(table(Ticket), _a.ticket_id == _t.id)
            .outerjoin(table(Customer), _t.customer_id == c.id)
            .outerjoin(table(Agent), _a.technician_id == p.id)
        )
        .where(_a.team_id == team, _a.state.in_(ACTIVE), _a.starts_at < end, _a.ends_at > begin)
        .order_by(_a.starts_at, _t.number)
    ).all()  # fmt: skip


__all__ = ["ACTIVE", "need_room"]
