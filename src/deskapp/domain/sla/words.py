"""Due times and open time in words, line by line: one voice for the command line and the ticket screen."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo

from deskapp.domain.calendar import ClosedDay, OpenSpan, OpenTime, Why
from deskapp.domain.i18n import N_, _
from deskapp.domain.sla.clock import Clock, State
from deskapp.domain.sla.explain import DueExplanation
from deskapp.domain.sla.policy import METRIC_TITLES

DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
REASONS = {
    "customer": N_("waiting for the customer"),
    "parts": N_("waiting for parts"),
    "third_party": N_("waiting for a third party"),
    "reopened": N_("solved, then open again"),
}
_STATES = {
    State.WAITING: N_("waiting"),
    State.RUNNING: N_("running"),
    State.PAUSED: N_("paused"),
    State.MET: N_("met"),
    State.LATE: N_("late"),
    State.CANCELLED: N_("not needed any more"),
}
_MOST = 40


def explain_clock(clock: Clock, why: DueExplanation, zone: tzinfo, now: datetime) -> Iterator[str]:
    """Say why a promise is due when it is; wall times in `zone`, the desk's."""
    name = f"{_(METRIC_TITLES[clock.metric])} {clock.name}".strip()
    state = _("overdue") if clock.overdue(now) else _(_STATES[clock.state])
    yield _("{promise}: {state}").format(promise=name, state=state)
    yield "  " + _("target {target}, by policy {policy}").format(target=why.target, policy=why.policy)
    yield "  " + _("start {at}").format(at=moment(why.start, zone))
    yield from ("  " + line for line in spans(why.counted, zone))
    yield from ("  " + line for line in days(why.closed, why.special))
    for pause in why.pauses:
        reason = _(REASONS[pause.reason]) if pause.reason in REASONS else pause.reason
        until = moment(pause.until, zone) if pause.until else _("still")
        yield "  " + _("pause {since} to {until}: {reason}, moved the due time by {by}").format(
            since=moment(pause.since, zone), until=until, reason=reason, by=length(pause.moved)
        )
    yield "  " + _("counted {total}").format(total=length(why.total))
    if why.due is not None:
        yield "  " + _("due {at} ({zone})").format(at=moment(why.due, zone), zone=why.zone)
    elif clock.state is State.PAUSED:
        yield "  " + _("no due time while it is paused; it stood at {at}").format(at=moment(clock.held_due, zone))
    if clock.done_at is not None and clock.state in (State.MET, State.LATE):
        yield "  " + _("done {at}").format(at=moment(clock.done_at, zone))
    if clock.over_by:
        yield "  " + _("late by {by}").format(by=length(clock.over_by))
    if clock.overdue_by_change:
        yield "  " + _("overdue by a change of grade, priority or calendar")
    yield from ("  " + line for line in unconfirmed(why.unconfirmed))


def explain_open(found: OpenTime, zone: tzinfo) -> Iterator[str]:
    """Say what was counted between two instants."""
    yield from spans(found.spans, zone)
    yield from days(found.closed, found.special)
    yield _("counted {total}").format(total=length(found.total))
    yield from unconfirmed(found.unconfirmed)


def spans(counted: Iterable[OpenSpan], zone: tzinfo) -> Iterator[str]:
    """The stretches that were counted, a line each; a long list is cut in the middle and says so."""
    counted = tuple(counted)
    for place, span in enumerate(counted):
        if len(counted) > _MOST and _MOST // 2 <= place < len(counted) - _MOST // 2:
            if place == _MOST // 2:
                yield _("... {count} more ...").format(count=len(counted) - _MOST)
            continue
        opens, closes = span.opens.astimezone(zone), span.closes.astimezone(zone)
        until = f"{closes:%H:%M}" if closes.date() == opens.date() else moment(closes, zone)
        yield f"{moment(opens, zone)} - {until}  {length(span.length)}"


def days(closed: Iterable[ClosedDay], special: Iterable[tuple[date, str]]) -> Iterator[str]:
    """Days that were closed, by name, and those with hours of their own; weekends are told together."""
    weekly = 0
    for found in closed:
        if found.why is Why.WEEK:
            weekly += 1
            continue
        yield _("closed {day}: {name}").format(day=day_of(found.day), name=found.name or _("closed by the desk"))
    if weekly:
        yield _("closed on {count} days by the week").format(count=weekly)
    for day, name in special:
        yield _("open on {day}: {name}").format(day=day_of(day), name=name or _("hours of its own"))


def unconfirmed(years: Iterable[int]) -> Iterator[str]:
    """A warning for each year whose public holidays are still a forecast."""
    for year in years:
        yield _("! The public holidays of {year} are a forecast: they are not announced yet.").format(year=year)


def moment(at: datetime, zone: tzinfo) -> str:
    """A wall time with its weekday: `Fri 2026-09-25 16:40`."""
    local = at.astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    return f"{day_of(local.date())} {local:%H:%M}{seconds}"


def day_of(day: date) -> str:
    """A date with its weekday."""
    return f"{_(DAYS[day.weekday()])} {day.isoformat()}"


def length(amount: timedelta) -> str:
    """A length in hours and minutes: `9h 30min`."""
    sign, seconds = ("-" if amount < timedelta(0) else ""), int(abs(amount).total_seconds())
    hours, minutes, rest = seconds // 3600, seconds % 3600 // 60, seconds % 60
    parts = [f"{hours}h" if hours else "", f"{minutes}min" if minutes else "", f"{rest}s" if rest else ""]
    return sign + (" ".join(part for part in parts if part) or "0min")
