"""Mass faults on a desk: distinct customers, a lead's decision, levels, the plan's clocks, one broadcast, closing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.incident import IncidentState
from deskapp.domain.terms import Channel, EntryKind, Status
from deskapp.domain.views_incident import MassFaultView
from deskapp.models.base import table
from deskapp.models.incident import MassFault
from deskapp.services import incident_links
from deskapp.services.incidents import look_and_record
from deskapp.services.requests import incidents as ask
from deskapp.services.requests.calendars import DayEdit, SaveDays, UseCalendar
from deskapp.services.requests.customers import CreateCustomer
from deskapp.services.requests.tickets import CancelTicket, EditTicket, GetTicket, OpenTicket
from deskapp.store.uow import reading
from tests.services.conftest import Floor

BIKE = {"product": "E-bike", "fault": "range loss"}


def customers(floor: Floor, count: int, first: int = 0) -> list[UUID]:
    numbers = range(first, first + count)
    return [floor.do("chen", CreateCustomer(name=f"C{n}", phone=f"138 0013 {8000 + n}")).id for n in numbers]


def report(floor: Floor, customer: UUID | None = None, **facts: Any) -> UUID:
    given = BIKE | {"channel": Channel.APP, "customer_id": customer} | facts
    return floor.do("chen", OpenTicket(subject="range is gone", **given)).id


def history(floor: Floor) -> None:
    """Half a year of everyday faults, so that the desk knows what is usual."""
    for fortnight in range(13):
        report(floor, product=("Washer", "TV")[fortnight % 2], fault=("noise", "no picture")[fortnight % 2])
        floor.clock.advance(days=14)


def outbreak(floor: Floor, count: int = 12) -> list[UUID]:
    people = customers(floor, count)
    for person in people:
        report(floor, person)
        floor.clock.advance(hours=3)
    return people


def look(floor: Floor, login: str = "lin") -> int:
    _found, proposed = look_and_record(
        floor.desk, floor.people[login], as_of=None, zone=incident_links.pack().detection.zone
    )
    return proposed


def view(floor: Floor, login: str = "chen") -> MassFaultView:
    found: MassFaultView = floor.desk.read(floor.people[login], ask.GetMassFault(number=1))
    return found


@pytest.fixture
def proposed(floor: Floor) -> MassFaultView:
    """A desk on which the mass fault of the e-bike was proposed: twelve customers, one of whom called thrice."""
    history(floor)
    people = outbreak(floor)
    report(floor, people[0])
    report(floor, people[0])
    assert look(floor) == 1
    return view(floor)


@pytest.fixture
def active(floor: Floor, proposed: MassFaultView) -> MassFaultView:
    floor.do("lin", ask.ConfirmMassFault(id=proposed.line.id))
    return view(floor)


def test_a_proposal_counts_customers_and_gives_its_reasons(floor: Floor, proposed: MassFaultView) -> None:
    line = proposed.line
    assert (line.label, line.product, line.fault, line.state) == ("M-1", *BIKE.values(), IncidentState.PROPOSED)
    assert (line.customers, proposed.signal.reports, line.level) == (12, 14, 0)
    assert "12 different customers" in proposed.signal.explanation
    assert len(proposed.children) == 14
    assert proposed.actions == ()
    assert look(floor) == 0  # what is proposed is not proposed again


def test_a_quiet_desk_proposes_nothing(floor: Floor) -> None:
    history(floor)
    report(floor, customers(floor, 1)[0])
    assert look(floor) == 0


def test_a_lead_confirms_and_the_plan_begins(floor: Floor, active: MassFaultView) -> None:
    line, now = active.line, floor.clock.now()
    assert (line.state, line.level, line.customers, line.open_tickets) == (IncidentState.ACTIVE, 1, 12, 14)
    assert {(a.key, a.due_at - now) for a in active.actions} == {
        ("offer_check", timedelta(hours=48)), ("secure_evidence", timedelta(hours=24)),
    }  # fmt: skip
    assert active.actions[0].role.zh
    assert [step.kind for step in active.steps] == ["proposed", "confirmed", "level_rose"]
    assert [step.by for step in active.steps] == ["", "Lin", ""]
    with pytest.raises(Conflict):
        floor.do("lin", ask.ConfirmMassFault(id=line.id))


@pytest.mark.parametrize("login", ["chen", "rao", "aude", "adam"])
def test_only_a_lead_decides(floor: Floor, proposed: MassFaultView, login: str) -> None:
    key = proposed.line.id
    for command in (
        ask.ConfirmMassFault(id=key),
        ask.DismissMassFault(id=key, reason="no"),
        ask.Broadcast(id=key, text="x"),
    ):
        with pytest.raises(Denied):
            floor.do(login, command)
    with pytest.raises(Denied):
        look(floor, login)


def test_a_dismissed_one_comes_back_with_twice_the_customers_only(floor: Floor, proposed: MassFaultView) -> None:
    floor.do("lin", ask.DismissMassFault(id=proposed.line.id, reason="one dealer's charger"))
    assert look(floor) == 0
    for person in customers(floor, 11, first=100):
        report(floor, person)
    assert look(floor) == 0
    report(floor, customers(floor, 1, first=200)[0])
    assert look(floor) == 1
    states = [line.state for line in floor.desk.read(floor.people["chen"], ask.GetMassFaults(over=True))]
    assert states == [IncidentState.PROPOSED, IncidentState.DISMISSED]


def test_the_level_rises_with_the_customer_who_makes_it_and_falls_only_by_hand(
    floor: Floor, active: MassFaultView
) -> None:
    people = customers(floor, 39, first=100)
    for person in people[:38]:
        report(floor, person)
    report(floor, people[0])  # the same customer again
    assert (view(floor).line.customers, view(floor).line.level) == (50, 1)
    report(floor, people[38])
    risen = view(floor)
    assert (risen.line.customers, risen.line.level) == (51, 2)
    assert {a.key: a.due_at - a.started_at for a in risen.actions if a.level == 2}["explain_publicly"] == timedelta(
        hours=72
    )
    floor.do("lin", ask.LowerLevel(id=risen.line.id, level=1, reason="one batch only"))
    report(floor, customers(floor, 1, first=300)[0])
    assert view(floor).line.level == 1  # level 2 was answered by hand; level 3 would rise again
    with pytest.raises(Invalid):
        floor.do("lin", ask.LowerLevel(id=risen.line.id, level=1, reason="again"))


def test_a_correction_links_a_ticket_and_another_fault_does_not(floor: Floor, active: MassFaultView) -> None:
    person = customers(floor, 1, first=400)[0]
    ticket = report(floor, person, fault="")
    report(floor, customers(floor, 1, first=401)[0], fault="range loss, slowly")
    assert view(floor).line.customers == 12
    floor.do("lin", EditTicket(ticket_id=ticket, fault="noise;range loss"))
    assert view(floor).line.customers == 13


def test_actions_are_done_in_time_late_or_called_off_with_a_reason(floor: Floor, active: MassFaultView) -> None:
    evidence, offer = (next(a for a in active.actions if a.key == key) for key in ("secure_evidence", "offer_check"))
    floor.clock.advance(hours=24)
    floor.do("lin", ask.FinishAction(action_id=evidence.id, note="photos in"))
    with pytest.raises(Conflict):
        floor.do("lin", ask.FinishAction(action_id=evidence.id))
    with pytest.raises(Invalid):
        floor.do("lin", ask.FinishAction(action_id=offer.id, call_off=True))
    assert view(floor).line.due_at == offer.due_at
    floor.clock.advance(hours=24, seconds=1)
    floor.do("lin", ask.FinishAction(action_id=offer.id))
    ended = {a.key: a for a in view(floor).actions}
    assert (ended["secure_evidence"].late, ended["offer_check"].late) == (False, True)
    assert ended["secure_evidence"].done_by == "Lin"
    assert view(floor).line.due_at is None


def test_one_broadcast_reaches_every_open_ticket_as_words_to_the_customer(floor: Floor, active: MassFaultView) -> None:
    gone = active.children[0]
    floor.do("lin", CancelTicket(ticket_id=gone.id, reason="twice"))
    floor.do("lin", ask.Broadcast(id=active.line.id, text="A new controller is on its way."))
    for child in active.children[1:]:
        ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=child.id))
        told = ticket.timeline[-1]
        assert (told.kind, told.text, told.author) == (
            EntryKind.MESSAGE_OUT, "M-1: A new controller is on its way.", "Lin",
        )  # fmt: skip
        assert ticket.first_response_at == floor.clock.now()
    silent = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=gone.id))
    assert all("controller" not in entry.text for entry in silent.timeline)
    assert view(floor).steps[-1].text == "A new controller is on its way."


def test_closing_proposes_and_never_forces_and_each_customer_is_called_back(
    floor: Floor, active: MassFaultView
) -> None:
    key = active.line.id
    chosen = [child.id for child in active.open_children[:3]]
    with pytest.raises(Conflict):
        floor.do("lin", ask.SolveChildren(id=key, ticket_ids=tuple(chosen), resolution="controller changed"))
    floor.do("lin", ask.BeginClosing(id=key, reason="new firmware"))
    stranger = report(floor, fault="flat tyre")
    with pytest.raises(Invalid):
        floor.do("lin", ask.SolveChildren(id=key, ticket_ids=(stranger,), resolution="x"))
    floor.do("lin", ask.SolveChildren(id=key, ticket_ids=tuple(chosen), resolution="controller changed"))
    for ticket_id in chosen:
        ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=ticket_id))
        assert ticket.row.status is Status.SOLVED
        assert [call.done_at for call in ticket.call_backs] == [None]
    with pytest.raises(Conflict, match="2 actions"):
        floor.do("lin", ask.CloseMassFault(id=key))
    for action in active.actions:
        floor.do("lin", ask.FinishAction(action_id=action.id, note="not needed", call_off=True))
    floor.do("lin", ask.CloseMassFault(id=key))
    closed = view(floor)
    assert closed.line.state is IncidentState.CLOSED
    assert closed.line.open_tickets == 11  # they keep their own promises
    report(floor, customers(floor, 1, first=500)[0])
    assert view(floor).line.customers == 12  # what is over grows no more
    assert floor.desk.read(floor.people["chen"], ask.GetMassFaults()) == ()


def test_a_level_that_is_reached_while_closing_makes_it_active_again(floor: Floor, active: MassFaultView) -> None:
    floor.do("lin", ask.BeginClosing(id=active.line.id, reason="mended"))
    for person in customers(floor, 39, first=600):
        report(floor, person)
    assert (view(floor).line.state, view(floor).line.level) == (IncidentState.ACTIVE, 2)


def test_the_same_submission_twice_is_done_once(floor: Floor, active: MassFaultView) -> None:
    command = ask.Broadcast(id=active.line.id, text="soon")
    first, second = floor.do("lin", command), floor.do("lin", command)
    assert (first.label, second.repeated) == ("M-1", True)
    ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=active.children[0].id))
    assert sum(entry.text.endswith("soon") for entry in ticket.timeline) == 1


def test_one_is_under_way_at_a_time_and_an_unknown_one_is_told(floor: Floor, proposed: MassFaultView) -> None:
    with reading(floor.desk.engine) as session:
        assert len(session.execute(select(table(MassFault).c.id)).all()) == 1
    with pytest.raises(NotFound):
        floor.desk.read(floor.people["chen"], ask.GetMassFault(number=9))
    with pytest.raises(NotFound):
        floor.do("lin", ask.ConfirmMassFault(id=floor.people["chen"].id))


def test_an_action_in_working_days_is_counted_on_the_desks_own_calendar(floor: Floor) -> None:
    def due(within: str) -> datetime:
        with reading(floor.desk.engine) as session:
            return incident_links._due(session.connection(), within, floor.clock.now())

    friday = floor.clock.at = datetime(2026, 3, 6, 2, tzinfo=UTC)
    assert due("1 workdays") == datetime(2026, 3, 9, 10, tzinfo=UTC), "before anything was promised: as shipped"
    floor.do("chen", OpenTicket(subject="drum bangs"))
    floor.do("lin", SaveDays(days=(DayEdit(day=date(2026, 3, 9), name="Stocktaking"),)))
    assert due("1 workdays") == datetime(2026, 3, 10, 10, tzinfo=UTC)
    floor.do("lin", UseCalendar(key="around_the_clock"))
    assert due("1 workdays") < datetime(2026, 3, 9, tzinfo=UTC)
    assert due("48h") == friday + timedelta(hours=48)
