"""What can be asked about tickets that are one case."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, line


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeTicket(Command):
    """Let a ticket go into another one of the same customer: it ends, the other keeps the earlier due times.

    What happened stays readable in both; the graver grade and the higher priority hold.
    """

    action: ClassVar[str] = "ticket.merge"
    ticket_id: UUID
    target_id: UUID
    reason: str = line(300, required=True)


__all__ = ["MergeTicket"]
