"""What can be asked about a customer's data as such: duplicates, merging, showing what is masked, export, erasure."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class FindDuplicates(Query):
    """Files that may be the same person as this one: a number in common, or the same name at the same address."""

    action: ClassVar[str] = "customer.read"
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewMerge(Query):
    """What would move if one file took another over."""

    action: ClassVar[str] = "customer.read"
    from_id: UUID
    into_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeCustomers(Command):
    """Let one file take another over, whole; undone by `UndoMerge`."""

    action: ClassVar[str] = "customer.merge"
    from_id: UUID
    into_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoMerge(Command):
    """Give the last file that was taken over its own things back."""

    action: ClassVar[str] = "customer.merge"
    into_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FindFile(Query):
    """The id of a file by its number alone (C-10001): for those who act on a file without reading files."""

    action: ClassVar[str] = "customer.reveal"
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealContacts(Command):
    """Show numbers and addresses that are masked; who asked is written down. The receipt's label tells them."""

    action: ClassVar[str] = "customer.reveal"
    customer_id: UUID
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordExport(Command):
    """Write down that a customer's data is handed out, to whom and why; read it with `GetExport`."""

    action: ClassVar[str] = "customer.export"
    customer_id: UUID
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetExport(Query):
    """Everything the desk keeps of a customer, as plain data (GDPR art. 15 and 20, PIPL art. 45)."""

    action: ClassVar[str] = "customer.export"
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseCustomer(Command):
    """Remove everything that tells who the customer is (GDPR art. 17, PIPL art. 47); the service record stays."""

    action: ClassVar[str] = "customer.erase"
    customer_id: UUID
    reason: str = line(300, required=True)
