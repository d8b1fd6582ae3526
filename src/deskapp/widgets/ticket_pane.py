"""The pane beside a list: the ticket under the cursor, its customer with preferences first, its timeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskapp.domain.i18n import _
from deskapp.domain.terms import LABELS, EntryKind
from deskapp.domain.text import guard
from deskapp.domain.timeline import sentence
from deskapp.widgets.text import Live

if TYPE_CHECKING:
    from deskapp.domain.views import CustomerView, TicketView, TimelineLine

Part = str | tuple[str, str]


class TicketPane(VerticalScroll, can_focus=True):
    """Shows a ticket for a glance; `zone` is that of the desk's wall clock."""

    DEFAULT_CSS = """
    TicketPane { padding: 0 1; scrollbar-size-vertical: 1; border-left: ascii $panel; }
    TicketPane Live { width: 1fr; }
    """

    def __init__(self, zone: Callable[[], tzinfo], empty: Callable[[], str]) -> None:
        super().__init__()
        self._zone, self._empty = zone, empty
        self._ticket: TicketView | None = None

    def compose(self) -> ComposeResult:
        yield Live(self._say, hang=True)

    def tell(self, ticket: TicketView | None) -> None:
        """Show this ticket, or that there is none."""
        if ticket != self._ticket:
            if ticket is None or self._ticket is None or ticket.id != self._ticket.id:
                self.scroll_home(animate=False)
            self._ticket = ticket
            if (shown := self.query_one_optional(Live)) is not None:
                shown.refresh(layout=True)

    def _say(self) -> Content:
        if self._ticket is None:
            return Content(guard(self._empty())).stylize("$quiet")
        ticket = self._ticket
        parts: list[Part] = [
            (f"{ticket.row.label}  {guard(ticket.row.subject)}", "bold"),
            "\n",
            (f"{_(LABELS[ticket.row.grade])}, {_(LABELS[ticket.row.status])}", "$quiet"),
        ]
        if ticket.row.product:
            parts.append((f"  {guard(ticket.row.product)}", "$quiet"))
        parts.append("\n")
        if ticket.customer is not None:
            parts += ["\n", *self._customer(ticket.customer)]
        parts.append("\n")
        for line in self._timeline(ticket):
            parts += self._line(line, ticket)
        return Content.assemble(*parts)

    def _customer(self, customer: CustomerView) -> Iterator[Part]:
        yield (guard(customer.name), "bold")
        told = [customer.phone, customer.language, *customer.tags]
        if customer.since:
            told.append(_("since {year}").format(year=customer.since.year))
        yield "  " + guard("  ".join(part for part in told if part)) + "\n"
        # How somebody wants to be served is read before anything is said to them.
        for kept in sorted(customer.preferences, key=lambda kept: not kept.pinned):
            if kept.ended_at is None:
                until = _("until {day}").format(day=f"{kept.valid_until:%Y-%m-%d}") if kept.valid_until else ""
                yield (" * ", "$accent")
                yield f"{guard(kept.text)}  "
                yield (until + "\n", "$quiet")
        for machine in customer.machines[:3]:
            end = machine.warranty_until
            warranty = _("warranty to {day}").format(day=f"{end:%Y-%m-%d}") if end else ""
            yield (
                guard("  ".join(part for part in (machine.product, machine.model, warranty) if part)) + "\n",
                "$quiet",
            )

    def _timeline(self, ticket: TicketView) -> list[TimelineLine]:
        """The ticket's own lines, then what the customer had before; newest first."""
        own = {line.id for line in ticket.timeline}
        before = ticket.customer.timeline if ticket.customer else ()
        lines = [*ticket.timeline, *(line for line in before if line.id not in own)]
        return sorted(lines, key=lambda line: (line.id in own, line.occurred_at), reverse=True)[:60]

    def _line(self, line: TimelineLine, ticket: TicketView) -> Iterator[Part]:
        zone = self._zone()
        at, now = line.occurred_at.astimezone(zone), line.recorded_at.astimezone(zone)
        when = f"{at:%m-%d %H:%M}" if at.year == now.year else f"{at:%Y-%m-%d}"
        yield (f"{when}  ", "$quiet")
        yield (_(LABELS[line.kind]), "$accent" if line.kind in _LOUD else "")
        if line.author:
            yield (f"  {guard(line.author)}", "$quiet")
        if line.ticket_id != ticket.id:
            yield (f"  T-{line.ticket_number}", "$quiet")
        told = sentence(line, zone)
        yield f"\n  {guard(told)}\n" if told else "\n"


_LOUD = (EntryKind.PROMISE, EntryKind.CALL_IN, EntryKind.CALL_BACK)
