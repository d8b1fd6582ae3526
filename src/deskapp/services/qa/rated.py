"""What a report counts: settled records and ratings, read raw, since a round has tens of thousands of them."""

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session

from deskapp.domain.qa_figures import Rating, SettledRecord
from deskapp.domain.qa_words import SampleState, TaskKind
from deskapp.domain.scorecard import CriticalClass, Severity
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import QaEvaluation, QaSample, QaSettlement, QaTask
from deskapp.services.qa.kept import findings_from
from deskapp.store.qa_facts import parsed, raw

_s, _k, _v, _t = (table(m).c for m in (QaSample, QaTask, QaEvaluation, QaSettlement))
_RATED = (TaskKind.PRIMARY, TaskKind.SECOND, TaskKind.RESCORE)


def settled_records(session: Session, campaign_id: UUID) -> list[SettledRecord]:
    """The records of a campaign with the settlement in force."""
    rows = session.execute(
        select(
            _s.record, _s.stratum, _s.shift, func.coalesce(table(Agent).c.name, ""), _s.day, _t.score, _t.passed,
            raw(_t.points), raw(_t.findings),
        )
        .join_from(table(QaSettlement), table(QaSample), _t.sample_id == _s.id)
        .outerjoin(table(Agent), _s.agent_id == table(Agent).c.id)
        .where(_t.campaign_id == campaign_id, _s.state == SampleState.DRAWN)
        .order_by(_s.record, _t.revision)
    )  # fmt: skip
    found: dict[str, SettledRecord] = {}
    for record, stratum, shift, agent, day, score, passed, points, kept in rows:
        on_items, critical = _findings(kept if isinstance(kept, str) else json.dumps(kept))
        found[record] = SettledRecord(
            record, stratum, shift, agent, day, _number(score), passed, _points(parsed(points)), on_items,
            critical,
        )  # fmt: skip
    return list(found.values())


def ratings_of(session: Session, campaign_id: UUID) -> list[Rating]:
    """The newest revision of each rater's evaluations; a third's is left out, since only hard cases have one.

    The points are read of records that several have scored: only there is anything to compare.
    """
    mine = (_v.campaign_id == campaign_id, _k.kind.in_(_RATED), _s.state == SampleState.DRAWN)
    agent = table(Agent).c
    source = (
        table(QaEvaluation)
        .join(table(QaTask), _v.task_id == _k.id)
        .join(table(QaSample), _v.sample_id == _s.id)
        .join(table(Agent), _v.rater_id == agent.id)
    )
    several = select(_k.sample_id).where(_k.campaign_id == campaign_id, _k.kind.in_(_RATED[1:]))
    answers = session.execute(
        select(_s.record, agent.login, raw(_v.answers))
        .select_from(source)
        .where(*mine, _v.sample_id.in_(several))
        .order_by(_v.revision)
    )
    points = {
        (record, login): _points({item: answer["points"] for item, answer in parsed(given).items()})
        for record, login, given in answers
    }
    rows = session.execute(
        select(_s.record, agent.login, agent.name, _v.score, _v.passed, _v.fast)
        .select_from(source)
        .where(*mine)
        .order_by(_s.record, agent.login, _v.revision)
    )
    # Nobody has two tasks on one record, so record and rater say which evaluation it is.
    found: dict[tuple[str, str], Rating] = {}
    for record, login, name, score, passed, fast in rows:
        found[record, login] = Rating(record, name, _number(score), passed, points.get((record, login), {}), fast)
    return list(found.values())


@lru_cache(maxsize=4096)
def _number(text: str) -> float:
    """The float nearest to an exact number's text; the same few come again and again."""
    return float(Fraction(text))


def _points(data: Mapping[str, str | None]) -> dict[str, float | None]:
    return {item: None if text is None else _number(text) for item, text in data.items()}


@lru_cache(maxsize=4096)
def _findings(text: str) -> tuple[tuple[tuple[str, Severity], ...], frozenset[CriticalClass]]:
    found = findings_from(json.loads(text))
    return (
        tuple((f.item, f.severity) for f in found if f.item),
        frozenset(f.critical_class for f in found if f.critical_class),
    )


__all__ = ["ratings_of", "settled_records"]
