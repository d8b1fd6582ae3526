"""The demo desk as it is written: whole, believable, the same for the same moment."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from deskapp.clock import FrozenClock
from deskapp.domain.errors import Conflict
from deskapp.domain.queue import QueueFilter, Sort
from deskapp.domain.terms import Grade, Role, Status
from deskapp.domain.views import DeskView, Directory, QueueCounts, QueuePage, TicketView
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.services.demo import make_demo
from deskapp.services.desk import Desk
from deskapp.services.requests.customers import FindCustomers
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.queue import GetCounts, GetDesk, GetQueue
from deskapp.services.requests.tickets import GetTicket, OpenTicket
from deskapp.store.engine import open_engine

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def open_demo(url: str, language: str = "zh") -> Desk:
    make_demo(url, language, NOW, os_user="yu")
    return Desk(open_engine(url), FrozenClock(NOW))


def test_a_demo_desk_is_whole_and_shows_every_kind_of_work(empty_postgres_url: str, tmp_path: Path) -> None:
    for url, language in ((str(tmp_path / "demo.db"), "zh"), (empty_postgres_url, "en")):
        desk = open_demo(url, language)
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
        desk.close()


def test_what_the_demo_tells_is_found_and_goes_on(tmp_path: Path) -> None:
    desk = open_demo(str(tmp_path / "demo.db"))
    me = desk.sign_on("yu")
    ticket: TicketView = desk.read(me, GetTicket(number=1001))
    assert ticket.customer and ticket.customer.phone and len(ticket.timeline) > 2
    assert any(match.id == ticket.customer.id for match in desk.read(me, FindCustomers(text=ticket.customer.phone)))
    found: QueuePage = desk.read(me, GetQueue(filter=QueueFilter(text=ticket.row.subject, statuses=tuple(Status))))
    assert ticket.row.number in [row.number for row in found.rows]
    newest = desk.read(me, GetQueue(filter=QueueFilter(statuses=tuple(Status)), sort=Sort.NUMBER, descending=True))
    assert desk.execute(me, OpenTicket(subject="the next call")).label == f"T-{newest.rows[0].number + 1}"
    e = table(AuditEvent).c
    with desk.engine.connect() as connection:
        assert connection.execute(select(func.count()).where(e.action == "desk.import")).scalar_one() < 10
        assert connection.execute(text("PRAGMA foreign_key_check")).first() is None


def test_the_same_moment_gives_the_same_desk(tmp_path: Path) -> None:
    desks = [open_demo(str(tmp_path / f"{name}.db")) for name in ("a", "b")]
    pages = [desk.read(desk.sign_on("yu"), GetQueue(count=100)) for desk in desks]
    told = [[(row.label, row.subject, row.customer, row.assignee, row.due_at) for row in page.rows] for page in pages]
    assert told[0] == told[1]


def test_a_demo_never_takes_the_place_of_a_desk(tmp_path: Path) -> None:
    place = str(tmp_path / "demo.db")
    open_demo(place).close()
    with pytest.raises(Conflict):
        make_demo(place, "en", NOW, os_user="yu")
