"""Properties of the QA statistics that no table of answers states."""

import importlib
import inspect
import math
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.agreement import (
    Coefficient,
    brennan_prediger,
    cohen_kappa,
    contingency,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    raw_agreement,
)
from deskapp.domain.agreement_intervals import alpha_interval, bootstrap_interval, jackknife_interval
from deskapp.domain.errors import Invalid
from deskapp.domain.rater_bias import estimate_rater_bias
from deskapp.domain.statistics import (
    Stratum,
    allowed_failures,
    mean_interval,
    p_chart,
    power,
    power_table,
    proportion_interval,
    smallest_sample,
    stratified_share,
    wilson_interval,
)
from deskapp.domain.statistics.distributions import (
    beta_cdf,
    binomial_cdf,
    binomial_cdf_exact,
    hypergeometric_cdf,
    student_quantile,
)
from deskapp.domain.statistics.proportions import fraction_of

METHODS = ["wilson", "wilson_cc", "clopper_pearson", "mid_p", "agresti_coull", "jeffreys", "wald", "logit", "lrt"]
counts = st.integers(1, 120).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(max_examples=60, deadline=None)
@given(counts, st.sampled_from(METHODS))
def test_an_interval_holds_its_share_mirrors_and_grows_with_confidence(found: tuple[int, int], method: str) -> None:
    k, n = found
    inner = proportion_interval(k, n, method=method, confidence=0.8)
    outer = proportion_interval(k, n, method=method, confidence=0.99)
    mirror = proportion_interval(n - k, n, method=method, confidence=0.8)
    assert 0 <= outer.low <= inner.low + 1e-9
    assert inner.high - 1e-9 <= outer.high <= 1
    assert inner.low - 1e-9 <= k / n <= inner.high + 1e-9 or method == "agresti_coull"
    assert (mirror.low, mirror.high) == pytest.approx((1 - inner.high, 1 - inner.low), abs=1e-9)


@settings(max_examples=60)
@given(counts, st.integers(0, 1000))
def test_a_finite_population_narrows_to_nothing_at_the_census(found: tuple[int, int], more: int) -> None:
    k, n = found
    narrow = wilson_interval(k, n, population=n + more)
    wide = wilson_interval(k, n)
    assert wide.low - 1e-12 <= narrow.low <= k / n <= narrow.high <= wide.high + 1e-12
    assert (narrow.half_width == 0) == (more == 0)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_proportion_is_refused(k: int, n: int) -> None:
    with pytest.raises(Invalid):
        proportion_interval(k, n)


def test_an_unknown_method_names_the_known() -> None:
    with pytest.raises(Invalid) as refused:
        proportion_interval(1, 2, method="guess")
    assert "wilson" in refused.value.hint


def test_the_laws_agree_with_their_exact_forms() -> None:
    for k, n, p in ((3, 60, "0.05"), (0, 59, "0.05"), (40, 90, "0.4"), (59, 60, "0.99")):
        assert binomial_cdf(k, n, float(p)) == pytest.approx(float(binomial_cdf_exact(k, n, fraction_of(p))), abs=1e-13)
    assert float(hypergeometric_cdf(2, 100_000, 5_000, 59)) == pytest.approx(binomial_cdf(2, 59, 0.05), abs=1e-3)
    assert beta_cdf(2, 3, 0.4) == pytest.approx(0.5248, abs=1e-12)  # 6x² − 8x³ + 3x⁴ at 0.4
    # Student's table: t(0.975; 4), t(0.975; 30)
    assert student_quantile(0.975, 4) == pytest.approx(2.776445, abs=1e-6)
    assert student_quantile(0.025, 30) == pytest.approx(-2.042272, abs=1e-6)


def test_the_plan_says_which_n_gives_which_power() -> None:
    assert [allowed_failures(n) for n in (58, 59, 92, 93)] == [None, 0, 0, 1]
    assert power(58, 1.0) == 0
    assert power(59, 1.0) == 1
    assert power(59, 0.99) == pytest.approx(0.99**59)
    table = power_table((20, 59, 124), 0.99, population=100)
    assert [(row.n, row.allowed) for row in table] == [(20, None), (59, 1)]
    assert smallest_sample(population=10) == 10
    assert smallest_sample(population=10, failures=10) is None


def test_a_stratum_sampled_thinly_counts_by_its_records_not_by_its_sample() -> None:
    found = stratified_share([Stratum(900, 30, 30), Stratum(100, 30, 15)])
    assert found.share == pytest.approx(0.95)
    assert found.interval.low < 0.95 < found.interval.high
    assert found.standard_error > 0
    census = stratified_share([Stratum(10, 10, 9), Stratum(5, 5, 5)])
    assert (census.census, census.interval.half_width) == (True, 0)
    perfect = stratified_share([Stratum(500, 10, 10), Stratum(500, 10, 10)])
    assert perfect.interval.high == 1
    assert perfect.interval.low == pytest.approx(wilson_interval(20, 20, population=1000).low, abs=0.01)
    with pytest.raises(Invalid):
        stratified_share([Stratum(10, 0, 0)])


def test_proportional_strata_agree_with_plain_wilson() -> None:
    one = stratified_share([Stratum(1000, 100, 90)]).interval
    plain = wilson_interval(90, 100, population=1000)
    assert (one.low, one.high) == pytest.approx((plain.low, plain.high), abs=0.002)


def test_a_chart_without_variation_signals_nothing() -> None:
    chart = p_chart([0, 0], [10, 12])
    assert (chart.centre, chart.out(), chart.varying) == (0, (), True)
    with pytest.raises(Invalid):
        p_chart([1], [0])


COEFFICIENTS = [raw_agreement, krippendorff_alpha, gwet_ac, fleiss_kappa, brennan_prediger]


@pytest.mark.parametrize("function", COEFFICIENTS[1:])
def test_all_equal_ratings_have_no_coefficient(function: object) -> None:
    found = function([[5, 5], [5, 5], [5, None]])  # type: ignore[operator]
    assert (found.value, found.why, found.verdict) == (None, "no variation", "n/a")
    assert function([]).value is None  # type: ignore[operator]
    assert gwet_ac([[1, 1], [1, 1]], categories=[0, 1]).value is None
    assert cohen_kappa([[4, 0], [0, 0]]).value is None


units = st.lists(st.lists(st.sampled_from([0, 1, 2, None]), min_size=3, max_size=3), min_size=2, max_size=14)


@settings(max_examples=80)
@given(units, st.randoms(use_true_random=False), st.sampled_from(range(len(COEFFICIENTS))))
def test_agreement_is_at_most_one_and_the_order_is_nothing(found: list[list[int | None]], rnd: object, i: int) -> None:
    first = COEFFICIENTS[i](found)
    rnd.shuffle(found)  # type: ignore[attr-defined]
    for unit in found:
        rnd.shuffle(unit)  # type: ignore[attr-defined]
    second = COEFFICIENTS[i](found)
    if first.value is None:
        assert second.why == first.why != ""
    else:
        assert second.value is not None
        assert first.value == pytest.approx(second.value)
        assert first.value <= 1 + 1e-9


def test_rater_order_matters_to_a_table_only() -> None:
    table = contingency([[0, 1], [1, 1], [0, 0], [0, None]], [0, 1])
    assert table == [[1, 1], [0, 1]]


def test_the_verdict_follows_the_published_marks() -> None:
    marks = [Coefficient("a", value).verdict for value in (0.80, 0.79, 0.667, 0.66, None)]
    assert marks == ["rely", "tentative", "tentative", "recalibrate", "n/a"]


def test_resampled_intervals_are_the_same_every_time_and_hold_the_value() -> None:
    rnd = random.Random(5)
    rated = [[x := rnd.randint(1, 5), x if rnd.random() < 0.8 else rnd.randint(1, 5)] for _ in range(40)]
    value = krippendorff_alpha(rated, "interval").value
    statistic = lambda u: krippendorff_alpha(u, "interval")  # noqa: E731
    first = bootstrap_interval(rated, statistic, seed="m05", rounds=200)
    assert first == bootstrap_interval(rated, statistic, seed="m05", rounds=200)
    assert first != bootstrap_interval(rated, statistic, seed="m06", rounds=200)
    assert alpha_interval(rated, "interval", seed="m05", rounds=200) == first
    left_out = jackknife_interval(rated, statistic)
    parts = [statistic([*rated[:i], *rated[i + 1 :]]).value for i in range(len(rated))]
    spread = sum((part - sum(parts) / 40) ** 2 for part in parts)  # type: ignore[operator, arg-type]
    many = alpha_interval(rated * 25, "interval", seed="m05")
    assert first is not None
    assert many is not None
    assert left_out is not None
    assert value is not None
    assert first.low < many.low < value < many.high < first.high
    assert value - left_out.low == pytest.approx(2.0227 * (39 / 40 * spread) ** 0.5, rel=1e-4)
    assert first.low <= value <= first.high
    assert left_out.low <= value <= left_out.high
    assert bootstrap_interval([[1, 1]] * 5, krippendorff_alpha, seed="x", rounds=20) is None


INJECTED = {"strict": -6.0, "even": 1.0, "lenient": 5.0}


def simulated(pairs: int, seed: int = 11) -> list[dict[str, float]]:
    """Scores of records of very different quality by two of three raters each, easy records mostly to the lenient."""
    rnd = random.Random(seed)
    rows = []
    for n in range(pairs):
        who = rnd.sample(sorted(INJECTED), 2)
        quality = rnd.gauss(82 if "lenient" in who else 70, 9)
        rows.append({name: quality + INJECTED[name] + rnd.gauss(0, 4) for name in who})
        if n % 3 == 0:
            rows.append({"lenient": rnd.gauss(95, 2)})
    return rows


def test_the_bias_put_in_is_found_again() -> None:
    found = {bias.rater: bias for bias in estimate_rater_bias(simulated(240))}
    for name, injected in INJECTED.items():
        assert found[name].bias == pytest.approx(injected, abs=0.8)
        assert found[name].interval.low <= injected <= found[name].interval.high
    assert found["strict"].clear
    assert found["lenient"].clear
    assert sum(bias.bias for bias in found.values()) == pytest.approx(0, abs=1e-9)
    assert found["even"].spread == pytest.approx(4, abs=0.5)


def test_the_interval_of_a_bias_holds_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(120):
        found = {bias.rater: bias for bias in estimate_rater_bias(simulated(30, seed))}
        inside += found["strict"].interval.low <= -6 <= found["strict"].interval.high
    assert 105 <= inside <= 120


def test_raters_who_share_nothing_are_not_compared() -> None:
    rows = [{"a": 80.0, "b": 90.0}] * 3 + [{"c": 10.0, "d": 30.0}] * 3 + [{"e": 50.0}]
    found = {bias.rater: bias.bias for bias in estimate_rater_bias(rows)}
    assert found == pytest.approx({"a": -5, "b": 5, "c": -10, "d": 10})
    lone = estimate_rater_bias([{"a": 80.0, "b": 90.0}])
    assert math.isinf(lone[0].interval.high)
    assert not lone[0].clear


def test_a_mean_of_one_has_no_known_error() -> None:
    assert math.isinf(mean_interval([80.0]).standard_error)
    assert mean_interval([80.0, 90.0], population=2).interval.half_width == 0


# What reads, checks or turns over, and is no formula.
NO_FORMULA = {"bisect", "fraction_of", "contingency", "paired", "is_number"}


@pytest.mark.parametrize(
    "name",
    ["statistics.acceptance", "statistics.control", "statistics.distributions", "statistics.estimates",
     "statistics.proportions", "agreement", "agreement_intervals", "agreement_weights", "rater_bias"],
)  # fmt: skip
def test_every_formula_names_its_source(name: str) -> None:
    module = importlib.import_module(f"deskapp.domain.{name}")
    own = {n: f for n, f in vars(module).items() if inspect.isfunction(f) and f.__module__ == module.__name__}
    formulas = {n: f.__doc__ or "" for n, f in own.items() if not n.startswith("_") and n not in NO_FORMULA}
    assert formulas
    assert [n for n, doc in formulas.items() if not re.search(r"Source: |Abramowitz|\b(1[89]|20)\d\d\b", doc)] == []
