"""The queue, an agent's own desk and saved views."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Subject
from deskapp.domain.queue import QueueFilter
from deskapp.domain.terms import Grade, HandOverState, Role, Status
from deskapp.domain.views import Changes, DeskView, Duty, QueueCounts, QueuePage, QueueRow, SavedViewLine
from deskapp.models.audit import SavedView
from deskapp.models.base import table
from deskapp.models.ticket import Appointment, CallBack, HandOver, Ticket
from deskapp.services.desk import Read, Work, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.queue import (
    DeleteView,
    GetChanges,
    GetCounts,
    GetDesk,
    GetPosition,
    GetQueue,
    GetRows,
    GetViews,
    SaveView,
)
from deskapp.store import queue as store

_LONGEST_PAGE = 1000
_OWN_LIST = 200
_OPEN_STATES = tuple(status for status in Status if status.is_open)


@handles(GetQueue)
def get_queue(read: Read, query: GetQueue) -> QueuePage:
    """A stretch of the queue in the order asked for."""
    if query.first < 0 or not 0 <= query.count <= _LONGEST_PAGE:
        raise Invalid(N_("A page of the queue holds up to {limit} rows."), field="count", limit=_LONGEST_PAGE)
    seq, total, rows = store.page(
        read.session, read.actor, query.filter, query.sort, query.descending, query.first, query.count,
        read.clock.now(), read.totals,
    )  # fmt: skip
    return QueuePage(total, query.first, rows, seq)


@handles(GetPosition)
def get_position(read: Read, query: GetPosition) -> int | None:
    """Where a ticket stands in a queue."""
    return store.position(
        read.session, read.actor, query.filter, query.sort, query.descending, query.ticket_id, read.clock.now()
    )


@handles(GetRows)
def get_rows(read: Read, query: GetRows) -> tuple[QueueRow, ...]:
    """The rows of certain tickets."""
    return store.rows_of(read.session, query.ticket_ids)


@handles(GetCounts)
def get_counts(read: Read, _query: GetCounts) -> QueueCounts:
    """The figures above the queue."""
    return store.counts(read.session, read.clock.now(), read.totals)


@handles(GetChanges)
def get_changes(read: Read, query: GetChanges) -> Changes:
    """What changed behind a ledger number; cheap when nothing did."""
    newest = store.newest_change(read.session)
    if newest == query.since or query.since < 0:
        return Changes(newest, frozenset())
    return Changes(newest, store.changed_since(read.session, query.since))


@handles(GetDesk)
def get_desk(read: Read, _query: GetDesk) -> DeskView:
    """An agent's home: what is mine to do, what I own while others work on it, what was promised for today."""
    t, actor, now = table(Ticket).c, read.actor, read.clock.now()
    seq = store.newest_change(read.session)
    ids = select(t.id).where(store.OPEN, t.assignee_id == actor.id)
    ids = ids.order_by(t.queue_band, t.queue_at, t.grade_rank).limit(_OWN_LIST)
    owned = select(t.id).where(
        t.status.in_(_OPEN_STATES), t.owner_id == actor.id, t.assignee_id.is_distinct_from(actor.id)
    )
    mine = [Duty("ticket", row, row.due_at or row.paused_until) for row in _ordered(read, ids)]
    waiting = tuple(Duty("ticket", row, row.due_at) for row in _ordered(read, owned.limit(_OWN_LIST)))
    mine += _offered(read)
    calls = _follow_ups(read, now)
    mine += [duty for duty in calls if duty.due_at and duty.due_at <= now + timedelta(hours=1)]
    mine.sort(key=lambda duty: (duty.row.due_at is None and duty.kind == "ticket", duty.due_at or now))
    mine = [*_red(read, {duty.row.id for duty in mine}), *mine]
    promises = sorted((*calls, *_visits(read, now)), key=lambda duty: duty.due_at or now)
    return DeskView(tuple(mine), waiting, tuple(promises), store.counts(read.session, now, read.totals), seq)


def _red(read: Read, known: set[UUID]) -> list[Duty]:
    """Red tickets of the desk for its lead, above everything else: whoever works on them."""
    if read.actor.role is not Role.LEAD:
        return []
    t = table(Ticket).c
    ids = select(t.id).where(t.is_open, t.grade == Grade.RED, t.status == Status.OPEN).limit(_OWN_LIST)
    ids = ids.where((t.team_id == read.actor.team_id) | t.team_id.is_(None) | t.assignee_id.is_(None))
    return [Duty("ticket", row, row.due_at) for row in _ordered(read, ids) if row.id not in known]


def _ordered(read: Read, ids: Select[Any]) -> list[QueueRow]:
    rows = store.rows_of(read.session, read.session.execute(ids).scalars())
    return sorted(rows, key=lambda row: (row.due_at is None, row.due_at or row.paused_until or row.opened_at))


def _duties(read: Read, kind: str, found: list[tuple[UUID, datetime, str]]) -> list[Duty]:
    rows = {row.id: row for row in store.rows_of(read.session, {ticket for ticket, _, _ in found})}
    return [Duty(kind, rows[ticket], due, text) for ticket, due, text in found if ticket in rows]


def _offered(read: Read) -> list[Duty]:
    """Hand-overs that wait for an answer of my team."""
    h = table(HandOver).c
    found = read.session.execute(
        select(h.ticket_id, h.due_at, h.asked)
        .where(h.state == HandOverState.OFFERED, h.to_team_id == read.actor.team_id)
        .limit(_OWN_LIST)
    )
    return _duties(read, "hand_over", [tuple(row) for row in found])


def _follow_ups(read: Read, now: datetime) -> list[Duty]:
    """Call-backs that I owe by the end of the day."""
    c, t = table(CallBack).c, table(Ticket).c
    found = read.session.execute(
        select(c.ticket_id, c.due_at, t.subject)
        .join_from(table(CallBack), table(Ticket), c.ticket_id == t.id)
        .where(t.owner_id == read.actor.id, t.status == Status.SOLVED, c.done_at.is_(None))
        .where(c.due_at < now + timedelta(hours=24))
        .order_by(c.due_at)
        .limit(_OWN_LIST)
    )
    return _duties(read, "follow_up", [tuple(row) for row in found])


def _visits(read: Read, now: datetime) -> list[Duty]:
    """Visits of the next 24 hours on tickets that I own."""
    a, t = table(Appointment).c, table(Ticket).c
    found = read.session.execute(
        select(a.ticket_id, a.starts_at, a.note)
        .join_from(table(Appointment), table(Ticket), a.ticket_id == t.id)
        .where(t.owner_id == read.actor.id, t.status.in_(_OPEN_STATES), a.state.in_(("booked", "moved")))
        .where(a.starts_at >= now, a.starts_at < now + timedelta(hours=24))
        .order_by(a.starts_at)
        .limit(_OWN_LIST)
    )
    return _duties(read, "visit", [tuple(row) for row in found])


@handles(SaveView)
def save_view(work: Work, command: SaveView) -> Receipt:
    """Keep a filter under a name of one's own."""
    own = Subject(people=frozenset({work.actor.id}))
    work.authorize("view.share" if command.shared else "view.save", own)
    v = table(SavedView).c
    found = work.session.execute(
        select(v.id).where(v.owner_id == work.actor.id, v.name == command.name)
    ).scalar_one_or_none()
    view = work.lock(SavedView, found) if found else SavedView(owner_id=work.actor.id, name=command.name)
    view.filter, view.shared = command.filter.to_json(), command.shared
    work.add(view)
    work.record(command.action, "saved_view", view)
    return Receipt("saved_view", view.id, view.name, 0)


@handles(DeleteView)
def delete_view(work: Work, command: DeleteView) -> Receipt:
    """Delete a saved view of one's own."""
    view = work.lock(SavedView, command.view_id)
    work.authorize(command.action, Subject(people=frozenset({view.owner_id})))
    work.session.delete(view)
    work.record("view.delete", "saved_view", view)
    return Receipt("saved_view", view.id, view.name, 0)


@handles(GetViews)
def get_views(read: Read, _query: GetViews) -> tuple[SavedViewLine, ...]:
    """One's own saved views and the shared ones."""
    v = table(SavedView).c
    found = read.session.execute(
        select(v.id, v.name, v.shared, v.owner_id, v.filter)
        .where((v.owner_id == read.actor.id) | v.shared)
        .order_by(v.name)
    )
    return tuple(
        SavedViewLine(row.id, row.name, row.shared, row.owner_id == read.actor.id, dict(row.filter)) for row in found
    )


def saved_filter(line: SavedViewLine) -> QueueFilter:
    """The filter of a saved view. Raises Invalid when it was saved by a newer deskapp."""
    return QueueFilter.from_json(line.filter)


__all__ = ["get_desk", "get_queue", "saved_filter"]
