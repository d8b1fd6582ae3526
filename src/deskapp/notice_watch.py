"""A seat's part in notices: sweeps when it is its turn, sleeps until the next threshold, says what is new."""

import os
from datetime import datetime, timedelta
from uuid import UUID

from deskapp.domain.i18n import _
from deskapp.domain.notice_words import sentence
from deskapp.domain.permissions import may
from deskapp.domain.views_time import NoticeLine, SweepState
from deskapp.seat import Seat
from deskapp.services.requests.notices import GetNotices, GetSweep, SweepNotices

_AT_MOST = timedelta(seconds=30)
"""How long it sleeps: then it looks whether the seat that sweeps is still there."""


class NoticeWatch:
    """Not safe between threads; it belongs to the app's loop. Raises DeskError, and nothing else."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        self._holder = f"{os.uname().nodename if hasattr(os, 'uname') else 'seat'}-{os.getpid()}"
        self._known: set[UUID] = set()
        self._next: datetime | None = None
        self._busy = False

    def due(self, now: datetime) -> bool:
        """Whether it is time to look."""
        actor = self._seat.actor
        allowed = actor is not None and self._seat.rings and may(actor, GetSweep.action)
        return allowed and not self._busy and (self._next is None or now >= self._next)

    def wake(self) -> None:
        """Something changed: a threshold may lie nearer now."""
        self._next = None

    async def look(self) -> tuple[NoticeLine, ...]:
        """Sweep if it is this seat's turn; return what has not been said here yet, the gravest first."""
        self._busy = True
        try:
            now = self._seat.clock.now()
            self._next = now + _AT_MOST
            state: SweepState = await self._seat.ask(GetSweep(holder=self._holder))
            if state.mine and state.next_at is not None and state.next_at <= now:
                await self._seat.carry_out(SweepNotices(holder=self._holder))
            elif state.next_at is not None:
                # Behind the one that sweeps, so that what it tells is there.
                self._next = min(self._next, max(state.next_at, now) + timedelta(seconds=0 if state.mine else 2))
            found: tuple[NoticeLine, ...] = await self._seat.ask(GetNotices())
        finally:
            self._busy = False
        new = tuple(line for line in found if line.id not in self._known)
        self._known.update(line.id for line in new)
        return new


def toasts_of(lines: tuple[NoticeLine, ...]) -> list[tuple[str, str, str]]:
    """Notices as toasts: text, severity, more lines; those of the same weight become one, for toasts hide the list."""
    grave = [line for line in lines if line.kind == "red"]
    handed = [line for line in lines if line.kind == "shift"]
    others = [line for line in lines if line.kind not in ("red", "shift")]
    toasts = [
        (_("RED {ticket}: {subject}").format(ticket=line.ticket, subject=line.subject), "error", "\n".join(
            f"{n}. {step}" for n, step in enumerate(line.checklist, 1)
        ))
        for line in grave[:1]
    ]  # fmt: skip
    if grave[1:]:
        toasts.append((_("{count} more red tickets").format(count=len(grave) - 1), "error", _names(grave[1:])))
    if handed:
        text = _("{count} duties were handed over to you").format(count=len(handed))
        toasts.append((text, "warning", _names(handed)))
    if len(others) > 1:
        text = _("{count} notices on promises").format(count=len(others))
        gravest = "error" if any(_severity(line) == "error" for line in others) else "warning"
        return [*toasts, (text, gravest, _names(others))]
    return toasts + [(sentence(line), _severity(line), "") for line in others]


def _names(lines: list[NoticeLine]) -> str:
    return "  ".join(sorted({line.ticket for line in lines})[:12])


def _severity(line: NoticeLine) -> str:
    return "warning" if line.kind.startswith("used") or line.kind == "return" else "error"
