"""The deadline of a corrective action is a clock: in the list of who is responsible, told as it runs out."""

from datetime import timedelta

import pytest

from deskapp.domain.qa_loop import Stage
from deskapp.domain.sla.countdown import Colour
from deskapp.domain.verification import ActionState
from deskapp.domain.views import DeskView
from deskapp.domain.views_time import NoticeLine, SweepState
from deskapp.services.requests.notices import GetNotices, GetSweep, SeeNotices, SweepNotices
from deskapp.services.requests.qa.actions import CompleteAction, IssueAction, ListActions, VerifyAction
from deskapp.services.requests.queue import GetDesk
from tests.services.conftest import Floor
from tests.services.qa_floor import QaFloor, hire, later, month


@pytest.fixture
def qa(floor: Floor) -> QaFloor:
    hire(floor)
    month(floor)
    found = QaFloor(floor)
    found.up_to(Stage.RELEASED)
    return found


def issue(qa: QaFloor, responsible: str = "Lin") -> IssueAction:
    return IssueAction(
        campaign_id=qa.campaign, item="call_back", finding="late call-backs", department="Service",
        responsible=responsible, todo="call in the morning", head_in_copy="Wang",
        deadline=qa.floor.clock.now() + timedelta(days=8),
    )  # fmt: skip


def told(qa: QaFloor, login: str) -> list[tuple[str, str]]:
    found: tuple[NoticeLine, ...] = qa.ask(login, GetNotices())  # type: ignore[assignment]
    return [(line.ticket, line.kind) for line in found if line.metric == "corrective_action"]


def sweep(qa: QaFloor) -> None:
    qa.floor.do("lin", SweepNotices(holder="a seat"))


def test_it_stands_in_the_list_of_who_is_responsible_with_its_colour(qa: QaFloor) -> None:
    action = qa.lead(issue(qa)).id
    clock = qa.floor.clock
    for days, colour in ((1, Colour.GREEN), (7, Colour.YELLOW), (7.9, Colour.RED)):
        view: DeskView = qa.ask("lin", GetDesk())  # type: ignore[assignment]
        duty = next(duty for duty in view.mine if duty.kind == "action")
        assert duty.label == "CA-1" and duty.ticket_id is None
        shown = duty.row.worst(clock.now())
        assert shown is not None and shown.colour(duty.row.opened_at + timedelta(days=days)) is colour
    assert all(duty.kind != "action" for duty in qa.ask("chen", GetDesk()).mine)  # type: ignore[attr-defined]
    qa.floor.do("lin", CompleteAction(action_id=action, text="rota changed"))
    assert all(duty.kind != "action" for duty in qa.ask("lin", GetDesk()).mine)  # type: ignore[attr-defined]


def test_half_three_quarters_and_the_breach_are_told_once_each(qa: QaFloor) -> None:
    qa.lead(issue(qa))
    state: SweepState = qa.ask("lin", GetSweep(holder="a seat"))  # type: ignore[assignment]
    assert state.next_at is not None and state.next_at <= qa.floor.clock.now() + timedelta(days=4)
    steps = ((3.9, []), (0.2, ["used:0.5"]), (2, ["used:0.75", "used:0.5"]), (2, ["breach", "used:0.75", "used:0.5"]))
    for days, kinds in steps:
        qa.floor.clock.advance(days=days)
        sweep(qa)
        sweep(qa)
        assert told(qa, "lin") == [("CA-1", kind) for kind in kinds]
    assert told(qa, "qiu") == [("CA-1", "breach")]  # who issued it is told of the breach alone
    assert told(qa, "chen") == []
    seen: tuple[NoticeLine, ...] = qa.ask("lin", GetNotices())  # type: ignore[assignment]
    qa.floor.do("lin", SeeNotices(notice_ids=tuple(line.id for line in seen)))
    assert told(qa, "lin") == [] and told(qa, "qiu") == [("CA-1", "breach")]


def test_nobody_of_that_name_leaves_the_notices_to_who_issued_it(qa: QaFloor) -> None:
    qa.lead(issue(qa, "the vendor's Mr Hu"))
    qa.floor.clock.advance(days=4.1)
    sweep(qa)
    assert told(qa, "qiu") == [("CA-1", "used:0.5")]


def test_a_second_round_has_as_much_time_again_and_failing_twice_is_told_at_once(qa: QaFloor) -> None:
    action = qa.lead(issue(qa)).id
    for state in (ActionState.SECOND_ROUND, ActionState.ESCALATED):
        qa.floor.clock.advance(minutes=5)
        qa.floor.do("lin", CompleteAction(action_id=action, text="said so"))
        qa.floor.clock.advance(minutes=1)
        later(qa.floor, called=False)
        qa.lead(VerifyAction(action_id=action))
        view = qa.ask("qiu", ListActions())[0]  # type: ignore[index]
        assert view.state is state
        if state is ActionState.SECOND_ROUND:
            assert view.deadline == qa.floor.clock.now() + timedelta(days=8)
            assert view.clock.left(qa.floor.clock.now()) == timedelta(days=8)
            qa.floor.clock.advance(days=4.1)
            sweep(qa)
            assert ("CA-1", "used:0.5") in told(qa, "lin")
    assert told(qa, "lin")[0] == ("CA-1", "escalated") and ("CA-1", "escalated") in told(qa, "qiu")
