"""One ticket: what happened, who has it, what is promised; everything that can be done with it, by one key each."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input

from deskapp.domain.errors import Conflict, DeskError
from deskapp.domain.i18n import N_, _
from deskapp.domain.sla.words import explain_clock
from deskapp.domain.terms import LABELS, EntryKind, Grade, HandOverState, PauseReason, Priority, Status
from deskapp.domain.text import guard
from deskapp.domain.views import Directory, TicketView
from deskapp.domain.views_time import TicketExplained
from deskapp.domain.visits import SlotLine
from deskapp.domain.when import parse_when
from deskapp.screens.base import DeskScreen
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.calendars import ExplainTicket
from deskapp.services.requests.causes import ConfirmCause, GetCauses
from deskapp.services.requests.flows import GetCase
from deskapp.services.requests.merging import MergeTicket
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.visits import GetSlots, GetVisitCard
from deskapp.services.visit_card import VisitCard, as_html, as_text
from deskapp.widgets import visit_dialogs
from deskapp.widgets.at_ticket import AtTicket
from deskapp.widgets.case_words import show_case
from deskapp.widgets.correct_form import command_of, correct_form, stored, typed
from deskapp.widgets.dialogs import AskLine, Choice, Choose, Told
from deskapp.widgets.ending import Ending
from deskapp.widgets.facts import customer_panel, ticket_head, timeline
from deskapp.widgets.form import Form, Line
from deskapp.widgets.merge_dialogs import MergeDialogs
from deskapp.widgets.text import Live

_TALK = (EntryKind.CALL_OUT, EntryKind.CALL_IN, EntryKind.MESSAGE_OUT, EntryKind.MESSAGE_IN, EntryKind.PROMISE)
_DRAFT = "note"
_DONE = {
    ask.ClaimTicket: N_("{ticket} is yours."),
    ask.ReleaseTicket: N_("{ticket} is back for others."),
    ask.SolveTicket: N_("{ticket} is solved. Call the customer back within a day."),
    ask.RecordCallBack: N_("The call-back is written down."),
    ask.OfferHandOver: N_("{ticket} is offered to the other desk."),
    ask.PauseTicket: N_("{ticket} waits."),
    ask.ReopenTicket: N_("{ticket} is open again."),
    ask.CloseTicket: N_("{ticket} is closed."),
    ConfirmCause: N_("The cause of {ticket} is written down."),
    MergeTicket: N_("{ticket} went into the other one."),
}


class TicketScreen(DeskScreen[None], scope="ticket"):
    """The ticket on the left with a line to write on, its customer on the right."""

    CSS_PATH = "../styles/ticket.tcss"

    def __init__(self, ticket_id: UUID) -> None:
        super().__init__()
        self._about = ticket_id
        self._ticket: TicketView | None = None
        self._kind = EntryKind.NOTE
        self._here = AtTicket(ticket_id, self.shell.murmur, self.fetch, self._meet)
        self._ending = Ending(
            self.app, ticket_id, self.shell.dispatch,
            lambda then: self.fetch("causes", GetCauses(ticket_id=ticket_id), then, keys_wait=True),
        )  # fmt: skip

    def place(self) -> str:
        return self._ticket.row.label if self._ticket else _("Ticket")

    def body(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="main"):
                yield Live(self._head, id="head")
                with VerticalScroll(id="history"):
                    yield Live(self._history, hang=True, id="lines")
                with Horizontal(id="write"):
                    yield Live(lambda: f" {_(LABELS[self._kind])}: ", id="kind")
                    yield Input(max_length=4000, id="note")
            with VerticalScroll(id="customer"):
                yield Live(self._customer, hang=True, id="person")

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#history").focus()
        if draft := self.shell.recall_draft(_DRAFT, str(self._about)):
            self.query_one(Input).value = draft.get("text", "")
            self._take_kind(draft.get("kind", ""))

    # What is shown

    def _head(self) -> Content:
        if self._ticket is None:
            return Content(self.nothing(_("This ticket is not here.")))
        now = self.shell.clock.now()
        head = ticket_head(self._ticket, now, self._zone(now))
        others = self._here.sentence
        return Content.assemble(head, ("\n! " + guard(others), "$text-warning bold")) if others else head

    def _history(self) -> Content:
        if self._ticket is None:
            return Content("")
        now = self.shell.clock.now()
        return timeline(self._ticket.timeline, now, self._zone(now), tickets=bool(self._ticket.took_in))

    def _customer(self) -> Content:
        if self._ticket is None or self._ticket.customer is None:
            told = _("No customer is named. Press {key} to correct the ticket.").format(key=self.key("ticket.edit"))
            return Content(told if self._ticket else "")
        now = self.shell.clock.now()
        return customer_panel(self._ticket.customer, now, self._zone(now), but=self._about)

    def _zone(self, now: datetime) -> tzinfo:
        zone = self.shell.local(now).tzinfo
        assert zone is not None
        return zone

    def ready(self) -> None:
        self.fetch("ticket", ask.GetTicket(ticket_id=self._about), self._show, keys_wait=self._ticket is None)
        self._stand()

    def _stand(self) -> None:
        """Say what one does here. Under a dialog something is being written, too."""
        note = self.query_one("#note", Input)
        writing = not self.is_current or (note.has_focus and bool(note.value))
        self._here.tick(self.shell.clock.now(), self.shell.actor, writing=writing)

    def _meet(self) -> None:
        self.query_one("#head").refresh(layout=True)

    def on_key(self) -> None:
        self._here.touched(self.shell.clock.now())

    def on_unmount(self) -> None:
        self._here.leave()

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        if tickets is None or self._about in tickets:
            self.ready()

    def _show(self, ticket: TicketView) -> None:
        grew = self._ticket is None or len(ticket.timeline) > len(self._ticket.timeline)
        self._ticket = ticket
        for name in ("#head", "#lines", "#person"):
            self.query_one(name).refresh(layout=True)
        self.show_who()
        if grew:
            history = self.query_one("#history", VerticalScroll)
            self.call_after_refresh(history.scroll_end, animate=False)

    def ticked(self, now: datetime) -> None:
        self.query_one("#head").refresh()
        self._stand()
        row = self._ticket.row if self._ticket else None
        if row and row.due_at is not None and row.due_at < now:
            self.shell.breached([row.id])

    # Writing

    @on(Input.Changed, "#note")
    def _typed(self, event: Input.Changed) -> None:
        self.on_key()
        if event.value:
            self.shell.keep_draft(_DRAFT, str(self._about), {"text": event.value, "kind": self._kind.value})
        else:
            self.shell.drop_draft(_DRAFT, str(self._about))

    @on(Input.Submitted, "#note")
    def _send_note(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._try(lambda: ask.AddEntry(ticket_id=self._about, kind=self._kind, text=event.value))

    def action_note_write(self) -> None:
        self._take_kind(EntryKind.NOTE)
        self.query_one(Input).focus()

    def action_talk_write(self) -> None:
        choices = [Choice(kind, _(LABELS[kind])) for kind in _TALK]

        def take(kind: EntryKind | None) -> None:
            if kind is not None:
                self._take_kind(kind)
                self.query_one(Input).focus()

        self.app.push_screen(Choose(_("Words with the customer: which way?"), choices), take)

    def _take_kind(self, kind: str) -> None:
        self._kind = EntryKind(kind) if kind in set(EntryKind) else EntryKind.NOTE
        self.query_one("#kind").refresh(layout=True)

    def action_app_back(self) -> None:
        if self.focused is self.query_one(Input):
            self.query_one("#history").focus()
        else:
            super().action_app_back()

    # One key each

    def action_ticket_claim(self) -> None:
        self.shell.dispatch(ask.ClaimTicket(ticket_id=self._about))

    def action_ticket_release(self) -> None:
        self._reason(
            _("Put it back: why?"), lambda r: ask.ReleaseTicket(ticket_id=self._about, reason=r), optional=True
        )

    def action_ticket_solve(self) -> None:
        self._ending.solve()

    def action_ticket_close(self) -> None:
        self._ending.close()

    def action_ticket_call_back(self) -> None:
        self._ending.call_back()

    def action_cause_confirm(self) -> None:
        self._ending.cause()

    def action_ticket_reopen(self) -> None:
        self._reason(_("Reopen it: what is wrong again?"), lambda r: ask.ReopenTicket(ticket_id=self._about, reason=r))

    def action_ticket_cancel(self) -> None:
        self._reason(_("Cancel it: why?"), lambda r: ask.CancelTicket(ticket_id=self._about, reason=r))

    def action_ticket_pause(self) -> None:
        if self._ticket and self._ticket.row.status is Status.PAUSED:
            self.shell.dispatch(ask.ResumeTicket(ticket_id=self._about))
            return
        lines = [
            Line("reason", _("Waiting for"), words=_words(PauseReason)),
            Line(
                "until", _("Goes on"), _("tomorrow 9:00"), required=True, hint=_("2h, 3d, 14:00, fri 10, 12-01 09:00")
            ),
            Line("text", _("Note")),
        ]
        self._form(
            _("Pause"),
            lines,
            lambda v: ask.PauseTicket(
                ticket_id=self._about, reason=PauseReason(v["reason"]), until=self._when(v["until"]), text=v["text"]
            ),
        )

    def action_ticket_regrade(self) -> None:
        if self._ticket is None:
            return
        row = self._ticket.row
        lines = [
            Line("grade", _("Grade"), row.grade.value, words=_words(Grade)),
            Line("priority", _("Priority"), row.priority.value, words=_words(Priority)),
            Line("reason", _("Reason"), required=True),
        ]
        self._form(
            _("Grade and priority of {ticket}").format(ticket=row.label),
            lines,
            lambda v: ask.RegradeTicket(
                ticket_id=self._about, grade=Grade(v["grade"]), priority=Priority(v["priority"]), reason=v["reason"]
            ),
        )

    def action_ticket_edit(self) -> None:
        if self._ticket is not None:
            self._edit(self._ticket, stored(self._ticket))

    def _edit(self, ticket: TicketView, values: Mapping[str, str], problem: str = "") -> None:
        def send(given: Mapping[str, str] | None) -> None:
            if given is not None:
                self._try(lambda: command_of(ticket.id, ticket.version, given))

        self.app.push_screen(correct_form(ticket, values, problem), send)

    def action_ticket_merge(self) -> None:
        """Let it go into another ticket; one that has gone leads there."""
        if self._ticket is None:
            return
        if self._ticket.merged_into:
            self.shell.open_ticket(self._ticket.merged_into[0])
            return
        shell = self.shell
        MergeDialogs(self.app, self.fetch, shell.dispatch, shell.tell, shell.clock.now()).begin(self._ticket)

    def action_ticket_hand_over(self) -> None:
        self.fetch("teams", GetDirectory(), self._choose_team, keys_wait=True)

    def _choose_team(self, found: Directory) -> None:
        here = self._ticket.row.team_id if self._ticket else None
        words = tuple((str(t.id), t.name) for t in found.teams if t.active and t.id != here)
        if not words:
            self.shell.tell(_("There is no other desk."), severity="warning")
            return
        lines = [
            Line("team", _("Desk"), words=words),
            Line("asked", _("What do you ask of them?"), limit=1000, required=True),
            Line("due", _("By when"), hint=_("2h, 3d, 14:00, fri 10, 12-01 09:00")),
        ]
        self._form(
            _("Hand over; you stay the owner"),
            lines,
            lambda v: ask.OfferHandOver(
                ticket_id=self._about,
                to_team_id=UUID(v["team"]),
                asked=v["asked"],
                due_at=self._when(v["due"]) if v["due"].strip() else None,
            ),
        )

    def action_hand_over_answer(self) -> None:
        offers = [o for o in self._ticket.hand_overs if o.state is HandOverState.OFFERED] if self._ticket else []
        if not offers:
            self.shell.tell(_("No hand-over waits for an answer here."), severity="warning")
            return
        lines = [
            Line("accept", _("Answer"), words=(("yes", _("accept")), ("no", _("send back")))),
            Line("answer", _("Reason"), limit=1000),
        ]
        self._form(
            _("{desk} asks: {asked}").format(desk=offers[0].from_team or "?", asked=offers[0].asked),
            lines,
            lambda v: ask.AnswerHandOver(hand_over_id=offers[0].id, accept=v["accept"] == "yes", answer=v["answer"]),
        )

    def action_visit_book(self) -> None:
        """Book a visit; with one booked, say what happens with it."""
        ticket = self._ticket
        if ticket is None:
            return
        now = self.shell.clock.now()
        due = {clock.metric: self.shell.local(clock.due_at) for clock in ticket.row.clocks}
        going = [visit for visit in ticket.appointments if visit.state in ("booked", "moved", "arrived")]

        def choose(slots: tuple[SlotLine, ...]) -> None:
            if going:
                visit_dialogs.change(self.app, slots, going[0], self.shell.dispatch, due, self.shell.zone)
            else:
                visit_dialogs.book(self.app, slots, ticket.id, self.shell.dispatch, due)

        customer = ticket.customer.id if ticket.customer else None
        slots = GetSlots(zone=self._zone(now), team_id=ticket.row.team_id, customer_id=customer, days=7)
        self.fetch("slots", slots, choose, keys_wait=True)

    def action_visit_card(self) -> None:
        if self._ticket is not None:
            self.fetch("card", GetVisitCard(ticket_number=self._ticket.row.number), self._card, keys_wait=True)

    def _card(self, card: VisitCard) -> None:
        zone = self._zone(self.shell.clock.now())
        try:
            path = self.shell.keep_page(f"{card.ticket}.html", as_html(card, zone))
            told = _("To print: {path} (kept for a week)").format(path=path)
        except OSError as error:
            told = _("The page could not be written: {reason}.").format(reason=error.strerror)
        self.app.push_screen(Told(told, as_text(card, zone).splitlines()))

    def action_ticket_give(self) -> None:
        self._person(_("Give it to whom?"), lambda who: ask.AssignTicket(ticket_id=self._about, agent_id=who))

    def action_owner_move(self) -> None:
        def reason(who: UUID) -> None:
            self._reason(
                _("Why does the owner change?"), lambda r: ask.MoveOwner(ticket_id=self._about, agent_id=who, reason=r)
            )

        self._pick(_("Who becomes the first-contact owner?"), reason)

    def action_customer_open(self) -> None:
        if self._ticket and self._ticket.customer:
            self.shell.open_customer(self._ticket.customer.id)

    def action_due_explain(self) -> None:
        self.fetch("why", ExplainTicket(ticket_id=self._about), self._explain)

    def _explain(self, told: TicketExplained) -> None:
        now, zone = self.shell.clock.now(), ZoneInfo(told.zone)
        lines = [line for entry in told.clocks for line in explain_clock(entry.clock, entry.why, zone, now)]
        self.app.push_screen(
            Told(
                _("{ticket}: why its promises are due when they are").format(ticket=told.ticket),
                lines or [_("Nothing is promised on this ticket.")],
            )
        )

    def action_case_show(self) -> None:
        self.fetch("case", GetCase(ticket_id=self._about), partial(show_case, self.app, self.shell.local))

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")

    def action_list_refresh(self) -> None:
        self.ready()

    # How a key becomes a command

    def _try(self, make: Callable[[], Command]) -> None:
        try:
            self.shell.dispatch(make())
        except DeskError as error:
            self.shell.tell(str(error), severity="error", hint=error.hint)

    def _reason(self, title: str, make: Callable[[str], Command], *, limit: int = 300, optional: bool = False) -> None:
        def send(text: str | None) -> None:
            if text is not None:
                self._try(lambda: make(text))

        self.app.push_screen(AskLine(title, limit=limit, optional=optional), send)

    def _form(
        self, title: str, lines: Iterable[Line], make: Callable[[Mapping[str, str]], Command], *, problem: str = ""
    ) -> None:
        def send(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self._try(lambda: make(values))

        self.app.push_screen(Form(title, tuple(lines), check=make, problem=problem), send)

    def _person(self, title: str, make: Callable[[UUID], Command]) -> None:
        self._pick(title, lambda who: self._try(lambda: make(who)))

    def _pick(self, title: str, then: Callable[[UUID], None]) -> None:
        def choose(found: Directory) -> None:
            choices = [Choice(p.id, p.name, p.team, p.login) for p in found.people if p.active]
            self.app.push_screen(Choose(title, choices), lambda who: then(who) if who is not None else None)

        self.fetch("people", GetDirectory(), choose, keys_wait=True)

    def _when(self, text: str) -> datetime:
        now = self.shell.clock.now()
        return parse_when(text, now, self._zone(now))

    # How it went

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, ask.AddEntry):
            note = self.query_one(Input)
            note.value = ""
            self.shell.drop_draft(_DRAFT, str(self._about))
            self._take_kind(EntryKind.NOTE)
        if said := _DONE.get(type(command)):
            self.shell.tell(_(said).format(ticket=receipt.label))
        self.ready()

    def refused(self, command: Command, error: DeskError) -> bool:
        if isinstance(command, ask.EditTicket) and isinstance(error, Conflict):
            # Both versions are kept in sight: what was typed in the form, what is stored below it.
            again = partial(self._again, typed(command), f"{error} {error.hint}")
            self.fetch("ticket", ask.GetTicket(ticket_id=self._about), again)
            return True
        return False

    def _again(self, values: Mapping[str, str], problem: str, ticket: TicketView) -> None:
        self._show(ticket)
        self._edit(ticket, values, problem)


def _words(kind: Iterable[Grade | Priority | PauseReason]) -> tuple[tuple[str, str], ...]:
    return tuple((word.value, _(LABELS[word])) for word in kind)
