"""Traces of somebody erased, taken out of what was written about others: numbers, addresses, serial numbers, names.

Numbers and the like go wherever they stand. A name goes where it can be told that it is theirs, see `_names`.
A line of a timeline goes as a whole: it is never rewritten. Statements go past the unit of work, as those of `erase`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, FromClause, String, cast, delete, func, literal, null, or_, select, update
from sqlalchemy.orm import Session

from deskapp.domain.terms import ContactKind
from deskapp.models.audit import AuditEvent, AuditPayload, SavedView
from deskapp.models.base import table
from deskapp.models.customer import Contact, Customer, Machine, Preference
from deskapp.models.flow import AnswerEvent, FlowAnswer, FlowCase
from deskapp.models.incident import MassFaultAction, MassFaultEvent
from deskapp.models.people import Agent
from deskapp.models.qa import QaSample, QaSession
from deskapp.models.ticket import Appointment, CallBack, HandOver, Ticket, TimelineEntry
from deskapp.store import search

ERASED = "[***]"
_SHORTEST = 6  # characters: less would be found in words that have nothing to do with anybody
_COMMON = 20
"""Lines of others in which a short name may stand; in more of them it is a word, or what many are called."""
_WORDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (TimelineEntry, ("text", "details")),
    (Ticket, ("subject", "description", "fault", "resolution")),
    (HandOver, ("asked", "answer")),
    (CallBack, ("comment",)),
    (Appointment, ("note", "reason")),
    (Preference, ("text", "source")),
    (Contact, ("label",)),
    (Machine, ("place",)),
    (FlowCase, ("snapshot", "grade_reason", "cause", "missing")),
    (FlowAnswer, ("value",)),
    (AnswerEvent, ("value",)),
    (QaSample, ("snapshot",)),
    (QaSession, ("snapshot", "note")),
    (MassFaultEvent, ("text",)),
    (MassFaultAction, ("note",)),
    (SavedView, ("name", "filter")),
)
# What the database itself refuses to rewrite: it can only be emptied.
_EMPTIED: dict[tuple[Any, str], Any] = {
    (TimelineEntry, "text"): "", (TimelineEntry, "details"): {}, (AnswerEvent, "value"): None,
}  # fmt: skip
_HAN = "\u3400-\u9fff"
_TITLE = re.compile(rf"[{_HAN}]{{1,2}}(?:先生|女士|小姐|太太|师傅|老师|阿姨|叔叔|大爷|奶奶|经理|老板)")
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "herr", "frau"))


@dataclass(frozen=True, slots=True)
class Trace:
    """What tells who somebody is: `rough` is a LIKE pattern that finds every spelling, `exact` says which are meant.

    What was written about the customers of `but` keeps it: it is theirs, too. `short` words are no trace when many
    lines hold them.
    """

    rough: str
    exact: re.Pattern[str]
    but: frozenset[UUID] = frozenset()
    short: str = ""


def traces_of(session: Session, files: list[UUID]) -> list[Trace]:
    """What tells who the people of some files are; to be read before they are erased.

    What another file has, too, is theirs as well: a number that a family shares, a machine that was sold on.
    """
    c, m = table(Contact).c, table(Machine).c
    found: dict[str, Trace] = {}
    for row in session.execute(select(c.kind, c.raw, c.value, c.digits).where(c.customer_id.in_(files))).all():
        same = select(c.customer_id).where(c.value == row.value, c.customer_id.not_in(files))
        but = frozenset(session.execute(same).scalars()) if row.value else frozenset()
        phone = row.kind is ContactKind.PHONE and row.digits
        if trace := _number(row.digits, but) if phone else _text(row.raw, but):
            found[trace.rough] = trace
    for machine in session.execute(select(m.serial, m.serial_key).where(m.customer_id.in_(files))).all():
        same = select(m.customer_id).where(m.serial_key == machine.serial_key, m.customer_id.not_in(files))
        if machine.serial and (trace := _text(machine.serial, frozenset(session.execute(same).scalars()))):
            found[trace.rough] = trace
    return [*found.values(), *_names(session, files)]


def erase_words(session: Session, traces: Iterable[Trace]) -> int:
    """Take the traces out of all that was written, out of its index and its audit payloads; returns how many texts."""
    meant = [trace for trace in traces if not (trace.short and _is_common(session, trace.short))]
    if not meant:
        return 0
    changed = sum(_erase_table(session, meant, model, names) for model, names in _WORDS)
    payload = table(AuditPayload).c
    told = [row.key for row, kept in _hits(session, meant, AuditPayload, payload.seq, ("body",)) if kept]
    session.execute(delete(table(AuditPayload)).where(payload.seq.in_(told)))
    return changed


def _erase_table(session: Session, traces: list[Trace], model: Any, names: tuple[str, ...]) -> int:
    key, changed = table(model).c.id, 0
    for row, kept in _hits(session, traces, model, key, names):
        if not kept:
            continue
        kept = {name: _EMPTIED.get((model, name), value) for name, value in kept.items()}
        session.execute(update(table(model)).where(key == row.key).values(kept))
        if any(isinstance(value, str) for value in kept.values()):
            _index_again(session, model, row.key)
        changed += len(kept)
    return changed


def _hits(
    session: Session, traces: list[Trace], model: Any, key: Any, names: tuple[str, ...]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The rows that may hold a trace, each with what its columns hold without those that are meant; one look each."""
    columns = [table(model).c[name] for name in names]
    source, owner = _owned(model)
    rough = or_(*(_holds(session, column, traces) for column in columns))
    rows = session.execute(select(key.label("key"), owner.label("owner"), *columns).select_from(source).where(rough))
    for row in rows.all():
        meant = [trace for trace in traces if row.owner not in trace.but]
        without = {name: _without(getattr(row, name), meant) for name in names}
        yield row, {name: kept for name, kept in without.items() if kept != getattr(row, name)}


def _without(told: Any, traces: list[Trace]) -> Any:
    """A text, or all texts in a JSON value, without the traces."""
    if isinstance(told, dict):
        return {key: _without(value, traces) for key, value in told.items()}
    if isinstance(told, list):
        return [_without(value, traces) for value in told]
    if isinstance(told, str):
        for trace in traces:
            told = trace.exact.sub(ERASED, told)
    return told


def _holds(session: Session, column: Any, traces: list[Trace]) -> ColumnElement[bool]:
    """Whether a column may hold one of the traces: every spelling, and more."""
    spellings = [trace.rough for trace in traces]
    if isinstance(column.type, JSON):
        column, spellings = cast(column, String), [*spellings, *map(_escaped, spellings)]
    # SQLite's own LIKE does not tell ASCII capitals apart; turning every text into small letters first takes longer.
    like = column.like if session.connection().dialect.name == "sqlite" else column.ilike
    return or_(*(like(spelling, escape="\\") for spelling in dict.fromkeys(spellings)))


def _owned(model: Any) -> tuple[FromClause, ColumnElement[Any]]:
    """What to select a table's rows from, and the customer whom each was written about."""
    whole, c, t = table(model), table(model).c, table(Ticket).c
    if model is AuditPayload:
        event = table(AuditEvent).c
        tickets = whole.outerjoin(table(AuditEvent), event.seq == c.seq).outerjoin(
            table(Ticket), t.id == event.ticket_id
        )
        return tickets, func.coalesce(c.customer_id, t.customer_id)
    if model is QaSession:
        return whole.outerjoin(table(Ticket), c.record == literal("T-") + cast(t.number, String)), t.customer_id
    if "customer_id" in c:
        return whole, c.customer_id
    if "ticket_id" in c:
        return whole.outerjoin(table(Ticket), t.id == c.ticket_id), t.customer_id
    if "case_id" in c:
        case = table(FlowCase).c
        cases = whole.outerjoin(table(FlowCase), case.id == c.case_id)
        return cases.outerjoin(table(Ticket), t.id == case.ticket_id), t.customer_id
    return whole, null()


def _index_again(session: Session, model: Any, key: UUID) -> None:
    if model is TimelineEntry:
        search.put(session, search.ENTRY, key, [""])
    elif model is Ticket:
        t, c = table(Ticket).c, table(Customer).c
        row = session.execute(
            select(t.subject, t.description, t.product, t.fault, t.resolution, c.name)
            .select_from(table(Ticket).outerjoin(table(Customer), t.customer_id == c.id))
            .where(t.id == key)
        ).one()
        search.put(session, search.TICKET, key, [word or "" for word in row])


def _names(session: Session, files: list[UUID]) -> list[Trace]:
    """The full names in some files, where a hit can be told from chance.

    Nothing is a trace that a colleague is called, too, a form of address (王女士, Mr Smith), or a single word of a
    script with spaces. What was written about somebody of the same name keeps it; a longer name that begins so (王芳
    and 王芳芳) is not touched.
    """
    c = table(Customer).c
    colleagues = {name.casefold() for name in session.execute(select(table(Agent).c.name)).scalars()}
    found: dict[str, Trace] = {}
    for name, key in session.execute(select(c.name, c.name_key).where(c.id.in_(files))).all():
        words = name.split()
        if not _tells(words) or " ".join(words).casefold() in colleagues:
            continue
        others = c.id.not_in(files)
        namesakes = session.execute(select(c.id).where(c.name_key == key, others)).scalars()
        longer = session.execute(
            select(c.name).where(c.name_key > key, c.name_key < key + "\U0010ffff", others).distinct().limit(500)
        ).scalars()
        tails = sorted({other.strip()[len(name) :] for other in longer} - {""}, key=len, reverse=True)
        rest = f"(?!{'|'.join(map(re.escape, tails))})" if tails else ""
        exact = rf"(?<![^\W{_HAN}])" + r"\s+".join(map(re.escape, words)) + rf"(?![^\W{_HAN}]){rest}"
        if re.fullmatch(rf"[{_HAN}]+", name):
            exact = re.escape(name) + rest
        found[key] = Trace(
            _rough(words), re.compile(exact, re.IGNORECASE), frozenset(namesakes), name if _is_short(name) else ""
        )
    return list(found.values())


def _tells(words: list[str]) -> bool:
    """Whether a name is more than a form of address or one word."""
    name = "".join(words)
    if re.search(rf"[{_HAN}]", name):
        return len(name) >= 2 and not _TITLE.fullmatch(name)
    return len([word for word in words if word.casefold().strip(".") not in _TITLES]) >= 2


def _is_short(name: str) -> bool:
    letters = len("".join(name.split()))
    return letters <= (2 if re.search(rf"[{_HAN}]", name) else 7)


def _is_common(session: Session, words: str) -> bool:
    lines = search.ids_matching(session, search.ENTRY, words).limit(_COMMON + 1)
    return len(session.execute(lines).all()) > _COMMON


def _number(digits: str, but: frozenset[UUID]) -> Trace | None:
    """A telephone number by its national digits, however it is grouped."""
    if len(digits) < _SHORTEST:
        return None
    # Only what people put between digits: another number beside it is another number.
    exact = r"(?<!\d)(?:\+?\d{1,3}[\s\-]?)?\(?0?" + r"[\s\-().]{0,2}".join(digits) + r"(?!\d)"
    return Trace(_rough(list(digits)), re.compile(exact), but)


def _text(raw: str, but: frozenset[UUID]) -> Trace | None:
    words = raw.split()
    if len("".join(words)) < _SHORTEST:
        return None
    return Trace(_rough(words), re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE), but)


def _rough(parts: list[str]) -> str:
    return "%" + "%".join(re.sub(r"([\\%_])", r"\\\1", part) for part in parts) + "%"


def _escaped(rough: str) -> str:
    """The pattern as JSON has it where letters beyond ASCII are written by number; its backslash counts as itself."""
    return json.dumps(rough)[1:-1].replace("\\u", "\\\\u")


__all__ = ["ERASED", "Trace", "erase_words", "traces_of"]
