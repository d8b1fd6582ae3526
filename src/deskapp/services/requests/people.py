"""What can be asked about the desk's people."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.domain.terms import AgentState, Role, Shift
from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetDirectory(Query):
    """All people and teams."""

    action: ClassVar[str] = "people.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState(Command):
    """Say what one is doing now: ready, on a case, away, signed off."""

    action: ClassVar[str] = "people.state"
    agent_id: UUID
    state: AgentState


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePerson(Command):
    """Add somebody, or change what is known of them."""

    action: ClassVar[str] = "people.edit"
    agent_id: UUID | None = None
    version: int | None = None
    login: str = line(64, required=True)
    name: str = line(80, required=True)
    os_user: str = line(64)
    role: Role = Role.AGENT
    team_id: UUID | None = None
    shift: Shift = Shift.EARLY
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveTeam(Command):
    """Add a team, or change what is known of it."""

    action: ClassVar[str] = "people.edit"
    team_id: UUID | None = None
    version: int | None = None
    key: str = line(40, required=True)
    name: str = line(80, required=True)
    department: str = line(80)
    active: bool = True
