"""Count the open clocks of a calendar again on its new version: what an edit would move, and moving it."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.sla import (
    Clock,
    ClockEvent,
    Colours,
    EventKind,
    Move,
    Rules,
    changes_of,
    next_threshold_at,
    notices,
    recalendar,
    shown_data,
)
from deskapp.domain.views_time import EditPreview, MovedDue
from deskapp.models.base import table
from deskapp.models.ticket import Ticket
from deskapp.services.clocks import turn_columns
from deskapp.store import refold as store
from deskapp.store.clocks import event_row
from deskapp.store.queue import PAUSED, RUNNING
from deskapp.store.refold import Reach, Reached, Scope
from deskapp.store.rules import colours_of, known_of, need

_SHOWN = 20
_t = table(Ticket).c


def refold(connection: Connection, key: str, new: WorkCalendar, now: datetime, by: str, reach: Reach) -> int:
    """Count all open clocks of a calendar again on a new version; returns how many due times moved.

    Only clocks that live in the reach of the edit are folded; no other can move. Every ticket gets the event.
    """
    everything = Scope(key)
    store.hold(connection, everything)
    early = store.ahead(connection, everything, now)
    scopes = [(Scope(key, without=tuple(ticket for ticket, _at in early)), now)]
    scopes += [(Scope(key, only=ticket), at) for ticket, at in early]
    moved = 0
    with _nothing_collected():
        for scope, at in scopes:
            event = ClockEvent(EventKind.CALENDAR_CHANGED, at, by=by, calendar=new.version_id)
            for batch in store.reached(connection, scope, reach, now):
                moved += _write(connection, batch, new, event, now)
            store.move_rest(connection, scope, event)
    return moved


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """A batch of clocks makes a million objects without a cycle; looking through them takes a quarter of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def moves(
    connection: Connection, key: str, new: WorkCalendar, now: datetime, reach: Reach
) -> Iterator[tuple[UUID, Move, bool, bool]]:
    """What `refold` would move: the ticket, the clock with both due times, whether it turns overdue or ceases to be."""
    with _nothing_collected():
        for batch in store.reached(connection, Scope(key), reach, now):
            rules = _rules(connection, batch)
            for ticket in batch:
                for clock in ticket.clocks:
                    after = recalendar(clock, rules.calendar(clock.calendar), new, now)
                    if after.held_due != clock.held_due:
                        was, late = clock.overdue(now), after.overdue(now)
                        yield (
                            ticket.ticket_id,
                            Move(clock, clock.held_due, after.held_due),
                            late and not was,
                            was and not late,
                        )


def named_moves(connection: Connection, found: Sequence[tuple[UUID, Move]]) -> tuple[MovedDue, ...]:
    """The first of these moves, with the tickets' numbers."""
    first = found[:_SHOWN]
    named = connection.execute(select(_t.id, _t.number).where(_t.id.in_([ticket for ticket, _ in first])))
    number = {ticket: f"T-{n}" for ticket, n in named}
    return tuple(MovedDue(number[ticket], m.clock.metric.value, m.before, m.after) for ticket, m in first)


def preview(connection: Connection, key: str, new: WorkCalendar, now: datetime, reach: Reach) -> EditPreview:
    """What a new version of a calendar would move, and the first of it."""
    moved, worse, better = 0, 0, 0
    first: list[tuple[UUID, Move]] = []
    for ticket, move, later, sooner in moves(connection, key, new, now, reach):
        moved, worse, better = moved + 1, worse + later, better + sooner
        if len(first) < _SHOWN:
            first.append((ticket, move))
    return EditPreview(moved, worse, better, named_moves(connection, first))


def _write(
    connection: Connection, batch: Sequence[Reached], new: WorkCalendar, event: ClockEvent, now: datetime
) -> int:
    rules, colours = _rules(connection, batch), colours_of(known_of(connection))
    clocks: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    tickets: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    shown_on = need(connection, (), _versions(batch) | {new.version_id})
    told_all = event_row(UUID(int=0), event)
    moved = 0
    for ticket in batch:
        pairs = []
        for clock, threshold in zip(ticket.clocks, ticket.thresholds, strict=True):
            after = recalendar(clock, rules.calendar(clock.calendar), new, event.at)
            told = _told_next(clock, after, threshold, new, rules, now)
            if _differs(clock, after) or told != threshold:
                clocks.append(store.moved_clock(ticket.ticket_id, after, told))
                pairs.append((clock, after))
        if not pairs:
            continue
        entries = _shown_again(ticket.shown, pairs, colours)
        shown.append({"b_ticket_id": ticket.ticket_id, "shown": entries})
        turns = turn_columns(entries, shown_on.calendar)
        tickets.append({"b_id": ticket.ticket_id, **_queue_columns(entries, now), **turns})
        if changed := changes_of(pairs, event):
            moved += len(changed)
            events.append(store.event_of_ticket(ticket, told_all, changed))
    store.write(connection, clocks, shown, tickets, events)
    return moved


def _shown_again(
    entries: list[Any], pairs: Iterable[tuple[Clock, Clock]], colours: Callable[[str], Colours]
) -> list[Any]:
    """What lists show of a ticket, with some clocks in the place of what they were."""
    after = list(entries)
    for was, now in pairs:
        # Two promises of one metric that are due at the same instant show the same: either may be taken.
        due = was.held_due.isoformat()
        after.remove(next(row for row in after if row[1] == due and row[0] == was.metric.value))
        after += shown_data((now,), colours)
    return after if len(after) == 1 else sorted(after, key=lambda row: (row[6] != "", row[1]))


def _told_next(
    before: Clock, after: Clock, threshold: datetime | None, new: WorkCalendar, rules: Rules, now: datetime
) -> datetime | None:
    """When somebody is to be told next: what was told under this due time is not told again."""
    policy = rules.policy(after.policy)
    if before.revision != after.revision:
        return next_threshold_at(after, new, policy)
    if threshold is None or threshold <= now:
        return threshold
    return next((notice.at for notice in notices(after, new, policy) if notice.at > now), None)


def _queue_columns(entries: list[Any], now: datetime) -> dict[str, Any]:
    """The queue's columns of a ticket with open clocks, as `deskapp.services.clocks.columns` gives them."""
    running = [row for row in entries if not row[6]]
    if running:
        row = min(running, key=lambda row: datetime.fromisoformat(row[1]))
        due = datetime.fromisoformat(row[1])
        band, at = RUNNING, due
    else:
        row = min(entries, key=lambda row: datetime.fromisoformat(row[7]) if row[7] else now)
        due, band, at = None, PAUSED, datetime.fromisoformat(row[7]) if row[7] else now
    span = int(timedelta(seconds=row[2]).total_seconds())
    return {"due_metric": row[0], "due_target": span, "due_at": due, "queue_band": band, "queue_at": at}


def _versions(batch: Iterable[Reached]) -> set[str]:
    """The calendar versions that lists show these tickets' clocks on."""
    return {entry[5] for ticket in batch for entry in ticket.shown if entry[5]}


def _rules(connection: Connection, batch: Iterable[Reached]) -> Rules:
    every = [clock for ticket in batch for clock in ticket.clocks]
    return need(connection, {clock.policy for clock in every}, {clock.calendar for clock in every})


def _differs(before: Clock, after: Clock) -> bool:
    """Whether more than the version changed; one statement moves all clocks to the version."""
    return (before.held_due, before.used, before.span, before.revision) != (
        after.held_due, after.used, after.span, after.revision,
    )  # fmt: skip


__all__ = ["moves", "named_moves", "preview", "refold"]
