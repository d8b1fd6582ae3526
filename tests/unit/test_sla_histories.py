"""Random histories: the clocks kept up event by event equal the whole history folded, and the rule's own formula."""

import json
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.calendar import DayRow, Span, WorkCalendar
from deskapp.domain.sla import (
    Amount,
    Book,
    ClockEvent,
    EventKind,
    Facts,
    Match,
    Metric,
    Pause,
    Policy,
    Promise,
    Rule,
    Rules,
    State,
    Target,
    Unit,
    apply,
    book_data,
    book_of,
    elapsed_within,
    event_data,
    event_of,
    explain_due,
    fold,
    left,
    notices,
)
from tests.support.clocks import CN, CN_EDITED, COLOURS, NIGHT, POLICY, REASONS, RULES, SLOWER, target

K = EventKind
ZERO = timedelta(0)
MORE_NIGHTS = NIGHT.with_days([DayRow(date(2024, 11, 3), (Span.parse("00:30-04:00"),))])
ALL_RULES = Rules(RULES.policies, {c.version_id: c for c in (CN, CN_EDITED, NIGHT, MORE_NIGHTS)})
FACTS = st.builds(
    Facts,
    grade=st.sampled_from(["green", "yellow", "none"]),
    priority=st.sampled_from(["", "urgent"]),
    outcome=st.sampled_from(["", "complex"]),
)
PLAN = (Target(Metric.PLAN, Amount.parse("12h"), frozenset({"parts"}), "apology"),)
# Around the edit of one calendar and the nights on which New York changes its clocks.
BEGINNINGS = [datetime(2024, 9, 20, tzinfo=UTC), datetime(2024, 3, 8, tzinfo=UTC), datetime(2024, 11, 1, tzinfo=UTC)]


@st.composite
def histories(draw: st.DrawFn) -> list[ClockEvent]:
    begin = draw(st.sampled_from(BEGINNINGS))
    calendars = draw(st.sampled_from([(CN, CN_EDITED), (NIGHT, MORE_NIGHTS)]))
    at = begin + draw(st.timedeltas(ZERO, timedelta(days=2)))
    first = draw(st.sampled_from([K.OPENED, K.ARRIVED]))
    events = [
        ClockEvent(
            first, at, 0, facts=draw(FACTS), policy=POLICY.id, calendar=draw(st.sampled_from(calendars)).version_id
        )
    ]
    kinds = draw(
        st.lists(st.sampled_from([k for k in K if k is not K.CANCELLED] + [K.PAUSED, K.RESUMED] * 3), max_size=14)
    )
    for seq, kind in enumerate(kinds, 1):
        at += draw(
            st.sampled_from([ZERO, timedelta(minutes=7), timedelta(hours=3)]) | st.timedeltas(ZERO, timedelta(days=3))
        )
        more: dict[str, object] = {}
        if kind is K.PAUSED:
            more = {"reason": draw(st.sampled_from(sorted(REASONS))), "back_at": at + timedelta(days=1)}
        elif kind is K.CHANGED:
            more = {"facts": draw(FACTS)}
        elif kind is K.POLICY_CHANGED:
            more = {"policy": draw(st.sampled_from([POLICY, SLOWER])).id}
        elif kind is K.CALENDAR_CHANGED:
            more = {"calendar": draw(st.sampled_from(calendars)).version_id}
        elif kind is K.REOPENED:
            more = {"same_fault": draw(st.booleans())}
        elif kind is K.PLAN_STARTED:
            more = {"targets": PLAN}
        elif kind is K.PLAN_DONE:
            more = {"name": "apology"}
        elif kind is K.MERGED_IN:
            pauses = (Pause(begin, begin + timedelta(hours=draw(st.integers(1, 9)))),)
            more = {"promises": (Promise(Metric.RESOLVE, "", target(Metric.RESOLVE, "9h open"), begin, pauses),)}
        events.append(ClockEvent(kind, at, seq, **more))  # type: ignore[arg-type]
    return events


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None)
def test_the_kept_clocks_equal_the_history_folded_again(history: list[ClockEvent], chance: object) -> None:
    kept = Book()
    for event in history:
        stored = event_of(json.loads(json.dumps(event_data(event))))
        assert stored == event
        kept, _trail = apply(book_of(json.loads(json.dumps(book_data(kept)))), stored, ALL_RULES)
    shuffled = list(history)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled, ALL_RULES) == kept
    check_sound(kept, history[-1].at)


def check_sound(book: Book, now: datetime) -> None:
    """What must hold for every clock, whatever happened."""
    for clock in book.clocks:
        calendar = ALL_RULES.calendars[clock.calendar]
        measure = clock.target.amount.measure
        assert (clock.due_at is None) == (clock.state in (State.PAUSED, State.CANCELLED))
        if clock.state in (State.MET, State.LATE):
            assert clock.done_at is not None
            assert clock.due_at is not None
            assert (clock.state is State.LATE) == (clock.done_at > clock.due_at)
        if clock.is_open:
            assert elapsed_within(clock, calendar, clock.started_at, now) == clock.used + (
                measure(calendar, clock.running_since, now) if clock.running_since else ZERO
            )
            moved = sum((measure(calendar, p.since, p.until) for p in clock.pauses if p.until), ZERO)
            base = clock.target.amount.due(calendar, clock.started_at)
            assert measure(calendar, base, clock.held_due) <= moved
            told = explain_due(clock, calendar)
            if clock.state is State.RUNNING and not clock.overdue(now) and clock.pauses == ():
                assert told.total == clock.span
            for notice in notices(clock, calendar, POLICY):
                assert notice.at >= clock.revised_at or notice.name == "return"


@st.composite
def pauses(draw: st.DrawFn) -> tuple[WorkCalendar, Amount, datetime, list[datetime]]:
    calendar = draw(st.sampled_from([CN, CN_EDITED, NIGHT, MORE_NIGHTS]))
    length = timedelta(minutes=draw(st.integers(1, 6000)))
    amount = Amount(draw(st.sampled_from([Unit.REAL, Unit.OPEN])), length)
    at = draw(st.sampled_from(BEGINNINGS)) + draw(st.timedeltas(ZERO, timedelta(days=4)))
    steps = draw(st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=2)), max_size=7))
    return calendar, amount, at, [at := at + step for step in steps]


@given(pauses())
@settings(max_examples=200, deadline=None)
def test_the_due_time_is_the_one_of_the_rule_s_formula(
    case: tuple[WorkCalendar, Amount, datetime, list[datetime]],
) -> None:
    """`due = add(calendar, now, target - used)` at each resumption, used being what ran so far."""
    calendar, amount, start, turns = case
    policy = Policy(
        "p", 1, (Rule("r", Match(), (Target(Metric.RESOLVE, amount, frozenset({"parts"})),)),), COLOURS, (), ZERO, ZERO,
        frozenset({"parts"}),
    )  # fmt: skip
    rules = Rules({policy.id: policy}, {calendar.version_id: calendar})
    events = [ClockEvent(K.OPENED, start, 0, policy=policy.id, calendar=calendar.version_id, facts=Facts())]
    used, since, paused = ZERO, start, False
    for seq, at in enumerate(turns, 1):
        events.append(ClockEvent(K.RESUMED if paused else K.PAUSED, at, seq, reason="parts", back_at=at))
        if not paused:
            used += amount.measure(calendar, since, at)
        paused, since = not paused, at
    clock = fold(events, rules).clocks[0]
    remains = amount.length - used
    assert clock.used == used
    if paused:
        assert clock.due_at is None
        if remains > ZERO:
            assert left(clock, calendar, since) == remains
    elif remains > ZERO:
        expected = since + remains if amount.unit is Unit.REAL else calendar.add(since, remains)
        assert clock.due_at == expected
    else:
        assert clock.due_at is not None
        assert clock.due_at <= since
        assert left(clock, calendar, since) <= ZERO
