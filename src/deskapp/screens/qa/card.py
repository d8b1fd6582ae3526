"""The card editor: items with weight, scale, scope, source, evidence; a draft is kept, compared, and published once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import UUID

from deskapp.domain.card_edit import (
    card_words,
    item_from,
    item_words,
    moved,
    number_word,
    with_item,
    with_words,
    without_item,
)
from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_views import CardLine, CardView
from deskapp.domain.qa_words import QA_LABELS, CardState
from deskapp.domain.scorecard import (
    RULE_UNITS,
    Item,
    OnCritical,
    RuleName,
    Scope,
    Scorecard,
    Severity,
    Source,
    Words,
    card_diff,
)
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.told import line
from deskapp.screens.qa.words import SEVERITIES
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.cards import GetCard, ListCards, PublishCard, SaveCard
from deskapp.services.scorecard_files import scorecard_yaml, shipped_scorecards
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.form import Form, Line, Values
from deskapp.widgets.lines import Bit

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
}  # fmt: skip


class CardScreen(Page, scope="qa_card"):
    """The items of a card left, the one under the cursor right; a published version is read only."""

    def __init__(self, card_id: UUID | None) -> None:
        super().__init__()
        self._card_id = card_id
        self.view: CardView | None = None
        self.card: Scorecard | None = None
        self._base: Scorecard | None = None
        self._diff = False

    def ready(self) -> None:
        if self._card_id is not None:
            self.fetch("card", GetCard(card_id=self._card_id), self._take)
        else:
            self.fetch("cards", ListCards(), self._begin)

    def _begin(self, cards: Sequence[CardLine]) -> None:
        """A new draft begins as the newest published version, else as the shipped card."""
        newest = next((card for card in cards if card.state is CardState.PUBLISHED), None)
        if newest is None:
            self._fresh(next(iter(shipped_scorecards().values())))
        else:
            self.fetch("card", GetCard(card_id=newest.id), lambda view: self._fresh(view.card))

    def _fresh(self, card: Scorecard) -> None:
        self.card = self._base = card
        self._show()

    def _take(self, view: CardView) -> None:
        self.view, self._base = view, None
        kept = self.shell.recall_draft("card", str(view.line.id)) if self.can_edit else None
        self.card = view.card
        if kept:
            from deskapp.services.scorecard_files import parse_scorecard

            self.card = parse_scorecard(kept["text"])
        self._show()

    def _show(self, *, at: int | None = None) -> None:
        if self.card is not None:
            self.put(self.card.items, at=at)

    @property
    def can_edit(self) -> bool:
        """Whether this version may still be changed by who reads it."""
        return self.may_do("qa.card.edit") and (self.view is None or self.view.line.state is CardState.DRAFT)

    @property
    def is_changed(self) -> bool:
        """Whether something is not saved yet."""
        saved = self.view.card if self.view else self._base
        return self.card is not None and saved is not None and self.card.content_hash != saved.content_hash

    # What is shown

    def head(self) -> str:
        if self.card is None:
            return ""
        state = _(QA_LABELS[self.view.line.state]) if self.view else _("new draft")
        edition = str(self.view.line.edition) if self.view else ""
        total = sum((item.weight for item in self.card.record_items), Fraction(0))
        told = _("{card} {edition}  {title}   {state}   weights {total}, pass mark {mark}").format(
            card=self.card.id, edition=edition, title=self.card.title, state=state, total=number_word(total),
            mark=number_word(self.card.pass_mark),
        )  # fmt: skip
        return told + ("   " + _("not saved") if self.is_changed else "")

    def bits(self, row: Item) -> Sequence[Bit]:
        source = _("rule") if row.source is Source.RULE else ""
        return (Bit(number_word(row.weight) if row.scope is Scope.RECORD else "all", 4, "bold", 0, True),
                Bit(str(row.text)), Bit(source, 5, "$accent", 1))  # fmt: skip

    def detail(self, row: Item, width: int) -> Sequence[Piece]:
        if self._diff:
            return self._changes(width)
        assert self.card is not None
        section = next(part for part in self.card.sections if row in part.items)
        parts: list[Piece] = [line(str(row.text), width, "bold"), line(f"{section.title}   {row.id}", width, "$quiet")]
        if str(row.standard):
            parts.append(line(str(row.standard), width))
        rows = [
            (_("scope"), _(SCOPES[row.scope])), (_("weight"), number_word(row.weight)),
            (_("scale"), _("met or not") if row.scale.pass_fail
             else _("0 to 10 in steps of {step}").format(step=number_word(row.scale.step))),
            (_("decided by"), _rule_text(row)), (_("N/A allowed"), _("yes") if row.na_allowed else _("no")),
            (_("kinds of evidence"), str(row.evidence_kinds)), (_("usual finding"), _(SEVERITIES[row.severity])),
            (_("applies when"), " ".join(f"{k}={','.join(v)}" for k, v in row.applies_when.items()) or _("always")),
        ]  # fmt: skip
        if row.target is not None:
            rows.append((_("target"), f"{float(row.target) * 100:g} %"))
        parts.append("\n")
        for name, value in rows:
            parts += [(f"{name}: ", "$quiet"), value + "\n"]
        if row.root_causes:
            parts.append(line(_("root causes: {causes}").format(causes="; ".join(map(str, row.root_causes))), width))
        for item, text in self.view.notes if self.view else ():
            if item == row.id:
                parts.append(line("\n" + _("note: {text}").format(text=text), width, "$text-warning"))
        return parts

    def _changes(self, width: int) -> list[Piece]:
        """What this version changes against the one before, or against what is saved."""
        assert self.card is not None
        if self.is_changed or self.view is None:
            saved = self.view.card if self.view else self._base
            changes = card_diff(saved, self.card) if saved else ()
            title = _("changed and not saved yet")
        else:
            changes, title = self.view.changes, _("changed against the version before")
        parts: list[Piece] = [line(title, width, "bold")]
        if not changes:
            parts.append(line(_("Nothing."), width))
        for change in changes:
            name = change.item or _("card")
            parts.append(line(f"{name}: {_(WHAT.get(change.what, change.what))}", width, "$accent"))
            if change.before:
                parts.append(line("- " + change.before, width, "$text-error", 2))
            if change.after:
                parts.append(line("+ " + change.after, width, "$text-success", 2))
        return parts

    # Keys

    def on_option_list_option_selected(self) -> None:
        self.action_card_edit()

    def _open_card(self) -> Scorecard | None:
        if not self.may_do("qa.card.edit"):
            self.shell.tell(_("The QA lead edits cards."))
        elif not self.can_edit:
            self.shell.tell(_("A published version does not change. n in Cards begins the next."))
        else:
            return self.card
        return None

    def _set(self, card: Scorecard, *, at: int | None = None) -> None:
        self.card = card
        if self.view is not None:
            self.shell.keep_draft("card", str(self.view.line.id), {"text": scorecard_yaml(card)})
        self._show(at=at)

    def action_card_edit(self) -> None:
        card, row = self._open_card(), self.row
        if card is None or row is None:
            return

        def check(values: Mapping[str, str]) -> object:
            return with_item(card, item_from(values), instead_of=row.id)

        def take(values: Values | None) -> None:
            if values is not None:
                self._set(with_item(card, item_from(values), instead_of=row.id))

        self.app.push_screen(Form(_("Item of the card"), item_lines(row), check=check), take)

    def action_card_add(self) -> None:
        card, row = self._open_card(), self.row
        if card is None:
            return
        section = next((part.id for part in card.sections if row in part.items), card.sections[-1].id)
        fresh = Item("item", Words("", ""), card.record_items[0].weight)

        def check(values: Mapping[str, str]) -> object:
            return with_item(card, item_from(values), section=section)

        def take(values: Values | None) -> None:
            if values is not None:
                made = with_item(card, item_from(values), section=section)
                self._set(made, at=[item.id for item in made.items].index(values["id"].strip()))

        self.app.push_screen(Form(_("New item"), item_lines(fresh), check=check), take)

    def action_card_remove(self) -> None:
        card, row = self._open_card(), self.row
        if card is not None and row is not None:
            try:
                self._set(without_item(card, row.id))
            except DeskError as error:
                self.shell.tell(str(error), severity="warning", hint=error.hint)

    def action_card_up(self) -> None:
        self._move(-1)

    def action_card_down(self) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        card, row = self._open_card(), self.row
        if card is not None and row is not None:
            made = moved(card, row.id, step)
            self._set(made, at=[item.id for item in made.items].index(row.id))

    def action_card_whole(self) -> None:
        card = self._open_card()
        if card is None:
            return
        words = card_words(card)
        lines = (
            Line("title_en", _("Title, English"), words["title_en"], 120, True),
            Line("title_zh", _("Title, Chinese"), words["title_zh"], 120, True),
            Line("pass_mark", _("Pass mark"), words["pass_mark"], 6, True),
            Line("on_critical", _("A critical finding"), words["on_critical"],
                 words=tuple((k.value, _(v)) for k, v in ON_CRITICAL.items())),
        )  # fmt: skip

        def take(values: Values | None) -> None:
            if values is not None:
                self._set(with_words(card, values))

        self.app.push_screen(Form(_("The card"), lines, check=lambda values: with_words(card, values)), take)

    def action_card_changes(self) -> None:
        self._diff = not self._diff
        self.tell_again()

    def action_card_save(self) -> None:
        card = self._open_card()
        if card is None:
            return
        card_id, version = (self.view.line.id, self.view.line.version) if self.view else (None, None)
        self.shell.dispatch(
            SaveCard(text=scorecard_yaml(replace(card, version=max(1, card.version))), card_id=card_id, version=version)
        )

    def action_card_publish(self) -> None:
        if self._open_card() is None:
            return
        if self.view is None or self.is_changed:
            self.shell.tell(_("Save the draft first, with ctrl+s."))
            return
        view, self._diff = self.view, True
        self.tell_again()
        choices = [Choice(True, _("Publish: it never changes again")), Choice(False, _("Leave it a draft"))]

        def go(yes: bool | None) -> None:
            if yes:
                self.shell.dispatch(PublishCard(card_id=view.line.id, version=view.line.version))

        count = len(view.changes)
        title = _("{count} changes against the version before. Publish {card} {edition}?")
        self.app.push_screen(
            Choose(title.format(count=count, card=view.line.card, edition=view.line.edition), choices), go
        )

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, SaveCard) and self.view is not None:
            self.shell.drop_draft("card", str(self.view.line.id))
        self.shell.tell(_("Saved as draft {card}.").format(card=receipt.label) if isinstance(command, SaveCard)
                        else _("Published: {card}.").format(card=receipt.label))  # fmt: skip
        self._card_id = receipt.id
        self.ready()


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


__all__ = ["CardScreen", "item_lines"]
