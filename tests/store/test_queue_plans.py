"""What the queue asks of the database: one index for the order, no count asked twice, no row outside the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from deskapp.clock import FrozenClock
from deskapp.domain.permissions import Actor
from deskapp.domain.queue import Holder, QueueFilter, Sort
from deskapp.domain.terms import Role
from deskapp.services.desk import Desk
from deskapp.services.requests.base import Query
from deskapp.services.requests.customers import CreateCustomer, FindCustomers
from deskapp.services.requests.notices import GetNotices
from deskapp.services.requests.queue import GetChanges, GetCounts, GetDesk, GetPosition, GetQueue
from deskapp.services.requests.shift import GetDuties
from deskapp.services.requests.tickets import ClaimNext, OpenTicket, ReleaseTicket
from deskapp.store.engine import open_engine
from tests.services.conftest import NOON, staff

Sent = list[tuple[str, Any]]


Opened = tuple[Desk, Actor]


def furnished(engine: Engine) -> Opened:
    """A desk with a customer and seven open tickets, four of them unclaimed."""
    people, _teams = staff(engine)
    desk, chen = Desk(engine, FrozenClock(NOON)), people["chen"]
    customer = desk.execute(chen, CreateCustomer(name="王芳", phone="138 0013 8000")).id
    made = [desk.execute(chen, OpenTicket(subject=f"fault {n}", customer_id=customer)).id for n in range(7)]
    for ticket in made[:4]:
        desk.execute(chen, ReleaseTicket(ticket_id=ticket))
    return desk, chen


@pytest.fixture
def desk(engine: Engine) -> Opened:
    return furnished(engine)


@pytest.fixture
def sqlite_desk(sqlite_url: str) -> Iterator[Opened]:
    """For plans: a server would plan by what it knows of the rows, and read seven as a whole."""
    engine = open_engine(sqlite_url)
    yield furnished(engine)
    engine.dispose()


@contextmanager
def noted(engine: Engine) -> Iterator[Sent]:
    """Note every statement that is sent."""
    sent: Sent = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plan(engine: Engine, statement: str, values: Any) -> str:
    with engine.connect() as connection:
        found = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        return "\n".join(row.detail for row in found)


# What is small on any desk, or no table at all.
_SMALL = {"page", "team", "agent", "CONSTANT", "(subquery-1)", "search_gram"}

QUERIES: list[Query] = [
    GetQueue(),
    GetQueue(first=3, count=2),
    GetQueue(filter=QueueFilter(overdue=True)),
    GetQueue(filter=QueueFilter(holder=Holder.ME)),
    GetQueue(filter=QueueFilter(holder=Holder.NOBODY)),
    GetQueue(filter=QueueFilter(holder=Holder.OWNED_BY_ME)),
    GetQueue(sort=Sort.GRADE),
    GetQueue(descending=True),
    GetCounts(),
    GetDesk(),
    GetDuties(),
    GetNotices(),
    GetChanges(since=3),
    FindCustomers(text="王芳"),
    FindCustomers(text="wangfang"),
    FindCustomers(text="13800138000"),
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{type(query).__name__}")
def test_no_query_reads_a_whole_table(query: Query, sqlite_desk: Opened) -> None:
    opened, chen = sqlite_desk
    with noted(opened.engine) as sent:
        opened.read(chen, query)
        opened.read(replace(chen, role=Role.LEAD), query)
    plans = [plan(opened.engine, statement, values) for statement, values in sent]
    steps = [step for steps in plans for step in steps.splitlines() if step.startswith("SCAN") and "INDEX" not in step]
    assert {step.split()[1] for step in steps} <= _SMALL
    assert not [steps for steps in plans if "merged_into" in steps]


def test_the_position_of_a_ticket_and_the_next_to_claim_stand_in_an_index(sqlite_desk: Opened) -> None:
    opened, chen = sqlite_desk
    row = opened.read(chen, GetQueue()).rows[3]
    with noted(opened.engine) as sent:
        assert opened.read(chen, GetPosition(ticket_id=row.id)) == 3
        opened.execute(chen, ClaimNext())
    plans = [plan(opened.engine, statement, values) for statement, values in sent if " ticket" in statement]
    assert not [steps for steps in plans if "SCAN ticket\n" in f"{steps}\n"]
    assert "ix_ticket_queue" in plans[1]
    assert any("ix_ticket_assignee_open" in steps for steps in plans)


def test_a_page_reads_only_its_rows(desk: Opened) -> None:
    opened, chen = desk
    whole = opened.read(chen, GetQueue()).rows
    with noted(opened.engine) as sent:
        page = opened.read(chen, GetQueue(first=2, count=3))
    assert page.total == 7 and page.rows == whole[2:5]
    statement, values = sent[-1]
    with opened.engine.connect() as connection:
        assert len(connection.exec_driver_sql(statement, values).all()) == 3


def test_the_next_page_is_not_counted_again_until_something_changes(desk: Opened) -> None:
    opened, chen = desk
    opened.read(chen, GetQueue(count=2))
    with noted(opened.engine) as sent:
        assert opened.read(chen, GetQueue(first=2, count=2)).total == 7
    assert not [statement for statement, _values in sent if "count(" in statement]
    opened.execute(chen, OpenTicket(subject="one more"))
    assert opened.read(chen, GetQueue(first=2, count=2)).total == 8
    # What is mine differs from what is somebody else's.
    assert opened.read(chen, GetQueue(filter=QueueFilter(holder=Holder.ME), count=2)).total == 4


def test_the_figures_follow_changes_and_the_clock(desk: Opened) -> None:
    opened, chen = desk
    before = opened.read(chen, GetCounts())
    assert (before.open, before.unclaimed, before.late) == (7, 4, 0)
    opened.execute(chen, ClaimNext())
    assert opened.read(chen, GetCounts()).unclaimed == 3
    assert isinstance(opened.clock, FrozenClock)
    opened.clock.advance(days=30)
    assert opened.read(chen, GetCounts()).late == 7


def test_no_change_is_one_short_question(desk: Opened) -> None:
    opened, chen = desk
    since = opened.read(chen, GetChanges(since=-1)).seq
    with noted(opened.engine) as sent:
        opened.read(chen, GetChanges(since=since))
    assert len(sent) == 1 and "ledger" in sent[0][0]
