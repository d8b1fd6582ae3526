"""What can be asked of the audit ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from deskapp.domain.audit import Anchor
from deskapp.services.requests.base import Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAudit(Query):
    """The newest events that fit, oldest first; `details` asks for what changed as well."""

    action: ClassVar[str] = "audit.read"
    ticket_number: int | None = None
    login: str = line(64)
    done: str = line(60)
    since: datetime | None = None
    until: datetime | None = None
    details: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAudit(Query):
    """Whether the chain is as it was written; with an anchor also whether it is the same chain."""

    action: ClassVar[str] = "audit.read"
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GetAnchor(Query):
    """Where the chain stands now."""

    action: ClassVar[str] = "audit.read"
