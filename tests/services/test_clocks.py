"""Promises as the services keep them: cached clocks are what folding their events gives; the rules peers get wrong."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from deskapp.clock import FrozenClock
from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.queue import QueueFilter
from deskapp.domain.sla import Clock, Colour, Metric, State, fold
from deskapp.domain.terms import Channel, EntryKind, Grade, PauseReason, Priority, Status
from deskapp.models.base import table
from deskapp.models.clock import ClockEvent
from deskapp.models.ticket import Ticket
from deskapp.services.desk import Desk
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.base import Command
from deskapp.services.requests.queue import GetCounts, GetQueue
from deskapp.store.clocks import load_book, load_events
from deskapp.store.engine import open_engine
from deskapp.store.rules import need
from deskapp.store.uow import reading
from tests.services.conftest import NOON, Floor, staff


def clocks_of(floor: Floor, ticket_id: UUID) -> dict[Metric, Clock]:
    """The last round of each promise of a ticket, as it is kept."""
    with reading(floor.desk.engine) as session:
        kept = load_book(session.connection(), ticket_id)
    assert kept is not None
    return {clock.metric: clock for clock in kept.book.clocks}


def assert_refold_is_the_same(floor: Floor, ticket_id: UUID) -> None:
    with reading(floor.desk.engine) as session:
        connection = session.connection()
        kept, events = load_book(connection, ticket_id), load_events(connection, ticket_id)
        rules = need(connection, {e.policy for e in events} - {""}, {e.calendar for e in events} - {""})
        t = table(Ticket).c
        row = session.execute(select(t.due_at, t.status).where(t.id == ticket_id)).one()
    assert kept is not None and kept.events == len(events)
    assert kept.book == fold(events, rules)
    running = [clock.due_at for clock in kept.book.clocks if clock.state is State.RUNNING]
    assert row.due_at == min((due for due in running if due), default=None)


def open_one(floor: Floor, login: str = "chen", **values: object) -> UUID:
    return floor.do(login, ask.OpenTicket(**({"subject": "washer bangs"} | values))).id


def do(floor: Floor, *commands: Command, login: str = "chen") -> None:
    for command in commands:
        floor.do(login, command)


# The cache

_STEPS = (
    "call",
    "message",
    "say",
    "visit",
    "late_say",
    "pause",
    "resume",
    "regrade",
    "assign",
    "solve",
    "reopen",
    "wait",
)


def _step(floor: Floor, ticket: UUID, name: str, n: int) -> None:
    now = floor.clock.now()
    gas, repairs = floor.people["gao"].id, floor.people["chen"].id
    grades, priorities = list(Grade), list(Priority)
    commands: dict[str, Command] = {
        "call": ask.AddEntry(ticket_id=ticket, kind=EntryKind.CALL_IN, text="again"),
        "message": ask.AddEntry(ticket_id=ticket, kind=EntryKind.MESSAGE_IN, text="hello?"),
        "say": ask.AddEntry(ticket_id=ticket, kind=EntryKind.CALL_OUT, text="we come"),
        "visit": ask.AddEntry(ticket_id=ticket, kind=EntryKind.VISIT, text="here"),
        "late_say": ask.AddEntry(
            ticket_id=ticket, kind=EntryKind.CALL_OUT, text="told", occurred_at=now - timedelta(hours=n)
        ),
        "pause": ask.PauseTicket(ticket_id=ticket, reason=list(PauseReason)[n % 3], until=now + timedelta(days=1 + n)),
        "resume": ask.ResumeTicket(ticket_id=ticket),
        "regrade": ask.RegradeTicket(
            ticket_id=ticket, grade=grades[n % 3], priority=priorities[n % 4], reason="seen again"
        ),
        "assign": ask.AssignTicket(ticket_id=ticket, agent_id=gas if n % 2 else repairs),
        "solve": ask.SolveTicket(ticket_id=ticket, resolution="done", occurred_at=now - timedelta(minutes=n)),
        "reopen": ask.ReopenTicket(ticket_id=ticket, reason="again", same_fault=n % 2 == 0),
    }
    if name == "wait":
        floor.clock.advance(hours=7 * n, minutes=11)
        return
    try:
        floor.do("lin", commands[name])
    except DeskError:
        return  # refused in this state: nothing may have changed


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Floor:
    from tests.support.database import make_schema

    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('clocks') / 'desk.db'}", create=True)
    make_schema(engine)
    people, teams = staff(engine)
    clock = FrozenClock(NOON)
    return Floor(Desk(engine, clock), clock, people, teams)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(_STEPS), st.integers(0, 9)), min_size=3, max_size=12))
def test_cached_clocks_are_what_folding_gives(shared: Floor, steps: list[tuple[str, int]]) -> None:
    ticket = open_one(shared, channel=Channel.EMAIL)
    for name, n in steps:
        _step(shared, ticket, name, n)
    assert_refold_is_the_same(shared, ticket)


def test_a_whole_life_is_kept_alike_on_both_databases(floor: Floor) -> None:
    ticket = open_one(floor, channel=Channel.EMAIL, grade=Grade.YELLOW)
    for name, n in (
        ("message", 0), ("wait", 1), ("say", 0), ("assign", 1), ("pause", 1), ("regrade", 2), ("wait", 2),
        ("late_say", 3), ("resume", 0), ("regrade", 1), ("solve", 4), ("wait", 3), ("reopen", 0), ("solve", 0),
    ):  # fmt: skip
        _step(floor, ticket, name, n)
        assert_refold_is_the_same(floor, ticket)
    with reading(floor.desk.engine) as session:
        kinds = session.execute(select(table(ClockEvent).c.kind).where(table(ClockEvent).c.ticket_id == ticket))
        assert {"opened", "handed_over", "paused", "resolved", "reopened"} <= set(kinds.scalars())


# What peers get wrong


def test_no_clock_runs_after_the_solution_and_a_miss_does_not_grow(floor: Floor) -> None:
    ticket = open_one(floor)
    floor.clock.advance(hours=25)
    do(floor, ask.SolveTicket(ticket_id=ticket, resolution="belt"))
    late = clocks_of(floor, ticket)[Metric.RESOLVE]
    assert (late.state, late.over_by) == (State.LATE, timedelta(hours=1))
    floor.clock.advance(days=3)
    do(floor, ask.CloseTicket(ticket_id=ticket, reason="moved away"))
    after = clocks_of(floor, ticket)
    assert after[Metric.RESOLVE] == late
    assert not any(clock.is_open for clock in after.values())


def test_a_pause_survives_a_change_of_priority(floor: Floor) -> None:
    ticket = open_one(floor)
    floor.clock.advance(hours=4)
    do(floor, ask.PauseTicket(ticket_id=ticket, reason=PauseReason.PARTS, until=floor.clock.now() + timedelta(days=2)))
    floor.clock.advance(hours=10)
    do(floor, ask.RegradeTicket(ticket_id=ticket, priority=Priority.HIGH, grade=Grade.RED, reason="angry"))
    paused = clocks_of(floor, ticket)[Metric.RESOLVE]
    assert (paused.state, paused.used) == (State.PAUSED, timedelta(hours=4))
    do(floor, ask.ResumeTicket(ticket_id=ticket))
    assert clocks_of(floor, ticket)[Metric.RESOLVE].due_at == floor.clock.now() + timedelta(hours=20)


def test_until_the_first_response_no_later_promise_runs_ahead_of_it(floor: Floor) -> None:
    ticket = open_one(floor, channel=Channel.EMAIL, priority=Priority.URGENT)
    do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.MESSAGE_IN, text="and?"))
    assert Metric.NEXT_RESPONSE not in clocks_of(floor, ticket)
    row = floor.desk.read(floor.people["chen"], GetQueue()).rows[0]
    assert (row.due_metric, row.due_at) == ("first_response", floor.clock.now() + timedelta(minutes=10))


def test_a_due_time_is_the_same_instant_in_every_zone_and_holidays_close_the_right_days(floor: Floor) -> None:
    # Opened on Wednesday 30 September 2026, 17:00 in Shanghai: the holiday of the 1st to the 7th does not count.
    floor.clock.at = datetime(2026, 9, 30, 9, tzinfo=UTC)
    ticket = open_one(floor, outcome="complex_3wd")
    due = clocks_of(floor, ticket)[Metric.RESOLVE].due_at
    # The 8th, the 9th, and Saturday the 10th, a make-up workday: close of business in Shanghai.
    assert due == datetime(2026, 10, 10, 10, tzinfo=UTC)


def test_an_open_time_countdown_stands_still_at_night(floor: Floor) -> None:
    # 17:30 in Shanghai: half an hour is open, then the desk closes until 9.
    floor.clock.at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    open_one(floor, outcome="visit_24h")
    row = floor.desk.read(floor.people["chen"], GetQueue()).rows[0]
    shown = next(clock for clock in row.clocks if clock.metric == "resolve")
    night, morning = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 3, 3, 0, 59, tzinfo=UTC)
    assert shown.left(night) == shown.left(morning) == shown.left(floor.clock.at) - timedelta(minutes=30)
    assert shown.colour(morning) is Colour.GREEN


def test_a_change_that_lifts_the_promise_lifts_the_miss_with_it(floor: Floor) -> None:
    ticket = open_one(floor, priority=Priority.URGENT)
    floor.clock.advance(hours=3)
    chen = floor.people["chen"]
    assert floor.desk.read(chen, GetCounts()).late == 1
    do(floor, ask.RegradeTicket(ticket_id=ticket, priority=Priority.NORMAL, reason="no danger"))
    assert floor.desk.read(chen, GetCounts()).late == 0
    assert floor.desk.read(chen, GetQueue(filter=QueueFilter(overdue=True))).total == 0


def test_reopening_goes_on_within_the_week_and_begins_anew_for_another_fault(floor: Floor) -> None:
    ticket = open_one(floor)
    floor.clock.advance(hours=4)
    do(floor, ask.SolveTicket(ticket_id=ticket, resolution="belt"))
    floor.clock.advance(days=2)
    do(floor, ask.ReopenTicket(ticket_id=ticket, reason="bangs again"))
    clocks = clocks_of(floor, ticket)
    assert clocks[Metric.FOLLOW_UP].state is State.CANCELLED
    assert clocks[Metric.RESOLVE].due_at == floor.clock.now() + timedelta(hours=20)
    assert clocks[Metric.RESOLVE].former[0].state is State.MET
    assert clocks[Metric.FIRST_RESPONSE].round == 1
    do(floor, ask.SolveTicket(ticket_id=ticket, resolution="belt"))
    floor.clock.advance(hours=1)
    do(floor, ask.ReopenTicket(ticket_id=ticket, reason="leaks now", same_fault=False))
    assert clocks_of(floor, ticket)[Metric.RESOLVE].due_at == floor.clock.now() + timedelta(hours=24)


def test_a_late_entry_is_folded_into_its_place_and_keeps_both_times(floor: Floor) -> None:
    ticket = open_one(floor, channel=Channel.EMAIL)
    opened = floor.clock.now()
    floor.clock.advance(hours=1)
    do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.CALL_OUT, text="called"))
    assert clocks_of(floor, ticket)[Metric.FIRST_RESPONSE].state is State.LATE
    said = opened + timedelta(minutes=10)
    do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.MESSAGE_OUT, text="wrote", occurred_at=said))
    assert clocks_of(floor, ticket)[Metric.FIRST_RESPONSE].state is State.MET
    assert floor.desk.read(floor.people["chen"], ask.GetTicket(ticket_id=ticket)).first_response_at == said
    floor.clock.advance(days=3)
    with pytest.raises(Invalid, match="48 hours"):
        do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.CALL_OUT, text="x", occurred_at=opened))
    assert_refold_is_the_same(floor, ticket)


def test_hand_over_starts_progress_and_an_update_starts_it_again(floor: Floor) -> None:
    ticket = open_one(floor, grade=Grade.YELLOW)
    do(floor, ask.AssignTicket(ticket_id=ticket, agent_id=floor.people["gao"].id), login="lin")
    first = clocks_of(floor, ticket)[Metric.PROGRESS]
    assert first.due_at == floor.clock.now() + timedelta(hours=48)
    floor.clock.advance(hours=30)
    do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.CALL_OUT, text="parts come Friday"))
    again = clocks_of(floor, ticket)[Metric.PROGRESS]
    assert (again.round, again.due_at) == (2, floor.clock.now() + timedelta(hours=48))
    do(floor, ask.AssignTicket(ticket_id=ticket, agent_id=floor.people["sato"].id), login="lin")
    assert clocks_of(floor, ticket)[Metric.PROGRESS].state is State.CANCELLED


def test_a_ticket_from_before_there_were_clocks_gets_them_with_its_next_change(floor: Floor) -> None:
    ticket = open_one(floor)
    with floor.desk.engine.execution_options(write=True).begin() as connection:
        for name in ("clock", "clock_event", "clock_book"):
            connection.exec_driver_sql(f"DELETE FROM {name}")
    floor.clock.advance(hours=1)
    do(floor, ask.PauseTicket(ticket_id=ticket, reason=PauseReason.PARTS, until=floor.clock.now() + timedelta(days=1)))
    assert clocks_of(floor, ticket)[Metric.RESOLVE].used == timedelta(hours=1)
    assert floor.desk.read(floor.people["chen"], GetQueue()).rows[0].status is Status.PAUSED
