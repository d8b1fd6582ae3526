"""Scorecards and QA plans as YAML 1.2 files: read with every trouble at its file and line, written back as read."""

from collections.abc import Callable
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.qa_plan import QaPlan
from deskapp.domain.sampling import SampleSize
from deskapp.domain.scorecard import (
    ID,
    Item,
    OnCritical,
    RuleName,
    RuleUse,
    Scale,
    Scope,
    Scorecard,
    Section,
    Severity,
    Source,
    Words,
    card_content,
)
from deskapp.services.strict_yaml import DataPath, Document, FileInvalid, YamlInvalid, parse_yaml, read_yaml

PACK = Path(__file__).resolve().parents[2] / "pack"
CARDS = PACK / "scorecards"
PLANS = PACK / "plans"


def read_scorecard(path: Path) -> Scorecard:
    """Read one scorecard. Raises FileInvalid with file and line for what does not fit, NotFound without the file."""
    return _scorecard(path, _document(path))


def parse_scorecard(text: str, name: str = "card") -> Scorecard:
    """Read a scorecard from the text of its file. Raises FileInvalid with the line for what does not fit."""
    path = Path(name)
    try:
        document = parse_yaml(text)
    except YamlInvalid as trouble:
        raise FileInvalid(path, trouble.line, trouble.template, trouble.values) from None
    return _scorecard(path, document)


def _scorecard(path: Path, document: Document) -> Scorecard:
    found = _shape(path, document, _CardDoc)
    sections = []
    for s, section in enumerate(found.sections):
        items = []
        for i, item in enumerate(section.items):
            place: DataPath = ("sections", s, "items", i)
            items.append(_domain(path, document, place, item.build))
        sections.append(Section(section.id, section.title.words, tuple(items)))
    return _domain(
        path,
        document,
        (),
        lambda: Scorecard(
            found.id, found.version, found.title.words, tuple(sections), found.pass_mark, found.on_critical
        ),
    )


def read_plan(path: Path) -> QaPlan:
    """Read one QA plan. Raises FileInvalid with file and line for what does not fit, NotFound without the file."""
    document = _document(path)
    found = _shape(path, document, _PlanDoc)
    return _domain(path, document, (), found.build)


def shipped_scorecards() -> dict[str, Scorecard]:
    """Return the scorecards of the pack by id."""
    return {card.id: card for card in map(read_scorecard, sorted(CARDS.glob("*.yaml")))}


def shipped_plans() -> dict[str, QaPlan]:
    """Return the QA plans of the pack by id."""
    return {plan.id: plan for plan in map(read_plan, sorted(PLANS.glob("*.yaml")))}


def scorecard_yaml(card: Scorecard) -> str:
    """Return a card as the text of its file; reading it again gives the same card."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style, writer.allow_unicode, writer.width = False, True, 118
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    content = card_content(card)
    data: dict[str, Any] = {"format": "deskapp/scorecard@1", "id": card.id, "version": card.version}
    data |= {name: content[name] for name in ("title", "pass_mark", "on_critical")}
    data["sections"] = [_section_data(section) for section in content["sections"]]  # type: ignore[attr-defined]
    out = StringIO()
    writer.dump(data, out)
    return out.getvalue()


def _section_data(section: dict[str, Any]) -> dict[str, Any]:
    return section | {"items": [_without_defaults(item) for item in section["items"]]}


def _without_defaults(item: dict[str, Any]) -> dict[str, Any]:
    empty: tuple[Any, ...] = (None, "", [], {}, 0, False, {"en": "", "zh": ""})
    kept = {name: value for name, value in item.items() if value not in empty}
    if item["rule"] and item["rule"]["limit"] == "0":
        kept["rule"] = {"name": item["rule"]["name"]}
    return kept


def _document(path: Path) -> Document:
    try:
        return read_yaml(path)
    except YamlInvalid as trouble:
        raise FileInvalid(path, trouble.line, trouble.template, trouble.values) from None
    except FileNotFoundError:
        raise NotFound(N_("There is no file {path}."), path=str(path)) from None


_Doc = TypeVar("_Doc", bound=BaseModel)
_Built = TypeVar("_Built")


def _shape(path: Path, document: Document, shape: type[_Doc]) -> _Doc:
    try:
        return shape.model_validate(document.data)
    except ValidationError as trouble:
        first = trouble.errors(include_url=False)[0]
        where = tuple(part for part in first["loc"] if not (isinstance(part, str) and "-" in part))
        line = document.place(where)[0]
        name = ".".join(map(str, where))
        if first["type"] == "extra_forbidden":
            raise FileInvalid(path, line, N_("the key {key} is not known here"), {"key": name}) from None
        if first["type"] == "missing":
            raise FileInvalid(path, line, N_("the key {key} is missing"), {"key": name}) from None
        raise FileInvalid(path, line, N_("{key}: {trouble}"), {"key": name, "trouble": first["msg"]}) from None


def _domain(path: Path, document: Document, where: DataPath, build: Callable[[], _Built]) -> _Built:
    try:
        return build()
    except Invalid as trouble:
        at = (*where, trouble.field) if trouble.field else where
        raise FileInvalid(path, document.place(at)[0], trouble.template, trouble.values) from None


def _exact(value: Any) -> Any:
    """Read 0.3 as 3/10: a number of the file, or its text, never a binary fraction; booleans are no numbers."""
    if isinstance(value, bool) or value is None:
        raise ValueError("a number is wanted")
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError("a number is wanted") from None


_Number = Annotated[Fraction, BeforeValidator(_exact)]
_Id = Annotated[str, Field(pattern=ID)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, arbitrary_types_allowed=True)


class _WordsDoc(_Strict):
    en: Annotated[str, Field(min_length=1, max_length=400)]
    zh: Annotated[str, Field(min_length=1, max_length=400)]

    @property
    def words(self) -> Words:
        return Words(self.en, self.zh)


class _RuleDoc(_Strict):
    name: RuleName
    limit: _Number = Fraction(0)


class _ItemDoc(_Strict):
    id: _Id
    text: _WordsDoc
    standard: _WordsDoc | None = None
    weight: _Number = Fraction(1)
    scale: Literal["pass_fail"] | _Number = Fraction(1)
    scope: Scope = Scope.RECORD
    source: Source = Source.MANUAL
    rule: _RuleDoc | None = None
    applies_when: dict[str, str | list[str]] = Field(default_factory=dict)
    na_allowed: bool = False
    evidence_kinds: Annotated[int, Field(ge=0, le=3)] = 0
    severity: Severity = Severity.MINOR
    root_causes: list[_WordsDoc] = Field(default_factory=list)
    target: _Number | None = None

    def build(self) -> Item:
        return Item(
            self.id,
            self.text.words,
            self.weight,
            self.standard.words if self.standard else Words(""),
            Scale(pass_fail=True) if isinstance(self.scale, str) else Scale(step=self.scale),
            self.scope,
            self.source,
            RuleUse(self.rule.name, self.rule.limit) if self.rule else None,
            {name: (v,) if isinstance(v, str) else tuple(v) for name, v in self.applies_when.items()},
            self.na_allowed,
            self.evidence_kinds,
            self.severity,
            tuple(cause.words for cause in self.root_causes),
            self.target,
        )


class _SectionDoc(_Strict):
    id: _Id
    title: _WordsDoc
    items: Annotated[list[_ItemDoc], Field(min_length=1)]


class _CardDoc(_Strict):
    format: Literal["deskapp/scorecard@1"]
    id: _Id
    version: Annotated[int, Field(ge=1)]
    title: _WordsDoc
    pass_mark: _Number = Fraction(80)
    on_critical: OnCritical = OnCritical.KEEP
    sections: Annotated[list[_SectionDoc], Field(min_length=1)]


class _SizeDoc(_Strict):
    share: _Number | None = None
    half_width: _Number | None = None
    minimum: Annotated[int, Field(ge=0)] = 0
    per_stratum: Annotated[int, Field(ge=0)] = 0


class _RatersDoc(_Strict):
    per_record: Literal["primary", "everyone"] = "primary"
    double_share: _Number = Fraction(1, 5)
    double_minimum: Annotated[int, Field(ge=0)] = 30
    rescore_share: _Number = Fraction(1, 20)
    show_agent: bool = False
    show_total: bool = False


class _PlanDoc(_Strict):
    format: Literal["deskapp/qa-plan@1"]
    id: _Id
    title: _WordsDoc
    scorecard: _Id
    filter: dict[str, str | list[str]]
    strata: str = "shift"
    size: _SizeDoc = Field(default_factory=_SizeDoc)
    allocation: Literal["proportional", "equal"] = "proportional"
    raters: _RatersDoc = Field(default_factory=_RatersDoc)
    minutes_per_record: _Number = Fraction(8)
    dispute_days: Annotated[int, Field(ge=1, le=60)] = 5

    def build(self) -> QaPlan:
        if self.size.share is not None and self.size.half_width is not None:
            raise Invalid(N_("The size is a share or a half-width, not both."), field="size")
        width = self.size.half_width
        return QaPlan(
            self.id,
            self.title.words,
            self.scorecard,
            {name: (v,) if isinstance(v, str) else tuple(v) for name, v in self.filter.items()},
            self.strata,
            SampleSize(
                self.size.share if self.size.share is not None else Fraction(3, 10),
                self.size.minimum,
                None if width is None else float(width),
            ),
            self.size.per_stratum,
            self.allocation,
            self.raters.per_record == "everyone",
            self.raters.double_share,
            self.raters.double_minimum,
            self.raters.rescore_share,
            float(self.minutes_per_record),
            self.dispute_days,
            self.raters.show_agent,
            self.raters.show_total,
        )
