"""Small plots in text: horizontal bars, a sparkline, a heat map of hour by weekday; in blocks or in plain ASCII.

Block characters take two cells on many Chinese terminals: `ascii=True` draws the same with characters that never do.
Every plot says its values without colour too. Labels are data: they are cut to cells and read as no markup.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from deskapp.widgets.cells import fit, printable

_EIGHTHS = "▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_ASCII_HEIGHTS = "_.-:=+*#"
_SHADES = " ░▒▓█"
_ASCII_SHADES = " .:*#"
HEAT_LEVELS = len(_SHADES)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `value` (not negative; None is not known), what to write behind it, and where its target stands."""

    label: str
    value: float | None
    note: str = ""
    style: str = ""
    target: float | None = None


def horizontal_bars(bars: Sequence[Bar], width: int, *, top: float | None = None, ascii: bool = False) -> list[Text]:  # noqa: A002
    """Return a line of `width` cells for each bar: label, bar, note; a `|` stands at the target.

    All bars have one scale, from 0 to `top` (the largest value or target unless given; more than `top` fills the
    bar). What is more than nothing shows a mark, however short. Raises ValueError for a negative value.
    """
    if any((bar.value or 0) < 0 for bar in bars):
        raise ValueError("a bar cannot be shorter than nothing")
    label = min(_widest(bar.label for bar in bars), max(4, width // 3))
    note = min(_widest(bar.note for bar in bars), max(0, width - label - 4))
    room = max(1, width - label - 1 - (note + 1 if note else 0))
    scale = top or max((max(bar.value or 0, bar.target or 0) for bar in bars), default=0) or 1
    lines = []
    for bar in bars:
        drawn = _bar(bar.value, room, scale, ascii)
        if bar.target is not None and (at := round(bar.target / scale * room)) <= room:
            at = min(at, room - 1)
            drawn = drawn[:at] + "|" + drawn[at + 1 :]
        line = Text(fit(bar.label, label) + " ").append(drawn, bar.style or None)
        if note:
            line.append(" " + fit(bar.note, note, "right"))
        line.append(" " * (width - line.cell_len))
        lines.append(line)
    return lines


def sparkline(values: Sequence[float | None], width: int, *, top: float | None = None, ascii: bool = False) -> Text:  # noqa: A002
    """Return the values as heights, at most `width` cells; neighbours are averaged when there are more than that.

    None is a gap, 0 the lowest mark, and what is more than nothing is never drawn as nothing. The scale goes from
    0 to `top`, the largest value unless given.
    """
    heights = _ASCII_HEIGHTS if ascii else _HEIGHTS
    cells = _averaged(values, width)
    scale = top or max((value for value in cells if value is not None), default=0) or 1
    steps = len(heights) - 1
    return Text(
        "".join(
            " " if value is None else heights[min(steps, math.ceil(max(0, value) / scale * steps))] for value in cells
        )
    )


def heat_map(
    grid: Sequence[Sequence[float]],
    labels: Sequence[str],
    width: int,
    *,
    ascii: bool = False,  # noqa: A002
    styles: Sequence[str] = ("",) * HEAT_LEVELS,
) -> list[Text]:
    """Return a line of hours and a line for each row (weekday) of 24 values, at most `width` cells.

    A cell's shade is its share of the largest cell in quarters, empty only for 0; `styles` colour the five shades.
    Where 24 hours do not fit, two, three, four, six or more are added up. Raises ValueError when a row has not 24
    values, or when there is not a label for each row.
    """
    if len(labels) != len(grid) or any(len(row) != 24 for row in grid):
        raise ValueError("a heat map needs a label and 24 hours for each row")
    label = min(_widest(labels), max(2, width // 4))
    room = max(1, width - label - 1)
    hours = next((hours for hours in (1, 2, 3, 4, 6, 8, 12) if 24 // hours <= room), 24)
    cell = max(1, min(3, room // (24 // hours)))
    summed = [[sum(row[hour : hour + hours]) for hour in range(0, 24, hours)] for row in grid]
    most = max((value for row in summed for value in row), default=0) or 1
    shades = _ASCII_SHADES if ascii else _SHADES
    lines = [Text(" " * (label + 1) + _hours(hours, cell))]
    for text, row in zip(labels, summed, strict=True):
        line = Text(fit(text, label) + " ")
        for value in row:
            level = math.ceil(max(0, value) / most * (HEAT_LEVELS - 1))
            line.append(shades[level] * cell, styles[level] or None)
        lines.append(line)
    return lines


def _widest(texts: Iterable[str]) -> int:
    return max((cell_len(printable(text)) for text in texts), default=0)


def _bar(value: float | None, room: int, scale: float, ascii: bool) -> str:  # noqa: A002
    if value is None:
        return "?".ljust(room)
    eighths = min(room * 8, math.ceil(value / scale * room * 8))
    whole, part = divmod(eighths, 8)
    if ascii:
        # A started cell counts from its half on, but something is never nothing.
        return ("#" * (whole + (part >= 4)) or ("." if eighths else "")).ljust(room)
    return ("█" * whole + (_EIGHTHS[part - 1] if part else "")).ljust(room)


def _averaged(values: Sequence[float | None], width: int) -> list[float | None]:
    if len(values) <= width or width < 1:
        return list(values[: max(0, width)])
    cells: list[float | None] = []
    for index in range(width):
        part = values[index * len(values) // width : (index + 1) * len(values) // width]
        known = [value for value in part if value is not None]
        cells.append(sum(known) / len(known) if known else None)
    return cells


def _hours(hours: int, cell: int) -> str:
    """The hour above its first cell, as many as there is room for."""
    line, length = "", 24 // hours * cell
    for hour in range(0, 24, hours):
        at, text = hour // hours * cell, str(hour)
        if at + len(text) <= length and (at == 0 or len(line) < at):
            line = line.ljust(at) + text
    return line.ljust(length)
