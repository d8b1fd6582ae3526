"""Who scores strictly and who leniently: each rater against the panel, compared on the same records only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deskapp.domain.statistics.distributions import student_quantile
from deskapp.domain.statistics.proportions import Interval


@dataclass(frozen=True, slots=True)
class RaterBias:
    """How much one rater scores above (+) or below (−) the others, in points, over the records shared with them."""

    rater: str
    bias: float
    interval: Interval
    records: int
    spread: float

    @property
    def clear(self) -> bool:
        """Tell whether the interval leaves out 0: the rater is strict or lenient, not only by chance."""
        return self.interval.low > 0 or self.interval.high < 0


def estimate_rater_bias(scores: Sequence[Mapping[str, float]], *, confidence: float = 0.95) -> tuple[RaterBias, ...]:
    """Return each rater's bias against the panel from records scored by at least two raters, by rater's name.

    Source: the additive two-way model score = record + rater, least squares for unbalanced data (Scheffé 1959, 4.4),
    with Σ bias = 0: a rater is compared within the same records only, so easy records can't look like leniency and
    rotation needs no balance. Raters who share no record, even by way of others, can't be compared: each such group
    has its own zero. The interval is Student's on the residual variance.
    """
    shared = [dict(row) for row in scores if len(row) >= 2]
    raters = sorted({name for row in shared for name in row})
    result: list[RaterBias] = []
    for group in _connected(raters, shared):
        rows = [{name: row[name] for name in row if name in group} for row in shared]
        result.extend(_biases(group, [row for row in rows if len(row) >= 2], confidence))
    return tuple(sorted(result, key=lambda bias: bias.rater))


def _biases(group: list[str], rows: list[dict[str, float]], confidence: float) -> list[RaterBias]:
    size = len(group)
    place = {name: i for i, name in enumerate(group)}
    # Normal equations after the records are swept out; adding 1/size everywhere imposes that the biases sum to 0.
    matrix = [[1.0 / size] * size for _row in group]
    right = [0.0] * size
    for row in rows:
        mean = math.fsum(row.values()) / len(row)
        for name, score in row.items():
            i = place[name]
            right[i] += score - mean
            matrix[i][i] += 1
            for other in row:
                matrix[i][place[other]] -= 1 / len(row)
    inverse = _inverse(matrix)
    bias = [math.fsum(inverse[i][j] * right[j] for j in range(size)) for i in range(size)]
    residual = 0.0
    for row in rows:
        mean = math.fsum(score - bias[place[name]] for name, score in row.items()) / len(row)
        residual += math.fsum((score - bias[place[name]] - mean) ** 2 for name, score in row.items())
    freedom = sum(len(row) - 1 for row in rows) - (size - 1)
    if freedom < 1:
        return [RaterBias(n, bias[i], Interval(-math.inf, math.inf), _count(rows, n), math.inf)
                for i, n in enumerate(group)]  # fmt: skip
    sigma = math.sqrt(residual / freedom)
    t = student_quantile((1 + confidence) / 2, freedom)
    result = []
    for i, name in enumerate(group):
        reach = t * sigma * math.sqrt(max(0.0, inverse[i][i] - 1 / size))
        result.append(RaterBias(name, bias[i], Interval(bias[i] - reach, bias[i] + reach), _count(rows, name), sigma))
    return result


def _count(rows: list[dict[str, float]], name: str) -> int:
    return sum(name in row for row in rows)


def _connected(raters: list[str], rows: list[dict[str, float]]) -> list[list[str]]:
    group = {name: name for name in raters}

    def root(name: str) -> str:
        while group[name] != name:
            name = group[name]
        return name

    for row in rows:
        first, *others = row
        for other in others:
            group[root(other)] = root(first)
    members: dict[str, list[str]] = {}
    for name in raters:
        members.setdefault(root(name), []).append(name)
    return list(members.values())


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Invert by Gauss and Jordan with row exchange; the matrices here are positive definite and small."""
    n = len(matrix)
    rows = [[*row, *(float(i == j) for j in range(n))] for i, row in enumerate(matrix)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(n):
            if r != i and rows[r][i]:
                factor = rows[r][i]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [row[n:] for row in rows]
