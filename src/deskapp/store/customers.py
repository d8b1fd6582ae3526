"""Find customers by whatever is said of them, and read their file."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlmodel import Session

from deskapp.domain.permissions import Actor
from deskapp.domain.terms import ContactKind, Role
from deskapp.domain.views import (
    ContactLine,
    CustomerBrief,
    CustomerView,
    MachineLine,
    MergedFile,
    PreferenceLine,
    TicketBrief,
    TimelineLine,
)
from deskapp.models.base import table
from deskapp.models.customer import Contact, Customer, CustomerMerge, Machine, Preference
from deskapp.models.flow import FlowCase
from deskapp.models.people import Agent
from deskapp.models.ticket import Appointment, CallBack, Ticket, TimelineEntry
from deskapp.store.search import CUSTOMER, ids_matching
from deskapp.store.timeline import timeline

_c, _contact, _machine = table(Customer).c, table(Contact).c, table(Machine).c
_SEES_CONTACTS = (Role.AGENT, Role.LEAD)
_HISTORY = 200
_FEWEST_DIGITS, _FEWEST_SIGNS = 3, 4


def starts_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """A prefix as a range, which an index in byte order serves on both databases (LIKE is not, on either)."""
    return and_(column >= prefix, column < prefix + "\U0010ffff")


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed to find a customer, in the forms it is looked up by; empty where it cannot be that.

    `first` are the national digits a number begins with, `last` the digits it ends with: a zero that is dialled before
    an area code is none of the number's own, one in its middle is.
    """

    number: int = 0
    first: str = ""
    last: str = ""
    name_key: str = ""
    reading: str = ""
    serial: str = ""
    words: str = ""


def matches(session: Session, said: Said, limit: int) -> list[tuple[UUID, str]]:
    """Customers found by what was typed, best first, each with what matched; every path is one index range."""
    found: dict[UUID, str] = {}

    def take(matched: str, query: Any) -> None:
        if len(found) < limit:
            for customer in session.execute(query.limit(limit)).scalars():
                found.setdefault(customer, matched)

    if said.number:
        take("number", select(_c.id).where(_c.number == said.number))
    live = select(_contact.customer_id).where(_contact.ended_at.is_(None))
    if len(said.first) >= _FEWEST_DIGITS:
        take("phone", live.where(starts_with(_contact.digits, said.first)))
    if len(said.last) >= _FEWEST_DIGITS:
        take("phone", live.where(starts_with(_contact.digits_reversed, said.last[::-1])))
    if said.name_key:
        # As a comparison no index is thought of for it: SQLite would read all who are not merged, nearly everybody.
        alive = select(_c.id).where(_c.merged_into.is_(None).is_(true()))
        take("name", alive.where(starts_with(_c.name_key, said.name_key)))
        if said.reading:
            take("name", alive.where(starts_with(_c.initials, said.reading)))
            take("name", alive.where(starts_with(_c.reading, said.reading)))
    if len(said.serial) >= _FEWEST_SIGNS:
        take("serial", select(_machine.customer_id).where(starts_with(_machine.serial_key, said.serial)))
    if said.words:
        take("address", ids_matching(session, CUSTOMER, said.words))
    return list(found.items())[:limit]


def briefs(
    session: Session, actor: Actor, found: list[tuple[UUID, str]], said: Said | None = None
) -> tuple[CustomerBrief, ...]:
    """The lines of a list of matches, in the order given; of several numbers, addresses and machines the one said."""
    ids, said = [customer for customer, _ in found], said or Said()
    t = table(Ticket).c
    people = {row.id: row for row in session.execute(select(_c.id, _c.number, _c.name).where(_c.id.in_(ids)))}
    contacts = _contacts_said(session, ids, said)
    machines = _machines_said(session, ids, said)
    opened: dict[UUID, int] = {
        customer: count
        for customer, count in session.execute(
            select(t.customer_id, func.count()).where(t.customer_id.in_(ids), t.is_open).group_by(t.customer_id)
        )
    }
    hidden = masked_for(actor)
    return tuple(
        CustomerBrief(
            customer,
            people[customer].number,
            people[customer].name,
            mask(phone) if hidden else phone,
            "" if hidden else address,
            machines.get(customer, ""),
            opened.get(customer, 0),
            matched,
        )
        for customer, matched in found
        if customer in people
        for phone, address in [contacts.get(customer, ("", ""))]
    )


def _contacts_said(session: Session, ids: list[UUID], said: Said) -> dict[UUID, tuple[str, str]]:
    kinds = (ContactKind.PHONE, ContactKind.ADDRESS)
    words = said.words.casefold().split()
    best: dict[tuple[UUID, ContactKind], tuple[bool, str]] = {}
    for row in session.execute(
        select(_contact.customer_id, _contact.kind, _contact.raw, _contact.digits)
        .where(_contact.customer_id.in_(ids), _contact.kind.in_(kinds), _contact.ended_at.is_(None))
        .order_by(_contact.id)
    ):
        if row.kind is ContactKind.PHONE:
            first = bool(said.first) and row.digits.startswith(said.first)
            meant = first or (bool(said.last) and row.digits.endswith(said.last))
        else:
            meant = bool(words) and all(word in row.raw.casefold() for word in words)
        former = best.get((row.customer_id, row.kind))
        if former is None or (meant and not former[0]):
            best[row.customer_id, row.kind] = (meant, row.raw)
    nothing = (False, "")
    return {
        customer: (
            best.get((customer, ContactKind.PHONE), nothing)[1],
            best.get((customer, ContactKind.ADDRESS), nothing)[1],
        )
        for customer in ids
    }


def _machines_said(session: Session, ids: list[UUID], said: Said) -> dict[UUID, str]:
    best: dict[UUID, tuple[bool, str]] = {}
    for row in session.execute(
        select(_machine.customer_id, _machine.product, _machine.model, _machine.serial_key)
        .where(_machine.customer_id.in_(ids), _machine.ended_at.is_(None))
        .order_by(_machine.id)
    ):
        meant = len(said.serial) >= _FEWEST_SIGNS and row.serial_key.startswith(said.serial)
        former = best.get(row.customer_id)
        if former is None or (meant and not former[0]):
            best[row.customer_id] = (meant, " ".join(filter(None, (row.product, row.model))))
    return {customer: told for customer, (_meant, told) in best.items()}


def load_customer(session: Session, actor: Actor, customer_id: UUID, *, whole: bool = False) -> CustomerView | None:
    """The customer file as the actor may see it; a merged file leads to the one that took it over.

    `whole`: with contacts and machines that have ended, and all that happened instead of the newest.
    """
    row = session.get(Customer, customer_id)
    for _ in range(10):
        if row is None or row.merged_into is None:
            break
        row = session.get(Customer, row.merged_into)
    if row is None:
        return None
    hidden, most = masked_for(actor), None if whole else _HISTORY
    took_over, came = _took_over(session, row.id)
    return CustomerView(
        id=row.id,
        version=row.version,
        number=row.number,
        name=row.name,
        language=row.language,
        since=row.since,
        tags=tuple(filter(None, row.tags.split(","))),
        contacts=_contacts(session, row.id, hidden, whole, came),
        machines=_machines(session, row.id, whole),
        preferences=_preferences(session, row.id),
        tickets=_tickets(session, row.id, most),
        timeline=_timeline(session, row.id, most),
        masked=hidden,
        erased_at=row.erased_at,
        took_over=took_over,
    )


def service_records(session: Session, tickets: Iterable[UUID]) -> dict[str, list[dict[str, Any]]]:
    """What is kept of tickets beside their timelines, by table: their words, the calls back, the visits."""
    t, b, a, case = table(Ticket).c, table(CallBack).c, table(Appointment).c, table(FlowCase).c
    ids = list(tickets)
    asked = {
        "tickets": select(t.number, t.subject, t.description, t.product, t.fault, t.resolution).where(t.id.in_(ids)),
        "call_backs": select(b.ticket_id, b.done_at, b.solved, b.satisfaction, b.comment).where(b.ticket_id.in_(ids)),
        "visits": select(a.ticket_id, a.starts_at, a.ends_at, a.state, a.note, a.reason).where(a.ticket_id.in_(ids)),
        "guided_calls": select(case.ticket_id, case.snapshot, case.cause, case.missing).where(case.ticket_id.in_(ids)),
    }
    return {name: [dict(row) for row in session.execute(query).mappings()] for name, query in asked.items()}


def masked_for(actor: Actor) -> bool:
    """Whether telephone numbers and addresses are hidden from somebody's role."""
    return actor.role not in _SEES_CONTACTS


def mask(value: str) -> str:
    """A number or address with its middle hidden: 138****8000."""
    keep = 3 if len(value) >= 7 else 1
    tail = 4 if len(value) >= 9 else 1 if len(value) > 3 else 0
    return value[:keep] + "****" + (value[-tail:] if tail else "") if value else ""


def _took_over(session: Session, customer_id: UUID) -> tuple[tuple[MergedFile, ...], frozenset[UUID]]:
    """The files that went into one, and the contacts that came with them."""
    m = table(CustomerMerge).c
    rows = session.execute(
        select(_c.number, _c.name, m.merged_at, m.moved)
        .join_from(table(CustomerMerge), table(Customer), m.from_id == _c.id)
        .where(m.into_id == customer_id, m.undone_at.is_(None))
        .order_by(m.merged_at.desc())
    ).all()
    came = frozenset(UUID(key) for row in rows for key in row.moved.get(Contact.__name__, ()))
    return tuple(MergedFile(row.number, row.name, row.merged_at) for row in rows), came


def _contacts(
    session: Session, customer_id: UUID, hidden: bool, whole: bool, came: frozenset[UUID]
) -> tuple[ContactLine, ...]:
    """The file's own contacts before those that `came` with another: the first number is the one to call."""
    found = session.execute(
        select(
            _contact.id, _contact.version, _contact.kind, _contact.raw, _contact.value, _contact.extension,
            _contact.label,
        )
        .where(_contact.customer_id == customer_id, true() if whole else _contact.ended_at.is_(None))
        .order_by(_contact.id)
    )  # fmt: skip
    lines = sorted((ContactLine(*row) for row in found), key=lambda line: line.id in came)
    if not hidden:
        return tuple(lines)
    return tuple(ContactLine(c.id, c.version, c.kind, mask(c.raw), mask(c.value), "", c.label) for c in lines)


def _machines(session: Session, customer_id: UUID, whole: bool) -> tuple[MachineLine, ...]:
    found = session.execute(
        select(
            _machine.id, _machine.version, _machine.product, _machine.model, _machine.serial, _machine.bought_on,
            _machine.warranty_until, _machine.place,
        )
        .where(_machine.customer_id == customer_id, true() if whole else _machine.ended_at.is_(None))
        .order_by(_machine.id)
    )  # fmt: skip
    return tuple(MachineLine(*row) for row in found)


def _preferences(session: Session, customer_id: UUID) -> tuple[PreferenceLine, ...]:
    p, a = table(Preference).c, table(Agent).c
    found = session.execute(
        select(
            p.id, p.kind, p.text, p.source, func.coalesce(a.name, ""), p.recorded_at, p.valid_until, p.consent,
            p.pinned, p.ended_at,
        )
        .select_from(table(Preference).outerjoin(table(Agent), p.recorded_by == a.id))
        .where(p.customer_id == customer_id)
        .order_by(p.pinned.desc(), p.recorded_at.desc())
    )  # fmt: skip
    return tuple(PreferenceLine(*row) for row in found)


def _tickets(session: Session, customer_id: UUID, most: int | None) -> tuple[TicketBrief, ...]:
    t, b = table(Ticket).c, table(CallBack).c
    asked = select(func.max(b.satisfaction)).where(b.ticket_id == t.id).scalar_subquery()
    found = session.execute(
        select(t.id, t.number, t.subject, t.product, t.grade, t.status, t.opened_at, t.solved_at, asked, t.machine_id)
        .where(t.customer_id == customer_id)
        .order_by(t.is_open.desc(), t.opened_at.desc())
        .limit(most)
    )
    return tuple(TicketBrief(*row) for row in found)


def _timeline(session: Session, customer_id: UUID, most: int | None) -> tuple[TimelineLine, ...]:
    t, e = table(Ticket).c, table(TimelineEntry).c
    return timeline(session, e.ticket_id.in_(select(t.id).where(t.customer_id == customer_id)), limit=most)
