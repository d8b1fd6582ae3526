"""What can be asked about the end of a shift: whose duties they are, giving them to somebody."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.domain.terms import Shift
from deskapp.services.requests.base import Command, Query, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDuties(Query):
    """What somebody would hand over now; without a name, oneself."""

    action: ClassVar[str] = "shift.report"
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverShift(Command):
    """Give somebody's duties to a colleague, to a team, or to one shift of a team (the giver's unless named).

    All of them as they stand at that moment, or only those of the tickets named. The first-contact owner stays, unless
    a lead moves it (`move_owner`, with a reason). Whoever takes over sees them in their own lists at once.
    """

    action: ClassVar[str] = "shift.hand_over"
    giver_id: UUID
    to_agent_id: UUID | None = None
    to_team_id: UUID | None = None
    to_shift: Shift | None = None
    ticket_ids: tuple[UUID, ...] = ()
    note: str = body(1000)
    move_owner: bool = False
    reason: str = line(300)


__all__ = ["GetDuties", "HandOverShift"]
