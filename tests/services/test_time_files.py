"""Calendars, policies and public holidays of the pack; what does not fit is told at its file and line."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import use_language
from deskapp.domain.sla import Facts, Metric
from deskapp.services.holiday_seed import seed_holidays
from deskapp.services.strict_yaml import FileInvalid
from deskapp.services.time_files import (
    CALENDARS,
    POLICIES,
    read_calendar,
    read_policy,
    shipped_calendars,
    shipped_policies,
)


def test_the_shipped_calendars_stand_and_have_names_in_both_languages() -> None:
    found = shipped_calendars()
    assert set(found) == {"desk_cn", "around_the_clock", "field_service"}
    for file in found.values():
        assert file.title.en
        assert file.title.zh
        file.build(file.holidays(range(2024, 2027))).require_open(datetime(2024, 1, 1, tzinfo=UTC))


def test_the_desk_in_china_has_holidays_and_make_up_workdays_from_the_library() -> None:
    file = shipped_calendars()["desk_cn"]
    desk = file.build(file.holidays(range(2024, 2028), zh=True))
    assert desk.days[date(2024, 10, 1)].closed
    assert desk.days[date(2024, 10, 1)].name == "国庆节"
    assert desk.is_workday(date(2024, 9, 29))
    # A fault reported on Saturday, three working days: Sunday 29 (made up), Monday 30, and then 8 October.
    due = desk.add_workdays(datetime(2024, 9, 28, 7, tzinfo=UTC), 3)
    assert due == datetime(2024, 10, 8, 10, tzinfo=UTC)
    assert desk.unconfirmed == {2027}


@pytest.mark.parametrize(
    ("country", "year", "confirmed"),
    [("CN", 2026, True), ("CN", 2027, False), ("DE", 2040, True), ("HU", 2040, False), ("SA", 2040, False)],
)
def test_a_year_is_confirmed_when_no_decree_and_no_moon_can_change_it(country: str, year: int, confirmed: bool) -> None:
    (found,) = seed_holidays(country, [year], ())
    assert found.confirmed is confirmed
    assert found.rows
    assert all(row.day.year == year for row in found.rows)


def test_holidays_of_an_unknown_place_or_time_are_refused() -> None:
    for country, subdivision, year in (("XX", "", 2024), ("DE", "XX", 2024), ("DE", "", 1800)):
        with pytest.raises(Invalid):
            seed_holidays(country, [year], (), subdivision=subdivision)


def test_a_day_row_of_the_file_wins_over_a_public_holiday(tmp_path: Path) -> None:
    text = (CALENDARS / "desk_cn.yaml").read_text("utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(f'{text}days:\n  - {{date: "2024-10-02", hours: ["10:00-16:00"], name: duty}}\n', "utf-8")
    file = read_calendar(path)
    desk = file.build(file.holidays([2024]))
    assert desk.is_workday(date(2024, 10, 2))
    assert not desk.is_workday(date(2024, 10, 3))


@pytest.mark.parametrize(
    ("facts", "promised"),
    [
        (Facts(outcome="emergency_2h"), {Metric.ON_SITE: "2h", Metric.ANSWER: "30s", Metric.PROGRESS: "48h"}),
        (Facts(priority="urgent", grade="yellow"), {Metric.ON_SITE: "2h"}),
        (Facts(outcome="visit_24h"), {Metric.BOOK: "24h", Metric.FIRST_RESPONSE: "10min"}),
        (Facts(outcome="complex_3wd"), {Metric.RESOLVE: "3 workdays", Metric.FOLLOW_UP: "24h"}),
        (Facts(grade="yellow"), {Metric.PROGRESS: "48h"}),
        (Facts(grade="green"), {Metric.RESOLVE: "24h", Metric.FOLLOW_UP: "24h"}),
        (Facts(), {Metric.RESOLVE: "24h"}),
    ],
)
def test_the_shipped_policy_promises_the_figures_of_the_manuals(facts: Facts, promised: dict[Metric, str]) -> None:
    rule = shipped_policies()["default"].policy.match(facts)
    assert rule is not None
    assert {metric: str(t.amount) for metric in promised if (t := rule.target(metric))} == promised


def test_the_shipped_policy_has_its_limits_in_the_file() -> None:
    file = shipped_policies()["default"]
    policy = file.policy
    assert policy.colours.limits(timedelta(hours=2)) == (timedelta(minutes=30), timedelta(minutes=12))
    assert (policy.notices, policy.reopen_within) == ((0.5, 0.75), timedelta(days=7))
    use_language("zh")
    try:
        assert str(file.reasons["parts"]) == "等待配件"
    finally:
        use_language("en")


def _line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('tue: ["09:00-12:00"', 'tues: ["09:00-12:00"'),
        ('wed: ["09:00-12:00"', 'wed: ["9-12"'),
        ('thu: ["09:00-12:00", "13:30-18:00"]', 'thu: ["09:00-12:00", "11:30-18:00"]'),
        ("zone: Asia/Shanghai", "zone: Asia/Peking"),
        ("id: desk_cn", "id: Desk CN"),
        ("format: deskapp/calendar@1", "format: deskapp/calendar@2"),
        ("country: CN", 'days: [{date: "2024-13-01", closed: true}]'),
        ("country: CN", 'days: [{date: "2024-12-01"}]'),
        ("country: CN", 'annual: [{day: "02-30"}]'),
        ("country: CN", 'annual: [{day: "May"}]'),
        ("country: CN", 'days: [{date: "2024-12-01", closed: true}, {date: "2024-12-01", closed: true}]'),
    ],
)
def test_a_broken_calendar_is_told_at_its_line(tmp_path: Path, old: str, new: str) -> None:
    _broken(tmp_path, CALENDARS / "desk_cn.yaml", old, new, read_calendar)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("green_share: 0.25", "green_part: 0.25"),
        ("red_share: 0.10", "red_share: 0.5"),
        ("yellow: {left: 30min", "yellow: {left: 3h open"),
        ("notices: [0.5, 0.75]", "notices: [0.5, 1.5]"),
        ("reopen_within: 7d", "reopen_within: soon"),
        ("on_site: {within: 2h, ", "on_site: {within: 2h, pause: [parts], "),
        ("book: {within: 24h, pause: [customer]}", "book: {within: 24h, pause: [lunch]}"),
        ("escalate: [-30min, +30min]", "escalate: [30min]"),
        ("      answer: 30s", "      answers: 30s"),
        ("      answer: 30s", "      answer: 30 sheep"),
        ("version: 1", "version: 0"),
        ("  - id: red\n", "  - id: urgent\n"),
    ],
)
def test_a_broken_policy_is_told_at_its_line(tmp_path: Path, old: str, new: str) -> None:
    _broken(tmp_path, POLICIES / "default.yaml", old, new, read_policy)


def _broken(tmp_path: Path, shipped: Path, old: str, new: str, read: object) -> None:
    text = shipped.read_text("utf-8")
    assert old in text
    path = tmp_path / "broken.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(FileInvalid) as told:
        read(path)  # type: ignore[operator]
    wanted = _line_of(text, old)
    if new == "red_share: 0.5":
        wanted -= 2  # the limits are judged together, at their heading
    assert told.value.line == wanted, str(told.value)
    assert str(told.value).startswith(f"{path}:{told.value.line}: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="none"):
        read_calendar(tmp_path / "none.yaml")
