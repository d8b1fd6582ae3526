"""`deskapp qa`: a round of quality assurance from plan to proof, as commands."""

import os
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import clock_time, emit, print_table, say
from deskapp.cli.session import desk_of
from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_report import QaReport
from deskapp.domain.qa_views import ActionView, PlanPreview, RoundLine, RoundView
from deskapp.domain.views import Directory
from deskapp.services.desk import Desk
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.qa.actions import ListActions, VerifyAction
from deskapp.services.requests.qa.dealing import AssignRound, ReplaceRecord
from deskapp.services.requests.qa.looking import CheckDraw, GetRound, ListRounds, PreviewPlan
from deskapp.services.requests.qa.reports import GetEvidence, GetReport, GetReview
from deskapp.services.requests.qa.rounds import (
    AdvanceRound,
    DrawRound,
    EnlargeRound,
    FreezeRound,
    PlanChoice,
    PlanRound,
    SeedRound,
    VoidRound,
)

Campaign = Annotated[str, typer.Argument(metavar="CAMPAIGN", help=N_("A campaign's number: Q-3, or 3."))]


def plan(
    call: Call,
    name: Annotated[
        str, typer.Option("--plan", help=N_("A plan of the pack: monthly, complaints, vendors."))
    ] = "monthly",
    period: Annotated[str, typer.Option("--period", help=N_("last_month, 2026-05, or 2026-05-01..2026-05-31."))] = "",
    zone: Annotated[str, typer.Option("--zone", help=N_("The zone in which days are counted."))] = "",
    share: Annotated[str, typer.Option("--share", metavar="SHARE", help=N_("How much to draw: 0.3, or 30%."))] = "",
    half_width: Annotated[
        str, typer.Option("--half-width", metavar="WIDTH", help=N_("Or the half-width wanted at 95 %: 0.05."))
    ] = "",
    strata: Annotated[str, typer.Option("--strata", help=N_("shift, agent, team, channel, grade or none."))] = "",
    title: Annotated[str, typer.Option("--title", help=N_("The campaign's title."))] = "",
    action: Annotated[str, typer.Option("--action", metavar="CA-N", help=N_("The action that it verifies."))] = "",
    begin: Annotated[
        bool, typer.Option("--begin", help=N_("Begin the campaign; else the plan is only shown."))
    ] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        choice = PlanChoice(
            plan=name, period=period, zone=zone or os.environ.get("DESKAPP_TIME_ZONE", "") or "UTC",
            share=_share(share), half_width=float(_share(half_width) or 0) or None, strata=strata,
        )  # fmt: skip
        found: PlanPreview = desk.read(actor, PreviewPlan(choice=choice))
        label = ""
        if begin:
            verified = _action(desk, actor, action).id if action else None
            label = desk.execute(actor, PlanRound(choice=choice, title=title, action_id=verified)).label
    if call.json:
        rows = [_plan_row(row) for row in found.plan.rows]
        emit({
            "campaign": label or None, "plan": found.plan_id, "first_day": found.first_day, "last_day": found.last_day,
            "card": found.card, "strata": rows, "total": _plan_row(found.plan.total),
            "double_scored": found.plan.double_scored, "exclusions": dict(found.exclusions),
        })  # fmt: skip
        return
    say(f"{found.title}  {found.first_day} - {found.last_day}")
    print_table(
        [_("stratum"), "N", "n", _("half-width"), _("rater hours")],
        [
            (
                row.stratum or _("all"),
                str(row.population),
                str(row.n),
                f"{row.half_width * 100:.1f} %",
                f"{row.hours:.1f}",
            )
            for row in (*found.plan.rows, found.plan.total)
        ],
    )
    say(_("{count} records are scored twice.").format(count=found.plan.double_scored))
    for reason, count in found.exclusions:
        say(_("left out, {reason}: {count}").format(reason=_(reason), count=count))
    if label:
        say(_("{campaign} is planned. Next: deskapp qa freeze {campaign}").format(campaign=label))


def freeze(call: Call, campaign: Campaign) -> None:
    with desk_of(call) as (desk, actor):
        found = _round(desk, actor, campaign)
        desk.execute(actor, FreezeRound(campaign_id=found.line.id))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    if call.json:
        emit({"campaign": view.line.label, "frame_size": view.line.frame_size, "frame_hash": view.frame_hash})
        return
    say(_("{campaign}: {count} records are frozen.").format(campaign=view.line.label, count=view.line.frame_size))
    say(f"sha256 {view.frame_hash}")


def draw(
    call: Call,
    campaign: Campaign,
    share: Annotated[str, typer.Option("--share", help=N_("Draw more: what was drawn stays drawn."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        found = _round(desk, actor, campaign)
        more = _share(share)
        if more is not None and found.line.stage is Stage.DRAWN:
            desk.execute(actor, EnlargeRound(campaign_id=found.line.id, share=more))
        else:
            if found.line.stage is not Stage.SEEDED:
                desk.execute(actor, SeedRound(campaign_id=found.line.id))
            desk.execute(actor, DrawRound(campaign_id=found.line.id))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    _show(call, view)


def redraw(
    call: Call,
    campaign: Campaign,
    verify: Annotated[bool, typer.Option("--verify", help=N_("Exit with 3 unless it is as it was drawn."))] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        found = _round(desk, actor, campaign)
        check = desk.read(actor, CheckDraw(campaign_id=found.line.id))
    if call.json:
        emit({
            "campaign": check.campaign, "same": check.same, "frame_hash": check.frame_hash,
            "frame_same": check.frame_same, "missing": list(check.difference.missing),
            "extra": list(check.difference.extra), "seed": check.seed, "example": check.example, "lot": check.lot,
            "openssl": check.openssl,
        })  # fmt: skip
    else:
        say(_("The frame is as it was frozen.") if check.frame_same else _("The frame is NOT as it was frozen."))
        say(_("The sample is the one that the seed gives.") if check.difference.same
            else _("The sample is NOT the one that the seed gives."))  # fmt: skip
        for record in (*check.difference.missing, *check.difference.extra):
            say(f"  {record}")
        say(f"sha256 {check.frame_hash}")
        say(f"seed   {check.seed}")
        say(_("Check one record by hand, {record}:").format(record=check.example))
        say(check.openssl)
        say(f"# {check.lot}")
    if verify and not check.same:
        raise typer.Exit(3)


def assign(
    call: Call,
    campaign: Campaign,
    rater: Annotated[list[str], typer.Option("--rater", metavar="LOGIN", help=N_("A rater; once for each."))],
) -> None:
    with desk_of(call) as (desk, actor):
        found = _round(desk, actor, campaign)
        people: Directory = desk.read(actor, GetDirectory())
        known = {person.login: person.id for person in people.people}
        missing = [login for login in rater if login not in known]
        if missing:
            raise NotFound(N_("{login} is nobody at this desk."), login=missing[0])
        ids = tuple(known[login] for login in dict.fromkeys(rater))
        desk.execute(actor, AssignRound(campaign_id=found.line.id, raters=ids))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    _show(call, view)


def replace(
    call: Call,
    campaign: Campaign,
    record: Annotated[str, typer.Argument(metavar="RECORD", help=N_("The drawn record: T-12."))],
    reason: Annotated[str, typer.Option("--reason", help=N_("Why it can't be scored."))],
) -> None:
    with desk_of(call) as (desk, actor):
        found = _round(desk, actor, campaign)
        desk.execute(actor, ReplaceRecord(campaign_id=found.line.id, record=record, reason=reason))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    _show(call, view)


def step(
    call: Call,
    campaign: Campaign,
    to: Annotated[
        Stage, typer.Argument(metavar="STAGE", help=N_("revealed, adjudicated, released, final, reported or void."))
    ],
    reason: Annotated[str, typer.Option("--reason", help=N_("Why it is void."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        found = _round(desk, actor, campaign)
        if to is Stage.VOID:
            desk.execute(actor, VoidRound(campaign_id=found.line.id, reason=reason))
        else:
            desk.execute(actor, AdvanceRound(campaign_id=found.line.id, to=to))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    _show(call, view)


def status(
    call: Call,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help=N_("A campaign's number; else all."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        if campaign:
            _show(call, _round(desk, actor, campaign))
            return
        lines: tuple[RoundLine, ...] = desk.read(actor, ListRounds())
    if call.json:
        emit([_line(line) for line in lines])
        return
    print_table(
        [_("campaign"), _("title"), _("period"), _("stage"), _("card"), _("scored")],
        [
            (x.label, x.title, f"{x.first_day} - {x.last_day}", _(x.stage.value), f"{x.card} {x.edition}", _scored(x))
            for x in lines
        ],
    )


def agreement(call: Call, campaign: Campaign) -> None:
    report = _report(call, campaign)
    if call.json:
        emit({
            "items": [
                {
                    "item": line.item.en, "level": line.level, "raw": line.raw.value, "alpha": line.alpha.value,
                    "ac": line.ac.value, "units": line.alpha.units,
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
    from deskapp.services.qa_report_html import write_html
    from deskapp.services.qa_report_tables import render_report_text, report_tables
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


def review(call: Call, quarter: Annotated[str, typer.Argument(metavar="QUARTER", help=N_("Such as 2026-Q2."))]) -> None:
    with desk_of(call) as (desk, actor):
        pack = desk.read(actor, GetReview(quarter=quarter))
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


def verify(
    call: Call, action: Annotated[str, typer.Argument(metavar="ACTION", help=N_("An action's number: CA-3."))]
) -> None:
    with desk_of(call) as (desk, actor):
        before = _action(desk, actor, action)
        desk.execute(actor, VerifyAction(action_id=before.id))
        after = _action(desk, actor, action)
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
        found = _round(desk, actor, campaign)
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


# Helpers --------------------------------------------------------------------------------------------------------------


def _share(text: str) -> Fraction | None:
    if not text:
        return None
    try:
        value = Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not 0 < value <= 1:
        raise Invalid(N_("{text} is no share."), text=text, hint=N_("Write 0.3 or 30%."))
    return value


def _number(text: str, prefix: str) -> int:
    bare = text.upper().removeprefix(prefix)
    if not (bare.isascii() and bare.isdigit() and len(bare) < 10):
        raise Invalid(N_("{text} is no number of {prefix}N."), text=text, prefix=prefix)
    return int(bare)


def _round(desk: Desk, actor: Actor, text: str) -> RoundView:
    view: RoundView = desk.read(actor, GetRound(number=_number(text, "Q-")))
    return view


def _action(desk: Desk, actor: Actor, text: str) -> ActionView:
    number = _number(text, "CA-")
    actions: tuple[ActionView, ...] = desk.read(actor, ListActions())
    found = next((view for view in actions if view.number == number), None)
    if found is None:
        raise NotFound(N_("There is no action CA-{number}."), number=number)
    return found


def _report(call: Call, campaign: str) -> QaReport:
    with desk_of(call) as (desk, actor):
        found = _round(desk, actor, campaign)
        report: QaReport = desk.read(actor, GetReport(campaign_id=found.line.id))
        return report


def _tables(report: QaReport, keys: tuple[str, ...]) -> None:
    from deskapp.services.qa_report_tables import report_tables
    from deskapp.services.tables import render_text

    for table in report_tables(report):
        if table.key in keys and table.rows:
            for line in render_text(table).splitlines():
                say(line)


def _show(call: Call, view: RoundView) -> None:
    if call.json:
        emit(_line(view.line) | {
            "filter": view.filter, "frame_hash": view.frame_hash, "seed": view.seed,
            "strata": [{"name": s.name, "population": s.population, "n": s.n, "replaced": s.replaced}
                       for s in view.strata],
            "raters": [{"rater": p.rater, "role": p.role, "wanted": p.wanted, "submitted": p.submitted}
                       for p in view.progress],
            "undecided": view.undecided, "open_disputes": view.open_disputes,
        })  # fmt: skip
        return
    line = view.line
    say(f"{line.label}  {line.title}  {line.first_day} - {line.last_day}  {_(line.stage.value)}")
    if view.frame_hash:
        say(f"sha256 {view.frame_hash}")
    if view.seed:
        say(f"seed   {view.seed}")
    if view.strata:
        print_table(
            [_("stratum"), "N", "n", _("replaced")],
            [(s.name, str(s.population), str(s.n), str(s.replaced)) for s in view.strata],
        )
    if view.progress:
        print_table(
            [_("rater"), _("role"), _("scored")],
            [(p.rater, _(p.role), f"{p.submitted}/{p.wanted}") for p in view.progress],
        )
    if line.dispute_until:
        say(_("Disputes until {at}").format(at=clock_time(line.dispute_until)))


def _scored(line: RoundLine) -> str:
    return "" if line.wanted is None else f"{line.submitted}/{line.wanted}"


def _line(line: RoundLine) -> dict[str, Any]:
    until: datetime | None = line.dispute_until
    return {
        "campaign": line.label, "title": line.title, "kind": line.kind.value, "stage": line.stage.value,
        "first_day": line.first_day, "last_day": line.last_day, "card": line.card, "edition": line.edition,
        "frame_size": line.frame_size, "drawn": line.drawn, "wanted": line.wanted, "submitted": line.submitted,
        "dispute_until": until,
    }  # fmt: skip


def _plan_row(row: Any) -> dict[str, Any]:
    return {"stratum": row.stratum, "population": row.population, "n": row.n, "half_width": row.half_width,
            "hours": row.hours}  # fmt: skip


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
