"""The end of a shift and the notices, by keys: a look before, one dialog, the taker sees it; seen is seen for good."""

from pathlib import Path

import pytest

from deskapp.domain.i18n import use_language
from deskapp.domain.terms import Grade
from deskapp.preferences import Preferences
from deskapp.services.requests.notices import GetNotices
from deskapp.services.requests.tickets import AssignTicket, GetTicket, OpenTicket
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def test_an_agent_hands_over_after_a_look_and_stays_the_owner(floor: Floor, tmp_path: Path) -> None:
    made = furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "e")
        text = shown(app)
        assert "Chen hands 1 duties over. To whom?" in text
        assert "Sato" in text and "Repairs, early shift" in text and "Gao" in text
        await press(app, pilot, *"sato", "enter")
        text = shown(app)
        assert "Chen hands over to Sato" in text and "to work on  T-2" in text and "First-contact owner" not in text
        await press(app, pilot, *"drum", "enter")
    view = floor.desk.read(floor.people["sato"], GetTicket(ticket_id=made["noise"]))
    assert (view.row.assignee, view.row.owner) == ("Sato", "Chen")
    assert view.timeline[-1].text == "drum"
    async with running(floor.desk, tmp_path, login="sato", size=(80, 24)) as (app, pilot):
        assert "notices 2: press 5" in shown(app)
        await press(app, pilot, "5")
        assert "handed over to you at" in shown(app)


async def test_a_lead_hands_over_for_somebody_and_moves_the_owner_only_with_a_reason(
    floor: Floor, tmp_path: Path
) -> None:
    made = furnish(floor)
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "ctrl+x", *"chen", "enter", *"sato", "enter", "enter", "right", "enter", "enter")
        assert "Say why the owner changes." in shown(app)
        view = floor.desk.read(floor.people["lin"], GetTicket(ticket_id=made["noise"]))
        assert view.row.assignee == "Chen"
        await press(app, pilot, "ctrl+x", *"chen", "enter", *"sato", "enter")
        await press(app, pilot, "enter", "right", "enter", *"ill", "enter")
    view = floor.desk.read(floor.people["lin"], GetTicket(ticket_id=made["noise"]))
    assert (view.row.assignee, view.row.owner) == ("Sato", "Sato")


async def test_a_notice_is_opened_and_does_not_come_back(floor: Floor, tmp_path: Path) -> None:
    made = furnish(floor)
    async with running(floor.desk, tmp_path, login="lin") as (app, pilot):
        await press(app, pilot, "5")
        text = shown(app)
        assert "1 new" in text and "red, an emergency" in text and "EMERGENCY: WHAT TO DO" in text
        await press(app, pilot, "A")
        assert "1 new" in shown(app), "an emergency is not waved away with the rest"
        await press(app, pilot, "enter")
        assert app.screen.SCOPE == "ticket" and "gas smell" in shown(app)  # type: ignore[attr-defined]
        await press(app, pilot, "escape")
        assert "0 new" in shown(app)
        await press(app, pilot, "h")
        assert "red, an emergency" in shown(app) and "1 in all" in shown(app)
    assert floor.desk.read(floor.people["lin"], GetNotices()) == ()
    assert made["gas"]


@pytest.mark.parametrize(("key", "left"), [("m", 0), ("f2", 0), ("A", 1), ("f9", 1)])
async def test_notices_are_taken_note_of_by_keys(key: str, left: int, floor: Floor, tmp_path: Path) -> None:
    floor.do("chen", OpenTicket(subject="gas smell", grade=Grade.RED))
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "5", key)
        assert f"{left} new" in shown(app)


async def test_an_empty_list_names_the_key_that_its_reader_chose(floor: Floor, tmp_path: Path) -> None:
    preferences = Preferences(language="zh", keys={"notices.earlier": "x,f7"})
    try:
        async with running(floor.desk, tmp_path, preferences=preferences) as (app, pilot):
            await press(app, pilot, "5")
            assert "按 x 查看以前的" in shown(app)
    finally:
        use_language("en")


async def test_what_changed_while_a_list_was_out_of_sight_is_read_on_the_way_back(floor: Floor, tmp_path: Path) -> None:
    made = furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter")
        assert app.screen.SCOPE == "ticket"  # type: ignore[attr-defined]
        floor.do("lin", AssignTicket(ticket_id=made["gas"], agent_id=floor.people["chen"].id))
        app.track(app._listen())
        await settled(app)
        await press(app, pilot, "escape")
        assert "T-3" in shown(app)
