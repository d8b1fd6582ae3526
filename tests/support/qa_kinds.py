"""How a case of the QA-statistics form is put to the functions that QA counts with; what a case names must be known."""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from deskapp.domain import agreement
from deskapp.domain.agreement_intervals import alpha_interval
from deskapp.domain.agreement_weights import agreement_weights
from deskapp.domain.errors import Invalid
from deskapp.domain.rater_bias import estimate_rater_bias
from deskapp.domain.sampling import allocate, double_scored, first_by_ticket, ticket
from deskapp.domain.scorecard import OnCritical
from deskapp.domain.scoring import record_score
from deskapp.domain.statistics import (
    Stratum,
    allowed_failures,
    binomial_test,
    difference_interval,
    expected_half_width,
    fraction_of,
    mean_interval,
    operating_characteristic,
    p_chart,
    power,
    proportion_interval,
    quantile,
    sample_size,
    sample_size_finite,
    smallest_sample,
    stratified_mean,
    stratified_share,
    verify_pass_rate,
    western_electric,
    wilson_interval,
)
from deskapp.domain.statistics.acceptance import critical_failures
from deskapp.domain.statistics.distributions import (
    binomial_cdf,
    binomial_pmf,
    hypergeometric_cdf,
    hypergeometric_pmf,
    normal_quantile,
    poisson_cdf,
    student_quantile,
)
from deskapp.domain.verification import verdict


class Given(dict[str, Any]):
    """The input of a case, which knows what of it was read: what nobody asked for was not understood."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__((name, _noting(value)) for name, value in content.items())
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)

    def unread(self) -> Iterator[str]:
        """The names that the case gives and that nothing looked at, those of its parts too."""
        yield from (name for name in self if name not in self.read)
        for name in self.read & set(self):
            value = super().__getitem__(name)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, Given):
                    yield from (f"{name}.{inner}" for inner in part.unread())


def _noting(value: Any) -> Any:
    if isinstance(value, dict):
        return Given(value)
    return [_noting(part) for part in value] if isinstance(value, list) else value


Case = dict[str, Any]


def answer(case: Case) -> Any:
    """What the code says to a case. Fails, naming it, for a kind or a parameter that it does not know."""
    kind = case["kind"]
    assert kind in KINDS, f"there is no kind {kind!r}; there are: {', '.join(sorted(KINDS))}"
    given = Given(case["input"])
    found = KINDS[kind](given, case["expected"])
    unknown = sorted(set(given.unread()))
    assert not unknown, f"{kind} does not know: {', '.join(unknown)}"
    return found


def first(given: Case, *names: str, default: Any = None) -> Any:
    """Return the argument under the first of its names that is given."""
    return next((given[name] for name in names if given.get(name) is not None), default)


def told(every: dict[str, Any], expected: Any) -> Any:
    """Of all that is known, what the case wants to know."""
    if not isinstance(expected, dict):
        return next(iter(every.values()))
    unknown = sorted(set(expected) - set(every))
    assert not unknown, f"nothing is known of: {', '.join(unknown)}"
    return {name: every[name] for name in expected}


def refused(question: Callable[[], Any], expected: Any) -> Any:
    """What a case may want of a question that has no answer: an error, or nothing."""
    try:
        return question()
    except Invalid:
        wanted = expected is None or (isinstance(expected, str) and expected.lower() in ("error", "refused", "invalid"))
        if not wanted:
            raise
        return expected


def confidence_of(given: Case) -> float:
    """The confidence, given as such or as its complement."""
    level = given.get("alpha")
    return float(first(given, "confidence", default=0.95 if level is None else 1 - fraction_of(level)))


SIDES = {
    "two.sided": "two-sided", "both": "two-sided", "greater": "lower", "less": "upper", "one-sided-lower": "lower",
    "one-sided-upper": "upper", "low": "lower", "high": "upper",
}  # fmt: skip


def proportion_ci(given: Case, expected: Any) -> Any:
    side = first(given, "side", "sides", "alternative", default="two-sided").replace("_", "-")
    size, method = first(given, "N", "population"), given.get("method", "wilson").replace(".", "_")
    confidence, side = confidence_of(given), SIDES.get(side, side)

    def interval() -> Any:
        if size is not None:
            assert method == "wilson", f"{method} has no finite-population correction"
            return wilson_interval(given["k"], given["n"], population=size, confidence=confidence, side=side)
        # A table may leave the limits of the normal approximation unclipped.
        raw = isinstance(expected, list) and any(end is not None and not 0 <= end <= 1 for end in expected)
        return proportion_interval(
            given["k"], given["n"], method=method, confidence=confidence, side=side, clip=not raw
        )

    found = refused(interval, expected)
    if found is expected:
        return expected
    if isinstance(expected, dict):
        return told({"low": found.low, "high": found.high, "lower": found.low, "upper": found.high,
                     "half_width": found.half_width}, expected)  # fmt: skip
    # One end of a one-sided interval may be left open by the table.
    return [None if want is None else end for want, end in zip(expected, (found.low, found.high), strict=True)]


def verify(given: Case, expected: Any) -> Any:
    size, goal, level = first(given, "population", "N"), fraction_of(given.get("target", 0.95)), alpha_of(given)

    def judged() -> Any:
        found = verify_pass_rate(given["passes"], given["n"], target=goal, alpha=level, population=size)
        said = verdict(given["passes"], given["n"], target=goal, alpha=level, population=size)
        return {"p_value": found.p_value, "proven": found.proven, "point_ok": found.point_ok,
                "verdict": said.verdict.value, "census": said.census}  # fmt: skip

    every = refused(judged, expected)
    return every if every is expected else told(every, expected)


def alpha_of(given: Case) -> Fraction:
    """The level of a test, given as such or as its complement."""
    sure = given.get("confidence")
    return fraction_of(first(given, "alpha", default=0.05 if sure is None else 1 - fraction_of(sure)))


def min_sample(given: Case, _expected: Any) -> Any:
    return smallest_sample(
        target=given.get("target", 0.95),
        confidence=1 - alpha_of(given),
        failures=first(given, "allowed_failures", "c", default=0),
        population=first(given, "N", "population"),
    )


def oc(given: Case, _expected: Any) -> Any:
    law = first(given, "law", "distribution", "type", default="binomial")
    return operating_characteristic(
        given["n"], given["c"], given["p"], law=law, population=first(given, "N", "population")
    )


def size_fpc(given: Case, _expected: Any) -> Any:
    return sample_size_finite(
        given["N"],
        first(given, "P", "p", default=0.5),
        given.get("e", 0.05),
        confidence=confidence_of(given),
        chi_square=given.get("chi2"),
        rounding=given.get("rounding", "up"),
    )


def allocation(given: Case, expected: Any) -> Any:
    method = given.get("method", "proportional")
    sizes = given["sizes"]
    question = {
        "minimum": first(given, "minimum", "min", "min_per_stratum", "floor", default=0),
        "method": "proportional" if method in ("largest_remainder", "hamilton", "hare") else method,
        "already": first(given, "already", "drawn"),
    }
    if not isinstance(sizes, dict):
        return refused(lambda: allocate(sizes, given["n"], **question), expected)
    found = refused(lambda: allocate([sizes[name] for name in sizes], given["n"], **question), expected)
    return found if found is expected else dict(zip(sizes, found, strict=True))


def units_of(given: Case) -> list[list[Any]]:
    """Return units × raters, from units, from raters' rows, or from counts by category."""
    if "units" in given:
        return given["units"]
    if rows := first(given, "reliability_data", "raters"):
        return [list(unit) for unit in zip(*rows, strict=True)]
    kinds = given.get("categories")
    return [
        [kinds[i] if kinds else i for i, n in enumerate(row) for _ in range(n)]
        for row in first(given, "value_counts", "counts", "table")
    ]


UNIT_NAMES = ("units", "reliability_data", "raters", "value_counts", "counts", "categories", "weights")


def value_of(found: agreement.Coefficient, expected: Any) -> Any:
    if isinstance(expected, dict):
        ends = found.interval and [found.interval.low, found.interval.high]
        value = dict.fromkeys(("value", "coefficient", "alpha", "ac", "ac1", "ac2", "kappa", "pi"), found.value)
        return told(value | {"pa": found.observed, "pe": found.expected, "observed": found.observed,
                             "expected": found.expected, "ci": ends, "interval": ends, "units": found.units,
                             "n": found.units, "why": found.why, "reason": found.why, "verdict": found.verdict},
                    expected)  # fmt: skip
    if isinstance(expected, str) and found.value is None:
        spelled = (found.why, "n/a", f"n/a ({found.why})")
        return expected if expected.lower() in spelled else f"n/a ({found.why})"
    return found.value


def units_kind(function: Callable[..., agreement.Coefficient]) -> Callable[[Case, Any], Any]:
    def run(given: Case, expected: Any) -> Any:
        found = function(
            units_of(given), categories=given.get("categories"), weights=first(given, "weights", default="identity"),
            confidence=confidence_of(given),
        )  # fmt: skip
        return value_of(found, expected)

    return run


def table_kind(function: Callable[..., agreement.Coefficient]) -> Callable[[Case, Any], Any]:
    def run(given: Case, expected: Any) -> Any:
        table = given["table"] if "table" in given else agreement.contingency(given["units"], given.get("categories"))
        weights = first(given, "weights", default="identity")
        return value_of(function(table, weights, categories=given.get("categories")), expected)

    return run


def alpha(given: Case, expected: Any) -> Any:
    level, units = first(given, "level", "metric", "level_of_measurement", default="nominal"), units_of(given)

    def found() -> Any:
        order = first(given, "order", "value_domain", "categories")
        return agreement.krippendorff_alpha(units, level, order=order)

    coefficient = refused(found, expected)
    if coefficient is expected:
        return expected
    if isinstance(expected, dict) and {"ci", "interval"} & set(expected):
        seed, rounds = first(given, "seed", default="1"), first(given, "rounds", default=400)
        coefficient = coefficient.with_interval(alpha_interval(units, level, seed=seed, rounds=rounds))
    return value_of(coefficient, expected)


def chart(given: Case, expected: Any) -> Any:
    counts, sizes = first(given, "defectives", "counts", "k"), first(given, "n", "sizes")
    if not isinstance(sizes, list):
        sizes = [sizes] * len(counts)
    found = refused(
        lambda: p_chart(
            counts, sizes, rules=given.get("rules", [1, 4]), centre=first(given, "centre", "center", "pbar"),
            sigmas=first(given, "sigmas", "sigma", default=3.0),
        ),
        expected,
    )  # fmt: skip
    if found is expected:
        return expected
    one = not isinstance(expected.get("ucl", expected.get("lcl")), list)
    low, high = [p.low for p in found.points], [p.high for p in found.points]
    every = {
        "pbar": found.centre,
        "p": [point.share for point in found.points],
        "z": [point.z for point in found.points],
        "lcl": low[0] if one else low,
        "ucl": high[0] if one else high,
        "out": list(found.out()),
        **{f"rule{rule}": list(found.out(rule)) for rule in (1, 2, 3, 4)},
    }
    return told(every, expected)


def zones(given: Case, expected: Any) -> Any:
    found = [list(pair) for pair in western_electric(given["z"], given.get("rules", (1, 2, 3, 4)))]
    return found if found == expected else sorted(found) if sorted(expected) == sorted(found) else found


def hmac_case(given: Case, _expected: Any) -> Any:
    key = bytes.fromhex(given["key_hex"]) if "key_hex" in given else first(given, "key_utf8", "key").encode()
    data = bytes.fromhex(given["data_hex"]) if "data_hex" in given else first(given, "data_utf8", "data").encode()
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def lot(given: Case, _expected: Any) -> Any:
    return ticket(given["seed"], given["id"], given.get("label", "draw"))


def order(given: Case, _expected: Any) -> Any:
    return list(first_by_ticket(given["ids"], given["seed"], given.get("label", "draw"),
                                given.get("n", len(given["ids"]))))  # fmt: skip


def scorecard(given: Case, expected: Any) -> Any:
    parts, critical = [], bool(given.get("critical"))
    for item in given["items"]:
        raw = first(item, "s", "score")
        out = [item.get("na"), item.get("NA"), item.get("applies") is False, raw is None]
        points = None if any(out) or str(raw).upper() in ("NA", "N/A") else Fraction(str(raw))
        parts.append((Fraction(str(first(item, "w", "weight", default=1))), points))
        told_critical = [item.get(name) for name in ("critical", "crit", "fail_critical")]
        critical |= any(told_critical) or "critical" in [item.get("finding"), item.get("severity")]
        for name in ("id", "name", "text"):
            item.get(name)
    zero = [given.get("on_critical") == "zero", given.get("zero_on_critical")]
    mark = Fraction(str(given.get("pass_mark", 80)))
    try:
        found = record_score(
            parts, critical=critical, pass_mark=mark, on_critical=OnCritical.ZERO if any(zero) else OnCritical.KEEP
        )
    except Invalid:
        if expected in ("refused", "error", None) or expected.get("score", "") is None:
            return expected
        raise
    return told({"score": float(found.exact), "result": found.result.name, "critical": found.critical,
                 "shown": float(found.shown)}, expected)  # fmt: skip


def strata(given: Case, expected: Any) -> Any:
    rows = [Stratum(first(s, "N", "population"), s["n"], first(s, "k", "passes")) for s in given["strata"]]
    found = refused(lambda: stratified_share(rows, confidence=confidence_of(given)), expected)
    if found is expected:
        return expected
    return told({"share": found.share, "p": found.share, "ci": [found.interval.low, found.interval.high],
                 "se": found.standard_error, "census": found.census, "n": found.n}, expected)  # fmt: skip


def mean(given: Case, expected: Any) -> Any:
    found = mean_interval(given["values"], confidence=confidence_of(given), population=first(given, "N", "population"))
    return mean_told(found, expected)


def strata_mean(given: Case, expected: Any) -> Any:
    rows = [(first(s, "N", "population"), s["values"]) for s in given["strata"]]
    return mean_told(stratified_mean(rows, confidence=confidence_of(given)), expected)


def mean_told(found: Any, expected: Any) -> Any:
    ends = [found.interval.low, found.interval.high]
    if isinstance(expected, list):
        return ends
    return told({"mean": found.value, "value": found.value, "se": found.standard_error, "ci": ends}, expected)


def bias(given: Case, expected: Any) -> Any:
    found = estimate_rater_bias(given["scores"], confidence=confidence_of(given))
    for row in given["scores"]:
        row.read |= set(row)
    return {line.rater: line.bias for line in found}


def one_test(given: Case, _expected: Any) -> Any:
    return binomial_test(given["k"], given["n"], first(given, "p0", "p"),
                         first(given, "alternative", "side", default="two-sided").replace(".", "-"))  # fmt: skip


def infinite_size(given: Case, _expected: Any) -> Any:
    rounding = given.get("rounding", "up")
    assert rounding in ("up", "ceil"), f"rounding {rounding}"
    return sample_size(first(given, "p", "P", default=0.5), given["e"], confidence=confidence_of(given))


def power_case(given: Case, _expected: Any) -> Any:
    return power(
        given["n"],
        first(given, "true_rate", "p1"),
        target=given.get("target", 0.95),
        alpha=alpha_of(given),
        population=first(given, "population", "N"),
    )


def allowed(given: Case, _expected: Any) -> Any:
    size = first(given, "population", "N")
    return allowed_failures(given["n"], target=given.get("target", 0.95), alpha=alpha_of(given), population=size)


def difference(given: Case, _expected: Any) -> Any:
    names = ("k1", "n1", "k2", "n2")
    method = given.get("method", "newcombe")
    assert method.startswith(("newcomb", "score")), f"there is no interval of a difference {method!r}"
    found = difference_interval(*(given[name] for name in names), confidence=confidence_of(given))
    return [found.low, found.high]


def hypergeometric(given: Case) -> tuple[int, int, int, int]:
    return given["k"], given["N"], first(given, "K", "marked"), given["n"]


def percentile(given: Case, _expected: Any) -> Any:
    return quantile(given["values"], first(given, "q", "p"), first(given, "method", "type", default="linear"))


KINDS: dict[str, Callable[[Case, Any], Any]] = {
    "proportion_ci": proportion_ci,
    "proportion_ci_fpc": proportion_ci,
    "binom_test": one_test,
    "min_sample_pass_rate": min_sample,
    "min_sample_finite": min_sample,
    "verify_pass_rate": verify,
    "allowed_failures": allowed,
    "power": power_case,
    "oc_curve": oc,
    "sample_size_fpc": size_fpc,
    "sample_size_infinite": infinite_size,
    "proportional_allocation": allocation,
    "gwet_ac": units_kind(agreement.gwet_ac),
    "fleiss_kappa": units_kind(agreement.fleiss_kappa),
    "brennan_prediger": units_kind(agreement.brennan_prediger),
    "gwet_ac_table": table_kind(agreement.gwet_ac_table),
    "cohen_kappa": table_kind(agreement.cohen_kappa),
    "scott_pi": table_kind(agreement.scott_pi),
    "raw_agreement": lambda given, expected: value_of(agreement.raw_agreement(units_of(given)), expected),
    "binom_cdf": lambda given, _expected: binomial_cdf(given["k"], given["n"], given["p"]),
    "binom_pmf": lambda given, _expected: binomial_pmf(given["k"], given["n"], given["p"]),
    "hypergeom_cdf": lambda given, _expected: float(hypergeometric_cdf(*hypergeometric(given))),
    "hypergeom_pmf": lambda given, _expected: float(hypergeometric_pmf(*hypergeometric(given))),
    "poisson_cdf": lambda given, _expected: poisson_cdf(given["k"], first(given, "mean", "mu", "lambda")),
    "normal_quantile": lambda given, _expected: normal_quantile(first(given, "p", "q")),
    "student_quantile": lambda given, _expected: student_quantile(
        first(given, "p", "q"), first(given, "df", "freedom")
    ),
    "critical_failures": lambda given, _expected: critical_failures(given["N"], fraction_of(given["target"])),
    "expected_half_width": lambda given, _expected: expected_half_width(
        given["n"], given["N"], share=first(given, "p", "P", default=0.5), confidence=confidence_of(given)
    ),
    "double_scored": lambda given, _expected: double_scored(
        given["n"], share=fraction_of(given.get("share", 0.2)), minimum=given.get("minimum", 30)
    ),
    "mean_ci": mean,
    "stratified_mean": strata_mean,
    "rater_bias": bias,
    "krippendorff_alpha": alpha,
    "agreement_weights": lambda given, expected: refused(
        lambda: agreement_weights(given["weights"], given["categories"]), expected
    ),
    "p_chart": chart,
    "western_electric": zones,
    "hmac_sha256": hmac_case,
    "hash_ticket": lot,
    "hash_order": order,
    "scorecard": scorecard,
    "stratified_share": strata,
    "difference_ci": difference,
    "quantile": percentile,
}
for name, other in {
    "cohen_kappa_table": "cohen_kappa", "cohens_kappa": "cohen_kappa", "weighted_kappa": "cohen_kappa",
    "kappa": "cohen_kappa", "scott_pi_table": "scott_pi", "percentile": "quantile", "stratified": "stratified_share",
    "stratified_proportion": "stratified_share", "newcombe": "difference_ci", "hash_draw": "hash_order",
    "draw_order": "hash_order", "binomial_test": "binom_test", "fleiss": "fleiss_kappa",
    "krippendorff": "krippendorff_alpha", "newcombe_ci": "difference_ci", "t_quantile": "student_quantile",
    "sample_size": "sample_size_infinite", "largest_remainder": "proportional_allocation",
    "percent_agreement": "raw_agreement", "weco": "western_electric", "score": "scorecard",
}.items():  # fmt: skip
    KINDS[name] = KINDS[other]
