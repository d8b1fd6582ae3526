"""The mass-fault detector: what it finds, what it must not find, and that it never looks ahead."""

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import use_language
from deskapp.domain.outbreak import DetectionRules, FaultLog, Report, episodes, scan
from deskapp.domain.surveillance import Growth, Prediction, block_baseline, day_weights, predict, tail_probability

RULES = DetectionRules()
START = datetime(2024, 1, 1, 10, tzinfo=UTC)


def quiet(rng, days, rate, *, product="F1", fault="cold", shape=lambda _day: 1.0, start=START):
    """Reports at `rate` a year as a Poisson process whose intensity follows `shape` of the day number."""
    found = []
    for day in range(days):
        expected = rate / 365 * shape(day)
        limit, product_of, n = math.exp(-expected), rng.random(), 0
        while product_of > limit:
            n, product_of = n + 1, product_of * rng.random()
        found += [Report(product, fault, f"{product}{fault}{day}.{i}", start + timedelta(days=day)) for i in range(n)]
    return found


def burst(first_day, last_day, customers, *, product="F1", fault="cold"):
    span = last_day - first_day
    return [
        Report(product, fault, f"burst{i}", START + timedelta(days=first_day + span * i / customers))
        for i in range(customers)
    ]


def test_a_burst_over_a_quiet_past_is_proposed_with_its_reasons():
    reports = quiet(random.Random(3), 400, 24) + burst(390, 400, 12)
    (signal,) = scan(reports, START + timedelta(days=400), RULES)
    assert (signal.product, signal.fault) == ("F1", "cold")
    assert signal.distinct_customers >= 12
    assert signal.expected < 3
    assert signal.p_value < RULES.alpha
    assert START + timedelta(days=391) <= signal.first_signal_at <= START + timedelta(days=400)
    assert signal.threshold <= signal.distinct_customers
    for figure in (str(signal.distinct_customers), str(signal.window_days), f"{signal.expected:.1f}"):
        assert figure in signal.explanation


def test_one_customer_calling_many_times_is_one():
    repeats = [Report("F1", "cold", "same", START + timedelta(days=390, hours=i)) for i in range(60)]
    assert scan(quiet(random.Random(3), 400, 24) + repeats, START + timedelta(days=400), RULES) == ()


def test_below_the_floor_nothing_is_proposed_however_improbable():
    at = START + timedelta(days=900)
    few = [Report("F1", "cold", f"c{i}", at - timedelta(hours=i)) for i in range(RULES.floor - 1)]
    old = [Report("F1", "other", "x", START)]
    assert scan(old + few, at, RULES) == ()
    assert scan([*old, *few, Report("F1", "cold", "one more", at)], at, RULES) != ()


def test_the_fault_is_told_from_the_rest_of_its_product():
    rng = random.Random(5)
    reports = quiet(rng, 400, 40, fault="noise") + quiet(rng, 400, 40) + burst(385, 400, 20)
    assert [s.fault for s in scan(reports, START + timedelta(days=400), RULES)] == ["cold"]


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("even", lambda _day: 1.0),
        ("season", lambda day: 1 + 0.4 * math.sin(day / 365 * 2 * math.pi)),
        ("heaps on the 1st", lambda day: 8.0 if (START + timedelta(days=day)).day == 1 else 0.77),
        ("slow rise", lambda day: math.exp(0.25 * day / 365)),
    ],
)
@pytest.mark.parametrize("rate", [3, 30, 150])
def test_quiet_series_raise_few_false_alarms(name, shape, rate):
    rng = random.Random(f"{name}{rate}")
    reports = [r for i in range(8) for r in quiet(rng, 1095, rate, product=f"P{i}", shape=shape)]
    first = START.toordinal() + 365
    found = episodes(FaultLog(reports, RULES), range(first, first + 730, 7))
    assert len(found) / (8 * 2) <= 0.2, f"{len(found)} false alarms in 16 series-years of {name}"


def test_what_the_whole_product_shares_is_no_mass_fault_of_one_part():
    rng = random.Random(9)
    summer = lambda day: 4.0 if day >= 380 else 1.0  # noqa: E731
    reports = [r for f in ("cold", "noise", "leak", "smell") for r in quiet(rng, 420, 60, fault=f, shape=summer)]
    alone = [r for r in reports if r.fault == "cold"]
    at = START + timedelta(days=415)
    assert scan(alone, at, RULES) != ()
    assert scan(reports, at, RULES) == ()


def test_a_new_product_is_judged_by_its_peers():
    old = quiet(random.Random(1), 700, 30, product="old", fault="cold")
    new = [Report("new", "cold", f"n{i}", START + timedelta(days=690 + i / 2)) for i in range(12)]
    (signal,) = scan(old + new, START + timedelta(days=696), RULES)
    assert (signal.product, signal.baseline_days) == ("new", 0)
    assert 0 < signal.expected < 3


def test_a_young_log_is_no_mass_fault():
    """Ninety days of an ordinary desk: nothing is usual yet for a window of 84 days, and nothing is out of line."""
    rng = random.Random(8)
    reports = [r for p in "ABCDE" for f in ("cold", "noise", "leak") for r in quiet(rng, 92, 200, product=p, fault=f)]
    assert scan(reports, START + timedelta(days=91), RULES) == ()
    fresh = reports + burst(85, 92, 25, product="A")
    assert [(s.product, s.fault) for s in scan(fresh, START + timedelta(days=91), RULES)] == [("A", "cold")]


def test_an_old_outbreak_does_not_deafen_the_series():
    reports = quiet(random.Random(2), 700, 24) + burst(300, 330, 40)
    again = [replace(r, customer=f"again{r.customer}", reported_at=r.reported_at) for r in burst(690, 700, 14)]
    assert scan(reports + again, START + timedelta(days=700), RULES) != ()


def test_late_reports_count_when_they_arrive_and_nothing_is_known_early():
    reports = quiet(random.Random(3), 400, 24) + burst(390, 400, 12)
    seen = scan(reports, START + timedelta(days=400), RULES)[0].first_signal_at
    for day in range(380, 400):
        at = START + timedelta(days=day)
        known = [r for r in reports if r.reported_at <= at]
        assert scan(reports, at, RULES) == scan(known, at, RULES)
    assert not scan(reports, seen - timedelta(days=2), RULES)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("AB"), st.sampled_from("xy"), st.integers(0, 30), st.integers(0, 200)), max_size=120
    ),
    st.integers(0, 200),
)
def test_the_future_never_changes_the_past(rows, day):
    reports = [Report(p, f, f"c{c}", START + timedelta(days=d)) for p, f, c, d in rows]
    at = START + timedelta(days=day)
    signals = scan(reports, at, RULES)
    assert signals == scan([r for r in reports if r.reported_at <= at], at, RULES)
    for signal in signals:
        assert signal.first_signal_at <= at
        exact = {
            r.customer
            for r in reports
            if (r.product, r.fault) == (signal.product, signal.fault) and signal.window_start <= r.reported_at <= at
        }
        assert set(signal.customers) == exact
        assert signal.distinct_customers == len(signal.customers) >= max(RULES.floor, signal.threshold)


def test_the_window_is_counted_in_the_desks_days():
    shanghai = replace(RULES, zone=ZoneInfo("Asia/Shanghai"), windows=(1,), baseline_days=60)
    at = datetime(2024, 3, 1, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    reports = [Report("F", "x", f"c{i}", at - timedelta(hours=i)) for i in range(12)]
    reports.append(Report("F", "other", "old", at - timedelta(days=99)))
    (signal,) = scan(reports, at, shanghai)
    assert signal.window_start == datetime(2024, 2, 29, 16, tzinfo=UTC)
    assert signal.distinct_customers == 12
    (later,) = scan([*reports, Report("F", "x", "c99", at)], at, replace(shanghai, zone=UTC))
    assert later.distinct_customers == 13


def test_impossible_rules_and_naive_times_are_refused():
    with pytest.raises(Invalid, match="floor"):
        DetectionRules(floor=1)
    with pytest.raises(Invalid, match="baseline_days"):
        DetectionRules(windows=(28,), baseline_days=30)
    with pytest.raises(Invalid, match="time zone"):
        FaultLog([Report("a", "b", "c", datetime(2024, 1, 1))], RULES)  # noqa: DTZ001


# Tails from the definition: Poisson(3): P(Y≥8) = 0.0119045; NB(mean 2, size 0.5): P(Y≥6) = 0.0931702.
@pytest.mark.parametrize(
    ("count", "prediction", "expected"),
    [
        (8, Prediction(3.0, math.inf, 1.0), 0.011904504),
        (6, Prediction(2.0, 0.5, 1.0), None),
        (0, Prediction(2.0, 0.5, 1.0), 1.0),
        (1, Prediction(40.0, 8.0, 1.0), None),
        (300, Prediction(120.0, 30.0, 1.0), None),
    ],
)
def test_tail_probability_is_the_sum_of_the_distribution(count, prediction, expected):
    def pmf(k):
        m, r = prediction.mean, prediction.size
        if r == math.inf:
            return math.exp(k * math.log(m) - m - math.lgamma(k + 1))
        p = r / (r + m)
        return math.exp(math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1) + r * math.log(p) + k * math.log1p(-p))

    direct = 1 - math.fsum(pmf(k) for k in range(count))
    assert tail_probability(count, prediction) == pytest.approx(expected or direct, rel=1e-6, abs=1e-14)


@given(st.integers(0, 200), st.floats(0.01, 150), st.floats(0.05, 1e6))
@settings(max_examples=60, deadline=None)
def test_tail_probability_falls_with_the_count_and_stays_a_probability(count, mean, size):
    prediction = Prediction(mean, size, 1.0)
    here, above = tail_probability(count, prediction), tail_probability(count + 1, prediction)
    assert 0 <= above <= here + 1e-9 <= 1 + 2e-9


def test_baseline_follows_a_rise_but_never_beyond_what_was_seen():
    rising = [30, 27, 25, 22, 20, 18, 16, 14, 12, 10]
    flat = block_baseline(rising, [7.0] * 10, prior_rate=1.0, trend=False, ahead=2)
    led = block_baseline(rising, [7.0] * 10, prior_rate=1.0, trend=True, ahead=2)
    assert flat.rate < led.rate <= 30 / 7
    falling = block_baseline(rising[::-1], [7.0] * 10, prior_rate=1.0, trend=True, ahead=2)
    assert falling.rate == pytest.approx(flat.rate, rel=0.05)


def test_an_uncertain_baseline_widens_the_prediction():
    short = predict(block_baseline([2], [7.0], prior_rate=0.3, trend=True, ahead=1), 7, Growth())
    long = predict(block_baseline([2] * 40, [7.0] * 40, prior_rate=0.3, trend=True, ahead=1), 7, Growth())
    assert tail_probability(8, short) > 5 * tail_probability(8, long)


def test_day_weights_find_the_heap_and_ignore_thin_days():
    days = [START.toordinal() + d for d in range(730)]
    heaped = sorted(days + [d for d in days if (START + timedelta(days=d - days[0])).day == 1] * 9)
    weights = day_weights(heaped)
    assert 2.5 < weights[1] < 10
    assert all(w == 1.0 for w in weights[2:])
    assert day_weights([]) == (1.0,) * 32


def test_the_explanation_speaks_chinese():
    reports = quiet(random.Random(3), 400, 24) + burst(390, 400, 12)
    (signal,) = scan(reports, START + timedelta(days=400), RULES)
    use_language("zh")
    try:
        assert f"最近 {signal.window_days} 天有 {signal.distinct_customers} 位不同客户" in signal.explanation
        assert "customers" not in signal.explanation
    finally:
        use_language("en")
