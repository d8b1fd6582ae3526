"""The pack for a review meeting: a quarter's trends, what to rewrite, what to share, the next card."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import may
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_report import CaseLine
from deskapp.domain.scorecard import CardChange, Words, card_diff
from deskapp.models.base import table
from deskapp.models.qa import QaCampaign, QaCard, QaDispute
from deskapp.services.desk import Read, handles
from deskapp.services.qa.kept import card_by_id, card_of_text
from deskapp.services.qa.reports import get_report
from deskapp.services.qa.votes import REVEALED
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.requests.qa.review import GetReview

_q = table(QaCampaign).c


@dataclass(frozen=True, slots=True)
class TrendLine:
    """A campaign of the quarter; `broken` where its card can't be compared with the one before."""

    campaign: str
    title: str
    last_day: str
    edition: int
    records: int
    score: float
    pass_rate: float
    low: float
    high: float
    broken: bool


@dataclass(frozen=True, slots=True)
class RewriteLine:
    """An item whose wording should be looked at: low agreement, or disputes that were upheld."""

    item: Words
    alpha: float | None
    upheld: int


@dataclass(frozen=True, slots=True)
class ReviewPack:
    """What a review meeting looks at."""

    quarter: str
    trends: tuple[TrendLine, ...]
    rewrite: tuple[RewriteLine, ...]
    cases: tuple[CaseLine, ...]
    proposed: str
    changes: tuple[CardChange, ...]


@handles(GetReview)
def get_review(read: Read, query: GetReview) -> ReviewPack:
    """A quarter's adjudicated rounds: trends with version breaks, items to rewrite, shared cases, the next card."""
    first, last = quarter_days(query.quarter)
    rows = list(
        read.session.execute(
            select(QaCampaign)
            .where(_q.stage.in_(REVEALED[1:]), _q.last_day >= first, _q.last_day <= last)
            .order_by(_q.last_day, _q.number)
        ).scalars()
    )
    rows = [row for row in rows if row.stage is Stage.REPORTED or may(read.actor, "qa.progress")]
    trends, before = [], None
    low: dict[str, float] = {}
    texts: dict[str, Words] = {}
    cases: list[CaseLine] = []
    for row in rows:
        card = card_by_id(read.session, row.card_id)
        report = get_report(read, GetReport(campaign_id=row.id))
        rate = report.pass_rate
        trends.append(
            TrendLine(report.campaign, report.title, row.last_day, card.version, report.scored, report.score.value,
                      rate.share, rate.interval.low, rate.interval.high,
                      before is not None and not before.comparable_with(card))
        )  # fmt: skip
        before = card
        ids = {item.text: item.id for item in card.items}
        texts |= {item.id: item.text for item in card.items}
        for line in report.agreement:
            if line.item in ids and line.alpha.value is not None and line.alpha.value < 0.667:
                key = ids[line.item]
                low[key] = min(low.get(key, 1.0), line.alpha.value)
        cases += report.cases
    upheld = _upheld(read.session, [row.id for row in rows])
    rewrite = tuple(
        RewriteLine(texts[item], low.get(item), upheld[item])
        for item in sorted({*low, *upheld} & set(texts), key=lambda i: (-upheld[i], low.get(i, 1.0), i))
    )
    proposed, changes = _proposed(read.session)
    return ReviewPack(query.quarter, tuple(trends), rewrite, tuple(cases), proposed, changes)


def quarter_days(quarter: str) -> tuple[str, str]:
    """First and last day of a quarter such as 2026-Q2. Raises Invalid."""
    year, _dash, number = quarter.upper().partition("-Q")
    if not (year.isdigit() and len(year) == 4 and number in ("1", "2", "3", "4")):
        raise Invalid(N_("{quarter} is no quarter."), quarter=quarter, hint=N_("Write 2026-Q2."), field="quarter")
    start = int(number) * 3 - 2
    end = date(int(year), start + 2, 31 if number in "14" else 30)
    return date(int(year), start, 1).isoformat(), end.isoformat()


def _upheld(session: Session, campaigns: list[UUID]) -> Counter[str]:
    d = table(QaDispute).c
    found: Counter[str] = Counter()
    for items in session.execute(select(d.upheld).where(d.campaign_id.in_(campaigns), d.upheld != "")).scalars():
        found.update(items.split(","))
    return found


def _proposed(session: Session) -> tuple[str, tuple[CardChange, ...]]:
    """The newest draft with what it changes against the version in force."""
    c = table(QaCard).c
    draft = session.execute(
        select(c.card, c.edition, c.content).where(c.state == "draft").order_by(c.edition.desc()).limit(1)
    ).first()
    if draft is None:
        return "", ()
    old = session.execute(
        select(c.content).where(c.card == draft.card, c.state == "published").order_by(c.edition.desc()).limit(1)
    ).scalar()
    return f"{draft.card} {draft.edition}", card_diff(card_of_text(old), card_of_text(draft.content)) if old else ()


__all__ = ["ReviewPack", "get_review"]
