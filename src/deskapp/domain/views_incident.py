"""What the desk shows of mass faults: frozen data objects that cross from the services to screens and commands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from deskapp.domain.incident import IncidentState
from deskapp.domain.outbreak import Signal
from deskapp.domain.scorecard import Words
from deskapp.domain.terms import Status


@dataclass(frozen=True, slots=True)
class MassFaultLine:
    """A mass fault as a line of a list. `due_at` is the plan action due next that is still to be done."""

    id: UUID
    number: int
    product: str
    fault: str
    state: IncidentState
    level: int
    customers: int
    open_tickets: int
    first_signal_at: datetime
    proposed_at: datetime
    due_at: datetime | None

    @property
    def label(self) -> str:
        """Its name for people."""
        return f"M-{self.number}"


@dataclass(frozen=True, slots=True)
class PlanActionLine:
    """Something a level asks for: whose, by when, how it ended."""

    id: UUID
    level: int
    key: str
    title: Words
    role: Words
    steps: tuple[Words, ...]
    within: str
    started_at: datetime
    due_at: datetime
    done_at: datetime | None
    done_by: str
    called_off: bool
    note: str

    @property
    def late(self) -> bool:
        """Whether it was done after its time (while it is to be done, compare `due_at` with now)."""
        return self.done_at is not None and not self.called_off and self.done_at > self.due_at


@dataclass(frozen=True, slots=True)
class MassFaultStep:
    """One thing that happened to a mass fault; an empty `by`: by itself."""

    at: datetime
    kind: str
    by: str
    level: int
    customers: int
    text: str


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A ticket that belongs to a mass fault, or would when it is confirmed."""

    id: UUID
    number: int
    subject: str
    status: Status
    customer: str
    assignee: str
    opened_at: datetime

    @property
    def label(self) -> str:
        """The ticket's name for people."""
        return f"T-{self.number}"


@dataclass(frozen=True, slots=True)
class MassFaultView:
    """Everything about one mass fault; open tickets stand first."""

    line: MassFaultLine
    signal: Signal
    actions: tuple[PlanActionLine, ...]
    steps: tuple[MassFaultStep, ...]
    children: tuple[ChildLine, ...]

    @property
    def open_children(self) -> tuple[ChildLine, ...]:
        """What closing would propose to close; nothing of it happens by itself."""
        return tuple(child for child in self.children if child.status.is_open)

    @property
    def open_actions(self) -> tuple[PlanActionLine, ...]:
        """What the plan still asks for."""
        return tuple(action for action in self.actions if action.done_at is None)


@dataclass(frozen=True, slots=True)
class ScanAnswer:
    """What a look at the store found: how many reports it read, its signals, and when somebody last looked."""

    as_of: datetime
    reports: int
    signals: tuple[Signal, ...]
    last_scan: datetime | None


__all__ = ["ChildLine", "MassFaultLine", "MassFaultStep", "MassFaultView", "PlanActionLine", "ScanAnswer"]
