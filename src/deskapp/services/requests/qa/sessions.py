"""What can be asked about calibration sessions and exams."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar
from uuid import UUID

from deskapp.domain.qa_words import SessionKind
from deskapp.services.requests.base import Command, Query, body, line

Points = tuple[tuple[str, Fraction | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession(Command):
    """Put a ticket before people; an exam has its key from the start. `number` is the ticket's.

    The cases of one exam are sessions of one title. `key_from` is a settled record of a sample: its points are the key.
    """

    action: ClassVar[str] = "qa.calibrate"
    kind: SessionKind = SessionKind.CALIBRATION
    title: str = line(120, required=True)
    number: int
    card: str = line(40)
    key: Points = ()
    key_from: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CastVote(Command):
    """Score the session's record for oneself."""

    action: ClassVar[str] = "qa.session.vote"
    session_id: UUID
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSession(Command):
    """Show all votes, settle the consensus, and note what was agreed about items."""

    action: ClassVar[str] = "qa.calibrate"
    session_id: UUID
    consensus: Points = ()
    note: str = body(2000)
    item_notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleSession(Command):
    """Settle the consensus of a closed calibration once all have seen the votes, with notes to its items."""

    action: ClassVar[str] = "qa.calibrate"
    session_id: UUID
    consensus: Points
    note: str = body(2000)
    item_notes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListSessions(Query):
    """The sessions, the newest first."""

    action: ClassVar[str] = "qa.session.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetExamResults(Query):
    """Results of closed exams per person: all for who conducts or audits, one's own for everybody else."""

    action: ClassVar[str] = "qa.session.read"
    title: str = line(120)
