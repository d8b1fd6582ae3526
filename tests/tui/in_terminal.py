"""Runs in a real terminal, as a process of its own: a desk of hostile texts whose drafts leave a mark when saved."""

import sys
from pathlib import Path

from deskapp.app import DeskApp
from deskapp.screens.desk import HomeScreen
from tests.contracts.test_hostile_text import evil_desk


def main(folder: Path) -> int:
    desk = evil_desk()
    HomeScreen.save_draft = lambda self: (folder / "draft").touch()  # type: ignore[method-assign]
    app = DeskApp(lambda: desk, desk.clock, login="chen", log_path=folder / "log")
    return app.run() or 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
