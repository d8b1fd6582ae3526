"""Take a call: who is it, which machine, what is wrong; saved as it is typed, stored as a whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.ids import uuid7
from deskapp.domain.terms import LABELS, Channel, Grade, Priority
from deskapp.domain.views import CustomerBrief, CustomerView, TicketView
from deskapp.domain.when import parse_when
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.customers import FindCustomers, GetCustomer
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.tickets import GetTicket
from deskapp.widgets.caller import Caller
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.facts import customer_panel
from deskapp.widgets.form import FormInput, Line
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


class IntakeScreen(DeskScreen[None], scope="intake"):
    """The caller first; the rest of the form below; who it is on the right."""

    CSS_PATH = "../styles/intake.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._submission = uuid7()
        self._customer: CustomerView | None = None
        self._machine_id: UUID | None = None
        self._sent = self._restoring = False
        self._saved_at: datetime | None = None

    def body(self) -> ComposeResult:
        with Horizontal():
            with VerticalScroll(id="form", can_focus=False):
                yield Live(self._state, id="state")
                yield Caller(self._find, id="who")
                for name, label, limit in _FIELDS:
                    with Horizontal(classes=f"row of-{name}"):
                        yield Live(lambda label=label: f" {_(label)}", classes="label")  # type: ignore[misc]
                        yield FormInput(_line(name, limit), id=f"f-{name}")
            with VerticalScroll(id="panel"):
                yield Live(self._panel, id="person")

    def ready(self) -> None:
        self.query_one(Caller).take_focus()
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
        if isinstance(event.input, FormInput) and event.input.id in ("f-product", "f-model", "f-serial"):
            machine = (
                next((m for m in self._customer.machines if m.id == self._machine_id), None) if self._customer else None
            )
            if machine and event.value != getattr(machine, event.input.id.removeprefix("f-")):
                self._machine_id = None
        self._keep()

    def _keep(self) -> None:
        if self._sent or not (self._values_typed() or self.query_one(Caller).text):
            return
        kept = self._values() | {
            "who": self.query_one(Caller).text,
            "customer_id": str(self._customer.id) if self._customer else "",
            "machine_id": str(self._machine_id or ""),
        }
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

    # Finishing

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        names = [f"f-{name}" for name, _label, _limit in _FIELDS]
        if event.input.id in names:
            shown = [n for n in names if self.query_one(f".of-{n.removeprefix('f-')}").display]
            place = shown.index(event.input.id) + 1
            if place < len(shown):
                self.query_one(f"#{shown[place]}").focus()
            else:
                self.action_call_finish()

    def action_call_finish(self) -> None:
        values = self._values()
        try:
            now = self.shell.clock.now()
            occurred = values["occurred"].strip()
            zone = self.shell.local(now).tzinfo
            assert zone is not None
            known = self._customer is not None
            if not known and not (values["name"] or values["phone"]):
                raise Invalid(N_("Who is calling?"), hint=N_("Type a number or a name."), field="who")
            call = TakeCall(
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
        except DeskError as error:
            self._point_at(error)
            return
        self.shell.dispatch(call)

    def _point_at(self, error: DeskError) -> None:
        self.shell.tell(str(error), severity="error", hint=error.hint)
        if error.field == "who":
            self.query_one(Caller).take_focus()
        elif found := self.query(
            f"#f-{ {'when': 'occurred', 'occurred_at': 'occurred'}.get(error.field, error.field) }"
        ):
            found.first(Widget).focus()

    def refused(self, command: Command, error: DeskError) -> bool:
        self._point_at(error)
        return True

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, TakeCall):
            self._forget_draft()
            self.fetch("promise", GetTicket(ticket_id=receipt.id), self._read_back)

    def _read_back(self, ticket: TicketView) -> None:
        due = ticket.row.due_at
        promise = f"{what(ticket.row)} {self.shell.local(due):%m-%d %H:%M}" if due else _("no promise")
        told = _("{ticket} for {who}: {problem}. Promised: {promise}.").format(
            ticket=ticket.row.label, who=ticket.row.customer, problem=ticket.row.subject, promise=promise
        )
        self.app.pop_screen()
        self.shell.open_ticket(ticket.id)
        self.shell.tell(told)

    def action_field_jump(self) -> None:
        choices = [Choice(name, _(label)) for name, label, _limit in _FIELDS if self.query_one(f".of-{name}").display]

        def jump(name: str | None) -> None:
            if name:
                self._field(name).focus()

        self.app.push_screen(Choose(_("Jump to which field?"), choices), jump)

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
