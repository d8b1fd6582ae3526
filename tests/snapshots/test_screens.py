"""A few screens as they look, word for word and colour for colour; what they do is tested by keys elsewhere.

After a wanted change: `make test ARGS="tests/snapshots --snapshot-update"`; look at the pictures before keeping them.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.pilot import Pilot

from deskapp.app import DeskApp
from deskapp.preferences import Preferences
from tests.services.conftest import Floor, floor
from tests.tui.real import furnish
from tests.tui.running import press, settled

__all__ = ["floor"]

SCREENS: dict[str, tuple[str, ...]] = {
    "desk": (),
    "ticket": ("enter",),
    "customer": ("u",),
    "queue": ("2",),
    "help": ("f1",),
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A fresh SQLite desk."""
    return sqlite_url


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_did(
    floor: Floor, tmp_path: Path, snap_compare: Any, name: str, size: tuple[int, int], language: str
) -> None:
    furnish(floor)
    app = DeskApp(
        lambda: floor.desk,
        floor.clock,
        login="chen",
        log_path=tmp_path / "desk.log",
        preferences=Preferences(language=language),
        zone=ZoneInfo("Asia/Shanghai"),
        ticking=False,
    )
    assert snap_compare(app, terminal_size=size, run_before=_go(app, SCREENS[name]))


def _go(app: DeskApp, keys: tuple[str, ...]) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def before(pilot: Pilot[int]) -> None:
        await settled(app)
        await press(app, pilot, *keys)

    return before
