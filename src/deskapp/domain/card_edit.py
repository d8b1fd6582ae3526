"""Edit a scorecard line by line: items and sections from the words of a form, added, moved, taken away; no screen."""

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.scorecard import (
    CONDITIONS,
    ID,
    RULE_UNITS,
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
)


def item_words(item: Item) -> dict[str, str]:
    """Return an item as the words of a form, by field."""
    return {
        "id": item.id,
        "text_en": item.text.en,
        "text_zh": item.text.zh,
        "standard_en": item.standard.en,
        "standard_zh": item.standard.zh,
        "weight": number_word(item.weight),
        "scale": "pass_fail" if item.scale.pass_fail else number_word(item.scale.step),
        "scope": item.scope.value,
        "rule": item.rule.name.value if item.rule else "",
        "limit": number_word(item.rule.limit) if item.rule and item.rule.limit else "",
        "target": number_word(item.target) if item.target is not None else "",
        "evidence": str(item.evidence_kinds),
        "na": "yes" if item.na_allowed else "no",
        "severity": item.severity.value,
        "applies": " ".join(f"{name}={','.join(values)}" for name, values in item.applies_when.items()),
        "causes": "; ".join(f"{cause.en} / {cause.zh}" for cause in item.root_causes),
    }


def item_from(words: Mapping[str, str]) -> Item:
    """Return the item that a form's words say. Raises Invalid with the form's field."""
    text, standard = _both(words, "text", required=True), _both(words, "standard", required=False)
    name = words["id"].strip()
    if not re.match(ID, name):
        raise Invalid(N_("An id is made of small letters, digits and _."), field="id")
    rule = RuleName(words["rule"]) if words["rule"] else None
    limit = _number(words, "limit") if words["limit"].strip() else Fraction(0)
    if rule in RULE_UNITS and limit <= 0:
        raise Invalid(N_("This rule needs its figure, in {unit}."), unit=RULE_UNITS[rule], field="limit")
    try:
        return Item(
            name,
            text,
            _number(words, "weight"),
            standard,
            Scale(pass_fail=True) if words["scale"] == "pass_fail" else Scale(step=_number(words, "scale")),
            Scope(words["scope"]),
            Source.RULE if rule else Source.MANUAL,
            RuleUse(rule, limit if rule in RULE_UNITS else Fraction(0)) if rule else None,
            _conditions(words["applies"]),
            words["na"] == "yes",
            int(words["evidence"] or 0),
            Severity(words["severity"]),
            tuple(_cause(part) for part in words["causes"].split(";") if part.strip()),
            _number(words, "target") if words["target"].strip() else None,
        )
    except Invalid as error:
        error.field = error.field or _field_of(error.template)
        raise


def _field_of(template: str) -> str:
    """The form's field that a rule of the card is about."""
    for part, field in (("weight", "weight"), ("step", "scale"), ("condition", "applies"), ("target", "target"),
                        ("figure", "limit")):  # fmt: skip
        if part in template:
            return field
    return "id"


def number_word(number: Fraction) -> str:
    """Return a number as people write it: 10, 0.95, and 10/3 where no decimal is exactly it."""
    decimal = f"{float(number):g}"
    return decimal if Fraction(decimal) == number else str(number)


def _number(words: Mapping[str, str], field: str) -> Fraction:
    text = words[field].strip()
    try:
        return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise Invalid(N_("{text} is no number."), text=text, field=field) from None


def _both(words: Mapping[str, str], field: str, *, required: bool) -> Words:
    en, zh = words[f"{field}_en"].strip(), words[f"{field}_zh"].strip()
    if (required or en or zh) and not (en and zh):
        missing = "en" if not en else "zh"
        raise Invalid(N_("A card speaks both languages: one text is missing."), field=f"{field}_{missing}")
    return Words(en, zh)


def _conditions(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word in text.split():
        name, _equals, values = word.partition("=")
        if name not in CONDITIONS or not values:
            raise Invalid(
                N_("{word} is no condition."), word=word, field="applies",
                hint=N_("Write on_site=yes; there are: {known}."), known=", ".join(CONDITIONS),
            )  # fmt: skip
        found[name] = tuple(filter(None, values.split(",")))
    return found


def _cause(text: str) -> Words:
    en, _slash, zh = (part.strip() for part in text.partition("/"))
    if not (en and zh):
        raise Invalid(
            N_("A card speaks both languages: one text is missing."), field="causes",
            hint=N_("Write: Not trained / 未培训; Attitude / 态度问题"),
        )  # fmt: skip
    return Words(en, zh)


def with_item(card: Scorecard, item: Item, *, instead_of: str = "", section: str = "") -> Scorecard:
    """Return the card with an item in the place of another, or at the end of a section. Raises Invalid."""
    made = []
    for part in card.sections:
        items = tuple(item if known.id == instead_of else known for known in part.items)
        if not instead_of and part.id == section:
            items = (*items, item)
        made.append(replace(part, items=items))
    return replace(card, sections=tuple(made))


def without_item(card: Scorecard, item_id: str) -> Scorecard:
    """Return the card without an item; a section that is left empty goes too. Raises Invalid for the last one."""
    parts = [replace(part, items=tuple(i for i in part.items if i.id != item_id)) for part in card.sections]
    return replace(card, sections=tuple(part for part in parts if part.items))


def moved(card: Scorecard, item_id: str, step: int) -> Scorecard:
    """Return the card with an item one place up or down, over the border of its section too."""
    order = [(part.id, item) for part in card.sections for item in part.items]
    at = next(n for n, (_section, item) in enumerate(order) if item.id == item_id)
    to = at + step
    if not 0 <= to < len(order):
        return card
    here, item = order.pop(at)
    there = order[min(to, len(order) - 1)][0] if step < 0 else order[to - 1][0]
    # At a border the item first changes its section, then its place.
    if there != here:
        order.insert(at, (there, item))
    else:
        order.insert(to, (here, item))
    parts = [
        Section(part.id, part.title, tuple(found for section, found in order if section == part.id))
        for part in card.sections
    ]
    return replace(card, sections=tuple(part for part in parts if part.items))


def section_words(section: Section) -> dict[str, str]:
    """Return a section as the words of a form; its weight is what its items weigh together."""
    return {"title_en": section.title.en, "title_zh": section.title.zh, "weight": number_word(section_weight(section))}


def section_weight(section: Section) -> Fraction:
    """Return what a section's items weigh in a record's score."""
    return sum((item.weight for item in section.items if item.scope is Scope.RECORD), Fraction(0))


def with_section(card: Scorecard, section_id: str, words: Mapping[str, str]) -> Scorecard:
    """Return the card with a section named anew; another weight is shared out as its items had it. Raises Invalid."""
    title, weight = _both(words, "title", required=True), _number(words, "weight")

    def changed(section: Section) -> Section:
        if section.id != section_id:
            return section
        before = section_weight(section)
        if (weight <= 0 and before) or (weight and not before):
            raise Invalid(
                N_("What enters a record's score weighs more than 0, and nothing else has a weight."), field="weight"
            )
        items = tuple(
            replace(item, weight=item.weight * weight / before) if item.scope is Scope.RECORD else item
            for item in section.items
        )
        return Section(section.id, title, items)

    return replace(card, sections=tuple(changed(section) for section in card.sections))


def split_at(card: Scorecard, item_id: str, words: Mapping[str, str]) -> Scorecard:
    """Return the card with a new section that begins at an item and takes those below it along. Raises Invalid."""
    title = _both(words, "title", required=True)
    made: list[Section] = []
    for section in card.sections:
        at = next((n for n, item in enumerate(section.items) if item.id == item_id), None)
        if at == 0:
            raise Invalid(N_("A section begins here already."), hint=N_("Go to the item that is to be its first."))
        made.append(section if at is None else replace(section, items=section.items[:at]))
        if at is not None:
            made.append(Section(_section_id(card, title.en), title, section.items[at:]))
    return replace(card, sections=tuple(made))


def _section_id(card: Scorecard, title: str) -> str:
    """An id from the English title that no other section has."""
    bare = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in title.casefold())
    name, known = f"s_{bare}"[:36] if not bare[:1].isalpha() else bare[:36], {section.id for section in card.sections}
    return next(i for i in (name, *(f"{name}_{n}" for n in range(2, 1000))) if i not in known)


def joined(card: Scorecard, section_id: str) -> Scorecard:
    """Return the card without a section's heading: its items join the section before. Raises Invalid for the first."""
    at = next(n for n, section in enumerate(card.sections) if section.id == section_id)
    if at == 0:
        raise Invalid(N_("The first section stays."), hint=N_("Name it anew, or move another section up."))
    before, gone = card.sections[at - 1], card.sections[at]
    whole = replace(before, items=(*before.items, *gone.items))
    return replace(card, sections=(*card.sections[: at - 1], whole, *card.sections[at + 1 :]))


def section_moved(card: Scorecard, section_id: str, step: int) -> Scorecard:
    """Return the card with a section and its items one place up or down."""
    parts = list(card.sections)
    at = next(n for n, section in enumerate(parts) if section.id == section_id)
    if 0 <= at + step < len(parts):
        parts.insert(at + step, parts.pop(at))
    return replace(card, sections=tuple(parts))


def card_words(card: Scorecard) -> dict[str, str]:
    """Return what the card says of itself as the words of a form."""
    return {"title_en": card.title.en, "title_zh": card.title.zh, "pass_mark": number_word(card.pass_mark),
            "on_critical": card.on_critical.value}  # fmt: skip


def with_words(card: Scorecard, words: Mapping[str, str]) -> Scorecard:
    """Return the card with its title, pass mark and rule for critical findings as a form says. Raises Invalid."""
    return replace(card, title=_both(words, "title", required=True), pass_mark=_number(words, "pass_mark"),
                   on_critical=OnCritical(words["on_critical"]))  # fmt: skip


__all__ = [
    "card_words",
    "item_from",
    "item_words",
    "joined",
    "moved",
    "number_word",
    "section_moved",
    "section_weight",
    "section_words",
    "split_at",
    "with_item",
    "with_section",
    "with_words",
    "without_item",
]
