"""Why a question is asked and why an outcome holds; where one can jump; what differs between two versions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from deskapp.domain.flow.condition import And, Node, Not, Or, atoms, references, render
from deskapp.domain.flow.engine import CompiledFlow
from deskapp.domain.flow.kleene import Truth, compile_node
from deskapp.domain.flow.model import Flow, to_data
from deskapp.domain.flow.values import Value


@dataclass(frozen=True, slots=True)
class Part:
    """One comparison of a condition: whether it holds, and the question it looks at."""

    text: str
    truth: Truth
    question: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something is asked or holds: its condition (empty: always), the truth of it and of each comparison.

    `because` are the parts that make the truth what it is: those of the true branches of a true condition, of the
    false ones of a false condition, and the unanswered ones of a condition not known yet.
    """

    item: str
    condition: str
    truth: Truth
    parts: tuple[Part, ...]
    because: tuple[Part, ...]


def why_asked(
    compiled: CompiledFlow, question: str, answers: Mapping[str, Value], *, today: date | None = None
) -> Explanation:
    """Why a question is asked, or not. Raises Invalid for a question the flow does not have."""
    source = compiled.question(question)
    node = compiled.bound.whens[compiled.slots[question]]
    return _explain(compiled, question, source.when, node, answers, today)


def why_outcome(
    compiled: CompiledFlow, outcome: str, answers: Mapping[str, Value], *, today: date | None = None
) -> Explanation:
    """Why the rule of an outcome holds, or not. Raises KeyError for an outcome the flow does not have."""
    for item, node in zip(compiled.flow.outcomes, compiled.bound.rules, strict=True):
        if item.id == outcome:
            return _explain(compiled, outcome, item.when, node, answers, today)
    raise KeyError(outcome)


def _explain(
    compiled: CompiledFlow, item: str, source: str | None, node: Node | None, answers: Mapping[str, Value],
    today: date | None,
) -> Explanation:  # fmt: skip
    if node is None:
        return Explanation(item, "", True, (), ())
    values = compiled.values(answers, today=today)

    def truth(tree: Node) -> Truth:
        return compile_node(tree, compiled.slots)(values)

    def part(atom: Node) -> Part:
        return Part(render(atom), truth(atom), next(iter(references(atom))))

    def because(tree: Node, wanted: Truth) -> Iterator[Part]:
        if isinstance(tree, Not):
            yield from because(tree.node, None if wanted is None else not wanted)
        elif isinstance(tree, And | Or):
            for branch in tree.nodes:
                if truth(branch) is wanted:
                    yield from because(branch, wanted)
        elif truth(tree) is wanted:
            yield part(tree)

    found = truth(node)
    return Explanation(
        item, source or "", found, tuple(part(atom) for atom in atoms(node)), tuple(because(node, found))
    )


@dataclass(frozen=True, slots=True)
class JumpTarget:
    """A question, or one of its choices, with every text a person may look for it by."""

    question: str
    choice: str | None
    texts: tuple[str, ...]


def jump_targets(flow: Flow) -> tuple[JumpTarget, ...]:
    """Everywhere one can jump to in a flow: each question by label and synonyms, each choice likewise."""
    found: list[JumpTarget] = []
    for question in flow.questions:
        words = question.synonyms
        label = question.label
        found.append(JumpTarget(question.id, None, _distinct(label.zh, label.en, *words.zh, *words.en, question.id)))
        found.extend(
            JumpTarget(
                question.id, choice.id,
                _distinct(choice.label.zh, choice.label.en, *choice.synonyms.zh, *choice.synonyms.en),
            )
            for choice in question.choices
        )  # fmt: skip
    return tuple(found)


def _distinct(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between two versions: a question or outcome `added`, `removed`, `moved` or `changed` in fields."""

    kind: str
    group: str
    id: str
    fields: tuple[str, ...] = ()


def diff_flows(old: Flow, new: Flow) -> tuple[Change, ...]:
    """What differs between two versions of a flow, in the order of the new one, removals last."""
    before, after = to_data(old), to_data(new)
    heads = tuple(
        key for key in sorted({*before, *after})
        if key not in {"questions", "outcomes", "adds", "tests"} and before.get(key) != after.get(key)
    )  # fmt: skip
    found = [Change("changed", "flow", new.id, heads)] if heads else []
    for group in ("questions", "outcomes"):
        found += _diff_items(group, before[group], after[group])
    if before.get("adds") != after.get("adds"):
        found.append(Change("changed", "adds", "adds"))
    return tuple(found)


def _diff_items(group: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[Change]:
    before = {item["id"]: item for item in old}
    after = {item["id"]: item for item in new}
    order = [id_ for id_ in before if id_ in after]
    again = [id_ for id_ in after if id_ in before]
    for id_, item in after.items():
        if id_ not in before:
            yield Change("added", group, id_)
            continue
        fields = tuple(sorted(key for key in {*item, *before[id_]} if item.get(key) != before[id_].get(key)))
        if fields:
            yield Change("changed", group, id_, fields)
        elif order.index(id_) != again.index(id_):
            yield Change("moved", group, id_)
    for id_ in before:
        if id_ not in after:
            yield Change("removed", group, id_)
