"""A month of QA on a real log, with raters whose bias and leniency are known: does the report find what was put in?

    DESKAPP_REAL_DATA=… PYTHONPATH=src:. python -m bench.qa_month [--share 30%] [--html FILE]

Brings the ServiceNow log into a new desk, plans a share of the month's solved records by shift, freezes, draws, deals
to three raters, lets them score through the desk itself, reveals, adjudicates, releases and reports; then prints what
was injected beside what the report estimates. Nothing is measured around the desk: the raters see their own sheets,
the report reads the database. True points come from a hash of the record's number, so that every run is alike.
Injected bias is told against the panel, as a report can know it: a rater's own effect less the mean of the three.
"""

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from statistics import fmean
from uuid import UUID

from deskapp.clock import FrozenClock
from deskapp.domain import qa_figures
from deskapp.domain.permissions import Actor
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_report import QaReport
from deskapp.domain.qa_views import ScoreSheet
from deskapp.domain.scorecard import Source
from deskapp.domain.statistics import Interval
from deskapp.domain.terms import LABELS, Role, Shift
from deskapp.services.desk import Desk
from deskapp.services.importing import import_log, load_map
from deskapp.services.qa.card_files import parse_scorecard
from deskapp.services.qa.rated import ratings_of
from deskapp.services.requests.base import Command
from deskapp.services.requests.people import GetDirectory, SavePerson
from deskapp.services.requests.qa.cards import PublishCard, SaveCard
from deskapp.services.requests.qa.dealing import AssignRound
from deskapp.services.requests.qa.looking import CheckDraw
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.requests.qa.rounds import AdvanceRound, DrawRound, FreezeRound, PlanChoice, PlanRound, SeedRound
from deskapp.services.requests.qa.scoring import GetSheet, GivenAnswer, SubmitEvaluation
from deskapp.services.requests.qa.settling import Adjudicate, GetComparison
from deskapp.services.setup import init_desk
from deskapp.store.engine import open_engine
from deskapp.store.uow import reading

MONTH = "2016-03"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
# A service desk's card: the log knows no call-backs and no visits. `noted` is passed or failed, not graded.
CARD = """
format: deskapp/scorecard@1
id: service
version: 1
title: {en: "Service desk checklist", zh: "服务台检查表"}
pass_mark: 70
sections:
  - id: all
    title: {en: "Service", zh: "服务"}
    items:
      - {id: first_response, text: {en: "First response", zh: "首次响应"}, standard: {en: "10 min", zh: "10 分钟"},
         weight: 10, source: rule, rule: {name: first_response_within, limit: 10}}
      - {id: manners, text: {en: "Manners", zh: "服务态度"}, standard: {en: "Polite", zh: "礼貌"}, weight: 20}
      - {id: problem, text: {en: "Problem description", zh: "问题描述"}, standard: {en: "Whole", zh: "完整"},
         weight: 20}
      - {id: solution, text: {en: "Solution", zh: "解决方案"}, standard: {en: "Right", zh: "正确"}, weight: 30}
      - {id: noted, text: {en: "Documented", zh: "有记录"}, standard: {en: "Others can go on", zh: "他人可接手"},
         weight: 20, scale: pass_fail}
"""
GRADED = ("manners", "problem", "solution")


@dataclass(frozen=True, slots=True)
class Simulated:
    """A rater: `bias` in points of ten on every graded item, `leniency` the chance that a failed yes-or-no item
    passes, `strictness` the chance that a passed one fails, `on_manners` more points of ten on that item alone."""

    bias: float = 0.0
    leniency: float = 0.0
    strictness: float = 0.0
    on_manners: float = 0.0

    def expected(self, truth: Mapping[str, float]) -> dict[str, float]:
        """The points that the rater gives on average."""
        points = {item: truth[item] + self.bias + (self.on_manners if item == "manners" else 0) for item in GRADED}
        noted = truth["noted"]
        return points | {"noted": 10 - 10 * self.strictness if noted else 10 * self.leniency}

    def give(self, truth: Mapping[str, float], dice: random.Random) -> dict[str, Fraction]:
        """Points with the rater's own scatter, rounded up or down by chance so that rounding has no bias."""
        given = {}
        for item, mean in self.expected(truth).items():
            if item == "noted":
                given[item] = Fraction(10 if dice.random() * 10 < mean else 0)
            else:
                given[item] = Fraction(min(10, max(0, int(mean + dice.gauss(0, 0.7) + dice.random()))))
        return given


RATERS = {
    "ines": Simulated(bias=-0.6),
    "omar": Simulated(leniency=0.5),
    "yuki": Simulated(bias=0.5, strictness=0.05, on_manners=0.7),
}
SHIFT_EFFECT = {Shift.EARLY: 0.0, Shift.MIDDLE: 0.0, Shift.LATE: -0.8}


def truth_of(record: str, shift: Shift) -> dict[str, float]:
    """True points of a record: the same on every run; the late shift describes problems worse."""
    dice = random.Random(hashlib.sha256(record.encode()).digest())
    quality = dice.gauss(6.6, 0.6)
    points = {item: quality + dice.gauss(0, 0.3) for item in GRADED}
    points["problem"] += SHIFT_EFFECT[shift]
    return points | {"noted": 10.0 if dice.random() < 0.8 else 0.0}


@dataclass(frozen=True, slots=True)
class Line:
    """What was put in beside what came out."""

    name: str
    injected: float
    estimated: float
    interval: Interval

    @property
    def covered(self) -> bool:
        """Whether the interval holds what was put in."""
        return self.interval.low <= self.injected <= self.interval.high

    @property
    def recovered(self) -> bool:
        """Whether it is within twice the interval: of sixteen intervals, one may miss by chance, but not by that."""
        return abs(self.injected - self.estimated) <= 2 * self.interval.half_width


@dataclass(slots=True)
class Recovered:
    """A simulated round: the desk's report and every injected figure beside its estimate."""

    report: QaReport
    population: int
    evaluations: int
    redraw_same: bool
    lines: list[Line] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


class Round:
    """A desk with a log on it, and the people of a round."""

    def __init__(self, desk: Desk, clock: FrozenClock, admin: Actor) -> None:
        self.desk, self.clock = desk, clock
        self.people = {"admin": admin}
        for login, role in (("quinn", Role.QA_LEAD), ("avery", Role.AUDITOR), *((name, Role.RATER) for name in RATERS)):
            desk.execute(admin, SavePerson(login=login, name=login.title(), role=role))
            self.people[login] = desk.sign_on(login)
        self.shifts = self._shifts()

    def lead(self, command: Command) -> UUID:
        return self.desk.execute(self.people["quinn"], command).id

    def _shifts(self) -> dict[str, Shift]:
        """Give the log's agents a shift each, by a hash of their login; returns them by login."""
        admin, found = self.people["admin"], {}
        for person in self.desk.read(admin, GetDirectory()).people:
            if ":" in person.login:
                shift = list(Shift)[hashlib.sha256(person.login.encode()).digest()[0] % len(Shift)]
                found[person.login] = shift
                self.desk.execute(admin, SavePerson(agent_id=person.id, login=person.login, name=person.name,
                                                    role=person.role, shift=shift, active=False))  # fmt: skip
        return found

    def draw(self, share: Fraction, *, everyone: bool) -> UUID:
        draft = self.lead(SaveCard(text=CARD))
        self.lead(PublishCard(card_id=draft))
        choice = PlanChoice(period=MONTH, share=share, strata="shift", everyone=everyone)
        campaign = self.lead(PlanRound(choice=choice))
        for step in (FreezeRound, SeedRound, DrawRound):
            self.lead(step(campaign_id=campaign))
        self.lead(AssignRound(campaign_id=campaign, raters=tuple(self.people[name].id for name in RATERS)))
        return campaign

    def score(self, shift_of: Mapping[str, Shift]) -> int:
        """Let every rater score all that they were dealt, each on their own sheets; returns how many evaluations."""
        done = 0
        for name, rater in RATERS.items():
            dice = random.Random(name)
            while (sheet := self.desk.read(self.people[name], GetSheet())) is not None:
                given = rater.give(truth_of(sheet.task.record, shift_of[sheet.task.record]), dice)
                self.desk.execute(self.people[name], _evaluation(sheet, given))
                done += 1
        return done

    def finish(self, campaign: UUID) -> QaReport:
        self.lead(AdvanceRound(campaign_id=campaign, to=Stage.REVEALED))
        for record in self.desk.read(self.people["quinn"], GetComparison(campaign_id=campaign, undecided_only=True)):
            chosen = record.evaluations[0].id
            self.lead(Adjudicate(sample_id=record.sample_id, evaluation_id=chosen, reason="heard again"))
        for stage in (Stage.ADJUDICATED, Stage.RELEASED, Stage.FINAL, Stage.REPORTED):
            if stage is Stage.FINAL:
                self.clock.advance(days=6)
            self.lead(AdvanceRound(campaign_id=campaign, to=stage))
        report: QaReport = self.desk.read(self.people["quinn"], GetReport(campaign_id=campaign))
        return report


def _evaluation(sheet: ScoreSheet, points: Mapping[str, Fraction]) -> SubmitEvaluation:
    answers = tuple(GivenAnswer(item=item, points=value) for item, value in points.items())
    return SubmitEvaluation(task_id=sheet.task.id, answers=answers, active_seconds=45)


def run(desk: Desk, clock: FrozenClock, admin: Actor, *, share: Fraction, everyone: bool = False) -> Recovered:
    """Run the whole round on a desk that holds the log, and put injected beside estimated."""
    began = time.perf_counter()
    seconds = {}

    def lap(name: str) -> None:
        nonlocal began
        seconds[name], began = time.perf_counter() - began, time.perf_counter()

    quality = Round(desk, clock, admin)
    campaign = quality.draw(share, everyone=everyone)
    lap("people, plan, freeze, draw, deal")
    with reading(desk.engine) as session:
        from deskapp.models.qa import QaCampaign
        from deskapp.services.qa.frames import frame_of

        row = session.get(QaCampaign, campaign)
        assert row is not None
        frame = frame_of(session, row)
    shift_of = {record.id: quality.shifts[record.agent] for record in frame.records}
    evaluations = quality.score(shift_of)
    lap("score")
    report = quality.finish(campaign)
    lap("reveal, adjudicate, release, report")
    same = desk.read(quality.people["avery"], CheckDraw(campaign_id=campaign)).same
    with reading(desk.engine) as session:
        ratings = ratings_of(session, campaign)
    card = parse_scorecard(CARD)
    lines = [*_bias_lines(report, shift_of), *_item_lines(ratings, shift_of), *_shift_lines(report)]
    assert all(item.source is Source.RULE or item.id in (*GRADED, "noted") for item in card.record_items)
    return Recovered(report, len(frame.records), evaluations, same, lines, seconds)


def _bias_lines(report: QaReport, shift_of: Mapping[str, Shift]) -> Iterator[Line]:
    """Each rater's bias on the whole score, in points of 100."""
    drawn = [line.record for line in report.audit.drawn]
    weights = {item.id: float(item.weight) for item in parse_scorecard(CARD).record_items}
    mean = {
        name: fmean(
            sum(weights[item] * points for item, points in rater.expected(truth_of(r, shift_of[r])).items()) / 10
            for r in drawn
        )
        for name, rater in RATERS.items()
    }  # fmt: skip
    panel = fmean(mean.values())
    found = {line.rater: line.bias for line in report.raters}
    for name in RATERS:
        bias = found[name.title()]
        assert bias is not None
        yield Line(f"{name}, score (of 100)", mean[name] - panel, bias.bias, bias.interval)


def _item_lines(ratings: list[qa_figures.Rating], shift_of: Mapping[str, Shift]) -> Iterator[Line]:
    """Each rater's bias on each item, in points of ten; the intervals hold for the whole table at once."""
    card = parse_scorecard(CARD)
    by_text = {item.text: item.id for item in card.items}
    records = {rating.record for rating in ratings}
    mean = {
        (name, item): fmean(rater.expected(truth_of(r, shift_of[r]))[item] for r in sorted(records))
        for name, rater in RATERS.items()
        for item in (*GRADED, "noted")
    }
    for line in qa_figures.rater_item_lines(ratings, card, clear_only=False):
        item, name = by_text[line.item], line.rater.lower()
        panel = fmean(mean[other, item] for other in RATERS)
        yield Line(f"{name}, {item} (of 10)", mean[name, item] - panel, line.bias.bias, line.bias.interval)


def _shift_lines(report: QaReport) -> Iterator[Line]:
    """What the late shift lacks on the problem description, by the heat map; the interval is twice a plain error."""
    cells = next(cells for item, cells in report.heat.rows if item.en == "Problem description")
    late = [words.en for words in report.heat.columns].index(LABELS[Shift.LATE])
    others = [(c.points, c.n) for i, c in enumerate(cells) if i != late and c.points is not None]
    mean = sum(points * n for points, n in others) / sum(n for _points, n in others)
    cell = cells[late]
    assert cell.points is not None
    # True quality, item, rater and rounding scatter: 0.6, 0.3, 0.7, 0.3; the raters' own bias is shared by all shifts.
    error = 1.05 * (1 / cell.n + 1 / sum(n for _points, n in others)) ** 0.5
    gap = cell.points - mean
    yield Line("late shift, problem (of 10)", SHIFT_EFFECT[Shift.LATE], gap, Interval(gap - 2 * error, gap + 2 * error))


def told(found: Recovered) -> Iterator[str]:
    """The result as lines of text."""
    yield f"{found.population:,} records, {found.report.scored:,} drawn, {found.evaluations:,} evaluations"
    yield "re-draw: " + ("same" if found.redraw_same else "NOT THE SAME")
    yield f"{'':34} {'injected':>9} {'estimated':>9}   interval"
    for line in found.lines:
        sign = "" if line.covered else "   OUTSIDE"
        yield (
            f"{line.name:34} {line.injected:+9.2f} {line.estimated:+9.2f}   "
            f"[{line.interval.low:+.2f}, {line.interval.high:+.2f}]{sign}"
        )
    yield "  ".join(f"{name}: {spent:.1f} s" for name, spent in found.seconds.items())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.qa_month", description=__doc__.splitlines()[0])
    parser.add_argument("--share", default="30%", help="how much to draw")
    parser.add_argument("--html", type=Path, help="write the report too")
    given = parser.parse_args()
    folder = os.environ.get("DESKAPP_REAL_DATA", "")
    if not folder:
        sys.exit("Set DESKAPP_REAL_DATA to the folder that holds the logs.")
    with tempfile.TemporaryDirectory(prefix="deskapp-qa-") as place:
        url = f"sqlite:///{place}/month.db"
        init_desk(url, login="lee", os_user="lee", name="Lee", team="Service desk", now=NOW)
        engine, clock = open_engine(url), FrozenClock(NOW)
        desk = Desk(engine, clock)
        log = Path(folder) / "itsm_opened_to_2016-03-15.csv.gz"
        done = import_log(desk, desk.sign_on("lee"), load_map("servicenow"), log)
        print(f"{log.name}: {done.rows:,} rows, {done.cases:,} records", flush=True)
        found = run(desk, clock, desk.sign_on("admin"), share=_share(given.share))
        for line in told(found):
            print(line)
        if given.html:
            from deskapp.services.qa.report_html import write_html

            write_html(found.report, given.html)
        engine.dispose()
    return 0 if found.redraw_same and all(line.recovered for line in found.lines) else 1


def _share(text: str) -> Fraction:
    return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


if __name__ == "__main__":
    sys.exit(main())
