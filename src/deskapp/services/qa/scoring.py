"""A rater's work: one's own tasks, the record and the card, the evaluation that is submitted and never overwritten."""

import secrets
from collections import defaultdict
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Subject
from deskapp.domain.qa_loop import CampaignFacts, Stage, step, too_fast
from deskapp.domain.qa_views import ScoreSheet, TaskLine, TaskQueue
from deskapp.domain.qa_words import PROVES, TaskKind, TaskState
from deskapp.domain.rule_items import decide
from deskapp.domain.scorecard import Scorecard, Source
from deskapp.domain.scoring import Answer, Finding, evaluate, prefill
from deskapp.domain.terms import EntryKind
from deskapp.domain.text import clean
from deskapp.models.base import table
from deskapp.models.qa import QaCampaign, QaEvaluation, QaNote, QaSample, QaTask
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.frames import plan_from
from deskapp.services.qa.kept import (
    answers_data,
    card_by_id,
    evaluated,
    findings_data,
    require_stage,
    seal,
    snapshot_from,
)
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.scoring import GetSheet, GetTasks, GivenAnswer, SubmitEvaluation
from deskapp.store.qa import facts_from

_k, _s, _q, _v = table(QaTask).c, table(QaSample).c, table(QaCampaign).c, table(QaEvaluation).c
_SCORED_IN = (Stage.ASSIGNED, Stage.SCORING, Stage.REVEALED)
LONGEST = 8 * 3600


@handles(GetTasks)
def get_tasks(read: Read, query: GetTasks) -> TaskQueue:
    """My tasks, the open ones in the order they are dealt; text is looked for in the snapshots of my records only."""
    wanted = clean(query.text).casefold()
    open_, done = [], []
    for row in read.session.execute(_mine(read, *([_s.snapshot] if wanted else []))):
        if wanted and wanted not in _words(row.snapshot).casefold() and wanted != row.record.casefold():
            continue
        if row.state is TaskState.SUBMITTED:
            done.append(_line(row))
        elif row.stage in _SCORED_IN:
            open_.append(_line(row))
    return TaskQueue(tuple(open_), tuple(done[-200:]))


def _mine(read: Read, *more: Any) -> Select[Any]:
    # Of the snapshot no more than the subject: a rater's month is megabytes of it.
    return (
        select(
            _k.id, _k.campaign_id, _q.number, _s.record, _s.snapshot["subject"].as_string().label("subject"), _k.state,
            _k.kind, _k.role, _q.stage, *more,
        )
        .join_from(table(QaTask), table(QaSample), _k.sample_id == _s.id)
        .join(table(QaCampaign), _k.campaign_id == _q.id)
        .where(_k.rater_id == read.actor.id, _k.state != TaskState.VOID, _q.stage != Stage.VOID)
        .order_by(_q.number, _k.lot)
    )  # fmt: skip


def _line(row: Any) -> TaskLine:
    return TaskLine(
        row.id, row.campaign_id, f"Q-{row.number}", row.record, row.subject, row.state, _told(row.kind), row.role
    )


def _told(kind: TaskKind) -> TaskKind:
    # Who is told to be the second, or to check, knows that somebody else scores too; all see the same word.
    return TaskKind.THIRD if kind is TaskKind.THIRD else TaskKind.PRIMARY


def _words(snapshot: dict[str, Any]) -> str:
    shown = snapshot_from(snapshot, show_agent=False)
    return " ".join([shown.subject, shown.description, shown.product, shown.fault, *(x.text for x in shown.lines)])


@handles(GetSheet)
def get_sheet(read: Read, query: GetSheet) -> ScoreSheet | None:
    """The record and the card of a task of mine; None when nothing is open. The agent is shown once it is submitted."""
    if query.task_id is None:
        # Which one first, then what it is about: nothing of the others is read out of their snapshots.
        first = (
            select(_k.id)
            .join_from(table(QaTask), table(QaCampaign), _k.campaign_id == _q.id)
            .where(_k.rater_id == read.actor.id, _k.state == TaskState.OPEN, _q.stage.in_(_SCORED_IN))
            .order_by(_q.number, _k.lot)
            .limit(1)
        )
        wanted = _mine(read).where(_k.id == first.scalar_subquery())
    else:
        wanted = _mine(read).where(_k.id == query.task_id)
    found = read.session.execute(wanted.limit(1)).first()
    if found is None and query.task_id is None:
        return None
    if found is None or (found.state is TaskState.OPEN and found.stage not in _SCORED_IN):
        raise NotFound(N_("This is no task of yours."), hint=N_("Look at your queue."))
    line = _line(found)
    mine = read.session.execute(
        select(QaEvaluation).where(_v.task_id == line.id).order_by(_v.revision.desc()).limit(1)
    ).scalar()
    row = read.session.execute(
        select(_s.snapshot, _q.card_id, _q.plan)
        .join_from(table(QaTask), table(QaSample), _k.sample_id == _s.id)
        .join(table(QaCampaign), _k.campaign_id == _q.id)
        .where(_k.id == line.id)
    ).one()
    card, plan = card_by_id(read.session, row.card_id), plan_from(row.plan)
    facts = facts_from(row.snapshot["facts"])
    of, submitted = read.session.execute(
        select(func.count(), func.count().filter(_k.state == TaskState.SUBMITTED)).where(
            _k.rater_id == read.actor.id, _k.campaign_id == line.campaign_id, _k.state != TaskState.VOID
        )
    ).one()
    place = submitted + (line.state is TaskState.OPEN)
    return ScoreSheet(
        line, place, of, card, snapshot_from(row.snapshot, show_agent=plan.show_agent or mine is not None),
        prefill(card, facts),
        {item.id: str(decide(item, facts).evidence) for item in card.record_items if item.source is Source.RULE},
        _notes(read.session, card),
        evaluated(mine, read.actor.name, line.role, line.kind) if mine else None, plan.show_total,
    )  # fmt: skip


def _notes(session: Session, card: Scorecard) -> dict[str, tuple[str, ...]]:
    n = table(QaNote).c
    found: dict[str, list[str]] = defaultdict(list)
    for row in session.execute(select(n.item, n.text).where(n.card == card.id).order_by(n.at)):
        found[row.item].append(row.text)
    return {item: tuple(texts) for item, texts in found.items()}


@handles(SubmitEvaluation)
def submit_evaluation(work: Work, command: SubmitEvaluation) -> Receipt:
    """Keep an evaluation as a new revision; the first one of a campaign opens its scoring."""
    task = work.lock(QaTask, command.task_id)
    work.authorize(command.action, Subject(frozenset({task.rater_id})))
    campaign = work.lock(QaCampaign, task.campaign_id)
    if task.state is TaskState.VOID:
        raise Conflict(N_("This record was taken out of the sample."), hint=N_("Take the next one."))
    allowed = (Stage.REVEALED,) if task.kind is TaskKind.THIRD else (Stage.ASSIGNED, Stage.SCORING)
    require_stage(campaign, *allowed)
    if task.kind is TaskKind.THIRD and task.state is TaskState.SUBMITTED:
        raise Conflict(N_("This record is decided."))
    if campaign.stage is Stage.ASSIGNED:
        campaign.stage = step(campaign.stage, Stage.SCORING, CampaignFacts(), work.now)
        work.record("qa.scoring", "qa_campaign", campaign)
    row = _evaluation(work, command, task, campaign)
    task.state = TaskState.SUBMITTED
    work.record("qa.submit", "qa_task", task)
    if task.kind is TaskKind.THIRD:
        from deskapp.services.qa import settling

        settling.settle_by_third(work, row)
    return Receipt("qa_task", task.id, f"Q-{campaign.number}", 0)


def _evaluation(work: Work, command: SubmitEvaluation, task: QaTask, campaign: QaCampaign) -> QaEvaluation:
    if not 0 <= command.active_seconds <= LONGEST:
        raise Invalid(N_("The active time can't be that."), field="active_seconds")
    sample = work.session.get(QaSample, task.sample_id)
    assert sample is not None
    snapshot = cast("dict[str, Any]", sample.snapshot)
    card, facts = card_by_id(work.session, campaign.card_id), facts_from(snapshot["facts"])
    lines = {str(line["id"]): PROVES[EntryKind(line["kind"])] for line in snapshot["lines"]}
    answers = prefill(card, facts)
    proof: dict[str, tuple[str, ...]] = {}
    for given in command.answers:
        answers[given.item] = _answer(given, lines, answers.get(given.item))
        proof[given.item] = given.lines
    findings = tuple(Finding(f.severity, f.item, f.critical_class, f.text, f.root_cause) for f in command.findings)
    score = evaluate(card, facts, answers, findings)
    newest = work.session.execute(select(func.max(_v.revision)).where(_v.task_id == task.id)).scalar() or 0
    salt = secrets.token_hex(16)
    kept: dict[str, Any] = {
        "answers": answers_data(answers, proof),
        "findings": findings_data(findings),
        "score": str(score.exact),
    }
    row = QaEvaluation(
        id=uuid7(), campaign_id=campaign.id, sample_id=sample.id, task_id=task.id, rater_id=task.rater_id,
        revision=newest + 1, score=str(score.exact), passed=score.result.value == "pass", critical=score.critical,
        answers=kept["answers"], findings=kept["findings"], comment=command.comment,
        active_seconds=command.active_seconds, fast=too_fast(timedelta(seconds=command.active_seconds)),
        submitted_at=work.now, salt=salt,
        seal=seal(salt, kept),
    )  # fmt: skip
    work.add(row)
    return row


def _answer(given: GivenAnswer, lines: dict[str, str], before: Answer | None) -> Answer:
    unknown = [line for line in given.lines if line not in lines]
    if unknown:
        raise Invalid(N_("The evidence is no line of this record."), field=given.item)
    kinds = frozenset(lines[line] for line in given.lines) | (before.evidence if before else frozenset())
    return Answer(given.points, given.na_reason, kinds, given.override_reason)


def require_not_rater(session: Session, sample_id: UUID, person: UUID) -> None:
    """Raise Denied for somebody who scored the record."""
    found = session.execute(select(_k.id).where(_k.sample_id == sample_id, _k.rater_id == person)).scalar()
    if found:
        raise Denied(
            N_("You scored this record: somebody else decides."), hint=N_("Hand it to another QA lead or rater.")
        )
