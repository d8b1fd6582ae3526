"""Events, books and policies as plain JSON data and back, so that they can be kept in rows without loss."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from deskapp.domain.sla.amounts import Amount, Offset, Unit
from deskapp.domain.sla.book import Book, Marks
from deskapp.domain.sla.clock import Clock, Outcome, State
from deskapp.domain.sla.events import ClockEvent, EventKind, Pause, Promise
from deskapp.domain.sla.policy import Colours, Facts, Match, Metric, Policy, Rule, Target

Data = dict[str, Any]
_MICROSECOND = timedelta(microseconds=1)


def event_data(event: ClockEvent) -> Data:
    """Return an event as JSON data; what is at its default is left out."""
    plain = ClockEvent(event.kind, event.at)
    return {
        "kind": event.kind.value,
        "at": event.at.isoformat(),
        **{
            f.name: _plain(getattr(event, f.name))
            for f in fields(event)
            if f.name not in ("kind", "at") and getattr(event, f.name) != getattr(plain, f.name)
        },
    }


def event_of(data: Mapping[str, Any]) -> ClockEvent:
    """Read what `event_data` wrote."""
    values = dict(data)
    values["kind"] = EventKind(values["kind"])
    for name in ("at", "recorded_at", "back_at"):
        if values.get(name) is not None:
            values[name] = _instant(values[name])
    if values.get("facts") is not None:
        values["facts"] = _facts(values["facts"])
    values["targets"] = tuple(target_of(t) for t in values.get("targets", ()))
    values["promises"] = tuple(
        Promise(Metric(p["metric"]), p["name"], target_of(p["target"]), _instant(p["started_at"]), _pauses(p["pauses"]))
        for p in values.get("promises", ())
    )
    return ClockEvent(**values)


def clock_data(clock: Clock) -> Data:
    """Return a clock as JSON data; times in whole microseconds, instants in ISO 8601."""
    return {f.name: _plain(getattr(clock, f.name)) for f in fields(clock)}


def clock_of(data: Mapping[str, Any]) -> Clock:
    """Read what `clock_data` wrote."""
    values = dict(data)
    values.update(metric=Metric(values["metric"]), state=State(values["state"]), target=target_of(values["target"]))
    for name in ("started_at", "running_since", "due_at", "held_due", "revised_at", "done_at"):
        values[name] = None if values[name] is None else _instant(values[name])
    for name in ("used", "span", "over_by"):
        values[name] = timedelta(microseconds=values[name])
    values["pauses"] = _pauses(values["pauses"])
    values["former"] = former_of(values["former"])
    return Clock(**values)


def book_data(book: Book) -> Data:
    """Return a book as JSON data."""
    return {f.name: _plain(getattr(book, f.name)) for f in fields(book)}


def book_of(data: Mapping[str, Any]) -> Book:
    """Read what `book_data` wrote."""
    marks = {name: None if at is None else _instant(at) for name, at in data["marks"].items()}
    return Book(
        _facts(data["facts"]),
        data["policy"],
        data["calendar"],
        tuple(clock_of(clock) for clock in data["clocks"]),
        Marks(**marks),
        _pauses(data["pauses"]),
        (_instant(data["last"][0]), data["last"][1]),
        data["closed"],
    )


def target_of(data: Mapping[str, Any]) -> Target:
    """Read a target as it stands in events and clocks."""
    return Target(
        Metric(data["metric"]),
        _amount(data["amount"]),
        frozenset(data["pause"]),
        data["name"],
        tuple(Offset(_amount(o["amount"]), o["earlier"]) for o in data["escalations"]),
    )


def target_data(target: Target) -> Data:
    """Return a target as JSON data."""
    return {f.name: _plain(getattr(target, f.name)) for f in fields(target)}


def pauses_data(pauses: tuple[Pause, ...]) -> list[Data]:
    """Return pauses as JSON data."""
    return [_plain(pause) for pause in pauses]


def pauses_of(rows: list[Mapping[str, Any]]) -> tuple[Pause, ...]:
    """Read what `pauses_data` wrote."""
    return _pauses(rows)


def former_data(former: tuple[Outcome, ...]) -> list[Data]:
    """Return former outcomes as JSON data."""
    return [_plain(outcome) for outcome in former]


def former_of(rows: list[Mapping[str, Any]]) -> tuple[Outcome, ...]:
    """Read what `former_data` wrote."""
    return tuple(
        Outcome(State(o["state"]), _instant(o["done_at"]), _instant(o["due_at"]), timedelta(microseconds=o["over_by"]))
        for o in rows
    )


def policy_data(policy: Policy) -> Data:
    """Return a policy as JSON data."""
    return {
        "key": policy.key,
        "version": policy.version,
        "rules": [
            {"key": rule.key, "match": _plain(rule.match), "targets": [target_data(t) for t in rule.targets]}
            for rule in policy.rules
        ],
        "colours": _plain(policy.colours),
        "notices": list(policy.notices),
        "reopen_within": _plain(policy.reopen_within),
        "late_entry": _plain(policy.late_entry),
        "pause_reasons": sorted(policy.pause_reasons),
    }


def policy_of(data: Mapping[str, Any]) -> Policy:
    """Read what `policy_data` wrote."""
    colours: dict[str, Any] = {
        name: timedelta(microseconds=value) if name.endswith("_left") else value
        for name, value in data["colours"].items()
    }
    return Policy(
        data["key"],
        data["version"],
        tuple(
            Rule(
                rule["key"],
                Match(**{name: frozenset(words) for name, words in rule["match"].items()}),
                tuple(target_of(target) for target in rule["targets"]),
            )
            for rule in data["rules"]
        ),
        Colours(**colours),
        tuple(data["notices"]),
        timedelta(microseconds=data["reopen_within"]),
        timedelta(microseconds=data["late_entry"]),
        frozenset(data["pause_reasons"]),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, timedelta):
        return value // _MICROSECOND
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _facts(data: Mapping[str, Any]) -> Facts:
    return Facts(**{**data, "tags": frozenset(data["tags"])})


def _amount(data: Mapping[str, Any]) -> Amount:
    return Amount(Unit(data["unit"]), timedelta(microseconds=data["length"]), data["days"], data["keep_time"])


def _pauses(rows: list[Mapping[str, Any]]) -> tuple[Pause, ...]:
    return tuple(
        Pause(
            _instant(p["since"]),
            None if p["until"] is None else _instant(p["until"]),
            p["reason"],
            None if p["back_at"] is None else _instant(p["back_at"]),
        )
        for p in rows
    )
