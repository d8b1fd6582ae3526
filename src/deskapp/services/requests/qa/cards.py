"""What can be asked about scorecards."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from deskapp.services.requests.base import Command, Query, body


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCards(Query):
    """All versions of all cards, the newest first."""

    action: ClassVar[str] = "qa.card.read"


@dataclass(frozen=True, slots=True, kw_only=True)
class GetCard(Query):
    """One version of a card."""

    action: ClassVar[str] = "qa.card.read"
    card_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCard(Command):
    """Keep a card, as the text of its file, as a draft: a new edition, or in place of a draft."""

    action: ClassVar[str] = "qa.card.edit"
    text: str = body(120_000, required=True)
    card_id: UUID | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCard(Command):
    """Publish a draft; from then on it does not change."""

    action: ClassVar[str] = "qa.card.edit"
    card_id: UUID
    version: int | None = None
