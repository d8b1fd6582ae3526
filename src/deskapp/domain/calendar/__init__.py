"""Working calendars: when a desk is open, and open time counted over them."""

from deskapp.domain.calendar.explain import ClosedDay, OpenSpan, OpenTime, Why, explain_open_time
from deskapp.domain.calendar.hours import (
    WEEKDAYS,
    AnnualClosure,
    DayRow,
    Span,
    Spans,
    Week,
    WeekVersion,
    clock_seconds,
    week_of,
)
from deskapp.domain.calendar.records import calendar_data, calendar_of, spans_data, spans_of, weeks_data, weeks_of
from deskapp.domain.calendar.work import HORIZON, WorkCalendar

__all__ = [
    "HORIZON",
    "WEEKDAYS",
    "AnnualClosure",
    "ClosedDay",
    "DayRow",
    "OpenSpan",
    "OpenTime",
    "Span",
    "Spans",
    "Week",
    "WeekVersion",
    "Why",
    "WorkCalendar",
    "calendar_data",
    "calendar_of",
    "clock_seconds",
    "explain_open_time",
    "spans_data",
    "spans_of",
    "week_of",
    "weeks_data",
    "weeks_of",
]
