"""A case being taken: answers as an append-only list of events, moved between versions, rendered for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.engine import CompiledFlow, State
from deskapp.domain.flow.model import Outcome, Text
from deskapp.domain.flow.values import Value, check_value, plain_value, show_value


class How(StrEnum):
    """How an answer came: asked for, volunteered before it was its turn, or known from the customer's file."""

    ASKED = "asked"
    VOLUNTEERED = "volunteered"
    PREFILLED = "prefilled"


class Parked(StrEnum):
    """Why an answer does not fit a version of the flow."""

    GONE = "gone"
    TYPE = "type"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """One answer given (or taken back: value None) at an aware UTC instant, by whom and how."""

    question: str
    value: Value | None
    at: datetime
    by: str
    how: How

    def data(self) -> dict[str, Any]:
        """The event as plain data."""
        value = None if self.value is None else plain_value(self.value)
        return {
            "question": self.question, "value": value, "at": self.at.isoformat(), "by": self.by, "how": self.how.value,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """A case on one version of a flow. Events are only ever added; the answers are the last event of each question."""

    flow: str
    version: str
    hash: str
    events: tuple[AnswerEvent, ...] = ()

    @property
    def answers(self) -> dict[str, Value]:
        """The answers in force, those of questions that no longer apply included."""
        found: dict[str, Value] = {}
        for event in self.events:
            if event.value is None:
                found.pop(event.question, None)
            else:
                found[event.question] = event.value
        return found

    def give(
        self, compiled: CompiledFlow, question: str, raw: Any, *, at: datetime, by: str, how: How | None = None,
        today: date | None = None,
    ) -> "Draft":  # fmt: skip
        """Add an answer. Without `how` it is asked when the question applies and volunteered before that.

        Raises Invalid when the answer does not fit, ValueError for an instant without a time zone.
        """
        answers = self.answers
        value = compiled.check(question, raw, answers, today=today)
        if how is None:
            state = compiled.evaluate(answers, today=today).state(question)
            how = How.VOLUNTEERED if state in _NOT_ITS_TURN else How.ASKED
        return self._add(AnswerEvent(question, value, at, by, how))

    def withdraw(self, question: str, *, at: datetime, by: str) -> "Draft":
        """Take an answer back; the event stays."""
        return self._add(AnswerEvent(question, None, at, by, How.ASKED))

    def _add(self, event: AnswerEvent) -> "Draft":
        if event.at.utcoffset() is None:
            raise ValueError("an answer's instant needs a time zone")
        return replace(self, events=(*self.events, event))


_NOT_ITS_TURN = frozenset({State.PENDING, State.EARLY, State.NOT_APPLICABLE, State.PARKED, State.DEFERRED})


def new_draft(compiled: CompiledFlow) -> Draft:
    """An empty case on this version of a flow."""
    return Draft(compiled.flow.id, compiled.flow.version, compiled.hash)


@dataclass(frozen=True, slots=True)
class Move:
    """A draft on another version: which answers were kept, which are parked and why, which questions are new.

    Parked answers stay in the events and come back when the draft moves back.
    """

    draft: Draft
    answers: Mapping[str, Value]
    kept: tuple[str, ...]
    parked: Mapping[str, Parked]
    new: tuple[str, ...]


def move_draft(draft: Draft, old: CompiledFlow, new: CompiledFlow, *, today: date | None = None) -> Move:
    """Move a draft from one version of a flow to another.

    An answer is kept when its question is still there with the same type and accepts it; `new` are the questions
    to be asked now that the old version did not have.
    """
    kept: dict[str, Value] = {}
    parked: dict[str, Parked] = {}
    for id_, value in draft.answers.items():
        reason = _misfit(id_, value, old, new)
        if reason is None:
            kept[id_] = value
        else:
            parked[id_] = reason
    evaluation = new.evaluate(kept, today=today)
    fresh = tuple(item.id for item in evaluation.questions if item.state is State.OPEN and item.id not in old.slots)
    moved = replace(draft, flow=new.flow.id, version=new.flow.version, hash=new.hash)
    return Move(moved, kept, tuple(kept), parked, fresh)


def _misfit(id_: str, value: Value, old: CompiledFlow, new: CompiledFlow) -> Parked | None:
    if id_ not in new.slots:
        return Parked.GONE
    if id_ in old.slots and old.question(id_).type is not new.question(id_).type:
        return Parked.TYPE
    try:
        check_value(new.question(id_), value)
    except Invalid:
        return Parked.VALUE
    return None


def snapshot(compiled: CompiledFlow, draft: Draft, *, today: date | None = None) -> dict[str, Any]:
    """The case as plain data in both languages, readable without the flow or this program.

    Only answers whose questions apply are in it; each with who gave it when and how, and how often it was changed.
    """
    answers = draft.answers
    evaluation = compiled.evaluate(answers, today=today, closing=True)
    said: dict[str, list[AnswerEvent]] = {}
    for event in draft.events:
        said.setdefault(event.question, []).append(event)
    outcome = compiled.flow.outcome(evaluation.outcome or "")
    lines = []
    for id_, value in compiled.effective(answers, today=today).items():
        question, last = compiled.question(id_), said[id_][-1]
        lines.append(
            {
                "id": id_, "label": both(question.label), "value": plain_value(value),
                "text": {language: show_value(question, value, language) for language in ("zh", "en")},
                "state": evaluation.state(id_).value, "info": question.info, "changes": len(said[id_]) - 1,
                "at": last.at.isoformat(), "by": last.by, "how": last.how.value,
            }
        )  # fmt: skip
    return {
        "format": "deskapp/case@1", "flow": compiled.flow.id, "version": compiled.flow.version, "hash": compiled.hash,
        "title": both(compiled.flow.title), "answers": lines, "outcome": outcome_data(outcome),
        "emergency": evaluation.emergency,
        "adds": [
            {
                **{name: [both(text) for text in getattr(add, name)] for name in ("causes", "parts", "tools")},
                "note": both(add.note) if add.note else None,
            }
            for add in evaluation.adds
        ],
    }  # fmt: skip


def both(text: Text) -> dict[str, str]:
    """A text as plain data."""
    return {"zh": text.zh, "en": text.en}


def outcome_data(outcome: Outcome | None) -> dict[str, Any] | None:
    """An outcome as plain data in both languages, without its rule."""
    if outcome is None:
        return None
    lists = ("causes", "parts", "tools", "safety_script", "self_service", "closing_script")
    return {
        "id": outcome.id, "title": both(outcome.title), "grade": outcome.grade.value, "priority": outcome.priority,
        "sla": outcome.sla, "dispatch": outcome.dispatch.value, "department": outcome.department,
        "skill": outcome.skill, "escalate": outcome.escalate,
        **{name: [both(text) for text in getattr(outcome, name)] for name in lists},
    }  # fmt: skip
