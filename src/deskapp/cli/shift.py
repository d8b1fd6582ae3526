"""`deskapp shift`: what is left at the end of a shift, handing it over, the report of a shift."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, instant, say
from deskapp.cli.session import desk_of, desk_zone
from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor
from deskapp.domain.shift_words import figures, lines
from deskapp.domain.terms import Shift
from deskapp.domain.views import Directory
from deskapp.domain.views_shift import PromiseLine, ShiftDuties, ShiftReport
from deskapp.services.desk import Desk
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.shift import GetDuties, HandOverShift
from deskapp.services.requests.shift_report import GetShiftReport

Of = Annotated[str, typer.Option("--of", metavar="LOGIN", help=N_("Whose duties, where one leads; else one's own."))]
Team = Annotated[str, typer.Option("--team", metavar="KEY", help=N_("The team, by its key."))]
OneShift = Annotated[Shift | None, typer.Option("--shift", help=N_("Only this shift."))]


def duties(call: Call, of: Of = "") -> None:
    with desk_of(call) as (desk, actor):
        found: ShiftDuties = desk.read(actor, GetDuties(person_id=_person(desk, actor, of)))
        now = desk.clock.now()
    if call.json:
        emit(_duties(found))
    else:
        _print(found, now)


def handover(
    call: Call,
    to: Annotated[str, typer.Argument(metavar="LOGIN", help=N_("The colleague who takes over."))] = "",
    team: Team = "",
    shift: Annotated[Shift | None, typer.Option("--shift", help=N_("Leave it to this shift of the team."))] = None,
    of: Of = "",
    ticket: Annotated[
        list[str] | None, typer.Option("--ticket", metavar="TICKET", help=N_("Only this ticket; may be repeated."))
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help=N_("What the taker should know."))] = "",
    owner: Annotated[
        str, typer.Option("--move-owner", metavar="REASON", help=N_("Move the first-contact ownership, too (a lead)."))
    ] = "",
    preview: Annotated[bool, typer.Option("--preview", help=N_("Only show what would be handed over."))] = False,
) -> None:
    if preview:
        duties(call, of)
        return
    with desk_of(call) as (desk, actor):
        giver = _person(desk, actor, of) or actor.id
        found: ShiftDuties = desk.read(actor, GetDuties(person_id=giver))
        rows = {duty.row.number: duty.row.id for duty in found.duties}
        wanted = [_number(label) for label in ticket or ()]
        if unknown := [number for number in wanted if number not in rows]:
            raise NotFound(
                N_("{ticket} is not among the duties of {who}."), field="ticket", ticket=f"T-{unknown[0]}",
                who=found.person,
            )  # fmt: skip
        done = desk.execute(
            actor,
            HandOverShift(
                giver_id=giver, to_agent_id=_person(desk, actor, to), to_team_id=_team(desk, actor, team),
                to_shift=shift, ticket_ids=tuple(rows[number] for number in wanted), note=note,
                move_owner=bool(owner), reason=owner,
            ),
        )  # fmt: skip
    if call.json:
        emit({"tickets": int(done.label), "seq": done.seq})
    else:
        say(_("{count} tickets of {who} were handed over.").format(count=done.label, who=found.person))


def report(
    call: Call,
    team: Team = "",
    shift: OneShift = None,
    hours: Annotated[float, typer.Option("--hours", min=0.1, max=240, help=N_("How long the shift was."))] = 8.0,
    output: Annotated[
        Path | None, typer.Option("--output", help=N_("A file to write: .txt, .csv, .xlsx or .json."))
    ] = None,
) -> None:
    from deskapp.services.shift_tables import ENDINGS, render_report, write_report

    if output is not None and output.suffix.lower() not in ENDINGS:
        raise Invalid(
            N_("{path} has no ending that says its form."), hint=N_("Name it .txt, .csv, .xlsx or .json."),
            field="output", path=output,
        )  # fmt: skip
    zone = desk_zone()
    with desk_of(call) as (desk, actor):
        since = desk.clock.now() - timedelta(hours=hours)
        query = GetShiftReport(team_id=_team(desk, actor, team), shift=shift, since=since)
        found: ShiftReport = desk.read(actor, query)
    if output is None:
        if call.json:
            emit(_shape(found))
        else:
            for text in render_report(found, zone).splitlines():
                say(text)
        return
    try:
        if output.suffix.lower() == ".json":
            output.write_text(json.dumps(_shape(found), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        else:
            write_report(found, zone, output)
    except OSError as error:
        raise Invalid(
            N_("{path} cannot be written: {reason}."), hint=N_("Name another file with --output."), field="output",
            path=output, reason=error.strerror or "",
        ) from error  # fmt: skip
    say(_("Written: {path}").format(path=output), err=call.json)


def _print(found: ShiftDuties, now: datetime) -> None:
    if not found.duties:
        say(_("{who} has nothing to hand over.").format(who=found.person))
        return
    say(f"{found.person}: {figures(found)}")
    for text in lines(found, now, desk_zone()):
        say(text)


def _directory(desk: Desk, actor: Actor) -> Directory:
    found: Directory = desk.read(actor, GetDirectory())
    return found


def _person(desk: Desk, actor: Actor, login: str) -> UUID | None:
    if not login:
        return None
    for person in _directory(desk, actor).people:
        if person.login == login:
            return person.id
    raise NotFound(
        N_("{login} is nobody at this desk."), hint=N_("Look with `deskapp people list`."), field="login", login=login
    )


def _team(desk: Desk, actor: Actor, key: str) -> UUID | None:
    if not key:
        return None
    for team in _directory(desk, actor).teams:
        if team.key == key:
            return team.id
    raise NotFound(N_("There is no team {key}."), hint=N_("Look with `deskapp people teams`."), field="team", key=key)


def _number(label: str) -> int:
    figure = label.upper().removeprefix("T-")
    if not figure.isdecimal():
        raise Invalid(
            N_("{label} is no ticket number."), hint=N_("Write it as T-1042 or 1042."), field="ticket", label=label
        )
    return int(figure)


def _duties(found: ShiftDuties) -> dict[str, Any]:
    return {
        "person": found.person,
        "promises": found.promises,
        "duties": [
            {
                "kind": duty.kind, "ticket": duty.row.label, "subject": duty.row.subject, "grade": duty.row.grade.value,
                "due_at": instant(duty.due_at), "for": duty.for_whom or None,
            }
            for duty in found.duties
        ],
    }  # fmt: skip


def _shape(report: ShiftReport) -> dict[str, Any]:
    def promise(line: PromiseLine) -> dict[str, Any]:
        return {
            "ticket": line.ticket, "subject": line.subject, "customer": line.customer, "grade": line.grade.value,
            "promise": line.metric, "due_at": instant(line.due_at), "owner": line.owner,
            "assignee": line.assignee or None,
        }  # fmt: skip

    return {
        "since": instant(report.since), "until": instant(report.now), "team": report.team or None,
        "shift": report.shift.value if report.shift else None, "person": report.person or None,
        "opened": report.opened, "solved": report.solved, "called_back": report.called_back,
        "late": [promise(line) for line in report.late], "red": [promise(line) for line in report.red],
        "promises": [promise(line) for line in report.promises],
        "late_in_all": report.totals[1], "promises_in_all": report.totals[0],
        "handed_over": [
            {
                "at": instant(one.at), "from": one.giver, "by": one.by or one.giver, "to": one.taker,
                "shift": one.shift.value if one.shift else None, "note": one.note,
                "duties": [
                    {"kind": duty.kind, "ticket": duty.ticket, "subject": duty.subject, "done": not duty.is_open}
                    for duty in one.duties
                ],
            }
            for one in report.handed
        ],
        "mass_faults": [
            {
                "number": fault.label, "product": fault.product, "fault": fault.fault, "state": fault.state.value,
                "level": fault.level, "customers": fault.customers, "due_at": instant(fault.due_at),
            }
            for fault in report.faults
        ],
        "anchor": {"seq": report.anchor.seq, "head": report.anchor.head, "line": report.anchor.line},
    }  # fmt: skip
