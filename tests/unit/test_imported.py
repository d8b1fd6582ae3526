"""Rows of a log as cases: times, words, what was known when; maps that cannot be followed say where and why."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskapp.domain import imported
from deskapp.domain.import_map import BadMap, read_map
from deskapp.domain.imported import CaseReader, Row, repair, stand, verdict, wall_clock
from deskapp.domain.sheet import guard_cell
from deskapp.domain.terms import Status

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BOSTON = ZoneInfo("America/New_York")
CASES = """
source = "city"
[file]
zone = "America/New_York"
dates = ["%Y-%m-%d %H:%M"]
[case]
key = "id"
subject = ["title", "{kind} at {place}"]
opened = "opened"
due = "due"
closed = "closed"
status = "state"
[words.status]
Open = "open"
Closed = "closed"
"""
EVENTS = """
source = "desk"
[file]
zone = "UTC"
dates = ["%Y-%m-%d %H:%M"]
missing = ["?"]
[case]
key = "id"
opened = "opened"
subject = "title"
team = "group"
assignee = "agent"
status = "state"
priority = "prio"
[event]
at = "at"
author = "by"
[words.status]
New = "open"
Waiting = "paused.customer"
Resolved = "solved"
Closed = "closed"
[words.priority]
P1 = "urgent"
P3 = "normal"
[targets]
by = "prio"
P1 = "4h"
P3 = "2d"
"""


def single(**cells: str) -> Row:
    blank = {name: "" for name in ("id", "title", "kind", "place", "opened", "due", "closed", "state")}
    return Row(2, blank | {"id": "7", "title": "pothole", "opened": "2015-02-01 08:00", "state": "Open"} | cells)


def read_one(row: Row) -> imported.Case:
    case, rejected = CaseReader(read_map(CASES, "city.toml"), NOW).case([row])
    assert case is not None, [str(error) for _row, error in rejected]
    return case


def event(at: str, **cells: str) -> Row:
    blank = {"id": "7", "title": "mail", "opened": "2016-03-01 08:00", "group": "?", "agent": "?", "prio": "P3"}
    return Row(int(cells.pop("line", "2")), blank | {"state": "New", "at": at, "by": "Ann"} | cells)


def test_wall_clock_times_become_instants_with_what_is_odd_about_them() -> None:
    def at(*parts: int) -> tuple[str, str]:
        instant, odd = wall_clock(datetime(*parts), BOSTON)  # type: ignore[arg-type]  # noqa: DTZ001
        return instant.isoformat(), odd

    assert at(2015, 2, 1, 8) == ("2015-02-01T13:00:00+00:00", "")
    assert at(2015, 3, 8, 2, 30) == ("2015-03-08T07:00:00+00:00", imported.GAP)
    assert at(2015, 11, 1, 1, 30) == ("2015-11-01T05:30:00+00:00", imported.TWICE)


@given(st.integers(0, 60 * 24 * 400), st.integers(1, 600), st.sampled_from(["America/New_York", "Australia/Lord_Howe"]))
def test_the_order_of_wall_clock_times_is_kept(minute: int, step: int, zone: str) -> None:
    local = datetime(2015, 1, 1) + timedelta(minutes=minute)  # noqa: DTZ001
    earlier, later = (wall_clock(moment, ZoneInfo(zone))[0] for moment in (local, local + timedelta(minutes=step)))
    assert earlier <= later


@pytest.mark.parametrize(
    ("cells", "closed_at", "notes"),
    [
        ({"closed": "2015-02-02 08:00", "state": "Closed"}, "2015-02-02T13:00:00+00:00", []),
        ({"closed": "2015-01-31 08:00", "state": "Closed"}, "2015-01-31T13:00:00+00:00", [imported.CLOSED_FIRST]),
        ({"closed": "2015-02-02 08:00"}, "2015-02-02T13:00:00+00:00", [imported.STILL_OPEN]),
        ({"state": "Closed"}, "2015-02-01T13:00:00+00:00", [imported.NO_CLOSING]),
        ({}, None, []),
    ],
)
def test_a_case_ends_when_its_log_says_however_odd(
    cells: dict[str, str], closed_at: str | None, notes: list[str]
) -> None:
    case = read_one(single(**cells))
    end = case.standing
    assert (end.closed_at and end.closed_at.isoformat(), case.notes) == (closed_at, notes)
    assert end.status is (Status.CLOSED if closed_at else Status.OPEN)
    assert all(change.at >= case.opened_at for change in case.changes), "nothing happens before a case is opened"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"opened": ""}, "opened is missing"),
        ({"opened": "1/2/2015"}, "no date of the map's formats"),
        ({"opened": "1969-12-31 00:00"}, "which cannot be"),
        ({"opened": "2026-03-04 00:00"}, "which cannot be"),
        ({"state": "Maybe"}, "status is Maybe, which the map does not explain"),
        ({"title": "", "kind": "", "place": ""}, "subject is missing"),
        ({"title": "x" * 201}, "subject has 201 characters; 200 fit"),
        ({"id": " "}, "key is missing"),
    ],
)
def test_a_row_that_cannot_come_in_says_why(cells: dict[str, str], reason: str) -> None:
    case, rejected = CaseReader(read_map(CASES, "city.toml"), NOW).case([single(**cells)])
    assert case is None
    assert reason in str(rejected[0][1])


def test_the_first_source_that_says_something_is_taken() -> None:
    assert read_one(single(title="", kind="hole", place="Main St")).first.facts["subject"] == "hole at Main St"


def test_an_event_log_tells_only_what_was_known_by_then() -> None:
    rows = [
        event("2016-03-01 09:00", group="Mail"),
        event("2016-03-01 10:00", group="Mail", agent="Bob", state="Waiting"),
        event("2016-03-01 12:00", group="Mail", agent="Bob", prio="P1"),
        event("2016-03-02 09:00", group="Mail", agent="Bob", prio="P1", state="Resolved"),
        event("2016-03-03 09:00", group="Mail", agent="Bob", prio="P1", state="New"),
        event("2016-03-04 09:00", group="Mail", agent="Bob", prio="P1", state="Resolved"),
        event("2016-03-09 09:00", group="Mail", agent="Bob", prio="P1", state="Closed"),
    ]
    case, rejected = CaseReader(read_map(EVENTS, "desk.toml"), NOW).case(rows)
    assert case is not None and not rejected

    def as_of(at: str) -> imported.Standing:
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        changes = [change for change in (case.first, *case.changes) if change.at <= moment]
        return stand(case.opened_at, [(change.at, change.facts) for change in changes])

    assert "team" not in as_of("2016-03-01T08:30").facts, "the first row came half an hour after the opening"
    assert as_of("2016-03-01T08:30").due_at == datetime(2016, 3, 3, 8, tzinfo=UTC)
    assert (as_of("2016-03-01T11:00").status, as_of("2016-03-01T11:00").facts["assignee"]) == (Status.PAUSED, "Bob")
    assert as_of("2016-03-01T12:00").due_at == datetime(2016, 3, 1, 12, tzinfo=UTC), "the target follows the priority"
    assert as_of("2016-03-02T10:00").solved_at == datetime(2016, 3, 2, 9, tzinfo=UTC)
    again = as_of("2016-03-03T10:00")
    assert (again.status, again.solved_at, again.reopened) == (Status.OPEN, None, 1)
    end = case.standing
    assert (end.solved_at, end.closed_at) == (
        datetime(2016, 3, 4, 9, tzinfo=UTC), datetime(2016, 3, 9, 9, tzinfo=UTC)
    )  # fmt: skip


def test_a_bad_row_of_an_event_log_leaves_the_others_in() -> None:
    rows = [event("2016-03-01 09:00"), event("yesterday", line="3"), event("2016-03-01 11:00", state="Resolved")]
    case, rejected = CaseReader(read_map(EVENTS, "desk.toml"), NOW).case(rows)
    assert case is not None and case.standing.status is Status.SOLVED
    assert [row.line for row, _error in rejected] == [3]


@pytest.mark.parametrize(("seconds", "told"), [(-1, "met"), (0, "met"), (1, "missed")])
def test_work_done_on_the_due_instant_is_in_time(seconds: int, told: str) -> None:
    assert verdict(NOW, NOW + timedelta(seconds=seconds)) == told


@pytest.mark.parametrize(
    ("cell", "kind", "mended"),
    [
        ("2108.0", "zip", "02108"), ("02108", "zip", "02108"), ("2108-1234", "zip", "2108-1234"),
        ("3.0", "whole", "3"), ("3.5", "whole", "3.5"), ("POWER TRAIN ABS", "title", "Power Train ABS"),
    ],
)  # fmt: skip
def test_cells_are_mended(cell: str, kind: str, mended: str) -> None:
    assert repair(cell, kind) == mended


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('key = "id"', 'kee = "id"'), "m.toml:7: case.kee: there is no key kee here.|Did you mean key?"),
        (('key = "id"', ""), "m.toml:6: case: key is missing."),
        (('Closed = "closed"', 'Closed = "close"'), "words.status.Closed: close means|Did you mean closed?"),
        (
            ("America/New_York", "America/Newyork"),
            "m.toml:4: file.zone: there is no time zone|Did you mean America/N",
        ),
        (('"%Y-%m-%d %H:%M"', '"%Q"'), "m.toml:5: file.dates: %Q is no format of dates."),
        (('source = "city"', 'source = "My City"'), "m.toml:2: source: My City is no name"),
        (("[case]", "[case"), "m.toml: this is not TOML:"),
        (('status = "state"', 'grade = "state"'), "m.toml:13: words.status: [case] names no column for status."),
    ],
)
def test_a_bad_map_names_file_line_key_and_what_was_meant(change: tuple[str, str], told: str) -> None:
    with pytest.raises(BadMap) as found:
        read_map(CASES.replace(*change).replace("\n\n", "\n"), "m.toml")
    message, _bar, hint = told.partition("|")
    assert message in str(found.value)
    assert hint in found.value.hint


def test_a_column_that_the_log_lacks_is_told_with_the_nearest_one() -> None:
    with pytest.raises(BadMap, match=r"city.toml:\d+: case.closed: the log has no column closed") as found:
        read_map(CASES, "city.toml").check_header(["id", "title", "kind", "place", "opened", "due", "close", "state"])
    assert "close" in found.value.hint


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "＝1", "＋1+1", "－1-1", "＠x", "\t=1", " =1", "\r=1"]
)
def test_a_cell_that_looks_like_a_formula_is_guarded(cell: str) -> None:
    assert guard_cell(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "plain", "+86 138 0013 8000", "-12.5", "a=b", "10%"])
def test_other_cells_and_telephone_numbers_stay_as_they_are(cell: str) -> None:
    assert guard_cell(cell) == cell
