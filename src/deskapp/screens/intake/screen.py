"""Take a call: who is it, what is wrong, then question by question; saved as it is typed, stored as a whole."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from deskapp.domain.errors import Conflict, DeskError, Invalid
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.ids import uuid7
from deskapp.domain.terms import Channel, EntryKind, Grade
from deskapp.domain.views import CustomerBrief, CustomerView, MachineLine, TicketBrief, TicketView
from deskapp.domain.views_flow import FlowLine, FlowSheet
from deskapp.domain.views_time import NoticeLine
from deskapp.screens.base import DeskScreen
from deskapp.screens.intake.draft import FORM, CallDraft, which
from deskapp.screens.intake.form import CallForm
from deskapp.screens.intake.guided import CallGuide, known_flow
from deskapp.screens.intake.person import Person
from deskapp.screens.intake.words import plain_call, promise, red_call
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.customers import FindCustomers, GetCustomer
from deskapp.services.requests.flows import GetFlow, GetFlows
from deskapp.services.requests.intake import ContinueTicket, RaiseRed, TakeCall
from deskapp.services.requests.tickets import AddEntry, GetTicket, ReopenTicket
from deskapp.services.requests.visits import GetSlots
from deskapp.widgets.caller import MOST, Caller
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.guide import ANY_RED, Guide
from deskapp.widgets.guide_keys import GuideKeys


class IntakeScreen(GuideKeys, DeskScreen[None], scope="intake"):
    """The caller first, then the problem; a flow that fits it asks the rest, else the form does. Who it is, beside."""

    CSS_PATH = "../../styles/intake.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._submission = uuid7()
        self._sent = self._restoring = self._is_red = self._knows_flows = False
        self._saved_at: datetime | None = None
        self.form = CallForm(self._find, self._state, self._looks, id="form")
        self.person = Person(self._wall_clock, id="panel")
        self.guide: CallGuide = CallGuide(lambda: self.shell.clock, self.shell.local, wishes=self.person.wishes)
        self.guide.display = False

    def body(self) -> ComposeResult:
        with Horizontal(id="plain"):
            yield self.form
            yield self.person
        yield self.guide

    @property
    def session(self) -> GuidedSession | None:
        """The guided call, where one was begun."""
        return self.guide.session

    def ready(self) -> None:
        self.form.caller.take_focus()
        self.form.tell_twin(None)
        self.fetch("flows", GetFlows(), self._know_flows)
        drafts = self.shell.drafts(FORM)
        if drafts and not self.form.is_typed:
            self._offer(drafts)

    def _know_flows(self, flows: Sequence[FlowLine]) -> None:
        self._knows_flows = True
        self.let_keys_in("flows")
        self.form.flows.know(flows)
        self.form.offer_flows()

    def _looks(self, waits: bool) -> None:
        self.hold_keys("find") if waits else self.let_keys_in("find")

    def _wall_clock(self) -> datetime:
        return self.shell.local(self.shell.clock.now())

    def _state(self) -> str:
        if self._saved_at is None:
            return _("New call. What you type is kept.")
        return _("New call. Draft kept at {at}.").format(at=f"{self.shell.local(self._saved_at):%H:%M:%S}")

    # Who it is

    async def _find(self, text: str) -> Sequence[CustomerBrief]:
        if self.person.customer is not None:
            return ()
        try:
            found: Sequence[CustomerBrief] = await self.shell.ask(FindCustomers(text=text, limit=MOST))
        except DeskError:
            # The banner says what is wrong with the desk; the call goes on as somebody new.
            return ()
        return found

    @on(Caller.Typed)
    def _who_typed(self, event: Caller.Typed) -> None:
        customer = self.person.customer
        if customer is not None and event.text != customer.name:
            self._know(None)
        self._keep()

    @on(Caller.Chosen)
    def _chosen(self, event: Caller.Chosen) -> None:
        self._meet(event.customer)

    def _meet(self, brief: CustomerBrief) -> None:
        # What is typed from here on is about the customer: it waits until the screen shows who it is.
        self.fetch("customer", GetCustomer(customer_id=brief.id), self._met, keys_wait=True)

    @on(Caller.Left)
    def _somebody_new(self) -> None:
        self.form.take_caller()

    def _met(self, customer: CustomerView) -> None:
        asked = self.form.caller.text
        if not self._knows_flows:
            self.hold_keys("flows")  # the problem comes next, and its Enter is about them
        self._know(customer)
        self.form.tell_twin(None)
        self.form.caller.put(customer.name)
        self.form.caller.clear()
        said = self.person.said_machine(asked)
        self.person.machine_id = said.id if said else None
        if not self._restoring and self.person.tickets(closed=False):
            self.person.which_case(self._about)
        else:
            self._which_machine()
        self._restoring = False
        self._keep()

    def _which_machine(self) -> None:
        machines = self.person.customer.machines if self.person.customer else ()
        if known := self.person.machine or (machines[0] if len(machines) == 1 else None):
            self._take_machine(known)
        else:
            self.person.which_machine(self._take_machine)

    def _know(self, customer: CustomerView | None, machine_id: UUID | None = None) -> None:
        self.person.know(customer, machine_id)
        self.form.ask_who(customer is None)

    def _about(self, ticket: TicketBrief | None) -> None:
        if ticket is None:
            self._which_machine()
        else:
            self._go_on_with(ticket)

    def _go_on_with(self, ticket: TicketBrief) -> None:
        """The call is about a ticket that is there: what was said goes onto its timeline, nothing is typed again."""
        values = self.form.values()
        notes = self.session.notes if self.session else ()
        said = (values["subject"], values["description"], values["note"], *(note.text for note in notes))
        text = "\n".join(filter(None, said))
        if not ticket.status.is_open:
            reason = values["subject"] or _("The caller says that the fault is back.")
            self.shell.dispatch(ReopenTicket(ticket_id=ticket.id, reason=reason))
        self.hold_keys("sent")
        self.shell.dispatch(ContinueTicket(ticket_id=ticket.id, channel=Channel(values["channel"]), text=text))

    def action_call_continue(self) -> None:
        if self._is_red or (self.session and self.session.alarm):
            self.shell.tell(_("This call is on the desk as an emergency: finish it."), severity="warning")
        elif not self.person.tickets(closed=True):
            self.shell.tell(_("No ticket of this caller is open or was solved lately."), severity="warning")
        else:
            self.person.which_case(lambda ticket: self._go_on_with(ticket) if ticket else None, closed=True)

    def action_call_same(self) -> None:
        if twin := self.form.twin:
            self._meet(twin)

    def _look_for_twin(self) -> None:
        """Somebody new is typed in: is the number, or the name at this address, in a file?"""
        typed = self.form.values()

        async def look() -> None:
            self.form.tell_twin(await self._twin(typed["phone"], typed["name"], typed["address"]))

        self.run_worker(look, exclusive=True, group="twin")  # type: ignore[arg-type]

    async def _twin(self, phone: str, name: str, address: str) -> CustomerBrief | None:
        if sum(map(str.isdigit, phone)) >= 8:
            for found in await self._find(phone):
                if found.matched == "phone":
                    return found
        if name and address:
            for found in await self._find(name):
                if (found.name.casefold(), found.address) == (name.casefold(), address):
                    return found
        return None

    def _take_machine(self, machine: MachineLine | None) -> None:
        if machine is None:
            self.form.go("product")
            return
        self.form.take_machine(machine)
        self.person.machine_id = machine.id
        self.form.go("subject")

    # What was typed

    @on(CallForm.Changed)
    def _changed(self, event: CallForm.Changed) -> None:
        self.person.typed(event.name, event.value)
        if self.person.customer is None and event.name in ("name", "phone", "address"):
            self._look_for_twin()
        self._keep()

    @on(Guide.Changed)
    def _keep(self) -> None:
        form, person = self.form, self.person
        if self._sent or not (form.is_typed or form.caller.text or self.session):
            return
        typed = form.values() | {"who": form.caller.text}
        draft = CallDraft(typed, person.customer_id, person.machine_id, self.guide.kept(), self._is_red)
        self.shell.keep_draft(FORM, str(self._submission), draft.texts())
        self._saved_at = self.shell.clock.now()
        self.query_one("#state").refresh()

    def _offer(self, drafts: Sequence[tuple[str, dict[str, str]]]) -> None:
        def resume(entity: str | None) -> None:
            if entity:
                self._restore(UUID(entity), CallDraft.of(dict(drafts)[entity]))

        self.app.push_screen(which(drafts), resume)

    def _restore(self, submission: UUID, draft: CallDraft) -> None:
        self._submission, self._restoring, self._is_red = submission, True, draft.is_red
        self.form.put(draft.form)
        if draft.customer_id:
            self.person.machine_id = draft.machine_id
            self.fetch("customer", GetCustomer(customer_id=draft.customer_id), self._back_with)
        if draft.flow:
            self._open_flow(draft.flow, kept=draft.guided)
        else:
            self.form.go_on()

    def _back_with(self, customer: CustomerView) -> None:
        self._know(customer, self.person.machine_id)
        self._restoring = False
        self.form.caller.clear()

    def save_draft(self) -> None:
        self._keep()

    def _forget_draft(self) -> None:
        self._sent = True
        self.shell.drop_draft(FORM, str(self._submission))

    # Which questions

    @on(CallForm.FlowTaken)
    def _flow_taken(self, event: CallForm.FlowTaken) -> None:
        self._open_flow(event.version_id)

    def _open_flow(self, version_id: UUID, kept: Mapping[str, str] | None = None) -> None:
        if sheet := known_flow(version_id):
            self._begin(kept, sheet)
        else:
            self.fetch("flow", GetFlow(version_id=version_id), partial(self._begin, kept), keys_wait=True)

    def _begin(self, kept: Mapping[str, str] | None, sheet: FlowSheet) -> None:
        by = self.shell.actor.login if self.shell.actor else ""
        if kept is None:
            self.form.take_problem(sheet.line)
            self.guide.open(sheet, by, self.person.facts(self.form.values()))
        else:
            self.guide.resume(sheet, by, kept)
            self.fetch("newer", GetFlows(), partial(self._newer, sheet.line))
        self._show_guide(kept is None or bool(kept.get("guiding")))
        self.guide.type_on(kept or {})
        slots = GetSlots(zone=self.shell.zone, customer_id=self.person.customer_id, days=5)
        self.fetch("slots", slots, self.guide.offer_slots)
        self._keep()

    def _newer(self, line: FlowLine, published: Sequence[FlowLine]) -> None:
        found = next((item for item in published if item.flow == line.flow), None)
        if found is not None and found.version_id != line.version_id:
            self.fetch("newer", GetFlow(version_id=found.version_id), self.guide.offer_move)

    def _show_guide(self, shown: bool) -> None:
        self.guide.display, self.query_one("#plain").display = shown, not shown
        if shown:
            self.guide.turn()
        else:
            self.form.go("subject")

    @on(Guide.Left)
    def _to_form(self) -> None:
        self._show_guide(False)
        self._keep()

    def hears(self, notice: NoticeLine) -> bool:
        """With a caller on the line only another's emergency is told, and nothing over the script of one's own."""
        return notice.kind == "red" and not self._is_red

    @on(Guide.Alarm)
    def _alarm(self) -> None:
        """The red ticket is on the desk before the script is read."""
        known, self._is_red = self.person.customer_id, True
        self.shell.dispatch(red_call(self.form.values(), self.session, call_id=self._submission, customer_id=known))
        self._keep()

    def ticked(self, now: datetime) -> None:
        if self.guide.display:
            self.guide.tick()

    def said(self) -> None:
        self.guide.refresh_all()

    # What the keys do

    @property
    def guiding(self) -> bool:
        return self.guide.display

    def action_call_note(self) -> None:
        if self.guiding:
            super().action_call_note()
        else:
            self.form.go("note")

    def action_call_red(self) -> None:
        if self.guiding:
            super().action_call_red()
            return
        self.form.field("grade").put(Grade.RED.value)
        self._alarm()
        lines = "\n".join(text.get(language()) for text in ANY_RED)
        self.shell.tell(_("Read out: {lines}").format(lines=lines), severity="error")

    def action_field_jump(self) -> None:
        if self.guiding:
            super().action_field_jump()
            return
        choices = [Choice(name, label) for name, label in self.form.shown()]
        self.app.push_screen(
            Choose(_("Jump to which field?"), choices), lambda name: self.form.go(name) if name else None
        )

    def action_call_draft(self) -> None:
        self._keep()
        self.app.pop_screen()
        self.shell.tell(_("Kept. New call goes on with it."))

    def action_call_discard(self) -> None:
        self._forget_draft()
        self.app.pop_screen()

    def action_customer_open(self) -> None:
        if known := self.person.customer_id:
            self.shell.open_customer(known)

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")

    # Finishing

    @on(CallForm.Finished)
    @on(Guide.Finished)
    def action_call_finish(self) -> None:
        if self.guide.display:
            self.guide.finish()
            return
        typed = self.form.values()
        if self.person.customer is None and not (typed["name"] or typed["phone"]):
            self._point_at(Invalid(N_("Who is calling?"), hint=N_("Type a number or a name."), field="who"))
            return
        self._send(self._call)

    @on(CallGuide.Ready)
    def _send_guided(self, event: CallGuide.Ready) -> None:
        self._send(lambda: self.guide.add_to(self._call(), self.shell.zone, broken_off=event.broken_off))

    def _send(self, make: Callable[[], TakeCall]) -> None:
        try:
            self.shell.dispatch(make())
            self.hold_keys("sent")
        except DeskError as error:
            self._point_at(error)

    def _call(self) -> TakeCall:
        person = self.person
        return plain_call(
            self.form.values(), self.shell.clock.now(), self.shell.zone,
            submission_id=self._submission, customer_id=person.customer_id, machine_id=person.machine_id,
        )  # fmt: skip

    def _point_at(self, error: DeskError) -> None:
        if self.guide.display and self.guide.take_error(error):
            return
        self.shell.tell(str(error), severity="error", hint=error.hint)
        if not self.guide.display:
            self.form.go({"when": "occurred", "occurred_at": "occurred"}.get(error.field, error.field))

    def refused(self, command: Command, error: DeskError) -> bool:
        self.let_keys_in("sent")
        if isinstance(command, TakeCall) and isinstance(error, Conflict) and error.field == "despite":
            self.guide.against_wish(error)
        else:
            self._point_at(error)
        return True

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, RaiseRed):
            self.shell.tell(_("{ticket} is red on the lead's desk.").format(ticket=receipt.label), severity="warning")
        elif isinstance(command, ContinueTicket):
            self._forget_draft()
            self.app.pop_screen()
            self.shell.open_ticket(command.ticket_id)
        elif isinstance(command, TakeCall):
            self._forget_draft()
            self.let_keys_in("sent")
            self.fetch("promise", GetTicket(ticket_id=receipt.id), self._read_back, keys_wait=True)

    def _read_back(self, ticket: TicketView) -> None:
        shell, now, guided = self.shell, self.shell.clock.now(), self.session is not None
        self.app.pop_screen()
        shell.open_ticket(ticket.id)
        told = promise(ticket, now, shell.local, self.guide.call_at(shell.zone))
        if not guided:
            shell.tell(told)
            return

        def read_out(done: bool | None) -> None:
            if done:
                shell.dispatch(AddEntry(ticket_id=ticket.id, kind=EntryKind.PROMISE, text=told))

        choices = [Choice(True, _("Read out")), Choice(False, _("Not read out: the caller is gone"))]
        self.app.push_screen(Choose(told, choices), read_out)
