"""What a guided call tells about the customer: the questions whose ids every flow shares, read and filled in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from deskapp.domain.errors import Invalid
from deskapp.domain.flow.engine import CompiledFlow
from deskapp.domain.flow.values import Value, check_value, show_value
from deskapp.domain.terms import PreferenceKind

# The ids of shared questions, by what the customer file calls the fact.
QUESTIONS = {
    "phone": "phone", "name": "caller_name", "address": "address", "model": "model", "serial": "serial_no",
    "bought_on": "purchase_date",
}  # fmt: skip
SLOT, HOUSEHOLD, MOVING, ACCESS, REMEMBER = "slot", "household", "moving_date", "access", "remember"
# When the caller wants to be called: no visit.
CALL_AT = "call_at"
_WISH_KINDS = {"elderly": PreferenceKind.HOUSEHOLD, "infant": PreferenceKind.HOUSEHOLD, "pet": PreferenceKind.HOUSEHOLD}
_SLOT = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})-(\d{2}:\d{2})")


@dataclass(frozen=True, slots=True)
class Wish:
    """Something to remember of the customer, with consent; `until` is its last day."""

    kind: PreferenceKind
    text: str
    until: date | None = None


def facts_of(compiled: CompiledFlow, answers: Mapping[str, Value], *, today: date | None = None) -> dict[str, str]:
    """What the answers that count say of caller and machine, by the file's names; only what was really said."""
    given = compiled.effective(answers, today=today)
    found = {}
    for fact, question in QUESTIONS.items():
        value = given.get(question)
        if isinstance(value, str | date):
            found[fact] = str(value)
    return found


def prefilled(compiled: CompiledFlow, known: Mapping[str, str]) -> dict[str, Value]:
    """Answers that the customer file has already; what the flow would not accept is left to be asked."""
    found: dict[str, Value] = {}
    for fact, question in QUESTIONS.items():
        if known.get(fact) and question in compiled.slots:
            try:
                found[question] = check_value(compiled.question(question), known[fact])
            except Invalid:
                continue
    return found


def wishes(
    compiled: CompiledFlow, answers: Mapping[str, Value], language: str, *, today: date | None = None
) -> Iterator[Wish]:
    """What the customer let us remember; nothing without their yes."""
    given = compiled.effective(answers, today=today)
    if given.get(REMEMBER) != "yes":
        return
    moving = given.get(MOVING)
    household = given.get(HOUSEHOLD)
    for choice in household if isinstance(household, tuple) else ():
        if choice == "none":
            continue
        text = show_value(compiled.question(HOUSEHOLD), (choice,), language)
        until = moving if choice == "moving" and isinstance(moving, date) else None
        yield Wish(_WISH_KINDS.get(choice, PreferenceKind.OTHER), text, until)
    if isinstance(access := given.get(ACCESS), str):
        yield Wish(PreferenceKind.ACCESS, access)


def slot_of(answers: Mapping[str, Value], zone: tzinfo, question: str = SLOT) -> tuple[datetime, datetime] | None:
    """The window of the visit (or of the call: `CALL_AT`) as instants in the desk's zone, where one was chosen."""
    value = answers.get(question)
    match = _SLOT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day = date.fromisoformat(match[1])
    starts, ends = (datetime.combine(day, time.fromisoformat(clock), zone) for clock in match.groups()[1:])
    return starts, ends if ends > starts else ends + timedelta(days=1)


__all__ = [
    "ACCESS", "CALL_AT", "HOUSEHOLD", "MOVING", "QUESTIONS", "REMEMBER", "SLOT", "Wish", "facts_of", "prefilled",
    "slot_of", "wishes",
]  # fmt: skip
