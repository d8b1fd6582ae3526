"""Statistics of surveillance: baselines of sparse counts and the negative-binomial tail, standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, inf, lgamma, log, log1p, sqrt

# Noufaily et al. 2013: residuals above this are down-weighted so that an old outbreak does not deafen the series.
RESIDUAL_LIMIT = 2.58
# The prior is worth this many customers: rates of one fault differ between products about as an exponential does.
PRIOR_COUNT = 1.0


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the past says of a series: customers per unit of exposure, its standard error, dispersion, highest rate."""

    rate: float
    variance: float
    dispersion: float
    highest: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """A negative-binomial predictive distribution: mean, size (infinite is Poisson) and the dispersion behind it."""

    mean: float
    size: float
    dispersion: float


@dataclass(frozen=True, slots=True)
class Growth:
    """How much busier everything comparable is than in the baseline, and the relative variance of that factor."""

    factor: float = 1.0
    relative_variance: float = 0.0


def block_baseline(
    counts: Sequence[int], exposures: Sequence[float], *, prior_rate: float, trend: bool, ahead: float
) -> Baseline:
    """Estimate the rate from equal blocks, the latest first, with a gamma prior worth one customer.

    Blocks with an Anscombe residual above 2.58 are down-weighted, against a first estimate made without the highest
    tenth of the blocks; a rising log-linear trend over at least 8 blocks is always followed (Noufaily et al.), to
    `ahead` blocks after the latest, never beyond the highest block of full weight (Farrington et al. 1996).
    """
    prior_exposure = PRIOR_COUNT / prior_rate

    def estimate(weights: Sequence[float]) -> tuple[float, float, float]:
        exposed = sum(w * e for w, e in zip(weights, exposures, strict=True)) + prior_exposure
        rate = (sum(w * c for w, c in zip(weights, counts, strict=True)) + PRIOR_COUNT) / exposed
        return rate, exposed, _dispersion(counts, exposures, weights, rate)

    high = sorted(counts, reverse=True)[max(1, len(counts) // 10)] if len(counts) >= 4 else max(counts, default=0)
    rate, exposed, dispersion = estimate([1.0 if c <= high else 0.0 for c in counts])
    weights = _reweight(counts, exposures, rate, dispersion)
    rate, exposed, dispersion = estimate(weights)
    variance = dispersion * rate / exposed
    highest = max(
        (c / e for c, e, w in zip(counts, exposures, weights, strict=True) if w > 0.5 and e > 0), default=rate
    )
    if trend and len(counts) >= 8 and sum(counts) >= 8:
        slope = _log_slope(counts, exposures, weights, rate)
        if slope > 0:
            centre = (len(counts) - 1) / 2 + ahead
            risen = min(rate * exp(min(3.0, slope * centre)), max(highest, rate))
            variance *= (risen / rate) ** 2
            rate = risen
    return Baseline(rate, variance, dispersion, highest)


def predict(baseline: Baseline, exposure: float, growth: Growth) -> Prediction:
    """Predict the count over `exposure`; the size matches dispersion and the uncertainty of rate and growth."""
    mean = baseline.rate * exposure * growth.factor
    uncertain = baseline.variance / baseline.rate**2 + growth.relative_variance
    spread = uncertain * mean * mean + (baseline.dispersion - 1) * mean
    return Prediction(mean, mean * mean / spread if spread > 0 else inf, baseline.dispersion)


def tail_probability(count: int, prediction: Prediction) -> float:
    """P(Y ≥ count) of the negative binomial (or Poisson for infinite size), summed from the smaller side."""
    mean, size = prediction.mean, prediction.size
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if count > mean:
        term = exp(_log_pmf(count, mean, size))
        total, k = 0.0, count
        while term > total * 1e-15:
            total += term
            term *= _ratio(k, mean, size)
            k += 1
        return min(1.0, total)
    return max(0.0, 1.0 - sum(exp(_log_pmf(k, mean, size)) for k in range(count)))


def day_weights(days: Sequence[int]) -> tuple[float, ...]:
    """Relative weight of each day of the month (index 0 unused), from day ordinals; all 1 while there is little.

    Reports heap on the 1st (and round days). Weights are shrunk towards 1 by 20 pseudo-reports a day of month, and
    only heaps above the common level are kept, so that a thin day never makes its window look unusual.
    """
    if not days:
        return (1.0,) * 32
    seen, present = [0.0] * 32, [0.0] * 32
    for day in days:
        seen[date.fromordinal(day).day] += 1
    for day in range(days[0], days[-1] + 1):
        present[date.fromordinal(day).day] += 1
    usual = len(days) / sum(present)
    return tuple(max(1.0, (seen[d] + 20) / (present[d] * usual + 20)) if d else 1.0 for d in range(32))


def _ratio(k: int, mean: float, size: float) -> float:
    if size == inf:
        return mean / (k + 1)
    return (k + size) / (k + 1) * mean / (mean + size)


def _log_pmf(k: int, mean: float, size: float) -> float:
    if size == inf or size > 1e8:
        return k * log(mean) - mean - lgamma(k + 1)
    return (
        lgamma(k + size) - lgamma(size) - lgamma(k + 1) - size * log1p(mean / size) + k * (log(mean) - log(mean + size))
    )


def _dispersion(counts: Sequence[int], exposures: Sequence[float], weights: Sequence[float], rate: float) -> float:
    """Pearson dispersion, at least 1, shrunk towards 1 by four pseudo-blocks; squared weights, or outbreaks return."""
    squares = sum(
        w * w * (c - rate * e) ** 2 / (rate * e) for c, e, w in zip(counts, exposures, weights, strict=True) if e > 0
    )
    return max(1.0, (squares + 4) / (max(0.0, sum(weights) - 1) + 4))


def _reweight(counts: Sequence[int], exposures: Sequence[float], rate: float, dispersion: float) -> list[float]:
    weights = []
    for count, exposure in zip(counts, exposures, strict=True):
        mu = rate * exposure
        residual = 1.5 * (count ** (2 / 3) - mu ** (2 / 3)) / (mu ** (1 / 6) * sqrt(dispersion)) if mu > 0 else 0.0
        weights.append(1.0 if residual <= RESIDUAL_LIMIT else (RESIDUAL_LIMIT / residual) ** 2)
    return weights


def _log_slope(counts: Sequence[int], exposures: Sequence[float], weights: Sequence[float], rate: float) -> float:
    """Slope a block (positive: rising towards now) of a Poisson log-linear model, by Newton steps."""
    n = len(counts)
    times = [(n - 1) / 2 - i for i in range(n)]
    intercept, slope = log(rate), 0.0
    for _step in range(12):
        g0 = g1 = h00 = h01 = h11 = 0.0
        for c, e, w, t in zip(counts, exposures, weights, times, strict=True):
            mu = e * exp(max(-30.0, min(30.0, intercept + slope * t)))
            g0 += w * (c - mu)
            g1 += w * (c - mu) * t
            h00 += w * mu
            h01 += w * mu * t
            h11 += w * mu * t * t
        det = h00 * h11 - h01 * h01
        if det <= 1e-12:
            return 0.0
        d0, d1 = (h11 * g0 - h01 * g1) / det, (h00 * g1 - h01 * g0) / det
        intercept += max(-1.0, min(1.0, d0))
        slope += max(-0.5, min(0.5, d1))
        if abs(d1) < 1e-6 and abs(d0) < 1e-6:
            break
    return slope
