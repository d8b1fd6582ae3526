"""The countdown: colours at their limits, one subtraction a tick, marks that need no colour, the order of the queue."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import use_language
from deskapp.domain.sla import (
    Amount,
    Clock,
    Colour,
    CountdownBoard,
    EventKind,
    Metric,
    Offset,
    State,
    Target,
    Unit,
    colour_turns,
    countdown,
    figure,
    late_figure,
    left,
    queue_key,
    worst,
)
from deskapp.domain.sla.clock import start_clock
from tests.support.clocks import CN, COLOURS, NIGHT, book, cn, event, opened, paused

SECOND = timedelta(seconds=1)
MON = "23 09:00"


def running(amount: str, start: str | datetime = MON) -> Clock:
    at = cn(start) if isinstance(start, str) else start
    return start_clock(Target(Metric.RESOLVE, Amount.parse(amount)), CN, "seed@1", at, round_=1)


@pytest.mark.parametrize(
    ("amount", "yellow_at", "red_at"),
    [("30s", "15s", "6s"), ("2h", "30min", "12min"), ("24h", "6h", "2h 24min"), ("8h open", "2h", "48min")],
)
def test_colours_change_where_the_design_says(amount: str, yellow_at: str, red_at: str) -> None:
    clock = running(amount)
    for text, before, then in (
        (yellow_at, Colour.GREEN, Colour.YELLOW),
        (red_at, Colour.YELLOW, Colour.RED),
    ):
        remains = Amount.parse(text).length
        at = clock.held_due - remains if "open" not in amount else CN.subtract(clock.held_due, remains)
        assert countdown(clock, CN, COLOURS, at - SECOND).colour(at - SECOND) is before
        assert countdown(clock, CN, COLOURS, at).colour(at) is then


def test_what_runs_out_is_red_then_overdue_and_says_so_without_colour() -> None:
    clock = running("2h")
    due = clock.held_due
    row = countdown(clock, CN, COLOURS, cn(MON))
    assert [row.mark(at) for at in (cn(MON), due - 20 * 60 * SECOND, due - SECOND, due, due + SECOND)] == [
        ".", "!", "#", "#", "+",
    ]  # fmt: skip
    assert (row.overdue(due), row.overdue(due + SECOND)) == (False, True)


def test_figures() -> None:
    almost = timedelta(minutes=41, seconds=50, milliseconds=900)
    assert (figure(almost), figure(almost, seconds=False)) == ("00:41:50", "00:41")
    assert figure(-timedelta(minutes=12), seconds=False) == "+00:12"
    assert figure(timedelta(0), overdue=True) == "+00:00:00"
    assert figure(timedelta(hours=124, seconds=5)) == "124:00:05"
    assert late_figure(-timedelta(minutes=3, seconds=10)) == "LATE 00:03:10"
    use_language("zh")
    try:
        assert late_figure(-timedelta(minutes=3, seconds=10)).endswith("00:03:10")
    finally:
        use_language("en")


instants = st.datetimes(datetime(2024, 9, 20), datetime(2024, 10, 20)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@given(
    st.sampled_from(["30s", "45min", "9h", "90min open", "16h open", "3 workdays", "2 workdays same time"]),
    st.sampled_from([CN, NIGHT]),
    instants,
    instants,
    st.floats(0, 1),
)
@settings(max_examples=150, deadline=None)
def test_one_subtraction_gives_what_the_calendar_would(
    amount: str, calendar: object, start: datetime, now: datetime, share: float
) -> None:
    assert calendar in (CN, NIGHT)
    desk = CN if calendar == CN else NIGHT
    now = max(start, now)
    clock = start_clock(Target(Metric.RESOLVE, Amount.parse(amount)), desk, "seed@1", start, round_=1)
    row = countdown(clock, desk, COLOURS, now)
    later = now + min(row.valid_until - now, timedelta(days=30)) * share
    assert row.left(later) == left(clock, desk, later)
    # The mark changes at the announced instants and at no other.
    at = min((turn for turn in colour_turns(clock, desk, COLOURS) if turn > now), default=now + timedelta(days=30))
    between = now + (at - now - timedelta(microseconds=1)) * share
    assert countdown(clock, desk, COLOURS, between).mark(between) == row.mark(now)


@given(
    st.lists(st.tuples(st.sampled_from(["30s", "2h", "5h open", "1 workday"]), instants), min_size=1, max_size=12),
    instants,
)
@settings(max_examples=60, deadline=None)
def test_a_board_touches_only_what_changes(rows: list[tuple[str, datetime]], first: datetime) -> None:
    board = CountdownBoard(COLOURS)
    clocks = {n: running(amount, start) for n, (amount, start) in enumerate(rows)}
    begin = max(first, *(clock.started_at for clock in clocks.values())) if len(clocks) > 1 else first
    for key, clock in clocks.items():
        board.put(key, clock, CN, begin)
    board.put("gone", clocks[0], CN, begin)
    board.drop("gone")
    marks = {key: board.row(key, begin).mark(begin) for key in clocks}
    for n in range(1, 40):
        now = begin + n * timedelta(minutes=97)
        changed = board.tick(now)
        for key, clock in clocks.items():
            fresh = countdown(clock, CN, COLOURS, now)
            row = board.row(key, now)
            assert (row.left(now), row.mark(now)) == (fresh.left(now), fresh.mark(now))
            assert (key in changed) == (marks[key] != fresh.mark(now))
            marks[key] = fresh.mark(now)
    assert "gone" not in board
    assert len(board) == len(clocks)


def test_a_ticket_shows_its_worst_clock() -> None:
    resolve, on_site, first = (
        replace(running(amount, start), metric=metric)
        for metric, amount, start in (
            (Metric.RESOLVE, "24h", "22 10:30"),
            (Metric.ON_SITE, "2h", MON),
            (Metric.FIRST_RESPONSE, "10min", MON),
        )
    )
    now = cn("23 09:45")
    rows = [countdown(c, CN, COLOURS, now) for c in (on_site, resolve)]
    assert worst(rows, now).clock.metric is Metric.RESOLVE  # type: ignore[union-attr]  # red at 45 min, though due later
    late = countdown(first, CN, COLOURS, now)
    assert worst([*rows, late], now).clock.metric is Metric.FIRST_RESPONSE  # type: ignore[union-attr]
    assert worst([], now) is None


def test_a_paused_clock_stands_still_and_is_shown_only_when_nothing_runs() -> None:
    waiting = book(opened(MON), event(EventKind.CONTACT, "23 09:05"), paused("23 10:00"))
    rows = [countdown(c, CN, COLOURS, cn("24 12:00")) for c in waiting.clocks]
    assert worst(rows, cn("24 12:00")).clock.metric is Metric.BOOK  # type: ignore[union-attr]
    resolve = next(r for r in rows if r.clock.metric is Metric.RESOLVE)
    assert (resolve.colour(cn("24 12:00")), resolve.mark(cn("24 12:00"))) == (Colour.PAUSED, "=")
    assert resolve.left(cn("30 12:00")) == timedelta(hours=15)
    assert worst([resolve], cn("24 12:00")) is resolve
    done = next(r for r in rows if r.clock.state is State.MET)
    assert (done.colour(cn("24 12:00")), done.mark(cn("24 12:00"))) == (Colour.DONE, "-")


def test_the_queue_puts_longest_overdue_first_and_paused_last() -> None:
    late, later, soon = (running("2h", start) for start in ("20 09:00", "22 09:00", MON))
    back_first, back_later = (
        [c for c in book(opened(MON), paused("23 10:00", back=back)).clocks if c.state is State.PAUSED]
        for back in ("24 09:00", "26 09:00")
    )
    order = [
        queue_key([late, soon], "green"),
        queue_key([later], "green"),
        queue_key([soon], "red"),
        queue_key([soon], "yellow"),
        queue_key([soon, *back_first], "green"),
        queue_key(back_first, "red"),
        queue_key(back_later, "red"),
        queue_key([], "red"),
    ]
    assert sorted(order, key=lambda k: k) == order


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("24h", "24h"), ("2d", "48h"), ("10m", "10min"), ("1h30min", "1h 30min"), ("30 s", "30s"), ("0.5s", "0.5s"),
        ("8h  open", "8h open"), ("3 workdays", "3 workdays"), ("1 workday same time", "1 workday same time"),
    ],
)  # fmt: skip
def test_amounts_are_read_and_written(text: str, written: str) -> None:
    assert str(Amount.parse(text)) == written
    assert Amount.parse(written) == Amount.parse(text)
    assert str(Offset.parse(f"-{text}")) == f"-{written}"


@pytest.mark.parametrize(
    "text", ["", "0h", "-1h", "8", "open", "3 days", "0 workdays", "h", "1h x", "9999999999h", "1e9h"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Amount.parse(text)
    with pytest.raises(Invalid):
        Offset.parse(f"+{text}")
    with pytest.raises(Invalid):
        Offset.parse("1h")
    with pytest.raises(Invalid):
        Amount(Unit.OPEN, timedelta(0))
