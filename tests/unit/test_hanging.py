"""Text that is wrapped goes on under its own beginning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from deskapp.widgets.text import Hanging


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("  rinsed and dried before refitting", ["  rinsed and dried", "  before refitting"]),
        (" * 上午不接电话，请下午联系", [" * 上午不接电话，请", "   下午联系"]),
        ("words from the edge are wrapped as any", ["words from the edge are wrapped as any"]),
        ("  short\n\n  short", ["  short", "", "  short"]),
        (" " * 12 + "no room for words", [" " * 12 + "no room for words"]),
    ],
)
def test_a_wrapped_line_keeps_its_indent(text: str, lines: list[str]) -> None:
    assert [line.rstrip() for line in Hanging(Content(text)).at(20).plain.split("\n")] == lines


@given(st.sampled_from(("", "  ", " * ", "- ")), st.text("ab 字*-", max_size=80), st.integers(8, 30))
def test_no_word_is_lost_and_no_indented_line_is_too_long(beginning: str, text: str, width: int) -> None:
    text = beginning + "b" + text
    shown = Hanging(Content(text)).at(width).plain
    assert "".join(shown.split()) == "".join(text.split())
    assert not beginning or all(cell_len(line) <= width for line in shown.split("\n"))
