"""Known answers: every case of every file of the QA-statistics form, ours and those that DESKAPP_VECTORS names."""

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.qa_kinds import Case, answer

OWN = Path(__file__).parent.parent / "data" / "qa_statistics"


def vector_files() -> Iterator[Path]:
    yield from sorted(OWN.glob("*.json"))
    for named in filter(None, os.environ.get("DESKAPP_VECTORS", "").split(os.pathsep)):
        path = Path(named)
        yield from [path] if path.is_file() else sorted(path.rglob("*.json"))


def cases() -> Iterator[Any]:
    for file in vector_files():
        content = json.loads(file.read_text(encoding="utf-8"))
        found = content.get("cases", []) if isinstance(content, dict) else []
        # Another suite's files may lie beside ours; none of its cases has an `expected`.
        if any("expected" in case for case in found):
            for number, case in enumerate(found):
                yield pytest.param(case, id=f"{file.stem}-{case.get('name', number)}")


def close(found: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(close(found.get(k), v, tolerance) for k, v in expected.items())
    if isinstance(expected, list | tuple):
        return len(found) == len(expected) and all(close(a, b, tolerance) for a, b in zip(found, expected, strict=True))
    if isinstance(expected, bool) or not isinstance(expected, int | float) or found is None:
        return bool(found == expected)
    return math.isclose(found, expected, rel_tol=0, abs_tol=tolerance)


@pytest.mark.parametrize("case", list(cases()))
def test_known_answer(case: Case) -> None:
    found = answer(case)
    assert close(found, case["expected"], case.get("tolerance", 0)), f"{found} instead of {case['expected']}"


def test_the_project_carries_its_own_answers() -> None:
    assert sum(1 for _ in cases()) >= 100


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "fleiss_gamma"}, "there is no kind 'fleiss_gamma'"),
        ({"input": {"k": 1, "n": 2, "continuity": True}}, "does not know: continuity"),
        ({"expected": {"median": 1}}, "nothing is known of: median"),
        ({"kind": "stratified_share", "input": {"strata": [{"N": 4, "n": 2, "k": 1, "cluster": 3}]}, "expected": 0.5},
         "does not know: strata.cluster"),
    ],
)  # fmt: skip
def test_what_a_file_names_and_nobody_knows_fails_by_name(change: dict[str, Any], message: str) -> None:
    case: Case = {"kind": "proportion_ci", "input": {"k": 1, "n": 2}, "expected": [0, 1]}
    with pytest.raises(AssertionError, match=message):
        answer(case | change)
