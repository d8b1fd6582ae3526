"""Who is told what: each threshold once, by one seat at a time; red at once; other seats hear of a change."""

from datetime import timedelta

from deskapp.domain.terms import Channel, Grade, PauseReason, Priority
from deskapp.domain.views_time import NoticeLine, SweepState
from deskapp.services.desk import Desk
from deskapp.services.notices import LEASE
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.notices import GetNotices, GetSweep, SeeNotices, SweepNotices
from deskapp.store.changefeed import ChangeFeed
from deskapp.store.engine import open_engine
from tests.services.conftest import Floor
from tests.services.test_clocks import do, open_one


def sweep(floor: Floor, holder: str = "seat 1") -> None:
    floor.do("chen", SweepNotices(holder=holder))


def state(floor: Floor, holder: str = "seat 1") -> SweepState:
    found: SweepState = floor.desk.read(floor.people["chen"], GetSweep(holder=holder))
    return found


def heard(floor: Floor, login: str = "chen") -> list[tuple[str, str]]:
    found: tuple[NoticeLine, ...] = floor.desk.read(floor.people[login], GetNotices())
    return [(line.metric, line.kind) for line in found]


def test_each_threshold_is_told_once_and_the_lead_hears_of_the_miss(floor: Floor) -> None:
    ticket = open_one(floor)
    opened = floor.clock.now()
    assert state(floor).next_at == opened + timedelta(hours=12)
    sweep(floor)
    assert heard(floor) == []
    for hours, told in ((12, ["used:0.5"]), (18, ["used:0.5", "used:0.75"])):
        floor.clock.at = opened + timedelta(hours=hours)
        sweep(floor)
        sweep(floor)
        assert sorted(kind for _, kind in heard(floor)) == told
    assert heard(floor, "lin") == []
    floor.clock.at = opened + timedelta(hours=24, seconds=1)
    for _ in range(3):
        sweep(floor)
        floor.clock.advance(minutes=10)
    assert [kind for _, kind in heard(floor)].count("breach") == 1
    assert heard(floor, "lin") == [("resolve", "breach")]
    # A change that leaves the due time alone tells nothing again; what was seen is not shown again.
    do(floor, ask.AddEntry(ticket_id=ticket, text="noted"))
    sweep(floor)
    found = floor.desk.read(floor.people["lin"], GetNotices())
    floor.do("lin", SeeNotices(notice_ids=tuple(line.id for line in found)))
    assert heard(floor, "lin") == []
    assert len(heard(floor)) == 3


def test_no_warning_comes_at_night_for_a_promise_in_open_time(floor: Floor) -> None:
    open_one(floor, outcome="complex_3wd")
    due = state(floor).next_at
    assert due is not None
    local = due.astimezone(tz=None)
    assert local.tzinfo is not None
    while due is not None and due < floor.clock.now() + timedelta(days=6):
        floor.clock.at = due
        sweep(floor)
        due = state(floor).next_at
    found: tuple[NoticeLine, ...] = floor.desk.read(floor.people["chen"], GetNotices())
    from zoneinfo import ZoneInfo

    hours = {line.at.astimezone(ZoneInfo("Asia/Shanghai")).hour for line in found if line.metric == "resolve"}
    assert hours and all(9 <= hour <= 18 for hour in hours)


def test_a_pause_tells_when_it_was_to_end(floor: Floor) -> None:
    ticket = open_one(floor)
    until = floor.clock.now() + timedelta(hours=30)
    do(floor, ask.PauseTicket(ticket_id=ticket, reason=PauseReason.PARTS, until=until))
    floor.clock.at = until
    sweep(floor)
    assert ("resolve", "return") in heard(floor)


def test_one_seat_sweeps_and_another_takes_over_when_it_is_gone(floor: Floor) -> None:
    open_one(floor, priority=Priority.URGENT)
    floor.clock.advance(hours=2, minutes=1)
    sweep(floor, "seat 1")
    told = len(heard(floor))
    assert told and state(floor, "seat 1").mine
    if floor.desk.engine.dialect.name == "sqlite":  # elsewhere the server's own clock decides
        assert not state(floor, "seat 2").mine
        floor.clock.advance(seconds=LEASE.total_seconds() + 1)
        assert state(floor, "seat 2").mine
        sweep(floor, "seat 2")
        assert not state(floor, "seat 1").mine
    assert len(heard(floor)) == told


def test_a_red_ticket_reaches_the_lead_at_once_with_what_to_do(floor: Floor) -> None:
    ticket = open_one(floor, grade=Grade.RED, channel=Channel.PHONE)
    found: tuple[NoticeLine, ...] = floor.desk.read(floor.people["lin"], GetNotices())
    assert [(line.kind, line.ticket) for line in found] == [("red", "T-1")]
    assert found[0].checklist[0].startswith("Is anybody hurt")
    do(floor, ask.RegradeTicket(ticket_id=ticket, grade=Grade.GREEN, reason="no danger"))
    do(floor, ask.RegradeTicket(ticket_id=ticket, grade=Grade.RED, reason="danger after all"))
    assert [kind for _, kind in heard(floor, "lin")] == ["red", "red"]


def test_another_desk_hears_of_a_change_without_asking(floor: Floor, database_url: str) -> None:
    beside = Desk(open_engine(database_url), floor.clock)
    feed = ChangeFeed(beside.engine)
    try:
        assert feed.wait(0), "what happened before is not known"
        assert not feed.wait(0.05)
        open_one(floor)
        assert feed.wait(10)
        assert not feed.wait(0.05)
    finally:
        feed.close()
        feed._drop()
        beside.close()
