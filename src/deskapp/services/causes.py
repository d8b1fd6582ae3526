"""The cause that a technician found in the end: chosen from the flow, with what was missing, or left open."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as OrmSession

from deskapp.domain.errors import Invalid, NotFound
from deskapp.domain.flow import Flow
from deskapp.domain.flow.draft import both
from deskapp.domain.flow.model import Text
from deskapp.domain.i18n import N_
from deskapp.domain.terms import EntryKind
from deskapp.domain.views_flow import Causes
from deskapp.models.base import table
from deskapp.models.flow import FlowCase
from deskapp.models.ticket import TimelineEntry
from deskapp.services import ticket_kit
from deskapp.services.desk import Read, Work, handles
from deskapp.services.flows import compiled_version
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.causes import ConfirmCause, GetCauses

_LEFT_OPEN = "cause_open"


@handles(GetCauses)
def get_causes(read: Read, query: GetCauses) -> Causes | None:
    """What to choose from: the causes of the case's own outcome first, then the flow's others, each once."""
    c, e = table(FlowCase).c, table(TimelineEntry).c
    row = read.session.execute(
        select(c.version_id, c.outcome, c.cause, c.missing, c.confirmed_at).where(c.ticket_id == query.ticket_id)
    ).first()
    if row is None:
        return None
    lines = select(e.details).where(e.ticket_id == query.ticket_id, e.kind == EntryKind.OUTCOME)
    left = any(details.get("what") == _LEFT_OPEN for details in read.session.execute(lines).scalars())
    choices = tuple(_causes(_flow(read.session, row.version_id), row.outcome))
    confirmed = next((text for text in choices if text.en == row.cause), Text(row.cause, row.cause))
    return Causes(choices, confirmed if row.confirmed_at else None, row.missing or "", asked=left)


@handles(ConfirmCause)
def confirm_cause(work: Work, command: ConfirmCause) -> Receipt:
    """Write down what it really was, or why nobody knows.

    Raises NotFound for a ticket taken without a flow, Invalid without a cause and without a reason.
    """
    ticket = ticket_kit.locked(work, command.ticket_id, command.action)
    found = work.session.execute(
        select(table(FlowCase).c.id).where(table(FlowCase).c.ticket_id == command.ticket_id)
    ).scalar()
    if found is None:
        raise NotFound(N_("This ticket was taken without a flow."))
    if bool(command.cause) == bool(command.open_because):
        raise Invalid(N_("Name the cause, or say why it is not known."), field="cause")
    case = work.lock(FlowCase, found)
    if command.open_because:
        ticket_kit.write_line(work, ticket, EntryKind.OUTCOME, command.open_because, work.now, what=_LEFT_OPEN)
        return ticket_kit.receipt(work, command, ticket)
    flow = _flow(work.session, case.version_id)
    known = next((t for t in _causes(flow, case.outcome) if command.cause in (t.zh, t.en)), None)
    # A cause of the flow is kept by one of its two names, so that cases told in either language are counted together.
    case.cause, case.missing = (known.en if known else command.cause)[:200], command.missing
    case.confirmed_at, case.confirmed_by = work.now, work.actor.id
    what = "cause_missing" if command.missing else "cause"
    words: object = both(known) if known else command.cause
    ticket_kit.write_line(work, ticket, EntryKind.OUTCOME, command.missing, work.now, what=what, cause=words)
    return ticket_kit.receipt(work, command, ticket)


def _flow(session: OrmSession, version_id: UUID) -> Flow:
    return compiled_version(session, version_id)[1].flow


def _causes(flow: Flow, outcome: str) -> Iterable[Text]:
    own_first = sorted(flow.outcomes, key=lambda found: found.id != outcome)
    # What needs no visit names no cause: its title says what it is.
    named = [text for found in own_first for text in found.causes or (found.title,)]
    return dict.fromkeys([*named, *(text for add in flow.adds for text in add.causes)])
