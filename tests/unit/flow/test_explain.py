"""Why something is asked, what changed, how it is drawn."""

from xml.etree import ElementTree

from deskapp.domain.flow import Mark, from_data, to_data
from deskapp.domain.flow.changes import Change, diff_flows
from deskapp.domain.flow.explain import why_asked, why_outcome
from deskapp.domain.flow.graph import as_mermaid, as_svg, as_text
from tests.flow_builder import compiled, emergency, outcome, question, text

FLOW = compiled(
    question("a", "select_one", "x y"), question("b", safety=True),
    question("c", when="a == x and (b == yes or not b != unknown)"),
    outcomes=[emergency("leave", "b == yes"), outcome("mild", "c == yes and a in [x, y]"), outcome("rest")],
)  # fmt: skip


def test_why_names_the_comparisons_that_decide() -> None:
    def because(**answers: object) -> tuple[object, list[str]]:
        why = why_asked(FLOW, "c", answers)  # type: ignore[arg-type]
        return why.truth, [part.text for part in why.because]

    assert because() == (None, ["a == x", "b == yes", "b != unknown"])
    assert because(a="x") == (None, ["b == yes", "b != unknown"])
    assert because(a="y") == (False, ["a == x"])
    assert because(a="x", b=Mark.UNKNOWN) == (True, ["a == x", "b != unknown"])
    assert why_asked(FLOW, "a", {}).truth is True
    assert [part.truth for part in why_outcome(FLOW, "mild", {"a": "x"}).parts] == [None, True]


def test_a_diff_tells_what_was_added_removed_moved_and_changed() -> None:
    old = FLOW.flow
    data = to_data(old)
    first, second, third = data["questions"]
    data["questions"] = [second, first, {**third, "when": "a == x"}, question("d")]
    data["outcomes"] = data["outcomes"][1:]
    data["title"] = text("new")
    assert diff_flows(old, from_data(data)) == (
        Change("changed", "flow", "f", ("title",)),
        Change("moved", "questions", "b"),
        Change("moved", "questions", "a"),
        Change("changed", "questions", "c", ("when",)),
        Change("added", "questions", "d"),
        Change("removed", "outcomes", "leave"),
    )
    assert diff_flows(old, old) == ()


def test_a_flow_is_drawn_three_ways() -> None:
    assert "when a == x and (b == yes or not b != unknown)" in as_text(FLOW.flow, "en")
    assert 'q_a -->|"== x"| q_c' in as_mermaid(FLOW.flow, "en")
    assert 'q_b -->|"== yes, not != unknown"| q_c' in as_mermaid(FLOW.flow, "en")
    root = ElementTree.fromstring(as_svg(from_data({**to_data(FLOW.flow), "title": {"zh": "<&>", "en": "x"}}), "zh"))
    texts = [node.text for node in root.iter() if node.text]
    assert "<&>" in texts
    assert "leave中" in texts
