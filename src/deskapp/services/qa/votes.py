"""What was given: the newest evaluations and the settlements in force, for the parts of QA that count with them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session

from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_views import Settled
from deskapp.domain.qa_words import TaskKind
from deskapp.domain.scorecard import Severity
from deskapp.domain.scoring import Finding
from deskapp.models.base import table
from deskapp.models.qa import QaEvaluation, QaSettlement, QaTask
from deskapp.services.qa.kept import answers_from, settled
from deskapp.store.qa_facts import parsed, raw

_v, _k, _t = table(QaEvaluation).c, table(QaTask).c, table(QaSettlement).c
REVEALED = (Stage.REVEALED, Stage.ADJUDICATED, Stage.RELEASED, Stage.FINAL, Stage.REPORTED)
RELEASED = (Stage.RELEASED, Stage.FINAL, Stage.REPORTED)
COUNTING = (TaskKind.PRIMARY, TaskKind.SECOND, TaskKind.THIRD)


class Vote(NamedTuple):
    """What a settlement needs of an evaluation; as many as a round has are read raw."""

    sample_id: UUID
    score: str
    passed: bool
    critical: bool
    answers: dict[str, Any]
    findings: list[dict[str, Any]]


def counted(session: Session, campaign_id: UUID) -> Iterator[list[Vote]]:
    """The newest revision of the evaluations that count, record by record."""
    rows = session.execute(
        select(raw(_v.sample_id), raw(_v.task_id), _v.score, _v.passed, _v.critical, raw(_v.answers), raw(_v.findings))
        .join_from(table(QaEvaluation), table(QaTask), _v.task_id == _k.id)
        .where(_v.campaign_id == campaign_id, _k.kind.in_(COUNTING))
        .order_by(_v.sample_id, _v.task_id, _v.revision)
    )
    for sample, of_sample in groupby(rows, itemgetter(0)):
        key = sample if isinstance(sample, UUID) else UUID(sample)
        newest = {row[1]: row for row in of_sample}
        yield [Vote(key, row[2], row[3], row[4], parsed(row[5]), parsed(row[6])) for row in newest.values()]


def votes_of(session: Session, keys: list[UUID]) -> dict[UUID, list[tuple[QaEvaluation, QaTask]]]:
    """The newest revision of every evaluation of samples."""
    return votes_where(session, _v.sample_id.in_(keys)) if keys else {}


def votes_where(session: Session, *conditions: ColumnElement[bool]) -> dict[UUID, list[tuple[QaEvaluation, QaTask]]]:
    """The newest revision of every evaluation that meets conditions, by sample."""
    rows = session.execute(
        select(QaEvaluation, QaTask)
        .join_from(table(QaEvaluation), table(QaTask), _v.task_id == _k.id)
        .where(*conditions)
        .order_by(_v.task_id, _v.revision)
    ).all()
    newest = {task.id: (vote, task) for vote, task in rows}
    found: dict[UUID, list[tuple[QaEvaluation, QaTask]]] = defaultdict(list)
    for vote, task in newest.values():
        found[vote.sample_id].append((vote, task))
    return found


def settlements(session: Session, campaign_id: UUID) -> dict[UUID, Settled]:
    """The settlement in force of each record of a campaign."""
    return settlements_where(session, _t.campaign_id == campaign_id)


def final_of(session: Session, keys: list[UUID]) -> dict[UUID, Settled]:
    """The settlement in force of samples."""
    return settlements_where(session, _t.sample_id.in_(keys))


def settlements_where(session: Session, *conditions: ColumnElement[bool]) -> dict[UUID, Settled]:
    """The settlement in force of each record that meets conditions."""
    rows = session.execute(select(QaSettlement).where(*conditions).order_by(_t.revision)).scalars()
    newest = {row.sample_id: row for row in rows}
    return {key: settled(row) for key, row in newest.items()}


def points_of(vote: QaEvaluation | Vote) -> dict[str, Fraction | None]:
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


__all__ = [
    "COUNTING", "RELEASED", "REVEALED", "Vote", "counted", "final_of", "mean_points", "points_of", "settlements",
    "settlements_where", "votes_of", "votes_where", "worst_findings",
]  # fmt: skip
