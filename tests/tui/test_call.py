"""A call from the first digit to the call-back, by keys, on a real desk."""

from pathlib import Path

import pytest

from deskapp.domain.terms import EntryKind, Grade, Status
from deskapp.drafts import MemoryDrafts
from deskapp.screens.intake import IntakeScreen
from deskapp.services.requests.queue import GetQueue
from deskapp.services.requests.tickets import EditTicket, GetTicket, RegradeTicket
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def type_in(app, pilot, text: str) -> None:  # type: ignore[no-untyped-def]
    await pilot.press(*("space" if character == " " else character for character in text))
    await settled(app)


async def test_four_digits_show_the_person_and_a_few_keys_record_the_case(floor: Floor, tmp_path: Path) -> None:
    furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "138")
        assert "王芳" not in shown(app)
        await type_in(app, pilot, "0")
        assert "王芳" in shown(app)
        await press(app, pilot, "enter")
        assert "Is it about one of these?" in shown(app)
        await press(app, pilot, "down", "enter")
        await type_in(app, pilot, "no water")
        await press(app, pilot, "f10")
        assert app.screen.place() == "T-4"
        assert "WD-90" in shown(app) and "OPEN TICKETS" in shown(app)
        await press(app, pilot, "n")
        await type_in(app, pilot, "asked for a photo")
        await press(app, pilot, "enter", "escape")
        assert "asked for a photo" in shown(app)
        await press(app, pilot, "s")
        await type_in(app, pilot, "tap was shut")
        await press(app, pilot, "enter", "b", "enter", "4")
        await press(app, pilot, "ctrl+s")
    page = floor.desk.read(floor.people["chen"], GetQueue(count=10))
    assert 4 not in {row.number for row in page.rows}, "solved and closed after the call-back"
    ticket = floor.desk.read(floor.people["chen"], _by_number(4))
    assert (ticket.row.status, ticket.call_backs[0].satisfaction) == (Status.CLOSED, 4)
    assert [line.kind for line in ticket.timeline] == [
        EntryKind.CALL_IN, EntryKind.NOTE, EntryKind.STATUS, EntryKind.CALL_BACK,
    ]  # fmt: skip


async def test_somebody_new_is_stored_with_the_case_as_one(floor: Floor, tmp_path: Path) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "13911112222")
        await press(app, pilot, "enter")
        await type_in(app, pilot, "Li Na")
        for _ in range(6):
            await press(app, pilot, "enter")
        await press(app, pilot, "f10")
        assert [toast.message for toast in app._notifications] == ["This must not be empty."]
        assert app.focused is not None and app.focused.id == "f-subject"
        await type_in(app, pilot, "gas smell")
        await press(app, pilot, "f10")
    ticket = floor.desk.read(floor.people["chen"], _by_number(1))
    assert ticket.row.subject == "gas smell"
    assert ticket.customer.name == "Li Na"
    assert ticket.customer.contacts[0].value == "+8613911112222"


async def test_a_call_that_was_not_finished_is_offered_again(floor: Floor, tmp_path: Path) -> None:
    furnish(floor)
    drafts = MemoryDrafts()
    async with running(floor.desk, tmp_path, drafts=lambda: drafts) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "1380")
        await press(app, pilot, "enter", "escape")
        await type_in(app, pilot, "drum stands still")
    async with running(floor.desk, tmp_path, drafts=lambda: drafts) as (app, pilot):
        await press(app, pilot, "n")
        assert "drum stands still" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, IntakeScreen)
        assert "王芳" in shown(app) and "drum stands still" in shown(app)
        await press(app, pilot, "f10")
        assert app.screen.place() == "T-4"
        await press(app, pilot, "escape", "n")
        assert "Go on with it?" not in shown(app), "a sent call leaves no draft"
    ticket = floor.desk.read(floor.people["chen"], _by_number(4))
    assert (ticket.customer.name, ticket.machine.model) == ("王芳", "WD-90")


async def test_an_emergency_that_the_desk_was_told_of_is_finished_also_when_the_call_was_left_for_a_while(
    floor: Floor, tmp_path: Path
) -> None:
    furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "1380")
        await press(app, pilot, "enter", "down", "enter", "f8")
        (script,) = [toast.message for toast in app._notifications if toast.message.startswith("Read out:")]
        assert script.count("\n") == 2 and "\ufffd" not in script, "each line of it stands on a line of its own"
        await press(app, pilot, "ctrl+s", "n", "enter", "f11")
        assert "as an emergency: finish it" in shown(app), "its red ticket would be left behind"


async def test_a_conflicting_correction_keeps_what_was_typed_and_names_who_was_first(
    floor: Floor, tmp_path: Path
) -> None:
    ids = furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter", "e")
        floor.do("lin", EditTicket(ticket_id=ids["noise"], subject="bangs at 1200 turns"))
        await type_in(app, pilot, " MINE")
        await press(app, pilot, "ctrl+s")
        assert "lin changed this" in shown(app)
        assert "bangs at 1200 turns" in shown(app) and "MINE" in shown(app)
        await press(app, pilot, "ctrl+s", "v", "tab")
        await press(app, pilot, "escape")
    floor.do("chen", RegradeTicket(ticket_id=ids["noise"], grade=Grade.YELLOW, reason="drain"))
    ticket = floor.desk.read(floor.people["chen"], _by_number(2))
    assert ticket.row.subject.endswith("MINE")


async def test_a_note_not_sent_waits_on_its_ticket(floor: Floor, tmp_path: Path) -> None:
    furnish(floor)
    drafts = MemoryDrafts()
    async with running(floor.desk, tmp_path, drafts=lambda: drafts) as (app, pilot):
        await press(app, pilot, "enter", "n")
        await type_in(app, pilot, "half a thought")
        await press(app, pilot, "escape", "escape", "enter")
        assert "half a thought" in shown(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_file_tells_everything_in_either_language(
    floor: Floor, tmp_path: Path, size: tuple[int, int]
) -> None:
    furnish(floor)
    async with running(floor.desk, tmp_path, size=size) as (app, pilot):
        await press(app, pilot, "u")
        text = shown(app)
        assert "elderly at home: mornings" in text and "138 0013 8000" in text and "WD90-1234-5678" in text
        if size[0] == 80:
            await press(app, pilot, "p")
        assert "Satisfaction 5.0 of 5" in shown(app)
        await press(app, pilot, "ctrl+l")
        assert "平均满意度 5.0/5" in shown(app)
        await press(app, pilot, "ctrl+l", "w")
        await press(app, pilot, "tab")
        await type_in(app, pilot, "ring twice")
        await press(app, pilot, "ctrl+s")
        if size[0] == 80:
            await press(app, pilot, "p")
        assert "ring twice" in shown(app)


def _by_number(number: int):  # type: ignore[no-untyped-def]
    return GetTicket(number=number)
