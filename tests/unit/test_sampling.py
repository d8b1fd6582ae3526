"""Drawing a sample: the same on every machine, growing without dropping, checkable with openssl."""

import random
import shutil
import subprocess
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deskapp.domain.assignment import Assignment, Rater, assign, roles_of_round
from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.sampling import (
    Exclusion,
    Frame,
    FrameRecord,
    SampleSize,
    allocate,
    draw,
    first_by_ticket,
    make_seed,
    openssl_line,
    plan,
    replace,
    ticket,
    verify,
)

SHIFTS = ("early", "late", "middle")


def frame(count: int = 90) -> Frame:
    records = [FrameRecord(f"T-{n:04}", SHIFTS[n % 3], f"agent{n % 7}", f"team{n % 2}") for n in range(count)]
    return Frame("2026-05, all channels", tuple(records), (Exclusion("T-9999", "test call"),))


def test_the_frame_hash_ignores_order_and_sees_every_cell() -> None:
    whole = frame()
    shuffled = list(whole.records)
    random.Random(1).shuffle(shuffled)
    assert Frame(whole.filter, tuple(shuffled), whole.exclusions).hash == whole.hash
    assert Frame(whole.filter, whole.records).hash != whole.hash
    assert Frame("2026-06", whole.records, whole.exclusions).hash != whole.hash


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum on this machine")
def test_plain_sort_and_sha256sum_give_the_same_hash() -> None:
    whole = Frame("2026-05", (*frame().records, FrameRecord("T-0001 b", "late", "王芳", "t"), FrameRecord("é", "s")))
    lines = list(whole.text.splitlines(keepends=True))
    random.Random(3).shuffle(lines)
    done = subprocess.run(
        ["sh", "-c", "LC_ALL=C sort | sha256sum"], input="".join(lines).encode(), capture_output=True, timeout=20
    )
    assert done.stdout.split()[0].decode() == whole.hash


def test_a_frame_refuses_a_record_twice_and_lines_that_could_be_two() -> None:
    with pytest.raises(Invalid, match="twice"):
        Frame("f", (FrameRecord("a", "s"), FrameRecord("a", "t")))
    with pytest.raises(Invalid, match="control"):
        Frame("f", (FrameRecord("a\tb", "s"),)).text


def test_a_draw_is_the_same_in_any_order_and_grows_without_dropping() -> None:
    whole, seed = frame(), "2026-05|seed"
    shuffled = list(whole.records)
    random.Random(2).shuffle(shuffled)
    small = draw(whole, seed, {"early": 5, "late": 7, "middle": 0})
    assert draw(Frame(whole.filter, tuple(shuffled), whole.exclusions), seed, {"early": 5, "late": 7}) == small
    large = draw(whole, seed, {"early": 9, "late": 7, "middle": 3})
    assert set(small.records) < set(large.records)
    assert draw(whole, "another", {"early": 5, "late": 7}).records != small.records
    assert verify(small, small.records).same
    assert verify(small, [*small.records[1:], "T-0000x"]).missing == small.records[:1]


def test_a_record_that_cannot_be_scored_is_replaced_from_the_reserve_in_order() -> None:
    drawn = draw(frame(), "s", {"early": 2})
    early = drawn.strata[0]
    first = replace(drawn, early.sample[0].record, "recording lost")
    assert first.by == early.reserve[0].record
    second = replace(drawn, first.by, "test call", [first])
    assert second.by == early.reserve[1].record
    with pytest.raises(Conflict):
        replace(drawn, early.sample[0].record, "again", [first])
    with pytest.raises(Invalid):
        replace(drawn, early.sample[1].record, "  ")
    with pytest.raises(NotFound):
        replace(drawn, early.reserve[0].record, "was never drawn")
    everything = draw(frame(3), "s", {"early": 1})
    assert replace(everything, everything.records[0], "no reserve").by is None


def test_a_seed_needs_the_stored_hash() -> None:
    assert make_seed("M05", frame().hash, b"12345678").startswith(f"M05|{frame().hash[:16]}|")
    with pytest.raises(Invalid):
        make_seed("M05", "", b"12345678")


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
@pytest.mark.parametrize(
    ("seed", "record"), [("2024-05|QA|seed-7f3a", "T2024-0007"), ("it's 100% \\n $HOME", "-工单 '%s'\\t7")]
)
def test_plain_openssl_gives_the_same_ticket(seed: str, record: str) -> None:
    line = openssl_line(seed, record)
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split()[-1] == ticket(seed, record)


sizes = st.lists(st.integers(0, 400), min_size=1, max_size=8)


@settings(max_examples=150)
@given(sizes, st.data())
def test_an_allocation_gives_all_and_never_more_than_there_is(found: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, sum(found)))
    minimum = data.draw(st.integers(0, 5))
    method = data.draw(st.sampled_from(["proportional", "equal"]))
    parts = allocate(found, n, minimum=minimum, method=method)
    floor = sum(min(minimum, size) for size in found)
    assert sum(parts) == max(n, floor)
    assert all(min(minimum, size) <= part <= size for part, size in zip(parts, found, strict=True))
    if method == "proportional" and not minimum and sum(found):
        assert all(abs(p - Fraction(n * s, sum(found))) < 1 for p, s in zip(parts, found, strict=True))


@settings(max_examples=100)
@given(sizes, st.data())
def test_a_growing_sample_never_takes_a_record_back(found: list[int], data: st.DataObject) -> None:
    n = data.draw(st.integers(0, sum(found)))
    more = data.draw(st.integers(n, sum(found)))
    before = allocate(found, n)
    after = allocate(found, more, already=before)
    assert all(b >= a for a, b in zip(before, after, strict=True))
    assert sum(after) == more


@pytest.mark.parametrize(("sizes", "n"), [([5], 6), ([-1, 5], 2), ([5], -1)])
def test_an_allocation_refuses_what_is_not_there(sizes: list[int], n: int) -> None:
    with pytest.raises(Invalid):
        allocate(sizes, n)


def test_the_plan_shows_what_it_costs_and_a_census_has_no_width() -> None:
    shown = plan({"early": 500, "late": 300, "middle": 200}, SampleSize(Fraction(3, 10)), minimum=20)
    assert [(row.population, row.n) for row in shown.rows] == [(500, 150), (300, 90), (200, 60)]
    assert (shown.total.n, shown.double_scored) == (300, 60)
    assert shown.total.hours == pytest.approx(360 * 8 / 60)
    assert sum(row.hours for row in shown.rows) == pytest.approx(shown.total.hours)
    assert all(row.half_width > shown.total.half_width > 0 for row in shown.rows)
    assert plan({"all": 40}, SampleSize(Fraction(1))).total.half_width == 0
    assert plan({}, SampleSize()).total.n == 0


def test_a_wanted_half_width_gives_the_size() -> None:
    size = SampleSize(half_width=0.05)
    assert (size.of(1000), size.of(10), size.of(0)) == (278, 10, 0)
    assert plan({"all": 1000}, size).total.half_width == pytest.approx(0.05, abs=0.001)


TEAM = (Rater("agent1", frozenset({"team1"})), Rater("qa1"), Rater("cx1"))


def test_nobody_scores_their_own_record_and_no_lead_the_own_team_first() -> None:
    records = frame(300).records
    dealt = {a.record: a for a in assign(records, TEAM, "seed")}
    for record in records:
        given_to = dealt[record.id]
        assert record.agent not in given_to.raters
        assert not (record.team == "team1" and given_to.primary == "agent1")
    doubles = [a for a in dealt.values() if a.others]
    assert len(doubles) == 60
    pairs = {frozenset(a.raters) for a in doubles}
    assert len(pairs) == 3
    assert assign(tuple(reversed(records)), TEAM, "seed") == assign(records, TEAM, "seed")


def test_loads_are_even_where_the_guards_leave_a_choice() -> None:
    records = [FrameRecord(f"T{n}", "s", "somebody", "team9") for n in range(90)]
    dealt = assign(records, TEAM, "seed")
    primaries = [sum(a.primary == r.id for a in dealt) for r in TEAM]
    assert max(primaries) - min(primaries) <= 9
    whole = [sum(r.id in a.raters for a in dealt) for r in TEAM]
    assert max(whole) - min(whole) <= 3


def test_at_least_thirty_are_scored_twice_or_all_there_are() -> None:
    assert sum(bool(a.others) for a in assign(frame(60).records, TEAM, "s")) == 30
    assert sum(bool(a.others) for a in assign(frame(12).records, TEAM, "s")) == 12
    assert all(len(a.raters) >= 2 for a in assign(frame(12).records, TEAM, "s", everyone=True))


def test_a_larger_sample_leaves_the_dealt_records_where_they_are() -> None:
    first = assign(frame(60).records, TEAM, "s")
    second = assign(frame(240).records, TEAM, "s", kept={a.record: a for a in first})
    after = {a.record: a for a in second}
    assert all(after[a.record].primary == a.primary for a in first)
    assert all(after[a.record] == a for a in first if a.others)
    assert len(after) == 240


def test_a_record_that_nobody_may_score_is_named() -> None:
    record = FrameRecord("T-1", "s", "qa1", "team1")
    with pytest.raises(Invalid, match="T-1"):
        assign([record], [Rater("qa1"), Rater("lead", frozenset({"team1"}))], "s")
    assert assign([record], [Rater("qa1"), Rater("x")], "s", double_minimum=0, double_share=Fraction(0)) == (
        Assignment("T-1", "x"),
    )


def test_the_blind_rescoring_is_drawn_the_same_way_under_its_own_label() -> None:
    ids = [r.id for r in frame().records]
    chosen = first_by_ticket(reversed(ids), "s", "rescore", 5)
    assert chosen == first_by_ticket(ids, "s", "rescore", 9)[:5]
    assert set(chosen) != set(first_by_ticket(ids, "s", "draw", 5))


def test_roles_move_on_every_round() -> None:
    rounds = [roles_of_round(["a", "b", "c"], n) for n in range(4)]
    assert {r["a"] for r in rounds[:3]} == {"lead", "qa", "customer_experience"}
    assert rounds[0] == rounds[3]


@settings(max_examples=40)
@given(st.lists(st.text("abc工单-é", min_size=1, max_size=6), unique=True, min_size=2, max_size=20), st.integers(0, 19))
def test_any_prefix_of_the_order_is_the_smaller_sample(ids: list[str], n: int) -> None:
    assume(n < len(ids))
    whole = Frame("f", tuple(FrameRecord(i, "s") for i in ids))
    assert draw(whole, "x", {"s": n}).records == draw(whole, "x", {"s": n + 1}).records[:n]
