"""The figures of flows on screen: one flow at a time, its questions with what to mend, none where nothing is known."""

from pathlib import Path

import pytest

from deskapp.services.requests.flow_figures import GetFlowFigures
from tests.tui.memory_desk import MemoryDesk
from tests.tui.running import press, running, shown


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_figures_say_what_to_mend(tmp_path: Path, size: tuple[int, int]) -> None:
    desk = MemoryDesk()
    async with running(desk, tmp_path, login="lin", size=size) as (app, pilot):
        await press(app, pilot, "8", "t", "tab")
        text = shown(app)
        assert "40 calls" in text and "grade changed 50%" in text and "50% of grades are changed by hand" in text
        assert "! 30% changed later" in text and "! 20 s to answer" in text
        await press(app, pilot, "d", "ctrl+l")
        assert "来电 40" in shown(app) and "365 天" in shown(app)
    asked = [query.since for query in desk.asked if isinstance(query, GetFlowFigures)]
    assert [(desk.clock.now() - since).days for since in asked] == [90, 365]
