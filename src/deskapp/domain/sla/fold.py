"""Clocks from events: `fold` over a ticket's history, `apply` for one more event; both give the same clocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.errors import Conflict
from deskapp.domain.i18n import N_
from deskapp.domain.sla.book import Book, ClockChange, Rules
from deskapp.domain.sla.clock import Clock, recalendar
from deskapp.domain.sla.events import ClockEvent
from deskapp.domain.sla.handlers import step


def fold(events: Iterable[ClockEvent], rules: Rules) -> Book:
    """Fold a whole history, in the order in which things occurred. Raises NotFound for an unknown version."""
    book = Book()
    for event in sorted(events, key=lambda e: (e.at, e.seq)):
        book = step(book, event, rules)
    return book


def apply(book: Book, event: ClockEvent, rules: Rules) -> tuple[Book, tuple[ClockChange, ...]]:
    """Apply one event that occurred after all before it: the cost does not depend on the length of the history.

    Raises Conflict for a late entry: the history with it has to be folded again.
    """
    if (event.at, event.seq) <= book.last:
        raise Conflict(
            N_("Something that occurred later is already recorded."),
            hint=N_("Fold the whole history again with this entry in its place."),
        )
    after = step(book, event, rules)
    return after, changes(book, after, event)


def changes(before: Book, after: Book, event: ClockEvent) -> tuple[ClockChange, ...]:
    """Compare two books and list the clocks that an event started, moved or ended."""
    old = {clock.key: clock for clock in before.clocks}
    return changes_of([(old.get(clock.key), clock) for clock in after.clocks], event)


def changes_of(pairs: Iterable[tuple[Clock | None, Clock]], event: ClockEvent) -> tuple[ClockChange, ...]:
    """List what an event did to clocks, each given before (None: it is new) and after."""
    return tuple(
        ClockChange(
            clock.metric, clock.name, clock.round, event.kind, event.at, event.by,
            clock.reason or event.reason, was.state if was else None, clock.state,
            was.due_at if was else None, clock.due_at,
        )
        for was, clock in pairs
        if was is None or (was.state, was.due_at, was.target) != (clock.state, clock.due_at, clock.target)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """A due time that a new calendar version would move."""

    clock: Clock
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class CalendarPreview:
    """What a calendar edit would do to open clocks: the due times that move, and how many turn overdue or cease to."""

    moves: tuple[Move, ...]
    become_overdue: int
    no_longer_overdue: int


def preview_calendar(clocks: Iterable[Clock], old: WorkCalendar, new: WorkCalendar, now: datetime) -> CalendarPreview:
    """Say what `recalendar` would do, without doing it."""
    moves, worse, better = [], 0, 0
    for clock in clocks:
        after = recalendar(clock, old, new, now)
        if after.held_due != clock.held_due:
            moves.append(Move(clock, clock.held_due, after.held_due))
            worse += after.overdue(now) and not clock.overdue(now)
            better += clock.overdue(now) and not after.overdue(now)
    return CalendarPreview(tuple(moves), worse, better)
