"""One's own desk: what is mine to do and by when, what others do for me, what was promised for today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widget import Widget

from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, AgentState, Status
from deskapp.screens.base import DeskScreen
from deskapp.services import requests
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.queue_list import QueueList
from deskapp.widgets.text import Live
from deskapp.widgets.ticket_columns import DutyRow, duty_columns
from deskapp.widgets.ticket_pane import TicketPane

if TYPE_CHECKING:
    from deskapp.domain.views import DeskView, Directory, Duty, TicketView
    from deskapp.services.requests.base import Command, Receipt

_SECTIONS = {
    "mine": N_("MINE TO DO"),
    "waiting": N_("WAITING FOR OTHERS"),
    "promises": N_("PROMISES TODAY"),
}
_SHORT = 7  # lines a lower section may take before it scrolls


class HomeScreen(DeskScreen[None], scope="desk"):
    """Three lists and, beside them, the ticket under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self._view: DeskView | None = None
        self._counts = dict.fromkeys(_SECTIONS, 0)
        self._lists: dict[str, QueueList[DutyRow]] = {}

    def body(self) -> ComposeResult:
        # Only what the first frame needs; the rest is mounted behind it.
        with Horizontal(), Vertical(id="lists"):
            yield from self._section("mine")

    def on_mount(self) -> None:
        self._lists["mine"].focus()
        self.call_after_refresh(self._furnish)

    def _furnish(self) -> None:
        lower = [Container(*self._section(name), id=f"{name}-section") for name in list(_SECTIONS)[1:]]
        self.query_one("#lists").mount(*lower)
        empty = partial(_, N_("The ticket under the cursor is shown here."))
        self.query_one(Horizontal).mount(TicketPane(lambda: self.shell.zone, empty))
        if self._view is not None:
            self._show(self._view)

    def _section(self, name: str) -> Iterator[Widget]:
        yield Live(partial(self._heading, name), classes="heading", id=f"{name}-heading")
        empty = partial(self._empty, name)
        self._lists[name] = QueueList(duty_columns(), self.shell.clock.now(), empty=empty, id=name)
        yield self._lists[name]

    def _heading(self, name: str) -> str:
        why = "   " + _("I own them, another desk works on them") if name == "waiting" else ""
        if name == "mine" and self._view is not None and self._view.notices:
            told = _("notices {count}: press {key}")
            why = "   " + told.format(count=self._view.notices, key=self.key("notices.show"))
        return f" {_(_SECTIONS[name])}  {self._counts[name]}{why}"

    def _empty(self, name: str) -> str:
        texts = {
            "mine": _("Nothing is yours to do. Press {take} to take the next ticket, {call} for a new call.").format(
                take=self.key("ticket.claim_next"), call=self.key("call.new")
            ),
            "waiting": _("No other desk works for you."),
            "promises": _("No call-back, visit or update is promised for the next 24 hours."),
        }
        return self.nothing(texts[name])

    # Reading

    def ready(self) -> None:
        self.fetch("desk", requests.queue.GetDesk(), self._show)

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        self.ready()

    def _show(self, view: DeskView) -> None:
        self._view = view
        sections: dict[str, Sequence[Duty]] = {
            "mine": view.mine, "waiting": view.waiting, "promises": view.promises,
        }  # fmt: skip
        for name, listed in self._lists.items():
            duties = sections[name]
            listed.set_rows(DutyRow(duty) for duty in duties)
            if name != "mine":
                # The heading, then the lines; what an empty list says stands one line lower.
                self.query_one(f"#{name}-section").styles.height = 1 + (min(len(duties), _SHORT) or 2)
            if self._counts[name] != len(duties):
                self._counts[name] = len(duties)
                self.query_one(f"#{name}-heading").refresh(layout=True)
        self.shell.stands(view.counts)
        self.show_who()
        self._look()

    def ticked(self, now: datetime) -> None:
        for listed in self._lists.values():
            listed.tick(now)
        mine = self._view.mine if self._view else ()
        self.shell.breached(duty.row.id for duty in mine if duty.due_at is not None and duty.due_at < now)

    @property
    def _duty(self) -> Duty | None:
        """The duty under the cursor of the list that has the focus."""
        listed = self.focused if isinstance(self.focused, QueueList) else self._lists["mine"]
        row = listed.cursor_row
        return row.duty if isinstance(row, DutyRow) else None

    @on(QueueList.Highlighted)
    def _look(self) -> None:
        """Show the ticket under the cursor in the pane, where there is room for one."""
        pane = self.query_one_optional(TicketPane)
        if pane is None or not pane.display:
            return
        if (duty := self._duty) is None or duty.ticket_id is None:
            pane.tell(None)
            return
        self.fetch("pane", requests.tickets.GetTicket(ticket_id=duty.ticket_id), self._show_ticket)

    def _show_ticket(self, ticket: TicketView) -> None:
        self.query_one(TicketPane).tell(ticket)

    def on_descendant_focus(self) -> None:
        for listed in self._lists.values():
            self.query_one(f"#{listed.id}-heading").set_class(listed.has_focus, "-active")
        self._look()

    @on(QueueList.Opened)
    def action_ticket_open(self) -> None:
        if (duty := self._duty) is None:
            return
        if duty.ticket_id is None:
            self.shell.open_action(duty.row.id)
        else:
            self.shell.open_ticket(duty.ticket_id)

    # What the keys do

    def action_customer_open(self) -> None:
        if (duty := self._duty) is not None and duty.row.customer_id is not None:
            self.shell.open_customer(duty.row.customer_id)

    def action_ticket_claim_next(self) -> None:
        self.shell.dispatch(requests.tickets.ClaimNext())

    def action_list_refresh(self) -> None:
        self.ready()

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")
        self.call_after_refresh(self._look)

    def action_agent_state(self) -> None:
        actor = self.shell.actor
        if actor is None:
            return
        choices = [Choice(state, _(LABELS[state])) for state in AgentState]

        def tell(state: AgentState | None) -> None:
            if state is not None:
                self.shell.dispatch(requests.people.SetState(agent_id=actor.id, state=state))

        self.app.push_screen(Choose(_("What are you doing now?"), choices), tell)

    def action_ticket_call_back(self) -> None:
        """Write down the call after a solution without opening the ticket."""
        from deskapp.services.requests.causes import GetCauses
        from deskapp.widgets.ending import Ending

        duty = self._duty
        if duty is None or duty.row.status is not Status.SOLVED:
            self.shell.tell(_("No call-back is due here: choose one among the promises."), severity="warning")
            return
        about = duty.row.id
        causes = partial(self.fetch, "causes", GetCauses(ticket_id=about), keys_wait=True)
        Ending(self.app, about, self.shell.dispatch, causes).call_back()

    def action_shift_end(self) -> None:
        self.fetch("people", requests.people.GetDirectory(), self._end_shift)

    def _end_shift(self, found: Directory) -> None:
        from deskapp.widgets.shift_dialogs import EndOfShift  # once a day: not part of the first frame

        if (actor := self.shell.actor) is not None:
            now, shell = self.shell.clock.now(), self.shell
            EndOfShift(self.app, self.fetch, shell.dispatch, shell.tell, actor, now, shell.zone).begin(found)

    def action_ticket_hand_over(self) -> None:
        if (duty := self._duty) is not None and duty.ticket_id is not None:
            self.fetch("teams", requests.people.GetDirectory(), lambda found: self._choose_team(duty, found))

    def _choose_team(self, duty: Duty, found: Directory) -> None:
        choices = [
            Choice(team.id, team.name, team.department)
            for team in found.teams
            if team.active and team.id != duty.row.team_id
        ]

        def ask(team_id: UUID | None) -> None:
            if team_id is not None:
                title = _("What do you ask of them? ({ticket})").format(ticket=duty.row.label)
                self.app.push_screen(AskLine(title, limit=1000), lambda asked: send(team_id, asked))

        def send(team_id: UUID, asked: str | None) -> None:
            if asked:
                self.shell.dispatch(
                    requests.tickets.OfferHandOver(ticket_id=duty.row.id, to_team_id=team_id, asked=asked)
                )

        title = _("Hand {ticket} over to which desk? You stay the owner.").format(ticket=duty.row.label)
        self.app.push_screen(Choose(title, choices), ask)

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, requests.tickets.ClaimNext):
            self.shell.tell(_("{ticket} is yours.").format(ticket=receipt.label))
        elif isinstance(command, requests.tickets.OfferHandOver):
            self.shell.tell(_("{ticket} is offered to the other desk.").format(ticket=receipt.label))
        elif isinstance(command, requests.tickets.RecordCallBack):
            self.shell.tell(_("The call-back is written down."))
        elif command.action == "shift.hand_over":
            told = _("{count} tickets were handed over; their owners stay.").format(count=receipt.label)
            self.shell.tell(told, hint=_("Print the report: deskapp shift report"))
        elif isinstance(command, requests.people.SetState):
            self.shell.tell(_("You are now: {state}.").format(state=_(LABELS[command.state])))
