"""Two seats beside each other: each sees where the other is and writes, nothing is locked, keys write nothing."""

from pathlib import Path
from typing import Any

import pytest

from deskapp.app import DeskApp
from deskapp.domain.presence import IDLE_AFTER, RENEW, Present
from deskapp.services.desk import Desk
from deskapp.services.requests.base import Command
from deskapp.services.requests.presence import GetPresence, TellPresence
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def test_a_ticket_and_the_queue_say_who_else_is_there(floor: Floor, tmp_path: Path) -> None:
    made = furnish(floor)

    async def seconds(seat: DeskApp, count: int = 3) -> None:
        for _ in range(count):
            floor.clock.advance(seconds=1)
            seat.tick()
            await settled(seat)

    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "2")
        async with running(floor.desk, tmp_path, login="sato") as (other, keys):
            other.call_later(other.open_ticket, made["noise"])
            await settled(other)
            await press(other, keys, "n", *"asked")
            await seconds(other)
            await seconds(app, 4)
            row = next(line for line in shown(app).splitlines() if "T-2" in line)
            assert "e Sato" in row
            while "T-2" not in shown(app).splitlines()[1]:
                await press(app, pilot, "j")
            assert "! T-2: Sato is writing here now" in shown(app).splitlines()[1]
            app.call_later(app.open_ticket, made["noise"])  # among two apps, in its own context
            await settled(app)
            await seconds(app)
            assert "! Sato is writing here now" in shown(app)
            await seconds(other)
            assert "Lin looks at it now" in shown(other)
            await press(app, pilot, "n", *"me", "enter")
            assert "Lin" in shown(app), "a warning, never a lock"
        await seconds(app)
        assert "Sato is" not in shown(app)


async def test_it_is_written_when_it_changes_and_to_renew_it_but_not_with_keys(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, told = furnish(floor), list[Present]()
    execute = Desk.execute

    def listen(desk: Desk, actor: Any, command: Command) -> Any:
        if isinstance(command, TellPresence):
            told.append(command.state)
        return execute(desk, actor, command)

    monkeypatch.setattr(Desk, "execute", listen)

    async with running(floor.desk, tmp_path) as (app, pilot):

        async def seconds(count: int) -> None:
            for _ in range(count):
                floor.clock.advance(seconds=1)
                app.tick()
                await settled(app)

        app.open_ticket(made["noise"])
        await settled(app)
        await press(app, pilot, "n", *"a note of some length")
        await seconds(6)
        assert told == [Present.VIEWING, Present.EDITING]
        floor.clock.advance(seconds=RENEW.total_seconds())
        await seconds(3)
        assert told == [Present.VIEWING, Present.EDITING, Present.EDITING]
        floor.clock.advance(seconds=IDLE_AFTER.total_seconds())
        await seconds(3)
        assert told[-1] is Present.IDLE
        await press(app, pilot, "escape", "escape")
        assert told[-1] is Present.GONE
    assert floor.desk.read(floor.people["sato"], GetPresence()) == ()
