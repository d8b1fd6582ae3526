"""The QA report as data: every figure with its n and interval, from which all renderings are made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from deskapp.domain.agreement import Coefficient
from deskapp.domain.rater_bias import RaterBias
from deskapp.domain.rule_items import AggregateResult
from deskapp.domain.scorecard import CriticalClass, Severity, Words
from deskapp.domain.statistics import Estimate, Interval, Mean, PChart, PowerRow
from deskapp.domain.verification import ActionState, Verdict

FEW = 20  # under so many records an agent's figures are greyed


@dataclass(frozen=True, slots=True)
class CriticalLine:
    """Records without a critical finding of one class."""

    kind: CriticalClass
    clean: int
    n: int
    interval: Interval

    @property
    def share(self) -> float:
        """Return the accuracy: clean records of all."""
        return self.clean / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem of the Pareto chart: records with a finding on the item, their share, examples."""

    item: Words
    records: int
    n: int
    interval: Interval
    cumulative: float
    worst: Severity
    examples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Return the share of records with the problem."""
        return self.records / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Mean points (of 10) of an item on a shift; None where it never applied."""

    points: float | None
    n: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Items (rows) by shifts (columns)."""

    columns: tuple[Words, ...]
    rows: tuple[tuple[Words, tuple[HeatCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent's figures; `tier` is None where few records or overlapping intervals allow no order."""

    agent: str
    n: int
    passed: int
    interval: Interval
    mean: float
    tier: int | None

    @property
    def few(self) -> bool:
        """Tell whether there are too few records to say much: greyed."""
        return self.n < FEW

    @property
    def share(self) -> float:
        """Return the pass rate of the sample."""
        return self.passed / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True)
class RaterLine:
    """A rater's work and bias against the panel; `bias` None without records shared with others."""

    rater: str
    role: str
    n: int
    fast: int
    bias: RaterBias | None


@dataclass(frozen=True, slots=True)
class RaterItemLine:
    """A rater's bias on one item, in points of ten, where its interval leaves out 0 for all items together."""

    rater: str
    item: Words
    bias: RaterBias


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """How far raters agree on one item (or on the result): the level of measurement is named."""

    item: Words
    level: str
    raw: Coefficient
    alpha: Coefficient
    ac: Coefficient


class CaseKind(StrEnum):
    """Whether a case is shown to be followed or to be avoided."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class CaseLine:
    """An anonymised case, approved for showing."""

    kind: CaseKind
    label: str
    score: Fraction
    story: str
    lesson: str = ""


@dataclass(frozen=True, slots=True)
class VerificationLine:
    """The proof of a corrective action, with what its sample could show."""

    passes: int
    n: int
    population: int | None
    target: float
    p_value: float
    verdict: Verdict
    power: tuple[PowerRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ActionLine:
    """A corrective action with its proof, if there is one yet."""

    number: str
    finding: str
    department: str
    responsible: str
    action: str
    deadline: datetime
    state: ActionState
    round: int = 1
    verification: VerificationLine | None = None


@dataclass(frozen=True, slots=True)
class StratumLine:
    """A stratum of the draw."""

    name: str
    population: int
    n: int
    scored: int
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A drawn record with its ticket, for the audit page."""

    record: str
    stratum: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an auditor needs to draw the sample again."""

    filter: str
    frame_hash: str
    frame_size: int
    frozen_at: datetime
    seed: str
    seeded_at: datetime
    version: str
    strata: tuple[StratumLine, ...]
    exclusions: tuple[tuple[str, int], ...]
    replacements: tuple[tuple[str, str, str], ...]
    openssl: str
    example: DrawnLine | None
    drawn: tuple[DrawnLine, ...] = ()


@dataclass(frozen=True, slots=True)
class QaReport:
    """One campaign's report, on one version of its card; the review sets campaigns beside each other."""

    campaign: str
    title: str
    period: str
    made_at: datetime
    card: Words
    card_version: int
    card_hash: str
    pass_mark: Fraction
    population: int
    scored: int
    score: Mean
    pass_rate: Estimate
    critical: tuple[CriticalLine, ...]
    problems: tuple[ProblemLine, ...]
    chart: PChart | None
    heat: HeatMap
    agents: tuple[AgentLine, ...]
    raters: tuple[RaterLine, ...]
    agreement: tuple[AgreementLine, ...]
    aggregates: tuple[tuple[Words, AggregateResult], ...]
    cases: tuple[CaseLine, ...]
    actions: tuple[ActionLine, ...]
    audit: Audit
    notes: tuple[str, ...] = ()
    rater_items: tuple[RaterItemLine, ...] = ()

    @property
    def top(self) -> tuple[ProblemLine, ...]:
        """Return the three problems that the most records have."""
        return self.problems[:3]
