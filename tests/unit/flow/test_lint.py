"""Every fault a check can find, each shown by one small flow that has it."""

from importlib import import_module
from typing import Any

import pytest

from deskapp.domain.flow import Flow, Severity, lint, path_text
from tests.flow_builder import emergency, flow, outcome, question, text

KIT = {"causes": [text("cause")], "tools": [text("tool")]}


def bare(id_: str, **rest: Any) -> dict[str, Any]:
    kit = {"escalate": "lead", **KIT, "safety_script": [text("s")]}
    return outcome(id_, "a == yes", **{"grade": "red", **kit, **rest})


A = question("a")
PARTS = question("p", "select_multiple", "x y")
FAULTS: dict[str, tuple[Flow, tuple[str | int, ...], str]] = {
    "duplicate-id": (flow(A, A), ("questions", 1, "id"), ""),
    "condition-syntax": (flow(A, question("b", when="a = yes")), ("questions", 1, "when"), ""),
    "unknown-question": (
        flow(question("smell_now"), question("b", when="smel_now == yes")), ("questions", 1, "when"), "smell_now",
    ),
    "unknown-choice": (
        flow(question("a", "select_one", "front top"), outcomes=[outcome("x", "a == fron"), outcome("z")]),
        ("outcomes", 0, "when"), "front",
    ),
    "forward-reference": (flow(question("b", when="a == yes"), A), ("questions", 0, "when"), ""),
    "operator-type": (flow(A, question("b", when="a > 3")), ("questions", 1, "when"), ""),
    "reserved-id": (flow(question("count")), ("questions", 0, "id"), ""),
    "no-choices": (flow(question("a", "select_one", "x")), ("questions", 0), ""),
    "needless-choices": (flow(question("a", "text", "x y")), ("questions", 0, "choices"), ""),
    "needless-limit": (flow(question("a", "text", max=3)), ("questions", 0, "max"), ""),
    "empty-range": (flow(question("a", "integer", min=5, max=3)), ("questions", 0, "min"), ""),
    "no-constraint-message": (
        flow(question("a", "integer", constraint="a > 3")), ("questions", 0, "constraint"), "",
    ),
    "no-unit": (flow(question("a", "decimal")), ("questions", 0), ""),
    "no-otherwise": (flow(A, outcomes=[outcome("x", "a == yes")]), ("outcomes", 0), ""),
    "otherwise-not-last": (flow(A, outcomes=[outcome("z"), outcome("x", "a == yes")]), ("outcomes", 0), ""),
    "no-rule": (
        flow(A, outcomes=[{**outcome("x"), "when": "a == yes"}, outcome("z")]), ("outcomes", 0), "",
    ),
    "emergency-no-script": (
        flow(A, outcomes=[bare("x", dispatch="emergency", safety_script=[]), outcome("z")]), ("outcomes", 0), "",
    ),
    "emergency-not-red": (
        flow(A, outcomes=[bare("x", dispatch="emergency", grade="yellow"), outcome("z")]), ("outcomes", 0), "",
    ),
    "red-no-escalation": (flow(A, outcomes=[bare("x", escalate=None), outcome("z")]), ("outcomes", 0), ""),
    "visit-no-kit": (flow(A, outcomes=[bare("x", dispatch="visit", tools=[]), outcome("z")]), ("outcomes", 0), ""),
    "red-after-milder": (
        flow(A, question("b"), outcomes=[outcome("m", "b == yes"), bare("x"), outcome("z")]), ("outcomes", 1), "",
    ),
    "emergency-late": (
        flow(A, question("b", safety=True), outcomes=[bare("x"), emergency("fire", "b != no"), outcome("z")]),
        ("outcomes", 1), "",
    ),
    "untranslated": (
        flow({**A, "label": {"zh": "burnt smell", "en": "burnt smell"}}), ("questions", 0, "label", "zh"), "",
    ),
    "decides-nothing": (flow(A, question("b", when="a == yes")), ("questions", 0), ""),
    "unreachable-question": (
        flow(question("a", "integer", max=3), question("b", when="a > 3")), ("questions", 1, "when"), "",
    ),
    "unreachable-outcome": (
        flow(A, outcomes=[outcome("x", "a == yes"), outcome("y", "a == yes and a != no"), outcome("z")]),
        ("outcomes", 1), "",
    ),
    "path-without-outcome": (flow(A, outcomes=[outcome("x", "a == yes")]), ("outcomes",), ""),
    "unknown-safety-green": (
        flow(question("a", safety=True), outcomes=[emergency("x", "a == yes"), outcome("z")]), ("outcomes", 1), "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_found_at_its_place(code: str) -> None:
    bad, path, suggestion = FAULTS[code]
    found = {(item.code, item.path, item.suggestion): item for item in lint(bad).findings}
    assert (code, path, suggestion) in found
    message = found[code, path, suggestion].message
    assert "{" not in message
    assert not suggestion or f"“{suggestion}”" in message


@pytest.mark.parametrize(
    ("type_", "source", "offset"),
    [
        ("yes_no", "count(q) > 1", 6), ("yes_no", "days_since(q) > 1", 11), ("yes_no", "q has yes", 2),
        ("yes_no", "q >= yes", 2), ("select_multiple", "q == x", 5), ("select_multiple", "count(q) in [1, 2]", 9),
        ("select_multiple", "q < 3", 2), ("integer", "q == many", 5), ("integer", "q > many", 4),
        ("integer", "q > unknown", 4), ("date", "q > 3", 4), ("date", "days_since(q) > 2026-01-01", 16),
        ("date", "days_since(q) > x", 16), ("text", "q == broken", 5), ("text", "q > 3", 2), ("phone", "q has x", 2),
    ],
)  # fmt: skip
def test_an_operator_must_fit_the_type(type_: str, source: str, offset: int) -> None:
    asked = question("q", type_, "x y" if type_ == "select_multiple" else "")
    found = lint(flow(asked, outcomes=[outcome("o", source), outcome("z")])).findings
    assert [(item.code, item.offset) for item in found if item.code == "operator-type"] == [("operator-type", offset)]


@pytest.mark.parametrize(
    ("type_", "source"),
    [
        ("select_multiple", "q == unknown"), ("select_multiple", "q has x and count(q) >= 2"),
        ("integer", "q in [1, 2]"),
        ("integer", "q != unknown"), ("date", "q >= 2026-01-01"), ("date", "q == 2026-01-01 or q == unknown"),
        ("date", "q >= 0001-01-01"), ("date", "q <= 9999-12-31"), ("date", "days_since(q) <= 14"),
        ("text", "q in ['a', \"b\"]"), ("decimal", "q > 4.5"), ("phone", "known(q)"),
    ],
)  # fmt: skip
def test_what_fits_is_clean_and_every_way_is_walked(type_: str, source: str) -> None:
    asked = question("q", type_, "x y" if type_ == "select_multiple" else "", unit=text("unit"))
    report = lint(flow(asked, outcomes=[outcome("o", source), outcome("z")]))
    assert report.findings == ()
    assert report.exploration is not None
    assert set(report.exploration.witnesses) == {"o", "z"}


def test_an_unknown_policy_suggests_the_nearest() -> None:
    report = lint(flow(A, outcomes=[outcome("z", sla="visit_24")]), slas={"visit_24h", "red_now"})
    assert [(item.code, item.suggestion) for item in report.findings if item.code == "unknown-sla"] == [
        ("unknown-sla", "visit_24h")
    ]


def test_warnings_do_not_keep_a_flow_from_being_published() -> None:
    report = lint(flow(A))
    assert [item.severity for item in report.findings] == [Severity.WARNING]
    assert report.ok
    assert not lint(flow(A, A)).ok


def test_a_safe_flow_treats_doubt_as_danger() -> None:
    safe = flow(question("a", safety=True), outcomes=[emergency("x", "a in [yes, unknown]"), outcome("z")])
    assert lint(safe).findings == ()


def test_witnesses_are_shortest_and_respect_constraints() -> None:
    report = lint(
        flow(
            question("n", "integer", min=0, max=100, constraint="n != 7", constraint_message=text("no seven")),
            question("b", when="n > 5"),
            outcomes=[outcome("seven", "n == 7"), outcome("x", "b == yes or n == 3"), outcome("z")],
        )
    )
    assert [item.code for item in report.findings] == ["unreachable-outcome"]
    assert report.exploration is not None
    assert path_text(report.exploration.witnesses["x"]) == "n=3"


def test_walking_scales_with_remainders_not_with_paths() -> None:
    many = [question(f"q{place}", "select_one", "x y z") for place in range(40)]
    rule = " and ".join(f"q{place} == x" for place in range(20))
    report = lint(flow(*many, outcomes=[outcome("all", rule), outcome("z")]))
    assert report.exploration is not None
    assert report.exploration.complete
    assert report.exploration.states < 100
    parts = question("q", "select_multiple", " ".join(f"c{place}" for place in range(200)))
    rule = " or ".join(f"q has c{place}" for place in range(10))
    report = lint(flow(parts, outcomes=[outcome("x", rule), outcome("many", "count(q) > 150"), outcome("z")]))
    assert report.findings == ()


def test_what_several_choices_need_at_once_is_reached() -> None:
    parts = question("q", "select_multiple", "none " + " ".join(f"c{place}" for place in range(12)))
    parts["choices"][0]["exclusive"] = True
    together = " and ".join(f"q has c{place}" for place in range(3, 9))
    rules = [*(outcome(f"o{place}", f"q has c{place} and count(q) == 1") for place in range(12)),
             outcome("six", together), outcome("five", "count(q) == 5"), outcome("none", "q has none")]  # fmt: skip
    assert lint(flow(parts, outcomes=[*rules, outcome("z")])).findings == ()
    assert lint(flow(parts, outcomes=[outcome("two", "count(q) >= 2"), outcome("z")])).findings == ()


def test_a_flow_too_large_to_walk_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("deskapp.domain.flow.explore"), "MAX_WORK", 100_000)
    asked = [question(f"q{place}", "select_one", "x y z") for place in range(60)]
    rules = [
        outcome(f"o{place}", f"q{place} == x and q{59 - place} == y or q{place} == z and q{(place * 7 + 3) % 60} == z")
        for place in range(40)
    ]
    report = lint(flow(*asked, outcomes=[*rules, outcome("z")]))
    assert [item.code for item in report.findings] == ["too-large"]
