"""Known answers: every case of every file of the QA-statistics form, ours and those that DESKAPP_VECTORS names."""

import hashlib
import hmac
import json
import math
import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from deskapp.domain import agreement
from deskapp.domain.agreement_weights import agreement_weights
from deskapp.domain.errors import Invalid
from deskapp.domain.sampling import allocate, ticket
from deskapp.domain.scorecard import OnCritical
from deskapp.domain.scoring import record_score
from deskapp.domain.statistics import (
    Stratum,
    allowed_failures,
    binomial_test,
    difference_interval,
    fraction_of,
    operating_characteristic,
    p_chart,
    power,
    proportion_interval,
    quantile,
    sample_size,
    sample_size_finite,
    smallest_sample,
    stratified_share,
    verify_pass_rate,
    western_electric,
    wilson_interval,
)
from deskapp.domain.statistics.distributions import binomial_cdf, hypergeometric_cdf

Case = dict[str, Any]
OWN = Path(__file__).parent.parent / "data" / "qa_statistics"


def vector_files() -> Iterator[Path]:
    yield from sorted(OWN.glob("*.json"))
    for named in filter(None, os.environ.get("DESKAPP_VECTORS", "").split(os.pathsep)):
        path = Path(named)
        yield from [path] if path.is_file() else sorted(path.rglob("*.json"))


def cases() -> Iterator[Any]:
    for file in vector_files():
        content = json.loads(file.read_text(encoding="utf-8"))
        found = content.get("cases", []) if isinstance(content, dict) else []
        for number, case in enumerate(found):
            # Another suite's files may lie beside ours; its cases have no `expected`.
            if "expected" in case and "kind" in case:
                yield pytest.param(case, id=f"{file.stem}-{case.get('name', number)}")


def first(given: Case, *names: str, default: Any = None) -> Any:
    """Return the argument under the first of its names that is given."""
    return next((given[name] for name in names if given.get(name) is not None), default)


def proportion_ci(given: Case, expected: Any) -> Any:
    confidence = first(given, "confidence", default=1 - first(given, "alpha", default=0.05))
    raw = any(end is not None and not 0 <= end <= 1 for end in expected)
    method, side = given.get("method", "wilson"), given.get("side", "two-sided")
    found = proportion_interval(given["k"], given["n"], method=method, confidence=confidence, side=side, clip=not raw)
    # One end of a one-sided interval may be left open by the table.
    return [None if want is None else end for want, end in zip(expected, (found.low, found.high), strict=True)]


def proportion_ci_fpc(given: Case, _expected: Any) -> Any:
    assert given.get("method", "wilson") == "wilson"
    size, side = first(given, "N", "population"), given.get("side", "two-sided")
    found = wilson_interval(
        given["k"], given["n"], population=size, confidence=given.get("confidence", 0.95), side=side
    )
    return [found.low, found.high]


def verify(given: Case, expected: Any) -> Any:
    size = first(given, "population", "N")
    found = verify_pass_rate(
        given["passes"], given["n"], target=given["target"], alpha=given.get("alpha", 0.05), population=size
    )
    every = {"p_value": found.p_value, "proven": found.proven, "point_ok": found.point_ok}
    return {name: every[name] for name in expected}


def min_sample(given: Case, _expected: Any) -> Any:
    confidence = 1 - fraction_of(given["alpha"]) if "alpha" in given else fraction_of(given.get("confidence", 0.95))
    return smallest_sample(
        target=given["target"],
        confidence=confidence,
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
        confidence=given.get("confidence", 0.95),
        chi_square=given.get("chi2"),
        rounding=given.get("rounding", "up"),
    )


def allocation(given: Case, _expected: Any) -> Any:
    return allocate(
        given["sizes"],
        given["n"],
        minimum=first(given, "minimum", "min", "min_per_stratum", default=0),
        method={"largest_remainder": "proportional", "hamilton": "proportional"}.get(
            given.get("method", "proportional"), given.get("method", "proportional")
        ),
        already=first(given, "already", "drawn"),
    )


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
        every = {
            "value": found.value, "coefficient": found.value, "pa": found.observed, "pe": found.expected,
            "ci": found.interval and [found.interval.low, found.interval.high],
        }  # fmt: skip
        return {name: every[name] for name in expected}
    if isinstance(expected, str) and found.value is None:
        return expected if expected.lower().startswith(("n/a", "no variation")) else None
    return found.value


def units_kind(function: Callable[..., agreement.Coefficient]) -> Callable[[Case, Any], Any]:
    def run(given: Case, expected: Any) -> Any:
        weights = given.get("weights", "identity")
        return value_of(function(units_of(given), categories=given.get("categories"), weights=weights), expected)

    return run


def table_kind(function: Callable[..., agreement.Coefficient]) -> Callable[[Case, Any], Any]:
    def run(given: Case, expected: Any) -> Any:
        table = given["table"] if "table" in given else agreement.contingency(given["units"], given.get("categories"))
        weights = first(given, "weights", default="identity")
        return value_of(function(table, weights, categories=given.get("categories")), expected)

    return run


def alpha(given: Case, expected: Any) -> Any:
    order = first(given, "order", "value_domain")
    return value_of(agreement.krippendorff_alpha(units_of(given), given.get("level", "nominal"), order=order), expected)


def chart(given: Case, expected: Any) -> Any:
    sizes = given["n"] if isinstance(given["n"], list) else [given["n"]] * len(given["defectives"])
    found = p_chart(given["defectives"], sizes, rules=given.get("rules", [1, 4]), centre=first(given, "centre", "pbar"))
    one = not isinstance(expected.get("ucl", expected.get("lcl")), list)
    low, high = [p.low for p in found.points], [p.high for p in found.points]
    every = {
        "pbar": found.centre,
        "lcl": low[0] if one else low,
        "ucl": high[0] if one else high,
        "out": list(found.out()),
        "rule4": list(found.out(4)),
    }
    return {name: every[name] for name in expected}


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
    ids = sorted(given["ids"], key=lambda i: (ticket(given["seed"], i, given.get("label", "draw")), i))
    return ids[: given.get("n", len(ids))]


def scorecard(given: Case, expected: Any) -> Any:
    parts, critical = [], bool(given.get("critical"))
    for item in given["items"]:
        raw = first(item, "s", "score")
        out = item.get("na") or item.get("NA") or raw is None or str(raw).upper() in ("NA", "N/A")
        points = None if out or item.get("applies") is False else Fraction(str(raw))
        parts.append((Fraction(str(first(item, "w", "weight", default=1))), points))
        critical |= any(item.get(name) for name in ("critical", "crit", "fail_critical"))
        critical |= "critical" in (item.get("finding"), item.get("severity"))
    zero = given.get("on_critical") == "zero" or given.get("zero_on_critical")
    mark = Fraction(str(given.get("pass_mark", 80)))
    try:
        found = record_score(
            parts, critical=critical, pass_mark=mark, on_critical=OnCritical.ZERO if zero else OnCritical.KEEP
        )
    except Invalid:
        if expected in ("refused", "error", None):
            return expected
        assert expected.get("score") is None, "refused: under half of the weight applies"
        return expected
    every = {"score": float(found.exact), "result": found.result.name, "critical": found.critical}
    return {name: every[name] for name in expected}


def strata(given: Case, expected: Any) -> Any:
    rows = [Stratum(first(s, "N", "population"), s["n"], first(s, "k", "passes")) for s in given["strata"]]
    found = stratified_share(rows, confidence=given.get("confidence", 0.95))
    every = {"share": found.share, "p": found.share, "ci": [found.interval.low, found.interval.high],
             "se": found.standard_error}  # fmt: skip
    return {name: every[name] for name in expected} if isinstance(expected, dict) else found.share


def one_test(given: Case, _expected: Any) -> Any:
    return binomial_test(given["k"], given["n"], first(given, "p0", "p"), given.get("alternative", "two-sided"))


def infinite_size(given: Case, _expected: Any) -> Any:
    return sample_size(given["p"], given["e"], confidence=given.get("confidence", 0.95))


def power_case(given: Case, _expected: Any) -> Any:
    return power(
        given["n"],
        first(given, "true_rate", "p1"),
        target=given["target"],
        alpha=given.get("alpha", 0.05),
        population=given.get("population"),
    )


def allowed(given: Case, _expected: Any) -> Any:
    return allowed_failures(
        given["n"], target=given["target"], alpha=given.get("alpha", 0.05), population=given.get("population")
    )


def difference(given: Case, _expected: Any) -> Any:
    names = ("k1", "n1", "k2", "n2")
    found = difference_interval(*(given[name] for name in names), confidence=given.get("confidence", 0.95))
    return [found.low, found.high]


def percentile(given: Case, _expected: Any) -> Any:
    return quantile(given["values"], first(given, "q", "p"), first(given, "method", "type", default="linear"))


KINDS: dict[str, Callable[[Case, Any], Any]] = {
    "proportion_ci": proportion_ci,
    "proportion_ci_fpc": proportion_ci_fpc,
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
    "hypergeom_cdf": lambda given, _expected: float(
        hypergeometric_cdf(given["k"], given["N"], first(given, "K", "marked"), given["n"])
    ),
    "krippendorff_alpha": alpha,
    "agreement_weights": lambda given, _expected: agreement_weights(given["weights"], given["categories"]),
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
}.items():  # fmt: skip
    KINDS[name] = KINDS[other]


def close(found: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(close(found.get(k), v, tolerance) for k, v in expected.items())
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(close(a, b, tolerance) for a, b in zip(found, expected, strict=True))
    if isinstance(expected, bool) or not isinstance(expected, int | float) or found is None:
        return bool(found == expected)
    return math.isclose(found, expected, rel_tol=0, abs_tol=tolerance)


@pytest.mark.parametrize("case", list(cases()))
def test_known_answer(case: Case) -> None:
    assert case["kind"] in KINDS, f"unknown kind {case['kind']!r}"
    found = KINDS[case["kind"]](case["input"], case["expected"])
    assert close(found, case["expected"], case.get("tolerance", 0)), f"{found} instead of {case['expected']}"


def test_the_project_carries_its_own_answers() -> None:
    assert sum(1 for _ in cases()) >= 100
