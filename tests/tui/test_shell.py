"""The shell: first frame, time, changes, keys, trouble and the way out."""

from pathlib import Path

from deskapp.domain.terms import Grade
from tests.tui.memory_desk import MemoryDesk, row, uid
from tests.tui.running import running, shown

MINE = {"assignee_id": uid("chen"), "assignee": "Chen Yu"}


async def test_desk_opens_with_own_work(tmp_path: Path) -> None:
    desk = MemoryDesk([row(2041, **MINE), row(2052, subject="gas smell", grade=Grade.RED, **MINE), row(3)])
    async with running(desk, tmp_path) as (app, _pilot):
        text = shown(app)
        assert "Chen Yu" in text
        assert "T-2041" in text
        assert "gas smell" in text
        assert "MINE TO DO  2" in text
