"""The shape of flow files: unknown keys are refused, every text is there in both languages."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
FlowId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Version = Annotated[str, StringConstraints(pattern=r"^\d{1,6}\.\d{1,6}\.\d{1,6}$")]
# Only `true` and `false`: `yes` and `no` are answers.
Switch = Annotated[bool, Strict()]
Number = Annotated[Decimal, Field(max_digits=24, decimal_places=9)]


def _day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("day", "not a day") from None
    return text


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1000, strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextDoc(_Strict):
    """A text in both languages."""

    zh: Words
    en: Words


class SynonymsDoc(_Strict):
    """Other words callers use, per language; the jump finds them."""

    zh: list[Words] = []
    en: list[Words] = []


class ChoiceDoc(TextDoc):
    """One answer to choose; an exclusive one stands alone in a select_multiple."""

    id: Id
    exclusive: Switch = False
    synonyms: SynonymsDoc | None = None


class QuestionDoc(_Strict):
    """One question; `when` and `constraint` are conditions. `block` marks one of a block written out."""

    id: Id
    type: Literal[
        "select_one", "select_multiple", "yes_no", "integer", "decimal", "date", "time_slot", "text", "phone",
        "serial", "address",
    ]  # fmt: skip
    label: TextDoc
    hint: TextDoc | None = None
    choices: list[ChoiceDoc] = []
    unit: TextDoc | None = None
    min: Number | None = None
    max: Number | None = None
    when: Words | None = None
    constraint: Words | None = None
    constraint_message: TextDoc | None = None
    required: Switch = True
    unknown: Switch = True
    safety: Switch = False
    info: Switch = False
    synonyms: SynonymsDoc | None = None
    block: Id | None = None


class OutcomeDoc(_Strict):
    """What a case turns out to be; the first whose rule holds is taken."""

    id: Id
    when: Words | None = None
    otherwise: Switch = False
    title: TextDoc
    grade: Literal["green", "yellow", "red"]
    priority: Literal["P1", "P2", "P3", "P4"]
    sla: Words
    dispatch: Literal["emergency", "visit", "workshop", "remote", "callback", "none"]
    department: Words
    skill: Words | None = None
    escalate: Words | None = None
    causes: list[TextDoc] = []
    parts: list[TextDoc] = []
    tools: list[TextDoc] = []
    safety_script: list[TextDoc] = []
    self_service: list[TextDoc] = []
    closing_script: list[TextDoc] = []


class AddDoc(_Strict):
    """More for the technician whenever the condition holds."""

    when: Words
    causes: list[TextDoc] = []
    parts: list[TextDoc] = []
    tools: list[TextDoc] = []
    note: TextDoc | None = None


class ExpectDoc(_Strict):
    """What a test expects; what is not named is not looked at."""

    outcome: Id | None = None
    grade: Literal["green", "yellow", "red"] | None = None
    priority: Literal["P1", "P2", "P3", "P4"] | None = None
    sla: Words | None = None
    dispatch: Words | None = None
    department: Words | None = None
    emergency: Switch | None = None
    settled: Switch | None = None
    current: Id | None = None
    asked: list[Id] = []
    not_asked: list[Id] = []
    parked: list[Id] = []
    possible: list[Id] = []
    tools: list[Words] = []


class CaseDoc(_Strict):
    """A test: answers by question, and what is expected of them; `today` for flows that count days."""

    name: Words
    answers: dict[str, Any]
    expect: ExpectDoc
    today: Day | None = None


class IncludeDoc(_Strict):
    """The blocks asked before and after the flow's own questions."""

    before: list[Id] = []
    after: list[Id] = []


class FlowDoc(_Strict):
    """A flow file."""

    format: Literal["deskapp/flow@1"]
    flow: FlowId
    version: Version
    status: Literal["draft", "published", "retired"]
    product: Words
    symptom: Words
    department: Words
    title: TextDoc
    synonyms: SynonymsDoc = SynonymsDoc()
    intro: TextDoc | None = None
    include: IncludeDoc = IncludeDoc()
    source: Words | None = None
    questions: list[QuestionDoc] = Field(min_length=1, max_length=200)
    outcomes: list[OutcomeDoc] = Field(max_length=200)
    adds: list[AddDoc] = []
    tests: list[CaseDoc] = []


class BlocksDoc(_Strict):
    """A blocks file: groups of questions to include, and the SLA policies that outcomes may name."""

    format: Literal["deskapp/blocks@1"]
    version: Version
    blocks: dict[str, list[QuestionDoc]]
    sla_policies: dict[str, dict[str, Any]] = {}
