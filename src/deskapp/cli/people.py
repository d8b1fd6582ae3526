"""`deskapp people`: who works at this desk, in which teams."""

from typing import Annotated

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, print_table, say
from deskapp.cli.session import desk_of
from deskapp.domain.errors import NotFound
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor
from deskapp.domain.terms import LABELS, Role, Shift
from deskapp.domain.views import Directory, PersonLine, TeamLine
from deskapp.services.desk import Desk
from deskapp.services.requests.people import GetDirectory, SavePerson, SaveTeam

Login = Annotated[str, typer.Argument(metavar="LOGIN", help=N_("The name to sign on with."))]
Team = Annotated[str, typer.Option("--team", metavar="KEY", help=N_("The team, by its key."))]


def people(
    call: Call, everybody: Annotated[bool, typer.Option("--all", help=N_("Those who left, too."))] = False
) -> None:
    with desk_of(call) as (desk, actor):
        found = _directory(desk, actor)
    keys = {team.id: team.key for team in found.teams}
    shown = [person for person in found.people if person.active or everybody]
    if call.json:
        emit([_person(person, keys.get(person.team_id, "") if person.team_id else "") for person in shown])
        return
    print_table(
        [_("login"), _("name"), _("role"), _("team"), _("shift"), _("state")],
        [
            (
                p.login,
                p.name,
                _(LABELS[p.role]),
                p.team,
                _(LABELS[p.shift]),
                _(LABELS[p.state]) if p.active else _("left"),
            )
            for p in shown
        ],
    )


def save(
    call: Call,
    login: Login,
    name: Annotated[str, typer.Option("--name", help=N_("The name that others see."))] = "",
    role: Annotated[Role | None, typer.Option("--role", help=N_("What somebody is at this desk."))] = None,
    team: Team = "",
    shift: Annotated[Shift | None, typer.Option("--shift", help=N_("The shift."))] = None,
    os_user: Annotated[str, typer.Option("--os-user", help=N_("The OS user who is this person."))] = "",
    left: Annotated[bool, typer.Option("--left", help=N_("They work here no more: nobody signs on as them."))] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        found = _directory(desk, actor)
        known = next((person for person in found.people if person.login == login), None)
        team_id = _team(found, team).id if team else known.team_id if known else None
        done = desk.execute(
            actor,
            SavePerson(
                agent_id=known.id if known else None,
                version=known.version if known else None,
                login=login,
                name=name or (known.name if known else login),
                os_user=os_user or (known.os_user if known else ""),
                role=role or (known.role if known else Role.AGENT),
                team_id=team_id,
                shift=shift or (known.shift if known else Shift.EARLY),
                active=not left,
            ),
        )
    _tell(call, done.label, _("{name} is kept.").format(name=done.label))


def teams(call: Call) -> None:
    with desk_of(call) as (desk, actor):
        found = _directory(desk, actor)
    if call.json:
        emit([{"key": t.key, "name": t.name, "department": t.department, "active": t.active} for t in found.teams])
        return
    print_table(
        [_("key"), _("name"), _("department")], [(t.key, t.name, t.department) for t in found.teams if t.active]
    )


def save_team(
    call: Call,
    key: Annotated[str, typer.Argument(metavar="KEY", help=N_("A short name without spaces."))],
    name: Annotated[str, typer.Option("--name", help=N_("The name that others see."))] = "",
    department: Annotated[str, typer.Option("--department", help=N_("The department it belongs to."))] = "",
    gone: Annotated[bool, typer.Option("--gone", help=N_("The team is no more; its tickets stay."))] = False,
) -> None:
    with desk_of(call) as (desk, actor):
        known = next((team for team in _directory(desk, actor).teams if team.key == key), None)
        done = desk.execute(
            actor,
            SaveTeam(
                team_id=known.id if known else None,
                version=known.version if known else None,
                key=key,
                name=name or (known.name if known else key),
                department=department or (known.department if known else ""),
                active=not gone,
            ),
        )
    _tell(call, done.label, _("{name} is kept.").format(name=done.label))


def _directory(desk: Desk, actor: Actor) -> Directory:
    found: Directory = desk.read(actor, GetDirectory())
    return found


def _team(found: Directory, key: str) -> TeamLine:
    team = next((team for team in found.teams if team.key == key and team.active), None)
    if team is None:
        raise NotFound(
            N_("There is no team {key}."),
            hint=N_("There are: {keys}. `deskapp people team` makes another."),
            key=key,
            keys=", ".join(team.key for team in found.teams if team.active),
        )
    return team


def _person(person: PersonLine, team: str) -> dict[str, object]:
    return {
        "login": person.login, "name": person.name, "role": person.role.value, "team": team,
        "shift": person.shift.value, "state": person.state.value, "os_user": person.os_user, "active": person.active,
    }  # fmt: skip


def _tell(call: Call, label: str, text: str) -> None:
    if call.json:
        emit({"name": label})
    else:
        say(text)
