"""Write tickets to a file for spreadsheets and scripts: for whoever may, what they may see, never as formulas."""

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from sqlalchemy.exc import DBAPIError

from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor, Reach, Subject, authorize, reach
from deskapp.domain.queue import QueueFilter
from deskapp.domain.sheet import guard_cell
from deskapp.models.base import Identified
from deskapp.services.desk import Desk
from deskapp.store import export as store
from deskapp.store.engine import translate
from deskapp.store.uow import reading, work

COLUMNS = (
    "ticket", "subject", "status", "grade", "priority", "channel", "product", "fault", "customer", "phone", "team",
    "assignee", "owner", "opened_at", "first_response_at", "due_at", "solved_at", "closed_at", "reopened",
    "satisfaction", "description", "resolution",
)  # fmt: skip
_TIMES = ("opened_at", "first_response_at", "due_at", "solved_at", "closed_at")


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets: a filter, and between which instants they were opened (`until` not included)."""

    filter: QueueFilter
    since: datetime | None = None
    until: datetime | None = None


def export_tickets(desk: Desk, actor: Actor, wanted: Wanted, target: Path | IO[str], form: Format) -> int:
    """Write the tickets and return how many; a lead exports their own team's, an auditor all, both by the right
    `ticket.export`. What was exported is in the audit ledger. Raises Denied, Unreachable; OSError for the file.
    """
    authorize(actor, "ticket.export", _own(actor))
    if form is Format.XLSX and not isinstance(target, Path):
        raise ValueError("a spreadsheet needs a file")
    count = 0

    def counted(rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        nonlocal count
        for row in rows:
            count += 1
            yield row

    try:
        rows = counted(_rows(desk, actor, wanted))
        if form is Format.XLSX and isinstance(target, Path):
            with _replacing(target) as part:
                _write_xlsx(rows, part)
        elif isinstance(target, Path):
            with _replacing(target) as part, part.open("w", encoding=_encoding(form), newline="") as stream:
                _write_text(rows, stream, form)
        else:
            _write_text(rows, target, form)
        _record(desk, actor, count, form)
    except DBAPIError as error:
        raise translate(error) from error
    return count


def _own(actor: Actor) -> Subject:
    return Subject(teams=frozenset({actor.team_id} if actor.team_id else ()))


def _rows(desk: Desk, actor: Actor, wanted: Wanted) -> Iterator[dict[str, Any]]:
    only = actor.team_id if reach(actor, "ticket.export") is not Reach.ALL else None
    with reading(desk.engine) as session:
        for row, phone, stars in store.tickets(
            session, actor, wanted.filter, team_id=only, since=wanted.since, until=wanted.until, now=desk.clock.now()
        ):
            found: dict[str, Any] = {name: getattr(row, name, "") for name in COLUMNS}
            found |= {"ticket": f"T-{row.number}", "phone": phone, "satisfaction": stars}
            yield found | {name: _instant(found[name]) for name in _TIMES}


def _instant(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _record(desk: Desk, actor: Actor, count: int, form: Format) -> None:
    if desk.read_only:
        return
    with work(desk.engine, desk.clock.now(), actor, uuid7()) as unit:
        unit.authorize("ticket.export", _own(actor))
        unit.tell(exported=count, format=form.value)
        unit.record("ticket.export", "export", Identified(id=uuid7()))
        unit.commit()


# Files ----------------------------------------------------------------------------------------------------------------


def _encoding(form: Format) -> str:
    # Spreadsheets take a CSV for the local code page unless it begins with a byte order mark.
    return "utf-8-sig" if form is Format.CSV else "utf-8"


def _cell(value: object) -> str:
    return guard_cell(_text(value))


def _text(value: object) -> str:
    return "" if value is None else str(getattr(value, "value", value))


def _write_text(rows: Iterable[Mapping[str, Any]], stream: IO[str], form: Format) -> None:
    if form is Format.CSV:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
        return
    stream.write("[")
    for number, row in enumerate(rows):
        plain = {name: row[name] if row[name] != "" else None for name in COLUMNS}
        stream.write(("," if number else "") + "\n" + json.dumps(plain, ensure_ascii=False))
    stream.write("\n]\n")


def _write_xlsx(rows: Iterable[Mapping[str, Any]], path: Path) -> None:
    import xlsxwriter

    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("tickets")
        sheet.freeze_panes(1, 1)
        words = book.add_format({"quote_prefix": True})
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name)
        for line, row in enumerate(rows, 1):
            for column, name in enumerate(COLUMNS):
                if isinstance(row[name], int):
                    sheet.write_number(line, column, row[name])
                else:
                    text = _text(row[name])
                    sheet.write_string(line, column, text, None if guard_cell(text) == text else words)


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A file that only its owner can read, and that gets its name when it is whole."""
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


__all__ = ["COLUMNS", "Format", "Wanted", "export_tickets"]
