"""Brings a desk's tables to the schema of this deskapp: all or nothing, after a backup, on both databases.

Revisions are the files `NNNN_what.py` of `migrations/versions`, in the wheel `deskapp/_migrations`. Alembic is imported
only when something is to be done: `schema_state`, which every start asks, reads one row and a folder's listing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from deskapp.domain.errors import Conflict, DeskError, Unreachable
from deskapp.domain.i18n import N_
from deskapp.store.engine import open_engine, parse_url, sqlite_path, translate, writing
from deskapp.store.faults import is_missing_table

if TYPE_CHECKING:
    from alembic.config import Config

ADVISORY_LOCK = int.from_bytes(b"deskmigr")
"""PostgreSQL's advisory lock that one migration holds against another."""


class Schema(StrEnum):
    """How a desk's tables stand to this deskapp."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """The revision a desk is at (empty: none), and the one that this deskapp works with."""

    schema: Schema
    revision: str
    head: str


@dataclass(frozen=True, slots=True)
class Upgrade:
    """What an upgrade did: from which revision (empty: none) to which; where the backup is."""

    before: str
    after: str
    backup: Path | None = None


class BrokenMigration(DeskError):
    """A migration would have lost rows or left references to nothing; it was taken back."""


def migrations_folder() -> Path:
    """Return the folder of the revisions, in the wheel or in the source tree."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "_migrations"
    return shipped if shipped.is_dir() else package.parent.parent / "migrations"


@cache
def revisions() -> tuple[str, ...]:
    """Return every revision that this deskapp knows, oldest first."""
    names = (path.name for path in (migrations_folder() / "versions").iterdir())
    return tuple(sorted(match[1] for name in names if (match := re.fullmatch(r"(\d{4})_\w+\.py", name))))


def head() -> str:
    """Return the newest revision that this deskapp knows; empty while there is none."""
    return revisions()[-1] if revisions() else ""


def schema_state(engine: Engine) -> SchemaState:
    """Tell how the desk's tables stand to this deskapp, with one short read. Raises DeskError when it cannot."""
    try:
        with engine.connect() as connection:
            return _state(_revision(connection))
    except DBAPIError as error:
        if is_missing_table(error):
            return _state("")
        raise translate(error) from error


def require_current(engine: Engine) -> None:
    """Raise Unreachable, with the next step, unless the desk's tables are those that this deskapp works with."""
    state = schema_state(engine)
    if state.schema is Schema.NEWER:
        raise _newer(state)
    if state.schema is Schema.EMPTY:
        raise Unreachable(
            N_("The database is empty: there is no desk in it yet."), hint=N_("Run `deskapp init` to make one.")
        )
    if state.schema is Schema.OLDER:
        raise Unreachable(
            N_("The desk's tables are of revision {revision}; this deskapp needs {head}."),
            hint=N_("Run `deskapp db upgrade`: it makes a backup first."),
            revision=state.revision,
            head=state.head,
        )


def upgrade(
    url: str | URL,
    *,
    to: str = "",
    backup: Callable[[Engine, SchemaState], Path | None] | None = None,
) -> Upgrade:
    """Bring the desk to revision `to` (the newest) in one transaction; an error leaves it exactly as it was.

    `backup` is called first when the desk has tables; it returns the file it made. On SQLite nobody else may have the
    desk open. Raises Unreachable for a desk of a newer deskapp and for one in use, Conflict for a database with tables
    that are not known to be a desk's, BrokenMigration when rows or references would be lost.
    """
    engine = open_engine(url, migrating=True)
    try:
        before = schema_state(engine)
        target = to or before.head
        if before.schema is Schema.NEWER:
            raise _newer(before)
        if before.revision >= target:
            return Upgrade(before.revision, before.revision)
        made = backup(engine, before) if backup and before.revision else None
        with writing(engine).begin() as connection:
            run_revisions(connection, target)
        return Upgrade(before.revision, target, made)
    except DBAPIError as error:
        raise translate(error) from error
    finally:
        engine.dispose()


def create(url: str | URL) -> Upgrade:
    """Make a new desk: the SQLite file, or the tables in an existing PostgreSQL database. Raises Conflict, Unreachable.

    A file that could not be finished is removed again.
    """
    address = parse_url(url)
    if address.get_backend_name() != "sqlite":
        return upgrade(address)
    open_engine(address, create=True).dispose()
    try:
        return upgrade(address)
    except BaseException:
        sqlite_path(address).unlink(missing_ok=True)
        raise


def alembic_config(connection: Connection) -> "Config":
    """Return Alembic's configuration for this connection: no ini file, the folder from the wheel or the source tree."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


# How a migration is kept from losing anything -------------------------------------------------------------------------


def run_revisions(connection: Connection, target: str) -> None:
    """Run the revisions up to `target` inside the caller's transaction, and look at the result before it is committed.

    Takes the connection of an engine opened with `migrating`. Raises Conflict, BrokenMigration.
    """
    from alembic import command
    from alembic.script import ScriptDirectory

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
    elif connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        # Alembic rebuilds a table by dropping it: with foreign keys on, ON DELETE CASCADE would empty its children.
        raise BrokenMigration(N_("A migration needs a connection with foreign keys off."))
    # Asked again: another migration may have been first.
    current = _revision(connection) if inspect(connection).has_table("alembic_version") else ""
    if current >= target:
        return
    _refuse_strangers(connection, current)
    config = alembic_config(connection)
    script = ScriptDirectory.from_config(config)
    steps: list[Any] = [step.module for step in script.iterate_revisions(target, current or "base")]
    may_change = frozenset[str]().union(*(getattr(step, "changes_rows", ()) for step in steps))
    before = row_counts(connection)
    command.upgrade(config, target)
    _require_rows(before, row_counts(connection), may_change)
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
        raise BrokenMigration(
            N_("The migration would leave rows of {table} pointing at nothing; the desk is as it was."),
            hint=N_("Please report this."),
            table=lost[0],
        )


def row_counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has, without Alembic's own and the search index's."""
    quote = connection.dialect.identifier_preparer.quote
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {quote(name)}").scalar_one()
        for name in names
        if not name.startswith("search_")
    }


def _require_rows(before: dict[str, int], after: dict[str, int], may_change: frozenset[str]) -> None:
    for table, rows in before.items():
        if table not in may_change and after.get(table) != rows:
            raise BrokenMigration(
                N_("The migration would turn {before} rows of {table} into {after}; the desk is as it was."),
                hint=N_("Please report this."),
                table=table,
                before=rows,
                after=after.get(table, 0),
            )


def _refuse_strangers(connection: Connection, current: str) -> None:
    names = inspect(connection).get_table_names()
    if not current and (strange := sorted(set(names) - {"alembic_version"})):
        raise Conflict(
            N_("The database has tables already ({tables}), but no desk."),
            hint=N_("Use an empty database, or restore a backup with `deskapp restore`."),
            tables=", ".join(strange[:3]),
        )


def _revision(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def _state(revision: str) -> SchemaState:
    known = revisions()
    if not revision:
        return SchemaState(Schema.EMPTY, "", head())
    if revision not in known:
        return SchemaState(Schema.NEWER, revision, head())
    return SchemaState(Schema.CURRENT if revision == head() else Schema.OLDER, revision, head())


def _newer(state: SchemaState) -> Unreachable:
    return Unreachable(
        N_("The desk's tables are of revision {revision}, made by a newer deskapp; this one knows {head}."),
        hint=N_("Update deskapp. Nothing was changed."),
        revision=state.revision,
        head=state.head,
    )
