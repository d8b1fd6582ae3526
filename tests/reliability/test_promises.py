"""The promises of reliability, at the size of every run; `make proof` runs the same at full size."""

from collections import Counter
from uuid import UUID

import pytest
from sqlalchemy import text

from deskapp.clock import AnchoredClock
from deskapp.services.desk import Desk
from deskapp.services.requests.tickets import GetTicket, OpenTicket
from deskapp.store.engine import open_engine
from tests.reliability.harness import claim_race, edit_race, kill_rounds_aside, note_race, verify_chain
from tests.services.conftest import staff


def test_no_acknowledged_change_is_lost_or_doubled_by_kill_9(database_url: str) -> None:
    engine = open_engine(database_url)
    staff(engine)
    engine.dispose()
    rounds = 500 if database_url.startswith("sqlite") else 100
    report = kill_rounds_aside(database_url, "chen", rounds)
    assert (report.lost, report.doubled, report.partial) == (0, 0, 0)
    assert report.acknowledged > rounds / 5, "the kill came too early to mean anything"
    engine = open_engine(database_url)
    assert verify_chain(engine) > report.acknowledged
    engine.dispose()


def test_every_ticket_is_claimed_once_however_many_try(database_url: str) -> None:
    engine = open_engine(database_url)
    people, _ = staff(engine)
    engine.dispose()
    won = claim_race(database_url, [people["chen"], people["sato"], people["lin"]] * 2, tickets=40)
    counted = Counter(label for labels in won for label in labels)
    assert len(counted) == 40, "some ticket is stuck"
    assert set(counted.values()) == {1}


def test_no_edit_is_lost_silently(database_url: str) -> None:
    engine = open_engine(database_url)
    people, _ = staff(engine)
    desk = Desk(engine, AnchoredClock())
    tickets = [desk.execute(people["lin"], OpenTicket(subject="shared")).id for _ in range(3)]
    engine.dispose()
    made = edit_race(database_url, [people["lin"]] * 6, tickets, edits=12)
    engine = open_engine(database_url)
    desk = Desk(engine, AnchoredClock())
    kept = "".join(desk.read(people["lin"], GetTicket(ticket_id=UUID(str(i)))).description for i in tickets)
    engine.dispose()
    assert all(kept.count(mark) == 1 for marks in made for mark in marks)


@pytest.mark.parametrize("writers", [8])
def test_nobody_meets_a_locked_database(database_url: str, writers: int) -> None:
    engine = open_engine(database_url)
    people, _ = staff(engine)
    desk = Desk(engine, AnchoredClock())
    ticket = desk.execute(people["chen"], OpenTicket(subject="busy")).id
    engine.dispose()
    errors = note_race(database_url, [people["chen"]] * writers, ticket, notes=15)
    assert [error for told in errors for error in told] == []
    engine = open_engine(database_url)
    with engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM timeline_entry")).scalar_one()
    engine.dispose()
    assert count == writers * 15 + 1
