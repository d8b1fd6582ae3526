"""Distributions that the QA figures stand on: normal, beta, Student, binomial, hypergeometric; no heavy packages."""

import math
from collections.abc import Callable
from fractions import Fraction
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300


def normal_quantile(probability: float) -> float:
    """Return z with P(Z <= z) = probability (Wichura 1988, AS 241, in the standard library)."""
    return _NORMAL.inv_cdf(probability)


def normal_cdf(z: float) -> float:
    """Return P(Z <= z) of the standard normal distribution.

    Source: Abramowitz & Stegun 1964, 26.2.29, by the error function.
    """
    return _NORMAL.cdf(z)


def z_value(confidence: float, side: str = "two-sided") -> float:
    """Return the critical normal value of a confidence level, for both sides or for one.

    Source: Abramowitz & Stegun 1964, 26.2.
    """
    return normal_quantile((1 + confidence) / 2 if side == "two-sided" else confidence)


def beta_cdf(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Source: continued fraction, Abramowitz & Stegun 26.5.8, evaluated by Lentz's method (Press et al. 6.4).
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x < (a + 1) / (a + b + 2):
        return math.exp(log_front) * _beta_fraction(a, b, x) / a
    return 1 - math.exp(log_front) * _beta_fraction(b, a, 1 - x) / b


def beta_quantile(a: float, b: float, probability: float) -> float:
    """Return x with I_x(a, b) = probability, by bisection to the last bit.

    Source: the inverse of Abramowitz & Stegun 1964, 26.5.1.
    """
    return bisect(lambda x: beta_cdf(a, b, x) - probability, 0.0, 1.0)


def student_quantile(probability: float, freedom: float) -> float:
    """Return t with P(T <= t) = probability (Abramowitz & Stegun 26.7.1: Student's t by the beta integral)."""
    if probability == 0.5:
        return 0.0
    tail = min(probability, 1 - probability)
    x = beta_quantile(freedom / 2, 0.5, 2 * tail)
    t = math.sqrt(freedom * (1 - x) / x) if x > 0 else math.inf
    return t if probability > 0.5 else -t


def chi_square_quantile_1(probability: float) -> float:
    """Return the chi-square quantile with one degree of freedom: the square of a normal quantile.

    Source: Abramowitz & Stegun 1964, 26.4.
    """
    return normal_quantile((1 + probability) / 2) ** 2


def binomial_pmf(k: int, n: int, p: float) -> float:
    """Return P(X = k) for X ~ Binomial(n, p).

    Source: Johnson, Kotz & Kemp 1992, 3.1.
    """
    if not 0 <= k <= n:
        return 0.0
    if p in (0.0, 1.0):
        return 1.0 if k == (n if p else 0) else 0.0
    return math.exp(_log_choose(n, k) + k * math.log(p) + (n - k) * math.log1p(-p))


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Return P(X <= k) for X ~ Binomial(n, p) as a beta integral (Abramowitz & Stegun 26.5.24)."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    return beta_cdf(n - k, k + 1, 1 - p)


def binomial_cdf_exact(k: int, n: int, p: Fraction) -> Fraction:
    """Return P(X <= k) for X ~ Binomial(n, p) as an exact fraction: for decisions that must not hang on rounding.

    Source: Johnson, Kotz & Kemp 1992, 3.1.
    """
    if k < 0:
        return Fraction(0)
    if k >= n:
        return Fraction(1)
    good, whole = p.numerator, p.denominator
    bad = whole - good
    if good == whole:
        return Fraction(0)
    if good == 0:
        return Fraction(1)
    # One term from the one before it; every division is without remainder.
    choose, total, powers = 1, 0, bad**n
    for i in range(k + 1):
        total += choose * powers
        choose = choose * (n - i) // (i + 1)
        powers = powers // bad * good
    return Fraction(total, whole**n)


def hypergeometric_cdf(k: int, population: int, marked: int, n: int) -> Fraction:
    """Return exactly P(X <= k): n drawn without replacement from a population that holds `marked` such records.

    Source: Johnson, Kotz & Kemp 1992, 6.2.
    """
    low, high = max(0, n + marked - population), min(n, marked)
    if k < low:
        return Fraction(0)
    if k >= high:
        return Fraction(1)
    total = sum(math.comb(marked, i) * math.comb(population - marked, n - i) for i in range(low, k + 1))
    return Fraction(total, math.comb(population, n))


def hypergeometric_pmf(k: int, population: int, marked: int, n: int) -> Fraction:
    """Return exactly P(X = k) for n drawn without replacement.

    Source: Johnson, Kotz & Kemp 1992, 6.2.
    """
    if not max(0, n + marked - population) <= k <= min(n, marked):
        return Fraction(0)
    return Fraction(math.comb(marked, k) * math.comb(population - marked, n - k), math.comb(population, n))


def poisson_cdf(k: int, mean: float) -> float:
    """Return P(X <= k) for X ~ Poisson(mean).

    Source: Johnson, Kotz & Kemp 1992, 4.2.
    """
    term = total = math.exp(-mean)
    for i in range(1, k + 1):
        term *= mean / i
        total += term
    return min(total, 1.0)


def bisect(rising: Callable[[float], float], low: float, high: float) -> float:
    """Return the root of a rising function between two bounds."""
    for _step in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    result = d
    for m in range(1, 10_000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            c = 1 + numerator / c
            d = 1 / (d if abs(d) > _TINY else _TINY)
            c = c if abs(c) > _TINY else _TINY
            result *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return result
