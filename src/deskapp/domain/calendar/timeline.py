"""The open time of a calendar laid out on the line of instants, with running totals, built year by year on demand.

Every question becomes one or two binary searches, however far ahead it reaches. Instants are whole microseconds
after 1970-01-01T00:00Z. A table is never changed once it is visible: growing it makes a new one, so readers need
no lock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from deskapp.domain.calendar.hours import Spans
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND
FIRST_YEAR, LAST_YEAR = 1900, 2199  # time zone rules say nothing useful outside, and every loop needs a bound
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Table:
    """Open stretches of some whole years: when each opens and closes, and the open time before it."""

    first_year: int
    last_year: int
    safe_from: int  # what is open from here …
    safe_to: int  # … to here is complete
    opens: list[int]
    closes: list[int]
    before: list[int]
    total: int
    workdays: list[int]  # ordinals of the local dates on which something opens …
    day_ends: list[int]  # … and when the last span of that date closes

    def position(self, at: int) -> int:
        """Open time between the beginning of the table and `at`."""
        i = bisect_right(self.opens, at) - 1
        return 0 if i < 0 else self.before[i] + min(at, self.closes[i]) - self.opens[i]

    def earliest(self, position: int) -> int:
        """First instant at which `position` > 0 has been used: an exact fit ends at closing time."""
        i = bisect_left(self.before, position) - 1
        return self.opens[i] + position - self.before[i]

    def latest(self, position: int) -> int:
        """Last instant with that position: an exact fit backwards ends at opening time."""
        i = bisect_right(self.before, position) - 1
        return self.opens[i] + position - self.before[i]


class Timeline:
    """Tables of one calendar, grown when a question reaches outside the one at hand. Safe between threads."""

    def __init__(
        self,
        zone: ZoneInfo,
        spans_on: Callable[[date], Spans],
        breaks: dict[date, Spans],
        dated_years: tuple[int, int],
    ) -> None:
        """`dated_years`: outside of them every year repeats the same rules, so an empty one proves emptiness."""
        self._zone, self._spans_on, self._breaks, self._dated = zone, spans_on, breaks, dated_years
        self._years: dict[int, tuple[list[Stretch], list[int], list[int]]] = {}
        self._table = _empty_table()
        self._lock = Lock()

    def around(self, at: int) -> Table:
        """Return a table that is complete at `at`. Raises Invalid outside the years a calendar covers."""
        table = self._table
        if table.safe_from <= at < table.safe_to:
            return table
        year = to_datetime(at).year
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise _outside()
        # Laying a year out takes milliseconds, and most questions stay within one: no more of them than needed.
        return self._grown(year - (at < _safe_from(year)), year + (at >= _safe_to(year)))

    def later(self, table: Table) -> Table:
        """Return a table that reaches further ahead. Raises Invalid when there is no open time to find."""
        if table.last_year > self._dated[1] and not self._years[table.last_year][0]:
            raise _never_open()
        if table.last_year >= LAST_YEAR:
            raise _outside()
        reach = max(2, table.last_year - table.first_year)
        return self._grown(table.first_year, min(table.last_year + reach, LAST_YEAR))

    def earlier(self, table: Table) -> Table:
        """Return a table that reaches further back. Raises Invalid when there is no open time to find."""
        if table.first_year < self._dated[0] and not self._years[table.first_year][0]:
            raise _never_open()
        if table.first_year <= FIRST_YEAR:
            raise _outside()
        reach = max(2, table.last_year - table.first_year)
        return self._grown(max(table.first_year - reach, FIRST_YEAR), table.last_year)

    def instant(self, day: date, seconds: int) -> int:
        """Turn a wall time into an instant: in a gap it moves forward by the gap, of two it is the first."""
        # fold=0 reads a wall time with the offset before the change: in a gap that is what moves it forward.
        wall = datetime(day.year, day.month, day.day, tzinfo=self._zone) + timedelta(seconds=seconds)
        offset = wall.utcoffset() or timedelta()
        return (day.toordinal() - _EPOCH_ORDINAL) * DAY + seconds * SECOND - span_us(offset)

    def spans_of(self, day: date) -> list[Stretch]:
        """Return the open stretches that begin on a local date, breaks cut out, in order, merged."""
        stretches = _merged([(self.instant(day, s.opens), self.instant(day, s.closes)) for s in self._spans_on(day)])
        for near in (day - timedelta(1), day, day + timedelta(1)) if self._breaks else ():
            for rest in self._breaks.get(near, ()):
                stretches = _cut(stretches, self.instant(near, rest.opens), self.instant(near, rest.closes))
        return stretches

    def _grown(self, first: int, last: int) -> Table:
        with self._lock:
            old = self._table
            first, last = min(first, old.first_year), max(last, old.last_year)
            if (first, last) != (old.first_year, old.last_year):
                for year in range(first, last + 1):
                    if year not in self._years:
                        self._years[year] = self._year(year)
                self._table = self._flat(first, last)
            return self._table

    def _year(self, year: int) -> tuple[list[Stretch], list[int], list[int]]:
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        # One look at the zone a day: no zone has two changes that undo each other within two days, so equal offsets
        # at both ends mean that every wall time between has that offset. Other days take the exact way.
        offsets = [self._offset(ordinal) for ordinal in range(first, last + 3)]
        stretches: list[Stretch] = []
        workdays: list[int] = []
        day_ends: list[int] = []
        for i, ordinal in enumerate(range(first, last + 1)):
            day = date.fromordinal(ordinal)
            spans = self._spans_on(day)
            if not spans:
                continue
            if offsets[i] == offsets[i + 1] == offsets[i + 2] and not self._breaks:
                midnight = (ordinal - _EPOCH_ORDINAL) * DAY - offsets[i]
                open_today = [(midnight + s.opens * SECOND, midnight + s.closes * SECOND) for s in spans]
                if len(spans) > 1:
                    open_today = _merged(open_today)
            else:
                open_today = self.spans_of(day)
            if open_today:
                stretches += open_today
                workdays.append(ordinal)
                day_ends.append(open_today[-1][1])
        return stretches, workdays, day_ends

    def _offset(self, ordinal: int) -> int:
        midnight = datetime.fromordinal(ordinal).replace(tzinfo=self._zone)
        return span_us(midnight.utcoffset() or timedelta())

    def _flat(self, first: int, last: int) -> Table:
        years = [self._years[year] for year in range(first, last + 1)]
        # A night span may reach into the hours of the next day, also over a year's end: merge over the whole line.
        stretches = _merged([stretch for spans, _, _ in years for stretch in spans])
        before, total = [], 0
        for opens, closes in stretches:
            before.append(total)
            total += closes - opens
        return Table(
            first,
            last,
            _safe_from(first),
            _safe_to(last),
            [opens for opens, _ in stretches],
            [closes for _, closes in stretches],
            before,
            total,
            [day for _, days, _ in years for day in days],
            [end for _, _, ends in years for end in ends],
        )


def to_us(at: datetime) -> int:
    """Microseconds after the epoch. Raises Invalid for a time without a zone."""
    if at.tzinfo is None:
        raise Invalid(N_("A time without a time zone was given."), hint=N_("Give it in UTC."))
    return span_us(at - EPOCH)


def to_datetime(at: int) -> datetime:
    """Turn microseconds after the epoch into an aware UTC instant."""
    return EPOCH + timedelta(microseconds=at)


def span_us(span: timedelta) -> int:
    """A span of time in whole microseconds."""
    return (span.days * 86_400 + span.seconds) * SECOND + span.microseconds


def _merged(stretches: list[Stretch]) -> list[Stretch]:
    result: list[Stretch] = []
    for opens, closes in sorted(stretches):
        if result and opens <= result[-1][1]:
            if closes > result[-1][1]:
                result[-1] = (result[-1][0], closes)
        elif opens < closes:  # wall times inside a gap of the clock can leave nothing
            result.append((opens, closes))
    return result


def _cut(stretches: list[Stretch], begin: int, end: int) -> list[Stretch]:
    if end <= begin:
        return stretches
    parts = (part for opens, closes in stretches for part in ((opens, min(begin, closes)), (max(opens, end), closes)))
    return [(opens, closes) for opens, closes in parts if opens < closes]


def _safe_from(year: int) -> int:
    """From when on a year's own spans tell: one of 31 December is over on 2 January wherever the desk is."""
    return _midnight(year, 1, 3)


def _safe_to(year: int) -> int:
    return _midnight(year, 12, 31)


def _midnight(year: int, month: int, day: int) -> int:
    return (date(year, month, day).toordinal() - _EPOCH_ORDINAL) * DAY


def _empty_table() -> Table:
    return Table(10_000, -1, 1, 0, [], [], [], 0, [], [])


def _outside() -> Invalid:
    return Invalid(
        N_("The calendar covers the years {first} to {last}; this reaches outside."),
        hint=N_("Check the date and the amount."),
        first=FIRST_YEAR,
        last=LAST_YEAR,
    )


def _never_open() -> Invalid:
    return Invalid(
        N_("The calendar has no more open time in that direction."),
        hint=N_("Give it weekly hours, or open days that lie there."),
    )
