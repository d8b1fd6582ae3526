"""Calendars and promises as services hand them out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.sla import Clock, DueExplanation
from deskapp.domain.terms import Grade


@dataclass(frozen=True, slots=True)
class CalendarView:
    """A calendar of the desk. `years` says of each year fetched whether its public holidays are confirmed."""

    id: UUID
    version: int
    key: str
    title: dict[str, str]
    calendar: WorkCalendar
    years: dict[int, bool]
    in_force: bool


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """A calendar in a list: years of public holidays it has, each confirmed or a forecast."""

    key: str
    title: dict[str, str]
    zone: str
    country: str
    years: dict[int, bool]
    in_force: bool


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy version in a list: `id` is `key@version`; how many open tickets are promised by it."""

    id: str
    title: dict[str, str]
    made_at: datetime
    open_tickets: int
    in_force: bool


@dataclass(frozen=True, slots=True)
class MovedDue:
    """A due time that a calendar edit would move."""

    ticket: str
    metric: str
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What a calendar edit would do: how many due times move, how many turn overdue or cease to; the first few."""

    moved: int
    become_overdue: int
    no_longer_overdue: int
    first: tuple[MovedDue, ...]
    # By a policy: how many promises are no longer made, and how many are new.
    ended: int = 0
    begun: int = 0


@dataclass(frozen=True, slots=True)
class ClockExplained:
    """A promise of a ticket and why it is due when it is."""

    clock: Clock
    why: DueExplanation


@dataclass(frozen=True, slots=True)
class TicketExplained:
    """All promises of a ticket, the open ones first; `zone` is the desk's."""

    ticket: str
    zone: str
    clocks: tuple[ClockExplained, ...]


@dataclass(frozen=True, slots=True)
class SweepState:
    """`mine`: nobody else holds the lease, so this seat may sweep; `next_at` (UTC): when the next notice falls due."""

    mine: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice for somebody; instants are UTC.

    `kind` is `used:0.5`, `breach`, `step:+1h`, `return`, `red` or `shift` (a duty was handed over to them).
    """

    id: UUID
    ticket_id: UUID
    ticket: str
    subject: str
    grade: Grade
    metric: str
    kind: str
    at: datetime
    to_lead: bool
    # What has to be done at once, for a red ticket.
    checklist: tuple[str, ...] = ()
    is_new: bool = True
