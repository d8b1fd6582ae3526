"""The field's words as closed sets: what a ticket, a contact or a person can be."""

from enum import StrEnum

from deskapp.domain.i18n import N_


class Role(StrEnum):
    """What somebody is at this desk; one role a person, rights in `domain/permissions.py`."""

    AGENT = "agent"
    LEAD = "lead"
    RATER = "rater"
    QA_LEAD = "qa_lead"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Shift(StrEnum):
    EARLY = "early"
    MIDDLE = "middle"
    LATE = "late"


class AgentState(StrEnum):
    """What an agent is doing now, as the wallboard shows it."""

    READY = "ready"
    ON_CASE = "on_case"
    AWAY = "away"
    OFF = "off"


class Grade(StrEnum):
    """The manual's grade of a ticket: who has to act. Never the countdown's colour."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"

    @property
    def rank(self) -> int:
        """Order in a queue where due times are equal: red first."""
        return {"red": 0, "yellow": 1, "green": 2}[self.value]


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Channel(StrEnum):
    PHONE = "phone"
    CHAT = "chat"
    EMAIL = "email"
    APP = "app"
    WEB = "web"
    COUNTER = "counter"

    @property
    def is_live(self) -> bool:
        """Whether somebody is speaking with the customer at the moment the ticket is opened."""
        return self in (Channel.PHONE, Channel.CHAT, Channel.COUNTER)


class Status(StrEnum):
    """Where a ticket stands. `solved` waits for the call-back, `closed` is done."""

    OPEN = "open"
    PAUSED = "paused"
    SOLVED = "solved"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to work on it."""
        return self in (Status.OPEN, Status.PAUSED)


class PauseReason(StrEnum):
    CUSTOMER = "customer"
    PARTS = "parts"
    THIRD_PARTY = "third_party"


class ContactKind(StrEnum):
    PHONE = "phone"
    EMAIL = "email"
    ADDRESS = "address"
    MESSENGER = "messenger"


class PreferenceKind(StrEnum):
    TIME = "time"
    CONTACT = "contact"
    ACCESS = "access"
    HOUSEHOLD = "household"
    LANGUAGE = "language"
    OTHER = "other"


class EntryKind(StrEnum):
    """What a line of a ticket's timeline tells."""

    CALL_IN = "call_in"
    CALL_OUT = "call_out"
    MESSAGE_IN = "message_in"
    MESSAGE_OUT = "message_out"
    NOTE = "note"
    OUTCOME = "outcome"
    PROMISE = "promise"
    APPOINTMENT = "appointment"
    VISIT = "visit"
    HAND_OVER = "hand_over"
    ASSIGNMENT = "assignment"
    STATUS = "status"
    CALL_BACK = "call_back"

    @property
    def from_customer(self) -> bool:
        """Whether the customer spoke."""
        return self in (EntryKind.CALL_IN, EntryKind.MESSAGE_IN)

    @property
    def reaches_customer(self) -> bool:
        """Whether the desk's words reached the customer."""
        return self in (EntryKind.CALL_OUT, EntryKind.MESSAGE_OUT, EntryKind.VISIT, EntryKind.CALL_BACK)


class HandOverState(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    SENT_BACK = "sent_back"
    WITHDRAWN = "withdrawn"


class AppointmentState(StrEnum):
    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    DONE = "done"


# How each word is shown, once for every screen and command; English here, translated where it is shown.
LABELS: dict[StrEnum, str] = {
    Role.AGENT: N_("agent"),
    Role.LEAD: N_("lead"),
    Role.RATER: N_("rater"),
    Role.QA_LEAD: N_("QA lead"),
    Role.AUDITOR: N_("auditor"),
    Role.ADMIN: N_("administrator"),
    Shift.EARLY: N_("early shift"),
    Shift.MIDDLE: N_("middle shift"),
    Shift.LATE: N_("late shift"),
    AgentState.READY: N_("ready"),
    AgentState.ON_CASE: N_("on a case"),
    AgentState.AWAY: N_("away"),
    AgentState.OFF: N_("signed off"),
    Grade.GREEN: N_("green"),
    Grade.YELLOW: N_("yellow"),
    Grade.RED: N_("RED"),
    Priority.LOW: N_("low"),
    Priority.NORMAL: N_("normal"),
    Priority.HIGH: N_("high"),
    Priority.URGENT: N_("urgent"),
    Channel.PHONE: N_("phone"),
    Channel.CHAT: N_("chat"),
    Channel.EMAIL: N_("e-mail"),
    Channel.APP: N_("app"),
    Channel.WEB: N_("web"),
    Channel.COUNTER: N_("counter"),
    Status.OPEN: N_("open"),
    Status.PAUSED: N_("paused"),
    Status.SOLVED: N_("solved"),
    Status.CLOSED: N_("closed"),
    Status.CANCELLED: N_("cancelled"),
    PauseReason.CUSTOMER: N_("waiting for the customer"),
    PauseReason.PARTS: N_("waiting for parts"),
    PauseReason.THIRD_PARTY: N_("waiting for a third party"),
    ContactKind.PHONE: N_("phone"),
    ContactKind.EMAIL: N_("e-mail"),
    ContactKind.ADDRESS: N_("address"),
    ContactKind.MESSENGER: N_("messenger"),
    PreferenceKind.TIME: N_("time"),
    PreferenceKind.CONTACT: N_("contact"),
    PreferenceKind.ACCESS: N_("access"),
    PreferenceKind.HOUSEHOLD: N_("household"),
    PreferenceKind.LANGUAGE: N_("language"),
    PreferenceKind.OTHER: N_("other"),
    EntryKind.CALL_IN: N_("call in"),
    EntryKind.CALL_OUT: N_("call out"),
    EntryKind.MESSAGE_IN: N_("message in"),
    EntryKind.MESSAGE_OUT: N_("message out"),
    EntryKind.NOTE: N_("note"),
    EntryKind.OUTCOME: N_("outcome"),
    EntryKind.PROMISE: N_("promise"),
    EntryKind.APPOINTMENT: N_("appointment"),
    EntryKind.VISIT: N_("visit"),
    EntryKind.HAND_OVER: N_("hand-over"),
    EntryKind.ASSIGNMENT: N_("assignment"),
    EntryKind.STATUS: N_("status"),
    EntryKind.CALL_BACK: N_("call-back"),
    HandOverState.OFFERED: N_("offered"),
    HandOverState.ACCEPTED: N_("accepted"),
    HandOverState.SENT_BACK: N_("sent back"),
    HandOverState.WITHDRAWN: N_("withdrawn"),
    AppointmentState.BOOKED: N_("booked"),
    AppointmentState.MOVED: N_("moved"),
    AppointmentState.CANCELLED: N_("cancelled"),
    AppointmentState.ARRIVED: N_("arrived"),
    AppointmentState.DONE: N_("done"),
}
