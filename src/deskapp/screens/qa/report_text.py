"""The drawn parts of the report in text: Pareto bars, p-chart, heat map, intervals. ASCII, so that columns hold."""

from collections.abc import Callable

from rich.cells import cell_len

from deskapp.domain.i18n import _
from deskapp.domain.qa_report import QaReport
from deskapp.domain.scorecard import Severity
from deskapp.domain.statistics import Interval
from deskapp.screens.qa.page import Piece
from deskapp.screens.qa.words import SEVERITIES
from deskapp.services.qa.report_tables import (
    VERDICTS_OF_AGREEMENT,
    coefficient_text,
    leniency_text,
    percent_interval,
    signals_text,
    tier_text,
)
from deskapp.widgets.cells import fit
from deskapp.widgets.wrap import hanging

_HEAT = ((9.0, "$text-success"), (8.0, ""), (7.0, "$text-warning"), (0.0, "$text-error bold"))


def span(low: float, mid: float, high: float, room: int, *, top: float = 1.0, target: float | None = None) -> str:
    """An interval on a line from 0 to `top`: `[` and `]` its ends, `*` the figure, `|` the target."""

    def at(value: float) -> int:
        return max(0, min(room - 1, round(value / top * (room - 1)))) if top else 0

    cells = [" "] * room
    for place in range(at(low), at(high) + 1):
        cells[place] = "-"
    if target is not None:
        cells[at(target)] = "|"
    cells[at(low)], cells[at(high)] = "[", "]"
    cells[at(mid)] = "*"
    return "".join(cells)


def summary(report: QaReport, width: int) -> list[Piece]:
    """Score and pass rate large enough to be read first, the aggregates against their targets, the facts."""
    rate, score = report.pass_rate, report.score
    room = max(10, min(40, width - 26))
    parts: list[Piece] = [(_("Overall score") + f"   {score.value:.2f}\n", "bold")]
    if score.interval.low != float("-inf"):
        line = span(
            score.interval.low, score.value, score.interval.high, room, top=100.0, target=float(report.pass_mark)
        )
        parts += [(line, ""), (f"  {score.interval.low:.1f} - {score.interval.high:.1f}\n", "$quiet")]
    parts.append((_("Pass rate") + f"   {rate.share * 100:.1f} %\n", "bold"))
    line = span(rate.interval.low, rate.share, rate.interval.high, room)
    note = _("census: every record was scored") if rate.census else percent_interval(rate.interval)
    parts += [line, (f"  {note}\n\n", "$quiet")]
    parts.append(_("{scored} of {population} records scored, pass mark {mark} and no critical finding").format(
        scored=report.scored, population=report.population, mark=float(report.pass_mark)) + "\n\n")  # fmt: skip
    first = min(34, max([cell_len(str(item)) for item, _found in report.aggregates], default=10))
    for item, found in report.aggregates:
        share = None if found.share is None else float(found.share)
        met = share is not None and share >= float(found.target)
        value = _("n/a") if share is None else f"{share * 100:.1f} %"
        style = "" if share is None else "$text-success" if met else "$text-error bold"
        parts += [fit(str(item), first), (f"  {value:>7}", style),
                  (_("   {met} of {n}, target {target:.0f} %").format(met=found.met, n=found.n,
                   target=float(found.target) * 100) + "\n", "$quiet")]  # fmt: skip
    parts += ["\n", (_("by rule, over every record of the period: no sampling error") + "\n", "$quiet"),
              (f"{report.card} {report.card_version}  sha256 {report.card_hash[:16]}\n", "$quiet")]  # fmt: skip
    return parts


def problems(report: QaReport, width: int) -> list[Piece]:
    """The Pareto chart: bars by records, intervals, the cumulative share; the three first stand out."""
    if not report.problems:
        return [_("No problem was found.") + "\n"]
    parts: list[Piece] = []
    most = max(line.records for line in report.problems)
    room = max(8, min(30, width - 30))
    for number, line in enumerate(report.problems, 1):
        style = "bold" if number <= 3 else ""
        parts.append((f"{number:>2}  {fit(str(line.item), width - 4).rstrip()}\n", style))
        bar = "#" * max(1, round(line.records / most * room))
        colour = {Severity.CRITICAL: "$text-error", Severity.MAJOR: "$text-warning"}.get(line.worst, "$accent")
        parts += ["    ", (bar.ljust(room), colour), (f" {line.records:>4}  {line.share * 100:.1f} %\n", style)]
        told = _("{interval}   cumulative {cumulative:.0f} %   worst: {worst}   {examples}").format(
            interval=percent_interval(line.interval), cumulative=line.cumulative * 100,
            worst=_(SEVERITIES[line.worst]), examples=", ".join(line.examples),
        )  # fmt: skip
        parts.append(("    " + fit(told, width - 4).rstrip() + "\n", "$quiet"))
    return parts


def chart(report: QaReport, width: int) -> list[Piece]:
    """The p-chart, a line for each subgroup: the limits in brackets, `|` the mean, `*` the share, `!` a signal."""
    found = report.chart
    if found is None or not found.points:
        return [_("Too few records for a chart.") + "\n"]
    first = min(14, max(cell_len(p.label) for p in found.points))
    room = max(12, min(48, width - first - 20))
    top = max([p.high for p in found.points] + [p.share for p in found.points] + [0.01])
    parts: list[Piece] = []
    for point in found.points:
        cells = list(span(point.low, found.centre, point.high, room, top=top))
        cells = ["|" if cell == "*" else "." if cell == "-" else cell for cell in cells]
        place = max(0, min(room - 1, round(point.share / top * (room - 1))))
        cells[place] = "!" if point.signals else "*"
        style = "$text-error bold" if point.signals else ""
        parts += [fit(point.label, first) + " ", ("".join(cells), style),
                  (f" {point.count:>3}/{point.n:<3} {point.share * 100:5.1f} %\n", style)]  # fmt: skip
        if point.signals:
            parts.append(
                (" " * (first + 1) + fit(signals_text(point.signals), width - first - 1).rstrip() + "\n", "$text-error")
            )
    parts.append((_("[ ] limits, | mean, * failing share, ! signal") + "\n", "$quiet"))
    return parts


def heat(report: QaReport, width: int) -> list[Piece]:
    """Items by shift: mean points of ten, coloured; under 7 marked with `!`."""
    columns = report.heat.columns
    widest = max((cell_len(str(column)) for column in columns), default=0) + 2
    cell = max(7, min(14, widest, (width - 10) // max(1, len(columns))))
    first = max(10, min(40, width - cell * len(columns)))
    heads = "".join(fit(str(column), cell - 1, "right") + " " for column in columns)
    parts: list[Piece] = [(" " * first + heads + "\n", "bold")]
    for item, cells in report.heat.rows:
        parts.append(fit(str(item), first))
        for one in cells:
            if one.points is None:
                parts.append((f"{'-':>{cell - 1}} ", "$quiet"))
                continue
            points = one.points
            style = next(style for least, style in _HEAT if points >= least)
            mark = "!" if points < 7 else " "
            parts.append((f"{points:>{cell - 1}.2f}{mark}", style))
        parts.append("\n")
    parts.append((_("mean points of 10; ! under 7") + "\n", "$quiet"))
    return parts


def agents(report: QaReport, width: int) -> list[Piece]:
    """Each agent's pass rate with its interval; grey where there are too few records to say much."""
    if not report.agents:
        return [_("Agents are shown to those who conduct the round.") + "\n"]
    first = min(16, max(cell_len(line.agent) for line in report.agents))
    room = max(12, min(40, width - first - 34))
    parts: list[Piece] = []
    for line in report.agents:
        style = "$quiet" if line.few else ""
        drawn = span(line.interval.low, line.share, line.interval.high, room)
        group = _("few records") if line.few else tier_text(line.tier)
        parts.append((f"{fit(line.agent, first)} {drawn} {line.share * 100:5.1f} %  n {line.n:<4} {group}\n", style))
    parts.append((_("[*] pass rate with its 95 % interval from 0 to 100 %; grey: under 20 records") + "\n", "$quiet"))
    return parts


def raters(report: QaReport, width: int) -> list[Piece]:
    """Each rater's bias against the panel, left strict, right lenient; and how many were scored too fast."""
    if not report.raters:
        return []
    biases = [line.bias for line in report.raters if line.bias]
    reach = max([abs(v) for b in biases for v in (b.interval.low, b.interval.high)] + [1.0])
    first = min(16, max(cell_len(line.rater) for line in report.raters))
    room = max(13, min(41, width - first - 34)) | 1
    parts: list[Piece] = []
    for line in report.raters:
        bias = line.bias
        if bias is None:
            parts.append((f"{fit(line.rater, first)} {'-':<{room}}  n {line.n}\n", "$quiet"))
            continue
        moved = Interval(bias.interval.low + reach, bias.interval.high + reach)
        drawn = span(moved.low, bias.bias + reach, moved.high, room, top=2 * reach, target=reach)
        word = leniency_text(bias.clear, bias.bias)
        fast = "  " + _("{count} under 15 s").format(count=line.fast) if line.fast else ""
        style = "$text-warning bold" if bias.clear else ""
        told = f"{fit(line.rater, first)} {drawn} {bias.bias:+.2f}  n {bias.records:<4} {word}"
        below = "\n" + " " * first if cell_len(told + fast) > width else ""
        parts += [(told + below, style), (fast + "\n", "$text-warning")]
    parts.append(
        (_("[*] points above (right) or below (left) the others, | none; with its 95 % interval") + "\n", "$quiet")
    )
    return parts


def agreement(report: QaReport, width: int) -> list[Piece]:
    """How far the raters agree on each item: alpha with its interval first where few records were rated twice."""
    parts: list[Piece] = []
    for line in report.agreement:
        verdict = line.alpha.verdict
        style = {"recalibrate": "$text-error bold", "tentative": "$text-warning", "n/a": "$quiet"}.get(verdict, "")
        told = _(VERDICTS_OF_AGREEMENT[verdict])
        room = max(10, width - cell_len(told) - 2)
        parts += [(fit(str(line.item), room) + "  ", "bold"), (told + "\n", style)]
        raw = (
            _("n/a ({why})").format(why=_(line.raw.why)) if line.raw.value is None else f"{line.raw.value * 100:.1f} %"
        )
        figures = _("alpha {alpha}   AC {ac}   equal {raw}   n {n}").format(
            alpha=coefficient_text(line.alpha), ac=coefficient_text(line.ac), raw=raw, n=line.raw.units
        )
        parts.append(("  " + hanging(figures, width, 2) + "\n", "" if style == "$quiet" else style or "$quiet"))
    return parts


DRAWN: dict[str, Callable[[QaReport, int], list[Piece]]] = {
    "summary": summary, "problems": problems, "p_chart": chart, "shift_by_item": heat, "agents": agents,
    "raters": raters, "agreement": agreement,
}  # fmt: skip

__all__ = ["DRAWN", "span"]
