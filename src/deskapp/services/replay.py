"""Open an imported log as it stood at a moment, with the clock running on from there.

A replay is a scratch desk: an SQLite file of its own into which the log's cases are written as they stood then, from
what their timelines knew by then, and which is brought on as the clock runs. So every screen, query and command works
on it unchanged, each sees only what had happened, and the imported desk is never touched; the file goes when the replay
is closed. Filtering every query by time instead would have put the moment into each of them, now and later.
"""

import os
import shutil
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, bindparam, event, select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel

from deskapp.clock import AnchoredClock, Clock
from deskapp.domain.errors import Invalid, NotFound, Unreachable
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.imported import stand
from deskapp.domain.permissions import Actor
from deskapp.domain.terms import ContactKind, EntryKind, Role
from deskapp.models.audit import SavedView
from deskapp.models.base import Identified, table
from deskapp.models.customer import Contact, Customer
from deskapp.models.people import Agent, Team
from deskapp.models.tables import metadata
from deskapp.models.ticket import ImportedCase, Ticket, TimelineEntry
from deskapp.services.desk import Desk
from deskapp.services.import_rows import LOG, project, ticket_words
from deskapp.services.requests.base import Query
from deskapp.store import search
from deskapp.store.bulk import insert_values
from deskapp.store.engine import claim_file, open_engine, translate, writing
from deskapp.store.schema import complete
from deskapp.store.uow import reading, work

_BATCH = 500
_PREFIX, _LEFT_AFTER = "deskapp-replay-", 3600
_NOBODY = Actor(UUID(int=0), "replay", "replay", Role.LEAD, None)
_t, _e, _c = table(Ticket).c, table(TimelineEntry).c, table(ImportedCase).c
_ENTRIES = select(
    _e.ticket_id, _e.id, _e.kind, _e.text, _e.author_id, _e.occurred_at, _e.details, _t.number, _t.customer_id,
    _t.opened_at,
).select_from(
    table(TimelineEntry).join(table(Ticket), _e.ticket_id == _t.id).join(table(ImportedCase), _c.ticket_id == _t.id)
)  # fmt: skip
_WORDS = {"subject", "description", "product", "fault", "resolution"}
_IN_ORDER = (_e.ticket_id, _e.occurred_at, _e.id)


def moment_of(text: str, zone: str = "") -> datetime:
    """An instant as it was typed, in a zone (empty: this machine's) unless it names its own. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            N_("{text} is not a moment."), hint=N_("Write it as 2015-02-10T12:00."), field="at", text=text
        ) from error
    if moment.tzinfo is None and zone:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)


class ReplayDesk(Desk):
    """The imported log of another desk, as it stands at the clock's time; it takes no changes.

    Thread-safe. `source` stays open for reading and is disposed of with the replay. Raises NotFound for a desk without
    an imported log.
    """

    def __init__(self, source: Engine, clock: Clock) -> None:
        self._source, self._lock = source, Lock()
        _sweep()
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            super().__init__(_scratch(self._folder / "desk.db"), clock, read_only=True)
            self._at = clock.now()
            self._times: list[datetime] = []
            self._tickets: list[UUID] = []
            self._next = 0
            self._known: set[UUID] = set()
            self._customers: set[UUID] = set()
            self._begin()
        except BaseException:
            self.close()
            raise

    def read(self, actor: Actor, query: Query) -> Any:
        """Answer a query with what had happened by the clock's time."""
        self.advance()
        return super().read(actor, query)

    def close(self) -> None:
        """Remove the scratch desk."""
        if hasattr(self, "engine"):
            self.engine.dispose()
        self._source.dispose()
        shutil.rmtree(self._folder, ignore_errors=True)

    def advance(self) -> int:
        """Apply what the log says happened up to the clock's time; returns how many tickets it changed."""
        with self._lock:
            now = self.clock.now()
            upto = bisect_right(self._times, now)
            due = self._tickets[self._next : upto]
            if not due:
                return 0
            before, self._at, self._next = self._at, now, upto
            try:
                changed = list(dict.fromkeys(due))
                rest = iter(changed)
                while part := list(islice(rest, _BATCH)):
                    self._apply(part, before)
            except DBAPIError as error:
                raise translate(error) from error
            return len(changed)

    # How it begins

    def _begin(self) -> None:
        try:
            with reading(self._source) as session:
                if session.execute(select(_c.id).limit(1)).first() is None:
                    raise NotFound(
                        N_("This desk holds no imported log to replay."), hint=N_("Bring one in with `deskapp import`.")
                    )
                with work(self.engine, self._at, _NOBODY, uuid7()) as unit:
                    for model in (Team, Agent, SavedView):
                        _copy(session, unit.session, model)
                    unit.session.commit()
                future = session.execute(
                    select(_e.occurred_at, _e.ticket_id)
                    .join_from(table(TimelineEntry), table(ImportedCase), _c.ticket_id == _e.ticket_id)
                    .where(_e.occurred_at > self._at)
                    .order_by(_e.occurred_at, _e.id)
                ).all()
                self._times, self._tickets = [row[0] for row in future], [row[1] for row in future]
                past = session.execute(
                    _ENTRIES.where(_e.occurred_at <= self._at).order_by(*_IN_ORDER).execution_options(yield_per=2000)
                )
                cases = _cases(past)
                while part := list(islice(cases, _BATCH)):
                    self._write(session, part, datetime.min.replace(tzinfo=UTC), tell=False)
        except DBAPIError as error:
            raise translate(error) from error

    # How it goes on

    def _apply(self, tickets: Sequence[UUID], before: datetime) -> None:
        with reading(self._source) as session:
            found = session.execute(
                _ENTRIES.where(_e.ticket_id.in_(tickets), _e.occurred_at <= self._at).order_by(*_IN_ORDER)
            )
            self._write(session, list(_cases(found)), before, tell=True)

    def _write(self, source: Session, cases: list[list[Any]], before: datetime, *, tell: bool) -> None:
        """Bring tickets to where they stand now, and add the lines that came after `before` to their timelines."""
        names = _customer_names(source, {entries[0].customer_id for entries in cases})
        new, known, lines = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
        reworded = list[dict[str, Any]]()
        for entries in cases:
            ticket = _ticket(entries)
            if ticket["id"] in self._known:
                known.append(ticket)
                told: set[str] = set().union(*(e.details[LOG] for e in entries if e.occurred_at > before))
                if told & _WORDS:
                    reworded.append(ticket)
            else:
                new.append(ticket)
            lines += [_line(entry) for entry in entries if entry.occurred_at > before]
        with work(self.engine, self._at, _NOBODY, uuid7()) as unit:
            unit.authorize("desk.import")
            self._add_customers(source, unit.session, {t["customer_id"] for t in new if t["customer_id"]})
            insert_values(unit.session, Ticket, new)
            _update(unit.session, known)
            insert_values(unit.session, TimelineEntry, lines)
            words = [(t["id"], ticket_words(t, names.get(t["customer_id"], ""))) for t in new]
            search.put_all(unit.session, search.TICKET, words)
            for t in reworded:
                search.put(unit.session, search.TICKET, t["id"], ticket_words(t, names.get(t["customer_id"], "")))
            heard = (EntryKind.CALL_IN, EntryKind.MESSAGE_IN)
            said = [(e["id"], [e["text"]]) for e in lines if e["text"] and e["kind"] not in heard]
            search.put_all(unit.session, search.ENTRY, said)
            if tell:
                # What changed is heard by the screens as it is on any desk: through the ledger.
                for t in (*new, *known):
                    unit.record("replay.advance", "ticket", Identified(id=t["id"]), ticket_id=t["id"])
                unit.commit()
            else:
                unit.session.commit()
        self._known.update(t["id"] for t in new)

    def _add_customers(self, source: Session, scratch: Session, wanted: set[UUID]) -> None:
        missing = wanted - self._customers
        if not missing:
            return
        people = _copy(source, scratch, Customer, table(Customer).c.id.in_(missing))
        contacts = _copy(source, scratch, Contact, table(Contact).c.customer_id.in_(missing))
        places: dict[UUID, list[str]] = {}
        for contact in contacts:
            if contact["kind"] is ContactKind.ADDRESS:
                places.setdefault(contact["customer_id"], []).append(contact["raw"])
        search.put_all(scratch, search.CUSTOMER, [(p["id"], [p["name"], *places.get(p["id"], [])]) for p in people])
        self._customers |= missing


def _sweep() -> None:
    """Remove what replays left behind that were killed: folders of an hour and more that nobody has open."""
    now = AnchoredClock().now().timestamp()
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            told = folder.stat()
            if told.st_uid != os.getuid() or now - told.st_mtime < _LEFT_AFTER:
                continue
            os.close(claim_file(folder / "desk.db", alone=True))
        except (OSError, Unreachable):
            continue
        shutil.rmtree(folder, ignore_errors=True)


def _scratch(path: Path) -> Engine:
    engine = open_engine(str(path), create=True, single_process=True, pool_size=4)

    @event.listens_for(engine, "connect")
    def _hurry(connection: Any, _record: object) -> None:
        # Nothing in a scratch desk is worth waiting for the disk.
        connection.execute("PRAGMA synchronous=OFF")

    with writing(engine).begin() as connection:
        metadata.create_all(connection)
        complete(connection)
    return engine


def _copy(source: Session, scratch: Session, model: type[SQLModel], condition: Any = None) -> list[dict[str, Any]]:
    query = select(table(model))
    rows = [dict(row) for row in source.execute(query if condition is None else query.where(condition)).mappings()]
    insert_values(scratch, model, rows)
    return rows


def _cases(entries: Iterable[Any]) -> Iterator[list[Any]]:
    """The log's own lines of each ticket; what people of the desk added to it later is not part of the log."""
    for _ticket_id, lines in groupby((entry for entry in entries if LOG in entry.details), key=lambda e: e.ticket_id):
        yield list(lines)


def _ticket(entries: list[Any]) -> dict[str, Any]:
    first = entries[0]
    standing = stand(first.opened_at, ((entry.occurred_at, entry.details[LOG]) for entry in entries))
    own = {"id": first.ticket_id, "version": len(entries), "number": first.number, "customer_id": first.customer_id}
    return {**project(standing), **own, "machine_id": None, "opened_at": first.opened_at}


def _line(entry: Any) -> dict[str, Any]:
    return {
        "id": entry.id, "ticket_id": entry.ticket_id, "kind": entry.kind, "text": entry.text,
        "author_id": entry.author_id, "occurred_at": entry.occurred_at, "recorded_at": entry.occurred_at,
        "details": entry.details,
    }  # fmt: skip


def _update(session: Session, tickets: list[dict[str, Any]]) -> None:
    if tickets:
        columns = [name for name in tickets[0] if name != "id"]
        statement = update(table(Ticket)).where(_t.id == bindparam("of")).values({c: bindparam(c) for c in columns})
        session.connection().execute(statement, [{**t, "of": t["id"]} for t in tickets])


def _customer_names(source: Session, wanted: set[UUID | None]) -> dict[UUID | None, str]:
    c = table(Customer).c
    found = source.execute(select(c.id, c.name).where(c.id.in_([key for key in wanted if key])))
    return {row.id: row.name for row in found}


__all__ = ["ReplayDesk", "moment_of"]
