"""From several scores to one: compare after the reveal, a third rater or the QA lead where raters differ."""

from fractions import Fraction
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlmodel import Session

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Reach, reach
from deskapp.domain.qa_loop import Adjudication, Outcome, Stage, adjudicate
from deskapp.domain.qa_views import Comparison, RaterChoice
from deskapp.domain.qa_words import SampleState, SettledBy, TaskKind, TaskState
from deskapp.domain.sampling import ticket
from deskapp.domain.scorecard import Scorecard
from deskapp.domain.scoring import Score, record_score
from deskapp.domain.terms import Role
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import QaCampaign, QaEvaluation, QaSample, QaSettlement, QaTask
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.kept import (
    campaign_row,
    card_by_id,
    evaluated,
    findings_data,
    findings_from,
    points_data,
    require_stage,
    snapshot_from,
)
from deskapp.services.qa.scoring import require_not_rater
from deskapp.services.qa.votes import (
    COUNTING,
    REVEALED,
    Vote,
    counted,
    final_of,
    mean_points,
    points_of,
    settlements_where,
    votes_where,
    worst_findings,
)
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.settling import Adjudicate, AskThird, GetComparison, ListThirds
from deskapp.store.bulk import collector_held
from deskapp.store.qa import workers

_k, _s, _v = table(QaTask).c, table(QaSample).c, table(QaEvaluation).c
_t, _a = table(QaSettlement).c, table(Agent).c
SCORERS = (Role.RATER, Role.QA_LEAD, Role.LEAD)


@handles(GetComparison)
@collector_held()
def get_comparison(read: Read, query: GetComparison) -> tuple[Comparison, ...]:
    """Everybody's evaluations of each record. Before the reveal: the auditor reads, all others are refused.

    A rater sees the records that he or she scored; one who still is to decide as a third sees none of it.
    """
    row = campaign_row(read.session, query.campaign_id)
    if row.stage not in REVEALED and reach(read.actor, "qa.values") < Reach.ALL:
        raise Denied(
            N_("Scores stay hidden until all are submitted and the QA lead reveals them."),
            hint=N_("Look at the progress instead."),
        )
    card = card_by_id(read.session, row.card_id)
    wanted = _compared(read, query)
    samples = read.session.execute(select(QaSample).where(_s.id.in_(wanted)).order_by(_s.record)).scalars().all()
    votes = votes_where(read.session, _v.campaign_id == row.id, _v.sample_id.in_(wanted))
    final = settlements_where(read.session, _t.campaign_id == row.id, _t.sample_id.in_(wanted))
    names = dict(read.session.execute(select(_a.id, _a.name)).all())
    waiting = dict(
        read.session.execute(
            select(_k.sample_id, _a.name)
            .join_from(table(QaTask), table(Agent), _k.rater_id == _a.id)
            .where(_k.campaign_id == row.id, _k.kind == TaskKind.THIRD, _k.state == TaskState.OPEN)
        ).all()
    )  # fmt: skip
    found = []
    for sample in samples:
        given = votes.get(sample.id, [])
        outcome = _outcome(given, card)
        found.append(
            Comparison(
                sample.id,
                f"Q-{row.number}",
                sample.record,
                str(sample.snapshot["subject"]),
                sample.stratum,
                sample.state,
                str(sample.snapshot["agent"]),
                tuple(evaluated(v, names[v.rater_id], task.role, task.kind) for v, task in given),
                final.get(sample.id),
                outcome.difference if outcome else Fraction(0),
                outcome.reasons if outcome else (),
                waiting.get(sample.id, ""),
                card,
                snapshot_from(cast("dict[str, Any]", sample.snapshot), show_agent=True),
            )
        )
    return tuple(found)


def _compared(read: Read, query: GetComparison) -> Select[Any]:
    """Which records: all, of a rater those that the rater has scored, or those that wait for a decision."""
    wanted = select(_s.id).where(_s.campaign_id == query.campaign_id)
    if reach(read.actor, query.action) is Reach.OWN:
        mine = select(_k.sample_id).where(_k.rater_id == read.actor.id, _k.state == TaskState.SUBMITTED)
        wanted = wanted.where(_s.id.in_(mine))
    if query.undecided_only:
        scored = select(_v.sample_id).where(_v.campaign_id == query.campaign_id)
        settled = select(_t.sample_id).where(_t.campaign_id == query.campaign_id)
        wanted = wanted.where(_s.state == SampleState.DRAWN, _s.id.in_(scored), _s.id.not_in(settled))
    return wanted


@handles(AskThird)
def ask_third(work: Work, command: AskThird) -> Receipt:
    """Give a record on which raters differ to a third, who scores it blind; that evaluation decides."""
    work.authorize(command.action)
    sample, campaign = _revealed(work, command.sample_id)
    if final_of(work.session, [sample.id]):
        raise Conflict(N_("{record} is settled."), record=sample.record)
    rater = work.session.get(Agent, command.rater_id)
    if rater is None or not rater.active or rater.role not in SCORERS:
        raise Invalid(N_("{who} may not score."), who=rater.name if rater else "?", field="rater_id")
    if command.rater_id in _barred(work.session, sample):
        raise Invalid(N_("{who} scored or worked on this record."), who=rater.name, field="rater_id")
    lot = ticket(campaign.seed, f"{sample.record}|{rater.login}", "order")
    task = QaTask(id=command.submission_id, campaign_id=campaign.id, sample_id=sample.id, rater_id=rater.id,
                  kind=TaskKind.THIRD, role="", lot=lot)  # fmt: skip
    work.add(task)
    work.record("qa.third", "qa_task", task)
    return Receipt("qa_task", task.id, f"Q-{campaign.number}", 0)


@handles(ListThirds)
def list_thirds(read: Read, query: ListThirds) -> tuple[RaterChoice, ...]:
    """Those who may score, without who scored the record, worked on it, or leads its team."""
    sample = read.session.get(QaSample, query.sample_id)
    if sample is None:
        raise NotFound(N_("There is no such record in a sample."))
    barred = _barred(read.session, sample)
    open_ = (
        select(_k.rater_id, func.count().label("n")).where(_k.state == TaskState.OPEN).group_by(_k.rater_id).subquery()
    )
    load = func.coalesce(open_.c.n, 0)
    rows = read.session.execute(
        select(_a.id, _a.login, _a.name, _a.role, _a.team_id, load.label("load"))
        .select_from(table(Agent).outerjoin(open_, open_.c.rater_id == _a.id))
        .where(_a.active, _a.role.in_(SCORERS))
        .order_by(load, _a.name)
    )
    return tuple(
        RaterChoice(row.id, row.login, row.name, row.load)
        for row in rows
        if row.id not in barred and not (row.role is Role.LEAD and row.team_id == sample.team_id)
    )


def _barred(session: Session, sample: QaSample) -> set[UUID]:
    known = session.execute(select(_k.rater_id).where(_k.sample_id == sample.id)).scalars()
    return set(known) | workers(session, sample.ticket_id)


@handles(Adjudicate)
def adjudicate_record(work: Work, command: Adjudicate) -> Receipt:
    """Say which evaluation stands; one who scored the record does not decide."""
    work.authorize(command.action)
    sample, campaign = _revealed(work, command.sample_id)
    require_not_rater(work.session, sample.id, work.actor.id)
    if final_of(work.session, [sample.id]):
        raise Conflict(N_("{record} is settled."), record=sample.record)
    chosen = work.session.get(QaEvaluation, command.evaluation_id)
    if chosen is None or chosen.sample_id != sample.id:
        raise NotFound(N_("There is no such evaluation of {record}."), record=sample.record)
    for task_id in work.session.execute(
        select(_k.id).where(_k.sample_id == sample.id, _k.kind == TaskKind.THIRD, _k.state == TaskState.OPEN)
    ).scalars():
        work.lock(QaTask, task_id).state = TaskState.VOID
    row = _from_evaluation(work, chosen, SettledBy.QA_LEAD, command.reason)
    work.record(command.action, "qa_settlement", row)
    return Receipt("qa_settlement", row.id, f"Q-{campaign.number}", 0)


def settle_agreeing(work: Work, campaign: QaCampaign) -> None:
    """At the reveal: what one rater scored stands, what several scored alike becomes the mean; the rest waits."""
    card, rows = card_by_id(work.session, campaign.card_id), []
    for votes in counted(work.session, campaign.id):
        if len(votes) == 1:
            points = {item: answer["points"] for item, answer in votes[0].answers.items()}
            rows.append(_row(work, campaign.id, votes[0], SettledBy.SINGLE, votes[0].score, points, votes[0].findings))
            continue
        outcome = adjudicate([_score(vote, card) for vote in votes])
        if outcome.way is Adjudication.MEAN and outcome.score is not None:
            means = points_data(mean_points([points_of(vote) for vote in votes]))
            worst = findings_data(worst_findings(f for vote in votes for f in findings_from(vote.findings)))
            rows.append(_row(work, campaign.id, votes[0], SettledBy.MEAN, str(outcome.score), means, worst))
    work.add_many(QaSettlement, rows)


def settle_by_third(work: Work, chosen: QaEvaluation) -> None:
    """The third rater's evaluation decides."""
    row = _from_evaluation(work, chosen, SettledBy.THIRD, "")
    work.record("qa.adjudicate", "qa_settlement", row)


def undecided(session: Session, campaign_id: UUID) -> int:
    """How many scored records have no settlement."""
    done = select(_t.sample_id).where(_t.campaign_id == campaign_id)
    return int(
        session.execute(
            select(func.count(func.distinct(_v.sample_id)))
            .join_from(table(QaEvaluation), table(QaTask), _v.task_id == _k.id)
            .where(_v.campaign_id == campaign_id, _k.kind.in_(COUNTING), _v.sample_id.not_in(done))
        ).scalar_one()
    )


def _outcome(given: list[tuple[QaEvaluation, QaTask]], card: Scorecard) -> Outcome | None:
    """What becomes of what several gave; None where there is one, who differs from nobody."""
    counting = [vote for vote, task in given if task.kind in (TaskKind.PRIMARY, TaskKind.SECOND)]
    return adjudicate([_score(vote, card) for vote in counting]) if len(counting) > 1 else None


def _score(vote: QaEvaluation | Vote, card: Scorecard) -> Score:
    """The score behind an evaluation, with the number that it had before a critical finding made it zero."""
    points = points_of(vote)
    parts = [(item.weight, points.get(item.id)) for item in card.record_items]
    return record_score(parts, critical=vote.critical, pass_mark=card.pass_mark, on_critical=card.on_critical)


def _revealed(work: Work, sample_id: UUID) -> tuple[QaSample, QaCampaign]:
    sample = work.lock(QaSample, sample_id)
    campaign = work.lock(QaCampaign, sample.campaign_id)
    require_stage(campaign, Stage.REVEALED)
    return sample, campaign


def _from_evaluation(work: Work, vote: QaEvaluation, way: SettledBy, reason: str) -> QaSettlement:
    values = _row(work, vote.campaign_id, vote, way, vote.score, points_data(points_of(vote)), vote.findings)
    row = QaSettlement(**values | {"reason": reason})
    work.add(row)
    return row


def _row(
    work: Work,
    campaign_id: UUID,
    vote: QaEvaluation | Vote,
    way: SettledBy,
    score: str,
    points: dict[str, Any],
    findings: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "id": uuid7(), "campaign_id": campaign_id, "sample_id": vote.sample_id, "revision": 1, "way": way,
        "score": score, "passed": vote.passed, "critical": vote.critical, "points": points, "findings": findings,
        "reason": "", "settled_by": work.actor.id, "at": work.now,
    }  # fmt: skip


__all__ = ["settle_agreeing", "settle_by_third", "undecided"]
