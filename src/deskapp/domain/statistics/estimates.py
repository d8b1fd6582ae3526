"""Estimates over strata and small summaries: weighted shares with their interval, quantiles, mean with its error."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.statistics.distributions import student_quantile
from deskapp.domain.statistics.proportions import Interval, proportion_interval


@dataclass(frozen=True, slots=True)
class Stratum:
    """What one stratum gives to an estimate: its records N, the n scored, the k that passed."""

    population: int
    n: int
    k: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its interval, and whether all records were seen (then there is no sampling error)."""

    share: float
    interval: Interval
    n: int
    population: int
    census: bool
    standard_error: float


def stratified_share(strata: Sequence[Stratum], *, confidence: float = 0.95) -> Estimate:
    """Return the pass rate of the population from strata sampled at different rates: Σ W_h·p_h.

    Source: Cochran 1977, 5.3 and 5.6, v = Σ W_h²·(1 − f_h)·p_h·q_h/(n_h − 1); the interval is Wilson's with the
    effective size n* = p·q/v (Dean & Pagano 2015), never more than what the finite population allows. A stratum in
    which all passed (v_h = 0) gives the effective size of Wilson's own spread at n_h, so that no false certainty
    comes of small strata. Strata of which nothing was scored are left out, their records too. Raises Invalid when
    nothing was scored.
    """
    seen = [s for s in strata if s.n > 0]
    if not seen:
        raise Invalid(N_("Nothing was scored: there is no pass rate."))
    total = sum(s.population for s in seen)
    scored = sum(s.n for s in seen)
    share = sum(s.population * s.k / s.n for s in seen) / total
    if all(s.n >= s.population for s in seen):
        return Estimate(share, Interval(share, share), scored, total, True, 0.0)
    variance = sum((s.population / total) ** 2 * _variance(s) for s in seen)
    # The overall share carries the spread: where it is 0 or 1 the design effect alone scales the sample size.
    spread = share * (1 - share)
    size = spread / variance if spread > 0 and variance > 0 else _effective_without_spread(seen, total)
    interval = proportion_interval(share * size, size, confidence=confidence)
    return Estimate(share, interval, scored, total, False, math.sqrt(variance))


def _variance(s: Stratum) -> float:
    if s.n >= s.population:
        return 0.0
    p = s.k / s.n
    if s.n == 1 or p in (0.0, 1.0):
        p = (s.k + 0.5) / (s.n + 1)
    return (1 - s.n / s.population) * p * (1 - p) / max(1, s.n - 1)


def _effective_without_spread(strata: Sequence[Stratum], total: int) -> float:
    weight = sum((s.population / total) ** 2 * (1 - s.n / s.population) / s.n for s in strata)
    return 1 / weight


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean, its standard error and interval, from n values."""

    value: float
    standard_error: float
    interval: Interval
    n: int


def mean_interval(values: Sequence[float], *, confidence: float = 0.95, population: int | None = None) -> Mean:
    """Return the mean with Student's interval (Cochran 1977, 2.7 and 2.8, with 1 − n/N where N is given)."""
    n = len(values)
    if not n:
        raise Invalid(N_("There is no mean of nothing."))
    mean = math.fsum(values) / n
    if n == 1:
        return Mean(mean, math.inf, Interval(-math.inf, math.inf), 1)
    rest = max(0.0, 1 - n / population) if population else 1.0
    error = math.sqrt(rest * math.fsum((v - mean) ** 2 for v in values) / (n - 1) / n)
    reach = student_quantile((1 + confidence) / 2, n - 1) * error
    return Mean(mean, error, Interval(mean - reach, mean + reach), n)


def stratified_mean(strata: Sequence[tuple[int, Sequence[float]]], *, confidence: float = 0.95) -> Mean:
    """Return the mean of a population from (N, values) of each stratum: Σ W_h·ȳ_h.

    Source: Cochran 1977, 5.3 to 5.5, v = Σ W_h²·(1 − f_h)·s_h²/n_h, Student's quantile with Σ(n_h − 1) degrees of
    freedom. Strata without values are left out, their records too; one value in a stratum that has more of them takes
    the spread of all. Raises Invalid for no values.
    """
    seen = [(max(size, len(values)), list(values)) for size, values in strata if values]
    if not seen:
        raise Invalid(N_("There is no mean of nothing."))
    total = sum(size for size, _values in seen)
    count = sum(len(values) for _size, values in seen)
    mean = math.fsum(size * math.fsum(values) / len(values) for size, values in seen) / total
    everything = [v for _size, values in seen for v in values]
    variance = math.fsum(
        (size / total) ** 2 * (1 - len(values) / size) * _spread(values, everything) / len(values)
        for size, values in seen
    )
    freedom = count - len(seen)
    if not variance:
        exact = all(len(values) >= size for size, values in seen) or count > 1
        return Mean(mean, 0.0, Interval(mean, mean) if exact else Interval(-math.inf, math.inf), count)
    error = math.sqrt(variance)
    reach = student_quantile((1 + confidence) / 2, freedom) * error if freedom > 0 else math.inf
    return Mean(mean, error, Interval(mean - reach, mean + reach), count)


def _spread(values: Sequence[float], everything: Sequence[float]) -> float:
    used = values if len(values) > 1 else everything
    mean = math.fsum(used) / len(used)
    return math.fsum((v - mean) ** 2 for v in used) / max(1, len(used) - 1)


# (a, b) of h = a·n + b·… in Hyndman & Fan's table, as h = n·p + m with m = a + b·p.
_PLOTTING = {
    "weibull": (0.0, 1.0), "hazen": (0.5, 0.0), "linear": (1.0, -1.0), "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 1 / 4), "interpolated_inverted_cdf": (0.0, 0.0),
}  # fmt: skip
_TYPES = {
    "1": "inverted_cdf", "nearest_rank": "inverted_cdf", "4": "interpolated_inverted_cdf", "5": "hazen",
    "6": "weibull", "7": "linear", "8": "median_unbiased", "9": "normal_unbiased", "inclusive": "linear",
    "exclusive": "weibull",
}  # fmt: skip


def quantile(values: Sequence[float], probability: float, method: str = "linear") -> float:
    """Return a quantile by one of the definitions of Hyndman & Fan 1996 (`linear` is their type 7, R's default)."""
    if not values or not 0 <= probability <= 1:
        raise Invalid(N_("There is no such quantile."))
    name = _TYPES.get(str(method), str(method))
    ordered, n = sorted(values), len(values)
    if name == "inverted_cdf":
        return ordered[max(0, math.ceil(n * probability - 1e-12) - 1)]
    if name not in _PLOTTING:
        raise Invalid(N_("There is no quantile method {method}."), method=method)
    a, b = _PLOTTING[name]
    position = n * probability + a + b * probability
    whole = math.floor(position + 1e-12)
    part = max(0.0, position - whole)
    low = ordered[min(n - 1, max(0, whole - 1))]
    high = ordered[min(n - 1, max(0, whole))]
    return low + part * (high - low)
