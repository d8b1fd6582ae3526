"""`deskapp flow publish | sign | retire | published | stats`: flows on a desk."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from deskapp.cli.flow_source import judged
from deskapp.cli.kit import Call
from deskapp.cli.output import clock_time, emit, instant, print_table, say
from deskapp.cli.session import desk_of
from deskapp.domain.errors import Invalid
from deskapp.domain.flow import to_data
from deskapp.domain.flow.advice import ENOUGH, flow_advice, question_advice
from deskapp.domain.i18n import N_, _, language
from deskapp.services.requests.flow_figures import GetFlowFigures
from deskapp.services.requests.flows import GetFlows, PublishFlow, PublishShipped, RetireFlow, SignFlow

Name = Annotated[str, typer.Argument(metavar="FLOW", help=N_("The name of a published flow."))]


def publish(
    call: Call,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help=N_("A flow file."))] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help=N_("The shipped sample flows instead."))] = False,
) -> None:
    if (file is None) != shipped:
        raise Invalid(N_("Name one flow file, or --shipped."))
    command = PublishShipped() if file is None else PublishFlow(data=to_data(judged(file)))
    with desk_of(call) as (desk, actor):
        receipt = desk.execute(actor, command)
    if call.json:
        emit({"published": receipt.label})
    else:
        say(_("Published: {flows}. New calls are taken with it.").format(flows=receipt.label))


def sign(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("A flow file or the name of a shipped flow."))],
    note: Annotated[str, typer.Option("--note", help=N_("In what capacity you sign."))],
) -> None:
    command = SignFlow(data=to_data(judged(file)), note=note)
    with desk_of(call) as (desk, actor):
        receipt = desk.execute(actor, command)
    if call.json:
        emit({"signed": receipt.label})
    else:
        say(_("Signed: {flow}. It holds for this very content.").format(flow=receipt.label))


def retire(
    call: Call,
    flow: Name,
    again: Annotated[bool, typer.Option("--again", help=N_("Offer it again."))] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        desk.execute(actor, RetireFlow(flow=flow, retired=not again))
    if call.json:
        emit({"flow": flow, "retired": not again})
    else:
        say((_("{flow} is offered again.") if again else _("{flow} is offered no more.")).format(flow=flow))


def published(call: Call) -> None:
    with desk_of(call) as (desk, actor):
        lines = desk.read(actor, GetFlows(retired=True))
    if call.json:
        emit({"flows": [
            {
                "flow": line.flow, "version": line.version, "hash": line.hash, "title": asdict(line.title),
                "red": line.red, "signed_by": line.signed_by or None, "shipped": line.shipped, "retired": line.retired,
                "published_at": instant(line.published_at),
            }
            for line in lines
        ]})  # fmt: skip
        return
    if not lines:
        say(_("No flow is published; deskapp flow publish --shipped publishes the samples."))
        return
    rows = [
        (line.flow, line.version, line.title.get(language()), line.signed_by or _("not signed"),
         _("retired") if line.retired else "", clock_time(line.published_at))
        for line in sorted(lines, key=lambda line: line.flow)
    ]  # fmt: skip
    print_table((_("flow"), _("version"), _("title"), _("signed by"), "", _("published")), rows)


def stats(
    call: Call,
    flow: Annotated[str, typer.Argument(metavar="FLOW", help=N_("One flow; its questions are told too."))] = "",
    days: Annotated[int, typer.Option("--days", min=1, help=N_("Only calls of so many days back."))] = 90,
) -> None:
    with desk_of(call) as (desk, actor):
        figures = desk.read(actor, GetFlowFigures(flow=flow, since=desk.clock.now() - timedelta(days=days)))
    if call.json:
        emit({"days": days, "flows": [
            {
                **asdict(item), "advice": flow_advice(item),
                "questions": [{**asdict(q), "advice": question_advice(q, item.cases)} for q in item.questions],
            }
            for item in figures
        ]})  # fmt: skip
        return
    if not figures:
        say(_("No call was taken with a flow in {days} days.").format(days=days))
        return
    heads = (_("flow"), _("cases"), _("seconds"), _("keys"), _("grade changed"), _("broken off"), _("first visit"),
             _("part missing"))  # fmt: skip
    print_table(heads, [
        (item.title.get(language()), str(item.cases), f"{item.seconds:.0f}", f"{item.keys:.0f}",
         _share(item.overridden), _share(item.broken_off), _share(item.first_visit), _share(item.missing_part))
        for item in figures
    ])  # fmt: skip
    for item in figures:
        for advice in flow_advice(item) if flow or item.cases >= ENOUGH else ():
            say(f"  {item.title.get(language())}: {advice}")
    for item in figures if flow else ():
        say("")
        heads = (_("question"), _("asked"), _("answered"), _("unknown"), _("changed"), _("seconds"),
                 _("bits on outcome"), _("bits on cause"))  # fmt: skip
        print_table(heads, [
            (q.label.get(language()), str(q.asked), str(q.answered), str(q.unknown), str(q.changed),
             "" if q.seconds is None else f"{q.seconds:.0f}", 
             "" if q.gain_outcome is None else f"{q.gain_outcome:.2f}",
             "" if q.gain_cause is None else f"{q.gain_cause:.2f}")
            for q in item.questions
        ])  # fmt: skip
        for q in item.questions:
            for advice in question_advice(q, item.cases):
                say(f"  {q.label.get(language())}  {advice}")


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
