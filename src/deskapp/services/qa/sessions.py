"""Calibration sessions and exams: everybody scores one record, unseen by the others; none of it enters a figure."""

from collections import defaultdict
from collections.abc import Mapping
from fractions import Fraction
from uuid import UUID

from sqlalchemy import select

from deskapp.domain.errors import Conflict, Denied, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import may
from deskapp.domain.qa_views import ExamLine, SessionView
from deskapp.domain.qa_words import SessionKind
from deskapp.domain.scorecard import TOP, Scorecard
from deskapp.domain.terms import Role
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import QaCampaign, QaNote, QaSample, QaSession, QaVote
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.cards import card_in_force
from deskapp.services.qa.kept import card_by_id, points_data, points_from, require_stage, snapshot_from
from deskapp.services.qa.votes import RELEASED, final_of
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.sessions import (
    CastVote,
    CloseSession,
    GetExamResults,
    ListSessions,
    OpenSession,
    SettleSession,
)
from deskapp.store.qa import standing

_n, _v = table(QaSession).c, table(QaVote).c


@handles(OpenSession)
def open_session(work: Work, command: OpenSession) -> Receipt:
    """Put a record before people; an exam needs its key first."""
    work.authorize(command.action)
    name = f"T-{command.number}"
    record = standing(work.session, [command.number], work.now, "UTC").get(name)
    if record is None:
        raise NotFound(N_("There is no such ticket."), field="number")
    card = card_in_force(work, command.card or "service")
    rules = card_by_id(work.session, card.id)
    key = dict(command.key) or _key_from(work, command, card.id)
    _check(rules, key)
    if (command.kind is SessionKind.EXAM) != bool(key):
        raise Invalid(N_("An exam has a key, a calibration has none before its end."), field="key")
    row = QaSession(
        id=command.submission_id, number=work.next_number("qa_session"), kind=command.kind, title=command.title,
        card_id=card.id, record=name, snapshot=record.snapshot, key=points_data(key), opened_by=work.actor.id,
        opened_at=work.now,
    )  # fmt: skip
    work.add(row)
    work.record("qa.session.open", "qa_session", row)
    return Receipt("qa_session", row.id, f"S-{row.number}", 0)


@handles(CastVote)
def cast_vote(work: Work, command: CastVote) -> Receipt:
    """Score the record for oneself, once."""
    work.authorize(command.action)
    row = work.lock(QaSession, command.session_id)
    if row.kind is SessionKind.CALIBRATION and work.actor.role is Role.AGENT:
        raise Denied(N_("A calibration is for those who score."))
    if row.closed_at:
        raise Conflict(N_("The session is closed."))
    given = work.session.execute(select(_v.id).where(_v.session_id == row.id, _v.person_id == work.actor.id)).scalar()
    if given:
        raise Conflict(N_("You have scored this record; it counts once."))
    points = dict(command.points)
    card = card_by_id(work.session, row.card_id)
    _check(card, points)
    missing = [item for item in card.record_items if item.id not in points]
    if missing:
        raise Invalid(N_("{item} has no answer yet."), item=str(missing[0].text), field=missing[0].id)
    vote = QaVote(id=command.submission_id, session_id=row.id, person_id=work.actor.id, points=points_data(points),
                  at=work.now)  # fmt: skip
    work.add(vote)
    work.record(command.action, "qa_vote", vote)
    return Receipt("qa_vote", vote.id, f"S-{row.number}", 0)


@handles(CloseSession)
def close_session(work: Work, command: CloseSession) -> Receipt:
    """End a session: from now on all votes are seen; a calibration settles its consensus and notes."""
    work.authorize(command.action)
    row = work.lock(QaSession, command.session_id)
    if row.closed_at:
        raise Conflict(N_("The session is closed."))
    row.closed_at = work.now
    _settle(work, row, command)
    work.record("qa.session.close", "qa_session", row)
    return Receipt("qa_session", row.id, f"S-{row.number}", 0)


@handles(SettleSession)
def settle_session(work: Work, command: SettleSession) -> Receipt:
    """Settle a calibration after its votes were seen; once."""
    work.authorize(command.action)
    row = work.lock(QaSession, command.session_id)
    if row.kind is not SessionKind.CALIBRATION or row.closed_at is None:
        raise Conflict(N_("A consensus is settled once a calibration is closed."))
    if row.key:
        raise Conflict(N_("The consensus is settled already."))
    if not command.consensus:
        raise Invalid(N_("Say which items get which points."), field="consensus")
    _settle(work, row, command)
    work.record("qa.session.settle", "qa_session", row)
    return Receipt("qa_session", row.id, f"S-{row.number}", 0)


def _settle(work: Work, row: QaSession, command: CloseSession | SettleSession) -> None:
    card, consensus = card_by_id(work.session, row.card_id), dict(command.consensus)
    _check(card, consensus)
    if row.kind is SessionKind.CALIBRATION:
        row.key = points_data(consensus)
    row.note = command.note
    for item, text in command.item_notes:
        card.item(item)
        work.add(QaNote(card=card.id, item=item, text=text[:2000], session_id=row.id, author_id=work.actor.id,
                        at=work.now))  # fmt: skip


@handles(ListSessions)
def list_sessions(read: Read, _query: ListSessions) -> tuple[SessionView, ...]:
    """The sessions, the newest first: one's own vote, and everybody's once it is closed.

    An agent sees exams only, and of the others' results nothing; the key shows when the exam is closed.
    """
    agent = read.actor.role is Role.AGENT
    query = select(QaSession).order_by(_n.number.desc()).limit(100)
    if agent:
        query = query.where(_n.kind == SessionKind.EXAM)
    found = []
    for row in read.session.execute(query).scalars():
        votes = read.session.execute(
            select(table(Agent).c.name, _v.person_id, _v.points)
            .join_from(table(QaVote), table(Agent), _v.person_id == table(Agent).c.id)
            .where(_v.session_id == row.id)
            .order_by(table(Agent).c.name)
        ).all()
        mine = next((points_from(v.points) for v in votes if v.person_id == read.actor.id), None)
        closed = row.closed_at is not None
        open_to_all = closed and (row.kind is SessionKind.CALIBRATION or may(read.actor, "qa.progress"))
        shown = tuple((v.name, points_from(v.points)) for v in votes) if open_to_all and not agent else ()
        counted = len(votes) if may(read.actor, "qa.progress") else None
        key: Mapping[str, Fraction | None] = points_from(row.key) if closed else {}
        found.append(
            SessionView(
                row.id,
                row.version,
                row.number,
                row.kind,
                row.title,
                card_by_id(read.session, row.card_id),
                snapshot_from(row.snapshot, show_agent=closed and not agent),
                row.closed_at,
                mine,
                shown,
                key,
                row.note if closed else "",
                counted,
            )
        )
    return tuple(found)


@handles(GetExamResults)
def get_exam_results(read: Read, query: GetExamResults) -> tuple[ExamLine, ...]:
    """Per exam and person: how far from the key, over all closed cases of its title."""
    rows = read.session.execute(
        select(_n.title, _n.id, _n.key, _v.person_id, table(Agent).c.name, _v.points)
        .select_from(table(QaSession).outerjoin(table(QaVote), _v.session_id == _n.id))
        .outerjoin(table(Agent), _v.person_id == table(Agent).c.id)
        .where(_n.kind == SessionKind.EXAM, _n.closed_at.is_not(None))
        .order_by(_n.number)
    ).all()
    everybody = may(read.actor, "qa.progress")
    cases: dict[str, set[UUID]] = defaultdict(set)
    gaps: dict[tuple[str, UUID], list[list[Fraction]]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for row in rows:
        if query.title and row.title != query.title:
            continue
        cases[row.title].add(row.id)
        if row.person_id and (everybody or row.person_id == read.actor.id):
            names[row.person_id] = row.name
            gaps[row.title, row.person_id].append(_gaps(points_from(row.key), points_from(row.points)))
    return tuple(
        _exam_line(exam, names[person], len(cases[exam]), found)
        for (exam, person), found in sorted(gaps.items(), key=lambda pair: (pair[0][0], names[pair[0][1]]))
    )


def _exam_line(exam: str, person: str, of: int, cases: list[list[Fraction]]) -> ExamLine:
    flat = [gap for case in cases for gap in case]
    worst = max(flat, default=Fraction(0))
    mean = sum(flat, Fraction(0)) / len(flat) if flat else Fraction(0)
    return ExamLine(exam, person, len(cases), of, mean, worst, bool(flat) and len(cases) == of and worst <= 1)


def exam_result(view: SessionView, points: Mapping[str, Fraction | None]) -> tuple[Fraction, bool]:
    """A person's mean distance from the key in points of 10, and whether it is within one point on every item."""
    gaps = _gaps(view.key, points)
    if not gaps:
        return Fraction(0), False
    return sum(gaps, Fraction(0)) / len(gaps), max(gaps) <= 1


def _gaps(key: Mapping[str, Fraction | None], points: Mapping[str, Fraction | None]) -> list[Fraction]:
    # Not applicable where the key has points counts as none given.
    return [abs((points.get(item) or Fraction(0)) - value) for item, value in key.items() if value is not None]


def _key_from(work: Work, command: OpenSession, card_id: UUID) -> dict[str, Fraction | None]:
    """The points of a settled record of an ended campaign, of the ticket and on the card of the exam."""
    if command.key_from is None:
        return {}
    sample = work.session.get(QaSample, command.key_from)
    campaign = work.session.get(QaCampaign, sample.campaign_id) if sample else None
    final = final_of(work.session, [command.key_from]).get(command.key_from)
    if sample is None or campaign is None or final is None or sample.record != f"T-{command.number}":
        raise NotFound(N_("There is no settled score of this record."), field="key_from")
    if campaign.card_id != card_id:
        raise Conflict(N_("The record was scored on another version of the card."), field="key_from")
    require_stage(campaign, *RELEASED)
    card = card_by_id(work.session, card_id)
    return {item: _on_scale(card, item, points) for item, points in final.points.items() if points is not None}


def _on_scale(card: Scorecard, item: str, points: Fraction) -> Fraction:
    """A mean of several raters may lie between two steps of the scale; the key takes the nearer, halves the higher."""
    scale = card.item(item).scale
    step = TOP if scale.pass_fail else scale.step
    return (points / step + Fraction(1, 2)) // 1 * step


def _check(card: Scorecard, points: Mapping[str, Fraction | None]) -> None:
    for item, value in points.items():
        found = card.item(item)
        if value is not None:
            found.scale.check(value, item)


__all__ = ["exam_result", "list_sessions"]
