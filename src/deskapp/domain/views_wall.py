"""What the wallboard shows: the desk at one moment as frozen data objects."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from deskapp.domain.staffing import AgeBucket, HourLoad
from deskapp.domain.terms import AgentState, Grade
from deskapp.domain.views import QueueCounts, QueueRow
from deskapp.domain.views_incident import MassFaultLine

COLOURS = ("late", "red", "yellow", "green", "paused", "none")


@dataclass(frozen=True, slots=True)
class LevelToday:
    """Promises of one kind that ended today or ran out today; `target` is the share to reach."""

    metric: str
    kept: int
    missed: int
    target: float

    @property
    def share(self) -> float | None:
        """The share that was kept, None while none counts."""
        total = self.kept + self.missed
        return self.kept / total if total else None

    @property
    def short(self) -> bool:
        """Whether it stays below the target."""
        return self.share is not None and self.share < self.target


@dataclass(frozen=True, slots=True)
class GradeRow:
    """Open tickets of a grade: all, unclaimed, and how many are in each of `COLOURS`."""

    grade: Grade
    open: int
    unclaimed: int
    colours: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AgentLoad:
    """Somebody who takes tickets: what they do now and since when, how many they have, how many of these are late."""

    id: UUID
    name: str
    state: AgentState
    since: datetime | None
    open: int
    late: int


@dataclass(frozen=True, slots=True)
class MissForecast:
    """Of the promises that fall due until `by`: how many to expect missed, the range, and with `extra` more agents.

    `low` and `high` are the 10th and the 90th percentile; `riskiest` are the likeliest misses: ticket number, chance.
    """

    by: datetime
    due: int
    expected: float
    low: int
    high: int
    with_more: float
    agents: int
    extra: int
    riskiest: tuple[tuple[int, float], ...]
    # How many rest on an age that no ticket of the past was seen at.
    guesses: int


@dataclass(frozen=True, slots=True)
class Wallboard:
    """The desk at `now`. `heat` is tickets a week by weekday and hour; `forecast` is None without a pace."""

    now: datetime
    counts: QueueCounts
    oldest_due: datetime | None
    grades: tuple[GradeRow, ...]
    levels: tuple[LevelToday, ...]
    promises: tuple[QueueRow, ...]
    hours: tuple[HourLoad, ...]
    heat: tuple[tuple[float, ...], ...]
    agents: tuple[AgentLoad, ...]
    mass_faults: tuple[MassFaultLine, ...]
    ageing: tuple[AgeBucket, ...]
    forecast: MissForecast | None
    # When the parts were read that are kept for a minute: usual day, heat map, forecast.
    kept_since: datetime
    # When somebody last had the desk look for mass faults.
    last_scan: datetime | None


__all__ = ["COLOURS", "AgentLoad", "GradeRow", "LevelToday", "MissForecast", "Wallboard"]
