"""The end of a shift as services hand it out: somebody's duties, who took them, the report of a shift."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from deskapp.domain.audit import Anchor
from deskapp.domain.terms import Grade, Shift
from deskapp.domain.views import Duty
from deskapp.domain.views_incident import MassFaultLine


@dataclass(frozen=True, slots=True)
class ShiftDuties:
    """What somebody would hand over now, what is due first in front; a ticket may stand in it with several kinds."""

    person_id: UUID
    person: str
    duties: tuple[Duty, ...]

    def count(self, kind: str) -> int:
        """How many duties of a kind there are: `ticket`, `follow_up`, `waiting`, `visit`, `red`."""
        return sum(duty.kind == kind for duty in self.duties)

    @property
    def promises(self) -> int:
        """How many promises are open on the tickets among them."""
        return sum(len(row.clocks) for row in {duty.row.id: duty.row for duty in self.duties}.values())


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """An open promise; `due_at` (aware UTC) is None while it is paused."""

    ticket: str
    subject: str
    customer: str
    grade: Grade
    metric: str
    due_at: datetime | None
    owner: str
    assignee: str


@dataclass(frozen=True, slots=True)
class HandedDuty:
    """A duty that changed hands, and whether it is still to be done."""

    kind: str
    ticket: str
    subject: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One hand-over at the end of a shift; `by` is empty when the giver did it."""

    at: datetime
    giver: str
    by: str
    taker: str
    shift: Shift | None
    note: str
    duties: tuple[HandedDuty, ...]


@dataclass(frozen=True, slots=True)
class ShiftReport:
    """A shift on paper. Instants are aware UTC; `totals` are the lengths of lists that are longer than what is told."""

    since: datetime
    now: datetime
    team: str
    shift: Shift | None
    # Empty for a whole team; else whose duties alone it tells.
    person: str
    opened: int
    solved: int
    called_back: int
    promises: tuple[PromiseLine, ...]
    late: tuple[PromiseLine, ...]
    red: tuple[PromiseLine, ...]
    handed: tuple[HandedOver, ...]
    faults: tuple[MassFaultLine, ...]
    anchor: Anchor
    totals: tuple[int, int, int] = (0, 0, 0)


__all__ = ["HandedDuty", "HandedOver", "PromiseLine", "ShiftDuties", "ShiftReport"]
