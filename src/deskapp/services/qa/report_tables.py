"""The QA report as tables: one list that the terminal, CSV and XLSX show, and the words that HTML shares."""

import math

from deskapp.domain.agreement import Coefficient
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_report import Audit, QaReport, VerificationLine
from deskapp.domain.qa_words import RATER_ROLES, known_word
from deskapp.domain.scorecard import CriticalClass, Severity
from deskapp.domain.scoring import shown
from deskapp.domain.statistics import Interval
from deskapp.domain.verification import VERDICT_NAMES, ActionState
from deskapp.services.tables import Cell, Percent, Table, render_text

SEVERITIES = {Severity.MINOR: N_("minor"), Severity.MAJOR: N_("major"), Severity.CRITICAL: N_("critical")}
CLASSES = {
    CriticalClass.CUSTOMER: N_("customer-critical"),
    CriticalClass.BUSINESS: N_("business-critical"),
    CriticalClass.COMPLIANCE: N_("compliance-critical"),
}
ACTION_STATES = {
    ActionState.OPEN: N_("to do"),
    ActionState.DONE: N_("done, to be verified"),
    ActionState.VERIFYING: N_("being verified"),
    ActionState.SECOND_ROUND: N_("second round"),
    ActionState.CLOSED: N_("closed, proven"),
    ActionState.ESCALATED: N_("escalated"),
    ActionState.VOID: N_("void"),
}
VERDICTS_OF_AGREEMENT = {
    "rely": N_("rely on it"),
    "tentative": N_("tentative"),
    "recalibrate": N_("recalibrate"),
    "n/a": N_("n/a"),
}


def percent_interval(interval: Interval, places: int = 1) -> str:
    """Return an interval of a share in percent."""
    return f"{interval.low * 100:.{places}f} – {interval.high * 100:.{places}f} %"


def number_interval(interval: Interval | None, places: int = 2) -> str:
    """Return an interval of numbers; a dash where there is none."""
    if interval is None or math.isinf(interval.low):
        return "–"
    return f"[{interval.low:.{places}f}, {interval.high:.{places}f}]"


def coefficient_text(found: Coefficient, places: int = 2) -> str:
    """Return a coefficient as it is printed: the interval first where few records were rated twice; n/a with why."""
    if found.value is None:
        return _("n/a ({why})").format(why=_(found.why))
    value = f"{found.value:.{places}f}"
    if found.interval is None:
        return value
    span = f"[{found.interval.low:.{places}f}, {found.interval.high:.{places}f}]"
    return f"{span} {value}" if found.interval_first else f"{value} {span}"


def report_tables(report: QaReport) -> tuple[Table, ...]:
    """Return all tables of the report in the language in force."""
    return (
        _summary(report),
        _critical(report),
        _problems(report),
        _chart(report),
        _heat(report),
        _agents(report),
        _raters(report),
        _rater_items(report),
        _agreement(report),
        _cases(report),
        _actions(report),
        _power(report),
        *_audit(report.audit),
    )


def render_report_text(report: QaReport, *, width: int = 100) -> str:
    """Return the report for the terminal; empty tables are left out."""
    head = f"{report.title}\n{report.campaign}  {report.period}\n"
    parts = [render_text(table, width=width) for table in report_tables(report) if table.rows]
    return "\n".join([head, *parts])


def summary_notes(report: QaReport) -> tuple[str, ...]:
    """Return what must be read beside the figures: census, notes."""
    notes = []
    if report.pass_rate.census:
        notes.append(_("Census: all records were scored, there is no sampling error."))
    return (*notes, *report.notes)


def _summary(report: QaReport) -> Table:
    rate, score = report.pass_rate, report.score
    rows: list[tuple[Cell | Percent, ...]] = [
        (_("Overall score"), f"{score.value:.2f}", number_interval(score.interval)),
        (_("Pass rate"), str(Percent(rate.share)), _("census") if rate.census else percent_interval(rate.interval)),
        (_("Records in the frame"), str(report.population), ""),
        (_("Records scored"), str(report.scored), ""),
        (_("Pass mark"), str(shown(report.pass_mark)), _("and no critical finding")),
        (_("Scorecard"), str(report.card), _("version {number}").format(number=report.card_version)),
        (_("Card's content hash"), report.card_hash, ""),
        (_("Made"), report.made_at.strftime("%Y-%m-%d %H:%M UTC"), ""),
    ]
    for item, found in report.aggregates:
        share = _("n/a") if found.share is None else str(Percent(float(found.share)))
        target = Percent(float(found.target))
        rows.append((str(item), share, _("{met} of {n}, target {target}").format(met=found.met, n=found.n,
                                                                                   target=target)))  # fmt: skip
    return Table(
        "summary", _("Result"), (_("Figure"), _("Value"), _("95 % interval")), tuple(rows), summary_notes(report)
    )


def _critical(report: QaReport) -> Table:
    rows = tuple(
        (_(CLASSES[line.kind]), line.clean, line.n, Percent(line.share), percent_interval(line.interval))
        for line in report.critical
    )
    heads = (_("Class"), _("Records without"), _("Records"), _("Accuracy"), _("95 % interval"))
    return Table("critical_accuracy", _("Critical-error accuracy"), heads, rows)


def _problems(report: QaReport) -> Table:
    rows = tuple(
        (
            i, str(line.item), line.records, Percent(line.share), percent_interval(line.interval),
            Percent(line.cumulative, 0), _(SEVERITIES[line.worst]), ", ".join(line.examples),
        )
        for i, line in enumerate(report.problems, 1)
    )  # fmt: skip
    heads = (
        _("No."), _("Problem"), _("Records"), _("Share"), _("95 % interval"), _("Cumulative"), _("Worst"),
        _("For instance"),
    )  # fmt: skip
    return Table("problems", _("Problems by records (Pareto)"), heads, rows)


def _chart(report: QaReport) -> Table:
    points = report.chart.points if report.chart else ()
    rows = tuple(
        (p.label, p.count, p.n, Percent(p.share), Percent(p.low), Percent(p.high), signals_text(p.signals))
        for p in points
    )
    heads = (
        _("Subgroup"), _("Failed"), _("Records"), _("Share"), _("Lower limit"), _("Upper limit"), _("Signal"),
    )  # fmt: skip
    notes = (_("Mean share {share}.").format(share=Percent(report.chart.centre)),) if report.chart else ()
    return Table("p_chart", _("Failing records over time (p-chart)"), heads, rows, notes)


def signals_text(signals: tuple[int, ...]) -> str:
    """Return which rules a point breaks."""
    words = {1: _("beyond the limits"), 4: _("eight in a row on one side")}
    return "; ".join(words.get(s, _("rule {number}").format(number=s)) for s in signals)


def _heat(report: QaReport) -> Table:
    rows = tuple(
        (str(item), *(None if cell.points is None else round(cell.points, 2) for cell in cells))
        for item, cells in report.heat.rows
    )
    heads = (_("Item"), *(str(column) for column in report.heat.columns))
    return Table("shift_by_item", _("Items by shift (mean points of 10)"), heads, rows)


def _agents(report: QaReport) -> Table:
    rows = tuple(
        (
            line.agent, line.n, Percent(line.share), percent_interval(line.interval), round(line.mean, 2),
            _("few records") if line.few else tier_text(line.tier),
        )
        for line in report.agents
    )  # fmt: skip
    heads = (_("Agent"), _("Records"), _("Pass rate"), _("95 % interval"), _("Mean score"), _("Group"))
    notes = (_("Agents whose intervals overlap are not ranked; the order is by name."),) if rows else ()
    return Table("agents", _("Agents"), heads, rows, notes)


def tier_text(tier: int | None) -> str:
    """Return an agent's group; without groups nobody can be told apart."""
    return _("not distinguishable") if tier is None else _("group {number}").format(number=tier)


def _raters(report: QaReport) -> Table:
    rows: list[tuple[Cell | Percent, ...]] = []
    for line in report.raters:
        bias = line.bias
        rows.append((
            line.rater, _(RATER_ROLES.get(line.role, line.role)), line.n, bias.records if bias else 0,
            round(bias.bias, 2) if bias else None, number_interval(bias.interval) if bias else "–",
            leniency_text(line.bias is not None and line.bias.clear, line.bias.bias if line.bias else 0.0), line.fast,
        ))  # fmt: skip
    heads = (
        _("Rater"), _("Role"), _("Evaluations"), _("Shared"), _("Bias (points)"), _("95 % interval"), _("Reading"),
        _("Under 15 s"),
    )  # fmt: skip
    return Table("raters", _("Raters against the panel"), heads, tuple(rows))


def _rater_items(report: QaReport) -> Table:
    rows = tuple(
        (line.rater, str(line.item), line.bias.records, round(line.bias.bias, 2), number_interval(line.bias.interval),
         leniency_text(line.bias.clear, line.bias.bias))
        for line in report.rater_items
    )  # fmt: skip
    heads = (_("Rater"), _("Item"), _("Shared"), _("Bias (of 10)"), _("Interval"), _("Reading"))
    return Table("rater_items", _("Items on which a rater is strict or lenient"), heads, rows)


def leniency_text(clear: bool, bias: float) -> str:
    """Return how a bias reads: strict or lenient only where its interval leaves out 0."""
    if not clear:
        return _("no clear bias")
    return _("lenient") if bias > 0 else _("strict")


def _agreement(report: QaReport) -> Table:
    levels = {"nominal": _("nominal"), "interval": _("interval"), "ordinal": _("ordinal"), "ratio": _("ratio")}
    rows = tuple(
        (
            str(line.item), levels[line.level], line.raw.units,
            _("n/a ({why})").format(why=_(line.raw.why)) if line.raw.value is None else Percent(line.raw.value),
            coefficient_text(line.alpha), coefficient_text(line.ac), _(VERDICTS_OF_AGREEMENT[line.alpha.verdict]),
        )
        for line in report.agreement
    )  # fmt: skip
    heads = (
        _("Item"), _("Level"), _("Rated twice"), _("Raw agreement"), _("Krippendorff's alpha"), _("Gwet's AC1/AC2"),
        _("Reading"),
    )  # fmt: skip
    notes = (_("From 0.80: rely on it; 0.667 to 0.80: tentative; below: recalibrate."),) if rows else ()
    return Table("agreement", _("Agreement of the raters"), heads, rows, notes)


def _cases(report: QaReport) -> Table:
    kinds = {"good": _("good"), "bad": _("to be avoided")}
    rows = tuple((c.label, kinds[c.kind], str(shown(c.score)), c.story, c.lesson) for c in report.cases)
    return Table(
        "cases", _("Cases (anonymised)"), (_("Case"), _("Kind"), _("Score"), _("What happened"), _("Lesson")), rows
    )


def _actions(report: QaReport) -> Table:
    rows = tuple(
        (
            a.number, a.finding, a.department, a.responsible, a.action, a.deadline, _(ACTION_STATES[a.state]), a.round,
            verdict_text(a.verification),
        )
        for a in report.actions
    )  # fmt: skip
    heads = (
        _("Number"), _("Finding"), _("Department"), _("Responsible"), _("What to do"), _("Deadline (UTC)"), _("State"),
        _("Round"), _("Verification"),
    )  # fmt: skip
    return Table("corrective_actions", _("Corrective actions"), heads, rows)


def verdict_text(line: VerificationLine | None) -> str:
    """Return the proof of an action in one line: passes of n, the population, p, the verdict."""
    if line is None:
        return _("not yet")
    whole = "" if line.population is None else _(" of {population}").format(population=line.population)
    return _("{passes}/{n}{whole}: {verdict} (p = {p:.3f}, target {target})").format(
        passes=line.passes, n=line.n, whole=whole, verdict=_(VERDICT_NAMES[line.verdict]), p=line.p_value,
        target=Percent(line.target, 0),
    )  # fmt: skip


def _power(report: QaReport) -> Table:
    rows = tuple(
        (a.number, row.n, _("none proves it") if row.allowed is None else str(row.allowed), Percent(row.power))
        for a in report.actions
        if a.verification
        for row in a.verification.power
    )
    heads = (_("Action"), _("n"), _("Failures allowed"), _("Power if the true rate is 99 %"))
    return Table("verification_power", _("What each sample size can prove"), heads, rows)


def _audit(audit: Audit) -> tuple[Table, ...]:
    facts = (
        (_("Filter"), audit.filter),
        (_("Records in the frame"), str(audit.frame_size)),
        (_("Frame's hash (SHA-256)"), audit.frame_hash),
        (_("Frozen"), audit.frozen_at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        (_("Seed"), audit.seed),
        (_("Seed fixed"), audit.seeded_at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        (_("Draw"), audit.version),
        (_("Check one record"), audit.openssl),
        (_("It must print"), audit.example.ticket if audit.example else ""),
    )
    strata = tuple((known_word(s.name), s.population, s.n, s.scored, s.replaced) for s in audit.strata)
    return (
        Table("audit", _("Audit: how the sample was drawn"), (_("Fact"), _("Value")), facts),
        Table("strata", _("Strata"), (_("Stratum"), "N", "n", _("Scored"), _("Replaced")), strata),
        Table("exclusions", _("Left out of the frame"), (_("Reason"), _("Records")), audit.exclusions),
        Table(
            "replacements", _("Replaced from the reserve"), (_("Record"), _("Replaced by"), _("Reason")),
            audit.replacements,
        ),
        Table(
            "draw", _("The draw"), (_("Record"), _("Stratum"), _("Ticket (HMAC-SHA256)")),
            tuple((d.record, known_word(d.stratum), d.ticket) for d in audit.drawn),
        ),
    )  # fmt: skip
