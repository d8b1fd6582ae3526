"""The closed language of conditions: tokens, a typed tree with positions, and nothing that could run code."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from unicodedata import normalize

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

MAX_LENGTH = 500
MAX_DEPTH = 50
KEYWORDS = frozenset({"and", "or", "not", "in", "has", "answered", "known", "count", "days_since"})
NOT_VALUES = frozenset({"unknown", "refused"})


class ConditionError(Invalid):
    """A condition cannot be read. `at` is the offset of the trouble in the condition, counted from 0."""

    def __init__(self, message: str, at: int, *, hint: str = "", **values: object) -> None:
        super().__init__(message, hint=hint, field="", **values)
        self.at = at


@dataclass(frozen=True, slots=True)
class Literal:
    """A word (choice id, unknown, refused), a number, a date or a quoted text on the right of an operator."""

    value: str | Decimal | date
    at: int
    quoted: bool = False

    @property
    def mark(self) -> bool:
        """Whether it is one of the words `unknown` and `refused`."""
        return not self.quoted and self.value in NOT_VALUES


@dataclass(frozen=True, slots=True)
class Operand:
    """A question on the left of an operator, as it is or through `count` or `days_since`."""

    question: str
    at: int
    function: str = ""


@dataclass(frozen=True, slots=True)
class Compare:
    """`operand op literal` with op one of == != < <= > >=."""

    operand: Operand
    op: str
    literal: Literal
    op_at: int


@dataclass(frozen=True, slots=True)
class In:
    """`operand in [literal, …]`."""

    operand: Operand
    literals: tuple[Literal, ...]
    op_at: int


@dataclass(frozen=True, slots=True)
class Has:
    """`operand has literal`, for a select_multiple."""

    operand: Operand
    literal: Literal
    op_at: int


@dataclass(frozen=True, slots=True)
class Check:
    """`answered(id)` or `known(id)`."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Not:
    """`not node`."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """`node and node …`."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """`node or node …`."""

    nodes: tuple["Node", ...]


Atom = Compare | In | Has | Check
Node = Atom | Not | And | Or


def parse(source: str) -> Node:
    """Read a condition into its tree. Raises ConditionError with the offset, whatever the text is."""
    if len(source) > MAX_LENGTH:
        raise ConditionError(
            N_("The condition has {length} characters, the limit is {limit}."), MAX_LENGTH,
            hint=N_("Split it: let an earlier question or outcome decide a part of it."),
            length=len(source), limit=MAX_LENGTH,
        )  # fmt: skip
    return _Parser(source).whole()


def atoms(node: Node) -> Iterator[Atom]:
    """The comparisons and checks of a tree, from left to right."""
    if isinstance(node, And | Or):
        for item in node.nodes:
            yield from atoms(item)
    elif isinstance(node, Not):
        yield from atoms(node.node)
    else:
        yield node


def references(node: Node) -> dict[str, int]:
    """The questions a condition names, each with the offset of its first mention."""
    found: dict[str, int] = {}
    for atom in atoms(node):
        found.setdefault(atom.operand.question, atom.operand.at)
    return found


def literals(atom: Atom) -> tuple[Literal, ...]:
    """What an atom compares with; empty for answered() and known()."""
    if isinstance(atom, In):
        return atom.literals
    return () if isinstance(atom, Check) else (atom.literal,)


def render(node: Node) -> str:
    """Write a tree back as a condition that reads into an equal tree (positions apart)."""
    match node:
        case And(nodes):
            return " and ".join(f"({render(item)})" if isinstance(item, And | Or) else render(item) for item in nodes)
        case Or(nodes):
            return " or ".join(f"({render(item)})" if isinstance(item, Or) else render(item) for item in nodes)
        case Not(item):
            return f"not ({render(item)})"
        case Check(operand):
            return _operand(operand)
        case In(operand, items):
            return f"{_operand(operand)} in [{', '.join(_literal(item) for item in items)}]"
        case Has(operand, literal):
            return f"{_operand(operand)} has {_literal(literal)}"
        case Compare(operand, op, literal):
            return f"{_operand(operand)} {op} {_literal(literal)}"


def _operand(operand: Operand) -> str:
    return f"{operand.function}({operand.question})" if operand.function else operand.question


def _literal(literal: Literal) -> str:
    if not literal.quoted:
        return str(literal.value)
    return f"'{literal.value}'" if '"' in str(literal.value) else f'"{literal.value}"'


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w.-]))
    | (?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<text>"[^"\n]*"|'[^'\n]*')
    | (?P<op>==|!=|<=|>=|<|>)
    | (?P<mark>[()\[\],])""",
    re.VERBOSE,
)

# What people write instead, with the word of this language.
_INSTEAD = {
    "=": "==", "&": "and", "|": "or", "!": "not", "【": "[", "】": "]",
    "“": '"', "”": '"', "‘": "'", "’": "'", "≥": ">=", "≤": "<=", "≠": "!=",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(source: str) -> list[_Token]:
    found, at = [], 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if match is None:
            sign = source[at]
            narrow = normalize("NFKC", sign)  # a full-width sign is meant as its narrow one
            instead = _INSTEAD.get(sign) or _INSTEAD.get(narrow) or (narrow if narrow != sign else None)
            raise ConditionError(
                N_("“{sign}” has no meaning in a condition."), at, sign=sign, instead=instead,
                hint=N_("Write {instead} here.") if instead
                else N_("There are and, or, not, comparisons, in [..], has, count, answered, known and days_since."),
            )  # fmt: skip
        if match.lastgroup != "space":
            found.append(_Token(match.lastgroup or "", match.group(), at))
        at = match.end()
    found.append(_Token("end", "", len(source)))
    return found


class _Parser:
    """Recursive descent; `and` binds before `or`, `not` before both."""

    def __init__(self, source: str) -> None:
        self.tokens = _tokens(source)
        self.place = 0
        self.depth = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.place]

    def whole(self) -> Node:
        node = self.either()
        if self.here.kind != "end":
            raise self.trouble(N_("“{found}” is not expected here."), hint=self.joining())
        return node

    def either(self) -> Node:
        nodes = [self.both()]
        while self.take("word", "or"):
            nodes.append(self.both())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def both(self) -> Node:
        nodes = [self.inverted()]
        while self.take("word", "and"):
            nodes.append(self.inverted())
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def inverted(self) -> Node:
        if not self.take("word", "not"):
            return self.primary()
        self.deeper()
        node = Not(self.inverted())
        self.depth -= 1
        return node

    def primary(self) -> Node:
        if self.take("mark", "("):
            self.deeper()
            node = self.either()
            self.need(")")
            self.depth -= 1
            return node
        token = self.here
        if token.kind != "word" or token.text in {"and", "or", "in", "has"}:
            raise self.trouble(
                N_("A question is expected here, not “{found}”."), hint=N_("The question stands on the left: age > 5.")
            )
        self.place += 1
        if token.text in KEYWORDS:
            self.need("(")
            name = self.question()
            self.need(")")
            operand = Operand(name.text, name.at, token.text)
            if token.text in {"answered", "known"}:
                return Check(operand)
        else:
            operand = Operand(token.text, token.at)
        return self.tail(operand)

    def tail(self, operand: Operand) -> Node:
        token = self.here
        if token.kind == "op":
            self.place += 1
            node = Compare(operand, token.text, self.literal(), token.at)
            if self.here.kind == "op":
                raise self.trouble(N_("Comparisons cannot be chained."), hint=N_("Join two of them with and."))
            return node
        if self.take("word", "in"):
            self.need("[")
            items = [self.literal()]
            while self.take("mark", ","):
                items.append(self.literal())
            self.need("]")
            return In(operand, tuple(items), token.at)
        if self.take("word", "has"):
            return Has(operand, self.literal(), token.at)
        raise self.trouble(
            N_("{question} needs a comparison."), hint=N_("For example: {question} == yes."), question=operand.question
        )

    def literal(self) -> Literal:
        token = self.here
        self.place += 1
        if token.kind == "word" and token.text not in KEYWORDS:
            return Literal(token.text, token.at)
        if token.kind == "number":
            return Literal(Decimal(token.text), token.at)
        if token.kind == "text":
            return Literal(token.text[1:-1], token.at, quoted=True)
        if token.kind == "date":
            try:
                return Literal(date.fromisoformat(token.text), token.at)
            except ValueError:
                self.place -= 1
                raise self.trouble(N_("There is no such day: {found}.")) from None
        self.place -= 1
        raise self.trouble(N_("A choice, number or date is expected here, not “{found}”."))

    def question(self) -> _Token:
        token = self.here
        if token.kind != "word" or token.text in KEYWORDS:
            raise self.trouble(N_("The name of a question is expected here, not “{found}”."))
        self.place += 1
        return token

    def take(self, kind: str, text: str) -> bool:
        if (self.here.kind, self.here.text) != (kind, text):
            return False
        self.place += 1
        return True

    def need(self, mark: str) -> None:
        if not self.take("mark", mark):
            raise self.trouble(N_("“{needed}” is expected here, not “{found}”."), needed=mark)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.trouble(N_("More than {limit} levels of brackets and not."), limit=MAX_DEPTH)

    def joining(self) -> str:
        lowered = self.here.text.lower()
        if self.here.kind == "word" and lowered in {"and", "or", "not", "in", "has"} and lowered != self.here.text:
            return N_("Write it in small letters.")
        return N_("Join conditions with and, or.")

    def trouble(self, message: str, *, hint: str = "", **values: object) -> ConditionError:
        found = self.here.text or "…"
        return ConditionError(message, self.here.at, hint=hint, found=found, **values)
