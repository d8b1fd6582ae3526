"""Answers are checked by the type of their question and read back as they were."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deskapp.domain.errors import Invalid
from deskapp.domain.flow import Mark, check_value, plain_value, show_value
from tests.flow_builder import flow, question

ALONE = [
    {"id": "a", "zh": "甲", "en": "A"},
    {"id": "b", "zh": "乙", "en": "B"},
    {"id": "none", "zh": "无", "en": "None", "exclusive": True},
]
QUESTIONS = {
    item["type"]: item
    for item in (
        question("q", "yes_no"),
        question("q", "select_one", "x y"), {**question("q", "select_multiple"), "choices": ALONE},
        question("q", "integer", min=0, max=50), question("q", "decimal", min=0.5, unit={"zh": "度", "en": "C"}),
        *(question("q", type_) for type_ in ("date", "time_slot", "text", "phone", "serial", "address")),
    )
}  # fmt: skip


def checked(type_: str, raw: Any) -> Any:
    return check_value(flow(QUESTIONS[type_]).questions[0], raw)


@pytest.mark.parametrize(
    ("type_", "raw", "value"),
    [
        ("yes_no", "yes", "yes"),
        ("yes_no", True, "yes"),
        ("select_one", "y", "y"),
        ("select_multiple", ["b", "a", "a"], ("a", "b")),
        ("select_multiple", "b, a", ("a", "b")),
        ("integer", " 12 ", 12),
        ("integer", "１２", 12),
        ("integer", 12.0, 12),
        ("decimal", "44.50", Decimal("44.50")),
        ("date", "2026-07-01", date(2026, 7, 1)),
        ("date", "2026年7月1日", date(2026, 7, 1)),
        ("date", "2026/7/1", date(2026, 7, 1)),
        ("date", date(2026, 7, 1), date(2026, 7, 1)),
        ("time_slot", "2026-07-01 9:00-11:00", "2026-07-01 09:00-11:00"),
        ("text", "a\x1b[2Jb\nc", "a[2Jb\nc"),
        ("address", " 幸福 路\t1号 ", "幸福 路 1号"),
        ("phone", "+86 138-0013-8000", "+86 138-0013-8000"),
        ("phone", "010-8888 8888转12", "010-8888 8888转12"),
        ("serial", "ab 12/3-x", "AB12/3-X"),
        ("text", "unknown", Mark.UNKNOWN),
        ("integer", Mark.REFUSED, Mark.REFUSED),
    ],
)
def test_what_fits_is_normalised_and_reads_back(type_: str, raw: Any, value: Any) -> None:
    found = checked(type_, raw)
    assert found == value
    assert type(found) is type(value)
    assert checked(type_, plain_value(found)) == value


@pytest.mark.parametrize(
    ("type_", "raw", "said"),
    [
        ("yes_no", "maybe", "not one of the choices"),
        ("select_multiple", ["a", "none"], "cannot be combined"),
        ("select_multiple", [], "Choose one"),
        ("select_multiple", 7, "Choose one"),
        ("integer", "12.5", "whole number"),
        ("integer", "-1", "lowest value is 0"),
        ("integer", "51", "highest value is 50"),
        ("integer", True, "not a number"),
        ("decimal", "NaN", "not a number"),
        ("decimal", "1e999", "not a number"),
        ("decimal", "9" * 100, "not a number"),
        ("date", "2026-02-30", "not a day"),
        ("date", "tomorrow", "not a day"),
        ("time_slot", "2026-07-01 11:00-09:00", "ends before"),
        ("time_slot", "2026-07-01 25:00-26:00", "not a time slot"),
        ("time_slot", "morning", "not a time slot"),
        ("text", "\u200b ", "no text"),
        ("text", None, "no text"),
        ("address", ["road 1"], "A text is needed"),
        ("serial", True, "A text is needed"),
        ("text", "x" * 2001, "limit is 2000"),
        ("phone", "call me", "not a phone number"),
        ("serial", "序列", "letters, digits"),
    ],
)
def test_what_does_not_fit_says_why_at_its_question(type_: str, raw: Any, said: str) -> None:
    with pytest.raises(Invalid) as raised:
        checked(type_, raw)
    assert said in str(raised.value)
    assert raised.value.field == "q"


def test_unknown_is_refused_where_an_answer_is_needed() -> None:
    needed = flow(question("q", unknown=False)).questions[0]
    for mark in (Mark.UNKNOWN, Mark.REFUSED):
        with pytest.raises(Invalid, match="needs an answer"):
            check_value(needed, mark)


def test_values_are_shown_in_both_languages() -> None:
    several, measured = (flow(QUESTIONS[type_]).questions[0] for type_ in ("select_multiple", "decimal"))
    assert [show_value(several, ("a", "b"), language) for language in ("zh", "en")] == ["甲、乙", "A, B"]
    assert [show_value(measured, Decimal("44.5"), language) for language in ("zh", "en")] == ["44.5 度", "44.5 C"]
    assert show_value(measured, Mark.UNKNOWN, "zh") == "不知道"
