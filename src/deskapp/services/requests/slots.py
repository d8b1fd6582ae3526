"""What can be asked about the plan of visits: the windows of a team, and how many visits fit into each."""

from dataclasses import dataclass
from datetime import date, tzinfo
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSlotGrid(Query):
    """The windows of a team (the asker's unless named) for some days from `first` on, with what is booked in them."""

    action: ClassVar[str] = "customer.read"
    zone: tzinfo
    team_id: UUID | None = None
    first: date | None = None
    days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveSlot(Command):
    """Plan a window of a team: minutes from midnight in the desk's zone, and how many visits fit into it.

    It holds each week on the weekday; with a `day` on that date alone. No room (0) closes it.
    """

    action: ClassVar[str] = "visit.plan"
    team_id: UUID
    weekday: int
    starts: int
    ends: int
    capacity: int
    skill: str = line(40)
    day: date | None = None
