"""A small form over a screen: a few named lines, some with words to choose from; Esc keeps nothing, ctrl+s sends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.widgets.dialogs import Dialog
from deskapp.widgets.text import Live

Values = dict[str, str]
_TALL = 32  # rows from which the lines have air between them
_AROUND = 7  # rows beside the lines and the note: title, a problem of two rows, keys, a margin


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form. `words` are what it may hold, as (value, label): left and right walk through them."""

    id: str
    label: str
    value: str = ""
    limit: int = 300
    required: bool = False
    hint: str = ""
    words: tuple[tuple[str, str], ...] = ()


class Form(Dialog[Values]):
    """Returns what was typed by line id. `check` may raise a DeskError, which is shown and keeps the form open."""

    DEFAULT_CSS = """
    Form VerticalScroll { height: auto; max-height: 20; scrollbar-size-vertical: 1; }
    Form .label { color: $quiet; width: 1fr; margin-top: 1; }
    Form VerticalScroll Input, Form VerticalScroll Input:focus { margin-top: 0; border: none; height: 1; }
    Form VerticalScroll Input:focus { background: $panel; }
    Form .problem { color: $text-error; width: 1fr; margin-top: 1; }
    Form.-short Vertical { padding: 0 2; max-height: 100%; }
    Form.-short .label, Form.-short .problem, Form.-short .keys { margin-top: 0; }
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[Line],
        *,
        note: str = "",
        problem: str = "",
        check: Callable[[Mapping[str, str]], object] = lambda values: None,
    ) -> None:
        super().__init__()
        self._title, self._lines, self._note, self._problem, self._check = title, lines, note, problem, check

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Live(lambda: self._title, classes="title")
            if self._note:
                yield Live(lambda: self._note, classes="label")
            with VerticalScroll(can_focus=False):
                for line in self._lines:
                    yield Live(lambda line=line: self._label(line), classes="label")  # type: ignore[misc]
                    yield FormInput(line)
            yield Live(lambda: self._problem, classes="problem")
            yield Live(self._foot, classes="keys")

    def on_resize(self, event: events.Resize) -> None:
        # What is wrong and what the keys do stand below the lines: where room is short the lines scroll, not these.
        self.set_class(event.size.height < _TALL, "-short")
        lines = self.query_one(VerticalScroll)
        lines.styles.max_height = max(4, min(20, event.size.height - (_AROUND + self._note.count("\n") + 1)))

    def _label(self, line: Line) -> str:
        marks = [line.label + (" *" if line.required else "")]
        if line.words:
            marks.append(_("Left and Right choose"))
        return "   ".join([*marks, line.hint] if line.hint else marks)

    def _foot(self) -> str:
        return _("Tab  next    Enter  next, then send    ctrl+s  send    Esc  cancel")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # A line is read with its label, which stands above it.
        widgets = list(self.query_one(VerticalScroll).children)
        if event.widget in widgets and (place := widgets.index(event.widget)):
            self.call_after_refresh(widgets[place - 1].scroll_visible, animate=False)

    def on_key(self, event: events.Key) -> None:
        moves = {"down": self.focus_next, "up": self.focus_previous}
        if move := moves.get(event.key):
            move(Input)
            event.stop()
        elif event.key in ("ctrl+s", "f10"):
            event.stop()
            self._send()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        inputs = list(self.query(FormInput))
        place = inputs.index(event.input) if event.input in inputs else len(inputs)
        if place + 1 < len(inputs):
            inputs[place + 1].focus()
        else:
            self._send()

    def _send(self) -> None:
        values = {entry.line.id: entry.word for entry in self.query(FormInput)}
        empty = next((e for e in self.query(FormInput) if e.line.required and not e.word.strip()), None)
        if empty is not None:
            self._say(_("{field} must not be empty.").format(field=empty.line.label))
            empty.focus()
            return
        try:
            self._check(values)
        except DeskError as error:
            self._say(f"{error} {error.hint}".strip())
            for entry in self.query(FormInput):
                if entry.line.id == error.field:
                    entry.focus()
            return
        self.dismiss(values)

    def _say(self, problem: str) -> None:
        self._problem = problem
        self.query_one(".problem").refresh(layout=True)


class FormInput(Input):
    """A line; one with words shows their labels and takes no other text."""

    def __init__(self, line: Line, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        self.line = line
        self._values = [value for value, _label in line.words]
        self._at = self._values.index(line.value) if line.value in self._values else 0
        super().__init__(line.words[self._at][1] if line.words else line.value, max_length=line.limit, id=id)

    @property
    def word(self) -> str:
        """What is meant: the value of the chosen word, or the text."""
        return self._values[self._at] if self._values else self.value

    def put(self, value: str) -> None:
        """Fill it in: a word by its value, else the text."""
        if not self._values:
            self.value = value
        elif value in self._values:
            self._choose(self._values.index(value))

    def on_key(self, event: events.Key) -> None:
        if not self._values or event.key in ("tab", "shift+tab", "enter", "escape", "up", "down", "ctrl+s", "f10"):
            return
        event.prevent_default()
        event.stop()
        step = {"left": -1, "right": 1, "space": 1}.get(event.key)
        typed = event.character or ""
        if step is None and typed.isprintable() and typed:
            # A letter goes to the next word that begins with it; a digit to that word.
            if typed.isdigit() and 0 < int(typed) <= len(self._values):
                self._choose(int(typed) - 1)
                return
            for ahead in range(1, len(self._values) + 1):
                place = (self._at + ahead) % len(self._values)
                if self.line.words[place][1].casefold().startswith(typed.casefold()):
                    self._choose(place)
                    return
        elif step is not None:
            self._choose((self._at + step) % len(self._values))

    def _choose(self, place: int) -> None:
        self._at = place
        self.value = self.line.words[place][1]


__all__ = ["Form", "FormInput", "Line", "Values"]
