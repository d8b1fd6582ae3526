"""What is being typed, kept safe from a crash: a small journal of its own, in the state folder, never in the desk.

Standard library only, so that it opens at once and also when the desk's database does not. Where the state folder
cannot be written it goes to the runtime folder, then to memory; `place` says which, for a banner.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import RLock
from uuid import UUID

from deskapp.domain.errors import Unreachable
from deskapp.domain.i18n import N_

MAX_WAIT = 0.5
"""Seconds that a key waits at most for its draft to be stored: what a SIGKILL may take."""

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS draft (
        agent TEXT NOT NULL, form TEXT NOT NULL, entity_id TEXT NOT NULL,
        base_version INTEGER, submission_id TEXT NOT NULL, schema_rev INTEGER NOT NULL,
        body TEXT NOT NULL, cursor TEXT NOT NULL, updated TEXT NOT NULL, pid INTEGER NOT NULL, boot_id TEXT NOT NULL,
        PRIMARY KEY (agent, form, entity_id)
    ) WITHOUT ROWID"""
_COLUMNS = "agent, form, entity_id, base_version, submission_id, schema_rev, body, cursor, updated, pid, boot_id"
_KEY = "agent = ? AND form = ? AND entity_id = ?"


class Place(StrEnum):
    """Where drafts are kept: safe from everything, lost when the person logs out, lost with this program."""

    DISK = "disk"
    RUNTIME = "runtime"
    MEMORY = "memory"


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


_BOOT = _boot_id()


@dataclass(frozen=True, slots=True)
class Draft:
    """One form that somebody was filling in.

    `entity_id` is what it is about (empty: something new), `base_version` the version it was opened at, `submission_id`
    the key under which it will be submitted: a draft whose submission is in the desk was sent. `schema_rev` is the
    revision of the form; `cursor` where the person was; `updated` aware UTC.
    """

    agent: str
    form: str
    entity_id: str
    submission_id: UUID
    body: dict[str, object]
    updated: datetime
    base_version: int | None = None
    schema_rev: int = 1
    cursor: str = ""
    pid: int = field(default_factory=os.getpid)
    boot_id: str = _BOOT

    @property
    def key(self) -> tuple[str, str, str]:
        """What it replaces an older draft of: agent, form, entity."""
        return self.agent, self.form, self.entity_id

    @property
    def in_use(self) -> bool:
        """Whether another program that still runs is typing it: not one to offer for resuming."""
        if self.pid == os.getpid() or self.boot_id != _BOOT:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True


class DraftJournal:
    """Drafts by agent, form and entity, in one file that several programs of one person share. Safe between threads."""

    def __init__(self, file: Path, *, runtime: Path | None = None) -> None:
        """`file` is the journal; `runtime` stands in when it cannot be written. Nothing is opened before it is used."""
        files = [(Place.DISK, file)] + ([(Place.RUNTIME, runtime)] if runtime else [])
        self._places: list[tuple[Place, Path | None]] = [*files, (Place.MEMORY, None)]
        self._current = 0
        self._stores: dict[int, sqlite3.Connection] = {}
        self._lock = RLock()
        self.problem = ""

    @property
    def place(self) -> Place:
        """Where the next draft goes; anything but DISK is worth a banner."""
        return self._places[self._current][0]

    def put(self, draft: Draft) -> None:
        """Store a draft in the place of the one before. Raises Unreachable only when another program holds the file."""
        values = (
            *draft.key,
            draft.base_version,
            str(draft.submission_id),
            draft.schema_rev,
            json.dumps(draft.body, ensure_ascii=False),
            draft.cursor,
            draft.updated.astimezone(UTC).isoformat(),
            draft.pid,
            draft.boot_id,
        )
        statement = f"INSERT OR REPLACE INTO draft ({_COLUMNS}) VALUES ({','.join('?' * len(values))})"
        with self._lock:
            if self.place is Place.MEMORY and self._back_on_disk(statement, values):
                return
            while True:
                try:
                    self._store(self._current).execute(statement, values)
                    return
                except (sqlite3.Error, OSError) as error:
                    self._give_way(error)

    def _back_on_disk(self, statement: str, values: tuple[object, ...]) -> bool:
        """Nothing is safe in memory: whether the first place takes drafts again, and goes on taking them."""
        try:
            self._store(0).execute(statement, values)
        except (sqlite3.Error, OSError):
            if store := self._stores.pop(0, None):
                store.close()
            return False
        self._current, self.problem = 0, ""
        return True

    def get(self, agent: str, form: str, entity_id: str = "") -> Draft | None:
        """Return the draft, the newest where several places have one."""
        found = self._select(f"WHERE {_KEY}", (agent, form, entity_id))
        return max(found, key=lambda draft: draft.updated, default=None)

    def list(self, agent: str) -> list[Draft]:
        """Return the agent's drafts, the newest first."""
        newest: dict[tuple[str, str, str], Draft] = {}
        for draft in self._select("WHERE agent = ?", (agent,)):
            newest[draft.key] = max(draft, newest.get(draft.key, draft), key=lambda one: one.updated)
        return sorted(newest.values(), key=lambda draft: draft.updated, reverse=True)

    def delete(self, agent: str, form: str, entity_id: str = "") -> None:
        """Take a draft out: it was submitted or discarded."""
        self._delete(_KEY, (agent, form, entity_id))

    def expire(self, before: datetime) -> int:
        """Take out every draft that was last typed before an aware instant; returns how many there were."""
        return self._delete("updated < ?", (before.astimezone(UTC).isoformat(),))

    def forget(self, words: Iterable[str]) -> int:
        """Take out every draft that is about or contains one of these words: a customer was erased."""
        count = 0
        for word in filter(None, words):
            written = json.dumps(word, ensure_ascii=False)[1:-1]
            count += self._delete("entity_id = ? OR instr(body, ?) > 0", (word, written))
        return count

    def close(self) -> None:
        """Close the files; the next use opens them again."""
        with self._lock:
            for store in self._stores.values():
                store.close()
            self._stores.clear()

    def _select(self, where: str, values: tuple[object, ...]) -> Iterable[Draft]:
        with self._lock:
            rows = [
                row
                for store in self._existing()
                for row in store.execute(f"SELECT {_COLUMNS} FROM draft {where}", values).fetchall()
            ]
        return [_draft(row) for row in rows]

    def _delete(self, where: str, values: tuple[object, ...]) -> int:
        with self._lock:
            return sum(store.execute(f"DELETE FROM draft WHERE {where}", values).rowcount for store in self._existing())

    def _existing(self) -> Iterator[sqlite3.Connection]:
        """Every place that has a journal, whichever is written to now."""
        for index, (_place, file) in enumerate(self._places):
            if index in self._stores or (file is not None and file.exists()):
                with suppress(sqlite3.DatabaseError, OSError):
                    yield self._store(index)

    def _store(self, index: int) -> sqlite3.Connection:
        if index not in self._stores:
            self._stores[index] = _open(self._places[index][1])
        return self._stores[index]

    def _give_way(self, error: Exception) -> None:
        """Go on in the next place, unless the file is only busy; a damaged journal is put aside and begun anew."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Unreachable(N_("The draft could not be stored just now."), hint=N_("It is tried again.")) from error
        file = self._places[self._current][1]
        if file is None:
            raise error
        if store := self._stores.pop(self._current, None):
            store.close()
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            damaged = file.with_name(f"{file.name}.damaged")
            if not damaged.exists():
                file.replace(damaged)
                file.with_name(f"{file.name}-journal").unlink(missing_ok=True)
                return
        self._current += 1
        self.problem = str(error)


def _open(file: Path | None) -> sqlite3.Connection:
    if file is not None:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.chmod(0o700)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    store = sqlite3.connect(
        ":memory:" if file is None else file, isolation_level=None, timeout=0.5, check_same_thread=False
    )
    try:
        for pragma in ("journal_mode=TRUNCATE", "synchronous=NORMAL", "secure_delete=ON"):
            store.execute(f"PRAGMA {pragma}")
        store.execute(_SCHEMA)
    except BaseException:
        store.close()
        raise
    return store


def _draft(row: tuple[str, str, str, int | None, str, int, str, str, str, int, str]) -> Draft:
    agent, form, entity_id, base_version, submission_id, schema_rev, body, cursor, updated, pid, boot_id = row
    return Draft(
        agent=agent,
        form=form,
        entity_id=entity_id,
        submission_id=UUID(submission_id),
        body=json.loads(body),
        updated=datetime.fromisoformat(updated),
        base_version=base_version,
        schema_rev=schema_rev,
        cursor=cursor,
        pid=pid,
        boot_id=boot_id,
    )


class DraftKeeper:
    """Stores one form's draft while it is typed: at most half a second after the first key that is not stored yet.

    A throttle, not a debounce: somebody who types without a pause is as safe as somebody who stops. The owner calls
    `changed` at each key, `tick` when `due_in` has passed, and `flush` on leaving a field, before a submit and on a
    signal. Time is the caller's, in seconds of a clock that never goes back.
    """

    def __init__(self, save: Callable[[], None], now: Callable[[], float], max_wait: float = MAX_WAIT) -> None:
        self._save, self._now, self._max_wait = save, now, max_wait
        self._since: float | None = None
        self.saved_at: float | None = None

    @property
    def pending(self) -> bool:
        """Whether something was typed that is not stored."""
        return self._since is not None

    def changed(self) -> None:
        """Something was typed."""
        if self._since is None:
            self._since = self._now()
        self.tick()

    def due_in(self) -> float | None:
        """Seconds until `tick` has something to do; None when nothing is pending."""
        return None if self._since is None else max(0.0, self._since + self._max_wait - self._now())

    def tick(self) -> bool:
        """Store the draft if it is due; returns whether it was stored."""
        return self.due_in() == 0.0 and self.flush()

    def flush(self) -> bool:
        """Store the draft now, if something is pending; an error leaves it pending and is raised."""
        if self._since is None:
            return False
        self._save()
        self._since, self.saved_at = None, self._now()
        return True

    def forget(self) -> None:
        """Nothing is pending any more: the form was submitted or discarded."""
        self._since = None
