"""Read what QA samples: the population of a period with its facts, and a record as it stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session

from deskapp.domain.rule_items import RecordFacts
from deskapp.domain.terms import AppointmentState, EntryKind, Status
from deskapp.models.base import table
from deskapp.models.customer import Customer
from deskapp.models.people import Agent, Team
from deskapp.models.qa import QaSample
from deskapp.models.ticket import Appointment, Ticket, TimelineEntry
from deskapp.store.qa_facts import facts_of, instant, parsed, raw, source

_t, _a, _team, _e, _s = (table(model).c for model in (Ticket, Agent, Team, TimelineEntry, QaSample))
_ENDED = {Status.SOLVED, Status.CLOSED}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the population: what it is drawn by, and whose it is."""

    ticket_id: UUID
    record: str
    agent_id: UUID | None
    agent: str
    team_id: UUID | None
    team: str
    shift: str
    channel: str
    grade: str
    day: str
    erased: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: days in a zone, both included, and further conditions by name."""

    first: date
    last: date
    zone: str
    filters: Mapping[str, tuple[str, ...]]

    def condition(self) -> ColumnElement[bool]:
        """The filter on the ticket table: ended records count in the period in which they were solved."""
        statuses = [Status(word) for word in self.filters.get("status", ())]
        moment = _t.solved_at if statuses and set(statuses) <= _ENDED else _t.opened_at
        zone = ZoneInfo(self.zone)
        start = datetime.combine(self.first, time(), zone)
        end = datetime.combine(self.last + timedelta(days=1), time(), zone)
        terms: list[ColumnElement[bool]] = [moment >= start, moment < end]
        if statuses:
            terms.append(_t.status.in_(statuses))
        named = {"channel": _t.channel, "grade": _t.grade, "product": _t.product, "agent": _a.login,
                 "team": _team.key, "shift": _a.shift, "number": _t.number}  # fmt: skip
        for name, values in self.filters.items():
            if name in named and values:
                terms.append(
                    named[name].in_([int(v.removeprefix("T-")) for v in values] if name == "number" else values)
                )
        if on_site := self.filters.get("on_site"):
            visited = _t.id.in_(_visited())
            terms.append(visited if "yes" in on_site else ~visited)
        return and_(*terms)

    @property
    def text(self) -> str:
        """The filter as one line of the frame."""
        parts = [f"period={self.first}..{self.last}", f"zone={self.zone}"]
        parts += [f"{name}={','.join(values)}" for name, values in sorted(self.filters.items()) if name != "period"]
        return " ".join(parts)


def _visited() -> Any:
    a = table(Appointment).c
    booked = select(a.ticket_id).where(a.state != AppointmentState.CANCELLED)
    return booked.union(select(_e.ticket_id).where(_e.kind == EntryKind.VISIT))


def candidates(session: Session, wanted: Wanted) -> list[Candidate]:
    """The population, whatever order the database gives it in."""
    c = table(Customer).c
    zone = ZoneInfo(wanted.zone)
    found = session.execute(
        select(
            _t.id, _t.number, _t.owner_id, func.coalesce(_a.login, "").label("agent"), _t.team_id,
            func.coalesce(_team.key, "").label("team"), _a.shift, _t.channel, _t.grade, _t.opened_at, _t.solved_at,
            c.erased_at,
        )
        .select_from(source().outerjoin(table(Customer), _t.customer_id == c.id))
        .where(wanted.condition())
    )  # fmt: skip
    return [
        Candidate(
            row.id, f"T-{row.number}", row.owner_id, row.agent, row.team_id, row.team,
            row.shift.value if row.shift else "", row.channel.value, row.grade.value,
            (row.solved_at or row.opened_at).astimezone(zone).date().isoformat(), row.erased_at is not None,
        )
        for row in found
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """A record as it stands: its ticket, the shift and the day that it counts to, and its words as plain data."""

    ticket_id: UUID
    shift: str
    day: str
    snapshot: dict[str, Any]


def standing(session: Session, numbers: Iterable[int], known_until: datetime, zone: str) -> dict[str, Standing]:
    """Records as they stand now, by name as `T-12`: words, lines, facts; the customer is left out."""
    wanted, place = sorted(numbers), ZoneInfo(zone)
    result: dict[str, Standing] = {}
    for start in range(0, len(wanted), _PART):
        result |= _some_standing(session, _t.number.in_(wanted[start : start + _PART]), known_until, place)
    return result


_PART = 2000


def _some_standing(
    session: Session, these: ColumnElement[bool], known_until: datetime, zone: ZoneInfo
) -> dict[str, Standing]:
    # Read raw, as `qa_facts` does: a round may draw tens of thousands of records with all their lines.
    facts, lines = facts_of(session, these, known_until), _lines(session, these)
    found = session.execute(
        select(
            raw(_t.id), _t.number, _t.subject, _t.description, _t.product, _t.fault, raw(_t.channel), raw(_t.grade),
            _t.resolution, func.coalesce(_a.name, ""), func.coalesce(raw(_a.shift), ""),
        )
        .select_from(source())
        .where(these)
    )  # fmt: skip
    result = {}
    for key, number, subject, description, product, fault, channel, grade, resolution, agent, shift in found:
        name = f"T-{number}"
        known = facts[name]
        result[name] = Standing(
            key if isinstance(key, UUID) else UUID(key), shift,
            (known.solved_at or known.opened_at).astimezone(zone).date().isoformat(),
            {
                "record": name, "subject": subject, "description": description, "product": product, "fault": fault,
                "channel": channel, "grade": grade, "resolution": resolution, "agent": agent,
                "lines": lines.get(key, []), "facts": _facts_data(known),
            },
        )  # fmt: skip
    return result


def _lines(session: Session, these: ColumnElement[bool]) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(
            raw(_e.ticket_id), raw(_e.id), raw(_e.kind), _e.text, func.coalesce(_a.name, ""), raw(_e.occurred_at),
            raw(_e.details),
        )
        .select_from(table(TimelineEntry).outerjoin(table(Agent), _e.author_id == _a.id))
        .where(_e.ticket_id.in_(select(_t.id).where(these)))
        .order_by(_e.occurred_at, _e.id)
    )  # fmt: skip
    for ticket, key, kind, text, author, at, details in rows:
        found[ticket].append({
            "id": f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}" if isinstance(key, str) else str(key),
            "kind": kind, "text": text, "author": author, "at": instant(at).isoformat(),
            "details": parsed(details),
        })  # fmt: skip
    return found


_INSTANTS = (
    "opened_at", "first_response_at", "arrived_at", "solved_at", "resolve_due_at", "called_back_at",
    "repeat_contact_at", "known_until",
)  # fmt: skip
_PLAIN = ("id", "channel", "grade", "product", "on_site", "satisfaction_asked", "reopened", "photos_before",
          "photos_after", "problem")  # fmt: skip


def _facts_data(facts: RecordFacts) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(facts, name) for name in _PLAIN}
    for name in _INSTANTS:
        moment = getattr(facts, name)
        data[name] = moment.isoformat() if moment else None
    return data


def facts_from(data: Mapping[str, Any]) -> RecordFacts:
    """Facts as they were kept in a snapshot."""
    moments: dict[str, Any] = {
        name: datetime.fromisoformat(data[name]) if data.get(name) else None for name in _INSTANTS
    }
    return RecordFacts(**{name: data[name] for name in _PLAIN}, **moments)


def workers(session: Session, ticket: UUID) -> set[UUID]:
    """Who has worked on a ticket: its owner, its assignee, and whoever wrote into its timeline."""
    row = session.execute(select(_t.owner_id, _t.assignee_id).where(_t.id == ticket)).one()
    wrote = session.execute(select(_e.author_id).where(_e.ticket_id == ticket).distinct()).scalars()
    return {person for person in (*row, *wrote) if person}


def worked_on(session: Session, campaign_id: UUID, people: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    """The drawn records of a campaign on which each of these people has worked, as `workers` tells it."""
    wanted = list(people)
    mine = select(_s.record, _s.ticket_id).where(_s.campaign_id == campaign_id).subquery().c
    found: dict[UUID, set[str]] = defaultdict(set)
    for person in (_t.owner_id, _t.assignee_id):
        owned = select(person, mine.record).join_from(table(Ticket), mine.record.table, _t.id == mine.ticket_id)
        for who, record in session.execute(owned.where(person.in_(wanted))):
            found[who].add(record)
    wrote = (
        select(_e.author_id, mine.record)
        .join_from(table(TimelineEntry), mine.record.table, _e.ticket_id == mine.ticket_id)
        .where(_e.author_id.in_(wanted))
    )
    for who, record in session.execute(wrote):
        found[who].add(record)
    return {who: frozenset(records) for who, records in found.items()}


__all__ = ["Candidate", "Standing", "Wanted", "candidates", "facts_from", "standing", "worked_on", "workers"]
