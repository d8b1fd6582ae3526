"""Hints say what to mend, by shares of enough calls; a small number of calls says nothing."""

from dataclasses import replace

import pytest

from deskapp.domain.flow import Text
from deskapp.domain.flow.advice import flow_advice, question_advice
from deskapp.domain.views_flow import FlowFigures, QuestionFigures

GOOD = QuestionFigures(
    question="a", label=Text("甲", "A"), asked=90, answered=95, unknown=4, refused=1, volunteered=5, prefilled=5,
    changed=2, seconds=6.0, gain_outcome=0.8, gain_cause=None, values=3,
)  # fmt: skip
FLOW = FlowFigures(
    flow="f", title=Text("流", "F"), cases=100, seconds=50, keys=11, overridden=0.05, broken_off=0.02, first_visit=0.9,
    missing_part=0.05, outcomes=(("x", 60), ("rest", 40)), questions=(GOOD,), otherwise="rest",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None),
        ({"unknown": 40, "answered": 59}, "40% do not know"),
        ({"refused": 20, "answered": 76}, "20% would not say"),
        ({"changed": 30}, "30% changed later"),
        ({"seconds": 22.4}, "22 s to answer"),
        ({"gain_outcome": 0.01}, "tells nothing"),
        ({"gain_outcome": 0.01, "gain_cause": 0.5}, None),
        ({"gain_outcome": 0.01, "info": True}, None),
        ({"gain_outcome": 0.0, "safety": True}, None),
        ({"gain_outcome": 0.0, "block": "visit"}, None),
        ({"answered": 0, "unknown": 0, "refused": 0}, "never asked in 100 calls"),
    ],
)
def test_a_question_says_what_is_wrong_with_it(change: dict[str, object], said: str | None) -> None:
    advice = question_advice(replace(GOOD, **change), 100)  # type: ignore[arg-type]
    assert [text for text in advice if said and said in text] == list(advice)
    assert bool(advice) is (said is not None)
    assert question_advice(replace(GOOD, **change), 19) == ()  # type: ignore[arg-type]


def test_a_gain_no_larger_than_chance_gives_is_none() -> None:
    few = replace(GOOD, answered=20, unknown=0, refused=0, changed=0, values=9, gain_outcome=0.25)
    assert "tells nothing" in question_advice(few, 100)[0], "nine answers in twenty calls: bias 0.29 bits"
    assert question_advice(replace(few, answered=200), 300) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, None), ({"overridden": 0.2}, "changed by hand"), ({"broken_off": 0.2}, "break off"),
        ({"first_visit": 0.6}, "first visit"), ({"first_visit": None}, None), ({"missing_part": 0.3}, "lacked a part"),
        ({"outcomes": (("rest", 55), ("x", 45))}, "everything else"), ({"cases": 5}, "too few"),
    ],
)  # fmt: skip
def test_a_flow_says_what_is_wrong_with_it(change: dict[str, object], said: str | None) -> None:
    advice = flow_advice(replace(FLOW, **change))  # type: ignore[arg-type]
    assert len(advice) == (said is not None) and (said is None or said in advice[0])
