"""The promises of reliability at full size, as a plain table: `python -m bench.proof [--scale 0.01] [R1 R2 …]`.

Everything runs on the real services in processes of their own; PostgreSQL is the tests' private server, here with fsync
on where it is restarted. A promise that does not hold ends with exit code 1.
"""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.proof_seats import pause_of_the_server, seats_at_work  # noqa: E402
from deskapp.clock import AnchoredClock  # noqa: E402
from deskapp.domain.permissions import Actor  # noqa: E402
from deskapp.services.desk import Desk  # noqa: E402
from deskapp.services.requests.tickets import GetTicket, OpenTicket  # noqa: E402
from deskapp.store.backup import restore, verify_backup  # noqa: E402
from deskapp.store.engine import open_engine  # noqa: E402
from deskapp.store.migrate import create, upgrade  # noqa: E402
from tests.reliability.harness import claim_race, edit_race, kill_rounds, verify_chain  # noqa: E402
from tests.services.conftest import staff  # noqa: E402
from tests.support.database import PostgresDatabases  # noqa: E402
from tests.support.postgres import stop  # noqa: E402


@dataclass(frozen=True)
class Outcome:
    """A line of the table."""

    size: str
    found: str
    holds: bool


class Places:
    """Fresh desks on either database, in a folder that is gone at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._server, self._made = folder, None, 0

    def sqlite(self) -> tuple[str, dict[str, Actor]]:
        self._made += 1
        url = f"sqlite:///{self.folder / f'desk{self._made}.db'}"
        create(url)
        return url, self._staffed(url)

    @contextmanager
    def postgresql(self) -> Iterator[tuple[str, dict[str, Actor]]]:
        self._server = self._server or PostgresDatabases(self.folder, os.getpid())
        with self._server.fresh() as url:
            upgrade(url)
            yield url, self._staffed(url)

    @contextmanager
    def postgresql_empty(self) -> Iterator[str]:
        assert self._server is not None
        with self._server.fresh() as url:
            yield url

    def close(self) -> None:
        if self._server:
            self._server.close()
            stop(self.folder)

    @staticmethod
    def _staffed(url: str) -> dict[str, Actor]:
        engine = open_engine(url)
        people, _teams = staff(engine)
        engine.dispose()
        return people

    @contextmanager
    def each(self) -> Iterator[Iterator[tuple[str, str, dict[str, Actor]]]]:
        """Both databases, one after the other."""
        with self.postgresql() as (server, people):
            yield iter([("SQLite", *self.sqlite()), ("PostgreSQL", server, people)])


def sized(full: int, scale: float, least: int = 1) -> int:
    """A size of the promise at this scale."""
    return max(least, round(full * scale))


def r1(places: Places, scale: float) -> Iterator[Outcome]:
    """What was said to be saved survives kill -9."""
    with places.each() as desks:
        for name, url, people in desks:
            rounds = sized(10_000 if name == "SQLite" else 2_000, scale, 20)
            report = kill_rounds(url, people["chen"], rounds)
            engine = open_engine(url)
            events = verify_chain(engine)
            engine.dispose()
            told = (
                f"{report.acknowledged} acknowledged: {report.lost} lost, {report.doubled} doubled,"
                f" {report.partial} partial; {report.committed_without_ack} stored unseen, sent again;"
                f" {events} events whole"
            )
            yield Outcome(f"{name}, {rounds} kills", told, not (report.lost or report.doubled or report.partial))


def r2(places: Places, scale: float) -> Iterator[Outcome]:
    """Nobody's change is lost silently."""
    with places.each() as desks:
        for name, url, people in desks:
            processes = 64 if scale >= 0.1 else 16
            edits = sized(100_000, scale, 10 * processes) // processes
            engine = open_engine(url)
            desk = Desk(engine, AnchoredClock())
            tickets = [desk.execute(people["lin"], OpenTicket(subject="shared")).id for _ in range(50)]
            engine.dispose()
            made = edit_race(url, [people["lin"]] * processes, tickets, edits)
            engine = open_engine(url)
            desk = Desk(engine, AnchoredClock())
            kept = "".join(desk.read(people["lin"], GetTicket(ticket_id=UUID(str(i)))).description for i in tickets)
            engine.dispose()
            marks = [mark for one in made for mark in one]
            counted = Counter(part + "]" for part in kept.split("]"))
            lost = sum(1 for mark in marks if counted[mark] != 1)
            yield Outcome(f"{name}, {processes} processes, {len(marks)} edits, 50 tickets", f"{lost} lost", lost == 0)


def r3(places: Places, scale: float) -> Iterator[Outcome]:
    """A ticket is claimed once."""
    with places.each() as desks:
        for name, url, people in desks:
            claimers, tickets = sized(500, min(1, scale * 4), 8), sized(10_000, scale, 100)
            if name == "PostgreSQL":
                claimers = min(claimers, 80)  # the tests' server takes 200 connections, two a process
            actors = [people["chen"], people["sato"], people["lin"]]
            won = claim_race(url, [actors[n % 3] for n in range(claimers)], tickets)
            counted = Counter(label for labels in won for label in labels)
            doubles, stuck = sum(1 for count in counted.values() if count > 1), tickets - len(counted)
            told = f"{doubles} twice, {stuck} stuck"
            yield Outcome(f"{name}, {claimers} claimers, {tickets} tickets", told, not (doubles or stuck))


def r4(places: Places, scale: float) -> Iterator[Outcome]:
    """Nobody meets a locked database, while backups run."""
    with places.each() as desks:
        for name, url, people in desks:
            seats, seconds = 64 if scale >= 0.1 else sized(64, scale * 20, 8), sized(1800, scale, 20)
            report = seats_at_work(url, people["chen"], seats, seconds, places.folder / f"{name}-backups")
            times = sorted(report.commits)
            p99 = times[int(len(times) * 0.99)] * 1000
            told = (
                f"{len(times)} commits: {len(report.errors)} errors, p50 {statistics.median(times) * 1000:.0f} ms,"
                f" p99 {p99:.0f} ms, max {times[-1] * 1000:.0f} ms; {report.backups} backups meanwhile"
            )
            yield Outcome(f"{name}, {seats} seats, {seconds} s", told, not report.errors and p99 < 250)


def r11(places: Places, scale: float) -> Iterator[Outcome]:
    """A backup that is made while people work comes back whole."""
    with places.each() as desks:
        for name, url, people in desks:
            wanted, archives = sized(100, scale, 3), places.folder / f"{name}-archives"
            seats_at_work(url, people["chen"], 4, 0, archives, backups=wanted)
            failed = 0
            for archive in sorted(archives.glob("*.zip")):
                verify_backup(archive)
                if name == "SQLite":
                    failed += not _comes_back(archive, f"sqlite:///{places.folder / 'back.db'}")
                else:
                    with places.postgresql_empty() as target:
                        failed += not _comes_back(archive, target)
            yield Outcome(f"{name}, {wanted} backups under load", f"{failed} did not come back whole", failed == 0)


def _comes_back(archive: Path, url: str) -> bool:
    manifest = restore(archive, url, now=datetime.now(UTC), force=True).manifest
    engine = open_engine(url)
    try:
        return verify_chain(engine) == manifest.audit_head["seq"] == manifest.rows["audit_event"]
    finally:
        engine.dispose()
        for old in Path(engine.url.database or "").parent.glob("back.db.before-restore-*"):
            old.unlink()


def r13(places: Places, scale: float) -> Iterator[Outcome]:
    """A restart of PostgreSQL in the middle of a submit is a pause."""
    rounds = sized(200, scale, 5)
    report = pause_of_the_server(places.folder / "restarted", rounds)
    told = (
        f"{report.acknowledged} acknowledged: {report.lost} lost, {report.doubled} doubled;"
        f" {report.unanswered} cut off, sent again; back after {report.longest:.1f} s at most"
    )
    yield Outcome(f"PostgreSQL, {rounds} restarts", told, not (report.lost or report.doubled) and report.longest < 10)


PROOFS: dict[str, Callable[[Places, float], Iterator[Outcome]]] = {
    "R1": r1, "R2": r2, "R3": r3, "R4": r4, "R11": r11, "R13": r13,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size, such as 0.01")
    parser.add_argument("--json", action="store_true", help="also as JSON, one line a promise")
    parser.add_argument("promises", nargs="*", metavar="R", help=f"of {', '.join(PROOFS)}; all unless given")
    asked = parser.parse_args()
    if unknown := set(asked.promises) - set(PROOFS):
        parser.error(f"no proof for {', '.join(sorted(unknown))}")
    print(f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
          f" {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, scale {asked.scale:g}")  # fmt: skip
    folder = Path(tempfile.mkdtemp(prefix="deskproof-"))
    places, holds = Places(folder), True
    try:
        for name in asked.promises or PROOFS:
            begun = time.monotonic()
            for outcome in PROOFS[name](places, asked.scale):
                took, begun = time.monotonic() - begun, time.monotonic()
                holds &= outcome.holds
                word = "holds" if outcome.holds else "BROKEN"
                print(f"{name:<4} {word:<6}  {outcome.size:<52} {outcome.found}  [{took:.0f} s]", flush=True)
                if asked.json:
                    print(json.dumps({"promise": name, **vars(outcome), "seconds": took}))
    finally:
        places.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
