"""`deskapp init`, `db`, `backup`, `restore`, `doctor`: looking after a desk."""

from pathlib import Path
from typing import Annotated

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, say
from deskapp.cli.session import address, now, os_user, settings_of
from deskapp.domain.i18n import N_, _

_REGION = N_("Where numbers without a country code are from, as two letters; else `region` of the settings.")


def init(
    call: Call,
    name: Annotated[str, typer.Option("--name", help=N_("Your name, as others shall see it."))] = "",
    team: Annotated[str, typer.Option("--team", help=N_("The name of the first team."))] = "",
    region: Annotated[str, typer.Option("--region", metavar="XX", help=_REGION)] = "",
) -> None:
    from deskapp.services.setup import init_desk

    user = call.agent or os_user() or "desk"
    made = init_desk(
        address(call), login=user, os_user=os_user(), name=name or user, team=team or _("Desk 1"), now=now(),
        region=region or settings_of(call).region,
    )  # fmt: skip
    if call.json:
        emit({"database": made.database, "login": made.login, "administrator": made.administrator, "team": made.team})
        return
    say(_("The desk is ready: {database}").format(database=made.database))
    say(_("You are {login}, lead of {team}; as administrator sign on with --agent {administrator}.").format(
        login=made.login, team=made.team, administrator=made.administrator
    ))  # fmt: skip


def region(
    call: Call,
    region: Annotated[str, typer.Argument(metavar="XX", help=N_("The new region; without it the present one."))] = "",
) -> None:
    from deskapp.cli.session import desk_of
    from deskapp.services.requests.region import GetRegion, SetRegion

    with desk_of(call) as (desk, actor):
        if region:
            desk.execute(actor, SetRegion(region=region))
        found = desk.read(actor, GetRegion())
    if call.json:
        emit({"region": found})
    else:
        say(_("Numbers without a country code are read as those of {region}.").format(region=found))


def status(call: Call) -> None:
    from deskapp.store.engine import open_engine
    from deskapp.store.migrate import schema_state

    engine = open_engine(address(call))
    try:
        state = schema_state(engine)
    finally:
        engine.dispose()
    if call.json:
        emit({"schema": state.schema.value, "revision": state.revision or None, "head": state.head})
    else:
        say(_SCHEMA_WORDS[state.schema.value].format(revision=state.revision, head=state.head))
    raise typer.Exit(0 if state.schema.value == "current" else 3)


class _Translated(dict[str, str]):
    def __getitem__(self, key: str) -> str:
        return _(super().__getitem__(key))


_SCHEMA_WORDS = _Translated({
    "empty": N_("There is no desk in this database yet; `deskapp init` makes one."),
    "older": N_("The tables are of revision {revision}; this deskapp needs {head}: run `deskapp db upgrade`."),
    "current": N_("The tables are of revision {revision}, as this deskapp needs them."),
    "newer": N_("The tables are of revision {revision}, made by a newer deskapp; this one knows {head}."),
})  # fmt: skip


def upgrade(call: Call) -> None:
    from deskapp.services.setup import upgrade_desk

    done = upgrade_desk(address(call), now=now())
    if call.json:
        backup = str(done.backup) if done.backup else None
        emit({"before": done.before or None, "after": done.after, "backup": backup})
    elif done.before == done.after:
        say(_("Nothing to do: the tables are of revision {revision}.").format(revision=done.after))
    else:
        say(_("The tables went from revision {before} to {after}.").format(before=done.before or "-", after=done.after))
        if done.backup:
            say(_("A backup was made first: {path}").format(path=done.backup))


def backup(
    call: Call,
    target: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help=N_("The new file; else one named by the moment.")),
    ] = None,
) -> None:
    from deskapp.services.setup import backup_desk

    moment = now()
    path = target or Path(f"deskapp-{moment:%Y%m%dT%H%M%SZ}.backup.zip")
    manifest = backup_desk(address(call), path, now=moment)
    if call.json:
        emit({"file": str(path), "schema": manifest.schema, "rows": manifest.rows, "made_at": manifest.made_at})
    else:
        say(_("Written and read back: {path} ({tickets} tickets).").format(
            path=path, tickets=manifest.rows.get("ticket", 0)
        ))  # fmt: skip


def restore(
    call: Call,
    source: Annotated[Path, typer.Argument(metavar="FILE", help=N_("A backup."))],
    force: Annotated[bool, typer.Option("--force", help=N_("Replace the desk that is there."))] = False,
) -> None:
    from deskapp.store.backup import restore as put_back

    done = put_back(source, address(call), now=now(), force=force)
    if call.json:
        emit({
            "database": address(call), "schema": done.manifest.schema, "rows": done.manifest.rows,
            "kept": str(done.kept) if done.kept else None,
        })  # fmt: skip
        return
    say(_("The desk of {moment} is back, {tickets} tickets.").format(
        moment=done.manifest.made_at, tickets=done.manifest.rows.get("ticket", 0)
    ))  # fmt: skip
    if done.kept:
        say(_("What stood there before is kept: {path}").format(path=done.kept))


def doctor(
    call: Call,
    deep: Annotated[bool, typer.Option("--deep", help=N_("Read the whole desk, every page of it."))] = False,
) -> None:
    import sys

    from deskapp.services.doctor import State, examine, worst
    from deskapp.services.terminal import look_at_terminal

    checks = examine(settings_of(call), look_at_terminal(sys.stdin, sys.stdout), now(), deep=deep)
    if call.json:
        emit([{"id": c.id, "state": c.state.value, "what": c.what, "mend": c.mend} for c in checks])
    else:
        marks = {State.OK: _("ok"), State.WARN: _("look"), State.FAIL: _("MEND")}
        for check in checks:
            say(f"{marks[check.state]:<5} {check.what}")
            if check.mend:
                say(f"      {check.mend}")
    raise typer.Exit(3 if worst(checks) is State.FAIL else 0)
