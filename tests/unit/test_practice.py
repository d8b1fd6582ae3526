"""The scripted caller is repeatable, honest and difficult; a rehearsal's score follows its rules."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import CompiledFlow, Mark
from deskapp.domain.flow.draft import How
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.practice import Script, Step, callers, make_script, score
from deskapp.domain.rehearsal import Rehearsal
from deskapp.services.flow_files import PACK, flow_paths, load_flow

START = datetime(2026, 11, 22, 1, tzinfo=UTC)
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
        told = {reply.question for reply in script.opening}
        for id_, reply in script.replies.items():
            if id_ in told:
                assert script.answer(id_, 1).en == f"As I said: {reply.clear.en}"
                continue
            assert script.answer(id_, 2) == reply.clear
            if script.answer(id_, 1) != reply.clear:
                vague += 1
                assert not compiled.question(id_).safety
    assert vague > 0
    assert script.answer("order_no", 1).en.startswith("I really don't know")


def test_faults_cost_what_the_rules_say() -> None:
    compiled, script = rehearsal("washer-noise", "bearing")
    steps = perfect(script)
    slow = score(compiled, script, steps, seconds=90)
    assert (slow.points, slow.passed) == (95, True)
    many = [Step(step.question, step.value, 2.0, 6, step.how) for step in steps]
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


@pytest.mark.parametrize("name", [path.stem for path in flow_paths([PACK])])
def test_every_outcome_has_a_caller_whose_words_lead_to_it_through_the_guide(name: str) -> None:
    compiled = shipped(name)
    found = callers(compiled)
    assert {caller.outcome for caller in found} == {outcome.id for outcome in compiled.flow.outcomes}
    for seed, caller in enumerate(found):
        script = make_script(compiled, compiled.read(caller.answers), seed=seed, today=caller.today)
        session = GuidedSession(compiled, by="new", started_at=START, today=caller.today or START.date())
        rehearsal = Rehearsal(session, script)
        assert not {"phone", "address", "model"} & {reply.question for reply in script.opening}
        for reply in script.opening:
            session.give(reply.value, START, question=reply.question)
        while (here := session.here) and not session.evaluation.settled:
            reply = script.replies.get(here)
            while rehearsal.ask() != (reply.clear if reply else script.answer(here, 1)):
                assert rehearsal.times_asked(here) < 3, "nobody has to be asked a third time"
            session.keys += 1
            session.give(reply.value if reply else Mark.UNKNOWN, START + timedelta(seconds=40))
            session.script = ()
        rehearsal.follow()
        result = rehearsal.score(START + timedelta(seconds=40))
        assert (result.outcome, result.missed, result.wrong, result.asked_again) == (caller.outcome, (), (), ())
        assert result.passed and result.seconds == 40.0


def test_asking_again_what_was_said_and_guessing_is_seen_and_typed_words_need_only_mean_the_same() -> None:
    compiled, script = rehearsal("washer-noise", "bearing", 3)
    session = GuidedSession(compiled, by="new", started_at=START, today=START.date())
    rehearsed = Rehearsal(session, script)
    assert [line.by_caller for line in rehearsed.spoken] == [True] * len(script.opening)
    told = script.opening[0].question
    session.go(told)
    assert rehearsed.ask().en.startswith("As I said")
    session.give(script.replies[told].value, START)
    session.go("moved")
    choices = [choice.id for choice in compiled.question("moved").options]
    session.give(next(id_ for id_ in choices if id_ != script.replies["moved"].value), START)
    rehearsed.follow()
    rehearsed.follow()
    result = rehearsed.score(START)
    assert (result.asked_again, result.wrong, len(rehearsed.steps)) == ((told,), ("moved",), 2)
    phone = Step("caller_name", "wang  FANG 王芳", 1, 1)
    assert score(compiled, script, [phone], seconds=1).wrong == ("caller_name",)
    same = Step("caller_name", "王芳 WANG-FANG", 1, 1)
    assert score(compiled, script, [same], seconds=1).wrong == ()


def test_answers_that_settle_nothing_make_no_caller() -> None:
    compiled = shipped("washer-noise")
    with pytest.raises(Invalid, match="settle no outcome"):
        make_script(compiled, {"burnt_smell": "no"}, seed=1)
