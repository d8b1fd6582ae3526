"""The plan of visits: weekly windows, dates of their own, full ones, and what QA reads of a visit."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from deskapp.domain.errors import Conflict, Denied, Invalid
from deskapp.domain.rule_items import RecordFacts
from deskapp.domain.visits import SlotGrid, SlotLine
from deskapp.models.base import table
from deskapp.models.ticket import Ticket
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.slots import GetSlotGrid, SaveSlot
from deskapp.services.requests.visits import BookVisit, CancelVisit, GetSlots, MoveVisit, ReportArrival, ReportVisit
from deskapp.store import qa
from deskapp.store.uow import reading
from tests.services.conftest import Floor

TUESDAY = date(2026, 3, 3)


def at(hour: int, day: date = TUESDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def plan(
    floor: Floor, capacity: int, *, day: date | None = None, skill: str = "", hours: tuple[int, int] = (9, 12)
) -> None:
    slot = SaveSlot(
        team_id=floor.teams["repairs"].id, weekday=1, starts=hours[0] * 60, ends=hours[1] * 60, capacity=capacity,
        day=day, skill=skill,
    )  # fmt: skip
    floor.do("lin", slot)


def grid(floor: Floor, **query: object) -> SlotGrid:
    found: SlotGrid = floor.desk.read(floor.people["chen"], GetSlotGrid(zone=UTC, **query))  # type: ignore[arg-type]
    return found


def on_offer(floor: Floor, **query: object) -> list[SlotLine]:
    asked = GetSlots(zone=UTC, days=9, **query)  # type: ignore[arg-type]
    return [slot for slot in floor.desk.read(floor.people["chen"], asked) if slot.starts_at.date() == TUESDAY]


def book(floor: Floor, hour: int = 9, **more: object) -> BookVisit:
    ticket = floor.do("chen", TakeCall(name="Li Na", subject="noise")).ticket_id
    visit = BookVisit(ticket_id=ticket, starts_at=at(hour), ends_at=at(hour + 3), **more)  # type: ignore[arg-type]
    floor.do("chen", visit)
    return visit


def test_a_full_window_is_offered_no_more_and_takes_no_more(floor: Floor) -> None:
    plan(floor, 1)
    assert [slot.free for slot in on_offer(floor)] == [1]
    first = book(floor)
    assert on_offer(floor) == []
    with pytest.raises(Conflict, match="full"):
        book(floor)
    cell = next(cell for cell in grid(floor).cells if cell.day == TUESDAY)
    assert (len(cell.visits), cell.capacity, cell.visits[0].customer) == (1, 1, "Li Na")
    floor.do("chen", CancelVisit(visit_id=first.submission_id, reason="away"))
    again = book(floor)
    floor.do(
        "chen",
        MoveVisit(visit_id=again.submission_id, starts_at=at(9), ends_at=at(12), reason="the same time after all"),
    )


def test_a_date_of_its_own_stands_over_the_week_and_the_usual_hours_stay_without_a_plan(floor: Floor) -> None:
    assert len(on_offer(floor)) == 3, "the usual hours"
    plan(floor, 0, day=TUESDAY)
    assert [slot.starts_at.hour for slot in on_offer(floor)] == [13, 17], "one closed on one date, the rest as ever"
    later = [cell for cell in grid(floor, first=TUESDAY + timedelta(days=7)).cells if cell.day.weekday() == 1]
    assert [cell.capacity for cell in later] == [None, None, None]
    plan(floor, 2)
    plan(floor, 5, day=TUESDAY)
    cells = {cell.day: cell for cell in grid(floor, first=TUESDAY, days=8).cells}
    assert (cells[TUESDAY].capacity, cells[TUESDAY].own) == (5, True)
    assert (cells[TUESDAY + timedelta(days=7)].capacity, cells[TUESDAY + timedelta(days=7)].own) == (2, False)


def test_a_window_for_a_skill_counts_the_visits_that_need_it(floor: Floor) -> None:
    plan(floor, 1, skill="gas")
    plan(floor, 1, hours=(13, 16))
    assert [slot.starts_at.hour for slot in on_offer(floor, skill="gas")] == [9, 13]
    assert [slot.starts_at.hour for slot in on_offer(floor)] == [13]
    book(floor, skill="gas")
    assert [slot.starts_at.hour for slot in on_offer(floor, skill="gas")] == [13]
    with pytest.raises(Conflict, match="full"):
        book(floor, skill="gas")


def test_planning_is_a_leads_right_and_a_date_has_one_weekday(floor: Floor) -> None:
    team = floor.teams["repairs"].id
    with pytest.raises(Denied):
        floor.do("chen", SaveSlot(team_id=team, weekday=1, starts=540, ends=720, capacity=1))
    with pytest.raises(Invalid):
        floor.do("lin", SaveSlot(team_id=team, weekday=2, starts=540, ends=720, capacity=1, day=TUESDAY))


@pytest.mark.parametrize("photos", [(True, True), (True, False)])
def test_qa_reads_arrival_and_photos_of_a_visit(floor: Floor, photos: tuple[bool, bool]) -> None:
    visit = book(floor)
    floor.clock.advance(hours=21)
    floor.do("chen", ReportArrival(visit_id=visit.submission_id))
    arrived = floor.clock.now()
    floor.clock.advance(hours=1)
    before, after = photos
    report = ReportVisit(visit_id=visit.submission_id, text="bolts out", photos_before=before, photos_after=after)
    floor.do("chen", report)
    facts = _facts(floor, visit.ticket_id)
    assert (facts.on_site, facts.arrived_at) == (True, arrived)
    assert (facts.photos_before, facts.photos_after) == (int(before), int(after))


def _facts(floor: Floor, ticket: UUID) -> RecordFacts:
    with reading(floor.desk.engine) as session:
        (facts,) = qa.facts_of(session, table(Ticket).c.id == ticket, floor.clock.now()).values()
        return facts
