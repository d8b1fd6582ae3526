"""A round of QA by commands, and the re-draw that plain openssl confirms."""

import subprocess
from pathlib import Path

import pytest

from deskapp.domain.i18n import use_language
from deskapp.services.requests.qa.looking import GetRound
from deskapp.store.migrate import create
from tests.cli.conftest import Answer, Terminal
from tests.services.conftest import Floor, floor
from tests.services.qa_floor import RATERS, QaFloor, hire, month

__all__ = ["floor"]


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """A desk as `deskapp init` makes it: commands look at the revision of its tables."""
    url = f"sqlite:///{tmp_path / 'qa.db'}"
    create(url)
    return url


@pytest.fixture
def qa(floor: Floor, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, database_url: str) -> QaFloor:
    hire(floor)
    month(floor)
    monkeypatch.setenv("DESKAPP_DATABASE", database_url)
    return QaFloor(floor)


def test_a_round_by_commands(qa: QaFloor, terminal: Terminal, tmp_path: Path) -> None:
    def lead(*arguments: str) -> Answer:
        return terminal.ok("qa", *arguments, "--agent", "qiu")

    found = lead("plan", "--period", "2026-03", "--share", "50%", "--json").data
    assert found["campaign"] is None and found["total"]["population"] == 12
    assert "Q-1 is planned" in lead("plan", "--period", "2026-03", "--share", "50%", "--begin").out
    assert len(lead("freeze", "Q-1", "--json").data["frame_hash"]) == 64
    drawn = lead("draw", "1", "--json").data
    assert drawn["stage"] == "drawn" and sum(s["n"] for s in drawn["strata"]) == drawn["drawn"]
    check = terminal.ok("qa", "redraw", "1", "--verify", "--json", "--agent", "aude").data
    assert check["same"]
    shell = subprocess.run(["bash", "-c", check["openssl"]], capture_output=True, text=True, check=True)
    assert shell.stdout.split()[-1] == check["lot"]
    lead("assign", "1", *(word for login in RATERS for word in ("--rater", login)))
    use_language("en")
    qa.campaign = qa.ask("qiu", GetRound(number=1)).line.id  # type: ignore[attr-defined]
    for login in RATERS:
        qa.score(login)
    assert terminal("qa", "report", "1", "--agent", "qiu").code == 5
    for stage in ("revealed", "adjudicated", "released"):
        assert lead("step", "1", stage, "--json").data["stage"] == stage
    assert terminal("qa", "step", "1", "final", "--agent", "qiu").code == 3
    assert lead("agreement", "1", "--json").data["raters"]
    lead("report", "1", "--html", str(tmp_path / "r.html"), "--csv", str(tmp_path / "csv"))
    assert "<svg" in (tmp_path / "r.html").read_text()
    files = lead("export", "1", "--to", str(tmp_path / "iso"), "--json").data["files"]
    checked = subprocess.run(["bash", "check.sh"], cwd=tmp_path / "iso", capture_output=True, text=True, check=True)
    assert {"frame.tsv", "check.sh"} <= set(files)
    assert check["frame_hash"] in checked.stdout and check["lot"] in checked.stdout
    assert "Q-1" in lead("status").out and lead("review", "2026-Q1", "--json").data["trends"]
    for option, path in (("--html", "q.html"), ("--xlsx", "q.xlsx"), ("--csv", "q")):
        lead("review", "2026-Q1", option, str(tmp_path / path))
    page = (tmp_path / "q.html").read_text()
    assert "Quality review, 2026-Q1" in page and "<svg" in page and "<script" not in page
    assert {file.stem for file in (tmp_path / "q").iterdir()} == {"trends", "rewrite", "cases", "proposed_card"}
    assert terminal("qa", "exam", "--json", "--agent", "chen").data == []
    assert terminal("qa", "status", "--agent", "chen").code == 5


WRONG = (
    ("plan --period 2026-13", 2, "last_month"),
    ("plan --share 200%", 2, "0.4"),
    ("plan --share 0.3 --half-width 0.1", 2, "not both"),
    ("plan --filter grade=pink", 2, "yellow"),
    ("plan --filter grade", 2, "channel=phone"),
    ("plan --zone Mars", 2, "Asia/Shanghai"),
    ("plan --action CA-7", 1, "Actions"),
    ("freeze x", 2, "Q-3"),
    ("draw 1", 3, "qa freeze"),
    ("assign 1 --rater nobody", 1, "people list"),
    ("step 1 void", 2, "--reason"),
    ("report 1", 5, "progress"),
)


def test_what_is_wrong_is_told_with_the_next_step(qa: QaFloor, terminal: Terminal) -> None:
    terminal.ok("qa", "plan", "--period", "2026-03", "--begin", "--agent", "qiu")
    for line, code, word in WRONG:
        told = terminal("qa", *line.split(), "--agent", "qiu")
        assert told.code == code and word in told.err, line
