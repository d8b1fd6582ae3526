"""What was typed and not sent yet, kept beside the desk: the shape a screen knows, and one for tests in memory."""

from collections.abc import Mapping, Sequence
from typing import Protocol

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

    def tick(self) -> None:
        """Called once a second: writes what has waited long enough."""

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

    def tick(self) -> None:
        """Nothing waits."""


__all__ = ["Drafts", "MemoryDrafts", "Values"]
