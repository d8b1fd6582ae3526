"""The wallboard says what counting the tickets by hand says, for the day of the desk's zone, on both databases."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from deskapp.domain.errors import Denied
from deskapp.domain.sla import Colour, worst_shown
from deskapp.domain.terms import AgentState, Channel, EntryKind, Grade, PauseReason
from deskapp.domain.views_wall import COLOURS, Wallboard
from deskapp.services.requests.people import SetState
from deskapp.services.requests.queue import GetCounts, GetQueue
from deskapp.services.requests.tickets import (
    AddEntry,
    OpenTicket,
    PauseTicket,
    RecordCallBack,
    ReleaseTicket,
    SolveTicket,
)
from deskapp.services.requests.wallboard import GetWallboard
from deskapp.services.wallboard import forget
from tests.services.conftest import Floor

SHANGHAI = ZoneInfo("Asia/Shanghai")


def board(floor: Floor, login: str = "lin", *, fresh: bool = True) -> Wallboard:
    if fresh:
        forget()
    found: Wallboard = floor.desk.read(floor.people[login], GetWallboard(zone=SHANGHAI))
    return found


def ticket(floor: Floor, login: str = "chen", **facts: Any) -> UUID:
    return floor.do(login, OpenTicket(**({"subject": "drum bangs", "channel": Channel.PHONE} | facts))).id


def test_an_empty_desk_has_an_empty_board(floor: Floor) -> None:
    found = board(floor)
    assert (found.counts.open, found.grades, found.promises, found.forecast) == (0, (), (), None)
    assert all(level.share is None for level in found.levels)
    assert [bucket.count for bucket in found.ageing] == [0] * 6
    assert sum(hour.today for hour in found.hours) == 0


def test_big_figures_colours_and_ages_are_those_of_the_tickets(floor: Floor) -> None:
    old = ticket(floor)  # green, resolve within 24 h
    floor.clock.advance(hours=22)
    ticket(floor, grade=Grade.RED, outcome="emergency_2h")
    paused = ticket(floor)
    floor.do(
        "chen", PauseTicket(ticket_id=paused, reason=PauseReason.PARTS, until=floor.clock.now() + timedelta(days=9))
    )
    floor.do("chen", ReleaseTicket(ticket_id=old))
    floor.clock.advance(minutes=1)
    found = board(floor)
    assert found.counts == floor.desk.read(floor.people["lin"], GetCounts())
    by_grade = {row.grade: dict(zip(COLOURS, row.colours, strict=True)) for row in found.grades}
    assert by_grade[Grade.GREEN]["red"] == 1  # 2 of 24 hours are left
    assert by_grade[Grade.GREEN]["paused"] == 1
    assert {bucket.start: bucket.count for bucket in found.ageing if bucket.count} == {
        timedelta(0): 2, timedelta(hours=4): 1,
    }  # fmt: skip
    floor.clock.advance(hours=3)
    late = board(floor)
    assert late.counts == floor.desk.read(floor.people["lin"], GetCounts())
    assert late.counts.late == sum(row.colours[0] for row in late.grades) == 2
    assert late.oldest_due == floor.clock.now() - timedelta(hours=1, minutes=1)
    assert old not in [row.id for row in late.promises]


def test_next_promises_come_in_their_order_ten_at_most(floor: Floor) -> None:
    for _n in range(12):
        ticket(floor)
        floor.clock.advance(minutes=5)
    urgent = ticket(floor, grade=Grade.RED, outcome="emergency_2h")
    rows = board(floor).promises
    assert len(rows) == 10
    assert rows[0].id == urgent
    assert [row.due_at for row in rows] == sorted(row.due_at for row in rows if row.due_at)


def test_service_levels_count_what_ended_or_ran_out_today(floor: Floor) -> None:
    kept, missed = ticket(floor, channel=Channel.APP), ticket(floor, channel=Channel.APP)
    floor.clock.advance(minutes=5)
    floor.do("chen", AddEntry(ticket_id=kept, kind=EntryKind.MESSAGE_OUT, text="we are on it"))
    floor.clock.advance(minutes=6)
    levels = {level.metric: (level.kept, level.missed) for level in board(floor).levels}
    assert levels["first_response"] == (1, 1)  # one answered in time, one ran out and still waits
    floor.do("chen", AddEntry(ticket_id=missed, kind=EntryKind.MESSAGE_OUT, text="sorry"))
    floor.do("chen", SolveTicket(ticket_id=kept, resolution="tightened"))
    today = {level.metric: level for level in board(floor).levels}
    assert (today["first_response"].kept, today["first_response"].missed) == (1, 1)
    assert (today["first_response"].share, today["first_response"].short) == (0.5, True)
    assert (today["resolve"].kept, today["resolve"].missed) == (1, 0)
    floor.clock.advance(days=1)
    tomorrow = {level.metric: level.kept for level in board(floor).levels}
    assert tomorrow["first_response"] == tomorrow["resolve"] == 0


def test_an_answer_counts_where_the_arrival_is_known(floor: Floor) -> None:
    ticket(floor)
    assert board(floor).levels[0].share is None
    ticket(floor, arrived_at=floor.clock.now() - timedelta(seconds=30))
    ticket(floor, arrived_at=floor.clock.now() - timedelta(seconds=31))
    answer = board(floor).levels[0]
    assert (answer.metric, answer.kept, answer.missed) == ("answer", 1, 1)


def test_today_is_set_beside_the_median_of_the_same_weekdays_in_the_desks_zone(floor: Floor) -> None:
    for count in (2, 4, 9):
        for _n in range(count):
            ticket(floor)  # 20:00 in Shanghai
        floor.clock.advance(days=7)
    for _n in range(3):
        ticket(floor)
    hour = board(floor).hours[20]
    assert (hour.today, hour.usual) == (3, 4.0)
    assert board(floor).heat[0][20] == (2 + 4 + 9) / 8


def test_agents_stand_with_state_and_load(floor: Floor) -> None:
    ticket(floor)
    ticket(floor, "sato")
    ticket(floor, "sato")
    floor.do("sato", SetState(agent_id=floor.people["sato"].id, state=AgentState.ON_CASE))
    floor.clock.advance(hours=25)
    shown = [(one.name, one.state, one.open, one.late) for one in board(floor).agents]
    assert shown[:2] == [("Sato", AgentState.ON_CASE, 2, 2), ("Chen", AgentState.OFF, 1, 1)]
    assert board(floor).agents[0].since == floor.clock.now() - timedelta(hours=25)


def test_the_forecast_goes_by_the_desks_own_pace(floor: Floor) -> None:
    for _n in range(20):  # half an hour each, always
        done = ticket(floor)
        floor.clock.advance(minutes=30)
        floor.do("chen", SolveTicket(ticket_id=done, resolution="tightened"))
        floor.do("chen", RecordCallBack(ticket_id=done))
    young = ticket(floor)
    floor.clock.advance(hours=21)
    late_soon = board(floor).forecast
    assert late_soon is not None
    assert late_soon.due == 1
    # It has outlived all others forty times over: nobody works on it at that pace.
    assert late_soon.riskiest[0][0] == 21
    floor.do("chen", SolveTicket(ticket_id=young, resolution="done"))
    floor.do("chen", RecordCallBack(ticket_id=young))
    assert board(floor).forecast.due == 0  # type: ignore[union-attr]
    for _n in range(5):
        ticket(floor, grade=Grade.RED, outcome="emergency_2h")
    rush = board(floor).forecast
    assert rush is not None
    assert rush.due == 5
    assert 0 <= rush.with_more <= rush.expected <= 5
    assert rush.low <= rush.high


def test_dear_parts_are_kept_for_a_minute_and_figures_are_not(floor: Floor) -> None:
    first = board(floor)
    ticket(floor)
    floor.clock.advance(seconds=59)
    second = board(floor, fresh=False)
    assert (second.counts.open, second.kept_since) == (1, first.now)
    assert second.hours[20].today == 1
    floor.clock.advance(seconds=1)
    assert board(floor, fresh=False).kept_since == floor.clock.now()


@pytest.mark.parametrize(("login", "may"), [("chen", True), ("aude", True), ("adam", False)])
def test_who_reads_tickets_sees_the_board(floor: Floor, login: str, may: bool) -> None:
    if may:
        assert board(floor, login).now == floor.clock.now()
    else:
        with pytest.raises(Denied):
            board(floor, login)


def test_a_day_begins_at_midnight_of_the_desk(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 2, 23, 30, tzinfo=SHANGHAI).astimezone(floor.clock.at.tzinfo)
    ticket(floor)
    assert sum(hour.today for hour in board(floor).hours) == 1
    floor.clock.advance(minutes=31)
    assert sum(hour.today for hour in board(floor).hours) == 0


def test_colours_are_those_of_the_queue_at_every_hour_of_day_and_night(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 6, 7, tzinfo=ZoneInfo("UTC"))  # Friday 15:00 in Shanghai
    for outcome in ("complex_3wd", "visit_24h", "emergency_2h", "green_24h"):
        ticket(floor, outcome=outcome)
        floor.clock.advance(minutes=37)
    paused = ticket(floor)
    floor.do(
        "chen", PauseTicket(ticket_id=paused, reason=PauseReason.PARTS, until=floor.clock.now() + timedelta(days=9))
    )
    names = {Colour.RED: "red", Colour.YELLOW: "yellow", Colour.GREEN: "green", Colour.PAUSED: "paused"}
    seen = set()
    for _ in range(70):
        floor.clock.advance(hours=1, minutes=31)
        now = floor.clock.now()
        counted: Counter[str] = Counter()
        for row in floor.desk.read(floor.people["lin"], GetQueue()).rows:
            worst = worst_shown(row.clocks, now)
            assert worst is not None
            counted["late" if worst.paused_at is None and worst.overdue(now) else names[worst.colour(now)]] += 1
        found = Counter[str]()
        for grade in board(floor).grades:
            found.update(dict(zip(COLOURS, grade.colours, strict=True)))
        assert +found == counted
        seen |= set(counted)
    assert seen == {"late", "red", "yellow", "green", "paused"}
