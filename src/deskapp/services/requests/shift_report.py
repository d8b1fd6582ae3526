"""What can be asked of a shift as a whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from deskapp.domain.terms import Shift
from deskapp.services.requests.base import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetShiftReport(Query):
    """The report of a team's shift from `since` (aware UTC; else eight hours ago) until now; without a team, the desk.

    Who may see their own duties only gets these.
    """

    action: ClassVar[str] = "shift.report"
    team_id: UUID | None = None
    shift: Shift | None = None
    since: datetime | None = None


__all__ = ["GetShiftReport"]
