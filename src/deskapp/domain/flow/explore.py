"""Walk every path of a flow: each question by one answer for each way its conditions can tell answers apart.

The walk goes from question to question and keeps, instead of the answers, what they have left of the conditions: the
rules and the later `when`s with the answered parts replaced by true and false. Paths that leave the same remainder
are walked on as one, so that the number of paths does not matter, only the number of different remainders.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from deskapp.domain.flow.candidates import candidates
from deskapp.domain.flow.condition import And, Atom, Compare, Node, Not, Or, literals
from deskapp.domain.flow.engine import CompiledFlow
from deskapp.domain.flow.kleene import NOT_ASKED, PENDING, compile_node
from deskapp.domain.flow.model import Mark, Question
from deskapp.domain.flow.values import Value, plain_value

MAX_WORK = 8_000_000  # conditions looked at: some seconds, where the shipped flows take less than one together
ANY_DAY = date(2026, 6, 15)


@dataclass(frozen=True, slots=True)
class Exploration:
    """What can happen in a flow.

    `witnesses` has the shortest answers that reach each outcome, `asked` the questions that some path asks,
    `no_outcome` answers that reach none, `unsafe_green` for each green outcome the answers that reach it although a
    safety question was answered with unknown. `complete` is False when the flow is too large to walk.
    """

    witnesses: Mapping[str, Mapping[str, Value]]
    asked: frozenset[str]
    no_outcome: Mapping[str, Value] | None
    unsafe_green: Mapping[str, Mapping[str, Value]]
    states: int
    complete: bool


def explore(compiled: CompiledFlow, *, today: date = ANY_DAY) -> Exploration:
    """Walk all paths of a flow by representative answers; `today` only anchors the dates among them."""
    return _Walk(compiled, today).run()


@dataclass(frozen=True, slots=True)
class _Trail:
    """The answers that led to a state, as a list that shares its beginning with other trails."""

    length: int = 0
    question: str = ""
    value: Value = ""
    previous: "_Trail | None" = None

    def answers(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        trail: _Trail | None = self
        while trail is not None and trail.question:
            found[trail.question] = trail.value
            trail = trail.previous
        return dict(reversed(found.items()))


Truths = tuple[tuple[int, bool], ...]  # what a value makes of the atoms about its question
# rules up to the first that holds, what is left of later whens and constraints, whether safety is in doubt
_State = tuple[tuple[int, ...], tuple[int, ...], bool]
_FALSE, _TRUE = 0, 1
_DOUBTS = (Mark.UNKNOWN, Mark.REFUSED, Mark.SKIPPED)


@dataclass(slots=True)
class _Walk:
    compiled: CompiledFlow
    today: date
    nodes: "_Nodes" = field(init=False)
    asked: set[str] = field(default_factory=set)
    states: int = 0
    work: int = 0

    def run(self) -> Exploration:
        flow, bound = self.compiled.flow, self.compiled.bound
        self.nodes = _Nodes(self.compiled)
        rules = [
            _TRUE if outcome.otherwise else _FALSE if node is None else self.nodes.add(node)
            for outcome, node in zip(flow.outcomes, bound.rules, strict=True)
        ]
        # Two conditions for each question still ahead: whether it is asked, whether its answer is allowed.
        ahead: list[int] = []
        for when, constraint in zip(bound.whens, bound.constraints, strict=True):
            ahead += [_TRUE if node is None else self.nodes.add(node) for node in (when, constraint)]
        layer: dict[_State, _Trail] = {(_cut(rules), tuple(ahead), False): _Trail()}
        for place, question in enumerate(flow.questions):
            layer = self.step(place, question, layer)
            if self.work > MAX_WORK:
                return Exploration({}, frozenset(self.asked), None, {}, self.states, complete=False)
        return self.result(layer)

    def step(self, place: int, question: Question, layer: dict[_State, _Trail]) -> dict[_State, _Trail]:
        """Answer one question in every way that matters, in every state."""
        ways = self.nodes.ways(place, question, self.today)
        not_asked = self.nodes.truths(place, NOT_ASKED, self.today)
        told_apart: dict[frozenset[int], list[tuple[Value, Truths]]] = {}
        following: dict[_State, _Trail] = {}
        for (rules, ahead, doubt), trail in layer.items():
            if self.work > MAX_WORK:
                break
            asked, allowed, *rest = ahead
            options: list[tuple[Value | None, Truths]] = [(None, not_asked)]
            if asked == _TRUE:
                self.asked.add(question.id)
                # Answers that differ only for conditions decided already are one.
                alive = self.nodes.alive(place, (*rules, *ahead))
                if alive not in told_apart:
                    told_apart[alive] = _told_apart(ways, question, alive)
                    self.work += len(ways)
                options = [
                    (value, truths) for value, truths in told_apart[alive]
                    if isinstance(value, Mark) or self.nodes.put(allowed, place, truths) != _FALSE
                ]  # fmt: skip
            self.work += len(options) * (len(rules) + len(rest))
            for value, truths in options:
                in_doubt = doubt or (question.safety and value in _DOUBTS)
                state = (
                    _cut([self.nodes.put(rule, place, truths) for rule in rules]),
                    tuple([self.nodes.put(item, place, truths) for item in rest]),
                    in_doubt,
                )
                longer = trail if value is None else _Trail(trail.length + 1, question.id, value, trail)
                known = following.get(state)
                if known is None or longer.length < known.length:
                    following[state] = longer
        self.states += len(following)
        return following

    def result(self, layer: dict[_State, _Trail]) -> Exploration:
        flow = self.compiled.flow
        best: dict[str, _Trail] = {}
        unsafe: dict[str, _Trail] = {}
        nowhere: _Trail | None = None
        for (rules, _, doubt), trail in layer.items():
            if not rules or rules[-1] != _TRUE:
                nowhere = nowhere or trail
                continue
            outcome = flow.outcomes[len(rules) - 1]
            if outcome.id not in best or trail.length < best[outcome.id].length:
                best[outcome.id] = trail
            if doubt and outcome.grade == "green":
                unsafe.setdefault(outcome.id, trail)
        return Exploration(
            witnesses={outcome.id: best[outcome.id].answers() for outcome in flow.outcomes if outcome.id in best},
            asked=frozenset(self.asked), no_outcome=nowhere.answers() if nowhere else None,
            unsafe_green={id_: trail.answers() for id_, trail in unsafe.items()}, states=self.states, complete=True,
        )  # fmt: skip


def _cut(rules: list[int]) -> tuple[int, ...]:
    """Rules up to the first that holds: those behind it cannot be reached any more."""
    return tuple(rules[: rules.index(_TRUE) + 1] if _TRUE in rules else rules)


def _told_apart(
    ways: Iterable[tuple[Value, Truths]], question: Question, alive: frozenset[int] | None = None
) -> list[tuple[Value, Truths]]:
    """Of answers that the atoms (only those `alive`, if given) cannot tell apart the first.

    A doubt about safety is a difference even where no condition names it; and a constraint holds for values alone.
    """
    found: dict[object, tuple[Value, Truths]] = {}
    for value, truths in ways:
        known = truths if alive is None else tuple([item for item in truths if item[0] in alive])
        free = question.constraint is not None and isinstance(value, Mark)
        found.setdefault((known, free, question.safety and value in _DOUBTS), (value, truths))
    return list(found.values())


class _Nodes:
    """Condition trees as numbers, equal trees under one number, so that remainders compare at once."""

    def __init__(self, compiled: CompiledFlow) -> None:
        self.compiled = compiled
        self.table: list[tuple[str, tuple[int, ...]]] = [("false", ()), ("true", ())]
        self.numbers: dict[tuple[str, tuple[int, ...]], int] = {key: i for i, key in enumerate(self.table)}
        self.places: list[frozenset[int]] = [frozenset(), frozenset()]
        self.atoms: dict[int, list[int]] = {}
        self.known_atoms: dict[int, Atom] = {}
        self.tests: dict[int, Any] = {}
        self.names: dict[str, int] = {}
        self.memo: dict[tuple[int, Truths], int] = {}
        self.atoms_in: dict[int, frozenset[int]] = {}

    def add(self, node: Node) -> int:
        match node:
            case And(items):
                return self.join("and", [self.add(item) for item in items])
            case Or(items):
                return self.join("or", [self.add(item) for item in items])
            case Not(item):
                return self.invert(self.add(item))
        key = repr(_shape(node))
        name = self.names.setdefault(key, len(self.names))
        place = self.compiled.slots[node.operand.question]
        number = self.number("atom", (name,), frozenset({place}))
        if number not in self.tests:
            self.tests[number] = compile_node(node, self.compiled.slots)
            self.known_atoms[number] = node
            self.atoms.setdefault(place, []).append(number)
        return number

    def number(self, kind: str, parts: tuple[int, ...], places: frozenset[int]) -> int:
        key = (kind, parts)
        if key not in self.numbers:
            self.numbers[key] = len(self.table)
            self.table.append(key)
            self.places.append(places)
        return self.numbers[key]

    def join(self, kind: str, parts: list[int]) -> int:
        decides, nothing = (_FALSE, _TRUE) if kind == "and" else (_TRUE, _FALSE)
        rest = sorted({part for part in parts if part != nothing})
        if decides in rest:
            return decides
        if not rest:
            return nothing
        if len(rest) == 1:
            return rest[0]
        return self.number(kind, tuple(rest), frozenset().union(*(self.places[part] for part in rest)))

    def invert(self, part: int) -> int:
        if part in (_FALSE, _TRUE):
            return 1 - part
        kind, inner = self.table[part]
        return inner[0] if kind == "not" else self.number("not", (part,), self.places[part])

    def put(self, number: int, place: int, truths: Truths) -> int:
        """What is left of a tree once the question at `place` has made its atoms true or false."""
        if place not in self.places[number]:
            return number
        key = (number, truths)
        if key not in self.memo:
            kind, parts = self.table[number]
            if kind == "atom":
                self.memo[key] = int(dict(truths)[number])
            elif kind == "not":
                self.memo[key] = self.invert(self.put(parts[0], place, truths))
            else:
                self.memo[key] = self.join(kind, [self.put(part, place, truths) for part in parts])
        return self.memo[key]

    def alive(self, place: int, numbers: Iterable[int]) -> frozenset[int]:
        """The atoms about one question that are left in trees."""
        here = [self._atoms(number) for number in numbers if place in self.places[number]]
        return frozenset().union(*here).intersection(self.atoms.get(place, ()))

    def _atoms(self, number: int) -> frozenset[int]:
        if number not in self.atoms_in:
            kind, parts = self.table[number]
            self.atoms_in[number] = (
                frozenset({number}) if kind == "atom" else frozenset().union(*(self._atoms(part) for part in parts))
            )
        return self.atoms_in[number]

    def truths(self, place: int, value: object, today: date) -> Truths:
        """What a value of one question makes of each atom about it."""
        values: list[Any] = [PENDING] * len(self.compiled.slots)
        values[place] = NOT_ASKED if value is Mark.SKIPPED else value
        values.append(today)
        return tuple((number, bool(self.tests[number](values))) for number in self.atoms.get(place, ()))

    def ways(self, place: int, question: Question, today: date) -> list[tuple[Value, Truths]]:
        """One answer for each set of answers that the conditions cannot tell apart."""
        about = [self.known_atoms[number] for number in self.atoms.get(place, ())]
        conditions = self.compiled.bound.conditions()
        return _told_apart(
            ((value, self.truths(place, value, today)) for value in candidates(question, about, conditions, today)),
            question,
        )


def _shape(atom: Atom) -> object:
    operand = (atom.operand.question, atom.operand.function)
    words = [(item.value, item.quoted) for item in literals(atom)]
    return type(atom).__name__, operand, atom.op if isinstance(atom, Compare) else "", words


def path_text(answers: Mapping[str, Value]) -> str:
    """Answers as `a=yes, b=3`, for messages."""
    return ", ".join(f"{id_}={plain_value(value)}" for id_, value in answers.items())
