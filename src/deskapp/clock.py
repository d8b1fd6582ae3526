"""The one place where the time is read."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time as an aware UTC datetime."""

    def now(self) -> datetime: ...


class AnchoredClock:
    """Runs on the monotonic clock from an anchor, so that a jump of the host's clock moves nothing.

    `offset` is what the database's clock is ahead of ours. `re_anchor` takes a jump over and returns it.
    """

    def __init__(
        self,
        offset: timedelta = timedelta(0),
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._monotonic, self.offset = wall, monotonic, offset
        self._at, self._tick = wall(), monotonic()

    def re_anchor(self) -> timedelta:
        """Anchor to the host's clock again; returns by how much it had jumped."""
        wall, tick = self._wall(), self._monotonic()
        jump = wall - self._at - (tick - self._tick)
        self._at, self._tick = wall, tick
        return timedelta(seconds=jump)

    def now(self) -> datetime:
        seconds = self._at + (self._monotonic() - self._tick)
        return datetime.fromtimestamp(seconds, UTC) + self.offset


class FrozenClock:
    """Stands still until it is moved; for tests and pictures."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, **amount: float) -> datetime:
        """Move on by a timedelta's arguments and return the new time."""
        self.at += timedelta(**amount)
        return self.at


class ReplayClock:
    """Runs from a past moment at a chosen speed: an hour of the log in a minute at speed 60."""

    def __init__(self, start: datetime, speed: float = 1.0, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.start, self.speed, self._monotonic = start, speed, monotonic
        self._tick = monotonic()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=(self._monotonic() - self._tick) * self.speed)
