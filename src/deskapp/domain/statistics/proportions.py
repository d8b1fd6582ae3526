"""Intervals and tests for a proportion, and the sample sizes they ask for."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.statistics.distributions import (
    beta_quantile,
    binomial_cdf,
    binomial_pmf,
    bisect,
    normal_cdf,
    normal_quantile,
    z_value,
)

SIDES = ("two-sided", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval; a one-sided one has 0 or 1 as its open end."""

    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half of the distance between the ends."""
        return (self.high - self.low) / 2

    def overlaps(self, other: "Interval") -> bool:
        """Tell whether two intervals share a point; then neither may be ranked above the other."""
        return self.low <= other.high and other.low <= self.high


def proportion_interval(
    k: float, n: float, *, method: str = "wilson", confidence: float = 0.95, side: str = "two-sided", clip: bool = True
) -> Interval:
    """Return the confidence interval of k successes in n.

    Methods: wilson (Wilson 1927), wilson_cc (Newcombe 1998, method 4), clopper_pearson or exact (Clopper & Pearson
    1934, by the beta integral), mid_p (Berry & Armitage 1995), agresti_coull (Agresti & Coull 1998), jeffreys (Brown,
    Cai & DasGupta 2001), wald, arcsine, logit, probit, cloglog (as R's binom::binom.confint), lrt (likelihood ratio).
    Raises Invalid for an unknown method, an unknown side or impossible counts.
    """
    name = method.lower().replace("-", "_").replace(" ", "_")
    rule = _METHODS.get(_ALIASES.get(name, name))
    if rule is None or side not in SIDES or not 0 < confidence < 1:
        raise Invalid(
            N_("There is no interval {method} ({side}, {confidence})."),
            method=method,
            side=side,
            confidence=confidence,
            hint=N_("Use one of: {known}."),
            known=", ".join(_METHODS),
        )
    _check_counts(k, n)
    low, high = rule(k, n, z_value(confidence, side))
    if clip:
        low, high = max(0.0, low), min(1.0, high)
    return Interval(low if side != "upper" else 0.0, high if side != "lower" else 1.0)


def wilson_interval(
    k: float, n: float, *, population: float | None = None, confidence: float = 0.95, side: str = "two-sided"
) -> Interval:
    """Return Wilson's interval, with the finite-population correction where a population is given.

    The correction replaces n by n·(N−1)/(N−n) (Cochran 1977, 2.6: the variance shrinks by (N−n)/(N−1)); a census
    (n = N) has no sampling error: both ends are the proportion itself.
    """
    _check_counts(k, n)
    if population is None:
        return proportion_interval(k, n, confidence=confidence, side=side)
    if n > population:
        raise Invalid(N_("A sample of {n} can't come from {population} records."), n=n, population=population)
    share = k / n
    if n == population:
        return Interval(share, share)
    effective = n * (population - 1) / (population - n)
    return proportion_interval(share * effective, effective, confidence=confidence, side=side)


def binomial_test(k: int, n: int, p0: float, alternative: str = "two-sided") -> float:
    """Return the exact p-value of k successes in n against the rate p0.

    Two-sided: the sum of all outcomes not more probable than the one seen, with R's relative tolerance of 1e-7
    (R stats::binom.test). `less` and `greater` are the tails.

    Source: Clopper & Pearson 1934; two-sided by the order of Sterne 1954 (what is no likelier).
    """
    _check_counts(k, n)
    if alternative == "less":
        return binomial_cdf(k, n, p0)
    if alternative == "greater":
        return 1 - binomial_cdf(k - 1, n, p0) if k else 1.0
    if alternative != "two-sided":
        raise Invalid(N_("There is no alternative {alternative}."), alternative=alternative)
    seen = binomial_pmf(k, n, p0) * (1 + 1e-7)
    return min(1.0, math.fsum(p for p in (binomial_pmf(i, n, p0) for i in range(n + 1)) if p <= seen))


def sample_size(share: float, half_width: float, *, confidence: float = 0.95) -> int:
    """Return the records needed for a half-width in an endless population: n0 = z²pq/e², rounded up.

    Source: Cochran 1977, 4.4.
    """
    return _round(sample_size_exact(share, half_width, z_value(confidence) ** 2), "up")


def sample_size_finite(
    population: int,
    share: float = 0.5,
    half_width: float = 0.05,
    *,
    confidence: float = 0.95,
    chi_square: float | None = None,
    rounding: str = "up",
) -> int:
    """Return the records needed for a half-width in a population of N: X²NPQ ÷ (e²(N−1) + X²PQ).

    Source: Krejcie & Morgan 1970 (whose table rounds to the nearest); with X² = z² it is Cochran 1977, 4.4.
    """
    chi2 = z_value(confidence) ** 2 if chi_square is None else chi_square
    spread = chi2 * share * (1 - share)
    return min(population, _round(spread * population / (half_width**2 * (population - 1) + spread), rounding))


def sample_size_exact(share: float, half_width: float, chi2: float) -> float:
    """Return z²pq/e² unrounded.

    Source: Cochran 1977, 4.4.
    """
    return chi2 * share * (1 - share) / half_width**2


def expected_half_width(n: int, population: int, *, share: float = 0.5, confidence: float = 0.95) -> float:
    """Return the half-width to expect of n of N records, for a plan: finite Wilson; 0 for a census, 1 for none.

    Source: Wilson 1927 with the finite correction of Cochran 1977, 2.6.
    """
    if n <= 0:
        return 1.0
    return wilson_interval(share * n, n, population=population, confidence=confidence).half_width


def difference_interval(k1: int, n1: int, k2: int, n2: int, *, confidence: float = 0.95) -> Interval:
    """Return the interval of p1 − p2 from the two Wilson intervals (Newcombe 1998, method 10)."""
    p1, p2 = k1 / n1, k2 / n2
    a = proportion_interval(k1, n1, confidence=confidence)
    b = proportion_interval(k2, n2, confidence=confidence)
    return Interval(
        p1 - p2 - math.hypot(p1 - a.low, b.high - p2),
        p1 - p2 + math.hypot(a.high - p1, p2 - b.low),
    )


def _round(value: float, rounding: str) -> int:
    if rounding in ("up", "ceil", "ceiling"):
        return math.ceil(value - 1e-9)
    if rounding in ("nearest", "half_up"):
        return math.floor(value + 0.5)
    raise Invalid(N_("There is no rounding {rounding}."), rounding=rounding)


def _check_counts(k: float, n: float) -> None:
    if n <= 0 or not 0 <= k <= n:
        raise Invalid(N_("{k} of {n} is not a proportion."), k=k, n=n)


Bounds = tuple[float, float]


def _wilson(k: float, n: float, z: float) -> Bounds:
    p = k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At the ends the exact bound is 0 or 1; rounding must not push the proportion out of its own interval.
    return (0.0 if k == 0 else min(p, middle - reach)), (1.0 if k == n else max(p, middle + reach))


def _wilson_cc(k: float, n: float, z: float) -> Bounds:
    p, q, zz = k / n, 1 - k / n, z * z
    low = (2 * k + zz - 1 - z * math.sqrt(zz - 2 - 1 / n + 4 * p * (n * q + 1))) / (2 * (n + zz)) if k else 0.0
    high = (2 * k + zz + 1 + z * math.sqrt(zz + 2 - 1 / n + 4 * p * (n * q - 1))) / (2 * (n + zz)) if k < n else 1.0
    return low, high


def _tail(z: float) -> float:
    return 1 - normal_cdf(z)


def _clopper_pearson(k: float, n: float, z: float) -> Bounds:
    tail = _tail(z)
    return (
        beta_quantile(k, n - k + 1, tail) if k else 0.0,
        beta_quantile(k + 1, n - k, 1 - tail) if k < n else 1.0,
    )


def _mid_p(k: float, n: float, z: float) -> Bounds:
    tail, count, whole = _tail(z), int(k), int(n)

    def below(p: float) -> float:
        return binomial_cdf(count - 1, whole, p) + binomial_pmf(count, whole, p) / 2

    return (
        bisect(lambda p: (1 - below(p)) - tail, 0.0, 1.0) if k else 0.0,
        bisect(lambda p: tail - below(p), 0.0, 1.0) if k < n else 1.0,
    )


def _agresti_coull(k: float, n: float, z: float) -> Bounds:
    whole = n + z * z
    p = (k + z * z / 2) / whole
    reach = z * math.sqrt(p * (1 - p) / whole)
    return p - reach, p + reach


def _jeffreys(k: float, n: float, z: float) -> Bounds:
    tail = _tail(z)
    return (
        beta_quantile(k + 0.5, n - k + 0.5, tail) if k else 0.0,
        beta_quantile(k + 0.5, n - k + 0.5, 1 - tail) if k < n else 1.0,
    )


def _wald(k: float, n: float, z: float) -> Bounds:
    p = k / n
    reach = z * math.sqrt(p * (1 - p) / n)
    return p - reach, p + reach


def _arcsine(k: float, n: float, z: float) -> Bounds:
    angle, reach = math.asin(math.sqrt(k / n)), z / (2 * math.sqrt(n))
    return math.sin(max(0.0, angle - reach)) ** 2, math.sin(min(math.pi / 2, angle + reach)) ** 2


def _transformed(
    there: Callable[[float], float], back: Callable[[float], float], slope: Callable[[float], float]
) -> Callable[[float, float, float], Bounds]:
    """Return an interval made on a transformed scale by the delta method; exact where the share is 0 or 1."""

    def interval(k: float, n: float, z: float) -> Bounds:
        if k in (0, n):
            return _clopper_pearson(k, n, z)
        p = k / n
        reach = z * abs(slope(p)) * math.sqrt(p * (1 - p) / n)
        ends = sorted((back(there(p) - reach), back(there(p) + reach)))
        return ends[0], ends[1]

    return interval


def _lrt(k: float, n: float, z: float) -> Bounds:
    p = k / n

    def deviance(q: float) -> float:
        value = (k * math.log(p / q) if k else 0.0) + ((n - k) * math.log((1 - p) / (1 - q)) if k < n else 0.0)
        return 2 * value - z * z

    return (
        bisect(lambda q: -deviance(q), 1e-300, p) if k else 0.0,
        bisect(deviance, p, 1 - 1e-16) if k < n else 1.0,
    )


def _density(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


_METHODS: dict[str, Callable[[float, float, float], Bounds]] = {
    "wilson": _wilson,
    "wilson_cc": _wilson_cc,
    "clopper_pearson": _clopper_pearson,
    "mid_p": _mid_p,
    "agresti_coull": _agresti_coull,
    "jeffreys": _jeffreys,
    "wald": _wald,
    "arcsine": _arcsine,
    "logit": _transformed(
        lambda p: math.log(p / (1 - p)), lambda y: 1 / (1 + math.exp(-y)), lambda p: 1 / (p * (1 - p))
    ),
    "probit": _transformed(normal_quantile, normal_cdf, lambda p: 1 / _density(normal_quantile(p))),
    "cloglog": _transformed(
        lambda p: math.log(-math.log(p)), lambda y: math.exp(-math.exp(y)), lambda p: 1 / (p * math.log(p))
    ),
    "lrt": _lrt,
}
_ALIASES = {
    "exact": "clopper_pearson", "beta": "clopper_pearson", "cp": "clopper_pearson", "score": "wilson",
    "normal": "wald", "asymptotic": "wald", "agresti": "agresti_coull", "ac": "agresti_coull",
    "prop_test": "wilson_cc", "wilson_continuity": "wilson_cc", "midp": "mid_p",
    "likelihood_ratio": "lrt", "complementary_log": "cloglog",
}  # fmt: skip


def fraction_of(rate: float | Fraction | str) -> Fraction:
    """Read a rate such as 0.95 as the decimal it was written as (19/20), not as its nearest binary number."""
    return rate if isinstance(rate, Fraction) else Fraction(str(rate))
