"""What was sent for several tickets at once, and how many of them went well."""

from collections.abc import Iterable
from uuid import UUID

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.services.requests.base import Command


class Bulk:
    """Counts the answers to commands that belong together."""

    def __init__(self) -> None:
        self._waiting: set[UUID] = set()
        self._done = 0
        self._refused: list[str] = []

    def begin(self, commands: Iterable[Command]) -> None:
        """Wait for the answers to these."""
        self._waiting = {command.submission_id for command in commands}
        self._done, self._refused = 0, []

    def took(self, command: Command, error: DeskError | None = None) -> bool:
        """Count an answer; False when the command is not one of ours."""
        if command.submission_id not in self._waiting:
            return False
        self._waiting.discard(command.submission_id)
        if error is None:
            self._done += 1
        else:
            self._refused.append(str(error))
        return True

    def summary(self) -> str:
        """What to tell once the last answer is there; empty before."""
        if self._waiting or not self._done + len(self._refused):
            return ""
        text = _("{done} done.").format(done=self._done)
        if self._refused:
            text += " " + _("{count} refused:").format(count=len(self._refused)) + "\n" + "\n".join(self._refused[:3])
        self._done, self._refused = 0, []
        return text
