"""`deskapp qa`: a round of quality assurance from plan to proof, as commands."""

import os
from typing import Annotated

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, print_table, say
from deskapp.cli.qa_shown import (
    Campaign,
    action_of,
    filter_of,
    line_data,
    plan_row,
    proof_of,
    round_of,
    scored,
    show,
    show_proof,
)
from deskapp.cli.session import desk_of
from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_loop import NEXT, Stage
from deskapp.domain.qa_plan import share_of
from deskapp.domain.qa_views import PlanPreview, RoundLine, RoundView
from deskapp.domain.qa_words import known_word
from deskapp.domain.views import Directory
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.qa.dealing import AssignRound, ReplaceRecord
from deskapp.services.requests.qa.looking import CheckDraw, GetRound, ListRounds, PreviewPlan
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
    filters: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="NAME=VALUE", help=N_("Only such records: channel=phone,chat; once each.")),
    ] = None,
    allocation: Annotated[str, typer.Option("--allocation", help=N_("proportional, or equal for each stratum."))] = "",
    per_stratum: Annotated[
        int | None, typer.Option("--per-stratum", metavar="N", min=0, help=N_("At least so many of each stratum."))
    ] = None,
    minimum: Annotated[
        int | None, typer.Option("--minimum", metavar="N", min=0, help=N_("At least so many in all."))
    ] = None,
    everyone: Annotated[
        bool | None, typer.Option("--everyone/--one-rater", help=N_("Each record is scored by all, or by one."))
    ] = None,
    show_agent: Annotated[
        bool | None, typer.Option("--show-agent/--hide-agent", help=N_("Whether raters see the agent while scoring."))
    ] = None,
    show_total: Annotated[
        bool | None, typer.Option("--show-total/--hide-total", help=N_("Whether raters see the score while scoring."))
    ] = None,
    title: Annotated[str, typer.Option("--title", help=N_("The campaign's title."))] = "",
    action: Annotated[str, typer.Option("--action", metavar="CA-N", help=N_("The action that it verifies."))] = "",
    begin: Annotated[
        bool, typer.Option("--begin", help=N_("Begin the campaign; else the plan is only shown."))
    ] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        choice = PlanChoice(
            plan=name, period=period, zone=zone or os.environ.get("DESKAPP_TIME_ZONE", "") or "UTC",
            share=share_of(share) if share else None,
            half_width=float(share_of(half_width)) if half_width else None, strata=strata,
            filters=tuple(map(filter_of, filters or ())), allocation=allocation, per_stratum=per_stratum,
            minimum=minimum, everyone=everyone, show_agent=show_agent, show_total=show_total,
        )  # fmt: skip
        found: PlanPreview = desk.read(actor, PreviewPlan(choice=choice))
        verified, label = action_of(desk, actor, action) if action else None, ""
        proof = proof_of(verified, found) if verified else None
        if begin:
            key = verified.id if verified else None
            label = desk.execute(actor, PlanRound(choice=choice, title=title, action_id=key)).label
    if call.json:
        rows = [plan_row(row) for row in found.plan.rows]
        emit({
            "campaign": label or None, "plan": found.plan_id, "first_day": found.first_day, "last_day": found.last_day,
            "card": found.card, "strata": rows, "total": plan_row(found.plan.total),
            "double_scored": found.plan.double_scored, "exclusions": dict(found.exclusions),
            "proof": [{"n": row.n, "allowed_failures": row.allowed, "power": row.power} for row in proof.table]
            if proof else None,
        })  # fmt: skip
        return
    say(f"{found.title}  {found.first_day} - {found.last_day}")
    print_table(
        [_("stratum"), "N", "n", _("half-width"), _("rater hours")],
        [
            (
                known_word(row.stratum) or _("all"),
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
    if proof:
        show_proof(proof)
    if label:
        say(_("{campaign} is planned. Next: deskapp qa freeze {campaign}").format(campaign=label))


def freeze(call: Call, campaign: Campaign) -> None:
    with desk_of(call) as (desk, actor):
        found = round_of(desk, actor, campaign)
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
        found = round_of(desk, actor, campaign)
        more = share_of(share) if share else None
        if more is None and found.line.stage is Stage.DRAWN:
            raise Conflict(N_("{campaign} is drawn already."), campaign=found.line.label, hint=NEXT[Stage.DRAWN])
        if more is not None and found.line.stage is Stage.DRAWN:
            desk.execute(actor, EnlargeRound(campaign_id=found.line.id, share=more))
        else:
            if found.line.stage is not Stage.SEEDED:
                desk.execute(actor, SeedRound(campaign_id=found.line.id))
            desk.execute(actor, DrawRound(campaign_id=found.line.id))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    show(call, view)


def redraw(
    call: Call,
    campaign: Campaign,
    verify: Annotated[bool, typer.Option("--verify", help=N_("Exit with 3 unless it is as it was drawn."))] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        found = round_of(desk, actor, campaign)
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
        found = round_of(desk, actor, campaign)
        people: Directory = desk.read(actor, GetDirectory())
        known = {person.login: person.id for person in people.people}
        missing = [login for login in rater if login not in known]
        if missing:
            raise NotFound(N_("{login} is nobody at this desk."), login=missing[0],
                           hint=N_("Look with: deskapp people list."))  # fmt: skip
        ids = tuple(known[login] for login in dict.fromkeys(rater))
        desk.execute(actor, AssignRound(campaign_id=found.line.id, raters=ids))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    show(call, view)


def replace(
    call: Call,
    campaign: Campaign,
    record: Annotated[str, typer.Argument(metavar="RECORD", help=N_("The drawn record: T-12."))],
    reason: Annotated[str, typer.Option("--reason", help=N_("Why it can't be scored."))],
) -> None:
    with desk_of(call) as (desk, actor):
        found = round_of(desk, actor, campaign)
        desk.execute(actor, ReplaceRecord(campaign_id=found.line.id, record=record, reason=reason))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    show(call, view)


def step(
    call: Call,
    campaign: Campaign,
    to: Annotated[
        Stage, typer.Argument(metavar="STAGE", help=N_("revealed, adjudicated, released, final, reported or void."))
    ],
    reason: Annotated[str, typer.Option("--reason", help=N_("Why it is void."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        found = round_of(desk, actor, campaign)
        if to is Stage.VOID and not reason.strip():
            raise Invalid(N_("Say why it is void."), hint=N_("Write it after --reason."))
        if to is Stage.VOID:
            desk.execute(actor, VoidRound(campaign_id=found.line.id, reason=reason))
        else:
            desk.execute(actor, AdvanceRound(campaign_id=found.line.id, to=to))
        view: RoundView = desk.read(actor, GetRound(campaign_id=found.line.id))
    show(call, view)


def status(
    call: Call,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help=N_("A campaign's number; else all."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        if campaign:
            show(call, round_of(desk, actor, campaign))
            return
        lines: tuple[RoundLine, ...] = desk.read(actor, ListRounds())
    if call.json:
        emit([line_data(line) for line in lines])
        return
    print_table(
        [_("campaign"), _("title"), _("period"), _("stage"), _("card"), _("scored")],
        [
            (x.label, x.title, f"{x.first_day} - {x.last_day}", _(x.stage.value), f"{x.card} {x.edition}", scored(x))
            for x in lines
        ],
    )
