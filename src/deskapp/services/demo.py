"""Write a demo desk into a new database: teams, people, customers, three months of cases as they stand now."""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import SQLModel

from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor
from deskapp.domain.sla import ClockEvent, EventKind, Facts
from deskapp.domain.terms import AgentState, ContactKind, EntryKind, Grade, HandOverState, Role, Shift, Status
from deskapp.models.base import Identified
from deskapp.models.customer import Contact, Customer, Machine, Preference
from deskapp.models.people import Agent, Team
from deskapp.models.ticket import Appointment, CallBack, HandOver, Ticket, TimelineEntry
from deskapp.services import clocks
from deskapp.services.customers import index_words, new_contact, new_customer
from deskapp.services.demo_calls import DemoCalls, guided_cases
from deskapp.services.demo_content import DemoCase, DemoCustomer, DemoDesk, DemoEntry, demo_desk
from deskapp.services.normal import serial_key
from deskapp.services.setup import ADMINISTRATOR, bring_pack
from deskapp.services.tickets import MEANS
from deskapp.store import search
from deskapp.store.bulk import insert_rows, insert_values, take_numbers
from deskapp.store.engine import open_engine
from deskapp.store.migrate import create
from deskapp.store.uow import Work, work

_BATCH = 300
_ON_SHIFT = {Shift.EARLY: range(8, 16), Shift.MIDDLE: range(11, 19), Shift.LATE: range(14, 22)}
_UNCLAIMED_EACH = 5
_PENDING, _RETURNED = 2, 3


@dataclass(frozen=True, slots=True)
class DemoMade:
    """A demo desk that was just written: how large it is, and who may sign on."""

    company: str
    agent: str
    lead: str
    tickets: int
    open: int
    customers: int
    people: int


def make_demo(url: str, language: str, now: datetime, *, os_user: str, seed: int = 1) -> DemoMade:
    """Make a demo desk at an address where there is none, as of `now` (aware). The OS user becomes one of its agents.

    The same language, seed and `now` give the same desk. Raises Conflict when there is a desk, NotFound for a language
    without words, Unreachable.
    """
    content = demo_desk(language, now, seed=seed)
    create(url)
    engine = open_engine(url)
    try:
        return _Writer(engine, content, os_user).all()
    finally:
        engine.dispose()


class _Writer:
    """Writes the content in batches, each in one transaction with one audit event of the demo's administrator."""

    def __init__(self, engine: Engine, content: DemoDesk, os_user: str) -> None:
        self.engine, self.content, self.os_user, self.now = engine, content, os_user, content.now
        self.teams = {
            team.key: Team(key=team.key, name=team.name, department=team.department) for team in content.teams
        }
        self.agents = {agent.login: self._agent(agent) for agent in content.agents}
        self.admin = Agent(login=ADMINISTRATOR, name=ADMINISTRATOR, role=Role.ADMIN)
        self.me = self._busiest()
        self.returned = set(sorted(self._returned())[-_RETURNED:])
        self.customers: dict[int, UUID] = {}
        self.names: dict[int, str] = {}
        self.machines: dict[tuple[int, str], UUID] = {}
        self.guided, self.calls = guided_cases(content), DemoCalls(content, self.agents)
        self.taken: list[tuple[UUID, DemoCase]] = []

    def all(self) -> DemoMade:
        content = self.content
        self.agents[self.me].os_user = self.os_user
        lead = next(a.login for a in content.agents if a.role is Role.LEAD and a.team == content.cases[-1].team)
        self._write("people.edit", [(list(self.teams.values()), [*self.agents.values(), self.admin])], self._people)
        actor = Actor(self.admin.id, self.admin.login, self.admin.name, self.admin.role, None)
        bring_pack(self.engine, actor, self.now)
        self._write("customer.create", content.customers, self._customers)
        self._write("ticket.create", content.cases, self._cases)
        self._write("call.take", self.taken, self.calls.take)
        self._write("practice.take", [self.calls.practise], lambda unit, parts: parts[0](unit))
        is_open = sum(case.status.is_open for case in content.cases)
        return DemoMade(
            content.company, self.me, lead, len(content.cases), is_open, len(content.customers), len(content.agents)
        )

    def _busiest(self) -> str:
        """The agent whose home shows most: what they work on, what they own, whom they have to call back."""
        logins = [agent.login for agent in self.content.agents if agent.role is Role.AGENT]
        held = Tally(case.assignee for case in self.content.cases if case.status.is_open)
        owned = Tally(case.owner for case in self.content.cases if case.status.is_open)
        calls = Tally(case.owner for case in self.content.cases if case.status is Status.SOLVED)
        return max(logins, key=lambda a: 2 * min(held[a], 3) + min(owned[a], 6) + 3 * min(calls[a], 4))

    def _returned(self) -> set[int]:
        """Cases that the other desk is done with: they come back to their owner, so that there is something to do."""
        mine = [c for c in self.content.cases if c.owner == self.me and c.status is Status.OPEN]
        return {case.number for case in mine if case.grade is not Grade.RED and case.assignee != self.me}

    def _write(self, action: str, items: Sequence[Any], fill: Any) -> None:
        actor = Actor(self.admin.id, self.admin.login, self.admin.name, self.admin.role, None)
        rest = iter(items)
        while part := list(islice(rest, _BATCH)):
            with work(self.engine, self.now, actor, uuid7()) as unit:
                unit.authorize("desk.import")
                fill(unit, part)
                unit.tell(demo=self.content.language, what=action, count=len(part))
                unit.record("desk.import", "demo", Identified(id=uuid7()))
                unit.commit()

    # People and customers

    def _agent(self, agent: Any) -> Agent:
        hour = self.now.astimezone(ZoneInfo(self.content.zone)).hour
        here = hour in _ON_SHIFT[agent.shift]
        return Agent(
            login=agent.login,
            name=agent.name,
            role=agent.role,
            team_id=self.teams[agent.team].id,
            shift=agent.shift,
            state=AgentState.READY if here else AgentState.OFF,
            state_since=self.now - timedelta(minutes=len(agent.login) * 7),
        )

    def _people(self, unit: Work, parts: list[tuple[list[Team], list[Agent]]]) -> None:
        for teams, agents in parts:
            insert_rows(unit.session, teams)
            insert_rows(unit.session, agents)

    def _customers(self, unit: Work, people: list[DemoCustomer]) -> None:
        rows: dict[type[SQLModel], list[SQLModel]] = {Customer: [], Contact: [], Machine: [], Preference: []}
        words = []
        for person in people:
            customer = new_customer(uuid7(), person.name, self.now, language=person.language, number=person.number)
            customer.since, customer.tags = person.since, person.tags
            self.customers[person.number], self.names[person.number] = customer.id, person.name
            rows[Customer].append(customer)
            rows[Contact] += [new_contact(customer.id, c.kind, c.raw, c.label) for c in person.contacts]
            for machine in self._machines(person, customer.id):
                rows[Machine].append(machine)
                self.machines[person.number, machine.serial] = machine.id
            rows[Preference] += [
                Preference(
                    customer_id=customer.id, kind=p.kind, text=p.text, source=p.source, recorded_at=p.recorded_at,
                    recorded_by=self.agents[p.recorded_by].id, valid_until=p.valid_until, pinned=p.pinned,
                )
                for p in person.preferences
            ]  # fmt: skip
            addresses = [c.raw for c in person.contacts if c.kind is ContactKind.ADDRESS]
            words.append((customer.id, index_words(customer, addresses)))
        for found in rows.values():
            insert_rows(unit.session, found)
        search.put_all(unit.session, search.CUSTOMER, words)
        last = max(person.number for person in people)
        take_numbers(unit.session, "customer", last - take_numbers(unit.session, "customer", 0) + 1)

    def _machines(self, person: DemoCustomer, customer_id: UUID) -> Iterator[Machine]:
        for m in person.machines:
            yield Machine(
                customer_id=customer_id, product=m.product_name, model=m.model, serial=m.serial,
                serial_key=serial_key(m.serial), bought_on=m.bought_on, warranty_until=m.warranty_until, place=m.place,
            )  # fmt: skip

    # Cases

    def _cases(self, unit: Work, cases: list[DemoCase]) -> None:
        rows: dict[type[SQLModel], list[SQLModel]] = {Ticket: [], HandOver: [], Appointment: [], CallBack: []}
        entries: list[dict[str, Any]] = []
        words = []
        tickets = [(self._ticket(case), case) for case in cases]
        self._promises(unit, tickets)
        for ticket, case in tickets:
            rows[Ticket].append(ticket)
            if case.number in self.guided:
                self.taken.append((ticket.id, case))
            entries += [self._entry(ticket.id, entry) for entry in case.entries if not self._is_stored(case, entry)]
            rows[HandOver] += self._hand_overs(ticket, case)
            if self._is_pending(case):
                offer, line = self._pending(ticket, case)
                rows[HandOver].append(offer)
                entries.append(line)
            if case.number in self.returned:
                entries.append(self._give_back(ticket, case))
            rows[Appointment] += self._visits(ticket, case)
            rows[CallBack] += self._call_back(ticket, case)
            told = (ticket.subject, ticket.description, ticket.product, ticket.fault, ticket.resolution)
            words.append((ticket.id, [*told, self.names[case.customer]]))
        insert_rows(unit.session, rows.pop(Ticket))
        insert_values(unit.session, TimelineEntry, entries)
        for found in rows.values():
            insert_rows(unit.session, found)
        search.put_all(unit.session, search.TICKET, words)
        heard = (EntryKind.CALL_IN, EntryKind.MESSAGE_IN)
        said = [(e["id"], [e["text"]]) for e in entries if e["text"] and e["kind"] not in heard]
        search.put_all(unit.session, search.ENTRY, said)
        take_numbers(unit.session, "ticket", cases[-1].number - take_numbers(unit.session, "ticket", 0) + 1)

    def _ticket(self, case: DemoCase) -> Ticket:
        paused = case.pauses[-1] if case.status is Status.PAUSED and case.pauses else None
        # Some wait for whoever of the team is free: there is something to claim.
        free = (
            case.number not in self.returned
            and case.status is Status.OPEN
            and case.grade is not Grade.RED
            and case.number % _UNCLAIMED_EACH == 0
        )
        ticket = Ticket(
            number=case.number,
            channel=case.channel,
            grade=case.grade,
            priority=case.priority,
            status=case.status,
            subject=case.subject,
            description=case.description,
            product=case.product_name,
            fault=case.fault_name,
            resolution=case.resolution,
            customer_id=self.customers[case.customer],
            machine_id=self.machines.get((case.customer, case.serial)),
            team_id=self.teams[case.team].id,
            owner_id=self.agents[case.owner].id,
            assignee_id=None if free else self._id(self.me if case.number in self.returned else case.assignee),
            opened_at=case.opened_at,
            first_response_at=case.first_response_at,
            solved_at=case.solved_at,
            closed_at=case.closed_at,
            pause_reason=paused.reason if paused else None,
            paused_until=paused.planned_until if paused else None,
            queue_at=case.opened_at,
        )
        return ticket

    def _promises(self, unit: Work, told: Sequence[tuple[Ticket, DemoCase]]) -> None:
        """Give the tickets their clocks, as if everything had been written down when it happened."""
        histories = [
            clocks.History(
                ticket.id, Facts(case.grade.value, case.priority.value, "", case.channel.value), ticket.opened_at,
                ticket.status, ticket.grade.rank, tuple(_happened(case)),
            )
            for ticket, case in told
        ]  # fmt: skip
        rows = clocks.clocks_for(unit.session, histories, self.now)
        for ticket, _case in told:
            for name, value in rows.columns[ticket.id].items():
                setattr(ticket, name, value)
        rows.write(unit.session)

    def _entry(self, ticket_id: UUID, entry: DemoEntry) -> dict[str, Any]:
        return {
            "id": uuid7(),
            "ticket_id": ticket_id,
            "kind": entry.kind,
            "text": entry.text,
            "author_id": self._id(entry.author),
            "occurred_at": entry.at,
            "recorded_at": entry.at,
            "details": self._facts(entry),
        }

    def _is_stored(self, case: DemoCase, entry: DemoEntry) -> bool:
        """Whether the desk writes this line itself, when the guided call is stored."""
        return entry.kind is EntryKind.OUTCOME and case.number in self.guided

    def _facts(self, entry: DemoEntry) -> dict[str, Any]:
        """An entry's facts by the names under which the desk itself writes them."""
        facts, author = dict(entry.details), self.agents.get(entry.author)
        match entry.kind:
            case EntryKind.ASSIGNMENT:
                return {"what": "assign", "to": self.agents[facts["to"]].name}
            case EntryKind.HAND_OVER if "to" in facts:
                return {"what": "offer", "to": self.teams[facts["to"]].name, "due": facts.get("due", "")}
            case EntryKind.HAND_OVER:
                what = "accept" if facts["state"] == HandOverState.ACCEPTED else "send_back"
                return {"what": what, "to": author.name if author else ""}
            case EntryKind.APPOINTMENT:
                return {"what": "book", "starts": facts["start"], "ends": facts["end"]}
            case EntryKind.STATUS if facts["status"] == Status.PAUSED:
                return {"what": "wait", "reason": facts["reason"]}
            case EntryKind.STATUS:
                return {"what": "solve" if facts["status"] == Status.SOLVED else "resume"}
        return facts

    def _hand_overs(self, ticket: Ticket, case: DemoCase) -> Iterable[HandOver]:
        for h in case.hand_overs:
            yield HandOver(
                ticket_id=ticket.id, from_team_id=self.teams[h.from_team].id, to_team_id=self.teams[h.to_team].id,
                offered_by=self.agents[h.offered_by].id, offered_at=h.offered_at, asked=h.asked, due_at=h.due_at,
                state=h.state, answered_by=self._id(h.answered_by), answered_at=h.answered_at, answer=h.answer,
            )  # fmt: skip

    def _is_pending(self, case: DemoCase) -> bool:
        """Whether a hand-over shall wait for an answer: on the newest cases that no other desk has been asked about."""
        if any(h.state is HandOverState.OFFERED for c in self.content.cases[-40:] for h in c.hand_overs):
            return False
        asked = [c for c in reversed(self.content.cases) if c.status is Status.OPEN and not c.hand_overs]
        return case in asked[:_PENDING]

    def _pending(self, ticket: Ticket, case: DemoCase) -> tuple[HandOver, dict[str, Any]]:
        """Offer a case to the other desk with the words of an earlier offer in the same direction."""
        other = next(team for key, team in self.teams.items() if key != case.team)
        said = [h.asked for c in self.content.cases for h in c.hand_overs if self.teams[h.to_team] is other]
        asked = said[case.number % len(said)] if said else case.subject
        at, by = max(case.opened_at, self.now - timedelta(minutes=6)), case.assignee or case.owner
        due = at + timedelta(minutes=30)
        offer = HandOver(
            ticket_id=ticket.id, from_team_id=ticket.team_id, to_team_id=other.id, offered_by=self.agents[by].id,
            offered_at=at, asked=asked, due_at=due,
        )  # fmt: skip
        facts = {"to": other.key, "due": due.isoformat()}
        return offer, self._entry(ticket.id, DemoEntry(at, EntryKind.HAND_OVER, by, asked, facts))

    def _give_back(self, ticket: Ticket, case: DemoCase) -> dict[str, Any]:
        at = max((entry.at for entry in case.entries), default=case.opened_at)
        facts = {"to": self.me}
        return self._entry(ticket.id, DemoEntry(at, EntryKind.ASSIGNMENT, case.assignee or case.owner, "", facts))

    def _visits(self, ticket: Ticket, case: DemoCase) -> Iterable[Appointment]:
        for v in case.visits:
            yield Appointment(
                ticket_id=ticket.id, team_id=ticket.team_id, technician_id=self._id(v.technician),
                starts_at=v.starts_at, ends_at=v.ends_at, state=v.state, reason=v.reason, booked_at=v.booked_at,
                booked_by=self._id(v.booked_by),
            )  # fmt: skip

    def _call_back(self, ticket: Ticket, case: DemoCase) -> Iterable[CallBack]:
        if call := case.call_back:
            yield CallBack(
                ticket_id=ticket.id, due_at=call.due_at, done_at=call.done_at, done_by=self._id(call.done_by),
                attempts=call.attempts, solved=call.solved, satisfaction=call.satisfaction, comment=call.comment,
            )  # fmt: skip

    def _id(self, login: str) -> UUID | None:
        return self.agents[login].id if login else None


def _happened(case: DemoCase) -> Iterator[ClockEvent]:
    """What the clocks of a case hear of, in no order."""
    yield ClockEvent(EventKind.CONTACT, case.first_response_at)
    for entry in case.entries:
        for kind in MEANS.get(entry.kind, ()) if entry.at > case.opened_at else ():
            yield ClockEvent(kind, entry.at)
    for visit in case.visits:
        yield ClockEvent(EventKind.BOOKED, visit.booked_at)
    for offer in case.hand_overs:
        if offer.state is HandOverState.ACCEPTED and offer.answered_at:
            yield ClockEvent(EventKind.HANDED_OVER, offer.answered_at)
    for pause in case.pauses:
        yield ClockEvent(EventKind.PAUSED, pause.since, reason=pause.reason.value, back_at=pause.planned_until)
        if pause.ended_at and case.status is not Status.PAUSED:
            yield ClockEvent(EventKind.RESUMED, pause.ended_at)
    if case.solved_at:
        yield ClockEvent(EventKind.RESOLVED, case.solved_at)
    if case.closed_at:
        called = case.call_back and case.call_back.done_at
        yield ClockEvent(EventKind.FOLLOWED_UP if called else EventKind.CLOSED, case.closed_at)


__all__ = ["DemoMade", "make_demo"]
