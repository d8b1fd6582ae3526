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
from deskapp.models.ticket import Appointment, Ticket, TimelineEntry
from deskapp.store.qa_facts import facts_of, source

_t, _a, _team, _e = table(Ticket).c, table(Agent).c, table(Team).c, table(TimelineEntry).c
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


def snapshots(session: Session, tickets: Iterable[UUID], known_until: datetime) -> dict[UUID, dict[str, Any]]:
    """Records as they stand now, as plain data: words, lines, facts; the customer is left out."""
    wanted = list(tickets)
    result: dict[UUID, dict[str, Any]] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        result |= _some_snapshots(session, part, known_until)
    return result


def _some_snapshots(session: Session, part: list[UUID], known_until: datetime) -> dict[UUID, dict[str, Any]]:
    facts = facts_of(session, _t.id.in_(part), known_until)
    lines: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(
            _e.ticket_id, _e.id, _e.kind, _e.text, func.coalesce(_a.name, "").label("author"), _e.occurred_at,
            _e.details,
        )
        .select_from(table(TimelineEntry).outerjoin(table(Agent), _e.author_id == _a.id))
        .where(_e.ticket_id.in_(part))
        .order_by(_e.occurred_at, _e.id)
    )  # fmt: skip
    for row in rows:
        lines[row.ticket_id].append({
            "id": str(row.id), "kind": row.kind.value, "text": row.text, "author": row.author,
            "at": row.occurred_at.isoformat(), "details": row.details,
        })  # fmt: skip
    found = session.execute(
        select(
            _t.id, _t.number, _t.subject, _t.description, _t.product, _t.fault, _t.channel, _t.grade, _t.resolution,
            func.coalesce(_a.name, "").label("agent"),
        )
        .select_from(source())
        .where(_t.id.in_(part))
    )  # fmt: skip
    return {
        row.id: {
            "record": f"T-{row.number}", "subject": row.subject, "description": row.description,
            "product": row.product, "fault": row.fault, "channel": row.channel.value, "grade": row.grade.value,
            "resolution": row.resolution, "agent": row.agent, "lines": lines[row.id],
            "facts": _facts_data(facts[f"T-{row.number}"]),
        }
        for row in found
    }  # fmt: skip


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


def workers(session: Session, tickets: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Who has worked on each ticket: its owner, its assignee, and whoever wrote into its timeline."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    wanted = list(tickets)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        for row in session.execute(select(_t.id, _t.owner_id, _t.assignee_id).where(_t.id.in_(part))):
            found[row.id] |= {person for person in (row.owner_id, row.assignee_id) if person}
        lines = select(_e.ticket_id, _e.author_id).where(_e.ticket_id.in_(part), _e.author_id.is_not(None)).distinct()
        for row in session.execute(lines):
            found[row.ticket_id].add(row.author_id)
    return found


def ticket_by_number(session: Session, number: int) -> UUID | None:
    """The id of a ticket by its number."""
    found: UUID | None = session.execute(select(_t.id).where(_t.number == number)).scalar()
    return found


__all__ = ["Candidate", "Wanted", "candidates", "facts_from", "snapshots", "ticket_by_number",
           "workers"]  # fmt: skip
