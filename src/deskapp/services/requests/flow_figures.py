"""What can be asked about how flows fared."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from deskapp.services.requests.base import Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetFlowFigures(Query):
    """How flows and their questions fared on cases begun since an instant (aware UTC; None: all)."""

    action: ClassVar[str] = "flow.figures"
    flow: str = line(60)
    since: datetime | None = None
