"""What is left until a promise is due, as a list shows it: `! LATE +00:03:10`, `R 00:06:12`, `= parts`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from deskapp.domain.i18n import _
from deskapp.domain.terms import Status
from deskapp.widgets.cells import Cell, Level, countdown

if TYPE_CHECKING:
    from deskapp.domain.sla import Shown
    from deskapp.domain.views import QueueRow

_SECOND = timedelta(seconds=1)


def level_of(clock: Shown, now: datetime) -> Level:
    """The colour of a countdown by the rules of the policy; what is overdue has a level of its own."""
    if clock.paused_at is None and clock.overdue(now):
        return "late"
    return clock.colour(now).value


def clock_of(length: timedelta) -> str:
    """A length as `02:10:03`; from a hundred hours on in days, eight cells at most: `6d 04:00`, `434d 04h`, `4338d`."""
    seconds = abs(length) // _SECOND
    days, hours = divmod(seconds // 3600, 24)
    if days >= 1000:
        return f"{days}d"
    if days >= 10:
        return f"{days}d {hours:02}h"
    if seconds >= 360_000:
        return f"{days}d {hours:02}:{seconds % 3600 // 60:02}"
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def clock_cell(clock: Shown, now: datetime) -> Cell:
    """The countdown of a promise: sign and figure, in the time that the promise counts."""
    level = level_of(clock, now)
    if level == "paused":
        return countdown(_("paused"), level)
    left = clock.left(now)
    # The second that has begun is still there: a promise of 10 min starts at 00:10:00 and is late after 00:00:00.
    whole = -(-left // _SECOND) * _SECOND if left > timedelta(0) else left
    if level == "late":
        return countdown(f"{_('LATE')} +{clock_of(whole)}", level)
    return countdown(clock_of(whole), level)


def due_cell(due_at: datetime | None, target: int | None, now: datetime) -> Cell:
    """The countdown to an instant (aware UTC) that no policy governs: a visit, the deadline of a hand-over."""
    if due_at is None:
        return Cell("")
    # The rules of promises are many classes: they are imported with the first row, not before the first frame.
    from deskapp.domain.sla import plain_shown

    return clock_cell(plain_shown(due_at, timedelta(seconds=target or 86_400)), now)


def row_due(row: QueueRow, now: datetime) -> Cell:
    """The countdown of a ticket in a queue: that of its worst running clock."""
    # What is solved still has a promise: the call-back.
    if not row.status.is_open and (row.status is not Status.SOLVED or row.worst(now) is None):
        return countdown(_("done"), "done")
    if (clock := row.worst(now)) is not None:
        return clock_cell(clock, now)
    if row.status is Status.PAUSED:
        return countdown(_("paused"), "paused")
    return due_cell(row.due_at, row.due_target, now)
