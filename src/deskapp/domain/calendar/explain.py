"""Why a stretch of time holds so much open time: the spans counted and the closed days by name."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from deskapp.domain.calendar.work import WorkCalendar


class Why(StrEnum):
    """What closed a day."""

    DAY_ROW = "day_row"
    ANNUAL = "annual"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """A stretch that was counted: the local date it is on, from when to when (UTC), and how long it is."""

    day: date
    opens: datetime
    closes: datetime

    @property
    def length(self) -> timedelta:
        """Real elapsed time of the span."""
        return self.closes - self.opens


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A local date on which nothing opened; `name` is that of the holiday, empty for the week's own closed days."""

    day: date
    why: Why
    name: str = ""


@dataclass(frozen=True, slots=True)
class OpenTime:
    """The open time between two instants, taken apart. Dates are the desk's local dates."""

    start: datetime
    end: datetime
    zone: str
    spans: tuple[OpenSpan, ...]
    closed: tuple[ClosedDay, ...]
    special: tuple[tuple[date, str], ...]  # dates with hours of their own (make-up workdays, short days)
    unconfirmed: tuple[int, ...]  # years in it whose public holidays are a forecast

    @property
    def total(self) -> timedelta:
        """Sum of the spans counted; equals `WorkCalendar.between(start, end)`."""
        return sum((span.length for span in self.spans), timedelta(0))


def explain_open_time(calendar: WorkCalendar, start: datetime, end: datetime) -> OpenTime:
    """List what was counted between two instants; the work is one step a day, so it is for showing, not for sums."""
    first, last = calendar.local_date(start), calendar.local_date(max(start, end))
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    return OpenTime(
        start.astimezone(UTC),
        end.astimezone(UTC),
        calendar.zone.key,
        tuple(_by_day(calendar, start, end)),
        tuple(found for day in days if (found := _closed(calendar, day)) is not None),
        tuple((day, row.name) for day in days if (row := calendar.days.get(day)) is not None and row.spans),
        tuple(sorted({day.year for day in days} & calendar.unconfirmed)),
    )


def _by_day(calendar: WorkCalendar, start: datetime, end: datetime) -> list[OpenSpan]:
    spans = []
    for opens, closes in calendar.open_spans(start, end):
        # Open time that runs on over midnight is shown day by day, as people count it.
        while opens < closes:
            day = calendar.local_date(opens)
            midnight = calendar.instant(datetime.combine(day + timedelta(1), time()))
            until = min(closes, midnight) if midnight > opens else closes
            spans.append(OpenSpan(day, opens, until))
            opens = until
    return spans


def _closed(calendar: WorkCalendar, day: date) -> ClosedDay | None:
    if calendar.is_workday(day):
        return None
    if (row := calendar.days.get(day)) is not None and row.closed:
        return ClosedDay(day, Why.DAY_ROW, row.name)
    version = calendar.version_on(day)
    if version is not None and (name := version.closures.get((day.month, day.day))) is not None:
        return ClosedDay(day, Why.ANNUAL, name)
    return ClosedDay(day, Why.WEEK)
