"""What can be asked about notices: what the desk tells people when promises come near, are missed, or turn red."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSweep(Query):
    """When the next notice falls due, and whether this seat may tell it."""

    action: ClassVar[str] = "notice.sweep"
    holder: str = line(80, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepNotices(Command):
    """Tell everything that has fallen due, once each, if no other seat holds the lease."""

    action: ClassVar[str] = "notice.sweep"
    holder: str = line(80, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetNotices(Query):
    """Notices that concern who asks and that they have not taken note of, the newest first; `earlier`: all of them."""

    action: ClassVar[str] = "notice.read"
    limit: int = 50
    earlier: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeeNotices(Command):
    """Take note of notices: they are not shown to oneself again."""

    action: ClassVar[str] = "notice.read"
    notice_ids: tuple[UUID, ...]
