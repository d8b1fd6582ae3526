"""The card editor: sections, items with weight, scale, source, evidence; a draft is kept, compared, published once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

from deskapp.domain.card_edit import (
    card_words,
    item_from,
    joined,
    moved,
    number_word,
    section_moved,
    section_weight,
    split_at,
    with_item,
    with_section,
    with_words,
    without_item,
)
from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.domain.qa_views import CardLine, CardView
from deskapp.domain.qa_words import QA_LABELS, CardState
from deskapp.domain.scorecard import Item, Scope, Scorecard, Section, Source, Words, card_diff
from deskapp.screens.qa.card_text import (
    card_lines,
    changes_told,
    item_lines,
    item_told,
    new_section_lines,
    section_lines,
    section_told,
)
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.told import line
from deskapp.services.qa.card_files import parse_scorecard, scorecard_yaml, shipped_scorecards
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.cards import GetCard, ListCards, PublishCard, SaveCard
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.form import Form, Line, Values
from deskapp.widgets.lines import Bit

Row = Section | Item
Place = tuple[type[Row], str]  # a line of the card: a section or an item, by its id


class CardScreen(Page, scope="qa_card"):
    """Sections and items of a card left, the one under the cursor right; a published version is read only."""

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
        self._show(at=1)

    def _take(self, view: CardView) -> None:
        self.view, self._base = view, None
        kept = self.shell.recall_draft("card", str(view.line.id)) if self.can_edit else None
        self.card = view.card
        if kept:
            self.card = parse_scorecard(kept["text"])
        self._show(at=self.lines.highlighted or 1)

    def _show(self, *, on: Place | None = None, at: int | None = None) -> None:
        if self.card is None:
            return
        rows: list[Row] = []
        for section in self.card.sections:
            rows += [section, *section.items]
        self.put(rows, at=next((n for n, row in enumerate(rows) if (type(row), row.id) == on), at))

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

    def bits(self, row: Row) -> Sequence[Bit]:
        if isinstance(row, Section):
            return (Bit(number_word(section_weight(row)), 4, "$quiet", 0, True), Bit(str(row.title), 0, "$accent bold"))
        weight = number_word(row.weight) if row.scope is Scope.RECORD else _("all")
        source = _("rule") if row.source is Source.RULE else ""
        return (Bit(weight, 4, "bold", 0, True), Bit("  " + str(row.text)), Bit(source, 5, "$accent", 1))

    def detail(self, row: Row, width: int) -> Sequence[Piece]:
        assert self.card is not None
        if self._diff:
            return self._changes(width)
        if isinstance(row, Section):
            return section_told(row, width)
        return item_told(self.card, row, self.view.notes if self.view else (), width)

    def _changes(self, width: int) -> list[Piece]:
        """What this version changes against the one before, or against what is saved."""
        assert self.card is not None
        if self.is_changed or self.view is None:
            saved = self.view.card if self.view else self._base
            changes = card_diff(saved, self.card) if saved else ()
            title = _("changed and not saved yet")
        else:
            changes, title = self.view.changes, _("changed against the version before")
        return [line(title, width, "bold"), *changes_told(self.card, changes, width)]

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

    def _set(self, card: Scorecard, *, on: Place | None = None) -> None:
        """Take the changed card, keep it as a draft, and go to a line of it."""
        self.card = card
        if self.view is not None:
            self.shell.keep_draft("card", str(self.view.line.id), {"text": scorecard_yaml(card)})
        self._show(on=on)

    def _ask(
        self, title: str, lines: Sequence[Line], change: Callable[[Mapping[str, str]], Scorecard],
        on: Callable[[Scorecard, Values], Place | None],
    ) -> None:  # fmt: skip
        """Ask for lines, and change the card by them; what does not fit is said in the form."""

        def take(values: Values | None) -> None:
            if values is not None:
                made = change(values)
                self._set(made, on=on(made, values))

        self.app.push_screen(Form(title, lines, check=change), take)

    def action_card_edit(self) -> None:
        card, row = self._open_card(), self.row
        if card is None or row is None:
            return
        if isinstance(row, Section):
            self._ask(_("Section of the card"), section_lines(row), lambda v: with_section(card, row.id, v),
                      lambda _made, _v: (Section, row.id))  # fmt: skip
        else:
            self._ask(
                _("Item of the card"), item_lines(row), lambda v: with_item(card, item_from(v), instead_of=row.id),
                lambda _made, v: (Item, v["id"].strip()),
            )  # fmt: skip

    def action_card_add(self) -> None:
        card, row = self._open_card(), self.row
        if card is None:
            return
        section = row if isinstance(row, Section) else next(part for part in card.sections if row in part.items)
        fresh = Item("item", Words("", ""), card.record_items[0].weight)
        self._ask(_("New item"), item_lines(fresh), lambda v: with_item(card, item_from(v), section=section.id),
                  lambda _made, v: (Item, v["id"].strip()))  # fmt: skip

    def action_card_section(self) -> None:
        card, row = self._open_card(), self.row
        if card is None or row is None:
            return
        if isinstance(row, Section) or any(row == part.items[0] for part in card.sections):
            self.shell.tell(_("Go to the item that is to be the first of the new section."))
            return
        self._ask(
            _("New section, from this item on"), new_section_lines(), lambda v: split_at(card, row.id, v),
            lambda made, _v: next((Section, part.id) for part in made.sections if part.items[0].id == row.id),
        )  # fmt: skip

    def action_card_remove(self) -> None:
        card, row = self._open_card(), self.row
        if card is not None and row is not None:
            try:
                self._set((joined if isinstance(row, Section) else without_item)(card, row.id))
            except DeskError as error:
                self.shell.tell(str(error), severity="warning", hint=error.hint)

    def action_card_up(self) -> None:
        self._move(-1)

    def action_card_down(self) -> None:
        self._move(1)

    def _move(self, step: int) -> None:
        card, row = self._open_card(), self.row
        if card is not None and row is not None:
            move = section_moved if isinstance(row, Section) else moved
            self._set(move(card, row.id, step), on=(type(row), row.id))

    def action_card_whole(self) -> None:
        card = self._open_card()
        if card is not None:
            self._ask(_("The card"), card_lines(card_words(card)), lambda v: with_words(card, v), lambda *_: None)

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


__all__ = ["CardScreen"]
