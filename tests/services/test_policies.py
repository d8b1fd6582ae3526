"""The rules of a desk change: another calendar, more holidays, an edited policy; first said, then done, on both."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deskapp.domain.errors import Conflict, Denied, DeskError, Invalid, NotFound
from deskapp.domain.sla import Metric, State
from deskapp.domain.terms import EntryKind
from deskapp.domain.views_time import CalendarLine, CalendarView, EditPreview, PolicyLine
from deskapp.services import time_files
from deskapp.services.requests import calendars as ask
from deskapp.services.requests import tickets
from deskapp.services.requests.policies import GetPolicies, LoadPolicy, PreviewPolicy
from deskapp.services.requests.queue import GetChanges, GetQueue
from tests.services.conftest import Floor
from tests.services.test_clocks import assert_refold_is_the_same, clocks_of, do, open_one

SHIPPED = (time_files.POLICIES / "default.yaml").read_text(encoding="utf-8")


def edited(version: int, *changes: tuple[str, str]) -> str:
    text = SHIPPED.replace("\nversion: 1\n", f"\nversion: {version}\n")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def policies(floor: Floor) -> tuple[PolicyLine, ...]:
    found: tuple[PolicyLine, ...] = floor.desk.read(floor.people["lin"], GetPolicies())
    return found


def test_an_edited_policy_is_previewed_then_given_to_open_tickets_in_one_go(floor: Floor) -> None:
    ticket, done = open_one(floor), open_one(floor)
    do(floor, tickets.SolveTicket(ticket_id=done, resolution="belt"))
    finished = clocks_of(floor, done)[Metric.RESOLVE]
    floor.clock.advance(hours=13)
    resolve = "resolve: {within: 24h, pause: [customer, parts, third_party]"
    assert SHIPPED.count(resolve) >= 2
    source = edited(2, (resolve, resolve.replace("24h", "12h")))
    before = clocks_of(floor, ticket)
    seen: EditPreview = floor.desk.read(floor.people["lin"], PreviewPolicy(source=source, name="ours.yaml"))
    assert (seen.moved, seen.become_overdue) == (1, 1)
    assert clocks_of(floor, ticket) == before and [line.id for line in policies(floor)] == ["default@1"]

    seq = floor.desk.read(floor.people["lin"], GetQueue()).seq
    floor.do("lin", LoadPolicy(source=source, name="ours.yaml"))
    now = clocks_of(floor, ticket)[Metric.RESOLVE]
    assert now.due_at == floor.clock.now() - timedelta(hours=1) and now.overdue_by_change
    assert clocks_of(floor, done)[Metric.RESOLVE] == finished, "what is finished is never touched"
    for one in (ticket, done):
        assert_refold_is_the_same(floor, one)
    assert [(line.id, line.in_force) for line in policies(floor)] == [("default@1", False), ("default@2", True)]
    assert floor.desk.read(floor.people["lin"], GetChanges(since=seq)).tickets is None
    assert clocks_of(floor, open_one(floor))[Metric.RESOLVE].policy == "default@2"


def test_new_tickets_alone_may_get_it_and_an_older_version_may_come_back(floor: Floor) -> None:
    ticket = open_one(floor)
    floor.do("lin", LoadPolicy(source=edited(2, ("late_entry: 48h", "late_entry: 24h")), only_new=True))
    assert clocks_of(floor, ticket)[Metric.RESOLVE].policy == "default@1"
    assert clocks_of(floor, open_one(floor))[Metric.RESOLVE].policy == "default@2"
    floor.do("lin", LoadPolicy(source=SHIPPED))
    assert [line.id for line in policies(floor) if line.in_force] == ["default@1"]
    assert_refold_is_the_same(floor, ticket)


def test_other_figures_under_the_same_version_are_refused_and_a_look_leaves_nothing(floor: Floor) -> None:
    open_one(floor)
    other = SHIPPED.replace("late_entry: 48h", "late_entry: 24h")
    lin = floor.people["lin"]
    with pytest.raises(Conflict, match="default@1"):
        floor.desk.read(lin, PreviewPolicy(source=other))
    with pytest.raises(Conflict, match="default@1"):
        floor.do("lin", LoadPolicy(source=other))
    first = edited(2, ("late_entry: 48h", "late_entry: 24h"))
    floor.desk.read(lin, PreviewPolicy(source=first))
    second = edited(2, ("late_entry: 48h", "late_entry: 12h"))
    floor.do("lin", LoadPolicy(source=second))
    floor.clock.advance(hours=20)
    ticket = open_one(floor)
    floor.clock.advance(hours=13)
    early = floor.clock.now() - timedelta(hours=12, minutes=30)
    late_entry = tickets.AddEntry(ticket_id=ticket, kind=EntryKind.CALL_OUT, text="told", occurred_at=early)
    with pytest.raises(Invalid, match="12 hours"):
        do(floor, late_entry)
    with pytest.raises(DeskError, match=r"ours\.yaml:\d+: "):
        floor.desk.read(lin, PreviewPolicy(source=edited(3, ("notices", "notice")), name="ours.yaml"))
    with pytest.raises(Denied):
        floor.do("chen", LoadPolicy(source=second))


def test_another_calendar_for_new_tickets(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 6, 9, tzinfo=UTC)  # Friday 17:00
    old = open_one(floor, outcome="complex_3wd")
    lines: tuple[CalendarLine, ...] = floor.desk.read(floor.people["lin"], ask.GetCalendars())
    assert [line.key for line in lines if line.in_force] == ["desk_cn"] and len(lines) == 3
    floor.do("lin", ask.UseCalendar(key="around_the_clock"))
    new = open_one(floor, outcome="complex_3wd")
    dues = [clocks_of(floor, ticket)[Metric.RESOLVE].due_at for ticket in (old, new)]
    assert dues[0] == datetime(2026, 3, 11, 10, tzinfo=UTC) and dues[1] < dues[0]
    for ticket in (old, new):
        assert_refold_is_the_same(floor, ticket)
    with pytest.raises(NotFound):
        floor.do("lin", ask.UseCalendar(key="moon"))


def test_more_years_of_holidays_and_those_of_another_country(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 4, 29, 2, tzinfo=UTC)
    ticket = open_one(floor, outcome="complex_3wd")
    own = ask.DayEdit(day=date(2026, 5, 4), hours="09:00-12:00", name="inventory")
    floor.do("lin", ask.SaveDays(days=(own,)))
    due = clocks_of(floor, ticket)[Metric.RESOLVE].due_at
    lin = floor.people["lin"]
    asked = {"country": "de", "subdivision": "BY", "first_year": 2026, "last_year": 2031}
    seen: EditPreview = floor.desk.read(lin, ask.PreviewHolidays(**asked))
    assert seen.moved == 1
    floor.do("lin", ask.FetchHolidays(**asked))
    view: CalendarView = floor.desk.read(lin, ask.GetCalendar())
    assert view.calendar.days[own.day].name == "inventory", "what the desk wrote stays"
    assert not view.calendar.is_workday(date(2031, 12, 25)) and view.calendar.is_workday(date(2026, 5, 5))
    assert view.years[2031] and {2025, 2026, 2031} <= set(view.years)
    assert clocks_of(floor, ticket)[Metric.RESOLVE].due_at != due
    assert clocks_of(floor, ticket)[Metric.RESOLVE].state is State.RUNNING
    assert_refold_is_the_same(floor, ticket)
    with pytest.raises(Invalid):
        floor.do("lin", ask.FetchHolidays(country="XX", first_year=2026, last_year=2026))
    with pytest.raises(Invalid):
        floor.do("lin", ask.FetchHolidays(first_year=2030, last_year=2026))
