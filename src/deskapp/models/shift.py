"""The end of a shift: who handed which duties to whom; and tickets that went into others."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from deskapp.domain.terms import Shift
from deskapp.models.base import Identified, word


class ShiftHandOver(Identified, table=True):
    """Somebody's duties given to a colleague, or to a team or to a shift of it. What was said is in the timelines."""

    __tablename__ = "shift_hand_over"

    at: datetime = Field(index=True)
    giver_id: UUID = Field(foreign_key="agent.id", index=True)
    # Who did it: the giver, or a lead on their behalf.
    by_id: UUID = Field(foreign_key="agent.id")
    to_agent_id: UUID | None = Field(default=None, foreign_key="agent.id")
    to_team_id: UUID | None = Field(default=None, foreign_key="team.id")
    to_shift: Shift | None = Field(default=None, sa_type=word(Shift))


class ShiftDuty(Identified, table=True):
    """One duty that was handed over: for a ticket worked on the assignee moved, for others the taker stands in."""

    __tablename__ = "shift_duty"
    __table_args__ = (
        Index("ix_shift_duty_to_agent", "to_agent_id", "ended_at"),
        Index("ix_shift_duty_to_team", "to_team_id", "ended_at"),
    )

    hand_over_id: UUID = Field(foreign_key="shift_hand_over.id", index=True)
    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    # `ticket`, `follow_up`, `waiting`, `visit` or `red`.
    kind: str = Field(max_length=16)
    to_agent_id: UUID | None = Field(default=None, foreign_key="agent.id")
    to_team_id: UUID | None = Field(default=None, foreign_key="team.id")
    to_shift: Shift | None = Field(default=None, sa_type=word(Shift))
    # The line of the ticket's timeline that tells of it.
    entry_id: UUID | None = None
    # When it was handed on, or back to the owner.
    ended_at: datetime | None = None


class TicketMerge(Identified, table=True):
    """A ticket that went into another one; the reason stands in both timelines."""

    __tablename__ = "ticket_merge"

    source_id: UUID = Field(foreign_key="ticket.id", unique=True)
    target_id: UUID = Field(foreign_key="ticket.id", index=True)
    at: datetime
    by_id: UUID = Field(foreign_key="agent.id")


__all__ = ["ShiftDuty", "ShiftHandOver", "TicketMerge"]
