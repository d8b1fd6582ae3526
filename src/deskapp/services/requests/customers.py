"""What can be asked about customers."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from deskapp.domain.terms import ContactKind, PreferenceKind
from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class FindCustomers(Query):
    """Matches for what was typed: the start or the end of a number, a name, its reading or initials, a serial number,
    part of an address. Nothing before the fourth digit of a number."""

    action: ClassVar[str] = "customer.read"
    text: str = line(120)
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCustomer(Query):
    """The customer file."""

    action: ClassVar[str] = "customer.read"
    customer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCustomer(Command):
    """Open a customer file with what is known on the call."""

    action: ClassVar[str] = "customer.create"
    name: str = line(120, required=True)
    phone: str = line(40)
    address: str = line(300)
    email: str = line(200)
    language: str = line(8)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditCustomer(Command):
    """Change name, language or tags."""

    action: ClassVar[str] = "customer.edit"
    customer_id: UUID
    version: int | None = None
    name: str = line(120, required=True)
    language: str = line(8)
    tags: str = line(200)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddContact(Command):
    """Add a telephone number, address or e-mail; a number is kept as said and in normal form."""

    action: ClassVar[str] = "customer.edit"
    customer_id: UUID
    kind: ContactKind
    raw: str = line(300, required=True)
    label: str = line(40)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndContact(Command):
    """Say that a contact is no longer good; the history keeps it."""

    action: ClassVar[str] = "customer.edit"
    contact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveMachine(Command):
    """Add a machine, or change what is known of it."""

    action: ClassVar[str] = "customer.edit"
    customer_id: UUID
    machine_id: UUID | None = None
    version: int | None = None
    product: str = line(80, required=True)
    model: str = line(80)
    serial: str = line(80)
    bought_on: date | None = None
    warranty_until: date | None = None
    place: str = line(120)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPreference(Command):
    """Remember how the customer wants to be served; `replaces` corrects an earlier one, which stays in the history."""

    action: ClassVar[str] = "customer.edit"
    customer_id: UUID
    kind: PreferenceKind
    text: str = line(300, required=True)
    source: str = line(80)
    valid_until: date | None = None
    consent: bool = True
    pinned: bool = False
    replaces: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPreference(Command):
    """Say that a preference holds no more; the history keeps it."""

    action: ClassVar[str] = "customer.edit"
    preference_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PinPreference(Command):
    """Show a preference first, or no longer."""

    action: ClassVar[str] = "customer.edit"
    preference_id: UUID
    pinned: bool
