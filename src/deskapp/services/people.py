"""The desk's people: who works here, in which team, doing what."""

from sqlalchemy import func, select

from deskapp.domain.errors import Conflict
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Subject
from deskapp.domain.views import Directory, PersonLine, TeamLine
from deskapp.models.base import table
from deskapp.models.people import Agent, Team
from deskapp.services.desk import Read, Work, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.people import GetDirectory, SavePerson, SaveTeam, SetState


@handles(GetDirectory)
def get_directory(read: Read, _query: GetDirectory) -> Directory:
    """All people and teams, by name."""
    a, t = table(Agent).c, table(Team).c
    people = read.session.execute(
        select(
            a.id,
            a.version,
            a.login,
            a.name,
            a.role,
            a.team_id,
            func.coalesce(t.name, ""),
            a.shift,
            a.state,
            a.active,
            a.os_user,
        )
        .select_from(table(Agent).outerjoin(table(Team), a.team_id == t.id))
        .order_by(a.name)
    )
    teams = read.session.execute(select(t.id, t.version, t.key, t.name, t.department, t.active).order_by(t.name))
    return Directory(tuple(PersonLine(*row) for row in people), tuple(TeamLine(*row) for row in teams))


@handles(SetState)
def set_state(work: Work, command: SetState) -> Receipt:
    """Say what somebody is doing now."""
    agent = work.lock(Agent, command.agent_id)
    work.authorize(command.action, Subject(frozenset({agent.id}), frozenset({agent.team_id} if agent.team_id else ())))
    agent.state, agent.state_since = command.state, work.now
    work.record(command.action, "agent", agent)
    return Receipt("agent", agent.id, agent.name, 0)


@handles(SavePerson)
def save_person(work: Work, command: SavePerson) -> Receipt:
    """Add somebody, or change what is known of them; nobody changes their own role."""
    work.authorize(command.action)
    a = table(Agent).c
    taken = work.session.execute(select(a.id).where(a.login == command.login)).scalar()
    if taken and taken != command.agent_id:
        raise Conflict(N_("{login} is somebody's login already."), field="login", login=command.login)
    if command.agent_id:
        agent = work.lock(Agent, command.agent_id)
        work.expect(agent, command.version)
        if agent.id == work.actor.id and command.role is not agent.role:
            raise Conflict(N_("Nobody changes their own role."), field="role")
    else:
        agent = Agent(id=command.submission_id, login=command.login, name=command.name)
    agent.login, agent.name, agent.os_user, agent.role = command.login, command.name, command.os_user, command.role
    agent.team_id, agent.shift, agent.active = command.team_id, command.shift, command.active
    work.add(agent)
    work.record(command.action, "agent", agent)
    return Receipt("agent", agent.id, agent.name, 0)


@handles(SaveTeam)
def save_team(work: Work, command: SaveTeam) -> Receipt:
    """Add a team, or change what is known of it."""
    work.authorize(command.action)
    if command.team_id:
        team = work.lock(Team, command.team_id)
        work.expect(team, command.version)
    else:
        team = Team(id=command.submission_id, key=command.key, name=command.name)
    team.key, team.name, team.department, team.active = command.key, command.name, command.department, command.active
    work.add(team)
    work.record(command.action, "team", team)
    return Receipt("team", team.id, team.name, 0)
