"""What can be asked about corrective actions and their proofs."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class ListActions(Query):
    """Corrective actions, those that are due first at the top."""

    action: ClassVar[str] = "qa.action.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueAction(Command):
    """Issue a notice; the head of the department is in copy."""

    action: ClassVar[str] = "qa.action.edit"
    campaign_id: UUID
    item: str = line(40)
    finding: str = line(400, required=True)
    department: str = line(80, required=True)
    responsible: str = line(80, required=True)
    todo: str = body(1000, required=True)
    head_in_copy: str = line(80, required=True)
    deadline: datetime
    target: Fraction = Fraction(95, 100)
    # The responsible person at this desk; without it, whoever has the name or login given as `responsible`.
    responsible_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteAction(Command):
    """Say that what was to be done is done."""

    action: ClassVar[str] = "qa.action.do"
    action_id: UUID
    text: str = line(1000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidAction(Command):
    """End an action that should not have been issued; it stays in the books with the reason."""

    action: ClassVar[str] = "qa.void"
    action_id: UUID
    reason: str = line(300, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyAction(Command):
    """Prove an action: by census where its item is decided by rule, else by its verification campaign."""

    action: ClassVar[str] = "qa.action.edit"
    action_id: UUID
