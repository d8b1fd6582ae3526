"""`deskapp import`: bring in a log, print what came in and how our verdicts agree with the log's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from deskapp.cli.kit import Call
from deskapp.cli.output import console, emit, say
from deskapp.cli.session import desk_of
from deskapp.domain.i18n import N_, _
from deskapp.services.importing import Agreement, ImportReport, import_log, load_map


def import_file(
    call: Call,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=N_("The log: CSV, plain or packed with gzip."))],
    map_name: Annotated[
        str, typer.Option("--map", metavar="MAP", help=N_("How to read it: a TOML file, or the name of a shipped map."))
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Only read it and say what would come in."))] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help=N_("Compare our verdict on each case with the log's own."))
    ] = False,
    rejects: Annotated[
        Path | None, typer.Option("--rejects", help=N_("Where rows go that cannot come in; else FILE.rejects.csv."))
    ] = None,
) -> None:
    log_map = load_map(map_name)
    with desk_of(call) as (desk, actor), _bar(call) as progress:
        report = import_log(
            desk, actor, log_map, file, dry_run=dry_run, verify=verify, rejects=rejects or _beside(file),
            progress=progress,
        )  # fmt: skip
    if report.encoding != "utf-8-sig":
        say(_("The file is not UTF-8; it was read as GB18030. Its first such line: {line}").format(line=report.preview),
            err=True)  # fmt: skip
    if call.json:
        emit(_shape(report))
    else:
        _print(report)
    if report.agreement and report.agreement.agree < report.agreement.compared:
        raise typer.Exit(3)


def _beside(file: Path) -> Path:
    """The reject file beside the log, or in this folder where the log's is not ours to write."""
    import os

    name = file.name + ".rejects.csv"
    return file.with_name(name) if os.access(file.absolute().parent, os.W_OK) else Path(name)


@contextmanager
def _bar(call: Call) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr, where that is a terminal."""
    out = console(err=True)
    if not out.is_terminal:
        yield lambda done, total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns: list[Any] = [TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()]
    with Progress(*columns, TimeRemainingColumn(), console=out, transient=True) as bar:
        task = bar.add_task(_("rows"), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print(report: ImportReport) -> None:
    say(_("Nothing was written: this was a dry run.") if report.dry_run else _("Imported {source}.").format(
        source=report.source
    ))  # fmt: skip
    lines = [
        (_("rows read"), report.rows), (_("cases in"), report.cases), (_("already there"), report.already),
        (_("rows rejected"), report.rejected), (_("lines of timelines"), report.timeline),
        (_("customers"), report.customers), (_("people"), report.people), (_("teams"), report.teams),
    ]  # fmt: skip
    for name, count in lines:
        if count or name in (lines[0][0], lines[1][0], lines[3][0]):
            say(f"  {name}: {count:,}")
    for note, count in report.notes.most_common():
        say(f"  {count:,} × {_(note)}")
    for line, reason in report.reasons:
        say(_("  line {line}: {reason}").format(line=line, reason=reason))
    if report.rejects:
        say(_("Rejected rows are in {path}").format(path=report.rejects))
    if report.agreement:
        _print_agreement(report.agreement)


def _print_agreement(found: Agreement) -> None:
    if not found.compared:
        say(_("There is nothing to compare: no case has a due time, a closing time and a verdict of the log."))
        return
    share = f"{100 * found.agree / found.compared:.2f} %"
    say(_("Agreement with the log's own verdicts: {agree:,} of {compared:,} ({share})").format(
        agree=found.agree, compared=found.compared, share=share
    ))  # fmt: skip
    for text, count in (
        (_("without a due time"), found.no_due),
        (_("not done yet"), found.not_done),
        (_("with due and closing time, but no verdict in the log"), found.silent),
    ):
        if count:
            say(f"  {text}: {count:,}")
    for key, theirs, ours in found.differ:
        say(_("  {key}: the log says {theirs}, we say {ours}").format(key=key, theirs=theirs, ours=ours))


def _shape(report: ImportReport) -> dict[str, Any]:
    found = report.agreement
    return {
        "source": report.source,
        "dry_run": report.dry_run,
        "encoding": report.encoding,
        "rows": report.rows,
        "cases": report.cases,
        "already_there": report.already,
        "rejected": report.rejected,
        "timeline_lines": report.timeline,
        "customers": report.customers,
        "people": report.people,
        "teams": report.teams,
        "notes": dict(report.notes),
        "first_rejects": [{"line": line, "reason": reason} for line, reason in report.reasons],
        "rejects": str(report.rejects) if report.rejects else None,
        "agreement": None if found is None else {
            "compared": found.compared,
            "agree": found.agree,
            "without_due": found.no_due,
            "not_done": found.not_done,
            "no_verdict_in_log": found.silent,
            "differ": [{"case": key, "log": theirs, "ours": ours} for key, theirs, ours in found.differ],
        },
    }  # fmt: skip
