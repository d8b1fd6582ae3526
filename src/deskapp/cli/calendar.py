"""`deskapp calendar …` and `deskapp sla explain`: when is it due, and why."""

import calendar as months
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, instant, say
from deskapp.cli.queue import Ticket, find_ticket
from deskapp.cli.session import desk_of, now
from deskapp.domain.calendar import OpenTime, WorkCalendar, explain_open_time
from deskapp.domain.errors import DeskError, Invalid, NotFound
from deskapp.domain.i18n import N_, _
from deskapp.domain.sla import Amount, Unit
from deskapp.domain.sla.words import DAYS, day_of, explain_clock, explain_open, length, moment, unconfirmed
from deskapp.domain.views_time import CalendarView, TicketExplained
from deskapp.services.clock_rules import DEFAULT_CALENDAR, YEARS_AHEAD, YEARS_BACK
from deskapp.services.requests.calendars import ExplainTicket, GetCalendar
from deskapp.services.time_files import read_calendar, shipped_calendars

Which = Annotated[
    str, typer.Option("--calendar", metavar="NAME|FILE", help=N_("A calendar's name or file; else that of the desk."))
]
Moment = Annotated[
    str, typer.Argument(metavar="MOMENT", help=N_("Wall time at the desk, such as 2026-09-25T16:40; now: now."))
]
Time = Annotated[str, typer.Argument(metavar="AMOUNT", help=N_("8h open, 3 workdays, 24h (real time)."))]


def show(
    call: Call,
    month: Annotated[str, typer.Argument(metavar="MONTH", help=N_("Such as 2026-10; else this month."))] = "",
    calendar: Which = "",
) -> None:
    work = _calendar(call, calendar)
    first = _month(month, work)
    last = date(first.year, first.month, months.monthrange(first.year, first.month)[1])
    days = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)]
    rows = [(day, work.spans_on(day), work.days.get(day)) for day in days]
    if call.json:
        emit(
            {
                "calendar": work.key, "zone": work.zone.key, "version": work.version_id,
                "confirmed": first.year not in work.unconfirmed,
                "days": [
                    {"day": day.isoformat(), "hours": [str(span) for span in spans], "name": row.name if row else ""}
                    for day, spans, row in rows
                ],
            }
        )  # fmt: skip
        return
    say(f"{work.key}  {first:%Y-%m}  {work.zone.key}")
    for day, spans, row in rows:
        hours = "  ".join(map(str, spans)) or _("closed")
        say(f"{_(DAYS[day.weekday()])} {day:%d}  {hours:24}  {row.name if row else ''}".rstrip())
    for warning in unconfirmed([first.year] if first.year in work.unconfirmed else []):
        say(warning)


def check(call: Call, file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("A calendar file."))]) -> None:
    found = read_calendar(file)
    year = now().year
    work = found.build(found.holidays(range(year - YEARS_BACK, year + YEARS_AHEAD + 1)))
    work.require_open(now())
    if call.json:
        emit({"calendar": work.key, "zone": work.zone.key, "version": work.version_id, "days": len(work.days)})
        return
    say(_("{calendar} is sound: {days} dates differ from the week.").format(calendar=work.key, days=len(work.days)))
    for warning in unconfirmed(sorted(work.unconfirmed)):
        say(warning)


def add(call: Call, start: Moment, amount: Time, calendar: Which = "") -> None:
    work = _calendar(call, calendar)
    begin, target = _moment(start, work), Amount.parse(amount)
    _tell(call, work, _Answer(begin, target.due(work, begin), str(target), real=target.unit is Unit.REAL))


def subtract(call: Call, end: Moment, amount: Time, calendar: Which = "") -> None:
    work = _calendar(call, calendar)
    until, target = _moment(end, work), Amount.parse(amount)
    if target.unit is Unit.WORKDAYS:
        found = work.subtract_workdays(until, target.days, keep_time=target.keep_time)
    elif target.unit is Unit.OPEN:
        found = work.subtract(until, target.length)
    else:
        found = until - target.length
    _tell(call, work, _Answer(found, until, str(target), real=target.unit is Unit.REAL, back=True))


def between(call: Call, start: Moment, end: Moment, calendar: Which = "") -> None:
    work = _calendar(call, calendar)
    _tell(call, work, _Answer(_moment(start, work), _moment(end, work)))


def is_open(call: Call, at: Moment = "now", calendar: Which = "") -> None:
    work = _calendar(call, calendar)
    when = _moment(at, work)
    _state(call, work, when)


def following(call: Call, at: Moment = "now", calendar: Which = "") -> None:
    work = _calendar(call, calendar)
    when = _moment(at, work)
    opens, closes = work.next_open(when), work.next_close(when)
    if call.json:
        emit({"at": instant(when), "next_open": instant(opens), "next_close": instant(closes), "zone": work.zone.key})
        return
    say(_("next open {at}").format(at=moment(opens, work.zone)))
    say(_("next close {at}").format(at=moment(closes, work.zone)) if closes else _("it never closes"))


def workdays(call: Call, start: Moment, end: Moment, calendar: Which = "") -> None:
    work = _calendar(call, calendar)
    begin, until = _moment(start, work), _moment(end, work)
    count = work.workdays_between(begin, until)
    found = explain_open_time(work, begin, until)
    if call.json:
        emit({"workdays": count, **_facts(work, found)})
        return
    say(_("{count} working days after {start}, up to {end}").format(
        count=count, start=day_of(work.local_date(begin)), end=day_of(work.local_date(until)),
    ))  # fmt: skip
    for line in explain_open(found, work.zone):
        say("  " + line)


def explain(call: Call, ticket: Ticket) -> None:
    with desk_of(call) as (desk, actor):
        found = find_ticket(desk, actor, ticket)
        told: TicketExplained = desk.read(actor, ExplainTicket(ticket_id=found.id))
        at = desk.clock.now()
    if call.json:
        emit({"ticket": told.ticket, "zone": told.zone, "promises": [_promise(entry) for entry in told.clocks]})
        return
    say(f"{told.ticket}  {found.row.subject}")
    if not told.clocks:
        say(_("Nothing is promised on this ticket."))
    for entry in told.clocks:
        for line in explain_clock(entry.clock, entry.why, ZoneInfo(told.zone), at):
            say(line)


@dataclass(frozen=True, slots=True)
class _Answer:
    """Two instants with what lies between them; `back`: the first is the result."""

    start: datetime
    end: datetime
    amount: str = ""
    real: bool = False
    back: bool = False


def _tell(call: Call, work: WorkCalendar, answer: _Answer) -> None:
    found = explain_open_time(work, answer.start, max(answer.start, answer.end))
    result = answer.start if answer.back else answer.end
    if call.json:
        value = {"result": instant(result), "result_local": result.astimezone(work.zone).isoformat()}
        emit(({"amount": answer.amount, **value} if answer.amount else {}) | _facts(work, found))
        return
    if answer.amount:
        given = answer.end if answer.back else answer.start
        sign = "-" if answer.back else "+"
        say(f"{moment(given, work.zone)} {sign} {answer.amount} = {moment(result, work.zone)} ({work.zone.key})")
    else:
        say(f"{length(found.total)}  {moment(answer.start, work.zone)} - {moment(answer.end, work.zone)}")
    if answer.real:
        say("  " + _("real time: every hour counts"))
        return
    for line in explain_open(found, work.zone):
        say("  " + line)


def _state(call: Call, work: WorkCalendar, when: datetime) -> None:
    opened, day = work.is_open(when), work.local_date(when)
    turns, row = work.boundary_after(when), work.days.get(day)
    if call.json:
        emit({"at": instant(when), "open": opened, "until": instant(turns), "name": row.name if row else "",
              "zone": work.zone.key})  # fmt: skip
        return
    word = _("open") if opened else _("closed")
    until = _("until {at}").format(at=moment(turns, work.zone)) if turns else ""
    say(f"{moment(when, work.zone)}  {word}  {until}  {row.name if row else ''}".rstrip())


def _facts(work: WorkCalendar, found: OpenTime) -> dict[str, Any]:
    return {
        "calendar": work.key,
        "zone": found.zone,
        "start": instant(found.start),
        "end": instant(found.end),
        "open_seconds": found.total.total_seconds(),
        "spans": [{"opens": instant(span.opens), "closes": instant(span.closes)} for span in found.spans],
        "closed": [{"day": day.day.isoformat(), "why": day.why.value, "name": day.name} for day in found.closed],
        "special": [{"day": day.isoformat(), "name": name} for day, name in found.special],
        "unconfirmed": list(found.unconfirmed),
    }


def _promise(entry: Any) -> dict[str, Any]:
    clock, why = entry.clock, entry.why
    return {
        "metric": clock.metric.value, "name": clock.name, "round": clock.round, "state": clock.state.value,
        "target": why.target, "policy": why.policy, "calendar": why.calendar, "start": instant(why.start),
        "due_at": instant(why.due), "done_at": instant(clock.done_at), "over_by": clock.over_by.total_seconds(),
        "counted_seconds": why.total.total_seconds(),
        "spans": [{"opens": instant(span.opens), "closes": instant(span.closes)} for span in why.counted],
        "closed": [{"day": day.day.isoformat(), "why": day.why.value, "name": day.name} for day in why.closed],
        "pauses": [
            {"since": instant(p.since), "until": instant(p.until), "reason": p.reason, "moved": p.moved.total_seconds()}
            for p in why.pauses
        ],
        "unconfirmed": list(why.unconfirmed),
    }  # fmt: skip


def _calendar(call: Call, which: str) -> WorkCalendar:
    """A calendar by file, by name, or the desk's; without a desk, that of the pack."""
    year = now().year
    years = range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
    if which.endswith((".yaml", ".yml")):
        file = read_calendar(Path(which))
        return file.build(file.holidays(years))
    try:
        with desk_of(call) as (desk, actor):
            view: CalendarView = desk.read(actor, GetCalendar(key=which))
            return view.calendar
    except DeskError as trouble:
        # Without a desk, or for a calendar that it does not have, those of the pack answer.
        found = shipped_calendars().get(which or DEFAULT_CALENDAR)
        if found is None:
            raise NotFound(
                N_("There is no calendar “{key}”."),
                hint=N_("Those of the pack are desk_cn, field_service and around_the_clock."),
                key=which,
            ) from trouble
        return found.build(found.holidays(years))


def _moment(text: str, work: WorkCalendar) -> datetime:
    if text == "now":
        return now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(
            N_("{text} is not a moment."), hint=N_("Write it as 2015-02-10T12:00."), field="moment", text=text
        ) from None
    return found.astimezone(UTC) if found.tzinfo else work.instant(found)


def _month(text: str, work: WorkCalendar) -> date:
    if not text:
        return work.local_date(now()).replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Invalid(N_("{text} is no month."), hint=N_("Write it as 2026-10."), field="month", text=text) from None


__all__ = ["add", "between", "check", "explain", "following", "is_open", "show", "subtract", "workdays"]
