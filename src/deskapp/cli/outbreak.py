"""`deskapp outbreak …`: mass faults from the command line, on a desk or on an imported log."""

import sys
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Any

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import clock_time, countdown, emit, instant, print_table, say, say_block
from deskapp.cli.session import desk_of, desk_zone
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.incident import STATE_LABELS, IncidentState
from deskapp.domain.outbreak import Signal
from deskapp.domain.permissions import Actor
from deskapp.domain.terms import LABELS
from deskapp.domain.views_incident import MassFaultLine, MassFaultView, PlanActionLine
from deskapp.services.desk import Desk
from deskapp.services.requests import incidents as ask
from deskapp.services.requests.base import Command, Receipt

Number = Annotated[str, typer.Argument(metavar="NUMBER", help=N_("A mass fault's number, such as M-3."))]
Reason = Annotated[str, typer.Argument(metavar="REASON", help=N_("Why, in a few words; - reads it."))]

KINDS = {
    "proposed": N_("proposed"), "confirmed": N_("confirmed"), "dismissed": N_("dismissed"), "closing": N_("closing"),
    "closed": N_("closed"), "level_rose": N_("level rose"), "level_lowered": N_("level lowered"),
    "resumed": N_("not over"), "broadcast": N_("customers told"), "action_done": N_("plan: done"),
    "action_called_off": N_("plan: called off"),
}  # fmt: skip


def scan(
    call: Call,
    as_of: Annotated[
        str, typer.Option("--as-of", metavar="MOMENT", help=N_("Look with what was known then, such as 2019-10-01."))
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Only look; propose nothing."))] = False,
) -> None:
    from deskapp.services.incidents import look_and_record

    zone = desk_zone()
    with desk_of(call) as (desk, actor):
        at = _moment(as_of, zone) if as_of else None
        if dry_run:
            found, proposed = desk.read(actor, ask.FindMassFaults(as_of=at, zone=zone)), 0
        else:
            found, proposed = look_and_record(desk, actor, as_of=at, zone=zone)
    if call.json:
        emit({
            "as_of": instant(found.as_of), "reports": found.reports, "proposed": proposed,
            "signals": [signal_shape(signal) for signal in found.signals],
        })  # fmt: skip
        return
    for signal in found.signals:
        say(signal.explanation)
        say(_("  first seen on {day}").format(day=f"{signal.first_signal_at.astimezone(zone):%Y-%m-%d}"))
    say(_("{reports} reports looked at, {signals} unusual, {proposed} new proposals.").format(
        reports=f"{found.reports:,}", signals=len(found.signals), proposed=proposed
    ))  # fmt: skip
    if proposed:
        say(_("See: {command}").format(command="deskapp outbreak list"))


def list_them(
    call: Call,
    over: Annotated[bool, typer.Option("--all", help=N_("Those that ended as well."))] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        lines, now = desk.read(actor, ask.GetMassFaults(over=over)), desk.clock.now()
    if call.json:
        emit({"now": instant(now), "mass_faults": [line_shape(line) for line in lines]})
    elif not lines:
        say(_("No mass fault is under way."))
    else:
        headings = [_("number"), _("level"), _("state"), _("customers"), _("open"), _("plan"), _("product"), _("fault")]
        rows = [
            (
                line.label, str(line.level or "-"), _(STATE_LABELS[line.state]), str(line.customers),
                str(line.open_tickets), countdown(line.due_at, now), line.product, line.fault,
            )
            for line in lines
        ]  # fmt: skip
        print_table(headings, rows)


def show(call: Call, number: Number) -> None:
    with desk_of(call) as (desk, actor):
        view, now = _find(desk, actor, number), desk.clock.now()
    if call.json:
        emit(view_shape(view))
    else:
        _print(view, now)


def confirm(call: Call, number: Number) -> None:
    _do(call, number, lambda view: ask.ConfirmMassFault(id=view.line.id), _("{number} is confirmed."))


def dismiss(call: Call, number: Number, reason: Reason) -> None:
    _do(call, number, lambda view: ask.DismissMassFault(id=view.line.id, reason=_read(reason)),
        _("{number} is dismissed."))  # fmt: skip


def level(
    call: Call,
    number: Number,
    to: Annotated[int, typer.Argument(metavar="LEVEL", help=N_("The lower level."))],
    reason: Reason,
) -> None:
    _do(call, number, lambda view: ask.LowerLevel(id=view.line.id, level=to, reason=_read(reason)),
        _("The level of {number} is lowered."))  # fmt: skip


def done(
    call: Call,
    number: Number,
    action: Annotated[str, typer.Argument(metavar="ACTION", help=N_("The action's name, as `show` prints it."))],
    note: Annotated[str, typer.Option("--note", help=N_("What was done, or why not."))] = "",
    call_off: Annotated[bool, typer.Option("--call-off", help=N_("It will not be done; needs --note."))] = False,
) -> None:
    def make(view: MassFaultView) -> Command:
        found = next((one for one in view.actions if one.key == action), None)
        if found is None:
            raise Invalid(
                N_("The plan has no action {name}."), hint=N_("It has: {known}."), field="action", name=action,
                known=", ".join(one.key for one in view.actions),
            )  # fmt: skip
        return ask.FinishAction(action_id=found.id, note=note, call_off=call_off)

    _do(call, number, make, _("Written into {number}."))


def broadcast(
    call: Call,
    number: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=N_("What every customer is told; - reads it."))],
) -> None:
    def make(view: MassFaultView) -> Command:
        return ask.Broadcast(id=view.line.id, text=_read(text))

    _do(call, number, make, _("Written into every open ticket of {number}."))


def solve(
    call: Call,
    number: Number,
    resolution: Annotated[str, typer.Argument(metavar="TEXT", help=N_("How it was solved; - reads it."))],
    tickets: Annotated[
        list[str] | None, typer.Option("--ticket", metavar="TICKET", help=N_("Only this ticket; may be repeated."))
    ] = None,
) -> None:
    def make(view: MassFaultView) -> Command:
        wanted = {name.upper().removeprefix("T-") for name in tickets or ()}
        chosen = [child.id for child in view.open_children if not wanted or str(child.number) in wanted]
        if not chosen:
            raise Invalid(N_("None of its open tickets is named so."), field="ticket")
        return ask.SolveChildren(id=view.line.id, ticket_ids=tuple(chosen), resolution=_read(resolution))

    _do(call, number, make, _("Solved; each customer of {number} is to be called back."))


def close(
    call: Call,
    number: Number,
    reason: Annotated[str, typer.Argument(metavar="REASON", help=N_("Why, when closing begins; - reads it."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        view = _find(desk, actor, number)
        ends = view.line.state is IncidentState.CLOSING
        command: Command = (
            ask.CloseMassFault(id=view.line.id)
            if ends
            else ask.BeginClosing(id=view.line.id, reason=_read(reason) or "-")
        )
        receipt = desk.execute(actor, command)
    if call.json:
        _told(call, receipt, "")
        return
    if ends:
        say(_("{number} is closed.").format(number=receipt.label))
        if left := len(view.open_children):
            say(_("{count} of its tickets stay open and keep their promises.").format(count=left))
        return
    say(_("{number} is closing. Proposed for closing: {count} open tickets; nothing happens to them by itself.").format(
        number=receipt.label, count=len(view.open_children)
    ))  # fmt: skip
    say(_("See: {command}").format(command=f"deskapp outbreak solve {receipt.label} TEXT [--ticket T-1 ...]"))


# What the commands share ----------------------------------------------------------------------------------------------


def _do(call: Call, number: str, make: Any, sentence: str) -> None:
    with desk_of(call) as (desk, actor):
        receipt = desk.execute(actor, make(_find(desk, actor, number)))
    _told(call, receipt, sentence)


def _told(call: Call, receipt: Receipt, sentence: str) -> None:
    if call.json:
        emit({"kind": receipt.kind, "id": str(receipt.id), "label": receipt.label, "repeated": receipt.repeated})
    else:
        say(sentence.format(number=receipt.label))


def _find(desk: Desk, actor: Actor, number: str) -> MassFaultView:
    digits = number.upper().removeprefix("M-").removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Invalid(N_("{text} is no number of a mass fault."), hint=N_("Write it as M-3."), text=number)
    view: MassFaultView = desk.read(actor, ask.GetMassFault(number=int(digits)))
    return view


def _read(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _moment(text: str, zone: tzinfo) -> datetime:
    """A moment as typed, in the desk's zone unless it names its own; a day alone is taken at its end."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            N_("{text} is not a moment."), hint=N_("Write it as 2015-02-10T12:00."), field="as_of", text=text
        ) from error
    if len(text) == 10:
        moment = moment.replace(hour=23, minute=59, second=59)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _print(view: MassFaultView, now: datetime) -> None:
    line = view.line
    state = _(STATE_LABELS[line.state])
    say(f"{line.label}  {line.product}, {line.fault}  {state}")
    facts = _("level {level}   customers {customers}   open tickets {open}   first seen {day}")
    say(facts.format(level=line.level or "-", customers=line.customers, open=line.open_tickets,
                     day=clock_time(line.first_signal_at)))  # fmt: skip
    say_block(view.signal.explanation)
    for action in view.actions:
        say(f"  {action.level}  {action_state(action, now)}  {action.key}  {action.title}  ({action.role})")
        for words in action.steps if action.done_at is None else ():
            say(f"       - {words}")
    for step in view.steps:
        told = "  ".join(part for part in (_(KINDS.get(step.kind, step.kind)), step.by, step.text) if part)
        say(f"  {clock_time(step.at)}  {told}")
    headings = [_("ticket"), _("status"), _("customer"), _("works on it"), _("subject")]
    rows = [
        (child.label, _(LABELS[child.status]), child.customer, child.assignee, child.subject) for child in view.children
    ]
    if rows:
        print_table(headings, rows)


def action_state(action: PlanActionLine, now: datetime) -> str:
    """How an action of the plan stands, in words: time left, done, done late, called off."""
    if action.done_at is None:
        return countdown(action.due_at, now)
    if action.called_off:
        return _("called off")
    return _("done late") if action.late else _("done")


# JSON ----------------------------------------------------------------------------------------------------------------


def signal_shape(signal: Signal) -> dict[str, Any]:
    """A signal for scripts."""
    return {
        "product": signal.product,
        "fault": signal.fault,
        "customers": signal.distinct_customers,
        "reports": signal.reports,
        "window_days": signal.window_days,
        "expected": round(signal.expected, 3),
        "threshold": signal.threshold,
        "p_value": signal.p_value,
        "first_signal_at": instant(signal.first_signal_at),
        "baseline_days": signal.baseline_days,
        "baseline_customers": signal.baseline_customers,
        "explanation": signal.explanation,
    }


def line_shape(line: MassFaultLine) -> dict[str, Any]:
    """A mass fault for scripts."""
    return {
        "number": line.label,
        "id": str(line.id),
        "product": line.product,
        "fault": line.fault,
        "state": line.state.value,
        "level": line.level,
        "customers": line.customers,
        "open_tickets": line.open_tickets,
        "first_signal_at": instant(line.first_signal_at),
        "proposed_at": instant(line.proposed_at),
        "plan_due_at": instant(line.due_at),
    }


def view_shape(view: MassFaultView) -> dict[str, Any]:
    """Everything about a mass fault for scripts."""
    return line_shape(view.line) | {
        "signal": signal_shape(view.signal),
        "plan": [
            {
                "action": one.key, "level": one.level, "owner": str(one.role), "title": str(one.title),
                "within": one.within, "started_at": instant(one.started_at), "due_at": instant(one.due_at),
                "done_at": instant(one.done_at), "done_by": one.done_by, "called_off": one.called_off,
                "late": one.late, "note": one.note,
            }
            for one in view.actions
        ],
        "history": [
            {
                "at": instant(step.at), "what": step.kind, "by": step.by, "level": step.level,
                "customers": step.customers, "text": step.text,
            }
            for step in view.steps
        ],
        "tickets": [
            {"ticket": child.label, "status": child.status.value, "subject": child.subject, "customer": child.customer}
            for child in view.children
        ],
    }  # fmt: skip
