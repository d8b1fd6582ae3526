"""A calendar edit over a whole desk: whatever stands there, what is kept is what folding every history again gives."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from deskapp.clock import FrozenClock
from deskapp.domain.sla import State, next_threshold_at, shown_data
from deskapp.domain.terms import Channel, Status
from deskapp.models import clock as models
from deskapp.models.base import table
from deskapp.models.ticket import Ticket
from deskapp.services.clocks import columns
from deskapp.services.requests.calendars import DayEdit, PreviewDays, SaveDays
from deskapp.store.clocks import load_book
from deskapp.store.rules import colours_of, known_of
from deskapp.store.uow import reading
from tests.services.conftest import Floor
from tests.services.test_clocks import _STEPS, _step, assert_refold_is_the_same, open_one

_OUTCOMES = ("complex_3wd", "green_24h", "visit_24h", "")
_EDITS = (
    (DayEdit(day=date(2026, 3, 6), name="Stocktaking"),),
    (DayEdit(day=date(2026, 3, 3), hours="09:00-10:00", name="short"), DayEdit(day=date(2026, 3, 10), name="closed")),
    (DayEdit(day=date(2026, 3, 7), hours="06:00-23:00", name="extra day"),),
    (DayEdit(day=date(2026, 3, 6), as_usual=True),),
    (DayEdit(day=date(2027, 3, 6), name="far away"),),
)


@pytest.mark.parametrize("seed", range(3))
def test_every_edit_leaves_what_folding_the_histories_gives(floor: Floor, seed: int) -> None:
    chance = Random(seed)
    floor.clock.at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    tickets = []
    for _ in range(9):
        tickets.append(open_one(floor, outcome=chance.choice(_OUTCOMES), channel=chance.choice(list(Channel))))
        for _ in range(chance.randrange(5)):
            _step(floor, chance.choice(tickets), chance.choice(_STEPS), chance.randrange(6))
    for edit in _EDITS:
        preview = floor.desk.read(floor.people["lin"], PreviewDays(days=edit))
        before = _dues(floor)
        floor.do("lin", SaveDays(days=edit))
        after = _dues(floor)
        assert preview.moved == sum(after[key] != due for key, due in before.items())
        for ticket in tickets:
            assert_refold_is_the_same(floor, ticket)
        _assert_lists_show_what_is_kept(floor)
        floor.clock.advance(hours=chance.randrange(30))
        _step(floor, chance.choice(tickets), chance.choice(_STEPS), 2)


def _dues(floor: Floor) -> dict[object, datetime]:
    c = table(models.Clock).c
    with reading(floor.desk.engine) as session:
        rows = session.execute(select(c.ticket_id, c.metric, c.name, c.round, c.held_due)).all()
    return {row[:4]: row.held_due for row in rows}


def _assert_lists_show_what_is_kept(floor: Floor) -> None:
    t, b, c, now = table(Ticket).c, table(models.ClockBook).c, table(models.Clock).c, floor.clock.now()
    with reading(floor.desk.engine) as session:
        connection = session.connection()
        known = known_of(connection)
        tickets = select(table(Ticket), b.shown).join(table(models.ClockBook), b.ticket_id == t.id)
        for row in connection.execute(tickets):
            kept = load_book(connection, row.id)
            assert kept is not None
            assert list(row.shown) == shown_data(kept.book.clocks, colours_of(known))
            due = columns(row.status, row.opened_at, row.grade.rank, kept.book, now)
            if not any(clock.state is State.PAUSED for clock in kept.book.clocks) or row.status is not Status.PAUSED:
                assert {name: getattr(row, name) for name in due} == due
            told = select(c.metric, c.name, c.round, c.next_threshold_at).where(c.ticket_id == row.id)
            stored = {found[:3]: found.next_threshold_at for found in connection.execute(told)}
            for clock in kept.book.clocks:
                if clock.is_open and clock.revision > 1:  # nothing has been told under this due time
                    calendar, policy = known.calendars[clock.calendar], known.policies[clock.policy]
                    key = (clock.metric.value, clock.name, clock.round)
                    ahead = next_threshold_at(clock, calendar, policy)
                    assert stored[key] == ahead or max(stored[key], ahead) <= now  # or both are to be told at once


def test_a_ticket_that_a_faster_clock_wrote_to_is_counted_after_what_it_wrote(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    slow = open_one(floor, outcome="complex_3wd")
    other = Floor(floor.desk, FrozenClock(floor.clock.at + timedelta(minutes=4)), floor.people, floor.teams)
    floor.desk.clock = other.clock
    quick = open_one(floor, outcome="complex_3wd")
    floor.desk.clock = floor.clock
    floor.do("lin", SaveDays(days=(DayEdit(day=date(2026, 3, 3), name="Stocktaking"),)))
    e = table(models.ClockEvent).c
    with reading(floor.desk.engine) as session:
        at = {
            row.ticket_id: row.at
            for row in session.execute(select(e.ticket_id, func.max(e.at).label("at")).group_by(e.ticket_id))
        }
    assert (at[slow], at[quick]) == (floor.clock.at, other.clock.at)
    for ticket in (slow, quick):
        assert_refold_is_the_same(floor, ticket)


def test_an_edit_far_away_writes_no_clock_anew_but_tells_every_ticket(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    ticket = open_one(floor, outcome="complex_3wd")
    done = open_one(floor, outcome="complex_3wd")
    marked = table(models.Clock)
    with floor.desk.engine.execution_options(write=True).begin() as connection:
        # Only who reads the clock again would notice that it is due at another instant than its rule says.
        connection.execute(update(marked).where(marked.c.ticket_id == done).values(share_told=0.25))
    floor.do("lin", SaveDays(days=(DayEdit(day=date(2027, 5, 3), name="closed"),)))
    assert_refold_is_the_same(floor, ticket)
    with reading(floor.desk.engine) as session:
        shares = set(session.execute(select(marked.c.share_told).where(marked.c.ticket_id == done)).scalars())
        versions = set(session.execute(select(marked.c.calendar).where(marked.c.state == "running")).scalars())
        kinds = session.execute(select(table(models.ClockEvent).c.kind)).scalars().all()
    assert shares == {0.25} and len(versions) == 1
    assert kinds.count("calendar_changed") == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE policy_version SET body = '{}'",
        "DELETE FROM policy_version",
        "UPDATE calendar_version SET body = '{}'",
        "DELETE FROM calendar_version",
        "UPDATE clock_event SET at = recorded_at",
    ],
)
def test_the_database_itself_keeps_what_due_times_are_judged_by(floor: Floor, statement: str) -> None:
    open_one(floor)
    with (
        pytest.raises(DBAPIError, match=r"never changes|only ever added"),
        floor.desk.engine.execution_options(write=True).begin() as connection,
    ):
        connection.exec_driver_sql(statement)
