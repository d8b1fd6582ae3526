"""Guided calls and rehearsals of the demo desk: a scripted caller answers, the desk's own services store it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import CompiledFlow, Kind, Mark, plain_value
from deskapp.domain.flow.facts import SLOT, prefilled
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.flow.values import Value
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor
from deskapp.domain.practice import make_script
from deskapp.domain.rehearsal import Rehearsal
from deskapp.domain.terms import AppointmentState, Channel, ContactKind, EntryKind, Role
from deskapp.models.base import table
from deskapp.models.flow import FlowHead, FlowVersion
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket
from deskapp.services import causes, guided, practice
from deskapp.services.demo_content import DemoCase, DemoDesk
from deskapp.services.flow_files import PACK
from deskapp.services.flows import compiled_of
from deskapp.services.requests.causes import ConfirmCause
from deskapp.services.requests.intake import GuidedCall
from deskapp.services.requests.practice import KeepRehearsal, RehearsalStep
from deskapp.store.uow import Work

# So many flows have figures: the commonest ones, with their latest calls; the desk's very last calls besides.
_FLOWS, _PER_FLOW, _LATEST, _REHEARSALS = 3, 8, 4, 12
_CALL = timedelta(seconds=90)
_THINKS = range(2, 8)  # seconds over one question
# How often a caller changes their mind, or does not know what only helps the technician.
_CHANGED, _UNKNOWN = 0.12, 0.25
_ONE_OF = frozenset({Kind.SELECT_ONE, Kind.YES_NO})


def guided_cases(content: DemoDesk) -> dict[int, DemoCase]:
    """The telephone calls of the demo that were taken question by question, by number."""
    calls = [case for case in reversed(content.cases) if case.channel is Channel.PHONE and _told_at(case)]
    common = [flow for flow, _count in Counter(case.flow for case in calls).most_common(_FLOWS)]
    chosen = calls[:_LATEST]
    for flow in common:
        chosen += [case for case in calls if case.flow == flow][:_PER_FLOW]
    return {case.number: case for case in chosen}


class DemoCalls:
    """Takes the calls again as they went; each part of the work stands at the moment when it happened."""

    def __init__(self, content: DemoDesk, agents: Mapping[str, Agent]) -> None:
        self.content, self.agents, self.rng = content, agents, Random(content.language)
        self.zone = ZoneInfo(content.zone)
        self.people = {person.number: person for person in content.customers}
        self._witnesses = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"]
        self._flows: dict[str, tuple[UUID, CompiledFlow]] = {}

    def take(self, unit: Work, pairs: Iterable[tuple[UUID, DemoCase]]) -> None:
        """Store what was asked in these calls, and the cause of those that are solved."""
        v, h = table(FlowVersion).c, table(FlowHead).c
        rows = unit.session.execute(
            select(v.id, v.flow, v.hash, v.content).join_from(table(FlowHead), table(FlowVersion), h.version_id == v.id)
        )
        self._flows = {row.flow: (row.id, compiled_of(row.hash, row.content)) for row in rows}
        for ticket_id, case in pairs:
            self._take(unit, ticket_id, case)

    def _take(self, unit: Work, ticket_id: UUID, case: DemoCase) -> None:
        version_id, compiled = self._flows[case.flow]
        told_at = _told_at(case)
        assert told_at is not None
        session = self._call(compiled, case, told_at - _CALL)
        ended = max((event.at for event in session.draft.events), default=told_at) + timedelta(seconds=4)
        call = GuidedCall.of(session, version_id, self.content.language, broken_off=bool(session.evaluation.blockers))
        then = self._at(unit, ended, case.owner)
        understood = guided.understand(then, call)
        ticket = then.session.get_one(Ticket, ticket_id)
        guided.store(then, ticket, understood)
        then.flush()
        if case.solved_at and understood.outcome:
            came = [visit.technician for visit in case.visits if visit.state is AppointmentState.DONE]
            self._confirm(self._at(unit, case.solved_at, (*came, case.owner)[0]), ticket_id, understood)

    def _at(self, unit: Work, at: datetime, login: str) -> Work:
        agent = self.agents[login]
        return Work(unit.session, at, Actor(agent.id, agent.login, agent.name, agent.role, agent.team_id), uuid7())

    def _call(self, compiled: CompiledFlow, case: DemoCase, started: datetime) -> GuidedSession:
        """The caller tells what the witness of this outcome tells, in the flow's order or before it was asked."""
        rng, today = self.rng, started.astimezone(self.zone).date()
        witness = compiled.read(self._witnesses[case.flow][case.outcome])
        script = make_script(compiled, witness, seed=case.number, today=today)
        said = {id_: reply.value for id_, reply in script.replies.items()}
        said |= {SLOT: window} if (window := self._window(case)) and SLOT in said else {}
        session = GuidedSession(compiled, by=case.owner, started_at=started, today=today)
        session.prefill(prefilled(compiled, self._facts(case)), started)
        at = started
        for reply in script.opening:
            at += timedelta(seconds=rng.choice(_THINKS))
            session.give(plain_value(reply.value), at, question=reply.question)
            session.keys += 3
        while session.here is not None:
            at += timedelta(seconds=rng.choice(_THINKS))
            if session.script:
                session.read(at, self.content.language)
            elif not self._answer(session, said, at):
                break
        return session

    def _answer(self, session: GuidedSession, said: Mapping[str, Value], at: datetime) -> bool:
        """Answer the question on screen; False where the call ends: nothing is needed any more, or known."""
        question, rng = session.question, self.rng
        assert question is not None
        value = said.get(question.id)
        if value is None and session.evaluation.settled and not session.evaluation.blockers:
            return False
        helps_only = question.info and question.unknown and question.block is None
        if value is None or (helps_only and rng.random() < _UNKNOWN):
            value = Mark.UNKNOWN if question.unknown else Mark.SKIPPED
        if question.type in _ONE_OF and not question.safety and rng.random() < _CHANGED:
            other = rng.choice(question.options).id
            session.give(other, at, question=question.id)
            session.keys += 2  # the wrong one, and back
        several = len(value) if isinstance(value, tuple) else 0
        session.keys += several + 1
        try:
            session.give(plain_value(value), at + timedelta(seconds=2), question=question.id)
        except Invalid:
            return False
        return True

    def _facts(self, case: DemoCase) -> dict[str, str]:
        person = self.people[case.customer]
        known = {"name": person.name}
        for contact in person.contacts:
            if contact.kind in (ContactKind.PHONE, ContactKind.ADDRESS):
                known.setdefault(contact.kind.value, contact.raw)
        machine = next(machine for machine in person.machines if machine.serial == case.serial)
        return known | {
            "model": machine.model, "serial": machine.serial, "bought_on": machine.bought_on.isoformat()
        }  # fmt: skip

    def _window(self, case: DemoCase) -> str:
        for visit in case.visits[:1]:
            starts, ends = visit.starts_at.astimezone(self.zone), visit.ends_at.astimezone(self.zone)
            return f"{starts:%Y-%m-%d %H:%M}-{ends:%H:%M}"
        return ""

    def _confirm(self, then: Work, ticket_id: UUID, understood: guided.Guided) -> None:
        """Mostly it is what the flow guessed first; at times another cause, at times a part was missing."""
        rng, outcome = self.rng, understood.outcome
        assert outcome is not None
        guesses = [text.get(self.content.language) for text in outcome.causes or (outcome.title,)]
        cause = guesses[0] if rng.random() < 0.7 else rng.choice(guesses)
        lacked = [text.get(self.content.language) for text in outcome.parts[-1:]] if rng.random() < 0.15 else []
        causes.confirm_cause(then, ConfirmCause(ticket_id=ticket_id, cause=cause, missing=" ".join(lacked)[:300]))
        then.flush()

    # Practice

    def practise(self, unit: Work) -> None:
        """What the desk rehearsed in the last weeks: some never, one who asks too little."""
        agents = [agent for agent in self.content.agents if agent.role is Role.AGENT]
        for place in range(_REHEARSALS):
            agent = agents[(place * 2) % max(1, len(agents) - 1)]
            at = self.content.now - timedelta(days=3 * place, hours=place % 5, minutes=11 * place)
            self._rehearse(self._at(unit, at, agent.login), place, hasty=place % 4 == 3)

    def _rehearse(self, then: Work, seed: int, *, hasty: bool) -> None:
        names = sorted(self._flows)
        version_id, compiled = self._flows[names[seed % len(names)]]
        outcomes = self._witnesses[compiled.flow.id]
        case: dict[str, Any] = outcomes[sorted(outcomes)[seed % len(outcomes)]]
        today = then.now.astimezone(self.zone).date()
        script = make_script(compiled, compiled.read(case), seed=seed, today=today)
        session = GuidedSession(compiled, by=then.actor.login, started_at=then.now, today=today)
        rehearsal, at = Rehearsal(session, script), then.now
        for reply in () if hasty else script.opening:
            session.keys += 3
            session.give(plain_value(reply.value), at, question=reply.question)
            rehearsal.follow()
        said = {id_: reply.value for id_, reply in script.replies.items()}
        while session.here is not None and not (hasty and len(rehearsal.steps) >= 2):
            at += timedelta(seconds=self.rng.choice(_THINKS) * (2 if hasty else 1))
            if session.script:
                session.read(at, self.content.language)
                continue
            rehearsal.ask()
            if not self._answer(session, said, at):
                break
            rehearsal.follow()
        steps = tuple(map(RehearsalStep.of, rehearsal.steps))
        practice.keep_rehearsal(
            then,
            KeepRehearsal(
                version_id=version_id, case=case, seed=seed, steps=steps, seconds=rehearsal.seconds(at),
                today=today.isoformat(),
            ),
        )  # fmt: skip
        then.flush()


def _told_at(case: DemoCase) -> datetime | None:
    """When the outcome of the call was written down."""
    return next((entry.at for entry in case.entries if entry.kind is EntryKind.OUTCOME), None)


__all__ = ["DemoCalls", "guided_cases"]
