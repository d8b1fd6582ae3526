"""YAML as people write it: words stay words, places are known, and nothing can hurt."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskapp.services.strict_yaml import Document, YamlInvalid, parse_yaml, read_yaml


def test_only_true_and_false_are_booleans_and_nothing_is_a_date() -> None:
    text = (
        "[yes, no, on, off, y, true, false, True, null, 12:30, 2026-07-01, 0x1F, 1_000, 0o7, 12, -3, 1.5, .inf, '1', ~]"
    )
    assert parse_yaml(text).data == [
        "yes", "no", "on", "off", "y", True, False, "True", None, "12:30", "2026-07-01", "0x1F", "1_000", "0o7", 12, -3,
        Decimal("1.5"), ".inf", "1", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "a is given twice"),
        ("q:\n  - {id: x, id: y}\n", 2, 13, "id is given twice"),
        ("a: &x [1]\nb: *x\n", 1, 4, "Anchors"),
        ("a: *x\n", 1, 4, "Anchors"),
        ("a: !!python/object:os.system 1\n", 1, 4, "Tags"),
        ("a: 1\n---\nb: 2\n", 2, 1, "second one"),
        ("a: [1, 2\nb: 3\n", 2, 2, "not YAML"),
        ("? [a]\n: 1\n", 1, 3, "must be a word"),
        ("a: 1\n甲: \x07\n", 2, 4, "U+0007"),
        ("a: \ud800\n", 1, 4, "U+D800"),
        ("[" * 30 + "]" * 30, 1, 25, "levels"),
        ("[" + "1," * 50_001 + "]", 1, 100_000, "values"),
        ("x" * 600_000, 1, 1, "larger"),
    ],
)
def test_what_is_refused_is_refused_at_its_place(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(YamlInvalid) as raised:
        parse_yaml(text)
    assert (raised.value.line, raised.value.column) == (line, column)
    assert said in str(raised.value)


def test_every_value_has_its_place() -> None:
    document = parse_yaml("title: {zh: 甲, en: \"A\"}\nlist:\n  - id: x\n    when: 'a == b'\n")
    assert document.place(("title", "en")) == (1, 16)
    assert document.place(("list", 0, "when"), 5) == (4, 17)
    assert document.place(("list", 0, "nothing", 3)) == (3, 5)


def test_a_file_that_is_not_text_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: 1\nb: \xff\xfe")
    with pytest.raises(YamlInvalid, match="UTF-8") as raised:
        read_yaml(file)
    assert raised.value.line == 2


def test_a_tab_is_told_with_what_to_write_instead() -> None:
    with pytest.raises(YamlInvalid) as raised:
        parse_yaml("a:\n\tb: 1\n")
    assert (raised.value.line, raised.value.hint) == (2, "Indent with spaces, not with tabs.")


def parsed(text: str) -> Document | YamlInvalid:
    try:
        return parse_yaml(text)
    except YamlInvalid as error:
        return error


@given(
    st.one_of(
        st.text(max_size=60), st.lists(st.sampled_from(list("{}[]:,-&*!|>'\"#?%@ \n\tab1")), max_size=40).map("".join)
    )
)
def test_any_text_is_data_or_a_typed_error(text: str) -> None:
    found = parsed(text)
    assert isinstance(found, Document) or found.line >= 1
