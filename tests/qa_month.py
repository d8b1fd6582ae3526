"""A month of QA from nothing but a seed: records, draw, three raters with known bias, figures, the whole report."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from deskapp.domain import qa_figures
from deskapp.domain.assignment import Rater, assign
from deskapp.domain.qa_figures import Rating, SettledRecord
from deskapp.domain.qa_report import (
    ActionLine,
    Audit,
    CaseKind,
    CaseLine,
    DrawnLine,
    QaReport,
    StratumLine,
    VerificationLine,
)
from deskapp.domain.rule_items import AggregateResult
from deskapp.domain.sampling import (
    DRAW_VERSION,
    Draw,
    Exclusion,
    Frame,
    FrameRecord,
    SampleSize,
    draw,
    make_seed,
    openssl_line,
    plan,
)
from deskapp.domain.scorecard import CriticalClass, Item, Severity, Source, Words
from deskapp.domain.scoring import record_score
from deskapp.domain.verification import ActionState, plan_verification, verdict
from deskapp.services.qa.card_files import shipped_scorecards

BIAS = {"Chen": -6.0, "Okafor": 1.0, "Silva": 5.0}
SHIFTS = {
    "early": Words("early shift", "早班"),
    "middle": Words("middle shift", "中班"),
    "late": Words("late shift", "晚班"),
}
MADE = datetime(2026, 6, 3, 8, 30, tzinfo=UTC)
CARD = shipped_scorecards()["service"]


@dataclass(frozen=True, slots=True)
class Month:
    frame: Frame
    drawn: Draw
    records: tuple[SettledRecord, ...]
    ratings: tuple[Rating, ...]
    sizes: dict[str, int]


def month(count: int = 1200, seed: int = 7, bias: Mapping[str, float] = BIAS) -> Month:
    """Simulate a month: `bias` is put on each rater's manual items, in points of 100 of the score."""
    rnd = random.Random(seed)
    shifts = rnd.choices(list(SHIFTS), (5, 4, 3), k=count)
    records = tuple(
        FrameRecord(f"T2026-{n:05}", shifts[n], f"agent{rnd.randrange(14):02}", f"team{n % 3}") for n in range(count)
    )
    frame = Frame("period=2026-05 status=solved,closed", records, (Exclusion("T2026-TEST", "test call"),))
    sizes = frame.strata
    planned = plan(sizes, SampleSize(Fraction(3, 10)), minimum=10)
    drawn = draw(frame, make_seed("M2026-05", frame.hash, rnd.randbytes(16)), planned.allocation)
    chosen = set(drawn.records)
    dealt = assign([r for r in records if r.id in chosen], [Rater(name) for name in bias], drawn.seed)
    by_id = {r.id: r for r in records}
    settled, ratings = [], []
    for one in dealt:
        record = by_id[one.record]
        truth = _truth(rnd, record)
        mine = [_rating(rnd, record.id, rater, truth, bias[rater]) for rater in one.raters]
        ratings += mine
        settled.append(_settled(rnd, record, mine))
    return Month(frame, drawn, tuple(settled), tuple(ratings), sizes)


def _truth(rnd: random.Random, record: FrameRecord) -> dict[str, float | None]:
    quality = rnd.gauss(7.4, 0.6) - (0.5 if record.stratum == "late" else 0) - (0.9 if record.agent < "agent02" else 0)
    visit = rnd.random() < 0.6
    points: dict[str, float | None] = {}
    for item in CARD.record_items:
        if item.applies_when and not visit:
            points[item.id] = None
        elif item.id == "uniform":  # everybody wears it: an item without variation
            points[item.id] = 10.0
        elif item.scale.pass_fail or item.source is Source.RULE:
            late = item.id in ("call_back", "photos") and record.stratum == "late"
            points[item.id] = 10.0 if rnd.random() < (0.80 if late else 0.93) else 0.0
        else:
            points[item.id] = quality - (0.6 if item.id == "problem" else 0)
    return points


def _rating(rnd: random.Random, record: str, rater: str, truth: Mapping[str, float | None], bias: float) -> Rating:
    applies = [item for item in CARD.record_items if truth[item.id] is not None]
    manual = [item for item in applies if _judged(item)]
    # The bias is on the whole score; only judged items can carry it.
    lift = bias / 10 * len(applies) / len(manual)
    points: dict[str, Fraction | None] = {}
    for item in CARD.record_items:
        value = truth[item.id]
        if value is None or not _judged(item):
            points[item.id] = None if value is None else Fraction(int(value))
        else:
            low = value + lift + rnd.gauss(0, 0.6)
            points[item.id] = Fraction(round(min(10, max(0, low))))
    score = record_score([(item.weight, points[item.id]) for item in CARD.record_items])
    told = {item: None if value is None else float(value) for item, value in points.items()}
    return Rating(record, rater, float(score.exact), score.exact >= 80, told, rnd.random() < 0.02)


def _judged(item: Item) -> bool:
    return not item.scale.pass_fail and item.source is Source.MANUAL


def _settled(rnd: random.Random, record: FrameRecord, mine: list[Rating]) -> SettledRecord:
    score = sum(r.score for r in mine) / len(mine)
    points = mine[0].points
    findings = [(i, CARD.item(i).severity) for i, p in points.items() if p is not None and p < 6]
    findings = [(i, Severity.MAJOR if s is Severity.CRITICAL else s) for i, s in findings]
    critical = frozenset({rnd.choice(list(CriticalClass))}) if rnd.random() < 0.015 else frozenset()
    if critical:
        findings.append(("solution", Severity.CRITICAL))
    day = f"05-{1 + int(record.id[-5:]) * 31 // 1200:02}"
    passed = score >= 80 and not critical
    return SettledRecord(record.id, record.stratum, record.stratum, record.agent, day, score, passed, points,
                         tuple(findings), critical)  # fmt: skip


def report(found: Month) -> QaReport:
    """Return the whole report of a simulated month."""
    n, population = len(found.records), len(found.frame.records)
    load: dict[str, int] = {}
    for record in found.frame.records:
        load[record.agent] = load.get(record.agent, 0) + 1
    example = found.drawn.strata[0].sample[0]
    proof = verdict(58, 58)
    power = plan_verification(true_rate=0.99).table
    bad = VerificationLine(50, 60, 400, 0.95, 0.99, verdict(50, 60).verdict)
    good = VerificationLine(58, 58, None, 0.95, proof.test.p_value, proof.verdict, power)
    return QaReport(
        campaign="M2026-05",
        title="Monthly quality round, May 2026",
        period="2026-05-01 – 2026-05-31",
        made_at=MADE,
        card=CARD.title,
        card_version=CARD.version,
        card_hash=CARD.content_hash,
        pass_mark=CARD.pass_mark,
        population=population,
        scored=n,
        score=qa_figures.mean_score(found.records, found.sizes),
        pass_rate=qa_figures.pass_rate(found.records, found.sizes),
        critical=qa_figures.critical_lines(found.records, population),
        problems=qa_figures.problem_lines(found.records, CARD, population),
        chart=qa_figures.chart_of(found.records),
        heat=qa_figures.heat_map(found.records, CARD, SHIFTS),
        agents=qa_figures.agent_lines(found.records, load),
        raters=qa_figures.rater_lines(found.ratings, {"Chen": "lead", "Okafor": "qa", "Silva": "customer_experience"}),
        rater_items=qa_figures.rater_item_lines(found.ratings, CARD),
        agreement=qa_figures.agreement_lines(found.ratings, CARD, seed=found.drawn.seed),
        aggregates=((CARD.item("first_time_fix").text, AggregateResult("fix", 1112, 1190, Fraction("0.95"))),),
        cases=(
            CaseLine(CaseKind.GOOD, "Case A", Fraction(98), "Leak reported at night: the valve was closed "
                     "within two minutes and stayed on the line.", "Safe first, then the serial number."),
            CaseLine(CaseKind.BAD, "Case B", Fraction(55), "A free part was promised that the warranty does not cover. "
                     "<script>alert(1)</script>", "Look the warranty up before promising."),
        ),
        actions=(
            ActionLine("CA-2026-031", "Call-back missed on the late shift", "Service desk", "Li Wei",
                       "Move call-backs to the morning", MADE + timedelta(days=7), ActionState.VERIFYING, 1, good),
            ActionLine("CA-2026-024", "Photos missing after the work", "Field service", "J. Okoro",
                       "Photo before closing", MADE - timedelta(days=3), ActionState.SECOND_ROUND, 2, bad),
            ActionLine("CA-2026-035", "=Description copied", "Training", "M. Silva", "Coaching by flow",
                       MADE + timedelta(days=14), ActionState.OPEN),
        ),
        audit=Audit(
            filter=found.frame.filter,
            frame_hash=found.frame.hash,
            frame_size=population,
            frozen_at=MADE - timedelta(days=2, hours=3),
            seed=found.drawn.seed,
            seeded_at=MADE - timedelta(days=2, hours=2, minutes=55),
            version=DRAW_VERSION,
            strata=tuple(StratumLine(s.name, len(s.order), s.n, s.n) for s in found.drawn.strata),
            exclusions=(("test call", 1),),
            replacements=((example.record, found.drawn.strata[0].reserve[0].record, "recording lost"),),
            openssl=openssl_line(found.drawn.seed, example.record),
            example=DrawnLine(example.record, found.drawn.strata[0].name, example.ticket),
            drawn=tuple(DrawnLine(x.record, s.name, x.ticket) for s in found.drawn.strata for x in s.sample),
        ),
    )  # fmt: skip
