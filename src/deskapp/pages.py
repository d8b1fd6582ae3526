"""Pages to print: kept for a week beside a seat's log, readable by its owner alone."""

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from deskapp.seat import Seat

FOLDER = "pages"
_KEPT = timedelta(days=7)


class KeepsPages:
    """What an app does with pages for its screens."""

    seat: Seat

    def keep_page(self, name: str, text: str) -> Path:
        """Write a page to print beside this seat's log; those of a week ago go. Raises OSError."""
        return keep_page(self.seat.incidents.path.parent, name, text, self.seat.clock.now())


def keep_page(folder: Path, name: str, text: str, now: datetime) -> Path:
    """Write a page and return where it is; older ones are taken away (`now`: aware). Raises OSError."""
    place = folder / FOLDER
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in place.iterdir():
        if now.timestamp() - old.stat().st_mtime > _KEPT.total_seconds():
            old.unlink(missing_ok=True)
    path = place / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as page:
        page.write(text)
    return path


def forget_pages(folder: Path, words: Iterable[str]) -> int:
    """Take away every page that holds one of these words: a customer was erased; returns how many there were."""
    place, wanted, gone = folder / FOLDER, [word for word in words if word], 0
    for page in place.iterdir() if place.exists() else ():
        text = page.read_text("utf-8", errors="replace")
        if any(word in text for word in wanted):
            page.unlink(missing_ok=True)
            gone += 1
    return gone


__all__ = ["KeepsPages", "forget_pages", "keep_page"]
