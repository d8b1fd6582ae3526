"""Cases that are shared to learn from: proposed without names, approved by the QA lead."""

from fractions import Fraction
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session

from deskapp.domain.anonymise import without_numbers
from deskapp.domain.errors import Conflict
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Actor, may
from deskapp.domain.qa_views import CaseDraft, Settled, SharedCase
from deskapp.domain.qa_words import SampleState
from deskapp.models.base import table
from deskapp.models.customer import Customer
from deskapp.models.people import Agent
from deskapp.models.qa import QaCase, QaSample
from deskapp.models.ticket import Ticket
from deskapp.services.desk import Read, Work, handles
from deskapp.services.qa.kept import campaign_row, require_stage, snapshot_from, without_names
from deskapp.services.qa.votes import RELEASED, final_of
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.qa.cases import ApproveCase, DraftCase, ListCases, ProposeCase

_n = table(QaCase).c
LONGEST = 4000


@handles(ProposeCase)
def propose_case(work: Work, command: ProposeCase) -> Receipt:
    """Propose a record's story; the names that the desk knows are taken out at once."""
    work.authorize(command.action)
    sample, final = _settled_sample(work.session, work.actor, command.sample_id)
    row = QaCase(
        id=command.submission_id, number=work.next_number("qa_case"), campaign_id=sample.campaign_id, good=command.good,
        score=str(final.score), story=_anonymous(work.session, sample, command.story),
        lesson=_anonymous(work.session, sample, command.lesson), proposed_by=work.actor.id, proposed_at=work.now,
    )  # fmt: skip
    work.add(row)
    work.record(command.action, "qa_case", row)
    return Receipt("qa_case", row.id, str(row.number), 0)


@handles(ApproveCase)
def approve_case(work: Work, command: ApproveCase) -> Receipt:
    """Share a case, with the story as the QA lead leaves it."""
    work.authorize(command.action)
    row = work.lock(QaCase, command.case_id)
    work.expect(row, command.version)
    if command.story:
        row.story = without_numbers(command.story)
    row.approved_by, row.approved_at = work.actor.id, work.now
    work.record(command.action, "qa_case", row)
    return Receipt("qa_case", row.id, str(row.number), 0)


@handles(DraftCase)
def draft_case(read: Read, query: DraftCase) -> CaseDraft:
    """What was said and done in the record, by field, without names and numbers; a person shortens it."""
    sample, final = _settled_sample(read.session, read.actor, query.sample_id)
    shown = snapshot_from(sample.snapshot, show_agent=False)
    parts = [shown.subject, shown.description, *(line.text for line in shown.lines), shown.resolution]
    words = list(dict.fromkeys(part.strip() for part in parts if part.strip()))
    story = _anonymous(read.session, sample, "\n".join(words))
    return CaseDraft(sample.id, sample.record, final.score, final.passed, story[:LONGEST])


@handles(ListCases)
def list_cases(read: Read, _query: ListCases) -> tuple[SharedCase, ...]:
    """Shared cases, the newest first."""
    query = select(QaCase).order_by(_n.number.desc())
    if not may(read.actor, "qa.case.approve"):
        query = query.where(_n.approved_at.is_not(None))
    return tuple(
        SharedCase(c.id, c.version, c.number, c.good, Fraction(c.score), c.story, c.lesson, c.approved_at is not None)
        for c in read.session.execute(query).scalars()
    )


def _settled_sample(session: Session, actor: Actor, sample_id: UUID) -> tuple[QaSample, Settled]:
    sample = session.get(QaSample, sample_id)
    campaign = campaign_row(session, sample.campaign_id) if sample else None
    final = final_of(session, [sample_id]).get(sample_id)
    if sample is None or campaign is None or final is None or sample.state is not SampleState.DRAWN:
        raise Conflict(N_("Only a settled record can be shared as a case."))
    if not may(actor, "qa.progress"):
        require_stage(campaign, *RELEASED)
    return sample, final


def _anonymous(session: Session, sample: QaSample, text: str) -> str:
    """Take out the names of the desk's people and of the customer, then by pattern what looks like a number."""
    c, t = table(Customer).c, table(Ticket).c
    names = list(session.execute(select(table(Agent).c.name)).scalars())
    customer = session.execute(
        select(c.name).join_from(table(Ticket), table(Customer), t.customer_id == c.id).where(t.id == sample.ticket_id)
    ).scalar()
    return without_numbers(without_names(text, [*names, customer or "", sample.record]))
