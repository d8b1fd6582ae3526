"""Known answers about working time, from other systems' suites: read the files and put each case to our rules."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deskapp.domain.calendar import (
    WEEKDAYS,
    AnnualClosure,
    DayRow,
    Span,
    WeekVersion,
    WorkCalendar,
    clock_seconds,
    week_of,
)
from deskapp.domain.calendar.work import HORIZON
from deskapp.domain.errors import Invalid
from deskapp.domain.sla import Amount, Unit
from tests.support.working_time_sla import check_sla

OWN = Path(__file__).resolve().parent.parent / "data" / "working_time"
CALENDAR_KEYS = {"tz", "weekly", "date_hours", "holidays", "annual_holidays", "breaks", "versions"}
WORDS_KEYS = {"title", "name", "note", "source", "tags"}
Json = Mapping[str, Any]


@dataclass(frozen=True)
class Vector:
    """One case with the calendar it names."""

    id: str
    case: Json
    calendar: Json | None


def vectors() -> list[Vector]:
    """Every case of every file of the form, the project's own and those of DESKAPP_VECTORS."""
    folders = [OWN, *(Path(p) for p in os.environ.get("DESKAPP_VECTORS", "").split(os.pathsep) if p)]
    found: dict[str, Vector] = {}
    for path in sorted(p for folder in folders for p in (folder.rglob("*.json") if folder.is_dir() else [folder])):
        content = json.loads(path.read_text("utf-8"))
        cases = content.get("cases") if isinstance(content, dict) else None
        if not isinstance(cases, list) or not all(isinstance(c, dict) and "kind" in c and "expect" in c for c in cases):
            continue
        for case in cases:
            name = case.get("calendar")
            calendar = content.get("calendars", {})[name] if isinstance(name, str) else name
            key = json.dumps([case, calendar], sort_keys=True)
            found.setdefault(key, Vector(f"{path.stem}:{case['id']}", case, calendar))
    return list(found.values())


def check(vector: Vector) -> None:
    """Compare our answer with the known one. Raises LookupError for a kind, key or operation that is unknown."""
    case = vector.case
    kind, given, expected = case["kind"], case.get("input", {}), case["expect"]
    if kind == "error" or expected.get("error"):
        with pytest.raises(Invalid):
            _refused(case, given, vector.calendar)
        return
    spec = dict(vector.calendar or {"weekly": {day: [["00:00", "24:00"]] for day in WEEKDAYS}})
    if "tz" in given and kind != "wall_to_instant":
        spec["tz"] = given["tz"]
    calendar = read_calendar(spec)
    if kind == "sla":
        check_sla(case, calendar, _tolerance(case))
        return
    if kind not in KINDS:
        raise LookupError(f"unknown kind {kind!r}")
    KINDS[kind](case, given, expected, calendar)


def read_calendar(spec: Json) -> WorkCalendar:
    """Build our calendar from the form. There, holidays close a date whatever else it says."""
    if unknown := set(spec) - CALENDAR_KEYS - WORDS_KEYS:
        raise LookupError(f"unknown calendar keys {unknown}")
    closed = {date.fromisoformat(day) for day in spec.get("holidays") or ()}
    annual = [AnnualClosure(*(int(part) for part in day.split("-"))) for day in spec.get("annual_holidays") or ()]
    every_year = {(closure.month, closure.day) for closure in annual}
    days = [DayRow(day) for day in sorted(closed)]
    for text, hours in (spec.get("date_hours") or {}).items():
        day = date.fromisoformat(text)
        if day not in closed and (day.month, day.day) not in every_year:
            days.append(DayRow(day, _spans(hours)))
    week = week_of({day: _spans(hours) for day, hours in (spec.get("weekly") or {}).items()})
    breaks = {date.fromisoformat(day): _spans(rests) for day, rests in (spec.get("breaks") or {}).items()}
    versions = [WeekVersion(week, annual=tuple(annual))] if spec.get("weekly") or not spec.get("versions") else []
    for version in spec.get("versions") or ():
        since = next(version[key] for key in ("since", "from", "valid_from") if key in version)
        hours = {day: _spans(spans) for day, spans in (version.get("weekly") or {}).items()}
        versions.append(WeekVersion(week_of(hours), date.fromisoformat(since), tuple(annual)))
    return WorkCalendar("v", spec.get("tz") or "UTC", versions, days=days, breaks=breaks)


def at(text: str) -> datetime:
    """Read an instant; without an offset it is UTC."""
    instant = datetime.fromisoformat(text)
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def seconds_of(given: Json, unit_keys: tuple[str, ...] = ("seconds", "minutes", "hours")) -> timedelta:
    """Read an amount in whichever unit the case states it."""
    for key in unit_keys:
        if key in given:
            return timedelta(**{key: given[key]})
        if f"open_{key}" in given:
            return timedelta(**{key: given[f"open_{key}"]})
    raise LookupError(f"no amount in {given}")


def near(ours: datetime | timedelta, theirs: datetime | timedelta, tolerance: timedelta, what: str) -> None:
    """Assert equality, within the peer's rounding where the case states one."""
    assert abs(ours - theirs) <= tolerance, f"{what}: ours {ours}, theirs {theirs}"  # type: ignore[operator]


def _tolerance(case: Json) -> timedelta:
    places = (case, case.get("input", {}), case["expect"])
    return timedelta(seconds=max((place.get("tolerance_s", 0) for place in places), default=0))


def _spans(pairs: Any) -> tuple[Span, ...]:
    return tuple(Span.of(opens, closes) for opens, closes in pairs)


def _one(expected: Json) -> Any:
    (value,) = (v for k, v in expected.items() if k not in ("tolerance_s", "note", "why"))
    return value


def _start(given: Json) -> datetime:
    return at(next(given[key] for key in ("start", "at", "from", "end") if given.get(key)))


def _end(given: Json) -> datetime:
    return at(next(given[key] for key in ("end", "to", "until") if given.get(key)))


def _add(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    amount = seconds_of(given)
    ours = calendar.add(_start(given), amount) if amount >= timedelta(0) else calendar.subtract(_start(given), -amount)
    near(ours, at(_one(expected)), _tolerance(case), case["id"])


def _subtract(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    amount = seconds_of(given)
    ours = calendar.subtract(_start(given), amount) if amount >= timedelta(0) else calendar.add(_start(given), -amount)
    near(ours, at(_one(expected)), _tolerance(case), case["id"])


def _between(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    theirs = seconds_of(expected)
    near(calendar.between(_start(given), _end(given)), theirs, _tolerance(case), case["id"])


def _is_open(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    assert calendar.is_open(_start(given)) is _one(expected)


def _asked(name: str) -> Callable[[Json, Json, Json, WorkCalendar], None]:
    def run(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
        ours, theirs = getattr(calendar, name)(_start(given)), _one(expected)
        if theirs is None or ours is None:
            assert ours is theirs
        else:
            near(ours, at(theirs), _tolerance(case), case["id"])

    return run


def _open_intervals(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    theirs = [(at(a), at(b)) for a, b in _one(expected)]
    assert given.get("count", len(theirs)) == len(theirs)
    # Where one interval ends when the next begins, ours is one stretch: compare what is open up to the last end.
    merged: list[tuple[datetime, datetime]] = []
    for opens, closes in theirs:
        if merged and merged[-1][1] == opens:
            merged[-1] = (merged[-1][0], closes)
        else:
            merged.append((opens, closes))
    until = _end(given) if {"end", "to", "until"} & set(given) else theirs[-1][1] if theirs else _start(given) + HORIZON
    assert list(calendar.open_spans(_start(given), until)) == merged


def _wall_to_instant(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    asked = (
        calendar if "tz" not in given else read_calendar({"tz": given["tz"], "weekly": {"mon": [["09:00", "17:00"]]}})
    )
    assert asked.instant(datetime.fromisoformat(given["wall"])) == at(_one(expected))


def _add_workdays(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    n = next(given[key] for key in ("workdays", "days", "count") if key in given)
    ours = add_workdays(case["source"], calendar, _start(given), n, given.get("snap"))
    near(ours, at(_one(expected)), _tolerance(case), case["id"])


def add_workdays(source: str, calendar: WorkCalendar, start: datetime, n: int, snap: str | None = None) -> datetime:
    """Day units as each product counts them.

    The date is that of the n-th working day after (or before) the local start date; products differ in the time:
    the same wall time (default), close of business on request, biz and business_time roll on to open time when it is
    closed, GLPI falls back to closing time when it is later.
    """
    if snap not in (None, "", "end_of_working_day", "same_time"):
        raise LookupError(f"unknown snap {snap!r}")
    ruby = source.startswith(("biz", "business_time"))
    if source.startswith("business_time") and n > 0 and not calendar.is_workday(calendar.local_date(start)):
        start = calendar.next_open(start)
    if n == 0:
        return calendar.next_open(start) if ruby else start
    step = calendar.add_workdays if n > 0 else calendar.subtract_workdays
    closing = step(start, abs(n))
    if snap == "end_of_working_day":
        return closing
    same_time = step(start, abs(n), keep_time=True)
    if ruby:
        return calendar.next_open(same_time) if n > 0 else calendar.previous_open(same_time)
    return min(same_time, closing) if source.startswith("glpi") else same_time


def _workdays_between(case: Json, given: Json, expected: Json, calendar: WorkCalendar) -> None:
    start, end = _start(given), _end(given)
    # Peers count the dates from the first up to, and without, the last; ours counts after the first, with the last.
    day = timedelta(days=1)
    first = calendar.instant(datetime.combine(calendar.local_date(start) - day, datetime.min.time()))
    last = calendar.local_date(end) if given.get("inclusive") else calendar.local_date(end) - day
    assert calendar.workdays_between(first, calendar.instant(datetime.combine(last, datetime.min.time()))) == _one(
        expected
    )


def _refused(case: Json, given: Json, spec: Json | None) -> None:
    """Put something to the rules that must be refused: a calendar, an amount, or a question."""
    hours = [[given.get("open", "09:00"), given.get("close", "17:00")]]
    full = dict(spec or {"weekly": {day: hours for day in WEEKDAYS[:5]}})
    full.update({key: given[key] for key in CALENDAR_KEYS & set(given)})
    calendar = read_calendar({key: value for key, value in full.items() if key not in WORDS_KEYS})
    operation = given.get("op", case["kind"])
    start = _start(given) if {"start", "at", "from"} & set(given) else datetime(2024, 5, 13, 9, tzinfo=UTC)
    if operation == "calendar":
        calendar.require_open(start)
        for key in ("open", "close"):
            clock_seconds(given.get(key, "09:00"))
    elif operation in ("add", "subtract", "sla", "target"):
        calendar.require_open(start)
        amount = (
            Amount(Unit.OPEN, seconds_of(given))
            if "seconds" in given
            else Amount.parse(str(given.get("amount", "1h open")))
        )
        amount.due(calendar, start)
    elif operation == "add_workdays":
        calendar.add_workdays(start, given["workdays"])
    elif operation in ("next_open", "prev_open", "previous_open", "next_close"):
        getattr(calendar, {"prev_open": "previous_open"}.get(operation, operation))(start)
    elif operation == "is_open":
        calendar.is_open(start)
    elif operation == "between":
        calendar.between(start, _end(given))
    elif operation == "wall_to_instant":
        read_calendar({"tz": given.get("tz", "UTC"), "weekly": full["weekly"]}).instant(
            datetime.fromisoformat(given["wall"])
        )
    else:
        raise LookupError(f"unknown operation {operation!r}")


KINDS: dict[str, Callable[[Json, Json, Json, WorkCalendar], None]] = {
    "add": _add,
    "subtract": _subtract,
    "between": _between,
    "is_open": _is_open,
    "next_open": _asked("next_open"),
    "prev_open": _asked("previous_open"),
    "previous_open": _asked("previous_open"),
    "next_close": _asked("next_close"),
    "open_intervals": _open_intervals,
    "add_workdays": _add_workdays,
    "workdays_between": _workdays_between,
    "wall_to_instant": _wall_to_instant,
}
