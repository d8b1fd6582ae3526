"""The guided part of a call: worked out again from the answers, stored with version, events and snapshot."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import CompiledFlow, Evaluation, Outcome, Value, check_value, plain_value, show_value
from deskapp.domain.flow.draft import AnswerEvent, Draft, both, new_draft, snapshot
from deskapp.domain.flow.facts import CALL_AT, facts_of, wishes
from deskapp.domain.i18n import N_
from deskapp.domain.terms import EntryKind, Grade, Priority
from deskapp.models.flow import AnswerEvent as EventRow
from deskapp.models.flow import FlowAnswer, FlowCase
from deskapp.models.ticket import Ticket
from deskapp.services import customers, ticket_kit
from deskapp.services.desk import Work
from deskapp.services.flows import compiled_version
from deskapp.services.requests.customers import AddPreference
from deskapp.services.requests.intake import GuidedCall, TakeCall

PRIORITIES = {"P1": Priority.URGENT, "P2": Priority.HIGH, "P3": Priority.NORMAL, "P4": Priority.LOW}
_LONGEST_GAP = 600  # seconds: who thinks longer over one question was away


@dataclass(frozen=True, slots=True)
class Guided:
    """A guided call as the desk understands it."""

    call: GuidedCall
    compiled: CompiledFlow
    draft: Draft
    answers: dict[str, Value]
    evaluation: Evaluation
    outcome: Outcome | None

    @property
    def grade(self) -> Grade:
        """The agent's own grade, else the flow's."""
        return self.call.grade or (self.outcome.grade if self.outcome else Grade.GREEN)

    @property
    def priority(self) -> Priority:
        return PRIORITIES.get(self.outcome.priority, Priority.NORMAL) if self.outcome else Priority.NORMAL


def understand(work: Work, call: GuidedCall) -> Guided:
    """Work out what the answers mean. Raises Invalid (its field is the question) when something required is missing."""
    _row, compiled = compiled_version(work.session, call.version_id)
    events = tuple(
        AnswerEvent(
            event.question,
            None if event.value is None else check_value(compiled.question(event.question), event.value),
            event.at, work.actor.login, event.how,
        )
        for event in call.events
    )  # fmt: skip
    draft = replace(new_draft(compiled), events=events)
    answers = draft.answers
    evaluation = compiled.evaluate(answers, today=call.today)
    if not call.broken_off and not evaluation.ready and evaluation.blockers:
        raise compiled.trouble(evaluation.blockers[0])
    if call.grade is not None and not call.grade_reason:
        raise Invalid(N_("Say why the grade is another than the flow's."), field="grade_reason")
    closed = compiled.evaluate(answers, today=call.today, closing=True)
    outcome = compiled.flow.outcome(evaluation.outcome or closed.outcome or "")
    return Guided(call, compiled, draft, answers, closed, outcome)


def completed(call: TakeCall, guided: Guided) -> TakeCall:
    """The call with what its answers say of caller and machine, grade and priority; what was typed stays."""
    facts = facts_of(guided.compiled, guided.answers, today=guided.call.today)
    new = call.customer_id is None
    return replace(
        call,
        name=call.name or (facts.get("name", "") if new else ""),
        phone=call.phone or facts.get("phone", ""),
        address=call.address or facts.get("address", ""),
        model=call.model or facts.get("model", ""),
        serial=call.serial or facts.get("serial", ""),
        bought_on=call.bought_on or _day(facts.get("bought_on")),
        product=call.product or guided.compiled.flow.title.get(guided.call.language),
        fault=call.fault or (guided.outcome.title.get(guided.call.language)[:120] if guided.outcome else ""),
        grade=guided.grade,
        priority=guided.priority,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def store(work: Work, ticket: Ticket, guided: Guided) -> None:
    """Put the case behind its ticket: answers, events, snapshot, a line that tells the outcome, what was read out."""
    call, outcome = guided.call, guided.outcome
    case = FlowCase(
        id=uuid5(ticket.id, "case"), ticket_id=ticket.id, version_id=call.version_id,
        outcome=outcome.id if outcome else "", grade=outcome.grade if outcome else None, given_grade=call.grade,
        grade_reason=call.grade_reason, complete=not call.broken_off, emergency=guided.evaluation.emergency or "",
        agent_id=work.actor.id, started_at=call.started_at, finished_at=work.now,
        seconds=max(0, int((work.now - call.started_at).total_seconds())), keys=call.keys,
        snapshot=snapshot(guided.compiled, guided.draft, today=call.today),
    )  # fmt: skip
    work.add(case, *_answers(work, case.id, guided))
    for place, event in enumerate(guided.draft.events):
        value: Any = None if event.value is None else plain_value(event.value)
        work.add(
            EventRow(
                id=uuid5(case.id, f"event {place}"), case_id=case.id, place=place, question=event.question,
                value=value, how=event.how, at=event.at, by_id=work.actor.id,
            )
        )  # fmt: skip
    for said in call.read_out:
        ticket_kit.write_line(work, ticket, EntryKind.NOTE, said.text, _not_ahead(work, said.at), what="read_out")
    if outcome is not None:
        ticket_kit.write_line(
            work, ticket, EntryKind.OUTCOME, _told(guided), work.now, what="flow", outcome=outcome.id,
            flow=both(guided.compiled.flow.title), title=both(outcome.title), grade=guided.grade.value, sla=outcome.sla,
        )  # fmt: skip


def remember(work: Work, customer_id: UUID, guided: Guided) -> None:
    """Write what the customer let us remember into the file, unless it is there."""
    call = guided.call
    known = customers.wishes_of(work, customer_id)
    for wish in wishes(guided.compiled, guided.answers, call.language, today=call.today):
        if wish.text in known or (wish.until and wish.until < call.today):
            continue
        customers.add_preference(
            work,
            AddPreference(
                submission_id=uuid5(customer_id, f"{work.submission_id} {wish.text}"), customer_id=customer_id,
                kind=wish.kind, text=wish.text[:300], source="call", valid_until=wish.until,
            ),
        )  # fmt: skip


def _answers(work: Work, case_id: UUID, guided: Guided) -> list[FlowAnswer]:
    """The answers in force as rows: only of questions that applied."""
    events = guided.draft.events
    rows = []
    for question, value in guided.compiled.effective(guided.answers, today=guided.call.today).items():
        places = [place for place, event in enumerate(events) if event.question == question]
        last = places[-1]
        before = events[last - 1].at if last else guided.call.started_at
        seconds = min(_LONGEST_GAP, max(0, int((events[last].at - before).total_seconds())))
        rows.append(
            FlowAnswer(
                id=uuid5(case_id, question), case_id=case_id, question=question,
                state=guided.evaluation.state(question).value, value=plain_value(value), how=events[last].how,
                at=events[last].at, by_id=work.actor.id, seconds=seconds, changes=len(places) - 1,
            )
        )  # fmt: skip
    return rows


def _told(guided: Guided) -> str:
    """What was asked and answered, for who reads the ticket; who and where stand in the customer's file."""
    tongue = guided.call.language
    lines = [guided.call.grade_reason] if guided.call.grade_reason else []
    for id_, value in guided.compiled.effective(guided.answers, today=guided.call.today).items():
        question = guided.compiled.question(id_)
        if question.block is None or id_ == CALL_AT:
            lines.append(f"{question.label.get(tongue)} {show_value(question, value, tongue)}")
    return "\n".join(lines)[:8000]


def _not_ahead(work: Work, at: Any) -> Any:
    # The seat's clock may run a little before the desk's.
    return min(at, work.now)


__all__ = ["Guided", "completed", "remember", "store", "understand"]
