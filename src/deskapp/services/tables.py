"""A table as data and its plain renderings: text by terminal cells, CSV and XLSX that no spreadsheet can obey."""

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from deskapp.domain.sheet import guard_cell
from deskapp.domain.text import guard

Cell = str | int | float | Decimal | bool | datetime | None


@dataclass(frozen=True, slots=True)
class Percent:
    """A share to be shown in percent with so many places; a number in spreadsheets."""

    value: float
    places: int = 1

    def __str__(self) -> str:
        return f"{self.value * 100:.{self.places}f} %"


@dataclass(frozen=True, slots=True)
class Table:
    """A titled table; titles and heads are in the reader's language already. `key` names its file or sheet."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell | Percent, ...], ...]
    notes: tuple[str, ...] = field(default=())


def text_of(cell: Cell | Percent) -> str:
    """Return a cell as people read it; instants in UTC."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.2f}"
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    return str(cell)


def is_number(cell: Cell | Percent) -> bool:
    """Tell whether a cell is a number, set to the right."""
    return isinstance(cell, int | float | Decimal | Percent) and not isinstance(cell, bool)


def width_of(text: str) -> int:
    """Return the terminal cells of a text: wide and full-width characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """Return a text in exactly so many terminal cells, cut with `~` where it is longer."""
    if width_of(text) > width:
        kept, used = [], 0
        for c in text:
            if used + width_of(c) > width - 1:
                break
            kept.append(c)
            used += width_of(c)
        text = "".join(kept) + "~"
    gap = " " * (width - width_of(text))
    return gap + text if right else text + gap


def wrapped(text: str, width: int) -> list[str]:
    """Return a text as lines of at most so many terminal cells, broken at spaces where it has them."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width_of(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        for c in word:
            if width_of(lines[-1] + c) > width:
                lines.append("")
            lines[-1] += c
    return lines


def render_text(table: Table, *, width: int = 100) -> str:
    """Return a table as lines of at most so many terminal cells; long words wrap inside their columns.

    A table of facts (two columns of words) keeps each fact on one line, so that a command in it can be copied.
    """
    cells = [[guard(text_of(c).replace("\n", " ")) for c in row] for row in table.rows]
    columns = range(len(table.heads))
    right = [bool(table.rows) and all(is_number(row[i]) or row[i] is None for row in table.rows) for i in columns]
    widths = [max([width_of(table.heads[i]), *(width_of(row[i]) for row in cells)]) for i in columns]
    facts = len(widths) == 2 and not any(right)
    # A word of a heading stays whole where there is room for it.
    least = [max(_NARROWEST, *(width_of(word) for word in (head.split() or [""]))) for head in table.heads]
    for floor in (least, [_NARROWEST] * len(widths)):
        while not facts and sum(widths) + 2 * (len(widths) - 1) > width:
            free = [i for i in columns if not right[i] and widths[i] > floor[i]]
            if not free:
                break
            widths[max(free, key=widths.__getitem__)] -= 1
    lines = [table.title, "-" * min(width, width_of(table.title))]
    for row in [list(table.heads), *cells]:
        parts = [wrapped(row[i], widths[i]) for i in columns]
        for n in range(max(map(len, parts))):
            line = "  ".join(
                fitted(parts[i][n] if n < len(parts[i]) else "", widths[i], right=right[i]) for i in columns
            )
            lines.append(line.rstrip())
    lines += [guard(note) for note in table.notes]
    return "\n".join(lines) + "\n"


_NARROWEST = 6


def render_csv(table: Table) -> str:
    """Return a table as CSV (RFC 4180); a text that looks like a formula gets a leading apostrophe, a number stays."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guard_cell(head) for head in table.heads])
    for row in table.rows:
        writer.writerow([_plain_number(cell) if is_number(cell) else guard_cell(text_of(cell)) for cell in row])
    return out.getvalue()


def _plain_number(cell: Cell | Percent) -> str:
    return repr(cell.value) if isinstance(cell, Percent) else str(cell)


def write_csv(tables: Sequence[Table], folder: Path) -> list[Path]:
    """Write one CSV file a table (UTF-8 with a mark, so that Excel reads Chinese) and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for table in tables:
        path = folder / f"{table.key}.csv"
        path.write_text("\ufeff" + render_csv(table), encoding="utf-8", newline="")
        files.append(path)
    return files


def write_xlsx(tables: Sequence[Table], path: Path) -> None:
    """Write one workbook with a sheet a table; texts are written as texts, so no cell is a formula or a link."""
    import xlsxwriter  # lazily: only an export needs it

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        percent = book.add_format({"num_format": "0.0%"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        number = book.add_format({"num_format": "0.00"})
        # What looks like a formula stays text also when somebody edits the cell: the prefix that Excel itself uses.
        words = book.add_format({"quote_prefix": True})
        for table in tables:
            sheet = book.add_worksheet(table.key[:31])
            sheet.freeze_panes(1, 0)
            for i, title in enumerate(table.heads):
                sheet.write_string(0, i, title, head)
                longest = max([width_of(title), *(width_of(text_of(row[i])) for row in table.rows)])
                sheet.set_column(i, i, min(60, longest + 2))
            for r, row in enumerate(table.rows, 1):
                for i, cell in enumerate(row):
                    if isinstance(cell, Percent):
                        sheet.write_number(r, i, cell.value, percent)
                    elif isinstance(cell, datetime):
                        sheet.write_datetime(r, i, cell.astimezone(UTC).replace(tzinfo=None), instant)
                    elif is_number(cell):
                        sheet.write_number(r, i, float(cell), number if isinstance(cell, float | Decimal) else None)  # type: ignore[arg-type]
                    else:
                        text = text_of(cell)
                        sheet.write_string(r, i, text, None if guard_cell(text) == text else words)
