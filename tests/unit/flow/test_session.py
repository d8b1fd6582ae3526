"""A guided call's keys in any order: the same outcome, nothing lost on the way back, resumed where it stood."""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.errors import DeskError
from deskapp.domain.flow import CompiledFlow, Mark, State
from deskapp.domain.flow.draft import How
from deskapp.domain.flow.session import GuidedSession
from deskapp.services.flow_files import PACK, load_flow
from tests.flow_builder import compiled as small
from tests.flow_builder import question as asking

NOW, TODAY = datetime(2026, 3, 2, 12, tzinfo=UTC), date(2026, 3, 2)
WITNESSES: dict[str, dict[str, dict[str, Any]]] = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"]
CASES = [(flow, outcome) for flow, cases in WITNESSES.items() for outcome in cases]


@cache
def compiled(name: str) -> CompiledFlow:
    return load_flow(PACK / f"{name}.yaml")


def begin(name: str) -> GuidedSession:
    return GuidedSession(compiled(name), by="chen", started_at=NOW, today=TODAY)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CASES), st.data())
def test_a_witness_told_in_any_order_ends_in_its_outcome(case: tuple[str, str], data: st.DataObject) -> None:
    flow, outcome = case
    session = begin(flow)
    for question in data.draw(st.permutations(sorted(WITNESSES[flow][outcome]))):
        session.give(WITNESSES[flow][outcome][question], NOW, question=question)
    assert session.outcome is not None and session.outcome.id == outcome


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(WITNESSES)),
    st.lists(st.sampled_from(["1", "2", "3", "0", "enter", "back", "jump"]), max_size=40),
    st.integers(0, 1000),
)
def test_a_walk_with_going_back_loses_no_answer_and_evaluates_no_parked_one(
    flow: str, keys: list[str], where: int
) -> None:
    session = begin(flow)
    at = NOW
    for key in keys:
        before = session.draft.answers
        at += timedelta(seconds=1)
        try:
            if key in "123":
                session.choose(int(key), at)
            elif key == "0":
                session.give(Mark.UNKNOWN, at)
            elif key == "enter":
                session.accept(at)
            elif key == "back":
                session.back()
            else:
                order = [item.id for item in session.evaluation.questions]
                session.go(order[where % len(order)])
        except DeskError:
            assert session.draft.answers == before
        assert set(before) <= set(session.draft.answers)
        counted = session.compiled.effective(session.draft.answers, today=TODAY)
        parked = {item.id for item in session.evaluation.questions if item.state is State.PARKED}
        assert not parked & set(counted)
    again = GuidedSession.resumed(compiled(flow), session.data(), by="chen")
    assert (again.here, again.marked, again.draft, again.script) == (
        session.here, session.marked, session.draft, session.script,
    )  # fmt: skip


def test_a_call_moves_to_a_version_and_back_and_loses_nothing_of_who_said_what_when() -> None:
    old = small(asking("a", "select_one", "x y"), asking("b"), asking("c"))
    new = small(asking("a", "select_one", "x z"), asking("b"), asking("d"), version="2.0.0")
    first = GuidedSession(old, by="chen", started_at=NOW, today=NOW.date())
    first.give("x", NOW + timedelta(seconds=1), question="a")
    first.give("y", NOW + timedelta(seconds=2), question="a")
    first.give("yes", NOW + timedelta(seconds=3), question="b", how=How.VOLUNTEERED)
    first.give("no", NOW + timedelta(seconds=4), question="c")
    told = first.move_to(new)
    assert (told.kept, set(told.parked), told.new) == (("b",), {"a", "c"}, ("d",))
    there = first.moved(new, NOW + timedelta(seconds=9))
    assert there.draft.answers == {"b": "yes"}, "an older answer does not come back for one that was changed"
    assert [(event.at, event.how) for event in there.draft.events] == [(NOW + timedelta(seconds=3), How.VOLUNTEERED)]
    there.give("no", NOW + timedelta(seconds=10), question="d")
    kept = GuidedSession.resumed(new, there.data(), by="chen")
    back = kept.moved(old, NOW + timedelta(seconds=20))
    assert back.draft.answers == {"a": "y", "b": "yes", "c": "no"}
    assert [event.question for event in back.draft.events] == ["a", "a", "b", "c"] and len(back.aside) == 1
