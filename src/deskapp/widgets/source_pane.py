"""A text being written, with what is wrong with it below: Enter on a line of that goes to its place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, TextArea
from textual.widgets.option_list import Option

from deskapp.domain.text import guard
from deskapp.widgets.text import Live


@dataclass(frozen=True, slots=True)
class Remark:
    """Something said of a text: line and column count from 1; line 0 is a remark on no place of it."""

    line: int
    column: int
    text: str
    style: str = ""


class SourcePane(Vertical):
    """The text, a line on how it stands, the remarks. `Typed` is sent whenever the text is another one."""

    class Typed(Message):
        """The text changed."""

    def __init__(self, state: Callable[[], Content], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._state = state
        self._remarks: Sequence[Remark] = ()
        self._at = -1

    def compose(self) -> ComposeResult:
        # The colours are the app's own; a parser of YAML would be a dependency more.
        yield TextArea("", id="source", show_line_numbers=True, soft_wrap=False, tab_behavior="focus")
        yield Live(self._state, id="state")
        yield OptionList(id="findings", markup=False)

    @property
    def area(self) -> TextArea:
        """The text area."""
        return self.query_one("#source", TextArea)

    @property
    def text(self) -> str:
        """The text as it is typed."""
        return self.area.text

    @property
    def line(self) -> str:
        """The line with the cursor."""
        return str(self.area.document.get_line(self.area.cursor_location[0]))

    def put(self, text: str) -> None:
        """Show another text; the cursor stays on its line where there is one."""
        row, column = self.area.cursor_location
        self.area.load_text(text)
        row = min(row, self.area.document.line_count - 1)
        self.area.move_cursor((row, min(column, len(self.area.document.get_line(row)))))

    def remark(self, remarks: Sequence[Remark]) -> None:
        """Show what is said of the text."""
        self._remarks = remarks
        listed, at = self.query_one("#findings", OptionList), self._at
        listed.set_options([Option(_line(remark)) for remark in remarks])
        listed.display = bool(remarks)
        listed.highlighted = min(max(at, 0), len(remarks) - 1) if remarks else None
        self.query_one("#state").refresh(layout=True)

    def next(self) -> bool:
        """Go to the place of the next remark; False where there is none."""
        placed = [number for number, remark in enumerate(self._remarks) if remark.line]
        if not placed:
            return False
        self._at = next((number for number in placed if number > self._at), placed[0])
        self.query_one("#findings", OptionList).highlighted = self._at
        self._go(self._remarks[self._at])
        return True

    @on(OptionList.OptionSelected, "#findings")
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._at = event.option_index
        self._go(self._remarks[event.option_index])

    def _go(self, remark: Remark) -> None:
        if not remark.line:
            return
        row = min(remark.line, self.area.document.line_count) - 1
        self.area.move_cursor((row, min(remark.column - 1, len(self.area.document.get_line(row)))), center=True)
        self.area.focus()

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Typed())


def _line(remark: Remark) -> Content:
    place = f"{remark.line}:{remark.column}" if remark.line else ""
    return Content.assemble((f"{place:>7} ", "$quiet"), (guard(remark.text), remark.style))


__all__ = ["Remark", "SourcePane"]
