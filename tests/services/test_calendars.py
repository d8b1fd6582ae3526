"""Calendars at work: an edit is shown before it is made, then every open clock is counted again in one go."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from deskapp.domain.errors import Conflict, Denied, Invalid
from deskapp.domain.sla import Metric
from deskapp.domain.views_time import CalendarView, EditPreview, TicketExplained
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.calendars import DayEdit, ExplainTicket, GetCalendar, PreviewDays, SaveDays
from deskapp.services.requests.queue import GetChanges, GetQueue
from tests.services.conftest import Floor
from tests.services.test_clocks import assert_refold_is_the_same, clocks_of, do, open_one

TUESDAY = DayEdit(day=date(2026, 3, 3), name="Stocktaking")


def calendar(floor: Floor) -> CalendarView:
    view: CalendarView = floor.desk.read(floor.people["lin"], GetCalendar())
    return view


def test_an_edit_is_previewed_then_moves_every_open_due_time_at_once(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 3, 2, 2, tzinfo=UTC)  # Monday 10:00 in Shanghai
    open_ones = [open_one(floor, outcome="complex_3wd") for _ in range(3)]
    done = open_one(floor, outcome="complex_3wd")
    do(floor, ask.SolveTicket(ticket_id=done, resolution="belt"))
    lin, before = floor.people["lin"], {ticket: clocks_of(floor, ticket) for ticket in (*open_ones, done)}
    assert before[open_ones[0]][Metric.RESOLVE].due_at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    preview: EditPreview = floor.desk.read(lin, PreviewDays(days=(TUESDAY,)))
    assert (preview.moved, preview.become_overdue, len(preview.first)) == (3, 0, 3)
    assert clocks_of(floor, open_ones[0]) == before[open_ones[0]], "a preview does nothing"

    seq = floor.desk.read(lin, GetQueue()).seq
    floor.do("lin", SaveDays(days=(TUESDAY,), version=calendar(floor).version))
    for ticket in open_ones:
        assert clocks_of(floor, ticket)[Metric.RESOLVE].due_at == datetime(2026, 3, 6, 10, tzinfo=UTC)
        assert_refold_is_the_same(floor, ticket)
    assert clocks_of(floor, done)[Metric.RESOLVE] == before[done][Metric.RESOLVE], "what is finished is never touched"
    assert floor.desk.read(lin, GetChanges(since=seq)).tickets is None, "other seats look at everything again"
    # The old version still explains what it decided.
    told: TicketExplained = floor.desk.read(lin, ExplainTicket(ticket_id=done))
    assert told.zone == "Asia/Shanghai"
    told = floor.desk.read(lin, ExplainTicket(ticket_id=open_ones[0]))
    resolve = next(entry for entry in told.clocks if entry.clock.metric is Metric.RESOLVE)
    assert [(day.day, day.name) for day in resolve.why.closed] == [(TUESDAY.day, "Stocktaking")]

    floor.do("lin", SaveDays(days=(DayEdit(day=TUESDAY.day, as_usual=True),)))
    assert clocks_of(floor, open_ones[0])[Metric.RESOLVE].due_at == before[open_ones[0]][Metric.RESOLVE].due_at
    assert_refold_is_the_same(floor, open_ones[0])


def test_a_miss_that_an_edit_makes_is_counted_in_the_preview(floor: Floor) -> None:
    floor.clock.at = datetime(2026, 9, 30, 9, tzinfo=UTC)
    ticket: UUID = open_one(floor, outcome="complex_3wd")
    floor.clock.at = datetime(2026, 10, 9, 11, tzinfo=UTC)
    # Had the desk been open on the 2nd, the third working day would have been the 9th.
    opened = DayEdit(day=date(2026, 10, 2), hours="09:00-18:00", name="extra day")
    preview: EditPreview = floor.desk.read(floor.people["lin"], PreviewDays(days=(opened,)))
    assert (preview.moved, preview.become_overdue) == (1, 1)
    floor.do("lin", SaveDays(days=(opened,)))
    assert clocks_of(floor, ticket)[Metric.RESOLVE].overdue_by_change


def test_a_new_desk_has_the_holidays_and_says_which_year_is_a_forecast(floor: Floor) -> None:
    open_one(floor)
    view = calendar(floor)
    assert view.in_force and view.years[2026]
    assert not view.calendar.is_workday(date(2026, 10, 1)) and view.calendar.is_workday(date(2026, 10, 10))


def test_who_may_not_and_what_makes_no_sense_is_refused(floor: Floor) -> None:
    open_one(floor)
    with pytest.raises(Denied):
        floor.do("chen", SaveDays(days=(TUESDAY,)))
    with pytest.raises(Invalid, match="span of opening hours"):
        floor.do("lin", SaveDays(days=(DayEdit(day=TUESDAY.day, hours="all day"),)))
    version = calendar(floor).version
    floor.do("lin", SaveDays(days=(TUESDAY,), version=version))
    floor.clock.advance(seconds=1)
    with pytest.raises(Conflict):
        floor.do("lin", SaveDays(days=(DayEdit(day=TUESDAY.day + timedelta(1)),), version=version))
