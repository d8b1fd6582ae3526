"""What can be asked about the desk as a whole."""

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import ClassVar

from deskapp.services.requests.base import Query


@dataclass(frozen=True, slots=True, kw_only=True)
class GetWallboard(Query):
    """How the desk stands now; days and hours are those of `zone`."""

    action: ClassVar[str] = "wallboard.read"
    zone: tzinfo = UTC


__all__ = ["GetWallboard"]
