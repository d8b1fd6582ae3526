"""Conditions as functions of the answers, in three truth values: True, False and None for “not answered yet”."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, assert_never

from deskapp.domain.flow.condition import And, Check, Compare, Has, In, Literal, Node, Not, Operand, Or
from deskapp.domain.flow.model import Mark

Truth = bool | None
Test = Callable[[list[Any]], Truth]


class Absent(Enum):
    """Why a question has no value to compare: not answered yet, or not asked at all."""

    PENDING = "pending"
    NOT_ASKED = "not_asked"

    __hash__ = object.__hash__  # looked up on every key: Enum's own hash is a Python function


PENDING, NOT_ASKED = Absent.PENDING, Absent.NOT_ASKED
_NUMBERS = (int, Decimal, float)
_NOT_KNOWN = (NOT_ASKED, Mark.UNKNOWN, Mark.REFUSED)
_ONE_DAY = timedelta(days=1)


def compile_node(node: Node, slots: Mapping[str, int]) -> Test:
    """Compile a tree into a function of the list of answers.

    `slots` gives each question's place in the list; the place after the last question holds today's date. A place
    holds a value, a Mark, PENDING or NOT_ASKED. A question that was not asked answers no comparison (so `==` is
    false and `!=`, its negation, is true), has no choices (`count` is 0) and is neither answered nor known.
    """
    match node:
        case And(nodes):
            return _and([compile_node(item, slots) for item in nodes])
        case Or(nodes):
            return _or([compile_node(item, slots) for item in nodes])
        case Not(item):
            inner = compile_node(item, slots)
            return lambda v: None if (x := inner(v)) is None else not x
        case Check(operand):
            return _check(slots[operand.question], operand.function)
        case In(operand, literals):
            return _in(slots[operand.question], literals)
        case Has(operand, literal):
            return _has(slots[operand.question], literal.value)
        case Compare(operand, op, literal):
            if operand.function:
                return _measured(_measure(operand, slots), op, literal.value)
            if op == "==":
                return _in(slots[operand.question], (literal,))
            if op == "!=":
                equal = _in(slots[operand.question], (literal,))
                return lambda v: None if (x := equal(v)) is None else not x
            return _order(slots[operand.question], op, literal.value)
    assert_never(node)


def _and(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests

        def both(v: list[Any]) -> Truth:
            if (x := first(v)) is False:
                return False
            y = second(v)
            return y if x else False if y is False else None

        return both

    def every(v: list[Any]) -> Truth:
        result: Truth = True
        for test in tests:
            x = test(v)
            if x is False:
                return False
            if x is None:
                result = None
        return result

    return every


def _or(tests: list[Test]) -> Test:
    def some(v: list[Any]) -> Truth:
        result: Truth = False
        for test in tests:
            x = test(v)
            if x:
                return True
            if x is None:
                result = None
        return result

    return some


def _check(slot: int, function: str) -> Test:
    absent = (NOT_ASKED,) if function == "answered" else _NOT_KNOWN
    return lambda v: None if (x := v[slot]) is PENDING else x not in absent


def _in(slot: int, literals: tuple[Literal, ...]) -> Test:
    marks = {Mark(literal.value) for literal in literals if literal.mark}
    if Mark.UNKNOWN in marks:
        marks.add(Mark.REFUSED)
    values = frozenset(literal.value for literal in literals if not literal.mark)
    accepted: frozenset[object] = values | marks
    return lambda v: None if (x := v[slot]) is PENDING else x in accepted


def _has(slot: int, choice: object) -> Test:
    return lambda v: None if (x := v[slot]) is PENDING else isinstance(x, tuple) and choice in x


def _order(slot: int, op: str, limit: Any) -> Test:
    kinds = (date,) if isinstance(limit, date) else _NUMBERS
    compare = _COMPARE[op]
    return lambda v: None if (x := v[slot]) is PENDING else isinstance(x, kinds) and compare(x, limit)


def _measure(operand: Operand, slots: Mapping[str, int]) -> Callable[[list[Any]], Any]:
    """A function to the number an operand stands for: PENDING while not answered, None where there is none."""
    slot, today = slots[operand.question], len(slots)

    def count(v: list[Any]) -> Any:
        x = v[slot]
        if x is PENDING:
            return PENDING
        return len(x) if isinstance(x, tuple) else 0 if x is NOT_ASKED else None

    def days(v: list[Any]) -> Any:
        x = v[slot]
        if x is PENDING:
            return PENDING
        return (v[today] - x) // _ONE_DAY if isinstance(x, date) else None

    return count if operand.function == "count" else days


def _measured(measure: Callable[[list[Any]], Any], op: str, limit: Any) -> Test:
    compare = _COMPARE[op]
    without = op == "!="  # a number that is not known differs from any number, and stands in no order to it
    return lambda v: None if (x := measure(v)) is PENDING else without if x is None else compare(x, limit)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda x, y: x == y,
    "!=": lambda x, y: x != y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}
