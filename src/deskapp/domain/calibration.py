"""How good a forecast of chances was: Brier score, its skill against a rival, the reliability table."""

from collections.abc import Sequence
from dataclasses import dataclass

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts between two chances: how many, their mean, and the share that came true."""

    low: float
    high: float
    count: int
    forecast: float
    observed: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Brier score (0 is perfect), the mean gap between forecast and outcome over the bins, and the bins themselves."""

    brier: float
    error: float
    count: int
    base_rate: float
    bins: tuple[Bin, ...]

    def skill(self, rival: "Calibration") -> float:
        """Brier skill score against another forecast of the same events: 1 is perfect, 0 no better, below 0 worse."""
        return 1 - self.brier / rival.brier if rival.brier > 0 else 0.0


def calibrate(chances: Sequence[float], happened: Sequence[bool], bins: int = 10) -> Calibration:
    """Score chances against what happened (Brier, Monthly Weather Review 78, 1950, 1-3).

    The error is the expected calibration error: the mean distance of forecast and observed share, weighted by count.
    Raises Invalid for nothing to score, lengths that differ, or a chance outside 0..1.
    """
    if not chances or len(chances) != len(happened) or not all(0 <= p <= 1 for p in chances) or bins < 1:
        raise Invalid(N_("A calibration needs as many chances from 0 to 1 as outcomes, and at least one."))
    groups: list[list[tuple[float, bool]]] = [[] for _bin in range(bins)]
    for chance, outcome in zip(chances, happened, strict=True):
        groups[min(bins - 1, int(chance * bins))].append((chance, outcome))
    table = tuple(
        Bin(
            i / bins,
            (i + 1) / bins,
            len(group),
            sum(p for p, _o in group) / len(group),
            sum(o for _p, o in group) / len(group),
        )
        for i, group in enumerate(groups)
        if group
    )
    n = len(chances)
    return Calibration(
        brier=sum((p - o) ** 2 for p, o in zip(chances, happened, strict=True)) / n,
        error=sum(b.count * abs(b.forecast - b.observed) for b in table) / n,
        count=n,
        base_rate=sum(happened) / n,
        bins=table,
    )
