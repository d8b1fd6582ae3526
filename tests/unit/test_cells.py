"""Text in terminal cells: what fits, what is cut and where, and which columns stay."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from deskapp.widgets.cells import Cell, Column, countdown, fit, place


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("gas smell", 12, "gas smell   "),
        ("gas smell", 9, "gas smell"),
        ("air conditioner not cooling", 20, "air conditioner not~"),
        ("air conditioner not cooling", 18, "air conditioner~  "),
        ("refrigerator", 8, "refrige~"),  # one long word has to be cut somewhere
        ("空调不制冷", 10, "空调不制冷"),
        ("空调不制冷", 9, "空调不制~"),
        ("空调不制冷", 8, "空调不~ "),  # half a character is never drawn
        ("王芳 Wang Fang", 8, "王芳 Wa~"),  # half a name tells more than a blank
        ("Sandra Wright", 12, "Sandra Wrig~"),
        ("a\x1b[2Jb\r\nc", 10, "a\ufffd[2Jb c  "),
        ("zero\u200bwidth", 10, "zerowidth "),
        ("x", 0, ""),
    ],
)
def test_text_is_cut_at_a_words_edge(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


def test_numbers_stand_right() -> None:
    assert fit("42", 5, "right") == "   42"


@given(st.text(max_size=40), st.integers(0, 30))
def test_any_text_takes_exactly_its_cells_and_cannot_act(text: str, width: int) -> None:
    shown = fit(text, width)
    assert cell_len(shown) == width
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in shown)


def columns() -> list[Column]:
    def cell(row: object, now: object) -> Cell:
        return Cell("")

    return [
        Column("due", "", 10, cell),
        Column("ticket", "", 8, cell),
        Column("customer", "", 20, cell, grow=1),
        Column("desk", "", 10, cell, min_total_width=100),
        Column("owner", "", 10, cell, min_total_width=120),
    ]


@pytest.mark.parametrize(
    ("total", "ids"),
    [
        (120, ["due", "ticket", "customer", "desk", "owner"]),
        (119, ["due", "ticket", "customer", "desk"]),
        (80, ["due", "ticket", "customer"]),
        (30, ["due", "ticket"]),  # even the ones that ask for no width leave from the right
        (5, ["due"]),
    ],
)
def test_columns_leave_in_their_order(total: int, ids: list[str]) -> None:
    placed = place(columns(), total)
    assert [p.column.id for p in placed] == ids
    assert all(a.start + a.width < b.start for a, b in itertools.pairwise(placed))
    assert placed[-1].start + placed[-1].width <= total
    if total >= 80:
        assert placed[-1].start + placed[-1].width == total, "what is left over goes to the growing column"


def test_a_countdown_says_in_letters_what_its_colour_says() -> None:
    assert countdown("LATE +12:31", "late") == ("! LATE +12:31", "late")
    assert countdown("00:06:12", "red") == ("R 00:06:12", "red")
    assert countdown("", "none") == ("", "")
    signs = [countdown("1", level).text[0] for level in ("late", "red", "yellow", "green", "paused", "done")]
    assert len(set(signs)) == len(signs)
