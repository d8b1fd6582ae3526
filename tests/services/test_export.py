"""Tickets in a file: whoever may, what they may see, as text and never as formulas; told in the ledger."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from deskapp.domain.errors import Denied
from deskapp.domain.queue import QueueFilter
from deskapp.domain.terms import Status
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.services import exporting
from deskapp.services.exporting import COLUMNS, Format, Wanted, export_tickets
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.customers import CreateCustomer
from tests.services.conftest import Floor

ALL = Wanted(QueueFilter(statuses=tuple(Status)))


@pytest.fixture
def worked(floor: Floor) -> Floor:
    customer = floor.do("chen", CreateCustomer(name="王芳", phone="+86 138 0013 8000"))
    first = floor.do("chen", ask.OpenTicket(subject='=HYPERLINK("http://x")', customer_id=customer.id))
    floor.do("chen", ask.SolveTicket(ticket_id=first.id, resolution="＋1\n@x"))
    floor.do("chen", ask.RecordCallBack(ticket_id=first.id, satisfaction=4))
    floor.clock.advance(hours=1)
    floor.do("gao", ask.OpenTicket(subject="gas smell"))
    return floor


def written(floor: Floor, login: str, wanted: Wanted = ALL) -> list[dict[str, str]]:
    stream = io.StringIO()
    export_tickets(floor.desk, floor.people[login], wanted, stream, Format.CSV)
    return list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))


def test_a_lead_exports_their_team_an_auditor_everything_without_numbers(worked: Floor) -> None:
    (own,) = written(worked, "lin")
    assert own["phone"] == "+86 138 0013 8000", "a telephone number is no formula"
    assert (own["subject"], own["resolution"]) == ('\'=HYPERLINK("http://x")', "'＋1\n@x")
    assert (own["ticket"], own["status"], own["satisfaction"]) == ("T-1", "closed", "4")
    audited = written(worked, "aude")
    assert [row["ticket"] for row in audited] == ["T-1", "T-2"]
    assert "0013" not in audited[0]["phone"]


@pytest.mark.parametrize("login", ["chen", "rao", "qiu", "adam"])
def test_nobody_else_exports(worked: Floor, login: str) -> None:
    with pytest.raises(Denied):
        written(worked, login)


def test_an_export_is_in_the_ledger(worked: Floor) -> None:
    written(worked, "lin")
    e = table(AuditEvent).c
    with worked.desk.engine.connect() as connection:
        told = connection.execute(select(e.actor_login).where(e.action == "ticket.export")).scalars().all()
    assert told == ["lin"]


def test_json_and_spreadsheet_hold_the_same(worked: Floor, tmp_path: Path) -> None:
    auditor = worked.people["aude"]
    for name in ("a.json", "a.xlsx", "a.csv"):
        assert export_tickets(worked.desk, auditor, ALL, tmp_path / name, Format(name[2:])) == 2
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    data = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert [list(row) for row in data] == [list(COLUMNS)] * 2
    assert data[0]["subject"].startswith("=HYPERLINK") and data[1]["closed_at"] is None
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "HYPERLINK" in sheet and "hyperlink" not in sheet.replace("HYPERLINK", "")
    assert not list(tmp_path.glob(".*part"))


def test_pages_and_limits_of_time(worked: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting.store, "_PAGE", 1)
    assert len(written(worked, "aude")) == 2
    later = worked.clock.now() - timedelta(minutes=30)
    assert [row["ticket"] for row in written(worked, "aude", Wanted(ALL.filter, since=later))] == ["T-2"]
    assert [row["ticket"] for row in written(worked, "aude", Wanted(ALL.filter, until=later))] == ["T-1"]
