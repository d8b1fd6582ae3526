"""A ticket and what hangs on it: timeline, hand-overs, call-backs, appointments, the log it came from."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field

from deskapp.domain.terms import (
    AppointmentState,
    Channel,
    EntryKind,
    Grade,
    HandOverState,
    PauseReason,
    Priority,
    Status,
)
from deskapp.models.base import Identified, Versioned, code, only, word


class Ticket(Versioned, table=True):
    """One case of one customer. The first-contact owner keeps it until it is solved, whoever is working on it.

    The columns from `is_open` to `queue_at` are a projection for the queue, kept by the services in the same
    transaction as what they are made from: the queue reads one index and nothing else.
    """

    __table_args__ = (
        Index(
            "ix_ticket_queue",
            "queue_band",
            "queue_at",
            "grade_rank",
            "number",
            info=only("is_open"),
        ),
        Index(
            "ix_ticket_assignee_open",
            "assignee_id",
            "queue_band",
            "queue_at",
            info=only("is_open"),
        ),
        # All that the wallboard counts over open tickets, so that it reads no ticket.
        Index(
            "ix_ticket_standing",
            "grade",
            "assignee_id",
            "status",
            "queue_band",
            "due_at",
            "yellow_at",
            "red_at",
            "due_target",
            "opened_at",
            "is_open",
            info=only("is_open"),
        ),
        Index("ix_ticket_customer_opened", "customer_id", "opened_at"),
        Index("ix_ticket_owner_status", "owner_id", "status"),
    )

    number: int = Field(unique=True)
    channel: Channel = Field(default=Channel.PHONE, sa_type=word(Channel))
    grade: Grade = Field(default=Grade.GREEN, sa_type=word(Grade))
    priority: Priority = Field(default=Priority.NORMAL, sa_type=word(Priority))
    status: Status = Field(default=Status.OPEN, sa_type=word(Status), index=True)
    subject: str = Field(max_length=200)
    description: str = Field(default="", max_length=8000)
    product: str = Field(default="", max_length=80)
    fault: str = Field(default="", max_length=120)
    resolution: str = Field(default="", max_length=4000)

    customer_id: UUID | None = Field(default=None, foreign_key="customer.id")
    machine_id: UUID | None = Field(default=None, foreign_key="machine.id", index=True)
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    owner_id: UUID | None = Field(default=None, foreign_key="agent.id")
    assignee_id: UUID | None = Field(default=None, foreign_key="agent.id")

    opened_at: datetime = Field(index=True)
    first_response_at: datetime | None = None
    solved_at: datetime | None = None
    closed_at: datetime | None = None
    reopened: int = 0
    pause_reason: PauseReason | None = Field(default=None, sa_type=word(PauseReason))
    # When a paused ticket is expected to go on.
    paused_until: datetime | None = None

    is_open: bool = True
    grade_rank: int = 2
    # The promise that is due next: which one, its length in seconds, when.
    due_metric: str = Field(default="", max_length=24)
    due_target: int | None = None
    due_at: datetime | None = None
    # When the first of its running promises turns yellow, and red, as the queue counts: in working time where that is
    # what was promised. None where nothing runs.
    yellow_at: datetime | None = None
    red_at: datetime | None = None
    # 0 running, 1 without a promise, 2 paused; and the instant that orders it inside its band.
    queue_band: int = 1
    queue_at: datetime


class TimelineEntry(Identified, table=True):
    """One line of what happened, never changed after it was written."""

    __tablename__ = "timeline_entry"
    __table_args__ = (Index("ix_timeline_entry_ticket", "ticket_id", "occurred_at", "id"),)

    ticket_id: UUID = Field(foreign_key="ticket.id")
    kind: EntryKind = Field(sa_type=word(EntryKind))
    text: str = Field(default="", max_length=8000)
    author_id: UUID | None = Field(default=None, foreign_key="agent.id")
    # When it happened, as told, and when it was written down.
    occurred_at: datetime
    recorded_at: datetime
    # What the words alone do not carry: from and to of a hand-over, the slot of an appointment, a satisfaction.
    details: dict[str, object] = Field(default_factory=dict, sa_type=JSON)


class HandOver(Versioned, table=True):
    """A request to another desk: what is asked, by when; accepted or sent back with a reason."""

    __tablename__ = "hand_over"

    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    from_team_id: UUID | None = Field(default=None, foreign_key="team.id")
    to_team_id: UUID = Field(foreign_key="team.id", index=True)
    offered_by: UUID = Field(foreign_key="agent.id")
    offered_at: datetime
    asked: str = Field(max_length=1000)
    due_at: datetime | None = None
    state: HandOverState = Field(default=HandOverState.OFFERED, sa_type=word(HandOverState), index=True)
    answered_by: UUID | None = Field(default=None, foreign_key="agent.id")
    answered_at: datetime | None = None
    answer: str = Field(default="", max_length=1000)


class CallBack(Versioned, table=True):
    """The call after a solution: was it solved, how satisfied is the customer (1 to 5)."""

    __tablename__ = "call_back"

    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    due_at: datetime = Field(index=True)
    done_at: datetime | None = None
    done_by: UUID | None = Field(default=None, foreign_key="agent.id")
    attempts: int = 0
    solved: bool | None = None
    satisfaction: int | None = Field(default=None, ge=1, le=5)
    comment: str = Field(default="", max_length=2000)


class Appointment(Versioned, table=True):
    """A visit agreed with the customer; moved and cancelled with a reason."""

    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    technician_id: UUID | None = Field(default=None, foreign_key="agent.id")
    starts_at: datetime = Field(index=True)
    ends_at: datetime
    state: AppointmentState = Field(default=AppointmentState.BOOKED, sa_type=word(AppointmentState))
    note: str = Field(default="", max_length=1000)
    reason: str = Field(default="", max_length=300)
    booked_by: UUID | None = Field(default=None, foreign_key="agent.id")
    booked_at: datetime
    skill: str = Field(default="", max_length=40)
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    photos_before: bool = False
    photos_after: bool = False


class VisitSlot(Versioned, table=True):
    """A window in which a team visits: minutes from midnight in the desk's zone, and how many visits fit.

    It holds each week, or with a `day` on that date alone, where it stands over the weekly one.
    """

    __tablename__ = "visit_slot"

    team_id: UUID = Field(foreign_key="team.id", index=True)
    # Empty: whoever of the team.
    skill: str = Field(default="", max_length=40)
    weekday: int = Field(ge=0, le=6)
    starts: int = Field(ge=0, lt=1440)
    ends: int = Field(gt=0, le=1440)
    capacity: int = Field(ge=0)
    active: bool = True
    day: date | None = None


class ImportedCase(Identified, table=True):
    """Where a ticket came from: source and its own key, so that importing twice adds nothing; and its own verdict."""

    __tablename__ = "imported_case"
    __table_args__ = (Index("uq_imported_case_source", "source", "external_key", unique=True),)

    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    source: str = Field(sa_type=code(60))
    external_key: str = Field(sa_type=code(120))
    # The log's own due time and what it said of it, to be compared with ours; empty where it says nothing.
    due_at: datetime | None = None
    verdict: str = Field(default="", max_length=24)
