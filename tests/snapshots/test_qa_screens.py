"""Scoring and comparing as they look; the seed of the draw is fixed, so that the same records come every time."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deskapp.app import DeskApp
from deskapp.domain.qa_loop import Stage
from deskapp.preferences import Preferences
from deskapp.services.qa import rounds
from tests.services.conftest import Floor, floor
from tests.services.qa_floor import QaFloor, hire, month
from tests.snapshots.test_screens import _go

__all__ = ["floor"]

SCREENS: dict[str, tuple[str, tuple[str, ...]]] = {
    "score": ("rao", ("3", "s", "e", "e", "9", "e", "m", "enter")),
    "compare": ("qiu", ("3", "tab", "enter", "c")),
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A fresh SQLite desk."""
    return sqlite_url


@pytest.fixture
def qa(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> QaFloor:
    monkeypatch.setattr(rounds.secrets, "token_bytes", lambda size: b"7" * size)
    hire(floor)
    month(floor, visits=True)
    qa = QaFloor(floor)
    qa.plan(share="1")
    qa.draw()
    qa.assign("rao", "ren")
    return qa


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_of_qa_looks_as_it_did(
    qa: QaFloor, tmp_path: Path, snap_compare: Any, name: str, size: tuple[int, int], language: str
) -> None:
    login, keys = SCREENS[name]
    if name == "compare":
        qa.score("rao")
        qa.score("ren", {"manners": 6, "problem": 3, "solution": 4}, critical=True)
        qa.advance(Stage.REVEALED)
    app = DeskApp(
        lambda: qa.floor.desk, qa.floor.clock, login=login, log_path=tmp_path / "desk.log",
        preferences=Preferences(language=language), zone=ZoneInfo("Asia/Shanghai"), ticking=False,
    )  # fmt: skip
    assert snap_compare(app, terminal_size=size, run_before=_go(app, keys))
