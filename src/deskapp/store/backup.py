"""Backups that are read back before they count, and restoring them: one archive with a manifest, on both databases.

The archive is a zip: `manifest.json`, and either `desk.db` (a snapshot made while people work) or one `COPY` text of
each table of PostgreSQL, all of one moment. No program of the database server is needed.
"""

import hashlib
import json
import os
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from deskapp import __version__
from deskapp.domain.errors import Conflict, DeskError, Invalid, Unreachable
from deskapp.domain.i18n import N_
from deskapp.store.engine import claim_file, open_engine, parse_url, sqlite_path, translate, writing
from deskapp.store.migrate import revisions, row_counts, run_revisions, schema_state

FORMAT = 1
SNAPSHOT = "desk.db"
_CHUNK = 1 << 20
_STEP_PAGES = 2_000
_RESTARTS = 3

Anchor = Callable[[Connection], Mapping[str, object]]
"""Reads what the audit ledger stands at; the manifest carries it off the machine."""


class BadBackup(DeskError):
    """An archive that is not whole, or not what it says it is."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds: database kind, schema revision, rows of each table, the ledger's head, its files' hashes.

    `made_at` is ISO 8601 in UTC. `sequences` are PostgreSQL's, with their last values.
    """

    kind: str
    schema: str
    made_at: str
    rows: dict[str, int]
    files: dict[str, str]
    audit_head: dict[str, object]
    sequences: dict[str, int]
    app_version: str = __version__
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: what came back, and where the desk that stood there before was put."""

    manifest: Manifest
    kept: Path | None = None


def write_backup(engine: Engine, target: Path, *, now: datetime, anchor: Anchor | None = None) -> Manifest:
    """Write a backup of the desk to a new file that only its owner can read; people may go on working meanwhile.

    The file is read back and compared before it gets its name. Raises Conflict when there is a file, DeskError when the
    desk cannot be read or the file not written.
    """
    if target.exists():
        raise Conflict(
            N_("There is something at {path} already."), hint=N_("Name another file for the backup."), path=target
        )
    schema = schema_state(engine).revision
    if not schema:
        raise Unreachable(N_("There is no desk here to back up."), hint=N_("Check the address of the database."))
    write = _write_sqlite if engine.dialect.name == "sqlite" else _write_postgres
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _private(part) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            manifest = write(engine, archive, schema, now.isoformat(), anchor or (lambda _: {}), part)
            archive.writestr("manifest.json", json.dumps(asdict(manifest), indent=1, ensure_ascii=False))
        verify_backup(part)
        os.replace(part, target)
        _sync_folder(target.parent)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise translate(error) from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """Return what a backup says of itself. Raises BadBackup, Unreachable."""
    try:
        with zipfile.ZipFile(path) as archive:
            told = json.loads(archive.read("manifest.json"))
        if told.get("format") != FORMAT:
            raise BadBackup(
                N_("{path} is a backup of another kind (format {format})."),
                hint=N_("Restore it with the deskapp that made it, or update deskapp."),
                path=path,
                format=told.get("format"),
            )
        return Manifest(**told)
    except OSError as error:
        raise translate(error) from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError) as error:
        raise _damaged(path) from error


def verify_backup(path: Path) -> Manifest:
    """Read the whole backup and return its manifest. Raises BadBackup unless every byte is as it was written."""
    manifest = read_manifest(path)
    try:
        with zipfile.ZipFile(path) as archive:
            if set(archive.namelist()) != {*manifest.files, "manifest.json"}:
                raise _damaged(path)
            for name, digest in manifest.files.items():
                with archive.open(name) as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                        raise _damaged(path)
    except OSError as error:
        raise translate(error) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged(path) from error
    return manifest


def restore(path: Path, url: str | URL, *, now: datetime, force: bool = False) -> Restored:
    """Put the desk of a backup at an address, all or nothing; nobody else may have it open.

    A desk that stands there is only replaced with `force`; on SQLite it is kept beside. The schema is that of the
    backup: `upgrade` brings it on. Raises Conflict, BadBackup, Invalid (other kind of database), Unreachable.
    """
    manifest = verify_backup(path)
    address = parse_url(url)
    if address.get_backend_name() != manifest.kind:
        raise Invalid(
            N_("The backup is of a desk on {kind}; the address names another kind of database."),
            hint=N_("Restore it to {kind}."),
            field="database",
            kind=manifest.kind,
        )
    if manifest.schema and manifest.schema not in revisions():
        raise Unreachable(
            N_("The backup was made by a newer deskapp ({version})."),
            hint=N_("Update deskapp. Nothing was changed."),
            version=manifest.app_version,
        )
    try:
        if manifest.kind == "sqlite":
            return Restored(manifest, _restore_sqlite(path, manifest, sqlite_path(address), now, force=force))
        _restore_postgres(path, manifest, address, force=force)
        return Restored(manifest)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise translate(error) from error


# SQLite ---------------------------------------------------------------------------------------------------------------


def _write_sqlite(
    engine: Engine, archive: zipfile.ZipFile, schema: str, made_at: str, anchor: Anchor, part: Path
) -> Manifest:
    snapshot = part.with_name(part.name + ".db")
    snapshot.unlink(missing_ok=True)
    try:
        with _private(snapshot):
            pass
        with closing(engine.raw_connection()) as pooled:
            driver: Any = pooled.dbapi_connection
            copy_live(driver, snapshot)
        copy = open_engine(str(snapshot))
        try:
            with copy.connect() as connection:
                _require_whole(connection, snapshot)
                rows, audit_head = row_counts(connection), dict(anchor(connection))
        finally:
            copy.dispose()
        files = {SNAPSHOT: _add(archive, SNAPSHOT, snapshot)}
    finally:
        for suffix in ("", ".lock", "-wal", "-shm", "-journal"):
            snapshot.with_name(snapshot.name + suffix).unlink(missing_ok=True)
    return Manifest("sqlite", schema, made_at, rows, files, audit_head, {})


class _Restless(Exception):
    """Writers start the copy again and again."""


def copy_live(source: sqlite3.Connection, snapshot: Path) -> None:
    """Copy the desk while people work: in steps, or at once where writers never leave it in peace."""
    least: int | None = None
    restarts = 0

    def watch(_status: int, remaining: int, _total: int) -> None:
        nonlocal least, restarts
        if least is not None and remaining >= least:
            restarts += 1
            if restarts > _RESTARTS:
                raise _Restless
        least = remaining

    with closing(sqlite3.connect(snapshot)) as copy:
        try:
            source.backup(copy, pages=_STEP_PAGES, progress=watch, sleep=0.002)
        except _Restless:
            source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def _restore_sqlite(path: Path, manifest: Manifest, target: Path, now: datetime, *, force: bool) -> Path | None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    claim = claim_file(target, alone=True)
    fresh = target.with_name(f".{target.name}.restoring")
    try:
        stands = target.exists() and target.stat().st_size > 0
        if stands and not force:
            raise _occupied(target)
        with zipfile.ZipFile(path) as archive, archive.open(SNAPSHOT) as source, _private(fresh) as stream:
            while chunk := source.read(_CHUNK):
                stream.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
        _check_snapshot(fresh, manifest)
        kept = target.with_name(f"{target.name}.before-restore-{now:%Y%m%dT%H%M%SZ}") if stands else None
        _set_aside(target, kept)
        os.replace(fresh, target)
        _sync_folder(target.parent)
        return kept
    finally:
        for suffix in ("", ".lock", "-wal", "-shm", "-journal"):
            fresh.with_name(fresh.name + suffix).unlink(missing_ok=True)
        os.close(claim)


def _check_snapshot(fresh: Path, manifest: Manifest) -> None:
    engine = open_engine(str(fresh))
    try:
        with engine.connect() as connection:
            _require_whole(connection, fresh)
            if row_counts(connection) != manifest.rows:
                raise _damaged(fresh)
    finally:
        engine.dispose()


def _set_aside(target: Path, kept: Path | None) -> None:
    """Keep the old desk with the journal that belongs to it: that journal must not be played into the new one."""
    for suffix in ("-journal", "-wal", "-shm"):
        side = target.with_name(target.name + suffix)
        if kept and side.exists():
            os.replace(side, kept.with_name(kept.name + suffix))
        else:
            side.unlink(missing_ok=True)
    if kept:
        os.replace(target, kept)


def _require_whole(connection: Connection, path: Path) -> None:
    if connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() != "ok":
        raise _damaged(path)
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise _damaged(path)


# PostgreSQL -----------------------------------------------------------------------------------------------------------


def _write_postgres(
    engine: Engine, archive: zipfile.ZipFile, schema: str, made_at: str, anchor: Anchor, _part: Path
) -> Manifest:
    moment = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    files: dict[str, str] = {}
    rows: dict[str, int] = {}
    with moment.connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        for table, columns in _tables(connection).items():
            name = f"tables/{table}.copy"
            digest, lines = hashlib.sha256(), 0
            with archive.open(name, "w", force_zip64=True) as stream:
                for chunk in _copy_out(connection, table, columns):
                    stream.write(chunk)
                    digest.update(chunk)
                    lines += chunk.count(b"\n")  # a newline inside a value is written as two characters
            files[name], rows[table] = digest.hexdigest(), lines
        sequences = {name: last for name, last in connection.execute(text(_SEQUENCES))}
        return Manifest("postgresql", schema, made_at, rows, files, dict(anchor(connection)), sequences)


_SEQUENCES = """
    SELECT sequencename::text, last_value FROM pg_sequences
    WHERE schemaname = current_schema() AND last_value IS NOT NULL"""

_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text AS owner, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"""


def _restore_postgres(path: Path, manifest: Manifest, address: URL, *, force: bool) -> None:
    engine = open_engine(address, migrating=True)
    quote = engine.dialect.identifier_preparer.quote
    try:
        with writing(engine).begin() as connection:
            others = connection.execute(text(_OTHERS)).scalar_one()
            if others:
                raise Unreachable(
                    N_("{count} other connections to the database are open."),
                    hint=N_("Close the other programs that use it, then try again."),
                    count=others,
                )
            if (tables := inspect(connection).get_table_names()) and not force:
                raise _occupied(address.database)
            for table in tables:
                connection.exec_driver_sql(f"DROP TABLE {quote(table)} CASCADE")
            run_revisions(connection, manifest.schema)
            _fill(connection, path, manifest)
            if row_counts(connection) != {name: rows for name, rows in manifest.rows.items() if _counted(name)}:
                raise _damaged(path)
    finally:
        engine.dispose()


_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""


def _fill(connection: Connection, path: Path, manifest: Manifest) -> None:
    """Load every table. Foreign keys are taken off meanwhile, so that any order will do, and checked at the end."""
    quote = connection.dialect.identifier_preparer.quote
    keys = connection.execute(text(_FOREIGN_KEYS)).all()
    for key in keys:
        connection.exec_driver_sql(f"ALTER TABLE {key.owner} DROP CONSTRAINT {key.name}")
    tables = _tables(connection)
    if set(tables) != set(manifest.rows):
        raise _damaged(path)
    with zipfile.ZipFile(path) as archive:
        for table, columns in tables.items():
            connection.exec_driver_sql(f"ALTER TABLE {quote(table)} DISABLE TRIGGER USER")
            connection.exec_driver_sql(f"TRUNCATE {quote(table)}")
            driver: Any = connection.connection.dbapi_connection
            load = f"COPY {quote(table)} ({_list(connection, columns)}) FROM STDIN"
            with archive.open(f"tables/{table}.copy") as stream, driver.cursor() as cursor, cursor.copy(load) as copy:
                while chunk := stream.read(_CHUNK):
                    copy.write(chunk)
            connection.exec_driver_sql(f"ALTER TABLE {quote(table)} ENABLE TRIGGER USER")
    for key in keys:
        connection.exec_driver_sql(f"ALTER TABLE {key.owner} ADD CONSTRAINT {key.name} {key.definition}")
    for sequence, value in manifest.sequences.items():
        connection.execute(text("SELECT setval(CAST(:name AS regclass), :value)"), {"name": sequence, "value": value})


def _tables(connection: Connection) -> dict[str, list[str]]:
    """Every table of the schema with its stored columns in a fixed order, without Alembic's own."""
    look = inspect(connection)
    return {
        table: sorted(column["name"] for column in look.get_columns(table) if "computed" not in column)
        for table in sorted(look.get_table_names())
        if table != "alembic_version"
    }


def _copy_out(connection: Connection, table: str, columns: list[str]) -> Iterator[bytes]:
    driver: Any = connection.connection.dbapi_connection
    quote = connection.dialect.identifier_preparer.quote
    dump = f"COPY {quote(table)} ({_list(connection, columns)}) TO STDOUT"
    with driver.cursor() as cursor, cursor.copy(dump) as copy:
        yield from (bytes(chunk) for chunk in copy)


def _list(connection: Connection, columns: list[str]) -> str:
    return ", ".join(connection.dialect.identifier_preparer.quote(column) for column in columns)


def _counted(table: str) -> bool:
    return not table.startswith("search_")


# Files ----------------------------------------------------------------------------------------------------------------


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that only its owner can read; it is on the disk when the block is left."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def _add(archive: zipfile.ZipFile, name: str, source: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as stream, archive.open(name, "w", force_zip64=True) as member:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            member.write(chunk)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(path: Path) -> BadBackup:
    return BadBackup(
        N_("The backup {path} is damaged: it is not what was written."), hint=N_("Use another backup."), path=path
    )


def _occupied(where: object) -> Conflict:
    return Conflict(
        N_("There is a desk at {path} already; restoring would replace it."),
        hint=N_("Give --force to replace it, or restore to another address."),
        path=where,
    )
