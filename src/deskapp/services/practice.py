"""Rehearsals: scored here with the same caller made again, kept per person for the lead."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from statistics import fmean
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from deskapp.domain.flow.draft import How
from deskapp.domain.flow.model import Flow, Text
from deskapp.domain.permissions import RIGHTS, Reach, Subject, reach
from deskapp.domain.practice import Caller, Step, callers, make_script, score
from deskapp.domain.views_flow import PracticeLine, Practiser
from deskapp.models.base import table
from deskapp.models.flow import FlowVersion, PracticeResult
from deskapp.models.people import Agent
from deskapp.services.desk import Read, Work, handles
from deskapp.services.flows import compiled_of, compiled_version
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.practice import GetCallers, GetPractisers, GetRehearsals, KeepRehearsal

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
            p.asked_again, p.seconds, p["keys"].label("key_presses"), p.done_at, p.version_id,
        )
        .join_from(table(PracticeResult), table(Agent), p.agent_id == a.id)
        .join(table(FlowVersion), p.version_id == v.id)
        .order_by(p.done_at.desc())
        .limit(min(query.limit, _LONGEST_LIST))
    )  # fmt: skip
    if reach(read.actor, query.action) < Reach.ALL:
        wanted = wanted.where(p.agent_id == read.actor.id)
    if query.agent_id:
        wanted = wanted.where(p.agent_id == query.agent_id)
    rows = read.session.execute(wanted).all()
    versions = select(v.id, v.hash, v.content).where(v.id.in_({row.version_id for row in rows}))
    flows = {row.id: compiled_of(row.hash, row.content).flow for row in read.session.execute(versions)}
    return tuple(
        PracticeLine(
            row.id, row.name, row.flow, Text(row.title_zh, row.title_en), row.points, row.passed, row.outcome,
            row.expected, tuple(row.missed), tuple(row.wrong), tuple(row.asked_again), row.seconds, row.key_presses,
            row.done_at, _names(flows[row.version_id], row),
        )
        for row in rows
    )  # fmt: skip


def _names(flow: Flow, row: Any) -> dict[str, Text]:
    named = {*row.missed, *row.wrong, *row.asked_again, row.outcome, row.expected}
    titles = {outcome.id: outcome.title for outcome in flow.outcomes if outcome.id in named}
    return titles | {question.id: question.label for question in flow.questions if question.id in named}


@handles(GetCallers)
def get_callers(read: Read, query: GetCallers) -> tuple[Caller, ...]:
    """Who can call about a published version. Raises NotFound."""
    version, compiled = compiled_version(read.session, query.version_id)
    if version.hash not in _callers:
        if len(_callers) >= _KEEP:
            _callers.clear()
        _callers[version.hash] = callers(compiled)
    return _callers[version.hash]


# A version never changes, and neither does who can call about it.
_callers: dict[str, tuple[Caller, ...]] = {}
_KEEP = 100


@handles(GetPractisers)
def get_practisers(read: Read, query: GetPractisers) -> tuple[Practiser, ...]:
    """Everybody who should practise, those who have not this month first; a month begins in the given zone."""
    local = read.clock.now().astimezone(query.zone)
    this = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = (this - timedelta(days=1)).replace(day=1)
    this, before = this.astimezone(UTC), before.astimezone(UTC)
    p, a = table(PracticeResult).c, table(Agent).c
    people = select(a.id, a.login, a.name, a.role).where(a.active).order_by(a.name)
    rows = select(p.agent_id, p.points, p.passed, p.done_at).where(p.done_at >= before)
    last = select(p.agent_id, func.max(p.done_at)).group_by(p.agent_id)
    if reach(read.actor, query.action) < Reach.ALL:
        people = people.where(a.id == read.actor.id)
        rows, last = rows.where(p.agent_id == read.actor.id), last.where(p.agent_id == read.actor.id)
    done: dict[UUID, list[Any]] = defaultdict(list)
    for row in read.session.execute(rows):
        done[row.agent_id].append(row)
    ever = {agent: at for agent, at in read.session.execute(last)}
    found = [
        _practiser(row, done[row.id], ever.get(row.id), this)
        for row in read.session.execute(people)
        if RIGHTS["practice.take"][row.role] > Reach.NONE
    ]
    return tuple(sorted(found, key=lambda line: line.month > 0))


def _practiser(person: Any, rows: list[Any], last_at: datetime | None, this: datetime) -> Practiser:
    month = [row for row in rows if row.done_at >= this]
    earlier = [row.points for row in rows if row.done_at < this]
    return Practiser(
        person.id, person.login, person.name, len(month), sum(row.passed for row in month),
        fmean(row.points for row in month) if month else None, fmean(earlier) if earlier else None, last_at,
    )  # fmt: skip
