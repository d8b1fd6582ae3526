"""The app in a real pseudo-terminal: keys go in, bytes come out, a screen is drawn of them; waiting is for states."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pexpect
import pyte

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 40.0
"""Seconds after which a state counts as never reached; a machine under load needs many, a sound run none of them."""


class Terminal:
    """A program in a pseudo-terminal of its own. `raw` is everything it ever wrote."""

    def __init__(
        self, arguments: Sequence[str], environ: dict[str, str], *, size: tuple[int, int] = (120, 40), term: str = ""
    ) -> None:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        paths = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        environment = {"LANG": "C.UTF-8", "TERM": term or "xterm-256color", **inherited, "PYTHONPATH": paths, **environ}
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self.child = pexpect.spawn(
            sys.executable, list(arguments), env=environment, cwd=str(ROOT), dimensions=size[::-1], timeout=None
        )
        self.child.delaybeforesend = None

    def read(self, wait: float = 0.05) -> bool:
        """Take what was written within `wait` seconds; False when the program has ended and all is read."""
        try:
            part = self.child.read_nonblocking(65536, timeout=wait)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += part
        # pyte knows no private parameters with colons or angle brackets; they draw nothing.
        self._stream.feed(re.sub(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1bP[^\x1b]*\x1b\\|\x1b\]0;[^\x07]*\x07", b"", part))
        return True

    @property
    def shown(self) -> str:
        """The screen as text."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, state: Callable[[], bool], what: str) -> None:
        """Read until a state is there; AssertionError with the screen when it never comes."""
        deadline = time.monotonic() + PATIENCE
        while not state():
            goes_on = self.read()
            assert goes_on or state(), f"ended before {what}:\n{self.shown}\n{self.raw[-2000:]!r}"
            assert time.monotonic() < deadline, f"never came: {what}\n{self.shown}"

    def sees(self, text: str) -> None:
        """Wait until a text is on the screen."""
        self.until(lambda: text in self.shown, text)

    def presses(self, key: str, text: str) -> None:
        """Press a key until a text is on the screen, as a person does who sees that nothing happened."""
        asked = 0.0

        def state() -> bool:
            nonlocal asked
            if text not in self.shown and time.monotonic() - asked > 3:
                self.type(key)
                asked = time.monotonic()
            return text in self.shown

        self.until(state, text)

    def type(self, text: str) -> None:
        """Send keys as a terminal does."""
        self.child.send(text)

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        self._screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self.child.pid, number)

    def hang_up(self) -> None:
        """Close the window: the terminal is gone."""
        process = self.child.ptyproc
        process.fileobj.close()
        process.fd = self.child.child_fd = -1
        process.closed = self.child.closed = True

    def ends(self, patience: float = PATIENCE) -> int:
        """Wait for the end and return the exit code, negative for a signal."""
        deadline = time.monotonic() + patience
        while self.child.child_fd >= 0 and self.read():
            assert time.monotonic() < deadline, f"it does not end:\n{self.shown}"
        while True:
            done, status = os.waitpid(self.child.pid, os.WNOHANG)
            if done:
                self.child.terminated = True
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, "it does not end"
            time.sleep(0.02)

    def close(self) -> None:
        """End it, whatever it does."""
        if not self.child.terminated:
            try:
                os.kill(self.child.pid, signal.SIGKILL)
                os.waitpid(self.child.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
            self.child.terminated = True
        if self.child.child_fd >= 0:
            self.hang_up()
