"""Control charts: the p-chart with its limits, and the Western Electric zone rules."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One subgroup: its label, count, size, share, limits, and the rules it breaks."""

    label: str
    count: int
    n: int
    share: float
    low: float
    high: float
    z: float
    signals: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PChart:
    """A p-chart: the centre and its points; `varying` tells whether the limits differ by subgroup."""

    centre: float
    points: tuple[ChartPoint, ...]

    @property
    def varying(self) -> bool:
        """Tell whether the subgroups differ in size, and so in their limits."""
        return len({point.n for point in self.points}) > 1

    def out(self, rule: int = 1) -> tuple[int, ...]:
        """Return the positions (from 1) that break a rule."""
        return tuple(i for i, point in enumerate(self.points, 1) if rule in point.signals)


def p_chart(
    counts: Sequence[int],
    sizes: Sequence[int],
    *,
    labels: Sequence[str] = (),
    centre: float | None = None,
    sigmas: float = 3.0,
    rules: Sequence[int] = (1, 4),
) -> PChart:
    """Return a p-chart: p̄ ± 3·√(p̄(1 − p̄)/nᵢ), the lower limit not under 0, and the rules that each point breaks.

    Source: NIST/SEMATECH e-Handbook 6.3.3.2; Montgomery, Introduction to Statistical Quality Control, 7.2. Rules as in
    `western_electric`; rule 1 uses the limits themselves. Raises Invalid when the lists differ or a size is 0.
    """
    if len(counts) != len(sizes) or not sizes or any(n <= 0 or not 0 <= k <= n for k, n in zip(counts, sizes)):  # noqa: B905
        raise Invalid(N_("A p-chart needs one count and one size above 0 for each subgroup."))
    middle = sum(counts) / sum(sizes) if centre is None else centre
    rows = []
    for k, n in zip(counts, sizes, strict=True):
        sigma = math.sqrt(middle * (1 - middle) / n)
        z = (k / n - middle) / sigma if sigma else 0.0
        rows.append((k, n, k / n, max(0.0, middle - sigmas * sigma), min(1.0, middle + sigmas * sigma), z))
    found = western_electric([row[5] for row in rows], rules=[rule for rule in rules if rule != 1])
    points = []
    for i, (k, n, share, low, high, z) in enumerate(rows, 1):
        beyond = 1 in rules and not low <= share <= high
        signals = ((1,) if beyond else ()) + tuple(rule for rule, at in found if at == i)
        points.append(ChartPoint(labels[i - 1] if labels else str(i), k, n, share, low, high, z, signals))
    return PChart(middle, tuple(points))


def western_electric(z: Sequence[float], rules: Sequence[int] = (1, 2, 3, 4)) -> tuple[tuple[int, int], ...]:
    """Return (rule, position from 1) for every point that completes a pattern, by rule and then by position.

    1: beyond 3 sigma; 2: two of three beyond 2 on one side; 3: four of five beyond 1 on one side; 4: eight in a row
    on one side. Source: Western Electric, Statistical Quality Control Handbook, 1956.
    """
    found = []
    for rule in sorted(rules):
        limit, needed, window = _ZONES[rule]
        for i in range(len(z)):
            part = z[max(0, i - window + 1) : i + 1]
            if any(
                sign * z[i] > limit and sum(sign * value > limit for value in part) >= needed for sign in (1.0, -1.0)
            ):
                found.append((rule, i + 1))
    return tuple(found)


# rule: (beyond so many sigma, so many points, among so many)
_ZONES = {1: (3.0, 1, 1), 2: (2.0, 2, 3), 3: (1.0, 4, 5), 4: (0.0, 8, 8)}
