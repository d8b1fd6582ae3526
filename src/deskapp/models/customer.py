"""The customer file: person, contacts, machines, preferences."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field

from deskapp.domain.terms import ContactKind, PreferenceKind
from deskapp.models.base import Identified, Versioned, code, word


class Customer(Versioned, table=True):
    """A person who calls. `merged_into` points at the file that took this one over; `erased_at` leaves a tombstone."""

    number: int = Field(unique=True)
    name: str = Field(max_length=120)
    # Readings of the name for search, several separated by spaces: zhangwei, and initials: zw.
    name_key: str = Field(default="", sa_type=code(120), index=True)
    reading: str = Field(default="", sa_type=code(240), index=True)
    initials: str = Field(default="", sa_type=code(60), index=True)
    language: str = Field(default="", max_length=8)
    since: date | None = None
    tags: str = Field(default="", max_length=200)
    created_at: datetime
    merged_into: UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    erased_at: datetime | None = None


class Contact(Versioned, table=True):
    """A way to reach a customer, as it was said (`raw`) and in normal form (`value`, E.164 for a telephone)."""

    customer_id: UUID = Field(foreign_key="customer.id", index=True)
    kind: ContactKind = Field(sa_type=word(ContactKind))
    raw: str = Field(max_length=300)
    value: str = Field(max_length=300, sa_type=code(300), index=True)
    extension: str = Field(default="", max_length=20)
    # National digits, forwards and backwards: people quote a number by its start or by its end.
    digits: str = Field(default="", sa_type=code(20), index=True)
    digits_reversed: str = Field(default="", sa_type=code(20), index=True)
    label: str = Field(default="", max_length=40)
    ended_at: datetime | None = None


class Machine(Versioned, table=True):
    """A product in a customer's hands."""

    customer_id: UUID = Field(foreign_key="customer.id", index=True)
    product: str = Field(max_length=80)
    model: str = Field(default="", max_length=80)
    serial: str = Field(default="", max_length=80)
    serial_key: str = Field(default="", sa_type=code(80), index=True)
    bought_on: date | None = None
    warranty_until: date | None = None
    place: str = Field(default="", max_length=120)
    ended_at: datetime | None = None


class Preference(Identified, table=True):
    """A typed, dated fact about how a customer wants to be served; corrected by a new row, never overwritten."""

    customer_id: UUID = Field(foreign_key="customer.id", index=True)
    kind: PreferenceKind = Field(sa_type=word(PreferenceKind))
    text: str = Field(max_length=300)
    source: str = Field(default="", max_length=80)
    consent: bool = True
    recorded_by: UUID | None = Field(default=None, foreign_key="agent.id")
    recorded_at: datetime
    # The last day on which it holds, in the desk's zone; None: until further notice.
    valid_until: date | None = None
    pinned: bool = False
    ended_at: datetime | None = None
    ended_by: UUID | None = Field(default=None, foreign_key="agent.id")
    replaces: UUID | None = Field(default=None, foreign_key="preference.id")


class CustomerMerge(Versioned, table=True):
    """One file taken over by another: what was moved, so that it can be moved back."""

    __tablename__ = "customer_merge"

    from_id: UUID = Field(foreign_key="customer.id", index=True)
    into_id: UUID = Field(foreign_key="customer.id", index=True)
    moved: dict[str, list[str]] = Field(default_factory=dict, sa_type=JSON)
    merged_by: UUID = Field(foreign_key="agent.id")
    merged_at: datetime
    undone_by: UUID | None = Field(default=None, foreign_key="agent.id")
    undone_at: datetime | None = None
