"""Read every condition of a flow and tie its words to questions and choices, telling what does not fit."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from deskapp.domain.flow.condition import (
    Atom,
    Check,
    Compare,
    ConditionError,
    Has,
    Literal,
    Node,
    atoms,
    literals,
    parse,
)  # fmt: skip
from deskapp.domain.flow.findings import Finding, error, nearest, of_error
from deskapp.domain.flow.model import Flow, Kind, Question
from deskapp.domain.i18n import N_

Path = tuple[str | int, ...]
_CHOICES = (Kind.SELECT_ONE, Kind.YES_NO)
_NUMBERS = (Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True, slots=True)
class Bound:
    """The trees of a flow's conditions by place (None where there is no condition), and what is wrong with them."""

    whens: tuple[Node | None, ...]
    constraints: tuple[Node | None, ...]
    rules: tuple[Node | None, ...]
    adds: tuple[Node | None, ...]
    findings: tuple[Finding, ...]

    def conditions(self) -> Iterator[Node]:
        """Every tree of the flow."""
        for group in (self.whens, self.constraints, self.rules, self.adds):
            yield from (node for node in group if node is not None)


def bind(flow: Flow) -> Bound:
    """Parse the conditions of a flow and check names, choices, types and order of reference."""
    binder = _Binder(flow)
    whens = tuple(
        binder.read(question.when, ("questions", place, "when"), question.id, before=place)
        for place, question in enumerate(flow.questions)
    )
    constraints = tuple(
        binder.read(question.constraint, ("questions", place, "constraint"), question.id, before=place + 1)
        for place, question in enumerate(flow.questions)
    )
    rules = tuple(
        binder.read(None if outcome.otherwise else outcome.when, ("outcomes", place, "when"), outcome.id)
        for place, outcome in enumerate(flow.outcomes)
    )
    adds = tuple(binder.read(add.when, ("adds", place, "when"), "") for place, add in enumerate(flow.adds))
    return Bound(whens, constraints, rules, adds, tuple(binder.findings))


class _Binder:
    def __init__(self, flow: Flow) -> None:
        self.questions: dict[str, tuple[int, Question]] = {}
        for place, question in enumerate(flow.questions):
            self.questions.setdefault(question.id, (place, question))
        self.findings: list[Finding] = []

    def read(self, source: str | None, path: Path, item: str, before: int | None = None) -> Node | None:
        if source is None:
            return None
        try:
            node = parse(source)
        except ConditionError as trouble:
            self.findings.append(of_error(trouble, "condition-syntax", path=path, offset=trouble.at, item=item))
            return None
        for atom in atoms(node):
            finding = self.reference(atom, before) or self.fit(atom)
            if finding:
                code, template, offset, values = finding
                suggestion = str(values.pop("suggestion", ""))
                self.findings.append(
                    error(code, template, path=path, offset=offset, item=item, suggestion=suggestion, **values)
                )
        return node

    def reference(self, atom: Atom, before: int | None) -> "_Trouble | None":
        name, at = atom.operand.question, atom.operand.at
        if name not in self.questions:
            return (
                "unknown-question", N_("There is no question {question}."), at,
                {"question": name, "suggestion": nearest(name, self.questions)},
            )  # fmt: skip
        if before is not None and self.questions[name][0] >= before:
            return (
                "forward-reference", N_("{question} is asked later; a condition can name earlier questions only."),
                at, {"question": name},
            )  # fmt: skip
        return None

    def fit(self, atom: Atom) -> "_Trouble | None":
        question = self.questions[atom.operand.question][1]
        if trouble := _operator(atom, question):
            return trouble
        for literal in literals(atom):
            if trouble := _literal(atom, literal, question):
                return trouble
        return None


_Trouble = tuple[str, str, int, dict[str, object]]


def _operator(atom: Atom, question: Question) -> _Trouble | None:
    """Whether the operator and the function fit the type of the question."""
    kind, function = question.type, atom.operand.function
    if isinstance(atom, Check):
        return None
    if function == "count" and kind is not Kind.SELECT_MULTIPLE:
        return _misfit(atom.operand.at, N_("count() is for a select_multiple; {question} is a {type}."), question)
    if function == "days_since" and kind is not Kind.DATE:
        return _misfit(atom.operand.at, N_("days_since() is for a date; {question} is a {type}."), question)
    if function and not isinstance(atom, Compare):
        return _misfit(atom.op_at, N_("{function}() can only be compared with a number."), question, function=function)
    if function:
        return None
    if isinstance(atom, Has) and kind is not Kind.SELECT_MULTIPLE:
        return _misfit(atom.op_at, N_("has is for a select_multiple; {question} is a {type}."), question)
    if isinstance(atom, Compare) and atom.op not in {"==", "!="} and kind not in (*_NUMBERS, Kind.DATE):
        return _misfit(
            atom.op_at, N_("{op} is for numbers and dates; {question} is a {type}."), question, op=atom.op
        )  # fmt: skip
    return None


def _literal(atom: Atom, literal: Literal, question: Question) -> _Trouble | None:
    """Whether a value on the right can be an answer of the question."""
    kind, value, at = question.type, literal.value, literal.at
    if isinstance(atom, Compare) and (atom.operand.function or atom.op not in {"==", "!="}) and kind is not Kind.DATE:
        if not isinstance(value, Decimal):
            return _misfit(at, N_("A number is needed here, not {value}."), question, value=value)
        return None
    if isinstance(atom, Compare) and atom.operand.function == "days_since":
        if not isinstance(value, Decimal):
            return _misfit(at, N_("A number is needed here, not {value}."), question, value=value)
        return None
    if literal.mark and not isinstance(atom, Has) and not (isinstance(atom, Compare) and atom.op not in {"==", "!="}):
        return None
    if kind in _CHOICES or isinstance(atom, Has):
        return _choice(literal, question)
    if kind is Kind.SELECT_MULTIPLE:
        return _misfit(at, N_("{question} has several answers: write {question} has {value}."), question, value=value)
    fits = (
        isinstance(value, Decimal) if kind in _NUMBERS
        else hasattr(value, "isoformat") if kind is Kind.DATE
        else literal.quoted
    )  # fmt: skip
    if fits:
        return None
    if kind in _NUMBERS:
        return _misfit(at, N_("A number is needed here, not {value}."), question, value=value)
    if kind is Kind.DATE:
        return _misfit(at, N_("A day such as 2026-07-01 is needed here, not {value}."), question, value=value)
    return _misfit(at, N_("{question} is free text: put {value} in quotes."), question, value=value)


def _choice(literal: Literal, question: Question) -> _Trouble | None:
    id_ = str(literal.value)
    if question.choice(id_):
        return None
    known = [choice.id for choice in question.options]
    return (
        "unknown-choice", N_("{question} has no choice {choice}."), literal.at,
        {"question": question.id, "choice": id_, "suggestion": nearest(id_, known)},
    )  # fmt: skip


def _misfit(at: int, template: str, question: Question, **values: object) -> _Trouble:
    return "operator-type", template, at, {"question": question.id, "type": question.type.value, **values}
