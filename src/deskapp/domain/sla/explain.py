"""Why a clock is due when it is: start, spans counted, closed days by name, pauses, target, result."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from deskapp.domain.calendar import ClosedDay, OpenSpan, WorkCalendar, explain_open_time
from deskapp.domain.sla.amounts import Unit
from deskapp.domain.sla.clock import Clock
from deskapp.domain.sla.policy import Metric


@dataclass(frozen=True, slots=True)
class PauseCounted:
    """A pause and by how much it moved the due time; `until` is None while it lasts."""

    since: datetime
    until: datetime | None
    reason: str
    moved: timedelta


@dataclass(frozen=True, slots=True)
class DueExplanation:
    """The parts of a due time. Instants are UTC, dates local to `zone`; `due` is empty while the clock is paused.

    `counted` are the stretches that used up the target: real time as it is, open time by day. They end at the due
    time (or where the pause began), and add up to `total`.
    """

    metric: Metric
    name: str
    target: str
    zone: str
    start: datetime
    counted: tuple[OpenSpan, ...]
    closed: tuple[ClosedDay, ...]
    special: tuple[tuple[date, str], ...]
    pauses: tuple[PauseCounted, ...]
    total: timedelta
    due: datetime | None
    unconfirmed: tuple[int, ...]
    policy: str
    calendar: str


def explain_due(clock: Clock, calendar: WorkCalendar) -> DueExplanation:
    """Take the due time of a clock apart. The calendar must be the version the clock is counted on."""
    measure = clock.target.amount.measure
    end = clock.held_due if clock.due_at is not None or not clock.pauses else clock.pauses[-1].since
    stretches, begin = [], clock.started_at
    for pause in clock.pauses:
        stretches.append((begin, min(pause.since, end)))
        begin = pause.until or end
    stretches.append((begin, end))
    real = clock.target.amount.unit is Unit.REAL
    counted: list[OpenSpan] = []
    for since, until in stretches:
        if since < until:
            counted += _real(calendar, since, until) if real else explain_open_time(calendar, since, until).spans
    whole = explain_open_time(calendar, clock.started_at, end)
    return DueExplanation(
        clock.metric,
        clock.name,
        str(clock.target.amount),
        calendar.zone.key,
        clock.started_at,
        tuple(counted),
        () if real else whole.closed,
        () if real else whole.special,
        tuple(
            PauseCounted(p.since, p.until, p.reason, measure(calendar, p.since, p.until) if p.until else timedelta(0))
            for p in clock.pauses
        ),
        sum((span.length for span in counted), timedelta(0)),
        clock.due_at,
        () if real else whole.unconfirmed,
        clock.policy,
        clock.calendar,
    )


def _real(calendar: WorkCalendar, since: datetime, until: datetime) -> tuple[OpenSpan, ...]:
    return (OpenSpan(calendar.local_date(since), since, until),)
