"""The shipped flows: clean, tested, every outcome reached, in any order and with any going back."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.flow import CompiledFlow, State, lint
from deskapp.services.flow_files import PACK, check_flow, flow_paths, load_flow, run_tests
from deskapp.services.flow_schema import FlowDoc

WITNESSES: dict[str, dict[str, dict[str, Any]]] = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"]
NAMES = [path.stem for path in flow_paths([PACK])]


@cache
def shipped(name: str) -> CompiledFlow:
    return load_flow(PACK / f"{name}.yaml")


def test_twelve_flows_are_shipped_and_each_has_its_witnesses() -> None:
    assert len(NAMES) == 12
    assert sorted(WITNESSES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_flow_is_clean_and_its_tests_pass(name: str) -> None:
    file = check_flow(PACK / f"{name}.yaml")
    assert [str(item) for item in file.findings] == []
    results = run_tests(shipped(name))
    assert len(results) >= 3
    assert [(item.name, item.differences) for item in results if not item.passed] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_outcome_is_reached_by_its_witness(name: str) -> None:
    compiled = shipped(name)
    assert set(WITNESSES[name]) == {outcome.id for outcome in compiled.flow.outcomes}
    walked = lint(compiled.flow).exploration
    assert walked is not None
    for id_, raw in WITNESSES[name].items():
        for answers in (compiled.read(raw), walked.witnesses[id_]):
            evaluation = compiled.evaluate(answers)
            assert (evaluation.outcome, evaluation.settled) == (id_, True)
            assert set(compiled.effective(answers)) == set(answers)


WITNESS = st.sampled_from([(name, id_) for name in NAMES for id_ in WITNESSES[name]])


@settings(max_examples=80, deadline=None)
@given(WITNESS, st.data())
def test_answers_in_any_order_give_the_same_outcome(witness: tuple[str, str], data: st.DataObject) -> None:
    name, id_ = witness
    compiled = shipped(name)
    answers = compiled.read(WITNESSES[name][id_])
    given_so_far: dict[str, Any] = {}
    for question in data.draw(st.permutations(list(answers))):
        given_so_far[question] = answers[question]
        evaluation = compiled.evaluate(given_so_far)
        assert id_ in evaluation.possible
        assert all(
            item.state not in (State.OPEN, State.DEFERRED) for item in evaluation.questions if item.id in given_so_far
        )
    assert evaluation.outcome == id_


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_going_back_never_loses_an_answer_nor_evaluates_a_parked_one(name: str, data: st.DataObject) -> None:
    compiled = shipped(name)
    answers: dict[str, Any] = {}
    deciding = [question for question in compiled.flow.questions if question.options or question.type == "integer"]
    for _ in range(data.draw(st.integers(3, 25))):
        evaluation = compiled.evaluate(answers)
        here = evaluation.current
        if here is None or data.draw(st.booleans()):
            here = data.draw(st.sampled_from(deciding)).id  # anywhere: back, or ahead of the questions
        answers[here] = data.draw(answer_to(compiled, here))
        after = compiled.evaluate(answers)
        held = {item.id for item in after.questions if item.state in (State.PARKED, State.EARLY)}
        kept = {item.id for item in after.questions if item.state is State.ANSWERED}
        assert held | kept == set(answers)
        assert after == _without(compiled, answers, held, after)
        assert compiled.effective(answers) == {id_: answers[id_] for id_ in answers if id_ in kept}


def answer_to(compiled: CompiledFlow, id_: str) -> st.SearchStrategy[Any]:
    question = compiled.question(id_)
    if question.options:
        raws: list[Any] = [choice.id for choice in question.options]
    else:
        raws = [question.min, question.max] if question.min is not None else [SAMPLES[question.type]]
    return st.sampled_from([compiled.read({id_: raw})[id_] for raw in raws])


def _without(compiled: CompiledFlow, answers: dict[str, Any], held: set[str], after: Any) -> Any:
    """The evaluation without the held answers, its states put back: nothing else may differ."""
    bare = compiled.evaluate({id_: value for id_, value in answers.items() if id_ not in held})
    return replace(bare, questions=after.questions)


SAMPLES = {
    "phone": "13800138000", "text": "x", "address": "x", "serial": "SN-1", "date": "2026-05-04",
    "time_slot": "2026-07-01 09:00-11:00", "decimal": "40",
}  # fmt: skip


def test_the_shipped_schema_is_the_one_that_checks() -> None:
    assert json.loads((PACK / "flow.schema.json").read_text("utf-8")) == FlowDoc.model_json_schema()
