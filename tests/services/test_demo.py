"""The demo desk as it is written: whole, believable, the same for the same moment."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from deskapp.clock import FrozenClock
from deskapp.domain.errors import Conflict
from deskapp.domain.permissions import Actor
from deskapp.domain.queue import QueueFilter, Sort
from deskapp.domain.terms import EntryKind, Grade, Role, Status
from deskapp.domain.views import DeskView, Directory, QueueCounts, QueuePage, TicketView
from deskapp.domain.views_flow import CaseView, FlowFigures, Practiser
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.services.demo import make_demo
from deskapp.services.demo_calls import guided_cases
from deskapp.services.demo_content import demo_desk
from deskapp.services.desk import Desk
from deskapp.services.requests.customers import FindCustomers
from deskapp.services.requests.flow_figures import GetFlowFigures
from deskapp.services.requests.flows import GetCase
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.practice import GetPractisers
from deskapp.services.requests.queue import GetCounts, GetDesk, GetQueue
from deskapp.services.requests.tickets import GetTicket, OpenTicket
from deskapp.store.engine import open_engine

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEXT = "the next call"


def open_demo(url: str, language: str = "zh") -> Desk:
    make_demo(url, language, NOW, os_user="yu")
    return Desk(open_engine(url), FrozenClock(NOW))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the demo desk of all these tests is: it takes seconds to write."""
    return str(tmp_path_factory.mktemp("demo") / "demo.db")


@pytest.fixture(scope="module")
def chinese(place: str) -> Iterator[Desk]:
    desk = open_demo(place)
    yield desk
    desk.close()


def test_a_demo_desk_is_whole_and_shows_every_kind_of_work(empty_postgres_url: str, chinese: Desk) -> None:
    for desk in (chinese, open_demo(empty_postgres_url, "en")):
        me = desk.sign_on("yu")
        assert me.role is Role.AGENT
        directory: Directory = desk.read(me, GetDirectory())
        assert len([team for team in directory.teams if team.active]) == 2
        assert len([person for person in directory.people if person.role is not Role.ADMIN]) == 12
        assert {person.role for person in directory.people} >= {Role.AGENT, Role.LEAD, Role.RATER, Role.ADMIN}
        counts: QueueCounts = desk.read(me, GetCounts())
        assert min(counts.late, counts.red, counts.unclaimed, counts.paused) > 0 and counts.open > counts.late
        home: DeskView = desk.read(me, GetDesk())
        assert home.mine and home.promises
        every: QueuePage = desk.read(
            me, GetQueue(filter=QueueFilter(statuses=tuple(Status)), sort=Sort.NUMBER, count=1000)
        )
        assert every.total > 900
        opened = [row.opened_at for row in every.rows]
        assert opened == sorted(opened) and every.rows[0].number == 1001, "numbers follow the order of opening"
        assert {row.grade for row in every.rows} == set(Grade)
        figures: tuple[FlowFigures, ...] = desk.read(lead(desk), GetFlowFigures())
        common = [flow for flow in figures if flow.cases >= 8]
        assert len(common) == 3 and all(flow.first_visit and not flow.broken_off for flow in common)
        for flow in common:
            assert len(flow.outcomes) > 1 and any(question.gain_outcome for question in flow.questions)
        assert any(question.gain_cause for flow in common for question in flow.questions)
        practised: tuple[Practiser, ...] = desk.read(lead(desk), GetPractisers(zone=UTC))
        assert {bool(person.last_at) for person in practised} == {True, False}
    desk.close()


def lead(desk: Desk) -> Actor:
    people = desk.read(desk.sign_on("yu"), GetDirectory()).people
    return desk.sign_on(next(person.login for person in people if person.role is Role.LEAD))


def test_what_was_asked_in_a_guided_call_led_to_the_outcome_that_its_ticket_tells(chinese: Desk) -> None:
    me, told = chinese.sign_on("yu"), guided_cases(demo_desk("zh", NOW))
    assert len(told) >= 24
    for number, case in told.items():
        ticket: TicketView = chinese.read(me, GetTicket(number=number))
        found: CaseView = chinese.read(me, GetCase(ticket_id=ticket.id))
        assert (found.outcome, found.grade) == (case.outcome, case.grade), number
        assert [line.details.get("what") for line in ticket.timeline if line.kind is EntryKind.OUTCOME][:1] == ["flow"]


def test_what_the_demo_tells_is_found_and_goes_on(chinese: Desk) -> None:
    desk = chinese
    me = desk.sign_on("yu")
    ticket: TicketView = desk.read(me, GetTicket(number=1001))
    assert ticket.customer and ticket.customer.phone and len(ticket.timeline) > 2
    assert any(match.id == ticket.customer.id for match in desk.read(me, FindCustomers(text=ticket.customer.phone)))
    found: QueuePage = desk.read(me, GetQueue(filter=QueueFilter(text=ticket.row.subject, statuses=tuple(Status))))
    assert ticket.row.number in [row.number for row in found.rows]
    newest = desk.read(me, GetQueue(filter=QueueFilter(statuses=tuple(Status)), sort=Sort.NUMBER, descending=True))
    assert desk.execute(me, OpenTicket(subject=NEXT)).label == f"T-{newest.rows[0].number + 1}"
    e = table(AuditEvent).c
    with desk.engine.connect() as connection:
        assert connection.execute(select(func.count()).where(e.action == "desk.import")).scalar_one() < 10
        assert connection.execute(text("PRAGMA foreign_key_check")).first() is None


def test_the_same_moment_gives_the_same_desk(chinese: Desk, tmp_path: Path) -> None:
    desks = [chinese, open_demo(str(tmp_path / "other.db"))]
    pages = [desk.read(desk.sign_on("yu"), GetQueue(count=100)) for desk in desks]
    told = [
        [(row.label, row.subject, row.customer, row.assignee, row.due_at) for row in page.rows if row.subject != NEXT]
        for page in pages
    ]
    assert told[0] == told[1]
    flows = [desk.read(lead(desk), GetFlowFigures()) for desk in desks]
    calls = [[(flow.flow, flow.cases, flow.seconds, flow.keys, dict(flow.outcomes)) for flow in each] for each in flows]
    assert calls[0] == calls[1]
    desks[1].close()


def test_a_demo_never_takes_the_place_of_a_desk(place: str, chinese: Desk) -> None:
    with pytest.raises(Conflict):
        make_demo(place, "en", NOW, os_user="yu")
