"""`deskapp audit show`, `verify`, `anchor`: what was done, whether the record is whole, and the mark to keep of it."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import clock_time, emit, instant, print_table, say
from deskapp.cli.session import desk_of
from deskapp.domain.audit import FLAWS, Anchor, AuditLine, Verdict, parse_anchor
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.services.requests.audit import GetAnchor, GetAudit, VerifyAudit


def show(
    call: Call,
    ticket: Annotated[str, typer.Argument(metavar="TICKET", help=N_("Only what was done to this ticket."))] = "",
    by: Annotated[str, typer.Option("--by", metavar="LOGIN", help=N_("Only what this person did."))] = "",
    action: Annotated[str, typer.Option("--action", metavar="NAME", help=N_("Only this, such as ticket.solve."))] = "",
    since: Annotated[str, typer.Option("--since", metavar="MOMENT", help=N_("From this moment on."))] = "",
    until: Annotated[str, typer.Option("--until", metavar="MOMENT", help=N_("Before this moment."))] = "",
    details: Annotated[bool, typer.Option("--details", help=N_("Also what changed, from what to what."))] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help=N_("At most so many, the newest."))] = 50,
) -> None:
    query = GetAudit(
        ticket_number=_number(ticket), login=by, done=action, since=_moment(since, "since"),
        until=_moment(until, "until"), details=details, limit=limit,
    )  # fmt: skip
    with desk_of(call) as (desk, actor):
        lines: tuple[AuditLine, ...] = desk.read(actor, query)
    if call.json:
        emit([_shape(line) for line in lines])
        return
    print_table(
        [_("No."), _("When"), _("Who"), _("Role"), _("What"), _("Of what"), _("Ticket")],
        [
            (
                str(line.seq), clock_time(line.at), line.actor, line.role, line.action, line.object_kind,
                f"T-{line.ticket_number}" if line.ticket_number else "",
            )
            for line in lines
        ],
    )  # fmt: skip
    for line in lines:
        for change in line.changes or ():
            say(f"{line.seq}  {change.get('table', '')}  {_told(change)}")


def verify(
    call: Call,
    anchor: Annotated[
        Path | None,
        typer.Option("--anchor", metavar="FILE", help=N_("A kept anchor, a text in which it stands, or a backup.")),
    ] = None,
) -> None:
    kept = _read_anchor(anchor) if anchor else None
    with desk_of(call) as (desk, actor):
        verdict: Verdict = desk.read(actor, VerifyAudit(anchor=kept))
    if call.json:
        emit({
            "sound": verdict.sound, "events": verdict.events, "without_details": verdict.bare,
            "seq": verdict.head.seq, "head": verdict.head.head, "anchored": verdict.anchored, "found": verdict.found,
            "findings": [{"seq": f.seq, "flaw": f.flaw.value, "text": _(FLAWS[f.flaw])} for f in verdict.findings],
        })  # fmt: skip
    else:
        _tell(verdict)
    raise typer.Exit(0 if verdict.sound else 3)


def _tell(verdict: Verdict) -> None:
    for finding in verdict.findings:
        say(_("Event {seq}: {flaw}.").format(seq=finding.seq, flaw=_(FLAWS[finding.flaw])))
    if not verdict.sound:
        say(_("The record is NOT as it was written: {found} findings in {events} events.").format(
            found=verdict.found, events=verdict.events
        ))  # fmt: skip
        say(_("Keep a copy of the database as it is, and compare it with a backup from before."), err=True)
        return
    say(_("{events} events, each as it was written ({bare} without details).").format(
        events=verdict.events, bare=verdict.bare
    ))  # fmt: skip
    if verdict.anchored is None:
        say(_("Without an anchor, an end that was cut off or a history written anew cannot be seen: give --anchor."))
    else:
        say(_("Up to event {seq} it is the record that the anchor knows.").format(seq=verdict.anchored))


def anchor(call: Call) -> None:
    with desk_of(call) as (desk, actor):
        now: Anchor = desk.read(actor, GetAnchor())
        at = desk.clock.now()
    if call.json:
        emit({"seq": now.seq, "head": now.head, "at": instant(at)})
    else:
        say(now.line)


def _read_anchor(path: Path) -> Anchor:
    from deskapp.store.backup import read_manifest
    from deskapp.store.engine import translate

    try:
        if zipfile.is_zipfile(path):
            head = read_manifest(path).audit_head
            return parse_anchor(f"deskapp-anchor {head.get('seq')} {head.get('head') or '-'}")
        with path.open("rb") as file:
            return parse_anchor(file.read(1 << 20).decode("utf-8", "replace"))
    except OSError as error:
        raise translate(error) from error


def _number(ticket: str) -> int | None:
    if not ticket:
        return None
    figure = ticket.upper().removeprefix("T-")
    if not figure.isdecimal():
        raise Invalid(N_("{text} is no ticket's number."), hint=N_("Write T-1042."), field="ticket", text=ticket)
    return int(figure)


def _moment(told: str, field: str) -> datetime | None:
    if not told:
        return None
    try:
        return datetime.fromisoformat(told).astimezone(UTC)
    except ValueError as error:
        raise Invalid(
            N_("{text} is not a moment."), hint=N_("Write it as 2015-02-10T12:00."), field=field, text=told
        ) from error


def _shape(line: AuditLine) -> dict[str, Any]:
    return {
        "seq": line.seq, "at": instant(line.at), "actor": line.actor, "role": line.role, "action": line.action,
        "object": {"kind": line.object_kind, "id": str(line.object_id), "version": line.object_version},
        "ticket": f"T-{line.ticket_number}" if line.ticket_number else None, "hash": line.hash,
        "changes": None if line.changes is None else list(line.changes),
    }  # fmt: skip


def _told(change: dict[str, Any]) -> str:
    if "changed" in change:
        return "  ".join(f"{name}: {old!r} > {new!r}" for name, (old, new) in change["changed"].items())
    new = change.get("new")
    return "  ".join(f"{name}: {value!r}" for name, value in new.items()) if isinstance(new, dict) else _("deleted")
