"""What a check of a flow reports: data with a place, so that a file, a screen or a script can show it."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.i18n import N_, _


class Severity(StrEnum):
    """An error keeps a flow from being published; a warning is for its author to judge."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a flow.

    `path` leads to the place in the flow's data (`("questions", 2, "when")`, indexes counted in `Flow.questions`),
    `offset` is the place inside the condition there; `item` names the question or outcome; `suggestion` is the
    nearest word that would have been right. `template` and `values` make the message, translated when shown.
    """

    severity: Severity
    code: str
    template: str
    path: tuple[str | int, ...] = ()
    offset: int | None = None
    item: str = ""
    suggestion: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence in the language in force, with the suggestion behind it."""
        text = _(self.template).format(**self.values)
        return text + " " + _("Did you mean “{word}”?").format(word=self.suggestion) if self.suggestion else text


class FlowInvalid(Invalid):
    """A flow has errors and cannot be run; `findings` lists them."""

    exit_code = 1

    def __init__(self, flow: str, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        first = self.findings[0].message if self.findings else ""
        super().__init__(
            N_("The flow {flow} cannot be used: {first}"), hint=N_("See all findings with deskapp flow check."),
            flow=flow, first=first,
        )  # fmt: skip


def error(code: str, template: str, **rest: Any) -> Finding:
    """An error; keywords that are no field of Finding fill the message."""
    return _finding(Severity.ERROR, code, template, rest)


def warning(code: str, template: str, **rest: Any) -> Finding:
    """A warning; keywords that are no field of Finding fill the message."""
    return _finding(Severity.WARNING, code, template, rest)


def of_error(trouble: DeskError, code: str, **rest: Any) -> Finding:
    """The error of another rule as a finding; its hint is put behind its message."""
    template = f"{trouble.template}. {trouble.hint_template}" if trouble.hint_template else trouble.template
    return DeskFinding(Severity.ERROR, code, template, values=trouble.values, trouble=trouble, **rest)


@dataclass(frozen=True, slots=True)
class DeskFinding(Finding):
    """A finding made of a typed error, whose message and hint are translated apart."""

    trouble: DeskError | None = None

    @property
    def message(self) -> str:
        """The error's sentence and its next step, in the language in force."""
        return " ".join(part for part in (str(self.trouble), self.trouble.hint if self.trouble else "") if part)


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, whatever its case, or an empty text when none is near."""
    words = {item.casefold(): item for item in known}
    return next((words[found] for found in difflib.get_close_matches(word.casefold(), words, n=1, cutoff=0.6)), "")


_FIELDS = frozenset({"path", "offset", "item", "suggestion"})


def _finding(severity: Severity, code: str, template: str, rest: dict[str, Any]) -> Finding:
    place = {key: value for key, value in rest.items() if key in _FIELDS}
    return Finding(
        severity, code, template, **place, values={key: value for key, value in rest.items() if key not in _FIELDS}
    )
