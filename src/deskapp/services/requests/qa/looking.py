"""What can be asked about campaigns without changing them."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Query
from deskapp.services.requests.qa.rounds import PlanChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRounds(Query):
    """The campaigns, the newest first."""

    action: ClassVar[str] = "qa.rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRound(Query):
    """One campaign, by id or by number."""

    action: ClassVar[str] = "qa.rounds"
    campaign_id: UUID | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPlan(Query):
    """What a plan would draw and cost."""

    action: ClassVar[str] = "qa.conduct"
    choice: PlanChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDraw(Query):
    """Draw again from what is stored and compare."""

    action: ClassVar[str] = "qa.verify_draw"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFrame(Query):
    """The frame as its lines, for `LC_ALL=C sort | sha256sum`."""

    action: ClassVar[str] = "qa.verify_draw"
    campaign_id: UUID
