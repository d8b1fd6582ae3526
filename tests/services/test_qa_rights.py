"""Who may know what in QA: the matrix asked of every query and command, and the blindness before the reveal."""

import importlib
import json
import pkgutil
from dataclasses import MISSING, fields
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

import deskapp.services.requests as requests
from deskapp.domain.errors import Denied, DeskError
from deskapp.domain.ids import uuid7
from deskapp.domain.permissions import RIGHTS, Reach
from deskapp.domain.qa_loop import Stage
from deskapp.domain.terms import Role
from deskapp.services.desk import handler_of
from deskapp.services.requests.base import Query
from deskapp.services.requests.qa.evidence import GetEvidence
from deskapp.services.requests.qa.looking import CheckDraw, GetFrame, GetRound, ListRounds
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.requests.qa.results import GetResults, ListDisputes, OpenDispute
from deskapp.services.requests.qa.scoring import GetSheet, GetTasks
from deskapp.services.requests.qa.settling import GetComparison
from tests.services.conftest import Floor
from tests.services.qa_floor import QaFloor, evaluation, hire, month

# Section 8 of the rules of QA, as it is asked of the one table of rights: who reaches how far.
_A, _T, _O, _N = Reach.ALL, Reach.TEAM, Reach.OWN, Reach.NONE
MATRIX = {
    "qa.sampled": (_N, _O, _O, _A, _A, _N),
    "qa.values": (_N, _N, _N, _N, _A, _N),
    "qa.progress": (_N, _N, _N, _A, _A, _N),
    "qa.results": (_O, _T, _N, _A, _A, _N),
    "qa.dispute": (_O, _T, _N, _N, _N, _N),
    "qa.decide_dispute": (_N, _N, _N, _A, _N, _N),
    "qa.card.edit": (_N, _N, _N, _A, _N, _N),
    "qa.conduct": (_N, _N, _N, _A, _N, _N),
    "qa.verify_draw": (_N, _N, _N, _A, _A, _N),
    "qa.void": (_N, _N, _N, _A, _N, _N),
}
ROLES = (Role.AGENT, Role.LEAD, Role.RATER, Role.QA_LEAD, Role.AUDITOR, Role.ADMIN)
LOGINS = dict(zip(("chen", "lin", "reyes", "qiu", "aude", "adam"), ROLES, strict=True))
MARK = "zebra-crossing"
POINTS = {"manners": 3, "problem": 4, "solution": 7}


@pytest.mark.parametrize("action", sorted(MATRIX))
def test_the_table_of_rights_is_the_matrix(action: str) -> None:
    assert tuple(RIGHTS[action][role] for role in ROLES) == MATRIX[action]
    assert not any("delete" in name for name in RIGHTS if name.startswith("qa."))


@pytest.fixture
def qa(floor: Floor) -> QaFloor:
    hire(floor)
    month(floor)
    return QaFloor(floor)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rules are the same code on both databases."""
    return sqlite_url


def every_query() -> list[type[Query]]:
    """Every question that the desk answers, of all areas."""
    found: list[type[Query]] = []
    for info in pkgutil.walk_packages(requests.__path__, requests.__name__ + "."):
        module = importlib.import_module(info.name)
        found += [
            kind for kind in vars(module).values()
            if isinstance(kind, type) and issubclass(kind, Query) and kind is not Query
            and kind.__module__ == info.name
        ]  # fmt: skip
    return sorted(filter(_answered, found), key=lambda kind: (kind.__module__, kind.__name__))


def _answered(kind: type[Query]) -> bool:
    try:
        return bool(handler_of(kind))
    except ModuleNotFoundError:
        return False


def filled(kind: type[Query], known: dict[str, list[Any]]) -> list[Query]:
    """The question with whatever the desk has for its fields; empty where it can't be asked like that."""
    needed = [f for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    made: list[Query] = []
    for number in range(max((len(known.get(f.name, [])) for f in fields(kind)), default=0) or 1):
        values = {f.name: known[f.name][number % len(known[f.name])] for f in fields(kind) if known.get(f.name)}
        if all(f.name in values for f in needed):
            try:
                made.append(kind(**values))
            except (DeskError, TypeError, ValueError):
                continue
    return [*made, *([kind()] if not needed else [])]


def answers(qa: QaFloor, login: str, known: dict[str, list[Any]]) -> str:
    """All that anybody can read with any query of the desk, as one text."""
    told = []
    for kind in every_query():
        for query in filled(kind, known):
            try:
                told.append(repr(qa.ask(login, query)))
            except DeskError as refused:
                told.append(repr((str(refused), refused.hint, refused.values)))
    return "\n".join(told)


def known_to_all(qa: QaFloor) -> dict[str, list[Any]]:
    """Ids as if somebody had guessed every one of them."""
    with qa.floor.desk.engine.connect() as connection:

        def ids(table: str) -> list[UUID]:
            return [UUID(str(row[0])) for row in connection.execute(text(f"SELECT id FROM {table}"))]

        return {
            "campaign_id": ids("qa_campaign"), "task_id": ids("qa_task"), "sample_id": ids("qa_sample"),
            "ticket_id": ids("ticket"), "card_id": ids("qa_card"), "text": [MARK, "washer"], "number": [1],
            "quarter": ["2026-Q1"],
        }  # fmt: skip


def test_nothing_of_one_raters_scores_reaches_another_before_the_reveal(qa: QaFloor) -> None:
    qa.plan(share="1")
    qa.draw()
    qa.assign("rao", "ren")
    before = {login: qa.ask(login, ListRounds()) for login in ("ren", "reyes")}
    known = known_to_all(qa)
    quiet = {login: answers(qa, login, known) for login in ("ren", "reyes", "lin", "chen", "adam")}
    while (sheet := qa.ask("rao", GetSheet())) is not None:
        given = evaluation(sheet, POINTS, critical=True, comment=MARK)  # type: ignore[arg-type]
        qa.floor.do("rao", given)
    ids = _evaluations(qa)
    for login in quiet:
        told = answers(qa, login, known)
        assert MARK not in told and "unsafe advice" not in told and not any(i in told for i in ids), login
        if login in ("ren", "reyes"):
            # Not a count, not a date, not "last changed by": what B reads is what B read before A scored.
            assert qa.ask(login, GetTasks()) is not None
            assert [(r.wanted, r.submitted) for r in qa.ask(login, ListRounds())] == [  # type: ignore[attr-defined]
                (r.wanted, r.submitted)
                for r in before[login]  # type: ignore[attr-defined]
            ]
            assert qa.ask(login, GetSheet()) == (None if login == "reyes" else qa.ask("ren", GetSheet()))
    lead = answers(qa, "qiu", known)
    assert MARK not in lead and not any(i in lead for i in ids)
    progress = qa.ask("qiu", GetRound(campaign_id=qa.campaign)).progress  # type: ignore[attr-defined]
    assert {p.rater: p.submitted for p in progress}["Rao"] > 0
    seen = qa.ask("aude", GetComparison(campaign_id=qa.campaign))
    assert MARK in repr(seen)


def _evaluations(qa: QaFloor) -> list[str]:
    with qa.floor.desk.engine.connect() as connection:
        return [str(UUID(str(row[0]))) for row in connection.execute(text("SELECT id FROM qa_evaluation"))]


def test_the_audit_payloads_hold_no_score_and_no_drawn_record(qa: QaFloor) -> None:
    qa.up_to(Stage.REVEALED)
    with qa.floor.desk.engine.connect() as connection:
        bodies = [row[0] for row in connection.execute(text("SELECT body FROM audit_payload"))]
        tickets = {row[0] for row in connection.execute(
            text("SELECT ticket_id FROM audit_event WHERE action LIKE 'qa.%'"))}  # fmt: skip
    qa_bodies = [body for body in map(str, bodies) if '"qa_' in body]
    assert qa_bodies and tickets == {None}
    for body in qa_bodies:
        for change in json.loads(body)["changes"]:
            if change["table"] in ("qa_evaluation", "qa_sample", "qa_task", "qa_settlement", "qa_frame"):
                assert set(change) <= {"table", "id", "ids", "seal"}
    assert any('"seal"' in body for body in qa_bodies)


def test_before_the_release_neither_agent_nor_lead_learns_that_a_record_was_drawn(qa: QaFloor) -> None:
    qa.up_to(Stage.REVEALED)
    known = known_to_all(qa)
    samples = {str(i) for i in known["sample_id"]}
    for login in ("chen", "lin", "adam"):
        told = answers(qa, login, known)
        assert not any(sample in told for sample in samples), login
        assert "frame_size=12" not in told and "drawn=12" not in told
    qa.advance(Stage.ADJUDICATED, Stage.RELEASED)
    mine = qa.ask("chen", GetResults())
    assert mine and {line.agent for line in mine} == {"Chen"}  # type: ignore[attr-defined]
    assert {line.agent for line in qa.ask("lin", GetResults())} == {"Chen", "Sato", "Mo"}  # type: ignore[attr-defined]


@pytest.mark.parametrize("login", sorted(LOGINS))
def test_each_role_is_refused_what_the_matrix_refuses(qa: QaFloor, login: str) -> None:
    qa.up_to(Stage.RELEASED)
    role = LOGINS[login]
    asked = {
        "qa.verify_draw": (CheckDraw(campaign_id=qa.campaign), GetFrame(campaign_id=qa.campaign)),
        "qa.results": (GetResults(),),
        "qa.disputes": (ListDisputes(),),
        "qa.rounds": (ListRounds(),),
        "qa.export": (GetEvidence(campaign_id=qa.campaign),),
    }
    for action, queries in asked.items():
        for query in queries:
            if RIGHTS[action][role] is Reach.NONE:
                with pytest.raises(Denied):
                    qa.ask(login, query)
            else:
                qa.ask(login, query)
    if role not in (Role.QA_LEAD, Role.AUDITOR):
        with pytest.raises(Denied):
            qa.ask(login, GetReport(campaign_id=qa.campaign))
    sample = qa.ask("qiu", GetResults())[0].sample_id  # type: ignore[index]
    command = OpenDispute(sample_id=sample, text="no", submission_id=uuid7())
    if RIGHTS["qa.dispute"][role] is Reach.NONE:
        with pytest.raises(Denied):
            qa.floor.do(login, command)
