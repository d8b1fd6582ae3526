"""Walk through every screen and dialog in a real terminal, on a desk where all that is said is hostile.

`python -m tests.reliability.walk FOLDER NAME…` writes `done` into FOLDER once every screen was there; `crash` among the
names ends with an error that has somebody's data in its message and in the locals; `pages of QA` are those of the desk
in FOLDER, at the moment that is written in its file `now`.
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from deskapp.app import DeskApp
from deskapp.clock import FrozenClock
from deskapp.services.desk import Desk
from deskapp.store.engine import open_engine
from tests.contracts.test_hostile_text import DIALOGS, OPENERS, check, evil_desk
from tests.contracts.test_qa_hostile_text import PEOPLE, visit
from tests.tui.memory_desk import EVIL
from tests.tui.running import settled

CANARY = "Canary-13800138000"


async def walk(names: list[str], folder: Path) -> None:
    """Open the app anew for each screen, come to it, paint everything."""
    for name in names:
        if name == "pages of QA":
            await _qa(folder)
            continue
        desk = evil_desk()
        login = EVIL[2] if name == "sign_on" else "chen"
        app = DeskApp(lambda desk=desk: desk, desk.clock, login=login, log_path=folder / "desk.log", ticking=False)
        async with app.run_test(headless=False, size=None) as pilot:
            await settled(app)
            if name == "crash":
                app.screen.call_later(_broken)
                await pilot.pause()
                continue
            await (OPENERS | DIALOGS)[name](app, pilot)
            app.tick()
            await settled(app)
            check(app)
            app.refresh()
            await settled(app)


async def _qa(folder: Path) -> None:
    clock = FrozenClock(datetime.fromisoformat((folder / "now").read_text()))
    engine = open_engine(f"sqlite:///{folder / 'desk.db'}")
    for login in PEOPLE:
        desk = Desk(engine, clock)
        app = DeskApp(lambda desk=desk: desk, clock, login=login, log_path=folder / "desk.log", ticking=False)
        async with app.run_test(headless=False, size=None) as pilot:
            await settled(app)
            await visit(app, pilot, login)
    engine.dispose()


def _broken() -> None:
    customer = {"phone": CANARY}
    raise ZeroDivisionError(f"{CANARY} {len(customer)}")


def main() -> None:
    folder, names = Path(sys.argv[1]), sys.argv[2:]
    asyncio.run(walk(names, folder))
    (folder / "done").write_text(" ".join(names))


if __name__ == "__main__":
    main()
