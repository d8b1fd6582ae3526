"""How near two ratings are: weights of partial agreement, and the difference functions of Krippendorff's levels."""

import math
from collections.abc import Hashable, Sequence

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

Value = float | int | str | bool
Matrix = list[list[float]]
LEVELS = ("nominal", "ordinal", "interval", "ratio")


def agreement_weights(name: str, categories: Sequence[Value]) -> list[list[float]]:
    """Return the weights of partial agreement between categories (Gwet 2014, 3.5): 1 on the diagonal.

    identity, linear, quadratic, ordinal, radical, ratio, circular, bipolar. Categories that are words count as
    1, 2, 3 … in their order. Raises Invalid for another name, or ratio weights with a category of 0.
    """
    x = [float(c) for c in categories] if all(is_number(c) for c in categories) else [
        float(i) for i in range(1, len(categories) + 1)]  # fmt: skip
    q, spread = len(x), max(x) - min(x)
    if name in ("identity", "unweighted", "nominal"):
        return [[float(k == m) for m in range(q)] for k in range(q)]
    if not spread:
        return [[1.0] * q for _row in x]

    def entry(k: int, m: int) -> float:
        a, b = x[k], x[m]
        if name in ("linear", "equal"):
            return 1 - abs(a - b) / spread
        if name in ("quadratic", "squared", "interval"):
            return 1 - (a - b) ** 2 / spread**2
        if name == "radical":
            return 1 - math.sqrt(abs(a - b)) / math.sqrt(spread)
        if name == "ordinal":
            return 1 - math.comb(abs(k - m) + 1, 2) / math.comb(q, 2)
        if name == "ratio" and min(x) > 0:
            return 1 - ((a - b) / (a + b)) ** 2 / (spread / (max(x) + min(x))) ** 2
        raise Invalid(N_("There are no weights {name} for these categories."), name=name)

    if name in ("circular", "bipolar"):
        return _scaled_distances(name, x)
    return [[1.0 if k == m else entry(k, m) for m in range(q)] for k in range(q)]


def level_distances(level: str, values: Sequence[Value], totals: Sequence[float]) -> list[list[float]]:
    """Return the squared differences of Krippendorff 2011, section D, for a level and the totals of its values."""
    q = len(values)
    if level == "nominal":
        return [[float(c != k) for k in range(q)] for c in range(q)]
    if level == "ordinal":
        running = [0.0]
        for total in totals:
            running.append(running[-1] + total)

        def between(c: int, k: int) -> float:
            c, k = min(c, k), max(c, k)
            return (running[k + 1] - running[c] - (totals[c] + totals[k]) / 2) ** 2

        return [[between(c, k) if c != k else 0.0 for k in range(q)] for c in range(q)]
    if level not in LEVELS:
        raise Invalid(
            N_("There is no level {level}."), level=level, hint=N_("Use nominal, ordinal, interval or ratio.")
        )
    if not all(is_number(value) for value in values):
        raise Invalid(N_("The level {level} needs numbers."), level=level)
    x = [float(value) for value in values]
    if level == "interval":
        return [[(a - b) ** 2 for b in x] for a in x]
    return [[((a - b) / (a + b)) ** 2 if a + b else 0.0 for b in x] for a in x]


def _scaled_distances(name: str, x: list[float]) -> list[list[float]]:
    low, high = min(x), max(x)
    if name == "circular":
        around = high - low + 1
        raw = [[math.sin(math.pi * (a - b) / around) ** 2 for b in x] for a in x]
    else:
        raw = [[0.0 if a == b else (a - b) ** 2 / ((a + b - 2 * low) * (2 * high - a - b)) for b in x] for a in x]
    largest = max(max(row) for row in raw)
    return [[1 - value / largest for value in row] for row in raw]


def is_number(value: Hashable) -> bool:
    """Tell whether a rating is a number (a yes or no counts as 1 or 0)."""
    return isinstance(value, int | float)
