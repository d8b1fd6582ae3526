"""`deskapp flow`: check, test, draw, explain, run and compare flow files; import a survey."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import wraps
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from deskapp.cli.flow_run import Session
from deskapp.cli.kit import Call, with_shared
from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.flow import CompiledFlow, Severity, plain_value
from deskapp.domain.flow.explain import Explanation, diff_flows, why_asked, why_outcome
from deskapp.domain.flow.graph import as_mermaid, as_svg, as_text
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.text import guard
from deskapp.services.flow_files import PACK, check_flow, flow_paths, load_flow, run_tests

FINDINGS = 1

Files = Annotated[list[Path] | None, typer.Argument(help=N_("Flow files, folders or names of shipped flows."))]
OneFlow = Annotated[Path, typer.Argument(help=N_("A flow file or the name of a shipped flow."))]
Item = Annotated[str | None, typer.Argument(help=N_("A question or an outcome; all of them if left out."))]
Answers = Annotated[
    list[str] | None, typer.Option("--answer", "-a", help=N_("An answer as question=value; repeatable."))
]
Today = Annotated[str | None, typer.Option("--today", help=N_("The day to count from, such as 2026-07-01."))]
Strict = Annotated[bool, typer.Option("--strict", help=N_("Warnings fail too."))]
Output = Annotated[Path | None, typer.Option("--output", "-o", help=N_("Write to this file."))]
Name = Annotated[str | None, typer.Option("--name", help=N_("The id of the flow; else the name of the file."))]
Workbook = Annotated[Path, typer.Argument(help=N_("An XLSForm, .xlsx"), exists=True, dir_okay=False)]


class Format(StrEnum):
    """How a graph is written."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"


Drawn = Annotated[Format, typer.Option("--format", "-f", help=N_("How to write it."))]


def check(call: Call, files: Files = None, strict: Strict = False) -> None:
    """Find what is wrong with flows before they are published; every path of every flow is walked."""
    begun = perf_counter()
    checked = [check_flow(path) for path in flow_paths(files or [PACK])]
    seconds = perf_counter() - begun
    walked = [file.exploration for file in checked if file.exploration is not None]
    reached = sum(len(walk.witnesses) for walk in walked)
    outcomes = sum(len(file.flow.outcomes) for file in checked if file.flow is not None)
    states = sum(walk.states for walk in walked)
    found = [item for file in checked for item in file.findings]
    errors = sum(item.finding.severity is Severity.ERROR for item in found)
    if call.json:
        _print_json(
            {
                "flows": len(checked), "findings": [item.data() for item in found], "outcomes": outcomes,
                "reached": reached, "states": states, "seconds": round(seconds, 3),
            }
        )  # fmt: skip
    else:
        for item in found:
            _print(str(item))
        _print(
            _("{flows} flows checked: {errors} errors, {warnings} warnings").format(
                flows=len(checked), errors=errors, warnings=len(found) - errors
            )
        )
        _print(
            _("{reached} of {outcomes} outcomes reached, every path walked in {states} states, {seconds:.1f} s").format(
                reached=reached, outcomes=outcomes, states=states, seconds=seconds
            )
        )
    _end(bool(errors or (strict and found)))


def run_flow_tests(call: Call, files: Files = None) -> None:
    """Run the tests that live in the flows."""
    results = [(path, result) for path in flow_paths(files or [PACK]) for result in run_tests(load_flow(path))]
    failed = [(path, result) for path, result in results if not result.passed]
    if call.json:
        _print_json(
            [
                {
                    "flow": path.stem, "test": item.name, "passed": item.passed, "outcome": item.outcome,
                    "differences": item.differences,
                }
                for path, item in results
            ]
        )  # fmt: skip
    else:
        for path, result in failed:
            _print(f"FAIL {path.stem}: {result.name}")
            for difference in result.differences:
                _print(f"     {difference}")
        _print(_("{passed} of {all} tests passed").format(passed=len(results) - len(failed), all=len(results)))
    _end(bool(failed))


def graph(call: Call, flow: OneFlow, as_: Drawn = Format.TEXT, output: Output = None) -> None:
    """Draw a flow: what is asked, what depends on what, and what comes of it."""
    draw = {Format.TEXT: as_text, Format.MERMAID: as_mermaid, Format.SVG: as_svg}[as_]
    picture = draw(_load(flow).flow, language())
    if output:
        output.write_text(picture + "\n", encoding="utf-8")
    elif call.json:
        _print_json({"format": as_.value, "graph": picture})
    else:
        _print(picture)


def explain(
    call: Call, flow: OneFlow, item: Item = None, answer: Answers = None, today: Today = None
) -> None:  # fmt: skip
    """Say why each question is asked (or not) and why each outcome holds (or not) for these answers."""
    compiled, day = _load(flow), _day(today)
    answers = _read_answers(compiled, answer)
    questions = [question.id for question in compiled.flow.questions]
    outcomes = [outcome.id for outcome in compiled.flow.outcomes]
    if item is not None and item not in (*questions, *outcomes):
        compiled.question(item)  # raises with a suggestion
    told = [("question", why_asked(compiled, id_, answers, today=day)) for id_ in questions if item in (None, id_)] + [
        ("outcome", why_outcome(compiled, id_, answers, today=day)) for id_ in outcomes if item in (None, id_)
    ]
    if call.json:
        _print_json([{"kind": kind, **_explanation(why)} for kind, why in told])
    else:
        for _kind, why in told:
            _print(f"{_TRUTH[why.truth]:<4}{why.item}" + (f"   {why.condition}" if why.condition else ""))
            for part in why.because if why.condition else ():
                given = plain_value(answers[part.question]) if part.question in answers else "-"
                _print(f"      {_TRUTH[part.truth]} {part.text}   ({part.question} = {given})")


_TRUTH = {True: "yes", False: "no", None: "?"}


def run(call: Call, flow: OneFlow, answer: Answers = None, today: Today = None) -> None:
    """Go through a flow line by line; `?` lists what can be typed."""
    compiled = _load(flow)
    session = Session(compiled, _day(today), now=_now, say=_complain if call.json else _print)
    for id_, value in _read_answers(compiled, answer).items():
        session.give(id_, value)
    finished = session.run(lambda: _line(call.json))
    if call.json:
        _print_json(session.case())
    _end(not finished)


def diff(call: Call, old: OneFlow, new: OneFlow, answer: Answers = None, today: Today = None) -> None:
    """Compare two versions of a flow; with answers, show what moving their draft keeps, parks and asks anew."""
    before, after = _load(old), _load(new)
    changes = diff_flows(before.flow, after.flow)
    moved = None
    if answer:
        session = Session(before, _day(today), now=_now, say=_complain)
        for id_, value in _read_answers(before, answer).items():
            session.give(id_, value)
        moved = session.moved(after)
    if call.json:
        move = {"kept": moved.kept, "parked": {**moved.parked}, "new": moved.new} if moved else None
        items = [{"change": item.kind, "in": item.group, "id": item.id, "fields": item.fields} for item in changes]
        _print_json({"old": before.hash, "new": after.hash, "changes": items, "draft": move})
    else:
        for change in changes:
            _print(f"{change.kind:<8} {change.group:<10} {change.id}  {', '.join(change.fields)}".rstrip())
        if moved:
            _print(_("kept: {ids}").format(ids=", ".join(moved.kept) or "-"))
            parked = ", ".join(f"{id_} ({reason.value})" for id_, reason in moved.parked.items())
            _print(_("parked: {ids}").format(ids=parked or "-"))
            _print(_("new: {ids}").format(ids=", ".join(moved.new) or "-"))
    _end(bool(changes))


def schema(call: Call) -> None:
    """Print the JSON schema of flow files, for editors."""
    from deskapp.services.flow_schema import FlowDoc

    _print_json(FlowDoc.model_json_schema())


def import_xlsform(call: Call, workbook: Workbook, output: Output = None, name: Name = None) -> None:
    """Make a draft flow of a survey, and tell what could not be taken over."""
    from deskapp.services.flow_write import write_flow
    from deskapp.services.xlsform import import_xlsform as take_over
    from deskapp.services.xlsform import read_xlsform
    from deskapp.services.xlsform_logic import identifier

    imported = take_over(read_xlsform(workbook), identifier(name or workbook.stem, "f").replace("_", "-").strip("-"))
    text = write_flow(imported.data)
    if output:
        output.write_text(text, encoding="utf-8")
    if call.json:
        findings = [
            {"row": item.path[1], "name": item.item, "code": item.code, "message": item.message}
            for item in imported.findings
        ]
        _print_json({"flow": None if output else text, "findings": findings})
    else:
        for item in imported.findings:
            _complain(_("row {row}, {name}: {message}").format(row=item.path[1], name=item.item, message=item.message))
        if not output:
            _print(text)
    _end(bool(imported.findings))


def _load(place: Path) -> CompiledFlow:
    """One flow by file or shipped name. Raises FlowInvalid for one with errors, Invalid for a folder."""
    if place.is_dir():
        raise Invalid(N_("{path} is a folder: name one flow."), path=str(place))
    return load_flow(flow_paths([place])[0])


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()  # noqa: DTZ011  the site's own calendar day
    except ValueError:
        raise Invalid(N_("“{given}” is not a day."), hint=N_("Write it as 2026-07-01."), given=text) from None


def _line(quiet: bool) -> str:
    """A typed line; the end of the input leaves the case."""
    typer.echo("> ", nl=False, err=quiet)
    return sys.stdin.readline() or "q"


def _now() -> datetime:
    return datetime.now(UTC)


def _read_answers(compiled: CompiledFlow, given: Iterable[str] | None) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for item in given or ():
        id_, equals, value = item.partition("=")
        if not equals:
            raise Invalid(N_("“{given}” is no answer."), hint=N_("Write it as question=value."), given=item)
        raw[id_.strip()] = value.strip()
    return compiled.read(raw)


def _explanation(why: Explanation) -> Mapping[str, Any]:
    def parts(items: Iterable[Any]) -> list[dict[str, Any]]:
        return [{"text": part.text, "truth": part.truth, "question": part.question} for part in items]

    return {
        "id": why.item, "condition": why.condition, "truth": why.truth, "parts": parts(why.parts),
        "because": parts(why.because),
    }  # fmt: skip


def _print(text: str) -> None:
    """Write lines to stdout; what a flow file brings cannot act on the terminal."""
    typer.echo("\n".join(guard(line) for line in text.split("\n")))


def _complain(text: str) -> None:
    typer.echo("\n".join(guard(line) for line in text.split("\n")), err=True)


def _print_json(data: object) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def _end(found: bool) -> None:
    if found:
        raise typer.Exit(FINDINGS)


FLOW_COMMANDS: dict[str, Callable[..., None]] = {
    "check": check, "test": run_flow_tests, "graph": graph, "explain": explain, "run": run, "diff": diff,
    "schema": schema, "import-xlsform": import_xlsform,
}  # fmt: skip


def make_app() -> typer.Typer:
    """The commands as an app of their own, for mounting; errors are told and end with their exit code."""
    made = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
    for name, function in FLOW_COMMANDS.items():
        made.command(name)(_told(with_shared(function)))
    return made


def _told(command: Callable[..., None]) -> Callable[..., None]:
    @wraps(command)
    def told(**values: Any) -> None:
        try:
            command(**values)
        except DeskError as trouble:
            _complain(str(trouble))
            if trouble.hint:
                _complain(trouble.hint)
            raise typer.Exit(trouble.exit_code) from None

    return told


app = make_app()

if __name__ == "__main__":
    from deskapp.cli.root import run as run_root

    sys.exit(run_root(["flow", *sys.argv[1:]], lambda _opening: 0))
