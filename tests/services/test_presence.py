"""Who is at a ticket: told to others while it holds, forgotten when it is not renewed, never part of the audit."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from deskapp.domain.errors import Denied, NotFound
from deskapp.domain.presence import LEASE, PresenceLine, Present, foremost, sentence
from deskapp.models.audit import AuditEvent, Presence
from deskapp.models.base import table
from deskapp.services.requests.presence import GetPresence, TellPresence
from deskapp.services.requests.tickets import OpenTicket
from tests.services.conftest import Floor


def tell(floor: Floor, ticket: UUID, state: Present, login: str = "chen") -> None:
    floor.do(login, TellPresence(ticket_id=ticket, state=state))


def there(floor: Floor, login: str = "sato", ticket: UUID | None = None) -> list[tuple[str, str]]:
    found: tuple[PresenceLine, ...] = floor.desk.read(floor.people[login], GetPresence(ticket_id=ticket))
    return [(line.name, line.state.value) for line in found]


def counted(floor: Floor, model: type) -> int:
    with floor.desk.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table(model))).scalar_one())


def test_others_see_it_until_it_is_taken_back_or_no_longer_renewed(floor: Floor) -> None:
    ticket = floor.do("chen", OpenTicket(subject="drum")).id
    events = counted(floor, AuditEvent)
    tell(floor, ticket, Present.VIEWING)
    assert there(floor) == [("Chen", "viewing")] and there(floor, "chen") == []
    tell(floor, ticket, Present.EDITING)
    tell(floor, ticket, Present.IDLE, "lin")
    assert there(floor, ticket=ticket) == [("Chen", "editing"), ("Lin", "idle")]
    assert there(floor, ticket=uuid4()) == []
    floor.clock.advance(seconds=LEASE.total_seconds() - 1)
    tell(floor, ticket, Present.EDITING)
    floor.clock.advance(seconds=2)
    assert there(floor) == [("Chen", "editing")]
    tell(floor, ticket, Present.GONE)
    assert there(floor) == []
    assert counted(floor, AuditEvent) == events, "it changes nothing that an audit is about"


def test_what_killed_seats_left_behind_is_taken_along(floor: Floor) -> None:
    ticket = floor.do("chen", OpenTicket(subject="drum")).id
    tell(floor, ticket, Present.EDITING)
    floor.clock.advance(hours=2)
    tell(floor, ticket, Present.VIEWING, "sato")
    assert counted(floor, Presence) == 1


@pytest.mark.parametrize("login", ["rao", "qiu", "aude", "adam"])
def test_nobody_learns_from_a_rater_at_a_ticket_that_it_was_drawn(floor: Floor, login: str) -> None:
    ticket = floor.do("chen", OpenTicket(subject="drum")).id
    with pytest.raises(Denied):
        tell(floor, ticket, Present.VIEWING, login)
    with pytest.raises(NotFound):
        tell(floor, uuid4(), Present.VIEWING)


def test_who_writes_is_told_before_who_looks() -> None:
    ticket = uuid4()
    lines = [
        PresenceLine(ticket, uuid4(), name, state)
        for name, state in (("Gao", Present.IDLE), ("Lin", Present.VIEWING), ("Sato", Present.EDITING))
    ]
    assert foremost(lines)[ticket].name == "Sato"
    assert sentence(lines) == "Sato is writing here now   Lin looks at it now   Gao has it open"
    assert timedelta(0) < LEASE
