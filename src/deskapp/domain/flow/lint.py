"""Judge a flow before it is published: names, types, order, safety, reachability."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.binding import Bound, bind
from deskapp.domain.flow.condition import KEYWORDS, NOT_VALUES, Compare, Has, atoms, literals, references
from deskapp.domain.flow.engine import compile_flow, duplicates
from deskapp.domain.flow.explore import ANY_DAY, Exploration, explore, path_text
from deskapp.domain.flow.findings import Finding, Severity, error, nearest, warning
from deskapp.domain.flow.model import Case, Dispatch, Flow, Kind, Question, Text
from deskapp.domain.flow.values import check_value
from deskapp.domain.i18n import N_
from deskapp.domain.terms import Grade

_HAN = re.compile(r"[\u3400-\u9fff]")
# A word of four small letters or more; names such as WiFi, HDMI or USB-C are the same in both languages.
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]?[a-z]{3,}(?![A-Za-z])")
_STATES_OF_ANSWERS = NOT_VALUES | {"skipped"}
_WITH_LIMITS = (Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True, slots=True)
class LintReport:
    """The findings of a flow in the order of its text; `exploration` is None where errors kept it from being walked."""

    findings: tuple[Finding, ...]
    exploration: Exploration | None

    @property
    def ok(self) -> bool:
        """Whether the flow may be published: no error (warnings are for the author to judge)."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def lint(flow: Flow, *, slas: Collection[str] = (), today: date = ANY_DAY) -> LintReport:
    """Check a flow. `slas` are the SLA policies an outcome may name (not checked when empty); `today` anchors dates."""
    bound = bind(flow)
    wrong = [*duplicates(flow), *bound.findings]
    found = [
        *wrong, *_questions(flow), *_outcomes(flow), *_order(flow), *_policies(flow, slas), *_untranslated(flow),
        *_decides_nothing(flow, bound), *_never_equal(flow, bound), *_tests(flow),
    ]  # fmt: skip
    exploration = None
    if not wrong and flow.questions:
        exploration = explore(compile_flow(flow), today=today)
        found += _paths(flow, exploration)
    order = {"questions": 0, "outcomes": 1, "adds": 2, "tests": 3}
    found.sort(key=lambda finding: (order.get(str(finding.path[0]), 4) if finding.path else 5, _place(finding)))
    return LintReport(tuple(found), exploration)


def _place(finding: Finding) -> int:
    return finding.path[1] if len(finding.path) > 1 and isinstance(finding.path[1], int) else 0


def _questions(flow: Flow) -> Iterator[Finding]:
    for place, question in enumerate(flow.questions):
        yield from _question(question, place)


def _question(question: Question, place: int) -> Iterator[Finding]:
    """What can be seen from one question alone."""
    path = ("questions", place)
    bad = partial(error, item=question.id, question=question.id)
    if question.id in KEYWORDS or question.id in NOT_VALUES:
        yield bad("reserved-id", N_("{question} is a word of the condition language."), path=(*path, "id"))
    for at, choice in enumerate(question.choices):
        if choice.id in NOT_VALUES or choice.id in KEYWORDS or choice.id == "skipped":
            yield bad(
                "reserved-id", N_("The choice {choice} of {question} is a word of the condition language."),
                path=(*path, "choices", at, "id"), choice=choice.id,
            )  # fmt: skip
    selects = question.type in (Kind.SELECT_ONE, Kind.SELECT_MULTIPLE)
    if selects and len(question.choices) < 2:
        yield bad("no-choices", N_("{question} needs at least two choices."), path=path)
    if question.choices and not selects:
        yield bad(
            "needless-choices", N_("{question} is a {type}: it has no choices of its own."),
            path=(*path, "choices"), type=question.type.value,
        )  # fmt: skip
    limits = [name for name in ("min", "max") if getattr(question, name) is not None]
    if limits and question.type not in _WITH_LIMITS:
        yield bad(
            "needless-limit", N_("{limit} is for numbers; {question} is a {type}."), path=(*path, limits[0]),
            limit=limits[0], type=question.type.value,
        )  # fmt: skip
    if question.min is not None and question.max is not None and question.min > question.max:
        yield bad("empty-range", N_("The range of {question} is empty: min is above max."), path=(*path, "min"))
    if question.constraint and not question.constraint_message:
        yield bad(
            "no-constraint-message", N_("{question} has a constraint and no message that says what is wrong."),
            path=(*path, "constraint"),
        )  # fmt: skip
    if question.type is Kind.DECIMAL and question.unit is None:
        yield warning(
            "no-unit", N_("{question} measures something: give its unit."), path=path, item=question.id,
            question=question.id,
        )  # fmt: skip


def _outcomes(flow: Flow) -> Iterator[Finding]:
    for place, outcome in enumerate(flow.outcomes):
        path = ("outcomes", place)
        bad = partial(error, item=outcome.id, outcome=outcome.id)
        if outcome.otherwise and place != len(flow.outcomes) - 1:
            yield bad("otherwise-not-last", N_("Outcomes behind {outcome} can never come true."), path=path)
        if outcome.otherwise == (outcome.when is not None):
            yield bad("no-rule", N_("{outcome} needs either a rule (when) or otherwise."), path=path)
        if outcome.emergency and not outcome.safety_script:
            yield bad("emergency-no-script", N_("{outcome} is an emergency and has no safety script."), path=path)
        if outcome.emergency and outcome.grade is not Grade.RED:  # sign-off and alarm go by the grade
            yield bad("emergency-not-red", N_("{outcome} is an emergency and must be red."), path=path)
        if outcome.grade is Grade.RED and not outcome.escalate:
            yield bad("red-no-escalation", N_("{outcome} is red and escalates to nobody."), path=path)
        if outcome.dispatch in (Dispatch.VISIT, Dispatch.EMERGENCY):
            lacking = [name for name in ("causes", "tools") if not getattr(outcome, name)]
            if lacking:
                yield bad(
                    "visit-no-kit", N_("{outcome} sends a technician without {lacking}."), path=path,
                    lacking=", ".join(lacking),
                )  # fmt: skip
    if not flow.outcomes or not flow.outcomes[-1].otherwise:
        yield error(
            "no-otherwise", N_("The last outcome must be the one for everything else (otherwise: true)."),
            path=("outcomes", max(len(flow.outcomes) - 1, 0)) if flow.outcomes else ("outcomes",),
            item=flow.outcomes[-1].id if flow.outcomes else "",
        )  # fmt: skip


def _order(flow: Flow) -> Iterator[Finding]:
    milder = calm = None
    for place, outcome in enumerate(flow.outcomes):
        if outcome.emergency and calm is not None:
            yield warning(
                "emergency-late", path=("outcomes", place), item=outcome.id, outcome=outcome.id, calm=calm.id,
                template=N_("{outcome} stands behind {calm}: once that holds, what {outcome} asks is optional."),
            )  # fmt: skip
        elif not outcome.emergency:
            calm = calm or outcome
        if outcome.grade is not Grade.RED:
            milder = milder or outcome
        elif milder is not None:
            yield error(
                "red-after-milder", N_("{outcome} is red but stands behind {milder}, which is taken first."),
                path=("outcomes", place), item=outcome.id, outcome=outcome.id, milder=milder.id,
            )  # fmt: skip


def _policies(flow: Flow, slas: Collection[str]) -> Iterator[Finding]:
    for place, outcome in enumerate(flow.outcomes):
        if slas and outcome.sla not in slas:
            yield error(
                "unknown-sla", N_("There is no SLA policy {sla}."), path=("outcomes", place, "sla"), item=outcome.id,
                sla=outcome.sla, suggestion=nearest(outcome.sla, slas),
            )  # fmt: skip


def _untranslated(flow: Flow) -> Iterator[Finding]:
    for path, item, text in _texts(flow):
        if _HAN.search(text.en):
            yield error(
                "untranslated", N_("The English text has Chinese characters: {text}"), path=(*path, "en"), item=item,
                text=text.en,
            )  # fmt: skip
        elif not _HAN.search(text.zh) and _WORD.search(text.zh):
            yield error(
                "untranslated", N_("The Chinese text has no Chinese: {text}"), path=(*path, "zh"), item=item,
                text=text.zh,
            )  # fmt: skip


def _texts(flow: Flow) -> Iterator[tuple[tuple[str | int, ...], str, Text]]:
    yield ("title",), "", flow.title
    if flow.intro:
        yield ("intro",), "", flow.intro
    for place, question in enumerate(flow.questions):
        for name in ("label", "hint", "unit", "constraint_message"):
            if text := getattr(question, name):
                yield ("questions", place, name), question.id, text
        for at, choice in enumerate(question.choices):
            yield ("questions", place, "choices", at), question.id, choice.label
    for place, outcome in enumerate(flow.outcomes):
        yield ("outcomes", place, "title"), outcome.id, outcome.title
        for name in ("causes", "parts", "tools", "safety_script", "self_service", "closing_script"):
            for at, text in enumerate(getattr(outcome, name)):
                yield ("outcomes", place, name, at), outcome.id, text
    for place, add in enumerate(flow.adds):
        if add.note:
            yield ("adds", place, "note"), "", add.note
        for name in ("causes", "parts", "tools"):
            for at, text in enumerate(getattr(add, name)):
                yield ("adds", place, name, at), "", text


def _decides_nothing(flow: Flow, bound: Bound) -> Iterator[Finding]:
    """Own questions that no rule needs, neither itself nor to know whether a needed question is asked."""
    needed = {name for node in (*bound.rules, *bound.adds) if node for name in references(node)}
    needed |= {question.id for question in flow.questions if question.info or question.block}
    # Backwards is enough: a condition names earlier questions only.
    for question, when, constraint in reversed(list(zip(flow.questions, bound.whens, bound.constraints, strict=True))):
        if question.id in needed:
            needed |= {name for node in (when, constraint) if node for name in references(node)}
    for place, question in enumerate(flow.questions):
        if question.id not in needed:
            yield warning(
                "decides-nothing", N_("Nothing depends on {question}: use it in a rule, or mark it info: true."),
                path=("questions", place), item=question.id, question=question.id,
            )  # fmt: skip


def _never_equal(flow: Flow, bound: Bound) -> Iterator[Finding]:
    """Values compared with == or in that no answer can be: out of range, or not written as the answer is kept."""
    groups = (("questions", "when", bound.whens), ("questions", "constraint", bound.constraints),
              ("outcomes", "when", bound.rules), ("adds", "when", bound.adds))  # fmt: skip
    places = [
        (group, place, name, atom)
        for group, name, nodes in groups for place, node in enumerate(nodes) for atom in (atoms(node) if node else ())
    ]  # fmt: skip
    for group, place, name, atom in places:
        question = flow.question(atom.operand.question)
        if question is None or atom.operand.function or (isinstance(atom, Compare) and atom.op not in {"==", "!="}):
            continue
        for literal in literals(atom):
            if literal.mark or isinstance(atom, Has) or question.options or _kept_as(question, literal.value):
                continue
            yield warning(
                "never-equal", N_("{question} can never be {value}."), path=(group, place, name), offset=literal.at,
                item=getattr(getattr(flow, group)[place], "id", ""), question=question.id, value=literal.value,
            )  # fmt: skip


def _kept_as(question: Question, value: object) -> bool:
    """Whether an answer can be this very value."""
    try:
        return check_value(question, value) == value
    except Invalid:
        return False


def _tests(flow: Flow) -> Iterator[Finding]:
    """Tests that name what is not there; whether they pass is told by running them."""
    questions = {question.id: question for question in flow.questions}
    outcomes = [outcome.id for outcome in flow.outcomes]
    for place, case in enumerate(flow.tests):
        expected = case.expect
        named: list[tuple[tuple[str | int, ...], str]] = [(("answers", id_), id_) for id_ in case.answers]
        if expected.get("current") is not None:
            named.append((("expect", "current"), expected["current"]))
        named += [
            (("expect", name, at), id_)
            for name in ("asked", "not_asked", "parked") for at, id_ in enumerate(expected.get(name, ()))
        ]  # fmt: skip
        for path, id_ in named:
            if id_ not in questions:
                yield error(
                    "unknown-question", N_("There is no question {question}."), path=("tests", place, *path),
                    item=case.name, question=id_, suggestion=nearest(id_, questions),
                )  # fmt: skip
        wanted: list[tuple[tuple[str | int, ...], str]] = (
            [] if expected.get("outcome") is None else [(("outcome",), expected["outcome"])]
        )
        wanted += [(("possible", at), id_) for at, id_ in enumerate(expected.get("possible", ()))]
        for rest, id_ in wanted:
            if id_ not in outcomes:
                yield error(
                    "unknown-outcome", N_("There is no outcome {outcome}."), path=("tests", place, "expect", *rest),
                    item=case.name, outcome=id_, suggestion=nearest(id_, outcomes),
                )  # fmt: skip
        yield from _test_answers(questions, place, case)


def _test_answers(questions: Mapping[str, Question], place: int, case: Case) -> Iterator[Finding]:
    """Choices in a test's answers that its question does not have."""
    for id_, raw in case.answers.items():
        question = questions.get(id_)
        if question is None or not question.options:
            continue
        for choice in raw if isinstance(raw, list | tuple) else [raw]:
            known = [option.id for option in question.options]
            word = {True: "yes", False: "no"}[choice] if isinstance(choice, bool) else str(choice)
            several = question.type is Kind.SELECT_MULTIPLE and isinstance(raw, str)
            for part in word.replace(",", " ").split() if several else [word]:
                if part not in known and part not in _STATES_OF_ANSWERS:
                    yield error(
                        "unknown-choice", N_("{question} has no choice {choice}."),
                        path=("tests", place, "answers", id_), item=case.name, question=id_, choice=part,
                        suggestion=nearest(part, known),
                    )  # fmt: skip


def _paths(flow: Flow, exploration: Exploration) -> Iterator[Finding]:
    """What only walking the paths can tell."""
    if not exploration.complete:
        yield warning("too-large", N_("The flow has too many different paths to walk all of them."))
        return
    for place, question in enumerate(flow.questions):
        if question.id not in exploration.asked:
            yield error(
                "unreachable-question", N_("No answers lead to {question}."), path=("questions", place, "when"),
                item=question.id, question=question.id,
            )  # fmt: skip
    for place, outcome in enumerate(flow.outcomes):
        if outcome.id not in exploration.witnesses:
            yield error(
                "unreachable-outcome", N_("No answers lead to the outcome {outcome}."), path=("outcomes", place),
                item=outcome.id, outcome=outcome.id,
            )  # fmt: skip
        if outcome.id in exploration.unsafe_green:
            yield error(
                "unknown-safety-green", N_("{outcome} is green although a safety question has no answer: {answers}"),
                path=("outcomes", place), item=outcome.id, outcome=outcome.id,
                answers=path_text(exploration.unsafe_green[outcome.id]),
            )  # fmt: skip
    if exploration.no_outcome is not None:
        yield error(
            "path-without-outcome", N_("These answers have no outcome: {answers}"), path=("outcomes",),
            answers=path_text(exploration.no_outcome),
        )  # fmt: skip
