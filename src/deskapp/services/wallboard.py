"""The wallboard: how the desk stands now, today against the usual day, and which promises will be missed."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from weakref import WeakKeyDictionary

from sqlalchemy import Pool
from sqlmodel import Session

from deskapp.domain.errors import Invalid
from deskapp.domain.forecast import DeskPace, OpenTicket, ServiceTimes, Spell, forecast
from deskapp.domain.staffing import AGEING, AgeBucket, HourLoad, load_by_hour
from deskapp.domain.terms import AgentState, Grade
from deskapp.domain.views import QueueCounts
from deskapp.domain.views_wall import AgentLoad, GradeRow, LevelToday, MissForecast, Wallboard
from deskapp.services import own_pack
from deskapp.services.desk import Read, handles
from deskapp.services.requests.wallboard import GetWallboard
from deskapp.services.wallboard_files import WallRules, read_wallboard
from deskapp.store import incidents, wallboard

KEPT_FOR = timedelta(minutes=1)
_PROMISES = 10
_MOST_DUE = 3000
_MOST_SPELLS = 6_000
_DRAWS = 15_000  # how many times the forecast may draw in all, with and without more agents each
_RISKIEST = 5
_ON_DUTY = (AgentState.READY, AgentState.ON_CASE)
_ORDER = {AgentState.ON_CASE: 0, AgentState.READY: 1, AgentState.AWAY: 2, AgentState.OFF: 3}


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is dear to read and does not change within a minute."""

    at: datetime
    zone: tzinfo
    days: dict[date, list[int]]
    heat: tuple[tuple[float, ...], ...]
    forecast: MissForecast | None


# By the pool of connections: it is the same for every read of a desk, and gone with it.
_KEPT: WeakKeyDictionary[Pool, _Kept] = WeakKeyDictionary()


def rules() -> WallRules:
    """The figures of the wallboard: the desk's own or the shipped ones. Raises FileInvalid for a file that is wrong."""
    return _rules(own_pack.place("wallboard"))


_rules = cache(read_wallboard)


@handles(GetWallboard)
def get_wallboard(read: Read, query: GetWallboard) -> Wallboard:
    """Read the desk as it stands; usual day, heat map and forecast are at most a minute old."""
    session, now = read.session, read.clock.now()
    midnight = _midnight(now, query.zone)
    people = _agents(session, now)
    kept = _kept(session, now, midnight, query.zone, people)
    grades, older, oldest, paused = _standing(session, now)
    today = _by_day(wallboard.arrivals(session, midnight, now + timedelta(microseconds=1)), query.zone)
    day = now.astimezone(query.zone).date()
    total = sum(row.open for row in grades)
    return Wallboard(
        now=now,
        counts=QueueCounts(
            total,
            sum(row.colours[0] for row in grades),
            next((row.open for row in grades if row.grade is Grade.RED), 0),
            sum(row.unclaimed for row in grades),
            paused,
        ),
        oldest_due=oldest,
        grades=grades,
        levels=_levels(session, midnight, now),
        promises=wallboard.next_promises(session, now, _PROMISES),
        hours=_hours(kept.days | today, day),
        heat=kept.heat,
        agents=people,
        mass_faults=incidents.lines(session),
        ageing=_ageing(total, older),
        forecast=kept.forecast,
        kept_since=kept.at,
        last_scan=incidents.last_scan(session),
    )


def _standing(session: Session, now: datetime) -> tuple[tuple[GradeRow, ...], tuple[int, ...], datetime | None, int]:
    """Rows by grade, how many are older than each edge of the ageing, the longest overdue due time, how many paused."""
    rows = wallboard.standing(session, now, AGEING)
    found = {Grade(row[0]): row for row in rows}
    grades = tuple(
        GradeRow(grade, row[1], row[2], tuple(row[5:11]))
        for grade in sorted(Grade, key=lambda grade: grade.rank)
        if (row := found.get(grade))
    )
    older = tuple(sum(row[11 + i] for row in rows) for i in range(len(AGEING)))
    oldest = min((row[4] for row in rows if row[4]), default=None)
    return grades, older, oldest, sum(row[3] for row in rows)


def _ageing(total: int, older: tuple[int, ...]) -> tuple[AgeBucket, ...]:
    counts = [a - b for a, b in pairwise((total, *older, 0))]
    starts = (timedelta(0), *AGEING)
    return tuple(AgeBucket(start, end, n) for start, end, n in zip(starts, (*AGEING, None), counts, strict=True))


def _levels(session: Session, midnight: datetime, now: datetime) -> tuple[LevelToday, ...]:
    kept, missed = Counter[str](), Counter[str]()
    for metric, good, count in wallboard.ended(session, midnight, now):
        (kept if good else missed)[metric] += count
    return tuple(
        LevelToday(metric, kept[metric], missed[metric], target) for metric, target in rules().service_levels.items()
    )


def _agents(session: Session, now: datetime) -> tuple[AgentLoad, ...]:
    """Those on a case first, then ready, away, signed off; the fullest desk first."""
    found = (AgentLoad(*tuple(row)) for row in wallboard.agents(session, now))
    return tuple(sorted(found, key=lambda one: (_ORDER[one.state], -one.late, -one.open, one.name)))


# What is kept for a minute --------------------------------------------------------------------------------------------


def _kept(session: Session, now: datetime, midnight: datetime, zone: tzinfo, people: Iterable[AgentLoad]) -> _Kept:
    engine = session.get_bind()
    pool = engine.engine.pool
    there = _KEPT.get(pool)
    if there is not None and there.zone == zone and timedelta(0) <= now - there.at < KEPT_FOR:
        return there
    weeks = rules().usual_weeks
    since = _midnight(midnight - timedelta(weeks=weeks) + timedelta(hours=12), zone)
    days = _by_day(wallboard.arrivals(session, since, midnight), zone)
    kept = _Kept(now, zone, days, _heat(days, weeks), _forecast(session, now, zone, people))
    _KEPT[pool] = kept
    return kept


def _by_day(arrivals: Iterable[tuple[datetime, int]], zone: tzinfo) -> dict[date, list[int]]:
    days: dict[date, list[int]] = defaultdict(lambda: [0] * 24)
    for at, count in arrivals:
        local = at.astimezone(zone)
        days[local.date()][local.hour] += count
    return dict(days)


def _hours(days: dict[date, list[int]], day: date) -> tuple[HourLoad, ...]:
    return load_by_hour(days, day, weeks=rules().usual_weeks)


def _heat(days: dict[date, list[int]], weeks: int) -> tuple[tuple[float, ...], ...]:
    """Tickets a week by weekday and hour."""
    grid = [[0.0] * 24 for _weekday in range(7)]
    for day, hours in days.items():
        for hour, count in enumerate(hours):
            grid[day.weekday()][hour] += count / weeks
    return tuple(tuple(row) for row in grid)


def _forecast(session: Session, now: datetime, zone: tzinfo, people: Iterable[AgentLoad]) -> MissForecast | None:
    """Which promises due in the next hours will be missed; None where the desk has no pace to go by.

    A promise's time runs from its begin to its end, waiting included: everything counts as being in hand, and more
    agents quicken all of it alike. That is the most they could do, and what the back-test was made with.
    """
    ahead, since = rules().hours_ahead, now - timedelta(days=rules().pace_days)
    local = now.astimezone(zone) + timedelta(hours=ahead, minutes=59)
    until = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    due = wallboard.due_until(session, now, until, _MOST_DUE)
    spells = (
        Spell(
            f"{metric} {product}",
            max(0.0, (since - begun).total_seconds()),
            max(0.0, ((done or now) - begun).total_seconds()),
            done is not None,
        )
        for metric, product, begun, done in wallboard.pace(session, since, now, _MOST_SPELLS)
    )
    try:
        times = ServiceTimes(spells)
    except Invalid:
        return None
    crew = list(people)
    on_duty = sum(one.state in _ON_DUTY for one in crew) or sum(one.open > 0 for one in crew)
    tickets = [
        OpenTicket(str(number), f"{metric} {product}", (at - now).total_seconds(), (now - begun).total_seconds())
        for number, metric, product, begun, at in due
    ]
    runs = max(20, min(200, _DRAWS // max(1, len(tickets))))
    found = forecast(tickets, times, DeskPace(max(1, on_duty)), extra=rules().extra_agents, runs=runs)
    return MissForecast(
        by=until,
        due=len(tickets),
        expected=found.expected,
        low=found.low,
        high=found.high,
        with_more=found.expected_with_more,
        agents=found.agents,
        extra=found.extra,
        riskiest=tuple((int(risk.key), risk.miss) for risk in found.tickets[:_RISKIEST]),
        guesses=sum(risk.guess for risk in found.tickets),
    )


def _midnight(at: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date(), time(), zone).astimezone(UTC)


def forget() -> None:
    """Read everything anew next time."""
    _KEPT.clear()


__all__ = ["KEPT_FOR", "forget", "get_wallboard", "rules"]
