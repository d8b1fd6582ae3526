"""A case being taken: events only grow, versions can be changed, the snapshot reads without the flow."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import Mark
from deskapp.domain.flow.draft import Draft, How, Parked, move_draft, new_draft, snapshot
from tests.flow_builder import compiled, outcome, question, text

OLD = compiled(
    question("a", "select_one", "x y"), question("b", when="a == x"), question("n", "integer", max=9), question("gone"),
    outcomes=[outcome("first", "b == yes"), outcome("rest")],
)  # fmt: skip
NEW = compiled(
    question("a", "select_one", "y z"), question("b", "text"), question("n", "integer", max=5), question("fresh"),
    outcomes=[outcome("first", "n == 3"), outcome("rest")], version="2.0.0",
)  # fmt: skip
START = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)


def take(draft: Draft, *answers: tuple[str, object]) -> Draft:
    for place, (id_, raw) in enumerate(answers):
        draft = draft.give(OLD, id_, raw, at=START + timedelta(seconds=place), by="lin")
    return draft


def test_events_say_who_when_and_how_and_are_never_lost() -> None:
    draft = take(new_draft(OLD), ("b", "yes"), ("a", "x"), ("b", "no"))
    draft = draft.withdraw("a", at=START, by="lin")
    assert [(event.question, event.value, event.how) for event in draft.events] == [
        ("b", "yes", How.VOLUNTEERED), ("a", "x", How.ASKED), ("b", "no", How.ASKED), ("a", None, How.ASKED),
    ]  # fmt: skip
    assert draft.answers == {"b": "no"}
    with pytest.raises(Invalid):
        take(draft, ("n", 10))
    with pytest.raises(ValueError, match="time zone"):
        draft.give(OLD, "a", "x", at=datetime(2026, 6, 15), by="lin")  # noqa: DTZ001


def test_a_draft_moves_to_a_new_version_with_what_fits_and_back_with_everything() -> None:
    draft = take(new_draft(OLD), ("a", "x"), ("b", "yes"), ("n", 3), ("gone", Mark.REFUSED))
    moved = move_draft(draft, OLD, NEW)
    assert (moved.kept, moved.new) == (("n",), ("fresh",))
    assert moved.parked == {"a": Parked.VALUE, "b": Parked.TYPE, "gone": Parked.GONE}
    assert (moved.draft.version, moved.draft.hash) == ("2.0.0", NEW.hash)
    assert NEW.evaluate(moved.answers).outcome == "first"
    back = move_draft(moved.draft, NEW, OLD)
    assert (back.answers, back.parked) == ({"a": "x", "n": 3, "gone": Mark.REFUSED}, {"b": Parked.TYPE})
    assert back.draft.answers == draft.answers


def test_a_snapshot_reads_in_both_languages_without_the_flow() -> None:
    draft = take(new_draft(OLD), ("a", "y"), ("a", "x"), ("b", "yes"), ("n", Mark.UNKNOWN), ("a", "y"), ("a", "x"))
    case = json.loads(json.dumps(snapshot(OLD, draft)))
    assert case["outcome"]["title"] == text("first")
    assert [(line["id"], line["text"]["zh"], line["state"], line["changes"]) for line in case["answers"]] == [
        ("a", "x中", "answered", 3), ("b", "是", "answered", 0), ("n", "不知道", "unknown", 0),
    ]  # fmt: skip
    assert case["answers"][1]["at"] == "2026-06-15T01:00:02+00:00"


def test_a_parked_answer_is_not_in_the_snapshot() -> None:
    draft = take(new_draft(OLD), ("a", "x"), ("b", "yes"), ("a", "y"))
    assert [line["id"] for line in snapshot(OLD, draft)["answers"]] == ["a"]
