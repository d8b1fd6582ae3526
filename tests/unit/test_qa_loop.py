"""The order of the QA loop, adjudication, disputes, corrective actions and their verdicts."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from deskapp.domain.errors import Conflict, Denied, Invalid
from deskapp.domain.qa_loop import (
    ORDER,
    Adjudication,
    CampaignFacts,
    Stage,
    adjudicate,
    check_dispute,
    step,
    too_fast,
)
from deskapp.domain.scoring import Score, record_score
from deskapp.domain.verification import (
    ACTION_STEPS,
    ActionState,
    Notice,
    Verdict,
    next_action_state,
    plan_verification,
    step_action,
    verdict,
    verifiable,
)

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
READY = CampaignFacts("f" * 64, 100, "seed", 30, 30, 36, 36, dispute_until=NOON)


def score(number: int, critical: bool = False) -> Score:
    return record_score([(Fraction(1), Fraction(number, 10))], critical=critical)


@pytest.mark.parametrize(
    ("passes", "n", "population", "found"),
    [
        (57, 60, None, Verdict.MET_NOT_PROVEN),
        (56, 60, None, Verdict.NOT_MET),
        (20, 20, None, Verdict.MET_NOT_PROVEN),
        (58, 58, None, Verdict.MET_NOT_PROVEN),
        (59, 59, None, Verdict.PROVEN),
        (38, 38, 100, Verdict.MET_NOT_PROVEN),
        (39, 39, 100, Verdict.PROVEN),
        (57, 60, 60, Verdict.PROVEN),
        (56, 60, 60, Verdict.NOT_MET),
    ],
)
def test_the_verdict(passes: int, n: int, population: int | None, found: Verdict) -> None:
    assert verdict(passes, n, population=population).verdict is found


def test_a_census_leaves_no_third_verdict() -> None:
    for passes in range(41):
        assert verdict(passes, 40, population=40).verdict is not Verdict.MET_NOT_PROVEN


def test_a_plan_names_the_smallest_proofs() -> None:
    assert plan_verification().smallest == ((0, 59), (1, 93), (2, 124))
    small = plan_verification(population=60)
    assert small.smallest[:2] == ((0, 31), (1, 45))
    assert max(row.n for row in small.table) <= 60


def test_every_step_has_its_turn_and_no_other() -> None:
    for stage in Stage:
        for to in Stage:
            allowed = to is Stage.VOID and stage not in (Stage.REPORTED, Stage.VOID)
            if stage in ORDER[:-1] and ORDER[ORDER.index(stage) + 1] is to:
                allowed = True
            if allowed:
                assert step(stage, to, READY, NOON) is to
            else:
                with pytest.raises(Conflict):
                    step(stage, to, READY, NOON)


@pytest.mark.parametrize(
    ("to", "missing"),
    [
        (Stage.FROZEN, {"frame_size": 0}),
        (Stage.SEEDED, {"frame_hash": ""}),
        (Stage.DRAWN, {"seed": ""}),
        (Stage.ASSIGNED, {"assigned": 29}),
        (Stage.REVEALED, {"submitted": 35}),
        (Stage.ADJUDICATED, {"undecided": 1}),
        (Stage.FINAL, {"open_disputes": 1}),
        (Stage.FINAL, {"dispute_until": NOON + timedelta(seconds=1)}),
        (Stage.FINAL, {"dispute_until": None}),
    ],
)
def test_a_step_waits_for_what_it_stands_on(to: Stage, missing: dict[str, object]) -> None:
    known = {name: getattr(READY, name) for name in CampaignFacts.__slots__} | missing
    with pytest.raises(Conflict) as refused:
        step(ORDER[ORDER.index(to) - 1], to, CampaignFacts(**known), NOON)
    assert "{" not in str(refused.value)


@pytest.mark.parametrize(
    ("first", "second", "way"),
    [
        (score(90), score(80), Adjudication.MEAN),
        (score(91), score(80), Adjudication.ADJUDICATE),
        (score(80), score(79), Adjudication.ADJUDICATE),
        (score(90), score(90, critical=True), Adjudication.ADJUDICATE),
        (score(70, critical=True), score(70), Adjudication.ADJUDICATE),
        (score(70, critical=True), score(74, critical=True), Adjudication.MEAN),
    ],
)
def test_near_scores_are_averaged_and_others_decided(first: Score, second: Score, way: Adjudication) -> None:
    found = adjudicate([first, second])
    assert found.way is way
    assert found.score == ((first.exact + second.exact) / 2 if way is Adjudication.MEAN else None)
    assert bool(found.reasons) == (way is Adjudication.ADJUDICATE)


def test_a_dispute_comes_once_and_in_time() -> None:
    until = NOON + timedelta(days=5)
    check_dispute(until, until - timedelta(seconds=1), ("manners",), [("problem",), ("solution",)])
    with pytest.raises(Denied, match="closed"):
        check_dispute(until, until, ("manners",), [])
    # Each item once; a dispute that names none is about all of them.
    for items, before in ((("manners",), ("problem", "manners")), (("manners",), ()), ((), ("manners",))):
        with pytest.raises(Denied, match="before"):
            check_dispute(until, NOON, items, [before])


def test_fifteen_seconds_are_enough() -> None:
    assert too_fast(timedelta(seconds=14.9))
    assert not too_fast(timedelta(seconds=15))


def test_an_action_ends_proven_or_escalated() -> None:
    state = ActionState.VERIFYING
    assert next_action_state(state, verdict(59, 59), failures_before=0) is ActionState.CLOSED
    assert next_action_state(state, verdict(58, 58), failures_before=0) is ActionState.VERIFYING
    assert next_action_state(state, verdict(50, 60), failures_before=0) is ActionState.SECOND_ROUND
    assert next_action_state(state, verdict(50, 60), failures_before=1) is ActionState.ESCALATED
    with pytest.raises(Conflict):
        next_action_state(ActionState.OPEN, verdict(59, 59), failures_before=0)
    for start in ActionState:
        for to in ActionState:
            if to in ACTION_STEPS[start]:
                assert step_action(start, to) is to
            else:
                with pytest.raises(Conflict):
                    step_action(start, to)


def test_only_records_after_the_action_prove_it() -> None:
    assert verifiable(NOON + timedelta(seconds=1), NOON)
    assert not verifiable(NOON, NOON)


@pytest.mark.parametrize("missing", ["head_in_copy", "responsible", "action"])
def test_a_notice_needs_its_parts(missing: str) -> None:
    whole = {
        "number": "CA-1", "finding": "late", "department": "Service", "responsible": "Li", "action": "train",
        "head_in_copy": "Wang", "deadline": NOON + timedelta(days=7), "issued_at": NOON,
    }  # fmt: skip
    assert Notice(**whole).number == "CA-1"  # type: ignore[arg-type]
    with pytest.raises(Invalid) as refused:
        Notice(**(whole | {missing: " "}))  # type: ignore[arg-type]
    assert refused.value.field == missing
    with pytest.raises(Invalid):
        Notice(**(whole | {"deadline": NOON}))  # type: ignore[arg-type]
