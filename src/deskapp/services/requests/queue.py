"""What can be asked about the queue."""

from dataclasses import dataclass, field
from typing import ClassVar
from uuid import UUID

from deskapp.domain.queue import Holder, QueueFilter, Sort
from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetQueue(Query):
    """A stretch of the queue: `count` rows from `first` on."""

    action: ClassVar[str] = "ticket.read"
    filter: QueueFilter = field(default_factory=QueueFilter)
    sort: Sort = Sort.DUE
    descending: bool = False
    first: int = 0
    count: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPosition(Query):
    """Where a ticket stands in a queue (0 is the top); None where the filter leaves it out."""

    action: ClassVar[str] = "ticket.read"
    ticket_id: UUID
    filter: QueueFilter = field(default_factory=QueueFilter)
    sort: Sort = Sort.DUE
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRows(Query):
    """The rows of certain tickets, whether a filter shows them or not; gone tickets are left out."""

    action: ClassVar[str] = "ticket.read"
    ticket_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCounts(Query):
    """The figures above the queue."""

    action: ClassVar[str] = "ticket.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDesk(Query):
    """An agent's home: mine to do, waiting for others, promises of today."""

    action: ClassVar[str] = "ticket.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetChanges(Query):
    """What changed behind a ledger number; below zero asks for the newest number alone."""

    action: ClassVar[str] = "ticket.read"
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveView(Command):
    """Keep a filter and an order under a name; the same name a second time replaces it."""

    action: ClassVar[str] = "view.save"
    name: str = line(60, required=True)
    filter: QueueFilter = field(default_factory=QueueFilter)
    shared: bool = False
    sort: Sort = Sort.DUE
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteView(Command):
    """Delete a saved view of one's own."""

    action: ClassVar[str] = "view.save"
    view_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GetViews(Query):
    """The saved views one may use: one's own and shared ones."""

    action: ClassVar[str] = "ticket.read"


__all__ = [
    "DeleteView", "GetChanges", "GetCounts", "GetDesk", "GetPosition", "GetQueue", "GetRows", "GetViews", "Holder",
    "QueueFilter", "SaveView", "Sort",
]  # fmt: skip
