"""An open clock as lists show it: due time, limits of the colours, calendar; enough to draw it at any moment."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.sla.amounts import Unit
from deskapp.domain.sla.clock import Clock, State
from deskapp.domain.sla.countdown import FOREVER, MARKS, OVERDUE_MARK, Colour
from deskapp.domain.sla.policy import Colours

_USUAL = Colours(0.25, 0.10, timedelta(minutes=30), 0.5, timedelta(minutes=10), 0.2)
_INSTANT = timedelta(microseconds=1)
_SEVERITY = {Colour.RED: 1, Colour.YELLOW: 2, Colour.GREEN: 3, Colour.PAUSED: 4}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a list knows of an open clock. `calendar` is None where time is real; `due_at` holds still while paused."""

    metric: str
    due_at: datetime
    span: timedelta
    yellow_from: timedelta
    red_from: timedelta
    calendar: WorkCalendar | None = None
    paused_at: datetime | None = None
    back_at: datetime | None = None

    def left(self, now: datetime) -> timedelta:
        """Time left until due in the target's measure, negative once it is past; it stands while paused or closed."""
        now = self.paused_at or now
        if self.calendar is None:
            return self.due_at - now
        if now <= self.due_at:
            return self.calendar.between(now, self.due_at)
        return -self.calendar.between(self.due_at, now)

    def overdue(self, now: datetime) -> bool:
        """Whether it is past its due time, or was when it paused."""
        return (self.paused_at or now) > self.due_at

    def colour(self, now: datetime) -> Colour:
        """Green, yellow, red or paused, by the limits of the policy."""
        if self.paused_at is not None:
            return Colour.PAUSED
        remains = self.left(now)
        if remains > self.yellow_from:
            return Colour.GREEN
        return Colour.RED if remains <= self.red_from or now > self.due_at else Colour.YELLOW

    def turns(self) -> tuple[datetime, datetime]:
        """When it turns yellow and red while it runs: the first instants at which `colour` says so."""
        return self._reached(self.yellow_from), self._reached(self.red_from)

    def _reached(self, limit: timedelta) -> datetime:
        """The first instant at which no more than `limit` is left."""
        if self.calendar is None:
            return self.due_at - limit
        at = self.calendar.subtract(self.due_at, limit)
        before = at - _INSTANT
        # Just as much is left at the closing time before: it turns then, not when the desk opens again.
        return at if self.calendar.is_open(before) else self.calendar.previous_open(before)

    def mark(self, now: datetime) -> str:
        """One ASCII sign that says what the colour says; overdue has its own."""
        return OVERDUE_MARK if self.overdue(now) else MARKS[self.colour(now)]


def plain_shown(due_at: datetime, span: timedelta, metric: str = "") -> Shown:
    """A due time in real time that no policy governs, such as that of a visit; its colours are the usual ones."""
    yellow, red = _USUAL.limits(span)
    return Shown(metric, due_at, span, yellow, red)


def worst_shown(clocks: Iterable[Shown], now: datetime) -> Shown | None:
    """The clock a ticket shows: overdue before red, yellow, green, then the earliest due; paused ones only alone."""
    return min(clocks, key=lambda clock: _rank(clock, now), default=None)


def shown_data(clocks: Iterable[Clock], colours: Callable[[str], Colours]) -> list[list[Any]]:
    """The open clocks as plain data, the earliest due first; `colours` gives those of a policy by its id."""
    rows = []
    for clock in clocks:
        if not clock.is_open:
            continue
        yellow, red = colours(clock.policy).limits(clock.span)
        pause = clock.pauses[-1] if clock.state is State.PAUSED else None
        real = clock.target.amount.unit is Unit.REAL
        rows.append(
            [
                clock.metric.value, clock.held_due.isoformat(), clock.span.total_seconds(), yellow.total_seconds(),
                red.total_seconds(), "" if real else clock.calendar, pause.since.isoformat() if pause else "",
                pause.back_at.isoformat() if pause and pause.back_at else "",
            ]
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row[6] != "", row[1]))


def shown_of(rows: Iterable[Any], calendar: Callable[[str], WorkCalendar]) -> tuple[Shown, ...]:
    """Read what `shown_data` wrote; `calendar` gives a version by its id."""
    return tuple(
        Shown(
            metric, datetime.fromisoformat(due), timedelta(seconds=span), timedelta(seconds=yellow),
            timedelta(seconds=red), calendar(version) if version else None,
            datetime.fromisoformat(paused) if paused else None, datetime.fromisoformat(back) if back else None,
        )
        for metric, due, span, yellow, red, version, paused, back in rows
    )  # fmt: skip


def first_turns(clocks: Iterable[Shown]) -> tuple[datetime | None, datetime | None]:
    """When a ticket turns yellow, and red: with the first of its running clocks. None where nothing runs."""
    turns = [clock.turns() for clock in clocks if clock.paused_at is None]
    if not turns:
        return None, None
    return min(yellow for yellow, _red in turns), min(red for _yellow, red in turns)


def _rank(clock: Shown, now: datetime) -> tuple[int, datetime]:
    if clock.paused_at is not None:
        return _SEVERITY[Colour.PAUSED], clock.back_at or FOREVER
    return 0 if now > clock.due_at else _SEVERITY[clock.colour(now)], clock.due_at
