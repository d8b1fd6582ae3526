"""Wishes in the words people use, read against the windows of a week."""

from datetime import UTC, datetime, timedelta

import pytest

from deskapp.domain.preference import goes_against

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WINDOWS = ((9, 12), (13, 17), (17, 20))
ALL = {(day, hours) for day in range(7) for hours in WINDOWS}
WED, WEEKEND = 2, {5, 6}


def on(days: set[int], *starts: int) -> set[tuple[int, tuple[int, int]]]:
    return {(day, hours) for day, hours in ALL if day in days and (not starts or hours[0] in starts)}


DAILY = set(range(7))


@pytest.mark.parametrize(
    ("wish", "against"),
    [
        ("elderly at home: mornings", on(DAILY, 13, 17)),
        ("家里有老人:上午", on(DAILY, 13, 17)),
        ("not in the morning", on(DAILY, 9)),
        ("上午不在", on(DAILY, 9)),
        ("mornings, not on Wednesdays", on(DAILY, 13, 17) | on({WED})),
        ("Never in on Wednesdays", on({WED})),
        ("周三全天不在家", on({WED})),
        ("any day except Wednesday", on({WED})),
        ("除了周三都可以", on({WED})),
        ("Mondays, Wednesdays or Fridays", on({1, 3, 5, 6})),
        ("周一到周五", on(WEEKEND)),
        ("weekends", on(DAILY - WEEKEND)),
        ("工作日", on(WEEKEND)),
        ("after 18:00", on(DAILY)),
        ("Works days, visits after six only", on(DAILY)),
        ("after 5 pm", on(DAILY, 9, 13)),
        ("not before 10", on(DAILY, 9)),
        ("not after 17:30", on(DAILY, 17)),
        ("13点以后", on(DAILY, 9)),
        ("下午一点半前", on(DAILY, 13, 17)),
        ("上班族，工作日只能晚上七点后上门", on(DAILY - WEEKEND)),
        ("on weekdays only mornings", on(DAILY - WEEKEND, 13, 17)),
        ("No calls between one and three, father naps", on(DAILY, 13)),
        ("家里有老人午睡，13 点到 15 点别打电话", on(DAILY, 13)),
        ("两点到四点没人", on(DAILY, 13)),
        ("nobody home in the afternoon", on(DAILY, 13)),
        # What is no wish about time, or names a date, a floor, a duration.
        ("Third floor, no lift: two people for big items", set()),
        ("Big dog, give ten minutes' notice", set()),
        ("小区要访客码，提前一小时打给客户", set()),
        ("Moving after 25 November, away until 3 Dec", set()),
        ("搬家,12月5日以后", set()),
        ("无电梯六楼，大件需两人", set()),
        ("ring the bell", set()),
    ],
)
def test_a_wish_rules_out_the_windows_it_means(wish: str, against: set[tuple[int, tuple[int, int]]]) -> None:
    found = set()
    for day, (first, last) in ALL:
        midnight = MONDAY + timedelta(days=day)
        if goes_against(wish, midnight + timedelta(hours=first), midnight + timedelta(hours=last)):
            found.add((day, (first, last)))
    assert found == against
