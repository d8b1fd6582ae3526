"""Statistics of QA on the standard library alone: intervals, exact tests, charts, estimates; each names its source."""

from deskapp.domain.statistics.acceptance import (
    PowerRow,
    RateTest,
    allowed_failures,
    operating_characteristic,
    power,
    power_table,
    smallest_sample,
    verify_pass_rate,
)
from deskapp.domain.statistics.control import ChartPoint, PChart, p_chart, western_electric
from deskapp.domain.statistics.estimates import (
    Estimate,
    Mean,
    Stratum,
    mean_interval,
    quantile,
    stratified_mean,
    stratified_share,
)
from deskapp.domain.statistics.proportions import (
    Interval,
    binomial_test,
    difference_interval,
    expected_half_width,
    fraction_of,
    proportion_interval,
    sample_size,
    sample_size_finite,
    wilson_interval,
)

__all__ = [
    "ChartPoint", "Estimate", "Interval", "Mean", "PChart", "PowerRow", "RateTest", "Stratum", "allowed_failures",
    "binomial_test", "difference_interval", "expected_half_width", "fraction_of", "mean_interval",
    "operating_characteristic", "p_chart", "power", "power_table", "proportion_interval", "quantile", "sample_size",
    "sample_size_finite", "smallest_sample", "stratified_mean", "stratified_share", "verify_pass_rate",
    "western_electric", "wilson_interval",
]  # fmt: skip
