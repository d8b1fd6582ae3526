"""A round of QA on the demo desk, brought to a stage: what the pictures of scoring, comparing and reporting are of."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from unittest import mock
from uuid import UUID

from sqlalchemy import select

from deskapp.clock import FrozenClock
from deskapp.domain.permissions import Actor
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_views import ResultLine, ScoreSheet
from deskapp.domain.scorecard import CriticalClass, Item, Severity
from deskapp.domain.terms import EntryKind, Role, Shift
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.services.desk import Desk
from deskapp.services.requests.base import Command
from deskapp.services.requests.qa.actions import CompleteAction, IssueAction
from deskapp.services.requests.qa.dealing import AssignRound
from deskapp.services.requests.qa.results import GetResults, OpenDispute
from deskapp.services.requests.qa.rounds import (
    AdvanceRound,
    DrawRound,
    FreezeRound,
    PlanChoice,
    PlanRound,
    SeedRound,
)
from deskapp.services.requests.qa.scoring import GetSheet, GivenAnswer, GivenFinding, SubmitEvaluation
from deskapp.services.requests.qa.settling import Adjudicate, GetComparison
from deskapp.store.engine import open_engine
from deskapp.store.uow import work

# Who joins the demo desk for QA: login, name by language, role.
PEOPLE = (
    ("qa1", {"en": "Nora Quinn", "zh": "秦岚"}, Role.QA_LEAD),
    ("qa2", {"en": "Paul Adeyemi", "zh": "顾明"}, Role.RATER),
    ("qa3", {"en": "Iris Lund", "zh": "沈若"}, Role.RATER),
    ("qa4", {"en": "Ben Marsh", "zh": "许诺"}, Role.RATER),
    ("qa5", {"en": "Ruth Vogel", "zh": "韩青"}, Role.AUDITOR),
)
RATERS = ("qa2", "qa3", "qa4")
WORDS = {
    "en": ("The note leaves out when it began.", "Promised a part without asking the store.",
           "Kept calm with a customer in a hurry."),
    "zh": ("记录未写明何时开始。", "未核库存就承诺配件。", "面对着急的客户始终耐心。"),
}  # fmt: skip


@dataclass
class QaDesk:
    """The demo desk with its QA people; `campaign` is the round."""

    desk: Desk
    clock: FrozenClock
    people: dict[str, Actor]
    language: str
    campaign: UUID = field(default_factory=lambda: UUID(int=0))

    def do(self, login: str, command: Command) -> UUID:
        """Carry out a command; return the id of what it made."""
        return self.desk.execute(self.people[login], command).id

    def lead(self, command: Command) -> UUID:
        """Carry out a command as the QA lead."""
        return self.do("qa1", command)

    def score(self, login: str, count: int = 10_000) -> None:
        """Let a rater score records, each in a way of their own: the one strict, the other lenient."""
        for _turn in range(count):
            sheet = self.desk.read(self.people[login], GetSheet())
            if sheet is None:
                return
            self.do(login, self._evaluation(login, sheet))

    def _evaluation(self, login: str, sheet: ScoreSheet) -> SubmitEvaluation:
        truth, own = random.Random(sheet.task.record), random.Random(sheet.task.record + login)
        bias = {"qa2": -0.4, "qa3": 0.1, "qa4": 0.5}[login]
        words, weak = WORDS[self.language], truth.random() < 0.2
        answers = tuple(self._answer(item, truth, own, bias, weak, sheet)
                        for item in sheet.card.record_items if item.id not in sheet.prefilled)  # fmt: skip
        findings = []
        if weak:
            findings.append(GivenFinding(severity=Severity.MINOR, item="problem", text=words[0]))
        if truth.random() < 0.06 and own.random() < 0.7:
            findings.append(GivenFinding(severity=Severity.CRITICAL, item="solution", text=words[1],
                                         critical_class=CriticalClass.CUSTOMER))  # fmt: skip
        return SubmitEvaluation(
            task_id=sheet.task.id, answers=answers, findings=tuple(findings), comment="" if weak else words[2],
            active_seconds=own.randint(12, 70),
        )  # fmt: skip

    def _answer(
        self, item: Item, truth: random.Random, own: random.Random, bias: float, weak: bool, sheet: ScoreSheet
    ) -> GivenAnswer:
        kinds: dict[EntryKind, str] = {}
        for line in sheet.snapshot.lines:
            kinds.setdefault(line.kind, line.id)
        if item.scale.pass_fail:
            points = 10 if truth.random() < 0.9 and own.random() < 0.97 else 0
        else:
            level = truth.gauss(6.5 if weak else 9, 0.8)
            points = min(10, max(0, round(level + bias + own.gauss(0, 0.6))))
        return GivenAnswer(item=item.id, points=Fraction(points), lines=tuple(kinds.values())[:4])

    def advance(self, *stages: Stage) -> None:
        """Take steps of the loop's second half."""
        for to in stages:
            self.lead(AdvanceRound(campaign_id=self.campaign, to=to))


def open_qa(url: str, language: str, now: datetime) -> QaDesk:
    """Open a demo desk and let the QA people join it."""
    engine, clock = open_engine(url), FrozenClock(now)
    a = table(Agent).c
    with engine.connect() as connection:
        rows = connection.execute(select(a.id, a.login, a.name, a.role, a.team_id)).all()
    known = {r.login: Actor(r.id, r.login, r.name, r.role, r.team_id) for r in rows}
    found = QaDesk(Desk(engine, clock), clock, known, language)
    if "qa1" not in known:
        admin = next(actor for actor in known.values() if actor.role is Role.ADMIN)
        made = [Agent(login=k, name=names[language], role=role, shift=Shift.EARLY) for k, names, role in PEOPLE]
        with work(engine, now, admin, made[0].id) as unit:
            unit.authorize("people.edit")
            unit.add(*made)
            unit.record("people.edit", "agent", made[0])
            unit.commit()
        found.people |= {p.login: Actor(p.id, p.login, p.name, p.role, None) for p in made}
    return found


def make_round(url: str, language: str, now: datetime, stage: Stage, *, share: Fraction = Fraction(1, 8)) -> QaDesk:
    """Bring a round over the last month to a stage: scoring (a third is done), revealed, released or reported."""
    qa = open_qa(url, language, now)
    zone = "Asia/Shanghai" if language == "zh" else "Europe/London"
    qa.campaign = qa.lead(PlanRound(choice=PlanChoice(plan="monthly", zone=zone, share=share)))
    # The same records each time, or every run would draw other pictures.
    with mock.patch("secrets.token_bytes", lambda size: bytes(range(size))):
        for step in (FreezeRound, SeedRound, DrawRound):
            qa.lead(step(campaign_id=qa.campaign))
    qa.lead(AssignRound(campaign_id=qa.campaign, raters=tuple(qa.people[login].id for login in RATERS)))
    for login in RATERS:
        qa.score(login, 12 if stage is Stage.SCORING else 10_000)
    if stage is Stage.SCORING:
        return qa
    qa.advance(Stage.REVEALED)
    if stage is Stage.REVEALED:
        return qa
    _settle(qa)
    qa.advance(Stage.ADJUDICATED, Stage.RELEASED)
    words = WORDS[language]
    action = qa.lead(
        IssueAction(campaign_id=qa.campaign, item="problem", finding=words[0], department="QA",
                    responsible=next(p.name for p in qa.people.values() if p.role is Role.LEAD), todo=words[1],
                    head_in_copy=qa.people["qa1"].name, deadline=now + timedelta(days=9))
    )  # fmt: skip
    results = qa.desk.read(qa.people["qa1"], GetResults())
    low = next(line for line in results if not line.settled.passed)
    qa.do(_agent(qa, low), OpenDispute(sample_id=low.sample_id, items=("problem",), text=words[0]))
    if stage is Stage.RELEASED:
        return qa
    qa.lead(CompleteAction(action_id=action, text=words[2]))
    return qa


def _settle(qa: QaDesk) -> None:
    for line in qa.desk.read(qa.people["qa1"], GetComparison(campaign_id=qa.campaign, undecided_only=True)):
        vote = min(line.evaluations, key=lambda v: v.score)
        qa.lead(Adjudicate(sample_id=line.sample_id, evaluation_id=vote.id, reason=WORDS[qa.language][0]))


def _agent(qa: QaDesk, line: ResultLine) -> str:
    return next(login for login, actor in qa.people.items() if actor.name == line.agent)


__all__ = ["QaDesk", "make_round", "open_qa"]
