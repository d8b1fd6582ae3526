"""Calendars as plain JSON data and back, without loss."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from deskapp.domain.calendar.hours import AnnualClosure, DayRow, Span, Spans, Week, WeekVersion
from deskapp.domain.calendar.work import WorkCalendar

Data = dict[str, Any]


def calendar_data(calendar: WorkCalendar) -> Data:
    """Return a calendar as JSON data: spans as seconds after midnight, dates in ISO 8601."""
    return {
        "key": calendar.key,
        "zone": calendar.zone.key,
        "weeks": weeks_data(calendar.versions),
        "days": [[day.isoformat(), spans_data(row.spans), row.name] for day, row in calendar.days.items()],
        "breaks": [[day.isoformat(), spans_data(spans)] for day, spans in calendar.breaks.items()],
        "unconfirmed": sorted(calendar.unconfirmed),
    }


def calendar_of(data: Mapping[str, Any], version_id: str = "") -> WorkCalendar:
    """Read what `calendar_data` wrote; it keeps the version id under which it was stored."""
    calendar = WorkCalendar(
        data["key"],
        data["zone"],
        weeks_of(data["weeks"]),
        days=tuple(DayRow(date.fromisoformat(day), spans_of(spans), name) for day, spans, name in data["days"]),
        breaks={date.fromisoformat(day): spans_of(spans) for day, spans in data["breaks"]},
        unconfirmed=data["unconfirmed"],
    )
    # The hash of another release may differ for the same content; what refers to it knows it by this name.
    calendar.version_id = version_id or calendar.version_id
    return calendar


def weeks_data(versions: tuple[WeekVersion, ...]) -> list[Data]:
    """Weeks in force as JSON data."""
    return [
        {
            "since": version.since.isoformat(),
            "week": [spans_data(spans) for spans in version.week],
            "annual": [[closure.month, closure.day, closure.name] for closure in version.annual],
        }
        for version in versions
    ]


def weeks_of(rows: list[Any]) -> tuple[WeekVersion, ...]:
    """Read what `weeks_data` wrote."""
    return tuple(
        WeekVersion(
            _week(row["week"]), date.fromisoformat(row["since"]), tuple(AnnualClosure(*c) for c in row["annual"])
        )
        for row in rows
    )


def spans_data(spans: Spans) -> list[list[int]]:
    """Spans as pairs of seconds after midnight."""
    return [[span.opens, span.closes] for span in spans]


def spans_of(rows: list[Any]) -> Spans:
    """Read what `spans_data` wrote."""
    return tuple(Span(opens, closes) for opens, closes in rows)


def _week(rows: list[Any]) -> Week:
    mon, tue, wed, thu, fri, sat, sun = map(spans_of, rows)
    return mon, tue, wed, thu, fri, sat, sun
