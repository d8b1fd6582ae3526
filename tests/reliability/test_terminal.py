"""The app in a real terminal: R6 a draft survives whatever ends the program, R18 any size and a dumb terminal."""

import random
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deskapp.settings import desk_id
from deskapp.store.drafts import DraftJournal
from deskapp.store.engine import open_engine
from deskapp.store.migrate import upgrade
from tests.services.conftest import staff
from tests.support.terminal import Terminal

Open = Callable[..., Terminal]


@pytest.fixture
def sqlite_url(empty_sqlite_url: str) -> str:
    """A desk as `deskapp init` makes one."""
    upgrade(empty_sqlite_url)
    return empty_sqlite_url


@pytest.fixture
def seat(sqlite_url: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the app on a small desk in a terminal, as Chen; every one of them is gone at the end."""
    engine = open_engine(sqlite_url)
    staff(engine)
    engine.dispose()
    opened = []

    def start(login: str = "chen", **options: object) -> Terminal:
        environ = {
            "DESKAPP_DATABASE": sqlite_url, "DESKAPP_STATE": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path),
            "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        }  # fmt: skip
        opened.append(Terminal(["-m", "deskapp", "--agent", login], environ, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def kept(sqlite_url: str, folder: Path) -> str:
    """All that the journal holds of Chen's call."""
    file = folder / "state" / desk_id(sqlite_url) / "drafts.db"
    if not file.exists():
        return ""
    try:
        return " ".join(str(value) for draft in DraftJournal(file).list("chen") for value in draft.body.values())
    except sqlite3.OperationalError:
        return ""


def typing(terminal: Terminal, text: str) -> None:
    """Begin a call and type until it stands on the screen."""
    terminal.sees("Chen")
    terminal.sees("MINE TO DO")
    terminal.presses("n", "What you type is kept")
    terminal.type(text)
    terminal.sees(text)


WAYS = {
    "hang-up": lambda terminal: terminal.kill(signal.SIGHUP),
    "termination": lambda terminal: terminal.kill(signal.SIGTERM),
    "closed window": lambda terminal: terminal.hang_up(),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_stood_on_the_screen_is_kept_when_the_program_is_told_to_go(
    seat: Open, sqlite_url: str, tmp_path: Path, way: str
) -> None:
    terminal = seat()
    text = "Zhang calls about the drum"
    typing(terminal, text)
    WAYS[way](terminal)
    assert terminal.ends() != 0
    assert text in kept(sqlite_url, tmp_path)
    assert b"Traceback" not in terminal.raw


def test_what_the_journal_had_survives_kill_9_and_is_offered_again(seat: Open, sqlite_url: str, tmp_path: Path) -> None:
    terminal = seat()
    text = "Zhang calls about the drum"
    typing(terminal, text)
    terminal.until(lambda: text in kept(sqlite_url, tmp_path), "the draft in the journal, while it is typed")
    terminal.kill(signal.SIGKILL)
    assert terminal.ends() == -signal.SIGKILL
    again = seat()
    again.sees("MINE TO DO")
    again.presses("n", "You were in the middle of a call")
    again.sees(text)
    again.presses("\r", "F10 Finish")
    again.sees(text)


def test_any_size_and_a_storm_of_sizes(seat: Open) -> None:
    terminal = seat(size=(80, 24))
    terminal.sees("MINE TO DO")
    chance = random.Random(1)
    sizes = [(20, 5), (1, 1), (500, 200), (80, 24), (2, 60), (300, 3)]
    for number in range(60):
        terminal.resize(
            *(sizes[number % len(sizes)] if number % 2 else (chance.randint(1, 300), chance.randint(1, 90)))
        )
        terminal.type(chance.choice("12rjkp"))
        terminal.read(0.01)
    terminal.resize(120, 40)
    terminal.presses("2", "No ticket is open")
    terminal.presses("1", "MINE TO DO")
    terminal.type("\x11")
    assert terminal.ends() == 0
    assert b"Traceback" not in terminal.raw


def test_a_dumb_terminal_is_no_reason_to_crash(seat: Open) -> None:
    terminal = seat(term="dumb", size=(20, 5))
    terminal.until(lambda: len(terminal.raw) > 200, "the first frame")
    terminal.type("\x11")
    assert terminal.ends() == 0
    assert b"Traceback" not in terminal.raw
