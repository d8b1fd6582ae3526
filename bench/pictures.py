"""Draw the pictures of the README from the real screens of a demo desk: `make pictures`.

Each picture is an SVG that the app itself exports, with the widths of Chinese characters mended (Rich counts letters,
not cells) and without the web font it would fetch.
"""

import asyncio
import html
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from deskapp.app import DeskApp
from deskapp.bootstrap import open_desk
from deskapp.clock import FrozenClock
from deskapp.domain.qa_loop import Stage
from deskapp.preferences import Preferences
from deskapp.settings import load

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
NOW = datetime(2026, 11, 20, 1, 41, 7, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: who is signed on, which keys lead there; `>中文|English` is typed in the language of the picture.

    `stage` is how far a round of QA is on that desk; none: the demo desk as it is.
    """

    name: str
    role: str
    keys: Sequence[str]
    size: tuple[int, int] = (120, 36)
    stage: str = ""


SHOTS = (
    Shot("desk", "agent", ()),
    Shot("ticket", "agent", ("enter",)),
    Shot("customer", "agent", ("u",)),
    Shot("intake", "agent", ("n", ">1380|Priya")),
    Shot(
        "guided",
        "agent",
        (
            "n",
            ">13912345678|07700900123",
            "f9",
            ">问题|Problem",
            "enter",
            ">xyj|wash",
            "enter",
            "f9",
            ">声音|sound",
            "enter",
        ),
    ),
    Shot("queue", "lead", ("2",)),
    # A letter too many: the finding stands below the source, the play beside it goes on with what ran last.
    Shot(
        "authoring",
        "lead",
        ("8", *["down"] * 3, "enter", "f3", "2", "f3", *["down"] * 7, ">x|x", "ctrl+s"),
        (120, 40),
    ),
    Shot("practice", "agent", ("7", "enter", "f3", "f3"), (120, 36)),
    Shot(
        "slots",
        "lead",
        ("6", "m", ">上门|Field", "enter", "enter", "backspace", ">8|8", "tab", "right", "ctrl+s"),
        (110, 20),
    ),
    Shot("calendar", "lead", ("9",)),
    Shot("wallboard", "lead", ("w",), (120, 40)),
    Shot("desk-80x24", "agent", (), (80, 24)),
    Shot("qa-score", "qa2", ("3", "s", "e", "e", "9", "e", "e", "8", "e", "m", "enter"), (120, 34), "scoring"),
    Shot("qa-score-80x24", "qa2", ("3", "s", "e", "e", "9", "e", "e", "8"), (80, 24), "scoring"),
    Shot("qa-compare", "qa1", ("3", "tab", "enter", "c"), (120, 34), "revealed"),
    Shot("qa-round", "qa1", ("3", "tab", "enter"), (120, 26), "revealed"),
    Shot("qa-report", "qa1", ("3", "tab", "enter", "f"), (120, 26), "released"),
    Shot("qa-report-heat", "qa1", ("3", "tab", "enter", "f", *["down"] * 4), (120, 26), "released"),
)

_TEXT = re.compile(r'<text (?P<head>[^>]*?)x="(?P<x>[\d.]+)" (?P<y>y="[^"]*") textLength="(?P<length>[\d.]+)"'
                   r'(?P<rest>[^>]*)>(?P<text>.*?)</text>', re.S)  # fmt: skip
_FONT = re.compile(r"@font-face\s*\{.*?\}", re.S)


def mend(svg: str) -> str:
    """Put each run of wide or narrow letters where its cells are, and leave fonts to the reader's machine."""
    return _FONT.sub("", _TEXT.sub(_spread, svg)).replace(
        "Fira Code", "Sarasa Mono SC, Noto Sans Mono CJK SC, Fira Code"
    )


def _spread(match: re.Match[str]) -> str:
    text = html.unescape(match["text"])
    letters, cells = len(text), cell_len(text)
    if letters in (0, cells):
        return match[0]
    # Rich counted letters; a cell is as wide as it took a letter to be.
    cell, place, parts = float(match["length"]) / letters, float(match["x"]), []
    for is_wide, group in groupby(text, key=lambda letter: cell_len(letter) == 2):
        run = "".join(group)
        # Wide letters stand alone: no font draws them exactly two cells wide.
        for piece in run if is_wide else [run]:
            length = cell_len(piece) * cell
            if piece.strip():
                parts.append(
                    f'<text {match["head"]}x="{place:g}" {match["y"]} textLength="{length:g}"{match["rest"]}>'
                    f"{html.escape(piece).replace(' ', '&#160;')}</text>"
                )
            place += length
    return "".join(parts)


async def draw(language: str, shots: Sequence[Shot], folder: Path) -> None:
    """Make a demo desk in one language and draw the shots of it."""
    from deskapp.services.demo import make_demo

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "demo.db"
        made = make_demo(str(path), language, NOW, os_user="demo")
        people = {"agent": made.agent, "lead": made.lead}
        for shot in shots:
            desk = path if not shot.stage else _in_round(path, language, shot.stage)
            settings = load(
                flags={"database": str(desk), "language": language}, environ={}, file=Path(place) / "x.toml"
            )
            clock = FrozenClock(NOW)
            app = DeskApp(
                lambda settings=settings, clock=clock: open_desk(settings, clock=clock),  # type: ignore[misc]
                clock,
                login=people.get(shot.role, shot.role),
                log_path=Path(place) / "log",
                preferences=Preferences(language=language),
                zone=ZONE,
                ticking=False,
            )
            async with app.run_test(size=shot.size) as pilot:
                await _settled(app)
                for key in shot.keys:
                    await pilot.press(*(_typed(key, language) if key.startswith(">") else [key]))
                    await _settled(app)
                svg = app.export_screenshot(title="deskapp")
            target = folder / f"{shot.name}-{language}.svg"
            target.write_text(mend(svg), encoding="utf-8")
            print(target.relative_to(FOLDER.parent.parent))


def _in_round(demo: Path, language: str, stage: str) -> Path:
    """A copy of the demo desk on which a round of QA has come to a stage."""
    from bench.qa_desk import make_round

    desk = demo.with_name(f"{stage}.db")
    if not desk.exists():
        shutil.copyfile(demo, desk)
        desk.chmod(0o600)
        make_round(f"sqlite:///{desk}", language, NOW, Stage(stage)).desk.engine.dispose()
    return desk


def _typed(key: str, language: str) -> list[str]:
    chinese, _bar, english = key[1:].partition("|")
    return ["space" if letter == " " else letter for letter in (chinese if language == "zh" else english)]


async def _settled(app: DeskApp) -> None:
    for _ in range(3):
        while app.busy or any(not worker.is_finished for worker in app.workers):
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.05)


def main(arguments: Sequence[str]) -> None:
    """Draw all pictures, or those named."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shots = [shot for shot in SHOTS if not arguments or shot.name in arguments]
    for language in ("en", "zh"):
        asyncio.run(draw(language, shots, FOLDER))


if __name__ == "__main__":
    main(sys.argv[1:])
