"""Many seats at human rates with backups running, and a PostgreSQL that is restarted under the hands of a writer."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from deskapp.clock import AnchoredClock
from deskapp.domain.errors import DeskError, Unreachable
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor
from deskapp.services.desk import Desk
from deskapp.services.requests.queue import GetChanges
from deskapp.services.requests.tickets import AddEntry, OpenTicket
from deskapp.services.setup import backup_desk
from deskapp.store.engine import open_engine
from deskapp.store.migrate import upgrade
from tests.reliability.harness import race
from tests.services.conftest import staff
from tests.support import postgres

_BETWEEN = 5.0
"""Seconds between two backups while people work."""


@dataclass(frozen=True)
class Work:
    """Seconds of each commit, what people were told, backups made meanwhile."""

    commits: list[float]
    errors: list[str]
    backups: int


def seats_at_work(url: str, actor: Actor, seats: int, seconds: int, archives: Path, backups: int = 0) -> Work:
    """Let `seats` processes each note something every two seconds and listen every second, with a backup every five.

    With `backups`, they go on as fast as they can until so many backups were made.
    """
    engine = open_engine(url)
    Desk(engine, AnchoredClock()).execute(actor, OpenTicket(subject="what is imported here, every seat has"))
    engine.dispose()
    archives.mkdir(mode=0o700)
    done = archives / "done"

    def seat(number: int) -> list[str]:
        if number == seats:
            return _keep_backing_up(url, archives, seconds, backups, done)
        return _sit(url, actor, number, seconds, done if backups else None)

    reports = race(seats + 1, seat)
    told = [line for report in reports[:-1] for line in report]
    errors = [line[1:] for line in (*told, *reports[-1]) if line[:1] == "!"]
    return Work([float(line) for line in told if line[:1] != "!"], errors, len(list(archives.glob("*.zip"))))


def _sit(url: str, actor: Actor, number: int, seconds: int, done: Path | None) -> list[str]:
    desk, chance, told = Desk(open_engine(url, pool_size=1), AnchoredClock()), random.Random(number), []
    # A program's first answers take longer: what it needs is imported and compiled then.
    ticket = desk.execute(actor, OpenTicket(subject=f"seat {number}")).id
    desk.execute(actor, AddEntry(ticket_id=ticket, text="hello"))
    seq = desk.read(actor, GetChanges(since=-1)).seq
    ends = time.monotonic() + seconds
    time.sleep(0 if done else chance.uniform(0, 2))
    while not done.exists() if done else time.monotonic() < ends:
        begun = time.monotonic()
        try:
            desk.execute(actor, AddEntry(ticket_id=ticket, text=f"seat {number}"))
            told.append(str(time.monotonic() - begun))
            for _listen in range(2):
                if not done:
                    time.sleep(chance.uniform(0.5, 1.5))
                seq = desk.read(actor, GetChanges(since=seq)).seq
        except DeskError as error:
            told.append(f"!{error}")
    return told


def _keep_backing_up(url: str, archives: Path, seconds: int, backups: int, done: Path) -> list[str]:
    ends, number = time.monotonic() + seconds, 0
    try:
        while number < backups if backups else time.monotonic() < ends:
            backup_desk(url, archives / f"{number:05d}.zip", now=datetime.now(UTC))
            number += 1
            if not backups:
                time.sleep(_BETWEEN)
    except DeskError as error:
        return [f"!backup: {error}"]
    finally:
        done.touch()
    return []


@dataclass(frozen=True)
class Pauses:
    """What a writer met whose server was restarted again and again; `longest` in seconds."""

    acknowledged: int
    unanswered: int
    lost: int
    doubled: int
    longest: float


class _Server:
    """A PostgreSQL of its own that keeps its promises (fsync on) and can be restarted."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        account = postgres._account()
        self.who: dict[str, object] = {}
        self.binaries = postgres.find_binaries()
        if account is not None:
            self.who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            self.binaries = postgres._reachable(self.binaries, folder)
            for path in (folder, folder.parent):
                os.chmod(path, 0o755)
            os.chown(folder, account.pw_uid, account.pw_gid)
        self.folder, self.data = folder, folder / "data"
        self._run("initdb", "-D", self.data, "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C")
        with (self.data / "postgresql.auto.conf").open("a") as file:
            file.write(f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nmax_connections = 50\n")
        self.start()
        self._run("psql", "-h", folder, "-U", "desk", "-d", "postgres", "-c", "CREATE DATABASE desk")
        self.url = f"postgresql+psycopg://desk@/desk?host={folder}"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self.binaries / program), *map(str, arguments)]
        environment = {**os.environ, "LC_ALL": "C", "HOME": str(self.folder)}
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd=self.folder,
            **self.who,  # type: ignore[call-overload]
        )  # fmt: skip

    def start(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "start")

    def restart(self, mode: str) -> None:
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "-m", mode, "restart")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")


def pause_of_the_server(folder: Path, rounds: int) -> Pauses:
    """Restart the server `rounds` times, in turn gently and at once, while a seat submits without a break.

    A submit whose answer did not come is sent again with the same id, as the app does.
    """
    server = _Server(folder)
    try:
        upgrade(server.url)
        engine = open_engine(server.url)
        people, _teams = staff(engine)
        engine.dispose()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _submit(server.url, people["chen"], writer)
        os.close(writer)
        chance = random.Random(1)
        for number in range(rounds):
            time.sleep(chance.uniform(0.2, 0.8))
            server.restart("fast" if number % 2 else "immediate")
        time.sleep(3)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = b""
        while part := os.read(reader, 65536):
            told += part
        return _counted(server.url, told.decode().splitlines())
    finally:
        server.stop()


def _submit(url: str, actor: Actor, pipe: int) -> None:
    try:
        desk = Desk(open_engine(url), AnchoredClock())
        while True:
            command, begun, cut = OpenTicket(submission_id=uuid7(), subject="through a restart"), time.monotonic(), 0
            while True:
                try:
                    desk.execute(actor, command)
                    break
                except Unreachable:
                    cut = 1
                    time.sleep(0.1)
            os.write(pipe, f"{command.submission_id} {cut} {time.monotonic() - begun:.3f}\n".encode())
    except BaseException as error:
        sys.stderr.write(f"the seat ended: {error!r}\n")
    finally:
        os._exit(1)


def _counted(url: str, lines: list[str]) -> Pauses:
    engine = open_engine(url)
    with engine.connect() as connection:
        there = Counter(str(i) for i in connection.execute(text("SELECT submission_id FROM audit_event")).scalars())
        tickets = connection.execute(text("SELECT count(*) FROM ticket")).scalar_one()
        events = connection.execute(
            text("SELECT count(*) FROM audit_event WHERE action = 'ticket.create'")
        ).scalar_one()
    engine.dispose()
    told = [line.split() for line in lines if line.count(" ") == 2]
    return Pauses(
        acknowledged=len(told), unanswered=sum(int(cut) for _id, cut, _took in told),
        lost=sum(1 for key, _cut, _took in told if there[key] == 0), doubled=tickets - events,
        longest=max((float(took) for _id, _cut, took in told), default=99.0),
    )  # fmt: skip
