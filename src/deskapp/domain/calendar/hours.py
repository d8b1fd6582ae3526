"""What a calendar says in wall-clock terms: spans of a day, weeks in force from a date, day rows, closures."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 86_400
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open wall time [opens, closes) in seconds after the midnight that begins its day.

    `closes` passes 86 400 when the span runs past midnight; it still belongs to the day on which it opens.
    """

    opens: int
    closes: int

    def __post_init__(self) -> None:
        if not (0 <= self.opens < DAY and self.opens < self.closes <= self.opens + DAY):
            raise Invalid(
                N_("The opening hours {hours} are not a span within one day."),
                hint=N_("Write them as 09:00-17:00; a closing time before the opening time is on the next day."),
                hours=f"{_clock(self.opens)}-{_clock(self.closes)}",
            )

    @classmethod
    def of(cls, opens: str, closes: str) -> Self:
        """Read two wall times `HH:MM` or `HH:MM:SS`; `24:00` is the end of the day. Raises Invalid."""
        start, end = clock_seconds(opens), clock_seconds(closes)
        return cls(start, end if end > start else end + DAY)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `09:00-17:00`. Raises Invalid."""
        opens, dash, closes = text.replace("\u2013", "-").partition("-")
        if not dash:
            raise Invalid(
                N_("“{text}” is not a span of opening hours."), hint=N_("Write it as 09:00-17:00."), text=text
            )
        return cls.of(opens.strip(), closes.strip())

    def __str__(self) -> str:
        return f"{_clock(self.opens)}-{_clock(self.closes if self.closes <= DAY else self.closes - DAY)}"


Spans = tuple[Span, ...]
Week = tuple[Spans, Spans, Spans, Spans, Spans, Spans, Spans]


@dataclass(frozen=True, slots=True)
class DayRow:
    """One date that differs from the week: closed (no spans) or open at its own hours."""

    day: date
    spans: Spans = ()
    name: str = ""

    @property
    def closed(self) -> bool:
        """Whether nothing opens on this date."""
        return not self.spans


@dataclass(frozen=True, slots=True)
class AnnualClosure:
    """A month and day on which the desk is closed every year; 29 February only where it exists."""

    month: int
    day: int
    name: str = ""

    def __post_init__(self) -> None:
        try:
            date(2000, self.month, self.day)
        except ValueError as error:
            raise Invalid(
                N_("There is no day {month}-{day} in any year."),
                hint=N_("Write month and day as 05-01."),
                month=self.month,
                day=self.day,
            ) from error


@dataclass(frozen=True, slots=True)
class WeekVersion:
    """The week and the annual closures in force from a local date on, until the next version."""

    week: Week
    since: date = date.min
    annual: tuple[AnnualClosure, ...] = ()
    closures: Mapping[tuple[int, int], str] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "closures", {(c.month, c.day): c.name for c in self.annual})


def week_of(days: Mapping[str, Iterable[Span]]) -> Week:
    """Build a week from `mon` … `sun`; a day that is missing is closed. Raises Invalid on another name."""
    if unknown := sorted(set(days) - set(WEEKDAYS)):
        raise Invalid(
            N_("“{day}” is not a day of the week."),
            hint=N_("The days are mon, tue, wed, thu, fri, sat, sun."),
            day=unknown[0],
        )
    mon, tue, wed, thu, fri, sat, sun = (tuple(sorted(days.get(day, ()))) for day in WEEKDAYS)
    return mon, tue, wed, thu, fri, sat, sun


def by_date(rows: Sequence[DayRow]) -> dict[date, DayRow]:
    """Index day rows by date; two rows on one date are refused."""
    index: dict[date, DayRow] = {}
    for row in rows:
        if row.day in index:
            raise Invalid(
                N_("{day} has two rows in the calendar."), hint=N_("Keep one row a date."), day=row.day.isoformat()
            )
        index[row.day] = row
    return index


def clock_seconds(text: str) -> int:
    """Read a wall time `HH:MM` or `HH:MM:SS` as seconds after midnight, up to 24:00. Raises Invalid."""
    match = _CLOCK.fullmatch(text)
    seconds = (
        sum(int(part or 0) * unit for part, unit in zip(match.groups(), (3600, 60, 1), strict=True)) if match else -1
    )
    if not 0 <= seconds <= DAY:
        raise Invalid(
            N_("“{text}” is not a time of day."), hint=N_("Write hours and minutes from 00:00 to 24:00."), text=text
        )
    return seconds


def _clock(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{second:02d}" if second else text
