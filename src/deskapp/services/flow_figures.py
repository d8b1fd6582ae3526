"""How flows fared on real calls: per question and per flow, counted from the cases."""

import json
from collections import Counter, defaultdict
from statistics import fmean, median
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from deskapp.domain.flow.figures import information_gain
from deskapp.domain.flow.model import Flow, Question
from deskapp.domain.flow.session import NUMBERS
from deskapp.domain.terms import AppointmentState
from deskapp.domain.views_flow import FlowFigures, QuestionFigures
from deskapp.models.base import table
from deskapp.models.flow import FlowAnswer, FlowCase, FlowHead, FlowVersion
from deskapp.models.ticket import Appointment, Ticket
from deskapp.services.desk import Read, handles
from deskapp.services.flows import compiled_of, not_published
from deskapp.services.requests.flow_figures import GetFlowFigures

_ASKED = "asked"


@handles(GetFlowFigures)
def get_flow_figures(read: Read, query: GetFlowFigures) -> tuple[FlowFigures, ...]:
    """The figures of each flow that calls were taken with, or of one; the questions are those of its newest version.

    Raises NotFound for a flow that was never published.
    """
    c, v, h, t = table(FlowCase).c, table(FlowVersion).c, table(FlowHead).c, table(Ticket).c
    cases = (
        select(
            c.id, v.flow, c.outcome, c.given_grade, c.complete, c.seconds, c["keys"], c.cause, c.missing,
            c.confirmed_at, c.ticket_id, t.reopened,
        )
        .join_from(table(FlowCase), table(FlowVersion), c.version_id == v.id)
        .join(table(Ticket), c.ticket_id == t.id)
    )  # fmt: skip
    if query.flow:
        cases = cases.where(v.flow == query.flow)
    if query.since:
        cases = cases.where(c.started_at >= query.since)
    by_flow: dict[str, list[Any]] = defaultdict(list)
    for row in read.session.execute(cases):
        by_flow[row.flow].append(row)
    visits = _visits(read)
    if query.flow and not read.session.execute(select(h.id).where(h.flow == query.flow)).first():
        raise not_published(read.session, query.flow)
    newest = select(v.flow, v.hash, v.content).join_from(table(FlowHead), table(FlowVersion), h.version_id == v.id)
    return tuple(
        _figures(read, compiled_of(row.hash, row.content).flow, by_flow[row.flow], visits)
        for row in read.session.execute(newest.order_by(v.flow))
        if row.flow in by_flow
    )


def _figures(read: Read, flow: Flow, cases: list[Any], visits: dict[UUID, int]) -> FlowFigures:
    visited = [case for case in cases if visits.get(case.ticket_id)]
    at_once = [case for case in visited if visits[case.ticket_id] == 1 and not case.reopened]
    told = [case.missing for case in cases if case.missing is not None]
    return FlowFigures(
        flow=flow.id, title=flow.title, cases=len(cases), seconds=median(case.seconds for case in cases),
        keys=median(case.keys for case in cases),
        overridden=sum(case.given_grade is not None for case in cases) / len(cases),
        broken_off=sum(not case.complete for case in cases) / len(cases),
        first_visit=len(at_once) / len(visited) if visited else None,
        missing_part=sum(bool(text) for text in told) / len(told) if told else None,
        outcomes=tuple(Counter(case.outcome for case in cases).most_common()),
        questions=tuple(_questions(read, flow, cases)),
        otherwise=next((outcome.id for outcome in flow.outcomes if outcome.otherwise), ""),
        names={outcome.id: outcome.title for outcome in flow.outcomes},
    )  # fmt: skip


def _questions(read: Read, flow: Flow, cases: list[Any]) -> list[QuestionFigures]:
    a = table(FlowAnswer).c
    by_id = {case.id: case for case in cases}
    wanted = select(a.case_id, a.question, a.state, a.value, a.how, a.seconds, a.changes)
    answers: dict[str, list[Any]] = defaultdict(list)
    for row in read.session.execute(wanted.where(a.case_id.in_(by_id))):
        answers[row.question].append(row)
    # An own question that nobody was asked is a finding; a block's may simply not be this flow's business.
    return [
        _question(question, answers[question.id], by_id)
        for question in flow.questions
        if answers[question.id] or question.block is None
    ]


def _question(about: Question, rows: list[Any], cases: dict[UUID, Any]) -> QuestionFigures:
    # Names, numbers of machines and days are another answer each time: they would seem to tell everything.
    telling = rows if about.options or about.type in NUMBERS else []
    states, ways = Counter(row.state for row in rows), Counter(row.how for row in rows)
    asked = [row.seconds for row in rows if row.how == _ASKED]
    causes = [(json.dumps(row.value), cases[row.case_id].cause) for row in telling if cases[row.case_id].cause]
    return QuestionFigures(
        question=about.id, label=about.label, asked=ways[_ASKED], answered=states["answered"],
        unknown=states["unknown"], refused=states["refused"], volunteered=ways["volunteered"],
        prefilled=ways["prefilled"], changed=sum(row.changes > 0 for row in rows),
        seconds=fmean(asked) if asked else None,
        gain_outcome=information_gain((json.dumps(row.value), cases[row.case_id].outcome) for row in telling)
        if telling else None,
        gain_cause=information_gain(causes) if causes else None,
        values=len({json.dumps(row.value) for row in rows}), info=about.info, safety=about.safety, block=about.block,
    )  # fmt: skip


def _visits(read: Read) -> dict[UUID, int]:
    a = table(Appointment).c
    done = select(a.ticket_id, func.count()).where(a.state == AppointmentState.DONE).group_by(a.ticket_id)
    return {ticket: count for ticket, count in read.session.execute(done)}
