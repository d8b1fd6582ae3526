"""Write many rows at once, as imports do: a statement for a table, numbers taken in one piece."""

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Dialect, Insert, Update, bindparam, insert, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from deskapp.models.audit import Counter
from deskapp.models.base import table

_counter = table(Counter).c
_TAKE = (
    update(table(Counter))
    .where(_counter.name == bindparam("series"))
    .values(value=_counter.value + bindparam("count"))
    .returning(_counter.value)
)


@contextmanager
def collector_held() -> Iterator[None]:
    """Hold the collector of cycles: it would look through a million new objects again and again, none of them waste."""
    held = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if held:
            gc.enable()


def take_numbers(session: Session, series: str, count: int) -> int:
    """Take `count` numbers of a series and return the first; 0 only holds the series until commit.

    Take it before looking what is there: of two who write the same, the second then sees what the first wrote.
    """
    connection = session.connection()
    last = connection.execute(_TAKE, {"series": series, "count": count}).scalar()
    if last is None:
        connection.execute(insert(table(Counter)), {"name": series, "value": count})
        last = count
    return int(last) - count + 1


def insert_values(session: Session, model: type[SQLModel], values: Sequence[Mapping[str, Any]]) -> None:
    """Insert new rows of one table with one statement, every column given."""
    if values:
        session.connection().execute(insert(table(model)), list(values))


def insert_rows(session: Session, rows: Sequence[SQLModel]) -> None:
    """Insert new row objects of one table with one statement."""
    if rows:
        names: list[str] = [column.name for column in table(type(rows[0])).columns]
        insert_values(session, type(rows[0]), [{name: getattr(row, name) for name in names} for row in rows])


def execute_many(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run one statement for many rows, each with the same names.

    On SQLite the values go to the driver as they are stored: turning each by its column's type costs several times
    what the database itself takes. Values are text, numbers, None, instants, ids, and lists or mappings for JSON.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        connection.execute(statement, list(rows))
        return
    written, order = _compiled(statement, connection.dialect, tuple(rows[0]))
    connection.exec_driver_sql(written, [tuple([_stored(row[name]) for name in order]) for row in rows])


@lru_cache(maxsize=64)
def _compiled(statement: Insert | Update, dialect: Dialect, names: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The text of a statement and the order of its values; compiling takes longer than writing one row."""
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    return str(compiled), tuple(compiled.positiontup or ())


def _stored(value: Any) -> Any:
    """A value as SQLite keeps it."""
    change = _AS_STORED.get(type(value))
    return value if change is None else change(value)


def _instant(at: datetime) -> str:
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(" ", "microseconds")[:26]


_AS_STORED: dict[type, Callable[[Any], Any]] = {
    UUID: attrgetter("hex"), datetime: _instant, list: json.dumps, dict: json.dumps,
}  # fmt: skip
