"""Open clocks on a new version of their calendar: those an edit can reach are read, all others move by statements."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from deskapp.domain.sla import Clock, ClockChange, ClockEvent, State, Unit, event_data
from deskapp.models import clock as models
from deskapp.models.base import table
from deskapp.models.ticket import Ticket
from deskapp.store.bulk import execute_many
from deskapp.store.clocks import changes_data, clock_columns, clock_of_values, insert_rows, instant_or_none

Row = dict[str, Any]
_c, _b, _e, _v = table(models.Clock), table(models.ClockBook), table(models.ClockEvent), table(models.CalendarVersion)
_t = table(Ticket)
_STATES = (State.RUNNING.value, State.PAUSED.value)
_OPEN = _c.c.state.in_(_STATES)
# The same where a range of tickets is looked at: no index on the state may draw the planner away from theirs.
_OPEN_AMONG = (_c.c.state + "").in_(_STATES)
# As `deskapp.store.clocks` writes a target; an amount in real time is moved by no calendar.
_REAL = '"unit": "real"'
_ROOM = timedelta(days=2)
_SEQ = -271828182845
_BATCH = 4000

_KEY = ("ticket_id", "metric", "name", "round")
_MOVES = (
    "calendar", "running_since", "used", "span", "due_at", "held_due", "revised_at", "overdue_by_change", "revision",
    "share_told", "next_threshold_at",
)  # fmt: skip
_SET_CLOCK = (
    update(_c)
    .where(*(_c.c[name] == bindparam(f"b_{name}") for name in _KEY))
    .values({name: bindparam(name) for name in _MOVES})
)
_SET_SHOWN = update(_b).where(_b.c.ticket_id == bindparam("b_ticket_id")).values(shown=bindparam("shown"))
_DUE = ("due_metric", "due_target", "due_at", "yellow_at", "red_at", "queue_band", "queue_at")
_SET_TICKET = update(_t).where(_t.c.id == bindparam("b_id")).values({name: bindparam(name) for name in _DUE})


@dataclass(frozen=True, slots=True)
class Reach:
    """The time in which an edit may change what is open (UTC): its dates, with room for zones and night shifts."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, days: Sequence[date]) -> "Reach":
        """The reach of an edit of these dates, at least one."""
        begin, end = (datetime.combine(day, time(), UTC) for day in (min(days), max(days)))
        return cls(begin - _ROOM, end + _ROOM + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Reached:
    """A ticket with clocks that an edit may move: those clocks, its number of events, and what lists show of it."""

    ticket_id: UUID
    clocks: tuple[Clock, ...]
    thresholds: tuple[datetime | None, ...]
    events: int
    shown: list[Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Tickets with open clocks on versions of a calendar; `only` and `without` name some of them."""

    calendar: str
    only: UUID | None = None
    without: tuple[UUID, ...] = ()

    def clocks(self, still: ColumnElement[bool] = _OPEN) -> ColumnElement[bool]:
        """The open clocks of these tickets that are counted on the calendar."""
        counted = select(_v.c.id).where(_v.c.key == self.calendar)
        return and_(still, _c.c.calendar.in_(counted), self._named(_c.c.ticket_id))

    def tickets(self) -> Select[Any]:
        """The ids of these tickets."""
        return select(_c.c.ticket_id).where(self.clocks())

    def _named(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        if self.only is not None:
            return column == self.only
        return column.not_in(self.without) if self.without else literal(True)


def hold(connection: Connection, scope: Scope) -> None:
    """Hold the tickets until the end of the transaction: whoever changes one waits."""
    if connection.dialect.name != "sqlite":  # there the whole transaction has the database to itself
        ids = select(_t.c.id).where(_t.c.id.in_(scope.tickets())).order_by(_t.c.id).with_for_update().subquery()
        connection.execute(select(func.count()).select_from(ids))


def ahead(connection: Connection, scope: Scope, now: datetime) -> list[tuple[UUID, datetime]]:
    """Tickets whose last event another seat's clock dated after `now`, with that instant."""
    last = _last(connection)
    found = connection.execute(
        select(_b.c.ticket_id, last).where(_b.c.ticket_id.in_(scope.tickets()), last > now.isoformat())
    )
    return [(ticket, datetime.fromisoformat(at)) for ticket, at in found]


def reached(connection: Connection, scope: Scope, reach: Reach, now: datetime) -> Iterator[list[Reached]]:
    """The clocks that an edit may move, by tickets, in batches. What is due before it and told before it stays.

    The caller may write the clocks of a batch before it asks for the next one.
    """
    beyond = [_c.c.held_due >= reach.begin, _c.c.next_threshold_at >= reach.begin]
    wanted = and_(
        _c.c.target.not_like(f"%{_REAL}%"),
        _c.c.started_at <= reach.end,
        *(() if reach.begin <= now else (or_(*beyond),)),
    )
    ids = list(
        connection.execute(
            select(_c.c.ticket_id).where(scope.clocks(), wanted).distinct().order_by(_c.c.ticket_id)
        ).scalars()
    )
    threshold: ColumnElement[Any] = _c.c.next_threshold_at
    if connection.dialect.name == "sqlite":
        threshold = type_coerce(threshold, Text)
    columns = clock_columns(connection)
    for first in range(0, len(ids), _BATCH):
        batch = ids[first : first + _BATCH]
        query = (
            select(_c.c.ticket_id, threshold, _b.c.events, _b.c.shown, *columns)
            .join_from(_c, _b, _b.c.ticket_id == _c.c.ticket_id)
            .where(scope.clocks(_OPEN_AMONG), wanted, _c.c.ticket_id.between(batch[0], batch[-1]))
            .order_by(_c.c.ticket_id)
        )
        rows = connection.execute(query)
        yield [_reached(ticket, list(mine)) for ticket, mine in groupby(rows, key=itemgetter(0))]


def write(
    connection: Connection, clocks: Sequence[Row], shown: Sequence[Row], tickets: Sequence[Row], events: Sequence[Row]
) -> None:
    """Write what moved, one statement a table."""
    for statement, rows in ((_SET_CLOCK, clocks), (_SET_SHOWN, shown), (_SET_TICKET, tickets)):
        execute_many(connection, statement, rows)
    insert_rows(connection, events=events)


def move_rest(connection: Connection, scope: Scope, event: ClockEvent) -> None:
    """Give every ticket of the scope the event, unless it has it, and say that its clocks are on the new version."""
    tickets = scope.tickets()
    old = select(_c.c.calendar).where(scope.clocks(), _c.c.calendar != event.calendar).distinct()
    versions = list(connection.execute(old).scalars())
    connection.execute(_event_for_all(connection, tickets, event))
    shown: ColumnElement[str] = _text(connection, _b.c.shown)
    for version in versions:
        shown = func.replace(shown, f'"{version}"', f'"{event.calendar}"')
    told = {"events": _b.c.events + 1, "body": _told_body(connection, event), "shown": _json(connection, shown)}
    connection.execute(update(_b).where(_b.c.ticket_id.in_(tickets)).values(told))
    connection.execute(update(_c).where(scope.clocks()).values(calendar=event.calendar))


def event_of_ticket(ticket: Reached, event: Row, changes: Iterable[ClockChange]) -> Row:
    """The event, as a row of `event_row`, as that of one ticket, with the clocks that it moved."""
    own = {"ticket_id": ticket.ticket_id, "seq": ticket.events, "changes": changes_data(changes)}
    return event | own | {"body": event["body"] | {"seq": ticket.events}}


def moved_clock(ticket_id: UUID, clock: Clock, threshold: datetime | None) -> Row:
    """A clock's new figures as a row for `write`."""
    micro = timedelta(microseconds=1)
    return {
        "b_ticket_id": ticket_id, "b_metric": clock.metric.value, "b_name": clock.name, "b_round": clock.round,
        "calendar": clock.calendar, "running_since": clock.running_since, "used": clock.used // micro,
        "span": clock.span // micro, "due_at": clock.due_at, "held_due": clock.held_due,
        "revised_at": clock.revised_at, "overdue_by_change": clock.overdue_by_change, "revision": clock.revision,
        "share_told": clock.share_told, "next_threshold_at": threshold,
    }  # fmt: skip


def _reached(ticket_id: UUID, rows: list[Any]) -> Reached:
    # LIKE may let a target pass that only looks like one in real time; the clock itself says what it is.
    pairs = [(clock_of_values(row[4:]), instant_or_none(row[1])) for row in rows]
    pairs = [(clock, at) for clock, at in pairs if clock.target.amount.unit is not Unit.REAL]
    clocks, thresholds = tuple(clock for clock, _ in pairs), tuple(at for _, at in pairs)
    return Reached(ticket_id, clocks, thresholds, rows[0][2], rows[0][3])


def _event_for_all(connection: Connection, tickets: Select[Any], event: ClockEvent) -> Any:
    begin, end = json.dumps(event_data(event) | {"seq": _SEQ}).split(str(_SEQ))
    body = literal(begin) + cast(_b.c.events, Text) + literal(end)
    there = exists().where(_e.c.ticket_id == _b.c.ticket_id, _e.c.seq == _b.c.events)
    values: Row = {
        "ticket_id": _b.c.ticket_id,
        "seq": _b.c.events,
        "kind": literal(event.kind.value),
        "at": literal(event.at, _e.c.at.type),
        "recorded_at": literal(event.at, _e.c.recorded_at.type),
        "by": literal(event.by),
        "body": _json(connection, body),
        "changes": _json(connection, literal("[]")),
    }
    query = select(*values.values()).where(_b.c.ticket_id.in_(tickets), ~there)
    return insert(_e).from_select(list(values), query)


def _told_body(connection: Connection, event: ClockEvent) -> ColumnElement[Any]:
    at = event.at.astimezone(UTC).isoformat()
    if connection.dialect.name == "sqlite":
        text = type_coerce(_b.c.body, Text)
        found = func.json_set(text, "$.calendar", event.calendar, "$.last", func.json_array(at, _b.c.events))
        return type_coerce(found, Text)
    moved = func.jsonb_set(cast(_b.c.body, JSONB), _path("calendar"), func.to_jsonb(cast(event.calendar, Text)))
    return cast(func.jsonb_set(moved, _path("last"), func.jsonb_build_array(cast(at, Text), _b.c.events)), JSON)


def _path(name: str) -> ColumnElement[Any]:
    return cast(literal(f"{{{name}}}"), ARRAY(Text))


def _last(connection: Connection) -> ColumnElement[str]:
    if connection.dialect.name == "sqlite":
        return type_coerce(func.json_extract(type_coerce(_b.c.body, Text), "$.last[0]"), Text)
    return type_coerce(cast(_b.c.body, JSONB)["last"][0].astext.collate("C"), Text)


def _text(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[str]:
    return type_coerce(column, Text) if connection.dialect.name == "sqlite" else cast(column, Text)


def _json(connection: Connection, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Text as JSON. SQLite keeps JSON as text, and a cast there would make a number of it."""
    return type_coerce(text, Text) if connection.dialect.name == "sqlite" else cast(text, JSON)
