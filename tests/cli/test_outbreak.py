"""`deskapp outbreak`: a log is looked at as of a day, a proposal is decided, its customers told, its tickets closed."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal

MAP = """
source = "bikes"
[file]
zone = "UTC"
dates = ["%Y-%m-%d"]
[case]
key = "number"
opened = "day"
subject = "fault"
product = "product"
fault = "fault"
customer_phone = "phone"
channel = { value = "app" }
"""


@pytest.fixture
def log(desk: Terminal, tmp_path: Path) -> Terminal:
    """A desk with a year of a log: every fortnight something, and in March nine customers with one fault."""
    (tmp_path / "bikes.toml").write_text(MAP, encoding="utf-8")
    start, rows = date(2025, 3, 1), list[tuple[str, str, str, str]]()
    for n in range(26):
        rows.append((str(start + timedelta(days=14 * n)), "Washer", "noise", ""))
    for n in range(9):
        rows.append((str(date(2026, 3, 2) + timedelta(days=n // 3)), "E-bike", "range loss,battery", f"1380013{n:04}"))
    with (tmp_path / "bikes.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("number", "day", "product", "fault", "phone")])
        csv.writer(stream).writerows((n, *row) for n, row in enumerate(rows))
    desk.ok("import", str(tmp_path / "bikes.csv"), "--map", str(tmp_path / "bikes.toml"))
    return desk


def test_a_log_is_looked_at_as_of_a_day(log: Terminal) -> None:
    assert log.ok("outbreak", "scan", "--as-of", "2026-03-01", "--json").data["signals"] == []
    told = log.ok("outbreak", "scan", "--as-of", "2026-03-05", "--dry-run", "--json").data
    assert {(s["product"], s["fault"], s["customers"]) for s in told["signals"]} == {
        ("E-bike", "range loss", 9), ("E-bike", "battery", 9),
    }  # fmt: skip
    assert (told["proposed"], told["as_of"]) == (0, "2026-03-05T23:59:59Z")
    assert log.ok("outbreak", "list").out == "No mass fault is under way.\n"
    assert "9 different customers in the last 7 days" in log.ok("outbreak", "scan", "--as-of", "2026-03-05").out
    listed = log.ok("outbreak", "list", "--json").data["mass_faults"]
    assert {(one["number"], one["state"]) for one in listed} == {("M-1", "proposed"), ("M-2", "proposed")}


def test_a_proposal_is_carried_to_its_end(log: Terminal) -> None:
    log.ok("outbreak", "scan", "--as-of", "2026-03-05")
    log.ok("outbreak", "dismiss", "M-2", "the same fault under another name")
    log.ok("outbreak", "confirm", "M-1")
    shown = log.ok("outbreak", "show", "1", "--json").data
    assert (shown["state"], shown["level"], shown["customers"], shown["open_tickets"]) == ("active", 1, 9, 9)
    assert {one["action"] for one in shown["plan"]} == {"offer_check", "secure_evidence"}
    assert log.ok("outbreak", "broadcast", "M-1", "A new controller is on its way.").out.endswith("of M-1.\n")
    ticket = shown["tickets"][0]["ticket"]
    assert "A new controller is on its way." in log.ok("show", ticket).out
    log.ok("outbreak", "close", "M-1", "new firmware")
    log.ok("outbreak", "solve", "M-1", "controller changed", "--ticket", ticket)
    assert log.ok("show", ticket, "--json").data["status"] == "solved"
    assert log("outbreak", "close", "M-1").code == 3
    for action in ("offer_check", "secure_evidence"):
        log.ok("outbreak", "done", "M-1", action)
    assert "8 of its tickets stay open" in log.ok("outbreak", "close", "M-1").out
    assert [step["what"] for step in log.ok("outbreak", "show", "M-1", "--json").data["history"]] == [
        "proposed", "confirmed", "level_rose", "broadcast", "closing", "action_done", "action_done", "closed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("scan", "--as-of", "soon"), 2, "soon is not a moment."),
        (("show", "M-7"), 1, "There is no such mass fault."),
        (("show", "seven"), 2, "seven is no number of a mass fault."),
        (("scan", "--agent", "admin"), 5, "Your role may not do this."),
    ],
)
def test_a_refusal_says_what(desk: Terminal, arguments: tuple[str, ...], code: int, message: str) -> None:
    answer = desk("outbreak", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
