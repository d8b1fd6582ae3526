"""What is left until a promise is due, as a list shows it: `LATE +00:03:10`, `R 00:06:12`, `g 02:10:03`, `= paused`."""

from datetime import datetime, timedelta

from deskapp.domain.i18n import _
from deskapp.domain.terms import Status
from deskapp.domain.views import QueueRow
from deskapp.widgets.cells import Cell, Level, countdown

_SECOND = timedelta(seconds=1)


def level_of(left: timedelta, target: timedelta) -> Level:
    """The colour of a countdown: yellow from a quarter of the target or 30 min, red from a tenth or 10 min."""
    if left < timedelta(0):
        return "late"
    if left <= max(target * 0.10, min(timedelta(minutes=10), target * 0.2)):
        return "red"
    if left <= max(target * 0.25, min(timedelta(minutes=30), target * 0.5)):
        return "yellow"
    return "green"


def clock_of(length: timedelta) -> str:
    """A length as `02:10:03`; from a hundred hours on in days: `6d 04:00`."""
    seconds = abs(length) // _SECOND
    if seconds >= 360_000:
        return f"{seconds // 86_400}d {seconds % 86_400 // 3600:02}:{seconds % 3600 // 60:02}"
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def due_cell(due_at: datetime | None, target: int | None, now: datetime) -> Cell:
    """The countdown to an instant (aware UTC); `target` is the promise's whole length in seconds."""
    if due_at is None:
        return Cell("")
    left = due_at - now
    # The second that has begun is still there: a promise of 10 min starts at 00:10:00 and is late after 00:00:00.
    whole = -(-left // _SECOND) * _SECOND if left > timedelta(0) else left
    level = level_of(left, timedelta(seconds=target or 86_400))
    if level == "late":
        return countdown(f"{_('LATE')} +{clock_of(whole)}", "late")
    return countdown(clock_of(whole), level)


def row_due(row: QueueRow, now: datetime) -> Cell:
    """The countdown of a ticket in a queue."""
    if row.status is Status.PAUSED:
        return countdown(_("paused"), "paused")
    if not row.status.is_open:
        return countdown(_("done"), "done")
    return due_cell(row.due_at, row.due_target, now)
