"""The methods the detector is compared with, each on weekly counts of distinct customers, causal, standard library.

EARS C1-C3: Hutwagner et al., J. Urban Health 80 (2003) i89-i96 (7 weeks for their 7 days, since these counts are
weekly). Farrington: Farrington et al., J. R. Stat. Soc. A 159 (1996) 547-563 with the past five years' same weeks ± 3.
CUSUM: negative-binomial likelihood-ratio CUSUM as Höhle & Paul, Comp. Stat. & Data Analysis 52 (2008) 4357-4368,
baseline from the preceding 104 weeks. All get the same floor of customers as the detector, over four weeks.
"""

from collections.abc import Callable, Sequence
from math import log, sqrt
from statistics import NormalDist, fmean, stdev

Alarm = Callable[[Sequence[int], int], bool]


def ears(kind: str, limit: float) -> Alarm:
    """C1: no gap; C2: two weeks' gap; C3: the excess of three C2 weeks together."""

    def score(counts: Sequence[int], t: int, lag: int) -> float:
        past = counts[max(0, t - lag - 7) : max(0, t - lag)]
        if len(past) < 7:
            return 0.0
        return (counts[t] - fmean(past)) / max(0.2, stdev(past))

    def alarm(counts: Sequence[int], t: int) -> bool:
        if kind == "C3":
            return sum(max(0.0, score(counts, t - i, 2) - 1) for i in range(3) if t >= i) > limit
        return score(counts, t, 0 if kind == "C1" else 2) > limit

    return alarm


def farrington(alpha: float) -> Alarm:
    """Quasi-Poisson mean of the same weeks of past years, reweighted, 2/3-power prediction limit; no trend term."""
    quantile = NormalDist().inv_cdf(1 - alpha)

    def alarm(counts: Sequence[int], t: int) -> bool:
        at = [t - 52 * year + shift for year in range(1, 6) for shift in range(-3, 4)]
        past = [counts[i] for i in at if i >= 0]
        if len(past) < 7:
            return False
        weights = [1.0] * len(past)
        for _round in range(2):
            mean = max(0.05, sum(w * c for w, c in zip(weights, past, strict=True)) / sum(weights))
            squares = sum(w * (c - mean) ** 2 / mean for w, c in zip(weights, past, strict=True))
            dispersion = max(1.0, squares / (len(past) - 1))
            residuals = [1.5 * (c ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * sqrt(dispersion)) for c in past]
            weights = [1.0 if r < 1 else r**-2 for r in residuals]
        variance = dispersion * mean + dispersion * mean / len(past)
        limit = mean * (1 + 2 / 3 * quantile * sqrt(variance) / mean) ** 1.5
        return counts[t] > limit

    return alarm


def cusum(threshold: float, ratio: float = 2.0) -> Alarm:
    """Likelihood-ratio CUSUM for a rate `ratio` times the usual; the sum is rebuilt over the last 26 weeks."""

    def alarm(counts: Sequence[int], t: int) -> bool:
        end = t - 26
        past = counts[max(0, end - 104) : max(0, end)]
        if len(past) < 26:
            return False
        mean = (sum(past) + 0.5) / (len(past) + 1)
        spread = stdev(past) ** 2
        size = mean * mean / (spread - mean) if spread > mean * 1.05 else 1e6
        total = 0.0
        for count in counts[end : t + 1]:
            step = count * log(ratio) + (count + size) * log((mean + size) / (ratio * mean + size))
            total = max(0.0, total + step)
        return total > threshold

    return alarm
