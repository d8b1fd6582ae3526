"""People of the desk: agents, leads, raters, administrators; their teams and shifts."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from deskapp.domain.terms import AgentState, Role, Shift
from deskapp.models.base import Identified, Versioned, word


class Team(Versioned, table=True):
    """A desk: the people who work one kind of ticket."""

    key: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=80)
    department: str = Field(default="", max_length=80)
    active: bool = True


class Agent(Versioned, table=True):
    """A person who signs on. `login` is the name of the OS user unless another one is mapped to it."""

    login: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=80)
    role: Role = Field(default=Role.AGENT, sa_type=word(Role))
    team_id: UUID | None = Field(default=None, foreign_key="team.id", index=True)
    shift: Shift = Field(default=Shift.EARLY, sa_type=word(Shift))
    state: AgentState = Field(default=AgentState.OFF, sa_type=word(AgentState))
    state_since: datetime | None = None
    os_user: str = Field(default="", max_length=64, index=True)
    active: bool = True


class DeskFact(Identified, table=True):
    """A fact of the desk as a whole, the same for every seat: the region in which it is called."""

    __tablename__ = "desk_fact"

    name: str = Field(max_length=40, unique=True)
    value: str = Field(default="", max_length=200)
