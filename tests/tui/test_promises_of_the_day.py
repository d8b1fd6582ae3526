"""The promises of the day as a work list: call-backs written down in place, updates promised to customers for both."""

from datetime import timedelta
from pathlib import Path

from deskapp.domain.terms import Grade, Status
from deskapp.services.requests.queue import GetDesk
from deskapp.services.requests.tickets import AnswerHandOver, GetTicket, OfferHandOver, OpenTicket, SolveTicket
from tests.services.conftest import Floor
from tests.tui.running import press, running, shown


async def test_a_call_back_is_written_down_where_it_stands(floor: Floor, tmp_path: Path) -> None:
    ticket = floor.do("chen", OpenTicket(subject="drum bangs")).id
    floor.do("chen", SolveTicket(ticket_id=ticket, resolution="bolts out"))
    floor.clock.advance(hours=5)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "b")
        assert "No call-back is due here" in shown(app)
        await press(app, pilot, "tab", "tab", "b")
        assert "Satisfaction" in shown(app)
        await press(app, pilot, "enter", "4", "enter", *"thanks", "enter")
        assert "The call-back is written down." in shown(app)
        assert "PROMISES TODAY  0" in shown(app)
    view = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=ticket))
    assert (view.row.status, view.call_backs[0].satisfaction) == (Status.CLOSED, 4)


async def test_an_update_promised_to_the_customer_is_seen_by_owner_and_assignee(floor: Floor, tmp_path: Path) -> None:
    ticket = floor.do("chen", OpenTicket(subject="boiler out", grade=Grade.YELLOW)).id
    floor.do("chen", OfferHandOver(ticket_id=ticket, to_team_id=floor.teams["gas"].id, asked="look at it"))
    offer = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=ticket)).hand_overs[0]
    floor.do("gao", AnswerHandOver(hand_over_id=offer.id, accept=True))
    due = floor.clock.now() + timedelta(hours=48)
    floor.clock.advance(hours=30)
    for login in ("chen", "gao"):
        promised = floor.desk.read(floor.people[login], GetDesk()).promises
        assert [(duty.kind, duty.due_at) for duty in promised] == [("progress", due)]
        async with running(floor.desk, tmp_path, login=login, size=(80, 24)) as (app, _pilot):
            assert "PROMISES TODAY  1" in shown(app) and "progress" in shown(app)
