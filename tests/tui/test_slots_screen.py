"""The windows for visits by keys: seen, added, changed, closed; promises beside a booking; the technician's card."""

from pathlib import Path

import pytest

from deskapp.domain.terms import Grade, Priority
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.visits import BookVisit
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def type_in(app, pilot, text: str) -> None:  # type: ignore[no-untyped-def]
    await pilot.press(*("space" if character == " " else character for character in text))
    await settled(app)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_lead_plans_a_week_by_keys(floor: Floor, tmp_path: Path, size: tuple[int, int]) -> None:
    furnish(floor)
    async with running(floor.desk, tmp_path, login="lin", size=size) as (app, pilot):
        await press(app, pilot, "6")
        assert "09:00-12:00" in shown(app) and "nothing is planned yet" in shown(app)
        await press(app, pilot, "right", "enter", "backspace")
        await type_in(app, pilot, "3")
        await press(app, pilot, "ctrl+s")
        assert "0/3" in shown(app) and "0 of 3 booked" in shown(app)
        assert "only planned windows" in shown(app), "the usual hours end with the first window of its own"
        await press(app, pilot, "delete", "enter")
        assert "-*" in shown(app), "closed on that date alone"
        await press(app, pilot, "pagedown")
        assert "0/3" in shown(app) and "-*" not in shown(app)
        await press(app, pilot, "a", "tab", "tab")
        await type_in(app, pilot, "gas")
        await press(app, pilot, "ctrl+s")
        assert "09:00-12:00 gas" in shown(app)
        await press(app, pilot, "ctrl+l")
        assert "已约/名额" in shown(app) and "上门安排" in shown(app)


async def test_an_agent_sees_what_is_booked_and_may_not_plan(floor: Floor, tmp_path: Path) -> None:
    ids = furnish(floor)
    starts = floor.clock.now().replace(hour=9, minute=0, second=0, microsecond=0)
    starts = starts.replace(day=starts.day + 1)
    visit = BookVisit(ticket_id=ids["noise"], starts_at=starts, ends_at=starts.replace(hour=12))
    floor.do("chen", visit)
    async with running(floor.desk, tmp_path, zone=starts.tzinfo) as (app, pilot):
        await press(app, pilot, "6", "right")
        assert "T-2  王芳" in shown(app)
        await press(app, pilot, "a")
        assert "A lead plans the windows" in shown(app)
        await press(app, pilot, "enter", "enter")
        assert app.screen.place() == "T-2"


@pytest.mark.parametrize(("priority", "promise"), [(Priority.URGENT, "On site by"), (Priority.HIGH, "Agreed by")])
async def test_what_is_promised_stands_above_the_windows(
    floor: Floor, tmp_path: Path, priority: Priority, promise: str
) -> None:
    floor.do("chen", TakeCall(name="Li Na", subject="noise", grade=Grade.YELLOW, priority=priority))
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter", "t")
        assert promise in shown(app)
        assert ("after the promise" in shown(app)) == (priority is Priority.URGENT)


async def test_the_technicians_card_is_a_key_away_and_written_for_its_owner_alone(floor: Floor, tmp_path: Path) -> None:
    furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter", "t", "enter", "k")
        text = shown(app)
        assert "[ ] photo before" in text or "To print" in text
        await press(app, pilot, "escape", "ctrl+l", "ctrl+a")
        assert "可打印" in shown(app)
    page = (tmp_path / "pages" / "T-2.html").read_text("utf-8")
    assert "<html lang=" in page and "王芳" in page and (tmp_path / "pages" / "T-2.html").stat().st_mode & 0o77 == 0
