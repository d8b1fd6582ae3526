"""What the desk shows: frozen data objects that cross from the services to screens and commands."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from deskapp.domain.sla import Shown, worst_shown
from deskapp.domain.terms import (
    AgentState,
    AppointmentState,
    Channel,
    ContactKind,
    EntryKind,
    Grade,
    HandOverState,
    PauseReason,
    PreferenceKind,
    Priority,
    Role,
    Shift,
    Status,
)


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One ticket as a line of a queue. Times are aware UTC; `due_target` is the promise's length in seconds."""

    id: UUID
    number: int
    version: int
    subject: str
    product: str
    grade: Grade
    priority: Priority
    status: Status
    customer_id: UUID | None
    customer: str
    team_id: UUID | None
    team: str
    assignee_id: UUID | None
    assignee: str
    owner_id: UUID | None
    owner: str
    opened_at: datetime
    due_metric: str
    due_target: int | None
    due_at: datetime | None
    paused_until: datetime | None
    # Every promise that counts, the one due first in front: which one is shown depends on the moment.
    clocks: tuple[Shown, ...] = ()

    def worst(self, now: datetime) -> Shown | None:
        """The promise the row shows at a moment (aware UTC)."""
        return worst_shown(self.clocks, now)

    @property
    def key(self) -> UUID:
        """What a list knows the row by."""
        return self.id

    @property
    def label(self) -> str:
        """The ticket's name for people."""
        return f"T-{self.number}"


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A stretch of a queue: `total` tickets match, `rows` are those from `first` on; `seq` is the ledger's number."""

    total: int
    first: int
    rows: tuple[QueueRow, ...]
    seq: int


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """The figures above a queue, over all open tickets."""

    open: int
    late: int
    red: int
    unclaimed: int
    paused: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What other seats changed: the ledger's newest number and the tickets to look at again (None: everything).

    `kinds`: of what else something changed, such as `qa_campaign` or `flow`.
    """

    seq: int
    tickets: frozenset[UUID] | None
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """One line of what happened, for a ticket or a customer's whole history."""

    id: UUID
    ticket_id: UUID
    ticket_number: int
    kind: EntryKind
    text: str
    author: str
    occurred_at: datetime
    recorded_at: datetime
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class HandOverLine:
    id: UUID
    ticket_id: UUID
    version: int
    from_team: str
    to_team: str
    to_team_id: UUID
    offered_by: str
    offered_at: datetime
    asked: str
    due_at: datetime | None
    state: HandOverState
    answer: str


@dataclass(frozen=True, slots=True)
class CallBackLine:
    id: UUID
    due_at: datetime
    done_at: datetime | None
    done_by: str
    attempts: int
    solved: bool | None
    satisfaction: int | None
    comment: str


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    id: UUID
    version: int
    starts_at: datetime
    ends_at: datetime
    state: AppointmentState
    technician: str
    note: str
    reason: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    id: UUID
    version: int
    kind: ContactKind
    raw: str
    value: str
    extension: str
    label: str


@dataclass(frozen=True, slots=True)
class MachineLine:
    id: UUID
    version: int
    product: str
    model: str
    serial: str
    bought_on: date | None
    warranty_until: date | None
    place: str


@dataclass(frozen=True, slots=True)
class PreferenceLine:
    id: UUID
    kind: PreferenceKind
    text: str
    source: str
    recorded_by: str
    recorded_at: datetime
    valid_until: date | None
    consent: bool
    pinned: bool
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class CustomerBrief:
    """A customer as a line of a list of matches."""

    id: UUID
    number: int
    name: str
    phone: str
    address: str
    machine: str
    open_tickets: int
    # What matched: number, phone, name, serial, address; shared: a number that another name is on.
    matched: str = ""


@dataclass(frozen=True, slots=True)
class TicketBrief:
    """A ticket as a line of somebody's history."""

    id: UUID
    number: int
    subject: str
    product: str
    grade: Grade
    status: Status
    opened_at: datetime
    solved_at: datetime | None
    satisfaction: int | None
    machine_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MergedFile:
    """A file that another one took over, and may give back."""

    number: int
    name: str
    merged_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The customer file. `masked` says that telephone numbers and addresses are hidden from who asks."""

    id: UUID
    version: int
    number: int
    name: str
    language: str
    since: date | None
    tags: tuple[str, ...]
    contacts: tuple[ContactLine, ...]
    machines: tuple[MachineLine, ...]
    preferences: tuple[PreferenceLine, ...]
    tickets: tuple[TicketBrief, ...]
    timeline: tuple[TimelineLine, ...]
    masked: bool = False
    erased_at: datetime | None = None
    took_over: tuple[MergedFile, ...] = ()
    """Files that went into this one, the last one first."""

    @property
    def phone(self) -> str:
        """The first telephone number, as it was said."""
        return next((c.raw for c in self.contacts if c.kind is ContactKind.PHONE), "")

    @property
    def address(self) -> str:
        """The first address."""
        return next((c.raw for c in self.contacts if c.kind is ContactKind.ADDRESS), "")


@dataclass(frozen=True, slots=True)
class TicketView:
    """Everything about one ticket."""

    row: QueueRow
    description: str
    fault: str
    resolution: str
    channel: Channel
    machine: MachineLine | None
    first_response_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    pause_reason: PauseReason | None
    timeline: tuple[TimelineLine, ...]
    hand_overs: tuple[HandOverLine, ...]
    call_backs: tuple[CallBackLine, ...]
    appointments: tuple[AppointmentLine, ...]
    customer: CustomerView | None
    # The ticket that this one went into, and those that went into this one: id and number; their lines are here, too.
    merged_into: tuple[UUID, int] | None = None
    took_in: tuple[tuple[UUID, int], ...] = ()

    @property
    def id(self) -> UUID:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version


@dataclass(frozen=True, slots=True)
class Duty:
    """One line of an agent's own list: what has to be done by when on which ticket."""

    # The queue row of the ticket, and the kind of duty: `ticket`, `follow_up`, `hand_over`, `visit`, `progress`
    # (an update promised to the customer), `shift` (left to one's shift, for somebody to take). A
    # corrective `action` has no ticket: its row stands for the action itself.
    kind: str
    row: QueueRow
    due_at: datetime | None
    text: str = ""
    # The owner for whom one stands in since the end of their shift.
    for_whom: str = ""

    @property
    def label(self) -> str:
        """The name of what it is about: T-12, CA-3."""
        return f"CA-{self.row.number}" if self.kind == "action" else self.row.label

    @property
    def ticket_id(self) -> UUID | None:
        """The ticket that it is about; None for an action."""
        return None if self.kind == "action" else self.row.id


@dataclass(frozen=True, slots=True)
class DeskView:
    """An agent's home: mine to do, waiting for others, promises due today; and the desk's figures."""

    mine: tuple[Duty, ...]
    waiting: tuple[Duty, ...]
    promises: tuple[Duty, ...]
    counts: QueueCounts
    seq: int
    # Notices that nobody has taken note of yet at this seat.
    notices: int = 0


@dataclass(frozen=True, slots=True)
class PersonLine:
    id: UUID
    version: int
    login: str
    name: str
    role: Role
    team_id: UUID | None
    team: str
    shift: Shift
    state: AgentState
    active: bool
    os_user: str = ""


@dataclass(frozen=True, slots=True)
class TeamLine:
    id: UUID
    version: int
    key: str
    name: str
    department: str
    active: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """The people and teams of the desk."""

    people: tuple[PersonLine, ...]
    teams: tuple[TeamLine, ...]


@dataclass(frozen=True, slots=True)
class SavedViewLine:
    id: UUID
    name: str
    shared: bool
    mine: bool
    filter: dict[str, object] = field(default_factory=dict)
