"""Rehearsals: scored here with the same caller made again, kept per person for the lead."""

from datetime import date

from sqlalchemy import select

from deskapp.domain.flow.draft import How
from deskapp.domain.flow.model import Text
from deskapp.domain.permissions import Reach, Subject, reach
from deskapp.domain.practice import Step, make_script, score
from deskapp.domain.views_flow import PracticeLine
from deskapp.models.base import table
from deskapp.models.flow import FlowVersion, PracticeResult
from deskapp.models.people import Agent
from deskapp.services.desk import Read, Work, handles
from deskapp.services.flows import compiled_version
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.practice import GetRehearsals, KeepRehearsal

_LONGEST_LIST = 1000


@handles(KeepRehearsal)
def keep_rehearsal(work: Work, command: KeepRehearsal) -> Receipt:
    """Score a rehearsal and keep it. Raises Invalid for answers that the flow does not accept."""
    work.authorize(command.action, Subject(people=frozenset({work.actor.id})))
    version, compiled = compiled_version(work.session, command.version_id)
    today = date.fromisoformat(command.today) if command.today else work.now.date()
    script = make_script(compiled, compiled.read(command.case), seed=command.seed, today=today)
    steps = [
        Step(
            step.question,
            compiled.check(step.question, step.value, today=today),
            step.seconds,
            step.keys,
            How(step.how),
        )
        for step in command.steps
    ]
    result = score(compiled, script, steps, seconds=command.seconds, today=today)
    row = PracticeResult(
        id=command.submission_id, agent_id=work.actor.id, version_id=version.id, seed=command.seed,
        points=result.points, passed=result.passed, outcome=result.outcome or "", expected=result.expected,
        missed=list(result.missed), wrong=list(result.wrong), asked_again=list(result.asked_again),
        seconds=round(result.seconds), keys=result.keys, done_at=work.now,
    )  # fmt: skip
    work.add(row)
    work.record(command.action, "practice", row)
    return Receipt("practice", row.id, f"{result.points}", 0)


@handles(GetRehearsals)
def get_rehearsals(read: Read, query: GetRehearsals) -> tuple[PracticeLine, ...]:
    """Rehearsals, newest first: one's own, or everybody's for who may read them."""
    p, a, v = table(PracticeResult).c, table(Agent).c, table(FlowVersion).c
    wanted = (
        select(
            p.id, a.name, v.flow, v.title_zh, v.title_en, p.points, p.passed, p.outcome, p.expected, p.missed, p.wrong,
            p.asked_again, p.seconds, p["keys"], p.done_at,
        )
        .join_from(table(PracticeResult), table(Agent), p.agent_id == a.id)
        .join(table(FlowVersion), p.version_id == v.id)
        .order_by(p.done_at.desc())
        .limit(min(query.limit, _LONGEST_LIST))
    )  # fmt: skip
    if reach(read.actor, query.action) < Reach.ALL:
        wanted = wanted.where(p.agent_id == read.actor.id)
    return tuple(
        PracticeLine(
            id_, name, flow, Text(zh, en), points, passed, outcome, expected, tuple(missed), tuple(wrong), tuple(again),
            seconds, keys, done_at,
        )
        for id_, name, flow, zh, en, points, passed, outcome, expected, missed, wrong, again, seconds, keys, done_at
        in read.session.execute(wanted)
    )  # fmt: skip
