"""What answers make of a flow: the nine points of the intake's rules."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import (
    Blocker,
    ConstraintBroken,
    FlowInvalid,
    Grade,
    Mark,
    Reason,
    State,
    compile_flow,
    content_hash,
    from_data,
    to_data,
)  # fmt: skip
from tests.flow_builder import compiled, emergency, flow, outcome, question, text

LADDER = compiled(
    question("a", "select_one", "x y z"),
    question("b", when="a in [x, unknown]"),
    question("c", "integer", when="b == yes", min=0, max=9),
    outcomes=[outcome("first", "c >= 5", "yellow"), outcome("second", "b == no"), outcome("rest")],
)


def test_a_when_names_earlier_questions_only() -> None:
    for when in ("b == yes", "a == yes"):
        with pytest.raises(FlowInvalid) as raised:
            compiled(question("a", when=when), question("b"))
        assert [finding.code for finding in raised.value.findings] == ["forward-reference"]


def test_a_question_is_asked_only_once_it_is_certain_to_apply() -> None:
    evaluation = LADDER.evaluate({})
    assert [item.state for item in evaluation.questions] == [State.OPEN, State.PENDING, State.PENDING]
    assert (evaluation.current, evaluation.asked) == ("a", ("a",))
    evaluation = LADDER.evaluate({"a": "x"})
    assert [item.state for item in evaluation.questions] == [State.ANSWERED, State.OPEN, State.PENDING]
    evaluation = LADDER.evaluate({"a": "y"})
    assert [item.state for item in evaluation.questions][1:] == [State.NOT_APPLICABLE] * 2


def test_an_answer_no_longer_asked_is_parked_and_comes_back() -> None:
    answers = {"a": "x", "b": "yes", "c": 7}
    assert LADDER.evaluate(answers).outcome == "first"
    left = LADDER.evaluate({**answers, "a": "z"})
    assert (left.state("b"), left.state("c"), left.outcome) == (State.PARKED, State.PARKED, "rest")
    assert LADDER.effective({**answers, "a": "z"}) == {"a": "z"}
    assert LADDER.evaluate(answers).outcome == "first"


def test_unknown_refused_skipped_and_not_asked_are_different() -> None:
    states = {mark: LADDER.evaluate({"a": "x", "b": mark}).state("b") for mark in Mark}
    assert states == {Mark.UNKNOWN: State.UNKNOWN, Mark.REFUSED: State.REFUSED, Mark.SKIPPED: State.SKIPPED}
    assert LADDER.evaluate({"a": Mark.REFUSED}).state("b") is State.OPEN  # nobody knows: as for unknown
    assert LADDER.evaluate({"a": "x", "b": Mark.UNKNOWN}).outcome == "rest"
    assert LADDER.evaluate({"a": "x", "b": "yes", "c": Mark.UNKNOWN}).outcome == "rest"
    passed_over = LADDER.evaluate({"a": "x", "b": Mark.SKIPPED})
    assert (passed_over.settled, passed_over.blockers) == (False, (Blocker("b", Reason.MISSING),))


ALARM = compiled(
    question("phone", "phone", unknown=False, block="entry"),
    question("name", "text", block="entry"),
    question("where", "address", block="entry"),
    question("dizzy", safety=True),
    question("smell", safety=True),
    question("model", "text"),
    outcomes=[emergency("ambulance", "dizzy == yes"), emergency("leave", "smell == yes"), outcome("rest")],
)


def test_an_emergency_interrupts_even_while_an_earlier_rule_is_pending() -> None:
    evaluation = ALARM.evaluate({"smell": "yes"})
    assert (evaluation.emergency, evaluation.settled, evaluation.grade) == ("leave", False, Grade.RED)
    assert evaluation.possible == ("ambulance", "leave")
    assert {item.id for item in evaluation.questions if item.state is State.DEFERRED} == {"name", "model"}
    assert [item.question for item in evaluation.blockers] == ["phone", "where", "dizzy"]
    asked = {"smell": "yes", "phone": "110", "where": "road 1", "dizzy": "no"}
    done = ALARM.evaluate(asked)
    assert (done.outcome, done.ready, done.current) == ("leave", True, None)


def test_what_an_emergency_leaves_unasked_decides_nothing() -> None:
    asked = [question("old"), question("smell", safety=True)]
    rules = [outcome("replace", "old != no", "red"), emergency("leave", "smell == yes"), outcome("rest")]
    alarm = compiled(*asked, outcomes=rules)
    for closing in (False, True):
        ended = alarm.evaluate({"smell": "yes"}, closing=closing)
        assert (ended.emergency, ended.outcome, ended.state("old")) == ("leave", "leave", State.DEFERRED)
    assert alarm.evaluate({"smell": "yes", "old": "yes"}).outcome == "replace", "the gravest rule that is certain"


def test_an_emergency_is_not_held_up_by_an_answer_it_does_not_ask_for() -> None:
    alarm = compiled(
        question("a"), question("n", "integer", constraint="a == yes or n < 5", constraint_message=text("m")),
        question("smell", safety=True), outcomes=[emergency("leave", "smell == yes"), outcome("rest")],
    )  # fmt: skip
    answers = {"a": "no", "n": 7}
    assert [item.question for item in alarm.evaluate({**answers, "smell": "no"}).blockers] == ["n"]
    assert alarm.evaluate({**answers, "smell": "yes"}).ready


def test_an_answer_given_before_the_emergency_still_counts() -> None:
    alarm = compiled(
        question("flooded"), question("smell", safety=True),
        outcomes=[emergency("leave", "smell == yes or flooded == yes"), outcome("rest")],
    )  # fmt: skip
    evaluation = alarm.evaluate({"flooded": "yes"})
    assert (evaluation.emergency, evaluation.state("flooded")) == ("leave", State.ANSWERED)


def test_once_settled_the_rest_is_optional_except_the_blocks() -> None:
    settled = compiled(
        question("a"), question("b"), question("slot", "time_slot", block="visit"),
        outcomes=[
            outcome("first", "a == yes", "yellow", dispatch="visit"), outcome("second", "b == yes"), outcome("rest"),
        ],
    )  # fmt: skip
    evaluation = settled.evaluate({"a": "yes"})
    assert (evaluation.settled, evaluation.outcome, evaluation.current) == (True, "first", "slot")
    assert [(item.required, item.optional) for item in evaluation.questions[1:]] == [(False, True), (True, False)]
    assert not evaluation.ready
    evaluation = settled.evaluate({"a": "yes", "slot": "2026-06-16 09:00-11:00"})
    assert (evaluation.ready, evaluation.current) == (True, "b")


def test_once_nobody_comes_no_time_for_a_visit_has_to_be_asked() -> None:
    on_the_call = compiled(
        question("a"), question("phone", "phone", block="case_entry"), question("slot", "time_slot", block="visit"),
        question("access", "text", block="visit"),
        outcomes=[outcome("told", "a == yes", "yellow"), outcome("rest", dispatch="visit")],
    )  # fmt: skip
    evaluation = on_the_call.evaluate({"a": "yes", "phone": "123456"})
    assert evaluation.ready and evaluation.outcome == "told"
    assert [item.optional for item in evaluation.questions] == [False, False, True, True]
    assert on_the_call.evaluate({"a": "yes"}).blockers == (Blocker("phone", Reason.MISSING),), "who called still counts"
    assert not on_the_call.evaluate({"a": "no", "phone": "123456"}).ready, "somebody comes: when?"


def test_a_rule_that_holds_does_not_settle_while_an_earlier_one_is_open() -> None:
    two = compiled(
        question("a"), question("b"), outcomes=[outcome("x", "a == yes"), outcome("y", "b == yes"), outcome("z")]
    )
    evaluation = two.evaluate({"b": "yes"})
    assert (evaluation.settled, evaluation.outcome, evaluation.possible) == (False, None, ("x", "y"))
    assert two.evaluate({"a": "no", "b": "yes"}).outcome == "y"


def test_possible_outcomes_shrink() -> None:
    steps = [{}, {"a": "x"}, {"a": "x", "b": "yes"}, {"a": "x", "b": "yes", "c": 2}]
    assert [LADDER.evaluate(step).possible for step in steps] == [
        ("first", "second", "rest"), ("first", "second", "rest"), ("first", "rest"), ("rest",),
    ]  # fmt: skip


def test_an_answer_volunteered_early_waits_and_nobody_is_asked_twice() -> None:
    early = LADDER.evaluate({"c": 7})
    assert (early.state("c"), early.possible) == (State.EARLY, ("first", "second", "rest"))
    evaluation = LADDER.evaluate({"c": 7, "a": "x", "b": "yes"})
    assert (evaluation.state("c"), evaluation.outcome, evaluation.current) == (State.ANSWERED, "first", None)


def test_back_and_forward_walk_the_questions_that_apply() -> None:
    evaluation = LADDER.evaluate({"a": "x", "b": "yes"})
    assert [evaluation.before(id_) for id_ in "abc"] == [None, "a", "b"]
    assert [evaluation.after(id_) for id_ in "abc"] == ["b", "c", None]
    assert LADDER.evaluate({"a": "z"}).before("c") == "a"


def test_finishing_names_the_first_blocker_and_why() -> None:
    limited = compiled(
        question("bought", "date", constraint="days_since(bought) >= 0",
                 constraint_message={"zh": "不能晚于今天", "en": "not in the future"}),
        question("note", "text", required=False),
        question("b"),
    )  # fmt: skip
    today = date(2026, 6, 15)
    assert limited.evaluate({}, today=today).blockers == (
        Blocker("bought", Reason.MISSING), Blocker("b", Reason.MISSING),
    )  # fmt: skip
    broken = limited.evaluate({"bought": date(2026, 6, 16), "b": "no"}, today=today)
    assert broken.blockers == (Blocker("bought", Reason.CONSTRAINT),)
    assert not broken.ready
    told = [limited.trouble(Blocker("bought", reason)) for reason in Reason]
    assert [str(trouble) for trouble in told] == ["This question still needs an answer.", "not in the future"]
    assert {trouble.field for trouble in told} == {"bought"}
    assert limited.evaluate({"bought": today, "b": "no"}, today=today).ready
    with pytest.raises(ConstraintBroken, match="not in the future") as raised:
        limited.check("bought", "2026-06-16", today=today)
    assert raised.value.field == "bought"
    with pytest.raises(ValueError, match="today"):
        limited.evaluate({})


def test_an_optional_question_is_offered_in_its_turn_until_it_is_passed_over() -> None:
    offered = compiled(
        question("note", "text", required=False), question("b"), outcomes=[outcome("y", "b == yes"), outcome("z")]
    )
    assert offered.evaluate({}).current == "note"
    assert offered.evaluate({"note": Mark.SKIPPED}).current == "b"
    assert offered.evaluate({"b": "no"}).ready


def test_a_question_without_an_answer_counts_as_not_asked_when_the_case_is_closed() -> None:
    closed = compiled(question("a", required=False), outcomes=[outcome("x", "a != yes"), outcome("z")])
    assert closed.evaluate({}).possible == ("x", "z")
    assert (closed.evaluate({}).outcome, closed.evaluate({}, closing=True).outcome) == ("x", "x")


def test_adds_hold_beside_the_outcome() -> None:
    more = compiled(question("a"), adds=[{"when": "a == yes", "tools": [{"zh": "梯子", "en": "ladder"}]}])
    assert [add.tools[0].en for add in more.evaluate({"a": "yes"}).adds] == ["ladder"]
    assert more.evaluate({"a": "no"}).adds == ()


def test_an_unknown_question_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="no question aa") as raised:
        LADDER.read({"aa": "x"})
    assert "“a”" in raised.value.hint


@given(st.data())
def test_more_answers_never_take_back_what_was_settled(data: st.DataObject) -> None:
    pools = {"a": ["x", "y", "z", Mark.UNKNOWN], "b": ["yes", "no", Mark.REFUSED], "c": [1, 7, Mark.UNKNOWN]}
    answers: dict[str, object] = {}
    before = LADDER.evaluate({})
    for id_ in data.draw(st.permutations(list(pools))):
        answers[id_] = data.draw(st.sampled_from(pools[id_]))
        after = LADDER.evaluate(answers)  # type: ignore[arg-type]
        assert set(after.possible) <= set(before.possible)
        assert not before.settled or after.outcome == before.outcome
        before = after


def test_a_flow_survives_its_plain_data_and_its_hash_tells_content() -> None:
    original = LADDER.flow
    again = from_data(to_data(original))
    assert again == original
    assert compile_flow(again).hash == LADDER.hash
    assert content_hash(from_data({**to_data(original), "version": "2.0.0", "status": "published"})) == LADDER.hash
    assert content_hash(from_data({**to_data(original), "title": {"zh": "别", "en": "other"}})) != LADDER.hash


def test_ids_must_differ() -> None:
    with pytest.raises(FlowInvalid) as raised:
        compile_flow(flow(question("a"), question("a"), question("c", "select_one", "x x")))
    assert [finding.path for finding in raised.value.findings] == [
        ("questions", 1, "id"), ("questions", 2, "choices", 1, "id"),
    ]  # fmt: skip
