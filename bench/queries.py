"""The figures of the store: page, ticket, creation, search through the services, and the same SQL sent plainly.

What the services send is noted and sent again by the driver alone, on the same desk for reading, on a second copy for
writing; the two take turns. So the ratio says what the services add, the plain figure what the database takes.
"""

import gc
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import event

from bench.big_desk import LOGIN, Scale, copies_of, person, phone, place, sqlite_desk
from bench.report import Figure
from deskapp.clock import AnchoredClock
from deskapp.domain.permissions import Actor
from deskapp.services.desk import Desk
from deskapp.services.requests.customers import FindCustomers
from deskapp.services.requests.queue import GetQueue
from deskapp.services.requests.tickets import GetTicket, OpenTicket
from deskapp.store.engine import open_engine

_TELEPHONE = ("phone", "end of phone")
_SEARCHES = (*_TELEPHONE, "name", "pinyin", "initials", "serial", "address")
Sent = list[tuple[str, Any, bool]]


class Seat:
    """A desk that is open, somebody who works there, what is sent to the database, and a plain connection beside it."""

    def __init__(self, url: str, plain: str = "", *, single_process: bool = False) -> None:
        self.engine = open_engine(url, single_process=single_process)
        self.other = open_engine(plain, single_process=single_process) if plain else self.engine
        self.desk = Desk(self.engine, AnchoredClock())
        self.actor: Actor = self.desk.sign_on(LOGIN)
        self.sent: Sent = []
        event.listen(self.engine, "before_cursor_execute", self._note)
        self._pooled = self.other.raw_connection()
        self.plain: Any = self._pooled.driver_connection
        self.sqlite = self.engine.dialect.name == "sqlite"
        if not self.sqlite:
            self.plain.rollback()

    def _note(self, _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        self.sent.append((statement, values, many))

    def send_again(self, sent: Sent, *, write: bool = False) -> None:
        """Send noted statements by the driver alone, in one transaction, and fetch what they answer."""
        if self.sqlite:
            self.plain.execute("BEGIN IMMEDIATE" if write else "BEGIN")
        elif not write:
            self.plain.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor = self.plain.cursor()
        for statement, values, many in sent:
            (cursor.executemany if many else cursor.execute)(statement, values)
            if cursor.description:
                cursor.fetchall()
        self.plain.commit() if write else self.plain.rollback()

    def close(self) -> None:
        self._pooled.close()
        for engine in {self.engine, self.other}:
            engine.dispose()


@contextmanager
def seated(url: str, plain: str = "", **options: Any) -> Iterator[Seat]:
    """A seat that is closed at the end; what lives as long as it is kept from the collector, as the app does it."""
    seat = Seat(url, plain, **options)
    gc.collect()
    gc.freeze()
    try:
        yield seat
    finally:
        gc.unfreeze()
        seat.close()


def sqlite(scale: Scale, rounds: int) -> Iterator[Figure]:
    """All figures on SQLite; creation once as many processes may use the desk, once for a single one (WAL)."""
    path = sqlite_desk(scale)
    with seated(str(path)) as seat:
        yield from _reading(seat, scale, rounds, "SQLite")
    for name, alone in (("SQLite", False), ("SQLite, WAL", True)):
        copies = copies_of(path, 2)
        try:
            with seated(*map(str, copies), single_process=alone) as seat:
                yield from _writing(seat, scale, rounds, name)
        finally:
            for copy in copies:
                for left in copy.parent.glob(copy.name + "*"):
                    left.unlink()


def postgresql(scale: Scale, rounds: int) -> Iterator[Figure]:
    """All figures on a PostgreSQL that syncs its commits."""
    from bench.postgres import copied, postgres_desk

    with postgres_desk(scale) as url:
        with seated(url) as seat:
            yield from _reading(seat, scale, rounds, "PostgreSQL")
        with copied(url, 2) as copies, seated(*copies) as seat:
            yield from _writing(seat, scale, rounds, "PostgreSQL")


def _reading(seat: Seat, scale: Scale, rounds: int, where: str) -> Iterator[Figure]:
    chance = random.Random(3)  # the same choices every time
    read = seat.desk.read
    for count, target in ((50, 1.0), (200, None)):
        took = _in_turns(seat, [lambda count=count: read(seat.actor, GetQueue(count=count))] * rounds)
        yield from took.figures(f"{where}: first page, {count} rows")
        yield Figure(f"{where}: first page, {count} rows, SQL alone, CPU", _p(took.plain_cpu, 50), "ms", at_most=target)
    ids = [chance.randrange(scale.tickets) for _round in range(rounds)]
    took = _in_turns(
        seat, [lambda n=n: read(seat.actor, GetTicket(ticket_id=UUID(f"00000000000070078000{n:012x}"))) for n in ids]
    )
    yield from took.figures(f"{where}: ticket opened")
    yield from _searching(seat, scale, rounds, where)


def _searching(seat: Seat, scale: Scale, rounds: int, where: str) -> Iterator[Figure]:
    """Each way to say who calls, warmed once, then by chance over all customers."""
    chance, read = random.Random(4), seat.desk.read
    took: dict[str, Took] = {}
    for how in _SEARCHES:
        asked = [_asked(how, chance.randrange(scale.customers)) for _round in range(rounds)]
        took[how] = _in_turns(
            seat, [lambda text=text: read(seat.actor, FindCustomers(text=text)) for text in asked], warm=1
        )
        target = 20.0 if how in _TELEPHONE else None
        yield from took[how].tail(f"{where}: search by {how}", at_most=target)
    every = Took(*([one for each in took.values() for one in getattr(each, part)] for part in Took.__slots__))
    yield from every.figures(f"{where}: customer search")
    yield from every.tail(f"{where}: customer search", at_most=20.0)


def _asked(how: str, number: int) -> str:
    digits, (name, reading, initials) = phone(number), person(number)
    return {
        "phone": digits[:9], "end of phone": digits[-6:], "name": name, "pinyin": reading, "initials": initials,
        "serial": f"SN{number // 2 * 104_729 % 10_000_000_000:010d}", "address": place(number),
    }[how]  # fmt: skip


def _writing(seat: Seat, scale: Scale, rounds: int, where: str) -> Iterator[Figure]:
    def create(number: int) -> Callable[[], object]:
        customer = UUID(f"00000000000070038000{number * 7919 % scale.customers:012x}")
        command = OpenTicket(subject="Washer leaks water", description="since yesterday", customer_id=customer)
        return lambda: seat.desk.execute(seat.actor, command)

    took = _in_turns(seat, [create(number) for number in range(rounds)], write=True)
    yield from took.figures(f"{where}: ticket created, durable", at_most=3.0)
    yield Figure(f"{where}: ticket created, statements sent", float(len(seat.sent)), "")


def syncing(rounds: int) -> Iterator[Figure]:
    """What one sync of 8 KiB takes: no durable change can be quicker, and SQLite without WAL needs several."""
    took = []
    with tempfile.NamedTemporaryFile(dir=sqlite_desk(Scale(1000, 1000)).parent) as file:
        for _round in range(rounds):
            os.write(file.fileno(), b"x" * 8192)
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    yield Figure("one fsync of this disk", _p(took, 50), "ms")


@dataclass(frozen=True, slots=True)
class Took:
    """Times in ms, by the clock and of this thread's CPU, of calls and of the same SQL sent plainly."""

    ours: list[float]
    plain: list[float]
    ours_cpu: list[float]
    plain_cpu: list[float]

    def figures(self, name: str, at_most: float | None = None) -> Iterator[Figure]:
        """The medians."""
        yield Figure(f"{name} : plain SQL", _p(self.ours, 50), "ms", _p(self.plain, 50), at_most=at_most)
        yield Figure(f"{name}, CPU : plain SQL", _p(self.ours_cpu, 50), "ms", _p(self.plain_cpu, 50))

    def tail(self, name: str, at_most: float | None = None) -> Iterator[Figure]:
        """The slowest of a hundred."""
        yield Figure(f"{name} p99", _p(self.ours, 99), "ms", _p(self.plain, 99), at_most=at_most)
        yield Figure(f"{name} p99, CPU", _p(self.ours_cpu, 99), "ms", _p(self.plain_cpu, 99))


def _in_turns(seat: Seat, calls: list[Callable[[], object]], *, write: bool = False, warm: int = 5) -> Took:
    """Measure each call, and the statements it sent sent again."""
    took = Took([], [], [], [])
    for index, call in enumerate([*([] if write else calls[:warm]), *calls]):
        seat.sent = []
        began, cpu = time.perf_counter(), time.thread_time()
        call()
        middle, half = time.perf_counter(), time.thread_time()
        seat.send_again(seat.sent, write=write)
        ended, spent = time.perf_counter(), time.thread_time()
        if index >= (0 if write else warm):
            took.ours.append((middle - began) * 1000)
            took.plain.append((ended - middle) * 1000)
            took.ours_cpu.append((half - cpu) * 1000)
            took.plain_cpu.append((spent - half) * 1000)
    return took


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
