"""Columns of a line-drawn list: text fitted to terminal cells, columns that drop when the room shrinks."""

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

from rich.cells import cell_len, set_cell_size

from deskapp.domain.text import clean, guard

CUT = "~"  # ASCII on purpose: the ellipsis is two cells wide on many Chinese terminals


class Cell(NamedTuple):
    """What a column shows for a row: the text, and the name of a style (`""` is the row's own)."""

    text: str
    style: str = ""


class Row(Protocol):
    """A frozen data object with a key that never changes; equality tells whether it changed."""

    @property
    def key(self) -> Hashable: ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column. `title` is an English message id, translated when drawn.

    `min_total_width`: the column is dropped from a list narrower than this many cells.
    `grow`: its share of the cells left over. `ticking`: its text depends on `now`, so a tick looks at it again.
    """

    id: str
    title: str
    width: int
    cell: Callable[[R, datetime], Cell]
    min_total_width: int = 0
    align: Literal["left", "right"] = "left"
    grow: int = 0
    ticking: bool = False


@dataclass(frozen=True, slots=True)
class Placed(Generic[R]):
    """A column at its place in a line: cells `start` to `start + width`."""

    column: Column[R]
    start: int
    width: int

    def text(self, text: str) -> str:
        """Return the text in exactly the column's cells."""
        return fit(text, self.width, self.column.align)


def place(columns: Iterable[Column[R]], total: int, *, gutter: int = 2) -> list[Placed[R]]:
    """Lay columns out in `total` cells: two cells between them (one below 100), the rest shared by growing ones.

    Columns leave by their `min_total_width`, and when that is not enough the most demanding one leaves next;
    at least one stays. Nothing is squeezed below its width unless it is the only one.
    """
    shown = [column for column in columns if column.min_total_width <= total]
    gap = 1 if total < 100 else 2
    room = total - gutter

    def used() -> int:
        return sum(column.width for column in shown) + gap * (len(shown) - 1)

    while len(shown) > 1 and used() > room:
        # The last of the most demanding ones: what stands to the left matters more.
        shown.remove(max(reversed(shown), key=lambda column: column.min_total_width))
    spare, shares = room - used() if shown else 0, sum(column.grow for column in shown)
    placed, x = [], gutter
    for column in shown:
        extra = spare * column.grow // shares if shares and spare > 0 else 0
        spare, shares = spare - extra, shares - column.grow
        width = min(column.width + extra, max(1, total - x))
        placed.append(Placed(column, x, width))
        x += width + gap
    return placed


def fit(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """Return text of exactly `width` cells: padded, or cut at a word's edge with a `~`; no control characters."""
    text = printable(text)
    size = cell_len(text)
    if size > width:
        text = _cut(text, width)
        size = cell_len(text)
    blank = " " * (width - size)
    return blank + text if align == "right" else text + blank


def printable(text: str) -> str:
    """Return one line in which a control character is seen (U+FFFD) and an invisible one is gone."""
    if text.isprintable():
        return text
    return clean(guard(_WHITE.sub(" ", text)))


_WHITE = re.compile(r"[\t\n\r]+")


def _is_word(character: str) -> bool:
    """Whether it is a letter of a script that puts blanks between words. (As a pattern it takes 15 ms to compile.)"""
    return (character.isalnum() or character == "_") and not "\u2e80" <= character <= "\uffff"


def _cut(text: str, width: int) -> str:
    if width < 1:
        return ""
    head = set_cell_size(text, width - 1).rstrip(" ")
    at = len(head)
    # A wide character that did not fit whole was replaced by a blank; what is left is a prefix all the same.
    while at and _is_word(text[at - 1]) and at < len(text) and _is_word(text[at]):
        at -= 1
    # A single long word has to be cut somewhere; so has one whose removal would leave the cell half empty: of a name
    # its beginning tells more than the blank.
    if cell_len(text[:at].rstrip(" ")) * 5 >= width * 3:
        head = text[:at].rstrip(" ")
    return head + CUT


# The sign says what the colour says: `!` too late, `R` red, `Y` yellow, `g` green, `=` stopped, `-` done.
Level = Literal["late", "red", "yellow", "green", "paused", "done", "none"]
SIGNS: dict[Level, str] = {
    "late": "!", "red": "R", "yellow": "Y", "green": "g", "paused": "=", "done": "-", "none": " ",
}  # fmt: skip


def countdown(text: str, level: Level) -> Cell:
    """Return a countdown cell: sign, blank, text; the style is named like the level."""
    return Cell(f"{SIGNS[level]} {text}" if text or level != "none" else "", "" if level == "none" else level)
