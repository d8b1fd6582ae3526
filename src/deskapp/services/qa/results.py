"""After the reveal: compare, adjudicate, release to the agents, decide disputes; each settlement is a new revision."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Reach, Subject, reach
from deskapp.domain.qa_loop import Adjudication, Outcome, Stage, adjudicate, check_dispute
from deskapp.domain.qa_views import Comparison, DisputeLine, ResultLine, Settled
from deskapp.domain.qa_words import DisputeState, SampleState, SettledBy, TaskKind, TaskState
from deskapp.domain.sampling import ticket
from deskapp.domain.scorecard import Scorecard, Severity
from deskapp.domain.scoring import Finding, record_score
from deskapp.domain.terms import Role
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import QaCampaign, QaDispute, QaEvaluation, QaSample, QaSettlement, QaTask
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.kept import (
    answers_from,
    campaign_row,
    card_by_id,
    evaluated,
    findings_data,
    findings_from,
    lines_from,
    points_data,
    points_from,
    require_stage,
    score_of,
    settled,
)
from deskapp.services.qa.scoring import require_not_rater
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.results import (
    Adjudicate,
    AskThird,
    DecideDispute,
    GetComparison,
    GetResults,
    ListDisputes,
    OpenDispute,
)
from deskapp.store.qa import workers

_k, _s, _q, _v = table(QaTask).c, table(QaSample).c, table(QaCampaign).c, table(QaEvaluation).c
_t, _d, _a = table(QaSettlement).c, table(QaDispute).c, table(Agent).c
REVEALED = (Stage.REVEALED, Stage.ADJUDICATED, Stage.RELEASED, Stage.FINAL, Stage.REPORTED)
RELEASED = (Stage.RELEASED, Stage.FINAL, Stage.REPORTED)
COUNTING = (TaskKind.PRIMARY, TaskKind.SECOND, TaskKind.THIRD)


def window(days: int) -> timedelta:
    """How long released scores may be disputed."""
    return timedelta(days=days)


# Compare and adjudicate -----------------------------------------------------------------------------------------------


@handles(GetComparison)
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
    samples = {
        s.id: s
        for s in read.session.execute(select(QaSample).where(_s.campaign_id == row.id).order_by(_s.record)).scalars()
    }
    own = reach(read.actor, query.action) is Reach.OWN
    allowed = set(samples)
    if own:
        mine = select(_k.sample_id, _k.kind, _k.state).where(_k.campaign_id == row.id, _k.rater_id == read.actor.id)
        tasks = read.session.execute(mine).all()
        allowed = {t.sample_id for t in tasks if t.state is TaskState.SUBMITTED}
    votes = latest(read.session, row.id)
    final = settlements(read.session, row.id)
    names = dict(read.session.execute(select(_a.id, _a.name)).all())
    waiting = dict(
        read.session.execute(
            select(_k.sample_id, _a.name)
            .join_from(table(QaTask), table(Agent), _k.rater_id == _a.id)
            .where(_k.campaign_id == row.id, _k.kind == TaskKind.THIRD, _k.state == TaskState.OPEN)
        ).all()
    )  # fmt: skip
    found = []
    for key in samples:
        if key not in allowed:
            continue
        sample, given = samples[key], votes.get(key, [])
        outcome = _outcome(given, card)
        if query.undecided_only and (key in final or not given or sample.state is SampleState.REPLACED):
            continue
        found.append(
            Comparison(
                key,
                f"Q-{row.number}",
                sample.record,
                str(sample.snapshot["subject"]),
                sample.stratum,
                sample.state,
                str(sample.snapshot["agent"]),
                tuple(evaluated(v, names[v.rater_id], task.role, task.kind) for v, task in given),
                final.get(key),
                outcome.difference if outcome else Fraction(0),
                outcome.reasons if outcome else (),
                waiting.get(key, ""),
            )
        )
    return tuple(found)


@handles(AskThird)
def ask_third(work: Work, command: AskThird) -> Receipt:
    """Give a record on which raters differ to a third, who scores it blind; that evaluation decides."""
    work.authorize(command.action)
    sample, campaign = _revealed(work, command.sample_id)
    if sample.id in settlements(work.session, campaign.id):
        raise Conflict(N_("{record} is settled."), record=sample.record)
    rater = work.session.get(Agent, command.rater_id)
    if rater is None or not rater.active or rater.role not in (Role.RATER, Role.QA_LEAD, Role.LEAD):
        raise Invalid(N_("{who} may not score."), who=rater.name if rater else "?", field="rater_id")
    known = work.session.execute(select(_k.rater_id).where(_k.sample_id == sample.id)).scalars().all()
    if command.rater_id in known or command.rater_id in workers(work.session, [sample.ticket_id])[sample.ticket_id]:
        raise Invalid(N_("{who} scored or worked on this record."), who=rater.name, field="rater_id")
    lot = ticket(campaign.seed, f"{sample.record}|{rater.login}", "order")
    task = QaTask(id=command.submission_id, campaign_id=campaign.id, sample_id=sample.id, rater_id=rater.id,
                  kind=TaskKind.THIRD, role="", lot=lot)  # fmt: skip
    work.add(task)
    work.record("qa.third", "qa_task", task)
    return Receipt("qa_task", task.id, f"Q-{campaign.number}", 0)


@handles(Adjudicate)
def adjudicate_record(work: Work, command: Adjudicate) -> Receipt:
    """Say which evaluation stands; one who scored the record does not decide."""
    work.authorize(command.action)
    sample, campaign = _revealed(work, command.sample_id)
    require_not_rater(work.session, sample.id, work.actor.id)
    if sample.id in settlements(work.session, campaign.id):
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
    card = card_by_id(work.session, campaign.card_id)
    for given in latest(work.session, campaign.id).values():
        counted = [v for v, task in given if task.kind in COUNTING]
        if not counted:
            continue
        if len(counted) == 1:
            _from_evaluation(work, counted[0], SettledBy.SINGLE, "")
            continue
        outcome = _outcome(given, card)
        if outcome and outcome.way is Adjudication.MEAN and outcome.score is not None:
            points = mean_points([points_of(v) for v in counted])
            findings = worst_findings(f for v in counted for f in findings_from(v.findings))
            _settle(work, counted[0], SettledBy.MEAN, outcome.score, counted[0].passed, counted[0].critical, points,
                    findings)  # fmt: skip


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


# Results of the agents and their disputes -----------------------------------------------------------------------------


@handles(GetResults)
def get_results(read: Read, query: GetResults) -> tuple[ResultLine, ...]:
    """Released results, the newest campaign first; the rater is shown by role."""
    condition: ColumnElement[bool] = _q.stage.in_(RELEASED)
    match reach(read.actor, query.action):
        case Reach.OWN:
            condition = condition & (_s.agent_id == read.actor.id)
        case Reach.TEAM:
            condition = condition & ((_s.agent_id == read.actor.id) | (_s.team_id == read.actor.team_id))
    if query.campaign_id:
        condition = condition & (_q.id == query.campaign_id)
    rows = read.session.execute(
        select(QaSample, _q.number, _q.card_id, _q.dispute_until)
        .join_from(table(QaSample), table(QaCampaign), _s.campaign_id == _q.id)
        .where(condition, _s.state == SampleState.DRAWN)
        .order_by(_q.number.desc(), _s.record)
        .limit(1000)
    ).all()
    keys = [row[0].id for row in rows]
    final, votes, disputes = (
        _final_of(read.session, keys),
        _votes_of(read.session, keys),
        _disputes_of(read.session, keys),
    )
    found = []
    for sample, number, card_id, until in rows:
        if sample.id not in final:
            continue
        given = [(v, task) for v, task in votes.get(sample.id, ()) if task.kind in COUNTING]
        dispute = disputes.get(sample.id)
        found.append(
            ResultLine(
                sample.id,
                f"Q-{number}",
                sample.record,
                str(sample.snapshot["subject"]),
                str(sample.snapshot["agent"]),
                final[sample.id],
                card_by_id(read.session, card_id),
                tuple(sorted({task.role for _v, task in given})),
                _evidence(sample, [v for v, _task in given]),
                tuple(v.comment for v, _task in given if v.comment),
                until,
                dispute.state if dispute else None,
                dispute.decision if dispute else "",
            )
        )
    return tuple(found)


def _evidence(sample: QaSample, votes: Iterable[QaEvaluation]) -> dict[str, tuple[str, ...]]:
    """By item, the words of the lines that prove it."""
    words = {str(line["id"]): str(line["text"]) for line in sample.snapshot["lines"]}  # type: ignore[attr-defined]
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for vote in votes:
        for item, lines in lines_from(vote.answers).items():
            found[item] |= dict.fromkeys(words[line] for line in lines if words.get(line))
    return {item: tuple(texts) for item, texts in found.items()}


@handles(OpenDispute)
def open_dispute(work: Work, command: OpenDispute) -> Receipt:
    """Dispute a released score: the agent's own, or a lead on behalf; once, within the window."""
    sample = work.session.get(QaSample, command.sample_id)
    campaign = work.session.get(QaCampaign, sample.campaign_id) if sample else None
    if sample is not None and sample.agent_id is not None:
        teams = frozenset({sample.team_id} if sample.team_id else ())
        work.authorize(command.action, Subject(frozenset({sample.agent_id}), teams))
    if sample is None or campaign is None or campaign.stage not in RELEASED or sample.agent_id is None:
        # A record that is not released yet is none, for whoever asks.
        raise NotFound(N_("There is no such result."), hint=N_("Look at the released results."))
    require_stage(campaign, Stage.RELEASED)
    assert campaign.released_at is not None and campaign.dispute_until is not None
    already = work.session.execute(
        select(func.count()).select_from(table(QaDispute)).where(_d.sample_id == sample.id)
    ).scalar_one()
    check_dispute(campaign.released_at, work.now, window=campaign.dispute_until - campaign.released_at, already=already)
    card = card_by_id(work.session, campaign.card_id)
    for item in command.items:
        card.item(item)
    row = QaDispute(
        id=command.submission_id, campaign_id=campaign.id, sample_id=sample.id, agent_id=sample.agent_id,
        opened_by=work.actor.id, items=",".join(command.items), text=command.text, at=work.now,
    )  # fmt: skip
    work.add(row)
    work.record(command.action, "qa_dispute", row)
    return Receipt("qa_dispute", row.id, sample.record, 0)


@handles(ListDisputes)
def list_disputes(read: Read, query: ListDisputes) -> tuple[DisputeLine, ...]:
    """Disputes that the reader may see, the open ones first."""
    condition: ColumnElement[bool] = _q.stage.in_(RELEASED)
    match reach(read.actor, query.action):
        case Reach.OWN:
            condition = condition & (_d.agent_id == read.actor.id)
        case Reach.TEAM:
            condition = condition & ((_d.agent_id == read.actor.id) | (_s.team_id == read.actor.team_id))
    rows = read.session.execute(
        select(QaDispute, QaSample, _q.number)
        .join_from(table(QaDispute), table(QaSample), _d.sample_id == _s.id)
        .join(table(QaCampaign), _d.campaign_id == _q.id)
        .where(condition)
        .order_by((_d.state != DisputeState.OPEN), _d.at)
    ).all()
    final = _final_of(read.session, [sample.id for _dispute, sample, _number in rows])
    return tuple(
        DisputeLine(
            d.id, d.version, s.id, f"Q-{number}", s.record, str(s.snapshot["agent"]),
            tuple(filter(None, d.items.split(","))), d.text, d.at, d.state, final[s.id].score, d.decision,
        )
        for d, s, number in rows
    )  # fmt: skip


@handles(DecideDispute)
def decide_dispute(work: Work, command: DecideDispute) -> Receipt:
    """Uphold a dispute with other points, or reject it; nobody decides on a score that they gave."""
    work.authorize(command.action)
    row = work.lock(QaDispute, command.dispute_id)
    work.expect(row, command.version)
    if row.state is not DisputeState.OPEN:
        raise Conflict(N_("This dispute is decided."))
    require_not_rater(work.session, row.sample_id, work.actor.id)
    campaign = campaign_row(work.session, row.campaign_id)
    if command.upheld:
        card = card_by_id(work.session, campaign.card_id)
        _rescore(work, row, card, dict(command.points), command.decision)
    row.state = DisputeState.UPHELD if command.upheld else DisputeState.REJECTED
    row.decided_by, row.decided_at, row.decision = work.actor.id, work.now, command.decision
    work.record(command.action, "qa_dispute", row)
    return Receipt("qa_dispute", row.id, f"Q-{campaign.number}", 0)


def _rescore(
    work: Work, dispute: QaDispute, card: Scorecard, points: Mapping[str, Fraction | None], reason: str
) -> None:
    before = _final_of(work.session, [dispute.sample_id])[dispute.sample_id]
    if not points:
        raise Invalid(N_("Say which items get which points."), field="points")
    for item, value in points.items():
        if value is not None:
            card.item(item).scale.check(value, item)
    # With the points, the findings on the same items fall.
    findings = tuple(f for f in before.findings if f.item not in points)
    merged = {**before.points, **points}
    critical = any(f.severity is Severity.CRITICAL for f in findings)
    parts = [(item.weight, merged.get(item.id)) for item in card.record_items]
    score = record_score(parts, critical=critical, pass_mark=card.pass_mark, on_critical=card.on_critical)
    work.add(
        QaSettlement(
            id=uuid7(),
            campaign_id=dispute.campaign_id,
            sample_id=dispute.sample_id,
            revision=before.revision + 1,
            way=SettledBy.DISPUTE,
            score=str(score.exact),
            passed=score.result.value == "pass",
            critical=critical,
            points=points_data(merged),
            findings=findings_data(findings),
            reason=reason,
            settled_by=work.actor.id,
            at=work.now,
        )
    )


# What other parts use -------------------------------------------------------------------------------------------------


def latest(session: Session, campaign_id: UUID) -> dict[UUID, list[tuple[QaEvaluation, QaTask]]]:
    """The newest revision of every evaluation of a campaign, by sample."""
    return _newest(session, _v.campaign_id == campaign_id)


def _votes_of(session: Session, keys: list[UUID]) -> dict[UUID, list[tuple[QaEvaluation, QaTask]]]:
    return _newest(session, _v.sample_id.in_(keys)) if keys else {}


def _newest(session: Session, condition: ColumnElement[bool]) -> dict[UUID, list[tuple[QaEvaluation, QaTask]]]:
    rows = session.execute(
        select(QaEvaluation, QaTask)
        .join_from(table(QaEvaluation), table(QaTask), _v.task_id == _k.id)
        .where(condition)
        .order_by(_v.task_id, _v.revision)
    ).all()
    newest = {task.id: (vote, task) for vote, task in rows}
    found: dict[UUID, list[tuple[QaEvaluation, QaTask]]] = defaultdict(list)
    for vote, task in newest.values():
        found[vote.sample_id].append((vote, task))
    return found


def settlements(session: Session, campaign_id: UUID) -> dict[UUID, Settled]:
    """The settlement in force of each record of a campaign."""
    rows = session.execute(select(QaSettlement).where(_t.campaign_id == campaign_id).order_by(_t.revision)).scalars()
    return {row.sample_id: settled(row) for row in rows}


def _final_of(session: Session, keys: list[UUID]) -> dict[UUID, Settled]:
    rows = session.execute(select(QaSettlement).where(_t.sample_id.in_(keys)).order_by(_t.revision)).scalars()
    return {row.sample_id: settled(row) for row in rows}


def _disputes_of(session: Session, keys: list[UUID]) -> dict[UUID, QaDispute]:
    return {d.sample_id: d for d in session.execute(select(QaDispute).where(_d.sample_id.in_(keys))).scalars()}


def points_of(vote: QaEvaluation) -> dict[str, Fraction | None]:
    """An evaluation's points by item."""
    return {item: answer.points for item, answer in answers_from(vote.answers).items()}


def mean_points(votes: list[dict[str, Fraction | None]]) -> dict[str, Fraction | None]:
    """Each item's mean over those who found that it applies."""
    result: dict[str, Fraction | None] = {}
    for item in votes[0]:
        values = [p for vote in votes if (p := vote.get(item)) is not None]
        result[item] = sum(values, Fraction(0)) / len(values) if values else None
    return result


def worst_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each item and class: the worst."""
    rank = {Severity.MINOR: 0, Severity.MAJOR: 1, Severity.CRITICAL: 2}
    kept: dict[tuple[str, object], Finding] = {}
    for finding in findings:
        key = (finding.item, finding.critical_class)
        if key not in kept or rank[finding.severity] > rank[kept[key].severity]:
            kept[key] = finding
    return tuple(kept.values())


def _outcome(given: list[tuple[QaEvaluation, QaTask]], card: Scorecard) -> Outcome | None:
    scores = [score_of(vote, card) for vote, task in given if task.kind in (TaskKind.PRIMARY, TaskKind.SECOND)]
    return adjudicate(scores) if scores else None


def _revealed(work: Work, sample_id: UUID) -> tuple[QaSample, QaCampaign]:
    sample = work.lock(QaSample, sample_id)
    campaign = work.lock(QaCampaign, sample.campaign_id)
    require_stage(campaign, Stage.REVEALED)
    return sample, campaign


def _from_evaluation(work: Work, vote: QaEvaluation, way: SettledBy, reason: str) -> QaSettlement:
    return _settle(work, vote, way, Fraction(vote.score), vote.passed, vote.critical, points_of(vote),
                   findings_from(vote.findings), reason)  # fmt: skip


def _settle(
    work: Work,
    vote: QaEvaluation,
    way: SettledBy,
    score: Fraction,
    passed: bool,
    critical: bool,
    points: Mapping[str, Fraction | None],
    findings: Iterable[Finding],
    reason: str = "",
) -> QaSettlement:
    row = QaSettlement(
        id=uuid7(), campaign_id=vote.campaign_id, sample_id=vote.sample_id, way=way, score=str(score), passed=passed,
        critical=critical, points=points_data(points), findings=findings_data(findings), reason=reason,
        settled_by=work.actor.id, at=work.now,
    )  # fmt: skip
    work.add(row)
    return row


__all__ = ["COUNTING", "RELEASED", "REVEALED", "get_comparison", "latest", "points_from", "settlements", "undecided"]
