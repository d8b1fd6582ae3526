"""What can be asked for an audit: the files that prove a campaign."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetEvidence(Query):
    """Everything that proves a campaign, as files by name."""

    action: ClassVar[str] = "qa.export"
    campaign_id: UUID
