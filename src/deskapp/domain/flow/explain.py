"""Why a question is asked and why an outcome holds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from deskapp.domain.flow.condition import And, Node, Not, Or, atoms, references, render
from deskapp.domain.flow.engine import CompiledFlow
from deskapp.domain.flow.kleene import Truth, compile_node
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
