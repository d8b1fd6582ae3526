"""Walking paths by what they leave of the conditions finds exactly what trying every answer finds."""

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.flow import CompiledFlow, Mark, Reason, State, explore
from tests.flow_builder import compiled, outcome, question

KINDS: dict[str, tuple[dict[str, Any], list[Any], list[str]]] = {
    "select_one": (
        {"choices": "x y z"}, ["x", "y", "z", Mark.UNKNOWN, Mark.REFUSED],
        ["{} == x", "{} != y", "{} in [y, unknown]", "{} == refused", "known({})", "answered({})"],
    ),
    "integer": (
        {"min": 0, "max": 4}, [0, 1, 2, 3, 4, Mark.UNKNOWN, Mark.REFUSED],
        ["{} > 1", "{} <= 3", "{} == 2", "{} != unknown"],
    ),
    "select_multiple": (
        {"choices": "x y z"},
        [("x",), ("y",), ("z",), ("x", "y"), ("x", "z"), ("y", "z"), ("x", "y", "z"), Mark.UNKNOWN, Mark.REFUSED],
        ["{} has x", "count({}) >= 2", "count({}) == 0", "{} == unknown"],
    ),
}  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn, kinds: list[str]) -> str:
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(kinds) - 1))
        atom = draw(st.sampled_from(KINDS[kinds[place]][2])).format(f"q{place}")
        parts.append(draw(st.sampled_from(["", "not "])) + atom)
    joined = draw(st.sampled_from([" and ", " or "])).join(parts)
    return draw(st.sampled_from(["{}", "not ({})"])).format(joined)


@st.composite
def small_flows(draw: st.DrawFn) -> tuple[CompiledFlow, list[str]]:
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3))
    questions = []
    for place, kind in enumerate(kinds):
        rest: dict[str, Any] = dict(KINDS[kind][0])
        if place and draw(st.booleans()):
            rest["when"] = draw(conditions(kinds[:place]))
        if draw(st.booleans()):
            rest["constraint"] = draw(conditions(kinds[: place + 1]))
        questions.append(question(f"q{place}", kind, required=draw(st.booleans()), **rest))
    rules = [outcome(f"o{place}", draw(conditions(kinds))) for place in range(draw(st.integers(1, 3)))]
    last = [outcome("rest")] if draw(st.booleans()) else []
    return compiled(*questions, outcomes=[*rules, *last]), kinds


@settings(max_examples=80, deadline=None)
@given(small_flows())
def test_the_walk_finds_what_brute_force_finds(small: tuple[CompiledFlow, list[str]]) -> None:
    flow, kinds = small
    outcomes: set[str | None] = set()
    asked: set[str] = set()
    pools = [
        [*KINDS[kind][1], *([] if item.required else [Mark.SKIPPED])]
        for kind, item in zip(kinds, flow.flow.questions, strict=True)
    ]
    for values in product(*pools):
        evaluation = flow.evaluate({f"q{place}": value for place, value in enumerate(values)})
        if any(item.reason is Reason.CONSTRAINT for item in evaluation.blockers):
            continue
        assert evaluation.settled or evaluation.outcome is None
        outcomes.add(evaluation.outcome)
        asked.update(evaluation.asked)
    walked = explore(flow)
    assert set(walked.witnesses) == outcomes - {None}
    assert walked.asked == asked
    assert (walked.no_outcome is not None) == (None in outcomes)
    for id_, answers in walked.witnesses.items():
        assert flow.evaluate(answers).outcome == id_


@settings(max_examples=80, deadline=None)
@given(small_flows(), st.data())
def test_what_is_settled_stays_and_what_is_ruled_out_stays_out(
    small: tuple[CompiledFlow, list[str]], data: st.DataObject
) -> None:
    flow, kinds = small
    answers: dict[str, Any] = {}
    before = flow.evaluate(answers)
    for place in data.draw(st.permutations(range(len(kinds)))):
        answers[f"q{place}"] = data.draw(st.sampled_from(KINDS[kinds[place]][1]))
        after = flow.evaluate(answers)
        assert set(after.possible) <= set(before.possible)
        if before.settled:
            assert (after.settled, after.outcome) == (True, before.outcome)
        before = after
    assert not {item.state for item in before.questions} & {State.OPEN, State.PENDING, State.EARLY}
