"""Clocks through the store: `python -m bench clocks`, or `python -m bench.clock_store [--tickets N] [--notices N]`.

A calendar edit that counts every open clock of a desk again (section 2 of the contract: 100,000 in at most 10 s), and
notices for 10,000 thresholds that fall due at the same moment. Both are whole transactions on an SQLite file.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import func, select

from bench.report import Figure
from deskapp.clock import FrozenClock
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor
from deskapp.domain.sla import ClockEvent, EventKind, Facts
from deskapp.domain.terms import Role, Status
from deskapp.models.audit import AuditEvent
from deskapp.models.base import Identified, table
from deskapp.models.clock import Clock, Notice
from deskapp.models.ticket import Ticket
from deskapp.services.clocks import History, clocks_for
from deskapp.services.desk import Desk
from deskapp.services.requests.calendars import DayEdit, PreviewDays, SaveDays
from deskapp.services.requests.notices import SweepNotices
from deskapp.services.setup import init_desk
from deskapp.store.bulk import insert_rows
from deskapp.store.engine import open_engine
from deskapp.store.uow import reading, work

MONDAY = datetime(2026, 3, 2, 2, tzinfo=UTC)
_BATCH = 5000


def fill(desk: Desk, actor: Actor, count: int, facts: Facts, events: tuple[ClockEvent, ...]) -> None:
    """Open so many tickets within a minute, with their clocks."""
    for first in range(0, count, _BATCH):
        with work(desk.engine, desk.clock.now(), actor, uuid7()) as unit:
            unit.authorize("desk.import")
            tickets = [
                Ticket(number=first + n + 1, subject=f"case {first + n}", opened_at=MONDAY, queue_at=MONDAY)
                for n in range(min(_BATCH, count - first))
            ]
            histories = [History(t.id, facts, MONDAY, Status.OPEN, 2, events) for t in tickets]
            rows = clocks_for(unit.session, histories, desk.clock.now())
            for ticket in tickets:
                for name, value in rows.columns[ticket.id].items():
                    setattr(ticket, name, value)
            insert_rows(unit.session, tickets)
            rows.write(unit.session)
            unit.record("desk.import", "bench", Identified(id=uuid7()))
            unit.commit()


def told(desk: Desk, of: type) -> int:
    """How many rows a table has."""
    with reading(desk.engine) as session:
        return int(session.execute(select(func.count()).select_from(table(of))).scalar_one())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=33_334, help="with three open clocks each")
    parser.add_argument("--notices", type=int, default=10_000)
    options = parser.parse_args()
    for figure in figures(options.tickets, options.notices):
        print(figure.line(), flush=True)


def figures(tickets: int = 33_334, notices: int = 10_000) -> Iterator[Figure]:
    """Both, each on a desk of its own."""
    for what in ("edit", "notices"):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'desk.db'}"
            init_desk(url, login="lead", os_user="lead", name="Lead", team="Desk", now=MONDAY)
            clock = FrozenClock(MONDAY)
            desk = Desk(open_engine(url), clock)
            lead = desk.sign_on("lead")
            yield from (edit(desk, lead, clock, tickets) if what == "edit" else sweep(desk, lead, clock, notices))
            desk.close()


def edit(desk: Desk, lead: Actor, clock: FrozenClock, tickets: int) -> Iterator[Figure]:
    """Close a day in front of every open clock."""
    importer = Actor(lead.id, lead.login, lead.name, Role.LEAD, lead.team_id)
    # An e-mail that waits for its first words, a booking and a solution: three open clocks, one in working days.
    fill(desk, importer, tickets, Facts("green", "normal", "visit_24h", "email"), ())
    clock.advance(minutes=5)
    count = told(desk, Clock)
    # A day within every promise, then one that none of them reaches.
    for what, day in (("in every promise's way", date(2026, 3, 3)), ("beyond them all", date(2026, 9, 1))):
        edits = (DayEdit(day=day, name="Stocktaking"),)
        began, cpu = time.perf_counter(), time.process_time()
        moved = desk.read(lead, PreviewDays(days=edits)).moved
        yield Figure(f"preview of a day {what}: {moved:,} move, CPU", time.process_time() - cpu, "s")
        began, cpu = time.perf_counter(), time.process_time()
        desk.execute(lead, SaveDays(days=edits))
        wall, used = time.perf_counter() - began, time.process_time() - cpu
        yield Figure(f"{count:,} open clocks counted again, a day {what}", wall, "s")
        yield Figure(f"{count:,} open clocks counted again, a day {what}, CPU", used, "s", at_most=10.0)


def sweep(desk: Desk, lead: Actor, clock: FrozenClock, count: int) -> Iterator[Figure]:
    """Let so many thresholds fall due at once."""
    fill(desk, lead, count, Facts("green", "normal", "", "phone"), (ClockEvent(EventKind.CONTACT, MONDAY),))
    clock.advance(hours=12)
    before = told(desk, AuditEvent)
    began, cpu = time.perf_counter(), time.process_time()
    desk.execute(lead, SweepNotices(holder="bench"))
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    assert told(desk, AuditEvent) == before + 1
    yield Figure(f"{told(desk, Notice):,} notices for {count:,} thresholds at once", wall, "s")
    yield Figure(f"{told(desk, Notice):,} notices for {count:,} thresholds at once, CPU", used, "s")
    clock.advance(seconds=1)
    desk.execute(lead, SweepNotices(holder="bench"))
    assert told(desk, Notice) == count, "each is told once"


if __name__ == "__main__":
    main()
