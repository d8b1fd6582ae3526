"""A ticket goes into another one by keys; a correction that meets another one keeps both in sight."""

from pathlib import Path

from deskapp.app import DeskApp
from deskapp.domain.terms import Status
from deskapp.services.requests.tickets import EditTicket, GetTicket, OpenTicket
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def test_a_ticket_goes_into_the_other_of_its_customer_after_a_look(floor: Floor, tmp_path: Path) -> None:
    made = furnish(floor)
    again = floor.do("chen", OpenTicket(subject="still bangs", customer_id=made["wang"])).id
    me = floor.people["chen"]
    async with running(floor.desk, tmp_path) as (app, pilot):
        app.open_ticket(again)
        await settled(app)
        await press(app, pilot, "M")
        assert "T-4 goes into which ticket?" in shown(app) and "T-2" in shown(app)
        await press(app, pilot, "enter")
        assert "T-4 goes into T-2" in shown(app) and "It cannot be undone." in shown(app)
        await press(app, pilot, "enter")
        assert "must not be empty" in shown(app)
        await press(app, pilot, *"twice", "enter")
        assert floor.desk.read(me, GetTicket(ticket_id=again)).row.status is Status.CANCELLED
        assert "Went into T-2" in shown(app)
        await press(app, pilot, "M")
        text = shown(app)
        assert "T-2" in text.splitlines()[0] and "Took in T-4" in text and "still bangs" in text


async def test_one_of_another_customer_is_named_by_number_and_refused_with_the_reason(
    floor: Floor, tmp_path: Path
) -> None:
    made = furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        app.open_ticket(made["noise"])
        await settled(app)
        await press(app, pilot, "ctrl+g", *"x9", "enter")
        assert "x9 is no ticket number." in shown(app)
        await press(app, pilot, "ctrl+g", *"t-3", "enter")
        assert "They are of different customers" in shown(app)
        await press(app, pilot, *"twice", "enter")
        assert "T-2 and T-3 are of different customers." in shown(app)


async def test_a_correction_that_comes_second_shows_both_and_keeps_what_was_typed(floor: Floor, tmp_path: Path) -> None:
    made = furnish(floor)

    async def retype(app: DeskApp, text: str) -> None:
        for _ in range(3):
            await pilot.press("down")
        await press(app, pilot, "ctrl+u", *text)

    async with running(floor.desk, tmp_path) as (app, pilot):
        app.open_ticket(made["noise"])
        await settled(app)
        await press(app, pilot, "e")
        await retype(app, "bangs")
        floor.do("lin", EditTicket(ticket_id=made["noise"], description="moved last month", product="Dryer"))
        await press(app, pilot, "ctrl+s")
        text = shown(app)
        assert "lin changed this at" in text
        assert "Stored now, In the customer's words: moved last month" in text and "Stored now, Product: Dryer" in text
        assert "bangs" in text
        await press(app, pilot, "ctrl+s")
    found = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=made["noise"]))
    assert found.description == "bangs"
