"""How sure a coefficient of agreement is: bootstrap and jackknife over records, quick for thousands of them."""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from deskapp.domain.agreement import AlphaSums, Coefficient, Units, paired
from deskapp.domain.agreement_weights import Value
from deskapp.domain.statistics.distributions import student_quantile
from deskapp.domain.statistics.estimates import quantile
from deskapp.domain.statistics.proportions import Interval

MANY = 600
Drawn = TypeVar("Drawn")


def bootstrap_interval(
    units: Units,
    statistic: Callable[[Units], Coefficient],
    *,
    seed: str,
    rounds: int = 1000,
    confidence: float = 0.95,
) -> Interval | None:
    """Return the percentile interval of a coefficient over records drawn again with replacement.

    Source: Efron & Tibshirani 1993, chapter 13. The same seed and units give the same interval on every machine.
    None when fewer than half of the rounds have a value.
    """
    rated = paired(units)
    if not rated:
        return None
    return _percentile(rated, statistic, seed, rounds, confidence)


def jackknife_interval(
    units: Units, statistic: Callable[[Units], Coefficient], *, confidence: float = 0.95
) -> Interval | None:
    """Return Student's interval by leaving out one record at a time (Efron & Tibshirani 1993, chapter 11)."""
    rated = paired(units)
    alike = Counter(map(tuple, rated))
    return _jackknife(alike, lambda times: statistic([list(unit) for unit, n in times.items() for _time in range(n)]),
                      confidence)  # fmt: skip


def alpha_interval(
    units: Units, level: str, *, seed: str, rounds: int = 400, confidence: float = 0.95
) -> Interval | None:
    """Return the interval of Krippendorff's alpha: bootstrap by the seed, or the jackknife over many records.

    Up to 600 records that were rated twice the bootstrap (as `bootstrap_interval`) is quick. Over more, leaving one
    out is as good (Efron & Tibshirani 1993, 11.5: both are of the same order) and needs one look for each different
    set of ratings only. None for no pairs or no variation.
    """
    rated = [tuple(unit) for unit in paired(units)]
    if not rated:
        return None
    sums = AlphaSums(rated, level)
    if len(rated) > MANY:
        return _jackknife(Counter(rated), sums.of, confidence)
    return _percentile(rated, lambda drawn: sums.of(Counter(drawn)), seed, rounds, confidence)


def _percentile(
    rated: Sequence[Drawn], statistic: Callable[[list[Drawn]], Coefficient], seed: str, rounds: int, confidence: float
) -> Interval | None:
    generator, found = random.Random(seed), []
    for _round in range(rounds):
        value = statistic([rated[int(generator.random() * len(rated))] for _unit in rated]).value
        if value is not None:
            found.append(value)
    if len(found) * 2 < rounds:
        return None
    tail = (1 - confidence) / 2
    return Interval(quantile(found, tail), quantile(found, 1 - tail))


def _jackknife(
    alike: Counter[tuple[Value, ...]], statistic: Callable[[Counter[tuple[Value, ...]]], Coefficient], confidence: float
) -> Interval | None:
    n = alike.total()
    whole = statistic(alike).value if n else None
    if whole is None or n < 3:
        return None
    parts: list[tuple[float, int]] = []
    for unit, times in alike.items():
        # Records that read the same leave the same rest behind.
        value = statistic(alike - Counter({unit: 1})).value
        if value is None:
            return None
        parts.append((value, times))
    mean = math.fsum(value * times for value, times in parts) / n
    error = math.sqrt((n - 1) / n * math.fsum(times * (value - mean) ** 2 for value, times in parts))
    reach = student_quantile((1 + confidence) / 2, n - 1) * error
    return Interval(max(-1.0, whole - reach), min(1.0, whole + reach))
