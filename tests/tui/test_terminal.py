"""In a real terminal: what reaches it, what a signal does, how it is left."""

import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest

from deskapp.domain.text import TERMINAL_GUARD

ROOT = Path(__file__).resolve().parents[2]
# Escape sequences of Textual's own: CSI, modes, OSC for title and colours of the app, DCS queries, kitty keyboard.
_OWN = re.compile(r"\x1b\[[0-9;:<>=?]*[ -/]*[@-~]|\x1b\](?:0|22);[^\x00-\x1f]*\x07|\x1bP\+q[0-9a-f]*\x1b\\|\x1b[=>78]")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[pexpect.spawn]:
    """The app in a terminal of 100 x 30, its first rows shown."""
    path = f"{ROOT / 'src'}:{ROOT}"
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": path, "LANG": "en_US.UTF-8"}
    child = pexpect.spawn(
        sys.executable, ["-m", "tests.tui.in_terminal", str(tmp_path)], cwd=str(ROOT), env=environment,
        dimensions=(30, 100), timeout=60, encoding="utf-8",
    )  # fmt: skip
    child.expect("PROMISES TODAY")
    yield child
    with suppress(OSError):  # one of the tests has closed it
        child.close(force=True)


def rest_of(child: pexpect.spawn) -> str:
    """What comes until the process ends."""
    child.expect(pexpect.EOF)
    child.wait()
    return str(child.before)


def test_nothing_that_a_customer_wrote_acts_on_the_terminal(terminal: pexpect.spawn) -> None:
    seen = str(terminal.before) + str(terminal.after)
    for keys in ("2", "p", "G", "\x10", "\x1b", "1"):
        terminal.send(keys)
        terminal.expect(r".{50}")
        seen += str(terminal.before) + str(terminal.after)
    terminal.send("\x11")
    seen += rest_of(terminal)
    words = _OWN.sub("", seen).replace("\r", "").replace("\n", "").replace("\x07", "")
    assert not {character for character in words if ord(character) in TERMINAL_GUARD and character != "\ufffd"}
    assert terminal.exitstatus == 0


def test_a_terminate_signal_saves_drafts_and_gives_the_terminal_back(terminal: pexpect.spawn, tmp_path: Path) -> None:
    terminal.kill(signal.SIGTERM)
    last = rest_of(terminal)
    assert terminal.exitstatus == 128 + signal.SIGTERM
    assert "\x1b[?1049l" in last
    assert "\x1b[?25h" in last
    assert (tmp_path / "draft").exists()


def test_a_closed_terminal_ends_the_app_with_its_drafts_saved(terminal: pexpect.spawn, tmp_path: Path) -> None:
    os.close(terminal.child_fd)
    _pid, status = os.waitpid(terminal.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP
    assert (tmp_path / "draft").exists()
    assert not (tmp_path / "log").exists()
