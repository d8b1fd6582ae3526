"""`deskapp export`: tickets as CSV, JSON or a spreadsheet."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import emit, say
from deskapp.cli.session import desk_of, settings_of
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.queue import QueueFilter
from deskapp.domain.terms import Grade, Status
from deskapp.services.exporting import Format, Wanted, export_tickets
from deskapp.services.replay import moment_of

Moment = Annotated[str, typer.Option("--since", metavar="MOMENT", help=N_("Only tickets opened from then on."))]
End = Annotated[str, typer.Option("--until", metavar="MOMENT", help=N_("Only tickets opened before then."))]


def export(
    call: Call,
    output: Annotated[
        Path | None, typer.Option("--output", help=N_("The file; its ending says the form. Else CSV, printed."))
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", help=N_("The form, where no ending says it."))] = None,
    status: Annotated[
        list[Status] | None, typer.Option("--status", help=N_("Only this status, else all; may be repeated."))
    ] = None,
    grade: Annotated[list[Grade] | None, typer.Option("--grade", help=N_("Only this grade; may be repeated."))] = None,
    text: Annotated[str, typer.Option("--text", help=N_("Only tickets with these words, or this number."))] = "",
    product: Annotated[str, typer.Option("--product", help=N_("Only this product."))] = "",
    since: Moment = "",
    until: End = "",
) -> None:
    chosen = form or _by_ending(output) or (Format.JSON if call.json else Format.CSV)
    if chosen is Format.XLSX and output is None:
        raise Invalid(N_("A spreadsheet needs a file."), hint=N_("Name it with --output."), field="output")
    zone = settings_of(call).time_zone
    wanted = Wanted(
        QueueFilter(statuses=tuple(status or Status), grades=tuple(grade or ()), text=text, product=product),
        moment_of(since, zone) if since else None,
        moment_of(until, zone) if until else None,
    )
    with desk_of(call) as (desk, actor):
        try:
            count = export_tickets(desk, actor, wanted, output or sys.stdout, chosen)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Invalid(
                N_("{path} cannot be written: {reason}."), hint=N_("Name another file with --output."), field="output",
                path=output or "", reason=error.strerror or "",
            ) from error  # fmt: skip
    if output is None:
        return
    if call.json:
        emit({"file": str(output), "format": chosen.value, "tickets": count})
    else:
        say(_("{count} tickets written to {path}.").format(count=count, path=output))


def _by_ending(output: Path | None) -> Format | None:
    ending = output.suffix.removeprefix(".").lower() if output else ""
    return Format(ending) if ending in {form.value for form in Format} else None
