"""Known answers from other systems' suites: ours must be the same, for the carried files and for any given."""

import pytest

from tests.support.working_time import Vector, check, vectors

CASES = vectors()


@pytest.mark.parametrize("vector", CASES, ids=[vector.id for vector in CASES])
def test_our_answer_is_the_known_one(vector: Vector) -> None:
    check(vector)


def test_a_kind_nobody_knows_fails_loudly() -> None:
    case = {"id": "x", "kind": "guess", "source": "x", "calendar": None, "input": {}, "expect": {"value": 1}}
    with pytest.raises(LookupError):
        check(Vector("x", case, None))


def test_a_wrong_answer_would_be_seen() -> None:
    seen = 0
    for vector in CASES:
        if vector.case["kind"] in ("add", "between", "next_open"):
            ((key, value),) = vector.case["expect"].items()
            wrong = value + 1 if isinstance(value, int) else value.replace("Z", ".5Z")
            with pytest.raises(AssertionError):
                check(Vector(vector.id, {**vector.case, "expect": {key: wrong}}, vector.calendar))
            seen += 1
    assert seen > 60
