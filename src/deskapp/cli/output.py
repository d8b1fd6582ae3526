"""Answers: tables and lines for people, one stable JSON for scripts. Data goes to stdout, messages to stderr."""

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.text import TERMINAL_GUARD, guard

if TYPE_CHECKING:
    from rich.console import Console

_UNSAFE = re.compile("[" + "".join(re.escape(chr(code)) for code in TERMINAL_GUARD if chr(code) != "\n") + "]")
_WIDEST = 10_000


def emit(value: object) -> None:
    """Write JSON to stdout: UTF-8, two spaces, keys in a fixed order, times in UTC; nothing a terminal would obey."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write(_UNSAFE.sub(lambda match: _escaped(match.group()), text) + "\n")


def _escaped(char: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in _utf16(char))


def _utf16(char: str) -> list[int]:
    raw = char.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[i : i + 2]) for i in range(0, len(raw), 2)]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def instant(value: datetime | None) -> str | None:
    """An instant for scripts: 2026-03-02T12:00:00Z."""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def clock_time(value: datetime | None) -> str:
    """An instant for people, in this machine's zone."""
    return "" if value is None else f"{value.astimezone():%Y-%m-%d %H:%M}"


def countdown(due: datetime | None, now: datetime) -> str:
    """Time left as text that says everything without colour: 02:10:03, or LATE +00:12:31."""
    if due is None:
        return ""
    from deskapp.domain.sla.countdown import figure  # the rules of promises are many classes

    text = figure(due - now)
    return f"{_('LATE')} {text}" if text.startswith("+") else text


def say(text: str, *, err: bool = False) -> None:
    """Write a line for people; its text is data and can do nothing to the terminal."""
    (sys.stderr if err else sys.stdout).write(guard(text) + "\n")


def say_block(text: str, indent: str = "  ") -> None:
    """Write text of several lines, indented."""
    for line in text.split("\n"):
        say(indent + line)


def write_file(path: Path, text: str, *, private: bool = False) -> None:
    """Write a text to the file that was named; a private one nobody else can read any more. Raises Invalid."""
    try:
        with open(path, "w", encoding="utf-8", opener=_private if private else None) as file:
            file.write(text)
    except OSError as error:
        raise Invalid(
            N_("{path} cannot be written: {reason}."), hint=N_("Name another file with --output."), field="output",
            path=path, reason=error.strerror or "",
        ) from error  # fmt: skip


def _private(path: str, flags: int) -> int:
    file = os.open(path, flags, 0o600)
    os.fchmod(file, 0o600)
    return file


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], styles: Sequence[str] | None = None) -> None:
    """Write a table; on a terminal it fits the width, into a pipe nothing is cut."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_edge=False)
    for heading in headings:
        grid.add_column(Text(heading), no_wrap=True, overflow="ellipsis")
    for number, row in enumerate(rows):
        grid.add_row(*(Text(guard(cell)) for cell in row), style=styles[number] if styles else "")
    out = console()
    with out.capture() as capture:
        out.print(grid)
    sys.stdout.write("\n".join(line.rstrip() for line in capture.get().split("\n")))


def console(*, err: bool = False) -> "Console":
    """Rich's console as this desk uses it: no markup, no highlighting; NO_COLOR holds."""
    from rich.console import Console

    stream: Any = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else _WIDEST
    return Console(file=stream, stderr=err, markup=False, highlight=False, emoji=False, width=width, soft_wrap=False)
