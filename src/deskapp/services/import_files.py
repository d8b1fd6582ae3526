"""Read a log file row by row in bounded memory: encoding proven first, bombs refused, rows of a case put together.

The file is read twice: once to prove its encoding and its size, once for its rows.
"""

import codecs
import csv
import gzip
import io
import json
import os
import sqlite3
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.imported import BadRow, Row

MOST_BYTES = 4 << 30
"""The largest log, unpacked."""
MOST_RATIO = 200
"""How far a packed file may swell once it is past the first stretch; a log of text packs 5 to 30 times."""
MOST_CELL = 1 << 20
"""The longest cell, in characters; beyond it a quote was not closed."""
_CHUNK = 1 << 20
_FIRST_STRETCH = 16 << 20
_GZIP, _KNOWN = b"\x1f\x8b", {
    b"PK": "ZIP / XLSX", b"\xd0\xcf": "XLS", b"7z": "7-Zip", b"BZ": "bzip2", b"\xfd7": "xz", b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16", b"%P": "PDF",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that was looked at: its encoding is proven, `lines` is how many it has."""

    path: Path
    encoding: str
    lines: int
    # The first line that only the second encoding could read, for a person to judge.
    preview: str = ""


def inspect_file(path: Path) -> LogFile:
    """Prove that a file is text of a size that can be read: UTF-8 strictly, else GB18030. Raises Invalid, NotFound."""
    try:
        with path.open("rb") as stream:
            head = stream.read(2)
    except OSError as error:
        raise NotFound(
            N_("{path} cannot be read: {reason}."), hint=N_("Check the name."), path=path, reason=error.strerror or ""
        ) from error
    if head in _KNOWN:
        raise Invalid(
            N_("{path} is a {kind} file; an import reads CSV, plain or packed with gzip."),
            hint=N_("Save it as CSV in UTF-8."), path=path, kind=_KNOWN[head],
        )  # fmt: skip
    first = _decodes(path, "utf-8")
    if isinstance(first, int):
        return LogFile(path, "utf-8-sig", first)
    second = _decodes(path, "gb18030")
    if isinstance(second, int):
        return LogFile(path, "gb18030", second, _line(path, first.line, "gb18030"))
    raise Invalid(
        N_("{path}, line {line}: neither UTF-8 nor GB18030."),
        hint=N_("Save the file as CSV in UTF-8."), path=path, line=first.line,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Undecodable:
    line: int


def _decodes(path: Path, encoding: str) -> int | _Undecodable:
    """How many lines the file has in this encoding; where it stops making sense otherwise."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines = 0
    with _bytes(path) as chunks:
        for chunk in chunks:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                return _Undecodable(lines + chunk[: error.start].count(b"\n") + 1)
            lines += chunk.count(b"\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _Undecodable(lines + 1)
    return lines


def _line(path: Path, number: int, encoding: str) -> str:
    with _text(path, encoding) as stream:
        for index, line in enumerate(stream, 1):
            if index == number:
                return line.strip()[:200]
    return ""


@contextmanager
def _bytes(path: Path) -> Iterator[Iterator[bytes]]:
    """The file's bytes, unpacked, in chunks; refused as soon as they swell beyond reason."""
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        size = os.fstat(raw.fileno()).st_size
        source = cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw

        def chunks() -> Iterator[bytes]:
            total = 0
            try:
                while chunk := source.read(_CHUNK):
                    total += len(chunk)
                    if total > MOST_BYTES or (packed and total > max(_FIRST_STRETCH, size * MOST_RATIO)):
                        raise Invalid(
                            N_("{path} unpacks to more than {size} MB: refused."),
                            hint=N_("Unpack it yourself and split it, if it is really a log."),
                            path=path,
                            size=total >> 20,
                        )
                    yield chunk
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                raise Invalid(
                    N_("{path} is damaged: it cannot be unpacked."), hint=N_("Fetch the file again."), path=path
                ) from error

        yield chunks()


@contextmanager
def _text(path: Path, encoding: str) -> Iterator[IO[str]]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        raw = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if packed else file
        with io.TextIOWrapper(raw, encoding, newline="") as stream:
            yield stream


@contextmanager
def open_rows(file: LogFile, delimiter: str) -> Iterator[tuple[list[str], Iterator[Row | tuple[Row, BadRow]]]]:
    """The header, and the rows after it, one at a time; a row of another shape comes with the reason."""
    limit = csv.field_size_limit(MOST_CELL)
    try:
        with _text(file.path, file.encoding) as stream:
            reader = csv.reader(_lines(stream, file.path), delimiter=delimiter)
            header = [name.strip() for name in next(reader, [])]
            if not any(header):
                raise Invalid(N_("{path} has no header."), hint=N_("The first line names the columns."), path=file.path)
            if twice := next((name for name in header if name and header.count(name) > 1), ""):
                raise Invalid(N_("{path}: the header has {name} twice."), path=file.path, name=twice)
            yield header, _rows(reader, header, file.path)
    finally:
        csv.field_size_limit(limit)


def _lines(stream: IO[str], path: Path) -> Iterator[str]:
    number = 0
    while line := stream.readline(MOST_CELL * 4):
        number += 1
        if len(line) >= MOST_CELL * 4:
            raise Invalid(N_("{path}, line {line}: longer than {limit} characters."), path=path, line=number,
                          limit=MOST_CELL * 4)  # fmt: skip
        yield line


def _rows(reader: Any, header: list[str], path: Path) -> Iterator[Row | tuple[Row, BadRow]]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Invalid(
                N_("{path}, line {line}: the row does not end; a quote may not be closed."),
                hint=N_("Mend the line and import again: what came in stays, nothing comes in twice."),
                path=path,
                line=line,
            ) from error
        if not cells:
            continue
        row = Row(line, dict(zip(header, cells, strict=False)))
        if len(cells) == len(header):
            yield row
        else:
            yield row, BadRow(N_("{count} cells, the header has {wanted}."), count=len(cells), wanted=len(header))


class Spool:
    """Puts the rows of each case together on disk, in whatever order the log has them, and gives the cases back in the
    order of their first rows. A file of its own in the temporary folder, for the owner alone, gone when closed."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(prefix="deskapp-import-", suffix=".db")
        os.close(handle)
        self._path = Path(name)
        self._database = sqlite3.connect(name, isolation_level=None)
        self._database.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;"
            "CREATE TABLE part (key TEXT NOT NULL, line INTEGER NOT NULL, cells TEXT NOT NULL);"
            "BEGIN"
        )

    def put(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Add rows with their case's key."""
        self._database.executemany(
            "INSERT INTO part VALUES (?, ?, ?)",
            ((key, row.line, json.dumps(row.cells, ensure_ascii=False)) for key, row in rows),
        )

    def cases(self) -> Iterator[tuple[str, list[Row]]]:
        """Each case's key and rows, in the order of the log."""
        self._database.execute("CREATE INDEX part_key ON part (key, line)")
        with closing(self._database.cursor()) as cursor:
            cursor.execute(
                "SELECT part.key, part.line, part.cells FROM"
                " (SELECT key, min(line) AS first FROM part GROUP BY key) AS begun"
                " JOIN part ON part.key = begun.key ORDER BY begun.first, part.line"
            )
            key, rows = "", list[Row]()
            for found, line, cells in cursor:
                if rows and found != key:
                    yield key, rows
                    rows = []
                key = found
                rows.append(Row(line, json.loads(cells)))
            if rows:
                yield key, rows

    def close(self) -> None:
        """Remove the file."""
        self._database.close()
        self._path.unlink(missing_ok=True)
