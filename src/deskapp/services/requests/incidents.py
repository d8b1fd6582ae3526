"""What can be asked about mass faults, and what a lead decides about them."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import ClassVar
from uuid import UUID

from deskapp.domain.outbreak import Signal
from deskapp.services.requests.base import Command, Query, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class FindMassFaults(Query):
    """Look for mass faults as of a moment (now when None), days counted in `zone`; changes nothing."""

    action: ClassVar[str] = "incident.read"
    as_of: datetime | None = None
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScan(Command):
    """Keep what a look found: what is news becomes a proposal, what is under way is counted again."""

    action: ClassVar[str] = "incident.scan"
    as_of: datetime
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMassFaults(Query):
    """Mass faults: those under way, the highest level first; with `over` those that ended as well."""

    action: ClassVar[str] = "incident.read"
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GetMassFault(Query):
    """One mass fault, by id or by number."""

    action: ClassVar[str] = "incident.read"
    id: UUID | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMassFault(Command):
    """It is one: its tickets are linked, its level begins, the plan's clocks start."""

    action: ClassVar[str] = "incident.confirm"
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissMassFault(Command):
    """It is none, and why."""

    action: ClassVar[str] = "incident.dismiss"
    id: UUID
    reason: str = line(1000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LowerLevel(Command):
    """Lower the level by hand; clocks already begun go on."""

    action: ClassVar[str] = "incident.level"
    id: UUID
    level: int
    reason: str = line(1000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishAction(Command):
    """Say that an action of the plan is done; or call it off, with a reason in `note`."""

    action: ClassVar[str] = "incident.act"
    action_id: UUID
    note: str = line(1000)
    call_off: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast(Command):
    """Tell every customer with an open ticket the same: written into each ticket, it counts as progress."""

    action: ClassVar[str] = "incident.broadcast"
    id: UUID
    text: str = body(4000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginClosing(Command):
    """The fault is mended: from here on closing its open tickets is proposed."""

    action: ClassVar[str] = "incident.close"
    id: UUID
    reason: str = line(1000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn(Command):
    """It was not over after all."""

    action: ClassVar[str] = "incident.close"
    id: UUID
    reason: str = line(1000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveChildren(Command):
    """Solve some of its open tickets with one resolution; each customer is called back as after any solution."""

    action: ClassVar[str] = "incident.close"
    id: UUID
    ticket_ids: tuple[UUID, ...]
    resolution: str = body(4000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMassFault(Command):
    """End it. Tickets still open stay open and keep their promises."""

    action: ClassVar[str] = "incident.close"
    id: UUID


__all__ = [
    "BeginClosing", "Broadcast", "CloseMassFault", "ConfirmMassFault", "DismissMassFault", "FindMassFaults",
    "FinishAction", "GetMassFault", "GetMassFaults", "GoOn", "LowerLevel", "RecordScan", "SolveChildren",
]  # fmt: skip
