"""What was typed and not sent yet, kept beside the desk: the shape a screen knows, the journal, one in memory."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Condition, Lock, Thread
from time import sleep
from typing import Protocol
from uuid import UUID

from deskapp.domain.i18n import _
from deskapp.domain.ids import uuid7

Values = dict[str, str]


class Drafts(Protocol):
    """Keeps the fields of a form under its name and the thing it is about; nothing here may raise."""

    def keep(self, form: str, entity: str, values: Mapping[str, str]) -> None:
        """Keep what is typed now; it reaches the disk within half a second, or at `flush`."""

    def get(self, form: str, entity: str) -> Values | None:
        """Return what was kept, None when nothing was."""

    def all(self, form: str) -> Sequence[tuple[str, Values]]:
        """Return what was kept of a form, the newest first."""

    def drop(self, form: str, entity: str) -> None:
        """Forget it: it was sent, or thrown away on purpose."""

    def flush(self) -> None:
        """Write everything now: the app is leaving."""

    @property
    def trouble(self) -> str:
        """Why drafts are not safe, in the reader's language; empty while they are."""


class MemoryDrafts:
    """Drafts that live as long as the process."""

    trouble = ""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Values] = {}

    def keep(self, form: str, entity: str, values: Mapping[str, str]) -> None:
        self._kept.pop((form, entity), None)
        self._kept[form, entity] = dict(values)

    def get(self, form: str, entity: str) -> Values | None:
        return self._kept.get((form, entity))

    def all(self, form: str) -> Sequence[tuple[str, Values]]:
        return [(entity, values) for (name, entity), values in reversed(self._kept.items()) if name == form]

    def drop(self, form: str, entity: str) -> None:
        self._kept.pop((form, entity), None)

    def flush(self) -> None:
        """Nothing outlives the process."""


class JournalDrafts:
    """Drafts in the journal, written by a thread: the first key at once, then at most every half second.

    So a SIGKILL takes half a second of typing, and no key waits for the disk. Drafts of a person's other running seats
    are not shown; those older than `keep_days` are taken out when the journal is first used.
    """

    def __init__(
        self, file: Path, agent: str, now: Callable[[], datetime], *, runtime: Path | None = None, keep_days: int = 7
    ) -> None:
        from deskapp.store.drafts import MAX_WAIT, DraftJournal

        self._journal = DraftJournal(file, runtime=runtime)
        self._agent, self._now, self._wait = agent, now, MAX_WAIT
        self._oldest = timedelta(days=keep_days)
        self._kept: dict[tuple[str, str], Values | None] = {}
        self._changed, self._writing = Condition(), Lock()
        self._writer: Thread | None = None
        self._problem = ""

    @property
    def trouble(self) -> str:
        """Why drafts are not safe; empty while they are."""
        if self._journal.place == "memory":
            return _("Drafts are not safe: no folder can be written. They end with this program.")
        return self._problem

    def keep(self, form: str, entity: str, values: Mapping[str, str]) -> None:
        self._put(form, entity, dict(values))

    def drop(self, form: str, entity: str) -> None:
        self._put(form, entity, None)

    def get(self, form: str, entity: str) -> Values | None:
        with self._changed:
            if (form, entity) in self._kept:
                return self._kept[form, entity]
            draft = self._journal.get(self._agent, form, entity)
        return None if draft is None else {key: str(value) for key, value in draft.body.items()}

    def all(self, form: str) -> Sequence[tuple[str, Values]]:
        with self._changed:
            self._journal.expire(self._now() - self._oldest)
            found = {
                draft.entity_id: {key: str(value) for key, value in draft.body.items()}
                for draft in self._journal.list(self._agent)
                if draft.form == form and not draft.in_use
            }
            for (name, entity), values in self._kept.items():
                if name == form:
                    found.pop(entity, None)
                    if values is not None:
                        found = {entity: values, **found}
        return list(found.items())

    def flush(self) -> None:
        self._write()

    def _put(self, form: str, entity: str, values: Values | None) -> None:
        with self._changed:
            self._kept[form, entity] = values
            if self._writer is None:
                self._writer = Thread(target=self._run, name="drafts", daemon=True)
                self._writer.start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._kept:
                    self._changed.wait()
            self._write()
            # Throttled, not debounced: whoever never stops typing is saved all the same.
            sleep(self._wait)

    def _write(self) -> None:
        # One writer at a time keeps the order; keys find their place meanwhile, however slow the disk is.
        with self._writing:
            self._problem = self._write_all()

    def _write_all(self) -> str:
        from deskapp.domain.errors import Unreachable
        from deskapp.store.drafts import Draft

        with self._changed:
            waiting = dict(self._kept)
        problem = ""
        for (form, entity), values in waiting.items():
            try:
                if values is None:
                    self._journal.delete(self._agent, form, entity)
                else:
                    self._journal.put(Draft(self._agent, form, entity, _submission(entity), dict(values), self._now()))
            except Unreachable as error:
                problem = str(error)
                continue
            with self._changed:
                if (form, entity) in self._kept and self._kept[form, entity] is values:
                    del self._kept[form, entity]
        return problem


def _submission(entity: str) -> UUID:
    try:
        return UUID(entity)
    except ValueError:
        return uuid7()


class KeepsDrafts:
    """What an app does with drafts for its screens; `open_drafts` is called when the first one is kept or asked for."""

    open_drafts: Callable[[], Drafts]

    @cached_property
    def book(self) -> Drafts:
        """What was typed and not sent; opened when it is first asked for."""
        return self.open_drafts()

    @property
    def draft_trouble(self) -> str:
        """Why drafts are not safe, in the reader's language; empty while they are."""
        return self.book.trouble if "book" in vars(self) else ""

    def keep_draft(self, form: str, entity: str, values: Mapping[str, str]) -> None:
        """Keep what is typed in a form about something, until it is sent."""
        self.book.keep(form, entity, values)

    def recall_draft(self, form: str, entity: str) -> Values | None:
        """What was typed there and not sent."""
        return self.book.get(form, entity)

    def drafts(self, form: str) -> Sequence[tuple[str, Values]]:
        """Everything of a form that was typed and not sent, the newest first."""
        return self.book.all(form)

    def drop_draft(self, form: str, entity: str) -> None:
        """Forget a draft."""
        self.book.drop(form, entity)

    def flush_drafts(self) -> None:
        """Write what waits to be written; nothing is opened for it."""
        if "book" in vars(self):
            self.book.flush()


__all__ = ["Drafts", "JournalDrafts", "KeepsDrafts", "MemoryDrafts", "Values"]
