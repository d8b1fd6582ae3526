"""What comes after scoring, by keys alone: settle, dispute, calibrate, correct, edit a card; nobody sees too much."""

from pathlib import Path

import pytest

from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_words import CardState, DisputeState, SettledBy, TaskKind
from deskapp.domain.verification import ActionState
from deskapp.services.requests.qa.actions import ListActions
from deskapp.services.requests.qa.cards import ListCards
from deskapp.services.requests.qa.cases import ListCases
from deskapp.services.requests.qa.looking import ListRounds
from deskapp.services.requests.qa.results import GetResults, ListDisputes
from deskapp.services.requests.qa.scoring import GetSheet, GetTasks
from deskapp.services.requests.qa.sessions import ListSessions
from deskapp.services.requests.qa.settling import GetComparison
from tests.services.conftest import Floor
from tests.services.qa_floor import QaFloor, evaluation, hire, month
from tests.tui.running import press, running, shown

SECRET = "ALPHA-SECRET"


@pytest.fixture
def qa(floor: Floor) -> QaFloor:
    hire(floor)
    month(floor)
    return QaFloor(floor)


def differing(qa: QaFloor) -> None:
    """Two raters score everything, the second much lower."""
    qa.plan(share="1", everyone=True)
    qa.draw()
    qa.assign("rao", "ren")
    qa.score("rao")
    qa.score("ren", {"manners": 4, "problem": 3, "solution": 4})
    qa.advance(Stage.REVEALED)


async def test_the_qa_lead_settles_by_keys_and_a_third_rater_scores_blind(qa: QaFloor, tmp_path: Path) -> None:
    differing(qa)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "enter", "c")
        assert "! to settle" in shown(app) and "the scores differ" in shown(app)
        await press(app, pilot, "a", "down", "enter", *"seen", "enter")
        rows = qa.ask("qiu", GetComparison(campaign_id=qa.campaign))
        settled = next(c for c in rows if c.settled and c.settled.way is SettledBy.QA_LEAD)  # type: ignore[attr-defined]
        assert settled.settled.reason == "seen"
        await press(app, pilot, "o", "t", *"Reyes", "enter")
        assert "with a third" in shown(app)
        await press(app, pilot, "v")
        assert "bangs when spinning" in shown(app)
    (task,) = qa.ask("reyes", GetTasks()).open  # type: ignore[attr-defined]
    assert task.kind is TaskKind.THIRD
    async with running(qa.floor.desk, tmp_path, login="reyes") as (app, pilot):
        await press(app, pilot, "3", "s")
        assert "Rao" not in shown(app) and "Ren" not in shown(app)
        await press(app, pilot, "escape", "tab", "enter", "c")
        assert "No record of this round is for you to see" in shown(app)


async def test_an_agent_disputes_items_once_and_the_qa_lead_gives_them_points(qa: QaFloor, tmp_path: Path) -> None:
    qa.up_to(Stage.RELEASED, share="1")
    async with running(qa.floor.desk, tmp_path, login="chen") as (app, pilot):
        await press(app, pilot, "3", "enter", "d")
        assert "Mark the items first" in shown(app)
        await press(app, pilot, "down", "space", "d", *"unfair", "enter")
        assert "disputed" in shown(app)
        await press(app, pilot, "enter", "down", "space", "d")
        assert "disputed before" in shown(app)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "tab", "tab", "enter")
        assert "unfair" in shown(app)
        await press(app, pilot, "y")
        assert "points first" in shown(app)
        await press(app, pilot, "0", "y", *"right", "enter")
    (decided,) = qa.ask("chen", ListDisputes())  # type: ignore[misc]
    assert decided.state is DisputeState.UPHELD and decided.items == ("manners",)
    found = {r.sample_id: r for r in qa.ask("chen", GetResults())}[decided.sample_id]  # type: ignore[attr-defined]
    assert found.settled.points["manners"] == 10 and found.decision == "right"


async def test_a_calibration_from_its_opening_to_the_note_on_the_card(qa: QaFloor, tmp_path: Path) -> None:
    qa.plan(share="1")
    qa.draw()
    qa.assign()
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", *["tab"] * 5, "n", *"spring", "enter", *"T-3", "enter")
        assert "spring" in shown(app)
    for login, manners in (("rao", "9"), ("ren", "5")):
        async with running(qa.floor.desk, tmp_path, login=login) as (app, pilot):
            await press(app, pilot, "3", *["tab"] * 3, "enter", "0", manners, *["0"] * 8, "ctrl+s")
            assert "the others are not seen yet" in shown(app) and "Ren  " not in shown(app)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", *["tab"] * 5, "enter", "c")
        assert "! 4" in shown(app)
        await press(app, pilot, "down", ";", *"greet", "enter", "8", "ctrl+s", "enter")
    (view,) = qa.ask("qiu", ListSessions())  # type: ignore[misc]
    assert view.closed_at and view.key["manners"] == 8
    sheet = qa.ask("rao", GetSheet())
    assert sheet.notes == {"manners": ("greet",)}  # type: ignore[attr-defined]


async def test_a_card_is_changed_compared_and_published_by_keys(qa: QaFloor, tmp_path: Path) -> None:
    qa.plan()
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", *["tab"] * 7, "n", "down", "enter", "tab", "tab")
        await press(app, pilot, "backspace", "backspace", "0", "ctrl+s")
        assert "the weight must be above 0" in shown(app)
        await press(app, pilot, "backspace", "2", "0", "ctrl+s", "d")
        assert "not saved" in shown(app) and "+ 20" in shown(app)
        # A section begins at the item, is weighed as a whole, goes above the first, and its heading away.
        await press(app, pilot, "s", *"Tone", "tab", *"语气", "ctrl+s", "enter", "tab", "tab")
        await press(app, pilot, "backspace", "backspace", *"30", "ctrl+s")
        assert "section" in shown(app) and "+ Tone / 语气" in shown(app) and "+ 30" in shown(app)
        await press(app, pilot, "K", "delete")
        assert "The first section stays" in shown(app)
        await press(app, pilot, "J", "delete")
        assert "Tone" not in shown(app)
        await press(app, pilot, "ctrl+s", "P", "enter")
        assert "is published" in shown(app)
        await press(app, pilot, "enter")
        assert "does not change" in shown(app)
    newest = qa.ask("qiu", ListCards())[0]  # type: ignore[index]
    assert newest.edition == 2 and newest.state is CardState.PUBLISHED


async def test_a_corrective_action_is_issued_done_and_waits_for_its_proof(qa: QaFloor, tmp_path: Path) -> None:
    qa.up_to(Stage.REVEALED)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "enter", "i")
        # The item is chosen among those of the card: 7 is the seventh, after "the whole record".
        for word in ("late", "7", "repairs", "lin", "call", "qiu"):
            await press(app, pilot, *word, "enter")
        await press(app, pilot, "backspace", "x", "ctrl+s")
        assert "1 to 365" in shown(app)
        await press(app, pilot, "backspace", "9", "ctrl+s", "escape", *["tab"] * 3)
        assert "8d 2" in shown(app) or "9d 00:00" in shown(app)
        await press(app, pilot, "enter", "v")
        assert "First it is to be done" in shown(app)
        await press(app, pilot, "d", *"called", "enter", "v")
        assert "20 are wanted" in shown(app) and "by rule" in shown(app)
    (action,) = qa.ask("qiu", ListActions())  # type: ignore[misc]
    assert action.state is ActionState.DONE and action.item == "call_back"


async def test_a_case_goes_from_a_settled_record_to_everybody(qa: QaFloor, tmp_path: Path) -> None:
    qa.up_to(Stage.RELEASED)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "enter", "c", "g", "ctrl+s", "escape", "escape", *["tab"] * 5)
        assert "to approve" in shown(app)
        await press(app, pilot, "enter", "y")
    (case,) = qa.ask("chen", ListCases())  # type: ignore[misc]
    assert case.approved


async def test_before_the_reveal_neither_pages_nor_search_tell_anothers_value(qa: QaFloor, tmp_path: Path) -> None:
    qa.plan(share="1", everyone=True)
    qa.draw()
    qa.assign("rao", "ren")
    while (sheet := qa.ask("rao", GetSheet())) is not None:
        qa.floor.do("rao", evaluation(sheet, {"manners": 3}, comment=SECRET))  # type: ignore[arg-type]
    agents = {sheet.snapshot.agent for sheet in [qa.ask("ren", GetSheet())]}  # type: ignore[attr-defined]
    assert agents == {""}
    (about,) = qa.ask("qiu", ListRounds())  # type: ignore[misc]
    assert about.submitted == 12
    seen = []
    async with running(qa.floor.desk, tmp_path, login="ren") as (app, pilot):
        await press(app, pilot, "3")
        for _part in range(len(app.screen.parts)):  # type: ignore[attr-defined]
            for keys in (("enter",), ("c",), ("f",), ("d",), ("v",), ("/", *SECRET, "enter")):
                await press(app, pilot, *keys)
                seen.append(shown(app))
                while len(app.screen_stack) > 1:
                    await press(app, pilot, "escape")
            await press(app, pilot, "tab")
    # One's own search word stands on the screen; what it found must not.
    found = [text for text in seen if SECRET in text.replace(f"with: {SECRET}", "")]
    assert found == []
    assert not any("12/24" in text or "12 of 24" in text for text in seen)
