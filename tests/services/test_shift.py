"""The end of a shift: whose duties they are, who has them afterwards, who stays the owner, what the report tells."""

from datetime import timedelta
from uuid import UUID

import pytest

from deskapp.domain.audit import parse_anchor
from deskapp.domain.errors import Conflict, Denied, Invalid
from deskapp.domain.terms import EntryKind, Grade, Shift
from deskapp.domain.views import DeskView
from deskapp.domain.views_shift import ShiftDuties, ShiftReport
from deskapp.domain.views_time import NoticeLine
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.audit import VerifyAudit
from deskapp.services.requests.notices import GetNotices
from deskapp.services.requests.people import SavePerson
from deskapp.services.requests.queue import GetDesk
from deskapp.services.requests.shift import GetDuties, HandOverShift
from deskapp.services.requests.shift_report import GetShiftReport
from tests.services.conftest import Floor


def opened(floor: Floor, login: str = "chen", **values: object) -> UUID:
    return floor.do(login, ask.OpenTicket(**({"subject": "washer bangs"} | values))).id  # type: ignore[arg-type]


def duties(floor: Floor, login: str = "chen", of: str = "") -> list[tuple[str, str]]:
    person = floor.people[of].id if of else None
    found: ShiftDuties = floor.desk.read(floor.people[login], GetDuties(person_id=person))
    return [(duty.kind, duty.row.label) for duty in found.duties]


def home(floor: Floor, login: str) -> DeskView:
    view: DeskView = floor.desk.read(floor.people[login], GetDesk())
    return view


def hand_over(floor: Floor, login: str, to: str, giver: str = "chen", **values: object) -> None:
    command = HandOverShift(giver_id=floor.people[giver].id, to_agent_id=floor.people[to].id, **values)  # type: ignore[arg-type]
    floor.do(login, command)


def furnish(floor: Floor) -> dict[str, UUID]:
    """Chen works on one, waits for the gas desk with another, owes a call-back on a third."""
    mine = opened(floor)
    away = opened(floor, subject="boiler out")
    floor.do("chen", ask.OfferHandOver(ticket_id=away, to_team_id=floor.teams["gas"].id, asked="look at it"))
    offer = floor.ticket(floor.do("chen", ask.AddEntry(ticket_id=away, text="offered"))).hand_overs[0]
    floor.do("gao", ask.AnswerHandOver(hand_over_id=offer.id, accept=True))
    done = opened(floor, subject="filter")
    floor.do("chen", ask.SolveTicket(ticket_id=done, resolution="cleaned"))
    return {"mine": mine, "away": away, "done": done}


def test_all_that_is_left_at_the_end_of_a_shift_goes_to_a_colleague_and_the_owner_stays(floor: Floor) -> None:
    made = furnish(floor)
    assert sorted(duties(floor)) == [("follow_up", "T-3"), ("ticket", "T-1"), ("waiting", "T-2")]
    hand_over(floor, "chen", "sato", note="drum is on order")
    assert sorted(duties(floor)) == [("follow_up", "T-3"), ("waiting", "T-1"), ("waiting", "T-2")]
    floor.clock.advance(hours=1)
    taken = home(floor, "sato")
    assert [duty.row.label for duty in taken.mine] == ["T-1"]
    assert [(duty.row.label, duty.for_whom) for duty in taken.waiting] == [("T-2", "Chen")]
    assert ("follow_up", "T-3", "Chen") in [(d.kind, d.row.label, d.for_whom) for d in taken.promises]
    for name in ("mine", "away", "done"):
        view = floor.desk.read(floor.people["lin"], ask.GetTicket(ticket_id=made[name]))
        assert view.row.owner == "Chen"
        line = view.timeline[-1]
        assert (line.kind, line.text, line.details["to"]) == (EntryKind.HAND_OVER, "drum is on order", "Sato")
    told: tuple[NoticeLine, ...] = floor.desk.read(floor.people["sato"], GetNotices())
    assert sorted((line.kind, line.ticket) for line in told) == [("shift", "T-1"), ("shift", "T-2"), ("shift", "T-3")]
    assert taken.notices == 3


def test_what_one_stands_in_for_goes_on_to_the_next_and_back_to_the_owner(floor: Floor) -> None:
    furnish(floor)
    hand_over(floor, "chen", "sato")
    assert ("follow_up", "T-3") in duties(floor, "sato")
    hand_over(floor, "sato", "lin", giver="sato")
    assert home(floor, "sato").waiting == ()
    assert "T-2" in [duty.row.label for duty in home(floor, "lin").waiting]
    hand_over(floor, "lin", "chen", giver="lin")
    assert home(floor, "lin").waiting == ()
    assert [duty.row.label for duty in home(floor, "chen").mine if duty.kind == "ticket"] == ["T-1"]
    done = floor.desk.read(floor.people["lin"], ask.GetTicket(number=3))
    assert done.timeline[-1].details["what"] == "give_back"


def test_left_to_the_next_shift_it_is_seen_by_those_and_taken_by_one(floor: Floor) -> None:
    opened(floor)
    late = floor.people["sato"]
    floor.do("adam", SavePerson(agent_id=late.id, login="sato", name="Sato", team_id=late.team_id, shift=Shift.LATE))
    floor.do("chen", HandOverShift(giver_id=floor.people["chen"].id, to_shift=Shift.LATE))
    assert [(duty.kind, duty.row.label) for duty in home(floor, "sato").mine] == [("shift", "T-1")]
    assert home(floor, "lin").mine == ()
    view = floor.desk.read(floor.people["lin"], ask.GetTicket(number=1))
    assert (view.row.assignee_id, view.row.owner) == (None, "Chen")
    floor.do("sato", ask.ClaimTicket(ticket_id=view.id))
    assert [(duty.kind, duty.row.label) for duty in home(floor, "sato").mine] == [("ticket", "T-1")]


def test_an_unread_red_ticket_is_left_to_somebody_who_sees_it_on_top(floor: Floor) -> None:
    opened(floor, "sato", subject="drum")
    opened(floor, "gao", subject="gas smell", grade=Grade.RED)
    assert duties(floor, "lin") == [("red", "T-2")]
    hand_over(floor, "lin", "sato", giver="lin")
    assert [duty.row.label for duty in home(floor, "sato").mine] == ["T-2", "T-1"]
    told: tuple[NoticeLine, ...] = floor.desk.read(floor.people["sato"], GetNotices())
    assert told[0].kind == "shift" and told[0].checklist


def test_who_may_hand_over_whose_duties(floor: Floor) -> None:
    opened(floor)
    opened(floor, "gao")
    with pytest.raises(Denied):
        hand_over(floor, "sato", "lin")
    with pytest.raises(Denied):
        hand_over(floor, "lin", "sato", giver="gao")
    with pytest.raises(Denied):
        duties(floor, "sato", of="chen")
    assert duties(floor, "lin", of="chen") == [("ticket", "T-1")]
    with pytest.raises(Denied):
        hand_over(floor, "chen", "sato", move_owner=True, reason="leaves us")
    with pytest.raises(Invalid):
        hand_over(floor, "lin", "sato", move_owner=True)
    hand_over(floor, "lin", "sato", move_owner=True, reason="Chen leaves us")
    assert floor.desk.read(floor.people["lin"], ask.GetTicket(number=1)).row.owner == "Sato"
    with pytest.raises(Conflict):
        hand_over(floor, "lin", "sato")


@pytest.mark.parametrize("to", ["chen", "rao", "adam"])
def test_only_a_colleague_who_works_on_tickets_can_take_over(floor: Floor, to: str) -> None:
    opened(floor)
    with pytest.raises(Invalid):
        hand_over(floor, "chen", to)


def test_nothing_is_left_to_a_shift_in_which_nobody_works_or_to_nobody(floor: Floor) -> None:
    opened(floor)
    for target in ({"to_shift": Shift.MIDDLE}, {}):
        with pytest.raises(Invalid):
            floor.do("chen", HandOverShift(giver_id=floor.people["chen"].id, **target))  # type: ignore[arg-type]
    assert duties(floor) == [("ticket", "T-1")]


def test_only_the_tickets_named_are_handed_over(floor: Floor) -> None:
    opened(floor)
    second = opened(floor)
    hand_over(floor, "chen", "sato", ticket_ids=(second,))
    assert [duty.row.label for duty in home(floor, "chen").mine] == ["T-1"]


def test_the_report_tells_promises_misses_hand_overs_and_the_anchor(floor: Floor) -> None:
    furnish(floor)
    opened(floor, "sato", subject="gas smell", grade=Grade.RED)
    floor.clock.advance(hours=3)
    hand_over(floor, "lin", "sato", note="ask for the drum")
    floor.clock.advance(hours=1)
    team = floor.teams["repairs"].id
    report: ShiftReport = floor.desk.read(floor.people["lin"], GetShiftReport(team_id=team))
    assert (report.opened, report.solved, report.team) == (4, 1, "Repairs")
    assert [line.due_at for line in report.promises] == sorted(line.due_at for line in report.promises if line.due_at)
    assert {line.ticket for line in report.promises} >= {"T-1"}
    assert [line.ticket for line in report.red] == ["T-4"]
    assert all(line.due_at and line.due_at < floor.clock.now() for line in report.late)
    (handed,) = report.handed
    assert (handed.giver, handed.by, handed.taker, handed.note) == ("Chen", "Lin", "Sato", "ask for the drum")
    assert [(duty.kind, duty.ticket) for duty in handed.duties] == [
        ("ticket", "T-1"), ("waiting", "T-2"), ("follow_up", "T-3"),
    ]  # fmt: skip
    verdict = floor.desk.read(floor.people["aude"], VerifyAudit(anchor=parse_anchor(report.anchor.line)))
    assert verdict.sound and verdict.anchored == report.anchor.seq
    own: ShiftReport = floor.desk.read(floor.people["chen"], GetShiftReport(team_id=team))
    assert own.person == "Chen" and {line.ticket for line in own.promises} <= {"T-1", "T-2", "T-3"}
    before = floor.clock.now() - timedelta(minutes=30)
    assert floor.desk.read(floor.people["lin"], GetShiftReport(team_id=team, since=before)).handed == ()
