"""Wishes that act: a booking against one is told with its words; one that ended, or has no consent, holds nobody up."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.terms import PreferenceKind
from deskapp.services.requests.customers import AddPreference, CreateCustomer, EndPreference, GetCustomer
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.visits import BookVisit, GetSlots, GetVisitCard
from deskapp.services.visit_card import as_text
from tests.services.conftest import Floor

TOMORROW = datetime(2026, 3, 3, tzinfo=UTC)
MORNINGS = "elderly at home: mornings"


def remember(floor: Floor, text: str = MORNINGS, **more: object) -> tuple[UUID, UUID]:
    """A customer who wants something; the customer and the wish."""
    who = floor.do("chen", CreateCustomer(name="王芳", phone="13800138000")).id
    wish = AddPreference(customer_id=who, kind=PreferenceKind.TIME, text=text, **more)  # type: ignore[arg-type]
    floor.do("chen", wish)
    return who, wish.submission_id


def book(floor: Floor, who: UUID, hour: int, **more: str) -> int:
    """Book a visit so many hours after tomorrow's midnight; the ticket's number."""
    opened = floor.do("chen", TakeCall(customer_id=who, subject="noise"))
    ticket = opened.ticket_id
    starts = TOMORROW + timedelta(hours=hour)
    floor.do("chen", BookVisit(ticket_id=ticket, starts_at=starts, ends_at=starts + timedelta(hours=3), **more))
    return int(opened.label.removeprefix("T-"))


def against(floor: Floor, who: UUID) -> list[tuple[int, str]]:
    slots = floor.desk.read(floor.people["chen"], GetSlots(zone=UTC, customer_id=who, days=2))
    return [(slot.starts_at.hour, slot.against) for slot in slots if slot.starts_at.date() == TOMORROW.date()]


@pytest.mark.parametrize("wish", [MORNINGS, "家里有老人:上午"])
def test_an_afternoon_goes_against_mornings_and_is_booked_with_the_customers_word_only(floor: Floor, wish: str) -> None:
    who, _wish = remember(floor, wish)
    assert against(floor, who) == [(9, ""), (13, wish), (17, wish)]
    with pytest.raises(Conflict, match=wish):
        book(floor, who, 13)
    book(floor, who, 13, despite="son is at home")
    book(floor, who, 9)
    told = [line.text for line in floor.desk.read(floor.people["chen"], GetCustomer(customer_id=who)).timeline]
    assert f"son is at home ({wish})" in told


def test_what_has_ended_holds_nobody_up(floor: Floor) -> None:
    who, wish = remember(floor)
    floor.do("chen", EndPreference(preference_id=wish))
    assert {told for _hour, told in against(floor, who)} == {""}
    book(floor, who, 13)
    kept = floor.desk.read(floor.people["chen"], GetCustomer(customer_id=who)).preferences
    assert [line.text for line in kept] == [MORNINGS], "the history stays"


def test_one_ends_with_its_day_on_offer_when_booked_and_on_the_card(floor: Floor) -> None:
    who, _wish = remember(floor, valid_until=TOMORROW.date())
    slots = floor.desk.read(floor.people["chen"], GetSlots(zone=UTC, customer_id=who, days=2))
    told = {(slot.starts_at.day, slot.against) for slot in slots if slot.starts_at.hour == 13}
    assert told == {(3, MORNINGS), (4, "")}, "from the day after it holds no window up"
    with pytest.raises(Conflict):
        book(floor, who, 13)
    number = book(floor, who, 13 + 24)
    card = floor.desk.read(floor.people["chen"], GetVisitCard(ticket_number=number))
    assert MORNINGS not in as_text(card, UTC)


def test_without_consent_nothing_is_remembered_and_a_correction_ends_what_it_replaces(floor: Floor) -> None:
    who, wish = remember(floor)
    with pytest.raises(Invalid, match="consent"):
        floor.do("chen", AddPreference(customer_id=who, kind=PreferenceKind.OTHER, text="x", consent=False))
    evenings = AddPreference(customer_id=who, kind=PreferenceKind.TIME, text="evenings only", replaces=wish)
    floor.do("chen", evenings)
    assert against(floor, who) == [(9, "evenings only"), (13, "evenings only"), (17, "")]
    again = AddPreference(customer_id=who, kind=PreferenceKind.OTHER, text="x", replaces=wish)
    with pytest.raises(Conflict, match="ended"):
        floor.do("chen", again)
    other = floor.do("chen", CreateCustomer(name="Li Na")).id
    theirs = AddPreference(customer_id=other, kind=PreferenceKind.OTHER, text="x", replaces=evenings.submission_id)
    with pytest.raises(Invalid, match="another customer"):
        floor.do("chen", theirs)
