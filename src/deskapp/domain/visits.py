"""Windows for visits: when a team comes, how many still fit, which wishes of the customer they go against."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.preference import goes_against
from deskapp.domain.terms import AppointmentState

# A team without a plan of its own comes at these hours, as often as it is asked.
USUAL = ((9 * 60, 12 * 60), (13 * 60, 17 * 60), (17 * 60, 20 * 60))


@dataclass(frozen=True, slots=True)
class Planned:
    """A window: minutes from midnight, how many visits fit (None: no limit); each week, or on one `day` alone."""

    weekday: int
    starts: int
    ends: int
    capacity: int | None
    day: date | None = None
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer asked for, and the last day it holds (None: until further notice)."""

    text: str
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.until is None or day <= self.until


@dataclass(frozen=True, slots=True)
class SlotLine:
    """A window on a day in the desk's zone; `free` visits still fit (None: no limit), `against` is a wish."""

    starts_at: datetime
    ends_at: datetime
    free: int | None
    against: str

    @property
    def answer(self) -> str:
        """The window as the answer of a flow's question."""
        return f"{self.starts_at:%Y-%m-%d %H:%M}-{self.ends_at:%H:%M}"


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit as a line of a window's list."""

    ticket_id: UUID
    ticket: str
    customer: str
    technician: str
    state: AppointmentState


@dataclass(frozen=True, slots=True)
class SlotCell:
    """A window on a day as the plan shows it; `own` says that the day has it by a row of its own."""

    day: date
    starts: int
    ends: int
    skill: str
    capacity: int | None
    own: bool
    visits: tuple[VisitLine, ...]

    @property
    def row(self) -> tuple[int, int, str]:
        """What windows of several days have in common."""
        return self.starts, self.ends, self.skill


@dataclass(frozen=True, slots=True)
class SlotGrid:
    """The windows of a team for some days; without a plan the team comes at the usual hours, as often as asked."""

    team_id: UUID
    team: str
    first: date
    days: int
    cells: tuple[SlotCell, ...]
    teams: tuple[tuple[UUID, str], ...]


def on_day(plan: Iterable[Planned], day: date) -> list[Planned]:
    """The windows of a date: the weekly ones (the usual hours where none are planned), its own rows over them."""
    plan = list(plan)
    weekly = [slot for slot in plan if slot.day is None]
    base = weekly or [Planned(day.weekday(), *usual, None) for usual in USUAL]
    found = {(slot.starts, slot.ends, slot.skill): slot for slot in base if slot.weekday == day.weekday()}
    found |= {(slot.starts, slot.ends, slot.skill): slot for slot in plan if slot.day == day}
    return [found[key] for key in sorted(found)]


def windows(
    plan: Iterable[Planned], taken: Iterable[tuple[datetime, datetime]], wishes: Iterable[Wish],
    *, earliest: datetime, days: int, zone: tzinfo,
) -> list[SlotLine]:  # fmt: skip
    """The windows of the next days that begin at `earliest` or later and have room, in order of time."""
    plan, taken, wishes = list(plan), list(taken), list(wishes)
    first = earliest.astimezone(zone).date()
    found = []
    for offset in range(days + 1):
        day = first + timedelta(days=offset)
        for slot in on_day(plan, day):
            starts, ends = instant(day, slot.starts, zone), instant(day, slot.ends, zone)
            if starts < earliest:
                continue
            booked = sum(begins < ends and starts < over for begins, over in taken)
            free = None if slot.capacity is None else slot.capacity - booked
            if free is None or free > 0:
                found.append(SlotLine(starts, ends, free, against(wishes, starts, ends)))
    return sorted(found, key=lambda line: (line.starts_at, line.ends_at))


def against(wishes: Iterable[Wish], starts: datetime, ends: datetime) -> str:
    """The first wish, of those that hold on its day, that a window (in the desk's zone) goes against; else empty."""
    meant = (wish.text for wish in wishes if wish.holds_on(starts.date()))
    return next((text for text in meant if goes_against(text, starts, ends)), "")


def need_photos(before: bool, after: bool, text: str) -> None:
    """Raise Invalid for a report without both photos that does not say why."""
    if not (before and after) and not text.strip():
        raise Invalid(N_("Photos before and after are missing: say why."), field="text")


def instant(day: date, minutes: int, zone: tzinfo) -> datetime:
    """The instant so many minutes after midnight of a day in a zone; midnight at its end is a minute before."""
    if minutes >= 1440:
        return datetime.combine(day, time(23, 59), zone)
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone)
