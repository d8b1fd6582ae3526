"""How far raters agree: raw agreement, Krippendorff's alpha, Gwet's AC1/AC2, and the kappas.

A unit is the list of the raters' values for one record, in the raters' order; None where a rater gave none (not
assigned, not applicable). A coefficient that can't be had is not a number of its own: its `value` is None and its
`why` says so, as when all ratings are equal ("no variation").
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from deskapp.domain.agreement_weights import Matrix, Value, agreement_weights, is_number, level_distances
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.statistics.distributions import student_quantile
from deskapp.domain.statistics.proportions import Interval

Unit = Sequence[Value | None]
Units = Sequence[Unit]

NO_VARIATION = N_("no variation")
NO_PAIRS = N_("no record with two ratings")
RELY, TENTATIVE = 0.80, 0.667  # Krippendorff 2004, 11.4.2
ENOUGH_PAIRS = 20
ALPHA = "Krippendorff's alpha"


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient of agreement with what it was made from; `value` None and `why` where there is none."""

    name: str
    value: float | None
    observed: float | None = None
    expected: float | None = None
    units: int = 0
    why: str = ""
    interval: Interval | None = None

    @property
    def verdict(self) -> str:
        """Return what the value allows (Krippendorff 2004, 11.4.2): rely, tentative, recalibrate, or `n/a`."""
        if self.value is None:
            return "n/a"
        return "rely" if self.value >= RELY else "tentative" if self.value >= TENTATIVE else "recalibrate"

    def with_interval(self, interval: Interval | None) -> "Coefficient":
        """Return the coefficient with an interval found elsewhere."""
        return replace(self, interval=interval)

    @property
    def interval_first(self) -> bool:
        """Tell whether so few records were rated twice that the interval is to be read before the value."""
        return self.units < ENOUGH_PAIRS


def raw_agreement(units: Units) -> Coefficient:
    """Return the share of equal pairs among all pairs of ratings, each record counting once (Gwet 2014, 2.3)."""
    rated = paired(units)
    if not rated:
        return Coefficient("raw agreement", None, why=NO_PAIRS)
    shares = []
    for unit, times in _alike(rated).items():
        equal = sum(c * (c - 1) for c in Counter(unit).values())
        shares.append(times * equal / (len(unit) * (len(unit) - 1)))
    return Coefficient("raw agreement", math.fsum(shares) / len(rated), units=len(rated))


def krippendorff_alpha(units: Units, level: str = "nominal", *, order: Sequence[Value] | None = None) -> Coefficient:
    """Return alpha = 1 − D_o/D_e for a level of measurement; missing values and any number of raters.

    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, sections C to E (coincidence matrix of the
    units with at least two values; difference functions of the four levels). `order` gives the order of values that
    are not numbers. Raises Invalid for an unknown level, or words on a level of numbers.
    """
    rated = paired(units)
    if not rated:
        return Coefficient(ALPHA, None, why=NO_PAIRS)
    return AlphaSums(rated, level, order).of(Counter(map(tuple, rated)))


class AlphaSums:
    """What alpha is summed from, ready for many looks at the same units: each set of ratings is taken apart once."""

    def __init__(self, rated: Sequence[Sequence[Value]], level: str, order: Sequence[Value] | None = None) -> None:
        self._level, self._values = level, _ordered_values(rated, order)
        place = {value: i for i, value in enumerate(self._values)}
        self._parts = {unit: _coincidences(unit, place) for unit in set(map(tuple, rated))}
        # On the ordinal level a distance depends on the totals; on the others it is the same for every look.
        self._distance = None if level == "ordinal" else level_distances(level, self._values, [])

    def of(self, times: Mapping[tuple[Value, ...], int]) -> Coefficient:
        """Return alpha over units that read so, so many times each."""
        q = len(self._values)
        pairs: dict[tuple[int, int], float] = {}
        totals = [0.0] * q
        for unit, count in times.items():
            for c, k, part in self._parts[unit]:
                pairs[c, k] = pairs.get((c, k), 0.0) + count * part
                totals[c] += count * part
        n, units = math.fsum(totals), sum(times.values())
        distance = self._distance or level_distances(self._level, self._values, totals)
        seen = math.fsum(value * distance[c][k] for (c, k), value in pairs.items()) / n
        used = [c for c in range(q) if totals[c]]
        chance = math.fsum(totals[c] * totals[k] * distance[c][k] for c in used for k in used) / (n * (n - 1))
        if chance <= 0:
            return Coefficient(ALPHA, None, units=units, why=NO_VARIATION)
        return Coefficient(ALPHA, 1 - seen / chance, seen, chance, units)


def _coincidences(unit: Sequence[Value], place: Mapping[Value, int]) -> tuple[tuple[int, int, float], ...]:
    counts = Counter(place[value] for value in unit)
    return tuple(
        (c, k, n_c * (n_k - (c == k)) / (len(unit) - 1)) for c, n_c in counts.items() for k, n_k in counts.items()
    )


def gwet_ac(
    units: Units,
    *,
    categories: Sequence[Value] | None = None,
    weights: str | Sequence[Sequence[float]] = "identity",
    confidence: float = 0.95,
) -> Coefficient:
    """Return Gwet's AC1 (identity weights) or AC2 (others), with its interval; missing values are allowed.

    Source: Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., chapters 4 and 5: p_a over the records with two
    ratings, π_k over all rated ones, p_e = T_w/(q(q−1))·Σ π_k(1−π_k), and the variance of section 5.3.1 with
    Student's quantile for n − 1. `categories` are all that could have been chosen; a card with two of them of which
    one was used still has a value.
    """
    rated, kinds, weight = _prepare(units, categories, weights)
    return _chance_corrected("Gwet's AC1" if weights == "identity" else "Gwet's AC2", rated, kinds, weight,
                             _gwet_chance, confidence)  # fmt: skip


def fleiss_kappa(
    units: Units,
    *,
    categories: Sequence[Value] | None = None,
    weights: str | Sequence[Sequence[float]] = "identity",
    confidence: float = 0.95,
) -> Coefficient:
    """Return Fleiss' kappa (1971), weighted and with missing values as in Gwet 2014, 2.3 and 3.4."""
    rated, kinds, weight = _prepare(units, categories, weights)
    return _chance_corrected("Fleiss' kappa", rated, kinds, weight, _fleiss_chance, confidence)


def brennan_prediger(
    units: Units,
    *,
    categories: Sequence[Value] | None = None,
    weights: str | Sequence[Sequence[float]] = "identity",
    confidence: float = 0.95,
) -> Coefficient:
    """Return Brennan & Prediger's coefficient (1981): chance is T_w/q²."""
    rated, kinds, weight = _prepare(units, categories, weights)
    return _chance_corrected("Brennan-Prediger", rated, kinds, weight, _uniform_chance, confidence)


def cohen_kappa(
    table: Sequence[Sequence[float]],
    weights: str | Sequence[Sequence[float]] = "identity",
    *,
    categories: Sequence[Value] | None = None,
) -> Coefficient:
    """Return Cohen's kappa (1960), weighted (1968), of two raters' square table: rows the first, columns the second."""
    return _of_table("Cohen's kappa", table, weights, categories, lambda row, column, w: _crossed(row, column, w))


def scott_pi(
    table: Sequence[Sequence[float]],
    weights: str | Sequence[Sequence[float]] = "identity",
    *,
    categories: Sequence[Value] | None = None,
) -> Coefficient:
    """Return Scott's pi (1955) of two raters' square table; weighted as in Gwet 2014, 3.4."""

    def chance(row: list[float], column: list[float], w: list[list[float]]) -> float:
        mean = [(a + b) / 2 for a, b in zip(row, column, strict=True)]
        return _crossed(mean, mean, w)

    return _of_table("Scott's pi", table, weights, categories, chance)


def gwet_ac_table(
    table: Sequence[Sequence[float]],
    weights: str | Sequence[Sequence[float]] = "identity",
    *,
    categories: Sequence[Value] | None = None,
) -> Coefficient:
    """Return Gwet's AC1 or AC2 of two raters' square table (Gwet 2014, 3.4)."""

    def chance(row: list[float], column: list[float], w: list[list[float]]) -> float:
        q = len(row)
        total = sum(map(math.fsum, w))
        return (
            total / (q * (q - 1)) * math.fsum((a + b) / 2 * (1 - (a + b) / 2) for a, b in zip(row, column, strict=True))
        )

    return _of_table("Gwet's AC", table, weights, categories, chance)


def contingency(units: Units, categories: Sequence[Value] | None = None) -> list[list[int]]:
    """Return the square table of two raters from their units; units with a missing value are left out."""
    both = [unit for unit in units if len(unit) == 2 and None not in unit]
    kinds = list(categories) if categories else _ordered_values(both, None)
    place = {value: i for i, value in enumerate(kinds)}
    table = [[0] * len(kinds) for _row in kinds]
    for a, b in both:
        table[place[a]][place[b]] += 1  # type: ignore[index]
    return table


def paired(units: Units) -> list[list[Value]]:
    """Return the values of the units that at least two raters rated."""
    present = ([value for value in unit if value is not None] for unit in units)
    return [unit for unit in present if len(unit) >= 2]


def _alike(rated: Units) -> dict[tuple[Value, ...], int]:
    """Count the units that read the same: thousands of records have few different sets of ratings."""
    return Counter(map(tuple, rated))  # type: ignore[arg-type]


def _ordered_values(units: Units, order: Sequence[Value] | None) -> list[Value]:
    found = {value for unit in units for value in unit if value is not None}
    if order:
        unknown = found - set(order)
        if unknown:
            raise Invalid(N_("{value} is not one of the categories."), value=sorted(map(str, unknown))[0])
        return [value for value in order if value in found]
    return sorted(found, key=lambda value: (not is_number(value), value if is_number(value) else 0, str(value)))


Prepared = tuple[list[list[Value]], list[Value], Matrix]


def _prepare(units: Units, categories: Sequence[Value] | None, weights: str | Sequence[Sequence[float]]) -> Prepared:
    rated = [[value for value in unit if value is not None] for unit in units]
    rated = [unit for unit in rated if unit]
    kinds = list(categories) if categories else _ordered_values(rated, None)
    if categories:
        _ordered_values(rated, categories)
    if isinstance(weights, str):
        matrix = agreement_weights(weights, kinds) if kinds else []
    else:
        matrix = [list(row) for row in weights]
    return rated, kinds, matrix


def _gwet_chance(shares: list[float], weight: Matrix) -> float:
    q = len(shares)
    return sum(map(math.fsum, weight)) / (q * (q - 1)) * math.fsum(p * (1 - p) for p in shares)


def _fleiss_chance(shares: list[float], weight: Matrix) -> float:
    return _crossed(shares, shares, weight)


def _uniform_chance(shares: list[float], weight: Matrix) -> float:
    return sum(map(math.fsum, weight)) / len(shares) ** 2


def _crossed(row: Sequence[float], column: Sequence[float], weight: Matrix) -> float:
    return math.fsum(a * b * weight[i][j] for i, a in enumerate(row) for j, b in enumerate(column))


def _chance_corrected(
    name: str,
    rated: list[list[Value]],
    kinds: list[Value],
    weight: Matrix,
    chance: Callable[[list[float], Matrix], float],
    confidence: float,
) -> Coefficient:
    """Return (p_a − p_e)/(1 − p_e) with the interval of Gwet 2014, 5.3.1, by the linear parts of each record."""
    paired = [unit for unit in rated if len(unit) >= 2]
    if not paired:
        return Coefficient(name, None, why=NO_PAIRS)
    if len(kinds) < 2:
        return Coefficient(name, None, units=len(paired), why=NO_VARIATION)
    q, n = len(kinds), len(rated)
    place = {value: i for i, value in enumerate(kinds)}
    shares = [0.0] * q
    for unit, times in _alike(rated).items():
        for value in unit:
            shares[place[value]] += times / (len(unit) * n)
    seen = math.fsum(times * _unit_agreement(unit, place, weight) for unit, times in _alike(paired).items()) / len(
        paired
    )
    expected = chance(shares, weight)
    if expected >= 1 or len({value for unit in rated for value in unit}) < 2:
        return Coefficient(name, None, units=len(paired), why=NO_VARIATION)
    value = (seen - expected) / (1 - expected)
    interval = _linear_interval(rated, place, weight, shares, chance, (expected, value), confidence)
    return Coefficient(name, value, seen, expected, len(paired), interval=interval)


def _unit_agreement(unit: Sequence[Value], place: Mapping[Value, int], weight: Matrix) -> float:
    counts = Counter(place[value] for value in unit)
    total = math.fsum(
        n_k * (math.fsum(weight[k][m] * n_m for m, n_m in counts.items()) - 1) for k, n_k in counts.items()
    )
    return total / (len(unit) * (len(unit) - 1))


def _linear_interval(
    rated: list[list[Value]],
    place: Mapping[Value, int],
    weight: Matrix,
    shares: list[float],
    chance: Callable[[list[float], Matrix], float],
    found: tuple[float, float],
    confidence: float,
) -> Interval | None:
    expected, value = found
    n, paired = len(rated), sum(len(unit) >= 2 for unit in rated)
    if n < 2:
        return None
    # p_e is quadratic in the shares, so its slope by a record's own shares is exact from a central difference.
    slopes = []
    for k in range(len(shares)):
        step = 1e-3
        up, down = list(shares), list(shares)
        up[k] += step
        down[k] -= step
        slopes.append((chance(up, weight) - chance(down, weight)) / (2 * step))
    centre = math.fsum(s * p for s, p in zip(slopes, shares, strict=True))
    total = 0.0
    for unit, times in _alike(rated).items():
        own = (
            (n / paired) * (_unit_agreement(unit, place, weight) - expected) / (1 - expected) if len(unit) >= 2 else 0.0
        )
        drift = math.fsum(slopes[place[v]] / len(unit) for v in unit) - centre
        total += times * (own - (1 - value) * drift / (1 - expected) - value) ** 2
    variance = total / (n * (n - 1))
    reach = student_quantile((1 + confidence) / 2, n - 1) * math.sqrt(variance)
    return Interval(max(-1.0, value - reach), min(1.0, value + reach))


def _of_table(
    name: str,
    table: Sequence[Sequence[float]],
    weights: str | Sequence[Sequence[float]],
    categories: Sequence[Value] | None,
    chance: Callable[[list[float], list[float], Matrix], float],
) -> Coefficient:
    q = len(table)
    total = math.fsum(value for row in table for value in row)
    if any(len(row) != q for row in table) or total <= 0:
        raise Invalid(N_("Two raters' table must be square and hold something."))
    if isinstance(weights, str):
        weight = agreement_weights(weights, categories or list(range(1, q + 1)))
    else:
        weight = [list(row) for row in weights]
    row = [math.fsum(line) / total for line in table]
    column = [math.fsum(line[k] for line in table) / total for k in range(q)]
    seen = math.fsum(table[i][j] * weight[i][j] for i in range(q) for j in range(q)) / total
    expected = chance(row, column, weight) if q > 1 else 1.0
    used = sum(a > 0 or b > 0 for a, b in zip(row, column, strict=True))
    if expected >= 1 or used < 2:
        return Coefficient(name, None, units=round(total), why=NO_VARIATION)
    return Coefficient(name, (seen - expected) / (1 - expected), seen, expected, round(total))
