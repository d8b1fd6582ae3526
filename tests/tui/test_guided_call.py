"""A guided call by keys on the real screen: questions, red interrupt, jump, resume, what is stored."""

import re
from pathlib import Path
from uuid import UUID

import pytest

from deskapp.app import DeskApp
from deskapp.domain.flow import to_data
from deskapp.domain.terms import EntryKind, Grade
from deskapp.drafts import MemoryDrafts
from deskapp.services.flow_files import PACK, load_flow
from deskapp.services.requests.flows import GetCase, PublishFlow, PublishShipped, SignFlow
from deskapp.services.requests.notices import GetNotices
from deskapp.services.requests.queue import GetDesk, GetQueue
from deskapp.services.requests.tickets import GetTicket
from tests.services.conftest import Floor
from tests.tui.real import furnish
from tests.tui.running import press, running, settled, shown


async def type_in(app: DeskApp, pilot, text: str) -> None:  # type: ignore[no-untyped-def]
    await pilot.press(*("space" if character == " " else character for character in text))
    await settled(app)


async def begin(app: DeskApp, pilot, symptom: str) -> None:  # type: ignore[no-untyped-def]
    """New call, the known customer, a new case, the one machine, the first flow that fits."""
    await press(app, pilot, "n")
    await type_in(app, pilot, "1380")
    await press(app, pilot, "enter", "down", "enter")
    await type_in(app, pilot, symptom)
    await press(app, pilot, "enter")


@pytest.fixture
def ids(floor: Floor) -> dict[str, UUID]:
    floor.do("lin", PublishShipped())
    return furnish(floor)


async def test_a_known_customer_is_asked_nothing_twice_and_digits_do_the_rest(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID]
) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await begin(app, pilot, "xyjyx")
        text = shown(app)
        assert "Any burnt smell" in text and "STILL POSSIBLE  9" in text and "elderly at home: mornings" in text
        await press(app, pilot, "2", "2", "1", "2", "f4")
        assert "because: Does it happen" in shown(app)
        await press(app, pilot, "1", "2", "2")
        assert "Transport bolts still fitted" in shown(app) and "BRING" in shown(app)
        await press(app, pilot, "0", "enter")
        assert "Which time slot" in shown(app)
        await press(app, pilot, "1", "f2")
        await type_in(app, pilot, "moved last week")
        await press(app, pilot, "enter", "5")
        await type_in(app, pilot, "-")
        await press(app, pilot, "1", "f10")
        text = shown(app)
        assert "T-4 for 王芳" in text and "It is solved by 03-11" in text and "We come on" in text
        await press(app, pilot, "enter")
        assert app.screen.place() == "T-4"
        await press(app, pilot, "q")
        assert "Transport bolts still fitted" in shown(app) and "from the file" in shown(app)
        await press(app, pilot, "escape", "ctrl+l", "ctrl+f")
        assert "有没有闻到焦味或看到冒烟?  否" in shown(app) and "档案带出" in shown(app)
        await press(app, pilot, "escape", "ctrl+l")
    ticket = floor.desk.read(floor.people["chen"], GetTicket(number=4))
    case = floor.desk.read(floor.people["chen"], GetCase(ticket_id=ticket.id))
    assert (case.outcome, case.complete) == ("transport_bolts_on", True)
    assert 8 <= case.keys <= 16
    told = {line.id: line for line in ticket.timeline}
    assert {"moved last week"} <= {line.text for line in told.values()}
    assert ticket.timeline[-1].kind is EntryKind.PROMISE and "T-4" in ticket.timeline[-1].text
    how = {line["id"]: line["how"] for line in case.snapshot["answers"]}
    assert how["phone"] == how["model"] == "prefilled" and how["burnt_smell"] == "asked"
    assert ticket.machine.model == "WD-90" and len(ticket.customer.contacts) == 3


async def test_red_interrupts_at_once_and_the_lead_hears_before_the_call_ends(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID]
) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await begin(app, pilot, "washer")
        await press(app, pilot, "1")
        assert "EMERGENCY: read this out" in shown(app)
        (row,) = [row for row in floor.desk.read(floor.people["lin"], GetQueue()).rows if row.number == 4]
        assert row.grade is Grade.RED
        assert floor.desk.read(floor.people["lin"], GetDesk()).mine[0].row.grade is Grade.RED
        told = floor.desk.read(floor.people["chen"], GetNotices())
        assert [line.kind for line in told] == ["red"]
        assert not app.screen.hears(told[0]), "nothing covers the script"
        await press(app, pilot, "3", "enter", "enter", "enter")
        assert "EMERGENCY" not in shown(app) and "later" in shown(app)
        await press(app, pilot, "f10")
        assert "T-4 for" in shown(app)
    ticket = floor.desk.read(floor.people["chen"], GetTicket(number=4))
    assert ticket.row.grade is Grade.RED and ticket.customer.name == "王芳"
    read = [line for line in ticket.timeline if line.details.get("what") == "read_out"]
    assert len(read) == 3 and read[0].text.startswith("Please do not touch")


async def test_an_answer_out_of_turn_is_found_by_a_part_of_it_and_counts_when_its_turn_comes(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID]
) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await begin(app, pilot, "washer")
        await press(app, pilot, "/")
        await type_in(app, pilot, "banging")
        await press(app, pilot, "enter")
        assert "Banging*" in shown(app) and "Any burnt smell" in shown(app)
        await press(app, pilot, "2", "2", "1", "2")
        session = app.screen.session
        assert session.here == "moved", "the sound is not asked again"
        await press(app, pilot, *["shift+tab"] * 12)
        assert app.screen.query_one("#plain").display, "back from the first question is the form"
        assert len(session.draft.answers) == 10, "going back loses nothing"


@pytest.mark.parametrize("keys", [["2", "2", "1"], ["2", "2", "1", "2", "1", "2", "2", "0", "enter", "1", "1"]])
async def test_a_call_that_broke_off_goes_on_at_the_same_question(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID], keys: list[str]
) -> None:
    drafts = MemoryDrafts()
    async with running(floor.desk, tmp_path, drafts=lambda: drafts) as (app, pilot):
        await begin(app, pilot, "washer")
        await press(app, pilot, *keys)
        here, marked, answers = app.screen.session.here, app.screen.session.marked, app.screen.session.draft.answers
    async with running(floor.desk, tmp_path, drafts=lambda: drafts) as (app, pilot):
        await press(app, pilot, "n", "enter")
        session = app.screen.session
        assert (session.here, session.marked, session.draft.answers) == (here, marked, answers)
        assert "王芳" in shown(app) or "Washing machine" in shown(app)
        await press(app, pilot, "f10")
        assert "still needs an answer" in shown(app)
        await press(app, pilot, "f10", "down", "enter")
        assert "T-4 for" in shown(app)
    case = floor.desk.read(
        floor.people["chen"], GetCase(ticket_id=floor.desk.read(floor.people["chen"], GetTicket(number=4)).id)
    )
    assert not case.complete


async def test_it_reads_in_chinese_at_both_sizes(floor: Floor, tmp_path: Path, ids: dict[str, UUID]) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await begin(app, pilot, "washer")
        await press(app, pilot, "ctrl+l")
        assert "待定" in shown(app), "the outline stands beside the question"
        for size in ((120, 40), (80, 24)):
            await pilot.resize_terminal(*size)
            await settled(app)
            text = shown(app)
            assert "有没有闻到焦味" in text and "客户不知道" in text and "仍有可能" in text
            assert not re.search("(^|│) *[，。、,]", text, re.MULTILINE), "no line begins with the end of a sentence"
        assert "待定" not in text
        await press(app, pilot, "f3")
        assert "待定" in shown(app), "the outline is a key away"
        await press(app, pilot, "1")
        assert "紧急" in shown(app)


async def test_a_visit_is_booked_against_a_wish_only_with_the_customers_word_and_moved_with_a_reason(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID]
) -> None:
    async with running(floor.desk, tmp_path) as (app, pilot):
        await press(app, pilot, "enter", "t")
        assert "! elderly at home: mornings" in shown(app)
        await type_in(app, pilot, "13:00")
        await press(app, pilot, "enter")
        assert "This goes against" in shown(app)
        await type_in(app, pilot, "son is there")
        await press(app, pilot, "enter", "t", "down", "down", "enter")
        await type_in(app, pilot, "caught cold")
        await press(app, pilot, "enter", "enter")
        ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=ids["noise"]))
        assert ticket.appointments[0].reason == "caught cold" and ticket.appointments[0].starts_at.hour < 12
        await press(app, pilot, "t", "enter", "t", "ctrl+s")
        assert "say why" in shown(app), "photos are not taken until somebody says so"
        await press(app, pilot, "shift+tab", "shift+tab", "right", "tab", "right", "ctrl+s")
    ticket = floor.desk.read(floor.people["chen"], GetTicket(ticket_id=ids["noise"]))
    assert [line.details.get("what") for line in ticket.timeline][-4:] == ["book", "move", "arrive", "visit_done"]


async def test_a_call_that_lay_while_a_newer_version_was_published_is_moved_with_what_that_does(
    floor: Floor, tmp_path: Path, ids: dict[str, UUID]
) -> None:
    drafts = MemoryDrafts()
    async with running(floor.desk, tmp_path, drafts=lambda: drafts) as (app, pilot):
        await begin(app, pilot, "washer")
        await press(app, pilot, "2", "2", "2", "ctrl+s")
    data = {**to_data(load_flow(PACK / "washer-noise.yaml").flow), "version": "1.1.0", "tests": []}
    form = next(item for item in data["questions"] if item["id"] == "form")
    form["choices"] = [choice for choice in form["choices"] if choice["id"] != "top"]
    pets = {"id": "pets", "type": "yes_no", "label": {"zh": "有宠物吗", "en": "Any pets near it?"}, "info": True}
    data["questions"] = [*data["questions"], pets]
    floor.do("qiu", SignFlow(data=data, note="engineer"))
    floor.do("lin", PublishFlow(data=data))
    async with running(floor.desk, tmp_path, drafts=lambda: drafts) as (app, pilot):
        await press(app, pilot, "n", "enter")
        text = shown(app)
        assert "a newer version is published" in text and "Stay on 1.0.0" in text and "1 parked" in text
        before = app.screen_stack[-2].session.draft.answers
        await press(app, pilot, "enter")
        session = app.screen.session
        assert session.compiled.flow.version == "1.1.0"
        assert session.draft.answers == {id_: value for id_, value in before.items() if id_ != "form"}
        assert [event.question for event in session.aside] == ["form"]
