"""A card in words: what is told of a section, an item and a change of it, and the forms that ask for them."""

from collections.abc import Iterable
from typing import Any

from deskapp.domain.card_edit import item_words, number_word, section_weight, section_words
from deskapp.domain.i18n import N_, _
from deskapp.domain.scorecard import (
    RULE_UNITS,
    CardChange,
    Item,
    OnCritical,
    RuleName,
    Scope,
    Scorecard,
    Section,
    Severity,
)
from deskapp.screens.qa.page import Piece
from deskapp.screens.qa.told import line
from deskapp.screens.qa.words import SEVERITIES
from deskapp.widgets.form import Line

SCOPES = {Scope.RECORD: N_("each record"), Scope.AGGREGATE: N_("all records together")}
ON_CRITICAL = {OnCritical.KEEP: N_("leaves the number"), OnCritical.ZERO: N_("makes it 0")}
RULES = {
    RuleName.FIRST_RESPONSE: N_("first response within"), RuleName.CALL_BACK: N_("call-back within"),
    RuleName.SOLVED_FIRST_TIME: N_("solved the first time"), RuleName.ON_SITE: N_("on site within"),
    RuleName.RESOLVED: N_("resolved within its target"), RuleName.PHOTOS: N_("photos before and after"),
    RuleName.SATISFACTION: N_("satisfaction was asked"), RuleName.PROBLEM_RECORDED: N_("problem was recorded"),
}  # fmt: skip
UNITS = {"minutes": N_("minutes"), "hours": N_("hours"), "days": N_("days"), "characters": N_("characters")}
WHAT = {
    "text": N_("text"), "standard": N_("standard"), "weight": N_("weight"), "scale": N_("scale"), "scope": N_("scope"),
    "source": N_("source"), "rule": N_("rule"), "applies_when": N_("applies when"), "na_allowed": N_("N/A allowed"),
    "evidence_kinds": N_("evidence"), "severity": N_("severity"), "root_causes": N_("root causes"),
    "target": N_("target"), "added": N_("added"), "removed": N_("removed"), "title": N_("title"),
    "pass_mark": N_("pass mark"), "on_critical": N_("critical finding"),
    "section": N_("section"), "order": N_("order"),
}  # fmt: skip


def item_told(card: Scorecard, item: Item, notes: Iterable[tuple[str, str]], width: int) -> list[Piece]:
    """An item with its standard, how it is scored, and what calibrations noted on it."""
    section = next(part for part in card.sections if item in part.items)
    parts: list[Piece] = [line(str(item.text), width, "bold"), line(f"{section.title}   {item.id}", width, "$quiet")]
    if str(item.standard):
        parts.append(line(str(item.standard), width))
    rows = [
        (_("scope"), _(SCOPES[item.scope])), (_("weight"), number_word(item.weight)),
        (_("scale"), _("met or not") if item.scale.pass_fail
         else _("0 to 10 in steps of {step}").format(step=number_word(item.scale.step))),
        (_("decided by"), _rule_text(item)), (_("N/A allowed"), _("yes") if item.na_allowed else _("no")),
        (_("kinds of evidence"), str(item.evidence_kinds)), (_("usual finding"), _(SEVERITIES[item.severity])),
        (_("applies when"), " ".join(f"{k}={','.join(v)}" for k, v in item.applies_when.items()) or _("always")),
    ]  # fmt: skip
    if item.target is not None:
        rows.append((_("target"), f"{float(item.target) * 100:g} %"))
    parts.append("\n")
    for name, value in rows:
        parts += [(f"{name}: ", "$quiet"), value + "\n"]
    if item.root_causes:
        parts.append(line(_("root causes: {causes}").format(causes="; ".join(map(str, item.root_causes))), width))
    for about, text in notes:
        if about == item.id:
            parts.append(line("\n" + _("note: {text}").format(text=text), width, "$text-warning"))
    return parts


def section_told(section: Section, width: int) -> list[Piece]:
    """A section in both languages, with what its items weigh together."""
    weight = number_word(section_weight(section))
    together = _("{count} items, together they weigh {weight}").format(count=len(section.items), weight=weight)
    keys = _("Enter names it anew or weighs it otherwise, K and J move it, Delete joins it to the one before.")
    return [
        line(str(section.title), width, "bold"),
        line(f"{section.title.en} / {section.title.zh}", width, "$quiet"),
        line("\n" + together, width),
        line(keys, width, "$quiet"),
    ]


def changes_told(card: Scorecard | None, changes: Iterable[CardChange], width: int) -> list[Piece]:
    """What a version changes, line by line: before with -, after with +."""
    names = {item.id: str(item.text) for item in card.items} if card else {}
    parts: list[Piece] = []
    for change in changes:
        name = names.get(change.item, change.item) or _("card")
        parts.append(line(f"{name}: {_(WHAT.get(change.what, change.what))}", width, "$accent"))
        if change.before:
            parts.append(line("- " + change.before, width, "$text-error", 2))
        if change.after:
            parts.append(line("+ " + change.after, width, "$text-success", 2))
    return parts or [line(_("Nothing."), width)]


def _rule_text(item: Item) -> str:
    if item.rule is None:
        return _("a rater")
    unit = RULE_UNITS.get(item.rule.name)
    figure = f" {number_word(item.rule.limit)} {_(UNITS[unit])}" if unit else ""
    return _("rule: {rule}").format(rule=_(RULES[item.rule.name])) + figure


def item_lines(item: Item) -> tuple[Line, ...]:
    """The lines of the form of an item."""
    words = item_words(item)
    yes_no = (("no", _("no")), ("yes", _("yes")))
    found: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("text_en", _("Text, English"), {"required": True, "limit": 400}),
        ("text_zh", _("Text, Chinese"), {"required": True, "limit": 400}),
        ("weight", _("Weight"), {"required": True, "limit": 8}),
        ("scale", _("Scale"), {"words": (("1", _("0 to 10")), ("0.5", _("0 to 10, halves")), ("5", "0, 5, 10"),
                                         ("pass_fail", _("met or not")))}),
        ("rule", _("Decided by"), {"words": (("", _("a rater")), *((r.value, _(name)) for r, name in RULES.items()))}),
        ("limit", _("The rule's figure"), {"limit": 8, "hint": _("minutes, hours, days or characters")}),
        ("evidence", _("Kinds of evidence wanted"), {"words": tuple((str(n), str(n)) for n in range(4))}),
        ("na", _("N/A allowed"), {"words": yes_no}),
        ("severity", _("Usual finding"), {"words": tuple((s.value, _(SEVERITIES[s])) for s in Severity)}),
        ("scope", _("Is about"), {"words": tuple((s.value, _(name)) for s, name in SCOPES.items())}),
        ("target", _("Target, of all records together"), {"limit": 8, "hint": "0.95"}),
        ("applies", _("Applies when"), {"limit": 200, "hint": "on_site=yes grade=red,yellow"}),
        ("standard_en", _("Standard, English"), {"limit": 400}),
        ("standard_zh", _("Standard, Chinese"), {"limit": 400}),
        ("causes", _("Root causes"), {"limit": 1000, "hint": _("English / Chinese; ...")}),
        ("id", _("Id"), {"required": True, "limit": 40}),
    )  # fmt: skip
    return tuple(Line(key, label, words[key], **options) for key, label, options in found)


def section_lines(section: Section) -> tuple[Line, ...]:
    """The lines of the form of a section."""
    words = section_words(section)
    return (*_titles(words), Line("weight", _("Weight of its items together"), words["weight"], 8, True))


def new_section_lines() -> tuple[Line, ...]:
    """The lines of the form of a section that begins at an item."""
    return _titles({"title_en": "", "title_zh": ""})


def card_lines(words: dict[str, str]) -> tuple[Line, ...]:
    """The lines of the form of the card as a whole."""
    return (
        *_titles(words),
        Line("pass_mark", _("Pass mark"), words["pass_mark"], 6, True),
        Line("on_critical", _("A critical finding"), words["on_critical"],
             words=tuple((k.value, _(v)) for k, v in ON_CRITICAL.items())),
    )  # fmt: skip


def _titles(words: dict[str, str]) -> tuple[Line, Line]:
    return (Line("title_en", _("Title, English"), words["title_en"], 120, True),
            Line("title_zh", _("Title, Chinese"), words["title_zh"], 120, True))  # fmt: skip


__all__ = [
    "card_lines",
    "changes_told",
    "item_lines",
    "item_told",
    "new_section_lines",
    "section_lines",
    "section_told",
]
