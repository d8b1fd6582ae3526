"""The files that prove a campaign: plan, frame, seed, draw, scores, actions, report, and how to check them."""

import json
from collections.abc import Mapping

from sqlalchemy import String, cast, select

from deskapp.domain.rule_items import outcomes
from deskapp.domain.scorecard import Source
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import (
    QaAction,
    QaCampaign,
    QaCard,
    QaEvaluation,
    QaFrame,
    QaSample,
    QaSettlement,
    QaTask,
    QaVerification,
)
from deskapp.services.desk import Read, handles
from deskapp.services.qa.frames import frame_of
from deskapp.services.qa.kept import campaign_row, card_by_id
from deskapp.services.qa.reports import facts_of_frame, get_report
from deskapp.services.requests.qa.evidence import GetEvidence
from deskapp.services.requests.qa.reports import GetReport

_q, _s, _k, _v, _t = (table(m).c for m in (QaCampaign, QaSample, QaTask, QaEvaluation, QaSettlement))


@handles(GetEvidence)
def get_evidence(read: Read, query: GetEvidence) -> Mapping[str, str]:
    """Everything that proves a campaign, as texts by file name: plan, frame, draw, scores, actions, report."""
    from deskapp.services.qa.report_html import render_html
    from deskapp.services.qa.report_tables import render_report_text

    row = campaign_row(read.session, query.campaign_id)
    report = get_report(read, GetReport(campaign_id=row.id))
    frame = read.session.get(QaFrame, row.id)
    c = table(QaCard).c
    samples = read.session.execute(
        select(_s.record, _s.stratum, _s.place, _s.lot, _s.state).where(_s.campaign_id == row.id)
        .order_by(_s.stratum, _s.place)
    ).all()  # fmt: skip
    votes = read.session.execute(
        select(_s.record, table(Agent).c.login, _k.kind, _v.revision, _v.score, _v.passed, _v.critical,
               _v.active_seconds, _v.submitted_at, _v.seal)
        .join_from(table(QaEvaluation), table(QaTask), _v.task_id == _k.id)
        .join(table(QaSample), _v.sample_id == _s.id)
        .join(table(Agent), _v.rater_id == table(Agent).c.id)
        .where(_v.campaign_id == row.id)
        .order_by(_s.record, table(Agent).c.login, _v.revision)
    ).all()  # fmt: skip
    x, p = table(QaAction).c, table(QaVerification).c
    proofs = read.session.execute(
        select("CA-" + cast(x.number, String), p.round, p.method, p.passes, p.n, p.population, p.target, p.p_value,
               p.verdict, p.since, p.at)
        .join_from(table(QaVerification), table(QaAction), p.action_id == x.id)
        .where(x.campaign_id == row.id)
        .order_by(x.number, p.at)
    ).all()  # fmt: skip
    final = read.session.execute(
        select(_s.record, _t.revision, _t.way, _t.score, _t.passed, _t.critical, _t.reason, _t.at)
        .join_from(table(QaSettlement), table(QaSample), _t.sample_id == _s.id)
        .where(_t.campaign_id == row.id)
        .order_by(_s.record, _t.revision)
    ).all()
    audit, card = report.audit, card_by_id(read.session, row.card_id)
    facts = sorted(facts_of_frame(read, row, frame_of(read.session, row)), key=lambda f: int(f.id.removeprefix("T-")))
    ruled = (
        (f.id, item.id, {True: "yes", False: "no", None: "n/a"}[said.met], said.evidence)
        for item in card.items if item.source is Source.RULE
        for f, said in zip(facts, outcomes(item, facts), strict=True)
    )  # fmt: skip
    check = [
        "LC_ALL=C sort frame.tsv | sha256sum", f"# {audit.frame_hash}", audit.openssl,
        f"# {audit.example.ticket if audit.example else ''}",
    ]  # fmt: skip
    return {
        "plan.json": json.dumps(row.plan, ensure_ascii=False, indent=2, sort_keys=True) + "\n",
        "scorecard.yaml": read.session.execute(select(c.content).where(c.id == row.card_id)).scalar_one(),
        "frame.tsv": frame.text if frame else "",
        "seed.txt": row.seed + "\n",
        "draw.tsv": _lines(("record", "stratum", "place", "lot", "state"), samples),
        "replacements.tsv": _lines(("record", "by", "reason"), audit.replacements),
        "evaluations.tsv": _lines(
            ("record", "rater", "kind", "revision", "score", "passed", "critical", "active_seconds", "submitted_at",
             "seal"), votes,
        ),
        "settlements.tsv": _lines(
            ("record", "revision", "way", "score", "passed", "critical", "reason", "at"), final
        ),
        "actions.tsv": _lines(
            ("number", "finding", "department", "responsible", "action", "deadline", "state", "verdict"),
            [
                (a.number, a.finding, a.department, a.responsible, a.action, a.deadline.isoformat(), a.state.value,
                 a.verification.verdict.value if a.verification else "")
                for a in report.actions
            ],
        ),
        "rules.tsv": _lines(("record", "item", "met", "evidence"), ruled),
        "proofs.tsv": _lines(
            ("action", "round", "method", "passes", "n", "population", "target", "p_value", "verdict", "since", "at"),
            proofs,
        ),
        "check.sh": "\n".join(check) + "\n",
        "report.txt": render_report_text(report),
        "report.html": render_html(report),
    }  # fmt: skip


def _lines(heads: tuple[str, ...], rows: object) -> str:
    out = ["\t".join(heads)]
    for row in rows:  # type: ignore[attr-defined]
        out.append("\t".join(_cell(value) for value in row))
    return "\n".join(out) + "\n"


def _cell(value: object) -> str:
    text = value.isoformat() if hasattr(value, "isoformat") else getattr(value, "value", value)
    return "" if text is None else str(text).replace("\t", " ").replace("\n", " ")
