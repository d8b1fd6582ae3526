"""What can be asked of the figures of a campaign."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetReport(Query):
    """The whole report of a campaign."""

    action: ClassVar[str] = "qa.report"
    campaign_id: UUID
