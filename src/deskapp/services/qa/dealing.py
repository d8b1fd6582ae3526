"""Deal the drawn records to raters, and replace what can't be scored."""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from deskapp.domain import sampling
from deskapp.domain.assignment import Assignment, Rater, assign, may_rate, roles_of_round
from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.qa_loop import CampaignFacts, Stage, step
from deskapp.domain.qa_words import SampleState, TaskKind, TaskState
from deskapp.domain.sampling import FrameRecord
from deskapp.domain.terms import Role
from deskapp.models.base import table
from deskapp.models.people import Agent, Team
from deskapp.models.qa import (
    QaCampaign,
    QaReplacement,
    QaSample,
    QaTask,
)
from deskapp.services.desk import Work, handles
from deskapp.services.qa.frames import add_samples, frame_of, plan_from, redraw, replacements, told
from deskapp.services.qa.kept import require_stage
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.dealing import AssignRound, ReplaceRecord
from deskapp.store.bulk import collector_held
from deskapp.store.qa import worked_on, workers

_q, _s, _k = table(QaCampaign).c, table(QaSample).c, table(QaTask).c


@handles(AssignRound)
@collector_held()
def assign_round(work: Work, command: AssignRound) -> Receipt:
    """Deal the drawn records; nobody gets their own, and a part is scored again blind to check the raters."""
    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    require_stage(row, Stage.DRAWN)
    plan = plan_from(row.plan)
    drawn = select(_s.record, _s.id).where(_s.campaign_id == row.id, _s.state == SampleState.DRAWN)
    samples: dict[str, UUID] = dict(work.session.execute(drawn).all())
    raters = _raters(work.session, command.raters, row)
    by_login = {rater.id: person for person, rater in raters.items()}
    frame = frame_of(work.session, row)
    records = [record for record in frame.records if record.id in samples]
    dealt = assign(
        records, list(raters.values()), row.seed, double_share=plan.double_share, double_minimum=plan.double_minimum,
        everyone=plan.everyone,
    )  # fmt: skip
    row.stage = step(row.stage, Stage.ASSIGNED, CampaignFacts(drawn=len(samples), assigned=len(dealt)), work.now)
    again = _rescores(dealt, list(raters.values()), records, row.seed, plan.rescore_share)
    tasks = []
    for one in dealt:
        kinds = [(one.primary, TaskKind.PRIMARY), *((other, TaskKind.SECOND) for other in one.others)]
        if one.record in again:
            kinds.append((again[one.record], TaskKind.RESCORE))
        for login, kind in kinds:
            lot = sampling.ticket(row.seed, f"{one.record}|{login}", "order")
            role = raters[by_login[login]].role
            tasks.append({
                "id": uuid7(), "version": 1, "campaign_id": row.id, "sample_id": samples[one.record],
                "rater_id": by_login[login], "kind": kind, "role": role, "state": TaskState.OPEN, "lot": lot,
            })  # fmt: skip
    work.add_many(QaTask, tasks)
    work.record("qa.assign", "qa_campaign", row)
    return told(row)


@handles(ReplaceRecord)
def replace_record(work: Work, command: ReplaceRecord) -> Receipt:
    """Put the next of the reserve in the place of a record that can't be scored."""
    work.authorize(command.action)
    row = work.lock(QaCampaign, command.campaign_id)
    require_stage(row, Stage.DRAWN, Stage.ASSIGNED, Stage.SCORING)
    frame, drawn = redraw(work.session, row)
    done = replacements(work.session, row.id)
    found = sampling.replace(drawn, command.record, command.reason, done)
    old = _sample(work, row.id, command.record)
    tasks = work.session.execute(select(_k.id, _k.state).where(_k.sample_id == old.id)).all()
    if any(task.state is TaskState.SUBMITTED for task in tasks):
        raise Conflict(N_("{record} was scored already; it can't be replaced."), record=command.record)
    old.state = SampleState.REPLACED
    dealt = [work.lock(QaTask, task.id) for task in tasks]
    for task in dealt:
        task.state = TaskState.VOID
    work.add(
        QaReplacement(
            id=command.submission_id,
            campaign_id=row.id,
            record=found.record,
            by_record=found.by or "",
            reason=found.reason,
            at=work.now,
            replaced_by=work.actor.id,
        )
    )
    if found.by:
        lots = {lot.record: (stratum.name, place, lot.ticket) for stratum in drawn.strata
                for place, lot in enumerate(stratum.order, 1)}  # fmt: skip
        add_samples(work, row, frame, {found.by: lots[found.by]})
        _hand_on(work, row, dealt, _sample(work, row.id, found.by))
    work.record("qa.replace", "qa_campaign", row)
    return told(row)


def _hand_on(work: Work, row: QaCampaign, dealt: list[QaTask], fresh: QaSample) -> None:
    """Give the new record to those who had the old one; who may not score it gives it to another of the round."""
    worked, a = workers(work.session, fresh.ticket_id), table(Agent).c
    everybody = set(work.session.execute(select(_k.rater_id).where(_k.campaign_id == row.id).distinct()).scalars())
    leads = select(a.id).where(a.id.in_(everybody), a.role == Role.LEAD, a.team_id == fresh.team_id)
    leading = set(work.session.execute(leads).scalars())
    barred = {task.id: worked | leading if task.kind is TaskKind.PRIMARY else worked for task in dealt}
    taken = {task.rater_id for task in dealt if task.rater_id not in barred[task.id]}
    for task in dealt:
        rater = task.rater_id
        if rater in barred[task.id]:
            free = sorted(everybody - barred[task.id] - taken, key=str)
            if not free:
                raise Invalid(
                    N_("Nobody may score {record} as primary rater."),
                    record=fresh.record,
                    hint=N_("Add a rater who is neither its agent nor the lead of its team."),
                )
            rater = free[0]
            taken.add(rater)
        lot = sampling.ticket(row.seed, f"{fresh.record}|{rater}", "order")
        work.add(QaTask(campaign_id=row.id, sample_id=fresh.id, rater_id=rater, kind=task.kind, role=task.role,
                        lot=lot))  # fmt: skip


def _raters(session: Session, wanted: Iterable[UUID], row: QaCampaign) -> dict[UUID, Rater]:
    a, t = table(Agent).c, table(Team).c
    ids = list(wanted)
    people = session.execute(
        select(a.id, a.login, a.role, t.key)
        .select_from(table(Agent).outerjoin(table(Team), a.team_id == t.id))
        .where(a.id.in_(ids), a.active)
    ).all()
    if len(people) != len(set(ids)) or not ids:
        raise Invalid(N_("Name the raters."), hint=N_("Two or three who may score."), field="raters")
    wrong = [p.login for p in people if p.role not in (Role.RATER, Role.QA_LEAD, Role.LEAD)]
    if wrong:
        raise Invalid(N_("{who} may not score."), who=", ".join(wrong), field="raters",
                      hint=N_("Raters, QA leads and team leads score."))  # fmt: skip
    worked = worked_on(session, row.id, ids)
    roles = roles_of_round([p.login for p in people], row.number)
    return {
        p.id: Rater(
            p.login, frozenset({p.key} if p.role is Role.LEAD and p.key else ()), roles[p.login],
            worked.get(p.id, frozenset()),
        )
        for p in people
    }  # fmt: skip


def _rescores(
    dealt: Iterable[Assignment], raters: list[Rater], records: list[FrameRecord], seed: str, share: Fraction
) -> dict[str, str]:
    """A part of the records goes blind to one more rater who has not scored it."""
    known = {record.id: record for record in records}
    scored = {one.record: set(one.raters) for one in dealt}
    wanted = sampling.first_by_ticket(
        list(scored), seed, "rescore", -(-len(scored) * share.numerator // share.denominator)
    )
    load: Counter[str] = Counter()
    result = {}
    for record in wanted:
        free = [r.id for r in raters if r.id not in scored[record] and may_rate(r, known[record], primary=False)]
        if free:
            result[record] = min(free, key=lambda r: (load[r], sampling.ticket(seed, f"{record}|{r}", "rescore")))
            load[result[record]] += 1
    return result


def _sample(work: Work, campaign_id: UUID, record: str) -> QaSample:
    found = work.session.execute(select(_s.id).where(_s.campaign_id == campaign_id, _s.record == record)).scalar()
    if found is None:
        raise NotFound(N_("{record} is not in the sample."), record=record)
    return work.lock(QaSample, found)
