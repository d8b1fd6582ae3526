"""Three truth values: tables, and what each kind of absence means to each operator."""

from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from deskapp.domain.flow import Mark, parse
from deskapp.domain.flow.kleene import NOT_ASKED, PENDING, Truth, compile_node

VALUE = {True: "x", False: "y", None: PENDING}


def holds(source: str, *values: object, today: date = date(2026, 6, 15)) -> Truth:
    return compile_node(parse(source), {"a": 0, "b": 1, "c": 2})([*values, *[PENDING] * (3 - len(values)), today])


@pytest.mark.parametrize(("a", "b"), product((True, False, None), repeat=2))
def test_connectives_follow_kleenes_tables(a: Truth, b: Truth) -> None:
    order = {False: 0, None: 1, True: 2}
    back = {place: truth for truth, place in order.items()}
    low, high = back[min(order[a], order[b])], back[max(order[a], order[b])]
    values = VALUE[a], VALUE[b]
    assert holds("a == x and b == x", *values) is low
    assert holds("a == x or b == x", *values) is high
    assert holds("a == x and b == x and a == x", *values) is low
    assert holds("not a == x", *values) is back[2 - order[a]]


@pytest.mark.parametrize(
    ("source", "value", "unknown", "refused", "not_asked"),
    [
        ("a == x", "x", False, False, False),
        ("a != y", "x", True, True, True),
        ("a == unknown", Mark.UNKNOWN, True, True, False),
        ("a == refused", Mark.REFUSED, False, True, False),
        ("a != unknown", "x", False, False, True),
        ("a in [x, unknown]", "x", True, True, False),
        ("a > 1", 2, False, False, False),
        ("a <= 1.5", Decimal("1.5"), False, False, False),
        ("a has x", ("x", "y"), False, False, False),
        ("count(a) == 2", ("x", "y"), False, False, False),
        ("count(a) < 3", ("x", "y"), False, False, True),
        ("count(a) != 3", ("x", "y"), True, True, True),
        ("answered(a)", "x", True, True, False),
        ("known(a)", "x", False, False, False),
        ("days_since(a) == 14", date(2026, 6, 1), False, False, False),
        ("days_since(a) >= -1", date(2026, 6, 16), False, False, False),
        ("a < 2026-06-02", date(2026, 6, 1), False, False, False),
        ("a == 'X1'", "X1", False, False, False),
    ],
)
def test_each_absence_means_its_own(
    source: str, value: object, unknown: Truth, refused: Truth, not_asked: Truth
) -> None:
    found = [holds(source, item) for item in (PENDING, value, Mark.UNKNOWN, Mark.REFUSED, NOT_ASKED)]
    assert found == [None, True, unknown, refused, not_asked]


@pytest.mark.parametrize("source", ["a > 5", "a < 5", "a >= 5", "a <= 5", "a < 2026-01-01"])
def test_a_text_stands_in_no_order(source: str) -> None:
    assert holds(source, "7") is False
