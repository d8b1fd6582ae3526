"""What can be said and asked about who is at a ticket."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.domain.presence import Present
from deskapp.services.requests.base import Command, Query


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPresence(Command):
    """Say what one does at a ticket. It is renewed while it holds, and no part of the audit: it changes nothing."""

    action: ClassVar[str] = "presence.tell"
    ticket_id: UUID
    state: Present


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPresence(Query):
    """Who else is at a ticket, or at any."""

    action: ClassVar[str] = "ticket.read"
    ticket_id: UUID | None = None


__all__ = ["GetPresence", "TellPresence"]
