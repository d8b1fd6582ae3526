"""Small questions over a screen: choose from a list, type a line, confirm with a reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from deskapp.commands import SCOPES, actions_of, keys_of, shown_key
from deskapp.domain.fuzzy import ranked
from deskapp.domain.i18n import N_, _
from deskapp.domain.text import guard
from deskapp.widgets.cells import fit
from deskapp.widgets.text import Live

V = TypeVar("V")
_WIDTH = 76  # cells, see the style


@dataclass(frozen=True, slots=True)
class Choice(Generic[V]):
    """One line to choose: what is returned, the label, a note in dim letters; `words` are searched too."""

    value: V
    label: str
    note: str = ""
    words: str = ""


class Dialog(ModalScreen[V | None]):
    """A box over the screen; Esc closes it without an answer."""

    BINDINGS = [Binding("escape", "dialog_cancel", N_("Cancel"), show=False, id="dialog.cancel")]
    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 40%; }
    Dialog > Vertical {
        width: 76; max-width: 100%; height: auto; max-height: 90%; background: $surface; padding: 1 2;
    }
    Dialog .title { text-style: bold; width: 1fr; }
    Dialog .keys { color: $quiet; width: 1fr; margin-top: 1; }
    Dialog Input {
        border: none; height: 1; padding: 0 1; background: $background; margin-top: 1;
        &:focus { border: none; }
    }
    Dialog OptionList {
        border: none; height: auto; max-height: 50vh; background: $surface; padding: 0; margin-top: 1;
        scrollbar-size-vertical: 1;
        &:focus { border: none; }
    }
    """

    def action_dialog_cancel(self) -> None:
        self.dismiss(None)


class Told(Dialog[None]):
    """Lines to read, scrolled with the arrows; Esc or Enter closes it. The lines are data."""

    BINDINGS = [Binding("enter", "dialog_cancel", N_("Close"), show=False)]
    DEFAULT_CSS = "Told VerticalScroll { height: auto; max-height: 70vh; margin-top: 1; scrollbar-size-vertical: 1; }"

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title, self._lines = title, lines

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Live(lambda: self._title, classes="title")
            with VerticalScroll():
                yield Live(lambda: "\n".join(map(guard, self._lines)), hang=True)
            yield Live(lambda: _("Up Down  scroll    Esc  close"), classes="keys")

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()


class Choose(Dialog[V]):
    """Choose one of a list by typing a part of it, with the arrows or the mouse; returns its value."""

    def __init__(self, title: str, choices: Sequence[Choice[V]], *, search: str = "", fuzzy: bool = False) -> None:
        """`fuzzy` looks for beginnings, initials and letters in order in the lines of each choice's `words`."""
        super().__init__()
        self._fuzzy = fuzzy
        self._title, self._choices, self._search = title, choices, search
        self._shown: Sequence[Choice[V]] = choices

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Live(lambda: self._title, classes="title")
            yield Input(placeholder=self._search or _("Type a part of it"))
            yield OptionList(*self._options(), markup=False)
            yield Live(self._foot, classes="keys")

    def on_mount(self) -> None:
        self._list.highlighted = 0 if self._shown else None
        self._list.can_focus = False

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _foot(self) -> str:
        count = _("{shown} of {all}").format(shown=len(self._shown), all=len(self._choices))
        return count + "   " + _("Up Down  choose    Enter  take    Esc  cancel")

    def _options(self) -> list[Option]:
        room = min(_WIDTH, self.app.size.width) - 6
        options = []
        for choice in self._shown:
            label = fit(choice.label, min(cell_len(choice.label), room))
            note = fit(choice.note, max(0, room - cell_len(label) - 3)).rstrip()
            options.append(Option(Content.assemble(label, ("   " + note, "$quiet"))))
        return options

    def on_resize(self) -> None:
        at = self._list.highlighted
        self._list.set_options(self._options())
        self._list.highlighted = at

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        words = event.value.casefold().split()
        if self._fuzzy:
            self._show(ranked(event.value, ((c, (c.label, *c.words.split("\n"))) for c in self._choices)))
            return

        def text(choice: Choice[V]) -> str:
            return f"{choice.label} {choice.note} {choice.words}".casefold()

        found = [choice for choice in self._choices if all(word in text(choice) for word in words)]
        # What begins with the words stands before what only holds them.
        self._show(sorted(found, key=lambda choice: not text(choice).startswith(" ".join(words))))

    def _show(self, choices: Sequence[Choice[V]]) -> None:
        self._shown = choices
        self._list.set_options(self._options())
        self._list.highlighted = 0 if self._shown else None
        self.query_one(".keys").refresh()

    def on_key(self, event: events.Key) -> None:
        moves: dict[str, Callable[[], None]] = {
            "down": self._list.action_cursor_down,
            "up": self._list.action_cursor_up,
            "pagedown": self._list.action_page_down,
            "pageup": self._list.action_page_up,
        }
        if move := moves.get(event.key):
            move()
            event.stop()

    @on(Input.Submitted)
    def _take(self) -> None:
        if self._list.highlighted is not None:
            self.dismiss(self._shown[self._list.highlighted].value)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index].value)


class AskLine(Dialog[str]):
    """Ask for one line; Enter gives it. An empty one is refused unless `optional`."""

    def __init__(
        self, title: str, text: str = "", *, value: str = "", limit: int = 300, optional: bool = False
    ) -> None:
        super().__init__()
        self._title, self._text, self._value, self._limit, self._optional = title, text, value, limit, optional
        self._refused = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Live(lambda: self._title, classes="title")
            if self._text:
                yield Live(lambda: self._text, hang=True)
            yield Input(self._value, max_length=self._limit)
            yield Live(self._foot, classes="keys")

    def _foot(self) -> str:
        keys = _("Enter  go on    Esc  cancel")
        return _("This must not be empty.") + "   " + keys if self._refused else keys

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        value = event.value.strip()
        if value or self._optional:
            self.dismiss(value)
            return
        self._refused = True
        self.query_one(".keys").refresh(layout=True)


def palette(scope: str, keymap: Mapping[str, str]) -> Choose[str]:
    """All commands of a screen and of the app, by name; returns the Textual action to run."""
    actions = [action for action in (*actions_of(scope), *SCOPES["app"].actions) if action.palette]
    choices = [
        Choice(a.method, fit(_(a.label), 20), fit("  ".join(map(shown_key, keys_of(a, keymap))), 12) + _(a.help), a.id)
        for a in actions
    ]
    return Choose(_("Commands"), choices, search=_("Type a part of a command's name"))


__all__ = ["AskLine", "Choice", "Choose", "Dialog", "palette"]
