"""What can be asked about the cause that a technician found in the end."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCauses(Query):
    """What it may have been, as the flow of a ticket says, and what was confirmed; None without a guided call."""

    action: ClassVar[str] = "ticket.read"
    ticket_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCause(Command):
    """Tell what it really was, and what the technician lacked (empty: nothing): the flow is judged by it.

    `open_because` says instead why it is not known; either this or `cause` is given.
    """

    action: ClassVar[str] = "ticket.confirm_cause"
    ticket_id: UUID
    cause: str = line(200)
    missing: str = line(300)
    open_because: str = line(300)
