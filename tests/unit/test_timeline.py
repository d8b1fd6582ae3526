"""A timeline reads as sentences in either language, whatever an older desk left out."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from deskapp.domain.i18n import use_language
from deskapp.domain.terms import EntryKind
from deskapp.domain.timeline import _SENTENCES, sentence
from deskapp.domain.views import TimelineLine

SHANGHAI = ZoneInfo("Asia/Shanghai")


def line(kind: EntryKind, text: str = "", **details: object) -> TimelineLine:
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    return TimelineLine(UUID(int=1), UUID(int=2), 7, kind, text, "Chen", at, at, details)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (line(EntryKind.NOTE, "bangs {loudly} [/x]"), "bangs {loudly} [/x]"),
        (line(EntryKind.ASSIGNMENT, what="claim", to="Sato {0}"), "Sato {0} took it"),
        (
            line(EntryKind.STATUS, "belt", what="pause", reason="parts", until="2026-03-03T01:00:00+00:00"),
            "paused, waiting for parts, until 2026-03-03 09:00: belt",
        ),
        (line(EntryKind.STATUS, what="pause", reason="moon", until="soon"), "paused, moon, until soon"),
        (
            line(EntryKind.VISIT, what="book", starts="2026-03-03T01:00:00+00:00", ends="2026-03-03T04:00:00+00:00"),
            "visit 2026-03-03 09:00 - 12:00",
        ),
        (
            line(EntryKind.CALL_BACK, "quiet now", reached=True, solved=True, satisfaction=5),
            "solved, satisfaction 5/5: quiet now",
        ),
        (line(EntryKind.CALL_BACK, reached=False), "not reached"),
        (line(EntryKind.STATUS, "x", what="from a newer desk"), "x"),
    ],
)
def test_a_line_tells_what_was_done_and_what_was_typed(given: TimelineLine, told: str) -> None:
    assert sentence(given, SHANGHAI) == told


def test_no_sentence_needs_a_fact_that_an_older_desk_did_not_write() -> None:
    use_language("en")
    for what in _SENTENCES:
        assert "{" not in sentence(line(EntryKind.STATUS, what=what), SHANGHAI)
