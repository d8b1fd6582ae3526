"""What can be asked of the figures: report, agreement, review pack, the export for an audit."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReport(Query):
    """The whole report of a campaign."""

    action: ClassVar[str] = "qa.report"
    campaign_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReview(Query):
    """The pack for a review meeting: a quarter's rounds, trends, items to rewrite. `quarter` is like 2026-Q2."""

    action: ClassVar[str] = "qa.report"
    quarter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GetEvidence(Query):
    """Everything that proves a campaign, as files by name."""

    action: ClassVar[str] = "qa.export"
    campaign_id: UUID
