"""How soon a seat has what another did: `python -m bench beside`. From before the change to the row at the other.

Two desks as two seats have them, each with its own connections: one writes a note and commits, the other is woken by
the doorbell, asks what changed and reads the row, as a queue does before it draws.
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.postgres import new_database
from bench.report import Figure
from deskapp.clock import AnchoredClock
from deskapp.services.desk import Desk
from deskapp.services.requests.queue import GetChanges, GetRows
from deskapp.services.requests.tickets import AddEntry, OpenTicket
from deskapp.services.setup import init_desk
from deskapp.store.engine import open_engine

_TARGETS = {"SQLite": 1000.0, "PostgreSQL": 300.0}


def figures(rounds: int) -> Iterator[Figure]:
    """On both databases: median and the slowest of `rounds` changes."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _between("SQLite", f"sqlite:///{Path(folder) / 'desk.db'}", rounds)
    with new_database("deskapp_beside") as url:
        yield from _between("PostgreSQL", url, rounds)


def _between(where: str, url: str, rounds: int) -> Iterator[Figure]:
    init_desk(url, login="lead", os_user="lead", name="Lead", team="Desk", now=datetime.now(UTC))
    one, other = (Desk(open_engine(url), AnchoredClock()) for _ in range(2))
    lead = one.sign_on("lead")
    ticket = one.execute(lead, OpenTicket(subject="washer bangs")).id
    rang, took = threading.Event(), []
    bell = other.listen(rang.set)
    try:
        rang.wait(5)
        for turn in range(rounds):
            time.sleep(0.05 + turn % 7 * 0.06)  # at another point between two looks each time
            rang.clear()
            seq = other.read(lead, GetChanges(since=-1)).seq
            began = time.perf_counter()
            one.execute(lead, AddEntry(ticket_id=ticket, text=f"note {turn}"))
            while rang.wait(5):
                rang.clear()
                if other.read(lead, GetChanges(since=seq)).tickets:
                    break
            other.read(lead, GetRows(ticket_ids=(ticket,)))
            took.append((time.perf_counter() - began) * 1000)
    finally:
        bell.stop()
        one.close()
        other.close()
    target = _TARGETS[where]
    yield Figure(f"{where}: another seat's change is here, median", statistics.median(took), "ms", at_most=target)
    yield Figure(f"{where}: another seat's change is here, slowest", max(took), "ms", at_most=target)
