"""The ledger: one audit event per change, chained; it is the change feed as well."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Index, Integer
from sqlmodel import Field, SQLModel

from deskapp.models.base import Identified, code

_SEQ = BigInteger().with_variant(Integer(), "sqlite")


class Ledger(SQLModel, table=True):
    """One row: the last sequence number and the head of the chain. Locking it puts commits in one order."""

    id: int = Field(default=1, primary_key=True)
    seq: int = Field(default=0, sa_type=BigInteger)
    head: str = Field(default="", max_length=64)


class Counter(SQLModel, table=True):
    """The next number of a series that people read out: tickets, customers."""

    name: str = Field(primary_key=True, max_length=40)
    value: int = 0


class AuditEvent(SQLModel, table=True):
    """Who did what to which object, when. `commitment` stands for the payload: erasing that leaves the chain whole."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_object", "object_kind", "object_id", "seq"),)

    seq: int = Field(sa_column=Column(_SEQ, primary_key=True, autoincrement=False))
    at: datetime
    actor_id: UUID | None = None
    actor_login: str = Field(default="", max_length=64)
    role: str = Field(default="", max_length=24)
    action: str = Field(max_length=60)
    object_kind: str = Field(max_length=40)
    object_id: UUID
    object_version: int = 0
    # The ticket whose queue row may look different now.
    ticket_id: UUID | None = None
    # Made by the client: the same submit a second time finds its first event here.
    submission_id: UUID = Field(unique=True)
    commitment: str = Field(max_length=64)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditPayload(SQLModel, table=True):
    """What changed, from what to what; goes when the customer is erased, with its salt."""

    __tablename__ = "audit_payload"

    seq: int = Field(sa_column=Column(_SEQ, primary_key=True, autoincrement=False))
    customer_id: UUID | None = Field(default=None, index=True)
    salt: str = Field(max_length=32)
    body: dict[str, object] = Field(sa_type=JSON)


class SavedView(Identified, table=True):
    """A named filter of the queue as a closed expression, one's own or shared."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("uq_saved_view_name", "owner_id", "name", unique=True),)

    owner_id: UUID = Field(foreign_key="agent.id")
    name: str = Field(max_length=60)
    shared: bool = False
    filter: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class Lease(SQLModel, table=True):
    """Who may do a duty of the whole desk (sweeping notices, sealing) until when; compared inside the database."""

    name: str = Field(primary_key=True, sa_type=code(60))
    holder: str = Field(default="", max_length=80)
    until: datetime


class Presence(SQLModel, table=True):
    """Who looks at or edits a ticket now: a soft warning, never a lock."""

    ticket_id: UUID = Field(primary_key=True)
    agent_id: UUID = Field(primary_key=True)
    state: str = Field(default="viewing", max_length=16)
    seen_at: datetime


__all__ = ["AuditEvent", "AuditPayload", "Counter", "Lease", "Ledger", "Presence", "SavedView"]
