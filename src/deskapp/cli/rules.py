"""`deskapp calendar list | use | holidays` and `deskapp sla policies | load`: the rules that promises are judged by."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, instant, print_table, say
from deskapp.cli.session import desk_of
from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.sla import METRIC_TITLES, Metric
from deskapp.domain.sla.words import unconfirmed
from deskapp.domain.views_time import CalendarView, EditPreview
from deskapp.services.requests import calendars as ask
from deskapp.services.requests import policies

_LARGEST = 90_000
Yes = Annotated[bool, typer.Option("--yes", help=N_("Do it; without it, only say what it would change."))]


def list_calendars(call: Call) -> None:
    with desk_of(call) as (desk, actor):
        lines = desk.read(actor, ask.GetCalendars())
    if call.json:
        emit([
            {"calendar": line.key, "title": line.title, "zone": line.zone, "country": line.country,
             "in_force": line.in_force, "confirmed": [year for year, sure in line.years.items() if sure],
             "forecast": [year for year, sure in line.years.items() if not sure]}
            for line in lines
        ])  # fmt: skip
        return
    headings = ["", _("calendar"), _("title"), _("zone"), _("country"), _("holidays known"), _("forecast")]
    rows = [
        (
            "*" if line.in_force else "", line.key, _titled(line.title), line.zone, line.country,
            _years([year for year, sure in line.years.items() if sure]),
            _years([year for year, sure in line.years.items() if not sure]),
        )
        for line in lines
    ]  # fmt: skip
    print_table(headings, rows)


def use(call: Call, name: Annotated[str, typer.Argument(metavar="NAME", help=N_("One of `calendar list`."))]) -> None:
    with desk_of(call) as (desk, actor):
        receipt = desk.execute(actor, ask.UseCalendar(key=name))
    if call.json:
        emit({"calendar": receipt.label, "in_force": True})
    else:
        say(_("New tickets get the calendar {name}; those that are open stay on theirs.").format(name=receipt.label))


def holidays(
    call: Call,
    years: Annotated[str, typer.Option("--years", metavar="FIRST-LAST", help=N_("Such as 2026-2030 or 2028."))] = "",
    country: Annotated[str, typer.Option("--country", metavar="XX", help=N_("Two letters, such as CN or DE."))] = "",
    subdivision: Annotated[str, typer.Option("--subdivision", metavar="CODE", help=N_("A state or province."))] = "",
    calendar: Annotated[str, typer.Option("--calendar", metavar="NAME", help=N_("Else that of the desk."))] = "",
    yes: Yes = False,
) -> None:
    first, last = _span(years)
    asked: dict[str, Any] = {
        "key": calendar, "first_year": first, "last_year": last, "country": country, "subdivision": subdivision,
    }  # fmt: skip
    with desk_of(call) as (desk, actor):
        seen = desk.read(actor, ask.PreviewHolidays(**asked))
        if yes:
            desk.execute(actor, ask.FetchHolidays(**asked))
        view: CalendarView = desk.read(actor, ask.GetCalendar(key=calendar))
    if call.json:
        emit(_shape(seen) | {"stored": yes, "calendar": view.key, "years": {str(y): s for y, s in view.years.items()}})
        return
    _tell(seen, done=yes)
    if yes:
        guesses = sorted(year for year, sure in view.years.items() if not sure)
        for warning in unconfirmed(guesses):
            say(warning)


def list_policies(call: Call) -> None:
    with desk_of(call) as (desk, actor):
        lines = desk.read(actor, policies.GetPolicies())
    if call.json:
        emit([
            {"policy": line.id, "title": line.title, "made_at": instant(line.made_at), "in_force": line.in_force,
             "open_tickets": line.open_tickets}
            for line in lines
        ])  # fmt: skip
    elif not lines:
        say(_("Nothing has been promised here yet: the first ticket brings the policy of the pack."))
    else:
        headings = ["", _("policy"), _("title"), _("kept since"), _("open tickets")]
        rows = [
            (
                "*" if line.in_force else "",
                line.id,
                _titled(line.title),
                f"{line.made_at:%Y-%m-%d}",
                str(line.open_tickets),
            )
            for line in lines
        ]
        print_table(headings, rows)


def load(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("A policy file; docs/time.md says how it is made."))],
    only_new: Annotated[bool, typer.Option("--only-new", help=N_("Leave the promises of open tickets alone."))] = False,
    yes: Yes = False,
) -> None:
    try:
        source = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(N_("There is no file {path}."), path=str(file)) from None
    except UnicodeDecodeError:
        raise Invalid(N_("{path} is not a text in UTF-8."), path=str(file)) from None
    if len(source) > _LARGEST:
        raise Invalid(N_("{path} is larger than any policy."), path=str(file))
    with desk_of(call) as (desk, actor):
        seen = desk.read(actor, policies.PreviewPolicy(source=source, name=file.name))
        if only_new:
            seen = EditPreview(0, 0, 0, ())
        label = ""
        if yes:
            label = desk.execute(actor, policies.LoadPolicy(source=source, name=file.name, only_new=only_new)).label
    if call.json:
        emit(_shape(seen) | {"stored": yes, "policy": label, "ended": seen.ended, "begun": seen.begun})
        return
    _tell(seen, done=yes)
    if seen.ended or seen.begun:
        say(_("{ended} promises end, {begun} begin.").format(ended=seen.ended, begun=seen.begun))
    if yes:
        say(_("The policy {policy} is in force.").format(policy=label))


def _tell(seen: EditPreview, *, done: bool) -> None:
    say(
        _("{moved} due times move, {late} become overdue, {better} no longer are.").format(
            moved=seen.moved, late=seen.become_overdue, better=seen.no_longer_overdue
        )
    )
    for move in seen.first:
        metric = _(METRIC_TITLES[Metric(move.metric)])
        say(f"  {move.ticket}  {metric}  {move.before:%Y-%m-%d %H:%M} > {move.after:%Y-%m-%d %H:%M} UTC")
    if not done:
        say(_("Nothing is stored yet; --yes does it."))


def _shape(seen: EditPreview) -> dict[str, Any]:
    return {
        "moved": seen.moved, "become_overdue": seen.become_overdue, "no_longer_overdue": seen.no_longer_overdue,
        "first": [
            {"ticket": m.ticket, "metric": m.metric, "before": instant(m.before), "after": instant(m.after)}
            for m in seen.first
        ],
    }  # fmt: skip


def _span(text: str) -> tuple[int, int]:
    if not text:
        return 0, 0
    first, dash, last = text.partition("-")
    if not (first.isdecimal() and (last.isdecimal() if dash else True)):
        raise Invalid(N_("{text} are no years."), hint=N_("Write them as 2026-2030 or 2028."), field="years", text=text)
    return int(first), int(last if dash else first)


def _years(years: list[int]) -> str:
    years = sorted(years)
    if not years:
        return ""
    whole = years == list(range(years[0], years[-1] + 1)) and len(years) > 1
    return f"{years[0]}-{years[-1]}" if whole else " ".join(map(str, years))


def _titled(title: dict[str, str]) -> str:
    return title.get(language()) or title.get("en", "")


__all__ = ["holidays", "list_calendars", "list_policies", "load", "use"]
