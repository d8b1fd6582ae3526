"""Run the tests that live in a flow: answers in, expectations compared."""

from dataclasses import dataclass
from datetime import date

from deskapp.domain.errors import DeskError
from deskapp.domain.flow.engine import CompiledFlow, Evaluation, State
from deskapp.domain.flow.model import Case
from deskapp.domain.flow.values import Value
from deskapp.domain.i18n import _


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A test of a flow, and what it found different (empty when it passed), in the language in force."""

    name: str
    outcome: str | None
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.differences


def run_case(compiled: CompiledFlow, case: Case) -> CaseResult:
    """Evaluate a test's answers and compare what it expects.

    The outcome must follow from the answers: when an expected outcome is not settled because a question that can
    still change it has no answer, the test fails and names the question.
    """
    today = date.fromisoformat(case.today) if case.today else None
    if today is None and compiled.uses_today:
        return CaseResult(case.name, None, (_("The flow counts days: the test needs one (today: 2026-07-01)."),))
    try:
        answers = compiled.read(case.answers)
        for id_, value in answers.items():
            compiled.check(id_, value, answers, today=today)
        evaluation = compiled.evaluate(answers, today=today)
        closed = compiled.evaluate(answers, today=today, closing=True)
    except DeskError as trouble:
        place = f"{trouble.field}: " if trouble.field else ""
        return CaseResult(case.name, None, (f"{place}{trouble}",))
    differences = tuple(_differences(compiled, case, answers, evaluation, closed))
    return CaseResult(case.name, evaluation.outcome or closed.outcome, differences)


def _differences(
    compiled: CompiledFlow, case: Case, answers: dict[str, Value], evaluation: Evaluation, closed: Evaluation
) -> list[str]:
    expect, found = case.expect, []
    outcome = compiled.flow.outcome(evaluation.outcome or closed.outcome or "")
    actual = {
        "outcome": outcome.id if outcome else None,
        "emergency": evaluation.emergency is not None,
        "settled": evaluation.settled,
        "current": evaluation.current,
        **{
            name: getattr(outcome, name) if outcome else None
            for name in ("grade", "priority", "sla", "dispatch", "department")
        },
    }
    for name, value in actual.items():
        if name in expect and expect[name] != value:
            found.append(
                _("{name}: expected {expected}, got {got}").format(name=name, expected=expect[name], got=value)
            )
    states = {item.id: item.state for item in evaluation.questions}
    asked = set(evaluation.asked)
    parked = {id_ for id_, state in states.items() if state is State.PARKED}
    wrong = {
        "asked": [id_ for id_ in expect.get("asked", ()) if id_ not in asked],
        "not_asked": [id_ for id_ in expect.get("not_asked", ()) if id_ in asked],
        "parked": [id_ for id_ in expect.get("parked", ()) if id_ not in parked],
        "possible": [id_ for id_ in expect.get("possible", ()) if id_ not in evaluation.possible],
    }
    for name, ids in wrong.items():
        for id_ in ids:
            found.append(_("{name}: not so for {id}").format(name=name, id=id_))
    tools = {text for add in evaluation.adds for item in add.tools for text in (item.zh, item.en)}
    tools |= {text for item in (outcome.tools if outcome else ()) for text in (item.zh, item.en)}
    found.extend(
        _("tools: {tool} is missing").format(tool=tool) for tool in expect.get("tools", ()) if tool not in tools
    )
    if "outcome" in expect and not found and not evaluation.settled and evaluation.emergency is None:
        still = [item.id for item in evaluation.questions if item.required and item.id not in answers]
        own = [id_ for id_ in still if compiled.question(id_).block is None and not compiled.question(id_).info]
        if own:
            found.append(_("the answers do not settle the outcome: {question} has none").format(question=own[0]))
    return found
