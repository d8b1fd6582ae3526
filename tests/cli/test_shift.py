"""The end of a shift by commands: a look, the hand-over, the report as text, JSON and files, with its anchor."""

from pathlib import Path

import pytest

from tests.cli.conftest import Terminal


@pytest.fixture
def busy(desk: Terminal) -> Terminal:
    """A desk whose lead has two tickets, and a colleague."""
    desk.ok("people", "save", "sato", "--name", "Sato Ken", "--team", "desk-1", "--shift", "late", "--agent", "admin")
    desk.ok("new", "washer bangs")
    desk.ok("new", "gas smell \x1b]52;c;AAAA\x07", "--grade", "red")
    return desk


def test_duties_are_shown_and_handed_over_and_the_report_tells_of_it(busy: Terminal) -> None:
    told = busy.ok("shift", "duties").out
    assert "to work on 2" in told and "T-1" in told and "\x1b" not in told
    assert busy.ok("shift", "handover", "--preview").out == told
    assert busy.ok("shift", "handover", "sato", "--ticket", "T-1", "--note", "drum ordered").out.startswith("1 tickets")
    assert [duty["ticket"] for duty in busy.ok("shift", "duties", "--agent", "sato", "--json").data["duties"]] == [
        "T-1"
    ]
    report = busy.ok("shift", "report", "--json").data
    assert (report["opened"], report["team"]) == (2, None)
    assert report["handed_over"][0]["to"] == "Sato Ken" and report["handed_over"][0]["note"] == "drum ordered"
    assert [line["ticket"] for line in report["red"]] == ["T-2"]
    text = busy.ok("shift", "report").out
    assert "HANDED OVER" in text and report["anchor"]["line"] in text and "\x1b" not in text


def test_the_report_is_written_in_every_form_and_its_anchor_proves_the_record(busy: Terminal, tmp_path: Path) -> None:
    busy.ok("shift", "handover", "--shift", "late")
    for ending in ("txt", "csv", "xlsx", "json"):
        path = tmp_path / f"shift.{ending}"
        busy.ok("shift", "report", "--hours", "4", "--output", str(path))
        assert path.stat().st_size > 100
    assert "Up to event" in busy.ok("audit", "verify", "--anchor", str(tmp_path / "shift.txt"), "--agent", "admin").out
    assert busy("shift", "report", "--output", str(tmp_path / "shift.pdf")).code == 2
    assert "交班报告" in busy.ok("shift", "report", "--language", "zh").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("handover", "ghost"), "ghost is nobody at this desk."),
        (("handover", "sato", "--ticket", "T-9"), "T-9 is not among the duties"),
        (("handover",), "Say to whom"),
        (("handover", "--shift", "middle"), "Nobody else works there."),
        (("report", "--team", "ghosts"), "There is no team ghosts."),
    ],
)
def test_what_cannot_be_done_says_why(busy: Terminal, arguments: tuple[str, ...], message: str) -> None:
    answer = busy("shift", *arguments)
    assert answer.code in (1, 2) and message in answer.err


def test_two_tickets_become_one(busy: Terminal) -> None:
    assert busy("merge", "T-1", "T-2").code == 2
    assert busy.ok("merge", "T-1", "T-2", "--reason", "called twice").out == "T-1 went into the other one.\n"
    assert "status: cancelled" in busy.ok("show", "T-1").out
