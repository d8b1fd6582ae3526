"""Answers to try: for each question those that together show every difference its conditions can make."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain, combinations, pairwise
from typing import Any

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.condition import Atom, Has, Node, atoms, literals
from deskapp.domain.flow.model import Kind, Mark, Question
from deskapp.domain.flow.values import Value, check_value

_ALL_SETS = 10  # choices named by conditions about one question, of which every set is tried
_SAMPLES: dict[Kind, str] = {
    Kind.TEXT: "x", Kind.ADDRESS: "x", Kind.SERIAL: "SN-1", Kind.PHONE: "13800138000",
    Kind.TIME_SLOT: "2026-06-16 09:00-11:00",
}  # fmt: skip


def candidates(question: Question, about: list[Atom], conditions: Iterable[Node], today: date) -> Iterator[Value]:
    """Answers that are allowed and reach every difference that the atoms `about` the question make.

    `conditions` are the flow's, to see which choices one of them names together; `today` anchors dates.
    """
    for raw in _raw(question, about, conditions, today):
        try:
            yield check_value(question, raw)
        except Invalid:
            continue
    if question.unknown:
        yield Mark.UNKNOWN
        yield Mark.REFUSED
    if not question.required:
        yield Mark.SKIPPED


def _raw(question: Question, about: list[Atom], conditions: Iterable[Node], today: date) -> Iterator[Any]:
    limits: set[object] = {literal.value for atom in about for literal in literals(atom)}
    numbers = sorted(limit for limit in limits if isinstance(limit, Decimal))
    if question.type is Kind.SELECT_MULTIPLE:
        totals = {int(number) + step for number in numbers for step in (-1, 0, 1)}
        yield from _sets(question, limits, totals, _named_together(question, conditions))
    elif question.options:
        yield from (choice.id for choice in question.options)
    elif question.type in (Kind.INTEGER, Kind.DECIMAL):
        yield from _around(numbers, question)
    elif question.type is Kind.DATE:
        yield today
        days = [limit.toordinal() for limit in limits if isinstance(limit, date)]
        days += [today.toordinal() - int(number) for number in numbers]
        near = sorted({day + step for day in days for step in (-1, 0, 1)})
        yield from (date.fromordinal(day) for day in near if 1 <= day <= date.max.toordinal())
    else:
        yield _SAMPLES[question.type]
        yield from (limit for limit in limits if isinstance(limit, str))


def _sets(
    question: Question, limits: set[object], totals: set[int], together: Iterable[tuple[str, ...]]
) -> Iterator[list[str]]:
    """Sets of choices: every one of those that conditions name; of very many, up to three of them, all, as many as
    conditions count to, and those that one condition names together. `totals` are the numbers conditions count to."""
    alone = [choice.id for choice in question.choices if choice.exclusive]
    named = [choice.id for choice in question.choices if choice.id in limits and not choice.exclusive]
    others = [choice.id for choice in question.choices if choice.id not in limits and not choice.exclusive]
    chosen: Iterable[tuple[str, ...]] = chain.from_iterable(combinations(named, n) for n in range(len(named) + 1))
    if len(named) > _ALL_SETS:
        few = chain.from_iterable(combinations(named, size) for size in range(4))
        counted = (tuple(named[:total]) for total in totals if 0 < total <= len(named))
        chosen = chain(few, counted, [tuple(named)], together)
    for ids in chosen:
        # Of the others only the number matters: none, one, and what makes the totals.
        added = sorted({0, 1, *(total - len(ids) for total in totals)})
        yield from ([*ids, *others[:more]] for more in added if 0 <= more <= len(others))
    yield from ([id_] for id_ in alone)


def _around(numbers: list[Decimal], question: Question) -> Iterator[Decimal]:
    """Each limit, a little less and a little more, the ends of the range, and the middle of every gap."""
    ends = [end for end in (question.min, question.max) if end is not None]
    marks = sorted({*numbers, *ends}) or [Decimal(1)]
    for number in marks:
        yield from (number - 1, number, number + 1)
    for low, high in pairwise(marks):
        middle = (low + high) / 2
        yield middle if question.type is Kind.DECIMAL else middle.to_integral_value()


def _named_together(question: Question, conditions: Iterable[Node]) -> Iterator[tuple[str, ...]]:
    """The choices of a question that each condition names."""
    for node in conditions:
        about = (atom for atom in atoms(node) if isinstance(atom, Has) and atom.operand.question == question.id)
        yield tuple(str(atom.literal.value) for atom in about)


__all__ = ["candidates"]
