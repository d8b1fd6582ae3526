"""Erlang C against published figures, the answer level, the usual day, ageing."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.errors import Invalid
from deskapp.domain.staffing import ageing, agents_needed, answer_level, erlang_b, erlang_c, load_by_hour, staffing

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_erlang_c_equals_the_published_example():
    """R package ErlangC 0.1.0, README: 100 calls in 30 minutes, 180 s each, 20 s target, 14 agents."""
    found = staffing(200, 180 * SECOND, 14, 20 * SECOND)
    assert found.load == 10
    assert found.wait_probability == pytest.approx(0.1741319, abs=5e-8)
    assert found.service_level == pytest.approx(0.88835, abs=5e-6)
    assert found.mean_wait.total_seconds() == pytest.approx(7.83593701177724, abs=1e-5)
    assert found.occupancy == pytest.approx(0.7142857, abs=5e-8)
    assert agents_needed(200, 180 * SECOND, 0.8, 20 * SECOND) == 14
    assert erlang_c(11, 10) == pytest.approx(0.6821182, abs=5e-8)


@pytest.mark.parametrize(
    ("agents", "load", "wait"),
    # M/M/1: rho; M/M/2 at half load: 1/3 (any queueing textbook); 360 calls of 4 minutes in half an hour, 55 agents.
    [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (55, 48.0, 0.2387), (3, 0.0, 0.0), (4, 4.0, 1.0), (4, 9.0, 1.0), (0, 0.0, 0.0)],
)
def test_erlang_c_at_known_points(agents, load, wait):
    assert erlang_c(agents, load) == pytest.approx(wait, abs=5e-5)


def test_erlang_b_table():
    """Standard Erlang B table: 10 trunks carry 4.461 erlangs at 1 % blocking, 5 trunks 1.361."""
    assert erlang_b(10, 4.461) == pytest.approx(0.01, abs=2e-5)
    assert erlang_b(5, 1.361) == pytest.approx(0.01, abs=2e-5)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 2000), st.integers(20, 900), st.integers(0, 120), st.integers(0, 120))
def test_more_agents_never_answer_fewer(calls, handling, agents, target):
    few = staffing(calls, handling * SECOND, agents, target * SECOND)
    more = staffing(calls, handling * SECOND, agents + 1, target * SECOND)
    assert 0 <= few.service_level <= more.service_level <= 1
    assert more.wait_probability <= few.wait_probability <= 1


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5])
def test_a_level_that_no_number_of_agents_gives_is_refused(level):
    with pytest.raises(Invalid):
        agents_needed(100, 180 * SECOND, level)


def test_answer_level_counts_late_abandons_as_missed():
    waits = [s * SECOND for s in (0, 12, 30, 31)]
    level = answer_level(waits, [5 * SECOND, 90 * SECOND])
    assert (level.offered, level.in_time, level.level) == (5, 3, 0.6)
    assert answer_level([]).level is None


def test_the_usual_day_is_the_median_of_the_same_weekdays():
    day, rng = date(2026, 3, 3), Random(1)
    counts = {day - w * 7 * DAY: [10 + rng.randrange(3) for _ in range(24)] for w in range(9)}
    counts |= {day - d * DAY: [99] * 24 for d in range(1, 7)}
    counts[day - 21 * DAY] = [500] * 24
    counts[day] = [11] * 10 + [40] + [0] * 13
    hours = load_by_hour(counts, day)
    assert all(10 <= h.usual <= 12 for h in hours)
    assert not hours[3].unusual
    assert hours[10].unusual
    assert hours[10].today == 40
    holiday = load_by_hour(counts, day, weeks=3, skip=frozenset({day - 21 * DAY}))
    assert holiday[0].high < 20
    assert load_by_hour({day: [1] * 24}, day)[0].usual is None


def test_ageing_buckets_hold_every_ticket_once():
    ages = [timedelta(hours=h) for h in (0, 3, 4, 23, 24, 30, 49, 80, 400)]
    buckets = ageing(ages)
    assert [b.count for b in buckets] == [2, 2, 2, 1, 1, 1]
    assert (buckets[0].start, buckets[-1].end) == (timedelta(0), None)
    with pytest.raises(Invalid):
        ageing(ages, [DAY, DAY])
