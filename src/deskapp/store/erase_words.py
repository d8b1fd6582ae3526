"""Traces of somebody erased, taken out of what was written about others: numbers, addresses, serial numbers, names.

Numbers and the like go wherever they stand. A name goes where it can be told that it is theirs, see `_names`.
A line of a timeline goes as a whole: it is never rewritten. Statements go past the unit of work, as those of `erase`.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ColumnElement, String, cast, delete, func, or_, select, true, update
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
    groups: dict[frozenset[UUID], list[Trace]] = {}
    for trace in traces:
        if not (trace.short and _is_common(session, trace.short)):
            groups.setdefault(trace.but, []).append(trace)
    changed = 0
    for but, group in groups.items():
        for model, columns in _WORDS:
            changed += sum(_erase_column(session, group, model, name, _not_about(model, but)) for name in columns)
        _drop_payloads(session, group, _not_about(AuditPayload, but))
    return changed


def _erase_column(session: Session, traces: list[Trace], model: Any, name: str, others: ColumnElement[bool]) -> int:
    columns = table(model).c
    column, structured = columns[name], isinstance(columns[name].type, JSON)
    count = 0
    for key, told in session.execute(select(columns.id, column).where(_holds(column, traces), others)).all():
        kept = _without(told, traces)
        if kept == told:
            continue
        kept = _EMPTIED.get((model, name), kept)
        session.execute(update(table(model)).where(columns.id == key).values({name: kept}))
        if not structured:
            _index_again(session, model, key, kept)
        count += 1
    return count


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


def _drop_payloads(session: Session, traces: list[Trace], others: ColumnElement[bool]) -> None:
    payload = table(AuditPayload).c
    rows = session.execute(select(payload.seq, payload.body).where(_holds(payload.body, traces), others))
    told = [row.seq for row in rows if _without(row.body, traces) != row.body]
    session.execute(delete(table(AuditPayload)).where(payload.seq.in_(told)))


def _holds(column: Any, traces: list[Trace]) -> ColumnElement[bool]:
    """Whether a column may hold one of the traces: every spelling, and more."""
    if not isinstance(column.type, JSON):
        return or_(*(column.ilike(trace.rough, escape="\\") for trace in traces))
    spellings = {spelling for trace in traces for spelling in (trace.rough, _escaped(trace.rough))}
    return or_(*(cast(column, String).ilike(spelling, escape="\\") for spelling in sorted(spellings)))


def _not_about(model: Any, customers: frozenset[UUID]) -> ColumnElement[bool]:
    """Leaves out what was written about some customers."""
    if not customers:
        return true()
    c, t, case = table(model).c, table(Ticket).c, table(FlowCase).c
    tickets = select(t.id).where(t.customer_id.in_(customers))
    if model is AuditPayload:
        event = table(AuditEvent).c
        about = select(event.seq).where(event.ticket_id.in_(tickets))
        return func.coalesce(c.customer_id.not_in(customers), true()) & c.seq.not_in(about)
    if model is QaSession:
        return c.record.not_in(select("T-" + cast(t.number, String)).where(t.customer_id.in_(customers)))
    if "customer_id" in c:
        return func.coalesce(c.customer_id.not_in(customers), true())
    if "ticket_id" in c:
        return c.ticket_id.not_in(tickets)
    if "case_id" in c:
        return c.case_id.not_in(select(case.id).where(case.ticket_id.in_(tickets)))
    return true()


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
