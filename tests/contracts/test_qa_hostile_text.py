"""No text can act on QA's screens either: records, stories and people of a desk on which all that is said is hostile.

Each screen is come to by keys, on the services themselves: what a customer wrote goes the whole way. The same ways are
walked in a real terminal by `test_terminal_bytes`.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from textual.pilot import Pilot

from deskapp.app import DeskApp
from deskapp.domain.ids import uuid7
from deskapp.domain.qa_loop import Stage
from deskapp.domain.terms import EntryKind
from deskapp.models.ticket import Ticket, TimelineEntry
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.qa.actions import IssueAction
from deskapp.services.requests.qa.results import GetResults, OpenDispute
from deskapp.services.requests.qa.sessions import OpenSession
from deskapp.services.requests.qa.settling import GetComparison
from deskapp.store.uow import work
from tests.contracts.test_hostile_text import check
from tests.services.conftest import Floor, floor
from tests.services.qa_floor import QaFloor, hire, month
from tests.tui.memory_desk import EVIL
from tests.tui.running import press, running

__all__ = ["floor"]

# Who comes to which screen, by which keys; Q-1 is released and has all that comes after it, Q-2 above it is dealt.
WAYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "QaScreen": ("rao", ("3",)),
    "ScoreScreen": ("rao", ("3", "s", "e", "p")),
    "PlanScreen": ("qiu", ("3", "tab", "n")),
    "RoundScreen": ("qiu", ("3", "tab", "enter")),
    "CompareScreen": ("qiu", ("3", "tab", "down", "enter", "c", "v", "ctrl+n")),
    "ReportScreen": ("qiu", ("3", "tab", "down", "enter", "f", "down", "down")),
    "AuditScreen": ("aude", ("3", "down", "enter", "d", "down", "down")),
    "ResultScreen": ("chen", ("3", "enter", "down")),
    "DisputeScreen": ("qiu", ("3", "tab", "tab", "tab", "enter")),
    "ActionScreen": ("qiu", ("3", *["tab"] * 4, "enter")),
    "SessionScreen": ("rao", ("3", "tab", "tab", "tab", "enter")),
    "CaseScreen": ("qiu", ("3", "tab", "down", "enter", "c", "g", "ctrl+s", "escape", "escape", *["tab"] * 5, "enter")),
    "CardScreen": ("qiu", ("3", *["tab"] * 7, "enter")),
    "ReviewScreen": ("qiu", ("3", "v", "down")),
}
PEOPLE = tuple(dict.fromkeys(login for login, _keys in WAYS.values()))


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """A fresh SQLite desk."""
    return sqlite_url


def furnished(floor: Floor) -> None:
    """Two rounds of records in which every text is hostile, and of what comes after the first."""
    hire(floor)
    month(floor, visits=True)
    with floor.desk.engine.begin() as connection:
        for number, evil in enumerate(EVIL, 1):
            words = {"evil": evil[:180].replace("\x00", ""), "number": number}
            connection.execute(text("UPDATE ticket SET subject = :evil, description = :evil, resolution = :evil,"
                                    " product = substr(:evil, 1, 60), fault = substr(:evil, 1, 60)"
                                    " WHERE number = :number"), words)  # fmt: skip
        connection.execute(text("UPDATE agent SET name = :evil WHERE login IN ('chen', 'ren')"), {"evil": EVIL[1]})
    with work(floor.desk.engine, floor.clock.now(), floor.people["lin"], uuid7()) as unit:
        unit.authorize("ticket.create")
        tickets = unit.session.execute(text("SELECT id, number, opened_at FROM ticket")).all()
        for row in tickets:
            at = datetime.fromisoformat(row.opened_at).replace(tzinfo=UTC)
            unit.add(TimelineEntry(ticket_id=UUID(row.id), kind=EntryKind.NOTE, text=EVIL[row.number % len(EVIL)],
                                   author_id=floor.people["chen"].id, occurred_at=at, recorded_at=at))  # fmt: skip
        unit.record("ticket.create", "ticket", Ticket(number=0, subject="", opened_at=at, queue_at=at))
        unit.commit()
    qa = QaFloor(floor)
    qa.plan(share="1", everyone=True)
    qa.draw()
    qa.assign("rao", "ren")
    for login in ("rao", "ren"):
        qa.score(login)
    qa.advance(Stage.REVEALED, Stage.ADJUDICATED, Stage.RELEASED)
    evil = "[@click=app.quit]free visit[/] $accent {late}"
    qa.lead(IssueAction(campaign_id=qa.campaign, item="problem", finding=evil, department=evil, responsible=evil,
                        todo=evil, head_in_copy=evil, deadline=floor.clock.now() + timedelta(days=2)))  # fmt: skip
    mine = qa.ask("chen", GetResults())[0]  # type: ignore[index]
    floor.do("chen", OpenDispute(sample_id=mine.sample_id, items=("problem",), text=evil))
    record = qa.ask("qiu", GetComparison(campaign_id=qa.campaign))[0].record  # type: ignore[index]
    qa.lead(OpenSession(title=evil, number=int(record.removeprefix("T-"))))
    qa.plan(share="1", everyone=True)
    qa.draw()
    qa.assign("rao", "ren")


async def visit(app: DeskApp, pilot: Pilot[int], login: str, *sizes: tuple[int, int]) -> None:
    """Come to all that somebody visits and press what moves, opens and reads on there; nothing may act.

    The terminal takes the sizes in turn, where it is told any.
    """
    for number, (name, (who, keys)) in enumerate(WAYS.items()):
        if who != login:
            continue
        if sizes:
            await pilot.resize_terminal(*sizes[number % len(sizes)])
        await press(app, pilot, *keys)
        assert type(app.screen).__name__ == name
        for key in ("r", "down", "ctrl+n", "p", "ctrl+l"):
            check(app)
            await press(app, pilot, key)
        check(app)
        # Back to QA's first part, its list in sight.
        await press(app, pilot, "p", *["escape"] * (len(app.screen_stack) - 1), "3")
        await press(app, pilot, *["shift+tab"] * keys.count("tab"))


def every_screen() -> set[str]:
    """The screens of QA by name; what they share is none."""
    import deskapp.screens.qa.home

    assert deskapp.screens.qa.home

    def below(kind: type) -> set[type]:
        return {kind, *(deeper for child in kind.__subclasses__() for deeper in below(child))}

    return {k.__name__ for k in below(DeskScreen) if ".screens.qa." in k.__module__ and k.__name__ != "Page"}


def test_every_screen_of_qa_is_tried() -> None:
    assert set(WAYS) == every_screen()


async def test_text_is_only_text_in_qa(floor: Floor, tmp_path: Path) -> None:
    furnished(floor)
    for login in PEOPLE:
        async with running(floor.desk, tmp_path, login=login) as (app, pilot):
            await visit(app, pilot, login, (120, 40), (80, 24))
