"""What crosses from the services of QA to screens and commands: frozen data, narrowed to what its reader may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_words import (
    CardState,
    DisputeState,
    RoundKind,
    SampleState,
    SessionKind,
    SettledBy,
    TaskKind,
    TaskState,
)
from deskapp.domain.rule_items import RecordFacts
from deskapp.domain.sampling import Difference, Plan
from deskapp.domain.scorecard import CardChange, Scorecard
from deskapp.domain.scoring import Answer, Finding
from deskapp.domain.sla import Shown
from deskapp.domain.terms import EntryKind
from deskapp.domain.verification import ActionState, Verdict, VerificationPlan


@dataclass(frozen=True, slots=True)
class CardLine:
    """A version of a card in the list."""

    id: UUID
    version: int
    card: str
    edition: int
    title: str
    state: CardState
    content_hash: str
    published_at: datetime | None
    published_by: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A version of a card: what it says, as file, what it changes against the edition before, notes on its items."""

    line: CardLine
    card: Scorecard
    text: str
    changes: tuple[CardChange, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A campaign in the list. Counts are None for those who may not know them."""

    id: UUID
    version: int
    number: int
    kind: RoundKind
    title: str
    stage: Stage
    first_day: str
    last_day: str
    card: str
    edition: int
    frame_size: int
    drawn: int | None = None
    wanted: int | None = None
    submitted: int | None = None
    dispute_until: datetime | None = None

    @property
    def label(self) -> str:
        """Its name for people: Q-12."""
        return f"Q-{self.number}"


@dataclass(frozen=True, slots=True)
class RaterProgress:
    """How far a rater is: counts, no values."""

    rater: str
    role: str
    wanted: int
    submitted: int


@dataclass(frozen=True, slots=True)
class StratumRow:
    """A stratum of a campaign: population, drawn, replaced."""

    name: str
    population: int
    n: int
    replaced: int


@dataclass(frozen=True, slots=True)
class RoundView:
    """One campaign with what its reader may know."""

    line: RoundLine
    plan_id: str
    filter: str
    frame_hash: str
    seed: str
    exclusions: tuple[tuple[str, int], ...]
    strata: tuple[StratumRow, ...]
    progress: tuple[RaterProgress, ...] = ()
    undecided: int | None = None
    open_disputes: int | None = None
    action: int | None = None
    void_reason: str = ""


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What a plan would draw and cost, before anything is stored."""

    plan_id: str
    title: str
    first_day: str
    last_day: str
    card: str
    plan: Plan
    exclusions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DrawCheck:
    """A re-draw against what is stored: the frame's hash, the sample, and the line that an auditor can run."""

    campaign: str
    frame_hash: str
    frame_same: bool
    difference: Difference
    seed: str
    example: str
    lot: str
    openssl: str

    @property
    def same(self) -> bool:
        """Tell whether everything is as it was drawn."""
        return self.frame_same and self.difference.same


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """A line of the record as it stood; `kind` is the kind of evidence that it can be."""

    id: str
    kind: EntryKind
    text: str
    author: str
    occurred_at: datetime
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A record as it stood when it was drawn. `agent` is empty while it is hidden."""

    record: str
    subject: str
    description: str
    product: str
    fault: str
    channel: str
    grade: str
    resolution: str
    agent: str
    lines: tuple[SnapshotLine, ...]
    facts: RecordFacts


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in the rater's queue: no agent, no others, no score."""

    id: UUID
    campaign_id: UUID
    campaign: str
    record: str
    subject: str
    state: TaskState
    kind: TaskKind
    role: str


@dataclass(frozen=True, slots=True)
class TaskQueue:
    """What a rater has to score, the open ones first, and what they have done."""

    open: tuple[TaskLine, ...]
    done: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A submitted evaluation, for those who may see it."""

    id: UUID
    rater: str
    role: str
    kind: TaskKind
    revision: int
    score: Fraction
    passed: bool
    critical: bool
    answers: Mapping[str, Answer]
    findings: tuple[Finding, ...]
    comment: str
    fast: bool
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """What a rater scores on: the record, the card, what the rules have decided, one's own last evaluation."""

    task: TaskLine
    place: int
    of: int
    card: Scorecard
    snapshot: Snapshot
    prefilled: Mapping[str, Answer]
    evidence: Mapping[str, str]
    notes: Mapping[str, tuple[str, ...]]
    mine: Evaluated | None = None
    # Whether the score so far is shown while it is made.
    show_total: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """A record's final score and how it came about."""

    revision: int
    way: SettledBy
    score: Fraction
    passed: bool
    critical: bool
    points: Mapping[str, Fraction | None]
    findings: tuple[Finding, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A record after the reveal: everybody's evaluation beside each other, and what became of them."""

    sample_id: UUID
    campaign: str
    record: str
    subject: str
    stratum: str
    state: SampleState
    agent: str
    evaluations: tuple[Evaluated, ...]
    settled: Settled | None
    difference: Fraction
    reasons: tuple[str, ...] = ()
    waits_for: str = ""
    card: Scorecard | None = None
    snapshot: Snapshot | None = None


@dataclass(frozen=True, slots=True)
class RaterChoice:
    """Somebody who could score a record, with how many others wait for them."""

    id: UUID
    login: str
    name: str
    load: int


@dataclass(frozen=True, slots=True)
class ResultLine:
    """An agent's released result with its evidence; the rater is shown by role."""

    sample_id: UUID
    campaign: str
    record: str
    subject: str
    agent: str
    settled: Settled
    card: Scorecard
    raters: tuple[str, ...]
    evidence: Mapping[str, tuple[str, ...]]
    comments: tuple[str, ...]
    dispute_until: datetime | None
    dispute: DisputeState | None = None
    decision: str = ""
    # The items of each dispute; none stand for all.
    disputes: tuple[tuple[str, ...], ...] = ()

    @property
    def disputed(self) -> frozenset[str]:
        """Return the items that were disputed and can't be once more."""
        everything = [item.id for item in self.card.record_items]
        return frozenset(item for items in self.disputes for item in items or everything)


@dataclass(frozen=True, slots=True)
class DisputeLine:
    """A dispute with what it is about."""

    id: UUID
    version: int
    sample_id: UUID
    campaign: str
    record: str
    agent: str
    items: tuple[str, ...]
    text: str
    at: datetime
    state: DisputeState
    score: Fraction
    decision: str


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One verification of an action."""

    round: int
    method: str
    passes: int
    n: int
    population: int | None
    target: Fraction
    p_value: float
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class ActionView:
    """A corrective action with its proofs and the plan of the next one."""

    id: UUID
    version: int
    number: int
    item: str
    finding: str
    department: str
    responsible: str
    action: str
    head_in_copy: str
    issued_at: datetime
    deadline: datetime
    state: ActionState
    round: int
    done_at: datetime | None
    done_text: str
    by_rule: bool
    proofs: tuple[ProofLine, ...] = ()
    campaign_id: UUID | None = None
    plan: VerificationPlan | None = None
    # The round's countdown, as lists show any promise; it counts while something is to be done.
    clock: Shown | None = None
    failures: int = 0
    responsible_id: UUID | None = None
    target: Fraction = Fraction(95, 100)

    @property
    def label(self) -> str:
        """Its name for people: CA-3."""
        return f"CA-{self.number}"


@dataclass(frozen=True, slots=True)
class SessionView:
    """A calibration or an exam. Others' points are there only once it is closed."""

    id: UUID
    version: int
    number: int
    kind: SessionKind
    title: str
    card: Scorecard
    snapshot: Snapshot
    closed_at: datetime | None
    mine: Mapping[str, Fraction | None] | None
    votes: tuple[tuple[str, Mapping[str, Fraction | None]], ...] = ()
    key: Mapping[str, Fraction | None] = field(default_factory=dict)
    note: str = ""
    voted: int | None = None

    @property
    def label(self) -> str:
        """Its name for people: S-3."""
        return f"S-{self.number}"


@dataclass(frozen=True, slots=True)
class ExamLine:
    """How one person did in an exam: its cases under one title, each compared with its key.

    `distance` is the mean distance from the key in points of ten, `worst` the largest; passed within one point on every
    item of every case. `cases` of `of` were scored.
    """

    exam: str
    person: str
    cases: int
    of: int
    distance: Fraction
    worst: Fraction
    passed: bool


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A record as a story to be shared, anonymised, for a person to shorten and read again."""

    sample_id: UUID
    record: str
    score: Fraction
    passed: bool
    story: str


@dataclass(frozen=True, slots=True)
class SharedCase:
    """A case to learn from; `approved` ones are there for all."""

    id: UUID
    version: int
    number: int
    good: bool
    score: Fraction
    story: str
    lesson: str
    approved: bool
