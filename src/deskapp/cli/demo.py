"""`deskapp demo`: make a demo desk and open it."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, say
from deskapp.cli.session import now, os_user
from deskapp.domain.i18n import N_, _, language


def demo(
    call: Call,
    no_open: Annotated[bool, typer.Option("--no-open", help=N_("Only make it."))] = False,
    path: Annotated[
        Path | None, typer.Option("--path", help=N_("Where to make it; else a file of its own, made anew each time."))
    ] = None,
    lead: Annotated[bool, typer.Option("--lead", help=N_("Open it as the lead instead of an agent."))] = False,
) -> None:
    from deskapp.services.demo import make_demo

    place = call.db or str(path or "") or _own_place()
    made = make_demo(place, language(), now(), os_user=os_user())
    login = call.agent or (made.lead if lead else made.agent)
    if call.json:
        emit({
            "database": place, "company": made.company, "agent": made.agent, "lead": made.lead,
            "tickets": made.tickets, "open": made.open, "customers": made.customers, "people": made.people,
        })  # fmt: skip
        return
    say(_("{company}: {tickets} tickets ({open} open), {customers} customers, {people} people.").format(
        company=made.company, tickets=made.tickets, open=made.open, customers=made.customers, people=made.people
    ))  # fmt: skip
    say(_("You are {agent}; the lead is --agent {lead}. The desk is {place}").format(
        agent=made.agent, lead=made.lead, place=place
    ))  # fmt: skip
    if not no_open:
        from deskapp.cli.root import open_desk

        say("")
        raise typer.Exit(open_desk(replace(call, db=place, agent=login)))


def _own_place() -> str:
    """The demo's own file, cleared of the last one; a demo that is open elsewhere is left alone."""
    import os

    from platformdirs import user_data_path

    from deskapp.store.engine import claim_file

    place = user_data_path("deskapp") / f"demo-{language()}.db"
    if place.exists():
        claim = claim_file(place, alone=True)
        try:
            for suffix in ("", "-wal", "-shm", "-journal"):
                place.with_name(place.name + suffix).unlink(missing_ok=True)
        finally:
            os.close(claim)
    return str(place)
