"""Two seats beside each other: who comes second is told who was first and when, and each sees what the other does.

On two apps in one process, and on two programs in terminals of their own; on each database.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deskapp.app import DeskApp
from deskapp.clock import AnchoredClock
from deskapp.domain.sla import Metric
from deskapp.domain.views_time import TicketExplained
from deskapp.services.desk import Desk
from deskapp.services.requests.calendars import DayEdit, ExplainTicket, SaveDays
from deskapp.services.requests.queue import GetQueue
from deskapp.services.requests.tickets import GetTicket, OpenTicket, ReleaseTicket
from deskapp.store.engine import open_engine
from deskapp.store.migrate import upgrade
from tests.services.conftest import Floor, staff
from tests.services.test_clocks import assert_refold_is_the_same, clocks_of, open_one
from tests.support.terminal import Terminal
from tests.tui.running import press, running, settled, shown, until


def _line(app: DeskApp, ticket: str) -> str:
    return next((line for line in shown(app).splitlines() if ticket in line), "")


async def test_who_claims_second_is_told_who_and_when_and_each_sees_the_others_change(
    floor: Floor, database_url: str, tmp_path: Path
) -> None:
    for subject in ("washer bangs", "fridge not cold"):
        ticket = open_one(floor, login="sato", subject=subject)
        floor.do("sato", ReleaseTicket(ticket_id=ticket))
    beside = Desk(open_engine(database_url), floor.clock)
    floor.clock.at = datetime(2026, 3, 2, 12, 34, tzinfo=UTC)
    first, second = running(floor.desk, tmp_path, login="chen"), running(beside, tmp_path, login="sato")
    try:
        async with first as (chen, at_chen), second as (sato, at_sato):
            for app, pilot in ((chen, at_chen), (sato, at_sato)):
                await press(app, pilot, "2", "home")
                assert "T-1" in shown(app) and "T-2" in shown(app)
            # Both press claim on the first ticket before either has heard of the other.
            await at_chen.press("c")
            await at_sato.press("c")
            await settled(chen)
            await settled(sato)
            won, lost = ("Chen", "Sato") if "T-1 is yours." in shown(chen) else ("Sato", "Chen")
            seats = {"Chen": (chen, at_chen), "Sato": (sato, at_sato)}
            winner, loser = seats[won][0], seats[lost][0]
            assert "T-1 is yours." in shown(winner) and "T-1 is yours." not in shown(loser)
            assert f"T-1 was claimed by {won} at 12:34 UTC." in shown(loser)

            def sees(name: str, ticket: str, holder: str) -> bool:
                seats[name][0].tick()
                return holder in _line(seats[name][0], ticket)

            await until(seats[lost][1], lambda: sees(lost, "T-1", won))
            await press(loser, seats[lost][1], "j", "c")
            assert "T-2 is yours." in shown(loser)
            await until(seats[won][1], lambda: sees(won, "T-2", lost))
    finally:
        beside.close()
    page = floor.desk.read(floor.people["lin"], GetQueue())
    assert sorted((row.number, row.assignee) for row in page.rows) == [(1, won), (2, lost)]


@pytest.fixture
def lobby(empty_database_url: str, tmp_path: Path) -> Iterator[tuple[Terminal, Terminal, Desk]]:
    """Two terminals with the queue on the screen and one ticket in it, and the desk behind them."""
    upgrade(empty_database_url)
    engine = open_engine(empty_database_url)
    people, teams = staff(engine)
    desk = Desk(engine, AnchoredClock())
    opened = desk.execute(people["lin"], OpenTicket(subject="washer bangs", team_id=teams["repairs"].id))
    desk.execute(people["lin"], ReleaseTicket(ticket_id=opened.id))
    seats = []
    for login in ("chen", "sato"):
        environ = {
            "DESKAPP_DATABASE": empty_database_url, "DESKAPP_STATE": str(tmp_path / login),
            "XDG_CONFIG_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / login / "run"),
        }  # fmt: skip
        seats.append(Terminal(["-m", "deskapp", "--agent", login], environ))
    yield seats[0], seats[1], desk
    for seat in seats:
        seat.close()
    desk.close()


def test_two_terminals_race_for_a_ticket(lobby: tuple[Terminal, Terminal, Desk]) -> None:
    chen, sato, desk = lobby
    for seat in (chen, sato):
        seat.sees("MINE TO DO")
        seat.presses("2", "washer bangs")
    chen.type("c")
    sato.type("c")
    told = ("T-1 is yours.", "T-1 was claimed by")

    def answered(seat: Terminal) -> bool:
        return any(words in seat.shown for words in told)

    chen.until(lambda: answered(chen), "an answer to Chen's claim")
    sato.until(lambda: answered(sato), "an answer to Sato's claim")
    holder = desk.read(desk.sign_on("lin"), GetTicket(number=1)).row.assignee
    winner, loser = (chen, sato) if holder == "Chen" else (sato, chen)
    assert "T-1 is yours." in winner.shown and "T-1 is yours." not in loser.shown
    assert f"T-1 was claimed by {holder} at " in loser.shown
    # What the other did comes by itself: nobody presses a key.
    loser.until(lambda: any("washer" in line and holder in line for line in loser.shown.splitlines()), "the holder")
    assert b"Traceback" not in chen.raw + sato.raw


# The nights on which clocks go wrong


def _berlin(floor: Floor) -> None:
    """Give new tickets a desk in Berlin that is open from Monday to Friday, nine to five."""
    from sqlalchemy import update

    from deskapp.domain.calendar import Span, WeekVersion, WorkCalendar, week_of, weeks_data
    from deskapp.models.base import table
    from deskapp.models.clock import Calendar, ClockRules
    from deskapp.store.rules import keep_version

    open_one(floor)  # a desk gets its rules with its first ticket
    week = week_of(dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (Span.parse("09:00-17:00"),)))
    weeks = [WeekVersion(week)]
    calendar = WorkCalendar("desk_cn", "Europe/Berlin", weeks)
    with floor.desk.engine.execution_options(write=True).begin() as connection:
        keep_version(connection, calendar, floor.clock.now())
        edited = {"zone": "Europe/Berlin", "country": "", "weeks": list(weeks_data(tuple(weeks))), "years": {}}
        rows = table(Calendar)
        connection.execute(update(rows).where(rows.c.key == "desk_cn").values(current=calendar.version_id, **edited))
        connection.exec_driver_sql("DELETE FROM calendar_day")
        connection.execute(update(table(ClockRules)).values(calendar=calendar.version_id))


def _resolve_due(floor: Floor, ticket: UUID) -> datetime | None:
    return clocks_of(floor, ticket)[Metric.RESOLVE].due_at


@pytest.mark.parametrize(
    ("opened", "real", "workdays"),
    [
        # Saturday before the night on which clocks go forward: the day has 23 hours, a promised day still 24.
        ("2026-03-28T14:00Z", "2026-03-29T14:00Z", "2026-04-01T15:00Z"),
        # … and back again: three working days end at five in the afternoon, an hour later by UTC.
        ("2026-10-24T14:00Z", "2026-10-25T14:00Z", "2026-10-28T16:00Z"),
        # Over the year's end.
        ("2026-12-31T15:00Z", "2027-01-01T15:00Z", "2027-01-05T16:00Z"),
    ],
    ids=["clocks-forward", "clocks-back", "year-end"],
)
def test_promises_over_a_night_that_is_not_like_others(floor: Floor, opened: str, real: str, workdays: str) -> None:
    _berlin(floor)
    start, in_a_day, in_three = map(datetime.fromisoformat, (opened, real, workdays))
    floor.clock.at = start
    plain, complex_one = open_one(floor), open_one(floor, outcome="complex_3wd")
    assert _resolve_due(floor, plain) == in_a_day
    assert _resolve_due(floor, complex_one) == in_three
    assert {floor.desk.read(floor.people["lin"], GetTicket(ticket_id=plain)).row.due_at} == {in_a_day}
    # A day closed afterwards, on the other side of that night, moves the one and not the other.
    closed = (start + timedelta(days=4)).date()
    floor.do("lin", SaveDays(days=(DayEdit(day=closed, name="closed"),)))
    assert _resolve_due(floor, plain) == in_a_day
    moved = _resolve_due(floor, complex_one)
    assert moved is not None and moved > in_three
    told: TicketExplained = floor.desk.read(floor.people["lin"], ExplainTicket(ticket_id=complex_one))
    why = next(entry.why for entry in told.clocks if entry.clock.metric is Metric.RESOLVE)
    assert closed in {day.day for day in why.closed} and told.zone == "Europe/Berlin"
    for ticket in (plain, complex_one):
        assert_refold_is_the_same(floor, ticket)


@pytest.mark.parametrize("jump", [timedelta(hours=8), -timedelta(minutes=5)], ids=["suspend", "set-back"])
async def test_a_jump_of_the_clock_is_taken_over_told_and_written_down(
    floor: Floor, tmp_path: Path, jump: timedelta
) -> None:
    wall, ticks = [1_772_452_800.0], [100.0]
    clock = AnchoredClock(wall=lambda: wall[0], monotonic=lambda: ticks[0])
    desk = Desk(floor.desk.engine, clock)
    open_one(floor, login="chen")
    async with running(desk, tmp_path, login="chen") as (app, _pilot):
        app.seat.hear(lambda: None)  # as an app does that ticks by itself
        before = clock.now()
        wall[0], ticks[0] = wall[0] + 1, ticks[0] + 1
        assert clock.now() - before == timedelta(seconds=1)
        # The host's clock jumps, the monotonic one goes on: the time stands still with it until it is taken over.
        wall[0] += jump.total_seconds()
        assert clock.now() - before == timedelta(seconds=1)
        for _ in range(11):
            app.tick()
            await settled(app)
        expected = datetime.fromtimestamp(wall[0], UTC) + clock.offset
        assert abs(clock.now() - expected) <= timedelta(seconds=2)
        assert f"clock jumped by {jump.total_seconds():.0f} s" in shown(app)
    assert f"clock jumped by {jump.total_seconds():.0f} s" in (tmp_path / "desk.log").read_text()
