"""Keep clocks, their events and books: read a ticket's book, write what changed with one statement a table."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    bindparam,
    delete,
    insert,
    select,
    type_coerce,
    update,
)

from deskapp.domain.sla import (
    Book,
    Clock,
    ClockChange,
    ClockEvent,
    Metric,
    State,
    Target,
    book_data,
    book_of,
    event_data,
    event_of,
    former_data,
    former_of,
    pauses_data,
    pauses_of,
    target_data,
    target_of,
)
from deskapp.models import clock as models
from deskapp.models.base import table
from deskapp.models.ticket import Ticket
from deskapp.store.bulk import execute_many

Row = dict[str, Any]
_c, _b, _e = table(models.Clock), table(models.ClockBook), table(models.ClockEvent)
_KEY = ("ticket_id", "metric", "name", "round")
_COLUMNS = tuple(column.key for column in _c.columns)
_MICROSECOND = timedelta(microseconds=1)
_INSTANTS = {column.name for column in _c.columns if column.name.endswith(("_at", "_since", "_due"))}

# Built once: making a statement costs more than running it.
_BOOK = select(_b.c.events, _b.c.body).where(_b.c.ticket_id == bindparam("ticket"))
_CLOCKS = select(_c).where(_c.c.ticket_id == bindparam("ticket")).order_by(_c.c.started_at, _c.c.metric, _c.c.round)
_EVENTS = select(_e.c.body).where(_e.c.ticket_id == bindparam("ticket")).order_by(_e.c.seq)
_NEW_CLOCK, _NEW_BOOK, _NEW_EVENT = insert(_c), insert(_b), insert(_e)
_SET_BOOK = (
    update(_b)
    .where(_b.c.ticket_id == bindparam("b_ticket_id"))
    .values({name: bindparam(name) for name in ("events", "body", "shown")})
)
_SAME = [_c.c[name] == bindparam(f"b_{name}") for name in _KEY]
_SET_CLOCK = update(_c).where(*_SAME).values({name: bindparam(name) for name in _COLUMNS if name not in _KEY})
_DROP_CLOCK = delete(_c).where(*_SAME)


@dataclass(frozen=True, slots=True)
class Kept:
    """The book of a ticket as it is stored, with the number of its events."""

    book: Book
    events: int


def load_book(connection: Connection, ticket_id: UUID) -> Kept | None:
    """The book of a ticket; None for a ticket that has none yet."""
    row = connection.execute(_BOOK, {"ticket": ticket_id}).first()
    if row is None:
        return None
    clocks = tuple(clock_of_row(found) for found in connection.execute(_CLOCKS, {"ticket": ticket_id}).mappings())
    return Kept(join(row.body, clocks), row.events)


def load_events(connection: Connection, ticket_id: UUID) -> list[ClockEvent]:
    """All events of a ticket, in the order of recording."""
    return [event_of(body) for body in connection.execute(_EVENTS, {"ticket": ticket_id}).scalars()]


def join(body: Mapping[str, Any], clocks: Sequence[Clock]) -> Book:
    """A stored book with its clocks in the order in which they were started."""
    order = {tuple(key): place for place, key in enumerate(body["order"])}
    data = {name: value for name, value in body.items() if name != "order"}
    placed = sorted(clocks, key=lambda clock: order[clock.metric.value, clock.name, clock.round])
    return replace(book_of(data), clocks=tuple(placed))


def book_row(ticket_id: UUID, book: Book, events: int, shown: list[Any]) -> Row:
    """A book as a row."""
    order = [[clock.metric.value, clock.name, clock.round] for clock in book.clocks]
    body = book_data(replace(book, clocks=())) | {"order": order}
    return {"ticket_id": ticket_id, "events": events, "body": body, "shown": shown}


def event_row(ticket_id: UUID, event: ClockEvent, changes: Iterable[ClockChange] = ()) -> Row:
    """An event as a row, with the clocks it changed."""
    return {
        "ticket_id": ticket_id,
        "seq": event.seq,
        "kind": event.kind.value,
        "at": event.at,
        "recorded_at": event.recorded_at or event.at,
        "by": event.by,
        "body": event_data(event),
        "changes": changes_data(changes),
    }


def changes_data(changes: Iterable[ClockChange]) -> list[Any]:
    """What an event did to clocks, as it stands beside the event."""
    return [
        [
            change.metric.value, change.name, change.round, change.state_before, change.state_after,
            _iso(change.due_before), _iso(change.due_after), change.why,
        ]
        for change in changes
    ]  # fmt: skip


def clock_row(ticket_id: UUID, clock: Clock, next_threshold_at: datetime | None) -> Row:
    """A clock as a row."""
    return {
        "ticket_id": ticket_id,
        "metric": clock.metric.value,
        "name": clock.name,
        "round": clock.round,
        "state": clock.state.value,
        "policy": clock.policy,
        "calendar": clock.calendar,
        "target": _target_text(clock.target),
        "started_at": clock.started_at,
        "running_since": clock.running_since,
        "used": clock.used // _MICROSECOND,
        "span": clock.span // _MICROSECOND,
        "due_at": clock.due_at,
        "held_due": clock.held_due,
        "revised_at": clock.revised_at,
        "pauses": json.dumps(pauses_data(clock.pauses)) if clock.pauses else "[]",
        "done_at": clock.done_at,
        "over_by": clock.over_by // _MICROSECOND,
        "reason": clock.reason,
        "overdue_by_change": clock.overdue_by_change,
        "revision": clock.revision,
        "share_told": clock.share_told,
        "former": json.dumps(former_data(clock.former)) if clock.former else "[]",
        "next_threshold_at": next_threshold_at,
    }


def clock_of_row(row: Mapping[str, Any] | RowMapping) -> Clock:
    """Read what `clock_row` wrote."""
    found: Any = row
    return Clock(
        metric=Metric(found["metric"]),
        name=found["name"],
        round=found["round"],
        state=State(found["state"]),
        target=target_of_text(found["target"]),
        policy=found["policy"],
        calendar=found["calendar"],
        started_at=found["started_at"],
        running_since=found["running_since"],
        used=found["used"] * _MICROSECOND,
        span=found["span"] * _MICROSECOND,
        due_at=found["due_at"],
        held_due=found["held_due"],
        revised_at=found["revised_at"],
        pauses=() if found["pauses"] == "[]" else pauses_of(json.loads(found["pauses"])),
        done_at=found["done_at"],
        over_by=found["over_by"] * _MICROSECOND,
        reason=found["reason"],
        overdue_by_change=found["overdue_by_change"],
        revision=found["revision"],
        share_told=found["share_told"],
        former=() if found["former"] == "[]" else former_of(json.loads(found["former"])),
    )


def clock_columns(connection: Connection) -> list[ColumnElement[Any]]:
    """Columns for `clock_of_values`, in its order; instants as SQLite keeps them: reading those by type costs most."""
    found: list[ColumnElement[Any]] = [_c.c[field.name] for field in fields(Clock)]
    if connection.dialect.name == "sqlite":
        found = [type_coerce(column, Text) if column.name in _INSTANTS else column for column in found]
    return found


def clock_of_values(values: Sequence[Any]) -> Clock:
    """A clock from the values of `clock_columns`."""
    (
        metric, name, round_, state, target, policy, calendar, started_at, running_since, used, span, due_at, held_due,
        revised_at, pauses, done_at, over_by, reason, overdue_by_change, revision, share_told, former,
    ) = values  # fmt: skip
    return Clock(
        Metric(metric), name, round_, State(state), target_of_text(target), policy, calendar, instant(started_at),
        instant_or_none(running_since), used * _MICROSECOND, span * _MICROSECOND, instant_or_none(due_at),
        instant(held_due), instant(revised_at), () if pauses == "[]" else pauses_of(json.loads(pauses)),
        instant_or_none(done_at), over_by * _MICROSECOND, reason, overdue_by_change, revision, share_told,
        () if former == "[]" else former_of(json.loads(former)),
    )  # fmt: skip


def instant(value: str | datetime) -> datetime:
    """An instant as the driver gives it: text in UTC from SQLite."""
    return datetime.fromisoformat(value + "+00:00") if isinstance(value, str) else value


def instant_or_none(value: str | datetime | None) -> datetime | None:
    """An instant that may be missing."""
    return None if value is None else instant(value)


def insert_rows(
    connection: Connection, books: Sequence[Row] = (), clocks: Sequence[Row] = (), events: Sequence[Row] = ()
) -> None:
    """Insert rows, one statement a table."""
    for statement, rows in ((_NEW_BOOK, books), (_NEW_CLOCK, clocks), (_NEW_EVENT, events)):
        execute_many(connection, statement, rows)


def update_book(connection: Connection, rows: Sequence[Row]) -> None:
    """Write books again."""
    if rows:
        connection.execute(_SET_BOOK, [_keyed(row, ("ticket_id",)) for row in rows])


def update_clocks(connection: Connection, rows: Sequence[Row]) -> None:
    """Write clocks again that changed."""
    if rows:
        connection.execute(_SET_CLOCK, [_keyed(row, _KEY) for row in rows])


def delete_clocks(connection: Connection, ticket_id: UUID, clocks: Iterable[Clock]) -> None:
    """Forget clocks that a late entry has undone; their events stay."""
    rows = [
        {"b_ticket_id": ticket_id, "b_metric": c.metric.value, "b_name": c.name, "b_round": c.round} for c in clocks
    ]
    if rows:
        connection.execute(_DROP_CLOCK, rows)


def open_books(connection: Connection, *, lock: bool = False, batch: int = 2000) -> Iterator[list[tuple[UUID, Kept]]]:
    """All books with an open clock, whole, in batches of tickets. `lock`: whoever changes one of the tickets waits."""
    still = select(_c.c.ticket_id).where(_c.c.state.in_((State.RUNNING.value, State.PAUSED.value)))
    wanted = list(connection.execute(still.distinct().order_by(_c.c.ticket_id)).scalars())
    for first in range(0, len(wanted), batch):
        ids = wanted[first : first + batch]
        if lock:
            tickets = table(Ticket).c
            connection.execute(select(tickets.id).where(tickets.id.in_(ids)).order_by(tickets.id).with_for_update())
        clocks: dict[UUID, list[Clock]] = {ticket: [] for ticket in ids}
        for row in connection.execute(select(_c).where(_c.c.ticket_id.in_(ids))).mappings():
            clocks[row["ticket_id"]].append(clock_of_row(row))
        books = connection.execute(select(_b.c.ticket_id, _b.c.events, _b.c.body).where(_b.c.ticket_id.in_(ids)))
        yield [(ticket, Kept(join(body, clocks[ticket]), events)) for ticket, events, body in books]


def _keyed(row: Row, key: tuple[str, ...]) -> Row:
    return {f"b_{name}" if name in key else name: value for name, value in row.items()}


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


@lru_cache(maxsize=1024)
def _target_text(target: Target) -> str:
    return json.dumps(target_data(target), sort_keys=True)


@lru_cache(maxsize=1024)
def target_of_text(text: str) -> Target:
    return target_of(json.loads(text))
