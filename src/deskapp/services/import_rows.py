"""The rows that an imported case becomes: ticket, timeline, people, teams, customer, and where it came from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from deskapp.domain.ids import uuid7
from deskapp.domain.imported import Case, Change, Standing, follow, stand
from deskapp.domain.sla import ClockEvent, EventKind, Facts
from deskapp.domain.terms import Channel, ContactKind, EntryKind, Role, Status
from deskapp.models.base import table
from deskapp.models.customer import Contact, Customer
from deskapp.models.people import Agent, Team
from deskapp.models.ticket import ImportedCase, Ticket, TimelineEntry
from deskapp.services.clocks import ClockRows, History, clocks_for
from deskapp.services.customers import index_words, new_contact, new_customer
from deskapp.store import search
from deskapp.store.bulk import insert_rows, insert_values
from deskapp.store.queue import PAUSED, RUNNING, UNPROMISED

_SPACE = UUID("5e0c9d4e-8f9a-4f0d-9a53-6465736b6170")
_KEPT = 50_000
_RECENT = timedelta(days=60)
T = TypeVar("T")
LOG = "log"
"""The key of a timeline line's details under which an import keeps what became known: replays are made from it."""


class Names:
    """Names of a log as people, teams and customers of the desk: the same name is the same one in every run."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._known: set[UUID] = set()

    @lru_cache(maxsize=_KEPT)  # noqa: B019 - lives as long as one import
    def id(self, kind: str, *name: str) -> UUID:
        """The id of a name of a kind: it follows from source and name, so that no run makes it twice."""
        return uuid5(_SPACE, "\0".join((self.source, kind, *name)))

    def forget(self) -> None:
        """Look everything up again: a batch was taken back."""
        self._known.clear()

    def resolve(self, session: Session, cases: Sequence[Case], batch: "Batch") -> None:
        """Add to the batch whoever its cases name and the desk does not have yet."""
        teams, people, customers = _named(cases)
        if len(self._known) > _KEPT:
            self._known.clear()
        for name in self._new(session, Team, {self.id("team", name): name for name in teams}):
            team_id = self.id("team", name)
            key = f"{self.source[:24]}-{team_id.hex[:12]}"
            batch.teams.append(Team(id=team_id, key=key, name=name, department=self.source))
        for name in self._new(session, Agent, {self.id("agent", name): name for name in people}):
            login = f"{self.source[:12]}:{name}"[:64]
            batch.agents.append(Agent(id=self.id("agent", name), login=login, name=name, role=Role.AGENT, active=False))
        for who in self._new(session, Customer, {self.id("customer", *who): who for who in customers}):
            batch.add_customer(self.id("customer", *who), who)

    def _new(self, session: Session, model: type[SQLModel], wanted: Mapping[UUID, T]) -> Iterator[T]:
        unknown = [key for key in wanted if key not in self._known]
        c = table(model).c
        there = set(session.execute(select(c.id).where(c.id.in_(unknown))).scalars()) if unknown else set()
        self._known.update(unknown)
        yield from (wanted[key] for key in unknown if key not in there)


def _named(cases: Iterable[Case]) -> tuple[list[str], list[str], list[tuple[str, str, str, str]]]:
    teams: dict[str, None] = {}
    people: dict[str, None] = {}
    customers: dict[tuple[str, str, str, str], None] = {}
    for case in cases:
        if any(case.customer):
            customers[case.customer] = None
        for change in (case.first, *case.changes):
            if team := change.facts.get("team"):
                teams[team] = None
            for name in (change.author, change.facts.get("assignee", ""), change.facts.get("owner", "")):
                if name:
                    people[name] = None
    return list(teams), list(people), list(customers)


class Batch:
    """The rows of a batch of cases."""

    def __init__(self, source: str, now: datetime, region: str) -> None:
        self.source, self.now, self.region = source, now, region
        self.teams: list[Team] = []
        self.agents: list[Agent] = []
        self.customers: list[Customer] = []
        self.contacts: list[Contact] = []
        # As values of columns: a row object of the ORM costs ten times what it carries.
        self.tickets: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.cases: list[dict[str, Any]] = []
        self._names: dict[UUID, str] = {}

    def write(self, session: Session) -> None:
        """Write all rows, each table after what it points at, and make them findable."""
        for rows in (self.teams, self.agents, self.customers, self.contacts):
            insert_rows(session, rows)
        promises = self._promises(session)
        for model, values in ((Ticket, self.tickets), (TimelineEntry, self.entries), (ImportedCase, self.cases)):
            insert_values(session, model, values)
        promises.write(session)
        self._index(session)

    def _promises(self, session: Session) -> ClockRows:
        """Clocks of the promises that the log made, for tickets that somebody may still keep or has just kept.

        One that waits gets its clock with its next change: the log's due time does not stand still.
        """
        since = self.now - _RECENT
        by_id = {ticket["id"]: ticket for ticket in self.tickets}
        histories = []
        for case in self.cases:
            ticket = by_id[case["ticket_id"]]
            done = ticket["solved_at"] or ticket["closed_at"]
            lives = ticket["is_open"] and ticket["status"] is not Status.PAUSED
            if case["due_at"] is None or not (lives or (done is not None and done >= since)):
                continue
            cancelled = ticket["status"] is Status.CANCELLED
            happened = [
                (EventKind.CONTACT, ticket["first_response_at"]),
                (EventKind.CANCELLED if cancelled else EventKind.RESOLVED, done),
            ]
            facts = Facts(ticket["grade"].value, ticket["priority"].value, "", ticket["channel"].value)
            events = tuple(ClockEvent(kind, at) for kind, at in happened if at is not None)
            histories.append(
                History(
                    ticket["id"], facts, ticket["opened_at"], ticket["status"], ticket["grade_rank"], events,
                    case["due_at"], by_log=True,
                )
            )  # fmt: skip
        rows = clocks_for(session, histories, self.now) if histories else ClockRows()
        for ticket_id, columns in rows.columns.items():
            by_id[ticket_id].update(yellow_at=columns["yellow_at"], red_at=columns["red_at"])
        return rows

    def add_customer(self, customer_id: UUID, who: tuple[str, str, str, str]) -> None:
        """Add a customer: name, telephone, address, e-mail; without a name the telephone stands for it."""
        name, phone, address, email = who
        customer = new_customer(customer_id, name or phone or address or email, self.now)
        customer.tags = self.source
        self.customers.append(customer)
        for kind, raw in ((ContactKind.PHONE, phone), (ContactKind.ADDRESS, address), (ContactKind.EMAIL, email)):
            if raw:
                self.contacts.append(new_contact(customer_id, kind, raw, region=self.region))

    def add(self, number: int, case: Case, names: Names) -> None:
        """Add a case with its timeline; it is known by its opening and by every change after it."""
        ticket_id = uuid7()
        customer_id = names.id("customer", *case.customer) if any(case.customer) else None
        if customer_id:
            self._names[ticket_id] = case.customer[0]
        changes = [(change, _by_id(change.facts, names)) for change in (case.first, *case.changes)]
        before: Standing | None = None
        for change, facts in changes:
            self.entries.append(_entry(ticket_id, change, facts, names, before, self.now))
            before = follow(before or stand(case.opened_at, ()), change.at, facts)
        standing = before or stand(case.opened_at, ())
        ticket = {**project(standing), "id": ticket_id, "version": 1, "number": number, "customer_id": customer_id}
        own = {"machine_id": None, "opened_at": case.opened_at, "yellow_at": None, "red_at": None}
        self.tickets.append(ticket | own)
        self.cases.append({
            "id": uuid7(), "ticket_id": ticket_id, "source": self.source, "external_key": case.key,
            "due_at": standing.due_at, "verdict": case.verdict,
        })  # fmt: skip

    def _index(self, session: Session) -> None:
        addresses: dict[UUID, list[str]] = {}
        for contact in self.contacts:
            if contact.kind is ContactKind.ADDRESS:
                addresses.setdefault(contact.customer_id, []).append(contact.raw)
        search.put_all(
            session, search.CUSTOMER, [(c.id, index_words(c, addresses.get(c.id, []))) for c in self.customers]
        )
        search.put_all(
            session, search.TICKET, [(t["id"], ticket_words(t, self._names.get(t["id"], ""))) for t in self.tickets]
        )
        opening = (EntryKind.CALL_IN, EntryKind.MESSAGE_IN)
        said = [(e["id"], [e["text"]]) for e in self.entries if e["text"] and e["kind"] not in opening]
        search.put_all(session, search.ENTRY, said)


def ticket_words(ticket: Mapping[str, Any], customer: str) -> list[str]:
    """What a ticket is found by as words."""
    return [*(ticket[name] for name in ("subject", "description", "product", "fault", "resolution")), customer]


def project(standing: Standing) -> dict[str, Any]:
    """A ticket's columns as its case stands, those of the queue with them.

    The promise of an imported ticket is the one the log made: its due time, unmoved by pauses; none where it made none.
    """
    facts, status, due = standing.facts, standing.status, standing.due_at
    values: dict[str, Any] = {
        name: facts.get(name, "") for name in ("subject", "description", "product", "fault", "resolution")
    }
    values |= {
        "status": status,
        "grade": standing.grade,
        "priority": standing.priority,
        "channel": standing.channel,
        "pause_reason": standing.pause_reason,
        "reopened": standing.reopened,
        "team_id": _id(facts.get("team")),
        "assignee_id": _id(facts.get("assignee")),
        "owner_id": _id(facts.get("owner")),
        "solved_at": standing.solved_at,
        "closed_at": standing.closed_at,
        "first_response_at": standing.opened_at if standing.channel.is_live else None,
        "is_open": status.is_open,
        "grade_rank": standing.grade.rank,
        "due_metric": "",
        "due_target": None,
        "due_at": None,
        "paused_until": None,
        "queue_band": UNPROMISED,
        "queue_at": standing.opened_at,
    }
    if status is Status.PAUSED:
        values |= {"queue_band": PAUSED, "queue_at": standing.since}
    elif status.is_open and due is not None:
        target = max(1, int((due - standing.opened_at).total_seconds()))
        values |= {"due_metric": "resolve", "due_at": due, "due_target": target, "queue_band": RUNNING, "queue_at": due}
    return values


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _by_id(facts: Mapping[str, str], names: Names) -> dict[str, str]:
    """The same facts with the desk's ids in the place of the log's names."""
    found = dict(facts)
    for name, kind in (("team", "team"), ("assignee", "agent"), ("owner", "agent")):
        if facts.get(name):
            found[name] = str(names.id(kind, facts[name]))
    return found


def _entry(
    ticket_id: UUID, change: Change, facts: dict[str, str], names: Names, before: Standing | None, now: datetime
) -> dict[str, Any]:
    if before is None:
        live = Channel(facts.get("channel") or "phone").is_live
        kind, told = EntryKind.CALL_IN if live else EntryKind.MESSAGE_IN, dict[str, object]()
    else:
        kind, told = _told(change.facts, before)
    return {
        "id": uuid7(),
        "ticket_id": ticket_id,
        "kind": kind,
        "text": change.text,
        "author_id": names.id("agent", change.author) if change.author else None,
        "occurred_at": change.at,
        "recorded_at": now,
        "details": {**told, LOG: facts},
    }


def _told(facts: Mapping[str, str], before: Standing) -> tuple[EntryKind, dict[str, object]]:
    """What a change is called in a timeline: its state first, then who works on it, then anything else."""
    said = facts.get("status", "")
    if said:
        status, _dot, reason = said.partition(".")
        if status == Status.PAUSED:
            return EntryKind.STATUS, {"what": "wait", "reason": reason or "customer"}
        if status == Status.OPEN:
            again = before.status in (Status.SOLVED, Status.CLOSED, Status.CANCELLED)
            return EntryKind.STATUS, {"what": "reopen" if again else "resume"}
        return EntryKind.STATUS, {"what": {"solved": "solve", "closed": "close"}.get(status, "cancel")}
    if "assignee" in facts:
        name = facts["assignee"]
        return EntryKind.ASSIGNMENT, {"what": "assign", "to": name} if name else {"what": "unassign"}
    if facts.get("team"):
        return EntryKind.ASSIGNMENT, {"what": "desk", "to": facts["team"]}
    if "priority" in facts or "grade" in facts:
        grade, priority = facts.get("grade") or before.grade.value, facts.get("priority") or before.priority.value
        return EntryKind.STATUS, {"what": "regrade", "grade": grade, "priority": priority}
    return EntryKind.NOTE, {"what": "update"}


__all__ = ["LOG", "Batch", "Names", "project", "ticket_words"]
