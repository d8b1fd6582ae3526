"""With an input method composing, letters never arrive: a whole case by digits, function keys, Enter and arrows."""

from pathlib import Path
from uuid import UUID

import pytest

from deskapp.domain.terms import Status
from deskapp.services.requests.causes import GetCauses
from deskapp.services.requests.customers import CreateCustomer, SaveMachine
from deskapp.services.requests.flows import GetCase, PublishShipped
from deskapp.services.requests.tickets import GetTicket
from tests.services.conftest import Floor
from tests.tui.running import press, running, shown

# What an input method lets through: it composes from letters and punctuation.
LET_THROUGH = {*"0123456789", "enter", "escape", "up", "down", "left", "right", "tab", "shift+tab"}


class Keys:
    """Presses keys, none of them a letter."""

    def __init__(self, app, pilot) -> None:  # type: ignore[no-untyped-def]
        self.app, self.pilot = app, pilot

    async def __call__(self, *keys: str) -> str:
        assert all(key in LET_THROUGH or key.startswith(("f1", "f2", "f5", "f6", "f8", "f9", "ctrl+")) for key in keys)
        await press(self.app, self.pilot, *keys)
        return shown(self.app)


@pytest.fixture
def who(floor: Floor) -> UUID:
    floor.do("lin", PublishShipped())
    known = floor.do("chen", CreateCustomer(name="王芳", phone="138 0013 8000", address="杭州市幸福路 12 号")).id
    floor.do("chen", SaveMachine(customer_id=known, product="洗衣机", model="WD-90"))
    return known


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_case_from_call_to_closing_without_a_letter(
    floor: Floor, tmp_path: Path, who: UUID, size: tuple[int, int]
) -> None:
    async with running(floor.desk, tmp_path, size=size) as (app, pilot):
        keys = Keys(app, pilot)
        await keys("ctrl+l", "ctrl+n", *"1380", "enter")
        text = await keys("down", "enter")
        assert "有没有闻到焦味" in text, "the flow of the caller's machine stands first, without a word typed"
        text = await keys("2", "2", "1", "2", "1", "2", "2")
        assert "运输螺栓" in text
        await keys("f2", *"1200", "enter")
        await keys("f5", "f5", "f5")
        assert app.screen.session.evaluation.blockers == () or app.screen.session.here is not None
        while app.screen.session.here is not None and app.screen.session.evaluation.blockers:
            await keys("1" if app.screen.session.question.type == "time_slot" else "f5")
        text = await keys("f10")
        assert "T-1" in text
        await keys("enter")
        ticket = floor.desk.read(floor.people["chen"], GetTicket(number=1))
        case = floor.desk.read(floor.people["chen"], GetCase(ticket_id=ticket.id))
        assert case.outcome == "transport_bolts_on" and "1200" in {line.text for line in ticket.timeline}
        await keys("f10", *"12", "enter", "enter", "enter", "ctrl+b", "ctrl+s")
    ticket = floor.desk.read(floor.people["chen"], GetTicket(number=1))
    assert ticket.row.status is Status.CLOSED
    assert floor.desk.read(floor.people["chen"], GetCauses(ticket_id=ticket.id)).confirmed is not None
