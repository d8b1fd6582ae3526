"""What people do with a ticket, from the call to the call-back."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Subject
from deskapp.domain.sla import ClockEvent, EventKind
from deskapp.domain.terms import Channel, EntryKind, Grade, HandOverState, Status
from deskapp.domain.views import TicketView
from deskapp.models.audit import AuditEvent
from deskapp.models.base import table
from deskapp.models.customer import Customer, Machine
from deskapp.models.people import Agent, Team
from deskapp.models.ticket import CallBack, HandOver, Ticket, TimelineEntry
from deskapp.services import clocks, notices
from deskapp.services.clock_rules import in_force
from deskapp.services.desk import Read, Work, handles
from deskapp.services.incident_links import join
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.tickets import (
    AddEntry,
    AnswerHandOver,
    AssignTicket,
    CancelTicket,
    ClaimNext,
    ClaimTicket,
    CloseTicket,
    EditTicket,
    GetTicket,
    MoveOwner,
    OfferHandOver,
    OpenTicket,
    PauseTicket,
    RecordCallBack,
    RegradeTicket,
    ReleaseTicket,
    ReopenTicket,
    ResumeTicket,
    SolveTicket,
)
from deskapp.store import search
from deskapp.store.queue import OPEN
from deskapp.store.tickets import load_ticket

FOLLOW_UP = timedelta(hours=24)
"""How soon after a solution the customer is called back where the policy promises nothing."""

# On these channels somebody is speaking with the customer at the moment the ticket is opened.
_LIVE = (Channel.PHONE, Channel.CHAT, Channel.COUNTER)


@handles(OpenTicket)
def open_ticket(work: Work, command: OpenTicket) -> Receipt:
    """Record a case; the one who opens it owns it and works on it."""
    work.authorize(command.action)
    happened = _when(work, command.occurred_at)
    _check_machine(work, command.machine_id, command.customer_id)
    ticket = Ticket(
        id=command.submission_id,
        number=0,
        channel=command.channel,
        grade=command.grade,
        priority=command.priority,
        subject=command.subject,
        description=command.description,
        product=command.product,
        fault=command.fault,
        customer_id=command.customer_id,
        machine_id=command.machine_id,
        team_id=command.team_id or work.actor.team_id,
        owner_id=work.actor.id,
        assignee_id=work.actor.id,
        opened_at=happened,
        first_response_at=happened if command.channel in _LIVE else None,
        queue_at=happened,
    )
    live = command.channel in _LIVE
    clocks.open_clocks(work, ticket, happened, arrived_at=command.arrived_at, outcome=command.outcome, spoken=live)
    ticket.number = work.next_number("ticket")
    said = EntryKind.CALL_IN if live else EntryKind.MESSAGE_IN
    work.add(ticket)
    _write(work, ticket, said, command.description or command.subject, happened, first=True)
    if ticket.grade is Grade.RED:
        notices.tell_red(work, ticket)
    receipt = _done(work, command, ticket)
    join(work, ticket)
    return receipt


@handles(AddEntry)
def add_entry(work: Work, command: AddEntry) -> Receipt:
    """Write a line into the timeline; words that reach the customer answer a first response."""
    ticket = _locked(work, command.ticket_id, command.action)
    happened = _when(work, command.occurred_at)
    if command.kind not in _WRITABLE:
        raise Invalid(N_("Such a line is written by the desk itself."), field="kind")
    _write(work, ticket, command.kind, command.text, happened)
    tell_words(work, ticket, command.kind, happened)
    return _done(work, command, ticket)


_WRITABLE = (
    EntryKind.NOTE, EntryKind.CALL_IN, EntryKind.CALL_OUT, EntryKind.MESSAGE_IN, EntryKind.MESSAGE_OUT, EntryKind.VISIT,
    EntryKind.OUTCOME, EntryKind.PROMISE,
)  # fmt: skip


def tell_words(work: Work, ticket: Ticket, kind: EntryKind, at: datetime) -> None:
    """Let the clocks know what a line of the timeline means: who spoke, whether somebody came."""
    # What was said before the ticket was opened was said by then.
    happened = [ClockEvent(found, max(at, ticket.opened_at)) for found in MEANS.get(kind, ())]
    if happened:
        book = clocks.tell_all(work, ticket, *happened)
        ticket.first_response_at = book.marks.contacted or ticket.first_response_at


# A customer who calls is spoken with; how it stands is told to them only when the desk turns to them.
MEANS = {
    EntryKind.CALL_IN: (EventKind.CUSTOMER_CONTACT, EventKind.CONTACT),
    EntryKind.MESSAGE_IN: (EventKind.CUSTOMER_CONTACT,),
    EntryKind.CALL_OUT: (EventKind.UPDATE,),
    EntryKind.MESSAGE_OUT: (EventKind.UPDATE,),
    EntryKind.VISIT: (EventKind.ON_SITE, EventKind.UPDATE),
}


@handles(ClaimTicket)
def claim_ticket(work: Work, command: ClaimTicket) -> Receipt:
    """Take a ticket that nobody works on; the loser is told who has it and since when."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    if ticket.assignee_id == work.actor.id:
        return _done(work, command, ticket)
    if ticket.assignee_id is not None:
        raise _taken(work, ticket)
    return _take(work, command, ticket)


@handles(ClaimNext)
def claim_next(work: Work, command: ClaimNext) -> Receipt:
    """Take the unclaimed ticket of one's team that is due first; two who press at once get two tickets."""
    work.authorize(command.action)
    t = table(Ticket).c
    found = work.session.execute(
        select(t.id)
        .where(OPEN, t.assignee_id.is_(None), (t.team_id == work.actor.team_id) | t.team_id.is_(None))
        .order_by(t.queue_band, t.queue_at, t.grade_rank, t.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).scalar()
    if found is None:
        raise NotFound(N_("Nothing is waiting for your team."), hint=N_("Look at the whole queue."))
    return _take(work, command, work.lock(Ticket, found))


def _take(work: Work, command: Command, ticket: Ticket) -> Receipt:
    ticket.assignee_id = work.actor.id
    ticket.owner_id = ticket.owner_id or work.actor.id
    ticket.team_id = ticket.team_id or work.actor.team_id
    _write(work, ticket, EntryKind.ASSIGNMENT, "", work.now, what="claim", to=work.actor.name)
    return _done(work, command, ticket)


@handles(ReleaseTicket)
def release_ticket(work: Work, command: ReleaseTicket) -> Receipt:
    """Put a ticket back for others to claim; its owner stays."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    ticket.assignee_id = None
    _write(work, ticket, EntryKind.ASSIGNMENT, command.reason, work.now, what="release")
    return _done(work, command, ticket)


@handles(AssignTicket)
def assign_ticket(work: Work, command: AssignTicket) -> Receipt:
    """Give a ticket to somebody; it goes to their desk."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    agent = _active_agent(work, command.agent_id)
    ticket.owner_id = ticket.owner_id or agent.id
    _goes_to(work, ticket, agent.team_id or ticket.team_id)
    ticket.assignee_id = agent.id
    _write(work, ticket, EntryKind.ASSIGNMENT, command.reason, work.now, what="assign", to=agent.name)
    return _done(work, command, ticket)


def _goes_to(work: Work, ticket: Ticket, team_id: UUID | None) -> None:
    """Another desk works on it from now on, or its owner's own again: the promise of progress follows."""
    if ticket.team_id == team_id:
        return
    ticket.team_id = team_id
    owner = work.session.get(Agent, ticket.owner_id) if ticket.owner_id else None
    home = owner is not None and owner.team_id == team_id
    clocks.tell(work, ticket, EventKind.HANDED_BACK if home else EventKind.HANDED_OVER)


@handles(MoveOwner)
def move_owner(work: Work, command: MoveOwner) -> Receipt:
    """Give the first-contact ownership to somebody else."""
    ticket = _locked(work, command.ticket_id, command.action)
    agent = _active_agent(work, command.agent_id)
    ticket.owner_id = agent.id
    _write(work, ticket, EntryKind.ASSIGNMENT, command.reason, work.now, what="owner", to=agent.name)
    return _done(work, command, ticket)


@handles(EditTicket)
def edit_ticket(work: Work, command: EditTicket) -> Receipt:
    """Correct what the ticket says; only what is given is changed."""
    ticket = _locked(work, command.ticket_id, command.action)
    work.expect(ticket, command.version)
    _check_machine(work, command.machine_id, command.customer_id or ticket.customer_id)
    for name in ("subject", "description", "product", "fault", "machine_id", "customer_id"):
        if value := getattr(command, name):
            setattr(ticket, name, value)
    _index(work, ticket)
    receipt = _done(work, command, ticket)
    join(work, ticket)
    return receipt


@handles(RegradeTicket)
def regrade_ticket(work: Work, command: RegradeTicket) -> Receipt:
    """Change grade or priority; the promise follows, used time carries over."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    before = (ticket.grade, ticket.priority)
    ticket.grade, ticket.priority = command.grade or ticket.grade, command.priority or ticket.priority
    if (ticket.grade, ticket.priority) == before:
        raise Invalid(N_("Grade and priority are that already."), field="grade")
    clocks.change_facts(work, ticket)
    if ticket.grade is Grade.RED and before[0] is not Grade.RED:
        notices.tell_red(work, ticket)
    _write(
        work, ticket, EntryKind.STATUS, command.reason, work.now,
        what="regrade", grade=ticket.grade.value, priority=ticket.priority.value,
    )  # fmt: skip
    return _done(work, command, ticket)


@handles(PauseTicket)
def pause_ticket(work: Work, command: PauseTicket) -> Receipt:
    """Wait for somebody else, with the day it should go on."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    if command.until <= work.now:
        raise Invalid(N_("The time to go on must lie ahead."), field="until")
    ticket.status, ticket.pause_reason, ticket.paused_until = Status.PAUSED, command.reason, command.until
    clocks.tell(work, ticket, EventKind.PAUSED, reason=command.reason.value, back_at=command.until)
    _write(
        work, ticket, EntryKind.STATUS, command.text, work.now,
        what="pause", reason=command.reason.value, until=command.until.isoformat(),
    )  # fmt: skip
    return _done(work, command, ticket)


@handles(ResumeTicket)
def resume_ticket(work: Work, command: ResumeTicket) -> Receipt:
    """Go on with a paused ticket."""
    ticket = _locked(work, command.ticket_id, command.action)
    if ticket.status is not Status.PAUSED:
        raise Conflict(N_("{ticket} is not paused."), ticket=_label(ticket))
    ticket.status, ticket.pause_reason, ticket.paused_until = Status.OPEN, None, None
    clocks.tell(work, ticket, EventKind.RESUMED)
    _write(work, ticket, EntryKind.STATUS, command.text, work.now, what="resume")
    return _done(work, command, ticket)


@handles(SolveTicket)
def solve_ticket(work: Work, command: SolveTicket) -> Receipt:
    """Say how it was solved; a call-back falls due."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    happened = _when(work, command.occurred_at)
    ticket.status, ticket.solved_at, ticket.resolution = Status.SOLVED, happened, command.resolution
    ticket.pause_reason = ticket.paused_until = None
    book = clocks.tell(work, ticket, EventKind.RESOLVED, happened)
    work.add(CallBack(ticket_id=ticket.id, due_at=clocks.follow_up_due(book) or happened + FOLLOW_UP))
    _write(work, ticket, EntryKind.STATUS, command.resolution, happened, what="solve")
    _index(work, ticket)
    return _done(work, command, ticket)


@handles(ReopenTicket)
def reopen_ticket(work: Work, command: ReopenTicket) -> Receipt:
    """Go on with the same fault; what was promised before goes on, the gap is not counted."""
    ticket = _locked(work, command.ticket_id, command.action)
    if ticket.is_open:
        raise Conflict(N_("{ticket} is open."), ticket=_label(ticket))
    if ticket.status is Status.CANCELLED:
        raise Conflict(
            N_("{ticket} was cancelled."),
            hint=N_("Open a new ticket; the customer's history links them."),
            ticket=_label(ticket),
        )
    _reopen(work, ticket, command.reason, same_fault=command.same_fault)
    return _done(work, command, ticket)


def _reopen(work: Work, ticket: Ticket, reason: str, *, same_fault: bool = True) -> None:
    ticket.status, ticket.reopened = Status.OPEN, ticket.reopened + 1
    ticket.solved_at = ticket.closed_at = None
    _settle_call_back(work, ticket, solved=False)
    clocks.tell(work, ticket, EventKind.REOPENED, same_fault=same_fault)
    _write(work, ticket, EntryKind.STATUS, reason, work.now, what="reopen")


@handles(CloseTicket)
def close_ticket(work: Work, command: CloseTicket) -> Receipt:
    """End a solved ticket without a call-back."""
    ticket = _locked(work, command.ticket_id, command.action)
    if ticket.status is not Status.SOLVED:
        raise Conflict(N_("Only a solved ticket can be closed."), hint=N_("Solve it first."))
    ticket.status, ticket.closed_at = Status.CLOSED, work.now
    _settle_call_back(work, ticket, solved=None)
    clocks.tell(work, ticket, EventKind.CLOSED)
    _write(work, ticket, EntryKind.STATUS, command.reason, work.now, what="close")
    return _done(work, command, ticket)


@handles(CancelTicket)
def cancel_ticket(work: Work, command: CancelTicket) -> Receipt:
    """End a ticket that should not be one."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    ticket.status, ticket.closed_at = Status.CANCELLED, work.now
    clocks.tell(work, ticket, EventKind.CANCELLED)
    _write(work, ticket, EntryKind.STATUS, command.reason, work.now, what="cancel")
    return _done(work, command, ticket)


@handles(OfferHandOver)
def offer_hand_over(work: Work, command: OfferHandOver) -> Receipt:
    """Ask another desk; until it accepts, the ticket stays where it is, and the owner stays in any case."""
    ticket = _locked(work, command.ticket_id, command.action)
    _require_open(ticket)
    team = work.session.get(Team, command.to_team_id)
    if team is None or not team.active:
        raise NotFound(N_("There is no such desk."), field="to_team_id")
    if team.id == ticket.team_id:
        raise Invalid(N_("{ticket} is at that desk already."), field="to_team_id", ticket=_label(ticket))
    if command.due_at and command.due_at <= work.now:
        raise Invalid(N_("The deadline must lie ahead."), field="due_at")
    h = table(HandOver).c
    pending = work.session.execute(
        select(h.id).where(h.ticket_id == ticket.id, h.state == HandOverState.OFFERED)
    ).scalar()
    if pending:
        raise Conflict(N_("{ticket} is offered to a desk already."), ticket=_label(ticket))
    offer = HandOver(
        ticket_id=ticket.id,
        from_team_id=ticket.team_id,
        to_team_id=team.id,
        offered_by=work.actor.id,
        offered_at=work.now,
        asked=command.asked,
        due_at=command.due_at,
    )
    work.add(offer)
    _write(
        work, ticket, EntryKind.HAND_OVER, command.asked, work.now,
        what="offer", to=team.name, due=command.due_at.isoformat() if command.due_at else "",
    )  # fmt: skip
    return _done(work, command, ticket)


@handles(AnswerHandOver)
def answer_hand_over(work: Work, command: AnswerHandOver) -> Receipt:
    """Accept a hand-over (one then works on it) or send it back, with a reason."""
    offer = work.lock(HandOver, command.hand_over_id)
    ticket = work.lock(Ticket, offer.ticket_id)
    work.authorize(command.action, Subject(teams=frozenset({offer.to_team_id})))
    if offer.state is not HandOverState.OFFERED:
        raise Conflict(N_("This hand-over was answered already."))
    if not command.accept and not command.answer:
        raise Invalid(N_("Say why it goes back."), field="answer")
    offer.state = HandOverState.ACCEPTED if command.accept else HandOverState.SENT_BACK
    offer.answered_by, offer.answered_at, offer.answer = work.actor.id, work.now, command.answer
    if command.accept:
        _goes_to(work, ticket, offer.to_team_id)
        ticket.assignee_id = work.actor.id
    _write(
        work, ticket, EntryKind.HAND_OVER, command.answer, work.now,
        what="accept" if command.accept else "send_back", to=work.actor.name,
    )  # fmt: skip
    return _done(work, command, ticket)


@handles(RecordCallBack)
def record_call_back(work: Work, command: RecordCallBack) -> Receipt:
    """Tell how the call after the solution went: closes the ticket, reopens it, or counts an attempt."""
    ticket = _locked(work, command.ticket_id, command.action)
    if ticket.status is not Status.SOLVED:
        raise Conflict(N_("{ticket} waits for no call-back."), ticket=_label(ticket))
    if command.satisfaction is not None and not 1 <= command.satisfaction <= 5:
        raise Invalid(N_("Satisfaction goes from 1 to 5."), field="satisfaction")
    call = _pending_call_back(work, ticket)
    call.attempts += 1
    _write(
        work,
        ticket,
        EntryKind.CALL_BACK,
        command.comment,
        work.now,
        reached=command.reached,
        solved=command.solved,
        satisfaction=command.satisfaction,
    )
    if command.reached:
        call.done_at, call.done_by, call.solved = work.now, work.actor.id, command.solved
        call.satisfaction, call.comment = command.satisfaction, command.comment
        if command.solved:
            ticket.status, ticket.closed_at = Status.CLOSED, work.now
        clocks.tell(work, ticket, EventKind.FOLLOWED_UP)
        if not command.solved:
            _reopen(work, ticket, command.comment)
    return _done(work, command, ticket)


@handles(GetTicket)
def get_ticket(read: Read, query: GetTicket) -> TicketView:
    """Everything about one ticket. Raises NotFound."""
    view = load_ticket(read.session, read.actor, ticket_id=query.ticket_id, number=query.number)
    if view is None:
        raise NotFound(N_("There is no such ticket."), hint=N_("Search for the customer with /."))
    return view


# What the use cases share ---------------------------------------------------------------------------------------------


def subject_of(ticket: Ticket) -> Subject:
    """Whose a ticket is: its owner's and its assignee's, and its desk's."""
    people = frozenset(p for p in (ticket.owner_id, ticket.assignee_id) if p)
    return Subject(people=people, teams=frozenset({ticket.team_id} if ticket.team_id else ()))


def _locked(work: Work, ticket_id: UUID, action: str) -> Ticket:
    ticket = work.lock(Ticket, ticket_id)
    work.authorize(action, subject_of(ticket))
    return ticket


def _done(work: Work, command: Command, ticket: Ticket) -> Receipt:
    work.customer_id = ticket.customer_id
    work.record(command.action, "ticket", ticket, ticket_id=ticket.id)
    return Receipt("ticket", ticket.id, _label(ticket), 0, ticket.id)


def _label(ticket: Ticket) -> str:
    return f"T-{ticket.number}"


def _when(work: Work, occurred_at: datetime | None) -> datetime:
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


def _require_open(ticket: Ticket) -> None:
    if not ticket.is_open:
        raise Conflict(
            N_("{ticket} is not open any more."), hint=N_("Reopen it if the fault is back."), ticket=_label(ticket)
        )


def _taken(work: Work, ticket: Ticket) -> Conflict:
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
        ticket=_label(ticket),
        who=taker or "?",
        at=since or ticket.opened_at,
    )


def _active_agent(work: Work, agent_id: UUID) -> Agent:
    agent = work.session.get(Agent, agent_id)
    if agent is None or not agent.active:
        raise NotFound(N_("Nobody of that name works here."), field="agent_id")
    return agent


_CUSTOMER_NAME = select(table(Customer).c.name).where(table(Customer).c.id == bindparam("customer"))
_MACHINE_OF = select(table(Machine).c.customer_id).where(table(Machine).c.id == bindparam("machine"))


def _customer_name(work: Work, customer_id: UUID | None) -> str:
    """The name of a ticket's customer. Raises NotFound for a customer that is not there."""
    if customer_id is None:
        return ""
    name = work.session.connection().execute(_CUSTOMER_NAME, {"customer": customer_id}).scalar()
    if name is None:
        raise NotFound(N_("There is no such customer."), field="customer_id")
    return str(name)


def _check_machine(work: Work, machine_id: UUID | None, customer_id: UUID | None) -> None:
    if machine_id is None:
        return
    holder = work.session.connection().execute(_MACHINE_OF, {"machine": machine_id}).scalar()
    if holder is None or holder != customer_id:
        raise Invalid(N_("This machine belongs to another customer."), field="machine_id")


def _pending_call_back(work: Work, ticket: Ticket) -> CallBack:
    c = table(CallBack).c
    found = work.session.execute(
        select(c.id).where(c.ticket_id == ticket.id, c.done_at.is_(None)).order_by(c.due_at.desc()).limit(1)
    ).scalar()
    if found:
        return work.lock(CallBack, found)
    call = CallBack(ticket_id=ticket.id, due_at=(ticket.solved_at or work.now) + FOLLOW_UP)
    work.add(call)
    return call


def _settle_call_back(work: Work, ticket: Ticket, *, solved: bool | None) -> None:
    c = table(CallBack).c
    for found in work.session.execute(select(c.id).where(c.ticket_id == ticket.id, c.done_at.is_(None))).scalars():
        call = work.lock(CallBack, found)
        call.done_at, call.done_by, call.solved = work.now, work.actor.id, solved


def _write(
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
        _index(work, ticket, new=True)
    elif text:
        search.put(work.session, search.ENTRY, entry.id, [text], new=True)
    return entry


def _index(work: Work, ticket: Ticket, *, new: bool = False) -> None:
    customer = _customer_name(work, ticket.customer_id)
    words = [ticket.subject, ticket.description, ticket.product, ticket.fault, ticket.resolution, customer]
    search.put(work.session, search.TICKET, ticket.id, words, new=new)


# For services that let something happen on a ticket in the course of their own use case.
index, locked, receipt, when, write_line, LIVE = _index, _locked, _done, _when, _write, _LIVE
active_agent, goes_to = _active_agent, _goes_to

__all__ = [
    "LIVE", "MEANS", "active_agent", "goes_to", "index", "locked", "open_ticket", "receipt", "subject_of", "tell_words",
    "when", "write_line",
]  # fmt: skip
