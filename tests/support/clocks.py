"""A desk for clock tests: two calendars, the seed targets, and events written in a few words."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from deskapp.domain.calendar import DayRow, Span, WorkCalendar, week_of
from deskapp.domain.sla import (
    Amount,
    Book,
    ClockEvent,
    Colours,
    EventKind,
    Facts,
    Match,
    Metric,
    Offset,
    Policy,
    Rule,
    Rules,
    Target,
    fold,
)

COLOURS = Colours(0.25, 0.10, timedelta(minutes=30), 0.5, timedelta(minutes=10), 0.2)
REASONS = frozenset({"customer", "parts", "third_party"})
_HOURS = (Span.parse("09:00-12:00"), Span.parse("13:30-18:00"))
WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
CN = WorkCalendar.weekly(
    "Asia/Shanghai",
    week_of(dict.fromkeys(WORKDAYS, _HOURS)),
    key="cn",
    days=[DayRow(date(2024, 10, n), name="National Day") for n in range(1, 8)]
    + [DayRow(date(2024, 9, 29), _HOURS, "make-up"), DayRow(date(2024, 10, 12), _HOURS, "make-up")],
)
CN_EDITED = CN.with_days([DayRow(date(2024, 9, 24), name="closed for a move")])
NIGHT = WorkCalendar.weekly(
    "America/New_York", week_of(dict.fromkeys((*WORKDAYS, "sat", "sun"), (Span.parse("22:00-06:00"),))), key="night"
)
CALENDARS = {c.version_id: c for c in (CN, CN_EDITED, NIGHT)}
_SEQ = count(1)


def target(metric: Metric, amount: str, *pause: str, steps: tuple[str, ...] = ()) -> Target:
    """Shorthand for a target."""
    return Target(metric, Amount.parse(amount), frozenset(pause), escalations=tuple(map(Offset.parse, steps)))


BASE = (
    target(Metric.ANSWER, "30s"),
    target(Metric.FIRST_RESPONSE, "10min"),
    target(Metric.NEXT_RESPONSE, "4h open", "customer"),
    target(Metric.FOLLOW_UP, "24h", "customer"),
)
ORDINARY = (*BASE, target(Metric.BOOK, "24h"), target(Metric.RESOLVE, "16h open", *REASONS, steps=("+1h", "+4h open")))
URGENT = (*BASE, target(Metric.ON_SITE, "2h"), target(Metric.RESOLVE, "4h", *REASONS))
POLICY = Policy(
    "seed",
    1,
    (
        Rule("urgent", Match(priority=frozenset({"urgent"})), URGENT),
        Rule("complex", Match(outcome=frozenset({"complex"})), (*BASE, target(Metric.RESOLVE, "3 workdays", "parts"))),
        Rule("yellow", Match(grade=frozenset({"yellow"})), (*ORDINARY, target(Metric.PROGRESS, "48h"))),
        Rule("green", Match(grade=frozenset({"green"})), ORDINARY),
    ),
    COLOURS,
    (0.5, 0.75),
    timedelta(days=7),
    timedelta(hours=48),
    REASONS,
)
SLOWER = Policy(
    "seed", 2, (Rule("all", Match(), (target(Metric.RESOLVE, "40h open", *REASONS),)),), COLOURS, (0.5, 0.75),
    timedelta(days=7), timedelta(hours=48), REASONS,
)  # fmt: skip
RULES = Rules({p.id: p for p in (POLICY, SLOWER)}, CALENDARS)


def cn(text: str) -> datetime:
    """A wall time in Shanghai, September 2024 unless it names more: `25 09:30` or `2024-10-08 09:30`."""
    if len(text) == len("25 09:30"):
        text = f"2024-09-{text}"
    return CN.instant(datetime.fromisoformat(text)).astimezone(UTC)


def event(kind: EventKind, when: str | datetime, **values: Any) -> ClockEvent:
    """An event in Shanghai wall time."""
    return ClockEvent(kind, cn(when) if isinstance(when, str) else when, next(_SEQ), **values)


def opened(when: str | datetime, *, grade: str = "green", calendar: WorkCalendar = CN, **facts: Any) -> ClockEvent:
    """The event that opens a ticket under the seed policy."""
    return event(
        EventKind.OPENED, when, facts=Facts(grade=grade, **facts), policy=POLICY.id, calendar=calendar.version_id
    )


def paused(when: str, reason: str = "parts", back: str = "2024-10-31 09:00") -> ClockEvent:
    """A pause with its planned return."""
    return event(EventKind.PAUSED, when, reason=reason, back_at=cn(back))


def book(*events: ClockEvent) -> Book:
    """Fold events by the rules above."""
    return fold(events, RULES)
