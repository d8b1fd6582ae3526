"""Before the reveal no command and no file tells a rater, an agent or a lead what another rater gave."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from deskapp.cli.table import COMMANDS, Entry
from deskapp.domain.qa_loop import Stage
from deskapp.services.requests.qa.scoring import GetSheet
from deskapp.services.requests.qa.settling import Adjudicate, GetComparison
from deskapp.store.migrate import create
from tests.cli.conftest import Terminal
from tests.services.conftest import Floor, floor
from tests.services.qa_floor import QaFloor, evaluation, hire, month

__all__ = ["floor"]

MARK = "zebra-crossing"
POINTS = {"manners": 3, "problem": 4, "solution": 7}

# What to type behind a command that reads; {folder} is an empty one. Commands that are not here change something, or
# look at files and figures that have no score in them: a new one has to be put here or there.
READS: dict[str, tuple[str, ...]] = {
    "queue": ("--json",), "show": ("T-1", "--json"), "customer find": ("1",), "audit show": ("--json",),
    "audit verify": (), "people list": ("--json",), "people teams": (), "wallboard": ("--json",),
    "outbreak scan": ("--json",), "outbreak list": ("--json",), "visit list": (),
    "qa status": ("--json",), "qa agreement": ("Q-1", "--json"), "qa report": ("Q-1", "--json"),
    "qa review": ("2026-Q1", "--json"),
    "qa exam": ("--json",), "qa redraw": ("Q-1", "--json"), "qa export": ("Q-1", "--to", "{folder}"),
}  # fmt: skip


def leaves(commands: Mapping[str, Entry], before: str = "") -> list[str]:
    found = []
    for name, entry in commands.items():
        found += [before + name] if entry.commands is None else leaves(entry.commands, f"{before}{name} ")
    return found


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'qa.db'}"
    create(url)
    return url


@pytest.fixture
def qa(floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, database_url: str) -> QaFloor:
    hire(floor)
    month(floor)
    monkeypatch.setenv("DESKAPP_DATABASE", database_url)
    return QaFloor(floor)


def everything(terminal: Terminal, login: str, place: Path) -> dict[str, str]:
    """All that a person can print or write with every command that reads."""
    told = {}
    known = set(leaves(COMMANDS))
    for number, (name, arguments) in enumerate(READS.items()):
        if name not in known:
            continue
        folder = place / f"{login}-{number}"
        given = [word.format(folder=folder) for word in arguments]
        answer = terminal(*name.split(), *given, "--agent", login)
        files = sorted(folder.rglob("*")) if folder.exists() else []
        told[name] = answer.out + answer.err + "".join(f.read_text("utf-8", "replace") for f in files if f.is_file())
    return told


def test_the_command_line_and_its_files_keep_a_raters_scores(qa: QaFloor, terminal: Terminal, tmp_path: Path) -> None:
    qa.plan(share="1")
    qa.draw()
    qa.assign("rao", "ren")
    before = {login: everything(terminal, login, tmp_path / "before") for login in ("ren", "reyes", "lin", "chen")}
    scored = 0
    while (sheet := qa.ask("rao", GetSheet())) is not None:
        qa.floor.do("rao", evaluation(sheet, POINTS, critical=True, comment=MARK))  # type: ignore[arg-type]
        scored += 1
    assert scored
    for login, quiet in before.items():
        after = everything(terminal, login, tmp_path / "after")
        for name, told in after.items():
            assert MARK not in told and "unsafe advice" not in told and "rao" not in told.lower().split(), (login, name)
        for name in ("qa agreement", "qa report", "qa review", "qa redraw", "qa export", "qa status"):
            # Not a word more than before the other rater scored.
            assert after[name].replace("/after/", "/before/") == quiet[name], (login, name)
    # And where they may be read, this look finds them.
    qa.score("ren")
    qa.advance(Stage.REVEALED)
    refused = terminal("qa", "report", "Q-1", "--agent", "qiu")
    assert refused.code == 3 and "No record has a final score yet" in refused.err
    for record in qa.ask("qiu", GetComparison(campaign_id=qa.campaign)):  # type: ignore[attr-defined]
        qa.lead(Adjudicate(sample_id=record.sample_id, evaluation_id=record.evaluations[0].id, reason="heard again"))
    assert "\trao\t" in everything(terminal, "aude", tmp_path / "auditor")["qa export"]


def test_every_reading_command_of_qa_is_tried_here() -> None:
    changing = {"plan", "freeze", "draw", "assign", "replace", "step", "verify"}
    names = {name.removeprefix("qa ") for name in leaves(COMMANDS) if name.startswith("qa ")}
    assert names - changing == {name.removeprefix("qa ") for name in READS if name.startswith("qa ")}
