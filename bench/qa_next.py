"""Measure scoring: keys for a record, and the time from ctrl+s until the next record is painted.

`python -m bench.qa_next [RECORDS]`: a round over 30 % of the demo desk's last month, one rater, the app in a terminal
of 120×40 without the terminal's own time.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from bench.pictures import NOW, ZONE
from bench.qa_desk import make_round
from deskapp.app import DeskApp
from deskapp.bootstrap import open_desk
from deskapp.clock import FrozenClock
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_views import ScoreSheet
from deskapp.domain.score_pad import Pad
from deskapp.screens.qa.score import ScoreScreen
from deskapp.services.qa.kept import KINDS
from deskapp.settings import load


def keys_for(pad: Pad, sheet: ScoreSheet) -> list[str]:
    """What a rater presses for a record: lines until each item has its kinds of evidence, a digit, and on."""
    pressed: list[str] = []
    lines, at = sheet.snapshot.lines, 0
    for item in pad.missing:
        kinds: set[str] = set()
        tried = 0
        while len(kinds) < item.evidence_kinds and tried < len(lines):
            kinds.add(KINDS[lines[at].kind])
            at, tried = (at + 1) % len(lines), tried + 1
            pressed.append("e")
        pressed.append("0" if item.scale.pass_fail else "9")
    return [*pressed, "ctrl+s"]


async def measure(records: int) -> tuple[list[float], list[int]]:
    """Return the seconds from each ctrl+s to the next record on the screen, and the keys of each record."""
    from deskapp.services.demo import make_demo

    waits, counts = [], []
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "demo.db"
        make_demo(str(path), "en", NOW, os_user="demo")
        qa = make_round(f"sqlite:///{path}", "en", NOW, Stage.SCORING, share=Fraction(3, 10))
        qa.desk.engine.dispose()
        settings, clock = load(flags={"database": str(path)}, environ={}, file=Path(place) / "x.toml"), FrozenClock(NOW)
        app = DeskApp(lambda: open_desk(settings, clock=clock), clock, login="qa2", log_path=Path(place) / "log",
                      zone=ZONE, ticking=False)  # fmt: skip
        async with app.run_test(size=(120, 40)) as pilot:
            while app.actor is None:
                await pilot.pause(0.02)
            await pilot.press("3", "s")
            for _record in range(records):
                screen = await _scoring(app, pilot)
                assert screen.pad is not None and screen.sheet is not None
                *before, last = keys_for(screen.pad, screen.sheet)
                await pilot.press(*before)
                sheet, began = screen.sheet, time.perf_counter()
                await pilot.press(last)
                while time.perf_counter() < began + 20 and (screen.sheet is sheet or screen._layout_required):
                    await asyncio.sleep(0)
                waits.append(time.perf_counter() - began)
                counts.append(len(before) + 1)
    return waits, counts


async def _scoring(app: DeskApp, pilot: object) -> ScoreScreen:
    while not (isinstance(app.screen, ScoreScreen) and app.screen.pad is not None):
        await pilot.pause(0.02)  # type: ignore[attr-defined]
    return app.screen


def main() -> None:
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    waits, counts = asyncio.run(measure(records))
    print(f"records {records}   keys each: median {statistics.median(counts):g}, most {max(counts)}")
    print(f"ctrl+s to next record: median {statistics.median(waits) * 1000:.0f} ms, most {max(waits) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
