"""A mass fault: its state, what happened to it, what its plan asks for, the tickets that belong to it, the scans."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field

from deskapp.domain.incident import IncidentState
from deskapp.models.base import Identified, Versioned, only, word


class MassFault(Versioned, table=True):
    """One product with one fault that many different customers report; one at a time is under way."""

    __tablename__ = "mass_fault"
    __table_args__ = (
        Index(
            "uq_mass_fault_under_way",
            "product",
            "fault",
            unique=True,
            info=only("NOT is_over"),
        ),
    )

    number: int = Field(unique=True)
    product: str = Field(max_length=80)
    fault: str = Field(max_length=120)
    state: IncidentState = Field(default=IncidentState.PROPOSED, sa_type=word(IncidentState))
    is_over: bool = False
    level: int = 0
    highest_level: int = 0
    lowered_at_customers: int = 0
    # Different customers: of the signal while it is a proposal, of the linked tickets afterwards.
    customers: int = 0
    first_signal_at: datetime
    proposed_at: datetime
    # Tickets opened from here on belong to it.
    counted_from: datetime
    # The figures the detector gave, so that its reasons are told in the reader's language.
    signal: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class MassFaultEvent(Identified, table=True):
    """What happened to a mass fault, with the counts of that moment; never changed after it was written."""

    __tablename__ = "mass_fault_event"
    __table_args__ = (Index("ix_mass_fault_event_order", "mass_fault_id", "at", "id"),)

    mass_fault_id: UUID = Field(foreign_key="mass_fault.id")
    at: datetime
    # The steps of `deskapp.domain.incident`, and `linked`, `broadcast`, `action_done`, `action_called_off`.
    kind: str = Field(max_length=24)
    by_id: UUID | None = Field(default=None, foreign_key="agent.id")
    level: int = 0
    customers: int = 0
    text: str = Field(default="", max_length=8000)


class MassFaultAction(Versioned, table=True):
    """One thing that a level's plan asks for: whose, by when, and when it was done or called off."""

    __tablename__ = "mass_fault_action"

    mass_fault_id: UUID = Field(foreign_key="mass_fault.id", index=True)
    level: int
    key: str = Field(max_length=40)
    owner_role: str = Field(max_length=40)
    within: str = Field(max_length=40)
    started_at: datetime
    due_at: datetime = Field(index=True)
    done_at: datetime | None = None
    done_by: UUID | None = Field(default=None, foreign_key="agent.id")
    called_off: bool = False
    note: str = Field(default="", max_length=1000)
    # The plan as it read when the level began: title, name of the owner's role, steps; each in both languages.
    words: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class MassFaultTicket(Identified, table=True):
    """A ticket that belongs to a mass fault; it keeps its own promises."""

    __tablename__ = "mass_fault_ticket"
    __table_args__ = (Index("uq_mass_fault_ticket_pair", "mass_fault_id", "ticket_id", unique=True),)

    mass_fault_id: UUID = Field(foreign_key="mass_fault.id")
    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    linked_at: datetime


class MassFaultScan(Identified, table=True):
    """When somebody had the desk look for mass faults, how far back in time it stood, and what it found."""

    __tablename__ = "mass_fault_scan"

    at: datetime = Field(index=True)
    as_of: datetime
    by_id: UUID | None = Field(default=None, foreign_key="agent.id")
    signals: int = 0
    proposed: int = 0


__all__ = ["MassFault", "MassFaultAction", "MassFaultEvent", "MassFaultScan", "MassFaultTicket"]
