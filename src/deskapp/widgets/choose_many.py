"""Choose several of a list: Space marks, Enter takes what is marked."""

from collections.abc import Collection, Sequence
from typing import TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from deskapp.domain.i18n import _
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import Choice, Dialog
from deskapp.widgets.text import Live

V = TypeVar("V")
_WIDTH = 76


class ChooseMany(Dialog[tuple[V, ...]]):
    """Returns the values of the marked lines, in their order; none marked is refused."""

    def __init__(self, title: str, choices: Sequence[Choice[V]], marked: Collection[int] = ()) -> None:
        super().__init__()
        self._title, self._choices, self._marked = title, choices, set(marked)
        self._refused = False

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Live(lambda: self._title, classes="title")
            yield OptionList(*self._options(), markup=False)
            yield Live(self._foot, classes="keys")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def _foot(self) -> str:
        keys = _("Space  mark    Enter  take    Esc  cancel")
        return (_("Mark at least one.") + "   " if self._refused else "") + keys

    def _options(self) -> list[Option]:
        room = min(_WIDTH, self.app.size.width) - 6
        made = []
        for number, choice in enumerate(self._choices):
            mark = "[x] " if number in self._marked else "[ ] "
            note = f"   {choice.note}" if choice.note else ""
            made.append(Option(Content(fit(mark + choice.label + note, room))))
        return made

    def on_key(self, event: events.Key) -> None:
        found = self.query_one(OptionList)
        if event.key == "space" and found.highlighted is not None:
            self._marked ^= {found.highlighted}
            at = found.highlighted
            found.set_options(self._options())
            found.highlighted = min(at + 1, len(self._choices) - 1)
            event.stop()
        elif event.key in ("j", "k"):
            (found.action_cursor_down if event.key == "j" else found.action_cursor_up)()
            event.stop()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._marked:
            self.dismiss(tuple(self._choices[number].value for number in sorted(self._marked)))
            return
        self._refused = True
        self.query_one(".keys").refresh(layout=True)


__all__ = ["ChooseMany"]
