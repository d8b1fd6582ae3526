"""What a guided flow is: questions in order, outcomes by rule, everything in both languages."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from deskapp.domain.terms import Grade

FORMAT = "deskapp/flow@1"


class Kind(StrEnum):
    """The type of an answer; the words are those of XLSForm where it has one."""

    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    YES_NO = "yes_no"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIME_SLOT = "time_slot"
    TEXT = "text"
    PHONE = "phone"
    SERIAL = "serial"
    ADDRESS = "address"


class Dispatch(StrEnum):
    """What follows the call. `emergency` makes its outcome an emergency rule: it interrupts the intake."""

    EMERGENCY = "emergency"
    VISIT = "visit"
    WORKSHOP = "workshop"
    REMOTE = "remote"
    CALLBACK = "callback"
    NONE = "none"


class Mark(Enum):
    """An answer that is not a value.

    A condition's word `unknown` matches UNKNOWN and REFUSED, its word `refused` matches REFUSED only: to a rule
    both mean that nobody knows, and a rule for `unknown` on a safety question must also hold for a refusal.
    SKIPPED is a question passed over: rules treat an optional one like one never asked, a required one as open.
    """

    UNKNOWN = "unknown"
    REFUSED = "refused"
    SKIPPED = "skipped"

    __hash__ = object.__hash__  # looked up on every key: Enum's own hash is a Python function


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        """The text in `zh` or `en`; any other language reads English."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Other words people use, per language."""

    zh: tuple[str, ...] = ()
    en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose; an exclusive one (`none`) stands alone in a select_multiple."""

    id: str
    label: Text
    exclusive: bool = False
    synonyms: Synonyms = Synonyms()


YES_NO = (Choice("yes", Text("是", "Yes")), Choice("no", Text("否", "No")))


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `when` and `constraint` are conditions; `block` names the included block it came from.

    `unknown` says whether "does not know" and "refused" are accepted; `safety` questions go on being asked during
    an emergency; `info` questions are for the technician and need not decide anything.
    """

    id: str
    type: Kind
    label: Text
    hint: Text | None = None
    choices: tuple[Choice, ...] = ()
    unit: Text | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    when: str | None = None
    constraint: str | None = None
    constraint_message: Text | None = None
    required: bool = True
    unknown: bool = True
    safety: bool = False
    info: bool = False
    synonyms: Synonyms = Synonyms()
    block: str | None = None

    @property
    def options(self) -> tuple[Choice, ...]:
        """What can be chosen; yes and no for a yes_no question."""
        return YES_NO if self.type is Kind.YES_NO else self.choices

    def choice(self, id_: str) -> Choice | None:
        """The choice with this id, or None."""
        return next((choice for choice in self.options if choice.id == id_), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case turns out to be and what follows; the first outcome whose rule holds is taken."""

    id: str
    title: Text
    grade: Grade
    priority: str
    sla: str
    dispatch: Dispatch
    department: str
    when: str | None = None
    otherwise: bool = False
    skill: str | None = None
    escalate: str | None = None
    causes: tuple[Text, ...] = ()
    parts: tuple[Text, ...] = ()
    tools: tuple[Text, ...] = ()
    safety_script: tuple[Text, ...] = ()
    self_service: tuple[Text, ...] = ()
    closing_script: tuple[Text, ...] = ()

    @property
    def emergency(self) -> bool:
        """Whether this rule interrupts the intake as soon as it is true."""
        return self.dispatch is Dispatch.EMERGENCY


@dataclass(frozen=True, slots=True)
class Add:
    """More causes, parts, tools or a note for the technician, whenever its condition holds."""

    when: str
    causes: tuple[Text, ...] = ()
    parts: tuple[Text, ...] = ()
    tools: tuple[Text, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A test that lives in the flow: raw answers by question id, and what is expected of them.

    `today` is an ISO date for flows that use `days_since`.
    """

    name: str
    answers: Mapping[str, Any]
    expect: Mapping[str, Any]
    today: str | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole flow with its blocks already put in place: `questions` are in the order of asking."""

    id: str
    version: str
    status: str
    product: str
    symptom: str
    department: str
    title: Text
    questions: tuple[Question, ...]
    outcomes: tuple[Outcome, ...]
    synonyms: Synonyms = Synonyms()
    intro: Text | None = None
    source: str | None = None
    adds: tuple[Add, ...] = ()
    tests: tuple[Case, ...] = field(default=(), compare=False)

    def question(self, id_: str) -> Question | None:
        """The question with this id, or None."""
        return next((question for question in self.questions if question.id == id_), None)

    def outcome(self, id_: str) -> Outcome | None:
        """The outcome with this id, or None."""
        return next((outcome for outcome in self.outcomes if outcome.id == id_), None)


def to_data(flow: Flow) -> dict[str, Any]:
    """The flow as plain data (dicts, lists, numbers, texts) without the fields left at their default."""
    data = _plain(flow)
    return {"format": FORMAT, "flow": data.pop("id"), **data}


def from_data(data: Mapping[str, Any]) -> Flow:
    """Build a flow from plain data of the right shape, as `to_data` gives it or the file schema has checked it."""
    return Flow(
        id=data["flow"],
        questions=tuple(question_from_data(item) for item in data["questions"]),
        outcomes=tuple(_outcome(item) for item in data["outcomes"]),
        adds=tuple(_add(item) for item in data.get("adds", ())),
        tests=tuple(Case(**item) for item in data.get("tests", ())),
        title=_text(data["title"]),
        intro=_optional(data.get("intro")),
        synonyms=_synonyms(data.get("synonyms")),
        **{name: data[name] for name in ("version", "status", "product", "symptom", "department")},
        source=data.get("source"),
    )


def canonical_json(data: object) -> str:
    """JSON with sorted keys and no spaces: equal data gives equal text."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def content_hash(flow: Flow) -> str:
    """SHA-256 (hex) over the canonical JSON of everything a case is asked and told.

    Version, status and tests are left out: the hash stays when a draft is published as it is, and tells when a new
    version changes nothing.
    """
    data = {key: value for key, value in to_data(flow).items() if key not in {"version", "status", "tests"}}
    return hashlib.sha256(canonical_json(data).encode()).hexdigest()


def question_from_data(item: Mapping[str, Any]) -> Question:
    """Build one question from plain data of the right shape."""
    values = dict(item)
    values["type"] = Kind(values["type"])
    values["label"] = _text(values["label"])
    values["choices"] = tuple(_choice(choice) for choice in values.get("choices", ()))
    for name in ("hint", "unit", "constraint_message"):
        values[name] = _optional(values.get(name))
    for name in ("min", "max"):
        values[name] = None if values.get(name) is None else Decimal(str(values[name]))
    values["synonyms"] = _synonyms(values.get("synonyms"))
    return Question(**values)


_LISTS = ("causes", "parts", "tools", "safety_script", "self_service", "closing_script")


def _outcome(item: Mapping[str, Any]) -> Outcome:
    values = dict(item)
    values.update(
        title=_text(values["title"]), grade=Grade(values["grade"]), dispatch=Dispatch(values["dispatch"]),
        **{name: _texts(values.get(name, ())) for name in _LISTS},
    )  # fmt: skip
    return Outcome(**values)


def _add(item: Mapping[str, Any]) -> Add:
    lists = {name: _texts(item.get(name, ())) for name in _LISTS[:3]}
    return Add(when=item["when"], note=_optional(item.get("note")), **lists)


def _choice(item: Mapping[str, Any]) -> Choice:
    return Choice(
        item["id"], Text(item["zh"], item["en"]), item.get("exclusive", False), _synonyms(item.get("synonyms"))
    )


def _text(item: Mapping[str, str]) -> Text:
    return Text(item["zh"], item["en"])


def _texts(items: Iterable[Mapping[str, str]]) -> tuple[Text, ...]:
    return tuple(_text(item) for item in items)


def _optional(item: Mapping[str, str] | None) -> Text | None:
    return None if item is None else _text(item)


def _synonyms(item: Mapping[str, Iterable[str]] | None) -> Synonyms:
    return Synonyms(tuple((item or {}).get("zh", ())), tuple((item or {}).get("en", ())))


def _plain(value: Any) -> Any:
    if isinstance(value, Choice):  # the file writes a choice's languages beside its id
        rest = {"exclusive": True} if value.exclusive else {}
        if value.synonyms != Synonyms():
            rest["synonyms"] = _plain(value.synonyms)
        return {"id": value.id, "zh": value.label.zh, "en": value.label.en, **rest}
    if is_dataclass(value) and not isinstance(value, type):
        return {
            item.name: _plain(getattr(value, item.name))
            for item in fields(value)
            if item.default is MISSING or getattr(value, item.name) != item.default
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
