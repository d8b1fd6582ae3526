"""A desk on which a round of QA can be run: a month of tickets, three raters, and the steps by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import Actor
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_views import ScoreSheet
from deskapp.domain.scorecard import CriticalClass, Severity
from deskapp.domain.terms import EntryKind, Grade, Role, Shift, Status
from deskapp.models.audit import Counter
from deskapp.models.people import Agent
from deskapp.models.ticket import CallBack, Ticket, TimelineEntry
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.dealing import AssignRound
from deskapp.services.requests.qa.rounds import (
    AdvanceRound,
    DrawRound,
    FreezeRound,
    PlanChoice,
    PlanRound,
    SeedRound,
)
from deskapp.services.requests.qa.scoring import GetSheet, GivenAnswer, GivenFinding, SubmitEvaluation
from deskapp.store.uow import work
from tests.services.conftest import Floor

RATERS = ("rao", "ren", "reyes")
MANUAL = ("manners", "problem", "solution", "uniform", "shoe_covers", "own_tools")
Judge = Callable[[str, ScoreSheet], dict[str, int]]


@dataclass
class QaFloor:
    """The floor with raters; `steps` are what has been done by the QA lead, in order."""

    floor: Floor
    campaign: UUID = field(default_factory=lambda: UUID(int=0))

    def lead(self, command: object) -> Receipt:
        return self.floor.do("qiu", command)  # type: ignore[arg-type]

    def ask(self, login: str, query: object) -> object:
        return self.floor.desk.read(self.floor.people[login], query)  # type: ignore[arg-type]

    def plan(self, *, share: str = "1/2", small: bool = False, **other: Any) -> None:
        least = 0 if small else None
        choice = PlanChoice(period="2026-03", share=Fraction(share), minimum=least, per_stratum=least, **other)
        self.campaign = self.lead(PlanRound(choice=choice)).id

    def draw(self) -> None:
        for step in (FreezeRound, SeedRound, DrawRound):
            self.lead(step(campaign_id=self.campaign))

    def assign(self, *raters: str) -> None:
        ids = tuple(self.floor.people[login].id for login in raters or RATERS)
        self.lead(AssignRound(campaign_id=self.campaign, raters=ids))

    def advance(self, *stages: Stage) -> None:
        for stage in stages:
            self.lead(AdvanceRound(campaign_id=self.campaign, to=stage))

    def score(self, login: str, points: dict[str, int] | None = None, *, critical: bool = False) -> int:
        """Score all that a rater has; returns how many."""
        done = 0
        while (sheet := self.ask(login, GetSheet())) is not None:
            assert isinstance(sheet, ScoreSheet)
            self.floor.do(login, evaluation(sheet, points or {}, critical=critical))
            done += 1
        return done

    def up_to(self, stage: Stage, *, share: str = "1/2") -> None:
        """Run a whole round of agreeing raters up to a stage."""
        self.plan(share=share)
        self.draw()
        self.assign()
        for login in RATERS:
            self.score(login)
        for to in (Stage.REVEALED, Stage.ADJUDICATED, Stage.RELEASED):
            self.advance(to)
            if to is stage:
                return
        self.floor.clock.advance(days=6)
        for to in (Stage.FINAL, Stage.REPORTED):
            self.advance(to)
            if to is stage:
                return


def evaluation(
    sheet: ScoreSheet, points: dict[str, int], *, critical: bool = False, comment: str = "", seconds: int = 40
) -> SubmitEvaluation:
    """A complete evaluation: 9 on scales and a pass elsewhere, unless told otherwise."""
    kinds: dict[str, str] = {}
    for line in sheet.snapshot.lines:
        kinds.setdefault("talk" if line.kind is EntryKind.CALL_IN else "note" if line.kind is EntryKind.NOTE else
                         line.kind.value, line.id)  # fmt: skip
    answers = []
    for item in sheet.card.record_items:
        if item.id in sheet.prefilled and item.id not in points:
            continue
        given = points.get(item.id, 10 if item.scale.pass_fail else 9)
        lines = tuple(kinds.values())[: max(2, item.evidence_kinds)]
        override = "seen on the recording" if item.id in sheet.prefilled else ""
        answers.append(GivenAnswer(item=item.id, points=Fraction(given), lines=lines, override_reason=override))
    findings = ()
    if critical:
        findings = (GivenFinding(severity=Severity.CRITICAL, item="solution", critical_class=CriticalClass.CUSTOMER,
                                 text="unsafe advice"),)  # fmt: skip
    return SubmitEvaluation(
        task_id=sheet.task.id, answers=tuple(answers), findings=findings, comment=comment, active_seconds=seconds
    )


def hire(floor: Floor) -> None:
    """Two more raters, and agents on other shifts."""
    people = {
        "ren": (Role.RATER, None, Shift.EARLY),
        "reyes": (Role.RATER, None, Shift.EARLY),
        "mo": (Role.AGENT, "repairs", Shift.MIDDLE),
        "late": (Role.AGENT, "gas", Shift.LATE),
        "qian": (Role.QA_LEAD, None, Shift.EARLY),
    }
    agents = [
        Agent(login=k, name=k.title(), role=role, shift=shift, team_id=floor.teams[team].id if team else None)
        for k, (role, team, shift) in people.items()
    ]
    with work(floor.desk.engine, floor.clock.now(), floor.people["adam"], agents[0].id) as unit:
        unit.authorize("people.edit")
        unit.add(*agents)
        unit.record("people.edit", "agent", agents[0])
        unit.commit()
    floor.people |= {a.login: Actor(a.id, a.login, a.name, a.role, a.team_id) for a in agents}


def month(floor: Floor, count: int = 12, *, visits: bool = False, first: int = 1) -> None:
    """A month of solved tickets from a number on; every fifth was never called back."""
    start = floor.clock.now()
    with work(floor.desk.engine, start, floor.people["lin"], uuid7()) as unit:
        unit.authorize("ticket.create")
        hours = min(14, 700 // count)
        for number in range(first, first + count):
            who = floor.people[("chen", "sato", "mo", "late")[number % 4]]
            opened = start + timedelta(hours=hours * (number - first + 1))
            rows = _case(number, who, opened)
            if visits:
                photos = {"what": "arrive", "photos_before": 1, "photos_after": 1}
                at = opened + timedelta(minutes=20)
                rows.append(
                    TimelineEntry(
                        ticket_id=rows[0].id,
                        kind=EntryKind.VISIT,
                        text="bolts out",  # type: ignore[attr-defined]
                        author_id=who.id,
                        occurred_at=at,
                        recorded_at=at,
                        details=photos,
                    )
                )
            unit.add(*rows)
        if first == 1:
            unit.add(Counter(name="ticket", value=count))
        unit.record("ticket.create", "ticket", Ticket(number=0, subject="", opened_at=start, queue_at=start))
        unit.commit()
    floor.clock.at += timedelta(days=30)


def later(floor: Floor, *, called: bool) -> None:
    """Twenty more solved tickets from now on, called back within the hour, or two days later not yet."""
    now = floor.clock.now()
    with work(floor.desk.engine, now, floor.people["lin"], uuid7()) as unit:
        unit.authorize("ticket.create")
        for _turn in range(20):
            rows = _case(unit.next_number("ticket"), floor.people["chen"], now)
            call = rows[-1]
            assert isinstance(call, CallBack)
            call.done_at = now + timedelta(hours=1) if called else None
            unit.add(*rows)
            unit.record("ticket.create", "ticket", rows[0])  # type: ignore[arg-type]
        unit.commit()
    floor.clock.advance(days=2)


def _case(number: int, who: Actor, opened: datetime) -> list[SQLModel]:
    solved, called = opened + timedelta(minutes=30), opened + timedelta(hours=3)
    ticket = Ticket(
        number=number, subject=f"washer bangs {number}", product="Washer", fault=f"noise {number}",
        description="bangs when spinning, moved", grade=Grade.YELLOW if number % 5 == 0 else Grade.GREEN,
        status=Status.CLOSED, resolution="bolts removed", team_id=who.team_id, owner_id=who.id, assignee_id=who.id,
        opened_at=opened, first_response_at=opened, solved_at=solved, is_open=False, queue_at=opened,
    )  # fmt: skip
    lines = ((EntryKind.CALL_IN, "it bangs", opened), (EntryKind.NOTE, f"asked about the bolts, {who.name}", solved))
    rows: list[SQLModel] = [ticket]
    rows += [
        TimelineEntry(ticket_id=ticket.id, kind=kind, text=words, author_id=who.id, occurred_at=at, recorded_at=at)
        for kind, words, at in lines
    ]
    done = called if number % 5 else None
    stars = 5 if done else None
    rows.append(CallBack(ticket_id=ticket.id, due_at=solved + timedelta(days=1), done_at=done, solved=bool(done),
                         satisfaction=stars))  # fmt: skip
    return rows
