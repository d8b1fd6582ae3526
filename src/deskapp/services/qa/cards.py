"""Scorecards: drafts are edited, published versions never change, the shipped cards are there from the start."""

from dataclasses import replace

from sqlalchemy import func, select
from sqlmodel import Session

from deskapp.domain.errors import Conflict, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.ids import uuid7
from deskapp.domain.qa_views import CardLine, CardView
from deskapp.domain.qa_words import CardState
from deskapp.domain.scorecard import Scorecard, card_diff
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.qa import QaCard, QaNote
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.card_files import parse_scorecard, scorecard_yaml, shipped_scorecards
from deskapp.services.qa.kept import card_of_text
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.cards import GetCard, ListCards, PublishCard, SaveCard

_c = table(QaCard).c


@handles(ListCards)
def list_cards(read: Read, _query: ListCards) -> tuple[CardLine, ...]:
    """All versions of all cards; shipped ones that nobody has used yet are kept when a campaign is planned."""
    a = table(Agent).c
    found = read.session.execute(
        select(
            _c.id, _c.version, _c.card, _c.edition, _c.content, _c.state, _c.content_hash, _c.published_at,
            func.coalesce(a.name, "").label("by"),
        )
        .select_from(table(QaCard).outerjoin(table(Agent), _c.published_by == a.id))
        .order_by(_c.card, _c.edition.desc())
    )  # fmt: skip
    return tuple(
        CardLine(
            row.id, row.version, row.card, row.edition, str(card_of_text(row.content).title), row.state,
            row.content_hash, row.published_at, row.by,
        )
        for row in found
    )  # fmt: skip


@handles(GetCard)
def get_card(read: Read, query: GetCard) -> CardView:
    """A card with its difference against the edition before, and what sessions noted about its items."""
    line = next((line for line in list_cards(read, ListCards()) if line.id == query.card_id), None)
    if line is None:
        raise NotFound(N_("There is no such card."))
    text = read.session.execute(select(_c.content).where(_c.id == line.id)).scalar_one()
    before = read.session.execute(
        select(_c.content).where(_c.card == line.card, _c.edition < line.edition).order_by(_c.edition.desc()).limit(1)
    ).scalar()
    card = card_of_text(text)
    changes = card_diff(card_of_text(before), card) if before else ()
    n = table(QaNote).c
    notes = read.session.execute(select(n.item, n.text).where(n.card == line.card).order_by(n.at))
    return CardView(line, card, text, changes, tuple((row.item, row.text) for row in notes))


@handles(SaveCard)
def save_card(work: Work, command: SaveCard) -> Receipt:
    """Keep a draft; the edition is counted here, whatever the text says."""
    work.authorize(command.action)
    card = parse_scorecard(command.text)
    if command.card_id:
        row = work.lock(QaCard, command.card_id)
        work.expect(row, command.version)
        if row.state is not CardState.DRAFT:
            raise Conflict(
                N_("Version {edition} of {card} is published and does not change."),
                hint=N_("Save it as a new draft."),
                edition=row.edition,
                card=row.card,
            )
        if card.id != row.card:
            raise Conflict(N_("This draft is of the card {card}; another card is a new draft."), card=row.card)
    else:
        newest = work.session.execute(select(func.max(_c.edition)).where(_c.card == card.id)).scalar() or 0
        row = QaCard(id=command.submission_id, card=card.id, edition=newest + 1, content="")
    kept = replace(card, version=row.edition)
    row.content, row.content_hash, row.edited_by = scorecard_yaml(kept), kept.content_hash, work.actor.id
    work.add(row)
    work.record(command.action, "qa_card", row)
    return Receipt("qa_card", row.id, f"{row.card} {row.edition}", 0)


@handles(PublishCard)
def publish_card(work: Work, command: PublishCard) -> Receipt:
    """Publish a draft; what says the same as a version before is refused."""
    work.authorize(command.action)
    row = work.lock(QaCard, command.card_id)
    work.expect(row, command.version)
    if row.state is not CardState.DRAFT:
        raise Conflict(N_("Version {edition} of {card} is published already."), edition=row.edition, card=row.card)
    same = work.session.execute(
        select(_c.edition).where(
            _c.card == row.card, _c.state == CardState.PUBLISHED, _c.content_hash == row.content_hash
        )
    ).scalar()
    if same:
        raise Conflict(N_("Version {edition} says exactly the same."), edition=same)
    row.state, row.published_by, row.published_at = CardState.PUBLISHED, work.actor.id, work.now
    work.record("qa.card.publish", "qa_card", row)
    return Receipt("qa_card", row.id, f"{row.card} {row.edition}", 0)


def newest_published(session: Session, card: str) -> QaCard | None:
    """The published version in force of a card."""
    found = session.execute(
        select(_c.id).where(_c.card == card, _c.state == CardState.PUBLISHED).order_by(_c.edition.desc()).limit(1)
    ).scalar()
    return session.get(QaCard, found) if found else None


def card_in_force(work: Work, card: str) -> QaCard:
    """The published version of a card; a shipped one is published at its first use. Raises NotFound."""
    row = newest_published(work.session, card)
    if row:
        return row
    shipped: Scorecard | None = shipped_scorecards().get(card)
    if shipped is None:
        raise NotFound(N_("No version of the card {card} is published."), card=card, field="card")
    row = QaCard(
        id=uuid7(), card=card, edition=shipped.version, state=CardState.PUBLISHED, content=scorecard_yaml(shipped),
        content_hash=shipped.content_hash, published_by=work.actor.id, published_at=work.now,
    )  # fmt: skip
    work.add(row)
    work.flush()
    work.record("qa.card.publish", "qa_card", row)
    return row
