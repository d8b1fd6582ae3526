"""Take a case line by line: the plain path through a flow, for scripts and screen readers."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from deskapp.domain.errors import DeskError
from deskapp.domain.flow import Blocker, CompiledFlow, Evaluation, Question, Reason, State, show_value
from deskapp.domain.flow.draft import Draft, Move, move_draft, new_draft, snapshot
from deskapp.domain.i18n import N_, _, language

HELP = N_(
    "a number or id: choose   text: answer   0 or unknown: does not know   -: refused   <: back"
    "   id=value: answer another question   =: what is known   .: finish   q: leave"
)


_REASONS = {
    Reason.MISSING: N_("{question} has no answer yet."),
    Reason.CONSTRAINT: N_("{question} has an answer that does not fit."),
}


class Session:
    """One case on the terminal: says a line, reads a line, keeps every answer as an event."""

    def __init__(
        self, compiled: CompiledFlow, today: date, *, now: Callable[[], datetime], say: Callable[[str], None]
    ) -> None:
        self.compiled, self.today, self.now, self.say = compiled, today, now, say
        self.draft: Draft = new_draft(compiled)
        self.told: str | None = None
        self.here: str | None = None

    def evaluation(self) -> Evaluation:
        """What the answers so far mean."""
        return self.compiled.evaluate(self.draft.answers, today=self.today)

    def give(self, question: str, raw: Any) -> None:
        """Add an answer. Raises Invalid when it does not fit."""
        self.draft = self.draft.give(self.compiled, question, raw, at=self.now(), by="terminal", today=self.today)

    def moved(self, new: CompiledFlow) -> Move:
        """The case on another version of the flow."""
        return move_draft(self.draft, self.compiled, new, today=self.today)

    def case(self) -> dict[str, Any]:
        """The case as plain data, with its events."""
        return {
            **snapshot(self.compiled, self.draft, today=self.today), "ready": self.evaluation().ready,
            "events": [event.data() for event in self.draft.events],
        }  # fmt: skip

    def run(self, read: Callable[[], str]) -> bool:
        """Ask until the case is finished (True) or left (False)."""
        self.say(self.compiled.flow.title.get(language()))
        if self.compiled.flow.intro:
            self.say(self.compiled.flow.intro.get(language()))
        while True:
            evaluation = self.evaluation()
            self.interrupt(evaluation)
            self.here = self.here or evaluation.current
            if self.here is None or (self.here == evaluation.current and evaluation.ready):
                self.close(evaluation)
                return True
            self.ask(self.compiled.question(self.here), evaluation)
            line = read().strip()
            if line == "q":
                return False
            if line == ".":
                if self.finish(evaluation):
                    return True
                continue
            try:
                self.take(line, evaluation)
            except DeskError as trouble:
                self.say(" ".join(part for part in (str(trouble), trouble.hint) if part))

    def ask(self, question: Question, evaluation: Evaluation) -> None:
        """Put a question, its choices numbered."""
        optional = "" if any(item.question == question.id for item in evaluation.blockers) else _(" (optional)")
        unit = f" [{question.unit.get(language())}]" if question.unit else ""
        self.say("")
        self.say(f"{question.label.get(language())}{unit}{optional}")
        if question.hint:
            self.say(f"  {question.hint.get(language())}")
        for number, choice in enumerate(question.options, 1):
            self.say(f"  {number} {choice.label.get(language())}")

    def take(self, line: str, evaluation: Evaluation) -> None:
        """Do what a line says."""
        here = self.here or ""
        if line == "?":
            self.say(_(HELP))
        elif line == "=":
            self.known(evaluation)
        elif line == "<":
            self.here = evaluation.before(here) or here
        elif line == "":
            blocker = next((item for item in evaluation.blockers if item.question == here), None)
            if blocker is not None:
                self.blocked(blocker)
            elif evaluation.state(here) is State.OPEN:
                self.give(here, "skipped")
            self.here = None
        elif "=" in line and line.partition("=")[0].strip() in self.compiled.slots:
            id_, _equals, value = line.partition("=")
            self.give(id_.strip(), value.strip())
        else:
            self.give(here, self.raw(self.compiled.question(here), line))
            self.here = None

    def raw(self, question: Question, line: str) -> str:
        """What was typed, numbers of choices turned into their ids."""
        if line in ("0", "-") and (question.options or line == "-"):
            return "unknown" if line == "0" else "refused"
        if not question.options:
            return line
        names = {str(number): choice.id for number, choice in enumerate(question.options, 1)}
        return " ".join(names.get(word, word) for word in line.replace(",", " ").split())

    def interrupt(self, evaluation: Evaluation) -> None:
        """Read the script of an emergency out as soon as it is one."""
        if evaluation.emergency and evaluation.emergency != self.told:
            outcome = self.compiled.flow.outcome(evaluation.emergency)
            self.told = evaluation.emergency
            self.here = None
            self.say("")
            self.say(_("EMERGENCY: {title}").format(title=outcome.title.get(language()) if outcome else ""))
            for number, line in enumerate(outcome.safety_script if outcome else (), 1):
                self.say(f"  {number}. {line.get(language())}")

    def known(self, evaluation: Evaluation) -> None:
        """Every answer with its state, and what can still come of the case."""
        answers = self.draft.answers
        for item in evaluation.questions:
            if item.id in answers:
                question = self.compiled.question(item.id)
                self.say(f"  {item.id}: {show_value(question, answers[item.id], language())}  [{item.state.value}]")
        self.say("  " + _("still possible: {ids}").format(ids=", ".join(evaluation.possible)))

    def finish(self, evaluation: Evaluation) -> bool:
        """Finish, or go to the first question that stands in the way and say why."""
        if evaluation.ready:
            self.close(evaluation)
            return True
        self.blocked(evaluation.blockers[0])
        self.here = evaluation.blockers[0].question
        return False

    def blocked(self, blocker: Blocker) -> None:
        """Say why the case cannot be finished at a question."""
        question = self.compiled.question(blocker.question)
        self.say(_(_REASONS[blocker.reason]).format(question=question.label.get(language())))

    def close(self, evaluation: Evaluation) -> None:
        """Say what the case is and what follows."""
        outcome = self.compiled.flow.outcome(evaluation.outcome or "")
        if outcome is None:
            return
        lang = language()
        self.say("")
        self.say(f"{_(outcome.grade.upper())} {outcome.priority} {outcome.title.get(lang)} ({outcome.id})")
        for name, title in (
            ("self_service", N_("For the customer")), ("causes", N_("Causes")), ("parts", N_("Parts")),
            ("tools", N_("Tools")), ("closing_script", N_("To say at the end")),
        ):  # fmt: skip
            texts = [*getattr(outcome, name), *(text for add in evaluation.adds for text in getattr(add, name, ()))]
            if texts:
                self.say(f"{_(title)}: " + "; ".join(text.get(lang) for text in texts))
        for add in evaluation.adds:
            if add.note:
                self.say(add.note.get(lang))
