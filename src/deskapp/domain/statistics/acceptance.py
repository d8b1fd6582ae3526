"""Proving a pass rate by a sample: exact tests, finite populations, power, sample sizes, operating characteristic."""

import math
from dataclasses import dataclass
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.statistics.distributions import (
    binomial_cdf,
    binomial_cdf_exact,
    hypergeometric_cdf,
    poisson_cdf,
)
from deskapp.domain.statistics.proportions import fraction_of

Rate = float | Fraction | str
_LARGEST = 100_000


@dataclass(frozen=True, slots=True)
class RateTest:
    """The exact one-sided test of "the pass rate is under the target"."""

    passes: int
    n: int
    target: Fraction
    alpha: Fraction
    population: int | None
    p_value: float
    proven: bool
    point_ok: bool


def verify_pass_rate(
    passes: int, n: int, *, target: Rate = "0.95", alpha: Rate = "0.05", population: int | None = None
) -> RateTest:
    """Test whether n records with so many passes prove a pass rate of the target.

    Endless population: P(X <= failures) for X ~ Binomial(n, 1 − target) (exact one-sided test; the success-run
    theorem for no failures). Finite population of N: the same for the hypergeometric law with the fewest failing
    records that would miss the target, D = floor((1 − target)·N) + 1 (Wright 1991, exact finite-population bounds).
    Both are decided on exact fractions. Raises Invalid for impossible counts.
    """
    goal, level = fraction_of(target), fraction_of(alpha)
    if not 0 <= passes <= n or n < 1 or (population is not None and n > population):
        raise Invalid(N_("{passes} of {n} is not a result."), passes=passes, n=n)
    value = exact_p_value(n - passes, n, goal, population)
    return RateTest(passes, n, goal, level, population, float(value), value <= level, Fraction(passes, n) >= goal)


def exact_p_value(failures: int, n: int, target: Fraction, population: int | None = None) -> Fraction:
    """Return P(at most so many failures among n) if the pass rate only just missed (finite) or met the target.

    Source: Clopper & Pearson 1934 (binomial tail); Johnson, Kotz & Kemp 1992, 6.3 (hypergeometric tail).
    """
    if population is None:
        return binomial_cdf_exact(failures, n, 1 - target)
    marked = critical_failures(population, target)
    if marked > population:  # a target of 0 cannot be missed
        return Fraction(0)
    return hypergeometric_cdf(failures, population, marked, n)


def critical_failures(population: int, target: Fraction) -> int:
    """Return the fewest failing records among N with which the pass rate misses the target.

    Source: the complement of the target, as in Wright 1991 (finite universes).
    """
    return math.floor((1 - target) * population) + 1


def allowed_failures(
    n: int, *, target: Rate = "0.95", alpha: Rate = "0.05", population: int | None = None
) -> int | None:
    """Return the most failures among n with which the target still counts as proven; None when n proves nothing.

    Source: success-run and acceptance sampling, Wilks 1941; NUREG-1475, 1994.
    """
    goal, level = fraction_of(target), fraction_of(alpha)
    best = None
    for failures in range(n + 1):
        if exact_p_value(failures, n, goal, population) > level:
            break
        best = failures
    return best


def smallest_sample(
    *, target: Rate = "0.95", confidence: Rate = "0.95", failures: int = 0, population: int | None = None
) -> int | None:
    """Return the smallest n that proves the target with so many failures among it; None when even a census can't.

    Endless: smallest n with P(X <= c) <= 1 − confidence (Wilks 1941; Scheffé & Tukey 1944; 59 for 95/95). Finite:
    the hypergeometric law, see `verify_pass_rate`.
    """
    goal, level = fraction_of(target), 1 - fraction_of(confidence)
    high = population if population is not None else _LARGEST
    low = failures + 1
    if population is None:
        # A float tail brackets the answer; the exact test decides the last steps.
        while low < high:
            middle = (low + high) // 2
            if binomial_cdf(failures, middle, float(1 - goal)) > float(level) * (1 + 1e-9):
                low = middle + 1
            else:
                high = middle
        n = max(failures + 1, low - 1)
        while n < _LARGEST and exact_p_value(failures, n, goal) > level:
            n += 1
        return n if n < _LARGEST else None
    if low > high or exact_p_value(failures, high, goal, population) > level:
        return None
    while low < high:
        middle = (low + high) // 2
        if exact_p_value(failures, middle, goal, population) > level:
            low = middle + 1
        else:
            high = middle
    return low


def power(
    n: int, true_rate: float, *, target: Rate = "0.95", alpha: Rate = "0.05", population: int | None = None
) -> float:
    """Return the chance that n records prove the target when the true pass rate is `true_rate`.

    Source: the operating characteristic of the plan (n, c) with c the most failures allowed (Montgomery, Introduction
    to Statistical Quality Control, 15.2).
    """
    allowed = allowed_failures(n, target=target, alpha=alpha, population=population)
    if allowed is None:
        return 0.0
    if population is None:
        return binomial_cdf(allowed, n, 1 - true_rate)
    return float(hypergeometric_cdf(allowed, population, round((1 - true_rate) * population), n))


def operating_characteristic(
    n: int, acceptance: int, share: float, *, law: str = "binomial", population: int | None = None
) -> float:
    """Return the chance that a lot with this share of failing records is accepted by the plan (n, c).

    Source: Montgomery, Introduction to Statistical Quality Control, 15.2 (type B: binomial; Poisson as its
    approximation; type A with the lot's size: hypergeometric).
    """
    if population is not None or law == "hypergeometric":
        if population is None:
            raise Invalid(N_("The hypergeometric law needs the size of the population."))
        return float(hypergeometric_cdf(acceptance, population, round(share * population), n))
    if law == "poisson":
        return poisson_cdf(acceptance, n * share)
    return binomial_cdf(acceptance, n, share)


@dataclass(frozen=True, slots=True)
class PowerRow:
    """One line of a verification plan: with n records, so many failures are allowed, and so likely is the proof."""

    n: int
    allowed: int | None
    power: float


def power_table(
    sizes: tuple[int, ...],
    true_rate: float = 0.99,
    *,
    target: Rate = "0.95",
    alpha: Rate = "0.05",
    population: int | None = None,
) -> tuple[PowerRow, ...]:
    """Return, for each sample size that the population can give, the failures allowed and the power.

    Source: Cohen 1988, chapter 1; each row by `power`.
    """
    rows = []
    for n in sizes:
        if population is None or n <= population:
            allowed = allowed_failures(n, target=target, alpha=alpha, population=population)
            chance = power(n, true_rate, target=target, alpha=alpha, population=population)
            rows.append(PowerRow(n, allowed, chance))
    return tuple(rows)
