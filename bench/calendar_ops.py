"""Working-time operations: `python -m bench calendar`; the peer comes with bench/requirements.txt.

Additions of open time 1 day, 1 year and 10 years ahead on a calendar with 20 years of holidays, against a
python-only package on the same hours and holidays, in alternation; a calendar edit over 100,000 open clocks; the
tick of a queue of 100,000.
"""

import argparse
import gc
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from statistics import median
from typing import Any

from bench.report import Figure
from deskapp.domain.calendar import DayRow, Span, WorkCalendar, week_of
from deskapp.domain.sla import (
    Clock,
    ClockEvent,
    CountdownBoard,
    EventKind,
    Facts,
    Metric,
    Rules,
    figure,
    fold,
    preview_calendar,
    recalendar,
)
from deskapp.services.holiday_seed import rows_of, seed_holidays
from deskapp.services.time_files import shipped_policies

YEARS = range(2015, 2035)
START = datetime(2024, 5, 6, 2, 30, tzinfo=UTC)
NOW = datetime(2024, 9, 25, 3, 0, tzinfo=UTC)
HOURS_AHEAD = {"1 day": 8, "1 year": 8 * 249, "10 years": 8 * 2490}
ROUNDS = 7


def main() -> None:
    """Print the figures, each with its target where there is one."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clocks", type=int, default=100_000)
    for figure_ in figures(options.parse_args().clocks):
        print(figure_.line(), flush=True)


def figures(count: int) -> Iterator[Figure]:
    """Additions beside the peer, a calendar edit over `count` open clocks, the tick of a queue of so many."""
    rows = rows_of(seed_holidays("CN", YEARS, ()))
    closed = sorted(row.day for row in rows.values() if row.closed)
    # The peer knows no make-up workdays and no lunch break: both count plain nine to five on the same holidays.
    week = week_of(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (Span.parse("09:00-17:00"),)))
    calendar = WorkCalendar.weekly("Asia/Shanghai", week, days=[DayRow(day) for day in closed])
    began = time.perf_counter()
    calendar.add(START, timedelta(hours=1))
    first = time.perf_counter() - began
    calendar.add(START, timedelta(hours=HOURS_AHEAD["10 years"]))
    yield Figure(f"first question to a calendar of {len(YEARS)} years, {len(closed)} holidays", first * 1e3, "ms")
    yield Figure("ten more years laid out, once", (time.perf_counter() - began - first) * 1e3, "ms")
    yield from additions(calendar, closed)
    clocks: list[Clock] = []
    yield from edit(calendar, count, clocks)
    yield from tick(calendar, clocks)


def additions(calendar: WorkCalendar, closed: list[date]) -> Iterator[Figure]:
    """Ours against the peer, alternated; both must give the same instant."""
    add_like_peer = peer(closed)
    for name, hours in HOURS_AHEAD.items():
        amount = timedelta(hours=hours)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(per_second(lambda amount=amount: calendar.add(START, amount), 3000))
            if add_like_peer is not None:
                theirs.append(per_second(lambda hours=hours: add_like_peer(hours), max(1, 300 // hours)))
        if add_like_peer is not None:
            assert calendar.add(START, amount) == add_like_peer(hours), "the peer counts something else"
        other = median(theirs) if theirs else None
        yield Figure(f"additions of {name} : businesstimedelta", median(ours), "/s", other)
    if add_like_peer is None:
        print("  the peer is not installed: pip install -r bench/requirements.txt")


def edit(calendar: WorkCalendar, count: int, clocks: list[Clock]) -> Iterator[Figure]:
    """A day is closed by hand: preview, count again what is open, and the same from whole histories."""
    edited = calendar.with_days([DayRow(date(2024, 9, 27), name="closed for a move")])
    policy = shipped_policies()["default"].policy
    rules = Rules({policy.id: policy}, {c.version_id: c for c in (calendar, edited)})
    chance = random.Random(20240925)
    histories = [history(chance, policy.id, calendar.version_id) for _ in range(count)]
    gc.collect()
    gc.freeze()  # the histories are the bench's own, not what a desk has in memory
    began = time.process_time()
    books = [fold(events, rules) for events in histories]
    folded = time.process_time() - began
    clocks += [clock for book in books if (clock := book.latest(Metric.RESOLVE)) is not None]
    edited.add(START, timedelta(hours=8))
    began = time.process_time()
    again = [recalendar(clock, calendar, edited, NOW) for clock in clocks]
    counted = time.process_time() - began
    began = time.process_time()
    preview = preview_calendar(clocks, calendar, edited, NOW)
    previewed = time.process_time() - began
    assert len(preview.moves) == sum(a.held_due != b.held_due for a, b in zip(clocks, again, strict=True))
    yield Figure(f"edit over {count:,} open clocks, the rules alone, CPU", counted, "s", at_most=10.0)
    yield Figure(f"its preview ({len(preview.moves):,} move, {preview.become_overdue:,} overdue), CPU", previewed, "s")
    events = sum(map(len, histories))
    yield Figure(f"fold of {count:,} whole histories ({events:,} events), CPU", folded, "s")
    clocks[:] = again


def history(chance: random.Random, policy: str, calendar: str) -> list[ClockEvent]:
    """A ticket of the last days with a contact and a pause now and then."""
    at = NOW - timedelta(minutes=chance.randrange(5 * 1440))
    outcome = chance.choice(["green_24h", "complex_3wd", "complex_3wd", "visit_24h"])
    events = [ClockEvent(EventKind.OPENED, at, 0, facts=Facts(outcome=outcome), policy=policy, calendar=calendar)]
    kinds = [EventKind.CONTACT]
    if chance.random() < 0.4:
        kinds += [EventKind.PAUSED, EventKind.RESUMED][: chance.randint(1, 2)]
    for seq, kind in enumerate(kinds, 1):
        at = min(at + timedelta(minutes=chance.randrange(1, 600)), NOW)
        events.append(ClockEvent(kind, at, seq, reason="parts", back_at=at + timedelta(days=1)))
    return events


def tick(calendar: WorkCalendar, clocks: list[Clock]) -> Iterator[Figure]:
    """One second of a queue: the rows that change, and the figures of the 50 that are on the screen."""
    colours = shipped_policies()["default"].policy.colours
    calendars = {clocks[0].calendar: calendar.with_days([DayRow(date(2024, 9, 27), name="closed for a move")])}
    board = CountdownBoard(colours)
    began = time.perf_counter()
    for key, clock in enumerate(clocks):
        board.put(key, clock, calendars[clock.calendar], NOW)
    loaded = time.perf_counter() - began
    times, changed = [], 0
    visible = range(50)
    for second in range(1, 301):
        now = NOW + timedelta(seconds=second)
        began = time.thread_time()
        changed += len(board.tick(now))
        for key in visible:
            row = board.row(key, now)
            figure(row.left(now), overdue=row.overdue(now))
            row.mark(now)
        times.append((time.thread_time() - began) * 1e3)
    times.sort()
    name = f"tick of a queue of {len(board):,}, 50 on the screen, CPU"
    yield Figure(f"{name}, p50", times[150], "ms", at_most=3.0)
    yield Figure(f"{name}, p99", times[297], "ms", at_most=3.0)
    yield Figure(f"rows that changed in 300 s; the board was loaded in {loaded:.2f} s", changed, "")
    closing = datetime(2024, 9, 25, 9, 0, tzinfo=UTC)
    board.tick(closing - timedelta(seconds=1))
    began = time.perf_counter()
    together = len(board.tick(closing))
    for key in visible:
        board.row(key, closing)
    took = (time.perf_counter() - began) * 1e3
    yield Figure(f"the second in which the desk closes ({together:,} rows change)", took, "ms")


def peer(closed: list[date]) -> Callable[[int], datetime] | None:
    """An addition by businesstimedelta on the same hours, or None when it is not installed."""
    try:
        import businesstimedelta
    except ImportError:
        return None
    import pytz  # the peer's own time zones

    zone = pytz.timezone("Asia/Shanghai")
    workday = businesstimedelta.WorkDayRule(
        start_time=clock_time(9), end_time=clock_time(17), working_days=[0, 1, 2, 3, 4], tz=zone
    )
    days: Any = dict.fromkeys(closed, "holiday")
    rules = businesstimedelta.Rules([workday, businesstimedelta.HolidayRule(days, tz=zone)])

    def add(hours: int) -> datetime:
        due: datetime = START.astimezone(zone) + businesstimedelta.BusinessTimeDelta(rules, hours=hours)
        return due.astimezone(UTC)

    return add


def per_second(call: Callable[[], object], times: int) -> float:
    """How often a call can be made in a second."""
    began = time.perf_counter()
    for _ in range(times):
        call()
    return times / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
