"""Each word of QA is said by what it is of: an open task is to be scored, an open dispute is not decided."""

from deskapp.domain.qa_words import QA_LABELS, DisputeState, SettledBy, TaskKind, TaskState


def test_members_that_are_written_alike_have_words_of_their_own() -> None:
    assert (QA_LABELS[TaskState.OPEN], QA_LABELS[DisputeState.OPEN]) == ("to score", "open")
    assert (QA_LABELS[TaskKind.THIRD], QA_LABELS[SettledBy.THIRD]) == ("third, decides", "third rater")
