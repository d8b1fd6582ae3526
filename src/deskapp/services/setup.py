"""Make a desk and look after it: its tables, its first people, its backups."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor
from deskapp.domain.terms import Role
from deskapp.models.people import Agent, Team
from deskapp.services.audit import anchor_of
from deskapp.services.clock_rules import in_force
from deskapp.services.flows import add_shipped
from deskapp.services.normal import DEFAULT_REGION, known_region
from deskapp.services.region import keep_region
from deskapp.services.requests.people import SavePerson, SaveTeam
from deskapp.store.backup import Manifest, write_backup
from deskapp.store.engine import open_engine, parse_url, sqlite_path
from deskapp.store.migrate import SchemaState, Upgrade, create, upgrade
from deskapp.store.uow import work

ADMINISTRATOR = "admin"


@dataclass(frozen=True, slots=True)
class NewDesk:
    """A desk that was just made: its address, who may sign on."""

    database: str
    login: str
    administrator: str
    team: str


def init_desk(
    url: str, *, login: str, os_user: str, name: str, team: str, now: datetime, region: str = DEFAULT_REGION
) -> NewDesk:
    """Make a desk with one team; its maker is the team's lead and, by a second sign-on, the administrator.

    Numbers without a country code are read as `region` dials them (two letters). Raises Invalid for one that is none.

    Two sign-ons, since an administrator reads no tickets. Raises Conflict when there is a desk, Unreachable.
    """
    SaveTeam(key="desk-1", name=team)  # refuses what is too long before anything is made
    person, region = SavePerson(login=login, name=name, os_user=os_user), known_region(region)
    create(url)
    engine = open_engine(url)
    try:
        first = Team(key="desk-1", name=team)
        admin_login = ADMINISTRATOR if person.login != ADMINISTRATOR else f"{ADMINISTRATOR}-2"
        lead = Agent(login=person.login, name=person.name, os_user=os_user, role=Role.LEAD, team_id=first.id)
        admin = Agent(login=admin_login, name=person.name, os_user=os_user, role=Role.ADMIN)
        actor = Actor(admin.id, admin.login, admin.name, admin.role, None)
        with work(engine, now, actor, uuid7()) as unit:
            unit.authorize("people.edit")
            unit.add(first, lead, admin)
            unit.record("people.edit", "team", first)
            unit.record("people.edit", "agent", lead)
            unit.record("people.edit", "agent", admin)
            unit.record("people.edit", "desk", keep_region(unit, region))
            unit.commit()
        bring_pack(engine, actor, now)
    finally:
        engine.dispose()
    return NewDesk(_told(url), lead.login, admin.login, team)


def bring_pack(engine: Engine, actor: Actor, now: datetime) -> None:
    """Give a new desk what is shipped with deskapp: the published flows, policy and calendars with holidays."""
    with work(engine, now, actor, uuid7()) as unit:
        unit.authorize("flow.publish")
        in_force(unit.session.connection(), now, by=actor.id)
        add_shipped(unit, unit.submission_id)
        unit.commit()


def upgrade_desk(url: str, *, now: datetime) -> Upgrade:
    """Bring the tables to this deskapp; a desk that has some is backed up first, beside the file or in this folder."""

    def save(engine: Engine, before: SchemaState) -> Path:
        address = parse_url(url)
        sqlite = address.get_backend_name() == "sqlite"
        folder = sqlite_path(address).parent if sqlite else Path.cwd()
        path = folder / f"before-upgrade-{before.revision}-{now:%Y%m%dT%H%M%SZ}.backup.zip"
        write_backup(engine, path, now=now, anchor=ledger_anchor)
        return path

    return upgrade(url, backup=save)


def backup_desk(url: str, path: Path, *, now: datetime) -> Manifest:
    """Write a backup with the ledger's head in its manifest. Raises Conflict for a file that is there, Unreachable."""
    engine = open_engine(url)
    try:
        return write_backup(engine, path, now=now, anchor=ledger_anchor)
    finally:
        engine.dispose()


def ledger_anchor(connection: Connection) -> dict[str, object]:
    """Where the audit chain stands: kept off the machine, it shows when something behind it was changed."""
    anchor = anchor_of(connection)
    return {"seq": anchor.seq, "head": anchor.head}


def _told(url: str) -> str:
    """An address that may be shown: without a password."""
    address = parse_url(url)
    return str(sqlite_path(address)) if address.get_backend_name() == "sqlite" else address.render_as_string()
