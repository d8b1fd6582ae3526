"""Look at campaigns: each reader sees what that reader may know, and a re-draw shows that nothing was moved."""

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from deskapp.domain import sampling
from deskapp.domain.errors import Conflict, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Reach, may, reach
from deskapp.domain.qa_loop import CampaignFacts, Stage
from deskapp.domain.qa_views import DrawCheck, PlanPreview, RaterProgress, RoundLine, RoundView, StratumRow
from deskapp.domain.qa_words import DisputeState, SampleState, TaskState
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import (
    QaAction,
    QaCampaign,
    QaCard,
    QaDispute,
    QaFrame,
    QaSample,
    QaTask,
)
from deskapp.services.desk import Read, handles
from deskapp.services.qa.frames import (
    chosen_plan,
    exclusions,
    frame_of,
    make_frame,
    period_of,
    planned,
    redraw,
    replacements,
    stored,
    zone_of,
)
from deskapp.services.qa.kept import campaign_row, title_of
from deskapp.services.requests.qa.looking import CheckDraw, GetFrame, GetRound, ListRounds, PreviewPlan
from deskapp.store.qa import candidates

_q, _s, _k = table(QaCampaign).c, table(QaSample).c, table(QaTask).c


@handles(ListRounds)
def list_rounds(read: Read, _query: ListRounds) -> tuple[RoundLine, ...]:
    """The campaigns, the newest first; a rater's counts are the rater's own."""
    rows = read.session.execute(select(_q.id).order_by(_q.number.desc()).limit(200)).scalars()
    return tuple(_line(read, campaign_row(read.session, found)) for found in rows)


@handles(GetRound)
def get_round(read: Read, query: GetRound) -> RoundView:
    """One campaign; seed, strata and progress only for those who conduct or audit it."""
    wanted = query.campaign_id
    if wanted is None:
        wanted = read.session.execute(select(_q.id).where(_q.number == query.number)).scalar()
    if wanted is None:
        raise NotFound(N_("There is no such campaign."), hint=N_("Look with `deskapp qa status`."))
    row = campaign_row(read.session, wanted)
    line, plan = _line(read, row), str(row.plan.get("id", ""))
    action = _action_number(read.session, row.action_id)
    if not may(read.actor, "qa.progress"):
        # The seed with the frame would tell which records are in.
        return RoundView(line, plan, "", "", "", (), (), action=action)
    frame = frame_of(read.session, row) if row.frame_hash else None
    strata = frame.strata if frame else {}
    counted = select(_s.stratum, _s.state, func.count()).where(_s.campaign_id == row.id)
    kept = {(name, state): n for name, state, n in read.session.execute(counted.group_by(_s.stratum, _s.state))}
    rows = tuple(
        StratumRow(name, size, kept.get((name, SampleState.DRAWN), 0), kept.get((name, SampleState.REPLACED), 0))
        for name, size in strata.items()
    )
    facts = campaign_facts(read.session, row)
    return RoundView(
        line, plan, row.filter, row.frame_hash, row.seed, exclusions(frame.exclusions if frame else ()), rows,
        _progress(read.session, row.id), facts.undecided, facts.open_disputes, action, row.void_reason,
    )  # fmt: skip


@handles(PreviewPlan)
def preview_plan(read: Read, query: PreviewPlan) -> PlanPreview:
    """What a plan would draw and cost, from the records as they are now."""
    plan = chosen_plan(query.choice)
    wanted = period_of(plan, query.choice.zone, read.clock.now().astimezone(zone_of(query.choice.zone)).date())
    frame = make_frame(candidates(read.session, wanted), wanted, plan.strata)
    return PlanPreview(
        plan.id, str(plan.title), wanted.first.isoformat(), wanted.last.isoformat(), plan.scorecard,
        planned(frame.strata, plan), exclusions(frame.exclusions),
    )  # fmt: skip


@handles(CheckDraw)
def check_draw(read: Read, query: CheckDraw) -> DrawCheck:
    """Draw again from the stored frame and seed, and compare with the sample as stored."""
    row = campaign_row(read.session, query.campaign_id)
    if not row.drawn_at:
        raise Conflict(N_("Nothing was drawn yet."), hint=N_("Freeze the frame, then draw."))
    frame, drawn = redraw(read.session, row)
    replaced = replacements(read.session, row.id)
    come_in = {r.by for r in replaced if r.by}
    difference = sampling.verify(drawn, [r for r in stored(read.session, row.id) if r not in come_in])
    first = next((stratum.sample[0] for stratum in drawn.strata if stratum.sample), None)
    example = first.record if first else ""
    return DrawCheck(
        f"Q-{row.number}", row.frame_hash, frame.hash == row.frame_hash, difference, row.seed, example,
        first.ticket if first else "", sampling.openssl_line(row.seed, example) if first else "",
    )  # fmt: skip


@handles(GetFrame)
def get_frame(read: Read, query: GetFrame) -> str:
    """The frame as it was frozen."""
    row = read.session.get(QaFrame, query.campaign_id)
    if row is None:
        raise NotFound(N_("The frame is not frozen yet."))
    return row.text


def campaign_facts(session: Session, row: QaCampaign) -> CampaignFacts:
    """What the guards of the loop look at. The checks of the raters are waited for like the others."""
    from deskapp.services.qa import settling

    counts = dict(
        session.execute(
            select(_k.state, func.count()).where(_k.campaign_id == row.id).group_by(_k.state)
        ).all()
    )  # fmt: skip
    d = table(QaDispute).c
    disputes = session.execute(
        select(func.count()).select_from(table(QaDispute)).where(d.campaign_id == row.id, d.state == DisputeState.OPEN)
    ).scalar_one()
    undecided = 0
    if row.stage in (Stage.REVEALED, Stage.ADJUDICATED):
        undecided = settling.undecided(session, row.id)
    open_, submitted = counts.get(TaskState.OPEN, 0), counts.get(TaskState.SUBMITTED, 0)
    return CampaignFacts(
        row.frame_hash, row.frame_size, row.seed, submitted=submitted, wanted=open_ + submitted, undecided=undecided,
        open_disputes=disputes, dispute_until=row.dispute_until,
    )  # fmt: skip


def _line(read: Read, row: QaCampaign) -> RoundLine:
    c = table(QaCard).c
    card = read.session.execute(select(c.card, c.edition).where(c.id == row.card_id)).one()
    drawn = wanted = submitted = None
    frame_size = row.frame_size
    if may(read.actor, "qa.progress") or reach(read.actor, "qa.score") is Reach.OWN:
        counted = select(_k.state, func.count()).where(_k.campaign_id == row.id, _k.state != TaskState.VOID)
        if not may(read.actor, "qa.progress"):
            counted = counted.where(_k.rater_id == read.actor.id)
        else:
            drawn = read.session.execute(
                select(func.count()).select_from(table(QaSample))
                .where(_s.campaign_id == row.id, _s.state == SampleState.DRAWN)
            ).scalar_one()  # fmt: skip
        counts = dict(read.session.execute(counted.group_by(_k.state)).all())
        wanted, submitted = sum(counts.values()), counts.get(TaskState.SUBMITTED, 0)
    version, stage = row.version, row.stage
    if not may(read.actor, "qa.progress"):
        frame_size = version = 0
        # That somebody has begun to score is the others' progress: dealt and being scored look the same.
        stage = Stage.SCORING if stage is Stage.ASSIGNED else stage
    return RoundLine(
        row.id, version, row.number, row.kind, title_of(row), stage, row.first_day, row.last_day, card.card,
        card.edition, frame_size, drawn, wanted, submitted, row.dispute_until,
    )  # fmt: skip


def _progress(session: Session, campaign_id: UUID) -> tuple[RaterProgress, ...]:
    a = table(Agent).c
    rows = session.execute(
        select(a.name, _k.role, func.count(), func.count().filter(_k.state == TaskState.SUBMITTED))
        .join_from(table(QaTask), table(Agent), _k.rater_id == a.id)
        .where(_k.campaign_id == campaign_id, _k.state != TaskState.VOID)
        .group_by(a.name, _k.role)
        .order_by(a.name)
    )
    return tuple(RaterProgress(*row) for row in rows)


def _action_number(session: Session, action_id: UUID | None) -> int | None:
    row = session.get(QaAction, action_id) if action_id else None
    return row.number if row else None
