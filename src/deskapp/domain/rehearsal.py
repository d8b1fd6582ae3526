"""A rehearsal under way: the trainee asks, the scripted caller answers, every answer entered becomes a step."""

from dataclasses import dataclass
from datetime import datetime

from deskapp.domain.flow import CompiledFlow
from deskapp.domain.flow.draft import How
from deskapp.domain.flow.facts import prefilled
from deskapp.domain.flow.model import Text
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.flow.values import Value
from deskapp.domain.practice import Score, Script, Step, score


@dataclass(frozen=True, slots=True)
class Spoken:
    """Something said: by the caller, or by the trainee (the question as it stands in the flow)."""

    by_caller: bool
    text: Text


class Rehearsal:
    """Goes with a `GuidedSession` that a trainee answers; nothing of it is a call. Instants are aware UTC."""

    def __init__(self, session: GuidedSession, script: Script) -> None:
        self.session, self.script = session, script
        self.spoken: tuple[Spoken, ...] = tuple(Spoken(True, reply.clear) for reply in script.opening)
        self.steps: tuple[Step, ...] = ()
        self._asked: dict[str, int] = {}
        self._keys = 0
        session.prefill(prefilled(session.compiled, script.known), session.started_at)
        self._seen = len(session.draft.events)

    @property
    def compiled(self) -> CompiledFlow:
        """The flow that is rehearsed."""
        return self.session.compiled

    def ask(self) -> Text | None:
        """Read the question on screen out; the caller's words, a vague caller's the second time are clear."""
        question = self.session.question
        if question is None:
            return None
        times = self._asked[question.id] = self._asked.get(question.id, 0) + 1
        words = self.script.answer(question.id, times)
        self.spoken = (*self.spoken, Spoken(False, question.label), Spoken(True, words))
        return words

    def times_asked(self, question: str) -> int:
        """How often a question was read out."""
        return self._asked.get(question, 0)

    def follow(self) -> None:
        """Make steps of what was answered since the last time."""
        events = self.session.draft.events
        for event in events[self._seen :]:
            if event.value is not None and event.how is not How.PREFILLED:
                self._step(event.question, event.value, event.at)
        self._seen = len(events)

    def _step(self, question: str, value: Value, at: datetime) -> None:
        told = {reply.question for reply in self.script.opening}
        how = How.VOLUNTEERED if question in told and question not in self._asked else How.ASKED
        keys, self._keys = self.session.keys - self._keys, self.session.keys
        self.steps = (*self.steps, Step(question, value, self.seconds(at), keys, how))

    def seconds(self, now: datetime) -> float:
        """How long it has been going on."""
        return max(0.0, (now - self.session.started_at).total_seconds())

    def score(self, now: datetime) -> Score:
        """How it went, were it over now; the desk counts the same from the same steps."""
        return score(self.compiled, self.script, self.steps, seconds=self.seconds(now), today=self.session.today)


__all__ = ["Rehearsal", "Spoken"]
