"""Bring in the log of another system: cases become tickets with their timelines, people, teams and customers.

Batches of cases go in one transaction each, with one audit event; a case that is there already (its source and its own
key) is left alone, so that an import that was cut short is finished by running it again.
"""

import csv
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from deskapp.domain.errors import Denied, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.import_map import ImportMap, read_map
from deskapp.domain.imported import BadRow, Case, CaseReader, Row, verdict
from deskapp.domain.permissions import Actor, authorize
from deskapp.domain.sheet import guard_cell
from deskapp.models.base import Identified, table
from deskapp.models.ticket import ImportedCase, Ticket
from deskapp.services.desk import Desk
from deskapp.services.import_files import LogFile, Spool, inspect_file, open_rows
from deskapp.services.import_rows import Batch, Names
from deskapp.services.region import region_of
from deskapp.store.bulk import take_numbers
from deskapp.store.engine import is_busy, translate
from deskapp.store.uow import Work, reading, work

PACK = Path(__file__).resolve().parent.parent / "pack" / "imports"
_BATCH = 250
_RETRIES = 5
_SHOWN = 10

Progress = Callable[[int, int], None]
"""Told after every batch: how many rows of how many are done."""


@dataclass(slots=True)
class Agreement:
    """Our verdicts beside the log's own, case by case. `differ` holds the first few: key, theirs, ours."""

    compared: int = 0
    agree: int = 0
    no_due: int = 0
    not_done: int = 0
    silent: int = 0
    differ: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, key: str, theirs: str, ours: str, *, has_due: bool) -> None:
        """Count one case. Without a due time, a closing time or a verdict of the log there is nothing to compare."""
        if not has_due:
            self.no_due += 1
        elif not ours:
            self.not_done += 1
        elif not theirs:
            self.silent += 1
        else:
            self.compared += 1
            self.agree += theirs == ours
            if theirs != ours and len(self.differ) < _SHOWN:
                self.differ.append((key, theirs, ours))


@dataclass(slots=True)
class ImportReport:
    """What an import did. `rows` and `rejected` count rows of the file; `cases`, `already` count cases."""

    source: str
    encoding: str
    preview: str
    rows: int = 0
    cases: int = 0
    already: int = 0
    rejected: int = 0
    timeline: int = 0
    customers: int = 0
    people: int = 0
    teams: int = 0
    notes: Counter[str] = field(default_factory=Counter)
    reasons: list[tuple[int, str]] = field(default_factory=list)
    rejects: Path | None = None
    agreement: Agreement | None = None
    dry_run: bool = False


def load_map(name: str) -> ImportMap:
    """A map by the name of a shipped one, or from a file. Raises NotFound, BadMap."""
    shipped = PACK / f"{name}.toml"
    path = shipped if shipped.is_file() and not Path(name).is_file() else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(
            N_("There is no map {name}."), hint=N_("Name a TOML file, or one of: {known}."), field="map", name=name,
            known=", ".join(sorted(known.stem for known in PACK.glob("*.toml"))),
        ) from error  # fmt: skip
    return read_map(text, path.name if path == shipped else str(path))


def import_log(
    desk: Desk,
    actor: Actor,
    log_map: ImportMap,
    path: Path,
    *,
    dry_run: bool = False,
    verify: bool = False,
    rejects: Path | None = None,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Bring a log in. Rows that cannot come in are written to `rejects` with line and reason; the rest goes in.

    Raises Denied, NotFound, Invalid for a file or map that cannot be read at all; Unreachable.
    """
    authorize(actor, "desk.import")
    if desk.read_only:
        raise Denied(N_("This desk is a replay: it shows a log as it was and takes no changes."))
    run = _Run(desk, actor, log_map, inspect_file(path), dry_run=dry_run, rejects=rejects)
    report = run.all(progress)
    if verify:
        report.agreement = run.agreement if dry_run else agreement_of(desk, log_map.source)
    return report


def agreement_of(desk: Desk, source: str) -> Agreement:
    """Our verdict on every imported case of a source, from the due and closing times in the desk, beside the log's."""
    found = Agreement()
    c, t = table(ImportedCase).c, table(Ticket).c
    query = (
        select(c.external_key, c.verdict, c.due_at, t.solved_at, t.closed_at)
        .join_from(table(ImportedCase), table(Ticket), c.ticket_id == t.id)
        .where(c.source == source)
        .order_by(t.number)
    )
    with reading(desk.engine) as session:
        for key, theirs, due, solved, closed in session.execute(query.execution_options(yield_per=2000)):
            found.add(key, theirs, verdict(due, solved or closed), has_due=due is not None)
    return found


class _Run:
    """One import on its way."""

    def __init__(
        self, desk: Desk, actor: Actor, log_map: ImportMap, file: LogFile, *, dry_run: bool, rejects: Path | None
    ) -> None:
        self.desk, self.actor, self.map, self.file, self.dry_run = desk, actor, log_map, file, dry_run
        self.now = desk.clock.now()
        self.reader = CaseReader(log_map, self.now)
        self.names = Names(log_map.source)
        self.report = ImportReport(log_map.source, file.encoding, file.preview, dry_run=dry_run)
        self.agreement = Agreement()
        self.rejects = Rejects(None if dry_run else rejects)

    def all(self, progress: Progress) -> ImportReport:
        total = max(1, self.file.lines - 1)
        done, read = 0, list[Case]()
        with self._cases() as cases, self.rejects:
            for rows in cases:
                done += len(rows)
                case, bad = self.reader.case(rows)
                for row, error in bad:
                    self._reject(row, error)
                if case is not None:
                    read.append(case)
                    self.report.notes.update(case.notes)
                if len(read) >= _BATCH:
                    self._take(read)
                    read = []
                    progress(min(done, total), total)
            self._take(read)
        progress(total, total)
        self.report.rejects = self.rejects.written
        return self.report

    @contextmanager
    def _cases(self) -> Iterator[Iterator[list[Row]]]:
        """The rows of each case, in the order of the log."""
        with open_rows(self.file, self.map.delimiter) as (header, rows):
            self.map.check_header(header)
            self.rejects.header = header
            if not self.map.is_event_log:
                yield ([row] for _key, row in self._keyed(rows))
                return
            spool = Spool()
            try:
                spool.put(self._keyed(rows))
                yield (rows for _key, rows in spool.cases())
            finally:
                spool.close()

    def _keyed(self, rows: Iterable[Row | tuple[Row, BadRow]]) -> Iterator[tuple[str, Row]]:
        for found in rows:
            self.report.rows += 1
            if isinstance(found, tuple):
                self._reject(*found)
                continue
            try:
                yield self.reader.key(found), found
            except BadRow as error:
                self._reject(found, error)

    def _reject(self, row: Row, error: BadRow) -> None:
        self.report.rejected += 1
        if len(self.report.reasons) < _SHOWN:
            self.report.reasons.append((row.line, str(error)))
        self.rejects.write(row, str(error))

    def _take(self, cases: list[Case]) -> None:
        unique = {case.key: case for case in reversed(cases)}
        wanted = [case for case in cases if unique[case.key] is case]
        self.report.already += len(cases) - len(wanted)
        if not wanted:
            return
        if self.dry_run:
            for case in wanted:
                standing = case.standing
                ours = verdict(standing.due_at, standing.done_at)
                self.agreement.add(case.key, case.verdict, ours, has_due=standing.due_at is not None)
            with reading(self.desk.engine) as session:
                there = _there(session, self.map.source, wanted)
            self.report.already += len(there)
            self.report.cases += len(wanted) - len(there)
            return
        for attempt in range(_RETRIES):
            try:
                self._write(wanted)
                return
            except DBAPIError as error:
                self.names.forget()
                if not is_busy(error) or attempt == _RETRIES - 1:
                    raise translate(error) from error

    def _write(self, cases: list[Case]) -> None:
        with work(self.desk.engine, self.now, self.actor, uuid7()) as unit:
            unit.authorize("desk.import")
            take_numbers(unit.session, "ticket", 0)
            there = _there(unit.session, self.map.source, cases)
            new = [case for case in cases if case.key not in there]
            made = self._fill(unit, new) if new else None
        self.report.already += len(there)
        self.report.cases += len(new)
        if made is not None:
            self.report.timeline += len(made.entries)
            self.report.customers += len(made.customers)
            self.report.people += len(made.agents)
            self.report.teams += len(made.teams)

    def _fill(self, unit: Work, new: list[Case]) -> Batch:
        batch = Batch(self.map.source, self.now, region_of(unit.session))
        self.names.resolve(unit.session, new, batch)
        first = take_numbers(unit.session, "ticket", len(new))
        for number, case in enumerate(new, first):
            batch.add(number, case, self.names)
        if batch.customers:
            for number, customer in enumerate(
                batch.customers, take_numbers(unit.session, "customer", len(batch.customers))
            ):
                customer.number = number
        batch.write(unit.session)
        unit.tell(source=self.map.source, file=self.file.path.name, cases=len(new), first=new[0].key, last=new[-1].key)
        unit.record("desk.import", "import", Identified(id=uuid7()))
        unit.commit()
        return batch


def _there(session: Session, source: str, cases: list[Case]) -> set[str]:
    c = table(ImportedCase).c
    keys = [case.key for case in cases]
    query = select(c.external_key).where(c.source == source, c.external_key.in_(keys))
    return set(session.execute(query).scalars())


class Rejects:
    """The file of rows that could not come in, made with the first of them: line, reason, the cells as they stood."""

    def __init__(self, path: Path | None) -> None:
        self.path, self.header = path, list[str]()
        self.written: Path | None = None
        self._stream: TextIO | None = None

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, row: Row, reason: str) -> None:
        """Add a row; cells are guarded against being read as formulas."""
        if self.path is None:
            return
        if self._stream is None:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._stream = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
            self.written = self.path
            csv.writer(self._stream).writerow(["line", "reason", *map(guard_cell, self.header)])
        cells = (guard_cell(row.cells.get(name, "")) for name in self.header)
        csv.writer(self._stream).writerow([row.line, guard_cell(reason), *cells])


__all__ = ["Agreement", "ImportReport", "agreement_of", "import_log", "load_map"]
