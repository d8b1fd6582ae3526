"""The end of a shift: what somebody would hand over, and handing it over, with each ticket's owner kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import Session

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Subject, authorize
from deskapp.domain.terms import EntryKind, Role, Shift
from deskapp.domain.views import Duty
from deskapp.domain.views_shift import ShiftDuties
from deskapp.models.base import table
from deskapp.models.people import Agent, Team
from deskapp.models.shift import ShiftDuty, ShiftHandOver
from deskapp.models.ticket import Ticket
from deskapp.services import duties, notices
from deskapp.services.desk import Read, Work, handles
from deskapp.services.duties import Whose
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.shift import GetDuties, HandOverShift
from deskapp.services.ticket_kit import active_agent, goes_to, write_line

_MOST = 1000
_agent, _duty = table(Agent).c, table(ShiftDuty).c
_HOLDS = (Role.AGENT, Role.LEAD)
"""Who can be given tickets to work on."""


@handles(GetDuties)
def get_duties(read: Read, query: GetDuties) -> ShiftDuties:
    """What somebody would hand over now. Raises Denied for a colleague's, unless one leads."""
    person = read.session.get(Agent, query.person_id or read.actor.id)
    if person is None:
        raise NotFound(N_("Nobody of that name works here."), field="person_id")
    authorize(read.actor, query.action, Subject(people=frozenset({person.id})))
    found = duties_of(read.session, _whose(read.session, person), read.clock.now())
    return ShiftDuties(person.id, person.name, tuple(found))


def duties_of(session: Session, who: Whose, now: datetime) -> list[Duty]:
    """Everything that somebody would hand over, what is due first in front; kinds as in `ShiftDuty`."""
    mine = duties.tickets(session, who, most=_MOST)
    waiting = [_as(duty, "waiting") for duty in duties.waiting(session, who, most=_MOST)]
    calls = duties.follow_ups(session, who, None, most=_MOST)
    known = {duty.row.id for duty in mine}
    unread = notices.red_tickets_unseen(session, who.id, who.role, who.team_id, now)
    red = [_as(duty, "red") for duty in duties.red_unread(session, who, unread, known)]
    found = [*mine, *waiting, *calls, *duties.visits(session, who, now, most=_MOST), *red]
    return sorted(found, key=lambda duty: (duty.kind != "red", duty.due_at is None, duty.due_at or now))


def _as(duty: Duty, kind: str) -> Duty:
    return Duty(kind, duty.row, duty.due_at, duty.text, duty.for_whom)


@dataclass(frozen=True, slots=True)
class _Taker:
    """Who takes over: a person, else a team or one shift of it."""

    agent: Agent | None
    team: Team | None
    shift: Shift | None

    @property
    def name(self) -> str:
        return self.agent.name if self.agent else self.team.name if self.team else ""

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "to_agent_id": self.agent.id if self.agent else None,
            "to_team_id": self.team.id if self.team else None,
            "to_shift": self.shift,
        }


@handles(HandOverShift)
def hand_over_shift(work: Work, command: HandOverShift) -> Receipt:
    """Give somebody's duties away: tickets change hands at once, of the others the owner keeps what the taker does."""
    giver = work.lock(Agent, command.giver_id)
    teams = frozenset({giver.team_id} if giver.team_id else ())
    work.authorize(command.action, Subject(people=frozenset({giver.id}), teams=teams))
    taker = _taker(work, command, giver)
    by_ticket: dict[UUID, set[str]] = {}
    for duty in duties_of(work.session, _whose(work.session, giver), work.now):
        if not command.ticket_ids or duty.row.id in command.ticket_ids:
            by_ticket.setdefault(duty.row.id, set()).add(duty.kind)
    if not by_ticket:
        raise Conflict(N_("{who} has nothing to hand over."), who=giver.name)
    row = ShiftHandOver(
        id=command.submission_id, at=work.now, giver_id=giver.id, by_id=work.actor.id, **taker.columns
    )  # fmt: skip
    work.add(row)
    work.record(command.action, "shift_hand_over", row)
    # In one order whoever hands over, so that two never wait for each other.
    for ticket_id in sorted(by_ticket):
        ticket = work.lock(Ticket, ticket_id)
        _hand_over(work, command, row, giver, taker, ticket, by_ticket[ticket_id])
        work.record(command.action, "ticket", ticket, ticket_id=ticket.id)
    return Receipt("shift_hand_over", row.id, str(len(by_ticket)), 0)


def _hand_over(
    work: Work, command: HandOverShift, row: ShiftHandOver, giver: Agent, taker: _Taker, ticket: Ticket, kinds: set[str]
) -> None:
    """One ticket changes hands."""
    works_on_it = "ticket" in kinds
    if works_on_it:
        goes_to(work, ticket, (taker.agent.team_id if taker.agent else row.to_team_id) or ticket.team_id)
        ticket.assignee_id = row.to_agent_id
    # With another way back to the owner nobody stands in any more.
    told = "shift" if works_on_it else "give_back" if row.to_agent_id == ticket.owner_id else "stand_in"
    facts: dict[str, Any] = {"giver": giver.name, "to": taker.name}
    if taker.shift is not None:
        told, facts["shift"] = told + "_of", taker.shift.value
    line = write_line(work, ticket, EntryKind.HAND_OVER, command.note, work.now, what=told, **facts)
    if command.move_owner and taker.agent is not None and ticket.owner_id == giver.id:
        ticket.owner_id = taker.agent.id
        write_line(work, ticket, EntryKind.ASSIGNMENT, command.reason, work.now, what="owner", to=taker.agent.name)
    _end(work, ticket.id, kinds)
    for kind in sorted(kinds):
        is_back = kind != "ticket" and row.to_agent_id == ticket.owner_id
        duty = ShiftDuty(
            hand_over_id=row.id, ticket_id=ticket.id, kind=kind, entry_id=line.id,
            ended_at=work.now if is_back else None, **taker.columns,
        )  # fmt: skip
        work.add(duty)
    if taker.agent is not None:
        notices.tell_handed_over(work, ticket, taker.agent.id)


def _end(work: Work, ticket_id: UUID, kinds: Iterable[str]) -> None:
    """Whoever stood in so far does so no more."""
    work.session.connection().execute(
        update(table(ShiftDuty))
        .where(_duty.ticket_id == ticket_id, _duty.kind.in_(sorted(kinds)), _duty.ended_at.is_(None))
        .values(ended_at=work.now)
    )


def _taker(work: Work, command: HandOverShift, giver: Agent) -> _Taker:
    if command.move_owner:
        work.authorize("ticket.move_owner")
        if command.to_agent_id is None:
            raise Invalid(N_("Only a person can own a ticket."), field="move_owner")
        if not command.reason:
            raise Invalid(N_("Say why the owner changes."), field="reason")
    if command.to_agent_id is not None:
        agent = active_agent(work, command.to_agent_id)
        if agent.id == giver.id:
            raise Invalid(N_("They are {who}'s already."), field="to_agent_id", who=giver.name)
        if agent.role not in _HOLDS:
            raise Invalid(N_("{who} works on no tickets."), field="to_agent_id", who=agent.name)
        return _Taker(agent, None, None)
    team_id = command.to_team_id or (giver.team_id if command.to_shift else None)
    team = work.session.get(Team, team_id) if team_id else None
    if team is None or not team.active:
        raise Invalid(
            N_("Say to whom: a colleague, a team or a shift."), hint=N_("Nothing was handed over."), field="to_agent_id"
        )
    there = select(_agent.id).where(_agent.team_id == team.id, _agent.active, _agent.role.in_(_HOLDS))
    if command.to_shift:
        there = there.where(_agent.shift == command.to_shift)
    if work.session.execute(there.where(_agent.id != giver.id).limit(1)).first() is None:
        raise Invalid(N_("Nobody else works there."), field="to_shift" if command.to_shift else "to_team_id")
    return _Taker(None, team, command.to_shift)


def _whose(session: Session, agent: Agent) -> Whose:
    return duties.person(session, agent.id, agent.role, agent.team_id, agent.shift)


__all__ = ["duties_of", "get_duties", "hand_over_shift"]
