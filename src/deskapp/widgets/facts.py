"""What is told of a ticket and of a customer as styled text: one voice for every screen that shows them."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo

from textual.content import Content

from deskapp.domain.i18n import _
from deskapp.domain.sla.words import DAYS
from deskapp.domain.terms import LABELS, EntryKind, Grade, HandOverState, Status
from deskapp.domain.text import guard
from deskapp.domain.timeline import sentence
from deskapp.domain.views import CustomerView, MachineLine, PreferenceLine, TicketBrief, TicketView, TimelineLine
from deskapp.widgets.countdown import row_due
from deskapp.widgets.ticket_columns import what

Part = str | tuple[str, str]
_BESIDE = 30  # lines of history beside a ticket; the file has them all
_LOUD = (EntryKind.PROMISE, EntryKind.CALL_IN, EntryKind.MESSAGE_IN, EntryKind.CALL_BACK)
_GRADE_STYLES = {Grade.RED: "$text-error bold", Grade.YELLOW: "$text-warning", Grade.GREEN: "$quiet"}
_LEVEL_STYLES = {"late": "$text-error bold", "red": "$text-error", "yellow": "$text-warning", "green": "$text-success"}


def ticket_head(ticket: TicketView, now: datetime, local: tzinfo) -> Content:
    """The facts above a ticket's timeline: what it is, where it stands, who has it, what is asked of whom."""
    row = ticket.row
    due = row_due(row, now)
    parts: list[Part] = [(f"{row.label}  {guard(row.subject)}", "bold"), "\n"]
    parts += [(_(LABELS[row.grade]), _GRADE_STYLES[row.grade]), f"  {_(LABELS[row.status])}  "]
    if due.text:
        name = what(row, now)
        parts.append((f"{name} {due.text}" if name else due.text, _LEVEL_STYLES.get(due.style, "$quiet")))
    if row.paused_until and row.status is Status.PAUSED:
        until = _("goes on {at}").format(at=f"{row.paused_until.astimezone(local):%m-%d %H:%M}")
        parts.append((f"  {until}", "$quiet"))
    parts.append("\n")
    parts.append(
        (
            _("owner {owner}   works on it {assignee}   desk {desk}").format(
                owner=guard(row.owner) or _("nobody"),
                assignee=guard(row.assignee) or _("nobody"),
                desk=guard(row.team) or "-",
            ),
            "$quiet",
        )
    )
    today = now.astimezone(local).date()
    machine = list(machine_line(ticket.machine, today)) if ticket.machine else [guard(row.product)]
    if ticket.machine or row.product or ticket.fault:
        parts += ["\n", *machine, f"   {guard(ticket.fault)}" if ticket.fault else ""]
    if ticket.merged_into:
        told = _("Went into {ticket}").format(ticket=f"T-{ticket.merged_into[1]}")
        parts += ["\n", (told, "$accent bold")]
    if ticket.took_in:
        told = _("Took in {tickets}").format(tickets=" ".join(f"T-{number}" for _key, number in ticket.took_in))
        parts += ["\n", (told, "$accent")]
    for offer in ticket.hand_overs:
        if offer.state is HandOverState.OFFERED:
            told = _("Offered to {desk}: {asked}").format(desk=guard(offer.to_team), asked=guard(offer.asked))
            until = f"  {offer.due_at.astimezone(local):%m-%d %H:%M}" if offer.due_at else ""
            parts += ["\n", (told + until, "$accent")]
    for visit in ticket.appointments:
        if visit.state in ("booked", "moved", "arrived"):
            starts, ends = visit.starts_at.astimezone(local), visit.ends_at.astimezone(local)
            told = _("Visit {day} {starts}-{ends}").format(
                day=f"{starts:%m-%d} {_(DAYS[starts.weekday()])[:3]}", starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}"
            )
            there = _(LABELS[visit.state]) if visit.state == "arrived" else ""
            parts += ["\n", ("  ".join(filter(None, (told, guard(visit.technician), there))), "$accent")]
    if row.status is Status.SOLVED:
        calls = [call for call in ticket.call_backs if call.done_at is None]
        for call in calls[:1]:
            told = _("Call back by {at}: is it solved, how satisfied?").format(
                at=f"{call.due_at.astimezone(local):%m-%d %H:%M}"
            )
            parts += ["\n", (told, "$accent")]
    return Content.assemble(*parts)


def timeline(lines: Iterable[TimelineLine], now: datetime, local: tzinfo, *, tickets: bool = False) -> Content:
    """Lines of a timeline in the order given; `tickets` names the ticket of each."""
    parts: list[Part] = []
    for line in lines:
        at = line.occurred_at.astimezone(local)
        when = f"{at:%m-%d %H:%M}" if at.year == now.astimezone(local).year else f"{at:%Y-%m-%d %H:%M}"
        parts += [(f"{when}  ", "$quiet"), (_(LABELS[line.kind]), "$accent" if line.kind in _LOUD else "bold")]
        if line.author:
            parts.append((f"  {guard(line.author)}", "$quiet"))
        if tickets:
            parts.append((f"  T-{line.ticket_number}", "$quiet"))
        if (line.recorded_at - line.occurred_at).total_seconds() > 120:
            late = _("written down {at}").format(at=f"{line.recorded_at.astimezone(local):%m-%d %H:%M}")
            parts.append((f"  {late}", "$quiet"))
        told = sentence(line, local)
        body = "\n".join(f"  {guard(piece)}" for piece in told.split("\n")) if told else ""
        parts.append(f"\n{body}\n" if body else "\n")
    return Content.assemble(*parts)


def customer_panel(customer: CustomerView, now: datetime, local: tzinfo, *, but: object = None) -> Content:
    """A customer beside a ticket or a call: open tickets first, then preferences, machines, and what happened, newest
    first; `but` is the ticket shown already."""
    parts: list[Part | Content] = [(guard(customer.name), "bold")]
    told = [customer.phone, customer.language, *customer.tags]
    if customer.since:
        told.append(_("since {year}").format(year=customer.since.year))
    parts.append("  " + guard("  ".join(part for part in told if part)) + "\n")
    if customer.address:
        parts.append(guard(customer.address) + "\n")
    opened = [ticket for ticket in customer.tickets if ticket.status.is_open and ticket.id != but]
    if opened:
        parts.append((_("OPEN TICKETS") + "\n", "$accent bold"))
        for ticket in opened[:4]:
            parts += ticket_brief(ticket, now, local)
    parts += preferences(customer.preferences, now, local)
    today = now.astimezone(local).date()
    for machine in customer.machines[:4]:
        parts += [*machine_line(machine, today), "\n"]
    happened = [line for line in reversed(customer.timeline) if line.ticket_id != but]
    if happened:
        parts.append((_("HISTORY") + "\n", "$accent bold"))
        parts.append(timeline(happened[:_BESIDE], now, local, tickets=True))
    return Content.assemble(*parts)


def preferences(kept: Iterable[PreferenceLine], now: datetime, local: tzinfo, *, ended: bool = False) -> Iterator[Part]:
    """How somebody wants to be served, pinned ones first; those past their date are not shown unless `ended`."""
    today = now.astimezone(local).date()
    for wish in sorted(kept, key=lambda wish: not wish.pinned):
        over = wish.ended_at is not None or (wish.valid_until is not None and wish.valid_until < today)
        if over and not ended:
            continue
        yield (" - " if over else " * ", "$quiet" if over else "$accent")
        yield (guard(wish.text), "$quiet" if over else "")
        notes = [_(LABELS[wish.kind]), wish.source, _day(wish.recorded_at, now, local)]
        if wish.valid_until:
            notes.append(_("until {day}").format(day=f"{wish.valid_until:%Y-%m-%d}"))
        if over:
            notes.append(_("ended"))
        yield (f"  {guard(', '.join(note for note in notes if note))}\n", "$quiet")


def ticket_brief(ticket: TicketBrief, now: datetime, local: tzinfo) -> Iterator[Part]:
    """A ticket as one line of a history: what is short first, so that a long subject wraps behind it."""
    day = _day(ticket.opened_at, now, local)
    stars = f" {ticket.satisfaction}/5" if ticket.satisfaction else ""
    yield (f"{day}  ", "$quiet")
    yield f"T-{ticket.number}  "
    yield (f"{_(LABELS[ticket.status])}{stars}  ", "$quiet")
    yield f"{guard(ticket.subject)}\n"


def _day(at: datetime, now: datetime, local: tzinfo) -> str:
    """A day in a history; the year stands with it unless it is this one."""
    at = at.astimezone(local)
    return f"{at:%m-%d}" if at.year == now.astimezone(local).year else f"{at:%Y-%m-%d}"


def machine_line(machine: MachineLine, today: date) -> Iterator[Part]:
    """A machine with its warranty (`today`: the desk's day); one that has ended stands out."""
    yield "  ".join(guard(part) for part in (machine.product, machine.model, machine.serial, machine.place) if part)
    if end := machine.warranty_until:
        told = _("warranty to {day}") if end >= today else _("warranty ended {day}")
        yield (f"  {told.format(day=f'{end:%Y-%m-%d}')}", "" if end >= today else "$text-warning")


__all__ = ["customer_panel", "machine_line", "preferences", "ticket_brief", "ticket_head", "timeline"]
