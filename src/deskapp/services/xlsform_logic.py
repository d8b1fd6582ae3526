"""Formulas of XLSForm (relevant, constraint) as conditions of a flow."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from deskapp.domain.flow.condition import KEYWORDS as CONDITION_WORDS
from deskapp.domain.flow.condition import MAX_DEPTH, NOT_VALUES, And, Compare, ConditionError, parse

_TOKEN = re.compile(
    r"""\s*(?:(?P<ref>\$\{\s*[^}]+?\s*\})|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<text>'[^']*'|"[^"]*")
    |(?P<op>!=|<=|>=|=|<|>)|(?P<word>[A-Za-z][A-Za-z0-9_-]*)|(?P<sign>[(),.]))""",
    re.VERBOSE,
)
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")  # what a word processor makes of quotes
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_RESERVED = CONDITION_WORDS | NOT_VALUES | {"skipped"}


class LogicError(Exception):
    """A formula uses something that a condition does not have."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question already taken over: its id in the flow, its type there, the ids of its choices by their names."""

    id: str
    type: str
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Names:
    """The ids that the names of a survey became."""

    questions: dict[str, Question] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def question(self, name: str) -> str:
        """An id for a question's name, different from all earlier ones."""
        id_ = unused(identifier(name, "q"), self.taken)
        self.taken.add(id_)
        return id_


def unused(id_: str, taken: Collection[str]) -> str:
    """The id, with a number behind it where it is taken."""
    numbered = (f"{id_.rstrip('_')}_{number}" for number in count(2))
    return id_ if id_ not in taken else next(item for item in numbered if item not in taken)


def identifier(name: str, first: str) -> str:
    """A name as an id of a flow: small letters, digits and _, no word of the condition language."""
    id_ = re.sub(r"[^a-z0-9_]+", "_", name.strip().lower()) or first
    if not id_[0].isalpha():
        id_ = f"{first}_{id_.lstrip('_')}"
    return f"{id_}_" if id_ in _RESERVED else id_


def translate(source: str, names: Names, own: Question | None) -> str:
    """A formula as a condition; `own` is what `.` means. Raises LogicError for what cannot be said."""
    parser = _Parser(_tokens(source.translate(_STRAIGHT)), names, own)
    try:
        found = parser.either()
    except LogicError as trouble:  # at the end of a formula there is nothing to name but the formula
        raise LogicError(str(trouble) or source[-20:]) from None
    if parser.here[0] != "end":
        raise LogicError(parser.here[1])
    return found


def limits_of(condition: str, own: Question) -> tuple[int | float | None, int | float | None] | None:
    """Lowest and highest value when a condition says no more than a closed range of a number."""
    if own.type not in ("integer", "decimal"):
        return None
    try:
        tree = parse(condition)
    except ConditionError:
        return None
    low: Decimal | None = None
    high: Decimal | None = None
    for node in tree.nodes if isinstance(tree, And) else (tree,):
        if (
            not isinstance(node, Compare)
            or node.operand.question != own.id
            or not isinstance(node.literal.value, Decimal)
        ):
            return None
        if node.op == ">=":
            low = max(node.literal.value, low) if low is not None else node.literal.value
        elif node.op == "<=":
            high = min(node.literal.value, high) if high is not None else node.literal.value
        elif own.type == "integer" and node.op in "<>" and node.literal.value == node.literal.value.to_integral_value():
            if node.op == ">":
                low = max(node.literal.value + 1, low) if low is not None else node.literal.value + 1
            else:
                high = min(node.literal.value - 1, high) if high is not None else node.literal.value - 1
        else:
            return None
    return _number(low), _number(high)


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


_Token = tuple[str, str]


def _tokens(source: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    source = source.rstrip()
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            raise LogicError(source[at:].strip()[:20])
        found.append((match.lastgroup or "", match[match.lastgroup or 0].strip()))
        at = match.end()
    return [*found, ("end", "")]


@dataclass(slots=True)
class _Parser:
    tokens: list[_Token]
    names: Names
    own: Question | None
    place: int = 0
    depth: int = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def take(self, *wanted: _Token) -> bool:
        if self.here not in wanted:
            return False
        self.place += 1
        return True

    def need(self, sign: str) -> None:
        if not self.take(("sign", sign)):
            raise LogicError(self.here[1] or sign)

    def either(self) -> str:
        parts = [self.both()]
        while self.take(("word", "or")):
            parts.append(self.both())
        return " or ".join(parts)

    def both(self) -> str:
        parts = [self.one()]
        while self.take(("word", "and")):
            parts.append(self.one())
        return " and ".join(parts)

    def one(self) -> str:
        if self.take(("sign", "(")):
            return f"({self.inner()})"
        if self.take(("word", "not")):
            self.need("(")
            return f"not ({self.inner()})"
        if self.take(("word", "selected")):
            self.need("(")
            question = self.reference()
            self.need(",")
            choice = self.choice(self.value(), question)
            self.need(")")
            return f"{question.id} {'has' if question.type == 'select_multiple' else '=='} {choice}"
        return self.comparison()

    def inner(self) -> str:
        """What stands between brackets, behind the opening one."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LogicError("(((…")
        found = self.either()
        self.need(")")
        self.depth -= 1
        return found

    def comparison(self) -> str:
        if self.here[0] in ("number", "text"):  # the value on the left
            value = self.value()
            op = _FLIPPED[self.operator()]
            counted, question = self.operand()
        else:
            counted, question = self.operand()
            op = self.operator()
            value = self.value()
        return self.said(counted, question, op, value)

    def operand(self) -> tuple[bool, Question]:
        if self.take(("word", "count-selected")):
            self.need("(")
            question = self.reference()
            self.need(")")
            return True, question
        return False, self.reference()

    def said(self, counted: bool, question: Question, op: str, value: _Token) -> str:
        kind, text = value
        sign = "==" if op == "=" else op
        if counted:
            if kind != "number":
                raise LogicError(text)
            return f"count({question.id}) {sign} {text}"
        if value == ("text", "") and op in ("=", "!="):
            return f"answered({question.id})" if op == "!=" else f"not answered({question.id})"
        if kind == "today":
            if question.type != "date":
                raise LogicError("today()")
            return f"days_since({question.id}) {_FLIPPED[op] if op not in ('=', '!=') else sign} 0"
        if question.type in ("select_one", "yes_no"):
            if op not in ("=", "!="):
                raise LogicError(op)
            return f"{question.id} {sign} {self.choice(value, question)}"
        if question.type in ("integer", "decimal"):
            number = text if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else None
            if number is None:
                raise LogicError(text)
            return f"{question.id} {sign} {number}"
        if question.type == "date":
            if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                raise LogicError(text)
            return f"{question.id} {sign} {text}"
        if question.type == "select_multiple" or op not in ("=", "!="):
            raise LogicError(op)
        quote = "'" if '"' in text else '"'
        return f"{question.id} {sign} {quote}{text}{quote}"

    def operator(self) -> str:
        kind, text = self.here
        if kind != "op":
            raise LogicError(text)
        self.place += 1
        return text

    def reference(self) -> Question:
        kind, text = self.here
        self.place += 1
        if (kind, text) == ("sign", ".") and self.own:
            return self.own
        name = text[2:-1].strip() if kind == "ref" else ""
        if name not in self.names.questions:
            raise LogicError(text)
        return self.names.questions[name]

    def value(self) -> _Token:
        kind, text = self.here
        self.place += 1
        if kind == "text":
            return "text", text[1:-1]
        if kind == "number":
            return kind, text
        if (kind, text) == ("word", "today"):
            self.need("(")
            self.need(")")
            return "today", "today()"
        if (kind, text) == ("word", "date") and self.take(("sign", "(")):
            inner = self.value()
            self.need(")")
            return inner
        raise LogicError(text)

    def choice(self, value: _Token, question: Question) -> str:
        if value[0] == "today":
            raise LogicError("today()")
        return question.choices.get(value[1]) or identifier(value[1], "c")
