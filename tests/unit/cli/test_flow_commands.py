"""`deskapp flow` on the command line: what it writes and with which exit code it ends."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from deskapp.cli import root
from deskapp.services.flow_files import PACK

GAS = "gas-stove-smell"
LINE = (PACK / f"{GAS}.yaml").read_text("utf-8").partition("flame_out, unknown]")[0].count("\n") + 1


def call(*arguments: str, typed: str = "") -> tuple[int, str, str]:
    """A command as it is called, its exit code and what it wrote to stdout and stderr."""
    out, err, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(typed)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = root.run(["--language", "en", "flow", *arguments], show=lambda _opening: 0)
    finally:
        sys.stdin = before
    return code, out.getvalue(), err.getvalue()


def data(*arguments: str, typed: str = "") -> Any:
    return json.loads(call(*arguments, "--json", typed=typed)[1])


@pytest.fixture
def bad(tmp_path: Path) -> str:
    file = tmp_path / "bad.yaml"
    file.write_text((PACK / f"{GAS}.yaml").read_text("utf-8").replace("flame_out, unknown]", "flame_ot]"), "utf-8")
    return str(file)


def test_check_ends_with_1_on_an_error_and_tells_its_place(bad: str) -> None:
    assert (
        call("check", GAS)[0] == 0
        and "flows checked: 1, errors: 0, warnings: 0\n7 of 7 outcomes reached" in call("check", GAS)[1]
    )
    code, out, _ = call("check", bad)
    assert (code, f"bad.yaml:{LINE}:" in out, "Did you mean “flame_out”?" in out) == (1, True, True)
    finding = data("check", bad)["findings"][0]
    assert (finding["code"], finding["line"], finding["suggestion"]) == ("unknown-choice", LINE, "flame_out")


def test_test_tells_what_was_different(tmp_path: Path) -> None:
    assert call("test", GAS)[:2] == (0, "5 of 5 tests passed\n")
    file = tmp_path / "f.yaml"
    text = (PACK / f"{GAS}.yaml").read_text("utf-8")
    file.write_text(text.replace("expect: {outcome: evacuate", "expect: {outcome: faint_leak"), "utf-8")
    code, out, _ = call("test", str(file))
    assert (code, "outcome: expected faint_leak, got evacuate" in out, "4 of 5" in out) == (1, True, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("run nope", "Shipped flows: ac-not-cooling"), (f"explain {GAS} smel_now", "Did you mean “smell_now”?"),
        (f"explain {GAS} evacuat", "Did you mean “evacuate”?"), (f"run {GAS} -a smell_now=x", "There are: strong"),
        (f"run {GAS} -a zzz=x", "There are: phone"), (f"graph {PACK}", "name one flow"),
        (f"run {GAS} -a smell_now", "Write it as question=value."), ("check --no-such", "no option"),
        (f"graph {GAS} -f png", "There are: text, mermaid, svg"), (f"graph {GAS} -o /no/where", "cannot be written"),
        ("check {empty}", "no flow file in"), ("publish nope", "no flow file nope"),
        ("import-xlsform nope.xlsx", "nope.xlsx cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_ends_with_2_and_says_what_to_do(arguments: str, said: str, tmp_path: Path) -> None:
    code, out, err = call(*arguments.format(empty=tmp_path).split())
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.parametrize("command", ["run", "explain", "graph", "test", "diff {gas}", "publish", "sign --note lead"])
def test_a_flow_with_errors_is_refused_with_their_places(command: str, bad: str) -> None:
    code, out, err = call(*command.format(gas=GAS).split(), bad)
    assert code == 1
    assert f"bad.yaml:{LINE}:" in out + err and "Did you mean “flame_out”?" in out + err


def test_run_interrupts_finishes_and_keeps_the_events() -> None:
    typed = "13800138000\nroad 1\n3\nunwell=yes\n2\n<\n.\n"
    code, out, _ = call("run", GAS, typed=typed)
    assert code == 0
    assert out.index("EMERGENCY: Gas leak with someone unwell") < out.index("RED P1")
    case = data("run", GAS, typed="13800138000\nroad 1\n3\nunwell=yes\n2\n")
    assert (case["outcome"]["id"], case["ready"]) == ("medical_and_gas", True)
    assert [event["question"] for event in case["events"]] == ["phone", "address", "smell_now", "unwell"]


def test_run_says_why_it_cannot_finish_and_goes_there() -> None:
    out = call("run", GAS, typed="\n\n3\n.\nq\n")[1]
    assert "Number we can call back at once has no answer yet." in out


def test_a_terminal_of_another_encoding_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\n"), encoding="utf-8"))
    assert root.run(["--language", "zh", "flow", "graph", GAS], show=lambda _opening: 0) == 0
    assert root.run(["flow", "run", GAS], show=lambda _opening: 0) == 1, "left without an end"
    assert b"\\u71c3\\u6c14\\u7076" in out.getvalue()


def test_explain_gives_the_truth_of_every_part() -> None:
    told = {item["id"]: item for item in data("explain", GAS, "-a", "smell_now=none", "-a", "hiss_or_alarm=no")}
    assert told["when_smell"]["truth"] is None
    assert [part["text"] for part in told["when_smell"]["because"]] == ["unwell == no"]
    assert told["evacuate"]["truth"] is False


def test_diff_shows_the_move_of_a_draft(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    text = (PACK / f"{GAS}.yaml").read_text("utf-8")
    file.write_text(
        text.replace("{id: strong,", "{id: heavy,").replace("== strong", "== heavy").replace(": strong", ": heavy"),
        "utf-8",
    )
    assert call("diff", GAS, GAS)[0] == 0
    found = data("diff", GAS, str(file), "-a", "smell_now=strong", "-a", "unwell=no")
    assert found["draft"] == {"kept": ["unwell"], "parked": {"smell_now": "value"}, "new": []}
    assert {"change": "changed", "in": "questions", "id": "smell_now", "fields": ["choices"]} in found["changes"]


def test_graph_writes_a_file(tmp_path: Path) -> None:
    target = tmp_path / "g.svg"
    assert call("graph", GAS, "-f", "svg", "-o", str(target))[0] == 0
    assert target.read_text("utf-8").startswith("<svg")
    assert data("graph", GAS)["graph"].startswith("Gas stove")
