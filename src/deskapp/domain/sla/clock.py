"""One promise with its time: state, what is used, when it is due; and the arithmetic that all rules share."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.sla.amounts import Amount, Unit
from deskapp.domain.sla.events import Pause
from deskapp.domain.sla.policy import Metric, Target

ZERO = timedelta(0)


class State(StrEnum):
    """Where a clock stands. Overdue is not a state: it is running and past due, and derived."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    LATE = "late"
    CANCELLED = "cancelled"


OPEN_STATES = frozenset({State.RUNNING, State.PAUSED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a clock ended before it went on again."""

    state: State
    done_at: datetime
    due_at: datetime
    over_by: timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """One target on one ticket, one round. Instants are UTC; `used`, `span`, `over_by` are in the target's measure.

    `due_at` is empty while paused or cancelled; `held_due` then keeps where it stood. `used` is the time used up to
    `running_since` (running), to the pause, or to the end. `revision` counts the changes of the due time;
    `share_told` is the share that was used under the former due time when this one was set at `revised_at`.
    """

    metric: Metric
    name: str
    round: int
    state: State
    target: Target
    policy: str
    calendar: str
    started_at: datetime
    running_since: datetime | None
    used: timedelta
    span: timedelta
    due_at: datetime | None
    held_due: datetime
    revised_at: datetime
    pauses: tuple[Pause, ...] = ()
    done_at: datetime | None = None
    over_by: timedelta = ZERO
    reason: str = ""
    overdue_by_change: bool = False
    revision: int = 1
    share_told: float = 0.0
    former: tuple[Outcome, ...] = ()

    @property
    def key(self) -> tuple[Metric, str, int]:
        """What identifies the clock within its ticket."""
        return self.metric, self.name, self.round

    @property
    def is_open(self) -> bool:
        """Whether it still counts: running or paused."""
        return self.state in OPEN_STATES

    def overdue(self, now: datetime) -> bool:
        """Whether it is running and past its due time, or was past it when it paused."""
        if self.due_at is not None:
            return self.state is State.RUNNING and now > self.due_at
        return self.state is State.PAUSED and self.pauses[-1].since > self.held_due


def start_clock(
    target: Target, calendar: WorkCalendar, policy: str, at: datetime, *, round_: int, pauses: tuple[Pause, ...] = ()
) -> Clock:
    """Start a clock at an instant, with the pauses it has already had; the last may still last."""
    figures = _figures(target, calendar, at, pauses)
    return Clock(
        target.metric, target.name, round_, figures.state, target, policy, calendar.version_id, at,
        figures.running_since, figures.used, figures.span, figures.due_at, figures.held_due, at, pauses,
    )  # fmt: skip


def revise(clock: Clock, calendar: WorkCalendar, at: datetime, former: WorkCalendar, before: Clock) -> Clock:
    """Work out a changed clock again at an instant; a due time that moved is a new revision.

    `before` is the clock as it was, counted on the calendar `former`; the new revision remembers what it had told.
    """
    figures = _figures(clock.target, calendar, clock.started_at, clock.pauses)
    values: dict[str, Any] = {"calendar": calendar.version_id, **figures._asdict()}
    if figures.held_due != before.held_due:
        was, was_overdue = share_used(before, former, at), before.overdue(at)
        reached = clock.pauses[-1].since if figures.state is State.PAUSED else at
        values |= {
            "revision": before.revision + 1,
            "revised_at": at,
            # Used up is not yet missed: an exact fit is due at closing time, and only past it has a miss been told.
            "share_told": max(was, 1.0) if was_overdue else min(was, 0.999999),
            "overdue_by_change": reached > figures.held_due and (before.overdue_by_change or not was_overdue),
        }
    return replace(clock, **values)


def recalendar(clock: Clock, old: WorkCalendar, new: WorkCalendar, at: datetime) -> Clock:
    """Count an open clock again on a new version of its calendar; a finished one is returned as it is."""
    if not clock.is_open:
        return clock
    if clock.target.amount.unit is Unit.REAL:  # no calendar has a say in it
        return replace(clock, calendar=new.version_id)
    return revise(clock, new, at, old, clock)


def finish(clock: Clock, calendar: WorkCalendar, done: datetime) -> Clock:
    """End an open clock: late if and only if `done` is after the due time; equal is met."""
    used, due = elapsed(clock, calendar, done), due_if_resumed(clock, calendar, done)
    late = done > due
    return replace(
        clock,
        state=State.LATE if late else State.MET,
        running_since=None,
        used=used,
        due_at=due,
        held_due=due,
        done_at=done,
        over_by=clock.target.amount.measure(calendar, due, done) if late else ZERO,
        pauses=_ended(clock.pauses, done),
    )


def cancel(clock: Clock, calendar: WorkCalendar, at: datetime, reason: str) -> Clock:
    """End an open clock without an outcome; its due time is cleared, its used time kept."""
    return replace(
        clock,
        state=State.CANCELLED,
        used=elapsed(clock, calendar, at),
        held_due=due_if_resumed(clock, calendar, at),
        running_since=None,
        due_at=None,
        done_at=at,
        reason=reason,
        overdue_by_change=False,
        pauses=_ended(clock.pauses, at),
    )


def elapsed(clock: Clock, calendar: WorkCalendar, now: datetime) -> timedelta:
    """Return the time used up to `now`, in the target's measure."""
    if clock.state is not State.RUNNING or clock.running_since is None:
        return clock.used
    return clock.used + clock.target.amount.measure(calendar, clock.running_since, now)


def elapsed_within(clock: Clock, calendar: WorkCalendar, begin: datetime, end: datetime) -> timedelta:
    """Return the time a clock used within [begin, end): its pauses and what lies outside its life do not count."""
    begin = max(begin, clock.started_at)
    end = end if clock.done_at is None else min(end, clock.done_at)
    measure = clock.target.amount.measure
    paused = sum((measure(calendar, max(p.since, begin), min(p.until or end, end)) for p in clock.pauses), ZERO)
    return measure(calendar, begin, end) - paused


def due_if_resumed(clock: Clock, calendar: WorkCalendar, at: datetime) -> datetime:
    """Return the due time, for a paused clock that which it would have if it went on at `at`."""
    if clock.state is not State.PAUSED:
        return clock.held_due
    return _moved(clock.target.amount, calendar, clock.held_due, clock.pauses[-1].since, at)


def left(clock: Clock, calendar: WorkCalendar, now: datetime) -> timedelta:
    """Return the time left until due in the target's measure, negative once it is past; still while paused."""
    measure = clock.target.amount.measure
    if clock.state is State.PAUSED:
        now = clock.pauses[-1].since
    elif clock.done_at is not None:
        now = clock.done_at
    if now <= clock.held_due:
        return measure(calendar, now, clock.held_due)
    return -measure(calendar, clock.held_due, now)


def share_used(clock: Clock, calendar: WorkCalendar, now: datetime) -> float:
    """Return the share of the target that is used, over 1 once it is overdue."""
    return elapsed(clock, calendar, now) / clock.span if clock.span else 1.0


class _Figures(NamedTuple):
    state: State
    running_since: datetime | None
    used: timedelta
    span: timedelta
    due_at: datetime | None
    held_due: datetime


def _figures(target: Target, calendar: WorkCalendar, start: datetime, pauses: tuple[Pause, ...]) -> _Figures:
    """Used time, length and due time from start, target and pauses.

    due = start + target, moved by the open (or real) time of each pause; the same as `add(resume, target - used)`.
    A pause that began past due moves the due time too, but never so far that the miss is cured.
    """
    amount = target.amount
    base = due = amount.due(calendar, start)
    begin, used = start, ZERO
    running_since: datetime | None = start
    for pause in pauses:
        used += amount.measure(calendar, begin, pause.since)
        if pause.until is None:
            running_since = None
            break
        due = _moved(amount, calendar, due, pause.since, pause.until)
        begin = running_since = pause.until
    # Counted in working days, a target is as long as the open time up to its due time.
    span = amount.length if amount.unit is not Unit.WORKDAYS else calendar.between(start, base)
    if running_since is None:
        return _Figures(State.PAUSED, None, used, span, None, due)
    return _Figures(State.RUNNING, running_since, used, span, due, due)


def _moved(amount: Amount, calendar: WorkCalendar, due: datetime, since: datetime, until: datetime) -> datetime:
    moved = amount.shift(calendar, due, amount.measure(calendar, since, until))
    # Past due in closed time, resumed in open time: counting the pause would bring the due time up to the present.
    return due if since > due and moved >= until else moved


def _ended(pauses: tuple[Pause, ...], at: datetime) -> tuple[Pause, ...]:
    if pauses and pauses[-1].until is None:
        return (*pauses[:-1], replace(pauses[-1], until=at))
    return pauses
