"""Mass-fault detection: which product × fault is reported by more distinct customers than its own past explains.

The method is a prospective scan over a few rolling windows. In each window the number of **distinct customers** is
compared with the negative-binomial predictive distribution that this series' own past gives for a window of that
length: the quantile test of Farrington Flexible (Noufaily et al., Statistics in Medicine 32, 2013, 1206-1222), with a
gamma prior on the rate instead of a bare regression so that a series with little or no history still has an honest
expectation (the Bayes algorithm of Riebler 2004, `algo.bayes` in the R package *surveillance*). The smallest p of the
windows is corrected for their number (Bonferroni), as a scan must (Kulldorff, J. R. Stat. Soc. A 164, 2001, 61-72).

- Time is the time of **report**, never the date the customer says the fault began: a report counts from the moment the
  desk had it, so a delay makes a signal later but never wrong, and nothing from after `as_of` is looked at.
- Heaps on the 1st of the month and busy weekdays enter the expectation through day weights estimated from all reports.
- A slow rise of the series itself is followed by a log-linear trend (Farrington et al. 1996), never beyond the highest
  block seen; a rise shared by the product's other faults (season, growing sales) scales the expectation up, never down.
- Past outbreaks in the baseline are down-weighted by their Anscombe residuals, as Farrington Flexible does.

False-alarm rates on quiet data, the comparison with EARS, Farrington and CUSUM, and the reasons for this choice are in
docs/decisions/0008-mass-faults-by-a-scan.md; the figures come from bench/outbreak_quiet.py and outbreak_eval.py.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import accumulate

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.surveillance import Growth, Prediction, block_baseline, day_weights, predict, tail_probability

Series = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """One customer telling the desk of one fault of one product; `reported_at` is aware and is when the desk knew."""

    product: str
    fault: str
    customer: str
    reported_at: datetime
    case: str = ""


@dataclass(frozen=True, slots=True)
class DetectionRules:
    """The numbers of the detector; they come from the pack. Days are days of the desk's zone."""

    floor: int = 5
    windows: tuple[int, ...] = (7, 28, 84)
    alpha: float = 0.001
    baseline_days: int = 728
    guard_days: int = 14
    trend: bool = True
    growth_cap: float = 10.0
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        """Refuse rules that cannot work; raises Invalid naming the field."""
        checks = {
            "floor": self.floor >= 2,
            "windows": bool(self.windows) and min(self.windows) >= 1 and len(set(self.windows)) == len(self.windows),
            "alpha": 0 < self.alpha < 0.5,
            "baseline_days": bool(self.windows) and self.baseline_days >= 2 * max(self.windows),
            "guard_days": self.guard_days >= 0,
            "growth_cap": self.growth_cap >= 1,
        }
        for name, good in checks.items():
            if not good:
                raise Invalid(
                    N_("The mass-fault rule {rule} cannot be {value}."),
                    hint=N_("See docs/mass-faults.md for what each rule means and its range."),
                    field=name,
                    rule=name,
                    value=getattr(self, name),
                )


@dataclass(frozen=True, slots=True)
class Signal:
    """A product × fault above what its past explains, as known at `as_of`; a proposal for a lead, not a verdict."""

    product: str
    fault: str
    as_of: datetime
    window_days: int
    window_start: datetime
    customers: tuple[str, ...] = field(repr=False)
    reports: int
    expected: float
    threshold: int
    p_value: float
    baseline_days: int
    baseline_customers: int
    growth: float
    dispersion: float
    first_signal_at: datetime

    @property
    def distinct_customers(self) -> int:
        """How many different customers reported it in the window."""
        return len(self.customers)

    @property
    def explanation(self) -> str:
        """Why it was proposed, in plain numbers and the language in force."""
        parts = [
            _(
                "{product}, {fault}: {count} different customers in the last {days} days; usual is {expected},"
                " and more than {limit} would be unusual."
            ).format(
                product=self.product,
                fault=self.fault,
                count=self.distinct_customers,
                days=self.window_days,
                expected=f"{self.expected:.1f}",
                limit=self.threshold - 1,
            )
        ]
        if self.baseline_days:
            parts.append(
                _("The usual comes from {count} customers in the {days} days before.").format(
                    count=self.baseline_customers, days=self.baseline_days
                )
            )
        else:
            parts.append(_("There is no history of it yet; the usual is taken from other products."))
        if self.growth >= 1.05:
            parts.append(
                _("Other faults of this product are up as well ({factor} times), which is allowed for.").format(
                    factor=f"{self.growth:.1f}"
                )
            )
        if self.reports > self.distinct_customers:
            parts.append(
                _("Repeat contacts by the same customers ({count}) are not counted.").format(
                    count=self.reports - self.distinct_customers
                )
            )
        odds = 1 / self.p_value if self.p_value > 1e-9 else 1e9
        parts.append(_("By chance this would be seen about once in {odds} looks.").format(odds=f"{odds:,.0f}"))
        return " ".join(parts)


@dataclass(slots=True)
class _Track:
    """The reports of one series in order of report: day number, customer."""

    days: list[int] = field(default_factory=list)
    customers: list[str] = field(default_factory=list)

    def distinct(self, first: int, last: int) -> set[str]:
        return set(self.customers[bisect_left(self.days, first) : bisect_right(self.days, last)])


class FaultLog:
    """All reports, indexed once, so that many moments can be looked at. Looks only back from the moment asked for."""

    def __init__(self, reports: Iterable[Report], rules: DetectionRules) -> None:
        """Index the reports; raises Invalid for a report time without a zone."""
        self.rules = rules
        self._tracks: dict[Series, _Track] = defaultdict(_Track)
        self._products: dict[str, list[int]] = defaultdict(list)
        self._faults: dict[str, list[int]] = defaultdict(list)
        self._days: list[int] = []
        for report in sorted(reports, key=lambda r: (r.reported_at, r.customer)):
            if report.reported_at.tzinfo is None:
                raise Invalid(N_("A report time needs a time zone."), field="reported_at")
            day = report.reported_at.astimezone(rules.zone).toordinal()
            track = self._tracks[report.product, report.fault]
            track.days.append(day)
            track.customers.append(report.customer)
            for days in (self._products[report.product], self._faults[report.fault], self._days):
                days.append(day)
        self._starts: dict[str, list[int]] = defaultdict(list)
        for (_product, fault), track in self._tracks.items():
            insort(self._starts[fault], track.days[0])
        self._all_starts = sorted(track.days[0] for track in self._tracks.values())
        self._exposures: tuple[int, list[float]] | None = None

    @property
    def series(self) -> tuple[Series, ...]:
        """Every product × fault ever reported."""
        return tuple(self._tracks)

    @property
    def days(self) -> tuple[int, int] | None:
        """First and last day (proleptic ordinals) with a report; None when there is none."""
        return (self._days[0], self._days[-1]) if self._days else None

    def scan(self, as_of: datetime) -> tuple[Signal, ...]:
        """Return the signals standing at `as_of` (aware), the least probable first."""
        day = as_of.astimezone(self.rules.zone).toordinal()
        found = [self._signal(series, look, as_of, day) for series in self._tracks if (look := self.look(series, day))]
        return tuple(sorted(found, key=lambda s: (s.p_value, -s.distinct_customers, s.product, s.fault)))

    def look(self, series: Series, day: int) -> "Look | None":
        """Judge one series at the end of one day: the most improbable window, or None when nothing is unusual."""
        rules, track = self.rules, self._tracks.get(series)
        if track is None or len(track.distinct(day - max(rules.windows) + 1, day)) < rules.floor:
            return None
        looks = [found for window in rules.windows if (found := self._window(series, track, day, window))]
        best = min(looks, key=lambda found: (found.p_value, found.window), default=None)
        return best if best and best.p_value <= rules.alpha else None

    def _window(self, series: Series, track: _Track, day: int, window: int) -> "Look | None":
        rules = self.rules
        customers = track.distinct(day - window + 1, day)
        # A log younger than a window, its guard and one block of past cannot say what is usual for that window.
        if len(customers) < rules.floor or day - self._days[0] + 1 < 2 * window + rules.guard_days:
            return None
        prediction, growth, span, seen = self._expect(series, track, day, window)
        share = 1 / len(rules.windows)
        p_value = min(1.0, tail_probability(len(customers), prediction) / share)
        return Look(window, len(customers), prediction, p_value, growth, span, seen)

    def _expect(self, series: Series, track: _Track, day: int, window: int) -> tuple[Prediction, float, int, int]:
        """The predictive distribution of the window that ends on `day`, from what was reported before it."""
        rules, (product, _fault) = self.rules, series
        start = day - window + 1
        last = start - 1 - rules.guard_days
        oldest = self._products[product][0]
        first = max(oldest, last - rules.baseline_days + 1)
        counts, exposures = [], []
        for end in range(last, first + window - 2, -window):
            counts.append(len(track.distinct(end - window + 1, end)))
            exposures.append(self._exposure(end - window + 1, end, day))
        exposure = self._exposure(start, day, day)
        prior_rate = self._prior_rate(series, start - 1)
        baseline = block_baseline(
            counts, exposures, prior_rate=prior_rate, trend=rules.trend, ahead=1 + rules.guard_days / window
        )
        growth = self._growth(series, track, (first, last), (start, day)) if counts else Growth()
        return predict(baseline, exposure, growth), growth.factor, len(counts) * window, sum(counts)

    def _prior_rate(self, series: Series, until: int) -> float:
        """Customers a day to expect of a series that has no past: what this fault shows on the products that have it.

        A fault seen little so far leans on the average of all series, by one report.
        """
        lived = max(28, until - self._days[0] + 1)
        average = (bisect_right(self._days, until) + 0.5) / (max(1, bisect_right(self._all_starts, until)) * lived)
        days, starts = self._faults[series[1]], self._starts[series[1]]
        return (bisect_right(days, until) + 1) / (bisect_right(starts, until) * lived + 1 / average)

    def _growth(self, series: Series, track: _Track, before: tuple[int, int], now: tuple[int, int]) -> Growth:
        """How much busier the product's other faults are now than in the baseline: at least 1, shrunk towards 1.

        Kulldorff's space-time permutation scan (PLoS Medicine 2, 2005, e59) rests on the same idea: what all series
        share is no cluster. The 10 pseudo-reports keep a handful of other reports from hiding a real fault.
        """
        every = self._products[series[0]]

        def others(first: int, last: int) -> int:
            mine = bisect_right(track.days, last) - bisect_left(track.days, first)
            return bisect_right(every, last) - bisect_left(every, first) - mine

        usual = others(*before) * self._exposure(*now, now[1]) / self._exposure(*before, now[1])
        factor = (others(*now) + 10) / (usual + 10)
        if factor <= 1:
            return Growth()
        return Growth(min(self.rules.growth_cap, factor), 1 / (others(*now) + 10) + 1 / (usual + 10))

    def _exposure(self, first: int, last: int, day: int) -> float:
        """Weighted days from `first` to `last`, both inside; weights from the reports before the month of `day`."""
        month = date.fromordinal(day).replace(day=1).toordinal()
        origin = self._days[0] - 1
        if self._exposures is None or self._exposures[0] != month:
            weights = day_weights(self._days[: bisect_left(self._days, month)])
            days = range(origin + 1, month + 31)
            self._exposures = (month, [0.0, *accumulate(weights[date.fromordinal(d).day] for d in days)])
        sums = self._exposures[1]
        return sums[last - origin] - sums[first - 1 - origin] if first > origin else sums[last - origin]

    def _signal(self, series: Series, look: "Look", as_of: datetime, day: int) -> Signal:
        rules, track = self.rules, self._tracks[series]
        start = day - look.window + 1
        lo, hi = bisect_left(track.days, start), bisect_right(track.days, day)
        first = day
        while day - first < max(rules.windows) and self.look(series, first - 1):
            first -= 1
        first_at = as_of if first == day else _end_of_day(first, rules.zone)
        limit = look.count
        while limit > rules.floor and (
            tail_probability(limit - 1, look.prediction) * len(rules.windows) <= rules.alpha
        ):
            limit -= 1
        return Signal(
            product=series[0],
            fault=series[1],
            as_of=as_of,
            window_days=look.window,
            window_start=datetime.combine(date.fromordinal(start), time(), rules.zone).astimezone(UTC),
            customers=tuple(dict.fromkeys(track.customers[lo:hi])),
            reports=hi - lo,
            expected=look.prediction.mean,
            threshold=limit,
            p_value=look.p_value,
            baseline_days=look.baseline_days,
            baseline_customers=look.baseline_customers,
            growth=look.growth,
            dispersion=look.prediction.dispersion,
            first_signal_at=first_at,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at one series found: the window, its distinct customers, and what was expected."""

    window: int
    count: int
    prediction: Prediction
    p_value: float
    growth: float
    baseline_days: int
    baseline_customers: int


@dataclass(frozen=True, slots=True)
class Episode:
    """A run of looks that signalled without a pause longer than the longest window."""

    product: str
    fault: str
    first: date
    last: date
    peak_customers: int
    lowest_p: float


def scan(reports: Iterable[Report], as_of: datetime, rules: DetectionRules) -> tuple[Signal, ...]:
    """Return the mass-fault signals standing at `as_of`; uses only what was reported up to then."""
    return FaultLog((r for r in reports if r.reported_at <= as_of), rules).scan(as_of)


def episodes(log: FaultLog, days: Iterable[int], series: Iterable[Series] | None = None) -> tuple[Episode, ...]:
    """Replay the detector over days (ordinals, rising) and join its signals to episodes, in order of their first day.

    Each look uses only what was reported by the end of its day.
    """
    looked = list(days)
    gap = max(log.rules.windows)
    found: list[Episode] = []
    for one in log.series if series is None else series:
        run: list[tuple[int, Look]] = []
        for day in looked:
            look = log.look(one, day)
            if look is None:
                continue
            if run and day - run[-1][0] > gap:
                found.append(_episode(one, run))
                run = []
            run.append((day, look))
        if run:
            found.append(_episode(one, run))
    return tuple(sorted(found, key=lambda e: (e.first, e.product, e.fault)))


def _episode(series: Series, run: Sequence[tuple[int, Look]]) -> Episode:
    return Episode(
        series[0],
        series[1],
        date.fromordinal(run[0][0]),
        date.fromordinal(run[-1][0]),
        max(look.count for _day, look in run),
        min(look.p_value for _day, look in run),
    )


def _end_of_day(day: int, zone: tzinfo) -> datetime:
    """The first instant after the day, in UTC: when a look at that day's end could have been taken."""
    return datetime.combine(date.fromordinal(day) + timedelta(days=1), time(), zone).astimezone(UTC)
