"""The loop of QA on both databases: nothing out of turn, nothing overwritten, and the proof of an action."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.qa_loop import ORDER, Stage
from deskapp.domain.qa_views import RoundView
from deskapp.domain.qa_words import DisputeState, SessionKind, SettledBy
from deskapp.domain.verification import ActionState, Verdict
from deskapp.services.qa import rounds
from deskapp.services.requests.qa.actions import (
    CompleteAction,
    IssueAction,
    ListActions,
    VerifyAction,
)
from deskapp.services.requests.qa.cards import GetCard, ListCards, PublishCard, SaveCard
from deskapp.services.requests.qa.cases import ApproveCase, DraftCase, ListCases, ProposeCase
from deskapp.services.requests.qa.dealing import ReplaceRecord
from deskapp.services.requests.qa.evidence import GetEvidence
from deskapp.services.requests.qa.looking import CheckDraw, GetRound
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.requests.qa.results import (
    DecideDispute,
    GetResults,
    ListDisputes,
    OpenDispute,
)
from deskapp.services.requests.qa.review import GetReview
from deskapp.services.requests.qa.rounds import AdvanceRound, EnlargeRound, PlanChoice, PlanRound, VoidRound
from deskapp.services.requests.qa.scoring import GetSheet, GetTasks
from deskapp.services.requests.qa.sessions import CastVote, CloseSession, GetExamResults, ListSessions, OpenSession
from deskapp.services.requests.qa.settling import Adjudicate, AskThird, GetComparison, ListThirds
from tests.services.conftest import Floor
from tests.services.qa_floor import RATERS, QaFloor, evaluation, hire, later, month


@pytest.fixture
def qa(floor: Floor) -> QaFloor:
    hire(floor)
    month(floor)
    return QaFloor(floor)


def stage(qa: QaFloor) -> Stage:
    view = qa.ask("qiu", GetRound(campaign_id=qa.campaign))
    assert isinstance(view, RoundView)
    return view.line.stage


def test_a_whole_round_from_plan_to_report(qa: QaFloor) -> None:
    qa.up_to(Stage.REPORTED, share="1")
    report = qa.ask("lin", GetReport(campaign_id=qa.campaign))
    assert (report.population, report.scored, report.pass_rate.census) == (12, 12, True)
    assert report.pass_rate.share == 10 / 12  # the two that nobody called back fail
    names = [str(item) for item, _found in report.aggregates]
    assert "First response" in names and "Solved the first time" in names
    assert {line.rater for line in report.raters} == {"1", "2", "3"}
    assert {line.rater for line in qa.ask("qiu", GetReport(campaign_id=qa.campaign)).raters} == {"Rao", "Ren", "Reyes"}
    files = qa.ask("aude", GetEvidence(campaign_id=qa.campaign))
    assert {"frame.tsv", "draw.tsv", "evaluations.tsv", "proofs.tsv", "report.html", "check.sh"} <= set(files)
    # What a rule decides is told of every record of the frame, with its evidence.
    ruled = [line.split("\t") for line in files["rules.tsv"].splitlines()[1:]]
    assert {line[0] for line in ruled} == {f"T-{number}" for number in range(1, 13)}
    called = {line[0]: line[2:] for line in ruled if line[1] == "call_back"}
    assert (
        called["T-5"] == ["no", "call-back: not done"] and called["T-1"][0] == "yes" and "2:30:00" in called["T-1"][1]
    )
    review = qa.ask("qiu", GetReview(quarter="2026-Q1"))
    assert [line.campaign for line in review.trends] == ["Q-1"]


def test_no_step_out_of_turn(qa: QaFloor) -> None:
    qa.plan()
    for to in ORDER[1:]:
        with pytest.raises(Conflict):
            qa.advance(to)
    assert stage(qa) is Stage.PLANNED


def test_nothing_is_revealed_before_all_have_submitted(qa: QaFloor) -> None:
    qa.plan()
    qa.draw()
    qa.assign()
    qa.score("rao")
    with pytest.raises(Conflict, match="not submitted yet"):
        qa.advance(Stage.REVEALED)


def test_raters_who_differ_need_a_third_or_the_qa_lead(qa: QaFloor) -> None:
    qa.plan()
    qa.draw()
    qa.assign("rao", "ren")
    qa.score("rao", {"manners": 2, "problem": 2})
    qa.score("ren")
    qa.advance(Stage.REVEALED)
    waiting = [c for c in qa.ask("qiu", GetComparison(campaign_id=qa.campaign, undecided_only=True)) if c]
    assert len(waiting) >= 2 and all(c.difference > 10 for c in waiting)
    with pytest.raises(Conflict, match="not adjudicated"):
        qa.advance(Stage.ADJUDICATED)
    first, *rest = waiting
    floor = qa.floor
    # Who scored it, worked on it or leads its team is not offered.
    offered = {choice.login for choice in qa.ask("qiu", ListThirds(sample_id=first.sample_id))}
    assert "reyes" in offered and not offered & {"rao", "ren", "lin"}
    with pytest.raises(Invalid, match="scored or worked"):
        qa.lead(AskThird(sample_id=first.sample_id, rater_id=floor.people["rao"].id))
    qa.lead(AskThird(sample_id=first.sample_id, rater_id=floor.people["reyes"].id))
    # The third scores blind: of this campaign he sees his task and nothing else.
    assert qa.ask("reyes", GetComparison(campaign_id=qa.campaign)) == ()
    qa.score("reyes", {"manners": 7})
    for other in rest:
        chosen = other.evaluations[0].id
        qa.lead(Adjudicate(sample_id=other.sample_id, evaluation_id=chosen, reason="the recording shows it"))
    qa.advance(Stage.ADJUDICATED)
    ways = {c.settled.way for c in qa.ask("qiu", GetComparison(campaign_id=qa.campaign)) if c.settled}
    assert ways >= {SettledBy.THIRD, SettledBy.QA_LEAD}


def test_a_dispute_is_opened_once_by_its_agent_and_decided_by_somebody_else(qa: QaFloor) -> None:
    qa.up_to(Stage.RELEASED)
    result = qa.ask("chen", GetResults())[0]
    assert result.raters and not any(name.title() in str(result) for name in RATERS)
    with pytest.raises(Denied):
        qa.floor.do("gao", OpenDispute(sample_id=result.sample_id, text="not mine"))
    qa.floor.do("chen", OpenDispute(sample_id=result.sample_id, items=("manners",), text="I was polite"))
    # Each item once, by whomever; another item of the record is another dispute.
    for items in ((), ("manners", "problem")):
        with pytest.raises(Denied, match="disputed before"):
            qa.floor.do("lin", OpenDispute(sample_id=result.sample_id, items=items, text="again"))
    more = OpenDispute(sample_id=result.sample_id, items=("problem", "solution"), text="it is all in the note")
    qa.floor.do("lin", more)
    first, second = sorted(qa.ask("qiu", ListDisputes()), key=lambda dispute: dispute.items)
    qa.floor.clock.advance(days=6)
    with pytest.raises(Conflict, match="not decided yet: 2"):
        qa.advance(Stage.FINAL)
    other = DecideDispute(dispute_id=first.id, upheld=True, points=(("problem", Fraction(10)),), decision="yes")
    with pytest.raises(Invalid, match="was not disputed"):
        qa.lead(other)
    qa.lead(DecideDispute(dispute_id=first.id, upheld=True, points=(("manners", Fraction(10)),), decision="yes"))
    assert qa.ask("chen", GetResults(campaign_id=qa.campaign))[0].dispute is DisputeState.OPEN
    # Upheld for one of its items: the other counts as rejected, for the wording of the card too.
    qa.lead(DecideDispute(dispute_id=second.id, upheld=True, points=(("solution", Fraction(10)),), decision="one"))
    upheld = {
        str(line.item): line.upheld for line in qa.ask("qiu", GetReview(quarter="2026-Q1")).rewrite if line.upheld
    }
    assert len(upheld) == 2 and set(upheld.values()) == {1}
    again = next(r for r in qa.ask("chen", GetResults()) if r.sample_id == result.sample_id)
    assert again.settled.points["manners"] == 10 and again.settled.score > result.settled.score
    assert again.settled.way is SettledBy.DISPUTE and again.settled.revision == 3
    assert again.decision == "yes\none" and again.disputed == {"manners", "problem", "solution"}
    qa.advance(Stage.FINAL)


def test_the_window_closes(qa: QaFloor) -> None:
    qa.up_to(Stage.RELEASED)
    result = qa.ask("chen", GetResults())[0]
    qa.floor.clock.advance(days=5)
    with pytest.raises(Denied, match="window closed"):
        qa.floor.do("chen", OpenDispute(sample_id=result.sample_id, text="late"))


def test_a_plan_that_has_records_scored_twice_needs_two_raters(qa: QaFloor) -> None:
    qa.plan()
    qa.draw()
    with pytest.raises(Invalid, match="only one rater"):
        qa.assign("rao")


def test_what_cannot_be_scored_is_replaced_from_the_reserve_and_the_redraw_still_agrees(qa: QaFloor) -> None:
    qa.plan(small=True)
    qa.draw()
    qa.lead(EnlargeRound(campaign_id=qa.campaign, share=Fraction(3, 4)))
    with pytest.raises(Conflict, match="nothing more: 9 records"):
        qa.lead(EnlargeRound(campaign_id=qa.campaign, share=Fraction(1, 4)))
    assert qa.ask("aude", CheckDraw(campaign_id=qa.campaign)).same
    qa.assign()
    record = qa.ask("rao", GetTasks()).open[0].record
    qa.lead(ReplaceRecord(campaign_id=qa.campaign, record=record, reason="recording lost"))
    assert record not in {line.record for line in qa.ask("rao", GetTasks()).open}
    check = qa.ask("aude", CheckDraw(campaign_id=qa.campaign))
    assert check.same and check.openssl.startswith("printf")
    with pytest.raises(Conflict, match="replaced before"):
        qa.lead(ReplaceRecord(campaign_id=qa.campaign, record=record, reason="again"))


def test_what_comes_from_the_reserve_goes_to_no_lead_of_its_own_team_first(
    qa: QaFloor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds.secrets, "token_bytes", lambda size: bytes(range(5, size + 5)))
    qa.plan(strata="none", small=True)
    qa.draw()
    qa.assign("lin", "rao", "ren")
    for _time in range(6):
        mine = qa.ask("lin", GetTasks()).open
        if not mine:
            break
        qa.lead(ReplaceRecord(campaign_id=qa.campaign, record=mine[0].record, reason="recording lost"))
    with qa.floor.desk.engine.connect() as connection:
        wrong = connection.execute(text(
            "SELECT count(*) FROM qa_task t JOIN qa_sample s ON t.sample_id = s.id JOIN agent a ON t.rater_id = a.id"
            " WHERE t.kind = 'primary' AND t.state = 'open' AND a.role = 'lead' AND a.team_id = s.team_id"
        )).scalar()  # fmt: skip
    assert wrong == 0


def test_a_plan_says_what_is_hidden_and_which_records_it_is_about(qa: QaFloor) -> None:
    about = {"period": "2026-03", "share": Fraction(1), "filters": (("grade", ("yellow",)),), "per_stratum": 1}
    open_ = PlanChoice(**about, show_agent=True, show_total=True, allocation="equal")
    qa.campaign = qa.lead(PlanRound(choice=open_)).id
    qa.draw()
    qa.assign()
    sheet = next(sheet for login in RATERS if (sheet := qa.ask(login, GetSheet())))
    assert sheet.snapshot.agent and sheet.show_total and sheet.snapshot.grade == "yellow"
    for wrong, message in (
        ({"share": Fraction(1), "half_width": 0.1}, "not both"),
        ({"allocation": "even"}, "no allocation even"),
        ({"filters": (("moon", ("full",)),)}, "no filter moon"),
        ({"filters": (("grade", ("pink",)),)}, "pink"),
    ):
        with pytest.raises(Invalid, match=message):
            qa.lead(PlanRound(choice=PlanChoice(period="2026-03", **wrong)))


def test_an_evaluation_is_revised_not_overwritten_and_a_fast_one_is_flagged(qa: QaFloor) -> None:
    qa.plan()
    qa.draw()
    qa.assign()
    sheet = qa.ask("rao", GetSheet())
    assert sheet.snapshot.agent == "" and all(not line.author for line in sheet.snapshot.lines)
    qa.floor.do("rao", evaluation(sheet, {}, seconds=14))
    again = qa.ask("rao", GetSheet(task_id=sheet.task.id))
    assert again.mine.fast and again.mine.revision == 1 and again.snapshot.agent
    qa.floor.do("rao", evaluation(sheet, {"manners": 5}))
    assert qa.ask("rao", GetSheet(task_id=sheet.task.id)).mine.revision == 2
    with qa.floor.desk.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM qa_evaluation")).scalar() == 2


def test_a_task_is_its_raters_alone(qa: QaFloor) -> None:
    qa.plan()
    qa.draw()
    qa.assign()
    sheet = qa.ask("rao", GetSheet())
    for other in ("ren", "qiu", "lin"):
        with pytest.raises(Denied):
            qa.floor.do(other, evaluation(sheet, {}))
        with pytest.raises(NotFound):
            qa.ask(other, GetSheet(task_id=sheet.task.id))


ALTERATIONS = (
    "UPDATE qa_card SET content = 'x' WHERE state = 'published'",
    "UPDATE qa_card SET state = 'draft'",
    "DELETE FROM qa_card",
    "UPDATE qa_evaluation SET score = '100'",
    "DELETE FROM qa_evaluation",
    "UPDATE qa_settlement SET passed = NOT passed",
    "DELETE FROM qa_settlement",
    "UPDATE qa_frame SET text = text || 'record'",
    "DELETE FROM qa_frame",
    "UPDATE qa_campaign SET seed = 'mine'",
    "UPDATE qa_campaign SET frame_hash = 'mine'",
    "DELETE FROM qa_campaign",
    "UPDATE qa_sample SET record = 'T-1' || record",
    "DELETE FROM qa_sample",
)


def test_the_database_itself_refuses_to_alter_what_was_recorded(qa: QaFloor) -> None:
    qa.up_to(Stage.REVEALED)
    for statement in ALTERATIONS:
        with pytest.raises(DBAPIError, match="stays as it is"), qa.floor.desk.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_card_is_edited_as_a_draft_and_fixed_by_publishing(qa: QaFloor) -> None:
    qa.plan()
    published = qa.ask("qiu", ListCards())[0]
    old = qa.ask("qiu", GetCard(card_id=published.id))
    with pytest.raises(Conflict, match="does not change"):
        qa.lead(SaveCard(text=old.text, card_id=published.id))
    draft = qa.lead(SaveCard(text=old.text.replace("pass_mark: '80'", "pass_mark: '85'")))
    view = qa.ask("chen", GetCard(card_id=draft.id))
    assert view.line.edition == 2 and [c.what for c in view.changes] == ["pass_mark"]
    qa.lead(PublishCard(card_id=draft.id))
    same = qa.lead(SaveCard(text=old.text))
    with pytest.raises(Conflict, match="exactly the same"):
        qa.lead(PublishCard(card_id=same.id))
    with pytest.raises(Invalid):
        qa.lead(SaveCard(text="format: deskapp/scorecard@1\nid: x\n"))


def test_an_action_by_rule_is_proven_by_census_after_it_was_done(qa: QaFloor) -> None:
    qa.up_to(Stage.REPORTED)
    notice = IssueAction(
        campaign_id=qa.campaign, item="call_back", finding="late call-backs", department="Service", responsible="Li",
        todo="call in the morning", head_in_copy="Wang", deadline=qa.floor.clock.now() + timedelta(days=7),
    )  # fmt: skip
    action = qa.lead(notice).id
    with pytest.raises(Conflict):
        qa.lead(VerifyAction(action_id=action))
    qa.floor.do("lin", CompleteAction(action_id=action, text="rota changed"))
    with pytest.raises(Conflict, match="Only 0 records"):
        qa.lead(VerifyAction(action_id=action))
    qa.floor.clock.advance(minutes=1)
    later(qa.floor, called=True)
    qa.lead(VerifyAction(action_id=action))
    view = qa.ask("lin", ListActions())[0]
    assert view.state is ActionState.CLOSED and view.proofs[0].verdict is Verdict.PROVEN and view.proofs[0].n == 20


def test_a_failed_proof_asks_for_a_second_round_and_then_escalates(qa: QaFloor) -> None:
    qa.up_to(Stage.REPORTED)
    notice = IssueAction(
        campaign_id=qa.campaign, item="call_back", finding="late call-backs", department="Service", responsible="Li",
        todo="call", head_in_copy="Wang", deadline=qa.floor.clock.now() + timedelta(days=7),
    )  # fmt: skip
    action = qa.lead(notice).id
    for expected in (ActionState.SECOND_ROUND, ActionState.ESCALATED):
        qa.floor.do("lin", CompleteAction(action_id=action, text="said so"))
        qa.floor.clock.advance(minutes=1)
        later(qa.floor, called=False)
        qa.lead(VerifyAction(action_id=action))
        assert qa.ask("qiu", ListActions())[0].state is expected


def test_a_verification_campaign_draws_only_what_came_after_the_action(qa: QaFloor) -> None:
    from deskapp.services.requests.qa.rounds import FreezeRound, PlanChoice

    qa.up_to(Stage.REPORTED)
    action = qa.lead(
        IssueAction(
            campaign_id=qa.campaign, item="manners", finding="curt", department="Service", responsible="Li",
            todo="train", head_in_copy="Wang", deadline=qa.floor.clock.now() + timedelta(days=7),
        )
    ).id  # fmt: skip
    qa.floor.do("lin", CompleteAction(action_id=action, text="trained"))
    choice = PlanChoice(plan="monthly", period="2026-03", share=Fraction(1))
    campaign = qa.lead(PlanRound(choice=choice, action_id=action)).id
    with pytest.raises(Conflict, match="frame is empty"):
        qa.lead(FreezeRound(campaign_id=campaign))
    view = qa.ask("qiu", ListActions())[0]
    assert view.state is ActionState.VERIFYING and view.plan is not None


def test_a_calibration_hides_votes_until_it_is_closed_and_notes_an_item(qa: QaFloor) -> None:
    session = qa.lead(OpenSession(title="March", number=1)).id
    card = qa.ask("rao", ListSessions())[0].card
    points = tuple((item.id, Fraction(10) if item.scale.pass_fail else Fraction(7)) for item in card.record_items)
    qa.floor.do("rao", CastVote(session_id=session, points=points))
    with pytest.raises(Conflict, match="counts once"):
        qa.floor.do("rao", CastVote(session_id=session, points=points))
    before = qa.ask("ren", ListSessions())[0]
    assert before.votes == () and before.mine is None and before.voted is None
    note = (("manners", "a greeting in the dialect is a greeting"),)
    qa.lead(CloseSession(session_id=session, consensus=points, item_notes=note))
    after = qa.ask("ren", ListSessions())[0]
    assert after.votes[0][0] == "Rao" and after.key["manners"] == 7
    qa.plan()
    qa.draw()
    qa.assign()
    assert qa.ask("ren", GetSheet()).notes["manners"] == (note[0][1],)


def test_an_exam_compares_each_person_with_the_key_of_a_settled_record(qa: QaFloor) -> None:
    qa.up_to(Stage.REPORTED, share="1")
    record = qa.ask("qiu", GetComparison(campaign_id=qa.campaign))[0]
    number = int(record.record.removeprefix("T-"))
    exam = OpenSession(kind=SessionKind.EXAM, title="new hires", number=number, key_from=record.sample_id)
    first = qa.lead(exam).id
    card = qa.ask("chen", ListSessions())[0].card
    for login, points in {"chen": 9, "sato": 4}.items():
        given = tuple(
            (item.id, record.settled.points[item.id] and Fraction(10 if item.scale.pass_fail else points))
            for item in card.record_items
        )
        qa.floor.do(login, CastVote(session_id=first, points=given))
    assert qa.ask("chen", GetExamResults()) == ()
    qa.lead(CloseSession(session_id=first))
    found = {line.person: line for line in qa.ask("qiu", GetExamResults(title="new hires"))}
    assert found["Chen"].passed and found["Chen"].distance <= 1
    assert not found["Sato"].passed and found["Sato"].worst == 6
    assert [line.person for line in qa.ask("chen", GetExamResults())] == ["Chen"]


def test_a_case_is_shared_without_names_once_it_is_approved(qa: QaFloor) -> None:
    qa.up_to(Stage.REPORTED)
    sample = qa.ask("qiu", GetComparison(campaign_id=qa.campaign))[0].sample_id
    draft = qa.ask("rao", DraftCase(sample_id=sample))
    assert "it bangs" in draft.story and not any(name in draft.story for name in ("Chen", "Sato", "Mo", "Late"))
    story = "Chen calmed the caller on 138 0013 8000, machine WD90-1234-5678, mail wang@example.com"
    case = qa.floor.do("rao", ProposeCase(sample_id=sample, story=story, lesson="listen first"))
    assert qa.ask("chen", ListCases()) == ()
    qa.lead(ApproveCase(case_id=case.id))
    shown = qa.ask("chen", ListCases())[0]
    assert shown.story == "* calmed the caller on *, machine *, mail *"


def test_a_campaign_is_voided_with_a_reason_and_stays(qa: QaFloor) -> None:
    qa.plan()
    qa.draw()
    qa.assign()
    qa.lead(VoidRound(campaign_id=qa.campaign, reason="wrong period"))
    assert stage(qa) is Stage.VOID and qa.ask("rao", GetTasks()).open == ()
    with pytest.raises(Conflict):
        qa.lead(AdvanceRound(campaign_id=qa.campaign, to=Stage.REVEALED))
