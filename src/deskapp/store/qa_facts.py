"""What the rules of a card look at, for every record of a period: read raw, since a census reads them all."""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, String, select, type_coerce
from sqlmodel import Session

from deskapp.domain.rule_items import RecordFacts
from deskapp.domain.terms import AppointmentState, EntryKind
from deskapp.models.base import table
from deskapp.models.people import Agent, Team
from deskapp.models.ticket import Appointment, CallBack, ImportedCase, Ticket, TimelineEntry

_t, _a, _team, _e = table(Ticket).c, table(Agent).c, table(Team).c, table(TimelineEntry).c


def source() -> Any:
    """Tickets with their owners and teams: what conditions on the population are about."""
    return table(Ticket).outerjoin(table(Agent), _t.owner_id == _a.id).outerjoin(table(Team), _t.team_id == _team.id)


def facts_of(session: Session, condition: ColumnElement[bool], known_until: datetime) -> dict[str, RecordFacts]:
    """What the rules look at, for every ticket that meets the condition, by its number as `T-12`.

    Six reads however many there are. Ids, words and instants are taken as the driver gives them and turned over once:
    through the types of the columns the same reads take five times as long.
    """
    ids = select(_t.id).select_from(source()).where(condition)
    rows = session.execute(
        select(
            raw(_t.id), _t.number, raw(_t.opened_at), raw(_t.channel), raw(_t.grade), _t.product, _t.fault,
            raw(_t.first_response_at), raw(_t.solved_at), _t.reopened, _t.description, raw(_t.customer_id),
        )
        .select_from(source())
        .where(condition)
    ).all()  # fmt: skip
    calls, visits, due, again = _calls(session, ids), _visits(session, ids), _due(session, ids), _repeats(session, ids)
    facts = {}
    for key, number, opened, channel, grade, product, fault, responded, done, reopened, words, customer in rows:
        called, satisfied = calls.get(key, (None, False))
        on_site, arrived, before, after = visits.get(key, (False, None, 0, 0))
        solved, repeat = _moment(done), None
        if solved and customer and (fault or product):
            later = again.get((customer, product, fault), ())
            repeat = min((m for m in later if m > solved), default=None)
        name = f"T-{number}"
        facts[name] = RecordFacts(
            name, instant(opened), channel, grade, product, on_site, _moment(responded), arrived, solved,
            due.get(key), called, satisfied, reopened, repeat, before, after, words, known_until,
        )  # fmt: skip
    return facts


def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as the driver gives it: an id as hex or UUID, JSON as text or value, an instant for `instant`."""
    return type_coerce(column, String)


def parsed(value: Any) -> Any:
    """JSON as SQLite keeps it (text), or as PostgreSQL's driver gives it."""
    if not isinstance(value, str):
        return value
    return {} if value == "{}" else json.loads(value)


def instant(value: Any) -> datetime:
    """An instant as SQLite keeps it (text in UTC) or as PostgreSQL's driver gives it (aware)."""
    if isinstance(value, str):
        return datetime.fromisoformat(value + "+00:00")  # a fifth of the time of `replace(tzinfo=UTC)`
    given: datetime = value
    return given if given.tzinfo is UTC else given.astimezone(UTC)


def _moment(value: Any) -> datetime | None:
    return None if value is None else instant(value)


def _calls(session: Session, ids: Any) -> dict[Any, tuple[datetime, bool]]:
    c = table(CallBack).c
    found: dict[Any, tuple[datetime, bool]] = {}
    rows = session.execute(
        select(raw(c.ticket_id), raw(c.done_at), c.satisfaction)
        .where(c.ticket_id.in_(ids), c.done_at.is_not(None))
        .order_by(c.done_at)
    )
    for key, done, satisfaction in rows:
        found[key] = (instant(done), satisfaction is not None or (key in found and found[key][1]))
    return found


def _visits(session: Session, ids: Any) -> dict[Any, tuple[bool, datetime | None, int, int]]:
    a = table(Appointment).c
    booked = select(raw(a.ticket_id)).where(a.ticket_id.in_(ids), a.state != AppointmentState.CANCELLED)
    found: dict[Any, tuple[bool, datetime | None, int, int]] = {
        key: (True, None, 0, 0) for key in session.execute(booked).scalars()
    }
    rows = session.execute(
        select(raw(_e.ticket_id), _e.occurred_at, _e.details)
        .where(_e.ticket_id.in_(ids), _e.kind == EntryKind.VISIT)
        .order_by(_e.occurred_at)
    )
    for key, at, details in rows:
        _on_site, arrived, before, after = found.get(key, (True, None, 0, 0))
        before += _count(details.get("photos_before"))
        after += _count(details.get("photos_after"))
        found[key] = (True, arrived or at, before, after)
    return found


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _due(session: Session, ids: Any) -> dict[Any, datetime]:
    c = table(ImportedCase).c
    rows = session.execute(select(raw(c.ticket_id), raw(c.due_at)).where(c.ticket_id.in_(ids), c.due_at.is_not(None)))
    return {key: instant(due) for key, due in rows}


def _repeats(session: Session, ids: Any) -> dict[tuple[Any, str, str], list[datetime]]:
    other = table(Ticket).alias("other")
    of = select(_t.customer_id).where(_t.id.in_(ids), _t.customer_id.is_not(None))
    found: dict[tuple[Any, str, str], list[datetime]] = defaultdict(list)
    rows = session.execute(
        select(raw(other.c.customer_id), other.c.product, other.c.fault, raw(other.c.opened_at)).where(
            other.c.customer_id.in_(of)
        )
    )
    for customer, product, fault, opened in rows:
        found[customer, product, fault].append(instant(opened))
    return found


__all__ = ["facts_of", "instant", "parsed", "raw", "source"]
