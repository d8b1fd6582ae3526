"""`deskapp flow`: check, test, draw, explain, run and compare flow files; import a survey."""

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import typer

from deskapp.cli.flow_run import Session
from deskapp.cli.flow_source import flow_files, usable
from deskapp.cli.kit import Call
from deskapp.cli.output import emit, say, say_block, write_file
from deskapp.domain.errors import Invalid
from deskapp.domain.flow import CaseResult, CompiledFlow, Severity, plain_value
from deskapp.domain.flow.changes import diff_flows, told_changes
from deskapp.domain.flow.explain import Explanation, why_asked, why_outcome
from deskapp.domain.flow.findings import nearest
from deskapp.domain.flow.graph import as_mermaid, as_svg, as_text
from deskapp.domain.flow.kleene import Truth
from deskapp.domain.i18n import N_, _, language
from deskapp.services.flow_files import PACK, check_flow, read_flow, run_tests

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
Workbook = Annotated[Path, typer.Argument(help=N_("An XLSForm, .xlsx"))]


class Format(StrEnum):
    """How a graph is written."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"


Drawn = Annotated[Format, typer.Option("--format", "-f", help=N_("How to write it."))]


def check(call: Call, files: Files = None, strict: Strict = False) -> None:
    """Find what is wrong with flows before they are published; every path of every flow is walked."""
    begun = perf_counter()
    checked = [check_flow(path) for path in flow_files(files or [PACK])]
    seconds = perf_counter() - begun
    walked = [file.exploration for file in checked if file.exploration is not None]
    reached = sum(len(walk.witnesses) for walk in walked)
    outcomes = sum(len(file.flow.outcomes) for file in checked if file.flow is not None)
    states = sum(walk.states for walk in walked)
    whole = len(walked) == len(checked) and all(walk.complete for walk in walked)
    found = [item for file in checked for item in file.findings]
    errors = sum(item.finding.severity is Severity.ERROR for item in found)
    if call.json:
        emit(
            {
                "flows": len(checked), "findings": [item.data() for item in found], "outcomes": outcomes,
                "reached": reached, "states": states, "complete": whole, "seconds": round(seconds, 3),
            }
        )  # fmt: skip
    else:
        for item in found:
            say(str(item))
        told = _("flows checked: {flows}, errors: {errors}, warnings: {warnings}")
        say(told.format(flows=len(checked), errors=errors, warnings=len(found) - errors))
        told = (
            _("{reached} of {outcomes} outcomes reached, every path walked in {states} states, {seconds:.1f} s")
            if whole
            else _("{reached} of {outcomes} outcomes reached; not every path was walked, {seconds:.1f} s")
        )
        say(told.format(reached=reached, outcomes=outcomes, states=states, seconds=seconds))
    _end(bool(errors or (strict and found)))


def run_flow_tests(call: Call, files: Files = None) -> None:
    """Run the tests that live in the flows; a flow that cannot run fails."""
    results: list[tuple[Path, CaseResult]] = []
    for path in flow_files(files or [PACK]):
        file = read_flow(path)
        if file.compiled is not None:
            results += [(path, result) for result in run_tests(file.compiled)]
        else:
            results.append((path, CaseResult("", None, tuple(str(item) for item in file.findings))))
    failed = [(path, result) for path, result in results if not result.passed]
    if call.json:
        emit(
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
            say(f"FAIL {path.stem}: {result.name}")
            for difference in result.differences:
                say(f"     {difference}")
        say(_("{passed} of {all} tests passed").format(passed=len(results) - len(failed), all=len(results)))
    _end(bool(failed))


def graph(call: Call, flow: OneFlow, as_: Drawn = Format.TEXT, output: Output = None) -> None:
    """Draw a flow: what is asked, what depends on what, and what comes of it."""
    draw = {Format.TEXT: as_text, Format.MERMAID: as_mermaid, Format.SVG: as_svg}[as_]
    picture = draw(usable(flow).flow, language())
    if output:
        write_file(output, picture + "\n")
    elif call.json:
        emit({"format": as_.value, "graph": picture})
    else:
        say_block(picture, "")


def explain(
    call: Call, flow: OneFlow, item: Item = None, answer: Answers = None, today: Today = None
) -> None:  # fmt: skip
    """Say why each question is asked (or not) and why each outcome holds (or not) for these answers."""
    compiled, day = usable(flow), _day(today)
    answers = _read_answers(compiled, answer)
    questions = [question.id for question in compiled.flow.questions]
    outcomes = [outcome.id for outcome in compiled.flow.outcomes]
    if item is not None and item not in (known := (*questions, *outcomes)):
        word = nearest(item, known)
        raise Invalid(
            N_("The flow {flow} has no question and no outcome {item}."), flow=compiled.flow.id, item=item, word=word,
            hint=N_("Did you mean “{word}”?") if word else N_("There are: {choices}"), choices=", ".join(known),
        )  # fmt: skip
    told = [("question", why_asked(compiled, id_, answers, today=day)) for id_ in questions if item in (None, id_)] + [
        ("outcome", why_outcome(compiled, id_, answers, today=day)) for id_ in outcomes if item in (None, id_)
    ]
    if call.json:
        emit([{"kind": kind, **_explanation(why)} for kind, why in told])
    else:
        for _kind, why in told:
            say(f"{_truth(why.truth)}\t{why.item}   {why.condition or _('always')}".expandtabs(4))
            for part in why.because:
                given = plain_value(answers[part.question]) if part.question in answers else "-"
                say(f"      {_truth(part.truth)} {part.text}   ({part.question} = {given})")


def _truth(truth: Truth) -> str:
    return "?" if truth is None else _("yes") if truth else _("no")


def run(call: Call, flow: OneFlow, answer: Answers = None, today: Today = None) -> None:
    """Go through a flow line by line; `?` lists what can be typed."""
    compiled = usable(flow)
    session = Session(compiled, _day(today), now=_now, say=_complain if call.json else say)
    for id_, value in _read_answers(compiled, answer).items():
        session.give(id_, value)
    finished = session.run(lambda: _line(call.json))
    if call.json:
        emit(session.case())
    _end(not finished)


def diff(call: Call, old: OneFlow, new: OneFlow, answer: Answers = None, today: Today = None) -> None:
    """Compare two versions of a flow; with answers, show what moving their draft keeps, parks and asks anew."""
    before, after = usable(old), usable(new)
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
        emit({"old": before.hash, "new": after.hash, "changes": items, "draft": move})
    else:
        say(" > ".join(f"{version.flow.id} {version.flow.version}" for version in (before, after)))
        for line in told_changes(before.flow, after.flow):
            say(line)
        if moved:
            say(_("kept: {ids}").format(ids=", ".join(moved.kept) or "-"))
            parked = ", ".join(f"{id_} ({reason.value})" for id_, reason in moved.parked.items())
            say(_("parked: {ids}").format(ids=parked or "-"))
            say(_("new: {ids}").format(ids=", ".join(moved.new) or "-"))
    _end(bool(changes))


def schema(call: Call) -> None:
    """Print the JSON schema of flow files, for editors."""
    from deskapp.services.flow_schema import FlowDoc

    emit(FlowDoc.model_json_schema())


def import_xlsform(call: Call, workbook: Workbook, output: Output = None, name: Name = None) -> None:
    """Make a draft flow of a survey, and tell what could not be taken over."""
    from deskapp.services.flow_write import write_flow
    from deskapp.services.xlsform import import_xlsform as take_over
    from deskapp.services.xlsform_logic import identifier
    from deskapp.services.xlsform_sheets import read_xlsform

    imported = take_over(read_xlsform(workbook), identifier(name or workbook.stem, "f").replace("_", "-").strip("-"))
    text = write_flow(imported.data)
    if output:
        write_file(output, text)
    if call.json:
        findings = [
            {"sheet": item.path[0], "row": item.path[1], "name": item.item, "code": item.code, "message": item.message}
            for item in imported.findings
        ]
        emit({"flow": None if output else text, "findings": findings})
    else:
        for item in imported.findings:
            _complain(_("row {row}, {name}: {message}").format(row=item.path[1], name=item.item, message=item.message))
        if not output:
            say_block(text.rstrip("\n"), "")
    _end(bool(imported.findings))


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


def _complain(text: str) -> None:
    say(text, err=True)


def _end(found: bool) -> None:
    if found:
        raise typer.Exit(FINDINGS)
