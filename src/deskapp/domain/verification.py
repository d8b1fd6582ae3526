"""Corrective action and its proof: the verdict on a re-sample, the plan's power, the states of an action."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.statistics import PowerRow, RateTest, power_table, smallest_sample, verify_pass_rate


class Verdict(StrEnum):
    """What a verification sample says about the target."""

    NOT_MET = "not_met"
    MET_NOT_PROVEN = "met_not_proven"
    PROVEN = "proven"


VERDICT_NAMES = {
    Verdict.NOT_MET: N_("not met"),
    Verdict.MET_NOT_PROVEN: N_("met on the sample, not proven"),
    Verdict.PROVEN: N_("proven (95 % confidence)"),
}


@dataclass(frozen=True, slots=True)
class Verification:
    """A verification's result: the test behind it and the verdict."""

    test: RateTest
    verdict: Verdict
    census: bool

    def __str__(self) -> str:
        return _(VERDICT_NAMES[self.verdict])


def verdict(
    passes: int,
    n: int,
    *,
    target: Fraction = Fraction(95, 100),
    alpha: Fraction = Fraction(5, 100),
    population: int | None = None,
) -> Verification:
    """Judge n re-scored records against the target by the exact one-sided test, finite where a population is given.

    57/60 and 58/58 are met on the sample and not proven, 59/59 is proven; a census is proven or not met.
    """
    test = verify_pass_rate(passes, n, target=target, alpha=alpha, population=population)
    if test.proven and test.point_ok:
        found = Verdict.PROVEN
    else:
        found = Verdict.MET_NOT_PROVEN if test.point_ok else Verdict.NOT_MET
    return Verification(test, found, population is not None and n == population)


@dataclass(frozen=True, slots=True)
class VerificationPlan:
    """Before the draw: the smallest samples that could prove the target, and what each size can give."""

    target: Fraction
    population: int | None
    smallest: tuple[tuple[int, int | None], ...]
    table: tuple[PowerRow, ...]


def plan_verification(
    *,
    population: int | None = None,
    target: Fraction = Fraction(95, 100),
    true_rate: float = 0.99,
    sizes: tuple[int, ...] = (20, 30, 59, 93, 124, 153, 181, 208),
) -> VerificationPlan:
    """Return which n can prove the target with 0, 1, 2 failures, and the power of each size at a true rate."""
    smallest = tuple(
        (failures, smallest_sample(target=target, failures=failures, population=population)) for failures in range(3)
    )
    wanted = tuple(sorted({*sizes, *(n for _c, n in smallest if n)}))
    return VerificationPlan(target, population, smallest, power_table(wanted, true_rate, target=target,
                                                                      population=population))  # fmt: skip


class ActionState(StrEnum):
    """Where a corrective action stands."""

    OPEN = "open"
    DONE = "done"
    VERIFYING = "verifying"
    SECOND_ROUND = "second_round"
    CLOSED = "closed"
    ESCALATED = "escalated"
    VOID = "void"


ACTION_STEPS: dict[ActionState, tuple[ActionState, ...]] = {
    ActionState.OPEN: (ActionState.DONE, ActionState.VOID),
    ActionState.DONE: (ActionState.VERIFYING, ActionState.VOID),
    ActionState.VERIFYING: (ActionState.CLOSED, ActionState.SECOND_ROUND, ActionState.ESCALATED, ActionState.VOID),
    ActionState.SECOND_ROUND: (ActionState.DONE, ActionState.VOID),
    ActionState.CLOSED: (),
    ActionState.ESCALATED: (),
    ActionState.VOID: (),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A corrective-action notice; the head of the department must be in copy. Raises Invalid for what is missing."""

    number: str
    finding: str
    department: str
    responsible: str
    action: str
    deadline: datetime
    head_in_copy: str
    issued_at: datetime

    def __post_init__(self) -> None:
        for name in ("number", "finding", "department", "responsible", "action", "head_in_copy"):
            if not getattr(self, name).strip():
                raise Invalid(N_("The notice needs: {field_name}."), field_name=name, field=name)
        if self.deadline <= self.issued_at:
            raise Invalid(N_("The deadline must lie after the notice."), field="deadline")


def next_action_state(state: ActionState, found: Verification | None, *, failures_before: int) -> ActionState:
    """Return where an action goes from `verifying`: closed when proven; a second round; escalated the second time.

    "Met on the sample, not proven" does not close an action and is no failure either: more records are wanted, so it
    stays in verification. Raises Conflict outside of verification.
    """
    if state is not ActionState.VERIFYING or found is None:
        raise Conflict(N_("The action is not being verified."), hint=N_("Mark it done, then draw its sample."))
    if found.verdict is Verdict.PROVEN:
        return ActionState.CLOSED
    if found.verdict is Verdict.MET_NOT_PROVEN:
        return ActionState.VERIFYING
    return ActionState.ESCALATED if failures_before else ActionState.SECOND_ROUND


def step_action(state: ActionState, to: ActionState) -> ActionState:
    """Return the next state of an action. Raises Conflict for a step that its state does not allow."""
    if to not in ACTION_STEPS[state]:
        raise Conflict(N_("A corrective action that is {state} can't become {to}."), state=state, to=to)
    return to


def verifiable(record_created_at: datetime, action_done_at: datetime) -> bool:
    """Tell whether a record may enter the verification: created after the action was completed."""
    return record_created_at > action_done_at
