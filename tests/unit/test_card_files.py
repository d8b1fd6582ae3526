"""The shipped scorecards and plans, and what their reader says of a file that does not fit."""

from datetime import date
from pathlib import Path

import pytest

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.i18n import use_language
from deskapp.domain.qa_plan import period_dates
from deskapp.domain.scorecard import Scope, Source
from deskapp.services.qa.card_files import (
    CARDS,
    PLANS,
    FileInvalid,
    read_plan,
    read_scorecard,
    scorecard_yaml,
    shipped_plans,
    shipped_scorecards,
)


def test_the_shipped_card_is_the_manuals_checklist_in_both_languages() -> None:
    card = shipped_scorecards()["service"]
    assert len(card.record_items) == 10
    assert sum(item.source is Source.RULE for item in card.record_items) == 4
    assert [item.id for item in card.items if item.scope is Scope.AGGREGATE] == ["first_time_fix"]
    assert {item.weight for item in card.record_items} == {10}
    assert card.pass_mark == 80
    for item in card.items:
        assert item.text.en
        assert item.text.zh
        assert item.standard.zh
    try:
        use_language("zh")
        assert str(card.item("uniform").text) == "工装与工牌"
    finally:
        use_language("en")


def test_a_card_written_and_read_again_is_the_same(tmp_path: Path) -> None:
    card = shipped_scorecards()["service"]
    file = tmp_path / "card.yaml"
    file.write_text(scorecard_yaml(card), encoding="utf-8")
    assert read_scorecard(file) == card
    assert read_scorecard(file).content_hash == card.content_hash


def test_the_monthly_plan_draws_thirty_percent_by_shift() -> None:
    plan = shipped_plans()["monthly"]
    assert (plan.strata, plan.size.of(1000), plan.double_minimum) == ("shift", 300, 30)
    assert {p.scorecard for p in shipped_plans().values()} <= set(shipped_scorecards())


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("pass_mark: 80", "pass_mark: 80\npas_mark: 81", 7, "pas_mark"),
        ("pass_mark: 80", "pass_mark: eighty", 6, "number"),
        ("pass_mark: 80", "pass_mark: 120", 1, "pass mark"),
        ("id: service\n", "", 1, "missing"),
        ("weight: 10\n        source: rule", "weight: 0\n        source: rule", 13, "weight"),
        ("name: first_response_within, limit: 10", "name: run_this, limit: 10", 18, "rule"),
        ("{name: first_response_within, limit: 10}", "{name: satisfaction_asked, limit: 10}", 13, "figure"),
        ("id: manners", "id: first_response", 1, "twice"),
        ("pass_mark: 80", "pass_mark: [80", 7, "YAML"),
    ],
)
def test_a_wrong_card_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    text = (CARDS / "default.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "mine.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileInvalid, match=message) as refused:
        read_scorecard(file)
    assert refused.value.line == line
    assert str(refused.value).startswith(f"{file}:{line}: ")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("strata: shift", "strata: moon", "moon"),
        ("period: last_month", "when: last_month", "when"),
        ("share: 0.30", "share: 0", "share"),
        ("share: 0.30", "share: 0.3, half_width: 0.05", "both"),
    ],
)
def test_a_wrong_plan_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text((PLANS / "monthly.yaml").read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileInvalid, match=message):
        read_plan(file)


def test_a_missing_file_is_said() -> None:
    with pytest.raises(NotFound, match="nowhere"):
        read_scorecard(Path("nowhere.yaml"))


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("last_month", ("2026-04-01", "2026-04-30")),
        ("this_month", ("2026-05-01", "2026-05-31")),
        ("last_week", ("2026-04-27", "2026-05-03")),
        ("last_quarter", ("2026-01-01", "2026-03-31")),
        ("2024-02", ("2024-02-01", "2024-02-29")),
        ("2026-05-04", ("2026-05-04", "2026-05-04")),
        ("2026-05-04..2026-05-10", ("2026-05-04", "2026-05-10")),
    ],
)
def test_a_period_has_its_days(period: str, days: tuple[str, str]) -> None:
    first, last = period_dates(period, date(2026, 5, 4))
    assert (first.isoformat(), last.isoformat()) == days


@pytest.mark.parametrize("period", ["soon", "2026-13", "2026-05-10..2026-05-01"])
def test_what_is_no_period_is_refused(period: str) -> None:
    with pytest.raises(Invalid):
        period_dates(period, date(2026, 5, 4))
