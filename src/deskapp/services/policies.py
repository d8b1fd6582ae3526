"""Policies at work: load an edited file as a new version, say first what it changes for the tickets that are open."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, update

from deskapp.domain.errors import Conflict
from deskapp.domain.i18n import N_
from deskapp.domain.sla import Book, ClockEvent, EventKind, Move, Rules, apply, shown_data
from deskapp.domain.views_time import EditPreview, PolicyLine
from deskapp.models.base import Identified, table
from deskapp.models.clock import Clock, ClockRules, PolicyVersion
from deskapp.models.ticket import Ticket
from deskapp.services.clock_rules import add_policy, in_force
from deskapp.services.clocks import IMPORTED, clock_rows, columns, turn_columns
from deskapp.services.desk import Read, Work, handles
from deskapp.services.refold import named_moves
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.policies import GetPolicies, LoadPolicy, PreviewPolicy
from deskapp.services.time_files import PolicyFile, read_policy
from deskapp.store import clocks as store
from deskapp.store.rules import known_of, need, policy_version

_rules, _versions, _t, _c = table(ClockRules), table(PolicyVersion), table(Ticket), table(Clock)
_OPEN = _c.c.state.in_(("running", "paused"))
_COLUMNS = (
    "is_open",
    "grade_rank",
    "due_metric",
    "due_target",
    "due_at",
    "queue_band",
    "queue_at",
    "yellow_at",
    "red_at",
)
_SET_TICKET = update(_t).where(_t.c.id == bindparam("b_id")).values({name: bindparam(name) for name in _COLUMNS})


@handles(GetPolicies)
def get_policies(read: Read, query: GetPolicies) -> tuple[PolicyLine, ...]:
    """The versions that the desk has, in the order in which they came."""
    connection = read.session.connection()
    counts = select(_c.c.policy, func.count(_c.c.ticket_id.distinct())).where(_OPEN).group_by(_c.c.policy)
    promised = {policy: count for policy, count in connection.execute(counts)}
    now_used = connection.execute(select(_rules.c.policy)).scalar()
    rows = connection.execute(
        select(_versions.c.id, _versions.c.body, _versions.c.made_at).order_by(_versions.c.made_at)
    )
    return tuple(
        PolicyLine(row.id, row.body.get("title", {}), row.made_at, promised.get(row.id, 0), row.id == now_used)
        for row in rows
    )


@handles(PreviewPolicy)
def preview_policy(read: Read, query: PreviewPolicy) -> EditPreview:
    """What the policy would do to the promises of open tickets. Raises FileInvalid, Conflict for other figures."""
    connection, now = read.session.connection(), read.clock.now()
    file = _read(connection, query.source, query.name)
    seen = Counter[str]()
    first: list[tuple[UUID, Move]] = []
    for batch in store.open_books(connection):
        for ticket, kept, after, _event in _changed(connection, batch, file, now, ""):
            before = {clock.key: clock for clock in kept.book.clocks}
            for clock in after.clocks:
                was = before.get(clock.key)
                if was is None:
                    seen["begun"] += 1
                elif was.is_open and not clock.is_open:
                    seen["ended"] += 1
                elif clock.is_open and clock.held_due != was.held_due:
                    seen["moved"] += 1
                    seen["worse"] += clock.overdue(now) and not was.overdue(now)
                    seen["better"] += was.overdue(now) and not clock.overdue(now)
                    first.append((ticket, Move(clock, was.held_due, clock.held_due)))
    return EditPreview(
        seen["moved"], seen["worse"], seen["better"], named_moves(connection, first), seen["ended"], seen["begun"]
    )


@handles(LoadPolicy)
def load_policy(work: Work, command: LoadPolicy) -> Receipt:
    """Store the version and put it in force. Raises FileInvalid, Conflict for figures that came under this version."""
    work.authorize(command.action)
    connection = work.session.connection()
    in_force(connection, work.now, by=work.actor.id)
    file = _read(connection, command.source, command.name)
    add_policy(connection, file, work.now, by=work.actor.id)
    moved = 0
    if not command.only_new:
        for batch in store.open_books(connection, lock=True):
            moved += _write(connection, _changed(connection, batch, file, work.now, work.actor.login), work.now)
    connection.execute(update(_rules).values(policy=file.policy.id))
    work.tell(policy=file.policy.id, moved=moved, only_new=command.only_new)
    # Other seats look at everything again, as after an edit of a calendar.
    work.record(command.action, "policy", Identified(id=command.submission_id))
    return Receipt("policy", command.submission_id, file.policy.id, 0)


def _read(connection: Connection, source: str, name: str) -> PolicyFile:
    file = read_policy(Path(name or "policy.yaml"), source + "\n")
    stored = connection.execute(select(_versions.c.id).where(_versions.c.id == file.policy.id)).scalar()
    if stored is not None and policy_version(connection, stored) != file.policy:
        raise Conflict(
            N_("The policy {policy} is stored with other figures."),
            hint=N_("A change of figures is a new version: raise `version` in its file."),
            policy=file.policy.id,
        )
    return file


_Changed = tuple[UUID, store.Kept, Book, Any]


def _changed(
    connection: Connection, batch: Iterable[tuple[UUID, store.Kept]], file: PolicyFile, now: datetime, by: str
) -> Iterator[_Changed]:
    """The books of tickets promised by the desk's own policies, as they are under the new one."""
    books = [(ticket, kept) for ticket, kept in batch if not kept.book.policy.startswith(f"{IMPORTED}@")]
    clocks = [clock for _, kept in books for clock in kept.book.clocks]
    need(
        connection,
        {clock.policy for clock in clocks} | {kept.book.policy for _, kept in books},
        {clock.calendar for clock in clocks} | {kept.book.calendar for _, kept in books},
    )
    known = known_of(connection)
    # A policy that is only looked at is no version of the desk yet.
    rules = Rules({**known.policies, file.policy.id: file.policy}, known.calendars)
    for ticket, kept in books:
        at = max(now, kept.book.last[0])
        event = ClockEvent(EventKind.POLICY_CHANGED, at, kept.events, by=by, policy=file.policy.id)
        after, changes = apply(kept.book, event, rules)
        yield ticket, kept, after, store.event_row(ticket, event, changes)


def _write(connection: Connection, found: Iterable[_Changed], now: datetime) -> int:
    rows = list(found)
    rules = known_of(connection).rules()
    standing = _standing(connection, [ticket for ticket, *_ in rows])
    books, changed, added, tickets, moved = [], [], [], [], 0
    for ticket, kept, after, event in rows:
        before = {clock.key: clock for clock in kept.book.clocks}
        changed += clock_rows(ticket, [c for c in after.clocks if c.key in before and before[c.key] != c], rules)
        added += clock_rows(ticket, [c for c in after.clocks if c.key not in before], rules)
        shown = shown_data(after.clocks, lambda policy_id: rules.policy(policy_id).colours)
        books.append(store.book_row(ticket, after, kept.events + 1, shown))
        status, opened_at, grade = standing[ticket]
        due = columns(status, opened_at, grade.rank, after, now)
        tickets.append({"b_id": ticket, **due, **turn_columns(shown, rules.calendar)})
        moved += len(event["changes"])
    store.update_clocks(connection, changed)
    store.update_book(connection, books)
    store.insert_rows(connection, clocks=added, events=[event for *_, event in rows])
    if tickets:
        connection.execute(_SET_TICKET, tickets)
    return moved


def _standing(connection: Connection, ids: list[UUID]) -> dict[UUID, tuple[Any, datetime, Any]]:
    found = connection.execute(select(_t.c.id, _t.c.status, _t.c.opened_at, _t.c.grade).where(_t.c.id.in_(ids)))
    return {row.id: (row.status, row.opened_at, row.grade) for row in found}
