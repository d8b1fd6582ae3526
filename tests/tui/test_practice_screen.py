"""A rehearsal by keys: the caller answers when asked, at the end it says how it went; nothing of it is a call."""

from pathlib import Path

from deskapp.domain.flow import Mark
from deskapp.screens.practice.rehearsal import RehearsalScreen
from deskapp.services.requests.flow_figures import GetFlowFigures
from deskapp.services.requests.flows import PublishShipped
from deskapp.services.requests.practice import GetRehearsals
from deskapp.services.requests.queue import GetQueue
from tests.services.conftest import Floor
from tests.tui.running import press, running, settled, shown


async def rehearse(app, pilot) -> RehearsalScreen:  # type: ignore[no-untyped-def]
    """Ask every question until the caller is clear and enter what was said, by the keys of a call."""
    screen = app.screen
    assert isinstance(screen, RehearsalScreen) and screen.rehearsal is not None
    rehearsal, session = screen.rehearsal, screen.rehearsal.session
    for reply in rehearsal.script.opening:
        screen.guide.go(reply.question)
        await press(app, pilot, *key_of(session, reply.value))
    while (here := session.here) and not session.evaluation.settled:
        if session.script:
            await press(app, pilot, "enter")
            continue
        reply = rehearsal.script.replies.get(here)
        await press(app, pilot, "f3")
        if reply is not None and reply.vague is not None:
            await press(app, pilot, "space" if not screen.guide.query_one("#typed").has_focus else "f3")
        assert session.question.label.en in shown(app)
        await press(app, pilot, *(key_of(session, reply.value) if reply else ["0"]))
    return screen


def key_of(session, value) -> list[str]:  # type: ignore[no-untyped-def]
    if isinstance(value, Mark):
        return ["0"]
    ids = [choice.id for choice in session.question.options]
    if isinstance(value, tuple):
        return [*(str(ids.index(id_) + 1) for id_ in value), "enter"]
    return [str(ids.index(value) + 1)] if ids else [*str(value), "enter"]


async def test_a_trainee_who_asks_well_passes_and_the_lead_sees_who_has_not_practised(
    floor: Floor, tmp_path: Path
) -> None:
    floor.do("lin", PublishShipped())
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "7")
        assert "never" in shown(app)
        await press(app, pilot, "end", "up", "enter")
        screen = await rehearse(app, pilot)
        floor.clock.advance(seconds=50)
        await press(app, pilot, "f10")
        text = shown(app)
        assert "100 of 100 points   has passed" in text and "time 00:50" in text and "Caller:" in text
        assert screen.result is not None and screen.result.keys <= 14
        await press(app, pilot, "escape")
        assert "has passed" in shown(app) and "100" in shown(app)
    (kept,) = floor.desk.read(floor.people["chen"], GetRehearsals())
    assert (kept.points, kept.passed, kept.asked_again, kept.seconds) == (100, True, (), 50)
    assert floor.desk.read(floor.people["lin"], GetQueue()).total == 0
    assert floor.desk.read(floor.people["lin"], GetFlowFigures()) == ()
    floor.clock.advance(days=31)
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "7", "t")
        assert "not this month" in shown(app) and "Sato" in shown(app) and "2026-03-02" in shown(app)
        await press(app, pilot, "enter")
        assert "100 points, has passed" in shown(app)


async def test_hanging_up_early_asks_once_then_says_what_was_missed(floor: Floor, tmp_path: Path) -> None:
    floor.do("lin", PublishShipped())
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "7", "enter", "ctrl+l", "f3")
        assert "客户：" in shown(app).replace(": ", "：")
        await press(app, pilot, "f10")
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await settled(app)
            assert "仍然挂机" in shown(app)
        await press(app, pilot, "f10")
        for size in ((80, 24), (120, 40)):
            await pilot.resize_terminal(*size)
            await settled(app)
            assert "该问而没有问" in shown(app) and "未通过" in shown(app)
        await press(app, pilot, "escape", "t")
        assert "Chen" in shown(app) and "Sato" not in shown(app), "an agent sees their own"
