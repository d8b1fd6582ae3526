"""Between the tables of QA and its rules: cards, answers, findings, points and snapshots as they are kept."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from deskapp.domain.errors import Conflict, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.qa_loop import NEXT, Stage
from deskapp.domain.qa_views import Evaluated, Settled, Snapshot, SnapshotLine
from deskapp.domain.qa_words import TaskKind
from deskapp.domain.scorecard import CriticalClass, Scorecard, Severity, Words
from deskapp.domain.scoring import Answer, Finding, Result
from deskapp.domain.terms import EntryKind
from deskapp.models.base import table
from deskapp.models.qa import QaCampaign, QaCard, QaEvaluation, QaSettlement
from deskapp.services.qa.card_files import parse_scorecard
from deskapp.store.qa import facts_from


@lru_cache(maxsize=32)
def card_of_text(text: str) -> Scorecard:
    """A card from the text of its file."""
    return parse_scorecard(text)


def card_by_id(session: Session, card_id: UUID) -> Scorecard:
    """The card of a campaign or an action. Raises NotFound."""
    c = table(QaCard).c
    text = session.execute(select(c.content).where(c.id == card_id)).scalar()
    if text is None:
        raise NotFound(N_("There is no such card."))
    return card_of_text(text)


def campaign_row(session: Session, campaign_id: UUID) -> QaCampaign:
    """A campaign to read. Raises NotFound."""
    row = session.get(QaCampaign, campaign_id)
    if row is None:
        raise NotFound(N_("There is no such campaign."), hint=N_("Look with `deskapp qa status`."))
    return row


def title_of(row: QaCampaign) -> str:
    """A campaign's own title, or that of its plan in the language in force."""
    return row.title or str(Words(**cast("dict[str, str]", row.plan["title"])))


def require_stage(row: QaCampaign, *stages: Stage) -> None:
    """Raise Conflict unless the campaign stands at one of the stages."""
    if row.stage not in stages:
        raise Conflict(
            N_("{campaign} is {stage}; this belongs to: {stages}."),
            hint=NEXT[row.stage],
            campaign=f"Q-{row.number}",
            stage=row.stage,
            stages=stages,
        )


def points_data(points: Mapping[str, Fraction | None]) -> dict[str, Any]:
    """Points as kept: exact, as text."""
    return {item: None if value is None else str(value) for item, value in points.items()}


def points_from(data: Mapping[str, Any]) -> dict[str, Fraction | None]:
    """Points as they were kept."""
    return {item: None if value is None else fraction_of(value) for item, value in data.items()}


@lru_cache(maxsize=4096)
def fraction_of(text: str) -> Fraction:
    """An exact number from its text; the same few come again and again."""
    return Fraction(text)


def answers_data(answers: Mapping[str, Answer], lines: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Answers as kept, with the lines that prove them."""
    return {
        item: {
            "points": None if a.points is None else str(a.points), "na": a.na_reason, "override": a.override_reason,
            "evidence": sorted(a.evidence), "lines": list(lines.get(item, ())),
        }
        for item, a in answers.items()
    }  # fmt: skip


def answers_from(data: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers as they were kept."""
    return {
        item: Answer(
            None if a["points"] is None else fraction_of(a["points"]), a["na"], frozenset(a["evidence"]), a["override"]
        )
        for item, a in data.items()
    }


def lines_from(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The lines that prove each answer."""
    return {item: tuple(a.get("lines", ())) for item, a in data.items()}


def findings_data(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as kept."""
    return [
        {
            "severity": f.severity.value, "item": f.item, "class": f.critical_class.value if f.critical_class else None,
            "text": f.text, "cause": f.root_cause,
        }
        for f in findings
    ]  # fmt: skip


def findings_from(data: Iterable[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Findings as they were kept."""
    return tuple(
        Finding(
            Severity(f["severity"]), f["item"], CriticalClass(f["class"]) if f["class"] else None, f["text"], f["cause"]
        )
        for f in data
    )


def evaluated(row: QaEvaluation, rater: str, role: str, kind: TaskKind) -> Evaluated:
    """An evaluation as a data object."""
    return Evaluated(
        row.id, rater, role, kind, row.revision, fraction_of(row.score), row.passed, row.critical,
        answers_from(row.answers), findings_from(row.findings), row.comment, row.fast, row.submitted_at,
    )  # fmt: skip


def settled(row: QaSettlement) -> Settled:
    """A settlement as a data object."""
    return Settled(
        row.revision, row.way, fraction_of(row.score), row.passed, row.critical, points_from(row.points),
        findings_from(row.findings), row.reason,
    )  # fmt: skip


def seal(salt: str, content: Mapping[str, Any]) -> str:
    """SHA-256 over salt and content: what the audit event holds of an evaluation."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((salt + text).encode()).hexdigest()


def snapshot_from(data: Mapping[str, Any], *, show_agent: bool) -> Snapshot:
    """A snapshot as it was kept; where the agent is hidden, so are the authors of its lines and their names in them."""
    names = sorted({str(line["author"]) for line in data["lines"] if line["author"]} | {str(data["agent"])} - {""})
    hide = (lambda text: text) if show_agent else (lambda text: without_names(text, names))
    lines = tuple(
        SnapshotLine(
            line["id"], EntryKind(line["kind"]), hide(line["text"]), line["author"] if show_agent else "",
            datetime.fromisoformat(line["at"]),
            {key: hide(value) if isinstance(value, str) else value for key, value in line["details"].items()},
        )
        for line in data["lines"]
    )  # fmt: skip
    return Snapshot(
        data["record"], hide(data["subject"]), hide(data["description"]), data["product"], data["fault"],
        data["channel"], data["grade"], hide(data["resolution"]), data["agent"] if show_agent else "", lines,
        facts_from(data["facts"]),
    )  # fmt: skip


def without_names(text: str, names: Iterable[str]) -> str:
    """Put * in the place of each name, the longest first."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        text = text.replace(name, "*")
    return text


def passed(result: Result) -> bool:
    """Whether a result is a pass."""
    return result is Result.PASS
