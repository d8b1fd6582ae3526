"""What the use cases of tickets share: whose one is, finding and locking it, dates, timeline, words to search for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Subject
from deskapp.domain.sla import EventKind
from deskapp.domain.terms import EntryKind
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.models.customer import Customer, Machine
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket, TimelineEntry
from deskapp.services import clocks
from deskapp.services.clock_rules import in_force
from deskapp.services.requests.base import Command, Receipt
from deskapp.store import search
from deskapp.store.uow import Work


def subject_of(ticket: Ticket) -> Subject:
    """Whose a ticket is: its owner's and its assignee's, and its desk's."""
    people = frozenset(p for p in (ticket.owner_id, ticket.assignee_id) if p)
    return Subject(people=people, teams=frozenset({ticket.team_id} if ticket.team_id else ()))


def locked(work: Work, ticket_id: UUID, action: str) -> Ticket:
    ticket = work.lock(Ticket, ticket_id)
    work.authorize(action, subject_of(ticket))
    return ticket


def receipt(work: Work, command: Command, ticket: Ticket) -> Receipt:
    work.customer_id = ticket.customer_id
    work.record(command.action, "ticket", ticket, ticket_id=ticket.id)
    return Receipt("ticket", ticket.id, label_of(ticket), 0, ticket.id)


def label_of(ticket: Ticket) -> str:
    return f"T-{ticket.number}"


def when(work: Work, occurred_at: datetime | None) -> datetime:
    if occurred_at is None:
        return work.now
    if occurred_at > work.now:
        raise Invalid(N_("This lies in the future."), field="occurred_at")
    limit = in_force(work.session.connection(), work.now, by=work.actor.id).policy.late_entry
    if work.now - occurred_at > limit:
        raise Invalid(
            N_("What happened may be dated back {hours} hours at most."),
            hint=N_("Ask a lead to correct older entries."),
            field="occurred_at",
            hours=int(limit.total_seconds() // 3600),
        )
    return occurred_at


def require_open(ticket: Ticket) -> None:
    if not ticket.is_open:
        raise Conflict(
            N_("{ticket} is not open any more."), hint=N_("Reopen it if the fault is back."), ticket=label_of(ticket)
        )


def taken(work: Work, ticket: Ticket) -> Conflict:
    e, a = table(AuditEvent).c, table(Agent).c
    taker = work.session.execute(select(a.name).where(a.id == ticket.assignee_id)).scalar()
    since = work.session.execute(
        select(e.at)
        .where(
            e.object_kind == "ticket",
            e.object_id == ticket.id,
            e.action.in_(("ticket.claim", "ticket.assign", "ticket.create")),
        )
        .order_by(e.seq.desc())
        .limit(1)
    ).scalar()
    return Conflict(
        N_("{ticket} was claimed by {who} at {at:%H:%M} UTC."),
        hint=N_("Press Enter to see it."),
        ticket=label_of(ticket),
        who=taker or "?",
        at=since or ticket.opened_at,
    )


def active_agent(work: Work, agent_id: UUID) -> Agent:
    agent = work.session.get(Agent, agent_id)
    if agent is None or not agent.active:
        raise NotFound(N_("Nobody of that name works here."), field="agent_id")
    return agent


_CUSTOMER_NAME = select(table(Customer).c.name).where(table(Customer).c.id == bindparam("customer"))
_MACHINE_OF = select(table(Machine).c.customer_id).where(table(Machine).c.id == bindparam("machine"))


def customer_name(work: Work, customer_id: UUID | None) -> str:
    """The name of a ticket's customer. Raises NotFound for a customer that is not there."""
    if customer_id is None:
        return ""
    name = work.session.connection().execute(_CUSTOMER_NAME, {"customer": customer_id}).scalar()
    if name is None:
        raise NotFound(N_("There is no such customer."), field="customer_id")
    return str(name)


def check_machine(work: Work, machine_id: UUID | None, customer_id: UUID | None) -> None:
    if machine_id is None:
        return
    holder = work.session.connection().execute(_MACHINE_OF, {"machine": machine_id}).scalar()
    if holder is None or holder != customer_id:
        raise Invalid(N_("This machine belongs to another customer."), field="machine_id")


def write_line(
    work: Work,
    ticket: Ticket,
    kind: EntryKind,
    text: str,
    happened: datetime,
    *,
    first: bool = False,
    **details: object,
) -> TimelineEntry:
    """Add a line to the timeline and make its words findable; what the desk itself says stays data, not words."""
    entry = TimelineEntry(
        ticket_id=ticket.id,
        kind=kind,
        text=text,
        author_id=work.actor.id,
        occurred_at=happened,
        recorded_at=work.now,
        details=details,
    )
    work.add(entry)
    if first:
        index(work, ticket, new=True)
    elif text:
        search.put(work.session, search.ENTRY, entry.id, [text], new=True)
    return entry


def index(work: Work, ticket: Ticket, *, new: bool = False) -> None:
    customer = customer_name(work, ticket.customer_id)
    words = [ticket.subject, ticket.description, ticket.product, ticket.fault, ticket.resolution, customer]
    search.put(work.session, search.TICKET, ticket.id, words, new=new)


def goes_to(work: Work, ticket: Ticket, team_id: UUID | None) -> None:
    """Another desk works on it from now on, or its owner's own again: the promise of progress follows."""
    if ticket.team_id == team_id:
        return
    ticket.team_id = team_id
    owner = work.session.get(Agent, ticket.owner_id) if ticket.owner_id else None
    home = owner is not None and owner.team_id == team_id
    clocks.tell(work, ticket, EventKind.HANDED_BACK if home else EventKind.HANDED_OVER)
