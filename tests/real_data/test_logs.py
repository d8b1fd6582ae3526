"""The four logs whole, from where DESKAPP_REAL_DATA points: what comes in, what is rejected, verdicts that agree."""

import csv
import gzip
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from deskapp.clock import FrozenClock
from deskapp.services.desk import Desk
from deskapp.services.importing import import_log, load_map
from tests.real_data.conftest import NOW, Imported
from tests.real_data.logs import LOGS, open_log
from tests.services.conftest import staff

pytestmark = pytest.mark.real_data


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def test_boston_comes_in_whole_and_our_verdicts_are_the_citys(imported: Imported) -> None:
    rows = list(rows_of(open_log("boston311")))
    judged = [row for row in rows if row["TARGET_DT"] and row["CLOSED_DT"] and row["OnTime_Status"]]
    _url, report = imported("boston311")
    assert (report.rows, report.cases, report.rejected) == (len(rows), len(rows), 0)
    found = report.agreement
    assert found is not None
    assert (found.compared, found.agree) == (len(judged), len(judged)), found.differ
    assert found.no_due == sum(not row["TARGET_DT"] for row in rows)


@pytest.mark.parametrize(
    ("name", "key", "rejected"),
    [("servicenow", "number", 0), ("nhtsa_gm", "nthsa_id", 0), ("nhtsa_toyota", "odi_number", 20)],
)
def test_the_other_logs_come_in(imported: Imported, name: str, key: str, rejected: int) -> None:
    keys = [row[key] for row in rows_of(open_log(name))]
    _url, report = imported(name)
    assert (report.rows, report.rejected) == (len(keys), rejected), report.reasons
    assert report.cases == len(set(keys)) - rejected


@pytest.mark.parametrize("name", sorted(LOGS))
def test_a_slice_comes_in_twice_as_once_on_both_databases(engine: Engine, name: str, tmp_path: Path) -> None:
    cut = tmp_path / "slice.csv"
    with gzip.open(open_log(name), "rt", encoding="utf-8", newline="") as stream:
        cut.write_text("".join(itertools.islice(stream, 400)), encoding="utf-8", newline="")
    desk = Desk(engine, FrozenClock(NOW))
    people, _teams = staff(engine)
    reports = [import_log(desk, people["lin"], load_map(name), cut) for _ in range(2)]
    assert reports[0].cases > 0
    assert (reports[1].cases, reports[1].already) == (0, reports[0].cases)
