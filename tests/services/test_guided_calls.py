"""Flows on the desk: published once and for ever, signed before red, cases stored with all that was asked."""

import json
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.flow import to_data
from deskapp.domain.flow.draft import How
from deskapp.domain.flow.facts import slot_of
from deskapp.domain.flow.findings import FlowInvalid
from deskapp.domain.ids import uuid7
from deskapp.domain.terms import EntryKind, Grade, PreferenceKind, Priority
from deskapp.domain.views import TicketView
from deskapp.domain.views_flow import CaseView
from deskapp.services.flow_files import PACK, load_flow
from deskapp.services.requests import flows as ask
from deskapp.services.requests.causes import ConfirmCause
from deskapp.services.requests.customers import AddPreference, CreateCustomer
from deskapp.services.requests.flow_figures import GetFlowFigures
from deskapp.services.requests.intake import GivenAnswer, GuidedCall, RaiseRed, Said, TakeCall, Window
from deskapp.services.requests.practice import GetRehearsals, KeepRehearsal, RehearsalStep
from deskapp.services.requests.queue import GetQueue
from tests.services.conftest import Floor

WITNESSES = json.loads((PACK / "_witness_cases.json").read_text("utf-8"))["flows"]


def shipped(floor: Floor, name: str = "washer-noise") -> UUID:
    floor.do("lin", ask.PublishShipped())
    return next(f.version_id for f in floor.desk.read(floor.people["chen"], ask.GetFlows()) if f.flow == name)


def guided(floor: Floor, version_id: UUID, answers: dict[str, Any], **more: Any) -> GuidedCall:
    start = floor.clock.now()
    events = []
    for question, value in answers.items():
        floor.clock.advance(seconds=5)
        events.append(GivenAnswer(question=question, value=value, at=floor.clock.now(), how=How.ASKED))
    return GuidedCall(
        version_id=version_id, events=tuple(events), started_at=start, today=start.date(), language="en", **more
    )


CALLER = {"phone": "138 0013 8000", "caller_name": "王芳", "address": "Happiness Road 12"}
VISIT = {
    "model": "WD-90", "serial_no": "WD901234", "purchase_date": "2023-06-01", "slot": "2026-03-03 09:00-12:00",
    "household": ["elderly", "moving"], "moving_date": "2026-03-20", "access": "gate code at the porter",
    "remember": "yes",
}  # fmt: skip


def take(floor: Floor, call: GuidedCall, **more: Any) -> tuple[TicketView, CaseView]:
    receipt = floor.do("chen", TakeCall(subject="washer bangs", guided=call, **more))
    case = floor.desk.read(floor.people["chen"], ask.GetCase(ticket_id=receipt.id))
    return floor.ticket(receipt), case


def test_a_guided_call_is_stored_whole_and_no_fact_is_typed_twice(floor: Floor) -> None:
    version = shipped(floor)
    call = guided(floor, version, {**CALLER, **WITNESSES["washer-noise"]["transport_bolts_on"], **VISIT})
    start = floor.clock.now().replace(day=3, hour=1)
    ticket, case = take(
        floor, call, visit=Window(starts_at=start, ends_at=start + timedelta(hours=3)),
        notes=(Said(at=start.replace(day=2, hour=12), text="moved last week"),),
    )  # fmt: skip
    customer = ticket.customer
    assert customer is not None and (customer.name, customer.phone) == ("王芳", "138 0013 8000")
    assert ticket.machine and (ticket.machine.model, ticket.machine.serial) == ("WD-90", "WD901234")
    assert {(p.kind, p.text) for p in customer.preferences} == {
        (PreferenceKind.HOUSEHOLD, "Elderly at home, mornings preferred"),
        (PreferenceKind.OTHER, "Moving house soon"),
        (PreferenceKind.ACCESS, "gate code at the porter"),
    }
    moving = next(p for p in customer.preferences if p.text.startswith("Moving"))
    assert str(moving.valid_until) == "2026-03-20"
    assert [a.starts_at.astimezone(UTC) for a in ticket.appointments] == [start]
    assert (case.outcome, case.snapshot["outcome"]["id"]) == ("transport_bolts_on", "transport_bolts_on")
    by_id = {line["id"]: line for line in case.snapshot["answers"]}
    assert by_id["remember"]["text"] == {"zh": "是", "en": "Yes"} and by_id["remember"]["by"] == "chen"
    assert "What does it sound like? Banging" in ticket.timeline[-2].text
    assert [line.kind for line in ticket.timeline][-2:] == [EntryKind.OUTCOME, EntryKind.APPOINTMENT]


def test_events_and_versions_never_change_in_the_database_itself(floor: Floor) -> None:
    version = shipped(floor)
    answers = {**CALLER, **WITNESSES["washer-noise"]["transport_bolts_on"], **VISIT}
    take(floor, guided(floor, version, answers))
    for statement in (
        "UPDATE flow_version SET release = '9.9.9'",
        "DELETE FROM flow_version",
        "UPDATE flow_answer_event SET value = '\"no\"'",
        "UPDATE flow_answer_event SET question = 'other', value = 'null'",
        "DELETE FROM flow_answer_event",
    ):
        with pytest.raises(DBAPIError, match="never changes"), floor.desk.engine.begin() as connection:
            connection.execute(text(statement))
    with floor.desk.engine.connect() as connection:
        events = connection.execute(text("SELECT count(*) FROM flow_answer_event")).scalar()
    assert events == len(answers)


def test_a_missing_answer_is_named_unless_the_call_broke_off(floor: Floor) -> None:
    version = shipped(floor)
    call = guided(floor, version, {**CALLER, "burnt_smell": "no"})
    with pytest.raises(Invalid) as trouble:
        take(floor, call)
    assert trouble.value.field == "water_leak"
    _ticket, case = take(floor, replace(call, broken_off=True))
    assert not case.complete


def test_a_parked_answer_is_kept_as_an_event_and_counts_nowhere_else(floor: Floor) -> None:
    version = shipped(floor)
    answers = {**CALLER, **WITNESSES["washer-noise"]["transport_bolts_on"], **VISIT, "age_years": 7}
    _ticket, case = take(floor, guided(floor, version, answers))
    assert "age_years" not in {line["id"] for line in case.snapshot["answers"]}
    with floor.desk.engine.connect() as connection:
        rows = connection.execute(text("SELECT question FROM flow_answer")).scalars().all()
        events = connection.execute(text("SELECT question FROM flow_answer_event")).scalars().all()
    assert "age_years" in events and "age_years" not in rows


def test_an_emergency_is_on_the_desk_before_the_call_ends_and_is_the_same_ticket_after(floor: Floor) -> None:
    version = shipped(floor, "gas-stove-smell")
    call_id = uuid7()
    floor.do("chen", RaiseRed(call_id=call_id, subject="gas smell", phone="13800138000"))
    (row,) = floor.desk.read(floor.people["lin"], GetQueue()).rows
    assert (row.grade, row.subject) == (Grade.RED, "gas smell")
    assert floor.do("chen", RaiseRed(call_id=call_id, subject="gas smell")).id == call_id
    name, answers = next(iter(WITNESSES["gas-stove-smell"].items()))
    call = guided(
        floor, version, {"phone": "13800138000", "address": "Road 1", **answers}, broken_off=True,
        read_out=(Said(at=floor.clock.now(), text="open the windows"),),
    )  # fmt: skip
    receipt = floor.do("chen", TakeCall(submission_id=call_id, name="Li Na", subject="gas smell", guided=call))
    ticket = floor.ticket(receipt)
    assert floor.desk.read(floor.people["lin"], GetQueue()).total == 1
    assert ticket.customer and ticket.customer.name == "Li Na" and ticket.row.grade is Grade.RED
    assert ticket.row.priority is Priority.URGENT
    assert floor.desk.read(floor.people["chen"], ask.GetCase(ticket_id=receipt.id)).outcome == name
    assert "open the windows" in [line.text for line in ticket.timeline]
    assert floor.do("sato", TakeCall(submission_id=call_id, name="x", subject="mine")).repeated
    assert floor.ticket(receipt).row.subject == "gas smell"


def test_a_visit_against_a_wish_needs_the_customers_word(floor: Floor) -> None:
    version = shipped(floor)
    wang = floor.do("chen", CreateCustomer(name="王芳", phone="13800138000")).id
    floor.do("chen", AddPreference(customer_id=wang, kind=PreferenceKind.HOUSEHOLD, text="家里有老人,尽量上午"))
    call = guided(floor, version, {**CALLER, **WITNESSES["washer-noise"]["transport_bolts_on"], **VISIT})
    starts = floor.clock.now().replace(day=3, hour=14)
    window = Window(starts_at=starts, ends_at=starts + timedelta(hours=3))
    with pytest.raises(Conflict, match="尽量上午"):
        take(floor, call, customer_id=wang, visit=window)
    ticket, _case = take(floor, call, customer_id=wang, visit=replace(window, despite="son is there"))
    assert "son is there" in ticket.timeline[-1].text
    assert [c.raw for c in ticket.customer.contacts if c.raw.startswith("138")] == ["13800138000"], "no second number"


def test_a_time_to_be_called_at_is_no_visit_and_stands_on_the_timeline(floor: Floor) -> None:
    version = shipped(floor, "billing-complaint")
    answers = {**WITNESSES["billing-complaint"]["duplicate_charge"], "order_no": "A-1"}
    answers["call_at"] = "2026-03-03 09:00-12:00"
    ticket, case = take(floor, guided(floor, version, {**CALLER, **answers}))
    assert case.complete and slot_of(answers, UTC) is None, "nobody comes at that time"
    (told,) = [line for line in ticket.timeline if line.kind is EntryKind.OUTCOME]
    assert "2026-03-03 09:00-12:00" in told.text


def test_a_red_flow_is_signed_by_somebody_else_before_it_is_published(floor: Floor) -> None:
    data = to_data(load_flow(PACK / "washer-noise.yaml").flow)
    with pytest.raises(Denied, match="sign"):
        floor.do("lin", ask.PublishFlow(data=data))
    floor.do("lin", ask.SignFlow(data=data, note="engineer"))
    with pytest.raises(Denied, match="sign"):
        floor.do("lin", ask.PublishFlow(data=data))
    changed = {**data, "title": {"zh": "洗衣机", "en": "Washer"}}
    with pytest.raises(Denied, match="sign"):
        floor.do("qiu", ask.PublishFlow(data=changed))
    floor.do("qiu", ask.PublishFlow(data=data))
    (line,) = floor.desk.read(floor.people["chen"], ask.GetFlows())
    assert (line.signed_by, line.shipped) == ("Lin", False)
    assert "xyjyx" in line.words and "xiyijiyixiang" in line.words
    with pytest.raises(Conflict, match="published already"):
        floor.do("qiu", ask.PublishFlow(data=data))
    floor.do("lin", ask.SignFlow(data=changed, note="engineer"))
    with pytest.raises(Conflict, match="never changes"):
        floor.do("qiu", ask.PublishFlow(data=changed))
    with pytest.raises(FlowInvalid):
        floor.do("qiu", ask.PublishFlow(data={**data, "outcomes": data["outcomes"][:-1], "version": "9.0.0"}))
    with pytest.raises(Denied):
        floor.do("chen", ask.RetireFlow(flow="washer-noise"))
    for unknown in (
        lambda: floor.do("lin", ask.RetireFlow(flow="washer-nois")),
        lambda: floor.desk.read(floor.people["lin"], GetFlowFigures(flow="washer-nois")),
    ):
        with pytest.raises(NotFound) as raised:
            unknown()
        assert "“washer-noise”" in raised.value.hint
    first, *rest = data["questions"]
    with pytest.raises(Invalid, match=r"questions\.0\.safety"):  # what no file would be let through with
        floor.do("qiu", ask.PublishFlow(data={**data, "questions": [{**first, "safety": "no"}, *rest]}))
    floor.do("lin", ask.RetireFlow(flow="washer-noise"))
    assert floor.desk.read(floor.people["chen"], ask.GetFlows()) == ()


def test_figures_tell_how_a_flow_and_its_questions_fared(floor: Floor) -> None:
    version = shipped(floor)
    cases = WITNESSES["washer-noise"]
    for name in ("transport_bolts_on", "levelling", "bearing"):
        ticket, _case = take(floor, guided(floor, version, {**CALLER, **cases[name], **VISIT}))
        floor.do("chen", ConfirmCause(ticket_id=ticket.id, cause=name, missing="key" if name == "bearing" else ""))
    (figures,) = floor.desk.read(floor.people["lin"], GetFlowFigures())
    questions = {question.question: question for question in figures.questions}
    assert (figures.cases, figures.broken_off, figures.missing_part) == (3, 0.0, pytest.approx(1 / 3))
    assert {figures.names[id_].en for id_, _count in figures.outcomes} >= {"Bearing or belt wear"}
    assert questions["noise_kind"].gain_cause == pytest.approx(0.918, abs=0.001)
    assert questions["burnt_smell"].gain_outcome == 0.0 and questions["burnt_smell"].seconds == 5.0
    assert (questions["serial_no"].gain_outcome, questions["serial_no"].gain_cause) == (None, None), (
        "it names a machine"
    )
    with pytest.raises(Denied):
        floor.desk.read(floor.people["chen"], GetFlowFigures())


def test_a_rehearsal_is_scored_by_the_desk_and_the_lead_sees_everybodys(floor: Floor) -> None:
    version = shipped(floor)
    case = WITNESSES["washer-noise"]["transport_bolts_on"]
    steps = [RehearsalStep(question=q, value=v, seconds=4, keys=1) for q, v in case.items()]
    for login, taken in (("chen", steps), ("sato", steps[:2])):
        floor.do(login, KeepRehearsal(version_id=version, case=case, seed=7, steps=tuple(taken), seconds=30))
    own = floor.desk.read(floor.people["chen"], GetRehearsals())
    both = {line.agent: line for line in floor.desk.read(floor.people["lin"], GetRehearsals())}
    assert [line.agent for line in own] == ["Chen"] and own[0].passed
    asked = both["Sato"].names[both["Sato"].missed[-1]]
    assert asked.zh != asked.en, "what was missed is named, in both languages, not by its id"
    assert not both["Sato"].passed and both["Sato"].missed and both["Sato"].points < own[0].points
