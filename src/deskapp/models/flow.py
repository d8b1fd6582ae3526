"""Published flows and the cases taken with them: versions and sign-offs never change, answers are only ever added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlmodel import Field

from deskapp.domain.flow.draft import How
from deskapp.domain.terms import Grade
from deskapp.models.base import Identified, Versioned, code, word


class FlowVersion(Identified, table=True):
    """A flow as it was published, whole and by its content hash; the database refuses to change or delete it."""

    __tablename__ = "flow_version"
    __table_args__ = (
        Index("uq_flow_version_flow", "flow", "release", unique=True),
        Index("uq_flow_version_hash", "flow", "hash", unique=True),
    )

    flow: str = Field(sa_type=code(60))
    # The version its file names, such as 1.2.0.
    release: str = Field(max_length=20)
    hash: str = Field(max_length=64)
    title_zh: str = Field(max_length=200)
    title_en: str = Field(max_length=200)
    # Whether an outcome is red: such a flow needs a sign-off before it is published.
    red: bool = False
    content: dict[str, object] = Field(sa_type=JSON)
    # Shipped content is a sample until somebody qualified signs it.
    shipped: bool = False
    published_by: UUID | None = Field(default=None, foreign_key="agent.id")
    published_at: datetime


class FlowSignOff(Identified, table=True):
    """A reviewer's word for the content of a flow, by its hash; the database refuses to change or delete it."""

    __tablename__ = "flow_sign_off"
    __table_args__ = (Index("ix_flow_sign_off_flow", "flow", "hash"),)

    flow: str = Field(sa_type=code(60))
    hash: str = Field(max_length=64)
    note: str = Field(default="", max_length=300)
    signed_by: UUID = Field(foreign_key="agent.id")
    signed_at: datetime


class FlowHead(Versioned, table=True):
    """Which version of a flow new calls are taken with; a retired flow is offered no more."""

    __tablename__ = "flow_head"

    flow: str = Field(sa_type=code(60), unique=True)
    version_id: UUID = Field(foreign_key="flow_version.id")
    retired: bool = False


class FlowCase(Versioned, table=True):
    """What a guided call made of a ticket: version, outcome, a snapshot that shows for ever without the engine.

    `grade` is the flow's, `given_grade` the agent's where it differs (with the reason). `seconds` and `keys` are those
    of the questions. `cause` and `missing` are told when the technician is done.
    """

    __tablename__ = "flow_case"

    ticket_id: UUID = Field(foreign_key="ticket.id", unique=True)
    version_id: UUID = Field(foreign_key="flow_version.id", index=True)
    outcome: str = Field(default="", max_length=60)
    grade: Grade | None = Field(default=None, sa_type=word(Grade))
    given_grade: Grade | None = Field(default=None, sa_type=word(Grade))
    grade_reason: str = Field(default="", max_length=300)
    complete: bool = True
    emergency: str = Field(default="", max_length=60)
    agent_id: UUID | None = Field(default=None, foreign_key="agent.id")
    started_at: datetime
    finished_at: datetime
    seconds: int = 0
    keys: int = 0
    snapshot: dict[str, object] = Field(default_factory=dict, sa_type=JSON)
    cause: str = Field(default="", max_length=200)
    # What the technician lacked; None: not asked yet, empty: nothing.
    missing: str | None = Field(default=None, max_length=300)
    confirmed_at: datetime | None = None
    confirmed_by: UUID | None = Field(default=None, foreign_key="agent.id")


class FlowAnswer(Identified, table=True):
    """An answer in force: only of a question that applied, with who gave it when and how."""

    __tablename__ = "flow_answer"
    __table_args__ = (Index("uq_flow_answer_question", "case_id", "question", unique=True),)

    case_id: UUID = Field(foreign_key="flow_case.id")
    question: str = Field(max_length=60)
    state: str = Field(max_length=20)
    value: object = Field(default=None, sa_type=JSON)
    how: How = Field(sa_type=word(How))
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="agent.id")
    seconds: int = 0
    changes: int = 0


class AnswerEvent(Identified, table=True):
    """One answer given or taken back during a call (value null). Only added; erasing a customer empties the value."""

    __tablename__ = "flow_answer_event"
    __table_args__ = (Index("uq_flow_answer_event_place", "case_id", "place", unique=True),)

    case_id: UUID = Field(foreign_key="flow_case.id")
    place: int
    question: str = Field(max_length=60)
    value: object = Field(default=None, sa_type=JSON)
    how: How = Field(sa_type=word(How))
    at: datetime
    by_id: UUID | None = Field(default=None, foreign_key="agent.id")


class PracticeResult(Identified, table=True):
    """The score of one rehearsal of a flow."""

    __tablename__ = "practice_result"
    __table_args__ = (Index("ix_practice_result_agent", "agent_id", "done_at"),)

    agent_id: UUID = Field(foreign_key="agent.id")
    version_id: UUID = Field(foreign_key="flow_version.id")
    seed: int
    points: int
    passed: bool
    outcome: str = Field(default="", max_length=60)
    expected: str = Field(max_length=60)
    missed: list[str] = Field(default_factory=list, sa_type=JSON)
    wrong: list[str] = Field(default_factory=list, sa_type=JSON)
    asked_again: list[str] = Field(default_factory=list, sa_type=JSON)
    seconds: int = 0
    keys: int = 0
    done_at: datetime


# Rows that nobody may change. An answer's event may only lose its value, when its customer is erased.
_FROZEN = ("flow_version", "flow_sign_off")
_ONLY_EMPTIED = (
    "NOT (NEW.id = OLD.id AND NEW.case_id = OLD.case_id AND NEW.place = OLD.place AND NEW.question = OLD.question"
    " AND NEW.how = OLD.how AND NEW.at = OLD.at AND (NEW.value IS NULL OR CAST(NEW.value AS TEXT) = 'null'))"
)


def guards(dialect: str) -> tuple[str, ...]:
    """The statements that make the database itself refuse such changes; part of the schema."""
    if dialect == "sqlite":
        return tuple(
            [
                f"CREATE TRIGGER {name}_no_{verb.lower()} BEFORE {verb} ON {name}"
                f" BEGIN SELECT RAISE(ABORT, '{name} never changes'); END"
                for name in _FROZEN
                for verb in ("UPDATE", "DELETE")
            ]
            + [
                "CREATE TRIGGER flow_answer_event_no_delete BEFORE DELETE ON flow_answer_event"
                " BEGIN SELECT RAISE(ABORT, 'flow_answer_event never changes'); END",
                "CREATE TRIGGER flow_answer_event_no_update BEFORE UPDATE ON flow_answer_event"
                f" WHEN {_ONLY_EMPTIED}"
                " BEGIN SELECT RAISE(ABORT, 'flow_answer_event never changes'); END",
            ]
        )
    return (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION '% never changes', TG_TABLE_NAME; END $$",
        *(
            f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            for name in _FROZEN
        ),
        "CREATE TRIGGER flow_answer_event_no_delete BEFORE DELETE ON flow_answer_event"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER flow_answer_event_no_update BEFORE UPDATE ON flow_answer_event FOR EACH ROW"
        f" WHEN ({_ONLY_EMPTIED})"
        " EXECUTE FUNCTION refuse_change()",
    )
