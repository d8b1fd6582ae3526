"""The guided case behind a ticket, from the snapshot that was kept with it: no flow and no engine is needed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from textual.app import App

from deskapp.domain.i18n import N_, _, language
from deskapp.domain.terms import LABELS, Grade
from deskapp.domain.views_flow import CaseView
from deskapp.widgets.dialogs import Told

_LISTS = {
    "causes": N_("Causes"), "parts": N_("Parts"), "tools": N_("Tools"), "self_service": N_("For the customer"),
    "safety_script": N_("Read out"), "closing_script": N_("To say at the end"),
}  # fmt: skip
_HOW = {"asked": "", "volunteered": N_("said unasked"), "prefilled": N_("from the file")}


def show_case(app: App[Any], local: Callable[[datetime], datetime], case: CaseView | None) -> None:
    """Show the case over the screen, or say that there is none."""
    if case is None:
        lines = [_("No questions of a flow were asked for this ticket.")]
        app.push_screen(Told(_("Questions"), lines))
    else:
        app.push_screen(Told(case_title(case), case_lines(case, local)))


def case_title(case: CaseView) -> str:
    """Which questions were asked, in which version."""
    kept = case.snapshot
    return f"{_text(kept.get('title'))}  {kept.get('version', '')}  {str(kept.get('hash', ''))[:8]}"


def case_lines(case: CaseView, local: Callable[[datetime], datetime]) -> list[str]:
    """Everything the call told, in the reader's language; instants on the desk's wall clock."""
    return list(_lines(case, local))


def _lines(case: CaseView, local: Callable[[datetime], datetime]) -> Iterator[str]:
    kept = case.snapshot
    outcome: Mapping[str, Any] = kept.get("outcome") or {}
    if outcome:
        yield f"{_text(outcome.get('title'))}  {_(LABELS[Grade(outcome['grade'])])}  {outcome.get('priority', '')}"
    if case.given_grade is not None:
        yield _("grade by hand: {grade}, {reason}").format(
            grade=_(LABELS[case.given_grade]), reason=case.grade_reason or "-"
        )
    if not case.complete:
        yield _("The call broke off: not everything was asked.")
    yield ""
    for item in kept.get("answers", ()):
        yield f"{_text(item.get('label'))}  {_text(item.get('text'))}"
        yield "    " + _said(item, local)
    for name, title in _LISTS.items():
        texts = [_text(text) for text in outcome.get(name, ())]
        texts += [_text(text) for add in kept.get("adds", ()) for text in add.get(name, ())]
        if texts:
            yield ""
            yield _(title)
            yield from (f"  {text}" for text in dict.fromkeys(texts))
    if case.cause:
        yield ""
        yield _("What it really was: {cause}").format(cause=case.cause)


def _said(item: Mapping[str, Any], local: Callable[[datetime], datetime]) -> str:
    at = local(datetime.fromisoformat(item["at"]))
    parts = [f"{at:%H:%M:%S}", str(item.get("by", "")), _(how) if (how := _HOW.get(item.get("how", ""), "")) else ""]
    if item.get("changes"):
        parts.append(_("changed {count} times").format(count=item["changes"]))
    return "  ".join(part for part in parts if part)


def _text(value: Mapping[str, str] | None) -> str:
    return (value or {}).get(language(), "")


__all__ = ["case_lines", "case_title", "show_case"]
