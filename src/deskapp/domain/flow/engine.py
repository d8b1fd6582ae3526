"""Run a flow: from the answers so far to what is asked, what is settled and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.binding import Bound, Path, bind
from deskapp.domain.flow.condition import Node, atoms
from deskapp.domain.flow.findings import Finding, FlowInvalid, error, nearest
from deskapp.domain.flow.kleene import NOT_ASKED, PENDING, Test, Truth, compile_node
from deskapp.domain.flow.model import Add, Dispatch, Flow, Kind, Mark, Outcome, Question, Text, content_hash
from deskapp.domain.flow.values import Value, check_value
from deskapp.domain.i18n import N_, language
from deskapp.domain.terms import Grade


class State(StrEnum):
    """Where a question stands.

    `early` is an answer given before it is certain that the question applies, `parked` one whose question no longer
    applies, `deferred` a question left for later by an emergency. Early and parked answers are kept, never evaluated.
    """

    OPEN = "open"
    ANSWERED = "answered"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    SKIPPED = "skipped"
    PENDING = "pending"
    EARLY = "early"
    NOT_APPLICABLE = "not_applicable"
    PARKED = "parked"
    DEFERRED = "deferred"


class Reason(StrEnum):
    """Why a case cannot be finished at a question."""

    MISSING = "missing"
    CONSTRAINT = "constraint"


@dataclass(frozen=True, slots=True)
class Blocker:
    """The question to jump to, and why."""

    question: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class QuestionState:
    """A question in an evaluation: `required` must still be answered before finishing, `optional` may be left out."""

    id: str
    state: State
    required: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a set of answers means; everything a screen shows is in here.

    `outcome` is the id of the outcome: as soon as it is `settled`, or once nothing required is left to ask.
    `grade` is what is certain so far (the gravest rule that holds), None while nothing is. `possible` are the
    outcomes that can still come true, gravest first. `rules` is the truth of each outcome's rule.
    """

    questions: tuple[QuestionState, ...]
    current: str | None
    outcome: str | None
    settled: bool
    grade: Grade | None
    emergency: str | None
    possible: tuple[str, ...]
    adds: tuple[Add, ...]
    blockers: tuple[Blocker, ...]
    rules: tuple[Truth, ...]

    @property
    def ready(self) -> bool:
        """Whether the case can be finished."""
        return self.outcome is not None and not self.blockers

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions that apply, answered or not, in order."""
        return tuple(item.id for item in self.questions if item.state in _ASKED)

    def state(self, question: str) -> State:
        """The state of one question. Raises KeyError for an id the flow does not have."""
        for item in self.questions:
            if item.id == question:
                return item.state
        raise KeyError(question)

    def after(self, question: str) -> str | None:
        """The next question on screen behind this one (answered ones too), None at the end."""
        return self._beside(question, 1)

    def before(self, question: str) -> str | None:
        """The question on screen before this one, None at the beginning: going back is never blocked."""
        return self._beside(question, -1)

    def _beside(self, question: str, step: int) -> str | None:
        order = [item.id for item in self.questions]
        here = order.index(question)
        ahead = self.questions[here + 1 :] if step > 0 else self.questions[:here][::-1]
        return next((item.id for item in ahead if item.state in _ASKED), None)


_ASKED = frozenset({State.OPEN, State.ANSWERED, State.UNKNOWN, State.REFUSED, State.SKIPPED})
_REACH_US = frozenset({Kind.PHONE, Kind.ADDRESS})
_NOBODY_COMES = frozenset({Dispatch.REMOTE, Dispatch.NONE})
_MARK_STATES = {Mark.UNKNOWN: State.UNKNOWN, Mark.REFUSED: State.REFUSED, Mark.SKIPPED: State.SKIPPED}


class ConstraintBroken(Invalid):
    """An answer breaks the constraint its author wrote; the message is the author's, in both languages."""

    def __init__(self, question: Question) -> None:
        self.said = question.constraint_message or Text("回答不符合要求。", "The answer does not fit.")
        super().__init__(self.said.en, field=question.id)

    def __str__(self) -> str:
        return self.said.get(language())


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the engine needs of one question, worked out beforehand; `views` are its possible states.

    `decided` questions serve the outcome: once it is settled they are optional. A block's question serves the ticket,
    and where a flow has a single outcome every question is asked for its own sake. Those of a block that asks for a
    time are about a `visit`: optional once it is settled that nobody comes.
    """

    id: str
    when: Test | None
    constraint: Test | None
    urgent: bool
    decided: bool
    visit: bool
    required: bool
    views: Mapping[State, tuple[QuestionState, QuestionState, QuestionState]]


@dataclass(frozen=True, slots=True)
class CompiledFlow:
    """A flow ready to run: conditions are functions, nothing is looked up by name on the way.

    Made by `compile_flow`; holds no answers and can be shared.
    """

    flow: Flow
    hash: str
    bound: Bound
    slots: Mapping[str, int]
    uses_today: bool
    plans: tuple[_Plan, ...] = field(repr=False)
    rules: tuple[Test, ...] = field(repr=False)
    adds: tuple[tuple[Test, Add], ...] = field(repr=False)

    def question(self, id_: str) -> Question:
        """The question with this id. Raises Invalid for one the flow does not have."""
        if id_ not in self.slots:
            word = nearest(id_, self.slots)
            raise Invalid(
                N_("The flow {flow} has no question {question}."),
                hint=N_("Did you mean “{word}”?") if word else N_("There are: {choices}"),
                flow=self.flow.id, question=id_, word=word, choices=", ".join(self.slots),
            )  # fmt: skip
        return self.flow.questions[self.slots[id_]]

    def read(self, raw: Mapping[str, Any]) -> dict[str, Value]:
        """Check answers as typed or sent, each by the type and limits of its question (constraints apart).

        Raises Invalid for the first that does not fit; its `field` is the question.
        """
        return {id_: check_value(self.question(id_), value) for id_, value in raw.items()}

    def check(
        self, id_: str, raw: Any, answers: Mapping[str, Value] | None = None, *, today: date | None = None
    ) -> Value:
        """Check one answer and its constraint, which may name the earlier `answers`. Raises Invalid."""
        question = self.question(id_)
        value = check_value(question, raw)
        constraint = self.plans[self.slots[id_]].constraint
        if constraint and not isinstance(value, Mark):
            values, _ = self._values(answers or {}, today, closing=False)
            values[self.slots[id_]] = value  # as if it were asked: it may be volunteered early
            if constraint(values) is False:
                raise ConstraintBroken(question)
        return value

    def trouble(self, blocker: Blocker) -> Invalid:
        """Why a case cannot be finished, in words; its field is the question to answer."""
        if blocker.reason is Reason.CONSTRAINT:
            return ConstraintBroken(self.question(blocker.question))
        return Invalid(N_("This question still needs an answer."), field=blocker.question)

    def evaluate(self, answers: Mapping[str, Value], *, today: date | None = None, closing: bool = False) -> Evaluation:
        """Evaluate the whole flow for checked answers (see `read`); answers to unknown ids are left alone.

        `closing` gives the outcome as if the case were finished now. `today` is the site's calendar day; a flow
        that counts days raises ValueError without it.

        What an emergency leaves unasked says nothing: its case ends in the first rule that is certain, never in one
        that holds only because a question was not asked.
        """
        values, applies = self._values(answers, today, closing=False)
        rules = tuple([rule(values) for rule in self.rules])
        outcomes = self.flow.outcomes
        emergency = self._emergency(rules)
        if closing and emergency is None:
            values, applies = self._values(answers, today, closing=True)
            rules = tuple([rule(values) for rule in self.rules])
            emergency = self._emergency(rules)
        first = next((place for place, truth in enumerate(rules) if truth), None)
        settled = first is not None and all([truth is False for truth in rules[:first]])
        nobody = first is not None and settled and outcomes[first].dispatch in _NOBODY_COMES
        states, blockers, current = self._states(answers, values, applies, settled, nobody, emergency is not None)
        outcome = None
        if first is not None and (settled or closing or (emergency is not None and not blockers)):
            outcome = outcomes[first]
        elif not blockers:
            outcome = self._final(answers, today)
        return Evaluation(
            questions=states, current=current, outcome=outcome.id if outcome else None, settled=settled,
            grade=outcome.grade if outcome else _gravest(outcomes, rules), emergency=emergency,
            possible=_possible(outcomes, rules, first), adds=tuple([add for test, add in self.adds if test(values)]),
            blockers=blockers, rules=rules,
        )  # fmt: skip

    def effective(self, answers: Mapping[str, Value], *, today: date | None = None) -> dict[str, Value]:
        """The answers that count: those whose questions apply. These are saved, counted and exported."""
        _, applies = self._values(answers, today, closing=False)
        return {
            plan.id: answers[plan.id]
            for plan, truth in zip(self.plans, applies, strict=True)
            if truth and plan.id in answers
        }

    def values(self, answers: Mapping[str, Value], *, today: date | None = None) -> list[Any]:
        """The place list that a condition compiled against `slots` reads (see `kleene.compile_node`)."""
        return self._values(answers, today, closing=False)[0]

    def _emergency(self, rules: tuple[Truth, ...]) -> str | None:
        """The first emergency rule that holds."""
        return next(
            (item.id for item, truth in zip(self.flow.outcomes, rules, strict=True) if truth and item.emergency), None
        )

    def _final(self, answers: Mapping[str, Value], today: date | None) -> Outcome | None:
        """The outcome when nothing more is going to be asked."""
        values, _ = self._values(answers, today, closing=True)
        return next((item for item, rule in zip(self.flow.outcomes, self.rules, strict=True) if rule(values)), None)

    def _values(
        self, answers: Mapping[str, Value], today: date | None, *, closing: bool
    ) -> tuple[list[Any], list[Truth]]:
        """The place list that conditions read (an answer stands in it only where its question applies), and whether
        each question applies. `closing` takes open questions without an answer as not asked."""
        if today is None and self.uses_today:
            raise ValueError(f"the flow {self.flow.id} counts days: it needs today's date")
        missing = NOT_ASKED if closing else PENDING
        values: list[Any] = [PENDING] * len(self.plans)
        values.append(today)
        applies: list[Truth] = []
        for place, plan in enumerate(self.plans):
            truth = True if plan.when is None else plan.when(values)
            applies.append(truth)
            if truth:
                value = answers.get(plan.id, missing)
                if value is Mark.SKIPPED:  # passing over a required question decides nothing
                    value = missing if plan.required else NOT_ASKED
                values[place] = value
            elif truth is False:
                values[place] = NOT_ASKED
        return values, applies

    def _states(
        self,
        answers: Mapping[str, Value],
        values: list[Any],
        applies: list[Truth],
        settled: bool,
        nobody: bool,
        emergency: bool,
    ) -> tuple[tuple[QuestionState, ...], tuple[Blocker, ...], str | None]:
        """The state of every question, what stands in the way of finishing, and the question to ask now."""
        states: list[QuestionState] = []
        blockers: list[Blocker] = []
        current = left_over = None
        for plan, truth in zip(self.plans, applies, strict=True):
            answer = answers.get(plan.id)
            if not truth:
                given = answer is not None
                state = (_NOT_YET if truth is None else _NO)[given]
                states.append(plan.views[state][0])
                continue
            freed = (settled and plan.decided) or (nobody and plan.visit)
            needed = plan.required and not freed
            if answer is None or answer is Mark.SKIPPED:
                if emergency and not plan.urgent:
                    states.append(plan.views[State.DEFERRED if answer is None else State.SKIPPED][0])
                    continue
                states.append(plan.views[State.OPEN if answer is None else State.SKIPPED][1 if needed else 2])
                if needed:
                    blockers.append(Blocker(plan.id, Reason.MISSING))
                if answer is None:
                    if not freed:
                        current = current or plan.id
                    left_over = left_over or plan.id
                continue
            state = _MARK_STATES[answer] if isinstance(answer, Mark) else State.ANSWERED
            states.append(plan.views[state][0])
            waits = emergency and not plan.urgent  # an emergency is not held up by what it does not ask
            if plan.constraint and state is State.ANSWERED and not waits and plan.constraint(values) is False:
                blockers.append(Blocker(plan.id, Reason.CONSTRAINT))
        return tuple(states), tuple(blockers), current or (blockers[0].question if blockers else left_over)


_NOT_YET = (State.PENDING, State.EARLY)
_NO = (State.NOT_APPLICABLE, State.PARKED)


def compile_flow(flow: Flow) -> CompiledFlow:
    """Compile a flow. Raises FlowInvalid where ids clash or a condition cannot be read, named or typed."""
    bound = bind(flow)
    findings = [*duplicates(flow), *bound.findings]
    if findings:
        raise FlowInvalid(flow.id, findings)
    slots = {question.id: place for place, question in enumerate(flow.questions)}

    visits = {question.block for question in flow.questions if question.type is Kind.TIME_SLOT and question.block}
    decides = any(not outcome.otherwise for outcome in flow.outcomes)

    def test(node: Node | None) -> Test | None:
        return None if node is None else compile_node(node, slots)

    return CompiledFlow(
        flow=flow, hash=content_hash(flow), bound=bound, slots=slots,
        uses_today=any(atom.operand.function == "days_since" for node in bound.conditions() for atom in atoms(node)),
        plans=tuple(
            _Plan(
                question.id, test(bound.whens[place]), test(bound.constraints[place]),
                urgent=question.safety or question.type in _REACH_US, decided=decides and question.block is None,
                visit=question.block in visits, required=question.required, views=_views(question.id),
            )
            for place, question in enumerate(flow.questions)
        ),
        rules=tuple(
            test(node) or ((lambda _: True) if outcome.otherwise else (lambda _: False))
            for outcome, node in zip(flow.outcomes, bound.rules, strict=True)
        ),
        adds=tuple(
            (compile_node(node, slots), add) for add, node in zip(flow.adds, bound.adds, strict=True) if node
        ),
    )  # fmt: skip


def duplicates(flow: Flow) -> list[Finding]:
    """Ids used twice: questions (blocks included), outcomes, choices of a question."""
    groups: list[tuple[Path, list[str]]] = [
        (("questions",), [question.id for question in flow.questions]),
        (("outcomes",), [outcome.id for outcome in flow.outcomes]),
    ]
    groups.extend(
        (("questions", place, "choices"), [choice.id for choice in question.choices])
        for place, question in enumerate(flow.questions)
    )
    found: list[Finding] = []
    for path, ids in groups:
        seen: set[str] = set()
        for place, id_ in enumerate(ids):
            if id_ in seen:
                found.append(
                    error("duplicate-id", N_("The id {id} is used twice."), path=(*path, place, "id"), item=id_, id=id_)
                )
            seen.add(id_)
    return found


def _views(id_: str) -> dict[State, tuple[QuestionState, QuestionState, QuestionState]]:
    return {
        state: (
            QuestionState(id_, state),
            QuestionState(id_, state, required=True),
            QuestionState(id_, state, optional=True),
        )
        for state in State
    }


def _gravest(outcomes: tuple[Outcome, ...], rules: tuple[Truth, ...]) -> Grade | None:
    holding = [item.grade for item, truth in zip(outcomes, rules, strict=True) if truth and not item.otherwise]
    return min(holding, key=lambda grade: grade.rank) if holding else None


def _possible(outcomes: tuple[Outcome, ...], rules: tuple[Truth, ...], first: int | None) -> tuple[str, ...]:
    """Outcomes not yet ruled out; behind a rule that holds nothing can come true any more."""
    last = len(outcomes) if first is None else first + 1
    return tuple([outcomes[place].id for place in range(last) if rules[place] is not False])
