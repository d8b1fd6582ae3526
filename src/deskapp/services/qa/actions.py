"""Corrective actions from notice to proof."""

from fractions import Fraction

from sqlalchemy import select
from sqlmodel import Session

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Reach, Subject, reach
from deskapp.domain.qa_report import FEW
from deskapp.domain.qa_views import ActionView, ProofLine
from deskapp.domain.rule_items import met_of
from deskapp.domain.scorecard import Source
from deskapp.domain.verification import (
    ActionState,
    Notice,
    Verification,
    next_action_state,
    plan_verification,
    step_action,
    verdict,
)
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import QaAction, QaCampaign, QaCase, QaSample, QaVerification
from deskapp.models.ticket import Ticket
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.deadlines import deadline_of, set_clock, tell_escalated, who_is
from deskapp.services.qa.kept import campaign_row, card_by_id, require_stage
from deskapp.services.qa.votes import REVEALED, settlements
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.actions import (
    CompleteAction,
    IssueAction,
    ListActions,
    VerifyAction,
    VoidAction,
)
from deskapp.store.qa_facts import facts_of

_x, _p, _s, _n = table(QaAction).c, table(QaVerification).c, table(QaSample).c, table(QaCase).c
CENSUS, SAMPLE = "census", "sample"
_RUNNING = (ActionState.OPEN, ActionState.DONE, ActionState.VERIFYING, ActionState.SECOND_ROUND)


@handles(IssueAction)
def issue_action(work: Work, command: IssueAction) -> Receipt:
    """Issue a notice on what a campaign found."""
    work.authorize(command.action)
    campaign = campaign_row(work.session, command.campaign_id)
    require_stage(campaign, *REVEALED)
    if command.item:
        card_by_id(work.session, campaign.card_id).item(command.item)
    if not 0 < command.target < 1:
        raise Invalid(N_("The target lies between 0 and 1."), field="target")
    Notice("new", command.finding, command.department, command.responsible, command.todo, command.deadline,
           command.head_in_copy, work.now)  # fmt: skip
    person = command.responsible_id or who_is(work.session, command.responsible)
    if person is not None and work.session.get(Agent, person) is None:
        raise Invalid(N_("There is no such person."), field="responsible_id")
    row = QaAction(
        id=command.submission_id, number=work.next_number("qa_action"), campaign_id=campaign.id,
        card_id=campaign.card_id, item=command.item, finding=command.finding, department=command.department,
        responsible=command.responsible, action=command.todo, head_in_copy=command.head_in_copy, issued_at=work.now,
        issued_by=work.actor.id, deadline=command.deadline, target=str(command.target), responsible_id=person,
        clock_from=work.now,
    )  # fmt: skip
    set_clock(row, work.now)
    work.add(row)
    work.record("qa.action.issue", "qa_action", row)
    return _told(row)


@handles(CompleteAction)
def complete_action(work: Work, command: CompleteAction) -> Receipt:
    """Say that it is done; what is opened from now on can prove it."""
    found = work.session.get(QaAction, command.action_id)
    work.authorize(command.action, Subject(people=frozenset(filter(None, [found.responsible_id if found else None]))))
    row = work.lock(QaAction, command.action_id)
    row.state = step_action(row.state, ActionState.DONE)
    set_clock(row, work.now)
    row.done_at, row.done_by, row.done_text = work.now, work.actor.id, command.text
    work.record("qa.action.done", "qa_action", row)
    return _told(row)


@handles(VoidAction)
def void_action(work: Work, command: VoidAction) -> Receipt:
    """End an action with the reason."""
    work.authorize(command.action)
    row = work.lock(QaAction, command.action_id)
    row.state, row.void_reason = step_action(row.state, ActionState.VOID), command.reason
    set_clock(row, work.now)
    work.record("qa.action.void", "qa_action", row)
    return _told(row)


@handles(VerifyAction)
def verify_action(work: Work, command: VerifyAction) -> Receipt:
    """Judge an action and move it on: closed, verified further, a second round, or escalated."""
    work.authorize(command.action)
    row = work.lock(QaAction, command.action_id)
    if row.done_at is None or row.state not in (ActionState.DONE, ActionState.VERIFYING):
        raise Conflict(N_("The action is not being verified."), hint=N_("Mark it done, then draw its sample."))
    if row.state is ActionState.DONE:
        row.state = step_action(row.state, ActionState.VERIFYING)
    found, proof = _by_rule(work, row) if _is_ruled(work.session, row) else _by_campaign(work, row)
    row.state = next_action_state(row.state, found, failures_before=row.failures)
    if row.state is ActionState.SECOND_ROUND:
        row.failures += 1
        row.round += 1
    elif row.state is ActionState.ESCALATED:
        row.failures += 1
        tell_escalated(work, row)
    set_clock(row, work.now)
    work.add(proof)
    work.record("qa.action.verify", "qa_action", row)
    return _told(row)


def _by_rule(work: Work, row: QaAction) -> tuple[Verification, QaVerification]:
    """Every record opened after the action was completed, decided by the item's rule."""
    t = table(Ticket).c
    item = card_by_id(work.session, row.card_id).item(row.item)
    facts = facts_of(work.session, t.opened_at > row.done_at, work.now).values()
    met = met_of(item, facts)
    if len(met) < FEW:
        # A census has no sampling error, but of a handful of records it would close an action on a quiet afternoon.
        raise Conflict(
            N_("Only {n} records since the action was completed can show anything; {wanted} are wanted."),
            n=len(met),
            wanted=FEW,
        )
    found = verdict(sum(met), len(met), target=Fraction(row.target), population=len(met))
    return found, _proof(work, row, CENSUS, found, sum(met), len(met), len(met), None)


def _by_campaign(work: Work, row: QaAction) -> tuple[Verification, QaVerification]:
    q = table(QaCampaign).c
    used = select(_p.campaign_id).where(_p.campaign_id.is_not(None))
    campaign = work.session.execute(
        select(QaCampaign)
        .where(q.action_id == row.id, q.stage.in_(REVEALED[1:]), q.planned_at >= row.done_at, q.id.not_in(used))
        .order_by(q.number.desc())
        .limit(1)
    ).scalar()
    if campaign is None:
        raise Conflict(
            N_("The action has no adjudicated verification campaign yet."),
            hint=N_("Plan one for it: n on the action, or deskapp qa plan --action CA-{number} --begin."),
            number=row.number,
        )
    final = settlements(work.session, campaign.id).values()
    if row.item:
        # The finding was about one item: it is met where it got at least the pass mark of ten and has no finding.
        given = [s for s in final if s.points.get(row.item) is not None]
        enough = card_by_id(work.session, row.card_id).pass_mark / 10
        met = [s.points[row.item] >= enough and all(f.item != row.item for f in s.findings) for s in given]  # type: ignore[operator]
    else:
        met = [s.passed for s in final]
    if not met:
        raise Conflict(N_("No record since the action was completed can show anything yet."))
    population = max(campaign.frame_size, len(met))
    found = verdict(sum(met), len(met), target=Fraction(row.target), population=population)
    return found, _proof(work, row, SAMPLE, found, sum(met), len(met), population, campaign)


def _proof(
    work: Work,
    row: QaAction,
    method: str,
    found: Verification,
    passes: int,
    n: int,
    population: int | None,
    campaign: QaCampaign | None,
) -> QaVerification:
    return QaVerification(
        id=uuid7(), action_id=row.id, round=row.round, method=method, campaign_id=campaign.id if campaign else None,
        passes=passes, n=n, population=population, target=row.target, p_value=found.test.p_value,
        verdict=found.verdict, since=row.done_at or work.now, at=work.now, verified_by=work.actor.id,
    )  # fmt: skip


@handles(ListActions)
def list_actions(read: Read, query: ListActions) -> tuple[ActionView, ...]:
    """The actions: running ones by deadline, then the ended ones; with the plan of the proof where one is due."""
    wanted = select(QaAction).order_by(_x.deadline)
    if reach(read.actor, query.action) is Reach.OWN:
        wanted = wanted.where(_x.responsible_id == read.actor.id)
    rows = list(read.session.execute(wanted).scalars())
    return tuple(
        action_view(read.session, row) for row in sorted(rows, key=lambda r: (r.state not in _RUNNING, r.deadline))
    )


def action_view(session: Session, row: QaAction) -> ActionView:
    """An action as a data object."""
    proofs = session.execute(select(QaVerification).where(_p.action_id == row.id).order_by(_p.at)).scalars()
    target = Fraction(row.target)
    return ActionView(
        row.id, row.version, row.number, row.item, row.finding, row.department, row.responsible, row.action,
        row.head_in_copy, row.issued_at, row.deadline, row.state, row.round, row.done_at, row.done_text,
        _is_ruled(session, row),
        tuple(
            ProofLine(p.round, p.method, p.passes, p.n, p.population, Fraction(p.target), p.p_value, p.verdict, p.at)
            for p in proofs
        ),
        row.campaign_id,
        plan_verification(target=target) if row.state in (ActionState.DONE, ActionState.VERIFYING) else None,
        deadline_of(row).shown(), row.failures, row.responsible_id, target,
    )  # fmt: skip


def _is_ruled(session: Session, row: QaAction) -> bool:
    return bool(row.item) and card_by_id(session, row.card_id).item(row.item).source is Source.RULE


def _told(row: QaAction) -> Receipt:
    return Receipt("qa_action", row.id, f"CA-{row.number}", 0)
