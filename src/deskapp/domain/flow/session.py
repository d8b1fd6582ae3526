"""A guided call under way: where it stands, what each key does to it, what of it is kept. No clock, no screen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.draft import AnswerEvent, Draft, How, Move, move_draft, new_draft
from deskapp.domain.flow.engine import CompiledFlow, Evaluation, QuestionState, State
from deskapp.domain.flow.model import Kind, Mark, Outcome, Question, Text
from deskapp.domain.flow.values import Value, check_value, plain_value
from deskapp.domain.i18n import N_

TYPED = frozenset({Kind.TEXT, Kind.PHONE, Kind.SERIAL, Kind.ADDRESS, Kind.INTEGER, Kind.DECIMAL, Kind.DATE})
"""Kinds whose answer is typed into a line; the others are chosen by digits (a time slot may be typed as well)."""
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL})
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Note:
    """Something said or read out, at an aware UTC instant."""

    at: datetime
    text: str


class GuidedSession:
    """Takes answers one by one and moves to the next question; every instant and day is given.

    `here` is the question on screen, None when all is asked. `marked` are the choices of a several-choice question
    not accepted yet. `script` is the emergency whose lines are being read out, `line` the next of them.
    """

    def __init__(self, compiled: CompiledFlow, *, by: str, started_at: datetime, today: date) -> None:
        self.compiled, self.by, self.started_at, self.today = compiled, by, started_at, today
        self.draft: Draft = new_draft(compiled)
        # Answers that this version does not accept: kept for when the call moves back.
        self.aside: tuple[AnswerEvent, ...] = ()
        self.notes: tuple[Note, ...] = ()
        self.read_out: tuple[Note, ...] = ()
        self.marked: tuple[str, ...] = ()
        self.keys = 0
        self.red = False
        self.script: tuple[Text, ...] = ()
        self.line = 0
        self._scripted = ""
        self._evaluation: Evaluation | None = None
        self.here: str | None = self.evaluation.current

    # Where it stands

    @property
    def evaluation(self) -> Evaluation:
        if self._evaluation is None:
            self._evaluation = self.compiled.evaluate(self.draft.answers, today=self.today)
        return self._evaluation

    @property
    def question(self) -> Question | None:
        """The question on screen."""
        return self.compiled.question(self.here) if self.here else None

    @property
    def answer(self) -> Value | None:
        """What was answered to the question on screen."""
        return self.draft.answers.get(self.here) if self.here else None

    @property
    def outcome(self) -> Outcome | None:
        """The outcome, as soon as there is one; before that the emergency that holds."""
        return self.compiled.flow.outcome(self.evaluation.outcome or self.evaluation.emergency or "")

    @property
    def ahead(self) -> str | None:
        """The question that is likely to come behind the one on screen: none answered, unless one looks back."""
        if self.here is None:
            return None
        if self.answer is not None:
            return self.evaluation.after(self.here)
        behind = self.evaluation.questions[self.compiled.slots[self.here] + 1 :]
        return next((item.id for item in behind if item.state in (State.OPEN, State.PENDING)), None)

    def shown(self) -> list[QuestionState]:
        """The questions of the outline: all but those that do not apply and have no answer."""
        return [item for item in self.evaluation.questions if item.state is not State.NOT_APPLICABLE]

    def left(self) -> int:
        """About how many questions are still to be asked: of those that wait for an answer, every second one."""
        states = [item.state for item in self.evaluation.questions if not item.optional]
        return states.count(State.OPEN) + (states.count(State.PENDING) + 1) // 2

    # What keys do

    def choose(self, number: int, at: datetime) -> bool:
        """The digit `number` (1 to 9): answers and moves on, or marks one of several. False where it means nothing."""
        question = self.question
        if question is None or not 1 <= number <= min(len(question.options), _MOST_DIGITS):
            return False
        choice = question.options[number - 1]
        if question.type is not Kind.SELECT_MULTIPLE:
            self.give(choice.id, at)
        elif choice.exclusive:
            self.give([choice.id], at)
        else:
            self.marked = tuple(
                id_ for id_ in (option.id for option in question.options)
                if (id_ in self.marked) != (id_ == choice.id)
            )  # fmt: skip
        return True

    def accept(self, at: datetime) -> None:
        """Enter on a question that is not typed: the marked choices, the answer as it stands, or past an optional one.

        Raises Invalid where an answer is needed.
        """
        question = self.question
        if question is None:
            return
        if question.type is Kind.SELECT_MULTIPLE and self.marked:
            self.give(list(self.marked), at)
        elif self.answer is not None and self.answer is not Mark.SKIPPED:
            self.move_on(behind=question.id)
        else:
            self.skip(at)

    def skip(self, at: datetime) -> None:
        """Pass over the question on screen. Raises Invalid for one that has to be answered."""
        question = self.question
        if question is None:
            return
        state = next(item for item in self.evaluation.questions if item.id == question.id)
        if state.required:
            raise Invalid(_needed(question), field=question.id)
        self.give(Mark.SKIPPED, at)

    def give(self, raw: Any, at: datetime, *, question: str | None = None, how: How | None = None) -> None:
        """Answer a question (the one on screen unless named) and move on. Raises Invalid, and nothing has changed."""
        about = question or self.here
        if about is None:
            return
        self.draft = self.draft.give(self.compiled, about, raw, at=at, by=self.by, how=how, today=self.today)
        self._changed()
        self.move_on()

    def withdraw(self, at: datetime) -> None:
        """Take the answer on screen back."""
        if self.here and self.answer is not None:
            self.draft = self.draft.withdraw(self.here, at=at, by=self.by)
            self._changed()

    def prefill(self, known: Mapping[str, Value], at: datetime) -> None:
        """Put in what is known without asking; what was answered already stays."""
        for question, value in known.items():
            if question in self.compiled.slots and question not in self.draft.answers:
                try:
                    self.draft = self.draft.give(
                        self.compiled, question, value, at=at, by=self.by, how=How.PREFILLED, today=self.today
                    )
                except Invalid:
                    continue
        self._evaluation = None
        self.move_on()

    def move_on(self, *, behind: str | None = None) -> None:
        """Go to the next question to ask: the first open one, or the one behind an answer that was looked at again."""
        open_ = self.evaluation.current
        if behind is not None and (after := self.evaluation.after(behind)) is not None:
            order = [item.id for item in self.evaluation.questions]
            open_ = after if open_ is None or order.index(after) < order.index(open_) else open_
        self.go(open_)

    def back(self) -> bool:
        """Go to the question before; False at the first one."""
        if self.script:
            self.script, self.line = (), 0
            return True
        asked = self.evaluation.asked
        before = self.evaluation.before(self.here) if self.here else (asked[-1] if asked else None)
        if before is None:
            return False
        self.go(before)
        return True

    def go(self, question: str | None) -> None:
        """Show a question, whatever its state: callers talk out of order."""
        self.here = question
        value = self.answer
        self.marked = value if isinstance(value, tuple) else ()

    def note(self, text: str, at: datetime) -> None:
        """Keep what the caller said beside the questions."""
        if text.strip():
            self.notes = (*self.notes, Note(at, text.strip()))

    # The emergency

    def begin_script(self, lines: tuple[Text, ...]) -> None:
        """Show lines that have to be read out now."""
        self.script, self.line = lines, 0

    def read(self, at: datetime, language: str) -> None:
        """The line on screen was read out; behind the last one the questions go on."""
        if self.line < len(self.script):
            self.read_out = (*self.read_out, Note(at, self.script[self.line].get(language)))
            self.line += 1
        if self.line >= len(self.script):
            self.script, self.line = (), 0

    def _changed(self) -> None:
        self._evaluation = None
        emergency = self.evaluation.emergency or ""
        if emergency == self._scripted:
            return
        self._scripted = emergency
        outcome = self.compiled.flow.outcome(emergency)
        self.script, self.line = (outcome.safety_script if outcome else ()), 0

    @property
    def alarm(self) -> bool:
        """Whether this call is an emergency: by its answers or by the agent's word."""
        return self.red or self.evaluation.emergency is not None

    # What is kept

    def data(self) -> dict[str, str]:
        """Everything, as the texts a draft keeps."""
        return {
            "hash": self.compiled.hash, "here": self.here or "", "keys": str(self.keys), "red": "1" if self.red else "",
            "started": self.started_at.isoformat(), "today": self.today.isoformat(), "marked": " ".join(self.marked),
            "events": _json([event.data() for event in self.draft.events]),
            "aside": _json([event.data() for event in self.aside]),
            "notes": _json([[note.at.isoformat(), note.text] for note in self.notes]),
            "read_out": _json([[note.at.isoformat(), note.text] for note in self.read_out]),
            "scripted": self._scripted, "line": str(self.line if self.script else -1),
        }  # fmt: skip

    @classmethod
    def resumed(cls, compiled: CompiledFlow, kept: Mapping[str, str], *, by: str) -> "GuidedSession":
        """The call as it was kept, at the same question. Answers the flow does not accept any more are left out."""
        session = cls(
            compiled, by=by, started_at=datetime.fromisoformat(kept["started"]),
            today=date.fromisoformat(kept["today"]),
        )  # fmt: skip
        events = [event for item in json.loads(kept["events"]) if (event := _event(compiled, item))]
        session.draft = replace(session.draft, events=tuple(events))
        session.aside = tuple(_raw_event(item) for item in json.loads(kept.get("aside") or "[]"))
        session._evaluation = None
        session.keys, session.red = int(kept.get("keys") or 0), bool(kept.get("red"))
        session.notes, session.read_out = _notes(kept.get("notes")), _notes(kept.get("read_out"))
        session._scripted = kept.get("scripted", "")
        outcome = compiled.flow.outcome(session._scripted)
        line = int(kept.get("line") or -1)
        if outcome and line >= 0:
            session.script, session.line = outcome.safety_script, line
        here = kept.get("here", "")
        session.go(here if here in compiled.slots else session.evaluation.current)
        session.marked = tuple(kept.get("marked", "").split()) or session.marked
        return session

    def moved(self, compiled: CompiledFlow, at: datetime) -> "GuidedSession":
        """The call on another flow or version: answers that fit go along with who gave them, when and how.

        Nobody is asked twice. What does not fit is kept aside and comes back when the call moves back.
        """
        session = GuidedSession(compiled, by=self.by, started_at=self.started_at, today=self.today)
        session.notes, session.read_out, session.keys, session.red = self.notes, self.read_out, self.keys, self.red
        everything = tuple(sorted((*self.draft.events, *self.aside), key=lambda event: event.at))
        move = move_draft(replace(self.draft, events=everything), self.compiled, compiled, today=self.today)
        kept: list[AnswerEvent] = []
        aside: list[AnswerEvent] = []
        for event in everything:
            fitting = _fitting(compiled, event) if event.question in move.kept else None
            if fitting is None:
                aside.append(event)
            else:
                kept.append(fitting)
        session.draft, session.aside = replace(session.draft, events=tuple(kept)), tuple(aside)
        session._scripted = self._scripted
        session._changed()
        session.move_on()
        return session

    def move_to(self, compiled: CompiledFlow) -> Move:
        """What a move to another version would keep, park and ask anew."""
        return move_draft(self.draft, self.compiled, compiled, today=self.today)


def _fitting(compiled: CompiledFlow, event: AnswerEvent) -> AnswerEvent | None:
    """The event with its value as the flow reads it; None for one that it does not accept."""
    if event.value is None:
        return event
    try:
        return replace(event, value=check_value(compiled.question(event.question), plain_value(event.value)))
    except Invalid:
        return None


def _needed(question: Question) -> str:
    return N_("This question needs an answer; 0 for unknown.") if question.unknown else N_("This has to be answered.")


def _event(compiled: CompiledFlow, item: Mapping[str, Any]) -> AnswerEvent | None:
    question, raw = item["question"], item["value"]
    if question not in compiled.slots:
        return None
    try:
        value = None if raw is None else check_value(compiled.question(question), raw)
    except Invalid:
        return None
    return AnswerEvent(question, value, datetime.fromisoformat(item["at"]), item["by"], How(item["how"]))


def _raw_event(item: Mapping[str, Any]) -> AnswerEvent:
    """An event of another version, its value as it was written down."""
    value = tuple(item["value"]) if isinstance(item["value"], list) else item["value"]
    return AnswerEvent(item["question"], value, datetime.fromisoformat(item["at"]), item["by"], How(item["how"]))


def _notes(kept: str | None) -> tuple[Note, ...]:
    return tuple(Note(datetime.fromisoformat(at), text) for at, text in json.loads(kept or "[]"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


__all__ = ["NUMBERS", "TYPED", "GuidedSession", "Note"]
