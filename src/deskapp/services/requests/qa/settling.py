"""What can be asked where several scores become one: compare, a third rater, adjudicate."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, line


@dataclass(frozen=True, slots=True, kw_only=True)
class GetComparison(Query):
    """The records of a campaign with everybody's evaluations, once they are revealed."""

    action: ClassVar[str] = "qa.compare"
    campaign_id: UUID
    undecided_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskThird(Command):
    """Let a third rater score a record blind; that evaluation decides."""

    action: ClassVar[str] = "qa.adjudicate"
    sample_id: UUID
    rater_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudicate(Command):
    """Decide which evaluation of a record stands."""

    action: ClassVar[str] = "qa.adjudicate"
    sample_id: UUID
    evaluation_id: UUID
    reason: str = line(1000, required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListThirds(Query):
    """Who could score a record as the third rater, those with the least to do first."""

    action: ClassVar[str] = "qa.adjudicate"
    sample_id: UUID
