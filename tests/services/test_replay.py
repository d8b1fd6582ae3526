"""A log as it stood at a moment: only what had happened by then, on a desk that takes no changes."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deskapp.domain.errors import Denied, NotFound
from deskapp.domain.queue import QueueFilter
from deskapp.domain.terms import EntryKind, Status
from deskapp.domain.views import Changes, QueueCounts, QueuePage, TicketView
from deskapp.services.importing import import_log, load_map
from deskapp.services.replay import ReplayDesk, moment_of
from deskapp.services.requests.customers import FindCustomers
from deskapp.services.requests.queue import GetChanges, GetCounts, GetQueue
from deskapp.services.requests.tickets import AddEntry, ClaimTicket, GetTicket
from deskapp.store.engine import open_engine
from tests.services.conftest import Floor

COLUMNS = (
    "number,incident_state,caller_id,opened_by,opened_at,sys_updated_by,sys_updated_at,contact_type,location,category,"
    "subcategory,u_symptom,impact,urgency,priority,assignment_group,assigned_to,closed_at"
)


def row(number: str, state: str, at: str, opened: str, priority: str = "3 - Moderate", who: str = "?") -> str:
    end = "9/9/2016 09:09"  # copied back onto every row, as such logs do: nobody may see it before its time
    case = f"{number},{state},Caller {number},Opener,{opened},Editor,{at},Phone,L,Mail {number},Out,Slow"
    return f"{case},M,M,{priority},Group {number},{who},{end}"


@pytest.fixture
def replay(floor: Floor, tmp_path: Path, database_url: str) -> Iterator[ReplayDesk]:
    path = tmp_path / "log.csv"
    rows = [
        row("1", "New", "1/3/2016 08:05", "1/3/2016 08:00"),
        row("1", "Active", "1/3/2016 10:00", "1/3/2016 08:00", who="Bob"),
        row("1", "Resolved", "1/3/2016 15:00", "1/3/2016 08:00", who="Bob"),
        row("1", "Active", "2/3/2016 09:00", "1/3/2016 08:00", who="Eve"),
        row("1", "Closed", "5/3/2016 09:00", "1/3/2016 08:00", who="Eve"),
        row("2", "New", "1/3/2016 12:00", "1/3/2016 12:00", "1 - Critical"),
        row("2", "Awaiting Vendor", "2/3/2016 12:00", "1/3/2016 12:00", "1 - Critical"),
    ]
    path.write_text("\n".join([COLUMNS, *rows]), encoding="utf-8")
    import_log(floor.desk, floor.people["lin"], load_map("servicenow"), path)
    later: TicketView = floor.desk.read(floor.people["lin"], GetTicket(number=1))
    floor.do("chen", AddEntry(ticket_id=later.id, text="found in the archive", kind=EntryKind.NOTE))
    floor.clock.at = datetime(2016, 3, 1, 9, tzinfo=UTC)
    desk = ReplayDesk(open_engine(database_url), floor.clock)
    yield desk
    desk.close()


def stands(desk: ReplayDesk, number: int) -> tuple[Status, str, int]:
    view: TicketView = desk.read(desk.sign_on("lin"), GetTicket(number=number))
    return view.row.status, view.row.assignee, len(view.timeline)


def counts(desk: ReplayDesk) -> tuple[int, int, int]:
    found: QueueCounts = desk.read(desk.sign_on("lin"), GetCounts())
    return found.open, found.late, found.paused


def test_the_desk_stands_as_it_stood_and_goes_on_with_the_clock(replay: ReplayDesk, floor: Floor) -> None:
    me = replay.sign_on("lin")
    assert counts(replay) == (1, 0, 0)
    assert stands(replay, 1) == (Status.OPEN, "", 2)
    with pytest.raises(NotFound):
        replay.read(me, GetTicket(number=2))
    assert replay.read(me, FindCustomers(text="Caller 2")) == ()

    floor.clock.at = datetime(2016, 3, 1, 15, tzinfo=UTC)
    assert stands(replay, 1) == (Status.SOLVED, "Bob", 4)
    assert counts(replay) == (1, 0, 0)
    assert [match.name for match in replay.read(me, FindCustomers(text="Caller 2"))] == ["Caller 2"]
    found: QueuePage = replay.read(me, GetQueue(filter=QueueFilter(text="Mail 2")))
    assert [row.label for row in found.rows] == ["T-2"]

    floor.clock.at = datetime(2016, 3, 1, 21, tzinfo=UTC)
    assert counts(replay) == (1, 1, 0), "the target of a critical case is eight hours"
    floor.clock.at = datetime(2016, 3, 2, 12, tzinfo=UTC)
    assert stands(replay, 1) == (Status.OPEN, "Eve", 5)
    assert counts(replay) == (2, 0, 1)
    floor.clock.at = datetime(2016, 3, 6, tzinfo=UTC)
    assert stands(replay, 1) == (Status.CLOSED, "Eve", 6)


def test_nothing_of_the_end_is_known_before_its_time(replay: ReplayDesk, floor: Floor) -> None:
    view: TicketView = replay.read(replay.sign_on("lin"), GetTicket(number=1))
    told = repr(view)
    assert "archive" not in told, "what the desk added to the log later is not part of the log"
    assert "Bob" not in told and "Eve" not in told and "2016, 9" not in told
    assert (view.solved_at, view.closed_at, view.reopened) == (None, None, 0)
    assert all(line.recorded_at <= floor.clock.at for line in view.timeline)


def test_other_seats_hear_of_what_happens(replay: ReplayDesk, floor: Floor) -> None:
    me = replay.sign_on("lin")
    before: Changes = replay.read(me, GetChanges(since=0))
    floor.clock.advance(hours=1)
    after: Changes = replay.read(me, GetChanges(since=before.seq))
    ticket: TicketView = replay.read(me, GetTicket(number=1))
    assert after.tickets == {ticket.id} and ticket.row.assignee == "Bob"


def test_a_replay_takes_no_changes_and_leaves_nothing_behind(
    replay: ReplayDesk, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    view: TicketView = replay.read(replay.sign_on("lin"), GetTicket(number=1))
    with pytest.raises(Denied, match="replay"):
        replay.execute(floor.people["chen"], ClaimTicket(ticket_id=view.id))
    folder = replay._folder
    assert folder.stat().st_mode & 0o777 == 0o700
    replay.close()
    assert not folder.exists()
    now: TicketView = floor.desk.read(floor.people["lin"], GetTicket(number=1))
    assert now.row.status is Status.CLOSED, "the imported desk is untouched"


def test_what_a_killed_replay_left_is_swept_and_one_in_use_is_not(
    floor: Floor, replay: ReplayDesk, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(replay._folder.parent))
    left = Path(tempfile.mkdtemp(prefix="deskapp-replay-", dir=replay._folder.parent))
    for folder in (left, replay._folder):
        os.utime(folder, (0, 0))
    again = ReplayDesk(open_engine(database_url), floor.clock)
    again.close()
    assert not left.exists() and replay._folder.exists()


def test_a_desk_without_a_log_has_nothing_to_replay(floor: Floor, database_url: str) -> None:
    with pytest.raises(NotFound, match="no imported log"):
        ReplayDesk(open_engine(database_url), floor.clock)


def test_a_moment_is_in_the_desks_zone_unless_it_names_its_own() -> None:
    assert moment_of("2015-02-10T12:00", "America/New_York") == datetime(2015, 2, 10, 17, tzinfo=UTC)
    assert moment_of("2015-02-10T12:00+01:00", "America/New_York") == datetime(2015, 2, 10, 11, tzinfo=UTC)
    assert moment_of("2015-02-10", "UTC") + timedelta(0) == datetime(2015, 2, 10, tzinfo=UTC)
