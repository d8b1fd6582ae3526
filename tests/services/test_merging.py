"""Two tickets of one case: the promises of one end with the reason, the other keeps the earlier due; both readable."""

from datetime import timedelta
from uuid import UUID

import pytest

from deskapp.domain.errors import Conflict, Denied, DeskError
from deskapp.domain.sla import Metric, State
from deskapp.domain.terms import Channel, EntryKind, Grade, HandOverState, Priority, Status
from deskapp.domain.views import TicketView
from deskapp.services.requests import tickets as ask
from deskapp.services.requests.audit import GetAudit
from deskapp.services.requests.customers import CreateCustomer
from deskapp.services.requests.merging import MergeTicket
from deskapp.services.requests.notices import GetNotices
from deskapp.services.requests.visits import BookVisit
from tests.services.conftest import Floor
from tests.services.test_clocks import assert_refold_is_the_same, clocks_of


def opened(floor: Floor, login: str = "chen", **values: object) -> UUID:
    return floor.do(login, ask.OpenTicket(**({"subject": "washer bangs"} | values))).id  # type: ignore[arg-type]


def merge(floor: Floor, source: UUID, target: UUID, login: str = "chen") -> None:
    floor.do(login, MergeTicket(ticket_id=source, target_id=target, reason="called twice"))


def seen(floor: Floor, ticket_id: UUID) -> TicketView:
    view: TicketView = floor.desk.read(floor.people["chen"], ask.GetTicket(ticket_id=ticket_id))
    return view


def test_the_earlier_due_stays_and_the_other_promises_end_with_the_reason(floor: Floor) -> None:
    early = opened(floor)
    due = clocks_of(floor, early)[Metric.RESOLVE].due_at
    floor.clock.advance(hours=5)
    late = opened(floor)
    merge(floor, early, late)
    source, target = clocks_of(floor, early), clocks_of(floor, late)
    assert source[Metric.RESOLVE].state is State.CANCELLED and source[Metric.RESOLVE].reason == "merged T-2"
    assert target[Metric.RESOLVE].due_at == due == seen(floor, late).row.due_at
    assert seen(floor, early).row.status is Status.CANCELLED
    for ticket in (early, late):
        assert_refold_is_the_same(floor, ticket)


def test_what_happened_is_read_in_both_and_they_name_each_other(floor: Floor) -> None:
    source, target = opened(floor, description="first call"), opened(floor, description="second call")
    third = opened(floor, description="third call")
    merge(floor, source, target)
    merge(floor, target, third)
    assert seen(floor, source).merged_into == (target, 2)
    whole = seen(floor, third)
    assert whole.took_in == ((source, 1), (target, 2))
    words = [line.text for line in whole.timeline if line.kind is EntryKind.CALL_IN]
    assert sorted(words) == ["first call", "second call", "third call"]
    told = [(line.ticket_number, line.details["what"], line.details["other"]) for line in whole.timeline[-2:]]
    assert sorted(told) == [(2, "merged_into", "T-3"), (3, "took_in", "T-2")]
    lines = floor.desk.read(floor.people["aude"], GetAudit(done="ticket.merge"))
    assert [line.ticket_number for line in lines] == [1, 2, 2, 3]


def test_an_emergency_stays_one_whichever_ticket_it_was(floor: Floor) -> None:
    source = opened(floor, grade=Grade.RED, priority=Priority.URGENT)
    target = opened(floor, priority=Priority.LOW)
    merge(floor, source, target)
    row = seen(floor, target).row
    assert (row.grade, row.priority) == (Grade.RED, Priority.URGENT)
    told = floor.desk.read(floor.people["lin"], GetNotices())
    assert [(line.ticket, line.kind) for line in told] == [("T-2", "red")]


def test_who_was_spoken_with_on_one_ticket_does_not_wait_for_words_on_the_other(floor: Floor) -> None:
    mail = opened(floor, channel=Channel.EMAIL)
    floor.clock.advance(minutes=5)
    call = opened(floor)
    floor.clock.advance(minutes=20)
    merge(floor, call, mail)
    first = clocks_of(floor, mail)[Metric.FIRST_RESPONSE]
    assert first.state is State.MET
    assert seen(floor, mail).first_response_at == floor.clock.now() - timedelta(minutes=20)
    assert_refold_is_the_same(floor, mail)


def test_visits_move_and_offers_are_withdrawn(floor: Floor) -> None:
    source, target = opened(floor), opened(floor)
    starts = floor.clock.now() + timedelta(days=1)
    floor.do("chen", BookVisit(ticket_id=source, starts_at=starts, ends_at=starts + timedelta(hours=2)))
    floor.do("chen", ask.OfferHandOver(ticket_id=source, to_team_id=floor.teams["gas"].id, asked="look at it"))
    merge(floor, source, target)
    assert [visit.starts_at for visit in seen(floor, target).appointments] == [starts]
    assert seen(floor, source).appointments == ()
    assert [offer.state for offer in seen(floor, source).hand_overs] == [HandOverState.WITHDRAWN]


def test_only_two_open_tickets_of_one_customer_become_one(floor: Floor) -> None:
    wang, li = (floor.do("chen", CreateCustomer(name=name)).id for name in ("王芳", "李娜"))
    source, target = opened(floor, customer_id=wang), opened(floor, customer_id=li)
    nobodys = opened(floor)
    done = opened(floor, customer_id=wang)
    floor.do("chen", ask.SolveTicket(ticket_id=done, resolution="x"))
    for into in (target, done, source):
        with pytest.raises(DeskError):
            merge(floor, source, into)
    assert seen(floor, source).row.status is Status.OPEN
    merge(floor, source, nobodys)
    assert seen(floor, nobodys).row.customer_id == wang
    with pytest.raises(Conflict):
        merge(floor, source, nobodys)


def test_an_agent_merges_away_only_what_is_theirs(floor: Floor) -> None:
    source, target = opened(floor, "sato"), opened(floor)
    with pytest.raises(Denied):
        merge(floor, source, target)
    merge(floor, target, source)
    with pytest.raises(Denied):
        merge(floor, source, opened(floor, "gao"), login="aude")
