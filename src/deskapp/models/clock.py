"""Promises as kept: clocks and what happened to them, the calendars and policies they are judged by, notices told."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Column, Float, Index, Integer, Text
from sqlmodel import Field, SQLModel

from deskapp.models.base import Identified, Versioned, code


class Calendar(Versioned, table=True):
    """A working calendar as people edit it: zone, weeks, country. Its dates are rows of `calendar_day`."""

    key: str = Field(sa_type=code(40), unique=True)
    title: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    zone: str = Field(max_length=64)
    country: str = Field(default="", max_length=8)
    subdivision: str = Field(default="", max_length=16)
    # Weeks in force from a date on, with their annual closures; and the hours of a make-up workday.
    weeks: list[object] = Field(default_factory=list, sa_type=JSON)
    make_up: list[object] = Field(default_factory=list, sa_type=JSON)
    # Years whose public holidays have been fetched, each confirmed or a forecast.
    years: dict[str, bool] = Field(default_factory=dict, sa_type=JSON)
    # The version that is in force: a hash of the content.
    current: str = Field(default="", max_length=32)


class CalendarDay(Identified, table=True):
    """A date that differs from the week: closed without spans, else open at them."""

    __tablename__ = "calendar_day"
    __table_args__ = (Index("uq_calendar_day_date", "calendar_id", "day", unique=True),)

    calendar_id: UUID = Field(foreign_key="calendar.id")
    day: date
    # `09:00-12:00 13:30-18:00`; empty: closed.
    hours: str = Field(default="", max_length=200)
    name: str = Field(default="", max_length=120)
    # `holiday` from the library, `desk` written by a lead (it wins and survives a new fetch).
    source: str = Field(default="desk", max_length=12)


class CalendarVersion(SQLModel, table=True):
    """A calendar as it was counted with: whole, never changed, so that old due times can be explained."""

    __tablename__ = "calendar_version"

    id: str = Field(primary_key=True, sa_type=code(32))
    key: str = Field(sa_type=code(40))
    body: dict[str, object] = Field(sa_type=JSON)
    made_at: datetime
    made_by: UUID | None = None


class PolicyVersion(SQLModel, table=True):
    """A policy, immutable: a change of figures is a new version. `id` is `key@version`."""

    __tablename__ = "policy_version"

    id: str = Field(primary_key=True, sa_type=code(60))
    body: dict[str, object] = Field(sa_type=JSON)
    made_at: datetime
    made_by: UUID | None = None


class ClockRules(SQLModel, table=True):
    """One row: the policy and the calendar that new tickets get."""

    __tablename__ = "clock_rules"

    id: int = Field(default=1, sa_column=Column(Integer, primary_key=True, autoincrement=False))
    policy: str = Field(max_length=60)
    calendar_key: str = Field(max_length=40)
    calendar: str = Field(max_length=32)


class ClockBook(SQLModel, table=True):
    """What the next event of a ticket needs beside its clocks, and what a queue shows of them."""

    __tablename__ = "clock_book"

    ticket_id: UUID = Field(primary_key=True, foreign_key="ticket.id")
    # How many events there are.
    events: int = 0
    body: dict[str, object] = Field(sa_type=JSON)
    # The open clocks in short, as `deskapp.domain.sla.shown` reads them.
    shown: list[object] = Field(default_factory=list, sa_type=JSON)


class Clock(SQLModel, table=True):
    """One promise of one ticket, one round: a cache of what folding the ticket's clock events gives. Lengths in µs."""

    __table_args__ = (
        Index("ix_clock_state_due", "state", "due_at"),
        Index("ix_clock_state_threshold", "state", "next_threshold_at"),
        Index("ix_clock_done_at", "done_at"),
    )

    ticket_id: UUID = Field(primary_key=True, foreign_key="ticket.id")
    metric: str = Field(primary_key=True, max_length=24)
    name: str = Field(primary_key=True, max_length=80)
    round: int = Field(primary_key=True)
    state: str = Field(max_length=12)
    policy: str = Field(max_length=60)
    calendar: str = Field(max_length=32)
    target: str = Field(sa_type=Text)
    started_at: datetime
    running_since: datetime | None = None
    used: int = Field(default=0, sa_type=BigInteger)
    span: int = Field(default=0, sa_type=BigInteger)
    due_at: datetime | None = None
    held_due: datetime
    revised_at: datetime
    pauses: str = Field(default="[]", sa_type=Text)
    done_at: datetime | None = None
    over_by: int = Field(default=0, sa_type=BigInteger)
    reason: str = Field(default="", max_length=300)
    overdue_by_change: bool = False
    revision: int = 1
    share_told: float = Field(default=0.0, sa_column=Column(Float, nullable=False))
    former: str = Field(default="[]", sa_type=Text)
    # When somebody is to be told next; None: nobody any more.
    next_threshold_at: datetime | None = None


class ClockEvent(SQLModel, table=True):
    """What happened to a ticket that its clocks care about: appended, never changed."""

    __tablename__ = "clock_event"

    ticket_id: UUID = Field(primary_key=True, foreign_key="ticket.id")
    # The order of recording within the ticket.
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: str = Field(max_length=24)
    at: datetime
    recorded_at: datetime
    by: str = Field(default="", max_length=64)
    # The whole event, and the clocks it started, moved or ended: state and due time before and after.
    body: dict[str, object] = Field(sa_type=JSON)
    changes: list[object] = Field(default_factory=list, sa_type=JSON)


class Notice(Identified, table=True):
    """Something the desk told somebody: once for each clock, threshold and due revision."""

    __table_args__ = (
        Index("uq_notice_once", "ticket_id", "metric", "name", "round", "kind", "revision", unique=True),
        Index("ix_notice_told_at", "told_at"),
    )

    ticket_id: UUID = Field(foreign_key="ticket.id")
    metric: str = Field(default="", max_length=24)
    name: str = Field(default="", max_length=80)
    round: int = 0
    # `used:0.5`, `breach`, `step:+1h`, `return`, `red`, `pause`: what for.
    kind: str = Field(max_length=40)
    revision: int = 0
    # When it fell due, and when it was told.
    at: datetime
    told_at: datetime
    # The submission that told it: its audit event carries the same one.
    batch: UUID = Field(index=True)
    to_lead: bool = False
    team_id: UUID | None = None
    owner_id: UUID | None = None
    assignee_id: UUID | None = None


class NoticeSeen(SQLModel, table=True):
    """Who has taken note of a notice, when."""

    __tablename__ = "notice_seen"

    notice_id: UUID = Field(primary_key=True, foreign_key="notice.id")
    agent_id: UUID = Field(primary_key=True, foreign_key="agent.id")
    at: datetime


__all__ = [
    "Calendar", "CalendarDay", "CalendarVersion", "Clock", "ClockBook", "ClockEvent", "ClockRules", "Notice",
    "NoticeSeen", "PolicyVersion",
]  # fmt: skip
