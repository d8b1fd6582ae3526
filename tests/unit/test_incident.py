"""The life of a mass fault: levels by distinct customers, rising alone, falling by hand, and its plan."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskapp.domain import incident as inc
from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.incident import IncidentRules, IncidentState, LevelPlan, PlanAction
from deskapp.domain.outbreak import DetectionRules, Report, scan
from deskapp.domain.scorecard import Words

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = IncidentRules(
    tuple(
        LevelPlan(level, start, role, (PlanAction(f"a{level}", role, within, Words(f"action {level}")),))
        for level, start, role, within in (
            (1, 1, "regional", "48h"),
            (2, 51, "office", "72h"),
            (3, 201, "chief", "12h"),
        )
    )
)


def signal(customers=8, at=NOW):
    old = Report("F1", "other", "x", at - timedelta(days=400))
    found = scan([old, *(Report("F1", "cold", f"c{i}", at) for i in range(customers))], at, DetectionRules())
    return found[0]


def confirmed(customers=8):
    return inc.confirm(inc.propose(signal(customers), NOW), NOW, "lead", RULES)


@pytest.mark.parametrize(("customers", "level"), [(0, 0), (1, 1), (50, 1), (51, 2), (200, 2), (201, 3), (5000, 3)])
def test_level_by_distinct_customers(customers, level):
    assert RULES.level_for(customers) == level


def test_confirming_begins_the_level_and_its_plan():
    change = confirmed()
    assert (change.incident.state, change.incident.level) == (IncidentState.ACTIVE, 1)
    assert [(level, action.within) for level, action in change.begins] == [(1, "48h")]
    assert [e.kind for e in change.incident.events] == ["proposed", "confirmed", "level_rose"]


def test_a_jump_over_a_level_skips_none_of_its_promises():
    assert [level for level, _action in confirmed(230).begins] == [1, 2, 3]


def test_level_falls_only_by_hand_and_then_holds():
    active = inc.count(confirmed().incident, 60, NOW, RULES).incident
    assert inc.count(active, 3, NOW, RULES).incident.level == 2
    lowered = inc.lower(active, 1, NOW, "lead", "same batch, mended")
    assert inc.count(lowered, 61, NOW, RULES).incident.level == 1
    risen = inc.count(lowered, 201, NOW, RULES)
    assert risen.incident.level == 3
    assert [level for level, _action in risen.begins] == [3], "the plan of level 2 has begun before"
    with pytest.raises(Invalid):
        inc.lower(lowered, 2, NOW, "lead", "up by hand")
    with pytest.raises(Invalid):
        inc.lower(active, 1, NOW, "lead", " ")


def test_a_closing_incident_that_rises_is_active_again():
    closing = inc.begin_closing(confirmed().incident, NOW, "lead", "fixed")
    assert inc.count(closing, 40, NOW, RULES).incident.state is IncidentState.CLOSING
    assert inc.count(closing, 51, NOW, RULES).incident.state is IncidentState.ACTIVE
    assert inc.resume(closing, NOW, "lead", "not fixed").state is IncidentState.ACTIVE


def test_closing_waits_for_the_plan_and_then_nothing_more_happens():
    closing = inc.begin_closing(confirmed().incident, NOW, "lead", "fixed")
    with pytest.raises(Conflict, match="2 actions"):
        inc.close(closing, NOW, "lead", 2)
    closed = inc.close(closing, NOW, "lead", 0)
    for step in (
        lambda: inc.count(closed, 300, NOW, RULES),
        lambda: inc.confirm(closed, NOW, "lead", RULES),
        lambda: inc.resume(closed, NOW, "lead", "again"),
        lambda: inc.dismiss(closed, NOW, "lead", "none"),
    ):
        with pytest.raises(Conflict, match="closed"):
            step()


def test_what_a_lead_has_answered_is_not_asked_again():
    first = inc.propose(signal(), NOW)
    assert not inc.may_propose(signal(), [first], RULES), "one is under way"
    dismissed = inc.dismiss(first, NOW + timedelta(hours=1), "lead", "a software test")
    assert not inc.may_propose(signal(10), [dismissed], RULES)
    assert inc.may_propose(signal(16), [dismissed], RULES), "twice as many customers"
    assert inc.may_propose(signal(8, NOW + timedelta(days=200)), [dismissed], RULES), "a new beginning"
    closed = inc.close(inc.begin_closing(confirmed().incident, NOW, "lead", "fixed"), NOW, "lead", 0)
    assert not inc.may_propose(signal(100), [closed], RULES)
    assert inc.may_propose(signal(8, NOW + timedelta(days=200)), [closed], RULES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.integers(1, 400), st.just("lower")), max_size=25))
def test_level_never_falls_by_itself_and_each_plan_begins_once(steps):
    change = confirmed()
    now, begun = change.incident, [level for level, _a in change.begins]
    for step in steps:
        if step == "lower":
            if now.level > 1:
                now = inc.lower(now, now.level - 1, NOW, "lead", "why")
            continue
        change = inc.count(now, step, NOW, RULES)
        assert change.incident.level >= now.level
        now, begun = change.incident, begun + [level for level, _a in change.begins]
    assert begun == sorted(set(begun))
    assert begun == list(range(1, now.highest_level + 1))


@pytest.mark.parametrize("counts", [(2, 51), (1, 1), (5,), ()])
def test_levels_must_rise_from_one(counts):
    with pytest.raises(Invalid):
        IncidentRules(tuple(LevelPlan(i + 1, n, "r", ()) for i, n in enumerate(counts)))
