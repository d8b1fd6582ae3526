"""Known answers from other systems' suites: ours must be the same, for the carried files and for any given."""

import json
from pathlib import Path

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


def test_any_file_of_the_form_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another file: calendars with versions, a zone with the question, both directions, nothing open at all."""
    week = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendars = {
        "plain": {"tz": "Europe/Berlin", "weekly": week, "note": "nine to five"},
        "changed": {
            "tz": "Europe/Berlin", "weekly": week,
            "versions": [{"since": "2026-07-06", "weekly": {"mon": [["22:00", "06:00"]]}}],
        },
    }  # fmt: skip
    monday, cases = "2026-07-06T08:00:00Z", []

    def case(kind: str, expect: dict[str, object], calendar: str = "plain", **given: object) -> None:
        cases.append({
            "id": f"own-{len(cases)}", "kind": kind, "source": "own", "calendar": calendar, "input": given,
            "expect": expect,
        })  # fmt: skip

    case("add", {"due": "2026-07-03T14:00:00Z"}, start=monday, seconds=-2 * 3600)
    case("subtract", {"instant": monday}, end="2026-07-06T10:00:00Z", seconds=2 * 3600)
    case("is_open", {"open": True}, at="2026-07-06T14:00:00Z", tz="America/New_York")
    case("is_open", {"open": False}, "changed", at="2026-07-06T14:00:00Z")
    case("add", {"due": "2026-07-07T01:00:00Z"}, "changed", start=monday, seconds=5 * 3600)
    case("between", {"seconds": 0}, start=monday, end="2026-07-05T08:00:00Z")
    case("open_intervals", {"intervals": []}, **{"from": "2026-07-04T00:00:00Z", "to": "2026-07-05T00:00:00Z"})
    case("error", {"error": True}, op="add_workdays", start=monday, workdays=0)
    (tmp_path / "more.json").write_text(json.dumps({"calendars": calendars, "cases": cases}), encoding="utf-8")
    (tmp_path / "other.json").write_text(json.dumps({"cases": [{"id": 1}]}), encoding="utf-8")
    monkeypatch.setenv("DESKAPP_VECTORS", str(tmp_path))
    found = [vector for vector in vectors() if vector.id.startswith("more:")]
    assert len(found) == len(cases)
    for vector in found:
        check(vector)
