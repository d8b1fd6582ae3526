"""Let a ticket go into another one: which, what that does, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deskapp.domain.i18n import _
from deskapp.domain.terms import LABELS
from deskapp.domain.text import guard
from deskapp.services.requests.merging import MergeTicket
from deskapp.services.requests.tickets import GetTicket
from deskapp.widgets.countdown import row_due
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.form import Form, Line
from deskapp.widgets.ticket_columns import what

if TYPE_CHECKING:
    from textual.app import App

    from deskapp.domain.views import QueueRow, TicketView
    from deskapp.services.requests.base import Command, Query


@dataclass(frozen=True, slots=True)
class MergeDialogs:
    """The dialogs of one merge; `fetch` asks the desk, `dispatch` carries out, `tell` shows what is wrong."""

    app: App[Any]
    fetch: Callable[[str, Query, Callable[[Any], object]], object]
    dispatch: Callable[[Command], object]
    tell: Callable[[str], object]
    now: datetime

    def begin(self, source: TicketView) -> None:
        """Offer the customer's other open tickets, or any by its number."""
        others = source.customer.tickets if source.customer else ()
        choices: list[Choice[UUID | str]] = [
            Choice(other.id, f"T-{other.number}", guard(other.subject))
            for other in others
            if other.status.is_open and other.id != source.id
        ]
        if not choices:
            self._by_number(source)
            return
        choices.append(Choice("", _("Another one, by its number")))
        title = _("{ticket} goes into which ticket?").format(ticket=source.row.label)

        def take(chosen: UUID | str | None) -> None:
            if isinstance(chosen, UUID):
                self._look(source, GetTicket(ticket_id=chosen))
            elif chosen is not None:
                self._by_number(source)

        self.app.push_screen(Choose(title, choices), take)

    def _by_number(self, source: TicketView) -> None:
        def take(text: str | None) -> None:
            if text is None:
                return
            figure = text.upper().removeprefix("T-")
            if not figure.isdecimal() or len(figure) > 9:
                self.tell(_("{label} is no ticket number.").format(label=text))
            else:
                self._look(source, GetTicket(number=int(figure)))

        title = _("{ticket} goes into which ticket?").format(ticket=source.row.label)
        self.app.push_screen(AskLine(title, _("Its number, such as T-1042"), limit=12), take)

    def _look(self, source: TicketView, target: GetTicket) -> None:
        self.fetch("merge", target, lambda found: self._confirm(source, found))

    def _confirm(self, source: TicketView, target: TicketView) -> None:
        title = _("{source} goes into {target}").format(source=source.row.label, target=target.row.label)
        lines = (Line("reason", _("Why are they one case?"), required=True),)

        def make(values: Mapping[str, str]) -> MergeTicket:
            return MergeTicket(ticket_id=source.id, target_id=target.id, reason=values["reason"])

        def send(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self.dispatch(make(values))

        note = "\n".join(self._told(source, target))
        self.app.push_screen(Form(title, lines, note=note, check=make), send)

    def _told(self, source: TicketView, target: TicketView) -> Iterator[str]:
        """Both as they stand, and what becomes of them."""
        yield from (self._line(ticket.row) for ticket in (source, target))
        yield ""
        yield _("{source} ends; {target} keeps the earlier due times, the graver grade and its visits.").format(
            source=source.row.label, target=target.row.label
        )
        yield _("What happened stays readable in both. It cannot be undone.")
        mine, other = source.row.customer_id, target.row.customer_id
        if mine and other and mine != other:
            yield _("They are of different customers: {one}, {other}.").format(
                one=guard(source.row.customer), other=guard(target.row.customer)
            )

    def _line(self, row: QueueRow) -> str:
        due = row_due(row, self.now).text
        facts = (row.label, _(LABELS[row.grade]), what(row, self.now), due, guard(row.customer), guard(row.subject))
        return "  ".join(fact for fact in facts if fact)


__all__ = ["MergeDialogs"]
