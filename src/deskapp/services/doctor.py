"""What is wrong with this machine or desk, and how to mend it: a list of checks as data."""

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.services.terminal import Terminal
from deskapp.settings import Settings
from deskapp.store.engine import database_clock_offset, open_engine, parse_url, sqlite_path, translate, wal_is_safe
from deskapp.store.migrate import require_current, schema_state

PYTHON = (3, 11)
POSTGRES = 130000
NETWORK = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ncpfs",
    "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.ceph", "fuse.davfs",
)  # fmt: skip
LITTLE, VERY_LITTLE = 1_000_000_000, 100_000_000
CLOCK_TOLERANCE = timedelta(seconds=2)
SMALLEST = (80, 24)


class State(StrEnum):
    """How a check came out: nothing to do, worth mending, cannot work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: a stable id for scripts, what was found, and how to mend it (empty when it is well)."""

    id: str
    state: State
    what: str
    mend: str = ""


def examine(
    settings: Settings,
    terminal: Terminal,
    now: datetime,
    *,
    environ: Mapping[str, str] = os.environ,
    unconfirmed: Mapping[str, Iterable[int]] | None = None,
    deep: bool = False,
) -> tuple[Check, ...]:
    """Run every check. `unconfirmed` names the calendars with the years whose holidays are a forecast.

    `deep` reads a whole SQLite desk. Nothing is changed, and nothing raises: what fails is a check that failed.
    """
    return tuple(
        [
            *_program(),
            *_paths(settings),
            *_desk(settings, now, deep=deep),
            *_screen(terminal),
            *_locale(settings, environ),
            *_calendars(unconfirmed or {}, now),
        ]
    )


def worst(checks: Iterable[Check]) -> State:
    """Return the worst state among the checks."""
    order = [State.OK, State.WARN, State.FAIL]
    return max((check.state for check in checks), key=order.index, default=State.OK)


# Program --------------------------------------------------------------------------------------------------------------


def _program(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Iterator[Check]:
    shown = ".".join(map(str, version))
    if version < PYTHON:
        yield Check(
            "python", State.FAIL, _("Python {version}").format(version=shown), _("Install Python 3.11 or newer.")
        )
    else:
        yield Check("python", State.OK, _("Python {version}").format(version=shown))
    yield from _packages()
    yield from _sqlite(sqlite3.sqlite_version_info)


def _packages() -> Iterator[Check]:
    try:
        wanted = [line.split(";")[0] for line in metadata.requires("deskapp") or [] if "extra ==" not in line]
    except metadata.PackageNotFoundError:
        yield Check(
            "packages",
            State.WARN,
            _("deskapp runs from its source, without being installed."),
            _("Run `make run`, or install the wheel with pipx."),
        )
        return
    names = ["".join(c if c.isalnum() or c in "-_." else " " for c in line).split()[0] for line in wanted]
    missing = [name for name in names if not _version(name)]
    if missing:
        yield Check(
            "packages",
            State.FAIL,
            _("Packages are missing: {names}.").format(names=", ".join(missing)),
            _("Install deskapp again: `pipx reinstall deskapp`, or `make clean run` in its source."),
        )
    else:
        told = ", ".join(f"{name} {_version(name)}" for name in ("textual", "sqlmodel", "sqlalchemy"))
        yield Check("packages", State.OK, _("{count} packages: {names}").format(count=len(names), names=told))


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _sqlite(version: tuple[int, ...]) -> Iterator[Check]:
    told = _("SQLite {version}").format(version=".".join(map(str, version)))
    memory = sqlite3.connect(":memory:")
    try:
        memory.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
    except sqlite3.Error:
        yield Check(
            "sqlite",
            State.FAIL,
            _("{sqlite} has no full-text search (FTS5).").format(sqlite=told),
            _("Use a Python whose SQLite has FTS5, as those of python.org and of the distributions have."),
        )
        return
    finally:
        memory.close()
    if wal_is_safe(version):
        yield Check("sqlite", State.OK, told)
    else:
        yield Check(
            "sqlite",
            State.WARN,
            _("{sqlite} may damage a WAL database that several programs share; deskapp uses TRUNCATE instead.").format(
                sqlite=told
            ),
            _("Nothing has to be done; SQLite 3.51.3 or newer is quicker with many agents on one file."),
        )


# Files ----------------------------------------------------------------------------------------------------------------


def _paths(settings: Settings) -> Iterator[Check]:
    told = _("settings {file}, drafts and logs {state}").format(file=settings.file, state=settings.desk_state)
    folder = _existing(settings.desk_state)
    if os.access(folder, os.W_OK | os.X_OK):
        yield Check("paths", State.OK, told)
    else:
        yield Check(
            "paths",
            State.FAIL,
            _("Drafts and logs cannot be written to {folder}.").format(folder=folder),
            _("Make the folder yours, or name another with `state` in the settings or DESKAPP_STATE."),
        )
    yield from _room("disk.state", folder)
    if settings.file.exists() and urlsplit(settings.database).password:
        yield from _private("settings.private", settings.file)


def _existing(path: Path) -> Path:
    return next(folder for folder in [path, *path.parents] if folder.exists())


def _private(name: str, file: Path) -> Iterator[Check]:
    mode = file.stat().st_mode & 0o777
    told = _("{file} has the permissions {mode:04o}").format(file=file, mode=mode)
    if mode & 0o007:
        yield Check(
            name,
            State.FAIL,
            _("{told}: everybody on this machine can open it.").format(told=told),
            f"chmod 600 {file}",
        )
    elif mode & 0o070:
        yield Check(
            name,
            State.WARN,
            _("{told}: its group can open it without deskapp.").format(told=told),
            f"chmod 600 {file}",
        )
    else:
        yield Check(name, State.OK, told)


def _room(name: str, folder: Path) -> Iterator[Check]:
    free = shutil.disk_usage(folder).free
    told = _("{free:,} MB free at {folder}").format(free=free // 1_000_000, folder=folder)
    if free >= LITTLE:
        yield Check(name, State.OK, told)
    else:
        yield Check(name, State.FAIL if free < VERY_LITTLE else State.WARN, told, _("Free some space."))


def file_system(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds a path, from the text of /proc/self/mountinfo; empty if unknown."""
    real, found, best = os.path.realpath(path), "", -1
    for line in mounts.splitlines():
        left, dash, right = line.partition(" - ")
        parts = left.split(" ")
        if not dash or len(parts) < 5:
            continue
        point = parts[4].encode().decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            found, best = right.split(" ")[0], len(point)
    return found


def _file_system(path: Path) -> Iterator[Check]:
    try:
        kind = file_system(path, Path("/proc/self/mountinfo").read_text("utf-8", "replace"))
    except OSError:
        kind = ""
    if not kind:
        return
    told = _("{path} is on {kind}").format(path=path, kind=kind)
    if kind in NETWORK:
        yield Check(
            "filesystem",
            State.FAIL,
            _("{told}, a network file system: SQLite loses changes there.").format(told=told),
            _("Move the desk to a disk of this machine, or use PostgreSQL."),
        )
    else:
        yield Check("filesystem", State.OK, told)


# Desk -----------------------------------------------------------------------------------------------------------------


def _desk(settings: Settings, now: datetime, *, deep: bool) -> Iterator[Check]:
    try:
        address = parse_url(settings.database)
        if address.get_backend_name() == "sqlite":
            path = sqlite_path(address)
            yield from _file_system(_existing(path))
            if path.exists():
                yield from _private("desk.private", path)
                yield from _room("disk.desk", path.parent)
        engine = open_engine(address)
    except DeskError as error:
        yield _failed("database", error)
        return
    try:
        yield from _database(engine, now, deep=deep)
    finally:
        engine.dispose()


def _database(engine: Engine, now: datetime, *, deep: bool) -> Iterator[Check]:
    address = engine.url.render_as_string(hide_password=True)
    try:
        if engine.dialect.name == "sqlite":
            yield from _sqlite_desk(engine, address, deep=deep)
        else:
            yield from _postgres_desk(engine, address, now)
        state = schema_state(engine)
        require_current(engine)
        yield Check("schema", State.OK, _("The tables are of revision {revision}.").format(revision=state.revision))
    except DBAPIError as error:
        yield _failed("database", translate(error))
    except DeskError as error:
        yield _failed("schema" if "revision" in error.values or "empty" in error.template else "database", error)


def _failed(name: str, error: DeskError) -> Check:
    return Check(name, State.FAIL, str(error), error.hint)


def _sqlite_desk(engine: Engine, address: str, *, deep: bool) -> Iterator[Check]:
    with engine.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        yield Check("database", State.OK, _("{address} ({journal} journal)").format(address=address, journal=journal))
        found = connection.exec_driver_sql(f"PRAGMA {'integrity_check' if deep else 'quick_check'}(1)").scalar_one()
    if found == "ok":
        yield Check(
            "integrity", State.OK, _("Every page was read and is whole.") if deep else _("The pages are whole.")
        )
    else:
        mend = _("Close deskapp and restore the last backup with `deskapp restore`.")
        yield Check("integrity", State.FAIL, _("The desk is damaged: {found}").format(found=found), mend)


def _postgres_desk(engine: Engine, address: str, now: datetime) -> Iterator[Check]:
    names = ("server_version", "server_version_num", "server_encoding", "synchronous_commit", "fsync", "is_superuser")
    query = text("SELECT " + ", ".join(f"current_setting('{name}') AS {name}" for name in names))
    with engine.connect() as connection:
        told = connection.execute(query).mappings().one()
    yield Check("database", State.OK, f"{address} (PostgreSQL {told['server_version']})")
    if int(told["server_version_num"]) < POSTGRES:
        yield Check(
            "postgresql", State.WARN, _("deskapp is tested on PostgreSQL 13 and newer."), _("Update the server.")
        )
    yield Check(
        "postgresql.encoding", State.OK, _("The database stores {encoding}.").format(encoding=told["server_encoding"])
    )
    commit = _("synchronous_commit = {commit}, fsync = {fsync}").format(
        commit=told["synchronous_commit"], fsync=told["fsync"]
    )
    if told["fsync"] == "off":
        mend = _("Set fsync = on: after a power cut the desk would be lost.")
        yield Check("postgresql.durable", State.FAIL, commit, mend)
    else:
        yield Check("postgresql.durable", State.OK, commit)
    if told["is_superuser"] == "on":
        yield Check(
            "postgresql.role",
            State.WARN,
            _("You are connected as a superuser: no row-level security holds."),
            _("Give each agent a role of their own: see the administrator's guide."),
        )
    offset = database_clock_offset(engine)
    told_offset = _("The server's clock is {seconds:+.1f} s from this machine's.").format(
        seconds=offset.total_seconds()
    )
    if abs(offset) > CLOCK_TOLERANCE:
        yield Check("clock", State.WARN, told_offset, _("Let both machines keep their time by NTP."))
    else:
        yield Check("clock", State.OK, told_offset)


# Terminal, language, calendars ----------------------------------------------------------------------------------------


def _screen(terminal: Terminal) -> Iterator[Check]:
    if not terminal.interactive:
        yield Check(
            "terminal", State.WARN, _("This is no terminal."), _("Run deskapp in a terminal to see how it is there.")
        )
        return
    told = _("{kind}, {columns} × {rows}, {colours:,} colours").format(
        kind=terminal.kind or "?", columns=terminal.columns, rows=terminal.rows, colours=terminal.colours
    )
    small = terminal.columns < SMALLEST[0] or terminal.rows < SMALLEST[1]
    if terminal.kind in ("", "dumb"):
        yield Check("terminal", State.FAIL, told, _("Set TERM to what your terminal is, for example xterm-256color."))
    elif small or terminal.colours < 16:
        yield Check("terminal", State.WARN, told, _("Make the window at least 80 × 24, in a terminal with 16 colours."))
    else:
        yield Check("terminal", State.OK, told)
    if not terminal.utf8:
        yield Check(
            "terminal.utf8",
            State.FAIL,
            _("The terminal's encoding is {encoding}, not UTF-8.").format(encoding=terminal.encoding),
            _("Set LANG to a UTF-8 locale such as C.UTF-8 or zh_CN.UTF-8."),
        )
    if terminal.wide is not None:
        width = _("The character 中 takes {columns} columns, → takes {narrow}.").format(
            columns=terminal.wide, narrow=terminal.ambiguous
        )
        if terminal.wide != 2:
            yield Check("terminal.width", State.FAIL, width, _("Use a terminal that shows Chinese in two columns."))
        elif terminal.ambiguous != 1:
            mend = _("Set ambiguous characters to narrow in the terminal, or `ascii = true` in the settings.")
            yield Check("terminal.width", State.WARN, width, mend)
        else:
            yield Check("terminal.width", State.OK, width)


def _locale(settings: Settings, environ: Mapping[str, str]) -> Iterator[Check]:
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    told = _("locale {locale}, language {language}").format(locale=locale, language=settings.language)
    if "utf8" in locale.lower().replace("-", "") or sys.flags.utf8_mode:
        yield Check("locale", State.OK, told)
    else:
        yield Check("locale", State.WARN, told, _("Set LANG to a UTF-8 locale such as C.UTF-8 or zh_CN.UTF-8."))
    zone = settings.time_zone or "Etc/UTC"
    try:
        ZoneInfo(zone)
        yield Check(
            "time-zone", State.OK, _("time zone {zone}").format(zone=settings.time_zone or _("of this machine"))
        )
    except (KeyError, OSError, ValueError):
        mend = _("Install the package tzdata.")
        yield Check("time-zone", State.FAIL, _("There is no time zone data for {zone}.").format(zone=zone), mend)


def _calendars(unconfirmed: Mapping[str, Iterable[int]], now: datetime) -> Iterator[Check]:
    """This year must be confirmed; the next one too once it is near, since promises reach into it."""
    for name, years in sorted(unconfirmed.items()):
        near = {now.year} | ({now.year + 1} if now.month >= 11 else set())
        open_years = sorted(near & set(years))
        if open_years:
            yield Check(
                f"calendar.{name}",
                State.WARN,
                _("Calendar {name}: the public holidays of {years} are a forecast.").format(
                    name=name, years=", ".join(map(str, open_years))
                ),
                _("Enter the announced days, then confirm the year."),
            )
        else:
            yield Check(f"calendar.{name}", State.OK, _("Calendar {name} is confirmed.").format(name=name))
