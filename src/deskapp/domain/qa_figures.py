"""From settled records and their ratings to the figures of a report; census where all were seen, weights where not."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from deskapp.domain.agreement import Unit, gwet_ac, krippendorff_alpha, raw_agreement
from deskapp.domain.agreement_intervals import alpha_interval
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.qa_report import (
    FEW,
    AgentLine,
    AgreementLine,
    CriticalLine,
    HeatCell,
    HeatMap,
    ProblemLine,
    RaterItemLine,
    RaterLine,
)
from deskapp.domain.rater_bias import estimate_rater_bias
from deskapp.domain.scorecard import CriticalClass, Scorecard, Severity, Source, Words
from deskapp.domain.statistics import (
    Estimate,
    Interval,
    Mean,
    PChart,
    Stratum,
    p_chart,
    stratified_mean,
    stratified_share,
    wilson_interval,
)

RESULT = Words("Pass or fail", "是否合格")
_RANK = {Severity.MINOR: 0, Severity.MAJOR: 1, Severity.CRITICAL: 2}


@dataclass(frozen=True, slots=True)
class SettledRecord:
    """A record with its final score: what reports count. `subgroup` labels its point on the p-chart (a day, a week).

    The exact fractions of the score decided whether it passed; figures take the nearest floats.
    """

    record: str
    stratum: str
    shift: str
    agent: str
    subgroup: str
    score: float
    passed: bool
    points: Mapping[str, float | None]
    findings: tuple[tuple[str, Severity], ...] = ()
    critical: frozenset[CriticalClass] = frozenset()


@dataclass(frozen=True, slots=True)
class Rating:
    """One rater's submitted evaluation of a record; calibration sessions never enter."""

    record: str
    rater: str
    score: float
    passed: bool
    points: Mapping[str, float | None] = field(default_factory=dict)
    fast: bool = False


def pass_rate(records: Sequence[SettledRecord], sizes: Mapping[str, int]) -> Estimate:
    """Return the pass rate of the population, weighted by strata; `sizes` holds each stratum's N."""
    seen, passed = _tally(records, sizes)
    return stratified_share([Stratum(sizes[name], seen[name], passed[name], name) for name in sizes])


def mean_score(records: Sequence[SettledRecord], sizes: Mapping[str, int]) -> Mean:
    """Return the mean score of the population, weighted by strata."""
    values: dict[str, list[float]] = {name: [] for name in sizes}
    for record in records:
        values[record.stratum].append(record.score)
    return stratified_mean([(sizes[name], values[name]) for name in sizes])


def _tally(records: Sequence[SettledRecord], sizes: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    seen, passed = dict.fromkeys(sizes, 0), dict.fromkeys(sizes, 0)
    for record in records:
        if record.stratum not in seen:
            raise Invalid(N_("The stratum {name} is not in the frame."), name=record.stratum)
        seen[record.stratum] += 1
        passed[record.stratum] += record.passed
    return seen, passed


def critical_lines(records: Sequence[SettledRecord], population: int) -> tuple[CriticalLine, ...]:
    """Return the critical-error accuracy by class, with Wilson's finite interval."""
    n = len(records)
    lines = []
    for kind in CriticalClass:
        clean = sum(kind not in record.critical for record in records)
        lines.append(CriticalLine(kind, clean, n, wilson_interval(clean, n, population=max(n, population))))
    return tuple(lines)


def problem_lines(records: Sequence[SettledRecord], card: Scorecard, population: int) -> tuple[ProblemLine, ...]:
    """Return the items by the records with a finding on them, the most first; equal ones in the card's order."""
    found: dict[str, dict[str, Severity]] = defaultdict(dict)
    for record in records:
        for item, severity in record.findings:
            known = found[item].get(record.record)
            if known is None or _RANK[severity] > _RANK[known]:
                found[item][record.record] = severity
    place = {item.id: i for i, item in enumerate(card.items)}
    names = {item.id: item.text for item in card.items}
    total, running, n, lines = sum(map(len, found.values())), 0, len(records), []
    for item in sorted(found, key=lambda i: (-len(found[i]), place.get(i, len(place)), i)):
        running += len(found[item])
        interval = wilson_interval(len(found[item]), n, population=max(n, population))
        worst = max(found[item].values(), key=_RANK.__getitem__)
        examples = tuple(sorted(found[item], key=lambda r: (-_RANK[found[item][r]], r))[:3])
        lines.append(
            ProblemLine(names.get(item, Words(item)), len(found[item]), n, interval, running / total, worst, examples)
        )
    return tuple(lines)


FEW_A_DAY = 5


def chart_of(records: Sequence[SettledRecord]) -> PChart | None:
    """Return the p-chart of failing records by subgroup, in the order of the labels; None for fewer than two.

    Days of fewer than five records each are put together to weeks: the limits of one record are 0 and 100 %.
    """
    label = str if len(records) >= FEW_A_DAY * len({record.subgroup for record in records}) else _week
    sizes: dict[str, int] = defaultdict(int)
    failed: dict[str, int] = defaultdict(int)
    for record in records:
        sizes[label(record.subgroup)] += 1
        failed[label(record.subgroup)] += not record.passed
    labels = sorted(sizes)
    if len(labels) < 2:
        return None
    return p_chart([failed[x] for x in labels], [sizes[x] for x in labels], labels=labels)


def _week(day: str) -> str:
    """The ISO week of a day, such as 2026-W07; what is no day stays as it is."""
    try:
        year, week, _weekday = date.fromisoformat(day).isocalendar()
    except ValueError:
        return day
    return f"{year}-W{week:02d}"


def heat_map(records: Sequence[SettledRecord], card: Scorecard, shifts: Mapping[str, Words]) -> HeatMap:
    """Return the mean points of each item on each shift."""
    total: dict[tuple[str, str], list[float]] = defaultdict(list)
    for record in records:
        for name, points in record.points.items():
            if points is not None:
                total[name, record.shift].append(points)
    rows = []
    for item in card.record_items:
        cells = []
        for shift in shifts:
            values = total.get((item.id, shift), [])
            cells.append(HeatCell(sum(values) / len(values) if values else None, len(values)))
        rows.append((item.text, tuple(cells)))
    return HeatMap(tuple(shifts.values()), tuple(rows))


def agent_lines(records: Sequence[SettledRecord], populations: Mapping[str, int]) -> tuple[AgentLine, ...]:
    """Return the agents by tier and then by name, never by a rate that chance alone could have turned round.

    `populations` holds each agent's N, for the finite interval; without it the population counts as endless.
    Agents with enough records whose intervals overlap, also by way of others, share a tier; a tier is numbered only
    when there are at least two. Agents with few records have none and come last.
    """
    mine: dict[str, list[SettledRecord]] = defaultdict(list)
    for record in records:
        mine[record.agent].append(record)
    lines = []
    for name in sorted(mine):
        n, passed = len(mine[name]), sum(record.passed for record in mine[name])
        whole = populations.get(name)
        interval = wilson_interval(passed, n, population=None if whole is None else max(n, whole))
        mean = math.fsum(r.score for r in mine[name]) / n
        lines.append(AgentLine(name, n, passed, interval, mean, None))
    tiers = _tiers([(line.agent, line.interval) for line in lines if line.n >= FEW])
    lines = [
        AgentLine(line.agent, line.n, line.passed, line.interval, line.mean, tiers.get(line.agent)) for line in lines
    ]
    return tuple(sorted(lines, key=lambda line: (line.few, line.tier or 0, line.agent)))


def _tiers(found: list[tuple[str, Interval]]) -> dict[str, int]:
    tiers: dict[str, int] = {}
    number, lowest = 0, 0.0
    for name, interval in sorted(found, key=lambda pair: -pair[1].high):
        # Going down by upper ends, an interval opens a new tier when it lies wholly under all seen before.
        if not tiers or interval.high < lowest:
            number += 1
            lowest = interval.low
        lowest = min(lowest, interval.low)
        tiers[name] = number
    return tiers if number > 1 else {}


def rater_lines(ratings: Sequence[Rating], roles: Mapping[str, str]) -> tuple[RaterLine, ...]:
    """Return each rater's work and bias against the panel, in points of 100."""
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    count: dict[str, int] = defaultdict(int)
    fast: dict[str, int] = defaultdict(int)
    for rating in ratings:
        scores[rating.record][rating.rater] = rating.score
        count[rating.rater] += 1
        fast[rating.rater] += rating.fast
    bias = {found.rater: found for found in estimate_rater_bias(list(scores.values()))}
    return tuple(
        RaterLine(name, roles.get(name, ""), count[name], fast[name], bias.get(name)) for name in sorted(count)
    )


def rater_item_lines(
    ratings: Sequence[Rating], card: Scorecard, *, clear_only: bool = True
) -> tuple[RaterItemLine, ...]:
    """Return on which items a rater is strict or lenient, in points of ten: a mean can hide two that cancel out.

    Items decided by rule are left out. All (rater, item) pairs are looked at together: the confidence of each interval
    is 1 - 0.05/m (Bonferroni), so that one false finding in a whole table is at most 5 % likely.
    """
    items = [item for item in card.record_items if item.source is Source.MANUAL]
    ratings = [rating for rating in ratings if rating.points]
    pairs = len(items) * len({rating.rater for rating in ratings})
    lines = []
    for item in items:
        scores: dict[str, dict[str, float]] = defaultdict(dict)
        for rating in ratings:
            if (points := rating.points.get(item.id)) is not None:
                scores[rating.record][rating.rater] = points
        for bias in estimate_rater_bias(list(scores.values()), confidence=1 - 0.05 / max(1, pairs)):
            if bias.clear or not clear_only:
                lines.append(RaterItemLine(bias.rater, item.text, bias))
    return tuple(lines)


def agreement_lines(ratings: Sequence[Rating], card: Scorecard, *, seed: str) -> tuple[AgreementLine, ...]:
    """Return the agreement on the result and on each item, over the records that at least two raters scored.

    Points are on the interval level with AC2 (quadratic weights over the whole scale); pass or fail is nominal with
    AC1. The interval of alpha is a bootstrap by the seed, the jackknife over more than 600 records.
    """
    by_record: dict[str, list[Rating]] = defaultdict(list)
    for rating in ratings:
        by_record[rating.record].append(rating)
    shared = [by_record[record] for record in sorted(by_record) if len(by_record[record]) >= 2]
    for row in shared:
        row.sort(key=lambda rating: rating.rater)
    lines = [_agreement(RESULT, "nominal", [[int(r.passed) for r in row] for row in shared], [0, 1], seed)]
    for item in card.record_items:
        units = [[r.points.get(item.id) for r in row] for row in shared]
        if item.scale.pass_fail:
            lines.append(_agreement(item.text, "nominal", units, [0.0, 10.0], seed))
        else:
            steps = int(10 / item.scale.step)
            scale = [float(item.scale.step * i) for i in range(steps + 1)]
            lines.append(_agreement(item.text, "interval", units, scale if steps <= 20 else None, seed))
    return tuple(lines)


def _agreement(
    item: Words, level: str, units: Sequence[Unit], categories: Sequence[float] | None, seed: str
) -> AgreementLine:
    weights = "identity" if level == "nominal" else "quadratic"
    alpha = krippendorff_alpha(units, level)
    if alpha.value is not None:
        alpha = alpha.with_interval(alpha_interval(units, level, seed=seed))
    return AgreementLine(
        item, level, raw_agreement(units), alpha, gwet_ac(units, categories=categories, weights=weights)
    )
