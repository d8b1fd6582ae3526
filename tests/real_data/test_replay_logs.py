"""The queue as it stood, from a replay and from counting the log itself: the same at every moment."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deskapp.clock import FrozenClock
from deskapp.domain.views import QueueCounts, QueuePage
from deskapp.services.desk import Desk
from deskapp.services.replay import ReplayDesk
from deskapp.services.requests.queue import GetCounts, GetQueue
from deskapp.store.engine import open_engine
from tests.real_data.conftest import Imported
from tests.real_data.logs import open_log

pytestmark = pytest.mark.real_data
BOSTON = ZoneInfo("America/New_York")
DAY = timedelta(days=1)
TARGETS = {"1 - Critical": 8, "2 - High": 24, "3 - Moderate": 72, "4 - Low": 120}


@dataclass(frozen=True)
class Figures:
    open: int
    late: int
    soon: int


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def count_boston(rows: list[dict[str, str]], at: datetime) -> Figures:
    def when(text: str) -> datetime | None:
        local = datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=BOSTON) if text else None
        return local.astimezone(UTC) if local else None

    found = [(when(r["OPEN_DT"]), when(r["TARGET_DT"]), when(r["CLOSED_DT"])) for r in rows]
    dues = [due for opened, due, closed in found if opened and opened <= at and not (closed and closed <= at)]
    return figures(len(dues), [due for due in dues if due], at)


def count_servicenow(rows: list[dict[str, str]], at: datetime) -> Figures:
    def when(text: str) -> datetime:
        return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)

    cases: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        cases[row["number"]].append(row)
    total, dues = 0, []
    for updates in cases.values():
        opened = when(updates[0]["opened_at"])
        if opened > at:
            continue
        updates.sort(key=lambda row: when(row["sys_updated_at"]))
        past = [row for row in updates if when(row["sys_updated_at"]) <= at]
        state = past[-1]["incident_state"] if past else "New"
        if state in ("Resolved", "Closed"):
            continue
        total += 1
        if not state.startswith("Awaiting"):
            dues.append(opened + timedelta(hours=TARGETS[(past or updates)[-1 if past else 0]["priority"]]))
    return figures(total, dues, at)


def figures(total: int, dues: list[datetime], at: datetime) -> Figures:
    return Figures(total, sum(due < at for due in dues), sum(at <= due < at + DAY for due in dues))


def ask(desk: Desk) -> Figures:
    me, now = desk.sign_on("lin"), desk.clock.now()
    counts: QueueCounts = desk.read(me, GetCounts())
    soon = 0
    first = counts.late
    while True:
        page: QueuePage = desk.read(me, GetQueue(first=first, count=1000))
        near = [row for row in page.rows if row.due_at and now <= row.due_at < now + DAY]
        soon += len(near)
        first += len(page.rows)
        if len(near) < len(page.rows) or not page.rows:
            return Figures(counts.open, counts.late, soon)


@pytest.mark.parametrize(
    ("name", "count", "moments"),
    [
        (
            "boston311",
            count_boston,
            ["2015-01-05T14:00", "2015-01-20T17:00", "2015-01-20T17:30", "2015-02-10T17:00"],
        ),
        (
            "servicenow",
            count_servicenow,
            ["2016-03-01T09:00", "2016-03-02T12:00", "2016-03-02T12:10", "2016-03-20T00:00"],
        ),
    ],
    ids=["boston311", "servicenow"],
)
def test_the_queue_as_it_stood_is_what_the_log_says(
    imported: Imported, name: str, count: Callable[[list[dict[str, str]], datetime], Figures], moments: list[str]
) -> None:
    rows = list(rows_of(open_log(name)))
    url, _report = imported(name)
    at = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in moments]
    clock = FrozenClock(at[0])
    replay = ReplayDesk(open_engine(url), clock)
    try:
        for moment in at:
            clock.at = moment
            wanted = count(rows, moment)
            assert ask(replay) == wanted, moment
            assert wanted.open > 0
    finally:
        replay.close()
    # Opened at a later moment, it stands as the one that ran until then.
    again = ReplayDesk(open_engine(url), FrozenClock(at[1]))
    try:
        assert ask(again) == count(rows, at[1])
    finally:
        again.close()
