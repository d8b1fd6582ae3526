"""The desk as commands: what they print, what scripts get, what a refusal says and returns."""

import subprocess
import sys
from pathlib import Path

import pytest
import time_machine

from deskapp.cli.table import COMMANDS
from tests.cli.conftest import Terminal

HOSTILE = "bangs [red]x[/red] \x1b]52;c;AAAA\x07 \u202eevil"


def test_a_ticket_goes_its_way_by_commands_alone(desk: Terminal) -> None:
    assert desk.ok("new", "washer bangs", "--product", "Washer", "--grade", "yellow").out == "T-1 was opened.\n"
    desk.ok("note", "T-1", "asked for a video")
    desk.ok("claim", "1")
    desk.ok("solve", "t-1", "transport bolts removed")
    told = desk.ok("show", "1").out
    assert "status: solved" in told and "asked for a video" in told and "transport bolts removed" in told
    assert [line["kind"] for line in desk.ok("show", "1", "--json").data["timeline"]] == ["call_in", "note", "status"]


@time_machine.travel("2026-03-02T12:00:00Z", tick=False)
def test_the_queue_as_json_is_stable(desk: Terminal) -> None:
    desk.ok("new", "gas smell", "--grade", "red", "--channel", "app", "--priority", "urgent")
    told = desk.ok("queue", "--json").data
    ticket = told["tickets"][0]
    assert list(told) == [
        "now", "open", "late", "red", "unclaimed", "paused", "matching", "first", "tickets",
    ]  # fmt: skip
    ident = ticket.pop("id")
    assert len(ident) == 36
    assert ticket == {
        "ticket": "T-1", "subject": "gas smell", "product": "", "grade": "red", "priority": "urgent",
        "status": "open", "customer": "", "team": "Desk 1", "assignee": "Yu Chen", "owner": "Yu Chen",
        "opened_at": "2026-03-02T12:00:00Z", "due": "first_response", "due_at": "2026-03-02T12:10:00Z",
        "paused_until": None,
    }  # fmt: skip


def test_text_from_outside_is_data_and_cannot_reach_the_terminal(desk: Terminal) -> None:
    desk.ok("new", HOSTILE, "--description", HOSTILE)
    for command in (("queue",), ("show", "1"), ("show", "1", "--json"), ()):
        told = desk.ok(*command).out
        assert "[red]x[/red]" in told
        assert not set(told) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("show", "T-9"), 1, "There is no such ticket."),
        (("show", "nine"), 2, "nine is no ticket number."),
        (("claim",), 1, "Nothing is waiting for your team."),
        (("init",), 3, "There is something at"),
        (("queue", "--agent", "ghost"), 5, "ghost is nobody at this desk."),
        (("queue", "--agent", "admin"), 5, "Your role may not do this."),
        (("queue", "--db", "/nowhere/desk.db"), 4, "There is no desk at /nowhere/desk.db"),
        (("queue", "--sort", "colour"), 2, "--sort cannot be that."),
        (("queue", "--colour"), 2, "There is no option --colour."),
        (("show",), 2, "TICKET is missing."),
        (("shwo",), 2, "There is no command shwo. Did you mean show?"),
        (("db",), 2, "deskapp db"),
        (("queue", "--language", "tlh"), 2, "There is no language 'tlh'."),
    ],
)
def test_a_refusal_says_what_and_returns_its_code(
    desk: Terminal, arguments: tuple[str, ...], code: int, message: str
) -> None:
    answer = desk(*arguments)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
    assert "Traceback" not in answer.err


def test_without_a_terminal_the_desk_is_printed_with_how_to_open_it(desk: Terminal) -> None:
    desk.ok("new", "no hot water")
    told = desk.ok().out
    assert "Yu Chen, lead" in told and "no hot water" in told and "deskapp --db" in told
    assert not desk.opened


def test_in_a_terminal_the_desk_is_opened_as_asked(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    desk.ok("--agent", "admin", "--language", "zh")
    assert [(opening.login, opening.language) for opening in desk.opened] == [("admin", "zh")]


def test_options_before_the_command_hold_for_it(desk: Terminal, tmp_path: Path) -> None:
    assert desk("--db", str(tmp_path / "other.db"), "queue").code == 4
    assert desk.ok("--json", "queue").data["open"] == 0


def test_backup_and_restore(desk: Terminal, tmp_path: Path) -> None:
    desk.ok("new", "kept")
    saved = desk.ok("backup", str(tmp_path / "b.zip"), "--json").data
    assert saved["rows"]["ticket"] == 1
    desk.ok("new", "made after the backup")
    assert desk("restore", str(tmp_path / "b.zip")).code == 3
    assert desk.ok("restore", str(tmp_path / "b.zip"), "--force", "--json").data["kept"]
    assert desk.ok("queue", "--json").data["open"] == 1
    assert desk.ok("db", "status", "--json").data["schema"] == "current"
    assert "Nothing to do" in desk.ok("db", "upgrade").out


def test_an_unexpected_error_tells_a_number_and_no_data(
    desk: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("canary 138 0013 8000")

    monkeypatch.setattr("platformdirs.user_state_path", lambda name: tmp_path)
    monkeypatch.setattr("deskapp.services.queue.store.counts", fail)
    answer = desk("queue")
    assert answer.code == 1 and "incident" in answer.err
    log = (tmp_path / "incidents.log").read_text()
    assert "RuntimeError" in log
    assert "canary" not in answer.err + answer.out + log and "Traceback" not in answer.err


def test_version_and_help_import_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "sqlmodel", "textual", "rich", "pydantic", "typer", "deskapp.services", "deskapp.store")
    for argument in ("--version", "--help"):
        code = (
            f"import sys; sys.argv[1:] = [{argument!r}]; from deskapp.__main__ import main; main();"
            f"sys.exit(str([name for name in {heavy!r} if name in sys.modules]) if"
            f" any(name in sys.modules for name in {heavy!r}) else 0)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_the_quick_help_is_the_option_parsers_help(terminal: Terminal) -> None:
    quick = subprocess.run(
        [sys.executable, "-m", "deskapp", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert terminal("--language", "en", "--help").out == quick
    assert all(name in quick for name in COMMANDS)


def test_a_reader_that_stops_reading_is_no_failure(desk: Terminal) -> None:
    for number in range(3):
        desk.ok("new", f"ticket {number}")
    script = f"{sys.executable} -m deskapp queue --json --agent yu; echo $? >&2"
    done = subprocess.run(["sh", "-c", f"({script}) | true"], capture_output=True, text=True, check=False)
    assert done.stderr == "0\n"


def test_the_demo_is_made_printed_and_made_anew(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: tmp_path)
    told = terminal.ok("demo", "--language", "zh").out
    assert "400" in told and "deskapp --db" in told
    assert (tmp_path / "demo-zh.db").exists() and not terminal.opened
    again = terminal.ok("demo", "--language", "zh", "--no-open", "--json").data
    assert again["customers"] == 400 and again["open"] > 20
    assert terminal("demo", "--path", str(tmp_path / "demo-zh.db")).code == 3


def test_doctor_tells_what_to_mend(desk: Terminal) -> None:
    checks = {check["id"]: check for check in desk("doctor", "--json").data}
    assert checks["schema"]["state"] == "ok"
    assert "revision" in desk("doctor").out
    sick = desk("doctor", "--db", "/nowhere/desk.db")
    assert sick.code == 3 and "deskapp init" in sick.out
