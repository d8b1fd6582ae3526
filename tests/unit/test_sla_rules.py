"""The clock rules of the desk, one by one; and what other desks get wrong."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.sla import (
    Clock,
    EventKind,
    Facts,
    Metric,
    Pause,
    Promise,
    State,
    apply,
    check_event,
    elapsed,
    explain_due,
    fold,
    left,
    next_threshold_at,
    notices,
    notices_due,
    preview_calendar,
    recalendar,
)
from deskapp.domain.sla.clock import revise
from tests.support.clocks import CN, CN_EDITED, NIGHT, POLICY, RULES, book, cn, event, opened, paused, target

HOUR = timedelta(hours=1)
K = EventKind
MON = "23 09:00"  # Monday 23 September 2024, opening time


def clock(metric: Metric, *events: object) -> Clock:
    found = book(*events).latest(metric)  # type: ignore[arg-type]
    assert found is not None
    return found


# -- each promise starts and is met by its own events


@pytest.mark.parametrize(
    ("metric", "starts", "meets", "due"),
    [
        (Metric.FIRST_RESPONSE, opened(MON), event(K.CONTACT, "23 09:10"), "23 09:10"),
        (Metric.BOOK, opened(MON), event(K.BOOKED, "24 09:00"), "24 09:00"),
        (Metric.ON_SITE, opened(MON, priority="urgent"), event(K.ON_SITE, "23 11:00"), "23 11:00"),
        (Metric.RESOLVE, opened(MON), event(K.RESOLVED, "25 10:00"), "25 10:00"),
        (Metric.RESOLVE, opened("28 15:00", outcome="complex"), event(K.RESOLVED, MON), "2024-10-08 18:00"),
        (Metric.ANSWER, replace(opened(MON), kind=K.ARRIVED), event(K.TAKEN, "23 09:00"), "2024-09-23 09:00:30"),
    ],
)
def test_a_promise_runs_to_its_due_time_and_equal_is_met(
    metric: Metric, starts: object, meets: object, due: str
) -> None:
    running = clock(metric, starts)
    assert (running.state, running.due_at) == (State.RUNNING, cn(due))
    at_due = replace(meets, at=cn(due))  # type: ignore[type-var]
    after = replace(meets, at=cn(due) + timedelta(microseconds=1))  # type: ignore[type-var]
    assert clock(metric, starts, at_due).state is State.MET
    assert clock(metric, starts, after).state is State.LATE


def test_next_response_counts_from_the_oldest_unanswered_contact() -> None:
    talk = [opened(MON), event(K.CONTACT, "23 09:05"), event(K.CUSTOMER_CONTACT, "23 10:00")]
    assert clock(Metric.NEXT_RESPONSE, *talk, event(K.CUSTOMER_CONTACT, "23 11:00")).due_at == cn("23 15:30")
    answered = [*talk, event(K.CONTACT, "23 11:30"), event(K.CUSTOMER_CONTACT, "23 14:00")]
    second = clock(Metric.NEXT_RESPONSE, *answered)
    assert (second.round, second.due_at) == (2, cn("23 18:00"))


def test_progress_is_promised_again_from_each_update_until_the_ticket_comes_back() -> None:
    yellow = [opened(MON, grade="yellow"), event(K.HANDED_OVER, "23 10:00")]
    assert clock(Metric.PROGRESS, *yellow).due_at == cn("25 10:00")
    for kind in (K.UPDATE, K.BROADCAST):
        told = book(*yellow, event(kind, "24 10:00"))
        first, second = (c for c in told.clocks if c.metric is Metric.PROGRESS)
        assert (first.state, second.due_at) == (State.MET, cn("26 10:00"))
    broadcast = book(*yellow, event(K.BROADCAST, "24 10:00"))
    assert broadcast.latest(Metric.FIRST_RESPONSE).state is State.RUNNING  # type: ignore[union-attr]
    assert clock(Metric.PROGRESS, *yellow, event(K.HANDED_BACK, "23 12:00")).state is State.CANCELLED


def test_a_follow_up_is_promised_when_it_is_resolved() -> None:
    solved = [opened(MON), event(K.RESOLVED, "23 15:00")]
    assert clock(Metric.FOLLOW_UP, *solved).due_at == cn("24 15:00")
    assert clock(Metric.FOLLOW_UP, *solved, event(K.FOLLOWED_UP, "24 15:00")).state is State.MET


def test_an_abandoned_call_misses_its_answer_only_after_the_target() -> None:
    arrived = replace(opened(MON), kind=K.ARRIVED)
    for seconds, state in ((30, State.CANCELLED), (31, State.LATE)):
        gone = event(K.ABANDONED, cn(MON) + timedelta(seconds=seconds))
        assert clock(Metric.ANSWER, arrived, gone).state is state


def test_a_plan_has_a_clock_for_each_action() -> None:
    actions = (
        replace(target(Metric.PLAN, "12h"), name="apology"),
        replace(target(Metric.PLAN, "48h"), name="recall"),
    )
    plan = [opened(MON), event(K.PLAN_STARTED, "23 10:00", targets=actions)]
    done = book(*plan, event(K.PLAN_DONE, "23 23:00", name="apology"))
    assert done.latest(Metric.PLAN, "apology").over_by == HOUR  # type: ignore[union-attr]
    assert done.latest(Metric.PLAN, "recall").due_at == cn("25 10:00")  # type: ignore[union-attr]


# -- pauses


def test_a_pause_empties_the_due_time_and_moves_it_by_its_open_time() -> None:
    history = [opened(MON), paused("23 10:00")]
    waiting = clock(Metric.RESOLVE, *history)
    assert (waiting.state, waiting.due_at, waiting.used) == (State.PAUSED, None, HOUR)
    assert left(waiting, CN, cn("30 12:00")) == 15 * HOUR
    back = clock(Metric.RESOLVE, *history, event(K.RESUMED, "24 10:00"))
    assert back.due_at == CN.add(cn("24 10:00"), 15 * HOUR)


def test_a_pause_in_closed_time_costs_nothing() -> None:
    plain = clock(Metric.RESOLVE, opened(MON))
    over_lunch = clock(Metric.RESOLVE, opened(MON), paused("23 12:00"), event(K.RESUMED, "23 13:30"))
    assert (over_lunch.due_at, over_lunch.revision) == (plain.due_at, plain.revision)


def test_only_named_reasons_and_pausable_targets_pause() -> None:
    paused_book = book(opened(MON, outcome="complex"), paused("23 09:05", "customer"))
    assert {c.state for c in paused_book.clocks} == {State.RUNNING}
    paused_book = book(opened(MON, priority="urgent"), paused("23 09:05", "customer"))
    states = {c.metric: c.state for c in paused_book.clocks}
    assert states == {
        Metric.FIRST_RESPONSE: State.RUNNING,
        Metric.ON_SITE: State.RUNNING,
        Metric.RESOLVE: State.PAUSED,
    }
    with pytest.raises(Invalid):
        target(Metric.ON_SITE, "2h", "parts")


@pytest.mark.parametrize(("solved", "over"), [("26 09:00", 2), ("26 11:00", 2)])
def test_pausing_an_overdue_clock_does_not_cure_it(solved: str, over: int) -> None:
    # Due Wednesday 10:00; paused two open hours later; solved while still paused.
    late = clock(Metric.RESOLVE, opened(MON), paused("25 12:00"), event(K.RESOLVED, solved))
    assert (late.state, late.over_by) == (State.LATE, over * HOUR)
    resumed = clock(Metric.RESOLVE, opened(MON), paused("25 12:00"), event(K.RESUMED, "26 10:00"))
    assert resumed.overdue(cn("26 10:00"))
    assert left(resumed, CN, cn("26 10:00")) == -2 * HOUR


def test_a_miss_in_closed_time_is_not_cured_by_a_pause_either() -> None:
    # Due at closing time exactly, paused an hour after closing, resumed an hour after the next opening.
    assert clock(Metric.RESOLVE, opened("23 17:00")).due_at == cn("25 18:00")
    history = [opened("23 17:00"), paused("25 19:00")]
    assert clock(Metric.RESOLVE, *history, event(K.RESUMED, "26 10:00")).overdue(cn("26 10:00"))
    assert clock(Metric.RESOLVE, *history, event(K.RESOLVED, "26 10:00")).state is State.LATE


def test_another_reason_moves_the_pause_to_other_clocks() -> None:
    history = [opened(MON, outcome="complex"), paused("23 10:00", "parts"), paused("23 11:00", "customer")]
    resolve = clock(Metric.RESOLVE, *history)
    assert resolve.state is State.RUNNING
    assert [(p.since, p.until) for p in resolve.pauses] == [(cn("23 10:00"), cn("23 11:00"))]


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (replace(paused("23 10:00"), reason="lunch"), "reason"),
        (replace(paused("23 10:00"), back_at=None), "back_at"),
        (replace(paused("23 10:00"), back_at=cn("23 10:00")), "back_at"),
        (event(K.CONTACT, "23 10:00", recorded_at=cn("25 10:01")), "at"),
        (event(K.CONTACT, "23 10:00", recorded_at=cn("23 09:59")), "at"),
    ],
)
def test_an_event_without_its_terms_is_refused(broken: object, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_event(broken, POLICY)  # type: ignore[arg-type]
    assert refused.value.field == field
    check_event(paused("23 10:00"), POLICY)
    check_event(event(K.CONTACT, "23 10:00", recorded_at=cn("25 10:00")), POLICY)


# -- changes


def test_used_time_and_pauses_carry_over_when_the_priority_changes() -> None:
    """Elsewhere: pause lost on priority change."""
    changed = clock(
        Metric.RESOLVE,
        opened(MON),
        paused("23 10:00"),
        event(K.RESUMED, "23 11:00"),
        event(K.CHANGED, "23 11:00", facts=Facts(grade="green", priority="urgent")),
    )
    assert (changed.due_at, changed.used) == (cn("23 14:00"), HOUR)  # 4 real hours, one of them used, one paused


def test_a_change_that_finds_the_clock_past_due_is_marked_and_told_once() -> None:
    urgent = event(K.CHANGED, "23 15:00", facts=Facts(grade="green", priority="urgent"))
    changed = clock(Metric.RESOLVE, opened(MON), urgent)
    assert changed.overdue_by_change
    assert changed.overdue(cn("23 15:00"))
    told = notices_due(changed, CN, POLICY, cn("23 15:00"))
    assert [n.name for n in told] == ["breach"]
    assert notices_due(changed, CN, POLICY, cn("30 15:00"), frozenset({(told[0].name, told[0].revision)})) == ()


def test_a_clock_that_was_overdue_already_is_not_overdue_by_change() -> None:
    shorter = event(K.CHANGED, "25 11:00", facts=Facts(grade="green", priority="urgent"))
    changed = clock(Metric.RESOLVE, opened(MON), shorter)
    assert changed.overdue(cn("25 11:00"))
    assert not changed.overdue_by_change
    assert notices(changed, CN, POLICY) == ()


def test_used_up_at_closing_time_is_not_missed_until_a_change_makes_it_so() -> None:
    # The same time of day on a working day that opens later: all open time is used an hour before it is due.
    early = replace(target(Metric.PLAN, "1 workday same time"), name="early")
    started = [opened("23 08:00"), event(K.PLAN_STARTED, "23 08:00", targets=(early,))]
    plan = book(*started).latest(Metric.PLAN, "early")
    assert plan is not None
    assert plan.due_at == cn("24 08:00")
    at = cn("24 07:30")
    hurried = revise(replace(plan, target=replace(target(Metric.PLAN, "2h"), name="early")), CN, at, CN, plan)
    assert [n.name for n in notices_due(hurried, CN, POLICY, at)] == ["breach"]


def test_the_overdue_mark_goes_when_the_policy_gives_more_time() -> None:
    """Elsewhere: overdue flag stays after the policy changed."""
    history = [opened(MON), event(K.CHANGED, "23 15:00", facts=Facts(grade="green", priority="urgent"))]
    eased = clock(Metric.RESOLVE, *history, event(K.CHANGED, "23 16:00", facts=Facts(grade="green")))
    assert not eased.overdue_by_change
    assert not eased.overdue(cn("23 16:00"))
    assert eased.due_at == cn("25 10:00")


def test_no_matching_rule_cancels_and_a_matching_one_goes_on_where_it_was() -> None:
    history = [opened(MON), event(K.CHANGED, "23 10:00", facts=Facts(grade="none"))]
    gone = clock(Metric.RESOLVE, *history)
    assert (gone.state, gone.due_at) == (State.CANCELLED, None)
    back = clock(Metric.RESOLVE, *history, event(K.CHANGED, "23 11:00", facts=Facts(grade="green")))
    assert (back.state, back.due_at, back.round) == (State.RUNNING, cn("25 10:00"), 1)


def test_a_promise_that_comes_back_keeps_the_pauses_it_missed() -> None:
    history = [
        opened(MON),
        paused("23 10:00"),
        event(K.CHANGED, "23 11:00", facts=Facts(grade="none")),
        event(K.CHANGED, "23 14:30", facts=Facts(grade="green")),
    ]
    waiting = clock(Metric.RESOLVE, *history)
    assert (waiting.state, waiting.used) == (State.PAUSED, HOUR)
    assert clock(Metric.RESOLVE, *history, event(K.RESUMED, "23 15:30")).due_at == cn("25 15:30")


def test_a_promise_the_change_adds_counts_from_its_own_beginning() -> None:
    changed = book(opened(MON), event(K.CHANGED, "23 09:30", facts=Facts(grade="green", priority="urgent")))
    assert changed.latest(Metric.ON_SITE).due_at == cn("23 11:00")  # type: ignore[union-attr]
    assert changed.latest(Metric.BOOK).state is State.CANCELLED  # type: ignore[union-attr]


def test_what_was_done_before_a_promise_was_made_is_not_promised() -> None:
    arrived = [opened(MON), event(K.ON_SITE, "23 09:20")]
    changed = book(*arrived, event(K.CHANGED, "23 09:30", facts=Facts(grade="green", priority="urgent")))
    assert changed.latest(Metric.ON_SITE) is None


def test_a_calendar_edit_moves_open_clocks_and_leaves_finished_ones() -> None:
    edit = event(K.CALENDAR_CHANGED, "24 20:00", calendar=CN_EDITED.version_id)
    moved = clock(Metric.RESOLVE, opened(MON), edit)
    assert (moved.due_at, moved.calendar) == (cn("26 10:00"), CN_EDITED.version_id)
    done = [opened(MON), event(K.RESOLVED, "24 15:00")]
    before, after = clock(Metric.RESOLVE, *done), clock(Metric.RESOLVE, *done, edit)
    assert after == before


def test_a_calendar_edit_is_previewed() -> None:
    clocks = [
        clock(Metric.RESOLVE, opened(MON)),
        clock(Metric.RESOLVE, opened("20 09:00")),
        clock(Metric.RESOLVE, opened(MON, priority="urgent")),
        clock(Metric.RESOLVE, opened(MON), event(K.RESOLVED, "24 15:00")),
    ]
    now = cn("25 12:00")
    preview = preview_calendar(clocks, CN, CN_EDITED, now)
    assert [(m.before, m.after) for m in preview.moves] == [
        (cn("25 10:00"), cn("26 10:00")),
        (cn("24 10:00"), cn("25 10:00")),
    ]
    assert (preview.become_overdue, preview.no_longer_overdue) == (0, 1)
    edited = recalendar(clocks[0], CN, CN_EDITED, cn("24 20:00"))
    assert preview_calendar([edited], CN_EDITED, CN, now).become_overdue == 1


# -- the end, and going on


def test_nothing_runs_after_resolve_except_the_follow_up() -> None:
    """Elsewhere: clock runs after resolve."""
    solved = book(
        opened(MON, grade="yellow"),
        event(K.CONTACT, "23 09:05"),
        event(K.HANDED_OVER, "23 09:30"),
        event(K.CUSTOMER_CONTACT, "23 10:00"),
        event(K.RESOLVED, "23 11:00"),
        event(K.CUSTOMER_CONTACT, "23 12:00"),
        event(K.CHANGED, "23 12:30", facts=Facts(grade="green", priority="urgent")),
    )
    assert [c.metric for c in solved.clocks if c.is_open] == [Metric.FOLLOW_UP]


def test_a_miss_does_not_grow_after_the_resolution() -> None:
    """Elsewhere: miss grows after resolution."""
    late = clock(Metric.RESOLVE, opened(MON), event(K.RESOLVED, "25 11:00"))
    assert (late.state, late.over_by) == (State.LATE, HOUR)
    assert left(late, CN, cn("2024-12-31 12:00")) == -HOUR
    assert elapsed(late, CN, cn("2024-12-31 12:00")) == 17 * HOUR


def test_what_is_overdue_when_the_ticket_is_resolved_was_missed() -> None:
    solved = book(opened(MON), event(K.RESOLVED, "23 15:00"))
    states = {c.metric: c.state for c in solved.clocks}
    assert states[Metric.FIRST_RESPONSE] is State.LATE
    assert states[Metric.BOOK] is State.CANCELLED


@pytest.mark.parametrize("reopened", ["24 15:00", "2024-09-30 15:00"], ids=["next day", "a week to the second"])
def test_reopened_within_a_week_the_resolve_clock_goes_on_and_the_gap_is_a_pause(reopened: str) -> None:
    history = [opened(MON), event(K.RESOLVED, "23 15:00"), event(K.REOPENED, reopened)]
    again = book(*history)
    resolve = again.latest(Metric.RESOLVE)
    assert resolve is not None
    assert (resolve.round, resolve.state) == (1, State.RUNNING)
    assert resolve.due_at == CN.add(cn("25 10:00"), CN.between(cn("23 15:00"), cn(reopened)))
    assert [o.state for o in resolve.former] == [State.MET]
    assert again.latest(Metric.FOLLOW_UP).state is State.CANCELLED  # type: ignore[union-attr]
    assert sum(c.metric is Metric.FIRST_RESPONSE for c in again.clocks) == 1


@pytest.mark.parametrize(
    "reopened",
    [event(K.REOPENED, "2024-09-30 15:01"), event(K.REOPENED, "24 15:00", same_fault=False)],
    ids=["after a week", "another fault"],
)
def test_reopened_later_or_for_another_fault_is_a_new_round(reopened: object) -> None:
    again = book(opened(MON), event(K.RESOLVED, "23 15:00"), reopened)  # type: ignore[arg-type]
    resolve = again.latest(Metric.RESOLVE)
    assert resolve is not None
    assert (resolve.round, resolve.started_at) == (2, reopened.at)  # type: ignore[attr-defined]
    changed = book(
        opened(MON),
        event(K.RESOLVED, "23 15:00"),
        reopened,  # type: ignore[arg-type]
        event(K.CHANGED, "2024-10-08 10:00", facts=Facts(grade="yellow")),
    )
    assert sum(c.metric is Metric.FIRST_RESPONSE for c in changed.clocks) == 1


def test_a_merge_cancels_here_and_keeps_the_earlier_due_there() -> None:
    source = book(opened("20 09:00"), event(K.MERGED_AWAY, "23 10:00", reason="merged into T-2"))
    assert {(c.state, c.reason) for c in source.clocks} == {(State.CANCELLED, "merged into T-2")}
    pauses = (Pause(cn("20 10:00"), cn("20 11:00")),)
    older = Promise(Metric.RESOLVE, "", target(Metric.RESOLVE, "16h open"), cn("20 09:00"), pauses)
    newer = replace(older, started_at=cn("24 09:00"))
    for promise, due in ((older, "24 11:00"), (newer, "25 10:00")):
        merged = clock(Metric.RESOLVE, opened(MON), event(K.MERGED_IN, "23 10:00", promises=(promise,)))
        assert (merged.state, merged.due_at) == (State.RUNNING, cn(due))


def test_a_cancelled_ticket_has_no_clock_left() -> None:
    gone = book(
        opened(MON), event(K.CANCELLED, "23 10:00", reason="wrong number"), event(K.CUSTOMER_CONTACT, "24 10:00")
    )
    assert not any(c.is_open for c in gone.clocks)


def test_a_late_entry_is_folded_in_where_it_happened() -> None:
    history = [opened(MON), event(K.RESOLVED, "25 11:00")]
    written_late = event(K.RESOLVED, "25 10:00", recorded_at=cn("25 12:00"))
    current = book(*history)
    with pytest.raises(Conflict):
        apply(current, written_late, RULES)
    assert clock(Metric.RESOLVE, *history, written_late).state is State.MET


def test_the_trail_tells_what_an_event_did() -> None:
    before = book(opened(MON))
    _after, trail = apply(before, paused("23 10:00"), RULES)
    (row,) = trail
    assert (row.metric, row.state_before, row.state_after) == (Metric.RESOLVE, State.RUNNING, State.PAUSED)
    assert (row.due_before, row.due_after, row.why) == (cn("25 10:00"), None, "parts")


def test_a_missing_version_is_named() -> None:
    with pytest.raises(NotFound, match="seed@9"):
        fold([replace(opened(MON), policy="seed@9")], RULES)
    with pytest.raises(NotFound, match="gone"):
        fold([replace(opened(MON), calendar="gone")], RULES)


# -- what other desks get wrong


def test_the_next_response_never_undercuts_the_first() -> None:
    """Elsewhere: update target beats first response."""
    waiting = book(opened(MON), event(K.CUSTOMER_CONTACT, "23 09:02"))
    assert waiting.latest(Metric.NEXT_RESPONSE) is None
    assert waiting.latest(Metric.FIRST_RESPONSE).due_at == cn("23 09:10")  # type: ignore[union-attr]


def test_a_holiday_is_the_desk_s_day_not_the_utc_day() -> None:
    """Elsewhere: holidays a day early."""
    # 1 October in Shanghai begins at 16:00 UTC on 30 September: the evening before is still open.
    assert CN.is_open(cn("2024-09-30 17:59"))
    assert not CN.is_open(cn("2024-10-01 10:00"))
    assert CN.is_open(cn("2024-10-08 09:00"))


def test_a_past_date_has_the_offset_of_its_own_day() -> None:
    """Elsewhere: today's offset used for past dates; due time read in the viewer's zone."""
    winter, summer = (
        clock(Metric.RESOLVE, opened(CN.instant(NIGHT_TIMES[name]), calendar=NIGHT)) for name in ("winter", "summer")
    )
    assert winter.due_at is not None
    assert summer.due_at is not None
    assert winter.due_at.astimezone(NIGHT.zone).strftime("%H:%M") == "06:00"
    assert summer.due_at.astimezone(NIGHT.zone).strftime("%H:%M") == "06:00"
    assert winter.due_at.utctimetuple().tm_hour == summer.due_at.utctimetuple().tm_hour + 1


NIGHT_TIMES = {
    name: cn(f"2024-{month}-15 12:00").replace(tzinfo=None) for name, month in (("winter", "01"), ("summer", "07"))
}


def test_warnings_come_in_open_hours_even_when_the_clock_crosses_days() -> None:
    """Elsewhere: warning fires at midnight because the SLA crossed a day."""
    resolve = clock(Metric.RESOLVE, opened("23 15:00"))
    rows = notices(resolve, CN, POLICY)
    assert [(n.name, n.at) for n in rows] == [
        ("used:0.5", cn("24 15:30")),
        ("used:0.75", cn("25 10:30")),  # 12 of 16 h
        ("breach", cn("25 16:00") + timedelta(microseconds=1)),
        ("step:+1h", cn("25 17:00")),
        ("step:+4h open", cn("26 11:00")),
    ]


def test_one_breach_is_told_once_also_after_a_pause() -> None:
    """Elsewhere: several breach notices for one breach."""
    history = [opened(MON), paused("25 11:00"), event(K.RESUMED, "25 15:00")]
    resumed = clock(Metric.RESOLVE, *history)
    assert resumed.overdue(cn("25 15:00"))
    assert "breach" not in [n.name for n in notices(resumed, CN, POLICY)]
    before = clock(Metric.RESOLVE, *history[:1])
    assert "breach" in [n.name for n in notices_due(before, CN, POLICY, cn("25 10:01"))]


def test_a_pause_reminds_at_its_planned_return() -> None:
    waiting = clock(Metric.RESOLVE, opened(MON), paused("23 10:00", back="26 09:00"))
    assert next_threshold_at(waiting, CN, POLICY) == cn("26 09:00")


def test_thresholds_that_were_told_are_left_out() -> None:
    running = clock(Metric.RESOLVE, opened(MON))
    told = frozenset({("used:0.5", running.revision)})
    assert next_threshold_at(running, CN, POLICY) == cn("24 09:30")
    assert next_threshold_at(running, CN, POLICY, told) == cn("24 15:00")


def test_a_due_time_explains_itself() -> None:
    due = explain_due(clock(Metric.RESOLVE, opened("28 15:00", outcome="complex")), CN)
    assert [c.name for c in due.closed if c.name] == ["National Day"] * 7
    assert [d.day for d, _ in due.special] == [29]
    assert sum((s.length for s in due.counted), timedelta(0)) == due.total == timedelta(hours=22.5)
    assert (due.start, due.due, due.target) == (cn("28 15:00"), cn("2024-10-08 18:00"), "3 workdays")
    with_pause = explain_due(clock(Metric.RESOLVE, opened(MON), paused("23 17:00"), event(K.RESUMED, "24 10:00")), CN)
    assert [p.moved for p in with_pause.pauses] == [2 * HOUR]
    assert with_pause.total == 16 * HOUR
