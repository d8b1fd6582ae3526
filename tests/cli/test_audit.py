"""`deskapp audit`: the answers, the exit codes, the anchor as printed, mailed or in a backup."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Terminal


@pytest.fixture
def worked(desk: Terminal) -> Terminal:
    desk.ok("new", "drum bangs")
    desk.ok("note", "T-1", "bolts asked for")
    return desk


def tamper(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER audit_event_keeps_delete")
    connection.execute("DELETE FROM audit_payload WHERE seq = (SELECT seq FROM ledger)")
    connection.execute("DELETE FROM audit_event WHERE seq = (SELECT seq FROM ledger)")
    connection.execute("UPDATE ledger SET seq = seq - 1")
    connection.execute("UPDATE ledger SET head = (SELECT hash FROM audit_event WHERE seq = ledger.seq)")
    connection.commit()
    connection.close()


def test_the_anchor_is_kept_in_a_text_or_a_backup_and_sees_the_end_cut_off(worked: Terminal, tmp_path: Path) -> None:
    report, archive = tmp_path / "shift.txt", tmp_path / "desk.zip"
    report.write_text(f"Shift report\n{worked.ok('audit', 'anchor').out}", encoding="utf-8")
    worked.ok("backup", str(archive))
    for kept in (report, archive):
        assert "it is the record that the anchor knows" in worked.ok("audit", "verify", "--anchor", str(kept)).out
    tamper(tmp_path / "desk" / "desk.db")
    assert "give --anchor" in worked.ok("audit", "verify").out, "a cut is not seen without an anchor, and it says so"
    for kept in (report, archive):
        answer = worked("audit", "verify", "--anchor", str(kept), "--json")
        assert (answer.code, answer.data["sound"], answer.data["findings"][0]["flaw"]) == (3, False, "cut")


def test_the_ledger_is_printed_with_what_changed(worked: Terminal) -> None:
    told = worked.ok("audit", "show", "T-1", "--details").out
    assert "ticket.create" in told
    assert "bolts asked for" in told
    events = worked.ok("audit", "show", "--json", "--action", "ticket.note").data
    assert [(event["ticket"], event["actor"], event["changes"]) for event in events] == [("T-1", "yu", None)]


def test_what_may_not_be_asked_and_what_cannot_be_read(worked: Terminal, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("nothing here")
    assert worked("audit", "verify", "--anchor", str(tmp_path / "empty.txt")).code == 2
    assert worked("audit", "verify", "--anchor", str(tmp_path / "missing.txt")).code == 4
    assert worked("audit", "show", "--since", "soon").code == 2
    assert worked("audit", "show", "--details", "--agent", "admin", "--json").data[0]["changes"] is None
