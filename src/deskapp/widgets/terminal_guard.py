"""What stands before the terminal: no text may act on it, and no bar is drawn with glyphs of unsure width."""

from typing import ClassVar

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.scrollbar import ScrollBarRender

from deskapp.domain.text import TERMINAL_GUARD


class TerminalGuard(LineFilter):
    """Shows whatever could act on a terminal as U+FFFD."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(segment.text.translate(TERMINAL_GUARD), segment.style, segment.control) for segment in segments]


class PlainBar(ScrollBarRender):
    """A scroll bar of whole cells: part-filled blocks are two cells wide on many Chinese terminals."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "]
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "]
