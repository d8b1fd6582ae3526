"""What every table shares: names of constraints, client-made ids, closed words, text that sorts the same everywhere."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Enum, ForeignKey, String, Table, event
from sqlmodel import Field, SQLModel

from deskapp.domain.ids import uuid7

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# Table models do not validate: building a validator for each would be a fifth of the time that importing them takes.
SQLModel.model_config["defer_build"] = True


@event.listens_for(ForeignKey, "after_parent_attach")
def _defer(key: ForeignKey, _parent: object) -> None:
    """Check foreign keys at commit: a unit of work writes its rows in any order."""
    key.deferrable, key.initially = True, "DEFERRED"


class Identified(SQLModel):
    """A row whose id the client made: writing it twice is the same as once."""

    id: UUID = Field(default_factory=uuid7, primary_key=True)


class Versioned(Identified):
    """A row that people edit: `version` goes up by one with each change, so no change is lost silently."""

    version: int = 1


def word(kind: type[StrEnum]) -> Any:
    """Column type of a closed word: its value as text, never a native enum.

    Another word is refused before it is sent, and on reading. The database has no CHECK: a new word in a release would
    need every table rebuilt on SQLite, and who can send SQL by hand can do worse than a wrong word.
    """
    return Enum(
        kind, native_enum=False, values_callable=lambda e: [m.value for m in e], length=24, validate_strings=True
    )


def code(length: int) -> Any:
    """Column type of text that is compared by prefix: byte order on both databases, so that an index serves it."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def only(condition: str) -> dict[str, str]:
    """What an index keeps to itself: it holds the rows of this condition alone (SQL that both databases read).

    `deskapp.models.tables` gives it to the databases. Told to the index directly, it would have each start of the app
    import the PostgreSQL dialect, a tenth of what SQLAlchemy takes, on a SQLite desk as well.
    """
    return {"only": condition}


def table(model: type[SQLModel]) -> Table:
    """The table behind a model: queries name its columns, since the model's attributes are typed as values."""
    found: Table = model.__table__  # type: ignore[attr-defined]
    return found
