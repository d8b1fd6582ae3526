"""`deskapp qa`: what a round found, as figures: agreement, report, review pack, proofs, the files for an audit."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, print_table, say
from deskapp.cli.qa_shown import Campaign, action_of, round_of
from deskapp.cli.session import desk_of
from deskapp.domain.agreement import Coefficient
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_report import QaReport
from deskapp.services.requests.qa.actions import VerifyAction
from deskapp.services.requests.qa.evidence import GetEvidence
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.requests.qa.review import GetReview
from deskapp.services.requests.qa.sessions import GetExamResults


def agreement(call: Call, campaign: Campaign) -> None:
    report = _report(call, campaign)
    if call.json:
        emit({
            "items": [
                {
                    "item": line.item.en, "level": line.level, "raw": line.raw.value, "alpha": line.alpha.value,
                    "alpha_interval": _ends(line.alpha), "ac": line.ac.value, "ac_interval": _ends(line.ac),
                    "units": line.alpha.units, "why": line.alpha.why or None, "verdict": line.alpha.verdict,
                }
                for line in report.agreement
            ],
            "raters": [
                {
                    "rater": line.rater, "role": line.role, "n": line.n, "fast": line.fast,
                    "bias": line.bias.bias if line.bias else None,
                    "interval": [line.bias.interval.low, line.bias.interval.high] if line.bias else None,
                }
                for line in report.raters
            ],
        })  # fmt: skip
        return
    _tables(report, ("agreement", "raters"))


def report(
    call: Call,
    campaign: Campaign,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help=N_("Write one HTML file."))] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help=N_("Write a workbook."))] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FOLDER", help=N_("Write a CSV file a table."))] = None,
) -> None:
    from deskapp.services.qa.report_html import write_html
    from deskapp.services.qa.report_tables import render_report_text, report_tables
    from deskapp.services.tables import write_csv, write_xlsx

    found = _report(call, campaign)
    if html:
        write_html(found, html)
    if xlsx:
        write_xlsx(report_tables(found), xlsx)
    if csv:
        csv.mkdir(parents=True, exist_ok=True)
        write_csv(report_tables(found), csv)
    if call.json:
        emit(_figures(found))
    elif not (html or xlsx or csv):
        for line in render_report_text(found).splitlines():
            say(line)
    for path in filter(None, (html, xlsx, csv)):
        say(_("Written: {path}").format(path=path), err=call.json)


def review(
    call: Call,
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help=N_("Such as 2026-Q2."))],
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help=N_("Write one HTML file."))] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help=N_("Write a workbook."))] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FOLDER", help=N_("Write a CSV file a table."))] = None,
) -> None:
    with desk_of(call) as (desk, actor):
        pack = desk.read(actor, GetReview(quarter=quarter))
    if html or xlsx or csv:
        _write_review(pack, html, xlsx, csv)
        for path in filter(None, (html, xlsx, csv)):
            say(_("Written: {path}").format(path=path), err=call.json)
        if not call.json:
            return
    if call.json:
        emit({
            "quarter": pack.quarter,
            "trends": [
                {"campaign": t.campaign, "last_day": t.last_day, "edition": t.edition, "records": t.records,
                 "score": t.score, "pass_rate": t.pass_rate, "interval": [t.low, t.high], "broken": t.broken}
                for t in pack.trends
            ],
            "rewrite": [{"item": r.item.en, "alpha": r.alpha, "upheld": r.upheld} for r in pack.rewrite],
            "cases": [{"case": c.label, "story": c.story, "lesson": c.lesson} for c in pack.cases],
            "proposed": pack.proposed or None,
            "changes": [{"item": c.item, "what": c.what, "before": c.before, "after": c.after} for c in pack.changes],
        })  # fmt: skip
        return
    print_table(
        [_("campaign"), _("until"), _("card"), "n", _("score"), _("pass rate"), _("95 % interval"), ""],
        [
            (t.campaign, t.last_day, str(t.edition), str(t.records), f"{t.score:.2f}", f"{t.pass_rate * 100:.1f} %",
             f"{t.low * 100:.1f} - {t.high * 100:.1f} %", _("BREAK: another card") if t.broken else "")
            for t in pack.trends
        ],
    )  # fmt: skip
    for line in pack.rewrite:
        alpha = "-" if line.alpha is None else f"{line.alpha:.2f}"
        told = _("rewrite? {item}: agreement {alpha}, disputes upheld {count}")
        say(told.format(item=line.item, alpha=alpha, count=line.upheld))
    for case in pack.cases:
        say(f"{case.label}  {case.story}")
    if pack.proposed:
        say(_("Proposed card: {card}").format(card=pack.proposed))
        for change in pack.changes:
            say(f"  {change.item or '-'}  {change.what}: {change.before} > {change.after}")


def exam(
    call: Call,
    title: Annotated[str, typer.Argument(metavar="TITLE", help=N_("The exam's title; else all closed exams."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        lines = desk.read(actor, GetExamResults(title=title))
    if call.json:
        emit([
            {"exam": x.exam, "person": x.person, "cases": x.cases, "of": x.of, "distance": round(float(x.distance), 4),
             "worst": float(x.worst), "passed": x.passed}
            for x in lines
        ])  # fmt: skip
        return
    print_table(
        [_("exam"), _("person"), _("cases scored"), _("mean distance"), _("largest"), _("result")],
        [
            (x.exam, x.person, f"{x.cases}/{x.of}", f"{float(x.distance):.2f}", f"{float(x.worst):g}",
             _("has passed") if x.passed else _("has not passed"))
            for x in lines
        ],
    )  # fmt: skip


def verify(
    call: Call, action: Annotated[str, typer.Argument(metavar="ACTION", help=N_("An action's number: CA-3."))]
) -> None:
    with desk_of(call) as (desk, actor):
        before = action_of(desk, actor, action)
        desk.execute(actor, VerifyAction(action_id=before.id))
        after = action_of(desk, actor, action)
    proof = after.proofs[-1]
    if call.json:
        emit({
            "action": after.label, "state": after.state.value, "method": proof.method, "passes": proof.passes,
            "n": proof.n, "population": proof.population, "p_value": proof.p_value, "verdict": proof.verdict.value,
        })  # fmt: skip
        return
    from deskapp.domain.verification import VERDICT_NAMES

    told = _("{action}: {passes} of {n}, {verdict}; it is now {state}.")
    say(told.format(action=after.label, passes=proof.passes, n=proof.n, verdict=_(VERDICT_NAMES[proof.verdict]),
                    state=_(after.state.value)))  # fmt: skip


def export(
    call: Call,
    campaign: Campaign,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help=N_("A new folder for the files."))],
) -> None:
    with desk_of(call) as (desk, actor):
        found = round_of(desk, actor, campaign)
        files: dict[str, str] = desk.read(actor, GetEvidence(campaign_id=found.line.id))
    to.mkdir(parents=True, exist_ok=True)
    if any(to.iterdir()):
        raise Invalid(N_("The folder {path} is not empty."), path=str(to), hint=N_("Name a new one."))
    for name, text in files.items():
        (to / name).write_text(text, encoding="utf-8")
    if call.json:
        emit({"folder": str(to), "files": sorted(files)})
    else:
        say(_("Written: {path}").format(path=to))


def _write_review(pack: Any, html: Path | None, xlsx: Path | None, csv: Path | None) -> None:
    from deskapp.services.qa.review_tables import review_tables, write_review_html
    from deskapp.services.tables import write_csv, write_xlsx

    if html:
        write_review_html(pack, html)
    if xlsx:
        write_xlsx(review_tables(pack), xlsx)
    if csv:
        write_csv(review_tables(pack), csv)


# Helpers --------------------------------------------------------------------------------------------------------------


def _report(call: Call, campaign: str) -> QaReport:
    with desk_of(call) as (desk, actor):
        found = round_of(desk, actor, campaign)
        report: QaReport = desk.read(actor, GetReport(campaign_id=found.line.id))
        return report


def _tables(report: QaReport, keys: tuple[str, ...]) -> None:
    from deskapp.services.qa.report_tables import report_tables
    from deskapp.services.tables import render_text

    for table in report_tables(report):
        if table.key in keys and table.rows:
            for line in render_text(table).splitlines():
                say(line)


def _ends(found: Coefficient) -> list[float] | None:
    return [found.interval.low, found.interval.high] if found.interval else None


def _figures(found: QaReport) -> dict[str, Any]:
    rate = found.pass_rate
    return {
        "campaign": found.campaign, "period": found.period, "population": found.population, "scored": found.scored,
        "score": found.score.value, "pass_rate": rate.share, "interval": [rate.interval.low, rate.interval.high],
        "census": rate.census, "card_hash": found.card_hash,
        "critical": [{"kind": c.kind.value, "clean": c.clean, "n": c.n} for c in found.critical],
        "problems": [{"item": p.item.en, "records": p.records, "n": p.n} for p in found.problems],
        "agents": [{"agent": a.agent, "n": a.n, "passed": a.passed, "tier": a.tier} for a in found.agents],
        "by_rule": [{"item": str(i), "met": r.met, "n": r.n} for i, r in found.aggregates],
        "frame_hash": found.audit.frame_hash, "seed": found.audit.seed, "openssl": found.audit.openssl,
    }  # fmt: skip
