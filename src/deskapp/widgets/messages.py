"""What the app tells the screen in sight: the time, what changed, how a command went."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from textual.message import Message

from deskapp.domain.errors import DeskError

if TYPE_CHECKING:
    from deskapp.services.requests.base import Command, Receipt


class Tick(Message, bubble=False):
    """A second has passed; `now` is aware UTC. Only the newest one counts."""

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, Tick)


class Changed(Message, bubble=False):
    """Tickets that somebody changed, oneself included (None: read everything again), and the kinds of what else."""

    def __init__(self, tickets: frozenset[UUID] | None, kinds: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.tickets, self.kinds = tickets, kinds


class Done(Message, bubble=False):
    """A command was carried out and is durable."""

    def __init__(self, command: Command, receipt: Receipt) -> None:
        super().__init__()
        self.command, self.receipt = command, receipt


class Failed(Message, bubble=False):
    """A command changed nothing; the error says why and what to do next."""

    def __init__(self, command: Command, error: DeskError) -> None:
        super().__init__()
        self.command, self.error = command, error


class Said(Message, bubble=False):
    """The language, the keys or the marks changed: say everything again."""
