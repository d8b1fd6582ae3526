"""Hear that somebody changed the desk, without asking it: `data_version` on a kept connection, LISTEN on PostgreSQL.

It only says that there may be something: what it was is read by the ledger's numbers. An idle seat queries nothing.
"""

import sqlite3
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from deskapp.domain.errors import DeskError

CHANNEL = "deskapp_changes"
PAUSE = 0.4
"""Seconds between two looks at SQLite's counter: a look costs microseconds, and a change is heard within a second."""
_RING = text(f"NOTIFY {CHANNEL}")


def ring(connection: Connection) -> None:
    """Ring for the other seats when this transaction commits; on SQLite its counter does."""
    if connection.dialect.name == "postgresql":
        connection.execute(_RING)


class ChangeFeed:
    """One kept connection that hears of commits. Belongs to one thread, `close` may be called from any."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._closed = engine, Event()
        self._connection: Any = None
        self._version = -1

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds; whether something may have changed. Says yes where it cannot know."""
        try:
            if self._connection is None:
                self._open()
                return True  # whatever happened before is not known
            return self._heard(seconds)
        except (sqlite3.Error, SQLAlchemyError, DeskError, OSError):
            self._drop()
        except Exception as error:
            if not _is_psycopg(error):
                raise
            self._drop()
        # The desk does not answer: whoever reads next says why; this is no reason to ask it a thousand times a second.
        self._closed.wait(seconds)
        return True

    def close(self) -> None:
        """Stop waiting and give the connection back."""
        self._closed.set()

    @property
    def closed(self) -> bool:
        """Whether nobody listens any more."""
        return self._closed.is_set()

    def _open(self) -> None:
        pooled = self._engine.raw_connection()
        self._connection = pooled.driver_connection
        pooled.detach()
        if self._engine.dialect.name == "postgresql":
            self._connection.rollback()
            self._connection.autocommit = True
            self._connection.execute(f"LISTEN {CHANNEL}")
        else:
            self._version = self._read_version()

    def _heard(self, seconds: float) -> bool:
        until = monotonic() + seconds
        if self._engine.dialect.name == "postgresql":
            return self._listen(until)
        while not self.closed:
            version = self._read_version()
            if version != self._version:
                self._version = version
                return True
            left = until - monotonic()
            if left <= 0:
                return False
            self._closed.wait(min(PAUSE, left))
        return False

    def _listen(self, until: float) -> bool:
        while not self.closed:
            left = until - monotonic()
            for _notice in self._connection.notifies(timeout=max(0.0, min(left, 1.0)), stop_after=1):
                return True
            if left <= 0:
                return False
        return False

    def _read_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Bell:
    """A thread that calls back whenever the feed hears something; `stop` ends it."""

    def __init__(self, feed: ChangeFeed, heard: Callable[[], None]) -> None:
        self._feed, self._heard = feed, heard
        self._thread = Thread(target=self._run, name="desk-bell", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Hear no more."""
        self._feed.close()

    def _run(self) -> None:
        while not self._feed.closed:
            if self._feed.wait(2.0) and not self._feed.closed:
                self._heard()
        self._feed._drop()


def _is_psycopg(error: Exception) -> bool:
    return type(error).__module__.split(".")[0] == "psycopg"


__all__ = ["Bell", "ChangeFeed", "ring"]
