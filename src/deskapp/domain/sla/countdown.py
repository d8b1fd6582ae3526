"""The countdown of a clock: time left, colour, mark and figure; one subtraction a tick."""

import heapq
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from deskapp.domain.calendar import HORIZON, WorkCalendar
from deskapp.domain.i18n import _
from deskapp.domain.sla.amounts import Unit
from deskapp.domain.sla.clock import OPEN_STATES, ZERO, Clock, State, left
from deskapp.domain.sla.policy import Colours

FOREVER = datetime.max.replace(tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)


class Colour(StrEnum):
    """What a countdown is drawn in; its mark says the same without colour."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Countdown:
    """A clock between two changes of its calendar: what is left falls evenly, or stands still.

    Right for instants from the one it was made at up to `valid_until`; then make it again. Time is in the target's
    measure: a clock of open time stands still while the desk is closed.
    """

    clock: Clock
    zero_at: datetime | None  # falling: left = zero_at - now
    fixed: timedelta  # standing: left
    yellow_from: timedelta
    red_from: timedelta
    valid_until: datetime

    def left(self, now: datetime) -> timedelta:
        """Time left until due, negative once it is past."""
        return self.fixed if self.zero_at is None else self.zero_at - now

    def share(self, now: datetime) -> float:
        """Share of the target that is left."""
        return self.left(now) / self.clock.span if self.clock.span else 0.0

    def overdue(self, now: datetime) -> bool:
        """Whether it is past due and still counts."""
        return self.clock.overdue(now)

    def colour(self, now: datetime) -> Colour:
        """The colour of section 3: green, yellow or red while running, else paused or done."""
        state = self.clock.state
        if state is State.PAUSED:
            return Colour.PAUSED
        if state is not State.RUNNING:
            return Colour.DONE
        remains = self.left(now)
        if remains > self.yellow_from:
            return Colour.GREEN
        return Colour.RED if remains <= self.red_from or self.clock.overdue(now) else Colour.YELLOW

    def mark(self, now: datetime) -> str:
        """One ASCII sign that says what the colour says; overdue has its own."""
        return OVERDUE_MARK if self.overdue(now) else MARKS[self.colour(now)]


MARKS = {Colour.GREEN: ".", Colour.YELLOW: "!", Colour.RED: "#", Colour.PAUSED: "=", Colour.DONE: "-"}
OVERDUE_MARK = "+"
_SEVERITY = {Colour.RED: 1, Colour.YELLOW: 2, Colour.GREEN: 3, Colour.PAUSED: 4, Colour.DONE: 5}
GRADE_RANK = {"red": 0, "yellow": 1, "green": 2}


def countdown(clock: Clock, calendar: WorkCalendar, colours: Colours, now: datetime) -> Countdown:
    """Make the countdown of a clock as it runs at `now`."""
    remains = left(clock, calendar, now)
    yellow, red = colours.limits(clock.span)
    if clock.state is not State.RUNNING:
        return Countdown(clock, None, remains, yellow, red, FOREVER)
    if clock.target.amount.unit is Unit.REAL:
        return Countdown(clock, clock.due_at, remains, yellow, red, FOREVER)
    if not calendar.is_open(now):
        return Countdown(clock, None, remains, yellow, red, calendar.next_open(now))
    until = calendar.next_close(now) or now + HORIZON
    return Countdown(clock, now + remains, remains, yellow, red, until)


def colour_turns(clock: Clock, calendar: WorkCalendar, colours: Colours) -> tuple[datetime, ...]:
    """Return the instants at which a running clock turns yellow, red and overdue, in order; none for another."""
    if clock.state is not State.RUNNING or clock.running_since is None or clock.due_at is None:
        return ()
    shift, remaining = clock.target.amount.shift, clock.span - clock.used
    turns = [shift(calendar, clock.running_since, max(remaining - limit, ZERO)) for limit in colours.limits(clock.span)]
    return *turns, clock.due_at + _INSTANT


def worst(countdowns: Iterable[Countdown], now: datetime) -> Countdown | None:
    """Return the countdown a ticket shows: overdue before red, yellow, green, then the earliest due time.

    Paused ones, by planned return, come only when nothing runs; None when no clock is open.
    """
    still = [c for c in countdowns if c.clock.state in OPEN_STATES]
    return min(still, key=lambda c: (_severity(c, now), _when(c.clock)), default=None)


def queue_key(clocks: Iterable[Clock], grade: str) -> tuple[int, datetime, int]:
    """Return the place of a ticket in the queue; it does not depend on the time of day.

    Overdue (longest first), then due time: both are the earliest due time first. Paused tickets come last by their
    planned return, then those without an open clock. The grade breaks ties.
    """
    clocks = list(clocks)
    rank = GRADE_RANK.get(grade, len(GRADE_RANK))
    if running := [c.due_at for c in clocks if c.state is State.RUNNING and c.due_at is not None]:
        return 0, min(running), rank
    if paused := [_when(c) for c in clocks if c.state is State.PAUSED]:
        return 1, min(paused), rank
    return 2, FOREVER, rank


def figure(remains: timedelta, *, overdue: bool = False, seconds: bool = True) -> str:
    """Write the time left as `00:41:50` (or `00:41`), overdue with a sign as `+00:12:03`; hours may pass 99."""
    total = int(abs(remains).total_seconds())
    hours, minutes = divmod(total // 60, 60)
    text = f"{hours:02d}:{minutes:02d}" + (f":{total % 60:02d}" if seconds else "")
    return f"+{text}" if overdue or remains < ZERO else text


def late_figure(remains: timedelta) -> str:
    """Write an overdue time in words: `LATE 00:03:10`."""
    return f"{_('LATE')} {figure(abs(remains))}"


class CountdownBoard:
    """Many countdowns under one ticker: a tick touches only those that change colour or mark at that moment.

    Not safe between threads; it belongs to whoever draws it.
    """

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._rows: dict[Hashable, _Row] = {}
        self._heap: list[tuple[datetime, int, Hashable]] = []
        self._turn = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._rows

    def put(self, key: Hashable, clock: Clock, calendar: WorkCalendar, now: datetime) -> None:
        """Show a clock under a key, in the place of the one there."""
        self._turn += 1
        row = _Row(clock, calendar, colour_turns(clock, calendar, self._colours), self._turn)
        self._rows[key] = row
        self._await(key, row, now)

    def drop(self, key: Hashable) -> None:
        """Forget a key."""
        self._rows.pop(key, None)

    def row(self, key: Hashable, now: datetime) -> Countdown:
        """Return the countdown of a key, made again only when the desk opened or closed since. Raises KeyError."""
        row = self._rows[key]
        if row.countdown is None or not row.made_at <= now < row.countdown.valid_until:
            row.countdown, row.made_at = countdown(row.clock, row.calendar, self._colours, now), now
        return row.countdown

    def tick(self, now: datetime) -> list[Hashable]:
        """Move on to `now` and return the keys whose colour or mark changed since the last tick."""
        changed: list[Hashable] = []
        while self._heap and self._heap[0][0] <= now:
            _at, turn, key = heapq.heappop(self._heap)
            row = self._rows.get(key)
            if row is not None and row.turn == turn:  # otherwise it was replaced or dropped since
                self._await(key, row, now)
                changed.append(key)
        return changed

    def _await(self, key: Hashable, row: "_Row", now: datetime) -> None:
        if (at := next((turn for turn in row.turns if turn > now), None)) is not None:
            heapq.heappush(self._heap, (at, row.turn, key))


@dataclass(slots=True)
class _Row:
    clock: Clock
    calendar: WorkCalendar
    turns: tuple[datetime, ...]
    turn: int
    countdown: Countdown | None = None
    made_at: datetime = FOREVER


def _severity(row: Countdown, now: datetime) -> int:
    if row.clock.state is State.PAUSED:
        return _SEVERITY[Colour.PAUSED]
    return 0 if row.overdue(now) else _SEVERITY[row.colour(now)]


def _when(clock: Clock) -> datetime:
    if clock.state is State.PAUSED:
        return clock.pauses[-1].back_at or FOREVER
    return clock.due_at or FOREVER
