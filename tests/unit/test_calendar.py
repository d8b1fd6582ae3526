"""The working calendar against a slow one that walks every minute, and the rules that no walk shows."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deskapp.domain.calendar import (
    AnnualClosure,
    DayRow,
    Span,
    WeekVersion,
    Why,
    WorkCalendar,
    explain_open_time,
    week_of,
)
from deskapp.domain.errors import Invalid

MINUTE = timedelta(minutes=1)
NINE_TO_FIVE = (Span.parse("09:00-17:00"),)
WORKWEEK = week_of(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), NINE_TO_FIVE))
ALWAYS = week_of(dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), (Span.parse("00:00-24:00"),)))
# Nights on which clocks change: by an hour, by half an hour, at midnight, by a whole day, and by nothing at all.
NIGHTS = [
    ("America/New_York", date(2024, 3, 10)),
    ("America/New_York", date(2024, 11, 3)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Australia/Lord_Howe", date(2024, 10, 6)),
    ("America/Sao_Paulo", date(2015, 10, 18)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Shanghai", date(2024, 5, 1)),
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@cache
def clock_of(zone: str, day: date) -> tuple[list[datetime], list[datetime]]:
    """Ten days of minutes around a date (a night in the west among them), and what the wall clock shows at each."""
    start = datetime.combine(day - timedelta(4), datetime.min.time(), UTC)
    minutes = [start + n * MINUTE for n in range(10 * 1440)]
    return minutes, [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for at in minutes]


def walk(zone: str, calendar: WorkCalendar, day: date) -> set[datetime]:
    """Every open minute around a date, found by looking at a wall clock minute by minute."""
    minutes, walls = clock_of(zone, day)

    def reached(wall: datetime) -> datetime:
        # The first minute at which the clock shows that time or a later one; when it jumped over it, as far beyond
        # the jump as the time is beyond what the clock last showed.
        n = next(i for i in range(len(walls)) if walls[i] >= wall)
        return minutes[n - 1] + (wall - walls[n - 1])

    found: set[datetime] = set()
    for offset in range(-3, 4):
        local = day + timedelta(offset)
        row = calendar.days.get(local)
        spans = row.spans if row else calendar.versions[0].week[local.weekday()]
        midnight = datetime.combine(local, datetime.min.time())
        for span in spans:
            opens, closes = (reached(midnight + timedelta(seconds=s)) for s in (span.opens, span.closes))
            found.update(opens + n * MINUTE for n in range((closes - opens) // MINUTE))
    return found


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    quarters = st.integers(0, 95)
    pairs = draw(st.lists(st.tuples(quarters, st.integers(1, 96)), max_size=3))
    return tuple(Span(opens * 900, opens * 900 + length * 900) for opens, length in pairs)


@st.composite
def nights(draw: st.DrawFn) -> tuple[str, date, WorkCalendar]:
    zone, day = draw(st.sampled_from(NIGHTS))
    week = week_of({name: draw(spans()) for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})
    rows = {day + timedelta(n): draw(spans()) for n in draw(st.sets(st.integers(-2, 2), max_size=2))}
    assume(any(week) or any(rows.values()))
    return zone, day, WorkCalendar.weekly(zone, week, days=[DayRow(d, s) for d, s in rows.items()])


@given(nights(), st.integers(0, 2880), st.integers(1, 2000), st.integers(0, 600))
@settings(max_examples=80, deadline=None)
def test_every_operation_agrees_with_a_walk_over_the_minutes(
    case: tuple[str, date, WorkCalendar], begin: int, length: int, amount: int
) -> None:
    zone, day, calendar = case
    open_minutes = walk(zone, calendar, day)
    start = datetime.combine(day - timedelta(1), datetime.min.time(), UTC) + begin * MINUTE
    end = start + length * MINUTE
    inside = sorted(at for at in open_minutes if start <= at < end)
    assert calendar.between(start, end) == len(inside) * MINUTE
    assert calendar.is_open(start) == (start in open_minutes)
    assert sum((b - a for a, b in calendar.open_spans(start, end)), timedelta(0)) == len(inside) * MINUTE
    assert explain_open_time(calendar, start, end).total == len(inside) * MINUTE
    if inside:
        assert calendar.next_open(start) == inside[0]
        assert calendar.previous_open(end) == inside[-1] + MINUTE
    if 0 < amount <= len(inside):
        assert calendar.add(start, amount * MINUTE) == inside[amount - 1] + MINUTE
        assert calendar.subtract(end, amount * MINUTE) == inside[-amount]


instants = st.datetimes(datetime(2019, 1, 1), datetime(2031, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
amounts = st.timedeltas(timedelta(0), timedelta(days=400))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    week, later = (
        week_of({name: draw(spans()) for name in ("mon", "wed", "sat", "sun")} | {"tue": NINE_TO_FIVE})
        for _ in range(2)
    )
    dates = st.dates(date(2020, 1, 1), date(2030, 1, 1))
    versions = [WeekVersion(week, annual=(AnnualClosure(5, 1),)), WeekVersion(later, draw(dates))]
    days = [DayRow(day, draw(spans())) for day in draw(st.sets(dates, max_size=6))]
    rests = dict.fromkeys(draw(st.sets(dates, max_size=2)), (Span.parse("09:00-11:00"),))
    return WorkCalendar("any", draw(st.sampled_from(NIGHTS))[0], versions, days=days, breaks=rests)


@given(calendars(), instants, instants, instants)
@settings(max_examples=60, deadline=None)
def test_between_adds_up(calendar: WorkCalendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    assert calendar.between(a, b) + calendar.between(b, c) == calendar.between(a, c)
    assert calendar.between(c, a) == timedelta(0)


@given(calendars(), instants, amounts)
@settings(max_examples=60, deadline=None)
def test_add_and_subtract_undo_each_other(calendar: WorkCalendar, at: datetime, amount: timedelta) -> None:
    due = calendar.add(at, amount)
    assert calendar.between(at, due) == amount
    assert calendar.between(calendar.subtract(due, amount), due) == amount
    assert calendar.add(calendar.next_open(at), amount) == due
    if amount:
        assert calendar.between(at, due - timedelta(microseconds=1)) < amount  # nothing earlier would do


@given(calendars(), instants, st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_working_days_count_what_they_add(calendar: WorkCalendar, at: datetime, n: int) -> None:
    due = calendar.add_workdays(at, n, keep_time=True)
    day = calendar.local_date(at)
    steps = 0
    while steps < n:
        day += timedelta(1)
        steps += calendar.is_workday(day)
    if calendar.zone.key != "Pacific/Apia":  # where a date is skipped, its wall times fall on the next one
        assert calendar.local_date(due) == day
        assert calendar.workdays_between(at, due) == n
        assert calendar.local_date(calendar.subtract_workdays(due, 1, keep_time=True)) < day


def test_a_day_row_wins_over_the_week_and_an_annual_closure() -> None:
    week = WeekVersion(WORKWEEK, annual=(AnnualClosure(5, 1, "Labour Day"),))
    plain = WorkCalendar("k", "UTC", [week])
    open_may_day = plain.with_days([DayRow(date(2024, 5, 1), NINE_TO_FIVE)])
    assert not plain.is_open(utc("2024-05-01T10:00"))
    assert open_may_day.is_open(utc("2024-05-01T10:00"))
    assert not open_may_day.is_open(utc("2025-05-01T10:00"))
    assert (
        open_may_day.with_days([], remove=[date(2024, 5, 1)]).version_id == plain.version_id != open_may_day.version_id
    )


def test_a_version_of_the_week_counts_from_its_date() -> None:
    calendar = WorkCalendar.weekly("Asia/Shanghai", WORKWEEK).with_week(date(2024, 6, 3), ALWAYS)
    assert calendar.between(utc("2024-05-31T00:00"), utc("2024-06-02T16:00")) == timedelta(hours=8)
    assert calendar.between(utc("2024-06-02T16:00"), utc("2024-06-03T16:00")) == timedelta(hours=24)


def test_an_always_open_desk_never_closes_and_counts_the_extra_hour() -> None:
    calendar = WorkCalendar.weekly("America/New_York", ALWAYS)
    assert calendar.next_close(utc("2024-05-31T00:00")) is None
    assert calendar.boundary_after(utc("2024-05-31T00:00")) is None
    assert calendar.between(utc("2024-11-03T04:00"), utc("2024-11-04T05:00")) == timedelta(hours=25)
    assert calendar.next_close(utc("2024-05-31T00:00")) is None
    year_end = WorkCalendar.weekly("UTC", week_of({"tue": (Span.parse("22:00-06:00"),)}))
    assert year_end.next_close(utc("2024-12-31T23:00")) == utc("2025-01-01T06:00")


@pytest.mark.parametrize("year", [1900, 1970, 2024, 2150])
def test_ten_years_take_no_more_steps_than_one_day(year: int) -> None:
    calendar = WorkCalendar.weekly("Asia/Shanghai", WORKWEEK)
    start = datetime(year, 3, 1, tzinfo=UTC)
    due = calendar.add(start, timedelta(hours=8 * 2600))
    assert calendar.between(start, due) == timedelta(hours=8 * 2600)
    table = calendar._timeline.around(calendar._timeline._table.safe_from)
    assert table.last_year - table.first_year < 24  # it grew by what was asked for, not by centuries


def test_the_explanation_names_spans_and_closed_days() -> None:
    lunch = (Span.parse("09:00-12:00"), Span.parse("13:30-18:00"))
    week = week_of(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), lunch))
    days = [DayRow(date(2024, 10, n), name="国庆节") for n in range(1, 8)] + [DayRow(date(2024, 9, 29), lunch, "调休")]
    calendar = WorkCalendar("cn", "Asia/Shanghai", [WeekVersion(week)], days=days, unconfirmed=[2024])
    told = explain_open_time(calendar, utc("2024-09-28T07:00"), utc("2024-10-08T07:00"))
    assert [(c.day.day, c.why, c.name) for c in told.closed] == [
        (28, Why.WEEK, ""),
        *((n, Why.DAY_ROW, "国庆节") for n in range(1, 8)),
    ]
    assert [(s.day.day, s.length) for s in told.spans[:3]] == [
        (29, timedelta(hours=3)),
        (29, timedelta(hours=4.5)),
        (30, timedelta(hours=3)),
    ]
    assert told.special == ((date(2024, 9, 29), "调休"),)
    assert told.unconfirmed == (2024,)


def test_what_cannot_be_a_calendar_is_refused() -> None:
    with pytest.raises(Invalid, match="never open"):
        WorkCalendar.weekly("UTC", week_of({}))
    with pytest.raises(Invalid, match="time zone"):
        WorkCalendar.weekly("Mars/Olympus", WORKWEEK)
    with pytest.raises(Invalid, match="two rows"):
        WorkCalendar.weekly("UTC", WORKWEEK, days=[DayRow(date(2024, 1, 1)), DayRow(date(2024, 1, 1))])
    with pytest.raises(Invalid, match="day of the week"):
        week_of({"monday": NINE_TO_FIVE})
    shut = WorkCalendar.weekly("UTC", week_of({"mon": NINE_TO_FIVE})).with_week(date(2024, 1, 1), week_of({}))
    with pytest.raises(Invalid, match="400 days"):
        shut.require_open(utc("2024-01-01T00:00"))
    shut.require_open(utc("2023-06-01T00:00"))


@pytest.mark.parametrize("text", ["25:00-26:00", "18:60-19:00", "9-17", "24:01-25:00", "", "٠٩:00-17:00", "09:00"])
def test_a_bad_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Span.parse(text)


def test_no_question_runs_without_a_bound() -> None:
    only_once = WorkCalendar.weekly("UTC", week_of({}), days=[DayRow(date(2024, 1, 1), NINE_TO_FIVE)])
    weekly = WorkCalendar.weekly("UTC", WORKWEEK)
    at = utc("2024-01-01T08:00")
    assert only_once.add(at, timedelta(hours=8)) == utc("2024-01-01T17:00")
    for ask in (
        lambda: only_once.add(at, timedelta(hours=9)),
        lambda: only_once.subtract(at, timedelta(hours=9)),
        lambda: only_once.next_open(utc("2025-01-01T00:00")),
        lambda: only_once.previous_open(utc("2023-01-01T00:00")),
        lambda: only_once.add_workdays(at, 2),
        lambda: weekly.add(at, timedelta(days=200 * 366)),
        lambda: weekly.next_open(datetime(2500, 1, 1, tzinfo=UTC)),
        lambda: weekly.add(at, timedelta(seconds=-1)),
        lambda: weekly.subtract(at, timedelta(seconds=-1)),
        lambda: weekly.add_workdays(at, 0),
        lambda: weekly.add(datetime(2024, 1, 1), timedelta(1)),  # noqa: DTZ001
    ):
        with pytest.raises(Invalid):
            ask()
