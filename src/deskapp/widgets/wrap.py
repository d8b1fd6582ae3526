"""Text broken into lines of terminal cells: at blanks, and between Chinese characters; with a hanging indent."""

import re

from rich.cells import cell_len

from deskapp.widgets.cells import printable

# A wide character stands alone, with the punctuation that must not begin a line; else a run up to the next blank.
_PIECE = re.compile(r"[\u2e80-\uffff][，。、；：！？）》」』”’…,.;:!?)]*|[^\s\u2e80-\uffff]+|\s+")


def wrap(text: str, width: int) -> list[str]:
    """Return the text as lines of at most `width` cells (at least one line); line ends in it are kept."""
    width = max(4, width)
    found: list[str] = []
    for line in text.split("\n"):
        found += _broken(printable(line), width)
    return found


def _broken(text: str, width: int) -> list[str]:
    lines, now, used = [], "", 0
    for piece in _PIECE.findall(text):
        size = cell_len(piece)
        if used + size > width and now.strip():
            lines.append(now.rstrip())
            now, used = "", 0
        if not now and piece.isspace():
            continue
        while size > width:
            head = next(n for n in range(len(piece), 0, -1) if cell_len(piece[:n]) <= width)
            lines.append(piece[:head])
            piece = piece[head:]
            size = cell_len(piece)
        now, used = now + piece, used + size
    return [*lines, now.rstrip()] if now.strip() or not lines else lines


def hanging(text: str, width: int, indent: int) -> str:
    """Return the text to stand after `indent` cells of something: the lines after the first begin with as many blanks.

    No line end at its end.
    """
    return ("\n" + " " * indent).join(wrap(text, width - indent))


__all__ = ["hanging", "wrap"]
