"""The scorecard: a versioned list of items with weights, standards and scales, and its content hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, language

TOP = Fraction(10)
ID = r"^[a-z][a-z0-9_]{0,39}$"
"""What names an item, a section, a card or a plan."""


class Scope(StrEnum):
    """What an item is about: one record, or all records of the period together."""

    RECORD = "record"
    AGGREGATE = "aggregate"


class Source(StrEnum):
    """Who decides an item: a rater, or a rule over the record's facts."""

    MANUAL = "manual"
    RULE = "rule"


class Severity(StrEnum):
    """How bad a finding is: 一般, 严重, 致命."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class CriticalClass(StrEnum):
    """For whom a critical finding is critical."""

    CUSTOMER = "customer"
    BUSINESS = "business"
    COMPLIANCE = "compliance"


class OnCritical(StrEnum):
    """What a critical finding does to the number: it stays as it is, or becomes 0. The result is FAIL either way."""

    KEEP = "keep"
    ZERO = "zero"


class RuleName(StrEnum):
    """The closed set of rules that can decide an item from the record's facts."""

    FIRST_RESPONSE = "first_response_within"
    CALL_BACK = "call_back_within"
    SOLVED_FIRST_TIME = "solved_first_time"
    ON_SITE = "on_site_within"
    RESOLVED = "resolved_within_target"
    PHOTOS = "photos_before_and_after"
    SATISFACTION = "satisfaction_asked"
    PROBLEM_RECORDED = "problem_recorded"


# Rules with a figure, and its unit; the others take none.
RULE_UNITS = {
    RuleName.FIRST_RESPONSE: "minutes",
    RuleName.CALL_BACK: "hours",
    RuleName.SOLVED_FIRST_TIME: "days",
    RuleName.ON_SITE: "minutes",
    RuleName.PROBLEM_RECORDED: "characters",
}

CONDITIONS = ("channel", "grade", "on_site", "solved", "product")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages; the one in force is shown, the other where one is empty."""

    en: str
    zh: str = ""

    def __str__(self) -> str:
        return (self.zh or self.en) if language() == "zh" else (self.en or self.zh)


@dataclass(frozen=True, slots=True)
class Scale:
    """How an item is scored: 0 to 10 in steps, or pass (10) and fail (0)."""

    step: Fraction = Fraction(1)
    pass_fail: bool = False

    def check(self, points: Fraction, item: str) -> None:
        """Raise Invalid for points that are not on the scale."""
        step = TOP if self.pass_fail else self.step
        if not 0 <= points <= TOP or points % step:
            raise Invalid(
                N_("{points} is not on the scale of {item}."),
                points=float(points),
                item=item,
                hint=N_("Use 0 to 10 in steps of {step}."),
                step=float(step),
                field=item,
            )


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A rule with its figure (minutes, hours, days or characters, as the rule's unit says)."""

    name: RuleName
    limit: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the card. `applies_when` names facts and the values they must have; empty: it always applies."""

    id: str
    text: Words
    weight: Fraction = Fraction(1)
    standard: Words = Words("")
    scale: Scale = Scale()
    scope: Scope = Scope.RECORD
    source: Source = Source.MANUAL
    rule: RuleUse | None = None
    applies_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    na_allowed: bool = False
    evidence_kinds: int = 0
    severity: Severity = Severity.MINOR
    root_causes: tuple[Words, ...] = ()
    target: Fraction | None = None

    def __post_init__(self) -> None:
        if (self.source is Source.RULE) != (self.rule is not None):
            raise Invalid(N_("{item}: an item scored by rule names its rule, another names none."), item=self.id)
        if self.scope is Scope.AGGREGATE and (self.target is None or self.rule is None):
            raise Invalid(N_("{item}: an aggregate item needs a rule and a target."), item=self.id)
        if self.scope is Scope.RECORD and self.weight <= 0:
            raise Invalid(N_("{item}: the weight must be above 0."), item=self.id)
        if self.rule and (self.rule.name in RULE_UNITS) != (self.rule.limit > 0):
            raise Invalid(N_("{item}: the rule {rule} has the wrong figure."), item=self.id, rule=self.rule.name.value)
        if not 0 < self.scale.step <= TOP or TOP % self.scale.step:
            raise Invalid(N_("{item}: the steps must divide 10."), item=self.id)
        unknown = set(self.applies_when) - set(CONDITIONS)
        if unknown:
            raise Invalid(N_("{item}: there is no condition {name}."), item=self.id, name=sorted(unknown)[0])


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the card with its items."""

    id: str
    title: Words
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A version of a scorecard; once published it does not change. Raises Invalid when it could not be used."""

    id: str
    version: int
    title: Words
    sections: tuple[Section, ...]
    pass_mark: Fraction = Fraction(80)
    on_critical: OnCritical = OnCritical.KEEP

    def __post_init__(self) -> None:
        ids = [item.id for item in self.items]
        twice = next((i for i in ids if ids.count(i) > 1), None)
        if twice:
            raise Invalid(N_("The item {item} stands on the card twice."), item=twice)
        if not any(item.scope is Scope.RECORD for item in self.items):
            raise Invalid(N_("The card {card} has nothing to score on a record."), card=self.id)
        if not 0 < self.pass_mark <= 100:
            raise Invalid(N_("The pass mark must be above 0 and at most 100."))

    @property
    def items(self) -> tuple[Item, ...]:
        """Return all items in the order of the card."""
        return tuple(item for section in self.sections for item in section.items)

    @property
    def record_items(self) -> tuple[Item, ...]:
        """Return the items that enter a record's score."""
        return tuple(item for item in self.items if item.scope is Scope.RECORD)

    def item(self, item_id: str) -> Item:
        """Return an item by id. Raises Invalid for one that is not on the card."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise Invalid(N_("There is no item {item} on the card {card}."), item=item_id, card=self.id)

    @property
    def content_hash(self) -> str:
        """Return the SHA-256 of all that the card says, its version number aside: equal content, equal hash."""
        text = json.dumps(card_content(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def comparable_with(self, other: "Scorecard") -> bool:
        """Tell whether scores of both versions may be averaged: same items, weights, pass mark and scales."""
        return _weights(self) == _weights(other)


def card_content(card: Scorecard) -> dict[str, object]:
    """Return the card as plain data (the form of its file), without its version number."""
    return {
        "id": card.id,
        "title": _words(card.title),
        "pass_mark": str(card.pass_mark),
        "on_critical": card.on_critical.value,
        "sections": [
            {"id": s.id, "title": _words(s.title), "items": [_item_content(item) for item in s.items]}
            for s in card.sections
        ],
    }


def _item_content(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "text": _words(item.text),
        "standard": _words(item.standard),
        "weight": str(item.weight),
        "scale": "pass_fail" if item.scale.pass_fail else str(item.scale.step),
        "scope": item.scope.value,
        "source": item.source.value,
        "rule": {"name": item.rule.name.value, "limit": str(item.rule.limit)} if item.rule else None,
        "applies_when": {name: list(values) for name, values in sorted(item.applies_when.items())},
        "na_allowed": item.na_allowed,
        "evidence_kinds": item.evidence_kinds,
        "severity": item.severity.value,
        "root_causes": [_words(cause) for cause in item.root_causes],
        "target": str(item.target) if item.target is not None else None,
    }


def _words(words: Words) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def _weights(card: Scorecard) -> tuple[object, ...]:
    lines = sorted((i.id, i.weight, i.scale.step, i.scale.pass_fail) for i in card.record_items)
    return (card.pass_mark, card.on_critical, *lines)


@dataclass(frozen=True, slots=True)
class CardChange:
    """A line of the difference between two versions of a card: where, what, before, after."""

    item: str
    what: str
    before: str
    after: str


def card_diff(old: Scorecard, new: Scorecard) -> tuple[CardChange, ...]:
    """Return what a new version changes: the card, its sections and their order, its items; removed items last."""
    changes = [
        CardChange("", name, _said(a), _said(b))
        for name in ("title", "pass_mark", "on_critical")
        if (a := card_content(old)[name]) != (b := card_content(new)[name])
    ]
    titles = [{section.id: _said(_words(section.title)) for section in card.sections} for card in (old, new)]
    for section in dict.fromkeys((*titles[1], *titles[0])):
        a, b = (known.get(section, "") for known in titles)
        if a != b:
            changes.append(CardChange("", "section", a, b))
    kept = {item.id for item in old.items} & {item.id for item in new.items}
    if (a := _order(old, kept)) != (b := _order(new, kept)):
        changes.append(CardChange("", "order", "; ".join(a), "; ".join(b)))
    before = {item.id: _item_content(item) for item in old.items}
    for item in new.items:
        fresh = _item_content(item)
        if item.id not in before:
            changes.append(CardChange(item.id, "added", "", _said(_words(item.text))))
            continue
        known = before.pop(item.id)
        changes += [CardChange(item.id, k, _said(known[k]), _said(fresh[k])) for k in fresh if known[k] != fresh[k]]
    gone = {item.id: _said(_words(item.text)) for item in old.items}
    return (*changes, *(CardChange(item_id, "removed", gone[item_id], "") for item_id in before))


def _order(card: Scorecard, kept: set[str]) -> list[str]:
    """The sections in their order, each with those of its items that both versions have."""
    lines = ((section, [item.id for item in section.items if item.id in kept]) for section in card.sections)
    return [f"{section.id}: {', '.join(items)}" for section, items in lines if items]


def _said(value: object) -> str:
    """A value of the card as a reader of the difference wants it."""
    match value:
        case None:
            return ""
        case {"en": en, "zh": zh}:
            return f"{en} / {zh}"
        case dict():
            return " ".join(f"{name}={_said(one)}" for name, one in value.items())
        case list():
            return ", ".join(map(_said, value))
        case _:
            return str(value)
