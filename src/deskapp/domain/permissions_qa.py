"""Who may do what in QA, as data: enforced where queries are made, and generated into the tests."""

from enum import StrEnum


class QaRole(StrEnum):
    """The roles of the matrix."""

    AGENT = "agent"
    LEAD = "lead"
    RATER = "rater"
    QA_LEAD = "qa_lead"
    AUDITOR = "auditor"
    ADMIN = "admin"


class QaAct(StrEnum):
    """What can be asked."""

    KNOW_SAMPLED = "know_sampled_before_release"
    SEE_SCORES = "see_others_scores_before_reveal"
    SEE_RELEASED = "see_released_score"
    DISPUTE = "dispute"
    DECIDE_DISPUTE = "decide_dispute"
    CONDUCT = "publish_card_freeze_draw"
    VERIFY_DRAW = "verify_draw"
    VOID = "void_with_reason"
    DELETE = "delete_or_alter"


class Reach(StrEnum):
    """How far a permission goes; the query narrows to it."""

    NONE = "none"
    OWN = "own"  # the actor's own records, or own assignments
    TEAM = "team"
    ON_BEHALF = "on_behalf"
    PROGRESS = "progress"  # counts of what is done, no values
    READ = "read"
    ALL = "all"
    NOT_FIRST_RATER = "not_first_rater"


_N, _R = Reach.NONE, QaRole

MATRIX: dict[QaAct, dict[QaRole, Reach]] = {
    QaAct.KNOW_SAMPLED: {_R.RATER: Reach.OWN, _R.QA_LEAD: Reach.ALL, _R.AUDITOR: Reach.ALL},
    QaAct.SEE_SCORES: {_R.QA_LEAD: Reach.PROGRESS, _R.AUDITOR: Reach.READ},
    QaAct.SEE_RELEASED: {_R.AGENT: Reach.OWN, _R.LEAD: Reach.TEAM, _R.QA_LEAD: Reach.ALL, _R.AUDITOR: Reach.ALL},
    QaAct.DISPUTE: {_R.AGENT: Reach.OWN, _R.LEAD: Reach.ON_BEHALF, _R.AUDITOR: Reach.READ},
    QaAct.DECIDE_DISPUTE: {_R.QA_LEAD: Reach.NOT_FIRST_RATER},
    QaAct.CONDUCT: {_R.QA_LEAD: Reach.ALL},
    QaAct.VERIFY_DRAW: {_R.QA_LEAD: Reach.ALL, _R.AUDITOR: Reach.ALL},
    QaAct.VOID: {_R.QA_LEAD: Reach.ALL},
    QaAct.DELETE: {},
}


def reach(role: QaRole, act: QaAct) -> Reach:
    """Return how far a role's permission goes; a role that the row does not name has none."""
    return MATRIX[act].get(role, _N)
