"""Scoring a record: exact numbers, the pass rule, not applicable, evidence, items by rule."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain.errors import Invalid
from deskapp.domain.rule_items import RecordFacts, aggregate, decide
from deskapp.domain.scorecard import (
    CriticalClass,
    Item,
    OnCritical,
    RuleName,
    RuleUse,
    Scale,
    Scope,
    Scorecard,
    Section,
    Severity,
    Source,
    Words,
    card_diff,
)
from deskapp.domain.scoring import Answer, Finding, Result, evaluate, prefill, record_score

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TEN = RuleUse(RuleName.FIRST_RESPONSE, Fraction(10))


def card(*items: Item, version: int = 1, **options: object) -> Scorecard:
    return Scorecard("c", version, Words("Card"), (Section("s", Words("S"), items),), **options)  # type: ignore[arg-type]


def facts(**known: object) -> RecordFacts:
    return RecordFacts("T-1", NOON, **known)  # type: ignore[arg-type]


def answers(*points: int | str | None) -> dict[str, Answer]:
    return {
        f"i{n}": Answer(None, na_reason="no visit") if p is None else Answer(Fraction(p)) for n, p in enumerate(points)
    }


def items(count: int, **options: object) -> tuple[Item, ...]:
    scale = Scale(step=Fraction(1, 1000))
    return tuple(Item(f"i{n}", Words(f"Item {n}"), scale=scale, na_allowed=True, **options) for n in range(count))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("points", "critical", "number", "result"),
    [
        (["8"] * 10, False, "80.00", Result.PASS),
        (["7.999"] + ["8"] * 9, False, "79.99", Result.FAIL),
        (["9"] * 10, True, "90.00", Result.FAIL),
        ([8, 10, None, 9], False, "90.00", Result.PASS),
    ],
)
def test_the_pass_rule(points: list[str | None], critical: bool, number: str, result: Result) -> None:
    found = [Finding(Severity.CRITICAL, "i0", CriticalClass.CUSTOMER)] if critical else []
    score = evaluate(card(*items(len(points))), facts(), answers(*points), found)
    assert (score.shown, score.result, score.critical) == (Decimal(number), result, critical)


def test_a_card_may_zero_the_number_of_a_critical_record() -> None:
    finding = Finding(Severity.CRITICAL, "i0", CriticalClass.COMPLIANCE)
    score = evaluate(card(*items(1), on_critical=OnCritical.ZERO), facts(), answers(9), [finding])
    assert (score.exact, score.before_zero, score.result) == (0, 90, Result.FAIL)


def test_a_score_just_under_the_mark_never_shows_as_the_mark() -> None:
    score = record_score([(Fraction(1), Fraction("7.9999999"))])
    assert (score.shown, score.result) == (Decimal("79.99"), Result.FAIL)


def test_half_of_the_weight_is_enough_and_less_is_refused() -> None:
    assert evaluate(card(*items(2)), facts(), answers(8, None)).exact == 80
    with pytest.raises(Invalid, match="Under half"):
        evaluate(card(*items(3)), facts(), answers(8, None, None))


@pytest.mark.parametrize(
    ("item", "answer", "message"),
    [
        (Item("i0", Words("A")), None, "no answer yet"),
        (Item("i0", Words("A")), Answer(Fraction("7.5")), "not on the scale"),
        (Item("i0", Words("A")), Answer(Fraction(11)), "not on the scale"),
        (Item("i0", Words("A"), scale=Scale(pass_fail=True)), Answer(Fraction(5)), "not on the scale"),
        (Item("i0", Words("A")), Answer(None, na_reason="x"), "applies to every record"),
        (Item("i0", Words("A"), na_allowed=True), Answer(None, na_reason=" "), "Say why"),
        (Item("i0", Words("A"), evidence_kinds=2), Answer(Fraction(8), evidence=frozenset({"note"})), "2 kinds"),
        (Item("i0", Words("A"), source=Source.RULE, rule=TEN), Answer(Fraction(10)), "decided by rule"),
    ],
)
def test_what_a_submit_refuses(item: Item, answer: Answer | None, message: str) -> None:
    with pytest.raises(Invalid, match=message) as refused:
        evaluate(card(item), facts(), {"i0": answer} if answer else {})
    assert refused.value.field == "i0"


def test_a_rule_may_be_overridden_with_a_reason_and_its_own_answer_needs_none() -> None:
    ruled = card(Item("i0", Words("First response"), source=Source.RULE, rule=TEN))
    late = facts(first_response_at=NOON + timedelta(minutes=11))
    assert evaluate(ruled, late, prefill(ruled, late)).exact == 0
    changed = {"i0": Answer(Fraction(10), override_reason="phone line was down, note 3")}
    assert evaluate(ruled, late, changed).exact == 100


@pytest.mark.parametrize("severity", list(Severity))
def test_only_a_critical_finding_names_its_class(severity: Severity) -> None:
    with pytest.raises(Invalid):
        Finding(severity, critical_class=None if severity is Severity.CRITICAL else CriticalClass.BUSINESS)


RULES = [
    (RuleName.FIRST_RESPONSE, 10, {"first_response_at": NOON + timedelta(minutes=10)}, True),
    (RuleName.FIRST_RESPONSE, 10, {"first_response_at": NOON + timedelta(minutes=10, seconds=1)}, False),
    (RuleName.FIRST_RESPONSE, 10, {"known_until": NOON + timedelta(minutes=5)}, None),
    (RuleName.FIRST_RESPONSE, 10, {"known_until": NOON + timedelta(minutes=11)}, False),
    (RuleName.CALL_BACK, 24, {"solved_at": NOON, "called_back_at": NOON + timedelta(hours=24)}, True),
    (RuleName.CALL_BACK, 24, {"solved_at": NOON, "called_back_at": NOON + timedelta(hours=24, seconds=1)}, False),
    (RuleName.CALL_BACK, 24, {}, None),
    (RuleName.SOLVED_FIRST_TIME, 7, {"solved_at": NOON}, True),
    (RuleName.SOLVED_FIRST_TIME, 7, {"solved_at": NOON, "reopened": 1}, False),
    (RuleName.SOLVED_FIRST_TIME, 7, {"solved_at": NOON, "repeat_contact_at": NOON + timedelta(days=7)}, False),
    (RuleName.SOLVED_FIRST_TIME, 7, {"solved_at": NOON, "repeat_contact_at": NOON + timedelta(days=8)}, True),
    (RuleName.SOLVED_FIRST_TIME, 7, {"solved_at": NOON, "known_until": NOON + timedelta(days=6)}, None),
    (RuleName.ON_SITE, 120, {"on_site": True, "arrived_at": NOON + timedelta(hours=2)}, True),
    (RuleName.ON_SITE, 120, {}, None),
    (RuleName.RESOLVED, 0, {"solved_at": NOON, "resolve_due_at": NOON}, True),
    (RuleName.RESOLVED, 0, {"solved_at": NOON + timedelta(seconds=1), "resolve_due_at": NOON}, False),
    (RuleName.PHOTOS, 0, {"on_site": True, "photos_before": 1, "photos_after": 2}, True),
    (RuleName.PHOTOS, 0, {"on_site": True, "photos_before": 2}, False),
    (RuleName.SATISFACTION, 0, {"called_back_at": NOON, "satisfaction_asked": True}, True),
    (RuleName.PROBLEM_RECORDED, 5, {"problem": "不出热水了"}, True),
    (RuleName.PROBLEM_RECORDED, 5, {"problem": "坏了"}, False),
]


@pytest.mark.parametrize(("name", "limit", "known", "met"), RULES)
def test_a_rule_decides_from_the_facts_and_shows_its_evidence(
    name: RuleName, limit: int, known: dict[str, object], met: bool | None
) -> None:
    item = Item("i", Words("I"), source=Source.RULE, rule=RuleUse(name, Fraction(limit)))
    outcome = decide(item, facts(**known))
    assert outcome.met is met
    assert "{" not in str(outcome.evidence)
    assert str(outcome.evidence)


def test_every_rule_has_a_decision() -> None:
    assert {name for name, *_rest in RULES} == set(RuleName)


def test_an_aggregate_item_is_about_all_records_and_enters_no_record() -> None:
    rate = Item(
        "ftf",
        Words("Solved the first time"),
        scope=Scope.AGGREGATE,
        source=Source.RULE,
        rule=RuleUse(RuleName.SOLVED_FIRST_TIME, Fraction(7)),
        target=Fraction("0.95"),
    )
    records = [facts(solved_at=NOON, reopened=int(n == 0)) for n in range(20)] + [facts()]
    found = aggregate(rate, records)
    assert (found.met, found.n, found.reached) == (19, 20, True)
    assert [i.id for i in card(*items(1), rate).record_items] == ["i0"]


def test_an_item_that_does_not_apply_leaves_the_denominator_by_itself() -> None:
    visit = Item("v", Words("Uniform"), applies_when={"on_site": ("yes",)})
    whole = card(*items(1), visit)
    assert evaluate(whole, facts(), {**prefill(whole, facts()), **answers(9)}).exact == 90
    with pytest.raises(Invalid, match="no answer"):
        evaluate(whole, facts(on_site=True), answers(9))


def test_the_hash_follows_the_content_and_not_the_version() -> None:
    first, second = card(*items(2)), card(*items(2), version=2)
    heavier = card(*items(1), Item("i1", Words("Item 1"), weight=Fraction(2)))
    assert first.content_hash == second.content_hash != heavier.content_hash
    assert first.comparable_with(second)
    assert not first.comparable_with(heavier)
    assert {change.what for change in card_diff(first, heavier)} >= {"weight", "na_allowed"}


part = st.tuples(
    st.integers(1, 50).map(lambda n: Fraction(n, 10)),
    st.none() | st.integers(0, 40).map(lambda n: Fraction(n, 4)),
)


@settings(max_examples=60)
@given(st.lists(part, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_score_lies_between_its_parts_and_their_order_is_nothing(
    parts: list[tuple[Fraction, Fraction | None]], rnd: object
) -> None:
    try:
        score = record_score(parts)
    except Invalid:
        applies = sum(w for w, p in parts if p is not None)
        assert applies * 2 < sum(w for w, _p in parts)
        return
    points = [p for _w, p in parts if p is not None]
    assert 10 * min(points) <= score.exact <= 10 * max(points)
    rnd.shuffle(parts)  # type: ignore[attr-defined]
    assert record_score(parts) == score
