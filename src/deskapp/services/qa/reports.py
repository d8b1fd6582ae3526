"""Reports: the figures of a campaign, the pack for a review meeting, and the files that prove a campaign."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from deskapp.domain import qa_figures
from deskapp.domain.errors import Conflict, Denied
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor, may
from deskapp.domain.qa_figures import SettledRecord
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_report import (
    ActionLine,
    Audit,
    CaseKind,
    CaseLine,
    DrawnLine,
    QaReport,
    RaterItemLine,
    RaterLine,
    StratumLine,
    VerificationLine,
)
from deskapp.domain.rule_items import AggregateResult, RecordFacts, aggregate, met_of
from deskapp.domain.sampling import DRAW_VERSION, Frame, openssl_line
from deskapp.domain.scorecard import Scope, Scorecard, Source, Words
from deskapp.domain.terms import LABELS, Role, Shift
from deskapp.domain.verification import plan_verification
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import (
    QaAction,
    QaCampaign,
    QaCase,
    QaEvaluation,
    QaSample,
    QaSettlement,
    QaTask,
)
from deskapp.services.desk import Read, handles
from deskapp.services.qa.actions import action_view
from deskapp.services.qa.frames import frame_of, period_from, replacements
from deskapp.services.qa.kept import campaign_row, card_by_id, title_of
from deskapp.services.qa.rated import ratings_of, settled_records
from deskapp.services.qa.votes import REVEALED
from deskapp.services.requests.qa.reports import GetReport
from deskapp.store.bulk import collector_held
from deskapp.store.qa_facts import facts_of

_q, _s, _k, _v, _t = (table(m).c for m in (QaCampaign, QaSample, QaTask, QaEvaluation, QaSettlement))
TARGET = Fraction(95, 100)
"""What share of all records should meet an item that a rule decides, where the card says no other."""
_SHIFTS_ZH = {Shift.EARLY: "早班", Shift.MIDDLE: "中班", Shift.LATE: "晚班"}


@handles(GetReport)
@collector_held()
def get_report(read: Read, query: GetReport) -> QaReport:
    """The report of a campaign: for those who conduct and audit from the reveal on, for others once it is reported."""
    row = campaign_row(read.session, query.campaign_id)
    _may_read(read.actor, row)
    session, card = read.session, card_by_id(read.session, row.card_id)
    frame = frame_of(session, row)
    settled, ratings = settled_records(session, row.id), ratings_of(session, row.id)
    if not settled:
        raise Conflict(
            N_("No record has a final score yet: the raters differ on all of them."),
            hint=N_("Adjudicate first, or ask a third rater."),
        )
    scored = {record.stratum for record in settled}
    # A stratum whose records all wait for adjudication says nothing yet; the note tells that it is left out.
    sizes = {name: size for name, size in frame.strata.items() if name in scored}
    left_out = tuple(name for name in frame.strata if name not in scored)
    roles = dict(
        session.execute(
            select(table(Agent).c.name, _k.role).distinct()
            .join_from(table(QaTask), table(Agent), _k.rater_id == table(Agent).c.id)
            .where(_k.campaign_id == row.id, _k.role != "")
        ).all()
    )  # fmt: skip
    raters = qa_figures.rater_lines(ratings, roles)
    items = qa_figures.rater_item_lines(ratings, card)
    named = may(read.actor, "qa.compare") and read.actor.role is not Role.LEAD
    alias = {line.rater: number for number, line in enumerate(sorted(raters, key=lambda r: r.role), 1)}
    names = dict(session.execute(select(table(Agent).c.login, table(Agent).c.name)).all())
    population = len(frame.records)
    return QaReport(
        campaign=f"Q-{row.number}",
        title=title_of(row),
        period=f"{row.first_day} – {row.last_day}",
        made_at=read.clock.now(),
        card=card.title,
        card_version=card.version,
        card_hash=card.content_hash,
        pass_mark=card.pass_mark,
        population=population,
        scored=len(settled),
        score=qa_figures.mean_score(settled, sizes),
        pass_rate=qa_figures.pass_rate(settled, sizes),
        critical=qa_figures.critical_lines(settled, population),
        problems=qa_figures.problem_lines(settled, card, population),
        chart=qa_figures.chart_of(settled),
        heat=qa_figures.heat_map(settled, card, _shifts(settled)),
        agents=qa_figures.agent_lines(settled, Counter(names.get(r.agent, r.agent) for r in frame.records)),
        raters=raters if named else _numbered(raters, alias),
        rater_items=items if named else _numbered_items(items, alias),
        agreement=qa_figures.agreement_lines(ratings, card, seed=row.seed),
        aggregates=_census(read, row, card, frame),
        cases=_cases(session, row.id),
        actions=_actions(session, row.id),
        audit=(audit := _audit(session, row, frame, settled)),
        notes=_notes(row, len(audit.replacements), left_out),
    )


def _may_read(actor: Actor, row: QaCampaign) -> None:
    if row.stage not in REVEALED:
        raise Denied(N_("There is no report before the scores are revealed."), hint=N_("Look at the progress instead."))
    if row.stage is not Stage.REPORTED and not may(actor, "qa.progress"):
        raise Denied(N_("This report is not given out yet."), hint=N_("Ask the QA lead."))


def facts_of_frame(read: Read, row: QaCampaign, frame: Frame) -> list[RecordFacts]:
    """What the rules look at, for every record of a frame."""
    known = {record.id for record in frame.records}
    found = facts_of(read.session, period_from(row).condition(), read.clock.now())
    return [facts for name, facts in found.items() if name in known]


def _census(read: Read, row: QaCampaign, card: Scorecard, frame: Frame) -> tuple[tuple[Words, AggregateResult], ...]:
    """Items that rules decide, over every record of the frame: no sampling error."""
    facts, found = facts_of_frame(read, row, frame), []
    for item in card.items:
        if item.scope is Scope.AGGREGATE:
            found.append((item.text, aggregate(item, facts)))
        elif item.source is Source.RULE:
            met = met_of(item, facts)
            found.append((item.text, AggregateResult(item.id, sum(met), len(met), item.target or TARGET)))
    return tuple(found)


def _shifts(settled: list[SettledRecord]) -> dict[str, Words]:
    used = {record.shift for record in settled}
    found = {s.value: Words(LABELS[s], _SHIFTS_ZH[s]) for s in Shift if s.value in used}
    return found | {name: Words(name or "-") for name in sorted(used - set(found))}


def _numbered(lines: tuple[RaterLine, ...], alias: Mapping[str, int]) -> tuple[RaterLine, ...]:
    """The raters by number instead of by name."""
    found = []
    for line in sorted(lines, key=lambda line: alias[line.rater]):
        name = str(alias[line.rater])
        found.append(replace(line, rater=name, bias=replace(line.bias, rater=name) if line.bias else None))
    return tuple(found)


def _numbered_items(lines: tuple[RaterItemLine, ...], alias: Mapping[str, int]) -> tuple[RaterItemLine, ...]:
    return tuple(
        replace(line, rater=str(alias[line.rater]), bias=replace(line.bias, rater=str(alias[line.rater])))
        for line in lines
    )


def _cases(session: Session, campaign_id: UUID) -> tuple[CaseLine, ...]:
    c = table(QaCase).c
    rows = session.execute(
        select(c.number, c.good, c.score, c.story, c.lesson)
        .where(c.campaign_id == campaign_id, c.approved_at.is_not(None))
        .order_by(c.number)
    )
    return tuple(
        CaseLine(CaseKind.GOOD if row.good else CaseKind.BAD, f"#{row.number}", Fraction(row.score), row.story,
                 row.lesson)
        for row in rows
    )  # fmt: skip


def _actions(session: Session, campaign_id: UUID) -> tuple[ActionLine, ...]:
    x = table(QaAction).c
    rows = session.execute(select(QaAction).where(x.campaign_id == campaign_id).order_by(x.number)).scalars()
    found = []
    for view in (action_view(session, row) for row in rows):
        proof = view.proofs[-1] if view.proofs else None
        line = None
        if proof:
            power = plan_verification(target=proof.target).table
            line = VerificationLine(proof.passes, proof.n, proof.population, float(proof.target), proof.p_value,
                                    proof.verdict, power)  # fmt: skip
        found.append(
            ActionLine(view.label, view.finding, view.department, view.responsible, view.action, view.deadline,
                       view.state, view.round, line)
        )  # fmt: skip
    return tuple(found)


def _audit(session: Session, row: QaCampaign, frame: Frame, settled: list[SettledRecord]) -> Audit:
    """What was drawn, as it is stored; `deskapp qa redraw --verify` draws it again and compares."""
    kept = session.execute(
        select(_s.record, _s.stratum, _s.place, _s.lot, _s.state)
        .where(_s.campaign_id == row.id)
        .order_by(_s.stratum, _s.place)
    ).all()
    replaced = replacements(session, row.id)
    come_in = {r.by for r in replaced if r.by}
    of = {record: stratum for record, stratum, _place, _lot, _state in kept}
    scored = Counter(record.stratum for record in settled)
    swapped = Counter(of[r.record] for r in replaced)
    drawn = tuple(DrawnLine(record, stratum, lot) for record, stratum, _p, lot, _st in kept if record not in come_in)
    sizes = Counter(line.stratum for line in drawn)
    assert row.frozen_at is not None and row.seeded_at is not None
    return Audit(
        filter=row.filter,
        frame_hash=row.frame_hash,
        frame_size=row.frame_size,
        frozen_at=row.frozen_at,
        seed=row.seed,
        seeded_at=row.seeded_at,
        version=DRAW_VERSION,
        strata=tuple(
            StratumLine(name, size, sizes[name], scored[name], swapped[name]) for name, size in frame.strata.items()
        ),
        exclusions=tuple(sorted(Counter(x.reason for x in frame.exclusions).items())),
        replacements=tuple((r.record, r.by or "", r.reason) for r in replaced),
        openssl=openssl_line(row.seed, drawn[0].record) if drawn else "",
        example=drawn[0] if drawn else None,
        drawn=drawn,
    )


def _notes(row: QaCampaign, replaced: int, left_out: tuple[str, ...]) -> tuple[str, ...]:
    notes = []
    if left_out:
        told = _("Nothing is scored yet in: {strata}. The figures are about the rest.")
        notes.append(told.format(strata=", ".join(left_out)))
    if replaced:
        notes.append(
            _("{count} records could not be scored and were replaced from the reserve.").format(count=replaced)
        )
    if row.stage in (Stage.REVEALED, Stage.ADJUDICATED, Stage.RELEASED):
        notes.append(_("Preliminary: scores may still change by adjudication or dispute."))
    return tuple(notes)


__all__ = ["facts_of_frame", "get_report"]
