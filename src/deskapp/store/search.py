"""Full-text search that finds two-character Chinese words: an index of 2-grams, without an extension.

SQLite: an ordinary FTS5 table that holds the grams, its rowids named in `search_entry`. PostgreSQL: `text[]` with a GIN
index. Debian's SQLite finds nothing for `LIKE '%空调%'` in a trigram table, and pg_trgm makes no trigrams of Chinese in
a C locale: both were measured, both are silent.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, String, Uuid, bindparam, literal_column, select, text
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.sql import column
from sqlalchemy.sql import table as sql_table

from deskapp.store.engine import writing

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_LONGEST_WORD = 40
TICKET, ENTRY, CUSTOMER = "ticket", "entry", "customer"


def grams(words: str) -> list[str]:
    """Split text into what is indexed: a Chinese run into its 2-grams (a single character as it is), other words whole.

    Case, width and compatibility forms are folded, so full-width letters are found by plain ones.
    """
    found: list[str] = []
    for match in _RUN.finditer(unicodedata.normalize("NFKC", words).casefold()):
        run = match.group()
        if "\u3400" <= run[0] <= "\u9fff" or "\uf900" <= run[0] <= "\ufaff":
            found += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
        else:
            found.append(run[:_LONGEST_WORD])
    return found


# What migrations run; the index is no SQLModel table, since its form differs between the two databases.
CREATE: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE TABLE search_entry (id INTEGER PRIMARY KEY, kind VARCHAR(16) NOT NULL, object_id CHAR(32) NOT NULL)",
        "CREATE UNIQUE INDEX uq_search_entry_object ON search_entry (object_id, kind)",
        "CREATE VIRTUAL TABLE search_gram USING fts5(grams, tokenize = 'unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE search_entry (kind VARCHAR(16) NOT NULL, object_id UUID NOT NULL, grams TEXT[] NOT NULL,"
        " CONSTRAINT pk_search_entry PRIMARY KEY (object_id, kind))",
        "CREATE INDEX ix_search_entry_grams ON search_entry USING gin (grams)",
    ),
}
DROP: dict[str, tuple[str, ...]] = {
    "sqlite": ("DROP TABLE search_gram", "DROP TABLE search_entry"),
    "postgresql": ("DROP TABLE search_entry",),
}

_entry = sql_table("search_entry", column("id"), column("kind"), column("object_id", Uuid()), column("grams"))


# Built once: see store/uow.py.
_PUT = text(
    "INSERT INTO search_entry (kind, object_id, grams) VALUES (:kind, :id, :grams)"
    " ON CONFLICT (object_id, kind) DO UPDATE SET grams = excluded.grams"
).bindparams(bindparam("id", type_=Uuid()))
_DROP = text("DELETE FROM search_entry WHERE kind = :kind AND object_id = :id").bindparams(
    bindparam("id", type_=Uuid())
)
_ENTER = text("INSERT INTO search_entry (kind, object_id) VALUES (:kind, :id) RETURNING id").bindparams(
    bindparam("id", type_=Uuid())
)
_LEAVE = text("DELETE FROM search_entry WHERE kind = :kind AND object_id = :id RETURNING id").bindparams(
    bindparam("id", type_=Uuid())
)
_PUT_GRAMS = text("INSERT INTO search_gram (rowid, grams) VALUES (:row, :grams)")
_DROP_GRAMS = text("DELETE FROM search_gram WHERE rowid = :row")


def put(session: OrmSession, kind: str, object_id: UUID, words: Iterable[str], *, new: bool = False) -> None:
    """Index an object under its words, in place of what was indexed for it before (`new`: there is nothing yet)."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        found = list(dict.fromkeys(gram for part in words for gram in grams(part)))
        connection.execute(_PUT, {"kind": kind, "id": object_id, "grams": found})
        return
    if not new:
        remove(session, kind, object_id)
    row = connection.execute(_ENTER, {"kind": kind, "id": object_id}).scalar_one()
    connection.execute(_PUT_GRAMS, {"row": row, "grams": _phrase(words)})


_ENTER_AS = text("INSERT INTO search_entry (id, kind, object_id) VALUES (:row, :kind, :id)").bindparams(
    bindparam("id", type_=Uuid())
)
_LAST = text("SELECT coalesce(max(id), 0) FROM search_entry")


def put_all(session: OrmSession, kind: str, items: Iterable[tuple[UUID, Sequence[str]]]) -> None:
    """Index many new objects of a kind at once; the caller's transaction already writes, so no row number is lost."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        rows = [
            {"kind": kind, "id": key, "grams": list(dict.fromkeys(gram for part in words for gram in grams(part)))}
            for key, words in items
        ]
        if rows:
            connection.execute(_PUT, rows)
        return
    first = connection.execute(_LAST).scalar_one() + 1
    numbered = [(first + index, key, words) for index, (key, words) in enumerate(items)]
    if numbered:
        connection.execute(_ENTER_AS, [{"row": row, "kind": kind, "id": key} for row, key, _words in numbered])
        connection.execute(_PUT_GRAMS, [{"row": row, "grams": _phrase(words)} for row, _key, words in numbered])


# In this order, so that whoever wants the first few reads no further: an IN would gather all matches before.
_MATCHED = text("search_gram CROSS JOIN search_entry ON search_entry.id = search_gram.rowid")
_MATCHED_ID = literal_column("search_entry.object_id", Uuid())
_matched_kind = literal_column("search_entry.kind", String())


def remove(session: OrmSession, kind: str, object_id: UUID) -> None:
    """Take an object out of the index; `purge` removes its last traces from the file."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_DROP, {"kind": kind, "id": object_id})
        return
    row = connection.execute(_LEAVE, {"kind": kind, "id": object_id}).scalar()
    if row is not None:
        connection.execute(_DROP_GRAMS, {"row": row})


_MERGE = text("INSERT INTO search_gram (search_gram, rank) VALUES ('merge', :pages)")
_PAGES = 500


def purge(engine: Engine) -> None:
    """Merge the full-text index so that no removed word is left in its pages (SQLite keeps tombstones otherwise).

    In steps of some tenths of a second, so that others write in between: a million tickets take three seconds. A
    negative number of pages begins to merge everything into one (https://sqlite.org/fts5.html#the_merge_command).
    """
    if engine.dialect.name != "sqlite":
        return
    pages, changes = -_PAGES, 2
    while changes > 1:
        with writing(engine).begin() as connection:
            driver: Any = connection.connection.driver_connection
            before = driver.total_changes
            connection.execute(_MERGE, {"pages": pages})
            changes = driver.total_changes - before
        pages = _PAGES


def ids_matching(session: OrmSession, kind: str, words: str) -> Select[Any]:
    """Select the ids of objects of a kind that hold all of the words; nothing for words without a letter or digit."""
    found = grams(words)
    if session.connection().dialect.name == "postgresql":
        condition = text("search_entry.grams @> :grams").bindparams(bindparam("grams", found or ["\x01"]))
        return select(_entry.c.object_id).where(_entry.c.kind == kind, condition)
    query = " ".join(f'"{" ".join(grams(word))}"' for word in words.split() if grams(word)) or '"\x01"'
    condition = text("search_gram MATCH :query").bindparams(query=query)
    return select(_MATCHED_ID).select_from(_MATCHED).where(_matched_kind == kind, condition)


def _phrase(words: Iterable[str]) -> str:
    # Parts are kept apart by a gram that no text has, so that a phrase never spans two of them.
    return " x00 ".join(" ".join(grams(part)) for part in words)


__all__ = [
    "CREATE",
    "CUSTOMER",
    "DROP",
    "TICKET",
    "grams",
    "ids_matching",
    "purge",
    "put",
    "put_all",
    "remove",
]
