"""What can be asked about campaigns: plan, freeze, draw, assign, and the steps to the report."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar
from uuid import UUID

from deskapp.domain.qa_loop import Stage
from deskapp.services.requests.base import Command, line


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    """A shipped plan with what is to be different this time; days are counted in `zone`."""

    plan: str = "monthly"
    period: str = ""
    zone: str = "UTC"
    share: Fraction | None = None
    half_width: float | None = None
    strata: str = ""
    everyone: bool | None = None
    allocation: str = ""
    per_stratum: int | None = None
    minimum: int | None = None
    show_agent: bool | None = None
    show_total: bool | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRound(Command):
    """Begin a campaign; with `action_id` it verifies a corrective action."""

    action: ClassVar[str] = "qa.conduct"
    choice: PlanChoice
    title: str = line(120)
    action_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeRound(Command):
    """Store the frame and its hash."""

    action: ClassVar[str] = "qa.conduct"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRound(Command):
    """Fix the seed, once the frame's hash is stored."""

    action: ClassVar[str] = "qa.conduct"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRound(Command):
    """Draw the sample and keep what its records are now."""

    action: ClassVar[str] = "qa.conduct"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class EnlargeRound(Command):
    """Draw more before the work is dealt; what was drawn stays drawn."""

    action: ClassVar[str] = "qa.conduct"
    campaign_id: UUID
    share: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceRound(Command):
    """Take the next step: reveal, adjudicated, release, final, reported."""

    action: ClassVar[str] = "qa.conduct"
    campaign_id: UUID
    to: Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidRound(Command):
    """End a campaign that went wrong; it stays in the books with the reason."""

    action: ClassVar[str] = "qa.void"
    campaign_id: UUID
    reason: str = line(300, required=True)
