"""Run the app without a terminal: press keys, wait until nothing is going on, look at what is shown."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import textual.app
from textual.pilot import Pilot

from deskapp.app import DeskApp
from deskapp.preferences import Preferences
from tests.tui.memory_desk import MemoryDesk


async def _at_once(min_sleep: float = 0, max_sleep: float = 0) -> None:
    await asyncio.sleep(0)


# `settled` waits for all that a key began; Textual's own guess beside it sleeps 40 ms a key.
textual.app.wait_for_idle = _at_once  # type: ignore[attr-defined]


async def settled(app: DeskApp) -> None:
    """Wait until nothing is read or written, and every message has been handled and painted."""
    calm = 0
    while calm < 3:
        if app._exception is not None or not app.is_running:
            return  # it is raised where the app is left
        going = [*app.busy, *(worker._task for worker in app.workers if worker._task and not worker.is_finished)]
        if going:
            await asyncio.wait(going, timeout=0.05)
        await asyncio.sleep(0.001 if calm else 0)
        calm = 0 if going or any(map(_has_work, app.screen_stack)) else calm + 1


def _has_work(screen: Any) -> bool:
    nodes = [screen.app, screen, *screen.walk_children(with_self=False)]
    if any(not node._message_queue.empty() or node._next_callbacks for node in nodes if node.is_running):
        return True
    to_paint = screen._dirty_widgets or screen._layout_required or screen._repaint_required
    return screen.app.screen is screen and bool(screen._callbacks or to_paint)


@asynccontextmanager
async def running(
    desk: MemoryDesk,
    tmp_path: Path,
    *,
    login: str = "chen",
    size: tuple[int, int] = (120, 40),
    preferences: Preferences | None = None,
    settle: bool = True,
    **options: Any,
) -> AsyncIterator[tuple[DeskApp, Pilot[int]]]:
    """An app on a desk in memory, signed on and at rest."""
    app = DeskApp(
        lambda: desk, desk.clock, login=login, log_path=tmp_path / "desk.log", preferences=preferences, ticking=False,
        **options,
    )  # fmt: skip
    async with app.run_test(size=size, notifications=True) as pilot:
        if settle:
            await settled(app)
        yield app, pilot


async def press(app: DeskApp, pilot: Pilot[int], *keys: str) -> None:
    """Press keys, one after the other, and wait until what they began is done."""
    for key in keys:
        await pilot.press(key)
        await settled(app)


def shown(app: DeskApp) -> str:
    """The whole screen as text, as the terminal would show it."""
    height = app.size.height
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines[:height])


async def until(pilot: Pilot[Any], state: Callable[[], bool], *, tries: int = 500) -> None:
    """Wait for a state that comes from outside the app's own doing; an AssertionError says that it never came."""
    for _try in range(tries):
        if state():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"never came: {state}\n{shown(pilot.app)}")  # type: ignore[arg-type]
