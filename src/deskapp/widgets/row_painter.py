"""Rows to strips, kept: a row is drawn again only when it, its state, the width or a ticking cell's text changed."""

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import Generic

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from deskapp.domain.i18n import _
from deskapp.widgets.cells import Column, R, place

GUTTER = 2  # cursor sign, mark sign
_LINES_KEPT = 1_000


# What the list adds to a row; a sum of these is a state. Plain numbers: they are looked up for every line painted.
CURSOR, MARKED, FRESH = 1, 2, 4


class _Line:
    """A drawn row: its strip and what it was drawn from. `static` are the runs of segments between ticking cells."""

    __slots__ = ("now", "row", "static", "strip", "ticking")

    def __init__(self, row: object, now: datetime, static: list[list[Segment]], ticking: list[Segment], strip: Strip):
        self.row, self.now, self.static, self.ticking, self.strip = row, now, static, ticking, strip


class RowPainter(Generic[R]):
    """Draws the rows of one list at one width in one set of styles; make a new one when any of these change."""

    def __init__(self, columns: Sequence[Column[R]], width: int, style: Callable[[int, str], Style]) -> None:
        """`style` answers for a state and the name of a cell's style."""
        self.width = width
        self._placed = place(columns, width, gutter=GUTTER)
        self._ticking_placed = [placed for placed in self._placed if placed.column.ticking]
        self._make_style = style
        self._styles: dict[tuple[int, str], Style] = {}
        self._lines: dict[tuple[Hashable, int], _Line] = {}

    def strip(self, row: R, state: int, now: datetime) -> Strip:
        """Return the line of a row; what was drawn for the same row, state and time is returned as it is."""
        line = self._lines.get((row.key, state))
        if line is None or line.row is not row:
            return self._draw(row, state, now).strip
        if line.now is not now:
            line.now = now
            ticking = self._ticking(row, state, now)
            if ticking != line.ticking:
                line.ticking = ticking
                line.strip = self._join(line.static, ticking)
        return line.strip

    def changed_until(self, row: R, state: int, now: datetime) -> int:
        """Draw a line for a new time; returns the cell after its last changed one, 0 when nothing changed."""
        line = self._lines.get((row.key, state))
        if line is None or line.row is not row:
            return self.width
        before = line.ticking
        self.strip(row, state, now)
        if line.ticking is before:
            return 0
        ends = [
            placed.start + placed.width
            for placed, old, new in zip(self._ticking_placed, before, line.ticking, strict=True)
            if old != new
        ]
        return max(ends)

    def header(self, style: Style) -> Strip:
        """Return the line of titles, in the language in force."""
        segments, x = [], 0
        for placed in self._placed:
            segments.append(Segment(" " * (placed.start - x) + placed.text(_(placed.column.title)), style))
            x = placed.start + placed.width
        segments.append(Segment(" " * max(0, self.width - x), style))
        return Strip(Segment.simplify(segments), self.width)

    def _draw(self, row: R, state: int, now: datetime) -> _Line:
        if len(self._lines) > _LINES_KEPT:
            self._lines.clear()
        base = self._style(state, "")
        signs = (">" if state & CURSOR else " ") + ("*" if state & MARKED else " ")
        runs, x = [[Segment(signs, base)]], GUTTER
        for placed in self._placed:
            if placed.start > x:
                runs[-1].append(Segment(" " * (placed.start - x), base))
            x = placed.start + placed.width
            if placed.column.ticking:
                runs.append([])
            else:
                text, name = placed.column.cell(row, now)
                runs[-1].append(Segment(placed.text(text), self._style(state, name)))
        if x < self.width:
            runs[-1].append(Segment(" " * (self.width - x), base))
        static = [list(Segment.simplify(run)) for run in runs]
        ticking = self._ticking(row, state, now)
        line = self._lines[row.key, state] = _Line(row, now, static, ticking, self._join(static, ticking))
        return line

    def _ticking(self, row: R, state: int, now: datetime) -> list[Segment]:
        ticking = []
        for placed in self._ticking_placed:
            text, name = placed.column.cell(row, now)
            ticking.append(Segment(placed.text(text), self._style(state, name)))
        return ticking

    def _join(self, static: list[list[Segment]], ticking: list[Segment]) -> Strip:
        segments = list(static[0])
        for segment, run in zip(ticking, static[1:], strict=True):
            segments.append(segment)
            segments += run
        return Strip(segments, self.width)

    def _style(self, state: int, name: str) -> Style:
        style = self._styles.get((state, name))
        if style is None:
            style = self._styles[state, name] = self._make_style(state, name)
        return style
