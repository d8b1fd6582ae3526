"""The demo desk: the same each time, whole in itself, open in every colour, and in people's words."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.outbreak import DetectionRules, Report, scan
from deskapp.domain.terms import AppointmentState, EntryKind, Grade, Role, Status
from deskapp.domain.text import clean
from deskapp.services.demo_cases import FLOWS
from deskapp.services.demo_content import demo_desk
from deskapp.services.demo_words import demo_words
from deskapp.services.flow_files import PACK
from deskapp.services.normal import phone
from deskapp.services.strict_yaml import read_yaml

NOON = datetime(2026, 7, 28, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=[("zh", NOON), ("en", datetime(2027, 1, 3, 23, 40, tzinfo=UTC))])
def desk(request):
    language, now = request.param
    return demo_desk(language, now)


def test_the_same_seed_makes_the_same_desk():
    assert demo_desk("zh", NOON) == demo_desk("zh", NOON)
    assert demo_desk("zh", NOON) != demo_desk("zh", NOON, seed=2)


def test_it_is_as_large_as_promised(desk):
    assert (len(desk.teams), len(desk.agents), len(desk.customers)) == (2, 12, 400)
    assert {a.role for a in desk.agents} == {Role.AGENT, Role.LEAD, Role.RATER}
    assert 900 <= len(desk.cases) <= 1500
    assert desk.now - desk.cases[0].opened_at > timedelta(days=85)
    assert [c.number for c in desk.cases] == sorted({c.number for c in desk.cases})
    busiest = Counter(c.customer for c in desk.cases).most_common(1)[0][1]
    assert busiest <= 20


def test_everything_named_is_there(desk):
    logins = {a.login for a in desk.agents}
    teams = {t.key for t in desk.teams}
    machines = {(c.number, m.serial) for c in desk.customers for m in c.machines}
    assert len(machines) == len({serial for _customer, serial in machines})
    assert all(re.fullmatch(r"[a-z]{2,20}", login) for login in logins)
    for case in desk.cases:
        assert (case.customer, case.serial) in machines
        assert {case.owner, case.assignee} <= logins
        assert case.team in teams
        assert all(e.author in logins or not e.author for e in case.entries)
        assert all(h.answered_by in logins or not h.answered_by for h in case.hand_overs)


def test_flows_and_outcomes_are_those_of_the_pack(desk):
    outcomes = {}
    for name, (product, fault) in FLOWS.items():
        flow = read_yaml(PACK / f"{name}.yaml").data
        assert (flow["product"], flow["symptom"]) == (product or "any", fault)
        outcomes[name] = {o["id"]: o["grade"] for o in flow["outcomes"]}
    words = demo_words(desk.language)
    for story in (*words.stories, words.batch):
        assert outcomes[story.flow][story.outcome] == story.grade.value, story.subject


def test_every_history_is_possible(desk):
    for case in desk.cases:
        instants = [e.at for e in case.entries]
        assert instants == sorted(instants)
        assert case.opened_at == instants[0] <= case.first_response_at <= desk.now
        assert instants[-1] <= desk.now
        assert (case.solved_at is None) == (case.status in (Status.OPEN, Status.PAUSED)) == (case.call_back is None)
        assert (case.status is Status.CLOSED) == (case.closed_at is not None)
        assert (case.status is Status.PAUSED) == bool(case.pauses and case.pauses[-1].ended_at is None)
        assert bool(case.resolution) == (case.solved_at is not None)
        if case.solved_at:
            assert case.opened_at < case.solved_at <= (case.closed_at or desk.now)
            assert all(v.state in (AppointmentState.DONE, AppointmentState.MOVED) for v in case.visits)
        if case.call_back and case.call_back.done_at:
            assert 1 <= case.call_back.satisfaction <= 5
            assert case.call_back.done_at == case.closed_at
        local = case.opened_at.astimezone(ZoneInfo(desk.zone))
        assert 8 <= local.hour < 22 or desk.now - case.opened_at < timedelta(days=10)


def test_the_queue_has_every_colour_and_every_state(desk):
    standing = [c for c in desk.cases if c.status.is_open]
    assert 15 <= len(standing) <= 80
    assert {c.grade for c in standing} == set(Grade)
    assert {p.reason for c in standing for p in c.pauses if p.ended_at is None} >= {"parts", "customer"}
    ages = {grade: sorted(desk.now - c.opened_at for c in standing if c.grade is grade) for grade in Grade}
    assert ages[Grade.RED][0] < timedelta(hours=1) < timedelta(hours=2) < ages[Grade.RED][-1]
    assert ages[Grade.YELLOW][-1] > timedelta(hours=48)
    assert ages[Grade.GREEN][0] < timedelta(hours=1) < timedelta(hours=24) < ages[Grade.GREEN][-1]
    assert any(c.status is Status.SOLVED for c in desk.cases)
    points = Counter(c.call_back.satisfaction for c in desk.cases if c.call_back and c.call_back.satisfaction)
    assert set(points) == {1, 2, 3, 4, 5}
    assert points[5] > points[1] * 3


def test_the_mass_fault_is_found_and_nothing_else(desk):
    reports = [Report(c.product, c.fault, str(c.customer), c.opened_at, str(c.number)) for c in desk.cases]
    (signal,) = scan(reports, desk.now, DetectionRules(zone=ZoneInfo(desk.zone)))
    assert (signal.product, signal.fault) == ("ebike", "range_loss")
    assert 10 <= signal.distinct_customers <= 50
    assert signal.reports > signal.distinct_customers, "one customer called again"
    assert scan(reports, desk.now - timedelta(days=12), DetectionRules(zone=ZoneInfo(desk.zone))) == ()


def test_customers_can_be_called_and_their_files_read(desk):
    numbers = [contact.raw for c in desk.customers for contact in c.contacts if contact.kind == "phone"]
    assert len(numbers) == len(set(numbers))
    assert all(phone(raw).valid for raw in numbers)
    names = [c.name for c in desk.customers]
    assert 380 <= len(set(names)) < 400, "some people share a name"
    assert 5 <= sum(c.language != desk.language for c in desk.customers) <= 30
    preferences = [p for c in desk.customers for p in c.preferences]
    today = desk.now.date()
    assert any(p.valid_until and p.valid_until < today for p in preferences)
    assert any(p.valid_until is None for p in preferences)
    assert all(p.source and p.text for p in preferences)
    for customer in desk.customers:
        assert all(customer.since <= m.bought_on < m.warranty_until for m in customer.machines)


def test_the_words_are_clean_and_of_one_language(desk):
    texts = {e.text for c in desk.cases for e in c.entries if e.text}
    texts |= {c.subject for c in desk.cases} | {p.text for c in desk.customers for p in c.preferences}
    assert len(texts) > 150
    for text in texts:
        assert text == clean(text)
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) == (desk.language == "zh"), text
        assert not re.search(r"lorem|TODO|\{|xxx", text, re.IGNORECASE)


def test_the_first_words_are_the_customers(desk):
    for case in desk.cases:
        assert case.entries[0].kind in (EntryKind.CALL_IN, EntryKind.MESSAGE_IN)
        assert case.entries[0].text == case.description


def test_no_words_no_desk():
    with pytest.raises(NotFound):
        demo_desk("fr", NOON)
    with pytest.raises(Invalid):
        demo_desk("zh", datetime(2026, 7, 28))  # noqa: DTZ001
