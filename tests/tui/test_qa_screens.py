"""QA by keys: scoring like a game pad, nothing lost, and nobody's place shows what is not theirs to see."""

import threading
from pathlib import Path

import pytest

from deskapp.domain.qa_loop import Stage
from deskapp.domain.scorecard import CriticalClass, Severity
from deskapp.screens.qa.home import QaScreen
from deskapp.screens.qa.score import ScoreScreen
from deskapp.services.requests.qa.looking import GetRound
from deskapp.services.requests.qa.scoring import GetSheet, GetTasks
from tests.services.conftest import Floor
from tests.services.qa_floor import RATERS, QaFloor, hire, month
from tests.tui.running import press, running, settled, shown, until


@pytest.fixture
def qa(floor: Floor) -> QaFloor:
    hire(floor)
    month(floor, visits=True)
    qa = QaFloor(floor)
    qa.plan()
    qa.draw()
    qa.assign()
    return qa


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_ten_items_with_four_by_rule_take_at_most_25_keys(
    qa: QaFloor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    keys = ["e", "e", "9", "e", "e", "8", "e", "e", "0", "0", "0", "x", "ctrl+s"]
    async with running(qa.floor.desk, tmp_path, login="rao", size=size) as (app, pilot):
        await press(app, pilot, "3", "s")
        assert isinstance(app.screen, ScoreScreen)
        sheet = app.screen.sheet
        assert sheet is not None and len(sheet.card.record_items) == 10 and len(sheet.evidence) == 4
        await press(app, pilot, *keys[:-1])
        # What is pressed while it is being sent is about the next record.
        sent, execute = threading.Event(), qa.floor.desk.execute
        monkeypatch.setattr(qa.floor.desk, "execute", lambda *about: sent.wait(5) and execute(*about))
        await pilot.press(keys[-1], "e", "7")
        sent.set()
        await settled(app)
        assert len(keys) <= 25
        after, pad = app.screen.sheet, app.screen.pad
        assert after is not None and after.task.id != sheet.task.id
        assert pad is not None and pad.marks["manners"].points == 7 and len(pad.marks["manners"].lines) == 1
    mine = qa.ask("rao", GetSheet(task_id=sheet.task.id)).mine  # type: ignore[attr-defined]
    assert [int(mine.answers[i].points) for i in ("manners", "problem", "solution", "own_tools")] == [9, 8, 10, 0]


async def test_every_key_of_the_pad_does_what_it_says_and_leaving_loses_nothing(qa: QaFloor, tmp_path: Path) -> None:
    async with running(qa.floor.desk, tmp_path, login="rao") as (app, pilot):
        await press(app, pilot, "3", "s", "9", "u", "7")
        screen = app.screen
        assert isinstance(screen, ScoreScreen) and screen.pad is not None
        assert screen.pad.marks["manners"].points == 7
        # Letters are words in a text field.
        await press(app, pilot, ";", "n", "x", "9", "enter")
        assert screen.pad.comment == "nx9"
        await press(app, pilot, "m", "enter", "ctrl+s")
        assert "has no answer yet" in shown(app) and len(screen.pad.findings) == 1
        # Time counts while keys come; a pause counts half a minute.
        qa.floor.clock.advance(seconds=12)
        await press(app, pilot, "j", *"vague", "enter")
        qa.floor.clock.advance(minutes=9)
        await press(app, pilot, "c", "down", "enter", *"unsafe", "enter")
        assert "active 00:42" in shown(app)
        found = [(f.severity, f.item, f.text, f.critical_class) for f in screen.pad.findings]
        assert found[1:] == [(Severity.MAJOR, "problem", "vague", None),
                             (Severity.CRITICAL, "problem", "unsafe", CriticalClass.BUSINESS)]  # fmt: skip
        await press(app, pilot, "t", "enter", "u", "u")
        assert len(screen.pad.findings) == 2 and screen.pad.comment == "nx9"
        await press(app, pilot, "n")
        assert "applies to" in shown(app) and "problem" not in screen.pad.marks
        await press(app, pilot, "/", *"asked about", "enter", "e", "x")
        assert screen.pad.marks["problem"].points == 0
        (proof,) = screen.pad.marks["problem"].lines
        assert "asked about" in next(line.text for line in screen.sheet.snapshot.lines if line.id == proof)  # type: ignore[union-attr]
        await press(app, pilot, "escape", "s")
        again = app.screen
        assert isinstance(again, ScoreScreen) and again.pad is not None
        assert again.pad.comment == "nx9" and again.pad.marks["manners"].points == 7
        assert "agent hidden" in shown(app)


@pytest.mark.parametrize("login", ["chen", "lin", "rao", "qiu", "aude", "adam"])
async def test_every_role_has_its_place_on_a_small_terminal_and_an_empty_part_says_what_brings_a_line(
    qa: QaFloor, tmp_path: Path, login: str
) -> None:
    async with running(qa.floor.desk, tmp_path, login=login, size=(80, 24)) as (app, pilot):
        await press(app, pilot, "3")
        assert isinstance(app.screen, QaScreen)
        empty = 0
        for part in app.screen.parts or (None,):
            if not app.screen.lines.rows:
                empty += 1
                told = part.how(qa.floor.people[login]) if part else "Your role has no part in QA."
                assert told in " ".join(shown(app).split())
            assert "Q-1" not in shown(app) or login not in ("chen", "adam")
            await press(app, pilot, "tab")
        assert empty > 0


async def test_the_qa_lead_takes_a_round_from_its_plan_to_the_report_by_keys(floor: Floor, tmp_path: Path) -> None:
    hire(floor)
    month(floor)
    qa = QaFloor(floor)

    def stage() -> Stage:
        return qa.ask("qiu", GetRound(number=1)).line.stage  # type: ignore[attr-defined]

    async with running(floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "n", "down", "enter", *["backspace"] * 10, *"2026-03", "enter")
        assert "hours" in shown(app) and "12" in shown(app)
        await press(app, pilot, "ctrl+s", "enter")
        for _step in range(3):
            await press(app, pilot, "g", "enter")
        assert stage() is Stage.DRAWN
        await press(app, pilot, "g", "enter")
        assert stage() is Stage.ASSIGNED
        record = qa.ask("rao", GetTasks()).open[0].record  # type: ignore[attr-defined]
        await press(app, pilot, "x", *record, "tab", *"unreadable", "ctrl+s")
        strata = qa.ask("qiu", GetRound(number=1)).strata  # type: ignore[attr-defined]
        assert sum(s.replaced for s in strata) == 1
        for login in RATERS:
            qa.score(login)
        app.tick()
        await until(pilot, lambda: shown(app).count("[##########]") == 3)
        await press(app, pilot, "g", "enter")
        assert stage() is Stage.REVEALED
        await press(app, pilot, "c")
        assert "to settle" in shown(app)
        await press(app, pilot, "escape", "g", "enter", "g", "enter")
        assert stage() is Stage.RELEASED
        await press(app, pilot, "f")
        assert "Overall score" in shown(app)
        await press(app, pilot, "escape", "d")
        assert "everything is as it was drawn" in shown(app)


async def test_a_drawn_round_is_enlarged_and_voided_by_keys(floor: Floor, tmp_path: Path) -> None:
    hire(floor)
    month(floor, 40)
    qa = QaFloor(floor)
    qa.plan(share="1/4")
    qa.draw()

    def drawn() -> int:
        return sum(s.n for s in qa.ask("qiu", GetRound(number=1)).strata)  # type: ignore[attr-defined]

    before = drawn()
    async with running(floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "enter", "e", *"90%", "enter")
        assert before < drawn() < 40
        await press(app, pilot, "V", *"wrong month", "enter")
        assert "wrong month" in shown(app)
    assert qa.ask("qiu", GetRound(number=1)).line.stage is Stage.VOID  # type: ignore[attr-defined]
