"""The one place where database engines are made: settings that keep what was acknowledged, on SQLite and PostgreSQL.

A transaction that writes begins IMMEDIATE on SQLite: otherwise two people who read, then write, lose one of the changes
without an error, or meet "database is locked". Use `writing(engine)` and `reading(engine)`; both are the same engine
and the same pool.
"""

import fcntl
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from deskapp.domain.errors import Conflict, Invalid, Unreachable
from deskapp.domain.i18n import N_
from deskapp.store.faults import is_busy, translate

__all__ = [
    "APPLICATION_ID",
    "database_clock_offset",
    "is_busy",
    "open_engine",
    "parse_url",
    "reading",
    "sqlite_path",
    "translate",
    "wal_is_safe",
    "writing",
]

APPLICATION_ID = int.from_bytes(b"desk")
"""Stored in the header of every SQLite desk: tells it from an empty file and from anybody else's database."""

BUSY_TIMEOUT = timedelta(seconds=10)
CONNECT_TIMEOUT = timedelta(seconds=3)

_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT // timedelta(milliseconds=1)}",
    "PRAGMA synchronous=FULL",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA mmap_size=0",
)

_SESSION = {
    "statement_timeout": "5s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "60s",
    "TimeZone": "UTC",
}


def open_engine(
    url: str | URL,
    *,
    single_process: bool = False,
    create: bool = False,
    migrating: bool = False,
    pool_size: int = 2,
) -> Engine:
    """Return an engine for a desk: `sqlite:///path`, a path, or `postgresql://…`.

    `single_process` claims an SQLite desk for this process alone, which allows WAL on any SQLite. `create` makes the
    SQLite file, which must not be there. `migrating` claims it too, leaves foreign keys unchecked and lifts the time
    limits of PostgreSQL. Nothing is connected before the first use, which raises Unreachable for a file that is no
    desk, a desk claimed by another process, a WAL file under an SQLite that may damage it, and a server with
    `synchronous_commit = off`. Raises Invalid for an address that names no database.
    """
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        if create:
            _create_file(sqlite_path(address))
        journal = "WAL" if single_process or wal_is_safe() else "TRUNCATE"
        alone = single_process or migrating
        desk = _SqliteDesk(sqlite_path(address), journal, alone=alone, foreign_keys=not migrating)
        engine = create_engine(address, pool_size=pool_size, max_overflow=3)
        event.listen(engine, "do_connect", desk.connect)
        event.listen(engine, "begin", desk.begin)
        event.listen(engine, "engine_disposed", desk.release)
        return engine
    session = _SESSION | ({"statement_timeout": "0", "lock_timeout": "10s"} if migrating else {})
    engine = create_engine(
        address,
        connect_args=_postgres_arguments(address, session),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        pool_recycle=900,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _check_postgres)
    return engine


def writing(engine: Engine) -> Engine:
    """Return the engine whose transactions write: on SQLite they begin IMMEDIATE. Keep it: making it takes 30 µs."""
    return engine.execution_options(write=True)


def reading(engine: Engine) -> Engine:
    """Return the engine whose transactions only read, as those of a new engine do: on SQLite a plain BEGIN."""
    return engine.execution_options(write=False) if engine.get_execution_options().get("write") else engine


def parse_url(url: str | URL) -> URL:
    """Return the address as SQLAlchemy takes it; a bare path means an SQLite file. Raises Invalid."""
    if isinstance(url, str) and "://" not in url:
        url = URL.create("sqlite", database=url)
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Invalid(
            N_("The database address cannot be read."),
            hint=N_("Write sqlite:///path/to/desk.db or postgresql://user@host/name."),
            field="database",
        ) from error
    name = address.get_backend_name()
    if name in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if name != "sqlite":
        raise Invalid(
            N_("{name} is not a database that a desk can stand on."),
            hint=N_("Write sqlite:///path/to/desk.db or postgresql://user@host/name."),
            field="database",
            name=name,
        )
    if not address.database or address.database == ":memory:":
        raise Invalid(N_("The database address names no file."), hint=N_("Write sqlite:///path/to/desk.db."))
    return address.set(drivername="sqlite", database=os.path.abspath(os.path.expanduser(address.database)))


def sqlite_path(url: str | URL) -> Path:
    """Return the file of an SQLite address."""
    return Path(parse_url(url).database or "")


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Tell whether this SQLite may share a WAL database between processes.

    Versions from 3.7.0 can corrupt one (the WAL-reset bug); mended in 3.51.3, 3.50.7 and 3.44.6: sqlite.org/wal.html.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def database_clock_offset(engine: Engine, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> timedelta:
    """Return by how much the database's clock is ahead of ours, good to half the round trip; zero for SQLite."""
    if engine.dialect.name == "sqlite":
        return timedelta(0)
    best: tuple[timedelta, timedelta] | None = None
    with engine.connect() as connection:
        for _ in range(3):
            before = now()
            theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            after = now()
            sample = (after - before, theirs - (before + (after - before) / 2))
            best = min(best, sample) if best else sample
    assert best is not None
    return best[1]


# SQLite ---------------------------------------------------------------------------------------------------------------


class _SqliteDesk:
    """One SQLite file: how each connection to it is made, and the claim that this process holds on it.

    The claim is a lock on a file beside the desk: shared by all who use it, exclusive for restore, migration and single
    use. It is never on the desk itself, since closing that file anywhere in the process drops SQLite's own locks.
    """

    def __init__(self, path: Path, journal: str, *, alone: bool, foreign_keys: bool) -> None:
        self.path, self.journal, self.alone = path, journal, alone
        self.pragmas = (*_PRAGMAS, f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        self.claim: int | None = None

    def connect(self, *_: object) -> sqlite3.Connection:
        """Open the file, which must be a desk, and give the connection its settings."""
        self._require_desk_file()
        if self.claim is None:
            self.claim = claim_file(self.path, alone=self.alone)
        try:
            connection = sqlite3.connect(
                f"{self.path.as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                timeout=BUSY_TIMEOUT.total_seconds(),
                check_same_thread=False,
                cached_statements=512,
            )
            try:
                self._settle(connection)
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            raise translate(error) from error
        return connection

    def begin(self, connection: Connection) -> None:
        """Begin a transaction on the file that stands there now: one that was taken away would swallow every write."""
        self._require_desk_file()
        info, there = connection.connection.info, self.path.stat().st_ino
        if info.setdefault("inode", there) != there:
            connection.invalidate()
            raise Unreachable(
                N_("The desk's file {path} was exchanged; it is opened again."), hint=N_("Try again."), path=self.path
            )
        _begin_sqlite(connection)

    def release(self, *_: object) -> None:
        """Let others claim the desk again."""
        if self.claim is not None:
            os.close(self.claim)
            self.claim = None

    def _require_desk_file(self) -> None:
        try:
            size = self.path.stat().st_size
        except OSError as error:
            raise Unreachable(
                N_("There is no desk at {path}: {reason}."),
                hint=N_("Run `deskapp init` to make one, or name another with --db."),
                path=self.path,
                reason=(error.strerror or "").lower(),
            ) from error
        if size == 0:
            raise Unreachable(
                N_("{path} is an empty file, not a desk."),
                hint=N_("Remove it and run `deskapp init`, or restore a backup with `deskapp restore`."),
                path=self.path,
            )

    def _settle(self, connection: sqlite3.Connection) -> None:
        for pragma in self.pragmas:
            connection.execute(pragma)
        if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
            raise Unreachable(
                N_("{path} is a database, but not a desk."), hint=N_("Name another file with --db."), path=self.path
            )
        journal = connection.execute("PRAGMA journal_mode").fetchone()[0].upper()
        if journal == "WAL" != self.journal and not self._leave_wal(connection):
            raise Unreachable(
                N_("{path} is in use in WAL mode, which SQLite {version} may damage."),
                hint=N_("Close the other programs that use it, or run deskapp with SQLite 3.51.3 or newer."),
                path=self.path,
                version=sqlite3.sqlite_version,
            )
        if journal != self.journal:
            connection.execute(f"PRAGMA journal_mode={self.journal}")

    def _leave_wal(self, connection: sqlite3.Connection) -> bool:
        try:
            return bool(connection.execute("PRAGMA journal_mode=TRUNCATE").fetchone()[0].upper() == "TRUNCATE")
        except sqlite3.OperationalError as error:
            if is_busy(error):
                return False
            raise


def claim_file(path: Path, *, alone: bool) -> int:
    """Lock the desk's claim file, shared or alone, and return its descriptor; closing that gives the claim up.

    Raises Unreachable when another process holds a claim that excludes this one.
    """
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    file = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, mode)
    except OSError:
        # A folder that we cannot write to: others who can have made the file, or there is nobody to exclude.
        descriptor = os.open(file if file.exists() else path.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise Unreachable(
            N_("Somebody else has {path} open.") if alone else N_("{path} is claimed by one program alone."),
            hint=N_("Close the other deskapp programs that use it, then try again."),
            path=path,
        ) from error
    return descriptor


def _create_file(path: Path) -> None:
    """Make an SQLite file that only its owner can read, marked as a desk. Raises Conflict when something is there."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError as error:
        raise Conflict(
            N_("There is something at {path} already."), hint=N_("Name another file with --db."), path=path
        ) from error
    except OSError as error:
        raise translate(error) from error
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        finally:
            connection.close()
    except sqlite3.Error as error:
        path.unlink(missing_ok=True)
        raise translate(error) from error


def _begin_sqlite(connection: Connection) -> None:
    statement = "BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN"
    # Straight to the driver: an execution through SQLAlchemy costs ten times the statement itself.
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.execute(statement)
    except sqlite3.Error as error:
        raise OperationalError(statement, None, error) from error


# PostgreSQL -----------------------------------------------------------------------------------------------------------


def _postgres_arguments(address: URL, session: dict[str, str]) -> dict[str, Any]:
    options = " ".join(f"-c {name}={value}" for name, value in session.items())
    given = address.query
    wanted = {
        "connect_timeout": int(CONNECT_TIMEOUT.total_seconds()),
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "application_name": "deskapp",
        "client_encoding": "utf8",
    }
    # What the address says wins: it is the administrator's.
    return {name: value for name, value in wanted.items() if name not in given} | {
        "options": f"{options} {given.get('options', '')}".strip()
    }


def _check_postgres(connection: Any, _record: object) -> None:
    """Refuse a server that forgets commits or cannot store Chinese."""
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise Unreachable(
            N_("The database stores text as {encoding}, which cannot hold every name."),
            hint=N_("Make the database with ENCODING 'UTF8'."),
            encoding=encoding,
        )
    (commit,) = connection.execute("SELECT current_setting('synchronous_commit')").fetchone()
    connection.rollback()
    if commit == "off":
        raise Unreachable(
            N_("The database has synchronous_commit = off: after a crash of the server, saved changes would be gone."),
            hint=N_("Set synchronous_commit = on for this role, database or server."),
        )
