"""Before the reveal no screen shows a rater, a lead or an agent what another rater gave."""

from pathlib import Path

import pytest

from deskapp.services.requests.qa.scoring import GetSheet
from tests.services.conftest import Floor
from tests.services.qa_floor import QaFloor, evaluation, hire, month
from tests.tui.running import press, running, shown

MARK = "zebra-crossing"
PLACES = ("1", "2", "4")  # the desk, the queue, the wallboard


@pytest.fixture
def qa(floor: Floor) -> QaFloor:
    hire(floor)
    month(floor)
    qa = QaFloor(floor)
    qa.plan(share="1")
    qa.draw()
    qa.assign("rao", "ren")
    while (sheet := qa.ask("rao", GetSheet())) is not None:
        given = evaluation(sheet, {"manners": 3, "problem": 4}, critical=True, comment=MARK)  # type: ignore[arg-type]
        floor.do("rao", given)
    return qa


async def walk(qa: QaFloor, tmp_path: Path, login: str) -> str:
    """All that somebody sees on the way through every place and every part of QA, each line opened."""
    seen: list[str] = []
    async with running(qa.floor.desk, tmp_path, login=login) as (app, pilot):

        async def look(*keys: str) -> None:
            await press(app, pilot, *keys)
            seen.append(shown(app))

        for place in PLACES:
            await look(place)
        await look("3")
        for part in app.screen.parts:  # type: ignore[attr-defined]
            # The line's own page, what it says further down, and back to the list.
            await look("enter")
            await look("end")
            if part.key == "rounds":
                for key in ("c", "f", "d", "i"):
                    await look(key)
                    await press(app, pilot, *["escape"] * (len(app.screen_stack) - 2))
            await look("escape", "3")
            if part.key == "tasks":
                # One's own search word stands on the screen; what it finds must not be another's.
                await press(app, pilot, "/", *MARK, "enter")
                seen.append(shown(app).replace(f"with: {MARK}", ""))
            await look("tab")
        if login == "ren":
            await look("s")
            await look("down", "down", "e")
            await look("escape")
        await look("2", "enter")
        await look("escape")
    assert len(seen) > 4 * len(PLACES) or login == "adam", "an administrator has no part in QA"
    return "\n".join(seen)


@pytest.mark.parametrize("login", ["ren", "lin", "chen", "adam"])
async def test_walking_through_every_place_finds_nothing_of_the_other_rater(
    qa: QaFloor, tmp_path: Path, login: str
) -> None:
    whole = await walk(qa, tmp_path, login)
    assert MARK not in whole and "unsafe advice" not in whole and "Rao" not in whole
    assert not any(count in whole for count in ("12/24", "12 of 24", "12/12"))
    if login in ("chen", "adam"):
        assert "Q-1" not in whole


async def test_the_same_walk_finds_the_rater_where_progress_may_be_read(qa: QaFloor, tmp_path: Path) -> None:
    whole = await walk(qa, tmp_path, "qiu")
    assert "Rao" in whole and "Q-1" in whole
    assert MARK not in whole and "unsafe advice" not in whole
