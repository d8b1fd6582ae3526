"""From the call to the call-back, as the services keep it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.permissions import RIGHTS
from deskapp.domain.queue import Holder, QueueFilter, Sort
from deskapp.domain.terms import (
    Channel,
    ContactKind,
    EntryKind,
    Grade,
    PauseReason,
    PreferenceKind,
    Priority,
    Role,
    Status,
)
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.customers import AddContact, AddPreference, CreateCustomer, FindCustomers, SaveMachine
from deskapp.services.requests.queue import GetChanges, GetCounts, GetDesk, GetPosition, GetQueue
from tests.services.conftest import Floor


def open_one(floor: Floor, login: str = "chen", **values: object) -> ask.OpenTicket:
    command = ask.OpenTicket(**({"subject": "washer bangs when spinning"} | values))
    return floor.do(login, command)


def test_a_call_becomes_a_ticket_that_is_solved_and_closed_after_the_call_back(floor: Floor) -> None:
    customer = floor.do("chen", CreateCustomer(name="王芳", phone="138 0013 8000 转 801", address="幸福路 12 号"))
    machine = floor.do("chen", SaveMachine(customer_id=customer.id, product="Washer", serial="wd-90 1234"))
    receipt = open_one(floor, customer_id=customer.id, machine_id=machine.id, description="bangs, moved last week")
    assert receipt.label == "T-1"
    ticket = floor.ticket(receipt)
    assert ticket.row.owner == ticket.row.assignee == "Chen"
    assert (ticket.row.due_metric, ticket.row.due_at) == ("resolve", floor.clock.now() + timedelta(hours=24))
    assert ticket.customer and ticket.customer.contacts[0].value == "+8613800138000"
    assert ticket.customer.contacts[0].extension == "801"

    floor.clock.advance(hours=1)
    floor.do("chen", ask.SolveTicket(ticket_id=ticket.id, resolution="transport bolts removed"))
    solved = floor.ticket(receipt)
    assert solved.row.status is Status.SOLVED
    assert solved.call_backs[0].due_at == floor.clock.now() + timedelta(hours=24)
    floor.do("chen", ask.RecordCallBack(ticket_id=ticket.id, satisfaction=5, comment="quiet now"))
    closed = floor.ticket(receipt)
    assert closed.row.status is Status.CLOSED
    assert [line.kind for line in closed.timeline] == [EntryKind.CALL_IN, EntryKind.STATUS, EntryKind.CALL_BACK]
    assert closed.customer and closed.customer.tickets[0].satisfaction == 5


def test_the_same_submission_twice_changes_nothing_the_second_time(floor: Floor) -> None:
    command = ask.OpenTicket(subject="no hot water")
    first, second = floor.do("chen", command), floor.do("chen", command)
    assert (first.id, first.label, first.repeated) == (second.id, second.label, False)
    assert second.repeated
    assert floor.desk.read(floor.people["chen"], GetQueue()).total == 1


def test_a_ticket_is_claimed_once_and_the_loser_is_told_who_has_it(floor: Floor) -> None:
    receipt = open_one(floor)
    floor.do("chen", ask.ReleaseTicket(ticket_id=receipt.id))
    floor.do("sato", ask.ClaimTicket(ticket_id=receipt.id))
    with pytest.raises(Conflict, match="T-1 was claimed by Sato at 12:00"):
        floor.do("gao", ask.ClaimTicket(ticket_id=receipt.id))
    ticket = floor.ticket(receipt)
    assert (ticket.row.assignee, ticket.row.owner) == ("Sato", "Chen"), "the first contact keeps the ticket"


def test_take_next_gives_what_is_due_first_in_ones_team(floor: Floor) -> None:
    green, red = open_one(floor), open_one(floor, grade=Grade.RED)
    for receipt in (green, red):
        floor.do("chen", ask.ReleaseTicket(ticket_id=receipt.id))
    with pytest.raises(NotFound, match="Nothing is waiting for your team"):
        floor.do("gao", ask.ClaimNext())
    assert floor.do("sato", ask.ClaimNext()).id == red.id
    assert floor.do("sato", ask.ClaimNext()).id == green.id


def test_a_stale_edit_is_refused_and_names_who_changed_it(floor: Floor) -> None:
    receipt = open_one(floor)
    seen = floor.ticket(receipt)
    floor.do("lin", ask.EditTicket(ticket_id=receipt.id, version=seen.version, subject="bangs at 1200 turns"))
    with pytest.raises(Conflict, match="lin changed this at 12:00:00"):
        floor.do("chen", ask.EditTicket(ticket_id=receipt.id, version=seen.version, subject="bangs"))
    assert floor.ticket(receipt).row.subject == "bangs at 1200 turns"


def test_a_hand_over_is_accepted_or_sent_back_and_the_owner_stays(floor: Floor) -> None:
    receipt = open_one(floor, grade=Grade.YELLOW)
    gas, due = floor.teams["gas"].id, floor.clock.now() + timedelta(hours=4)
    floor.do("chen", ask.OfferHandOver(ticket_id=receipt.id, to_team_id=gas, asked="check the burner", due_at=due))
    duty = floor.desk.read(floor.people["gao"], GetDesk()).mine[0]
    assert (duty.kind, duty.text, duty.due_at) == ("hand_over", "check the burner", due)
    offer = floor.ticket(receipt).hand_overs[0]
    with pytest.raises(Denied):
        floor.do("sato", ask.AnswerHandOver(hand_over_id=offer.id, accept=True))
    with pytest.raises(Invalid, match="Say why it goes back"):
        floor.do("gao", ask.AnswerHandOver(hand_over_id=offer.id, accept=False))
    floor.do("gao", ask.AnswerHandOver(hand_over_id=offer.id, accept=True))
    row = floor.ticket(receipt).row
    assert (row.team, row.assignee, row.owner) == ("Gas", "Gao", "Chen")
    assert [duty.row.id for duty in floor.desk.read(floor.people["chen"], GetDesk()).waiting] == [receipt.id]


def test_a_pause_leaves_the_queue_order_and_a_reopened_ticket_comes_back(floor: Floor) -> None:
    receipt, other = open_one(floor), open_one(floor)
    until = floor.clock.now() + timedelta(days=2)
    floor.do("chen", ask.PauseTicket(ticket_id=receipt.id, reason=PauseReason.PARTS, until=until))
    page = floor.desk.read(floor.people["chen"], GetQueue())
    assert [row.id for row in page.rows] == [other.id, receipt.id]
    assert page.rows[1].due_at is None and page.rows[1].paused_until == until
    floor.do("chen", ask.ResumeTicket(ticket_id=receipt.id))
    floor.do("chen", ask.SolveTicket(ticket_id=receipt.id, resolution="belt replaced"))
    floor.clock.advance(days=6)
    floor.do("sato", ask.ReopenTicket(ticket_id=receipt.id, reason="bangs again"))
    assert floor.ticket(receipt).reopened == 1
    floor.do("chen", ask.SolveTicket(ticket_id=receipt.id, resolution="belt replaced"))
    floor.clock.advance(days=8)
    floor.do("sato", ask.ReopenTicket(ticket_id=receipt.id, reason="bangs again"))
    # After a week it is promised anew, from now on.
    assert floor.ticket(receipt).row.due_at == floor.clock.now() + timedelta(hours=24)


def test_words_that_reach_the_customer_answer_a_message(floor: Floor) -> None:
    receipt = open_one(floor, channel=Channel.EMAIL)
    assert floor.ticket(receipt).row.due_metric == "first_response"
    floor.do("chen", ask.AddEntry(ticket_id=receipt.id, text="looked up the model"))
    assert floor.ticket(receipt).row.due_metric == "first_response"
    floor.do("chen", ask.AddEntry(ticket_id=receipt.id, kind=EntryKind.CALL_OUT, text="told her we come tomorrow"))
    assert floor.ticket(receipt).row.due_metric == "resolve"


def test_late_entries_are_dated_back_within_a_limit_and_both_times_are_kept(floor: Floor) -> None:
    receipt = open_one(floor)
    earlier = floor.clock.now() - timedelta(hours=3)
    floor.do("chen", ask.AddEntry(ticket_id=receipt.id, text="called from the car", occurred_at=earlier))
    line = next(line for line in floor.ticket(receipt).timeline if line.kind is EntryKind.NOTE)
    assert (line.occurred_at, line.recorded_at) == (earlier, floor.clock.now())
    with pytest.raises(Invalid, match="dated back 48 hours"):
        floor.do("chen", ask.AddEntry(ticket_id=receipt.id, text="x", occurred_at=earlier - timedelta(days=30)))


def test_the_queue_pages_in_one_order_from_both_ends_and_knows_where_a_ticket_stands(floor: Floor) -> None:
    receipts = []
    for minutes in (50, 10, 40, 20, 30):
        receipts.append(open_one(floor, occurred_at=floor.clock.now() - timedelta(minutes=minutes)))
    chen = floor.people["chen"]
    for sort in Sort:
        for descending in (False, True):
            whole = [r.id for r in floor.desk.read(chen, GetQueue(sort=sort, descending=descending)).rows]
            pages = [
                row.id
                for first in range(0, 5, 2)
                for row in floor.desk.read(chen, GetQueue(sort=sort, descending=descending, first=first, count=2)).rows
            ]
            assert pages == whole
            places = [floor.desk.read(chen, GetPosition(ticket_id=i, sort=sort, descending=descending)) for i in whole]
            assert places == [0, 1, 2, 3, 4]
    assert whole[0] in {r.id for r in receipts}


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (QueueFilter(), {1, 2, 3}),
        (QueueFilter(holder=Holder.ME), {1}),
        (QueueFilter(holder=Holder.NOBODY), {2}),
        (QueueFilter(holder=Holder.OWNED_BY_ME), {1, 2}),
        (QueueFilter(holder=Holder.MY_TEAM), {1, 2}),
        (QueueFilter(grades=(Grade.RED,)), {2}),
        (QueueFilter(overdue=True), {2}),
        (QueueFilter(text="空调"), {3}),
        (QueueFilter(text="T-3"), {3}),
        (QueueFilter(text="滤网"), {3}),
        (QueueFilter(text="王芳"), {1}),
        (QueueFilter(text="冷热"), set()),
        (QueueFilter(text="'; DROP TABLE ticket; --"), set()),
        (QueueFilter(product="Washer"), {1}),
        (QueueFilter(statuses=(Status.SOLVED,)), {4}),
    ],
)
def test_filters(floor: Floor, wanted: QueueFilter, numbers: set[int]) -> None:
    customer = floor.do("chen", CreateCustomer(name="王芳"))
    open_one(floor, product="Washer", customer_id=customer.id)
    red = open_one(floor, grade=Grade.RED, priority=Priority.URGENT)
    third = open_one(floor, "gao", subject="空调不制冷", team_id=floor.teams["gas"].id)
    floor.do("gao", ask.AddEntry(ticket_id=third.id, text="滤网很脏"))
    fourth = open_one(floor)
    floor.do("chen", ask.SolveTicket(ticket_id=fourth.id, resolution="done"))
    floor.do("chen", ask.ReleaseTicket(ticket_id=red.id))
    floor.clock.advance(hours=3)
    assert QueueFilter.from_json(wanted.to_json()) == wanted
    page = floor.desk.read(floor.people["chen"], GetQueue(filter=wanted))
    assert {row.number for row in page.rows} == numbers
    assert page.total == len(numbers)


def test_counts_and_changes_tell_other_seats_what_moved(floor: Floor) -> None:
    chen = floor.people["chen"]
    receipt = open_one(floor, grade=Grade.RED, priority=Priority.URGENT)
    seq = floor.desk.read(chen, GetQueue()).seq
    assert floor.desk.read(chen, GetChanges(since=seq)).tickets == frozenset()
    floor.do("chen", ask.AddEntry(ticket_id=receipt.id, text="on the way"))
    changes = floor.desk.read(chen, GetChanges(since=seq))
    assert changes.tickets == {receipt.id} and changes.seq == seq + 1
    floor.clock.advance(hours=3)
    counts = floor.desk.read(chen, GetCounts())
    assert (counts.open, counts.late, counts.red, counts.unclaimed) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("138", []),
        ("1380", ["张伟", "王芳"]),
        ("8000", ["王芳"]),
        ("0106", ["曾燕达"]),
        ("010", []),
        ("138 0013-8000", ["王芳"]),
        ("+86 138 0013 8000", ["王芳"]),
        ("王", ["王芳"]),
        ("wf", ["王芳"]),
        ("zhangw", ["张伟"]),
        ("zw", ["张伟"]),
        ("smith", ["John Smith"]),
        ("john", ["John Smith"]),
        ("WD90", ["王芳"]),
        ("幸福", ["王芳"]),
        ("zyd", ["曾燕达"]),
        ("0099", []),
        ("0123", ["John Smith"]),
        ("0015", ["王芳"]),
        ("C-3", ["曾燕达"]),
    ],
)
def test_customers_are_found_by_whatever_is_said(floor: Floor, typed: str, found: list[str]) -> None:
    wang = floor.do("chen", CreateCustomer(name="王芳", phone="13800138000", address="杭州市幸福路 12 号"))
    floor.do("chen", SaveMachine(customer_id=wang.id, product="Washer", serial="wd-90 1234"))
    floor.do("chen", AddContact(customer_id=wang.id, kind=ContactKind.PHONE, raw="139 1111 0015"))
    floor.do("chen", CreateCustomer(name="张伟", phone="138 0099 1234"))
    floor.do("chen", CreateCustomer(name="曾燕达", phone="010-62551234 转 801"))
    floor.do("chen", CreateCustomer(name="John Smith", phone="+1 212 555 0123"))
    names = [line.name for line in floor.desk.read(floor.people["chen"], FindCustomers(text=typed))]
    assert sorted(names) == sorted(found)


def test_a_match_shows_the_number_the_address_and_the_machine_that_were_said(floor: Floor) -> None:
    wang = floor.do("chen", CreateCustomer(name="王芳", phone="13800138000", address="幸福路 12 号")).id
    floor.do("chen", AddContact(customer_id=wang, kind=ContactKind.PHONE, raw="139 1111 0015"))
    floor.do("chen", AddContact(customer_id=wang, kind=ContactKind.ADDRESS, raw="长河街道 7 号"))
    floor.do("chen", SaveMachine(customer_id=wang, product="Washer", serial="WD-901"))
    floor.do("chen", SaveMachine(customer_id=wang, product="Fridge", serial="FR-3301"))

    def shown(typed: str) -> tuple[str, str, str]:
        (match,) = floor.desk.read(floor.people["chen"], FindCustomers(text=typed))
        return match.phone, match.address, match.machine

    assert shown("王芳") == ("13800138000", "幸福路 12 号", "Washer")
    assert shown("0015") == ("139 1111 0015", "幸福路 12 号", "Washer")
    assert shown("长河") == ("13800138000", "长河街道 7 号", "Washer")
    assert shown("fr33") == ("13800138000", "幸福路 12 号", "Fridge")


def test_preferences_are_dated_facts_that_need_consent_and_roles_without_need_see_no_numbers(floor: Floor) -> None:
    wang = floor.do("chen", CreateCustomer(name="王芳", phone="13800138000"))
    floor.do("chen", AddContact(customer_id=wang.id, kind=ContactKind.ADDRESS, raw="幸福路 12 号"))
    wish = AddPreference(customer_id=wang.id, kind=PreferenceKind.TIME, text="mornings", source="call")
    floor.do("chen", wish)
    with pytest.raises(Invalid, match="consent"):
        floor.do("chen", AddPreference(customer_id=wang.id, kind=PreferenceKind.TIME, text="noon", consent=False))
    floor.do(
        "chen", AddPreference(customer_id=wang.id, kind=PreferenceKind.TIME, text="noon", replaces=wish.submission_id)
    )
    receipt = open_one(floor, customer_id=wang.id)
    view = floor.ticket(receipt).customer
    assert view and {(p.text, p.ended_at is None) for p in view.preferences} == {("mornings", False), ("noon", True)}
    seen_by_rater = floor.ticket(receipt, "rao").customer
    assert seen_by_rater and seen_by_rater.masked
    assert [c.raw for c in seen_by_rater.contacts] == ["138****8000", "幸福路****号"]


def test_every_right_is_refused_to_roles_without_it(floor: Floor) -> None:
    receipt = open_one(floor)
    for action, reaches in RIGHTS.items():
        assert set(reaches) == set(Role), action
    with pytest.raises(Denied, match="Your role may not do this"):
        floor.do("rao", ask.AddEntry(ticket_id=receipt.id, text="x"))
    with pytest.raises(Denied, match="own tickets only"):
        floor.do("sato", ask.SolveTicket(ticket_id=receipt.id, resolution="x"))
    with pytest.raises(Denied):
        floor.desk.read(floor.people["adam"], GetQueue())


def test_a_change_and_its_audit_event_are_one_and_the_chain_holds(floor: Floor) -> None:
    open_one(floor)
    with floor.desk.engine.connect() as connection:
        rows = connection.execute(text("SELECT seq, action, previous, hash FROM audit_event ORDER BY seq")).all()
        ledger = connection.execute(text("SELECT seq, head FROM ledger")).one()
    assert [row.action for row in rows] == ["people.edit", "ticket.create"]
    assert rows[1].previous == rows[0].hash and tuple(ledger) == (2, rows[1].hash)
    with pytest.raises(Invalid):
        open_one(floor, subject="x" * 201)
    assert floor.desk.read(floor.people["chen"], GetQueue()).total == 1
