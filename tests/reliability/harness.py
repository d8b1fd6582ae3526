"""Kill, race and count: proofs on the real services, in processes of their own, at any size."""

import gc
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import Engine, text

from deskapp.clock import AnchoredClock
from deskapp.domain.errors import Conflict, DeskError, NotFound
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor
from deskapp.services.audit import verify
from deskapp.services.desk import Desk
from deskapp.services.requests.queue import GetQueue
from deskapp.services.requests.tickets import AddEntry, ClaimNext, EditTicket, GetTicket, OpenTicket, ReleaseTicket
from deskapp.store.engine import open_engine
from deskapp.store.uow import reading


@dataclass(frozen=True)
class KillReport:
    """What `kill_rounds` found; the first three of a sound desk are 0."""

    lost: int
    doubled: int
    partial: int
    acknowledged: int
    committed_without_ack: int


def kill_rounds(url: str, actor: Actor, rounds: int, *, seed: int = 1) -> KillReport:
    """Kill -9 a process in the middle of writing, `rounds` times; then look for what it had said was saved.

    A submission without an answer is sent again, as a seat does after a crash: it must be there once afterwards.
    """
    chance = random.Random(seed)
    acknowledged: list[UUID] = []
    unanswered: list[UUID] = []
    # A child inherits what this process has imported and compiled, but no connection: it writes at once.
    engine = open_engine(url)
    desk = Desk(engine, AnchoredClock())
    # As long as a few writes take here and now: on a busy machine a fixed time would kill before the first.
    _first_writes(desk, actor)
    span = _first_writes(desk, actor)
    gc.freeze()  # a collection in a child would copy the memory that it shares with this process
    for _ in range(rounds):
        asked, answered = _one_kill(desk, actor, chance.uniform(0.001, span))
        acknowledged += answered
        unanswered += asked[len(answered) :]
    with engine.connect() as connection:
        before = {UUID(str(row)) for row in connection.execute(text("SELECT submission_id FROM audit_event")).scalars()}
    for submission in unanswered:
        desk.execute(actor, _opening(submission))
    with engine.connect() as connection:
        counted = Counter(UUID(str(i)) for i in connection.execute(text("SELECT id FROM ticket")).scalars())
        partial = connection.execute(text(_PARTIAL)).scalar_one()
    engine.dispose()
    return KillReport(
        lost=sum(1 for submission in acknowledged if submission not in before),
        doubled=sum(1 for submission in (*acknowledged, *unanswered) if counted[submission] != 1),
        partial=partial,
        acknowledged=len(acknowledged),
        committed_without_ack=sum(1 for submission in unanswered if submission in before),
    )


def kill_rounds_aside(url: str, login: str, rounds: int) -> KillReport:
    """`kill_rounds` from a process of its own: forking one as large as a test runner takes most of a round."""
    command = [sys.executable, "-m", "tests.reliability.harness", url, login, str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return KillReport(**json.loads(done.stdout))


# A ticket without its timeline, its audit event, its payload or its search entry: half of a change.
_PARTIAL = """
SELECT count(*) FROM ticket t WHERE NOT EXISTS (SELECT 1 FROM timeline_entry e WHERE e.ticket_id = t.id)
OR NOT EXISTS (SELECT 1 FROM audit_event a JOIN audit_payload p ON p.seq = a.seq WHERE a.object_id = t.id)
OR NOT EXISTS (SELECT 1 FROM search_entry s WHERE s.object_id = t.id)
"""


def _opening(submission: UUID) -> OpenTicket:
    return OpenTicket(submission_id=submission, subject="洗衣机异响", description="bangs when spinning")


def _first_writes(desk: Desk, actor: Actor) -> float:
    """How many seconds the first four writes of a program take; leaves no connection open."""
    desk.read(actor, GetQueue(count=1))
    begun = time.monotonic()
    for _ in range(4):
        desk.execute(actor, _opening(uuid7()))
    desk.engine.dispose()
    return time.monotonic() - begun


def _one_kill(desk: Desk, actor: Actor, after: float) -> tuple[list[UUID], list[UUID]]:
    """Let a child write until it is killed; returns what it began and what it was told is saved, in order."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _write_until_killed(desk, actor, writer)
    os.close(writer)
    os.read(reader, 1)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    told = b""
    while part := os.read(reader, 65536):
        told += part
    os.close(reader)
    lines = told.decode().splitlines()
    asked = [UUID(line[1:]) for line in lines if line[:1] == "?" and len(line) == 37]
    answered = [UUID(line[1:]) for line in lines if line[:1] == "!" and len(line) == 37]
    return asked, answered


def _write_until_killed(desk: Desk, actor: Actor, pipe: int) -> None:
    try:
        desk.read(actor, GetQueue(count=1))  # opens the connection
        os.write(pipe, b"\n")
        while True:
            submission = uuid7()
            os.write(pipe, f"?{submission}\n".encode())
            desk.execute(actor, _opening(submission))
            os.write(pipe, f"!{submission}\n".encode())
    finally:
        os._exit(1)


def race(count: int, run: Callable[[int], list[str]]) -> list[list[str]]:
    """Run `run(n)` in `count` processes at once and return what each reported; a crash of one is an error here."""
    children = []
    gate_in, gate_out = os.pipe()
    for number in range(count):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(reader)
                os.close(gate_out)
                os.read(gate_in, 1)
                told = json.dumps(run(number)).encode()
                while told:
                    told = told[os.write(writer, told) :]
                code = 0
            finally:
                os._exit(code)
        os.close(writer)
        children.append((child, reader))
    os.close(gate_in)
    os.close(gate_out)
    reports = []
    for child, reader in children:
        told = b""
        while part := os.read(reader, 65536):
            told += part
        os.close(reader)
        _, status = os.waitpid(child, 0)
        if status != 0:
            raise RuntimeError(f"a racer ended with status {status}")
        reports.append(json.loads(told))
    return reports


def claim_race(url: str, actors: list[Actor], tickets: int) -> list[list[str]]:
    """Put `tickets` unclaimed tickets up and let every actor take the next until nothing is left."""
    engine = open_engine(url)
    desk = Desk(engine, AnchoredClock())
    for _ in range(tickets):
        receipt = desk.execute(actors[0], OpenTicket(subject="up for claim"))
        desk.execute(actors[0], ReleaseTicket(ticket_id=receipt.id))
    engine.dispose()

    def claim(number: int) -> list[str]:
        own = Desk(open_engine(url), AnchoredClock())
        won = []
        while True:
            try:
                won.append(own.execute(actors[number], ClaimNext()).label)
            except NotFound:
                return won

    return race(len(actors), claim)


def edit_race(url: str, actors: list[Actor], tickets: list[UUID], edits: int) -> list[list[str]]:
    """Let every actor read, change and send the description of tickets; a conflict is shown and tried again.

    Each change appends one mark to the text that was read, so a lost update is a missing mark.
    """

    def edit(number: int) -> list[str]:
        desk = Desk(open_engine(url), AnchoredClock())
        chance, actor, made = random.Random(number), actors[number], []
        while len(made) < edits:
            ticket_id, mark = chance.choice(tickets), f"[{number}.{len(made)}]"
            seen = desk.read(actor, GetTicket(ticket_id=ticket_id))
            try:
                desk.execute(
                    actor,
                    EditTicket(ticket_id=ticket_id, version=seen.version, description=seen.description + mark),
                )
                made.append(mark)
            except Conflict:
                continue
        return made

    return race(len(actors), edit)


def note_race(url: str, actors: list[Actor], ticket_id: UUID, notes: int) -> list[list[str]]:
    """Let every actor write notes into one ticket as fast as it goes; nobody may meet an error."""

    def write(number: int) -> list[str]:
        desk = Desk(open_engine(url), AnchoredClock())
        errors = []
        for index in range(notes):
            try:
                desk.execute(actors[number], AddEntry(ticket_id=ticket_id, text=f"{number}.{index}"))
            except DeskError as error:
                errors.append(str(error))
        return errors

    return race(len(actors), write)


def verify_chain(engine: Engine) -> int:
    """Recompute every hash of the ledger and return the number of events; fails with what is off."""
    with reading(engine) as session:
        verdict = verify(session)
    assert verdict.sound, verdict.findings
    return verdict.events


if __name__ == "__main__":
    _url, _login, _rounds = sys.argv[1:]
    _engine = open_engine(_url)
    _actor = Desk(_engine, AnchoredClock()).sign_on(_login)
    _engine.dispose()
    sys.stdout.write(json.dumps(asdict(kill_rounds(_url, _actor, int(_rounds)))))
