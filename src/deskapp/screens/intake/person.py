"""Who is calling: the customer and the machine the call is about, shown beside the form."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskapp.domain.i18n import _
from deskapp.domain.terms import LABELS
from deskapp.domain.text import guard
from deskapp.domain.views import CustomerView, MachineLine, TicketBrief
from deskapp.screens.intake.form import OF_MACHINE
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.facts import customer_panel
from deskapp.widgets.text import Live

# How long after its solution a ticket is still offered to go on with.
_LATELY = timedelta(days=14)


class Person(VerticalScroll):
    """Holds who it is and which machine; asks for the case and the machine where there are several."""

    def __init__(self, now: Callable[[], datetime], *, id: str | None = None) -> None:  # noqa: A002
        """`now` is the desk's wall clock: aware, in its zone."""
        super().__init__(id=id)
        self._now = now
        self.customer: CustomerView | None = None
        self.machine_id: UUID | None = None

    def compose(self) -> ComposeResult:
        yield Live(self._panel, hang=True, id="person")

    def _panel(self) -> Content:
        if self.customer is None:
            return Content(_("Who is calling shows here, with open tickets and preferences.")).stylize("$quiet")
        now = self._now()
        assert now.tzinfo is not None
        panel = customer_panel(self.customer, now, now.tzinfo)
        if not (opened := self.tickets(closed=False)):
            return panel
        told = _("F11 goes on with T-{number}: {notes}").format(number=opened[0].number, notes=self._notes(opened[0]))
        return Content.assemble((told + "\n", "$accent bold"), panel)

    def know(self, customer: CustomerView | None, machine_id: UUID | None = None) -> None:
        """It is this customer, or somebody new."""
        self.customer, self.machine_id = customer, machine_id
        self.query_one("#person").refresh(layout=True)

    @property
    def customer_id(self) -> UUID | None:
        """Who it is, where the desk knows them."""
        return self.customer.id if self.customer else None

    @property
    def machine(self) -> MachineLine | None:
        """The machine of the file that the call is about."""
        machines = self.customer.machines if self.customer else ()
        return next((machine for machine in machines if machine.id == self.machine_id), None)

    def typed(self, name: str, value: str) -> None:
        """A field of the form holds something else: where it contradicts the file it is another machine."""
        machine = self.machine
        if machine is not None and name in OF_MACHINE and value != getattr(machine, name):
            self.machine_id = None

    def wishes(self) -> list[str]:
        """How they want to be served, as far as it holds today."""
        today = self._now().date()
        kept = self.customer.preferences if self.customer else ()
        return [p.text for p in kept if not p.ended_at and not (p.valid_until and p.valid_until < today)]

    def facts(self, typed: dict[str, str]) -> dict[str, str]:
        """What need not be asked: from the customer's file, else from what was typed into the form."""
        known = {name: typed[name] for name in ("name", "phone", "address", "model", "serial")}
        if (customer := self.customer) is not None:
            known |= {"name": customer.name, "phone": customer.phone, "address": customer.address}
            if machine := self.machine:
                known |= {"model": machine.model, "serial": machine.serial}
                known["bought_on"] = machine.bought_on.isoformat() if machine.bought_on else ""
        return known

    def tickets(self, *, closed: bool) -> list[TicketBrief]:
        """What the call may be about, the likeliest first: open ones, those of the machine; `closed`: ended lately."""
        kept, now = self.customer.tickets if self.customer else (), self._now()
        found = [t for t in kept if t.status.is_open or (closed and t.solved_at and now - t.solved_at < _LATELY)]
        return sorted(found, key=lambda t: (not t.status.is_open, not self._is_of_machine(t), -t.opened_at.timestamp()))

    def which_case(self, then: Callable[[TicketBrief | None], None], *, closed: bool = False) -> None:
        """Ask whether it is about a ticket that is there; `then` gets it, None for a new case."""
        tickets = {ticket.id: ticket for ticket in self.tickets(closed=closed)}
        choices: list[Choice[Any]] = [
            Choice(t.id, f"T-{t.number}  {t.subject}", self._notes(t)) for t in tickets.values()
        ]
        choices.append(Choice("new", _("No: a new case")))
        self.app.push_screen(
            Choose(_("Is it about one of these? Enter goes on with it."), choices),
            lambda answer: then(tickets.get(answer)),
        )

    def _is_of_machine(self, ticket: TicketBrief) -> bool:
        return ticket.machine_id is not None and ticket.machine_id == (self.machine_id or self._only_machine)

    @property
    def _only_machine(self) -> UUID | None:
        machines = self.customer.machines if self.customer else ()
        return machines[0].id if len(machines) == 1 else None

    def _notes(self, ticket: TicketBrief) -> str:
        """What tells a ticket from the others: same machine, 3 days ago, paused."""
        days = (self._now().date() - ticket.opened_at.astimezone(self._now().tzinfo).date()).days
        age = _("today") if days <= 0 else _("yesterday") if days == 1 else _("{count} days ago").format(count=days)
        same = _("same machine") if self._is_of_machine(ticket) else guard(ticket.product)
        return ", ".join(part for part in (same, age, _(LABELS[ticket.status])) if part)

    def said_machine(self, text: str) -> MachineLine | None:
        """The machine whose serial number was typed to find the customer."""
        typed = _bare(text)
        machines = self.customer.machines if self.customer else ()
        found = [m for m in machines if len(typed) >= 4 and _bare(m.serial).startswith(typed)]
        return found[0] if len(found) == 1 else None

    def which_machine(self, then: Callable[[MachineLine | None], None]) -> None:
        """Find out which machine it is, and ask where there are several; `then` gets it, None for another one."""
        machines = {machine.id: machine for machine in self.customer.machines} if self.customer else {}
        if not machines:
            then(None)
            return
        choices: list[Choice[Any]] = [
            Choice(m.id, "  ".join(filter(None, (m.product, m.model, m.serial))), m.place) for m in machines.values()
        ]
        choices.append(Choice("other", _("Another machine")))
        self.app.push_screen(Choose(_("Which machine?"), choices), lambda answer: then(machines.get(answer)))


def _bare(serial: str) -> str:
    return "".join(filter(str.isalnum, serial)).casefold()
