"""The last thing before the terminal: no text may act on it, whatever widget drew it."""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from deskapp.domain.text import TERMINAL_GUARD


class TerminalGuard(LineFilter):
    """Shows whatever could act on a terminal as U+FFFD."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(segment.text.translate(TERMINAL_GUARD), segment.style, segment.control) for segment in segments]
