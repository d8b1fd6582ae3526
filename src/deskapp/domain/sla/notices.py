"""When somebody is to be told: shares used, breach, escalation steps, planned returns; each once a due revision."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.sla.clock import Clock, State
from deskapp.domain.sla.policy import Policy

BREACH = "breach"
RETURN = "return"
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Notice:
    """Something to tell at an instant, once for each (clock, `name`, `revision`).

    `name` is `used:0.5` (share used), `breach`, `step:+1h` (escalation), or `return` (planned return of a pause).
    """

    at: datetime
    name: str
    revision: int


def notices(clock: Clock, calendar: WorkCalendar, policy: Policy) -> tuple[Notice, ...]:
    """List what is to be told about an open clock under its present due time, in order.

    Shares fall due in open time, never in closed hours. A breach is the first instant after the due time. What was
    passed already when the due time was set is not told again; if the change itself carried the clock past several
    thresholds, only the gravest is told, at once.
    """
    if clock.state is State.PAUSED:
        back_at = clock.pauses[-1].back_at
        back = [Notice(back_at, RETURN, clock.revision)] if back_at is not None else []
        breach = [Notice(clock.revised_at, BREACH, clock.revision)] if clock.overdue_by_change else []
        return tuple(sorted(breach + back))
    if clock.state is not State.RUNNING or clock.due_at is None or clock.running_since is None:
        return ()
    marks = [(_reached(clock, calendar, share), f"used:{share:g}", share) for share in policy.notices]
    marks.append((clock.due_at + _INSTANT, BREACH, 1.0))
    marks += [(step.of(calendar, clock.due_at), f"step:{step}", 1.0) for step in clock.target.escalations]
    passed = [mark for mark in marks if mark[0] <= clock.revised_at and mark[2] > clock.share_told]
    ahead = [mark for mark in marks if mark[0] > clock.revised_at]
    gravest = [(clock.revised_at, name, share) for _, name, share in [max(passed)]] if passed else []
    return tuple(sorted(Notice(at, name, clock.revision) for at, name, _ in gravest + ahead))


def next_threshold_at(
    clock: Clock, calendar: WorkCalendar, policy: Policy, told: frozenset[tuple[str, int]] = frozenset()
) -> datetime | None:
    """Return when the next notice falls due, leaving out those told already as (`name`, `revision`)."""
    if not told and clock.state is State.RUNNING and policy.notices:
        # The lowest share comes before all that follows the due time: if it is still ahead, it is the next.
        first = _reached(clock, calendar, min(policy.notices))
        if first > clock.revised_at and not any(step.earlier for step in clock.target.escalations):
            return first
    return next((n.at for n in notices(clock, calendar, policy) if (n.name, n.revision) not in told), None)


def notices_due(
    clock: Clock,
    calendar: WorkCalendar,
    policy: Policy,
    now: datetime,
    told: frozenset[tuple[str, int]] = frozenset(),
) -> tuple[Notice, ...]:
    """Return what is to be told at `now` and has not been told."""
    return tuple(n for n in notices(clock, calendar, policy) if n.at <= now and (n.name, n.revision) not in told)


def _reached(clock: Clock, calendar: WorkCalendar, share: float) -> datetime:
    """The instant at which a share of the target is used; before the last resumption it is that resumption."""
    since = clock.running_since or clock.started_at
    missing = clock.span * share - clock.used
    return clock.target.amount.shift(calendar, since, max(missing, timedelta(0)))
