"""Promises of tickets: every use case tells here what happened; clocks and the queue's columns follow from it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, select
from sqlmodel import Session

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.sla import (
    Amount,
    Book,
    Clock,
    ClockChange,
    ClockEvent,
    EventKind,
    Facts,
    Metric,
    Policy,
    Promise,
    Rules,
    State,
    Target,
    Unit,
    apply,
    changes,
    check_event,
    first_turns,
    fold,
    next_threshold_at,
    notices,
    shown_data,
    shown_of,
)
from deskapp.domain.terms import Status
from deskapp.models.base import table
from deskapp.models.customer import Customer
from deskapp.models.ticket import ImportedCase, Ticket
from deskapp.services.clock_rules import in_force
from deskapp.store import clocks as store
from deskapp.store.queue import PAUSED, RUNNING, UNPROMISED
from deskapp.store.rules import colours_of, keep_policy, need
from deskapp.store.uow import Work

_TAGS = select(table(Customer).c.tags).where(table(Customer).c.id == bindparam("customer"))

# Where due times come from a log and not from us: nothing is promised by rule, what the log says is its own target.
IMPORTED = "imported"


def open_clocks(
    work: Work, ticket: Ticket, at: datetime, *, arrived_at: datetime | None = None, outcome: str = "", spoken: bool
) -> None:
    """Start the clocks of a ticket that is being opened; `spoken`: the customer is on the line at that moment."""
    connection = work.session.connection()
    rules = in_force(connection, work.now, by=work.actor.id)
    facts = Facts(
        ticket.grade.value,
        ticket.priority.value,
        outcome,
        ticket.channel.value,
        _tags(connection, ticket, rules.policy),
    )
    first: dict[str, Any] = {"facts": facts, "policy": rules.policy.id, "calendar": rules.calendar.version_id}
    events = []
    if arrived_at is not None:
        events = [ClockEvent(EventKind.ARRIVED, arrived_at, **first), ClockEvent(EventKind.TAKEN, at)]
    events.append(ClockEvent(EventKind.OPENED, at, **({} if events else first)))
    if spoken:
        events.append(ClockEvent(EventKind.CONTACT, at))
    _record(work, ticket, events, None)


def tell(work: Work, ticket: Ticket, kind: EventKind, at: datetime | None = None, **values: Any) -> Book:
    """Record what happened to a ticket and bring its clocks in line; `at` (UTC) may lie back as far as the policy says.

    Returns the book as it stands. Raises Invalid for an entry dated ahead or too far back.
    """
    return tell_all(work, ticket, ClockEvent(kind, at or work.now, **values))


def tell_all(work: Work, ticket: Ticket, *events: ClockEvent) -> Book:
    """Record several things that happened together."""
    connection = work.session.connection()
    kept = store.load_book(connection, ticket.id)
    if kept is None:
        kept = _begin(work, ticket)
    return _record(work, ticket, events, kept)


def change_facts(work: Work, ticket: Ticket, *, outcome: str | None = None) -> Book:
    """The ticket has another grade, priority or outcome: used time and pauses carry over to the targets it gets."""
    kept = store.load_book(work.session.connection(), ticket.id) or _begin(work, ticket)
    facts = kept.book.facts
    regraded = facts.grade != ticket.grade.value or facts.priority != ticket.priority.value
    # What a person decides stands over the flow's outcome.
    kept_outcome = "" if regraded else facts.outcome
    facts = replace(
        facts, grade=ticket.grade.value, priority=ticket.priority.value,
        outcome=kept_outcome if outcome is None else outcome,
    )  # fmt: skip
    return _record(work, ticket, [ClockEvent(EventKind.CHANGED, work.now, facts=facts)], kept)


def merge_clocks(work: Work, source: Ticket, target: Ticket) -> None:
    """End the clocks of a ticket that goes into another, which keeps the earlier of two due times."""
    kept = store.load_book(work.session.connection(), source.id) or _begin(work, source)
    promises = tuple(
        Promise(clock.metric, clock.name, clock.target, clock.started_at, clock.pauses)
        for clock in kept.book.clocks
        if clock.is_open
    )
    away = ClockEvent(EventKind.MERGED_AWAY, work.now, reason=f"merged T-{target.number}")
    _record(work, source, [away], kept)
    tell(work, target, EventKind.MERGED_IN, reason=f"merged T-{source.number}", promises=promises)


def refresh(ticket: Ticket, book: Book, now: datetime, turns: Mapping[str, Any]) -> None:
    """Bring the queue's columns of a ticket in line with its status and its clocks."""
    due = columns(ticket.status, ticket.opened_at, ticket.grade.rank, book, now)
    for name, value in (due | dict(turns)).items():
        if getattr(ticket, name) != value:
            setattr(ticket, name, value)


def columns(status: Status, opened_at: datetime, grade_rank: int, book: Book, now: datetime) -> dict[str, Any]:
    """The queue's columns: the running clock that is due first, else the paused one that goes on first."""
    running = [clock for clock in book.clocks if clock.state is State.RUNNING]
    paused = [clock for clock in book.clocks if clock.state is State.PAUSED]
    values: dict[str, Any] = {"is_open": status.is_open, "grade_rank": grade_rank}
    if running:
        clock = min(running, key=lambda found: found.held_due)
        due, band, at = clock.due_at, RUNNING, clock.held_due
    elif paused:
        clock = min(paused, key=lambda found: found.pauses[-1].back_at or now)
        due, band, at = None, PAUSED, clock.pauses[-1].back_at or now
    else:
        return values | {
            "due_metric": "", "due_target": None, "due_at": None, "queue_band": UNPROMISED, "queue_at": opened_at,
        }  # fmt: skip
    return values | {
        "due_metric": clock.metric.value, "due_target": int(clock.span.total_seconds()), "due_at": due,
        "queue_band": band, "queue_at": at,
    }  # fmt: skip


def turn_columns(shown: Iterable[Any], calendar: Callable[[str], WorkCalendar]) -> dict[str, Any]:
    """When a ticket turns yellow and red, from what lists show of its clocks; `calendar` gives a version by its id."""
    yellow, red = first_turns(shown_of(shown, calendar))
    return {"yellow_at": yellow, "red_at": red}


def follow_up_due(book: Book) -> datetime | None:
    """When the call-back is due; None where none is promised."""
    clock = book.latest(Metric.FOLLOW_UP)
    return clock.held_due if clock is not None and clock.is_open else None


# Histories from elsewhere ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class History:
    """What happened to a ticket of another system, in order of time; the first event opens it.

    Without `due_at` the desk's own policy judges it; with it, the log's due time is the promise to resolve.
    """

    ticket_id: UUID
    facts: Facts
    opened_at: datetime
    status: Status
    grade_rank: int
    events: tuple[ClockEvent, ...] = ()
    due_at: datetime | None = None
    by_log: bool = False


@dataclass(slots=True)
class ClockRows:
    """Rows of clocks for many tickets, and the queue's columns of each; `write` stores them."""

    books: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    columns: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def write(self, session: Session) -> None:
        """Insert everything, one statement a table."""
        store.insert_rows(session.connection(), self.books, self.clocks, self.events)


def clocks_for(session: Session, histories: Iterable[History], now: datetime) -> ClockRows:
    """Fold whole histories into rows, for imports and demo desks; what lies ahead of `now` has not happened yet."""
    connection, rows = session.connection(), ClockRows()
    rules = in_force(connection, now)
    by_log = Policy(
        IMPORTED, 1, (), rules.policy.colours, rules.policy.notices, rules.policy.reopen_within,
        rules.policy.late_entry, rules.policy.pause_reasons,
    )  # fmt: skip
    stored = False
    for history in histories:
        if history.by_log and not stored:
            keep_policy(connection, by_log, now)
            stored = True
        policy = by_log if history.by_log else rules.policy
        events = _numbered(history, policy.id, rules.calendar.version_id)
        known = rules.known.rules()
        book, told = Book(), []
        for event in sorted(events, key=lambda found: (found.at, found.seq)):
            if event.at <= now:
                book, changed = apply(book, event, known)
                told.append(store.event_row(history.ticket_id, event, changed))
        rows.events += told
        # What a log's promise has passed already was for others to hear.
        rows.clocks += clock_rows(history.ticket_id, book.clocks, known, after=now if history.by_log else None)
        shown = shown_data(book.clocks, colours_of(rules.known))
        rows.books.append(store.book_row(history.ticket_id, book, len(events), shown))
        rows.columns[history.ticket_id] = {
            **columns(history.status, history.opened_at, history.grade_rank, book, now),
            **turn_columns(shown, known.calendar),
        }
    return rows


def _numbered(history: History, policy: str, calendar: str) -> list[ClockEvent]:
    opened = ClockEvent(
        EventKind.OPENED, history.opened_at, facts=history.facts, policy=policy, calendar=calendar
    )  # fmt: skip
    events = [opened]
    if history.due_at is not None and history.due_at > history.opened_at:
        target = Target(Metric.RESOLVE, Amount(Unit.REAL, history.due_at - history.opened_at))
        events.append(ClockEvent(EventKind.PLAN_STARTED, history.opened_at, targets=(target,)))
    events += (event for event in history.events if event.kind is not EventKind.OPENED)
    return [replace(event, at=max(event.at, history.opened_at), seq=n, by=event.by) for n, event in enumerate(events)]


# How it is recorded ---------------------------------------------------------------------------------------------------


def _record(work: Work, ticket: Ticket, events: Sequence[ClockEvent], kept: store.Kept | None) -> Book:
    """Apply events to a book and write what changed: the events, the clocks, the book, the queue's columns."""
    connection = work.session.connection()
    before = kept.book if kept else Book()
    count = kept.events if kept else 0
    used = {clock.calendar for clock in before.clocks if clock.is_open}
    new = [
        replace(
            event, seq=count + n, by=work.actor.login, at=_instant(event.at),
            recorded_at=None if event.at == work.now else work.now,
        )
        for n, event in enumerate(events)
    ]  # fmt: skip
    named = {event.policy for event in new} | {before.policy}
    counted = {event.calendar for event in new} | {before.calendar} | used
    rules = need(connection, named - {""}, counted - {""})
    book, rows = before, []
    for event in new:
        check_event(event, rules.policy(book.policy or event.policy))
        book, changed = _apply(connection, ticket, book, event, rules, new)
        rows.append(store.event_row(ticket.id, event, changed))
    shown = shown_data(book.clocks, lambda policy_id: rules.policy(policy_id).colours)
    _write(connection, ticket.id, kept, book, rows, rules, shown)
    refresh(ticket, book, work.now, turn_columns(shown, rules.calendar))
    return book


def _apply(
    connection: Connection, ticket: Ticket, book: Book, event: ClockEvent, rules: Rules, new: Sequence[ClockEvent]
) -> tuple[Book, tuple[ClockChange, ...]]:
    if (event.at, event.seq) > book.last:
        return apply(book, event, rules)
    # A late entry: everything is folded again with it in its place.
    so_far = store.load_events(connection, ticket.id) + [found for found in new if found.seq <= event.seq]
    opened = min(found.at for found in so_far)
    if event.at < opened:
        raise Invalid(N_("This lies before the ticket was opened."), field="occurred_at")
    everything = need(
        connection, {found.policy for found in so_far} - {""}, {found.calendar for found in so_far} - {""}
    )  # fmt: skip
    after = fold(so_far, everything)
    return after, changes(book, after, event)


def _write(
    connection: Connection,
    ticket_id: UUID,
    kept: store.Kept | None,
    book: Book,
    events: list[dict[str, Any]],
    rules: Rules,
    shown: list[Any],
) -> None:
    old = {clock.key: clock for clock in kept.book.clocks} if kept else {}
    new = {clock.key: clock for clock in book.clocks}
    added = clock_rows(ticket_id, [clock for key, clock in new.items() if key not in old], rules)
    changed = clock_rows(ticket_id, [clock for key, clock in new.items() if key in old and old[key] != clock], rules)
    row = store.book_row(ticket_id, book, (kept.events if kept else 0) + len(events), shown)
    store.insert_rows(connection, [row] if kept is None else [], added, events)
    if kept is not None:
        store.update_book(connection, [row])
    store.update_clocks(connection, changed)
    store.delete_clocks(connection, ticket_id, [clock for key, clock in old.items() if key not in new])


def clock_rows(
    ticket_id: UUID, clocks: Iterable[Clock], rules: Rules, *, after: datetime | None = None
) -> list[dict[str, Any]]:
    """Clocks as rows, each with when somebody is to be told next; nothing up to `after` is told any more."""
    rows = []
    for clock in clocks:
        ahead = None
        if clock.is_open:
            calendar, policy = rules.calendar(clock.calendar), rules.policy(clock.policy)
            ahead = next_threshold_at(clock, calendar, policy)
            if after is not None and ahead is not None and ahead <= after:
                ahead = next((told.at for told in notices(clock, calendar, policy) if told.at > after), None)
        rows.append(store.clock_row(ticket_id, clock, ahead))
    return rows


def _begin(work: Work, ticket: Ticket) -> store.Kept:
    """Give clocks to a ticket that has none: by today's rules from what its row says, an imported one by its log."""
    connection = work.session.connection()
    rules = in_force(connection, work.now, by=work.actor.id)
    happened: list[tuple[EventKind, datetime | None, dict[str, Any]]] = [
        (EventKind.CONTACT, ticket.first_response_at, {}),
        (EventKind.RESOLVED, ticket.solved_at, {}),
        (EventKind.CANCELLED, ticket.closed_at if ticket.status is Status.CANCELLED else None, {}),
        (EventKind.CLOSED, ticket.closed_at if ticket.status is Status.CLOSED else None, {}),
        (
            EventKind.PAUSED,
            work.now if ticket.status is Status.PAUSED else None,
            {"reason": ticket.pause_reason.value if ticket.pause_reason else "", "back_at": ticket.paused_until},
        ),
    ]
    case = table(ImportedCase).c
    log = connection.execute(select(case.due_at).where(case.ticket_id == ticket.id)).first()
    history = History(
        ticket.id,
        Facts(
            ticket.grade.value, ticket.priority.value, "", ticket.channel.value,
            _tags(connection, ticket, rules.policy),
        ),
        ticket.opened_at,
        ticket.status,
        ticket.grade.rank,
        tuple(ClockEvent(kind, at, **values) for kind, at, values in happened if at is not None),
        log.due_at if log else None,
        log is not None,
    )  # fmt: skip
    rows = clocks_for(work.session, [history], work.now)
    rows.write(work.session)
    kept = store.load_book(connection, ticket.id)
    assert kept is not None
    return kept


def _tags(connection: Connection, ticket: Ticket, policy: Policy) -> frozenset[str]:
    if ticket.customer_id is None or not any(rule.match.tags for rule in policy.rules):
        return frozenset()
    tags = connection.execute(_TAGS, {"customer": ticket.customer_id}).scalar()
    return frozenset((tags or "").replace(",", " ").split())


def _instant(at: datetime) -> datetime:
    return at.astimezone(UTC)


__all__ = [
    "ClockRows", "History", "change_facts", "clock_rows", "clocks_for", "columns", "follow_up_due", "merge_clocks",
    "open_clocks", "refresh", "tell", "tell_all",
]  # fmt: skip
