"""The scripted caller is repeatable, honest and difficult; a rehearsal's score follows its rules."""

import json
from functools import cache
from typing import Any

import pytest

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import CompiledFlow
from deskapp.domain.flow.draft import How
from deskapp.domain.practice import Script, Step, make_script, score
from deskapp.services.flow_files import PACK, flow_paths, load_flow

WITNESSES: dict[str, dict[str, dict[str, Any]]] = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"]


@cache
def shipped(name: str) -> CompiledFlow:
    return load_flow(PACK / f"{name}.yaml")


def rehearsal(name: str, outcome: str, seed: int = 1) -> tuple[CompiledFlow, Script]:
    compiled = shipped(name)
    return compiled, make_script(compiled, compiled.read(WITNESSES[name][outcome]), seed=seed)


def perfect(script: Script) -> list[Step]:
    volunteered = {reply.question for reply in script.opening}
    return [
        Step(id_, script.replies[id_].value, 2.0, 1, How.VOLUNTEERED if id_ in volunteered else How.ASKED)
        for id_ in script.needed
    ]


@pytest.mark.parametrize("name", [path.stem for path in flow_paths([PACK])])
def test_asking_what_is_needed_and_no_more_gives_the_outcome_and_full_points(name: str) -> None:
    for outcome in WITNESSES[name]:
        compiled, script = rehearsal(name, outcome)
        result = score(compiled, script, perfect(script), seconds=40)
        assert (result.outcome, result.points, result.passed) == (outcome, 100, True)
        assert (result.missed, result.wrong, result.asked_again) == ((), (), ())


def test_the_same_seed_is_the_same_caller_and_callers_differ() -> None:
    scripts = [rehearsal("washer-noise", "bearing", seed)[1] for seed in (*range(20), 3)]
    assert scripts[3] == scripts[20]
    assert len({tuple(reply.question for reply in script.opening) for script in scripts}) > 3
    assert all(1 <= len(script.opening) <= 2 for script in scripts)


def test_a_vague_caller_becomes_clear_when_asked_again_and_is_never_vague_about_danger() -> None:
    vague = 0
    for seed in range(30):
        compiled, script = rehearsal("washer-noise", "bearing", seed)
        for id_, reply in script.replies.items():
            assert script.answer(id_, 2) == reply.clear
            if script.answer(id_, 1) != reply.clear:
                vague += 1
                assert not compiled.question(id_).safety
    assert vague > 0
    assert script.answer("model", 1).en.startswith("I really don't know")


def test_faults_cost_what_the_rules_say() -> None:
    compiled, script = rehearsal("washer-noise", "bearing")
    steps = perfect(script)
    slow = score(compiled, script, steps, seconds=90)
    assert (slow.points, slow.passed) == (95, True)
    many = [Step(step.question, step.value, 2.0, 5, step.how) for step in steps]
    assert score(compiled, script, many, seconds=40).points == 90
    asked = [Step(step.question, step.value, 2.0, 1) for step in steps]
    assert score(compiled, script, asked, seconds=40).asked_again == tuple(
        id_ for id_ in script.needed if id_ in {reply.question for reply in script.opening}
    )


def test_a_missed_red_fails() -> None:
    compiled, script = rehearsal("washer-noise", "motor_burning")
    result = score(compiled, script, [Step("burnt_smell", "no", 1, 1)], seconds=10)
    assert (result.passed, result.wrong) == (False, ("burnt_smell",))
    result = score(compiled, script, [], seconds=10)
    assert (result.passed, result.missed) == (False, ("burnt_smell",))


def test_answers_that_settle_nothing_make_no_caller() -> None:
    compiled = shipped("washer-noise")
    with pytest.raises(Invalid, match="settle no outcome"):
        make_script(compiled, {"burnt_smell": "no"}, seed=1)
