"""A small desk with people on it, on each database."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from deskapp.clock import FrozenClock
from deskapp.domain.permissions import Actor
from deskapp.domain.terms import Role
from deskapp.domain.views import TicketView
from deskapp.models.people import Agent, Team
from deskapp.services.desk import Desk
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.tickets import GetTicket
from deskapp.store.uow import work

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Floor:
    """A desk with two teams, and who works there by login."""

    desk: Desk
    clock: FrozenClock
    people: dict[str, Actor]
    teams: dict[str, Team]

    def do(self, login: str, command: Command) -> Receipt:
        return self.desk.execute(self.people[login], command)

    def ticket(self, receipt: Receipt, login: str = "chen") -> TicketView:
        view: TicketView = self.desk.read(self.people[login], GetTicket(ticket_id=receipt.ticket_id))
        return view


def staff(engine: Engine) -> tuple[dict[str, Actor], dict[str, Team]]:
    """Put two teams and a person of each role on a desk, as its administrator would."""
    teams = {key: Team(key=key, name=key.title()) for key in ("repairs", "gas")}
    roles = {
        "chen": (Role.AGENT, "repairs"),
        "sato": (Role.AGENT, "repairs"),
        "gao": (Role.AGENT, "gas"),
        "lin": (Role.LEAD, "repairs"),
        "rao": (Role.RATER, None),
        "qiu": (Role.QA_LEAD, None),
        "aude": (Role.AUDITOR, None),
        "adam": (Role.ADMIN, None),
    }
    agents = {
        login: Agent(login=login, name=login.title(), role=role, team_id=teams[team].id if team else None)
        for login, (role, team) in roles.items()
    }
    people = {k: Actor(a.id, a.login, a.name, a.role, a.team_id) for k, a in agents.items()}
    with work(engine, NOON, people["adam"], agents["adam"].id) as unit:
        unit.authorize("people.edit")
        unit.add(*teams.values())
        unit.flush()
        unit.add(*agents.values())
        unit.record("people.edit", "agent", agents["adam"])
        unit.commit()
    return people, teams


@pytest.fixture
def floor(engine: Engine) -> Floor:
    """A desk at noon of a Monday."""
    people, teams = staff(engine)
    clock = FrozenClock(NOON)
    return Floor(Desk(engine, clock), clock, people, teams)
