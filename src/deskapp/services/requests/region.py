"""What can be asked about the desk's region: how a telephone number without a country code is read."""

from dataclasses import dataclass
from typing import ClassVar

from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetRegion(Query):
    """The region, as two letters (ISO 3166)."""

    action: ClassVar[str] = "people.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRegion(Command):
    """Read numbers as people in this region say them, from now on; numbers that are kept stay as they are."""

    action: ClassVar[str] = "desk.region"
    region: str = line(2, required=True)
