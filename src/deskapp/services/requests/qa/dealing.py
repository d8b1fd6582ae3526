"""Who scores what: deal the drawn records, replace what can't be scored."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, line


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceRecord(Command):
    """Replace a drawn record that can't be scored by the next of the reserve."""

    action: ClassVar[str] = "qa.conduct"
    campaign_id: UUID
    record: str
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRound(Command):
    """Deal the records to raters."""

    action: ClassVar[str] = "qa.conduct"
    campaign_id: UUID
    raters: tuple[UUID, ...]
