"""`deskapp queue`, `deskapp show`, and the desk as plain lines where there is no terminal."""

from datetime import datetime, tzinfo
from typing import Annotated

import typer

from deskapp.cli import shape, table
from deskapp.cli.kit import Call
from deskapp.cli.output import clock_time, countdown, emit, instant, print_table, say, say_block
from deskapp.cli.session import address, desk_of
from deskapp.domain import timeline
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor
from deskapp.domain.queue import Holder, QueueFilter, Sort
from deskapp.domain.terms import LABELS, Grade, Status
from deskapp.domain.views import DeskView, Duty, QueueCounts, QueuePage, QueueRow, TicketView
from deskapp.services.desk import Desk
from deskapp.services.requests.queue import GetCounts, GetDesk, GetQueue
from deskapp.services.requests.tickets import GetTicket

At = Annotated[str, typer.Option("--at", metavar="MOMENT", help=table.AT)]
Ticket = Annotated[str, typer.Argument(metavar="TICKET", help=N_("A ticket's number, such as T-1042."))]

_METRICS = {
    "first_response": N_("first response"), "progress": N_("progress"), "resolve": N_("resolve"),
    "on_site": N_("on site"), "log": N_("log"),
}  # fmt: skip
_STYLES = {"late": "bold red", Grade.RED: "red", Grade.YELLOW: "yellow"}


def queue(
    call: Call,
    text: Annotated[str, typer.Option("--text", help=N_("Only tickets with these words, or this number."))] = "",
    holder: Annotated[Holder, typer.Option("--holder", help=N_("Whose tickets."))] = Holder.ANYBODY,
    late: Annotated[bool, typer.Option("--late", help=N_("Only tickets whose time is over."))] = False,
    grade: Annotated[list[Grade] | None, typer.Option("--grade", help=N_("Only this grade; may be repeated."))] = None,
    status: Annotated[
        list[Status] | None, typer.Option("--status", help=N_("Tickets of this status, open or not; may be repeated."))
    ] = None,
    product: Annotated[str, typer.Option("--product", help=N_("Only this product."))] = "",
    sort: Annotated[Sort, typer.Option("--sort", help=N_("What comes first."))] = Sort.DUE,
    descending: Annotated[bool, typer.Option("--descending", help=N_("The other way round."))] = False,
    first: Annotated[int, typer.Option("--first", min=0, help=N_("How many to leave out at the top."))] = 0,
    limit: Annotated[int, typer.Option("--limit", min=0, max=1000, help=N_("How many to print."))] = 50,
    at: At = "",
) -> None:
    wanted = QueueFilter(
        holder=holder, overdue=late, grades=tuple(grade or ()), statuses=tuple(status or ()), product=product, text=text
    )
    with desk_of(call, at) as (desk, actor):
        ask = GetQueue(filter=wanted, sort=sort, descending=descending, first=first, count=limit)
        page: QueuePage = desk.read(actor, ask)
        counts: QueueCounts = desk.read(actor, GetCounts())
        now = desk.clock.now()
    if call.json:
        emit(shape.queue(page, counts, instant(now)))
        return
    say(_figures(counts))
    if not page.total:
        say(_("No ticket matches.") if wanted != QueueFilter() else _("Nothing is open. `deskapp new` opens a ticket."))
        return
    _print_rows(page.rows, now)
    if page.total > page.first + len(page.rows):
        say(_("{shown} of {total}; more with --first {next}.").format(
            shown=len(page.rows), total=page.total, next=page.first + len(page.rows)
        ))  # fmt: skip


def show(call: Call, ticket: Ticket, at: At = "") -> None:
    with desk_of(call, at) as (desk, actor):
        view = find_ticket(desk, actor, ticket)
        now = desk.clock.now()
    if call.json:
        emit(shape.ticket(view))
        return
    _print_ticket(view, now)


def find_ticket(desk: Desk, actor: Actor, label: str) -> TicketView:
    """The ticket of a number such as T-1042 or 1042. Raises Invalid, NotFound."""
    digits = label.strip().upper().removeprefix("T-").removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise Invalid(
            N_("{label} is no ticket number."), hint=N_("Write it as T-1042 or 1042."), field="ticket", label=label
        )
    view: TicketView = desk.read(actor, GetTicket(number=int(digits)))
    return view


def print_desk(call: Call, at: str = "") -> None:
    """The desk of whoever acts, as plain lines; and how to open it."""
    with desk_of(call, at) as (desk, actor):
        home: DeskView = desk.read(actor, GetDesk())
        page: QueuePage = desk.read(actor, GetQueue(count=15))
        now = desk.clock.now()
    if call.json:
        emit(_desk_json(home, page, instant(now)))
        return
    say(f"{actor.name}, {_(LABELS[actor.role])}   {clock_time(now)}")
    say(_figures(home.counts))
    for title, duties in (
        (_("Mine to do"), home.mine), (_("Waiting for others"), home.waiting), (_("Promises today"), home.promises),
    ):  # fmt: skip
        if duties:
            say("")
            say(f"{title}: {len(duties)}")
            _print_duties(duties[:10], now)
    if page.rows:
        say("")
        say(_("Due first in the queue:"))
        _print_rows(page.rows, now)
    say("")
    words = f"deskapp --db {address(call)}" + (f" --at {at}" if at else "")
    say(_("Open it in a terminal: {command}").format(command=words))


def _desk_json(home: DeskView, page: QueuePage, now: str | None) -> dict[str, object]:
    def duty(item: Duty) -> dict[str, object]:
        return {
            "kind": item.kind,
            "due_at": instant(item.due_at),
            "text": item.text,
            **shape.row(item.row),
            "ticket": item.label,
        }

    return shape.queue(page, home.counts, now) | {
        "mine": [duty(item) for item in home.mine],
        "waiting": [duty(item) for item in home.waiting],
        "promises": [duty(item) for item in home.promises],
    }


def _figures(counts: QueueCounts) -> str:
    return _("open {open}   late {late}   red {red}   unclaimed {unclaimed}   paused {paused}").format(
        open=counts.open, late=counts.late, red=counts.red, unclaimed=counts.unclaimed, paused=counts.paused
    )


def _due(row: QueueRow, now: datetime) -> str:
    if row.status is Status.PAUSED:
        return _("paused")
    if not row.status.is_open:
        return _(LABELS[row.status])
    return countdown(row.due_at, now)


def _style(row: QueueRow, now: datetime) -> str:
    if row.status is Status.OPEN and row.due_at and row.due_at < now:
        return _STYLES["late"]
    return _STYLES.get(row.grade, "")


def _print_rows(rows: tuple[QueueRow, ...], now: datetime) -> None:
    headings = (_("due"), _("what"), _("ticket"), _("grade"), _("customer"), _("desk"), _("assignee"), _("subject"))
    cells = [
        (
            _due(row, now), _(_METRICS.get(row.due_metric, row.due_metric)), row.label, _(LABELS[row.grade]),
            row.customer, row.team, row.assignee or "-", row.subject,
        )
        for row in rows
    ]  # fmt: skip
    print_table(headings, cells, [_style(row, now) for row in rows])


def _print_duties(duties: tuple[Duty, ...], now: datetime) -> None:
    kinds = {
        "ticket": _("ticket"), "follow_up": _("call back"), "hand_over": _("hand-over"), "visit": _("visit"),
        "progress": _("progress"), "shift": _("take over"),
        "action": _("action"),
    }  # fmt: skip
    headings = (_("due"), _("what"), _("ticket"), _("customer"), _("subject"))
    cells = [
        (
            _("paused") if duty.row.status is Status.PAUSED else countdown(duty.due_at, now),
            kinds.get(duty.kind, duty.kind), duty.label, duty.row.customer, duty.text or duty.row.subject,
        )
        for duty in duties
    ]  # fmt: skip
    print_table(headings, cells)


def _print_ticket(view: TicketView, now: datetime) -> None:
    row, zone = view.row, _zone()
    due = " ".join(filter(None, (_(_METRICS.get(row.due_metric, row.due_metric)), countdown(row.due_at, now))))
    say(f"{row.label}  {row.subject}")
    facts = [
        (_("status"), _(LABELS[row.status])), (_("grade"), _(LABELS[row.grade])),
        (_("priority"), _(LABELS[row.priority])), (_("channel"), _(LABELS[view.channel])),
        (_("due"), due),
        (_("opened"), clock_time(row.opened_at)), (_("solved"), clock_time(view.solved_at)),
        (_("closed"), clock_time(view.closed_at)), (_("owner"), row.owner), (_("assignee"), row.assignee),
        (_("desk"), row.team), (_("product"), row.product), (_("fault"), view.fault),
    ]  # fmt: skip
    if view.customer:
        known = (view.customer.name, view.customer.phone, view.customer.address)
        facts.append((_("customer"), "   ".join(filter(None, known))))
    for name, value in facts:
        if value:
            say(f"  {name}: {value}")
    for text in (view.description, view.resolution):
        if text:
            say("")
            say_block(text)
    say("")
    for entry in view.timeline:
        told = timeline.sentence(entry, zone)
        say(f"{clock_time(entry.occurred_at)}  {timeline.label(entry.kind)}  {entry.author}")
        if told:
            say_block(told, "    ")


def _zone() -> tzinfo:
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None
    return zone
