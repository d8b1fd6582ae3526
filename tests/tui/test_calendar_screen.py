"""The calendar and the why of a due time, by keys, on a real desk."""

from datetime import UTC, date, datetime
from pathlib import Path

from deskapp.domain.sla import Metric
from deskapp.domain.views_time import CalendarView
from deskapp.services.requests.calendars import GetCalendar
from tests.services.conftest import Floor
from tests.services.test_clocks import clocks_of, open_one
from tests.tui.running import press, running, settled, shown


async def test_a_lead_closes_a_day_after_seeing_what_it_moves(floor: Floor, tmp_path: Path) -> None:
    floor.clock.at = datetime(2026, 3, 2, 2, tzinfo=UTC)
    ticket = open_one(floor, outcome="complex_3wd")
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "ctrl+g")
        assert "2026-03  desk_cn  Asia/Shanghai" in shown(app)
        await press(app, pilot, "right", "enter")
        assert "Tue 2026-03-03" in shown(app)
        await press(app, pilot, "ctrl+u")
        await press(app, pilot, "tab")
        await pilot.press(*"Stocktaking")
        await press(app, pilot, "ctrl+s")
        assert "1 due times move, 0 become overdue" in shown(app)
        await press(app, pilot, "enter")
        await settled(app)
        assert "Stocktaking" in shown(app)
    assert clocks_of(floor, ticket)[Metric.RESOLVE].due_at == datetime(2026, 3, 6, 10, tzinfo=UTC)
    view: CalendarView = floor.desk.read(floor.people["lin"], GetCalendar())
    assert not view.calendar.is_workday(date(2026, 3, 3))


async def test_an_agent_sees_months_and_is_refused_an_edit(floor: Floor, tmp_path: Path) -> None:
    open_one(floor)
    async with running(floor.desk, tmp_path, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "ctrl+g", *["pagedown"] * 7)
        assert "2026-10" in shown(app) and "National" in shown(app)
        await press(app, pilot, "delete")
        assert "Your role may not do this" in shown(app)


async def test_a_ticket_says_why_its_promises_are_due(floor: Floor, tmp_path: Path) -> None:
    floor.clock.at = datetime(2026, 9, 30, 9, tzinfo=UTC)
    open_one(floor, outcome="complex_3wd")
    async with running(floor.desk, tmp_path, size=(120, 50)) as (app, pilot):
        await press(app, pilot, "2", "enter", "f11")
        told = shown(app)
        assert "closed Thu 2026-10-01" in told and "due Sat 2026-10-10 18:00 (Asia/Shanghai)" in told
        await press(app, pilot, "escape")
        assert app.screen.place() == "T-1"
