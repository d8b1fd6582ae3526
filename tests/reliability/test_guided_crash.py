"""R6 in the middle of a guided call, in a real terminal: whatever ends the program, it goes on at its question."""

import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from deskapp.clock import FrozenClock
from deskapp.domain.permissions import Actor
from deskapp.services.desk import Desk
from deskapp.services.requests.customers import CreateCustomer, SaveMachine
from deskapp.services.requests.flows import PublishShipped
from deskapp.settings import desk_id
from deskapp.store.drafts import DraftJournal
from deskapp.store.engine import open_engine
from deskapp.store.migrate import create, upgrade
from tests.services.conftest import NOON, Floor, staff
from tests.support.postgres import Cluster
from tests.support.terminal import Terminal

# A call up to its fifth question, typed as fast as a terminal takes it: nothing of it may get lost on the way either.
CALL = ("n", "1380", "\r", "xyjyx", "\r", "2", "2", "1")
HERE = "Does it happen at start-up"
NEXT = "What does it sound like?"
Open = Callable[[], Terminal]


def furnish(url: str) -> Actor:
    """A desk with the shipped flows, and a customer with one machine."""
    engine = open_engine(url)
    try:
        people, teams = staff(engine)
        floor = Floor(Desk(engine, FrozenClock(NOON)), FrozenClock(NOON), people, teams)
        floor.do("lin", PublishShipped())
        who = floor.do("chen", CreateCustomer(name="Wang Fang", phone="138 0013 8000", address="Road 12")).id
        floor.do("chen", SaveMachine(customer_id=who, product="Washer", model="WD-90"))
        return people["chen"]
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One desk for all, as `deskapp init` makes it; each test has a copy."""
    path = tmp_path_factory.mktemp("guided") / "desk.db"
    create(f"sqlite:///{path}")
    furnish(f"sqlite:///{path}")
    return path


@pytest.fixture
def desk_file(template: Path, tmp_path: Path) -> Path:
    path = tmp_path / "desk.db"
    path.touch(mode=0o600)
    # Not by its file: what was written last may stand in the log beside it.
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    return path


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Callable[[str], Terminal]]:
    opened: list[Terminal] = []

    def start(url: str) -> Terminal:
        environ = {
            "DESKAPP_DATABASE": url, "DESKAPP_STATE": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path),
            "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        }  # fmt: skip
        opened.append(Terminal(["-m", "deskapp", "--agent", "chen"], environ))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def seat(opener: Callable[[str], Terminal], desk_file: Path) -> Open:
    """Opens the app on the SQLite desk, as Chen."""
    return lambda: opener(f"sqlite:///{desk_file}")


def in_the_middle(terminal: Terminal) -> None:
    """Take the call up to its fifth question."""
    terminal.sees("MINE TO DO")
    terminal.sees("Chen, agent")
    for keys in CALL:
        terminal.type(keys)
    terminal.sees(HERE)


def goes_on(terminal: Terminal) -> None:
    """Resume the call: the same question, the answers as they were."""
    terminal.sees("MINE TO DO")
    terminal.sees("Chen, agent")
    terminal.type("n")
    terminal.sees("You were in the middle of a call")
    terminal.type("\r")
    terminal.sees(HERE)
    terminal.sees("Front loader")


def journal(tmp_path: Path, url: str) -> str:
    """What the journal on disk holds."""
    file = tmp_path / "state" / desk_id(url) / "drafts.db"
    try:
        return " ".join(str(value) for draft in DraftJournal(file).list("chen") for value in draft.body.values())
    except sqlite3.OperationalError:
        return ""


WAYS = {
    "kill -9": lambda terminal: terminal.kill(signal.SIGKILL),
    "hang-up": lambda terminal: terminal.kill(signal.SIGHUP),
    "termination": lambda terminal: terminal.kill(signal.SIGTERM),
    "closed window": lambda terminal: terminal.hang_up(),
}


def test_the_call_goes_on_at_the_same_question_with_the_note_half_typed(
    seat: Open, desk_file: Path, tmp_path: Path
) -> None:
    """One call is broken off in every way, one after the other: each time the next seat goes on with it."""
    terminal = seat()
    in_the_middle(terminal)
    terminal.type("\x1bOQ")
    terminal.sees("What does the caller say?")
    url = f"sqlite:///{desk_file}"
    for way, end in WAYS.items():
        terminal.type(f" {way},")
        terminal.sees(f"{way},")
        if way == "kill -9":  # what was typed more than half a second ago is on the disk, without anybody asking for it
            terminal.until(lambda: "kill -9," in journal(tmp_path, url), "the draft in the journal")
        end(terminal)
        assert terminal.ends() != 0, way
        assert b"Traceback" not in terminal.raw, way
        terminal = seat()
        goes_on(terminal)
        terminal.sees(f"{way},")


def test_a_full_disk_and_a_locked_database_hold_up_nobody_and_the_call_is_stored_in_the_end(
    seat: Open, desk_file: Path, tmp_path: Path
) -> None:
    terminal = seat()
    in_the_middle(terminal)
    url = f"sqlite:///{desk_file}"
    terminal.until(lambda: "noise_phase" in journal(tmp_path, url), "the draft")
    pid, (_soft, hard) = terminal.child.pid, resource.prlimit(terminal.child.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    terminal.type("1")
    terminal.sees(NEXT)
    terminal.sees("Drafts are not safe")
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    terminal.type("1")
    terminal.until(lambda: "Drafts are not safe" not in terminal.shown, "drafts are safe again")
    terminal.until(lambda: "noise_kind" in journal(tmp_path, url), "what was answered meanwhile on the disk")
    with closing(sqlite3.connect(desk_file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        terminal.type("\x1b[21~")
        terminal.sees("still needs an answer")
        terminal.type("\x1b[21~")
        terminal.sees("The call broke off")
        terminal.type("\x1b[B\r")
        other.execute("ROLLBACK")
    terminal.sees("T-1 for Wang Fang")
    assert b"Traceback" not in terminal.raw


def test_a_database_taken_away_costs_nothing_and_the_call_is_stored_when_it_is_back(
    seat: Open, desk_file: Path, tmp_path: Path
) -> None:
    terminal = seat()
    in_the_middle(terminal)
    aside = desk_file.rename(tmp_path / "aside.db")
    terminal.type("1")
    terminal.sees(NEXT)
    finish(terminal)
    terminal.sees("There is no desk at")
    aside.rename(desk_file)
    stored(terminal)
    with closing(sqlite3.connect(desk_file)) as kept:
        assert kept.execute("SELECT count(*) FROM ticket").fetchone() == (1,)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of the test's own, which it may stop."""
    server = Cluster()
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.remove()


def test_a_postgresql_that_is_stopped_costs_nothing_and_the_call_is_stored_when_it_runs_again(
    opener: Callable[[str], Terminal], cluster: Cluster
) -> None:
    url = cluster.url("postgres")
    upgrade(url)
    furnish(url)
    terminal = opener(url)
    in_the_middle(terminal)
    cluster.stop(signal.SIGINT)
    terminal.type("1")
    terminal.sees(NEXT)
    finish(terminal)
    terminal.sees("Drafts are safe")
    terminal.sees(NEXT)
    cluster.start()
    stored(terminal)
    engine = open_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ticket")).scalar() == 1
        kept = set(connection.execute(text("SELECT question FROM flow_answer")).scalars())
    engine.dispose()
    assert {"phone", "address", "form", "burnt_smell", "noise_phase"} <= kept, (
        "what was answered while it was away, too"
    )


def finish(terminal: Terminal) -> None:
    """Store the call as it is: what is missing is shown first, then that it broke off."""
    terminal.presses("\x1b[21~", "still needs an answer")
    terminal.presses("\x1b[21~", "The call broke off: store")
    terminal.type("\x1b[B\r")


def stored(terminal: Terminal) -> None:
    """The desk is back: the call is stored, if need be by pressing F10 again as a person does."""
    asked = 0.0

    def state() -> bool:
        nonlocal asked
        if "T-1 for Wang Fang" not in terminal.shown and time.monotonic() - asked > 1:
            terminal.type("\x1b[B\r" if "The call broke off: store" in terminal.shown else "\x1b[21~")
            asked = time.monotonic()
        return "T-1 for Wang Fang" in terminal.shown

    terminal.until(state, "the stored call")
