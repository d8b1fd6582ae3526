"""Amounts of promised time: `24h` (real), `8h open` (calendar time), `3 workdays`; read, written, turned into dues."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(d|h|min|m|s)\s*", re.ASCII)
_SECONDS = {"d": 86_400, "h": 3_600, "min": 60, "m": 60, "s": 1}
_WORKDAYS = re.compile(r"(\d{1,4})\s*workdays?(\s+same time)?", re.ASCII)
_LONGEST = timedelta(days=3660)


class Unit(StrEnum):
    """What an amount is counted in."""

    REAL = "real"
    OPEN = "open"
    WORKDAYS = "workdays"


@dataclass(frozen=True, slots=True)
class Amount:
    """A promised time: a length in real or open time, or a number of working days.

    Working days are due at the close of business of the n-th, or with `keep_time` at the same time of day. Once
    their due time is known they are counted in open time, so that pauses and shares work alike for all three.
    """

    unit: Unit
    length: timedelta = timedelta(0)
    days: int = 0
    keep_time: bool = False

    def __post_init__(self) -> None:
        positive = self.days > 0 if self.unit is Unit.WORKDAYS else self.length > timedelta(0)
        if not positive or self.length > _LONGEST or self.days > _LONGEST.days:
            raise Invalid(
                N_("A target must be more than nothing and less than ten years."), hint=N_("Write it as 24h.")
            )

    @classmethod
    def parse(cls, text: str) -> "Amount":
        """Read `30s`, `10min`, `1h 30min`, `24h`, `8h open`, `3 workdays`, `3 workdays same time`. Raises Invalid."""
        words = " ".join(text.split())
        if match := _WORKDAYS.fullmatch(words):
            return cls(Unit.WORKDAYS, days=int(match[1]), keep_time=match[2] is not None)
        clock = words.removesuffix("open").rstrip()
        parts = _PART.findall(clock)
        if not parts or _PART.sub("", clock):
            raise Invalid(
                N_("“{text}” is not an amount of time."),
                hint=N_("Write it as 24h, 8h open or 3 workdays."),
                text=text,
            )
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in parts)
        if seconds > _LONGEST.total_seconds():
            seconds = _LONGEST.total_seconds() + 1
        return cls(Unit.OPEN if clock != words else Unit.REAL, timedelta(seconds=seconds))

    def __str__(self) -> str:
        if self.unit is Unit.WORKDAYS:
            text = f"{self.days} workday{'' if self.days == 1 else 's'}"
            return f"{text} same time" if self.keep_time else text
        return f"{_length(self.length)} open" if self.unit is Unit.OPEN else _length(self.length)

    def due(self, calendar: WorkCalendar, start: datetime) -> datetime:
        """Return the instant (UTC) at which the amount is used up, counted from `start` without a pause."""
        if self.unit is Unit.REAL:
            return start + self.length
        if self.unit is Unit.OPEN:
            return calendar.add(start, self.length)
        return calendar.add_workdays(start, self.days, keep_time=self.keep_time)

    def measure(self, calendar: WorkCalendar, start: datetime, end: datetime) -> timedelta:
        """Return the time in [start, end) as this amount counts it: real, or open; never negative."""
        if self.unit is Unit.REAL:
            return max(end - start, timedelta(0))
        return calendar.between(start, end)

    def shift(self, calendar: WorkCalendar, due: datetime, by: timedelta) -> datetime:
        """Return the due time moved later by time of this amount's kind; by nothing it stays where it is."""
        if self.unit is Unit.REAL:
            return due + by
        return calendar.add(due, by) if by else due


@dataclass(frozen=True, slots=True)
class Offset:
    """A signed amount from a due time: `-10min`, `+1h open`, `+2 workdays` (same time of day)."""

    amount: Amount
    earlier: bool = False

    @classmethod
    def parse(cls, text: str) -> "Offset":
        """Read an amount with a leading + or -. Raises Invalid."""
        sign, rest = text.strip()[:1], text.strip()[1:]
        if sign not in ("+", "-"):
            raise Invalid(
                N_("“{text}” does not say whether it is before or after the due time."),
                hint=N_("Begin it with + or -, as in +1h."),
                text=text,
            )
        return cls(Amount.parse(rest), sign == "-")

    def __str__(self) -> str:
        return f"{'-' if self.earlier else '+'}{self.amount}"

    def of(self, calendar: WorkCalendar, due: datetime) -> datetime:
        """Return the instant that lies this far from a due time."""
        amount = self.amount
        if amount.unit is Unit.REAL:
            return due - amount.length if self.earlier else due + amount.length
        if amount.unit is Unit.OPEN:
            return calendar.subtract(due, amount.length) if self.earlier else calendar.add(due, amount.length)
        step = calendar.subtract_workdays if self.earlier else calendar.add_workdays
        return step(due, amount.days, keep_time=True)


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number:.6f}".rstrip("0").rstrip(".") + unit for number, unit in parts if number)
