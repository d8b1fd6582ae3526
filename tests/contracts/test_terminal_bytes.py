"""R7 in a real terminal: what the app sends while it shows hostile text is what it sends for any text, byte for byte.

R17: a crash that holds somebody's data tells none of it.
"""

import re
from pathlib import Path

import pytest

from tests.contracts.test_hostile_text import DIALOGS, OPENERS
from tests.contracts.test_qa_hostile_text import database_url, furnished
from tests.reliability.walk import CANARY
from tests.services.conftest import Floor, floor
from tests.support.terminal import Terminal

__all__ = ["database_url", "floor"]

# All that the app may send besides text: colours, the cursor's place, erasing, modes, the window's title, and the
# questions that Textual asks a terminal when it starts.
_OURS = re.compile(
    rb"\x1b\[[0-9;:]*m"
    rb"|\x1b\[\d+;\d+H|\x1b\[H|\x1b\[2J|\x1b\[\?(?:1049|1000|1002|1003|1006|1015|1016|1004|2004|2026|2048|25|7)[hl]"
    rb"|\x1b\[\?2026\$p|\x1b\[\?2048\$p|\x1b\[c|\x1b\[>[0-9;]*[um]|\x1b\[<u|\x1b\[=[0-9;]*u|\x1b\[\?u"
    rb"|\x1b\[2[23];0t|\x1b\[0?1?4t|\x1b\[>4;\d?m|\x1b\]0;[\x20-\x7e]*\x07|\x1bP=[12]s\x1b\\|\r\n|\x1b\]22;[a-z-]+\x07|\x1b7|\x1b8"
)
_ACTS = {
    "a C0 control": re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"),
    "a C1 control": re.compile(rb"\xc2[\x80-\x9f]"),
    "a bidi control": re.compile(rb"\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xd8\x9c"),
    "a tag character": re.compile(rb"\xf3\xa0[\x80-\x81][\x80-\xbf]"),
}


def acting(raw: bytes) -> dict[str, bytes]:
    """What in the bytes could act on a terminal and is not the app's own."""
    rest = _OURS.sub(b"", raw)
    found = {}
    for kind, pattern in _ACTS.items():
        if match := pattern.search(rest):
            found[kind] = rest[max(0, match.start() - 40) : match.end() + 40]
    return found


def walked(folder: Path, *names: str) -> Terminal:
    terminal = Terminal(["-m", "tests.reliability.walk", str(folder), *names], {}, size=(100, 34))
    try:
        terminal.ends(patience=200)
    finally:
        terminal.close()
    return terminal


@pytest.mark.parametrize("names", [tuple(OPENERS), tuple(DIALOGS), ("pages of QA",)], ids=["screens", "dialogs", "qa"])
def test_nothing_that_a_customer_wrote_reaches_the_terminal_as_a_command(
    names: tuple[str, ...], tmp_path: Path, floor: Floor
) -> None:
    if names == ("pages of QA",):
        furnished(floor)
        (tmp_path / "now").write_text(floor.clock.now().isoformat())
    terminal = walked(tmp_path, *names)
    assert (tmp_path / "done").exists(), terminal.raw[-3000:].decode(errors="replace")
    assert (tmp_path / "done").read_text().split(" ") == " ".join(names).split(" ")
    assert len(terminal.raw) > 1000 * len(names), "nothing was painted"
    assert "冷蔵庫".encode() in terminal.raw, "the hostile texts were not even shown"
    assert acting(terminal.raw) == {}


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (b"\x1b]52;c;ZXZpbA==\x07", "a C0 control"),
        (b"\x1b[6n", "a C0 control"),
        (b"\x1b]0;\xe5\x86\xb7\x07", "a C0 control"),
        (b"text \x08\x08", "a C0 control"),
        (b"\xc2\x9b31m", "a C1 control"),
        ("left\u202eright".encode(), "a bidi control"),
        ("\U000e0041".encode(), "a tag character"),
    ],
)
def test_the_scan_finds(sent: bytes, kind: str) -> None:
    assert set(acting(b"\x1b[1;1Hsome\x1b[0m" + sent)) == {kind}


def test_a_crash_tells_nobodys_data(tmp_path: Path) -> None:
    terminal = walked(tmp_path, "crash")
    log = (tmp_path / "desk.log").read_text()
    assert "ZeroDivisionError" in log
    told = terminal.raw.partition(b"Traceback")[0]
    assert b"incident" in told
    assert CANARY.encode() not in told
    assert CANARY not in log
