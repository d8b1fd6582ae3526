"""R8: what the one table of rights says holds for every command and query, for every role, on both databases.

Nothing here lists requests or rights: a new request is found by itself, and fails until its action has a row.
"""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from deskapp.domain.errors import Denied, DeskError
from deskapp.domain.permissions import RIGHTS, Actor, Reach, Subject, authorize, may
from deskapp.domain.terms import Role
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.models.customer import Customer
from deskapp.services.desk import Desk, handler_of, handles
from deskapp.services.requests.base import Command, Query, Receipt
from deskapp.store.uow import Work
from tests.contracts.requests import all_requests, is_known, objects_of_sato, required, sample
from tests.services.conftest import Floor, floor

__all__ = ["floor"]

COMMANDS = [kind for kind in all_requests() if issubclass(kind, Command)]
QUERIES = [kind for kind in all_requests() if issubclass(kind, Query)]


@pytest.mark.parametrize("kind", [*COMMANDS, *QUERIES])
def test_a_request_names_an_action_that_has_a_row_and_somebody_carries_it_out(kind: type[Command]) -> None:
    assert kind.action in RIGHTS, f"{kind.__name__}: give {kind.action} a row in deskapp.domain.permissions"
    assert set(RIGHTS[kind.action]) == set(Role)
    assert callable(handler_of(kind))


def seats(floor: Floor) -> list[tuple[Actor, Reach]]:
    """Each role in each place: the one to whom it belongs, a colleague, somebody of another desk.

    Rights are decided above the database, so on PostgreSQL one place, of another desk, is enough.
    """
    own, near, far = floor.people["sato"], floor.people["chen"], floor.people["gao"]
    places = [(far, Reach.ALL), (near, Reach.TEAM), (own, Reach.OWN)]
    if floor.desk.engine.dialect.name != "sqlite":
        places = places[:1]
    return [
        (Actor(person.id, person.login, person.name, role, person.team_id), needed)
        for role in Role
        for person, needed in places
    ]


class Permitted(Exception):
    """A command came as far as its commit."""


def test_a_command_is_carried_out_for_those_and_only_those_whom_the_table_permits(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = objects_of_sato(floor)

    def stop(unit: Work) -> int:
        assert unit.authorized, "it asked for no right"
        raise Permitted

    def permitted(actor: Actor, command: Command) -> bool:
        try:
            floor.desk.execute(actor, command)
        except Denied:
            return False
        except (Permitted, DeskError):
            return True
        raise AssertionError("a command that ends without a commit")

    monkeypatch.setattr(Work, "commit", stop)
    wrong = []
    for kind in COMMANDS:
        has_object = UUID in required(kind).values()
        for actor, needed in seats(floor):
            right = RIGHTS[kind.action][actor.role]
            expected = right >= needed if has_object else right > Reach.NONE
            if not is_known(kind, objects):
                # About an object that this desk lacks: nobody may get to a commit, whatever the right.
                with pytest.raises(DeskError):
                    floor.desk.execute(actor, sample(kind, objects))  # type: ignore[arg-type]
            elif permitted(actor, sample(kind, objects)) != expected:
                wrong.append((kind.__name__, actor.role.value, needed.name, f"expected {expected}"))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_query_is_answered_for_those_and_only_those_whom_the_table_permits(floor: Floor) -> None:
    objects = objects_of_sato(floor)

    def permitted(actor: Actor, query: Query) -> bool:
        try:
            floor.desk.read(actor, query)
        except Denied:
            return False
        except DeskError:
            return True
        return True

    wrong = [
        (kind.__name__, actor.role.value)
        for kind in QUERIES
        for actor, needed in seats(floor)
        if needed is Reach.ALL
        and is_known(kind, objects)
        and permitted(actor, sample(kind, objects)) != (RIGHTS[kind.action][actor.role] > Reach.NONE)
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_a_replay_takes_no_command_from_anybody(floor: Floor) -> None:
    objects, desk = objects_of_sato(floor), Desk(floor.desk.engine, floor.clock, read_only=True)
    for kind in COMMANDS:
        with pytest.raises(Denied):
            desk.execute(floor.people["lin"], sample(kind, objects))  # type: ignore[arg-type]


# Handlers that forget -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetful(Command):
    """A command whose handler leaves out one thing."""

    action = "customer.create"
    authorizes: bool = False
    records: bool = False


@handles(Forgetful)
def forget(work: Work, command: Forgetful) -> Receipt:
    if command.authorizes:
        work.authorize(command.action)
    customer = Customer(number=77, name="Nobody asked", created_at=work.now)
    work.add(customer)
    if command.records:
        work.record(command.action, "customer", customer)
    return Receipt("customer", customer.id, "", 0)


@pytest.mark.parametrize("forgotten", ["authorizes", "records"])
def test_a_handler_that_forgets_the_right_or_the_audit_event_is_refused_at_commit(floor: Floor, forgotten: str) -> None:
    given = {name: name != forgotten for name in ("authorizes", "records")}
    with pytest.raises(RuntimeError, match="without"):
        floor.do("chen", Forgetful(**given))
    with floor.desk.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table(Customer))).scalar() == 0
        assert connection.execute(select(func.count()).select_from(table(AuditEvent))).scalar() == 1
    assert floor.do("chen", Forgetful(authorizes=True, records=True)).seq == 2


# The table itself -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Query):
    action = "ticket.juggle"


@handles(Unknown)
def juggle(*_: object) -> None:
    raise AssertionError("answered without a right")


def test_an_action_without_a_row_is_refused_to_everybody(floor: Floor) -> None:
    for actor, _needed in seats(floor):
        with pytest.raises(KeyError):
            authorize(actor, "ticket.juggle")
        with pytest.raises(KeyError):
            floor.desk.read(actor, Unknown())


@pytest.mark.parametrize("reach", Reach)
def test_how_far_a_right_goes(reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    me, team = uuid4(), uuid4()
    actor = Actor(me, "me", "Me", Role.AGENT, team)
    monkeypatch.setitem(RIGHTS, "ticket.juggle", {Role.AGENT: reach})
    others = frozenset({uuid4()})
    told = [
        may(actor, "ticket.juggle", subject)
        for subject in (
            Subject(frozenset({me}), others),
            Subject(others, frozenset({team})),
            Subject(others, others),
            Subject(),
        )
    ]
    assert told == [reach >= Reach.OWN, reach >= Reach.TEAM, reach >= Reach.ALL, reach >= Reach.ALL]


def test_nobody_of_no_team_shares_the_work_of_no_team() -> None:
    loner = Actor(uuid4(), "x", "X", Role.LEAD, None)
    assert RIGHTS["ticket.release"][Role.LEAD] is Reach.TEAM
    assert not may(loner, "ticket.release", Subject())
