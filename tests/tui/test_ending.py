"""Before a ticket ends the technician's word on the cause is asked, by keys; it may stay open for a reason."""

from pathlib import Path

import pytest

from deskapp.domain.terms import Status
from deskapp.services.requests.causes import GetCauses
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.tickets import GetTicket, SolveTicket
from tests.services.conftest import Floor
from tests.services.test_guided_calls import CALLER, VISIT, WITNESSES, guided, shipped
from tests.tui.running import press, running, settled, shown


@pytest.fixture
def bolts(floor: Floor) -> TakeCall:
    """A washer whose flow guessed the transport bolts; T-1."""
    answers = {**CALLER, **WITNESSES["washer-noise"]["transport_bolts_on"], **VISIT}
    call = TakeCall(subject="washer bangs", guided=guided(floor, shipped(floor), answers))
    floor.do("chen", call)
    return call


async def type_in(app, pilot, text: str) -> None:  # type: ignore[no-untyped-def]
    await pilot.press(*("space" if character == " " else character for character in text))
    await settled(app)


def told(floor: Floor, call: TakeCall) -> list[tuple[object, str]]:
    ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=call.submission_id))
    return [(line.details.get("what"), line.text) for line in ticket.timeline if "cause" in str(line.details)]


async def test_solving_asks_for_the_cause_and_what_was_missing(floor: Floor, tmp_path: Path, bolts: TakeCall) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter", "f10")
        await type_in(app, pilot, "bolts out")
        await press(app, pilot, "enter")
        assert "What was it really?" in shown(app)
        first = shown(app).split("What was it really?")[1]
        assert first.index("Bolts not removed") < first.index("earing"), "the flow's own guess stands first"
        await press(app, pilot, "escape")
        assert "bolts out" in shown(app), "back to the words, which are kept"
        await press(app, pilot, "enter", "down", "enter")
        assert "Was a part or tool missing?" in shown(app)
        await type_in(app, pilot, "spanner 13")
        await press(app, pilot, "enter")
        assert "missing: spanner 13" in shown(app)
        await press(app, pilot, "ctrl+l")
        assert "缺少" in shown(app) and "确认原因" in shown(app)
        await press(app, pilot, "ctrl+l", "ctrl+b", "ctrl+s")
        ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=bolts.submission_id))
        assert ticket.row.status is Status.CLOSED, "what is confirmed is not asked again"
    causes = floor.desk.read(floor.people["chen"], GetCauses(ticket_id=bolts.submission_id))
    assert causes.confirmed == causes.choices[1] and causes.missing == "spanner 13"


async def test_it_stays_open_for_a_reason_and_is_told_later_by_a_key_of_its_own(
    floor: Floor, tmp_path: Path, bolts: TakeCall
) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter", "f10")
        await type_in(app, pilot, "waits for him")
        await press(app, pilot, "enter", "up", "up", "end")
        await type_in(app, pilot, "say why")
        await press(app, pilot, "enter")
        await type_in(app, pilot, "technician not back")
        await press(app, pilot, "enter")
        assert told(floor, bolts) == [("cause_open", "technician not back")]
        await press(app, pilot, "ctrl+b", "ctrl+s", "f12")
        await type_in(app, pilot, "type it")
        await press(app, pilot, "enter")
        await type_in(app, pilot, "floor not level")
        await press(app, pilot, "enter", "enter")
        assert told(floor, bolts)[1][0] == "cause" and "floor not level" in shown(app)


async def test_a_ticket_without_a_flow_is_solved_as_ever(floor: Floor, tmp_path: Path) -> None:
    plain = floor.do("chen", TakeCall(subject="washer bangs", name="Li Na"))
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter", "s")
        await type_in(app, pilot, "tap shut")
        await press(app, pilot, "enter")
        assert floor.ticket(plain).row.status is Status.SOLVED
        await press(app, pilot, "m")
        assert "without a flow" in shown(app)


def test_a_cause_named_in_either_language_is_one_and_the_same(floor: Floor, bolts: TakeCall) -> None:
    from deskapp.domain.errors import Invalid
    from deskapp.services.requests.causes import ConfirmCause

    me, about = floor.people["chen"], bolts.submission_id
    first = floor.desk.read(me, GetCauses(ticket_id=about)).choices[0]
    for words in (first.zh, first.en):
        floor.do("chen", ConfirmCause(ticket_id=about, cause=words))
        assert floor.desk.read(me, GetCauses(ticket_id=about)).confirmed == first
    with pytest.raises(Invalid):
        floor.do("chen", ConfirmCause(ticket_id=about))
    floor.do("chen", SolveTicket(ticket_id=about, resolution="done"))
    assert floor.desk.read(me, GetCauses(ticket_id=about)).confirmed == first
