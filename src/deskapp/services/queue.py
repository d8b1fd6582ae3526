"""The queue, an agent's own desk and saved views."""

from datetime import timedelta

from sqlalchemy import select

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Subject
from deskapp.domain.queue import QueueFilter, order_to_json
from deskapp.domain.views import Changes, DeskView, QueueCounts, QueuePage, QueueRow, SavedViewLine
from deskapp.models.audit import SavedView
from deskapp.models.base import table
from deskapp.services import duties
from deskapp.services.desk import Read, Work, handles
from deskapp.services.notices import count_unseen
from deskapp.services.qa import deadlines
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
    return Changes(newest, *store.changed_since(read.session, query.since))


@handles(GetDesk)
def get_desk(read: Read, _query: GetDesk) -> DeskView:
    """An agent's home: what is mine to do, what I own while others work on it, what was promised for today."""
    session, now = read.session, read.clock.now()
    seq, who = store.newest_change(session), duties.whose(session, read.actor)
    mine = [*duties.tickets(session, who), *duties.from_a_shift(session, who), *duties.offered(session, who)]
    calls = duties.follow_ups(session, who, now + timedelta(hours=24))
    mine += [duty for duty in calls if duty.due_at and duty.due_at <= now + timedelta(hours=1)]
    mine += deadlines.duties_of(read)
    mine.sort(key=lambda duty: (duty.row.due_at is None and duty.kind == "ticket", duty.due_at or now))
    mine = [*duties.red(session, who, {duty.row.id for duty in mine}), *mine]
    promised = [*calls, *duties.visits(session, who, now), *duties.updates(session, who, now)]
    promises = sorted(promised, key=lambda duty: duty.due_at or now)
    waiting = tuple(duties.waiting(session, who))
    unseen = count_unseen(read)
    return DeskView(tuple(mine), waiting, tuple(promises), store.counts(session, now, read.totals), seq, unseen)


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
    view.filter = command.filter.to_json() | order_to_json(command.sort, command.descending)
    view.shared = command.shared
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
