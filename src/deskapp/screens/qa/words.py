"""The words and figures that several of QA's screens say in the same way."""

from datetime import timedelta
from fractions import Fraction

from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_words import known_word
from deskapp.domain.scorecard import CriticalClass, Severity
from deskapp.domain.verification import ActionState

STAGES = {
    "planned": N_("planned"), "frozen": N_("frozen"), "seeded": N_("seeded"), "drawn": N_("drawn"),
    "assigned": N_("assigned"), "scoring": N_("scoring"), "revealed": N_("revealed"),
    "adjudicated": N_("adjudicated"), "released": N_("released"), "final": N_("final"), "reported": N_("reported"),
    "void": N_("void"),
}  # fmt: skip
STATES = {
    ActionState.OPEN: N_("open"), ActionState.DONE: N_("done"), ActionState.VERIFYING: N_("verifying"),
    ActionState.SECOND_ROUND: N_("second round"), ActionState.CLOSED: N_("closed"),
    ActionState.ESCALATED: N_("ESCALATED"), ActionState.VOID: N_("void"),
}  # fmt: skip
ROLES = {"lead": N_("reads the standard"), "qa": N_("carries it out"),
         "customer_experience": N_("the customer's view")}  # fmt: skip
CLASSES = {
    CriticalClass.CUSTOMER: N_("critical for the customer"),
    CriticalClass.BUSINESS: N_("critical for the business"),
    CriticalClass.COMPLIANCE: N_("critical for compliance"),
}
SEVERITIES = {Severity.MINOR: N_("minor"), Severity.MAJOR: N_("major"), Severity.CRITICAL: N_("CRITICAL")}


def points_word(points: Fraction | None) -> str:
    """Points of an item: 9, 7.5, or - where it does not apply."""
    return "-" if points is None else f"{float(points):.3g}"


def result_word(passed: bool) -> str:
    """Pass or FAIL."""
    return _("pass") if passed else _("FAIL")


def countdown(left: timedelta) -> str:
    """Time left, or LATE and by how much."""
    seconds = abs(int(left.total_seconds()))
    days, rest = divmod(seconds, 86400)
    figure = f"{days}d {rest // 3600:02d}:{rest % 3600 // 60:02d}"
    return _("LATE +{figure}").format(figure=figure) if left < timedelta() else figure


__all__ = [
    "CLASSES",
    "ROLES",
    "SEVERITIES",
    "STAGES",
    "STATES",
    "countdown",
    "known_word",
    "points_word",
    "result_word",
]
