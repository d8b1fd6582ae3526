"""Other systems' event sequences put to our clocks: their states become pauses, their clocks our metrics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.sla import (
    Amount,
    Book,
    Clock,
    ClockEvent,
    Colours,
    EventKind,
    Match,
    Metric,
    Offset,
    Pause,
    Policy,
    Rule,
    Rules,
    State,
    Target,
    Unit,
    elapsed,
    elapsed_within,
    fold,
)

Json = Mapping[str, Any]
HOUR = timedelta(hours=1)
COLOURS = Colours(0.25, 0.10, timedelta(minutes=30), 0.5, timedelta(minutes=10), 0.2)
STATE = "state"  # the one pause reason: the peer's ticket is in a paused state
CLOSED_STATES = {"closed", "solved", "resolved", "closed successful", "closed unsuccessful"}
# A peer's clock from opening that may pause is our resolve, or our booking; the others have a metric of their own.
METRICS = {
    "resolution": Metric.RESOLVE,
    "resolve": Metric.RESOLVE,
    "time_to_resolve": Metric.RESOLVE,
    "first_response": Metric.BOOK,
    "own": Metric.BOOK,
    "time_to_own": Metric.BOOK,
    "update": Metric.NEXT_RESPONSE,
}
POLICY_KEYS = {"paused_states", "stop_at", "metric", "target_s", "target_workdays", "snap", "escalation_offset"}
SUFFIXES = (
    "paused_open_s", "escalation_at", "elapsed_min", "elapsed_s", "margin_min", "due_was", "due", "warn", "breached",
    "outcome", "status",
)  # fmt: skip


@dataclass(frozen=True)
class PeerClock:
    """One clock as the peer names it, and where ours is to be found."""

    prefix: str
    target: Target
    internal: bool = False  # runs from when the agreement is attached, not from the opening
    warn: Offset | None = None


def check_sla(case: Json, calendar: WorkCalendar, tolerance: timedelta) -> None:
    """Fold the sequence and compare every expected figure. Raises LookupError for words that are unknown."""
    given, expected = case["input"], case["expect"]
    policy = given.get("policy", {})
    clocks = list(peer_clocks(policy))
    asked = [event for event in given["events"] if event["type"] in ("measure", "add")]
    happened = [event for event in given["events"] if event["type"] not in ("measure", "add")]
    attached = any(e["type"] == "policy_attached" for e in happened) and any(e["type"] == "created" for e in happened)
    promised = Policy(
        "peer", 1, (Rule("all", Match(), tuple(c.target for c in clocks if not c.internal)),), COLOURS, (0.5, 0.75),
        timedelta(days=3650), timedelta(days=3650), frozenset({STATE}),
    )  # fmt: skip
    nothing = Policy("none", 1, (), COLOURS, (), timedelta(0), timedelta(0), frozenset())
    rules = Rules({p.id: p for p in (promised, nothing)}, {calendar.version_id: calendar})
    first = {"policy": nothing.id if attached else promised.id, "calendar": calendar.version_id}
    events = []
    for seq, (kind, event) in enumerate(_translated(happened, policy, attached)):
        extra: dict[str, Any] = dict(first) if seq == 0 else {}
        if kind is EventKind.POLICY_CHANGED:
            extra["policy"] = promised.id
        if kind is EventKind.PLAN_STARTED:
            extra["targets"] = tuple(c.target for c in clocks if c.internal)
        events.append(ClockEvent(kind, at(event["at"]), seq, reason=STATE, back_at=at(event["at"]) + HOUR, **extra))
    book = fold(events, rules)
    now = max((at(event["at"]) for event in happened), default=datetime(2000, 1, 1, tzinfo=UTC))
    for request in asked:
        _compare_request(book, calendar, request, expected, tolerance)
    for key, theirs in expected.items():
        if not asked and key not in ("tolerance_s", "note"):
            _compare(key, theirs, clocks, book, calendar, now, tolerance, policy)


def peer_clocks(policy: Json) -> Iterator[PeerClock]:
    """Read the clocks a peer's policy states, in any of its forms."""
    pause = frozenset({STATE} if policy.get("paused_states") else ())
    if "target_s" in policy or "target_workdays" in policy:
        metric = METRICS[policy.get("metric", "time_to_resolve")]
        yield PeerClock("", Target(metric, _amount(policy), pause))
    for key, value in policy.items():
        if key in ("sla", "ola"):
            for name in (n[: -len("_s")] for n in value if n.endswith("_s") and not n.endswith("_warn_s")):
                metric = Metric.PLAN if key == "ola" else METRICS[name]
                warn = value.get(f"{name}_warn_s")
                yield PeerClock(
                    f"{key}_{name}",
                    Target(metric, _open(value[f"{name}_s"]), pause, name if key == "ola" else ""),
                    key == "ola",
                    Offset(_open(abs(warn)), warn < 0) if warn else None,
                )
        elif key.endswith("_s") and key != "target_s":
            name = key.removesuffix("_s")
            yield PeerClock(name, Target(METRICS[name], _open(value), pause))
        elif key not in POLICY_KEYS:
            raise LookupError(f"unknown policy key {key!r}")
    if not any(key.endswith("_s") or key in ("sla", "ola", "target_workdays") for key in policy):
        yield PeerClock("", Target(Metric.RESOLVE, Amount(Unit.OPEN, timedelta(days=300)), pause))


def at(text: str) -> datetime:
    """Read an instant; without an offset it is UTC."""
    instant = datetime.fromisoformat(text)
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _translated(events: list[Json], policy: Json, attached: bool) -> Iterator[tuple[EventKind, Json]]:
    paused = resolved = False
    stops = {policy["stop_at"]} if "stop_at" in policy else CLOSED_STATES
    simple = {
        "first_response": EventKind.BOOKED,
        "customer_contact": EventKind.CUSTOMER_CONTACT,
        "closed": EventKind.RESOLVED,
        "resolved": EventKind.RESOLVED,
        "solved": EventKind.RESOLVED,
        "reopened": EventKind.REOPENED,
        "paused": EventKind.PAUSED,
        "resumed": EventKind.RESUMED,
        "cancelled": EventKind.CANCELLED,
    }
    for event in sorted(events, key=lambda e: at(e["at"])):
        kind = event["type"]
        if kind == "created":
            yield EventKind.OPENED, event
        elif kind == "policy_attached":
            yield EventKind.POLICY_CHANGED if attached else EventKind.OPENED, event
            yield EventKind.PLAN_STARTED, event
        elif kind == "agent_contact":
            yield EventKind.CONTACT, event
            yield EventKind.BOOKED, event
        elif kind in simple:
            yield simple[kind], event
        elif kind != "state":
            raise LookupError(f"unknown event {kind!r}")
        state = event.get("to", event.get("state", "") if kind == "created" else None)
        if state is None:
            continue
        if state in stops:
            yield EventKind.RESOLVED, event
            paused, resolved = False, True
            continue
        if resolved:
            yield EventKind.REOPENED, event
            resolved = False
        if (state in policy.get("paused_states", ())) != paused:
            paused = not paused
            yield EventKind.PAUSED if paused else EventKind.RESUMED, event


def _compare(
    key: str,
    theirs: Any,
    clocks: list[PeerClock],
    book: Book,
    calendar: WorkCalendar,
    now: datetime,
    tolerance: timedelta,
    policy: Json,
) -> None:
    suffix = next((s for s in SUFFIXES if key == s or key.endswith(f"_{s}")), None)
    if suffix is None:
        raise LookupError(f"unknown expectation {key!r}")
    peer = _named(key.removesuffix(suffix).rstrip("_"), clocks)
    rounds = [c for c in book.clocks if (c.metric, c.name) == (peer.target.metric, peer.target.name)]
    clock = max(rounds, key=lambda c: c.used) if suffix in ("elapsed_min", "elapsed_s", "margin_min") else rounds[-1]
    ours = _figure(suffix, clock, peer, calendar, now, policy)
    if isinstance(theirs, str) and isinstance(ours, datetime):
        assert abs(ours - at(theirs)) <= tolerance, f"{key}: ours {ours}, theirs {theirs}"
    elif isinstance(ours, timedelta):
        unit = timedelta(minutes=1) if suffix.endswith("_min") else timedelta(seconds=1)
        assert abs(ours - theirs * unit) <= tolerance, f"{key}: ours {ours}, theirs {theirs}"
    else:
        assert ours == theirs, key


def _figure(suffix: str, clock: Clock, peer: PeerClock, calendar: WorkCalendar, now: datetime, policy: Json) -> Any:
    used = elapsed(clock, calendar, now)
    due = clock.held_due
    late = clock.state is State.LATE or clock.overdue(now)
    match suffix:
        case "due":
            return clock.due_at
        case "due_was":
            return due
        case "elapsed_min" | "elapsed_s":
            return used
        case "margin_min":
            return clock.span - used
        case "paused_open_s":
            return sum((calendar.between(p.since, p.until or now) for p in clock.pauses), timedelta(0))
        case "warn":
            assert peer.warn is not None
            return peer.warn.of(calendar, due)
        case "escalation_at":
            return _offset(policy["escalation_offset"]).of(calendar, due)
        case "breached":
            return late
        case "outcome" | "status":
            return "breached" if late else clock.state.value
    raise LookupError(f"unknown expectation {suffix!r}")


def _compare_request(book: Book, calendar: WorkCalendar, request: Json, expected: Json, tolerance: timedelta) -> None:
    clock = book.latest(Metric.RESOLVE)
    assert clock is not None
    since = at(request["from"])
    if request["type"] == "measure":
        ours = elapsed_within(clock, calendar, since, at(request["to"]))
        ((key, theirs),) = expected.items()
        unit = {"elapsed_min": timedelta(minutes=1), "elapsed_s": timedelta(seconds=1)}[key]
        assert abs(ours - theirs * unit) <= tolerance, f"ours {ours}, theirs {theirs}"
    else:
        due = _after(calendar, clock.pauses, since, timedelta(seconds=request["seconds"]))
        assert abs(due - at(expected["due"])) <= tolerance, f"ours {due}, theirs {expected['due']}"


def _after(calendar: WorkCalendar, pauses: tuple[Pause, ...], since: datetime, amount: timedelta) -> datetime:
    due = calendar.add(since, amount)
    for pause in pauses:
        if pause.until is not None and pause.until > since and pause.since < due:
            due = calendar.add(due, calendar.between(max(pause.since, since), pause.until))
    return due


def _named(prefix: str, clocks: list[PeerClock]) -> PeerClock:
    if prefix in {c.prefix for c in clocks}:
        return next(c for c in clocks if c.prefix == prefix)
    if prefix and any(c.prefix for c in clocks):
        raise LookupError(f"no clock {prefix!r}")
    return next((c for c in clocks if c.target.metric is Metric.RESOLVE), clocks[0])


def _amount(policy: Json) -> Amount:
    if "target_workdays" not in policy:
        return _open(policy["target_s"])
    if policy.get("snap") not in (None, "end_of_working_day"):
        raise LookupError(f"unknown snap {policy['snap']!r}")
    return Amount(Unit.WORKDAYS, days=policy["target_workdays"], keep_time=policy.get("snap") is None)


def _open(seconds: float) -> Amount:
    return Amount(Unit.OPEN, timedelta(seconds=seconds))


def _offset(text: str) -> Offset:
    return Offset.parse(text.replace("of open time", "open").replace("working day", "workday"))
