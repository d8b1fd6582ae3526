"""Numbers, addresses and serial numbers of somebody erased, taken out of what was written about others.

A line of a timeline goes as a whole: it is never rewritten. Names stay: who else is called so cannot be known.
Statements go past the unit of work, as those of `erase`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, delete, select, update
from sqlalchemy.orm import Session

from deskapp.domain.terms import ContactKind
from deskapp.models.audit import AuditPayload
from deskapp.models.base import table
from deskapp.models.customer import Contact, Customer, Machine, Preference
from deskapp.models.ticket import Appointment, CallBack, HandOver, Ticket, TimelineEntry
from deskapp.store import search

ERASED = "[***]"
_SHORTEST = 6  # characters: less would be found in words that have nothing to do with anybody
_WORDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (TimelineEntry, ("text",)),
    (Ticket, ("subject", "description", "resolution")),
    (HandOver, ("asked", "answer")),
    (CallBack, ("comment",)),
    (Appointment, ("note", "reason")),
    (Preference, ("text",)),
)


@dataclass(frozen=True, slots=True)
class Trace:
    """What tells who somebody is: `rough` is a LIKE pattern that finds every spelling, `exact` says which are meant."""

    rough: str
    exact: re.Pattern[str]


def traces_of(session: Session, files: list[UUID]) -> list[Trace]:
    """The numbers, addresses and serial numbers in some files; to be read before they are erased."""
    c, m = table(Contact).c, table(Machine).c
    found: dict[str, Trace] = {}
    for row in session.execute(select(c.kind, c.raw, c.digits).where(c.customer_id.in_(files))):
        trace = _number(row.digits) if row.kind is ContactKind.PHONE and row.digits else _text(row.raw)
        if trace:
            found[trace.rough] = trace
    for serial in session.execute(select(m.serial).where(m.customer_id.in_(files))).scalars():
        if trace := _text(serial):
            found[trace.rough] = trace
    return list(found.values())


def erase_words(session: Session, traces: Iterable[Trace]) -> int:
    """Take the traces out of all that was written, out of its index and its audit payloads; returns how many texts."""
    changed = 0
    for trace in traces:
        for model, columns in _WORDS:
            for name in columns:
                changed += _erase_column(session, trace, model, name)
        payload = table(AuditPayload).c
        for rough in {trace.rough, _escaped(trace.rough)}:
            rows = select(payload.seq, payload.body).where(cast(payload.body, String).ilike(rough, escape="\\"))
            told = [
                row.seq for row in session.execute(rows)
                if trace.exact.search(json.dumps(row.body, ensure_ascii=False, default=str))
            ]  # fmt: skip
            session.execute(delete(table(AuditPayload)).where(payload.seq.in_(told)))
    return changed


def _erase_column(session: Session, trace: Trace, model: Any, name: str) -> int:
    columns = table(model).c
    rows = session.execute(select(columns.id, columns[name]).where(columns[name].ilike(trace.rough, escape="\\"))).all()
    count = 0
    for key, told in rows:
        kept = trace.exact.sub(ERASED, told)
        if kept != told:
            # A line of a timeline is never rewritten, the database itself sees to that: it can only be emptied.
            kept = "" if model is TimelineEntry else kept
            session.execute(update(table(model)).where(columns.id == key).values({name: kept}))
            _index_again(session, model, key, kept)
            count += 1
    return count


def _index_again(session: Session, model: Any, key: UUID, words: str) -> None:
    if model is TimelineEntry:
        search.put(session, search.ENTRY, key, [words])
    elif model is Ticket:
        t, c = table(Ticket).c, table(Customer).c
        row = session.execute(
            select(t.subject, t.description, t.product, t.fault, t.resolution, c.name)
            .select_from(table(Ticket).outerjoin(table(Customer), t.customer_id == c.id))
            .where(t.id == key)
        ).one()
        search.put(session, search.TICKET, key, [word or "" for word in row])


def _number(digits: str) -> Trace | None:
    """A telephone number by its national digits, however it is grouped."""
    if len(digits) < _SHORTEST:
        return None
    # Only what people put between digits: another number beside it is another number.
    exact = r"(?<!\d)(?:\+?\d{1,3}[\s\-]?)?\(?0?" + r"[\s\-().]{0,2}".join(digits) + r"(?!\d)"
    return Trace("%" + "%".join(digits) + "%", re.compile(exact))


def _text(raw: str) -> Trace | None:
    words = raw.split()
    if len("".join(words)) < _SHORTEST:
        return None
    return Trace("%" + "%".join(map(_like, words)) + "%", re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE))


def _like(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


def _escaped(rough: str) -> str:
    """The pattern as JSON has it where letters beyond ASCII are written by number; its backslash counts as itself."""
    return json.dumps(rough)[1:-1].replace("\\u", "\\\\u")


__all__ = ["ERASED", "Trace", "erase_words", "traces_of"]
