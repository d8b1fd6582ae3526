"""Service-level arithmetic: Erlang C, the answer target, today's load against the usual day, ageing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, inf
from statistics import median, quantiles

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

# Edges of the ageing table, in the field's usual steps.
AGEING = (timedelta(hours=4), timedelta(days=1), timedelta(days=2), timedelta(days=3), timedelta(days=7))


@dataclass(frozen=True, slots=True)
class Staffing:
    """What Erlang C says of one interval: chance to wait, mean wait, share answered in time, occupancy."""

    agents: int
    load: float
    wait_probability: float
    mean_wait: timedelta | None
    service_level: float
    occupancy: float


def erlang_b(agents: int, load: float) -> float:
    """Blocking probability of `load` erlangs on `agents` servers, by the stable recursion (Jagerman 1974)."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(agents: int, load: float) -> float:
    """Probability that a caller has to wait (Erlang 1917); 1 when the load is not below the number of agents."""
    if load < 0 or agents < 0:
        raise Invalid(N_("Agents and load cannot be negative."), field="agents")
    if load >= agents:
        return 1.0 if load > 0 else 0.0
    blocked = erlang_b(agents, load)
    return blocked / (1 - load / agents * (1 - blocked))


def staffing(
    calls_an_hour: float, handling: timedelta, agents: int, target: timedelta = timedelta(seconds=30)
) -> Staffing:
    """Erlang C for an hour's calls; no caller gives up, so it is on the careful side. `handling` includes wrap-up.

    At or above full load the wait has no mean (None) and the level is 0. Raises Invalid for impossible figures.
    """
    seconds = handling.total_seconds()
    if calls_an_hour < 0 or seconds <= 0 or agents < 0 or target < timedelta(0):
        raise Invalid(N_("Calls, handling time, agents and target must be positive."), field="handling")
    load = calls_an_hour * seconds / 3600
    waits = erlang_c(agents, load)
    spare = agents - load
    if spare <= 0 and load > 0:
        return Staffing(agents, load, 1.0, None, 0.0, inf if agents == 0 else load / agents)
    level = 1 - waits * exp(-spare * target.total_seconds() / seconds)
    wait = timedelta(seconds=waits * seconds / spare) if spare > 0 else timedelta(0)
    return Staffing(agents, load, waits, wait, level, load / agents if agents else 0.0)


def agents_needed(
    calls_an_hour: float, handling: timedelta, level: float, target: timedelta = timedelta(seconds=30)
) -> int:
    """The fewest agents that answer the share `level` within `target`; raises Invalid unless 0 < level < 1."""
    if not 0 < level < 1:
        raise Invalid(N_("A service level lies between 0 and 1, both excluded."), field="level")
    agents = max(0, int(calls_an_hour * handling.total_seconds() / 3600))
    while staffing(calls_an_hour, handling, agents, target).service_level < level:
        agents += 1
    return agents


@dataclass(frozen=True, slots=True)
class AnswerLevel:
    """Share answered within the target. Calls given up within it count for neither side, later ones as missed."""

    offered: int
    in_time: int

    @property
    def level(self) -> float | None:
        """The share, None when no call counts."""
        return self.in_time / self.offered if self.offered else None


def answer_level(
    answered: Iterable[timedelta], given_up: Iterable[timedelta] = (), target: timedelta = timedelta(seconds=30)
) -> AnswerLevel:
    """Count waits of answered calls and of callers who gave up against the target (equal is in time)."""
    waits = list(answered)
    lost = sum(1 for wait in given_up if wait > target)
    return AnswerLevel(len(waits) + lost, sum(1 for wait in waits if wait <= target))


@dataclass(frozen=True, slots=True)
class HourLoad:
    """One hour of today against the same hour of the usual day: median and quartiles; None without a usual day."""

    hour: int
    today: int
    usual: float | None
    low: float | None
    high: float | None

    @property
    def unusual(self) -> bool:
        """Outside the fences of 1.5 quartile ranges (Tukey 1977), but never for a difference below 3 cases."""
        if self.usual is None or self.low is None or self.high is None or abs(self.today - self.usual) < 3:
            return False
        reach = 1.5 * (self.high - self.low)
        return not self.low - reach <= self.today <= self.high + reach


def load_by_hour(
    counts: Mapping[date, Sequence[int]], day: date, *, weeks: int = 8, skip: frozenset[date] = frozenset()
) -> tuple[HourLoad, ...]:
    """Compare a day's hourly counts with the same weekday of the last `weeks` weeks, robustly (median, quartiles).

    Days of `skip` (holidays, make-up workdays, outages) and days not in `counts` are left out of the usual day.
    """
    earlier = [day - timedelta(weeks=w) for w in range(1, weeks + 1)]
    past = [counts[d] for d in earlier if d in counts and d not in skip]
    today = counts.get(day, [0] * 24)
    rows = []
    for hour in range(24):
        values = [one[hour] for one in past]
        low, high = (None, None)
        if len(values) >= 2:
            low, _middle, high = quantiles(values, n=4, method="inclusive")
        elif values:
            low = high = float(values[0])
        rows.append(HourLoad(hour, today[hour], float(median(values)) if values else None, low, high))
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class AgeBucket:
    """Open tickets of an age from `start` up to `end` (None: no end), both as time since opening."""

    start: timedelta
    end: timedelta | None
    count: int


def ageing(ages: Iterable[timedelta], edges: Sequence[timedelta] = AGEING) -> tuple[AgeBucket, ...]:
    """Count open tickets by age; an age equal to an edge belongs to the older bucket. Raises Invalid for bad edges."""
    if list(edges) != sorted(set(edges)) or not edges or edges[0] <= timedelta(0):
        raise Invalid(N_("Ageing edges must be positive and rise."), field="edges")
    starts = [timedelta(0), *edges]
    counts = [0] * len(starts)
    for age in ages:
        counts[max(i for i, start in enumerate(starts) if age >= start or i == 0)] += 1
    return tuple(AgeBucket(start, end, count) for start, end, count in zip(starts, [*edges, None], counts, strict=True))
