"""Campaigns, each step in its turn: the seed only after the frame's hash is stored, the draw only from the seed."""

import secrets
from dataclasses import replace as changed
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import select, update

from deskapp.domain import sampling
from deskapp.domain.errors import Conflict
from deskapp.domain.i18n import N_
from deskapp.domain.qa_loop import CampaignFacts, Stage, step
from deskapp.domain.qa_words import RoundKind, TaskState
from deskapp.domain.sampling import SampleSize
from deskapp.domain.verification import ActionState, verifiable
from deskapp.models.base import table
from deskapp.models.qa import (
    QaAction,
    QaCampaign,
    QaCard,
    QaFrame,
    QaSample,
    QaTask,
)
from deskapp.services.desk import Work, handles
from deskapp.services.qa.cards import card_in_force
from deskapp.services.qa.frames import (
    chosen_plan,
    frame_of,
    keep,
    make_frame,
    period_of,
    plan_data,
    plan_from,
    planned,
    stored,
    told,
    zone_of,
)
from deskapp.services.qa.kept import require_stage
from deskapp.services.qa.looking import campaign_facts
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.rounds import (
    AdvanceRound,
    DrawRound,
    EnlargeRound,
    FreezeRound,
    PlanRound,
    SeedRound,
    VoidRound,
)
from deskapp.store.bulk import collector_held
from deskapp.store.qa import Candidate, Wanted, candidates

_q, _s, _k = table(QaCampaign).c, table(QaSample).c, table(QaTask).c
_KINDS = {"complaints": RoundKind.COMPLAINTS, "vendors": RoundKind.VENDOR}


@handles(PlanRound)
def plan_round(work: Work, command: PlanRound) -> Receipt:
    """Begin a campaign with a copy of its plan and the card in force."""
    work.authorize(command.action)
    plan = chosen_plan(command.choice)
    wanted = period_of(plan, command.choice.zone, work.now.astimezone(zone_of(command.choice.zone)).date())
    card, kind = None, _KINDS.get(plan.id, RoundKind.ROUND)
    if command.action_id:
        action = work.lock(QaAction, command.action_id)
        if action.state not in (ActionState.DONE, ActionState.VERIFYING):
            raise Conflict(
                N_("CA-{number} is {state}: only what is done can be verified."),
                number=action.number,
                hint=N_("Mark it done first: d on the action."),
                state=action.state,
            )
        # The proof is scored on the card that the finding was made with.
        card, kind = work.session.get(QaCard, action.card_id), RoundKind.VERIFICATION
        action.state = ActionState.VERIFYING
        work.record("qa.action.verify", "qa_action", action)
    card = card or card_in_force(work, plan.scorecard)
    row = QaCampaign(
        id=command.submission_id, number=work.next_number("qa_campaign"), kind=kind,
        title=command.title, card_id=card.id, plan=plan_data(plan),
        first_day=wanted.first.isoformat(), last_day=wanted.last.isoformat(), zone=wanted.zone,
        planned_by=work.actor.id, planned_at=work.now, action_id=command.action_id,
    )  # fmt: skip
    work.add(row)
    work.record("qa.plan", "qa_campaign", row)
    return told(row)


@handles(FreezeRound)
@collector_held()
def freeze_round(work: Work, command: FreezeRound) -> Receipt:
    """Store the frame with its hash; from here on the population does not change."""
    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    plan = plan_from(row.plan)
    wanted = Wanted(date.fromisoformat(row.first_day), date.fromisoformat(row.last_day), row.zone, plan.filter)
    found = candidates(work.session, wanted)
    late = _before_done(work, row, found)
    frame = make_frame(found, wanted, plan.strata, late)
    row.stage = step(row.stage, Stage.FROZEN, CampaignFacts(frame_size=len(frame.records)), work.now)
    row.filter, row.frame_hash, row.frame_size, row.frozen_at = frame.filter, frame.hash, len(frame.records), work.now
    work.add(QaFrame(campaign_id=row.id, text=frame.text))
    work.record("qa.freeze", "qa_campaign", row)
    return told(row)


@handles(SeedRound)
def seed_round(work: Work, command: SeedRound) -> Receipt:
    """Fix the seed from fresh entropy, in a transaction after the one that stored the frame's hash."""
    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    row.stage = step(row.stage, Stage.SEEDED, CampaignFacts(frame_hash=row.frame_hash), work.now)
    row.seed = sampling.make_seed(f"Q-{row.number}", row.frame_hash, secrets.token_bytes(16))
    row.seeded_at = work.now
    work.record("qa.seed", "qa_campaign", row)
    return told(row)


@handles(DrawRound)
@collector_held()
def draw_round(work: Work, command: DrawRound) -> Receipt:
    """Draw the sample and keep what its records are now."""
    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    row.stage = step(row.stage, Stage.DRAWN, CampaignFacts(seed=row.seed), work.now)
    frame = frame_of(work.session, row)
    allocation = planned(frame.strata, plan_from(row.plan)).allocation
    row.drawn_at, row.plan = work.now, {**row.plan, "drawn": allocation}
    keep(work, row, frame, sampling.draw(frame, row.seed, allocation), set())
    work.record("qa.draw", "qa_campaign", row)
    return told(row)


@handles(EnlargeRound)
def enlarge_round(work: Work, command: EnlargeRound) -> Receipt:
    """Draw more of the same frame with the same seed: the first of each stratum stay."""
    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    require_stage(row, Stage.DRAWN)
    plan = plan_from(row.plan)
    larger = changed(plan, size=SampleSize(command.share, plan.size.minimum))
    frame = frame_of(work.session, row)
    before = cast("dict[str, int]", row.plan["drawn"])
    allocation = planned(frame.strata, larger, before).allocation
    if allocation == before:
        raise Conflict(
            N_("{share:.0%} would draw nothing more: {count} records are drawn."), share=float(command.share),
            count=sum(before.values()), hint=N_("Name a larger share."),
        )  # fmt: skip
    row.plan = {**plan_data(larger), "drawn": allocation}
    keep(work, row, frame, sampling.draw(frame, row.seed, allocation), set(stored(work.session, row.id)))
    work.record("qa.enlarge", "qa_campaign", row)
    return told(row)


@handles(AdvanceRound)
@collector_held()
def advance_round(work: Work, command: AdvanceRound) -> Receipt:
    """Take a step of the loop's second half; what it needs is asked of `qa_loop.step`."""
    from deskapp.services.qa import settling

    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    if command.to not in (Stage.REVEALED, Stage.ADJUDICATED, Stage.RELEASED, Stage.FINAL, Stage.REPORTED):
        raise Conflict(N_("This step is taken by its own command."), hint=N_("Plan, freeze, draw, assign, score."))
    facts = campaign_facts(work.session, row)
    row.stage = step(row.stage, command.to, facts, work.now)
    if command.to is Stage.REVEALED:
        row.revealed_at = work.now
        settling.settle_agreeing(work, row)
    elif command.to is Stage.RELEASED:
        days = plan_from(row.plan).dispute_days
        row.released_at, row.dispute_until = work.now, work.now + timedelta(days=days)
    elif command.to is Stage.REPORTED:
        row.reported_at = work.now
    work.record(f"qa.{command.to.value}", "qa_campaign", row)
    return told(row)


@handles(VoidRound)
def void_round(work: Work, command: VoidRound) -> Receipt:
    """End a campaign with the reason; its open tasks go with it."""
    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    row.stage = step(row.stage, Stage.VOID, CampaignFacts(), work.now)
    row.void_reason = command.reason
    open_ = update(table(QaTask)).where(_k.campaign_id == row.id, _k.state == TaskState.OPEN)
    work.session.execute(open_.values(state=TaskState.VOID, version=_k.version + 1))
    work.record(command.action, "qa_campaign", row)
    return told(row)


def _before_done(work: Work, row: QaCampaign, found: list[Candidate]) -> frozenset[UUID]:
    """A verification takes only records that were opened after its action was completed."""
    if row.action_id is None:
        return frozenset()
    from deskapp.models.ticket import Ticket

    action = work.lock(QaAction, row.action_id)
    if action.done_at is None:
        raise Conflict(N_("The action is not being verified."), hint=N_("Mark it done, then draw its sample."))
    t, wanted = table(Ticket).c, {c.ticket_id for c in found}
    opened = work.session.execute(select(t.id, t.opened_at).where(t.opened_at <= action.done_at))
    return frozenset(r.id for r in opened if r.id in wanted and not verifiable(r.opened_at, action.done_at))
