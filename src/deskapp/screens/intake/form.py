"""The plain form of a call: who it is, what is wrong, in the order a call goes."""

from collections.abc import Callable, Iterator, Mapping
from uuid import UUID

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from deskapp.domain.flow.products import name_of
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.terms import LABELS, Channel, Grade, Priority
from deskapp.domain.text import guard
from deskapp.domain.views import CustomerBrief, MachineLine
from deskapp.domain.views_flow import FlowLine
from deskapp.widgets.caller import Caller, Find
from deskapp.widgets.flow_matches import FlowMatches
from deskapp.widgets.form import FormInput, Line
from deskapp.widgets.text import Live

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
    ("remember", N_("Remember (with consent)"), 300),
)
_OF_NEW_CUSTOMER = ("name", "phone", "address")
OF_MACHINE = ("product", "model", "serial")


class CallForm(VerticalScroll):
    """The caller's line and the fields; under the problem the flows that fit it. Fields go by their names."""

    class Changed(Message):
        """A field holds something else."""

        def __init__(self, name: str, value: str) -> None:
            super().__init__()
            self.name, self.value = name, value

    class FlowTaken(Message):
        """A flow was chosen for the problem."""

        def __init__(self, version_id: UUID) -> None:
            super().__init__()
            self.version_id = version_id

    class Finished(Message):
        """Enter on the last field."""

    def __init__(
        self,
        find: Find,
        state: Callable[[], str],
        waits: Callable[[bool], None],
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        """`waits`: see `Caller`."""
        super().__init__(id=id, can_focus=False)
        self._find, self._state, self._waits = find, state, waits
        # A file that may be the same person's as what is typed; it is told, never in the way.
        self.twin: CustomerBrief | None = None

    def compose(self) -> ComposeResult:
        yield Live(self._state, id="state")
        yield Caller(self._find, id="who", waits=self._waits)
        for name, label, limit in _FIELDS:
            with Horizontal(classes=f"row of-{name}"):
                yield Live(lambda label=label: f" {_(label)}", classes="label")  # type: ignore[misc]
                yield FormInput(_line(name, limit), id=f"f-{name}")
            if name == "address":
                yield Live(self._told_twin, id="twin")
            if name == "subject":
                yield FlowMatches(id="flows")

    @property
    def caller(self) -> Caller:
        """The line that says who is calling."""
        return self.query_one(Caller)

    @property
    def flows(self) -> FlowMatches:
        """The flows that fit the problem."""
        return self.query_one(FlowMatches)

    def field(self, name: str) -> FormInput:
        """One line of the form."""
        return self.query_one(f"#f-{name}", FormInput)

    def values(self) -> dict[str, str]:
        """What every field means."""
        return {name: self.field(name).word for name, _label, _limit in _FIELDS}

    @property
    def is_typed(self) -> bool:
        """Whether anything was typed besides words that are there from the start."""
        return any(self.field(name).word for name, _label, _limit in _FIELDS if name not in _WORDS)

    def put(self, values: Mapping[str, str]) -> None:
        """Fill everything in, the caller's line (`who`) too."""
        for name, _label, _limit in _FIELDS:
            self.field(name).put(values.get(name, ""))
        self.caller.put(values.get("who", ""))

    def go(self, name: str) -> None:
        """Put the cursor into a field; `who` is the caller's line, an unknown name changes nothing."""
        if name == "who":
            self.caller.take_focus()
        elif found := self.query(f"#f-{name}"):
            found.first(Widget).focus()

    def go_on(self) -> None:
        """Put the cursor where a call that was kept goes on."""
        self.go(next((n for n in ("subject", "description", "note") if not self.field(n).value), "subject"))

    def shown(self) -> Iterator[tuple[str, str]]:
        """The fields in sight, name and label."""
        for name, label, _limit in _FIELDS:
            if self.query_one(f".of-{name}").display:
                yield name, _(label)

    def ask_who(self, asked: bool) -> None:
        """Show the fields of somebody new, or hide them."""
        for name in _OF_NEW_CUSTOMER:
            self.query_one(f".of-{name}").display = asked

    def _told_twin(self) -> str:
        if self.twin is None:
            return ""
        told = _("C-{number} {name} has this number already. F12: the same person. Or go on: families share one.")
        if self.twin.matched != "phone":
            told = _("C-{number} {name} lives at this address already. F12: the same person. Or go on.")
        return told.format(number=self.twin.number, name=guard(self.twin.name))

    def tell_twin(self, twin: CustomerBrief | None) -> None:
        """Say that somebody may be in the files already, or nobody is."""
        self.twin = twin
        line = self.query_one("#twin")
        line.display = twin is not None
        line.refresh(layout=True)

    def take_caller(self) -> None:
        """Nobody matches what was typed: it is the number or the name of somebody new."""
        if text := self.caller.text:
            is_number = sum(c.isdigit() for c in text) * 2 > len(text)
            self.field("phone" if is_number else "name").value = text
            self.go("name" if is_number else "phone")

    def take_machine(self, machine: MachineLine) -> None:
        """Fill in which machine it is."""
        for name in OF_MACHINE:
            self.field(name).value = getattr(machine, name)

    def take_problem(self, flow: FlowLine) -> None:
        """The problem becomes the flow's title; words that say more than it did are the customer's own."""
        subject, title = self.field("subject"), flow.title.get(language())
        typed = subject.value.strip()
        told = any(character == " " or character > "\u2e80" for character in typed)
        if told and typed not in title and not self.field("description").value:
            self.field("description").value = typed
        subject.value = title
        if not self.field("product").value:
            self.field("product").value = "" if flow.product == "any" else name_of(flow.product, language())

    # Keys

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.offer_flows()

    def offer_flows(self) -> None:
        """Show the flows that fit the problem while it is typed."""
        subject = self.field("subject")
        self.flows.offer(subject.value, visible=subject.has_focus)

    def on_key(self, event: events.Key) -> None:
        flows = self.flows
        if self.field("subject").has_focus and flows.has_class("-some") and event.key in ("up", "down"):
            event.stop()
            (flows.action_cursor_up if event.key == "up" else flows.action_cursor_down)()

    @on(FlowMatches.OptionSelected, "#flows")
    def _flow_picked(self, event: FlowMatches.OptionSelected) -> None:
        event.stop()
        if flow := self.flows.flow(event.option_index):
            self.post_message(self.FlowTaken(flow.version_id))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        name = (event.input.id or "").removeprefix("f-")
        if name == "product":
            self.flows.prefer(event.value)
        if name == "subject":
            self.flows.offer(event.value, visible=event.input.has_focus)
        self.post_message(self.Changed(name, event.value))

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        name = (event.input.id or "").removeprefix("f-")
        if name == "subject" and (flow := self.flows.chosen):
            self.post_message(self.FlowTaken(flow.version_id))
            return
        shown = [shown for shown, _label in self.shown()]
        if name in shown:
            place = shown.index(name) + 1
            if place < len(shown):
                self.go(shown[place])
            else:
                self.post_message(self.Finished())


def _line(name: str, limit: int) -> Line:
    if name in _WORDS:
        first = {"grade": Grade.GREEN, "priority": Priority.NORMAL, "channel": Channel.PHONE}[name]
        return Line(name, name, first.value, limit, words=tuple((w.value, _(LABELS[w])) for w in _WORDS[name]))
    return Line(name, name, "", limit)
