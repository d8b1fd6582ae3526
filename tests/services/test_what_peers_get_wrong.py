"""What comparable systems get wrong about promised times: a test for each, through the services, on each database."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import event

from deskapp.domain.queue import QueueFilter
from deskapp.domain.sla import Metric, State
from deskapp.domain.terms import Channel, EntryKind, PauseReason, Priority
from deskapp.domain.views_time import NoticeLine
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.calendars import DayEdit, ExplainTicket, SaveDays
from deskapp.services.requests.notices import GetNotices
from deskapp.services.requests.queue import GetCounts, GetQueue
from tests.services.conftest import Floor
from tests.services.test_clocks import clocks_of, do, open_one
from tests.services.test_notices import heard, state, sweep
from tests.tui.running import press, running, settled, shown

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_no_clock_runs_after_the_ticket_is_resolved(floor: Floor) -> None:
    ticket = open_one(floor, channel=Channel.EMAIL, priority=Priority.URGENT)
    do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.MESSAGE_IN, text="and?"))
    do(floor, ask.SolveTicket(ticket_id=ticket, resolution="belt"))
    still = {metric for metric, clock in clocks_of(floor, ticket).items() if clock.is_open}
    assert still == {Metric.FOLLOW_UP}, "the call-back begins with the solution; nothing else goes on"
    floor.clock.advance(hours=23)
    assert floor.desk.read(floor.people["chen"], GetCounts()).late == 0


def test_a_miss_does_not_grow_after_the_resolution(floor: Floor) -> None:
    ticket = open_one(floor)
    floor.clock.advance(hours=25)
    do(floor, ask.SolveTicket(ticket_id=ticket, resolution="belt"))
    floor.clock.advance(days=9)
    do(floor, ask.CloseTicket(ticket_id=ticket, reason="moved away"))
    # A calendar edit over the days since must not find more of it, either.
    floor.do("lin", SaveDays(days=(DayEdit(day=date(2026, 3, 7), hours="00:00-24:00", name="fair"),)))
    late = clocks_of(floor, ticket)[Metric.RESOLVE]
    assert (late.state, late.over_by) == (State.LATE, timedelta(hours=1))


def test_a_pause_is_not_lost_when_the_priority_changes(floor: Floor) -> None:
    ticket = open_one(floor)
    floor.clock.advance(hours=4)
    until = floor.clock.now() + timedelta(days=2)
    do(floor, ask.PauseTicket(ticket_id=ticket, reason=PauseReason.PARTS, until=until))
    floor.clock.advance(hours=10)
    do(floor, ask.RegradeTicket(ticket_id=ticket, priority=Priority.HIGH, reason="angry"))
    paused = clocks_of(floor, ticket)[Metric.RESOLVE]
    assert (paused.state, paused.used, paused.due_at) == (State.PAUSED, timedelta(hours=4), None)
    floor.clock.advance(hours=10)
    do(floor, ask.ResumeTicket(ticket_id=ticket))
    went_on = clocks_of(floor, ticket)[Metric.RESOLVE]
    assert went_on.due_at == floor.clock.now() + went_on.span - timedelta(hours=4)


def test_the_promise_of_an_update_does_not_come_before_the_first_response(floor: Floor) -> None:
    ticket = open_one(floor, channel=Channel.EMAIL, priority=Priority.URGENT)
    for words in ("and?", "hello?"):
        floor.clock.advance(minutes=2)
        do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.MESSAGE_IN, text=words))
    assert Metric.NEXT_RESPONSE not in clocks_of(floor, ticket)
    row = floor.desk.read(floor.people["chen"], GetQueue()).rows[0]
    assert (row.due_metric, row.due_at) == ("first_response", floor.clock.now() + timedelta(minutes=6))


def test_a_holiday_closes_the_desks_own_day_and_not_the_day_before(floor: Floor) -> None:
    # Wednesday 30 September 2026, 07:59 in Shanghai, is still the 29th in UTC. The holiday begins on 1 October there,
    # which is 16:00 UTC on the 30th.
    floor.clock.at = datetime(2026, 9, 29, 23, 59, tzinfo=UTC)
    ticket = open_one(floor, outcome="complex_3wd")
    told = floor.desk.read(floor.people["chen"], ExplainTicket(ticket_id=ticket))
    resolve = next(entry.why for entry in told.clocks if entry.clock.metric is Metric.RESOLVE)
    counted = {span.opens.astimezone(SHANGHAI).date() for span in resolve.counted}
    assert date(2026, 9, 30) in counted and not any(date(2026, 10, 1) <= day <= date(2026, 10, 7) for day in counted)
    assert resolve.due == datetime(2026, 10, 10, 10, tzinfo=UTC), "the 8th, the 9th, and Saturday, a make-up workday"


def test_a_due_time_is_the_desks_whoever_looks_from_wherever(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 2, 8, tzinfo=UTC)  # Monday 16:00 in Shanghai, 03:00 in New York
    ticket = open_one(floor, outcome="complex_3wd")
    told = floor.desk.read(floor.people["chen"], ExplainTicket(ticket_id=ticket))
    resolve = next(entry.why for entry in told.clocks if entry.clock.metric is Metric.RESOLVE)
    assert told.zone == "Asia/Shanghai"
    assert resolve.due.astimezone(SHANGHAI) == datetime(2026, 3, 5, 18, tzinfo=SHANGHAI)
    row = floor.desk.read(floor.people["chen"], GetQueue()).rows[0]
    clock = next(clock for clock in row.clocks if clock.metric == "resolve")
    # Whoever asks with the same moment in another zone gets the same answer.
    here, there = floor.clock.at, floor.clock.at.astimezone(ZoneInfo("America/New_York"))
    assert (clock.left(here), clock.colour(here)) == (clock.left(there), clock.colour(there))


def test_a_past_date_counts_with_the_offset_of_its_own_day(floor: Floor) -> None:
    """The desk moves to Berlin's week: winter is one hour behind UTC's summer, whatever today's offset is."""
    from deskapp.domain.calendar import Span, WorkCalendar, week_of

    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (Span.parse("09:00-17:00"),))
    berlin = WorkCalendar.weekly("Europe/Berlin", week_of(days))
    winter, summer = datetime(2026, 1, 12, 7, tzinfo=UTC), datetime(2026, 7, 13, 6, tzinfo=UTC)
    assert berlin.next_open(winter) == datetime(2026, 1, 12, 8, tzinfo=UTC)
    assert berlin.next_open(summer) == datetime(2026, 7, 13, 7, tzinfo=UTC)
    # Over the night on which clocks go forward, the working day is still eight hours long.
    friday = datetime(2026, 3, 27, 8, tzinfo=UTC)
    assert berlin.add(friday, timedelta(hours=16)) == datetime(2026, 3, 30, 15, tzinfo=UTC)
    # A late entry of the desk is judged by the instant it names.
    ticket = open_one(floor, channel=Channel.EMAIL)
    said = floor.clock.now() + timedelta(minutes=9)
    floor.clock.advance(hours=30)
    do(floor, ask.AddEntry(ticket_id=ticket, kind=EntryKind.MESSAGE_OUT, text="wrote", occurred_at=said))
    assert clocks_of(floor, ticket)[Metric.FIRST_RESPONSE].state is State.MET


def test_the_mark_of_a_miss_goes_with_the_change_that_lifts_it(floor: Floor) -> None:
    ticket, chen = open_one(floor, priority=Priority.URGENT), floor.people["chen"]
    floor.clock.advance(hours=3)
    assert floor.desk.read(chen, GetCounts()).late == 1
    do(floor, ask.RegradeTicket(ticket_id=ticket, priority=Priority.NORMAL, reason="no danger"))
    assert floor.desk.read(chen, GetCounts()).late == 0
    assert floor.desk.read(chen, GetQueue(filter=QueueFilter(overdue=True))).total == 0
    row = floor.desk.read(chen, GetQueue()).rows[0]
    assert not any(clock.overdue(floor.clock.now()) for clock in row.clocks)


def test_no_warning_comes_at_midnight_because_a_promise_crosses_days(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 6, 8, tzinfo=UTC)  # Friday 16:00 in Shanghai
    open_one(floor, outcome="complex_3wd")
    end = floor.clock.now() + timedelta(days=7)
    while (due := state(floor).next_at) is not None and due < end:
        floor.clock.at = max(due, floor.clock.at)
        sweep(floor)
    lines: tuple[NoticeLine, ...] = floor.desk.read(floor.people["chen"], GetNotices())
    told = {line.kind: line.at.astimezone(SHANGHAI) for line in lines if line.metric == "resolve"}
    assert {"used:0.5", "used:0.75"} <= set(told)
    # Two working days and a half are told in hours in which somebody is there.
    assert all(at.weekday() < 5 and 9 <= at.hour <= 18 for at in told.values()), told


def test_one_breach_is_told_once(floor: Floor) -> None:
    ticket = open_one(floor)
    floor.clock.advance(hours=24, seconds=1)
    for holder in ("seat 1", "seat 1", "seat 2"):
        sweep(floor, holder)
        floor.clock.advance(minutes=5)
    do(floor, ask.AddEntry(ticket_id=ticket, text="noted"))
    until = floor.clock.now() + timedelta(hours=2)
    do(floor, ask.PauseTicket(ticket_id=ticket, reason=PauseReason.PARTS, until=until))
    floor.clock.advance(hours=1)
    do(floor, ask.ResumeTicket(ticket_id=ticket))
    floor.clock.advance(hours=5)
    sweep(floor)
    assert [kind for metric, kind in heard(floor) if metric == "resolve"].count("breach") == 1
    assert heard(floor, "lin").count(("resolve", "breach")) == 1


async def test_a_new_tickets_draft_stays_while_the_desk_is_read_again(floor: Floor, tmp_path: Path) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await pilot.press(*"1391234")
        await settled(app)
        # Somebody else changes the desk, the time goes on, everything is read again.
        open_one(floor, login="sato", subject="another one")
        floor.clock.advance(minutes=20)
        for _ in range(3):
            app.tick()
            await settled(app)
        assert "1391234" in shown(app)
        await press(app, pilot, "5")
        assert "13912345" in shown(app), "the cursor is still where it was"


def test_a_longer_queue_asks_the_database_no_more_often(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    chen, sent = floor.people["chen"], []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    def asked() -> int:
        sent.clear()
        page = floor.desk.read(chen, GetQueue())
        assert all(row.clocks for row in page.rows)
        for row in page.rows:  # a tick over them
            for clock in row.clocks:
                clock.left(floor.clock.now() + timedelta(days=3))
        assert not any("calendar_day" in statement for statement in sent)
        return len(sent)

    open_one(floor, outcome="complex_3wd")
    asked()
    event.listen(floor.desk.engine, "before_cursor_execute", note)
    open_one(floor, outcome="complex_3wd")
    few = asked()
    for _ in range(20):
        open_one(floor, outcome="complex_3wd")
    assert asked() == few
