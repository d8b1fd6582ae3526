"""Run the app without a terminal: press keys, wait until nothing is going on, look at what is shown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from deskapp.app import DeskApp
from deskapp.preferences import Preferences
from tests.tui.memory_desk import MemoryDesk


async def settled(app: DeskApp) -> None:
    """Wait until nothing is read or written, and every message has been handled and painted."""
    quiet = 0
    while quiet < 2:
        await app._animator.wait_until_complete()
        workers = [worker.wait() for worker in app.workers if not worker.is_finished]
        waiting = [*app.busy, *map(asyncio.ensure_future, workers)]
        if waiting:
            await asyncio.wait(waiting)
            quiet = 0
        for screen in app.screen_stack:
            await _drained(screen)
        quiet += 1


async def _drained(screen: Any) -> None:
    for node in [screen.app, screen, *screen.walk_children(with_self=False)]:
        if node.is_running:
            done = asyncio.Event()
            node.call_later(done.set)
            await done.wait()
    painted = asyncio.Event()
    if screen.is_running and screen.app.screen is screen:
        screen.call_after_refresh(painted.set)
        await painted.wait()


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
    async with app.run_test(size=size) as pilot:
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
