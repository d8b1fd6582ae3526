"""Public holidays of more years, or of another country, for a calendar that a desk has: which dates they change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from deskapp.domain.calendar import DayRow, WorkCalendar, spans_of, weeks_of
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.models.base import table
from deskapp.models.clock import CalendarDay
from deskapp.services.clock_rules import YEARS_AHEAD, YEARS_BACK, day_of
from deskapp.services.holiday_seed import seed_holidays
from deskapp.services.requests.calendars import FetchHolidays, PreviewHolidays

_days = table(CalendarDay)
_MOST_YEARS = 60


@dataclass(frozen=True, slots=True)
class Fetched:
    """The calendar with them, what is to be stored, and the dates that differ from before (at least one)."""

    calendar: WorkCalendar
    rows: tuple[DayRow, ...]
    years: dict[str, bool]
    country: str
    subdivision: str
    span: tuple[date, date]
    changed: tuple[date, ...]


def fetch(connection: Connection, row: Any, asked: PreviewHolidays | FetchHolidays, now: datetime) -> Fetched:
    """Look the holidays up. What the desk wrote for a date wins. Raises Invalid for an unknown country or years."""
    country = (asked.country or row.country).upper()
    if not country:
        raise Invalid(
            N_("The calendar “{key}” belongs to no country."), hint=N_("Name one with --country."), key=row.key
        )
    same = not asked.country or asked.country.upper() == row.country
    subdivision = asked.subdivision or (row.subdivision if same else "")
    first, last = asked.first_year or now.year - YEARS_BACK, asked.last_year or now.year + YEARS_AHEAD
    if not 0 <= last - first < _MOST_YEARS:
        raise Invalid(N_("Ask for 1 to {most} years."), field="years", most=_MOST_YEARS)
    seeded = seed_holidays(country, range(first, last + 1), spans_of(row.make_up), subdivision=subdivision)
    stored = connection.execute(
        select(_days.c.day, _days.c.hours, _days.c.name, _days.c.source).where(_days.c.calendar_id == row.id)
    ).all()
    before = {day: day_of(day, hours, name) for day, hours, name, _source in stored}
    kept = {
        day: before[day] for day, _hours, _name, source in stored if source == "desk" or not first <= day.year <= last
    }
    new = {found.day: found for year in seeded for found in year.rows if found.day not in kept}
    years = _years(row.years, {str(year.year): year.confirmed for year in seeded})
    guesses = [int(year) for year, sure in years.items() if not sure]
    after = {**kept, **new}
    calendar = WorkCalendar(row.key, row.zone, weeks_of(row.weeks), days=tuple(after.values()), unconfirmed=guesses)
    changed = sorted(day for day in {*before, *after} if _hours(before, day) != _hours(after, day))
    span = date(first, 1, 1), date(last, 12, 31)
    return Fetched(
        calendar, tuple(new.values()), years, country, subdivision, span, tuple(changed) or (date(1971, 1, 1),)
    )


def _hours(rows: Mapping[date, DayRow], day: date) -> object:
    found = rows.get(day)
    return None if found is None else found.spans


def _years(before: Mapping[str, bool], found: Mapping[str, bool]) -> dict[str, bool]:
    return dict(sorted({**before, **found}.items()))
