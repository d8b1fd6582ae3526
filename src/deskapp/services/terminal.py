"""What the terminal can do: its kind, size, colours, encoding, and how wide it draws a Chinese character."""

import os
import re
import select
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Terminal:
    """What is known of a terminal; `wide` and `ambiguous` are the columns of 中 and →, None where it did not say."""

    interactive: bool
    kind: str = ""
    columns: int = 0
    rows: int = 0
    colours: int = 0
    encoding: str = ""
    wide: int | None = None
    ambiguous: int | None = None

    @property
    def utf8(self) -> bool:
        """Whether it is written to in UTF-8."""
        return self.encoding.lower().replace("-", "").replace("_", "") == "utf8"


def look_at_terminal(keyboard: TextIO, screen: TextIO, environ: Mapping[str, str] = os.environ) -> Terminal:
    """Describe the terminal behind two streams; asks it for the width of two characters, for half a second at most."""
    encoding = screen.encoding or ""
    if not (keyboard.isatty() and screen.isatty()):
        return Terminal(False, encoding=encoding)
    size = shutil.get_terminal_size((0, 0))
    kind = environ.get("TERM", "")
    wide = ambiguous = None
    if kind not in ("", "dumb"):
        wide = width_on_screen(keyboard.fileno(), screen.fileno(), "中")
        ambiguous = None if wide is None else width_on_screen(keyboard.fileno(), screen.fileno(), "→")
    return Terminal(True, kind, size.columns, size.lines, colours(environ), encoding, wide, ambiguous)


def colours(environ: Mapping[str, str]) -> int:
    """How many colours the environment promises."""
    kind = environ.get("TERM", "")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or kind.endswith("-direct"):
        return 1 << 24
    if "256" in kind:
        return 256
    return 0 if kind in ("", "dumb") or kind.endswith(("-m", "-mono")) else 16


def width_on_screen(keyboard: int, screen: int, character: str, patience: float = 0.5) -> int | None:
    """Draw a character, ask where the cursor is (CSI 6n), wipe it; None where the terminal does not answer in time."""
    import termios
    import tty

    before = termios.tcgetattr(keyboard)
    try:
        tty.setcbreak(keyboard)
        os.write(screen, f"\r{character}\x1b[6n".encode())
        answer, until = b"", time.monotonic() + patience
        while not (found := re.search(rb"\x1b\[\d+;(\d+)R", answer)):
            left = until - time.monotonic()
            if left <= 0 or not select.select([keyboard], [], [], left)[0]:
                return None
            answer += os.read(keyboard, 64)
        return int(found[1]) - 1
    finally:
        os.write(screen, b"\r\x1b[K")
        termios.tcsetattr(keyboard, termios.TCSANOW, before)
