"""What can be asked about released results and their disputes."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, body


@dataclass(frozen=True, slots=True, kw_only=True)
class GetResults(Query):
    """Released results: an agent's own, a lead's team's, all."""

    action: ClassVar[str] = "qa.results"
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDispute(Command):
    """Do not accept a released score."""

    action: ClassVar[str] = "qa.dispute"
    sample_id: UUID
    items: tuple[str, ...] = ()
    text: str = body(2000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListDisputes(Query):
    """Disputes, the open ones first."""

    action: ClassVar[str] = "qa.disputes"


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDispute(Command):
    """Uphold a dispute, with the points that change, or reject it."""

    action: ClassVar[str] = "qa.decide_dispute"
    dispute_id: UUID
    version: int | None = None
    upheld: bool
    points: tuple[tuple[str, Fraction | None], ...] = ()
    decision: str = body(2000, required=True)
