"""Editing a card: its sections are headings that can be set, named, weighed, moved and taken away; no item is lost."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskapp.domain.card_edit import (
    joined,
    moved,
    number_word,
    section_moved,
    section_weight,
    section_words,
    split_at,
    with_section,
)
from deskapp.domain.errors import Invalid
from deskapp.domain.scorecard import Scorecard, card_diff
from deskapp.services.qa.card_files import parse_scorecard, scorecard_yaml, shipped_scorecards

CARD = shipped_scorecards()["service"]
TITLE = {"title_en": "On the phone", "title_zh": "电话中"}


def layout(card: Scorecard) -> dict[str, list[str]]:
    return {section.id: [item.id for item in section.items] for section in card.sections}


def test_a_section_begins_at_an_item_and_its_heading_goes_again() -> None:
    first = CARD.sections[0]
    split = split_at(CARD, first.items[1].id, TITLE)
    assert list(layout(split))[:2] == [first.id, "on_the_phone"]
    assert split.sections[1].items == first.items[1:] and split.items == CARD.items
    assert [c.what for c in card_diff(CARD, split)] == ["section", "order"]
    assert card_diff(CARD, split)[0].after == "On the phone / 电话中"
    assert joined(split, "on_the_phone") == CARD
    assert parse_scorecard(scorecard_yaml(split)).content_hash == split.content_hash
    with pytest.raises(Invalid, match="begins here"):
        split_at(CARD, first.items[0].id, TITLE)
    with pytest.raises(Invalid, match="first section"):
        joined(CARD, first.id)


def test_a_section_is_named_anew_and_its_weight_is_shared_out_exactly() -> None:
    section = CARD.sections[-1]
    before = section_weight(section)
    made = with_section(CARD, section.id, section_words(section) | TITLE | {"weight": "10"}).sections[-1]
    assert (made.id, made.title.en) == (section.id, "On the phone")
    assert section_weight(made) == 10
    assert [item.weight for item in made.items] == [item.weight * 10 / before for item in section.items]
    assert all(Fraction(number_word(item.weight)) == item.weight for item in made.items)
    with pytest.raises(Invalid) as refused:
        with_section(CARD, section.id, section_words(section) | {"weight": "0"})
    assert refused.value.field == "weight"


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([-1, 1]), st.booleans()), max_size=12))
def test_moving_loses_nothing(steps: list[tuple[int, int, bool]]) -> None:
    card = CARD
    for place, step, is_section in steps:
        if is_section:
            card = section_moved(card, card.sections[place % len(card.sections)].id, step)
        else:
            card = moved(card, card.items[place % len(card.items)].id, step)
    assert sorted(item.id for item in card.items) == sorted(item.id for item in CARD.items)
    assert all(section.items for section in card.sections)
