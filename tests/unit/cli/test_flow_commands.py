"""`deskapp flow` on the command line: what it writes and with which exit code it ends."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deskapp.cli import root
from deskapp.cli.flow import FLOW_COMMANDS, app
from deskapp.cli.table import COMMANDS
from deskapp.services.flow_files import PACK

GAS = "gas-stove-smell"
LINE = (PACK / f"{GAS}.yaml").read_text("utf-8").partition("flame_out, unknown]")[0].count("\n") + 1


def call(*arguments: str, typed: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments), input=typed)
    return result.exit_code, result.stdout, result.stderr


def data(*arguments: str, typed: str | None = None) -> Any:
    return json.loads(call(*arguments, "--json", typed=typed)[1])


@pytest.fixture
def bad(tmp_path: Path) -> str:
    file = tmp_path / "bad.yaml"
    file.write_text((PACK / f"{GAS}.yaml").read_text("utf-8").replace("flame_out, unknown]", "flame_ot]"), "utf-8")
    return str(file)


def test_check_ends_with_1_on_an_error_and_tells_its_place(bad: str) -> None:
    assert (
        call("check", GAS)[0] == 0
        and "1 flows checked: 0 errors, 0 warnings\n7 of 7 outcomes reached" in call("check", GAS)[1]
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
    "arguments",
    [
        ("run", "nope"), ("explain", GAS, "smel_now"), ("run", GAS, "-a", "smell_now=x"), ("graph", str(PACK)),
        ("run", GAS, "-a", "smell_now"), ("check", "--no-such"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_ends_with_2_and_says_what_to_do(arguments: tuple[str, ...]) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err


def test_a_flow_with_errors_does_not_run(bad: str) -> None:
    code, out, err = call("run", bad)
    assert (code, out, "has no choice flame_ot" in err) == (1, "", True)


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


def test_the_root_has_the_commands_and_ends_with_their_codes(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    run = partial(root.run, show=lambda _opening: 0)
    assert [run(["flow", "check", GAS]), run(["flow", "check", bad]), run(["flow", "graph", "nope"])] == [0, 1, 2]
    assert run(["flow", "test", GAS, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out.rpartition("\n[\n")[2].join(["[", ""]))) == 5
    without_a_desk = {
        n for n, e in (COMMANDS["flow"].commands or {}).items() if e.target.startswith("deskapp.cli.flow:")
    }
    assert set(FLOW_COMMANDS) == without_a_desk
