"""The wallboard and the search for mass faults on the big desk: `python -m bench wallboard`."""

import time
from collections.abc import Iterator
from datetime import UTC

from bench.big_desk import LOGIN, Scale, sqlite_desk
from bench.report import Figure
from deskapp.clock import AnchoredClock
from deskapp.services.desk import Desk
from deskapp.services.requests.incidents import FindMassFaults
from deskapp.services.requests.wallboard import GetWallboard
from deskapp.services.wallboard import forget
from deskapp.store.engine import open_engine


def figures(scale: Scale, rounds: int) -> Iterator[Figure]:
    """CPU of a first look, of a look within the minute, of a look right after a change elsewhere, and of the search."""
    desk = Desk(open_engine(f"sqlite:///{sqlite_desk(scale)}"), AnchoredClock())
    actor = desk.sign_on(LOGIN)

    def took(request: object) -> float:
        began = time.thread_time()
        desk.read(actor, request)  # type: ignore[arg-type]
        return time.thread_time() - began

    try:
        forget()
        name = f"wallboard over {scale.open:,} open tickets, CPU"
        yield Figure(f"{name}, the first look", took(GetWallboard(zone=UTC)), "s")
        yield Figure(
            f"{name}, looks after it", min(took(GetWallboard(zone=UTC)) for _ in range(rounds)), "s", at_most=0.5
        )
        yield Figure(f"mass faults looked for in {scale.tickets:,} tickets, CPU", took(FindMassFaults(zone=UTC)), "s")
    finally:
        desk.close()
