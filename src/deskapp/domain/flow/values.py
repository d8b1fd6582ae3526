"""Check an answer against its question, and write it in either language."""

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.model import Kind, Mark, Question, Text
from deskapp.domain.i18n import N_
from deskapp.domain.text import clean

Value = str | int | Decimal | date | tuple[str, ...] | Mark

MAX_TEXT = 2000
MAX_LINE = 300
_MARKS: dict[object, Mark] = {"unknown": Mark.UNKNOWN, "refused": Mark.REFUSED, "skipped": Mark.SKIPPED}
_MARKS.update({mark: mark for mark in Mark})
_MARK_TEXTS = {
    Mark.UNKNOWN: Text("不知道", "does not know"),
    Mark.REFUSED: Text("不愿回答", "refused"),
    Mark.SKIPPED: Text("未问", "not asked"),
}
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_SLOT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{1,2}:[0-9]{2}) ?[-–~] ?([0-9]{1,2}:[0-9]{2})")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{2,24}(?:(?:转|ext\.?|x|#) ?[0-9]{1,8})?", re.IGNORECASE)
_SERIAL = re.compile(r"[A-Z0-9][A-Z0-9./_-]{0,63}")


def check_value(question: Question, raw: Any) -> Value:
    """Turn what was typed or sent into the question's value, or raise Invalid (its `field` is the question).

    The words `unknown`, `refused` and `skipped` (or the Mark) are accepted where the question allows them.
    Dates are days of the site's calendar, time slots are local: `2026-07-01 09:00-11:00`.
    """
    mark = _MARKS.get(raw) if isinstance(raw, str | Mark) else None
    if mark is not None:
        return _check_mark(question, mark)
    try:
        return _READERS[question.type](question, raw)
    except Invalid as error:
        error.field = question.id
        raise


def show_value(question: Question, value: Value, language: str) -> str:
    """The value as a person reads it in `zh` or `en`."""
    if isinstance(value, Mark):
        return _MARK_TEXTS[value].get(language)
    if isinstance(value, tuple):
        return ("、" if language == "zh" else ", ").join(_choice_label(question, item, language) for item in value)
    if question.options and isinstance(value, str):
        return _choice_label(question, value, language)
    if isinstance(value, Decimal):
        value = f"{value:f}"
    return f"{value} {question.unit.get(language)}" if question.unit else str(value)


def plain_value(value: Value) -> str | int | list[str]:
    """The value as JSON keeps it; `check_value` reads it back."""
    if isinstance(value, Mark):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, int) else f"{value:f}" if isinstance(value, Decimal) else str(value)


def _choice_label(question: Question, id_: str, language: str) -> str:
    choice = question.choice(id_)
    return choice.label.get(language) if choice else id_


def _check_mark(question: Question, mark: Mark) -> Mark:
    if mark is Mark.SKIPPED or question.unknown:
        return mark
    raise Invalid(N_("This question needs an answer; “unknown” is not one."), field=question.id)


def _one(question: Question, raw: Any) -> str:
    return _known(question, raw, {choice.id for choice in question.options})


def _known(question: Question, raw: Any, ids: set[str]) -> str:
    id_ = {True: "yes", False: "no"}[raw] if isinstance(raw, bool) else str(raw)
    if id_ not in ids:
        raise Invalid(
            N_("“{given}” is not one of the choices."), hint=N_("There are: {choices}"), given=id_,
            choices=", ".join(choice.id for choice in question.options),
        )  # fmt: skip
    return id_


def _several(question: Question, raw: Any) -> tuple[str, ...]:
    items: Iterable[Any] = raw.replace(",", " ").split() if isinstance(raw, str) else raw
    if not isinstance(raw, str | list | tuple | set | frozenset):
        raise Invalid(N_("Choose one or several of: {choices}"), choices=", ".join(c.id for c in question.options))
    ids = {choice.id for choice in question.options}
    chosen = {_known(question, item, ids) for item in items}
    alone = next((choice for choice in question.options if choice.exclusive and choice.id in chosen), None)
    if alone and len(chosen) > 1:
        raise Invalid(N_("“{choice}” cannot be combined with another choice."), choice=alone.id)
    if not chosen:
        raise Invalid(N_("Choose one or several of: {choices}"), choices=", ".join(c.id for c in question.options))
    return tuple(choice.id for choice in question.options if choice.id in chosen)


def _number(question: Question, raw: Any) -> Decimal:
    try:
        number = Decimal(raw.strip()) if isinstance(raw, str) and len(raw) <= 40 else Decimal(str(raw))
    except InvalidOperation:
        raise Invalid(N_("“{given}” is not a number."), given=str(raw)[:40]) from None
    if not number.is_finite() or isinstance(raw, bool) or abs(number.adjusted()) > 30:
        raise Invalid(N_("“{given}” is not a number."), given=str(raw)[:40])
    if question.min is not None and number < question.min:
        raise Invalid(N_("The lowest value is {limit}."), limit=question.min)
    if question.max is not None and number > question.max:
        raise Invalid(N_("The highest value is {limit}."), limit=question.max)
    return number


def _integer(question: Question, raw: Any) -> int:
    number = _number(question, raw)
    if number != number.to_integral_value():
        raise Invalid(N_("A whole number is needed."))
    return int(number)


def _date(question: Question, raw: Any) -> date:
    if isinstance(raw, date) and type(raw) is date:
        return raw
    match = _DAY.fullmatch(str(raw).strip())
    try:
        return date(*(int(part) for part in match.groups())) if match else date.fromisoformat(str(raw).strip())
    except ValueError:
        raise Invalid(N_("“{given}” is not a day."), hint=N_("Write it as 2026-07-01."), given=str(raw)[:40]) from None


def _time_slot(question: Question, raw: Any) -> str:
    match = _SLOT.fullmatch(str(raw).strip())
    trouble = Invalid(
        N_("“{given}” is not a time slot."), hint=N_("Write it as 2026-07-01 09:00-11:00."), given=str(raw)[:40]
    )
    if not match:
        raise trouble
    try:
        day = date.fromisoformat(match[1])
        start, end = (time.fromisoformat(clock.zfill(5)) for clock in match.groups()[1:])
    except ValueError:
        raise trouble from None
    if start >= end:
        raise Invalid(N_("The slot ends before it begins."))
    return f"{day} {start:%H:%M}-{end:%H:%M}"


def _line(raw: Any, limit: int, *, multiline: bool = False) -> str:
    if raw is not None and (isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal)):
        raise Invalid(N_("A text is needed here, not {given}."), given=str(raw)[:40])
    text = "" if raw is None else clean(str(raw), multiline=multiline)
    if not text:
        raise Invalid(N_("There is no text."))
    if len(text) > limit:
        raise Invalid(N_("The text has {length} characters, the limit is {limit}."), length=len(text), limit=limit)
    return text


def _free(question: Question, raw: Any) -> str:
    return _line(raw, MAX_TEXT, multiline=True)


def _address(question: Question, raw: Any) -> str:
    return _line(raw, MAX_LINE)


def _phone(question: Question, raw: Any) -> str:
    # Which numbers exist is known to the customer file; here only what can be a number at all.
    text = _line(raw, 40)
    if not _PHONE.fullmatch(text) or not 3 <= sum(sign.isdigit() for sign in text) <= 23:
        raise Invalid(N_("“{given}” is not a phone number."), given=text)
    return text


def _serial(question: Question, raw: Any) -> str:
    text = _line(raw, 80).upper().replace(" ", "")
    if not _SERIAL.fullmatch(text):
        raise Invalid(N_("A serial number has letters, digits and - . / _ only."))
    return text


_READERS: dict[Kind, Callable[[Question, Any], Value]] = {
    Kind.SELECT_ONE: _one, Kind.YES_NO: _one, Kind.SELECT_MULTIPLE: _several, Kind.INTEGER: _integer,
    Kind.DECIMAL: _number, Kind.DATE: _date, Kind.TIME_SLOT: _time_slot, Kind.TEXT: _free, Kind.PHONE: _phone,
    Kind.SERIAL: _serial, Kind.ADDRESS: _address,
}  # fmt: skip
