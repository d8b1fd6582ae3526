"""What agents are told: released results with their evidence, and disputes; each settlement is a new revision."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from fractions import Fraction
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Reach, Subject, reach
from deskapp.domain.qa_loop import Stage, check_dispute
from deskapp.domain.qa_views import DisputeLine, ResultLine
from deskapp.domain.qa_words import DisputeState, SampleState, SettledBy
from deskapp.domain.scorecard import Scorecard, Severity
from deskapp.domain.scoring import record_score
from deskapp.models.base import table
from deskapp.models.qa import QaCampaign, QaDispute, QaEvaluation, QaSample, QaSettlement
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.kept import campaign_row, card_by_id, findings_data, lines_from, points_data, require_stage
from deskapp.services.qa.scoring import require_not_rater
from deskapp.services.qa.votes import COUNTING, RELEASED, final_of, votes_of
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.results import DecideDispute, GetResults, ListDisputes, OpenDispute

_s, _q, _d = table(QaSample).c, table(QaCampaign).c, table(QaDispute).c


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
        final_of(read.session, keys),
        votes_of(read.session, keys),
        _disputes_of(read.session, keys),
    )
    found = []
    for sample, number, card_id, until in rows:
        if sample.id not in final:
            continue
        given = [(v, task) for v, task in votes.get(sample.id, ()) if task.kind in COUNTING]
        told = disputes[sample.id]
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
                _state(told),
                "\n".join(d.decision for d in told if d.decision),
                tuple(_items(d) for d in told),
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
    """Dispute items of a released score: the agent's own, or a lead on behalf; each once, within the window."""
    sample = work.session.get(QaSample, command.sample_id)
    campaign = work.session.get(QaCampaign, sample.campaign_id) if sample else None
    if sample is not None and sample.agent_id is not None:
        teams = frozenset({sample.team_id} if sample.team_id else ())
        work.authorize(command.action, Subject(frozenset({sample.agent_id}), teams))
    if sample is None or campaign is None or campaign.stage not in RELEASED or sample.agent_id is None:
        # A record that is not released yet is none, for whoever asks.
        raise NotFound(N_("There is no such result."), hint=N_("Look at the released results."))
    require_stage(campaign, Stage.RELEASED)
    assert campaign.dispute_until is not None
    card = card_by_id(work.session, campaign.card_id)
    for item in command.items:
        card.item(item)
    work.lock(QaSample, sample.id)  # of two who dispute at once, the second sees the first
    before = _disputes_of(work.session, [sample.id])[sample.id]
    check_dispute(campaign.dispute_until, work.now, command.items, map(_items, before))
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
    final = final_of(read.session, [sample.id for _dispute, sample, _number in rows])
    return tuple(
        DisputeLine(
            d.id, d.version, s.id, f"Q-{number}", s.record, str(s.snapshot["agent"]),
            _items(d), d.text, d.at, d.state, final[s.id].score, d.decision,
        )
        for d, s, number in rows
    )  # fmt: skip


@handles(DecideDispute)
def decide_dispute(work: Work, command: DecideDispute) -> Receipt:
    """Uphold a dispute for the items that get other points, or reject it; nobody decides on a score that they gave."""
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
        row.upheld = ",".join(item for item, _points in command.points)
    row.state = DisputeState.UPHELD if command.upheld else DisputeState.REJECTED
    row.decided_by, row.decided_at, row.decision = work.actor.id, work.now, command.decision
    work.record(command.action, "qa_dispute", row)
    return Receipt("qa_dispute", row.id, f"Q-{campaign.number}", 0)


def _rescore(
    work: Work, dispute: QaDispute, card: Scorecard, points: Mapping[str, Fraction | None], reason: str
) -> None:
    before = final_of(work.session, [dispute.sample_id])[dispute.sample_id]
    if not points:
        raise Invalid(N_("Say which items get which points."), field="points")
    disputed = _items(dispute)
    for item, value in points.items():
        if disputed and item not in disputed:
            raise Invalid(N_("{item} was not disputed."), item=str(card.item(item).text), field="points",
                          hint=N_("Give points to the disputed items only."))  # fmt: skip
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


def _disputes_of(session: Session, keys: list[UUID]) -> Mapping[UUID, list[QaDispute]]:
    found: dict[UUID, list[QaDispute]] = defaultdict(list)
    for dispute in session.execute(select(QaDispute).where(_d.sample_id.in_(keys)).order_by(_d.at)).scalars():
        found[dispute.sample_id].append(dispute)
    return found


def _items(dispute: QaDispute) -> tuple[str, ...]:
    return tuple(filter(None, dispute.items.split(",")))


def _state(disputes: list[QaDispute]) -> DisputeState | None:
    """Open while one of them is, then upheld if one was."""
    states = {dispute.state for dispute in disputes}
    return next((s for s in (DisputeState.OPEN, DisputeState.UPHELD, DisputeState.REJECTED) if s in states), None)
