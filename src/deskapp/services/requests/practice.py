"""What can be asked about rehearsals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, ClassVar, Self
from uuid import UUID

from deskapp.domain.flow import plain_value
from deskapp.domain.practice import Step
from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalStep:
    """One answer of a rehearsal: seconds since its beginning, key presses, how it came."""

    question: str
    value: Any
    seconds: float
    keys: int
    how: str = "asked"

    @classmethod
    def of(cls, step: Step) -> Self:
        """A step of a rehearsal as it is handed in."""
        return cls(
            question=step.question, value=plain_value(step.value), seconds=step.seconds, keys=step.keys,
            how=step.how.value,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRehearsal(Command):
    """Hand in a rehearsal; it is scored here, with the caller made again of version, case and seed."""

    action: ClassVar[str] = "practice.take"
    version_id: UUID
    case: Mapping[str, Any]
    seed: int
    steps: tuple[RehearsalStep, ...]
    seconds: float
    today: str = line(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCallers(Query):
    """Who can call in a rehearsal of a published version: its tests, and a way to each outcome they leave out."""

    action: ClassVar[str] = "practice.take"
    version_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRehearsals(Query):
    """Rehearsals, newest first: one's own, or everybody's for a lead; of one person by the id."""

    action: ClassVar[str] = "practice.read"
    limit: int = 200
    agent_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetPractisers(Query):
    """How much everybody practised this month and the one before, by months of the zone: oneself, or all for a lead."""

    action: ClassVar[str] = "practice.read"
    zone: tzinfo
