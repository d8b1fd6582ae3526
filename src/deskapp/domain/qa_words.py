"""The closed words of QA besides its stages and findings: kinds of rounds, of assignments, of settlements."""

from enum import StrEnum

from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, Channel, EntryKind, Grade, Shift


class CardState(StrEnum):
    """A version of a card can be edited until it is published, and never again."""

    DRAFT = "draft"
    PUBLISHED = "published"


class RoundKind(StrEnum):
    """What a campaign is for; the loop is the same."""

    ROUND = "round"
    COMPLAINTS = "complaints"
    VENDOR = "vendor"
    VERIFICATION = "verification"


class TaskKind(StrEnum):
    """Why somebody scores a record. A `rescore` checks the raters and never enters a record's score."""

    PRIMARY = "primary"
    SECOND = "second"
    THIRD = "third"
    RESCORE = "rescore"


class TaskState(StrEnum):
    OPEN = "open"
    SUBMITTED = "submitted"
    VOID = "void"


class SampleState(StrEnum):
    """A drawn record that can't be scored is replaced; it stays in the books."""

    DRAWN = "drawn"
    REPLACED = "replaced"


class SettledBy(StrEnum):
    """How a record came to its final score."""

    SINGLE = "single"
    MEAN = "mean"
    THIRD = "third"
    QA_LEAD = "qa_lead"
    DISPUTE = "dispute"


class DisputeState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


class SessionKind(StrEnum):
    """A calibration seeks a consensus; an exam compares each person with a key that is set before."""

    CALIBRATION = "calibration"
    EXAM = "exam"


# What a line of a record proves as: two lines of one kind are one kind of evidence.
PROVES = {
    EntryKind.CALL_IN: "conversation", EntryKind.CALL_OUT: "conversation", EntryKind.MESSAGE_IN: "conversation",
    EntryKind.MESSAGE_OUT: "conversation", EntryKind.NOTE: "note", EntryKind.OUTCOME: "flow",
    EntryKind.PROMISE: "promise", EntryKind.APPOINTMENT: "appointment", EntryKind.VISIT: "visit",
    EntryKind.HAND_OVER: "status", EntryKind.ASSIGNMENT: "status", EntryKind.STATUS: "status",
    EntryKind.CALL_BACK: "call_back",
}  # fmt: skip


class _Labels:
    """Words by member. Members of two enumerations may be written alike (`open`): to a dictionary they are one key."""

    def __init__(self, *words: tuple[StrEnum, str]) -> None:
        self._words = {(type(member), member): word for member, word in words}

    def __getitem__(self, member: StrEnum) -> str:
        return self._words[type(member), member]


QA_LABELS = _Labels(
    (CardState.DRAFT, N_("draft")),
    (CardState.PUBLISHED, N_("is published")),
    (RoundKind.ROUND, N_("round")),
    (RoundKind.COMPLAINTS, N_("complaints, all")),
    (RoundKind.VENDOR, N_("vendor round")),
    (RoundKind.VERIFICATION, N_("verification")),
    (TaskKind.PRIMARY, N_("primary")),
    (TaskKind.SECOND, N_("second")),
    (TaskKind.THIRD, N_("third, decides")),
    (TaskKind.RESCORE, N_("re-score")),
    (TaskState.OPEN, N_("to score")),
    (TaskState.SUBMITTED, N_("submitted")),
    (TaskState.VOID, N_("void")),
    (SampleState.DRAWN, N_("drawn")),
    (SampleState.REPLACED, N_("replaced")),
    (SettledBy.SINGLE, N_("one rater")),
    (SettledBy.MEAN, N_("mean")),
    (SettledBy.THIRD, N_("third rater")),
    (SettledBy.QA_LEAD, N_("QA lead")),
    (SettledBy.DISPUTE, N_("after dispute")),
    (DisputeState.OPEN, N_("open")),
    (DisputeState.UPHELD, N_("upheld")),
    (DisputeState.REJECTED, N_("rejected")),
    (SessionKind.CALIBRATION, N_("calibration")),
    (SessionKind.EXAM, N_("exam")),
)

RATER_ROLES = {
    "lead": N_("team lead"),
    "qa": N_("quality assurance"),
    "customer_experience": N_("customer experience"),
}


def known_word(text: str) -> str:
    """A grade, channel or shift as people say it; any other text as it is."""
    for kind in (Grade, Channel, Shift):
        if text in set(kind):
            return _(LABELS[kind(text)])
    return text
