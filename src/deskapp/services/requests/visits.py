"""What can be asked about visits: free windows, booking, moving, reporting, the technician's card."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSlots(Query):
    """Windows for a visit on the days ahead, with room and the wishes they go against.

    The team is the asker's unless named; `zone` is the desk's.
    """

    action: ClassVar[str] = "customer.read"
    zone: tzinfo
    team_id: UUID | None = None
    skill: str = line(40)
    customer_id: UUID | None = None
    days: int = 3
    # Windows that begin before this instant are too late to promise; None: two hours from now.
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookVisit(Command):
    """Agree on a visit. Instants carry the desk's zone; `despite`: the customer agreed to go against a wish."""

    action: ClassVar[str] = "visit.book"
    ticket_id: UUID
    starts_at: datetime
    ends_at: datetime
    technician_id: UUID | None = None
    skill: str = line(40)
    note: str = body(1000)
    despite: str = line(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveVisit(Command):
    """Agree on another time for a visit, with the reason."""

    action: ClassVar[str] = "visit.book"
    visit_id: UUID
    version: int | None = None
    starts_at: datetime
    ends_at: datetime
    reason: str = line(300, required=True)
    despite: str = line(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelVisit(Command):
    """Call a visit off, with the reason."""

    action: ClassVar[str] = "visit.book"
    visit_id: UUID
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportArrival(Command):
    """The technician is at the door."""

    action: ClassVar[str] = "visit.report"
    visit_id: UUID
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportVisit(Command):
    """What was done on a visit, and whether photos before and after were taken."""

    action: ClassVar[str] = "visit.report"
    visit_id: UUID
    text: str = body(2000)
    photos_before: bool = False
    photos_after: bool = False
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetVisitCard(Query):
    """What the technician takes along to the next visit of a ticket."""

    action: ClassVar[str] = "customer.read"
    ticket_number: int
