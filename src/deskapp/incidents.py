"""Unexpected errors: a short number for the person, where it happened for the log, and nobody's data in either."""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from traceback import extract_tb

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import N_

_BYTES, _FILES = 1_000_000, 3


class Incident(DeskError):
    """Something this desk did not expect; the log knows where it happened."""


class IncidentLog:
    """Writes incidents to a rotating file that only its owner can read (0600)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def record(self, error: BaseException, now: datetime) -> Incident:
        """Write an error down and return what to tell the person. A log that cannot be written is said in the hint."""
        number = secrets.token_hex(4)
        try:
            self._append(f"{now:%Y-%m-%dT%H:%M:%SZ} incident {number}\n{describe(error)}\n")
        except OSError as refused:
            return Incident(
                N_("Something went wrong that this desk did not expect (incident {id}: {kind})."),
                hint=N_("It could not be written to {path}: {reason}."),
                id=number,
                kind=type(error).__name__,
                path=self.path,
                reason=refused.strerror or type(refused).__name__,
            )
        return Incident(
            N_("Something went wrong that this desk did not expect (incident {id}: {kind})."),
            hint=N_("Your drafts are saved. Tell the administrator the incident; {path} says where it happened."),
            id=number,
            kind=type(error).__name__,
            path=self.path,
        )

    def note(self, words: str, now: datetime) -> None:
        """Write down what happened to this machine, in the program's own words; never what somebody typed."""
        with suppress(OSError):  # what cannot be written down has happened all the same
            self._append(f"{now:%Y-%m-%dT%H:%M:%SZ} {words}\n")

    def _append(self, text: str) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size + len(text) > _BYTES:
            for index in range(_FILES - 1, 0, -1):
                older = self._numbered(index - 1)
                if older.exists():
                    older.replace(self._numbered(index))
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)

    def _numbered(self, index: int) -> Path:
        return self.path if not index else self.path.with_name(f"{self.path.name}.{index}")


def describe(error: BaseException) -> str:
    """Tell where an error came from: kinds and places. Its message and the frames' values may be somebody's data."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}{_number(cause)}")
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in extract_tb(cause.__traceback__)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)


def _number(error: BaseException) -> str:
    return f" [errno {error.errno}]" if isinstance(error, OSError) else ""
