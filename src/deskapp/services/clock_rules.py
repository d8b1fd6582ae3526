"""The policy and the calendars of a desk: which are in force, and any version by its id; read once a process."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, insert, select

from deskapp.domain.calendar import DayRow, Span, WorkCalendar, spans_data, weeks_data
from deskapp.domain.calendar.hours import Spans
from deskapp.domain.ids import uuid7
from deskapp.domain.scorecard import Words
from deskapp.domain.sla import Policy
from deskapp.models.base import table
from deskapp.models.clock import Calendar, CalendarDay, CalendarVersion, ClockRules, PolicyVersion
from deskapp.services.holiday_seed import HolidayYear
from deskapp.store.rules import Known, calendar_version, keep_policy, keep_version, known_of, policy_version

DEFAULT_POLICY, DEFAULT_CALENDAR = "default", "desk_cn"
YEARS_BACK, YEARS_AHEAD = 1, 2

if TYPE_CHECKING:
    from types import ModuleType

    from deskapp.services.time_files import CalendarFile, PolicyFile

_rules, _policies, _versions = table(ClockRules), table(PolicyVersion), table(CalendarVersion)
_IN_FORCE = select(_rules.c.policy, _rules.c.calendar_key, _rules.c.calendar).where(_rules.c.id == 1)


@dataclass(frozen=True, slots=True)
class InForce:
    """What a new ticket gets: policy, calendar version; and everything known for the old ones."""

    policy: Policy
    calendar: WorkCalendar
    known: Known


def in_force(connection: Connection, now: datetime, *, by: UUID | None = None, store: bool = True) -> InForce:
    """The rules of new tickets. A desk that has none yet gets those of the pack, stored where `store` allows it."""
    known, row = known_of(connection), connection.execute(_IN_FORCE).first()
    if row is None:
        policy, calendar = shipped(now)
        if store:
            install(connection, now, by=by)
            known.policies[policy.id], known.calendars[calendar.version_id] = policy, calendar
            return InForce(policy, calendar, known)
        return InForce(policy, calendar, Known({policy.id: policy}, {calendar.version_id: calendar}))
    return InForce(policy_version(connection, row.policy), calendar_version(connection, row.calendar), known)


def _pack() -> "ModuleType":
    """What reads the pack's files: imported only for a desk that has no rules yet, since it brings a YAML reader."""
    from deskapp.services import time_files

    return time_files


def shipped(now: datetime) -> tuple[Policy, WorkCalendar]:
    """The policy and the calendar of the pack, with the public holidays of the years around."""
    return _shipped(now.year)


@lru_cache(maxsize=8)
def _shipped(year: int) -> tuple[Policy, WorkCalendar]:
    found = _pack().shipped_calendars()[DEFAULT_CALENDAR]
    return _pack().shipped_policies()[DEFAULT_POLICY].policy, found.build(_holidays(DEFAULT_CALENDAR, year))


@lru_cache(maxsize=32)
def _holidays(key: str, year: int) -> tuple[HolidayYear, ...]:
    found: tuple[HolidayYear, ...] = (
        _pack().shipped_calendars()[key].holidays(range(year - YEARS_BACK, year + YEARS_AHEAD + 1))
    )
    return found


def install(connection: Connection, now: datetime, *, by: UUID | None = None) -> None:
    """Give a desk the policy and the calendars of the pack, and their public holidays."""
    policy, in_use = shipped(now)
    add_policy(connection, _pack().shipped_policies()[DEFAULT_POLICY], now, by=by)
    for key, file in _pack().shipped_calendars().items():
        holidays = _holidays(key, now.year)
        add_calendar(connection, file, holidays, now, by=by)
    row = {"id": 1, "policy": policy.id, "calendar_key": DEFAULT_CALENDAR, "calendar": in_use.version_id}
    connection.execute(insert(_rules), row)


def add_policy(connection: Connection, file: "PolicyFile", now: datetime, *, by: UUID | None = None) -> None:
    """Store a policy version. Raises Conflict when other figures are stored under the same version."""
    words: dict[str, Any] = {
        "title": _words(file.title),
        "titles": {key: _words(words) for key, words in file.rules.items()},
        "reasons": {key: _words(words) for key, words in file.reasons.items()},
    }
    keep_policy(connection, file.policy, now, by=by, **words)


def add_calendar(
    connection: Connection, file: "CalendarFile", holidays: Iterable[HolidayYear], now: datetime, *, by: UUID | None
) -> WorkCalendar:
    """Store a calendar with its dates and its first version."""
    years = tuple(holidays)
    calendar = file.build(years)
    own = {row.day for row in file.days}
    row = Calendar(
        key=file.id,
        title=_words(file.title),
        zone=file.zone,
        country=file.country,
        subdivision=file.subdivision,
        weeks=list(weeks_data(file.versions)),
        make_up=list(spans_data(file.make_up)),
        years={str(year.year): year.confirmed for year in years},
        current=calendar.version_id,
    )
    connection.execute(insert(table(Calendar)), row.model_dump())
    days = [day_row(row.id, found, "desk" if found.day in own else "holiday") for found in calendar.days.values()]
    if days:
        connection.execute(insert(table(CalendarDay)), days)
    keep_version(connection, calendar, now, by=by)
    return calendar


def day_row(calendar_id: UUID, row: DayRow, source: str) -> dict[str, Any]:
    """A date as a row."""
    hours = " ".join(map(str, row.spans))
    return {
        "id": uuid7(), "calendar_id": calendar_id, "day": row.day, "hours": hours, "name": row.name[:120],
        "source": source,
    }  # fmt: skip


def day_of(day: date, hours: str, name: str) -> DayRow:
    """Read what `day_row` wrote."""
    return DayRow(day, spans_text(hours), name)


def spans_text(text: str) -> Spans:
    """Read spans as people write them, `09:00-12:00 13:30-18:00`. Raises Invalid."""
    return tuple(sorted(Span.parse(part) for part in text.replace(",", " ").split()))


def _words(words: Words) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}
