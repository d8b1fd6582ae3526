"""What the desk shows of flows, guided cases and rehearsals: frozen data objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from deskapp.domain.flow.model import Text
from deskapp.domain.terms import Grade


@dataclass(frozen=True, slots=True)
class FlowLine:
    """A flow that a call can be taken with: `words` is what it is found by, pinyin and initials among them.

    `signed_by` is empty while nobody qualified has signed this content; `last_used` is the reader's own.
    """

    version_id: UUID
    flow: str
    version: str
    hash: str
    title: Text
    product: str
    red: bool
    words: tuple[str, ...]
    signed_by: str
    shipped: bool
    retired: bool
    published_at: datetime
    last_used: datetime | None = None


@dataclass(frozen=True, slots=True)
class SignOffLine:
    """A reviewer's word for the content of a flow; `other` than the reader of this line, who may then publish it."""

    name: str
    note: str
    signed_at: datetime
    other: bool


@dataclass(frozen=True, slots=True)
class FlowSheet:
    """A published version whole: `data` is the flow as plain data, `jump` what questions and choices are found by."""

    line: FlowLine
    data: Mapping[str, Any]
    # (question, choice or "") to pinyin and initials of its Chinese texts.
    jump: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a guided call made of a ticket; `snapshot` (deskapp/case@1) reads without the flow."""

    ticket_id: UUID
    version_id: UUID
    version: int
    outcome: str
    grade: Grade | None
    given_grade: Grade | None
    grade_reason: str
    complete: bool
    emergency: str
    seconds: int
    keys: int
    snapshot: Mapping[str, Any]
    cause: str
    missing: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Causes:
    """What a ticket's fault may have been: `choices` of its flow, what was `confirmed` and what was `missing` then.

    `asked`: it was asked before and left open, with the reason on the timeline.
    """

    choices: tuple[Text, ...]
    confirmed: Text | None
    missing: str
    asked: bool


@dataclass(frozen=True, slots=True)
class QuestionFigures:
    """How a question fared: counts over cases, mean seconds, how much it tells (bits) of outcome and confirmed cause.

    `gain_outcome` is None for an answer that is not chosen or counted, such as a name, `gain_cause` also where no
    technician has confirmed a cause yet; `values` counts the different answers given.
    """

    question: str
    label: Text
    asked: int
    answered: int
    unknown: int
    refused: int
    volunteered: int
    prefilled: int
    changed: int
    seconds: float | None
    gain_outcome: float | None
    gain_cause: float | None
    values: int = 0
    info: bool = False
    safety: bool = False
    block: str | None = None


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """How a flow fared: median seconds and key presses, share of cases whose grade was changed by hand or which broke
    off, share solved with the first visit (None: no visit done yet), outcomes by count."""

    flow: str
    title: Text
    cases: int
    seconds: float
    keys: float
    overridden: float
    broken_off: float
    first_visit: float | None
    missing_part: float | None
    outcomes: tuple[tuple[str, int], ...]
    questions: tuple[QuestionFigures, ...]
    # The id of the outcome for everything else.
    otherwise: str = ""
    # What outcomes are called.
    names: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PracticeLine:
    """One rehearsal of somebody."""

    id: UUID
    agent: str
    flow: str
    title: Text
    points: int
    passed: bool
    outcome: str
    expected: str
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    asked_again: tuple[str, ...]
    seconds: int
    keys: int
    done_at: datetime
    # What the outcomes and questions named above are called.
    names: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Practiser:
    """How much somebody practised: rehearsals of this month and how many passed, mean points of this month and of the
    one before (None: none), the last one ever."""

    agent_id: UUID
    login: str
    name: str
    month: int
    passed: int
    points: float | None
    before: float | None
    last_at: datetime | None

    @property
    def trend(self) -> float | None:
        """Points more or less than in the month before; None where one of the two has none."""
        return None if self.points is None or self.before is None else self.points - self.before


__all__ = [
    "CaseView",
    "Causes",
    "FlowFigures",
    "FlowLine",
    "FlowSheet",
    "PracticeLine",
    "Practiser",
    "QuestionFigures",
    "SignOffLine",
]
