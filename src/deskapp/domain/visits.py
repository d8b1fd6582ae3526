"""Windows for visits: when a team comes, how many still fit, which wishes of the customer they go against."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from deskapp.domain.preference import goes_against

# A team without a plan of its own comes at these hours, as often as it is asked.
USUAL = ((9 * 60, 12 * 60), (13 * 60, 17 * 60), (17 * 60, 20 * 60))


@dataclass(frozen=True, slots=True)
class Planned:
    """A weekly window: minutes from midnight, how many visits fit (None: no limit)."""

    weekday: int
    starts: int
    ends: int
    capacity: int | None


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


def windows(
    plan: Iterable[Planned], taken: Iterable[tuple[datetime, datetime]], wishes: Iterable[str],
    *, earliest: datetime, days: int, zone: tzinfo,
) -> list[SlotLine]:  # fmt: skip
    """The windows of the next days that begin at `earliest` or later and have room, in order of time."""
    plan, taken, wishes = list(plan), list(taken), list(wishes)
    first = earliest.astimezone(zone).date()
    found = []
    for offset in range(days + 1):
        day = first + timedelta(days=offset)
        for slot in plan or [Planned(day.weekday(), *usual, None) for usual in USUAL]:
            if slot.weekday != day.weekday():
                continue
            starts, ends = _at(day, slot.starts, zone), _at(day, slot.ends, zone)
            if starts < earliest:
                continue
            booked = sum(begins < ends and starts < over for begins, over in taken)
            free = None if slot.capacity is None else slot.capacity - booked
            if free is None or free > 0:
                found.append(SlotLine(starts, ends, free, against(wishes, starts, ends)))
    return sorted(found, key=lambda line: (line.starts_at, line.ends_at))


def against(wishes: Iterable[str], starts: datetime, ends: datetime) -> str:
    """The first wish that a window (in the desk's zone) goes against; empty when it goes against none."""
    return next((wish for wish in wishes if goes_against(wish, starts, ends)), "")


def _at(day: date, minutes: int, zone: tzinfo) -> datetime:
    if minutes >= 1440:
        return datetime.combine(day, time(23, 59), zone)
    return datetime.combine(day, time(minutes // 60, minutes % 60), zone)
