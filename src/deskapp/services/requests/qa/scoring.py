"""What a rater asks: my tasks, the record with its card, and the submission of an evaluation."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar
from uuid import UUID

from deskapp.domain.scorecard import CriticalClass, Severity
from deskapp.services.requests.base import Command, Query, Request, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetTasks(Query):
    """My tasks; `text` finds among their records."""

    action: ClassVar[str] = "qa.score"
    text: str = line(200)


@dataclass(frozen=True, slots=True, kw_only=True)
class GetSheet(Query):
    """The record and the card of a task of mine; without one, the next that is open."""

    action: ClassVar[str] = "qa.score"
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer(Request):
    """An answer to one item; `lines` are the ids of the record's lines that prove it."""

    item: str
    points: Fraction | None = None
    na_reason: str = line(300)
    override_reason: str = line(300)
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFinding(Request):
    """A finding as the rater enters it."""

    severity: Severity
    item: str = ""
    critical_class: CriticalClass | None = None
    text: str = line(400)
    root_cause: str = line(200)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitEvaluation(Command):
    """Submit an evaluation, complete; before the reveal it may be submitted again, as a new revision."""

    action: ClassVar[str] = "qa.score"
    task_id: UUID
    answers: tuple[GivenAnswer, ...]
    findings: tuple[GivenFinding, ...] = ()
    comment: str = body(2000)
    active_seconds: int = 0
