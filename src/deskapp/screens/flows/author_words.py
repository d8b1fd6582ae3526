"""What is said of a flow being written: its findings, its tests, how it stands to the published version."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from deskapp.domain.flow import Grade, Severity
from deskapp.domain.i18n import _
from deskapp.domain.text import guard
from deskapp.domain.views_flow import FlowLine, SignOffLine
from deskapp.services.flow_drafts import Judged
from deskapp.widgets.source_pane import Remark


def remarks_of(judged: Judged) -> list[Remark]:
    """The findings by line, errors first, then the tests that fail."""
    found = sorted(judged.file.findings, key=lambda item: (item.finding.severity is not Severity.ERROR, item.line))
    remarks = []
    for item in found:
        wrong = item.finding.severity is Severity.ERROR
        here = item.file == judged.file.path
        text = f"{item.finding.message}  {item.finding.code}"
        if item.finding.item:
            text += f" [{item.finding.item}]"
        if not here:  # in the file of blocks, which has no place in this text
            text = f"{item.file.name}:{item.line}:{item.column} {text}"
        style = "$text-error" if wrong else "$text-warning"
        remarks.append(Remark(item.line if here else 0, item.column, text, style))
    return remarks + [remark for remark in test_remarks(judged, judged.text) if remark.style]


def test_remarks(judged: Judged, text: str) -> list[Remark]:
    """Every test with how it went, at the line of its name."""
    lines = text.splitlines()
    remarks = []
    for result in judged.tests:
        place = next((number for number, line in enumerate(lines, 1) if _names(line, result.name)), 0)
        if result.passed:
            remarks.append(Remark(place, 1, _("passed: {test}").format(test=result.name)))
            continue
        told = _("fails: {test}").format(test=result.name) + "  " + "; ".join(result.differences)
        remarks.append(Remark(place, 1, told, "$text-error"))
    return remarks


def _names(line: str, name: str) -> bool:
    return "name:" in line and name in line


def state_of(
    judged: Judged | None, line: FlowLine | None, signed: Sequence[SignOffLine], *, writes: bool, kept: datetime | None
) -> Content:
    """How it stands: errors and tests, versions, who has signed it, whether it is kept."""
    if judged is None:
        return Content(_("Reading ..."))
    warnings = len(judged.file.findings) - judged.errors
    parts: list[str | tuple[str, str]] = []
    if judged.errors:
        parts.append((_("{count} errors").format(count=judged.errors), "$text-error bold"))
    else:
        parts.append((_("no errors"), "$text-success"))
    if warnings:
        parts.append(("  " + _("{count} warnings").format(count=warnings), "$text-warning"))
    if judged.tests:
        passed = len(judged.tests) - len(judged.failed)
        told = _("tests {passed} of {all}").format(passed=passed, all=len(judged.tests))
        parts.append(("  " + told, "$text-error" if judged.failed else ""))
    flow = judged.file.flow
    if flow is not None:
        parts.append("  " + guard(flow.version))
    if line is not None:
        parts.append(("  " + _("published: {version}").format(version=line.version), "$quiet"))
    if flow is not None and any(outcome.grade is Grade.RED for outcome in flow.outcomes):
        parts.append(_word(signed))
    if not writes:
        parts.append(("  " + _("read only: a lead writes flows"), "$text-warning"))
    elif kept is not None:
        parts.append(("  " + _("kept"), "$quiet"))
    return Content.assemble(*parts)


def _word(signed: Sequence[SignOffLine]) -> tuple[str, str]:
    """Red outcomes need somebody else's word."""
    if not signed:
        return "  " + _("red: somebody else has to sign it"), "$text-warning"
    return "  " + _("signed: {name}").format(name=guard(", ".join(item.name for item in signed))), "$text-success"


__all__ = ["remarks_of", "state_of", "test_remarks"]
