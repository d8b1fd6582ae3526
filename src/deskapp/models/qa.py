"""QA: cards, campaigns with frame, seed and draw, blind evaluations, settlements, disputes, actions and their proofs.

What is scored is never overwritten: evaluations, settlements, replacements, votes and verifications are rows that are
only added, and `store/qa_guard.py` makes the database refuse the rest. `__sealed__` tables leave no values in the
audit payloads: those are read by people who must not learn a score, or that a record was drawn, before its time.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import JSON, Index, Text
from sqlmodel import Field, SQLModel

from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_words import (
    CardState,
    DisputeState,
    RoundKind,
    SampleState,
    SessionKind,
    SettledBy,
    TaskKind,
    TaskState,
)
from deskapp.domain.verification import ActionState, Verdict
from deskapp.models.base import Identified, Versioned, word


class QaCard(Versioned, table=True):
    """A version of a scorecard; `content` is the card's file as text, `content_hash` what it says."""

    __tablename__ = "qa_card"
    __table_args__ = (Index("uq_qa_card_edition", "card", "edition", unique=True),)

    card: str = Field(max_length=40)
    edition: int
    state: CardState = Field(default=CardState.DRAFT, sa_type=word(CardState))
    content: str = Field(sa_type=Text)
    content_hash: str = Field(default="", max_length=64)
    edited_by: UUID | None = Field(default=None, foreign_key="agent.id")
    published_by: UUID | None = Field(default=None, foreign_key="agent.id")
    published_at: datetime | None = None


class QaCampaign(Versioned, table=True):
    """A round of QA from plan to report; frame hash and seed are set once."""

    __tablename__ = "qa_campaign"

    number: int = Field(unique=True)
    kind: RoundKind = Field(default=RoundKind.ROUND, sa_type=word(RoundKind))
    title: str = Field(max_length=120)
    stage: Stage = Field(default=Stage.PLANNED, sa_type=word(Stage), index=True)
    card_id: UUID = Field(foreign_key="qa_card.id")
    plan: dict[str, object] = Field(sa_type=JSON)
    # First and last day of the period in `zone`, both included, as ISO dates.
    first_day: str = Field(max_length=10)
    last_day: str = Field(max_length=10)
    zone: str = Field(max_length=60)
    filter: str = Field(default="", max_length=2000)
    frame_hash: str = Field(default="", max_length=64)
    frame_size: int = 0
    seed: str = Field(default="", max_length=120)
    planned_by: UUID = Field(foreign_key="agent.id")
    planned_at: datetime
    frozen_at: datetime | None = None
    seeded_at: datetime | None = None
    drawn_at: datetime | None = None
    revealed_at: datetime | None = None
    released_at: datetime | None = None
    dispute_until: datetime | None = None
    reported_at: datetime | None = None
    void_reason: str = Field(default="", max_length=300)
    # The corrective action that this campaign verifies.
    action_id: UUID | None = None


class QaFrame(SQLModel, table=True):
    """The frame as frozen: sorted lines whose SHA-256 is the campaign's frame hash. Never changed."""

    __tablename__ = "qa_frame"
    __sealed__: ClassVar[bool] = True

    campaign_id: UUID = Field(primary_key=True, foreign_key="qa_campaign.id")
    text: str = Field(sa_type=Text)


class QaSample(Versioned, table=True):
    """A drawn record with what existed when it was drawn; raters and appeals see the snapshot, not the ticket."""

    __tablename__ = "qa_sample"
    __table_args__ = (Index("uq_qa_sample_record", "campaign_id", "record", unique=True),)
    __sealed__: ClassVar[bool] = True

    campaign_id: UUID = Field(foreign_key="qa_campaign.id")
    ticket_id: UUID = Field(foreign_key="ticket.id", index=True)
    record: str = Field(max_length=24)
    stratum: str = Field(max_length=80)
    lot: str = Field(max_length=64)
    place: int
    state: SampleState = Field(default=SampleState.DRAWN, sa_type=word(SampleState))
    agent_id: UUID | None = Field(default=None, foreign_key="agent.id", index=True)
    team_id: UUID | None = Field(default=None, foreign_key="team.id")
    shift: str = Field(default="", max_length=24)
    day: str = Field(default="", max_length=10)
    snapshot: dict[str, object] = Field(sa_type=JSON)


class QaReplacement(Identified, table=True):
    """A drawn record that could not be scored, the reserve record in its place (none: there was no more), and why."""

    __tablename__ = "qa_replacement"
    __sealed__: ClassVar[bool] = True

    campaign_id: UUID = Field(foreign_key="qa_campaign.id", index=True)
    record: str = Field(max_length=24)
    by_record: str = Field(default="", max_length=24)
    reason: str = Field(max_length=300)
    at: datetime
    replaced_by: UUID = Field(foreign_key="agent.id")


class QaTask(Versioned, table=True):
    """Somebody is to score a record, once."""

    __tablename__ = "qa_task"
    __table_args__ = (
        Index("uq_qa_task_rater", "sample_id", "rater_id", unique=True),
        Index("ix_qa_task_queue", "rater_id", "state", "campaign_id"),
        Index("ix_qa_task_campaign", "campaign_id", "state"),
    )
    __sealed__: ClassVar[bool] = True

    campaign_id: UUID = Field(foreign_key="qa_campaign.id")
    sample_id: UUID = Field(foreign_key="qa_sample.id")
    rater_id: UUID = Field(foreign_key="agent.id")
    kind: TaskKind = Field(sa_type=word(TaskKind))
    role: str = Field(default="", max_length=24)
    state: TaskState = Field(default=TaskState.OPEN, sa_type=word(TaskState))
    # The order in which the rater gets it: the lot of the pair, so that nobody sees a pattern.
    lot: str = Field(max_length=64)


class QaEvaluation(Identified, table=True):
    """One submitted evaluation; a re-score by the same rater is a new revision. Never changed.

    `score` is the exact fraction as text. `seal` is SHA-256 over salt and content: the audit event holds it and shows
    nothing of the values.
    """

    __tablename__ = "qa_evaluation"
    __table_args__ = (
        Index("uq_qa_evaluation_revision", "task_id", "revision", unique=True),
        Index("ix_qa_evaluation_campaign", "campaign_id"),
    )
    __sealed__: ClassVar[bool] = True

    campaign_id: UUID = Field(foreign_key="qa_campaign.id")
    sample_id: UUID = Field(foreign_key="qa_sample.id", index=True)
    task_id: UUID = Field(foreign_key="qa_task.id")
    rater_id: UUID = Field(foreign_key="agent.id")
    revision: int = 1
    score: str = Field(max_length=60)
    passed: bool
    critical: bool
    answers: dict[str, object] = Field(sa_type=JSON)
    findings: list[dict[str, object]] = Field(default_factory=list, sa_type=JSON)
    comment: str = Field(default="", max_length=2000)
    active_seconds: int = 0
    fast: bool = False
    submitted_at: datetime
    salt: str = Field(max_length=32)
    seal: str = Field(max_length=64)


class QaSettlement(Identified, table=True):
    """A record's final score as it was settled; the highest revision holds. Never changed."""

    __tablename__ = "qa_settlement"
    __table_args__ = (Index("uq_qa_settlement_revision", "sample_id", "revision", unique=True),)
    __sealed__: ClassVar[bool] = True

    campaign_id: UUID = Field(foreign_key="qa_campaign.id", index=True)
    sample_id: UUID = Field(foreign_key="qa_sample.id")
    revision: int = 1
    way: SettledBy = Field(sa_type=word(SettledBy))
    score: str = Field(max_length=60)
    passed: bool
    critical: bool
    points: dict[str, object] = Field(sa_type=JSON)
    findings: list[dict[str, object]] = Field(default_factory=list, sa_type=JSON)
    reason: str = Field(default="", max_length=1000)
    settled_by: UUID | None = Field(default=None, foreign_key="agent.id")
    at: datetime


class QaDispute(Versioned, table=True):
    """An agent does not accept points of a released score: each item once, within the window."""

    __tablename__ = "qa_dispute"
    __sealed__: ClassVar[bool] = True

    campaign_id: UUID = Field(foreign_key="qa_campaign.id", index=True)
    sample_id: UUID = Field(foreign_key="qa_sample.id", index=True)
    agent_id: UUID = Field(foreign_key="agent.id", index=True)
    opened_by: UUID = Field(foreign_key="agent.id")
    # Items by comma; none: the whole record. Decided item by item: those that got other points are `upheld`.
    items: str = Field(default="", max_length=400)
    upheld: str = Field(default="", max_length=400)
    text: str = Field(max_length=2000)
    at: datetime
    state: DisputeState = Field(default=DisputeState.OPEN, sa_type=word(DisputeState))
    decided_by: UUID | None = Field(default=None, foreign_key="agent.id")
    decided_at: datetime | None = None
    decision: str = Field(default="", max_length=2000)


class QaAction(Versioned, table=True):
    """A corrective action: notice, deadline, state."""

    __tablename__ = "qa_action"

    number: int = Field(unique=True)
    campaign_id: UUID | None = Field(default=None, foreign_key="qa_campaign.id", index=True)
    card_id: UUID = Field(foreign_key="qa_card.id")
    item: str = Field(default="", max_length=40)
    finding: str = Field(max_length=400)
    department: str = Field(max_length=80)
    responsible: str = Field(max_length=80)
    action: str = Field(max_length=1000)
    head_in_copy: str = Field(max_length=80)
    issued_at: datetime
    issued_by: UUID = Field(foreign_key="agent.id")
    deadline: datetime = Field(index=True)
    # Who is responsible, where it is somebody at this desk; since when the round's clock runs, and what it tells next.
    responsible_id: UUID | None = Field(default=None, foreign_key="agent.id", index=True)
    clock_from: datetime | None = None
    next_notice_at: datetime | None = Field(default=None, index=True)
    state: ActionState = Field(default=ActionState.OPEN, sa_type=word(ActionState), index=True)
    round: int = 1
    failures: int = 0
    target: str = Field(default="19/20", max_length=20)
    done_at: datetime | None = None
    done_by: UUID | None = Field(default=None, foreign_key="agent.id")
    done_text: str = Field(default="", max_length=1000)
    void_reason: str = Field(default="", max_length=300)


class QaActionNotice(Identified, table=True):
    """Something the desk told somebody about an action's deadline: once for each round, kind and person."""

    __tablename__ = "qa_action_notice"
    __table_args__ = (
        Index("uq_qa_action_notice_once", "action_id", "round", "kind", "to_id", unique=True),
        Index("ix_qa_action_notice_to", "to_id", "seen_at"),
    )

    action_id: UUID = Field(foreign_key="qa_action.id")
    round: int
    # `used:0.5`, `used:0.75`, `breach`, `escalated`.
    kind: str = Field(max_length=20)
    to_id: UUID = Field(foreign_key="agent.id")
    # When it fell due, when it was told, when its reader took note.
    at: datetime
    told_at: datetime
    seen_at: datetime | None = None


class QaVerification(Identified, table=True):
    """The proof of a corrective action: its sample or census, and the verdict. Never changed."""

    __tablename__ = "qa_verification"

    action_id: UUID = Field(foreign_key="qa_action.id", index=True)
    round: int
    method: str = Field(max_length=24)
    campaign_id: UUID | None = Field(default=None, foreign_key="qa_campaign.id")
    passes: int
    n: int
    population: int | None = None
    target: str = Field(max_length=20)
    p_value: float
    verdict: Verdict = Field(sa_type=word(Verdict))
    since: datetime
    at: datetime
    verified_by: UUID = Field(foreign_key="agent.id")


class QaSession(Versioned, table=True):
    """People score one record together: a calibration seeks a consensus, an exam compares with a key."""

    __tablename__ = "qa_session"

    number: int = Field(unique=True)
    kind: SessionKind = Field(sa_type=word(SessionKind))
    title: str = Field(max_length=120)
    card_id: UUID = Field(foreign_key="qa_card.id")
    record: str = Field(max_length=24)
    snapshot: dict[str, object] = Field(sa_type=JSON)
    # Points by item: the key of an exam from the start, the consensus of a calibration from its end.
    key: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    note: str = Field(default="", max_length=2000)
    opened_by: UUID = Field(foreign_key="agent.id")
    opened_at: datetime
    closed_at: datetime | None = None

    __sealed__: ClassVar[bool] = True


class QaVote(Identified, table=True):
    """What one person gave in a session, hidden from the others until it is closed. Never changed."""

    __tablename__ = "qa_vote"
    __table_args__ = (Index("uq_qa_vote_person", "session_id", "person_id", unique=True),)
    __sealed__: ClassVar[bool] = True

    session_id: UUID = Field(foreign_key="qa_session.id")
    person_id: UUID = Field(foreign_key="agent.id")
    points: dict[str, object] = Field(sa_type=JSON)
    at: datetime


class QaNote(Identified, table=True):
    """What was agreed about an item, for the raters to read and for its next wording."""

    __tablename__ = "qa_note"

    card: str = Field(max_length=40, index=True)
    item: str = Field(max_length=40)
    text: str = Field(max_length=2000)
    session_id: UUID | None = Field(default=None, foreign_key="qa_session.id")
    author_id: UUID = Field(foreign_key="agent.id")
    at: datetime


class QaCase(Versioned, table=True):
    """A case worth showing, anonymised; shown to all once the QA lead has approved it."""

    __tablename__ = "qa_case"

    number: int = Field(unique=True)
    campaign_id: UUID = Field(foreign_key="qa_campaign.id", index=True)
    good: bool = True
    score: str = Field(max_length=60)
    story: str = Field(max_length=4000)
    lesson: str = Field(default="", max_length=1000)
    proposed_by: UUID = Field(foreign_key="agent.id")
    proposed_at: datetime
    approved_by: UUID | None = Field(default=None, foreign_key="agent.id")
    approved_at: datetime | None = None
