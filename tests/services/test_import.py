"""Bringing logs in, on both databases: all or nothing a batch, once only, bad rows aside, bombs refused."""

import csv
import gzip
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from deskapp.domain.errors import Denied, DeskError, Invalid
from deskapp.domain.import_map import ImportMap, read_map
from deskapp.domain.queue import QueueFilter
from deskapp.domain.terms import Channel, EntryKind, Status
from deskapp.domain.views import QueuePage, TicketView
from deskapp.domain.views_time import NoticeLine
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.models.clock import Clock
from deskapp.services import importing
from deskapp.services.importing import ImportReport, agreement_of, import_log, load_map
from deskapp.services.requests.customers import FindCustomers
from deskapp.services.requests.notices import GetNotices, SweepNotices
from deskapp.services.requests.queue import GetCounts, GetQueue
from deskapp.services.requests.tickets import AddEntry, GetTicket
from tests.services.conftest import Floor
from tests.services.test_clocks import assert_refold_is_the_same

CASES = """
source = "shop"
[file]
zone = "Asia/Shanghai"
dates = ["%Y-%m-%d %H:%M"]
[case]
key = "no"
subject = "what"
opened = "opened"
due = "due"
closed = "closed"
status = "state"
channel = { value = "chat" }
customer = "who"
customer_phone = "phone"
team = "team"
verdict = "sla"
[words.status]
"开" = "open"
"关" = "closed"
[words.verdict]
ok = "met"
late = "missed"
"""
HEADER = "no,what,opened,due,closed,state,who,phone,team,sla\n"
ROWS = [
    "A1,空调不制冷,2025-02-10 09:00,2025-02-11 09:00,2025-02-11 09:00,关,王芳,138 0013 8000,维修,ok",
    "A2,=cmd(),2025-02-10 09:05,2025-02-11 09:00,2025-02-11 09:01,关,王芳,138 0013 8000,维修,late",
    "A3,washer bangs,2025-02-10 10:00,2025-02-10 12:00,,开,Li Na,,维修,",
    "A4,no due time,2025-02-10 11:00,,,开,,,,",
]
BAD = ["A5,no date,yesterday,,,开,,,,", "A6,unknown state,2025-02-10 11:00,,,开着,,,,", "A7,too few cells"]


def shop_map() -> ImportMap:
    return read_map(CASES, "shop.toml")


def log(folder: Path, *rows: str, name: str = "log.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    data = (HEADER + "\n".join(rows) + "\n").encode(encoding)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def bring_in(floor: Floor, path: Path, **options: object) -> ImportReport:
    return import_log(floor.desk, floor.people["lin"], shop_map(), path, **options)  # type: ignore[arg-type]


def queue(floor: Floor, **wanted: object) -> QueuePage:
    page: QueuePage = floor.desk.read(floor.people["lin"], GetQueue(filter=QueueFilter(**wanted)))  # type: ignore[arg-type]
    return page


def test_cases_come_in_as_tickets_with_their_times_people_and_words(floor: Floor, tmp_path: Path) -> None:
    report = bring_in(floor, log(tmp_path, *ROWS, name="log.csv.gz"), verify=True)
    assert (report.rows, report.cases, report.rejected, report.customers, report.teams) == (4, 4, 0, 2, 1)
    assert report.agreement and (report.agreement.compared, report.agreement.agree) == (2, 2)
    assert (report.agreement.no_due, report.agreement.not_done) == (1, 1)
    lead = floor.people["lin"]
    first: TicketView = floor.desk.read(lead, GetTicket(number=1))
    assert first.row.subject == "空调不制冷" and first.channel is Channel.CHAT and first.row.team == "维修"
    assert first.closed_at and first.closed_at.isoformat() == "2025-02-11T01:00:00+00:00"
    assert [line.kind for line in first.timeline] == [EntryKind.CALL_IN, EntryKind.STATUS]
    assert first.customer and first.customer.contacts[0].value == "+8613800138000"
    assert len(first.customer.tickets) == 2, "the same caller is one customer"
    assert [row.subject for row in queue(floor).rows] == ["washer bangs", "no due time"]
    counts = floor.desk.read(lead, GetCounts())
    assert (counts.open, counts.late) == (2, 1)
    assert queue(floor, text="不制冷", statuses=(Status.CLOSED,)).total == 1
    assert [match.name for match in floor.desk.read(lead, FindCustomers(text="1380013"))] == ["王芳"]


def test_bad_rows_are_put_aside_with_line_and_reason_and_the_rest_goes_in(floor: Floor, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    path = log(tmp_path, BAD[0], ROWS[0], *BAD[1:], '"=2+3",x,2025-02-30 09:00,,,开,,,,', ROWS[2])
    report = bring_in(floor, path, rejects=rejects)
    assert (report.rows, report.cases, report.rejected) == (6, 2, 4)
    with rejects.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))
    assert lines[0][:3] == ["line", "reason", "no"]
    assert [line[0] for line in lines[1:]] == ["2", "4", "5", "6"]
    assert "no date of the map's formats" in lines[1][1]
    assert lines[4][2] == "'=2+3", "no spreadsheet calculates what was rejected"
    assert rejects.stat().st_mode & 0o777 == 0o600


def test_importing_twice_adds_nothing_and_a_cut_import_is_finished(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH", 2)
    whole = log(tmp_path, *ROWS, ROWS[0])
    with monkeypatch.context() as cut:
        original = importing._Run._write

        def fail_at_second(self: importing._Run, cases: list[object]) -> None:
            if self.report.cases:
                raise Invalid("the power went")
            original(self, cases)  # type: ignore[arg-type]

        cut.setattr(importing._Run, "_write", fail_at_second)
        with pytest.raises(Invalid):
            bring_in(floor, whole)
    assert queue(floor, statuses=tuple(Status)).total == 2
    second, third = bring_in(floor, whole), bring_in(floor, whole)
    assert (second.cases, second.already) == (2, 3)
    assert (third.cases, third.already, third.customers) == (0, 5, 0)
    numbers = sorted(row.number for row in queue(floor, statuses=tuple(Status)).rows)
    assert numbers == [1, 2, 3, 4], "no number is used twice or left out"


def test_a_dry_run_counts_and_writes_nothing(floor: Floor, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    report = bring_in(floor, log(tmp_path, *ROWS, *BAD), dry_run=True, verify=True, rejects=rejects)
    assert (report.cases, report.rejected) == (4, 3)
    assert report.agreement and report.agreement.agree == report.agreement.compared == 2
    assert queue(floor, statuses=tuple(Status)).total == 0 and not rejects.exists()


def test_a_verdict_that_differs_is_named(floor: Floor, tmp_path: Path) -> None:
    bring_in(floor, log(tmp_path, ROWS[0], ROWS[1].replace("late", "ok")))
    found = agreement_of(floor.desk, "shop")
    assert (found.compared, found.agree, found.differ) == (2, 1, [("A2", "met", "missed")])


def test_each_batch_has_one_audit_event_that_counts_it(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH", 3)
    bring_in(floor, log(tmp_path, *ROWS))
    e = table(AuditEvent).c
    with floor.desk.engine.connect() as connection:
        events = connection.execute(select(func.count()).where(e.action == "desk.import")).scalar()
        bodies = connection.execute(text("SELECT body FROM audit_payload ORDER BY seq DESC LIMIT 2")).scalars().all()
    assert events == 2
    assert all('"cases"' in str(body).replace("'", '"') for body in bodies)


def test_an_event_log_in_any_order_becomes_one_ticket_a_case(floor: Floor, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    columns = (
        "number,incident_state,caller_id,opened_by,opened_at,sys_updated_by,sys_updated_at,contact_type,location,"
        "category,subcategory,u_symptom,impact,urgency,priority,assignment_group,assigned_to"
    )

    def row(number: str, state: str, at: str, who: str) -> str:
        opened = f"{number},{state},Caller 1,Opener,1/3/2016 08:00"
        return f"{opened},Editor,{at},Phone,L,Mail,Out,?,M,M,3 - Moderate,Mail,{who}"

    rows = [
        row("I1", "New", "1/3/2016 08:05", "?"), row("I2", "New", "1/3/2016 08:06", "?"),
        row("I1", "Closed", "3/3/2016 09:00", "Bob"), row("I2", "Awaiting Vendor", "2/3/2016 10:00", "Eve"),
        row("I1", "Resolved", "2/3/2016 09:00", "Bob"),
    ]  # fmt: skip
    path.write_text("\n".join([columns, *rows]), encoding="utf-8")
    report = import_log(floor.desk, floor.people["lin"], load_map("servicenow"), path)
    assert (report.rows, report.cases, report.rejected, report.timeline) == (5, 2, 0, 7)
    first: TicketView = floor.desk.read(floor.people["lin"], GetTicket(number=1))
    assert [line.details.get("what") for line in first.timeline] == [None, "desk", "solve", "close"]
    assert (first.row.assignee, first.row.owner, first.row.status) == ("Bob", "Opener", Status.CLOSED)
    assert first.solved_at and f"{first.solved_at:%d %H}" == "02 09"
    second: TicketView = floor.desk.read(floor.people["lin"], GetTicket(number=2))
    assert (second.row.status, second.pause_reason) == (Status.PAUSED, "third_party")


def test_people_may_work_on_what_came_in(floor: Floor, tmp_path: Path) -> None:
    bring_in(floor, log(tmp_path, *ROWS))
    ticket: TicketView = floor.desk.read(floor.people["chen"], GetTicket(number=3))
    floor.do("chen", AddEntry(ticket_id=ticket.id, text="called", kind=EntryKind.CALL_OUT))
    again: TicketView = floor.desk.read(floor.people["chen"], GetTicket(number=3))
    assert [line.text for line in again.timeline] == ["washer bangs", "called"]


def test_gb18030_is_read_when_it_is_not_utf8_and_said_so(floor: Floor, tmp_path: Path) -> None:
    report = bring_in(floor, log(tmp_path, *ROWS, encoding="gb18030"))
    assert (report.encoding, report.cases) == ("gb18030", 4)
    assert "空调不制冷" in report.preview


@pytest.mark.parametrize("login", ["chen", "rao", "aude"])
def test_only_who_may_import_can(floor: Floor, tmp_path: Path, login: str) -> None:
    with pytest.raises(Denied):
        import_log(floor.desk, floor.people[login], shop_map(), log(tmp_path, *ROWS))


def bomb(path: Path) -> Path:
    packer = zlib.compressobj(9, wbits=31)
    with path.open("wb") as stream:
        for _ in range(64):
            stream.write(packer.compress(b"0" * (1 << 20)))
        stream.write(packer.flush())
    return path


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.xlsx", b"PK\x03\x04", "is a ZIP / XLSX file"),
        ("a.csv", b"", "has no header"),
        ("a.csv", HEADER.encode() + b"A1,\xff\xff\xff\n", "line 2: neither UTF-8 nor GB18030"),
        ("a.csv", b"\xff\xfen\x00o\x00", "is a UTF-16 file"),
        ("a.csv", b"no,no\n1,2\n", "has no twice"),
        ("a.csv", b"a,b\n1,2\n", "the log has no column"),
        ("a.csv", HEADER.encode() + b'A1,"' + b"x\n" * (1 << 20), "line 2: the row does not end"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00broken", "is damaged"),
    ],
    ids=["xlsx", "empty", "binary", "utf16", "header", "columns", "quote", "gzip"],
)
def test_a_file_that_is_no_log_is_refused(floor: Floor, tmp_path: Path, name: str, content: bytes, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DeskError, match=told):
        bring_in(floor, path)


def test_a_bomb_is_refused_before_it_unfolds(floor: Floor, tmp_path: Path) -> None:
    path = bomb(tmp_path / "log.csv.gz")
    assert path.stat().st_size < 100_000
    with pytest.raises(Invalid, match="refused"):
        bring_in(floor, path)


def test_promises_of_the_log_run_from_the_import_on_and_old_misses_are_not_told_again(
    floor: Floor, tmp_path: Path
) -> None:
    """NOON is 2 March 2026, 20:00 in Shanghai."""
    bring_in(
        floor,
        log(
            tmp_path,
            ROWS[2],
            "B1,still in time,2026-03-02 18:00,2026-03-03 12:00,,开,,,,",
            "B2,kept today,2026-03-02 09:00,2026-03-02 12:00,2026-03-02 11:00,关,,,,ok",
            "B3,missed today,2026-03-02 09:00,2026-03-02 12:00,2026-03-02 13:00,关,,,,late",
        ),
    )
    page = queue(floor)
    assert [(row.subject, [clock.metric for clock in row.clocks]) for row in page.rows] == [
        ("washer bangs", ["resolve"]), ("still in time", ["resolve"]),
    ]  # fmt: skip
    for row in page.rows:
        assert [clock.due_at for clock in row.clocks] == [row.due_at]
        assert_refold_is_the_same(floor, row.id)
    c = table(Clock).c
    with floor.desk.engine.connect() as connection:
        ended = connection.execute(select(c.state, func.count()).where(c.done_at.is_not(None)).group_by(c.state)).all()
    assert dict(map(tuple, ended)) == {"met": 1, "late": 1}
    floor.do("chen", SweepNotices(holder="seat"))
    told: tuple[NoticeLine, ...] = floor.desk.read(floor.people["lin"], GetNotices())
    assert told == (), "that a promise of a year ago was missed is no news"
    floor.clock.at = page.rows[1].due_at + timedelta(seconds=1)
    floor.do("chen", SweepNotices(holder="seat"))
    told = floor.desk.read(floor.people["lin"], GetNotices())
    assert [(line.kind, line.ticket) for line in told] == [("breach", "T-2")]
