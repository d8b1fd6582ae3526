"""Take a call: who is it, what is wrong, then question by question; saved as it is typed, stored as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from deskapp.domain.errors import Conflict, DeskError, Invalid
from deskapp.domain.flow import CompiledFlow, Mark, compile_flow, from_data, plain_value
from deskapp.domain.flow.facts import facts_of, prefilled, slot_of
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.ids import uuid7
from deskapp.domain.terms import LABELS, Channel, EntryKind, Grade, Priority
from deskapp.domain.views import CustomerBrief, CustomerView, TicketView
from deskapp.domain.views_flow import FlowLine, FlowSheet
from deskapp.domain.visits import SlotLine
from deskapp.domain.when import parse_when
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.customers import FindCustomers, GetCustomer
from deskapp.services.requests.flows import GetFlow, GetFlows
from deskapp.services.requests.intake import GivenAnswer, GuidedCall, RaiseRed, Said, TakeCall, Window
from deskapp.services.requests.tickets import AddEntry, GetTicket
from deskapp.services.requests.visits import GetSlots
from deskapp.widgets.caller import Caller
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.facts import customer_panel
from deskapp.widgets.flow_matches import FlowMatches
from deskapp.widgets.form import FormInput, Line
from deskapp.widgets.guide import ANY_RED, Guide
from deskapp.widgets.text import Live
from deskapp.widgets.ticket_columns import what

_DRAFT = "intake"
_WORDS: dict[str, type[Channel] | type[Grade] | type[Priority]] = {
    "channel": Channel, "grade": Grade, "priority": Priority,
}  # fmt: skip
# id, label, limit; in the order a call goes.
_FIELDS = (
    ("name", N_("Name"), 120),
    ("phone", N_("Phone"), 40),
    ("address", N_("Address"), 300),
    ("product", N_("Product"), 80),
    ("model", N_("Model"), 80),
    ("serial", N_("Serial number"), 80),
    ("subject", N_("Problem"), 200),
    ("description", N_("In the customer's words"), 4000),
    ("fault", N_("Fault"), 120),
    ("grade", N_("Grade"), 20),
    ("priority", N_("Priority"), 20),
    ("channel", N_("Channel"), 20),
    ("occurred", N_("Called at (empty: now)"), 40),
    ("note", N_("Note for colleagues"), 4000),
    ("remember", N_("Remember for next time (with consent)"), 300),
)
_OF_NEW_CUSTOMER = ("name", "phone", "address")
# What the flows call their products, in words.
_PRODUCTS = {
    "air_conditioner": N_("air conditioner"), "washing_machine": N_("washing machine"), "fridge": N_("refrigerator"),
    "refrigerator": N_("refrigerator"), "tv": N_("television"), "water_heater": N_("water heater"),
    "gas_stove": N_("gas stove"), "range_hood": N_("range hood"), "robot_vacuum": N_("robot vacuum"),
    "ebike": N_("e-bike"), "bottle_warmer": N_("bottle warmer"),
}  # fmt: skip
# A published version never changes: once read it is kept, also for when the database is away.
_known_flows: dict[UUID, tuple[FlowSheet, CompiledFlow]] = {}


class IntakeScreen(DeskScreen[None], scope="intake"):
    """The caller first, then the problem; a flow that fits it asks the rest, else the form does. Who it is, beside."""

    CSS_PATH = "../styles/intake.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._submission = uuid7()
        self._customer: CustomerView | None = None
        self._machine_id: UUID | None = None
        self._sent = self._restoring = False
        self._saved_at: datetime | None = None
        self._flow: FlowLine | None = None
        self._slots: tuple[SlotLine, ...] = ()
        self._despite = ""
        self._stopped_at = ""

    def body(self) -> ComposeResult:
        with Horizontal(id="plain"):
            with VerticalScroll(id="form", can_focus=False):
                yield Live(self._state, id="state")
                yield Caller(self._find, id="who")
                for name, label, limit in _FIELDS:
                    with Horizontal(classes=f"row of-{name}"):
                        yield Live(lambda label=label: f" {_(label)}", classes="label")  # type: ignore[misc]
                        yield FormInput(_line(name, limit), id=f"f-{name}")
                    if name == "subject":
                        yield FlowMatches(id="flows")
            with VerticalScroll(id="panel"):
                yield Live(self._panel, id="person")
        guide = Guide(lambda: self.shell.clock, self.shell.local, wishes=self._wishes, slots=lambda: self._slots)
        guide.display = False
        yield guide

    @property
    def guide(self) -> Guide:
        return self.query_one(Guide)

    @property
    def session(self) -> GuidedSession | None:
        """The guided call, where one was begun."""
        return self.guide.session

    def ready(self) -> None:
        self.query_one(Caller).take_focus()
        self.fetch("flows", GetFlows(), self.query_one(FlowMatches).know)
        drafts = self.shell.drafts(_DRAFT)
        if drafts and not self._values_typed():
            self._offer(drafts)

    # What is shown

    def _state(self) -> str:
        if self._saved_at is None:
            return _("New call. What you type is kept.")
        return _("New call. Draft kept at {at}.").format(at=f"{self.shell.local(self._saved_at):%H:%M:%S}")

    def _panel(self) -> Content:
        if self._customer is None:
            return Content(_("Who is calling shows here, with open tickets and preferences.")).stylize("$quiet")
        now = self.shell.clock.now()
        zone = self.shell.local(now).tzinfo
        assert zone is not None
        return customer_panel(self._customer, now, zone)

    # Who it is

    async def _find(self, text: str) -> Sequence[CustomerBrief]:
        if self._customer is not None:
            return ()
        try:
            found: Sequence[CustomerBrief] = await self.shell.ask(FindCustomers(text=text, limit=8))
        except DeskError:
            # The banner says what is wrong with the desk; the call goes on as somebody new.
            return ()
        return found

    @on(Caller.Typed)
    def _who_typed(self, event: Caller.Typed) -> None:
        if self._customer is not None and event.text != self._customer.name:
            self._know(None)
        self._keep()

    @on(Caller.Chosen)
    def _chosen(self, event: Caller.Chosen) -> None:
        self.fetch("customer", GetCustomer(customer_id=event.customer.id), self._met)

    @on(Caller.Left)
    def _somebody_new(self) -> None:
        text = self.query_one(Caller).text
        if text:
            is_number = sum(c.isdigit() for c in text) * 2 > len(text)
            self._field("phone" if is_number else "name").value = text
            self._field("name" if is_number else "phone").focus()

    def _met(self, customer: CustomerView) -> None:
        self._know(customer)
        who = self.query_one(Caller)
        who.put(customer.name)
        who.clear()
        opened = [t for t in customer.tickets if t.status.is_open]
        machines = [m for m in customer.machines]
        if opened and not self._restoring:
            self._continue_one(opened)
        elif len(machines) == 1:
            self._take_machine(machines[0].id)
            self._field("subject").focus()
        elif machines:
            self._which_machine()
        else:
            self._field("product").focus()
        self._restoring = False
        self._keep()

    def _know(self, customer: CustomerView | None) -> None:
        self._customer, self._machine_id = customer, None
        for name in _OF_NEW_CUSTOMER:
            self.query_one(f".of-{name}").display = customer is None
        self.query_one("#person").refresh(layout=True)

    def _continue_one(self, opened: Sequence[Any]) -> None:
        choices: list[Choice[Any]] = [Choice(t.id, f"T-{t.number}  {t.subject}", _(LABELS[t.status])) for t in opened]
        choices.append(Choice("new", _("No: a new case")))

        def go_on(answer: Any) -> None:
            if answer == "new" or answer is None:
                self._which_machine()
            else:
                self._forget_draft()
                self.app.pop_screen()
                self.shell.open_ticket(answer)

        self.app.push_screen(Choose(_("Is it about one of these? Enter goes on with it."), choices), go_on)

    def _which_machine(self) -> None:
        machines = self._customer.machines if self._customer else ()
        if not machines:
            self._field("product").focus()
            return
        choices: list[Choice[Any]] = [
            Choice(m.id, "  ".join(filter(None, (m.product, m.model, m.serial))), m.place) for m in machines
        ]
        choices.append(Choice("other", _("Another machine")))

        def take(answer: Any) -> None:
            if isinstance(answer, UUID):
                self._take_machine(answer)
                self._field("subject").focus()
            else:
                self._field("product").focus()

        self.app.push_screen(Choose(_("Which machine?"), choices), take)

    def _take_machine(self, machine_id: UUID) -> None:
        machine = next(m for m in self._customer.machines if m.id == machine_id) if self._customer else None
        if machine is not None:
            for name in ("product", "model", "serial"):
                self._field(name).value = getattr(machine, name)
            self._machine_id = machine_id

    # What was typed

    def _field(self, name: str) -> FormInput:
        return self.query_one(f"#f-{name}", FormInput)

    def _values(self) -> dict[str, str]:
        return {name: self._field(name).word for name, _label, _limit in _FIELDS}

    def _values_typed(self) -> bool:
        return any(self._field(name).word for name, _label, _limit in _FIELDS if name not in _WORDS)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        if event.input.id == "f-subject":
            self.query_one(FlowMatches).offer(event.value, visible=event.input.has_focus)
        if isinstance(event.input, FormInput) and event.input.id in ("f-product", "f-model", "f-serial"):
            machine = (
                next((m for m in self._customer.machines if m.id == self._machine_id), None) if self._customer else None
            )
            if machine and event.value != getattr(machine, event.input.id.removeprefix("f-")):
                self._machine_id = None
        self._keep()

    def _keep(self) -> None:
        if self._sent or not (self._values_typed() or self.query_one(Caller).text or self.session):
            return
        kept = self._values() | {
            "who": self.query_one(Caller).text,
            "customer_id": str(self._customer.id) if self._customer else "",
            "machine_id": str(self._machine_id or ""),
        }
        if self.session and self._flow:
            kept |= {"flow": str(self._flow.version_id), "guiding": "1" if self.guide.display else ""}
            kept |= {f"guided.{name}": value for name, value in self.session.data().items()}
        self.shell.keep_draft(_DRAFT, str(self._submission), kept)
        self._saved_at = self.shell.clock.now()
        self.query_one("#state").refresh()

    def _offer(self, drafts: Sequence[tuple[str, dict[str, str]]]) -> None:
        choices: list[Choice[str]] = [Choice("", _("A new call"))]
        for entity, draft in drafts:
            told = "  ".join(filter(None, (draft.get("who") or draft.get("name"), draft.get("subject"))))
            choices.insert(0, Choice(entity, told or _("without words"), _("not sent yet")))

        def resume(entity: str | None) -> None:
            if entity:
                self._restore(UUID(entity), dict(drafts)[entity])

        self.app.push_screen(Choose(_("You were in the middle of a call. Go on with it?"), choices), resume)

    def _restore(self, submission: UUID, draft: dict[str, str]) -> None:
        self._submission, self._restoring = submission, True
        for name, _label, _limit in _FIELDS:
            self._field(name).put(draft.get(name, ""))
        self.query_one(Caller).put(draft.get("who", ""))
        if draft.get("customer_id"):
            self.fetch("customer", GetCustomer(customer_id=UUID(draft["customer_id"])), self._back_with)
            machine = draft.get("machine_id")
            self._machine_id = UUID(machine) if machine else None
        if draft.get("flow"):
            self._open_flow(UUID(draft["flow"]), kept=draft)
            return
        first_empty = next((n for n in ("subject", "description", "note") if not self._field(n).value), "subject")
        self._field(first_empty).focus()

    def _back_with(self, customer: CustomerView) -> None:
        machine = self._machine_id
        self._know(customer)
        self._machine_id, self._restoring = machine, False
        self.query_one(Caller).clear()

    def save_draft(self) -> None:
        self._keep()

    def _forget_draft(self) -> None:
        self._sent = True
        self.shell.drop_draft(_DRAFT, str(self._submission))

    # Which questions

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        subject = self._field("subject")
        self.query_one(FlowMatches).offer(subject.value, visible=event.widget is subject)

    def on_key(self, event: events.Key) -> None:
        matches = self.query_one(FlowMatches)
        if self.focused is self._field("subject") and matches.has_class("-some") and event.key in ("up", "down"):
            event.stop()
            (matches.action_cursor_up if event.key == "up" else matches.action_cursor_down)()

    @on(FlowMatches.OptionSelected, "#flows")
    def _flow_picked(self, event: FlowMatches.OptionSelected) -> None:
        event.stop()
        if flow := self.query_one(FlowMatches).flow(event.option_index):
            self._open_flow(flow.version_id)

    def _open_flow(self, version_id: UUID, kept: Mapping[str, str] | None = None) -> None:
        def begin(sheet: FlowSheet) -> None:
            if version_id not in _known_flows:
                _known_flows[version_id] = (sheet, compile_flow(from_data(sheet.data)))
            self._begin(*_known_flows[version_id], kept)

        if version_id in _known_flows:
            begin(_known_flows[version_id][0])
        else:
            self.fetch("flow", GetFlow(version_id=version_id), begin)

    def _begin(self, sheet: FlowSheet, compiled: CompiledFlow, kept: Mapping[str, str] | None) -> None:
        """Ask the questions of a flow: resumed, moved from another one, or from the start with what is known."""
        now, by = self.shell.clock.now(), self.shell.actor.login if self.shell.actor else ""
        self._flow = sheet.line
        if kept is not None:
            data = {name.removeprefix("guided."): v for name, v in kept.items() if name.startswith("guided.")}
            session = GuidedSession.resumed(compiled, data, by=by)
        elif self.session is not None and self.session.compiled.hash == compiled.hash:
            session = self.session
        elif self.session is not None:
            session = self.session.moved(compiled, now)
        else:
            session = GuidedSession(compiled, by=by, started_at=now, today=self.shell.local(now).date())
        if kept is None:
            self._take_problem(sheet.line)
            session.prefill(prefilled(compiled, self._known_facts()), now)
        self.guide.begin(session, sample=not sheet.line.signed_by, jump=sheet.jump)
        self._show_guide(kept is None or bool(kept.get("guiding")))
        self._read_slots()
        self._keep()

    def _take_problem(self, flow: FlowLine) -> None:
        """The problem becomes the flow's title; words that say more than it did are the customer's own."""
        subject, title = self._field("subject"), flow.title.get(language())
        typed = subject.value.strip()
        told = any(character == " " or character > "\u2e80" for character in typed)
        if told and typed not in title and not self._field("description").value:
            self._field("description").value = typed
        subject.value = title
        if not self._field("product").value:
            self._field("product").value = _(_PRODUCTS.get(flow.product, flow.product.replace("_", " ")))

    def _known_facts(self) -> dict[str, str]:
        """What need not be asked: from the customer's file, else from what was typed above."""
        known = {name: self._field(name).word for name in ("name", "phone", "address", "model", "serial")}
        if (customer := self._customer) is not None:
            known |= {"name": customer.name, "phone": customer.phone, "address": customer.address}
            machine = next((m for m in customer.machines if m.id == self._machine_id), None)
            if machine:
                known |= {"model": machine.model, "serial": machine.serial}
                known["bought_on"] = machine.bought_on.isoformat() if machine.bought_on else ""
        return known

    def _read_slots(self) -> None:
        zone = self.shell.local(self.shell.clock.now()).tzinfo
        assert zone is not None
        customer = self._customer.id if self._customer else None
        self.fetch("slots", GetSlots(zone=zone, customer_id=customer, days=5), self._offer_slots)

    def _offer_slots(self, slots: tuple[SlotLine, ...]) -> None:
        # What suits the customer comes first: the digit nearest at hand goes against no wish.
        self._slots = tuple(sorted(slots, key=lambda slot: bool(slot.against)))[:9]
        self.guide.refresh_all()

    def _show_guide(self, shown: bool) -> None:
        self.guide.display, self.query_one("#plain").display = shown, not shown
        if shown:
            self.guide.turn()
        else:
            self._field("subject").focus()

    def _wishes(self) -> list[str]:
        today = self.shell.local(self.shell.clock.now()).date()
        kept = self._customer.preferences if self._customer else ()
        return [p.text for p in kept if not p.ended_at and not (p.valid_until and p.valid_until < today)]

    @on(Guide.Changed)
    def _answered(self) -> None:
        self._keep()

    @on(Guide.Left)
    def _to_form(self) -> None:
        self._show_guide(False)
        self._keep()

    @on(Guide.Alarm)
    def _alarm(self) -> None:
        """The red ticket is on the desk before the script is read."""
        session, values = self.session, self._values()
        facts = facts_of(session.compiled, session.draft.answers, today=session.today) if session else {}
        outcome = session.outcome if session else None
        raised = RaiseRed(
            call_id=self._submission, customer_id=self._customer.id if self._customer else None,
            subject=values["subject"] or _("Emergency"), product=values["product"],
            description=outcome.title.get(language()) if outcome else values["description"],
            phone=facts.get("phone", values["phone"]), address=facts.get("address", values["address"]),
        )  # fmt: skip
        self.shell.dispatch(raised)

    def ticked(self, now: datetime) -> None:
        if self.guide.display:
            self.guide.tick()

    def said(self) -> None:
        self.guide.refresh_all()

    def action_call_back(self) -> None:
        if self.guide.display:
            self.guide.back()
        else:
            self.focus_previous()

    def action_answer_unknown(self) -> None:
        if self.guide.display:
            self.guide.mark(Mark.UNKNOWN)

    def action_answer_refused(self) -> None:
        if self.guide.display:
            self.guide.mark(Mark.REFUSED)

    def action_call_why(self) -> None:
        if self.guide.display:
            self.guide.why()

    def action_call_note(self) -> None:
        if self.guide.display:
            self.guide.note()
        else:
            self._field("note").focus()

    def action_call_red(self) -> None:
        if self.guide.display:
            self.guide.red()
            return
        self._field("grade").put(Grade.RED.value)
        self._alarm()
        lines = "\n".join(text.get(language()) for text in ANY_RED)
        self.shell.tell(_("Read out: {lines}").format(lines=lines), severity="error")

    def action_call_draft(self) -> None:
        self._keep()
        self.app.pop_screen()
        self.shell.tell(_("Kept. New call goes on with it."))

    # Finishing

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        if event.input.id == "f-subject" and (flow := self.query_one(FlowMatches).chosen):
            self._open_flow(flow.version_id)
            return
        names = [f"f-{name}" for name, _label, _limit in _FIELDS]
        if event.input.id in names:
            shown = [n for n in names if self.query_one(f".of-{n.removeprefix('f-')}").display]
            place = shown.index(event.input.id) + 1
            if place < len(shown):
                self.query_one(f"#{shown[place]}").focus()
            else:
                self.action_call_finish()

    @on(Guide.Finished)
    def action_call_finish(self) -> None:
        if self.guide.display:
            self._finish_guided()
            return
        try:
            self.shell.dispatch(self._call())
        except DeskError as error:
            self._point_at(error)

    def _call(self) -> TakeCall:
        """The call as the form has it. Raises Invalid."""
        values = self._values()
        now = self.shell.clock.now()
        occurred = values["occurred"].strip()
        zone = self.shell.local(now).tzinfo
        assert zone is not None
        known = self._customer is not None
        if not known and not self.guide.display and not (values["name"] or values["phone"]):
            raise Invalid(N_("Who is calling?"), hint=N_("Type a number or a name."), field="who")
        return TakeCall(
            submission_id=self._submission,
            customer_id=self._customer.id if self._customer else None,
            machine_id=self._machine_id,
            occurred_at=parse_when(occurred, now, zone) if occurred else None,
            channel=Channel(values["channel"]),
            grade=Grade(values["grade"]),
            priority=Priority(values["priority"]),
            name="" if known else values["name"],
            phone="" if known else values["phone"],
            address="" if known else values["address"],
            product=values["product"],
            model=values["model"],
            serial=values["serial"],
            subject=values["subject"],
            description=values["description"],
            fault=values["fault"],
            note=values["note"],
            remember=values["remember"],
        )

    def _finish_guided(self, *, broken_off: bool = False) -> None:
        """Send the guided call; what is missing is shown first, and may be left out when the call broke off."""
        session = self.session
        assert session is not None and self._flow is not None
        blockers = session.evaluation.blockers
        if blockers and not broken_off:
            first = blockers[0].question
            if self._stopped_at == first:
                self._broken_off()
                return
            self._stopped_at = first
            said = _("This still needs an answer. F10 again: the call broke off.")
            self.guide.complain(first, said)
            return
        zone = self.shell.local(self.shell.clock.now()).tzinfo
        assert zone is not None
        slot = slot_of(session.compiled.effective(session.draft.answers, today=session.today), zone)
        own_red = session.red and not (session.outcome and session.outcome.grade is Grade.RED)
        try:
            guided = GuidedCall(
                version_id=self._flow.version_id,
                events=tuple(
                    GivenAnswer(
                        question=e.question, value=None if e.value is None else plain_value(e.value), at=e.at, how=e.how
                    )
                    for e in session.draft.events
                ),
                started_at=session.started_at, today=session.today, keys=session.keys,
                read_out=tuple(Said(at=note.at, text=note.text) for note in session.read_out),
                broken_off=broken_off, grade=Grade.RED if own_red else None,
                grade_reason=_("red by the agent's word") if own_red else "", language=language(),
            )  # fmt: skip
            call = replace(
                self._call(), guided=guided, notes=tuple(Said(at=n.at, text=n.text) for n in session.notes),
                visit=Window(starts_at=slot[0], ends_at=slot[1], despite=self._despite) if slot else None,
            )  # fmt: skip
            self.shell.dispatch(call)
        except DeskError as error:
            self._point_at(error)

    def _broken_off(self) -> None:
        choices = [Choice(False, _("Go on asking")), Choice(True, _("The call broke off: store it as it is"))]

        def answer(broken: bool | None) -> None:
            if broken:
                self._finish_guided(broken_off=True)

        self.app.push_screen(Choose(_("Questions are open."), choices), answer)

    def _point_at(self, error: DeskError) -> None:
        session = self.session
        if self.guide.display and session and error.field in session.compiled.slots:
            self.guide.complain(error.field, f"{error} {error.hint}".strip())
            return
        self.shell.tell(str(error), severity="error", hint=error.hint)
        if self.guide.display:
            return
        if error.field == "who":
            self.query_one(Caller).take_focus()
        elif found := self.query(
            f"#f-{ {'when': 'occurred', 'occurred_at': 'occurred'}.get(error.field, error.field) }"
        ):
            found.first(Widget).focus()

    def refused(self, command: Command, error: DeskError) -> bool:
        if isinstance(command, TakeCall) and isinstance(error, Conflict) and error.field == "despite":
            self._against_wish(error)
        else:
            self._point_at(error)
        return True

    def _against_wish(self, error: DeskError) -> None:
        """The visit goes against a wish: the customer agrees, with the words, or another window is taken."""

        def agreed(text: str | None) -> None:
            if text:
                self._despite = text
                self._finish_guided()
            else:
                self.guide.go("slot")

        self.app.push_screen(AskLine(str(error), _("The customer agrees, because (Esc: another time):")), agreed)

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, RaiseRed):
            self.shell.tell(_("{ticket} is red on the lead's desk.").format(ticket=receipt.label), severity="warning")
        elif isinstance(command, TakeCall):
            self._forget_draft()
            self.fetch("promise", GetTicket(ticket_id=receipt.id), self._read_back)

    def _read_back(self, ticket: TicketView) -> None:
        due = ticket.row.due_at
        promise = (
            f"{what(ticket.row, self.shell.clock.now())} {self.shell.local(due):%m-%d %H:%M}"
            if due
            else _("no promise")
        )
        told = _("{ticket} for {who}: {problem}. Promised: {promise}.").format(
            ticket=ticket.row.label, who=ticket.row.customer, problem=ticket.row.subject, promise=promise
        )
        guided = self.session is not None
        self.app.pop_screen()
        self.shell.open_ticket(ticket.id)
        if not guided:
            self.shell.tell(told)
            return
        for visit in ticket.appointments[:1]:
            starts, ends = self.shell.local(visit.starts_at), self.shell.local(visit.ends_at)
            told = _("{case} We come on {day} between {starts} and {ends}.").format(
                case=told, day=f"{starts:%m-%d}", starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}"
            )
        shell = self.shell

        def read_out(done: bool | None) -> None:
            if done:
                shell.dispatch(AddEntry(ticket_id=ticket.id, kind=EntryKind.PROMISE, text=told))

        choices = [Choice(True, _("Read out")), Choice(False, _("Not read out: the caller is gone"))]
        self.app.push_screen(Choose(told, choices), read_out)

    def action_field_jump(self) -> None:
        if self.guide.display:
            self._jump_in_flow()
            return
        choices = [Choice(name, _(label)) for name, label, _limit in _FIELDS if self.query_one(f".of-{name}").display]

        def jump(name: str | None) -> None:
            if name:
                self._field(name).focus()

        self.app.push_screen(Choose(_("Jump to which field?"), choices), jump)

    def _jump_in_flow(self) -> None:
        jumps = [
            Choice((question, choice), label, said, "\n".join(texts))
            for question, choice, label, said, texts in self.guide.jumps()
        ]

        def go(place: tuple[str, str] | None) -> None:
            if place:
                self.guide.go(*place)

        self.app.push_screen(Choose(_("Jump to which question or answer?"), jumps, fuzzy=True), go)

    def action_call_discard(self) -> None:
        self._forget_draft()
        self.app.pop_screen()

    def action_customer_open(self) -> None:
        if self._customer:
            self.shell.open_customer(self._customer.id)

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")


def _line(name: str, limit: int) -> Line:
    if name in _WORDS:
        first = {"grade": Grade.GREEN, "priority": Priority.NORMAL, "channel": Channel.PHONE}[name]
        return Line(name, name, first.value, limit, words=tuple((w.value, _(LABELS[w])) for w in _WORDS[name]))
    return Line(name, name, "", limit)
