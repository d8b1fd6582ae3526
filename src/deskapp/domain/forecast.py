"""Breach forecast: which open tickets will miss their target if work goes on at the present pace, and how surely.

Times are seconds on one axis that the caller chooses and keeps to: real time, or the open time of a working calendar.
What a ticket still needs is drawn from the desk's own past: a piecewise-exponential survival model per kind of ticket
(Friedman, Annals of Statistics 10, 1982, 101-113), estimated from **period** exposure, that is from what happened to
every ticket, finished or not, during the last weeks only (delayed entry and right censoring, as in a period life
table). So a thaw or a snow storm shows within days and tickets still open are not forgotten. Few cases of a kind
lean on all kinds (gamma shrinkage). Nothing here reads a clock; the random numbers come from a seed.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import exp, inf
from random import Random

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

HOUR, DAY = 3600.0, 86400.0
# Ages at which the pace may change: short steps early, where most tickets finish.
AGE_STEPS = (
    0.0, 300.0, 900.0, 1800.0, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 16 * HOUR, 20 * HOUR, DAY, 1.5 * DAY,
    2 * DAY, 2.5 * DAY, 3 * DAY, 4 * DAY, 5 * DAY, 6 * DAY, 7 * DAY, 9 * DAY, 11 * DAY, 14 * DAY, 18 * DAY, 23 * DAY,
    30 * DAY, 45 * DAY, 60 * DAY, 90 * DAY, 180 * DAY,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spell:
    """What was seen of one ticket in the period: from age `entered` to age `left`; `finished` when it ended there."""

    kind: str
    entered: float
    left: float
    finished: bool


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A ticket as it stands: seconds in hand so far (None: nobody has begun), seconds left to its target, its kind.

    Tickets that wait are taken by due time, the longest overdue first, as the queue shows them.
    """

    key: str
    kind: str
    left: float
    in_hand: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """New tickets of one kind: how many a second, and the target each brings, in seconds."""

    kind: str
    per_second: float
    target: float


@dataclass(frozen=True, slots=True)
class DeskPace:
    """Who works and what comes in. `slots` None: every ticket is in somebody's hands and nobody waits for a free one.

    `slots` is how many tickets the agents can have in hand at once; `arrivals` compete for them by their due time.
    """

    agents: int
    slots: int | None = None
    arrivals: tuple[Arrivals, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketRisk:
    """The chance that a ticket misses its target, now and with more agents.

    `guess` marks a target that lies at a higher age than any ticket of the past was seen at: little is known there.
    """

    key: str
    miss: float
    miss_with_more: float
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """Risks, the likeliest misses first; the number of misses expected, its 10th and 90th percentile, and with more."""

    tickets: tuple[TicketRisk, ...]
    expected: float
    low: int
    high: int
    expected_with_more: float
    agents: int
    extra: int
    runs: int

    @property
    def saved(self) -> float:
        """How many misses the extra agents are expected to spare."""
        return self.expected - self.expected_with_more


class ServiceTimes:
    """The desk's own pace: for each kind of ticket the chance of being finished at any age, from a period's spells."""

    def __init__(self, spells: Iterable[Spell], *, weight: float = 4.0) -> None:
        """Estimate from the spells; `weight` is how many finished tickets all kinds together count for in each kind.

        Raises Invalid when no spell has a finish: there is no pace to go by.
        """
        self.oldest = 0.0
        done: dict[str, list[float]] = {}
        seen: dict[str, list[float]] = {}
        steps = len(AGE_STEPS)
        for spell in spells:
            events = done.setdefault(spell.kind, [0.0] * steps)
            exposure = seen.setdefault(spell.kind, [0.0] * steps)
            last = max(spell.left, spell.entered)
            self.oldest = max(self.oldest, last)
            for i in range(bisect_right(AGE_STEPS, spell.entered) - 1, steps):
                low, high = AGE_STEPS[i], AGE_STEPS[i + 1] if i + 1 < steps else inf
                exposure[i] += max(0.0, min(high, last) - max(low, spell.entered))
                if last < high:
                    events[i] += spell.finished
                    break
        total_done = [sum(kind[i] for kind in done.values()) for i in range(steps)]
        total_seen = [sum(kind[i] for kind in seen.values()) for i in range(steps)]
        if not any(total_done):
            raise Invalid(
                N_("There is no forecast yet: no ticket was finished in the period looked at."),
                hint=N_("Look at a longer period, or come back when some tickets are done."),
            )
        self._all = _rates(total_done, total_seen, sum(total_done) / max(1.0, sum(total_seen)))
        self._rates = {}
        for kind in done:
            # First how much quicker or slower the kind is as a whole, then age by age around that.
            expected = sum(rate * s for rate, s in zip(self._all, seen[kind], strict=True))
            factor = (sum(done[kind]) + weight) / (expected + weight)
            self._rates[kind] = [
                (d + weight) / (s + weight / (factor * base))
                for d, s, base in zip(done[kind], seen[kind], self._all, strict=True)
            ]
        self._sums = {kind: _cumulative(rates) for kind, rates in self._rates.items()}
        self._all_sums = _cumulative(self._all)

    def unfinished(self, kind: str, age: float, left: float, pace: float = 1.0) -> float:
        """The chance that a ticket of this age is still unfinished `left` seconds later, at `pace` times the pace."""
        return exp(-pace * (self._hazard(kind, age + max(0.0, left)) - self._hazard(kind, age)))

    def draw(self, rng: Random, kind: str, age: float, pace: float = 1.0) -> float:
        """Draw the seconds a ticket of this age still needs."""
        rates, sums = self._of(kind)
        goal = self._hazard(kind, age) + rng.expovariate(1.0) / pace
        i = bisect_right(sums, goal) - 1
        return max(0.0, AGE_STEPS[i] + (goal - sums[i]) / rates[i] - age)

    def _of(self, kind: str) -> tuple[list[float], list[float]]:
        if kind in self._rates:
            return self._rates[kind], self._sums[kind]
        return self._all, self._all_sums

    def _hazard(self, kind: str, age: float) -> float:
        rates, sums = self._of(kind)
        i = bisect_right(AGE_STEPS, max(0.0, age)) - 1
        return sums[i] + (max(0.0, age) - AGE_STEPS[i]) * rates[i]


def forecast(
    tickets: Sequence[OpenTicket],
    times: ServiceTimes,
    desk: DeskPace,
    *,
    extra: int = 1,
    runs: int = 400,
    seed: int = 1,
) -> Forecast:
    """Simulate the queue `runs` times from now on and count who misses; with `extra` more agents from the same seed.

    With `slots` the extra agents bring their share of slots, and waiting tickets start sooner. Without, every ticket
    is in hand already and the extra agents quicken all by (agents + extra) / agents: the most they could do. The
    chance a ticket is given is exact where it waits for nobody (no noise from the draws), simulated where it queues.
    Tickets already overdue are certain misses. Raises Invalid for a desk without agents or without runs.
    """
    if desk.agents < 1 or runs < 1 or extra < 0 or (desk.slots is not None and desk.slots < 1):
        raise Invalid(N_("A forecast needs at least one agent, one slot and one run."), field="agents")
    now = _simulate(tickets, times, desk, runs, seed, 1.0)
    if desk.slots is None:
        more = _simulate(tickets, times, desk, runs, seed, (desk.agents + extra) / desk.agents)
    else:
        slots = max(desk.slots + extra, round(desk.slots * (desk.agents + extra) / desk.agents))
        more = _simulate(tickets, times, DeskPace(desk.agents + extra, slots, desk.arrivals), runs, seed, 1.0)
    risks = [
        # One more agent never hurts; what the draws say otherwise by chance is noise.
        TicketRisk(ticket.key, chance, min(chance, better), (ticket.in_hand or 0.0) + ticket.left > times.oldest)
        for ticket, chance, better in zip(tickets, now.chances, more.chances, strict=True)
    ]
    totals = sorted(now.totals)
    return Forecast(
        tickets=tuple(sorted(risks, key=lambda r: (-r.miss, r.key))),
        expected=sum(r.miss for r in risks),
        low=totals[int(0.1 * (runs - 1))],
        high=totals[-(-9 * (runs - 1) // 10)],
        expected_with_more=sum(r.miss_with_more for r in risks),
        agents=desk.agents,
        extra=extra,
        runs=runs,
    )


@dataclass(frozen=True, slots=True)
class _Runs:
    chances: list[float]
    totals: list[int]


def _simulate(
    tickets: Sequence[OpenTicket], times: ServiceTimes, desk: DeskPace, runs: int, seed: int, pace: float
) -> _Runs:
    misses, totals = [0] * len(tickets), []
    for run in range(runs):
        late = _run(tickets, times, desk, Random(f"{seed}.{run}"), pace)
        for i in late:
            misses[i] += 1
        totals.append(len(late))
    chances = [
        # Laplace's rule keeps a finite number of runs from claiming certainty.
        (misses[i] + 1) / (runs + 2)
        if desk.slots is not None and ticket.in_hand is None and ticket.left > 0
        else 1.0
        if ticket.left <= 0
        else times.unfinished(ticket.kind, ticket.in_hand or 0.0, ticket.left, pace)
        for i, ticket in enumerate(tickets)
    ]
    return _Runs(chances, totals)


def _run(tickets: Sequence[OpenTicket], times: ServiceTimes, desk: DeskPace, rng: Random, pace: float) -> list[int]:
    """One possible future: the indexes of the tickets that miss."""
    finish = [inf] * len(tickets)
    # Drawn for every ticket in order, so that the same ticket needs the same time in both worlds.
    needs = [times.draw(rng, t.kind, t.in_hand or 0.0, pace) for t in tickets]
    busy, waiting = [], []
    for i, ticket in enumerate(tickets):
        if ticket.in_hand is None and desk.slots is not None:
            waiting.append((ticket.left, i, 0.0))
        else:
            finish[i] = needs[i]
            busy.append(needs[i])
    if desk.slots is not None and waiting:
        busy.sort()
        # More in hand than slots: the first free slot appears when the surplus is worked off.
        free = [*busy[max(0, len(busy) - desk.slots) :], *[0.0] * max(0, desk.slots - len(busy))]
        _serve(waiting, _newcomers(desk.arrivals, times, rng), free, finish, needs)
    return [i for i, ticket in enumerate(tickets) if ticket.left <= 0 or finish[i] > ticket.left]


def _serve(
    waiting: list[tuple[float, int, float]],
    newcomers: Iterator[tuple[float, float, float]],
    free: list[float],
    finish: list[float],
    needs: Sequence[float],
) -> None:
    """Give each free slot to the ticket with the earliest due time, until all that waited at the start have begun."""
    heapify(waiting)
    heapify(free)
    still = len(waiting)
    coming = next(newcomers, None)
    while still:
        at = heappop(free)
        while coming is not None and coming[0] <= at:
            heappush(waiting, (coming[1], -1, coming[2]))
            coming = next(newcomers, None)
        _due, i, need = heappop(waiting)
        if i >= 0:
            need = needs[i]
            finish[i] = at + need
            still -= 1
        heappush(free, at + need)


def _newcomers(arrivals: Sequence[Arrivals], times: ServiceTimes, rng: Random) -> Iterator[tuple[float, float, float]]:
    """Arrival, due time and need of each new ticket, for ever, in order of arrival."""
    total = sum(stream.per_second for stream in arrivals)
    at = 0.0
    while total > 0:
        at += rng.expovariate(total)
        stream = rng.choices(arrivals, [a.per_second for a in arrivals])[0]
        yield at, at + stream.target, times.draw(rng, stream.kind, 0.0)


def _rates(done: Sequence[float], seen: Sequence[float], start: float) -> list[float]:
    """Hazard by age; where little was seen the step before goes on (one finished ticket's worth of it)."""
    rates, last = [], start
    for d, s in zip(done, seen, strict=True):
        last = (d + 1) / (s + 1 / last)
        rates.append(last)
    return rates


def _cumulative(rates: Sequence[float]) -> list[float]:
    sums = [0.0]
    for i in range(len(rates) - 1):
        sums.append(sums[-1] + rates[i] * (AGE_STEPS[i + 1] - AGE_STEPS[i]))
    return sums
