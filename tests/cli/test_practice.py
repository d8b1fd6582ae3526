"""`deskapp practice`: a scripted caller line by line, the same for the same number; who has practised."""

import io

import pytest

from deskapp.domain.practice import make_script
from deskapp.services.flow_files import PACK, load_flow
from tests.cli.conftest import Terminal


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(line + "\n" for line in lines)))


def test_a_rehearsal_line_by_line_is_scored_and_kept(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = load_flow(PACK / "gas-stove-smell.yaml")
    case = next(case for case in compiled.flow.tests if case.expect.get("grade") == "red")
    script = make_script(compiled, compiled.read(case.answers), seed=3)
    answers = [f"{id_}={case.answers[id_]}" for id_ in script.needed]
    typed(monkeypatch, "a", *answers, "slot=2026-03-03 09:00-11:00", ".", *["0"] * 12)
    told = desk("practice", "run", "gas-stove-smell", "--case", case.name, "--seed", "3")
    assert "Caller: " in told.out and "of 100 points" in told.out, told
    (kept,) = desk.ok("practice", "results", "--person", "yu", "--json").data["rehearsals"]
    assert kept["outcome"] == kept["expected"] == script.outcome and kept["passed"]
    (line,) = [line for line in desk.ok("practice", "results", "--json").data["people"] if line["login"] == "yu"]
    assert (line["month"], line["passed"], line["points"]) == (1, 1, kept["points"])
    assert "T-1" not in desk.ok("queue").out, "no ticket of it"


def test_what_is_not_there_is_told_with_what_is(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "q")
    assert desk("practice", "run", "tv-fault").code == 1
    assert desk.ok("practice", "results", "--json").data["people"][0]["month"] == 0, "left is not kept"
    assert "not this month" in desk.ok("practice", "results").out
    assert desk("practice", "run", "tv").code == 1
    wrong = desk("practice", "run", "tv-fault", "--case", "smok")
    assert wrong.code == 2 and ("Did you mean" in wrong.err or "There are" in wrong.err)
    assert desk("practice", "results", "--person", "nobody").code == 1
