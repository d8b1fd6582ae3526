"""Calendars at work: show and edit them, say what an edit moves, count all open clocks again; explain due times."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from deskapp.domain.calendar import DayRow, WorkCalendar, spans_of, weeks_of
from deskapp.domain.errors import NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.sla import (
    Clock,
    State,
    explain_due,
)
from deskapp.domain.views_time import CalendarLine, CalendarView, ClockExplained, EditPreview, TicketExplained
from deskapp.models.base import table
from deskapp.models.clock import Calendar, CalendarDay, ClockRules
from deskapp.models.ticket import Ticket
from deskapp.services.clock_rules import DEFAULT_CALENDAR, day_of, day_row, in_force, shipped, spans_text
from deskapp.services.desk import Read, Work, handles
from deskapp.services.holiday_fetch import fetch
from deskapp.services.holiday_seed import seed_holidays
from deskapp.services.refold import preview, refold
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.calendars import (
    DayEdit,
    ExplainTicket,
    FetchHolidays,
    GetCalendar,
    GetCalendars,
    PreviewDays,
    PreviewHolidays,
    SaveDays,
    UseCalendar,
)
from deskapp.services.time_files import shipped_calendars
from deskapp.store import clocks as store
from deskapp.store.refold import Reach
from deskapp.store.rules import calendar_version, keep_version

_SHOWN = 20
_calendars, _days, _rules, _t = table(Calendar), table(CalendarDay), table(ClockRules), table(Ticket)


@handles(GetCalendar)
def get_calendar(read: Read, query: GetCalendar) -> CalendarView:
    """A calendar with its dates. Raises NotFound."""
    connection = read.session.connection()
    row = _row(connection, query.key)
    if row is None:
        if query.key not in ("", DEFAULT_CALENDAR):
            raise _missing(query.key)
        # Nothing has been promised at this desk yet: what it would begin with.
        _policy, calendar = shipped(read.clock.now())
        title = shipped_calendars()[DEFAULT_CALENDAR].title
        years = {y: y not in calendar.unconfirmed for y in sorted({day.year for day in calendar.days})}
        return CalendarView(
            UUID(int=0), 0, calendar.key, {"en": title.en, "zh": title.zh}, calendar, years, in_force=True
        )
    key = connection.execute(select(_rules.c.calendar_key)).scalar()
    years = {int(year): confirmed for year, confirmed in row.years.items()}
    calendar = calendar_version(connection, row.current)
    return CalendarView(row.id, row.version, row.key, row.title, calendar, years, row.key == key)


@handles(PreviewDays)
def preview_days(read: Read, query: PreviewDays) -> EditPreview:
    """What these edits would move, without doing it. Raises Invalid for hours that are none."""
    connection, now = read.session.connection(), read.clock.now()
    row = _row(connection, query.key)
    if row is None:
        return EditPreview(0, 0, 0, ())
    new = _edited(connection, row, query.days, now)
    return preview(connection, row.key, new, now, _reach(query.days))


@handles(SaveDays)
def save_days(work: Work, command: SaveDays) -> Receipt:
    """Store the dates, make the new version, count every open clock of the calendar again. All or nothing."""
    work.authorize(command.action)
    connection = work.session.connection()
    found, calendar = _taken(work, command.key)
    work.expect(calendar, command.version)
    new = _edited(connection, found, command.days, work.now)
    new.require_open(work.now)
    for edit in command.days:
        connection.execute(delete(_days).where(_days.c.calendar_id == calendar.id, _days.c.day == edit.day))
        row = _as_usual(found, edit) if edit.as_usual else DayRow(edit.day, spans_text(edit.hours), edit.name)
        if row is not None:
            connection.execute(insert(_days), day_row(calendar.id, row, "holiday" if edit.as_usual else "desk"))
    keep_version(connection, new, work.now, by=work.actor.id)
    moved = refold(connection, found.key, new, work.now, work.actor.login, _reach(command.days))
    calendar.current = new.version_id
    connection.execute(update(_rules).where(_rules.c.calendar_key == found.key).values(calendar=new.version_id))
    work.tell(
        calendar=found.key, moved=moved,
        days=[[edit.day.isoformat(), None if edit.as_usual else edit.hours, edit.name] for edit in command.days],
    )  # fmt: skip
    work.record(command.action, "calendar", calendar)
    return Receipt("calendar", calendar.id, found.key, 0)


@handles(GetCalendars)
def get_calendars(read: Read, query: GetCalendars) -> tuple[CalendarLine, ...]:
    """The calendars of the desk, by key; before anything has been promised, those it would begin with."""
    connection = read.session.connection()
    key = connection.execute(select(_rules.c.calendar_key)).scalar()
    rows = connection.execute(select(_calendars).order_by(_calendars.c.key)).all()
    found = tuple(
        CalendarLine(
            row.key, row.title, row.zone, row.country, {int(y): sure for y, sure in row.years.items()}, row.key == key
        )
        for row in rows
    )
    return found or tuple(
        CalendarLine(
            key, {"en": file.title.en, "zh": file.title.zh}, file.zone, file.country, {}, key == DEFAULT_CALENDAR
        )
        for key, file in sorted(shipped_calendars().items())
    )


@handles(UseCalendar)
def use_calendar(work: Work, command: UseCalendar) -> Receipt:
    """Give new tickets another calendar. Raises NotFound."""
    work.authorize(command.action)
    connection = work.session.connection()
    found, calendar = _taken(work, command.key)
    calendar_version(connection, calendar.current).require_open(work.now)
    connection.execute(update(_rules).values(calendar_key=found.key, calendar=calendar.current))
    work.tell(calendar=found.key, in_force=True)
    work.record(command.action, "calendar", calendar)
    return Receipt("calendar", calendar.id, found.key, 0)


@handles(PreviewHolidays)
def preview_holidays(read: Read, query: PreviewHolidays) -> EditPreview:
    """What the public holidays of these years would move. Raises NotFound, Invalid for a country that is not known."""
    connection, now = read.session.connection(), read.clock.now()
    row = _row(connection, query.key)
    if row is None:
        return EditPreview(0, 0, 0, ())
    fetched = fetch(connection, row, query, now)
    return preview(connection, row.key, fetched.calendar, now, Reach.of(fetched.changed))


@handles(FetchHolidays)
def fetch_holidays(work: Work, command: FetchHolidays) -> Receipt:
    """Store the public holidays of these years, make the new version, count every open clock of it again."""
    work.authorize(command.action)
    connection = work.session.connection()
    found, calendar = _taken(work, command.key)
    fetched = fetch(connection, found, command, work.now)
    fetched.calendar.require_open(work.now)
    dropped = delete(_days).where(
        _days.c.calendar_id == calendar.id, _days.c.source == "holiday", _days.c.day.between(*fetched.span)
    )
    connection.execute(dropped)
    if fetched.rows:
        connection.execute(insert(_days), [day_row(calendar.id, row, "holiday") for row in fetched.rows])
    keep_version(connection, fetched.calendar, work.now, by=work.actor.id)
    reach = Reach.of(fetched.changed)
    moved = refold(connection, found.key, fetched.calendar, work.now, work.actor.login, reach)
    calendar.current, calendar.years = fetched.calendar.version_id, fetched.years
    calendar.country, calendar.subdivision = fetched.country, fetched.subdivision
    in_use = _rules.c.calendar_key == found.key
    connection.execute(update(_rules).where(in_use).values(calendar=fetched.calendar.version_id))
    years = [fetched.span[0].year, fetched.span[1].year]
    work.tell(calendar=found.key, moved=moved, country=fetched.country, years=years, dates=len(fetched.changed))
    work.record(command.action, "calendar", calendar)
    return Receipt("calendar", calendar.id, found.key, 0)


@handles(ExplainTicket)
def explain_ticket(read: Read, query: ExplainTicket) -> TicketExplained:
    """Take the promises of a ticket apart. Raises NotFound."""
    connection = read.session.connection()
    wanted = _t.c.id == query.ticket_id if query.ticket_id else _t.c.number == query.number
    ticket = connection.execute(select(_t.c.id, _t.c.number).where(wanted)).first()
    if ticket is None:
        raise NotFound(N_("There is no such ticket."), hint=N_("Search for the customer with /."))
    kept = store.load_book(connection, ticket.id)
    clocks: list[Clock] = list(kept.book.clocks) if kept else []
    clocks.sort(key=lambda clock: (not clock.is_open, clock.state is State.PAUSED, clock.held_due))
    told = tuple(
        ClockExplained(clock, explain_due(clock, calendar_version(connection, clock.calendar))) for clock in clocks
    )
    zone = in_force(connection, read.clock.now(), store=False).calendar.zone.key
    return TicketExplained(f"T-{ticket.number}", zone, told)


def _row(connection: Connection, key: str) -> Any:
    if not key:
        key = connection.execute(select(_rules.c.calendar_key)).scalar() or ""
    return connection.execute(select(_calendars).where(_calendars.c.key == key)).first()


def _taken(work: Work, key: str) -> tuple[Any, Calendar]:
    """The row of a calendar and the calendar itself, locked for an edit. Raises NotFound."""
    connection = work.session.connection()
    in_force(connection, work.now, by=work.actor.id)
    row = _row(connection, key)
    if row is None:
        raise _missing(key)
    return row, work.lock(Calendar, row.id)


def _reach(edits: Iterable[DayEdit]) -> Reach:
    days = [edit.day for edit in edits]
    return Reach.of(days or [date.min + timedelta(days=9)])


def _missing(key: str) -> NotFound:
    return NotFound(
        N_("There is no calendar “{key}”."),
        hint=N_("Those of the pack are desk_cn, field_service and around_the_clock."),
        key=key,
    )


def _edited(connection: Connection, row: Any, edits: Iterable[DayEdit], now: datetime) -> WorkCalendar:
    """The calendar with these edits. Raises Invalid."""
    stored = connection.execute(select(_days.c.day, _days.c.hours, _days.c.name).where(_days.c.calendar_id == row.id))
    days = {day: day_of(day, hours, name) for day, hours, name in stored}
    for edit in edits:
        usual = _as_usual(row, edit) if edit.as_usual else DayRow(edit.day, spans_text(edit.hours), edit.name)
        if usual is None:
            days.pop(edit.day, None)
        else:
            days[edit.day] = usual
    forecast = [int(year) for year, confirmed in row.years.items() if not confirmed]
    return WorkCalendar(row.key, row.zone, weeks_of(row.weeks), days=tuple(days.values()), unconfirmed=forecast)


def _as_usual(row: Any, edit: DayEdit) -> DayRow | None:
    """The date without an edit of the desk: what the library of holidays says, or nothing."""
    if not row.country or str(edit.day.year) not in row.years:
        return None
    year = seed_holidays(row.country, [edit.day.year], spans_of(row.make_up), subdivision=row.subdivision)[0]
    return next((found for found in year.rows if found.day == edit.day), None)
