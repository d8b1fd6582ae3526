"""The working calendar: open time added, subtracted and counted, with day rows, versions and time zone."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deskapp.domain.calendar.hours import DayRow, Spans, Week, WeekVersion, by_date
from deskapp.domain.calendar.timeline import Table, Timeline, span_us, to_datetime, to_us
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

HORIZON = timedelta(days=400)


class WorkCalendar:
    """When a desk is open: a time zone, a week, and rows for single dates. Immutable, safe between threads.

    All instants are aware datetimes, answers are in UTC; amounts are real elapsed time. Spans are half-open:
    09:00-17:00 holds 09:00 and not 17:00. A day row wins over annual closures and the week; breaks are cut out of
    whatever is open on their date. `version_id` is a hash of the content: equal ids, equal answers.
    """

    __slots__ = ("_days", "_sinces", "_timeline", "breaks", "key", "unconfirmed", "version_id", "versions", "zone")

    def __init__(
        self,
        key: str,
        zone: str,
        versions: Sequence[WeekVersion],
        *,
        days: Sequence[DayRow] = (),
        breaks: Mapping[date, Spans] | None = None,
        unconfirmed: Iterable[int] = (),
    ) -> None:
        """`unconfirmed` names the years whose public holidays are a forecast. Raises Invalid."""
        self.key = key
        self.zone = _zone(zone)
        self.versions = tuple(sorted(versions, key=lambda v: v.since))
        self.breaks = dict(sorted((breaks or {}).items()))
        self.unconfirmed = frozenset(unconfirmed)
        self._days = dict(sorted(by_date(days).items()))
        self._sinces = [v.since for v in self.versions]
        if len(set(self._sinces)) < len(self._sinces):
            raise Invalid(
                N_("Two versions of the week begin on the same date."), hint=N_("Give each version its own date.")
            )
        if not any(any(v.week) for v in self.versions) and not any(row.spans for row in self._days.values()):
            raise Invalid(N_("The calendar is never open."), hint=N_("Give it opening hours on at least one day."))
        self.version_id = self._content_hash()
        dated = [d.year for d in (*self._days, *self.breaks, *self._sinces) if d != date.min] or [1970]
        self._timeline = Timeline(self.zone, self.spans_on, self.breaks, (min(dated), max(dated)))

    @classmethod
    def weekly(cls, zone: str, week: Week, *, key: str = "", days: Sequence[DayRow] = ()) -> "WorkCalendar":
        """Make a calendar with one week for all time."""
        return cls(key, zone, [WeekVersion(week)], days=days)

    @property
    def days(self) -> Mapping[date, DayRow]:
        """The day rows by date, in order."""
        return self._days

    def with_days(self, rows: Iterable[DayRow], *, remove: Iterable[date] = ()) -> "WorkCalendar":
        """Return the calendar with these day rows in the place of those it has on the same dates."""
        days = {**{d: r for d, r in self._days.items() if d not in set(remove)}, **{r.day: r for r in rows}}
        return self._changed(days=tuple(days.values()))

    def with_week(self, since: date, week: Week) -> "WorkCalendar":
        """Return the calendar with another week in force from a local date on."""
        kept = [v for v in self.versions if v.since < since]
        annual = kept[-1].annual if kept else ()
        return self._changed(versions=(*kept, WeekVersion(week, since, annual)))

    # -- open time ---------------------------------------------------------------------------------------------

    def add(self, start: datetime, amount: timedelta) -> datetime:
        """Return the earliest instant at which `amount` of open time has passed since `start`.

        An exact fit ends at closing time. Nothing to add rolls forward to the first open moment.
        Raises Invalid for a negative amount or when the calendar never opens that long.
        """
        if (need := _amount(amount)) == 0:
            return self.next_open(start)
        at = to_us(start)
        table = self._timeline.around(at)
        while (goal := table.position(at) + need) > table.total:
            table = self._timeline.later(table)
        return to_datetime(table.earliest(goal))

    def subtract(self, end: datetime, amount: timedelta) -> datetime:
        """Return the latest instant from which `amount` of open time passes until `end`; the mirror of `add`."""
        if (need := _amount(amount)) == 0:
            return self.previous_open(end)
        at = to_us(end)
        table = self._timeline.around(at)
        while (goal := table.position(at) - need) < 0:
            table = self._timeline.earlier(table)
        return to_datetime(table.latest(goal))

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time in [start, end); zero when `end` is not after `start`."""
        a, b = to_us(start), to_us(end)
        if b <= a:
            return timedelta(0)
        table = self._holding(a, b)
        return timedelta(microseconds=table.position(b) - table.position(a))

    def is_open(self, at: datetime) -> bool:
        """Whether the desk is open at that instant."""
        us = to_us(at)
        table = self._timeline.around(us)
        i = bisect_right(table.opens, us) - 1
        return i >= 0 and us < table.closes[i]

    def next_open(self, at: datetime) -> datetime:
        """Return the first open instant at or after `at`. Raises Invalid when there is none."""
        us = to_us(at)
        table = self._timeline.around(us)
        while (i := bisect_right(table.closes, us)) == len(table.closes):
            table = self._timeline.later(table)
        return to_datetime(max(us, table.opens[i]))

    def previous_open(self, at: datetime) -> datetime:
        """Return the latest instant at or before `at` that lies in open time or ends it."""
        us = to_us(at)
        table = self._timeline.around(us)
        while (i := bisect_left(table.opens, us) - 1) < 0:
            table = self._timeline.earlier(table)
        return to_datetime(min(us, table.closes[i]))

    def next_close(self, at: datetime) -> datetime | None:
        """Return the end of the open time that holds `at` or comes next; None if it lasts over 400 days."""
        opens = to_us(self.next_open(at))
        table = self._timeline.around(opens)
        while True:
            closes = table.closes[bisect_right(table.opens, opens) - 1]
            if closes - opens > span_us(HORIZON):
                return None
            if closes < table.safe_to:  # the last stretch of a table may go on in the next year
                return to_datetime(closes)
            table = self._timeline.later(table)

    def boundary_after(self, at: datetime) -> datetime | None:
        """Return the first opening or closing after `at`; None if nothing changes for over 400 days."""
        if self.is_open(at):
            return self.next_close(at)
        opens = self.next_open(at)
        return opens if opens - at <= HORIZON else None

    def open_spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open stretches within [start, end), clipped to it; stretches that touch are one."""
        a, b = to_us(start), to_us(end)
        if b <= a:
            return
        table = self._holding(a, b)
        for i in range(bisect_right(table.closes, a), bisect_left(table.opens, b)):
            yield to_datetime(max(a, table.opens[i])), to_datetime(min(b, table.closes[i]))

    # -- working days ------------------------------------------------------------------------------------------

    def is_workday(self, day: date) -> bool:
        """Whether anything opens on that local date."""
        return bool(self._timeline.spans_of(day))

    def add_workdays(self, start: datetime, days: int, *, keep_time: bool = False) -> datetime:
        """Return the close of business of the n-th working day after the local date of `start`.

        With `keep_time`, the same time of day on that date, also where that is outside opening hours.
        Raises Invalid for less than one day.
        """
        if days < 1:
            raise Invalid(N_("At least one working day is needed."), hint=N_("Give a whole number from 1."))
        us = to_us(start)
        table = self._timeline.around(us)
        local = start.astimezone(self.zone)
        while (i := bisect_right(table.workdays, local.toordinal()) + days - 1) >= len(table.workdays):
            table = self._timeline.later(table)
        return self._on_day(local, table.workdays[i], table.day_ends[i], keep_time)

    def subtract_workdays(self, start: datetime, days: int, *, keep_time: bool = False) -> datetime:
        """Return the close of business of the n-th working day before the local date of `start`."""
        if days < 1:
            raise Invalid(N_("At least one working day is needed."), hint=N_("Give a whole number from 1."))
        table = self._timeline.around(to_us(start))
        local = start.astimezone(self.zone)
        while (i := bisect_left(table.workdays, local.toordinal()) - days) < 0:
            table = self._timeline.earlier(table)
        return self._on_day(local, table.workdays[i], table.day_ends[i], keep_time)

    def workdays_between(self, start: datetime, end: datetime) -> int:
        """Count the working days after the local date of `start`, up to and with that of `end`.

        So it is n for `end = add_workdays(start, n)`; zero when `end` is not on a later date.
        """
        first, last = (at.astimezone(self.zone).toordinal() for at in (start, end))
        if last <= first:
            return 0
        table = self._holding(to_us(start), to_us(end))
        return bisect_right(table.workdays, last) - bisect_right(table.workdays, first)

    # -- wall clock --------------------------------------------------------------------------------------------

    def instant(self, wall: datetime) -> datetime:
        """Turn a wall time without zone into UTC: in a gap it moves forward by the gap, of two it is the first."""
        return wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)

    def local_date(self, at: datetime) -> date:
        """Return the date at the desk at that instant."""
        return at.astimezone(self.zone).date()

    def spans_on(self, day: date) -> Spans:
        """Return the wall-clock spans that open on a local date, before breaks."""
        if (row := self._days.get(day)) is not None:
            return row.spans
        version = self.version_on(day)
        if version is None or (day.month, day.day) in version.closures:
            return ()
        return version.week[day.weekday()]

    def version_on(self, day: date) -> WeekVersion | None:
        """Return the version of the week in force on a local date."""
        i = bisect_right(self._sinces, day) - 1
        return self.versions[i] if i >= 0 else None

    def require_open(self, after: datetime) -> None:
        """Refuse a calendar without an open second in the 400 days after an instant. Raises Invalid."""
        if self.between(after, after + HORIZON) == timedelta(0):
            raise Invalid(
                N_("The calendar “{key}” is closed for the next 400 days."),
                hint=N_("Give it opening hours, or remove the closures that leave it shut."),
                key=self.key,
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkCalendar) and (self.key, self.version_id) == (other.key, other.version_id)

    def __hash__(self) -> int:
        return hash((self.key, self.version_id))

    def __repr__(self) -> str:
        return f"WorkCalendar({self.key!r}, {self.zone.key!r}, version_id={self.version_id!r})"

    def _holding(self, a: int, b: int) -> Table:
        self._timeline.around(a)
        return self._timeline.around(b)  # tables only grow: this one still holds `a`

    def _on_day(self, local: datetime, ordinal: int, day_end: int, keep_time: bool) -> datetime:
        if not keep_time:
            return to_datetime(day_end)
        return self.instant(datetime.combine(date.fromordinal(ordinal), local.time()))

    def _changed(
        self, *, versions: Sequence[WeekVersion] | None = None, days: Sequence[DayRow] | None = None
    ) -> "WorkCalendar":
        return WorkCalendar(
            self.key,
            self.zone.key,
            self.versions if versions is None else versions,
            days=tuple(self._days.values()) if days is None else days,
            breaks=self.breaks,
            unconfirmed=self.unconfirmed,
        )

    def _content_hash(self) -> str:
        content = (
            self.zone.key,
            self.versions,
            tuple(self._days.values()),
            tuple(self.breaks.items()),
            sorted(self.unconfirmed),
        )
        return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            N_("There is no time zone “{zone}”."),
            hint=N_("Use a name of the IANA database, such as Asia/Shanghai."),
            zone=name,
        ) from error


def _amount(amount: timedelta) -> int:
    us = span_us(amount)
    if us < 0:
        raise Invalid(N_("An amount of time may not be negative."), hint=N_("Use subtract to go back."))
    return us
