"""The order of the QA loop: no step out of turn, adjudication of differing scores, and the dispute window."""

from collections.abc import Iterable, Sequence
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
NEXT = {
    Stage.PLANNED: N_("Next its frame is frozen: g in the round, or deskapp qa freeze."),
    Stage.FROZEN: N_("Next the seed is fixed and the sample drawn: g in the round, or deskapp qa draw."),
    Stage.SEEDED: N_("Next the sample is drawn: g in the round, or deskapp qa draw."),
    Stage.DRAWN: N_("Next it is dealt to raters (g in the round, deskapp qa assign) or enlarged (e, draw --share)."),
    Stage.ASSIGNED: N_("Next the raters score; when all have, it can be revealed."),
    Stage.SCORING: N_("Next the raters score; when all have, it can be revealed."),
    Stage.REVEALED: N_("Next it is adjudicated: c in the round, then g, or deskapp qa step … adjudicated."),
    Stage.ADJUDICATED: N_("Next it is released to the agents: g in the round, or deskapp qa step … released."),
    Stage.RELEASED: N_("Next it is final, after the dispute window: g in the round, or deskapp qa step … final."),
    Stage.FINAL: N_("Next it is reported: g in the round, or deskapp qa step … reported."),
    Stage.REPORTED: N_("It is at its end; plan a new one."),
    Stage.VOID: N_("It is at its end; plan a new one."),
}
"""What comes after each stage, with the key and the command that take it there."""


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
            raise Conflict(N_("A campaign that is {stage} can't be voided."), stage=stage)
        return to
    if stage is Stage.VOID or stage is ORDER[-1] or ORDER[ORDER.index(stage) + 1] is not to:
        raise Conflict(N_("A campaign that is {stage} can't become {to} now."), stage=stage, to=to, hint=NEXT[stage])
    missing = _missing(to, facts, now)
    if missing:
        until = f"{facts.dispute_until:%Y-%m-%d %H:%M}" if facts.dispute_until else "?"
        raise Conflict(missing, undecided=facts.undecided, disputes=facts.open_disputes, until=until,
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
        Stage.FINAL: (facts.open_disputes == 0, N_("Disputes that are not decided yet: {disputes}.")),
    }
    if to is Stage.FINAL and (facts.dispute_until is None or now < facts.dispute_until):
        return N_("The dispute window is open until {until} UTC.")
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


def check_dispute(until: datetime, now: datetime, items: Sequence[str], before: Iterable[Sequence[str]]) -> None:
    """Check a dispute of a released score: within the window (until is exclusive), and each item once.

    `before` are the items of each earlier dispute of the record; no items stand for all of them. Raises Denied.
    """
    if now >= until:
        raise Denied(
            N_("The dispute window closed on {until} UTC."), until=until.strftime("%Y-%m-%d %H:%M"),
            hint=N_("Tell the QA lead; a calibration can take up the record."),
        )  # fmt: skip
    for earlier in before:
        if not earlier or not items or set(earlier) & set(items):
            raise Denied(
                N_("This was disputed before; each item can be disputed once."),
                hint=N_("The decision stands with the result."),
            )


FAST = timedelta(seconds=15)


def too_fast(active: timedelta) -> bool:
    """Tell whether an evaluation took so little active time that it is flagged: under 15 seconds."""
    return active < FAST
