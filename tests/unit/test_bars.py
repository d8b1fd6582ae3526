"""Plots in text: what they say without colour, and how many cells they take."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from deskapp.widgets.bars import Bar, heat_map, horizontal_bars, sparkline

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "周日"]


def plain(lines: list) -> list[str]:
    return [line.plain for line in lines]


def test_bars_have_one_scale_and_say_their_value() -> None:
    bars = [
        Bar("cooling", 40, "40"),
        Bar("厨房组", 20, "20", target=30),
        Bar("laundry", 0.01, "0.01"),
        Bar("none", 0, "0"),
        Bar("unknown", None),
    ]
    assert plain(horizontal_bars(bars, 30, ascii=True)) == [
        "cooling #################   40",
        "厨房组  #########    |      20",
        "laundry .                 0.01",
        "none                         0",
        "unknown ?                     ",
    ]


def test_a_bar_of_part_of_a_cell_is_drawn_in_eighths() -> None:
    assert horizontal_bars([Bar("a", 5)], 6, top=8)[0].plain == "a ██▌ "


def test_more_than_the_top_fills_the_bar_and_a_target_at_the_top_is_seen() -> None:
    assert horizontal_bars([Bar("a", 200, target=100)], 7, top=100, ascii=True)[0].plain == "a ####|"


def test_labels_are_data() -> None:
    line = horizontal_bars([Bar("[red]\x1b[2J", 1, "[/]")], 60, ascii=True)[0]
    assert line.plain.startswith("[red]\ufffd[2J ")
    assert line.plain.endswith("[/]")
    assert not [span for span in line.spans if span.style == "red"]


def test_a_negative_value_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than nothing"):
        horizontal_bars([Bar("a", -1)], 20)


def test_a_sparkline_shows_gaps_zero_and_little_apart() -> None:
    assert sparkline([0, 0.001, 4, 8, None, 8], 10, ascii=True).plain == "_.=# #"
    assert sparkline([0, 0.001, 4, 8, None, 8], 10).plain == "▁▂▅█ █"
    assert sparkline([1, 3, 5, 7], 2, top=8, ascii=True).plain == "-*"
    assert sparkline([], 5).plain == ""


def test_a_heat_map_names_its_hours_and_shades_by_quarters() -> None:
    grid = [[0.0] * 24 for _ in DAYS]
    grid[0][9], grid[0][10], grid[0][11], grid[6][23] = 1, 26, 100, 100
    lines = plain(heat_map(grid, DAYS, 80, ascii=True))
    assert lines[0].split() == [str(hour) for hour in range(24)]
    start = 5 + 9 * 3
    assert lines[1][start : start + 9] == "...:::###"
    assert cell_len(lines[7]) == 5 + 72
    assert lines[7].endswith("###")
    assert set(lines[2][5:]) == {" "}


def test_a_narrow_heat_map_adds_hours_up() -> None:
    grid = [[1.0] * 24]
    assert plain(heat_map(grid, ["Mo"], 12, ascii=True)) == ["   0 6 12  ", "Mo ########"]
    assert heat_map(grid, ["Mo"], 28, ascii=True)[1].plain == "Mo " + "#" * 24


@pytest.mark.parametrize("bad", [([[0.0] * 23], ["Mo"]), ([[0.0] * 24], [])])
def test_a_heat_map_of_another_shape_is_refused(bad: tuple) -> None:
    with pytest.raises(ValueError, match="24 hours"):
        heat_map(*bad, 40)


values = st.floats(0, 1e9) | st.just(0.0)


@given(st.lists(st.tuples(st.text(max_size=12), values, st.text(max_size=6)), max_size=6), st.integers(12, 90))
def test_bars_take_exactly_their_width(rows: list, width: int) -> None:
    for ascii in (False, True):  # noqa: A001
        lines = horizontal_bars([Bar(*row) for row in rows], width, ascii=ascii)
        assert {line.cell_len for line in lines} <= {width}


@given(st.lists(st.none() | values, max_size=200), st.integers(1, 60))
def test_a_sparkline_never_takes_more_than_its_width(numbers: list, width: int) -> None:
    assert sparkline(numbers, width).cell_len == min(width, len(numbers))


@given(st.integers(8, 120), st.lists(st.lists(values, min_size=24, max_size=24), min_size=7, max_size=7))
def test_a_heat_map_never_takes_more_than_its_width(width: int, grid: list) -> None:
    lines = heat_map(grid, DAYS, width, ascii=True)
    assert len(lines) == 8
    assert max(line.cell_len for line in lines) <= width
    assert any("#" in line.plain for line in lines[1:]) or math.isclose(max(map(max, grid)), 0)
