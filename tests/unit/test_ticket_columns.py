"""What a column has room for: ages in four cells and countdowns in theirs, however long ago it was."""

from datetime import timedelta

import pytest
from rich.cells import cell_len

from deskapp.commands import key_problems
from deskapp.domain.i18n import use_language
from deskapp.domain.sla import plain_shown
from deskapp.widgets.countdown import clock_cell, clock_of
from deskapp.widgets.ticket_columns import age, queue_columns
from tests.tui.memory_desk import NOW, row


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        ({"minutes": 45}, "45m"), ({"hours": 47}, "47h"), ({"days": 2}, "2d"), ({"days": 999}, "999d"),
        ({"days": 1000}, "2.7y"), ({"days": 3649}, "9.9y"), ({"days": 4338}, "11y"), ({"days": 40_000}, "109y"),
    ],
)  # fmt: skip
def test_an_age_is_told_in_four_cells(ago: dict[str, int], told: str) -> None:
    assert age(row(1, opened_at=NOW - timedelta(**ago)), NOW) == told
    assert len(told) <= next(column.width for column in queue_columns() if column.id == "age")


@pytest.mark.parametrize(
    ("length", "told"),
    [
        ({"hours": 99, "minutes": 59, "seconds": 59}, "99:59:59"), ({"hours": 100}, "4d 04:00"),
        ({"days": 9, "hours": 23, "minutes": 59}, "9d 23:59"), ({"days": 10}, "10d 00h"), ({"days": 999}, "999d 00h"),
        ({"days": 4338, "hours": 9}, "4338d"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_miss_of_any_length_fits_its_column(length: dict[str, int], told: str, language: str) -> None:
    use_language(language)
    assert clock_of(timedelta(**length)) == told
    due = next(column for column in queue_columns() if column.id == "due")
    shown = clock_cell(plain_shown(NOW, timedelta(days=1)), NOW + timedelta(**length)).text
    assert shown.endswith(told) and cell_len(shown) <= due.width
    use_language("en")


def test_a_clash_of_keys_is_told_in_the_readers_language() -> None:
    use_language("zh")
    problem = next(key_problems({"ticket.claim": "a,f5"}))
    use_language("en")
    assert problem == "a 同时表示 ticket.claim 和 ticket.assign（工单队列）"
