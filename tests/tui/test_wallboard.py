"""The wallboard by keys: fits without scrolling at both sizes and in both languages, ticks without asking, decides."""

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from deskapp.domain.i18n import use_language
from deskapp.domain.incident import IncidentState
from deskapp.domain.terms import Channel
from deskapp.preferences import Preferences
from deskapp.services import wallboard as service
from deskapp.services.requests.incidents import GetMassFault, GetMassFaults
from deskapp.services.requests.tickets import OpenTicket
from deskapp.services.requests.wallboard import GetWallboard
from tests.services.conftest import Floor
from tests.services.test_incidents import history, outbreak
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


@pytest.fixture(autouse=True)
def _anew() -> Any:
    service.forget()
    yield
    use_language("en")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (100, 30), (200, 60)])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("plain", [True, False])
async def test_it_fits_its_terminal(
    floor: Floor, tmp_path: Path, size: tuple[int, int], language: str, plain: bool
) -> None:
    furnish(floor)
    preferences = Preferences(language=language, ascii=plain)
    async with running(floor.desk, tmp_path, login="lin", size=size, preferences=preferences) as (app, pilot):
        await press(app, pilot, "w")
        text = shown(app)
        assert app.screen.max_scroll_y == 0
        assert all(cell_len(line) <= size[0] for line in text.split("\n"))
        wanted = ["NEXT PROMISES", "MASS FAULTS", "AGENTS", "FORECAST", "KEPT TODAY"]
        if language == "zh":
            wanted = ["即将到期", "批量故障", "坐席", "预测", "今日达成"]
        assert [title for title in wanted if title not in text] == []
        assert ("WHEN THEY COME" in text or "来单时段" in text) == (size[0] >= 110)


async def test_countdowns_go_on_without_a_question(floor: Floor, tmp_path: Path) -> None:
    furnish(floor)
    asked: list[Any] = []
    read = floor.desk.read
    floor.desk.read = lambda actor, query: (asked.append(query), read(actor, query))[1]  # type: ignore[method-assign]
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "4")
        before = shown(app)
        count = sum(isinstance(query, GetWallboard) for query in asked)
        floor.clock.advance(seconds=1)
        app.tick()
        await settled(app)
        assert shown(app) != before
        assert sum(isinstance(query, GetWallboard) for query in asked) == count
        for _second in range(15):
            floor.clock.advance(seconds=1)
            app.tick()
            await settled(app)
        assert sum(isinstance(query, GetWallboard) for query in asked) > count


async def test_a_ticket_from_another_seat_is_seen(floor: Floor, tmp_path: Path) -> None:
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "w")
        assert "Nothing is due." in shown(app)
        floor.do("chen", OpenTicket(subject="drum bangs", channel=Channel.PHONE))
        for _second in range(4):
            floor.clock.advance(seconds=1)
            app.tick()
            await settled(app)
        assert "drum bangs" in shown(app)


async def test_a_lead_finds_confirms_tells_and_ends_a_mass_fault(floor: Floor, tmp_path: Path) -> None:
    history(floor)
    outbreak(floor)
    lead = floor.people["lin"]
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "w")
        # A lead's wallboard has the desk look by itself.
        assert "12 customers" in shown(app)
        await press(app, pilot, "i")
        assert "12 different customers" in shown(app)
        await press(app, pilot, "enter")
        key = floor.desk.read(lead, GetMassFaults())[0].id
        assert floor.desk.read(lead, GetMassFault(id=key)).line.state is IncidentState.ACTIVE
        await press(app, pilot, "i", *"tell", "enter", *"soon", "enter")
        view = floor.desk.read(lead, GetMassFault(id=key))
        assert (view.steps[-1].kind, view.steps[-1].text) == ("broadcast", "soon")
        for _action in view.open_actions:
            await press(app, pilot, "i", *"done", "enter", "enter")
        await press(app, pilot, "i", *"begin", "enter", *"mended", "enter")
        await press(app, pilot, "i", *"solve", "enter", *"changed", "enter")
        await press(app, pilot, "i", *"end", "space", *"it", "enter")
        view = floor.desk.read(lead, GetMassFault(id=key))
        assert (view.line.state, view.line.open_tickets) == (IncidentState.CLOSED, 0)
        assert "No mass fault" not in shown(app)
        await press(app, pilot, "i")
        assert "No mass fault is under way." in shown(app)


async def test_an_agent_looks_and_does_not_decide(floor: Floor, tmp_path: Path) -> None:
    history(floor)
    outbreak(floor)
    async with running(floor.desk, tmp_path, login="chen") as (app, pilot):
        await press(app, pilot, "w", "l")
        assert "Only a lead" in shown(app)
        assert floor.desk.read(floor.people["chen"], GetMassFaults()) == ()
        await press(app, pilot, "escape")
        assert "MINE TO DO" in shown(app)
