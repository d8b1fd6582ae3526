"""The order of the QA loop: no step out of turn, adjudication of differing scores, and the dispute window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from deskapp.domain.errors import Conflict, Denied, Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.scoring import Score


class Stage(StrEnum):
    """The stages of a campaign, in their order."""

    PLANNED = "planned"
    FROZEN = "frozen"
    SEEDED = "seeded"
    DRAWN = "drawn"
    ASSIGNED = "assigned"
    SCORING = "scoring"
    REVEALED = "revealed"
    ADJUDICATED = "adjudicated"
    RELEASED = "released"
    FINAL = "final"
    REPORTED = "reported"
    VOID = "void"


ORDER = tuple(stage for stage in Stage if stage is not Stage.VOID)


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What the guards of the steps look at."""

    frame_hash: str = ""
    frame_size: int = 0
    seed: str = ""
    drawn: int = 0
    assigned: int = 0
    submitted: int = 0
    wanted: int = 0
    undecided: int = 0
    open_disputes: int = 0
    dispute_until: datetime | None = None


def step(stage: Stage, to: Stage, facts: CampaignFacts, now: datetime) -> Stage:
    """Return the next stage. Raises Conflict for a step out of order, or whose guard says no, with what is missing."""
    if to is Stage.VOID:
        if stage in (Stage.REPORTED, Stage.VOID):
            raise Conflict(N_("A campaign that is {stage} can't be voided."), stage=stage.value)
        return to
    if stage is Stage.VOID or stage is ORDER[-1] or ORDER[ORDER.index(stage) + 1] is not to:
        raise Conflict(
            N_("From {stage} the next step is not {to}."),
            stage=stage.value,
            to=to.value,
            hint=N_("The steps are: {steps}."),
            steps=" > ".join(ORDER),
        )
    missing = _missing(to, facts, now)
    if missing:
        raise Conflict(missing, undecided=facts.undecided, disputes=facts.open_disputes,
                       rest=facts.wanted - facts.submitted, unassigned=facts.drawn - facts.assigned)  # fmt: skip
    return to


def _missing(to: Stage, facts: CampaignFacts, now: datetime) -> str:
    guards = {
        Stage.FROZEN: (facts.frame_size > 0, N_("The frame is empty: nothing meets the filter.")),
        Stage.SEEDED: (len(facts.frame_hash) == 64, N_("The frame's hash is not stored yet.")),
        Stage.DRAWN: (bool(facts.seed), N_("The seed is not fixed yet.")),
        Stage.ASSIGNED: (
            0 < facts.drawn <= facts.assigned,
            N_("{unassigned} drawn records have no rater yet."),
        ),
        Stage.REVEALED: (
            0 < facts.wanted <= facts.submitted,
            N_("{rest} evaluations are not submitted yet; scores stay hidden until all are."),
        ),
        Stage.ADJUDICATED: (facts.undecided == 0, N_("{undecided} records are not adjudicated yet.")),
        Stage.FINAL: (
            facts.open_disputes == 0 and facts.dispute_until is not None and now >= facts.dispute_until,
            N_("The dispute window is open, or {disputes} disputes are not decided."),
        ),
    }
    met, message = guards.get(to, (True, ""))
    return "" if met else message


class Adjudication(StrEnum):
    """What becomes of two scores of one record."""

    MEAN = "mean"
    ADJUDICATE = "adjudicate"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the scores of a record are settled: the mean as it stands, or a third rater or the QA lead decides."""

    way: Adjudication
    score: Fraction | None
    difference: Fraction
    reasons: tuple[str, ...] = ()


def adjudicate(scores: Sequence[Score], *, tolerance: Fraction = Fraction(10)) -> Outcome:
    """Settle the scores of one record: mean if they lie within 10 points, with one result and no critical difference.

    The difference is the largest between any two, on the numbers before a critical finding makes them zero. Raises
    Invalid for no scores.
    """
    if not scores:
        raise Invalid(N_("There is no score to settle."))
    numbers = [score.before_zero for score in scores]
    difference = max(numbers) - min(numbers)
    reasons = []
    if difference > tolerance:
        reasons.append(N_("the scores differ by more than the tolerance"))
    if len({score.result for score in scores}) > 1:
        reasons.append(N_("one passes, one fails"))
    if len({score.critical for score in scores}) > 1:
        reasons.append(N_("only one saw a critical finding"))
    if reasons:
        return Outcome(Adjudication.ADJUDICATE, None, difference, tuple(reasons))
    return Outcome(Adjudication.MEAN, sum((s.exact for s in scores), Fraction(0)) / len(scores), difference)


def check_dispute(
    released_at: datetime, now: datetime, *, window: timedelta = timedelta(days=5), already: int = 0
) -> datetime:
    """Return until when a released score may be disputed (exclusive). Raises Denied after it, or for a second time."""
    until = released_at + window
    if now >= until:
        raise Denied(N_("The dispute window closed on {until} UTC."), until=until.strftime("%Y-%m-%d %H:%M"))
    if already:
        raise Denied(N_("This score was disputed before; one dispute each."))
    return until


def check_decider(decider: str, raters: Sequence[str]) -> None:
    """Raise Denied when a dispute or adjudication would be decided by one who scored the record."""
    if decider in raters:
        raise Denied(
            N_("You scored this record: somebody else decides."), hint=N_("Hand it to another QA lead or rater.")
        )


FAST = timedelta(seconds=15)


def too_fast(active: timedelta) -> bool:
    """Tell whether an evaluation took so little active time that it is flagged: under 15 seconds."""
    return active < FAST
