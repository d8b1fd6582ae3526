"""A report over 50,000 evaluations, through the database: `python -m bench qa`, or alone for any size.

    PYTHONPATH=src:. python -m bench.qa_report [--records 50000] [--postgresql]

Tickets are put in by SQL; the round is planned, frozen, drawn, dealt and revealed by the desk's own commands, whose
times are told too. Four of five records are drawn, a fifth of them scored twice, one in twenty once more. The
evaluations are written as the desk writes them, since a rater's own pace is no figure of ours.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, select

from bench.report import Figure
from deskapp.clock import FrozenClock
from deskapp.domain.ids import uuid7
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_words import TaskState
from deskapp.domain.scorecard import Severity
from deskapp.domain.scoring import Answer, Finding, record_score
from deskapp.domain.terms import Channel, EntryKind, Grade, Role, Shift, Status
from deskapp.models.base import table
from deskapp.models.people import Agent, Team
from deskapp.models.qa import QaCampaign, QaEvaluation, QaSample, QaTask
from deskapp.models.ticket import CallBack, Ticket, TimelineEntry
from deskapp.services.desk import Desk
from deskapp.services.qa.kept import answers_data, card_by_id, findings_data
from deskapp.services.qa.report_html import render_html
from deskapp.services.requests.base import Command
from deskapp.services.requests.people import SavePerson
from deskapp.services.requests.qa.dealing import AssignRound
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.requests.qa.rounds import AdvanceRound, DrawRound, FreezeRound, PlanChoice, PlanRound, SeedRound
from deskapp.services.requests.qa.scoring import GetSheet
from deskapp.services.setup import init_desk
from deskapp.store.engine import open_engine
from deskapp.store.uow import reading

RECORDS = 50_000
START = datetime(2026, 5, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
RATERS = ("ines", "omar", "yuki")
AGENTS, TEAMS = 60, 6


def figures(url: str, name: str, records: int = RECORDS) -> Iterator[Figure]:
    """Build the round on an empty database and measure it."""
    init_desk(url, login="lee", os_user="lee", name="Lee", team="Service desk", now=NOW)
    engine = open_engine(url)
    desk, spent = Desk(engine, FrozenClock(NOW)), {}
    try:
        _tickets(engine, records)
        for login, role in (("quinn", Role.QA_LEAD), *((rater, Role.RATER) for rater in RATERS)):
            desk.execute(desk.sign_on("admin"), SavePerson(login=login, name=login.title(), role=role))
        campaign = _round(desk, spent)
        done = _evaluations(engine, campaign)
        lead = desk.sign_on("quinn")
        spent["reveal"] = _timed(lambda: desk.execute(lead, AdvanceRound(campaign_id=campaign, to=Stage.REVEALED)))
        for step, seconds in spent.items():
            yield Figure(f"{name}: {step}, {records:,} records", seconds, "s")
        report = desk.read(lead, GetReport(campaign_id=campaign))
        busy = time.process_time()
        runs = sorted(_timed(lambda: desk.read(lead, GetReport(campaign_id=campaign))) for _ in range(3))
        busy = (time.process_time() - busy) / 3
        yield Figure(f"{name}: report over {done:,} evaluations", runs[1], "s", at_most=5.0, least=runs[0])
        yield Figure(f"{name}: of it this process's CPU", busy, "s")
        yield Figure(f"{name}: its HTML", _timed(lambda: render_html(report)), "s")
    finally:
        engine.dispose()


def sheet_figure(desk: Desk, login: str) -> float:
    """Seconds to give a rater the next sheet of a long queue."""
    rater = desk.sign_on(login)
    return _timed(lambda: desk.read(rater, GetSheet()))


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _round(desk: Desk, spent: dict[str, float]) -> UUID:
    lead = desk.sign_on("quinn")

    def do(name: str, command: Command) -> UUID:
        began = time.perf_counter()
        found = desk.execute(lead, command).id
        spent[name] = time.perf_counter() - began
        return found

    choice = PlanChoice(period="2026-05", share=Fraction(4, 5), strata="shift")
    campaign = do("plan", PlanRound(choice=choice))
    do("freeze", FreezeRound(campaign_id=campaign))
    do("seed", SeedRound(campaign_id=campaign))
    do("draw", DrawRound(campaign_id=campaign))
    do("deal", AssignRound(campaign_id=campaign, raters=tuple(desk.sign_on(rater).id for rater in RATERS)))
    spent["next sheet"] = sheet_figure(desk, "ines")
    return campaign


def _tickets(engine: Engine, count: int) -> None:
    """A month of solved tickets of sixty agents on three shifts, with what was said and a call-back each."""
    dice = random.Random(5)
    teams = [{"id": uuid7(), "key": f"team-{n}", "name": f"Team {n}", "version": 1} for n in range(TEAMS)]
    agents = [
        {"id": uuid7(), "login": f"agent{n:02}", "name": f"Agent {n:02}", "role": Role.AGENT, "version": 1,
         "shift": list(Shift)[n % 3], "team_id": teams[n % TEAMS]["id"], "active": True}
        for n in range(AGENTS)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(table(Team)), teams)
        connection.execute(insert(table(Agent)), agents)
        for begin in range(0, count, 5000):
            rows = [_case(dice, number, agents) for number in range(begin + 1, min(count, begin + 5000) + 1)]
            connection.execute(insert(table(Ticket)), [ticket for ticket, _lines, _call in rows])
            connection.execute(insert(table(TimelineEntry)), [line for _t, lines, _call in rows for line in lines])
            connection.execute(insert(table(CallBack)), [call for _t, _lines, call in rows])


def _case(dice: random.Random, number: int, agents: list[dict[str, Any]]) -> tuple[dict[str, Any], list[Any], Any]:
    who = dice.choice(agents)
    opened = START + timedelta(seconds=dice.randrange(30 * 86_400))
    solved = opened + timedelta(minutes=dice.randrange(5, 90))
    ticket = {
        "id": uuid7(), "number": number, "subject": f"washer bangs, load {number % 97}", "description": "since May",
        "product": "Washer", "fault": f"noise {number}", "channel": Channel.PHONE, "status": Status.CLOSED,
        "grade": Grade.YELLOW if number % 9 == 0 else Grade.GREEN, "resolution": "bolts removed",
        "team_id": who["team_id"], "owner_id": who["id"], "assignee_id": who["id"], "opened_at": opened,
        "first_response_at": opened + timedelta(minutes=dice.choice((1, 2, 4, 14))), "solved_at": solved,
        "is_open": False, "queue_at": opened, "version": 1,
    }  # fmt: skip
    lines = [
        {"id": uuid7(), "ticket_id": ticket["id"], "kind": kind, "text": text, "author_id": who["id"],
         "occurred_at": at, "recorded_at": at, "details": {}}
        for kind, text, at in (
            (EntryKind.CALL_IN, "it bangs when spinning", opened), (EntryKind.NOTE, "bolts asked about", solved)
        )
    ]  # fmt: skip
    done = solved + timedelta(hours=dice.choice((2, 5, 20, 30)))
    call = {"id": uuid7(), "ticket_id": ticket["id"], "due_at": solved + timedelta(days=1), "done_at": done,
            "solved": True, "satisfaction": 4, "version": 1}  # fmt: skip
    return ticket, lines, call


def _evaluations(engine: Engine, campaign: UUID) -> int:
    """An evaluation for every task, with findings where points are low; returns how many."""
    dice = random.Random(6)
    k, s = table(QaTask).c, table(QaSample).c
    with reading(engine) as session:
        row = session.get(QaCampaign, campaign)
        assert row is not None
        card = card_by_id(session, row.card_id)
        tasks = session.execute(
            select(k.id, k.rater_id, k.sample_id, s.record)
            .join_from(table(QaTask), table(QaSample), k.sample_id == s.id)
            .where(k.campaign_id == campaign).order_by(s.record)
        ).all()  # fmt: skip
    quality: dict[str, float] = {}
    rows = []
    for task in tasks:
        level = quality.setdefault(task.record, dice.gauss(8.3, 0.9))
        answers, findings = {}, []
        for item in card.record_items:
            if item.applies_when:
                answers[item.id] = Answer(None, na_reason="does not apply")
                continue
            points = Fraction(10) if item.rule else Fraction(min(10, max(0, round(level + dice.gauss(0, 0.4)))))
            answers[item.id] = Answer(points, evidence=frozenset({"conversation", "note"}))
            if points < 7:
                findings.append(Finding(Severity.MAJOR, item.id, None, "weak"))
        score = record_score([(item.weight, answers[item.id].points) for item in card.record_items])
        rows.append({
            "id": uuid7(), "campaign_id": campaign, "sample_id": task.sample_id, "task_id": task.id,
            "rater_id": task.rater_id, "revision": 1, "score": str(score.exact), "passed": score.exact >= 80,
            "critical": False, "answers": answers_data(answers, {}), "findings": findings_data(findings),
            "comment": "", "active_seconds": 45, "fast": False, "submitted_at": NOW, "salt": "0", "seal": "0",
        })  # fmt: skip
    with engine.begin() as connection:
        for begin in range(0, len(rows), 5000):
            connection.execute(insert(table(QaEvaluation)), rows[begin : begin + 5000])
        done = table(QaTask).update().where(k.campaign_id == campaign).values(state=TaskState.SUBMITTED)
        connection.execute(done)
        connection.execute(
            table(QaCampaign).update().where(table(QaCampaign).c.id == campaign).values(stage=Stage.SCORING)
        )
    return len(rows)


def sqlite(records: int = RECORDS) -> Iterator[Figure]:
    """The figures on a new SQLite file."""
    with tempfile.TemporaryDirectory(prefix="deskapp-qa-") as place:
        yield from figures(f"sqlite:///{place}/qa.db", "SQLite", records)


def postgresql(records: int = RECORDS) -> Iterator[Figure]:
    """The figures on a new database of a PostgreSQL server that runs as long as this does."""
    from bench.postgres import new_database

    with new_database("qa_report") as url:
        yield from figures(url, "PostgreSQL", records)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.qa_report", description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=RECORDS, help="how many tickets the month has")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL too")
    given = parser.parse_args()
    missed = False
    for part in (sqlite, *([postgresql] if given.postgresql else [])):
        for figure in part(given.records):
            print(figure.line(), flush=True)
            missed |= figure.missed
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
