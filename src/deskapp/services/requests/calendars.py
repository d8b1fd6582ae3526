"""What can be asked about calendars, promises and why they are due when they are."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, Request, line


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEdit(Request):
    """A date as it shall be: `hours` such as `09:00-12:00 13:30-18:00`, empty for closed; `as_usual` drops the row."""

    day: date
    hours: str = line(200)
    name: str = line(120)
    as_usual: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCalendar(Query):
    """A calendar by its key; without one, that of the desk."""

    action: ClassVar[str] = "calendar.read"
    key: str = line(40)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewDays(Query):
    """Which due times move when these dates change."""

    action: ClassVar[str] = "calendar.edit"
    key: str = line(40)
    days: tuple[DayEdit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveDays(Command):
    """Change dates of a calendar: a new version, on which all open clocks are counted again."""

    action: ClassVar[str] = "calendar.edit"
    key: str = line(40)
    version: int | None = None
    days: tuple[DayEdit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCalendars(Query):
    """The calendars of the desk; which one new tickets get."""

    action: ClassVar[str] = "calendar.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCalendar(Command):
    """Give new tickets another of the desk's calendars; those that are open stay on theirs."""

    action: ClassVar[str] = "calendar.edit"
    key: str = line(40, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewHolidays(Query):
    """Which due times would move if these years' public holidays were fetched."""

    action: ClassVar[str] = "calendar.edit"
    key: str = line(40)
    first_year: int = 0
    last_year: int = 0
    country: str = line(8)
    subdivision: str = line(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchHolidays(Command):
    """Fetch the public holidays of these years; with a country, those of another one from then on.

    What the desk wrote itself stays. It makes a new version, on which all open clocks are counted again.
    """

    action: ClassVar[str] = "calendar.edit"
    key: str = line(40)
    first_year: int = 0
    last_year: int = 0
    country: str = line(8)
    subdivision: str = line(16)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainTicket(Query):
    """Why the promises of a ticket are due when they are."""

    action: ClassVar[str] = "ticket.read"
    ticket_id: UUID | None = None
    number: int | None = None
