"""Who is calling and about what: the open ticket before a second one, families on one number, twins told."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from textual import events
from textual.keys import _character_to_key

from deskapp.app import DeskApp
from deskapp.domain.flow.draft import How
from deskapp.domain.terms import EntryKind, Status
from deskapp.screens.intake import IntakeScreen
from deskapp.services.requests import customers
from deskapp.services.requests.flows import PublishShipped
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.queue import GetQueue
from deskapp.services.requests.tickets import GetTicket, SolveTicket
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def type_in(app: DeskApp, pilot, text: str) -> None:  # type: ignore[no-untyped-def]
    await pilot.press(*("space" if character == " " else character for character in text))
    await settled(app)


def burst(app: DeskApp, *keys: str) -> None:
    """All keys at once, faster than anything can be read or shown: as from a scanner, or on a slow machine."""
    for key in keys:
        name = key if len(key) > 1 else _character_to_key(key)
        app.post_message(events.Key(name, key if len(key) == 1 else {"enter": "\r", "space": " "}.get(key)))


async def test_the_open_ticket_of_the_machine_is_gone_on_with_by_one_key(floor: Floor, tmp_path: Path) -> None:
    ids = furnish(floor)
    floor.clock.advance(days=2)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "WD90-12")
        await press(app, pilot, "enter")
        assert "same machine, 2 days ago" in shown(app)
        await press(app, pilot, "enter")
        assert app.screen.place() == "T-2" and "in touch again" in shown(app)
    ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=ids["noise"]))
    assert ticket.timeline[-1].kind is EntryKind.CALL_IN
    assert floor.desk.read(floor.people["chen"], GetQueue()).total == 2, "no second ticket"


async def test_late_in_the_call_nothing_is_typed_again_and_a_solved_one_is_opened(floor: Floor, tmp_path: Path) -> None:
    ids = furnish(floor)
    floor.do("chen", SolveTicket(ticket_id=ids["noise"], resolution="bolts out"))
    floor.clock.advance(days=3)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "8000")
        await press(app, pilot, "enter")
        await type_in(app, pilot, "bangs again")
        await press(app, pilot, "f11")
        assert "3 days ago, solved" in shown(app)
        await press(app, pilot, "enter")
    ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=ids["noise"]))
    assert ticket.row.status is Status.OPEN and ticket.timeline[-1].text == "bangs again"


async def test_two_people_on_one_number_are_both_listed_and_somebody_new_is_only_warned(
    floor: Floor, tmp_path: Path
) -> None:
    furnish(floor)
    floor.do("chen", customers.CreateCustomer(name="李强", phone="13800138000"))
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "13800138000")
        assert "王芳" in shown(app) and "李强" in shown(app)
        await press(app, pilot, "down", "down", "home")
        screen = app.screen
        assert isinstance(screen, IntakeScreen)
        screen.form.take_caller()
        await settled(app)
        assert "has this number already" in shown(app)
        screen.form.field("name").value = "王小明"
        screen.form.field("subject").value = "no water"
        await press(app, pilot, "f10")
    made = floor.desk.read(floor.people["chen"], GetTicket(number=4))
    assert made.customer.name == "王小明", "warned, not blocked"


async def test_f12_takes_the_file_that_has_the_number(floor: Floor, tmp_path: Path) -> None:
    furnish(floor)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n", "tab")
        await type_in(app, pilot, "Wang")
        await press(app, pilot, "tab")
        await type_in(app, pilot, "13800138000")
        assert "C-1 王芳 has this number" in shown(app)
        await press(app, pilot, "f12")
        assert "Is it about one of these?" in shown(app)


async def test_the_flows_of_the_callers_machine_come_first(floor: Floor, tmp_path: Path) -> None:
    floor.do("lin", PublishShipped())
    who = floor.do("chen", customers.CreateCustomer(name="Ma Li", phone="13955550000")).id
    floor.do("chen", customers.SaveMachine(customer_id=who, product="Fridge", model="BCD-5"))
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        await type_in(app, pilot, "1395")
        await press(app, pilot, "enter")
        flows = app.screen.form.flows
        assert flows._shown[0].product == "refrigerator" and flows.highlighted is None, "nothing is chosen untyped"
        await type_in(app, pilot, "not c")
        assert flows._shown[0].flow == "fridge-not-cold"
        for _letter in "not c":
            await press(app, pilot, "backspace")
        await type_in(app, pilot, "washer")
        assert flows._shown[0].product == "washing_machine", "what is said stands over what is known"
        for _letter in "washer":
            await press(app, pilot, "backspace")
        await type_in(app, pilot, "zzz")
        assert [flow.product for flow in flows._shown] == ["refrigerator"] and flows.chosen is None
        assert "no questions: the plain form" in shown(app), "what no flow is found by is told, not hidden"


async def test_tab_walks_through_the_fields_in_the_order_of_a_call(floor: Floor, tmp_path: Path) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        seen = []
        for _field in range(15):
            await press(app, pilot, "tab")
            seen.append((app.focused.id or "").removeprefix("f-"))
        assert seen == [
            "name", "phone", "address", "product", "model", "serial", "subject", "description", "fault", "grade",
            "priority", "channel", "occurred", "note", "remember",
        ]  # fmt: skip
        await press(app, pilot, "shift+tab")
        assert app.focused.id == "f-note"


@pytest.fixture
def ids(floor: Floor) -> dict[str, UUID]:
    floor.do("lin", PublishShipped())
    return furnish(floor)


async def test_keys_faster_than_the_screen_all_reach_what_they_are_about(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID]
) -> None:
    async with running(floor.desk, tmp_path) as (app, _pilot):
        burst(app, "n", *"1380", "enter", "down", "enter", *"xyjyx", "enter", "2", "2", "1", "2")
        await settled(app)
        session = app.screen.session
        given = {e.question: e.value for e in session.draft.events if e.how is How.ASKED}
        assert list(given) == ["burnt_smell", "water_leak", "form", "noise_phase"] and session.here == "noise_kind"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (("n", *"nobody here", "enter", "enter"), "nobody here"),
        (("enter", "n", *"half a thought", "enter"), "half a thought"),
        (("enter", "s", *"bolts out", "enter"), "solved: bolts out"),
        (("u", "w", "tab", *"ring twice", "ctrl+s"), "ring twice"),
        (("ctrl+p", *"calendar", "enter"), "Calendar  Repairs"),
    ],
)
async def test_a_key_pressed_the_moment_a_screen_opens_is_not_lost(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID], keys: tuple[str, ...], expected: str
) -> None:
    async with running(floor.desk, tmp_path) as (app, _pilot):
        burst(app, *("space" if key == " " else key for key in keys))
        await settled(app)
        assert expected in shown(app)


async def test_keys_go_on_when_the_answer_they_wait_for_does_not_come(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deskapp.key_gate.LONGEST", 0.05)
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "n")
        app.screen.hold_keys("never")
        burst(app, *"Zhang")
        await settled(app)
        assert "Zhang" in shown(app)


def test_a_fresh_contact_counts_as_words_of_the_customer(floor: Floor) -> None:
    from deskapp.services.requests.intake import ContinueTicket

    first = floor.do("chen", TakeCall(name="Li", subject="noise"))
    floor.clock.advance(seconds=timedelta(days=1).total_seconds())
    floor.do("sato", ContinueTicket(ticket_id=first.ticket_id, text="is anybody coming?"))
    last = floor.ticket(first).timeline[-1]
    assert (last.kind, last.author, last.details["what"]) == (EntryKind.CALL_IN, "Sato", "again")
