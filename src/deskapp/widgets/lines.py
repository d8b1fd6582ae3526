"""A short list to walk through: one line of terminal cells for each thing, drawn again when the room changes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from deskapp.widgets.cells import fit

_LEAST = 14  # cells below which the growing column makes a dropping one leave


class Bit(NamedTuple):
    """A column of one line: its text, its cells (0: what is left), its style; a higher `drop` leaves the line first."""

    text: str
    width: int = 0
    style: str = ""
    drop: int = 0
    right: bool = False


def laid(bits: Sequence[Bit], width: int) -> Content:
    """Lay a line out in exactly `width` cells: columns drop until the growing one has room, none is cut in a word."""
    shown = list(bits)

    def rest() -> int:
        return width - sum(bit.width for bit in shown) - (len(shown) - 1)

    while rest() < _LEAST and any(bit.drop for bit in shown):
        shown.remove(max(shown, key=lambda bit: bit.drop))
    parts: list[str | tuple[str, str]] = []
    for place, bit in enumerate(shown):
        text = fit(bit.text, bit.width or max(1, rest()), "right" if bit.right else "left")
        parts.append((text + (" " if place < len(shown) - 1 else ""), bit.style))
    return Content.assemble(*parts)


class Lines(OptionList):
    """Shows rows by a function that gives the columns of one; j and k walk, G goes to the last."""

    BINDINGS = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("G", "last", show=False),
    ]
    DEFAULT_CSS = """
    Lines { border: none; padding: 0; scrollbar-size-vertical: 1; background: $background; 
        &:focus { border: none; background-tint: transparent; }
    }
    """

    def __init__(
        self,
        bits: Callable[[Any], Sequence[Bit]],
        *,
        key: Callable[[Any], Any] = lambda row: row,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`key` says which row is the same when the rows are read again."""
        super().__init__(id=id, markup=False)
        self._bits, self._key = bits, key
        self.rows: Sequence[Any] = ()

    @property
    def row(self) -> Any:
        """The row under the cursor, None in an empty list."""
        at = self.highlighted
        return self.rows[at] if at is not None and at < len(self.rows) else None

    def put(self, rows: Sequence[Any], *, at: int | None = None) -> None:
        """Show these rows; the cursor stays at its row, else at its place, unless told where to go."""
        place = self._same(rows) if at is None else at
        self.rows = rows
        # Its place is kept free for a scroll bar: one that comes and goes would lay every line out anew.
        width = max(20, self.content_region.width - 1)
        self.set_options([Option(self._line(row, width)) for row in rows])
        self.highlighted = min(place, len(rows) - 1) if rows else None

    def _same(self, rows: Sequence[Any]) -> int:
        if (here := self.row) is None:
            return 0
        key = self._key(here)
        return next((n for n, row in enumerate(rows) if self._key(row) == key), self.highlighted or 0)

    def _line(self, row: Any, width: int) -> Content:
        return laid(self._bits(row), width)

    def on_resize(self) -> None:
        self.put(self.rows)


__all__ = ["Bit", "Lines", "laid"]
