"""The unit of work: one short write transaction in which a change and its audit event are stored together."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import Engine, Insert, bindparam, event, insert, inspect, select, update
from sqlalchemy.orm import InstanceState, make_transient_to_detached
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session, SQLModel

from deskapp.domain.errors import Conflict, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import ANYONE, Actor, Subject, authorize
from deskapp.models.audit import AuditEvent, AuditPayload, Counter, Ledger
from deskapp.models.base import Identified, Versioned, table
from deskapp.store.bulk import execute_many
from deskapp.store.changefeed import ring

Row = TypeVar("Row", bound=Identified)
_AUDIT = (AuditEvent, AuditPayload, Ledger, Counter)
_event, _counter, _ledger = table(AuditEvent).c, table(Counter).c, table(Ledger).c

# Built once: a statement that is made anew for each change costs more than the change.
_NEXT = (
    update(table(Counter))
    .where(_counter.name == bindparam("series"))
    .values(value=_counter.value + 1)
    .returning(_counter.value)
)
_NEW_SERIES = insert(table(Counter))
_LEDGER = select(_ledger.seq, _ledger.head).where(_ledger.id == 1).with_for_update()
_ADVANCE = update(table(Ledger)).where(_ledger.id == 1)
_EVENT, _PAYLOAD = insert(table(AuditEvent)), insert(table(AuditPayload))


class Work:
    """What a use case works with: the session, the time, who acts; it notes what changed and writes the audit event."""

    def __init__(self, session: Session, now: datetime, actor: Actor, submission_id: UUID) -> None:
        self.session, self.now, self.actor, self.submission_id = session, now, actor, submission_id
        self.authorized = False
        self.customer_id: UUID | None = None
        self._events: list[tuple[str, str, UUID, int, UUID | None]] = []
        self._changes: list[dict[str, Any]] = []
        self._new: list[SQLModel] = []
        event.listen(session, "before_flush", self._before_flush)

    def authorize(self, action: str, subject: Subject = ANYONE) -> None:
        """Raise Denied unless the actor may; a use case that never asks is refused at commit."""
        authorize(self.actor, action, subject)
        self.authorized = True

    def lock(self, model: type[Row], key: UUID) -> Row:
        """Return the row, locked until the end of the transaction. Raises NotFound."""
        row = self.session.get(model, key, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound(N_("That {what} does not exist any more."), what=model.__name__.lower())
        return row

    def expect(self, row: Versioned, version: int | None) -> None:
        """Raise Conflict, naming who changed it and when, unless the row is as the actor saw it (None: as it is)."""
        if version is None or row.version == version:
            return
        found = self.session.execute(
            select(_event.actor_login, _event.at)
            .where(_event.object_kind == row.__tablename__, _event.object_id == row.id)
            .order_by(_event.seq.desc())
            .limit(1)
        ).first()
        who, at = found if found else ("?", self.now)
        raise Conflict(
            N_("{who} changed this at {at:%H:%M:%S} UTC, after you opened it."),
            hint=N_("Your text is kept. Look at the change, then send again."),
            who=who,
            at=at,
        )

    def add(self, *rows: SQLModel) -> None:
        """Put new rows into the transaction; they reach the database at `flush` or at commit."""
        self._new += (row for row in rows if not inspect(row).persistent)

    def add_many(self, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
        """Write many new rows of a sealed table with one statement, every column given; the audit holds their ids."""
        if rows:
            execute_many(self.session.connection(), _insertion(model), rows)
            self._changes.append({"table": model.__tablename__, "ids": [str(row["id"]) for row in rows]})

    def flush(self) -> None:
        """Write what has gathered, so that queries see it; changes made to the rows afterwards are kept as well."""
        for row in self._insert():
            make_transient_to_detached(row)
            self.session.add(row)
        self.session.flush()

    def _insert(self) -> list[SQLModel]:
        """Insert new rows table by table: the mapper's own way takes three times as long for the same rows."""
        rows, self._new = self._new, []
        by_model: dict[type[SQLModel], list[dict[str, Any]]] = {}
        for row in rows:
            values = {name: getattr(row, name) for name in _columns(type(row))}
            by_model.setdefault(type(row), []).append(values)
            self._changes.append(_as_new(row, values))
        connection = self.session.connection() if by_model else None
        for model, values_of_rows in by_model.items():
            assert connection is not None
            connection.execute(_insertion(model), values_of_rows if len(values_of_rows) > 1 else values_of_rows[0])
        return rows

    def next_number(self, series: str) -> int:
        """Take the next number of a series; call it after all locks, since it holds the series until commit."""
        connection = self.session.connection()
        value = connection.execute(_NEXT, {"series": series}).scalar()
        if value is None:
            connection.execute(_NEW_SERIES, {"name": series, "value": 1})
            return 1
        return int(value)

    def record(self, action: str, kind: str, row: Identified, *, ticket_id: UUID | None = None) -> None:
        """Say what was done to which object; one call for each change that a reader of the audit should see."""
        self._events.append((action, kind, row.id, getattr(row, "version", 0), ticket_id))

    def tell(self, **facts: object) -> None:
        """Put facts into the audit payload that the rows do not say: how many a batch wrote, out of which log."""
        self._changes.append(facts)

    def _before_flush(self, session: OrmSession, *_: object) -> None:
        if session.new:
            raise RuntimeError("new rows go through Work.add")
        for row in session.dirty:
            if isinstance(row, _AUDIT) or not session.is_modified(row):
                continue
            if isinstance(row, Versioned):
                row.version += 1
            self._changes.append(_as_changed(row))
        for row in session.deleted:
            self._changes.append({"table": row.__tablename__, "id": str(row.id), "deleted": True})

    def commit(self) -> int:
        """Write the audit events behind everything else, commit, and return the ledger's new number.

        Raises RuntimeError for a use case that changed something without asking for a right or naming the change.
        """
        self._insert()
        self.session.flush()
        if not self._events and not self._changes:
            self.session.commit()
            return 0
        if not self.authorized or not self._events:
            raise RuntimeError("a change without a right asked for, or without an audit event")
        seq = self._seal()
        ring(self.session.connection())
        self.session.commit()
        return seq

    def _seal(self) -> int:
        connection = self.session.connection()
        seq, head = connection.execute(_LEDGER).one()
        entries: list[dict[str, Any]] = []
        for index, (action, kind, object_id, version, ticket_id) in enumerate(self._events):
            seq += 1
            changes = self._changes if index == 0 else []
            salt = secrets.token_hex(16)
            payload = {"changes": changes}
            entry: dict[str, Any] = {
                "seq": seq,
                "at": self.now,
                "actor_id": self.actor.id,
                "actor_login": self.actor.login,
                "role": self.actor.role.value,
                "action": action,
                "object_kind": kind,
                "object_id": object_id,
                "object_version": version,
                "ticket_id": ticket_id,
                "submission_id": self.submission_id if index == 0 else uuid5(self.submission_id, str(index)),
                "commitment": commitment(salt, payload),
                "previous": head,
            }
            head = entry["hash"] = chain_hash(entry)
            entries.append(entry)
            if changes:
                connection.execute(
                    _PAYLOAD, {"seq": seq, "customer_id": self.customer_id, "salt": salt, "body": payload}
                )
        # One event goes as it is: a list of one costs more.
        connection.execute(_EVENT, entries if len(entries) > 1 else entries[0])
        connection.execute(_ADVANCE, {"seq": seq, "head": head})
        return int(seq)


def commitment(salt: str, payload: dict[str, Any]) -> str:
    """SHA-256 over salt and canonical JSON: stands for the payload without telling it."""
    return hashlib.sha256((salt + canonical(payload)).encode()).hexdigest()


def canonical(payload: dict[str, Any]) -> str:
    """One spelling of a JSON value: sorted keys, no spaces."""
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


_CHAINED = (
    "seq", "at", "actor_id", "actor_login", "role", "action", "object_kind", "object_id", "object_version",
    "ticket_id", "submission_id", "commitment", "previous",
)  # fmt: skip


def chain_hash(entry: dict[str, Any]) -> str:
    """SHA-256 over an event's facts and its predecessor's hash."""
    facts = [_plain(entry[name]) for name in _CHAINED]
    return hashlib.sha256(json.dumps(facts, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()


@contextmanager
def work(engine: Engine, now: datetime, actor: Actor, submission_id: UUID) -> Iterator[Work]:
    """Open a unit of work; rolled back unless `commit` was called inside."""
    with Session(engine.execution_options(write=True), expire_on_commit=False, autoflush=False) as session:
        yield Work(session, now, actor, submission_id)


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session that only reads, all of it as of one moment.

    Without one snapshot a view could join a text with the version of a later one, and an edit made on it would pass the
    version check and lose the change between.
    """
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    source = engine.execution_options(**options) if engine.dialect.name == "postgresql" else engine
    with Session(source, expire_on_commit=False, autoflush=False) as session:
        yield session


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value.value if isinstance(value, Enum) else value


def _attributes(row: SQLModel) -> Iterable[tuple[str, Any]]:
    state: InstanceState[Any] = inspect(row)
    return ((attribute.key, attribute) for attribute in state.attrs)


@cache
def _columns(model: type[SQLModel]) -> tuple[str, ...]:
    return tuple(column.key for column in table(model).columns)


@cache
def _insertion(model: type[SQLModel]) -> Insert:
    return insert(table(model))


def _as_new(row: SQLModel, values: dict[str, Any]) -> dict[str, Any]:
    if getattr(row, "__sealed__", False):
        return _sealed(row)
    filled = {name: _plain(value) for name, value in values.items() if value not in (None, "", {}, [])}
    return {"table": row.__tablename__, "new": filled}


def _as_changed(row: SQLModel) -> dict[str, Any]:
    if getattr(row, "__sealed__", False):
        return _sealed(row)
    changed = {}
    for key, attribute in _attributes(row):
        history = attribute.history
        if history.added:
            old = history.deleted[0] if history.deleted else None
            changed[key] = [_plain(old), _plain(history.added[0])]
    return {"table": row.__tablename__, "id": str(getattr(row, "id", "")), "changed": changed}


def _sealed(row: SQLModel) -> dict[str, Any]:
    """A row whose values some readers of the audit must not learn: which one it is, and the seal over its content."""
    told = {"table": row.__tablename__, "id": str(getattr(row, "id", ""))}
    return told | {"seal": row.seal} if hasattr(row, "seal") else told
