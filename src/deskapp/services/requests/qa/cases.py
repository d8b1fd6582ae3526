"""What can be asked about cases that are shared to learn from."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCase(Command):
    """Propose a record's story for all to learn from."""

    action: ClassVar[str] = "qa.case.propose"
    sample_id: UUID
    good: bool = True
    story: str = body(4000, required=True)
    lesson: str = line(1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveCase(Command):
    """Share a case with everybody, after a look at what still names a person."""

    action: ClassVar[str] = "qa.case.approve"
    case_id: UUID
    version: int | None = None
    story: str = body(4000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCases(Query):
    """Shared cases; proposals too for those who approve."""

    action: ClassVar[str] = "qa.case.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCase(Query):
    """A settled record as a story without names and numbers, to begin a proposal with."""

    action: ClassVar[str] = "qa.case.propose"
    sample_id: UUID
