"""The breach forecast: the desk's own pace, the simulated queue, what one more agent changes, and its calibration."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.calibration import calibrate
from deskapp.domain.errors import Invalid
from deskapp.domain.forecast import DAY, HOUR, Arrivals, DeskPace, OpenTicket, ServiceTimes, Spell, forecast


def exponential(mean, n=4000, kind="any", seed=1):
    rng = Random(seed)
    return [Spell(kind, 0.0, rng.expovariate(1 / mean), True) for _ in range(n)]


TIMES = ServiceTimes(exponential(2 * HOUR))


@pytest.mark.parametrize("age", [0.0, HOUR, 5 * HOUR])
@pytest.mark.parametrize("left", [0.0, HOUR, 6 * HOUR])
def test_chance_follows_the_empirical_service_time(age, left):
    assert TIMES.unfinished("any", age, left) == pytest.approx(math.exp(-left / (2 * HOUR)), abs=0.04)


def test_an_old_ticket_of_a_kind_that_stalls_is_likelier_to_miss():
    stalling = exponential(HOUR, 800) + exponential(5 * DAY, 400, seed=2)
    times = ServiceTimes(stalling)
    assert times.unfinished("any", DAY, HOUR) > times.unfinished("any", 0.0, HOUR) + 0.3


def test_tickets_still_open_count_and_only_the_period_does():
    finished = exponential(HOUR, 300)
    still_open = [Spell("any", 0.0, 4 * HOUR, False)] * 300
    assert ServiceTimes(finished + still_open).unfinished("any", 0.0, 2 * HOUR) > 0.3
    entered_late = [Spell("any", 4 * HOUR, 5 * HOUR, True)] * 300
    times = ServiceTimes(finished + entered_late)
    assert times.unfinished("any", 0.0, HOUR) == pytest.approx(math.exp(-1), abs=0.06)


def test_a_kind_with_few_cases_leans_on_all_kinds():
    times = ServiceTimes([*exponential(2 * HOUR), Spell("rare", 0.0, 60.0, True)])
    assert times.unfinished("rare", 0.0, HOUR) == pytest.approx(TIMES.unfinished("any", 0.0, HOUR), abs=0.15)
    assert times.unfinished("unheard of", 0.0, HOUR) == pytest.approx(TIMES.unfinished("any", 0.0, HOUR), abs=0.02)


def test_where_little_was_seen_the_last_pace_goes_on():
    rng = Random(4)
    slowing = [Spell("any", 0.0, HOUR * rng.random(), True) for _ in range(900)]
    slowing += [Spell("any", 0.0, 20 * DAY, False)] * 100
    assert ServiceTimes(slowing).unfinished("any", 20 * DAY, 30 * DAY) > 0.9


def test_draws_have_the_distribution_they_are_drawn_from():
    rng = Random(7)
    draws = [TIMES.draw(rng, "any", 3 * HOUR) for _ in range(4000)]
    for left in (HOUR, 3 * HOUR):
        assert sum(d > left for d in draws) / 4000 == pytest.approx(TIMES.unfinished("any", 3 * HOUR, left), abs=0.025)


def test_waiting_tickets_queue_for_the_slots():
    """One slot, exponential work: the k-th in line ends after a gamma of k, so P(miss) is a Poisson sum."""
    tickets = [OpenTicket(f"t{k}", "any", 8 * HOUR + k, None) for k in range(6)]
    risks = {r.key: r.miss for r in forecast(tickets, TIMES, DeskPace(1, 1), runs=3000).tickets}
    for k in range(6):
        exact = sum(math.exp(-4) * 4**i / math.factorial(i) for i in range(k + 1))
        assert risks[f"t{k}"] == pytest.approx(exact, abs=0.035)


def test_the_queue_is_served_by_due_time_and_urgent_newcomers_go_first():
    tickets = [OpenTicket("late", "any", 20 * HOUR, None), OpenTicket("soon", "any", 4 * HOUR, None)]
    calm = {r.key: r.miss for r in forecast(tickets, TIMES, DeskPace(1, 1), runs=800).tickets}
    alone = forecast(tickets[1:], TIMES, DeskPace(1, 1), runs=800).tickets[0].miss
    assert calm["soon"] == pytest.approx(alone, abs=0.05)
    rush = DeskPace(1, 1, (Arrivals("any", 1 / HOUR, 2 * HOUR),))
    assert {r.key: r.miss for r in forecast(tickets, TIMES, rush, runs=800).tickets}["late"] > calm["late"] + 0.2


@pytest.mark.parametrize("slots", [None, 4])
def test_one_more_agent_spares_misses(slots):
    in_hand = [OpenTicket(f"a{i}", "any", 3 * HOUR, HOUR) for i in range(4)]
    waiting = [OpenTicket(f"w{i}", "any", 6 * HOUR, None) for i in range(6)]
    found = forecast(in_hand + waiting, TIMES, DeskPace(2, slots), runs=600)
    assert found.saved > 0.2
    assert all(r.miss_with_more <= r.miss for r in found.tickets)
    assert found.low <= found.expected <= found.high
    more = forecast(in_hand + waiting, TIMES, DeskPace(2, slots), runs=600, extra=4)
    assert more.saved > found.saved


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-DAY, 5 * DAY), st.one_of(st.none(), st.floats(0, 9 * DAY)), st.sampled_from(["any", "x"])),
        max_size=12,
    ),
    st.one_of(st.none(), st.integers(1, 5)),
    st.integers(0, 99),
)
def test_forecast_is_repeatable_and_its_chances_are_chances(rows, slots, seed):
    tickets = [OpenTicket(f"t{i}", kind, left, hand) for i, (left, hand, kind) in enumerate(rows)]
    desk = DeskPace(2, slots, (Arrivals("any", 1 / HOUR, DAY),))
    found = forecast(tickets, TIMES, desk, runs=20, seed=seed)
    assert found == forecast(tickets, TIMES, desk, runs=20, seed=seed)
    assert {r.key for r in found.tickets} == {t.key for t in tickets}
    chances = {r.key: r for r in found.tickets}
    for ticket in tickets:
        risk = chances[ticket.key]
        assert 0 <= risk.miss_with_more <= risk.miss <= 1
        assert ticket.left > 0 or (risk.miss == risk.miss_with_more == 1)
    assert list(found.tickets) == sorted(found.tickets, key=lambda r: (-r.miss, r.key))


def test_a_target_beyond_every_age_seen_is_marked_as_a_guess():
    tickets = [OpenTicket("far", "any", 400 * DAY, 0.0), OpenTicket("near", "any", HOUR, 0.0)]
    found = forecast(tickets, TIMES, DeskPace(1), runs=1)
    assert {r.key: r.guess for r in found.tickets} == {"far": True, "near": False}


def test_no_pace_no_forecast():
    with pytest.raises(Invalid, match="no ticket was finished"):
        ServiceTimes([Spell("any", 0.0, HOUR, False)])
    with pytest.raises(Invalid):
        forecast([], TIMES, DeskPace(0))


def test_the_forecast_is_calibrated_on_a_desk_that_keeps_its_pace():
    rng = Random(12)
    times = ServiceTimes(exponential(3 * HOUR, 1500) + exponential(30 * HOUR, 1500, seed=5))
    tickets, missed = [], []
    for i in range(3000):
        needs = rng.expovariate(1 / (3 * HOUR if rng.random() < 0.5 else 30 * HOUR))
        age = rng.random() * 8 * HOUR
        if needs <= age:
            continue
        left = rng.random() * 30 * HOUR
        tickets.append(OpenTicket(str(i), "any", left, age))
        missed.append(needs > age + left)
    risks = {r.key: r.miss for r in forecast(tickets, times, DeskPace(5), runs=1).tickets}
    score = calibrate([risks[t.key] for t in tickets], missed)
    assert score.error < 0.05
    assert score.brier < score.base_rate * (1 - score.base_rate)


def test_calibration_by_hand():
    score = calibrate([0.1, 0.1, 0.9, 0.9], [False, True, True, True])
    assert score.brier == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)
    assert [(b.count, b.forecast, b.observed) for b in score.bins] == [
        (2, pytest.approx(0.1), 0.5),
        (2, pytest.approx(0.9), 1.0),
    ]
    assert score.error == pytest.approx(0.25)
    perfect, coin = calibrate([1.0, 0.0], [True, False]), calibrate([0.5, 0.5], [True, False])
    assert perfect.skill(coin) == 1
    with pytest.raises(Invalid):
        calibrate([1.2], [True])
    with pytest.raises(Invalid):
        calibrate([], [])
