"""The condition language: what reads, how it binds, and where an error points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskapp.domain.flow.condition import ConditionError, Node, parse, references, render


@pytest.mark.parametrize(
    ("source", "same_as"),
    [
        ("a == x or b == y and c == z", "a == x or (b == y and c == z)"),
        ("not a == x and b == y", "(not a == x) and b == y"),
        ("not not a == x", "not (not (a == x))"),
        ("a==1", "a == 1"),
        ("a in [x,y , z]", "a in [x, y, z]"),
        ("((a has x))", "a has x"),
        ("a == 'it is'", 'a == "it is"'),
    ],
)
def test_conditions_bind_as_written(source: str, same_as: str) -> None:
    assert render(parse(source)) == render(parse(same_as))


@pytest.mark.parametrize(
    ("source", "at", "said"),
    [
        ("", 0, "a question is expected"),
        ("a", 1, "a needs a comparison"),
        ("a = x", 2, "“=” has no meaning"),
        ("a == x && b == y", 7, "“&” has no meaning"),
        ("a == x and", 10, "a question is expected"),
        ("(a == x", 7, "“)” is expected"),
        ("a == x)", 6, "not expected here"),
        ("a == x AND b == y", 7, "not expected here"),
        ("1 < a", 0, "a question is expected"),
        ("a < 1 < 2", 6, "chained"),
        ("a in x", 5, "“[” is expected"),
        ("a in []", 6, "a choice, number or date"),
        ("count(a)", 8, "needs a comparison"),
        ("answered(a, b)", 10, "“)” is expected"),
        ("a.b == 1", 1, "“.” has no meaning"),
        ("a + 1 == 2", 2, "“+” has no meaning"),
        ("a == x（b", 6, "write ( here"),
        ("a ＝＝ x", 2, "write == here"),
        ("a > ５", 4, "write 5 here"),
        ("a == 2026-02-30", 5, "there is no such day"),
        ("a == and", 5, "a choice, number or date"),
        ("not " * 51 + "a == x", 204, "levels"),
        ("(" * 51 + "a == x" + ")" * 51, 51, "levels"),
        ("a == " + "x" * 500, 500, "characters"),
    ],
)
def test_an_error_points_at_its_place(source: str, at: int, said: str) -> None:
    with pytest.raises(ConditionError) as raised:
        parse(source)
    told = f"{raised.value} {raised.value.hint}"
    assert (raised.value.at, said in told.lower()) == (at, True), told


def test_references_give_the_first_mention() -> None:
    assert references(parse("b == x and (a > 1 or count(b) > 2)")) == {"b": 0, "a": 12}


words = st.sampled_from(
    ["a", "b", "x", "and", "or", "not", "in", "has", "count", "known", "(", ")", "[", "]", ",", "==", "<", "1",
     "2026-01-01", "'t'", "!", "（", "\x00", "..", "-3.5", "unknown"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(words, max_size=30).map(" ".join)))
def test_any_text_is_a_condition_or_a_typed_error(source: str) -> None:
    found = read(source)
    if isinstance(found, ConditionError):
        assert 0 <= found.at <= len(source)
        assert str(found)
    else:
        assert render(parse(render(found))) == render(found)


def read(source: str) -> Node | ConditionError:
    try:
        return parse(source)
    except ConditionError as error:
        return error
