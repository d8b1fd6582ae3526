"""Write many rows at once, as imports do: a statement for a table, numbers taken in one piece."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert, update
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
