"""What comes after scoring, by keys alone: settle, dispute, calibrate, correct, edit a card; nobody sees too much."""

from fractions import Fraction
from pathlib import Path

import pytest

from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_words import CardState, DisputeState, SettledBy, TaskKind
from deskapp.domain.verification import ActionState
from deskapp.screens.qa.action import ActionScreen
from deskapp.services.requests.qa.actions import ListActions
from deskapp.services.requests.qa.cards import GetCard, ListCards
from deskapp.services.requests.qa.cases import ListCases
from deskapp.services.requests.qa.looking import ListRounds
from deskapp.services.requests.qa.results import GetResults, ListDisputes
from deskapp.services.requests.qa.scoring import GetTasks
from deskapp.services.requests.qa.sessions import CastVote, ListSessions
from deskapp.services.requests.qa.settling import GetComparison
from tests.services.conftest import Floor
from tests.services.qa_floor import QaFloor, hire, month
from tests.tui.running import press, running, shown


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
        assert "scored by: " in shown(app) and not any(name in shown(app) for name in ("Rao", "Ren", "Reyes"))
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


async def test_a_calibration_and_an_exam_from_their_opening_to_the_review(qa: QaFloor, tmp_path: Path) -> None:
    qa.up_to(Stage.RELEASED)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", *["tab"] * 5, "n", *"spring", "enter", *"T-3", "enter")
        assert "spring" in shown(app)
        # A case of an exam is made of a settled record; its score is the key.
        await press(app, pilot, *["shift+tab"] * 4, "enter", "c", "E", *"phone", "enter")
    for view in qa.ask("ren", ListSessions()):  # type: ignore[attr-defined]
        points = tuple((item.id, Fraction(5 if item.id == "manners" else 10)) for item in view.card.record_items)
        qa.floor.do("ren", CastVote(session_id=view.id, points=points))
    async with running(qa.floor.desk, tmp_path, login="rao") as (app, pilot):
        for step in ((), ("down",)):
            await press(app, pilot, "3", *["tab"] * 3, *step, "enter", "0", "9", *["0"] * 8, "ctrl+s")
            assert "the others are not seen yet" in shown(app) and "Ren  " not in shown(app)
            await press(app, pilot, "escape", *["shift+tab"] * 3)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", *["tab"] * 5)
        spring = "spring" in shown(app).splitlines()[2]
        await press(app, pilot, *(() if spring else ("down",)), "enter", "c")
        assert "! 4" in shown(app)
        await press(app, pilot, "down", ";", *"greet", "enter", "8", "ctrl+s", "enter", "escape")
        await press(app, pilot, "down" if spring else "up", "enter", "c")
        assert "the exam, over its 1 closed cases" in shown(app) and "Ren: 1 of 1 scored" in shown(app)
        await press(app, pilot, "escape", "v")
        assert "Review of 2026-Q2" in shown(app) and "No round ended in this quarter. Left" in shown(app)
        await press(app, pilot, "left")
        assert "Review of 2026-Q1" in shown(app) and "Q-1" in shown(app) and "95 % interval" in shown(app)
        await press(app, pilot, "down", "down", "down")
        assert "No draft of a next card" in shown(app)
    calibration = next(v for v in qa.ask("qiu", ListSessions()) if v.title == "spring")  # type: ignore[attr-defined]
    assert calibration.closed_at and calibration.key["manners"] == 8
    (card,) = qa.ask("qiu", ListCards())  # type: ignore[misc]
    assert qa.ask("qiu", GetCard(card_id=card.id)).notes == (("manners", "greet"),)  # type: ignore[attr-defined]


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


async def test_a_finding_lives_by_keys_from_the_final_scores_to_its_closing(
    qa: QaFloor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    qa.up_to(Stage.RELEASED)

    def stage() -> Stage:
        return qa.ask("qiu", ListRounds())[0].stage  # type: ignore[index,no-any-return]

    def state() -> ActionState:
        return qa.ask("qiu", ListActions())[0].state  # type: ignore[index,no-any-return]

    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "enter", "g", "enter")
        assert stage() is Stage.RELEASED, "the dispute window is open"
        qa.floor.clock.advance(days=6)
        await press(app, pilot, "g", "enter", "g", "enter")
        assert stage() is Stage.REPORTED
        await press(app, pilot, "g")
        assert "at its end" in shown(app)
        # The report in its three forms, the evidence; what is there already is not written over.
        await press(app, pilot, "f", "w", "enter", "enter", "w", "down", "enter", "enter")
        await press(app, pilot, "w", "down", "down", "enter", "enter")
        assert "</html>" in Path("Q-1.html").read_text() and Path("Q-1.xlsx").read_bytes()[:2] == b"PK"
        assert len(list(Path("Q-1").glob("*.csv"))) > 5
        await press(app, pilot, "w", "enter", "enter")
        assert "it is there already" in shown(app)
        await press(app, pilot, "escape", "d", "w", "enter")
        assert {"frame.tsv", "check.sh"} <= {file.name for file in Path("Q-1-evidence").iterdir()}
        await press(app, pilot, "w", "enter")
        assert "Name a new folder" in shown(app)
        # The notice: its item is chosen among those of the card; 2 is the second, after "the whole record".
        await press(app, pilot, "escape", "i")
        for word in ("late", "2", "repairs", "chen", "call", "qiu"):
            await press(app, pilot, *word, "enter")
        await press(app, pilot, "backspace", "x", "ctrl+s")
        assert "1 to 365" in shown(app)
        await press(app, pilot, "backspace", "9", "ctrl+s", "escape", *["tab"] * 3)
        assert "8d 2" in shown(app) or "9d 00:00" in shown(app)
        await press(app, pilot, "enter", "v")
        assert "First it is to be done" in shown(app) and state() is ActionState.OPEN
    # Who is responsible finds it in the desk's own list, opens it there, and says what was done.
    async with running(qa.floor.desk, tmp_path, login="chen") as (app, pilot):
        assert "CA-1" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, ActionScreen)
        await press(app, pilot, "v")
        assert "The QA lead proves an action" in shown(app)
        await press(app, pilot, "d", *"called", "enter")
        assert state() is ActionState.DONE
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", *["tab"] * 4, "enter", "v")
        assert "20 are wanted" in shown(app) and "by rule" in shown(app)
        month(qa.floor, 60, first=13)
        await press(app, pilot, "v")
        assert "proven" in shown(app) and state() is ActionState.CLOSED


async def test_a_case_goes_from_a_settled_record_to_everybody(qa: QaFloor, tmp_path: Path) -> None:
    qa.up_to(Stage.RELEASED)
    async with running(qa.floor.desk, tmp_path, login="qiu") as (app, pilot):
        await press(app, pilot, "3", "tab", "enter", "c", "g", "ctrl+s", "escape", "escape", *["tab"] * 5)
        assert "to approve" in shown(app)
        await press(app, pilot, "enter", "y")
    (case,) = qa.ask("chen", ListCases())  # type: ignore[misc]
    assert case.approved
