"""What people do with a ticket, from the call to the call-back."""

from datetime import datetime, timedelta

from sqlalchemy import select

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Subject
from deskapp.domain.sla import ClockEvent, EventKind
from deskapp.domain.terms import EntryKind, Grade, HandOverState, Status
from deskapp.domain.views import TicketView
from deskapp.models.base import table
from deskapp.models.people import Team
from deskapp.models.ticket import CallBack, HandOver, Ticket
from deskapp.services import clocks, notices
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
from deskapp.services.ticket_kit import (
    active_agent,
    check_machine,
    goes_to,
    index,
    label_of,
    locked,
    receipt,
    require_open,
    taken,
    when,
    write_line,
)
from deskapp.store.queue import OPEN
from deskapp.store.tickets import load_ticket

FOLLOW_UP = timedelta(hours=24)
"""How soon after a solution the customer is called back where the policy promises nothing."""


@handles(OpenTicket)
def open_ticket(work: Work, command: OpenTicket) -> Receipt:
    """Record a case; the one who opens it owns it and works on it."""
    work.authorize(command.action)
    happened = when(work, command.occurred_at)
    check_machine(work, command.machine_id, command.customer_id)
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
        first_response_at=happened if command.channel.is_live else None,
        queue_at=happened,
    )
    live = command.channel.is_live
    clocks.open_clocks(work, ticket, happened, arrived_at=command.arrived_at, outcome=command.outcome, spoken=live)
    ticket.number = work.next_number("ticket")
    said = EntryKind.CALL_IN if live else EntryKind.MESSAGE_IN
    work.add(ticket)
    write_line(work, ticket, said, command.description or command.subject, happened, first=True)
    if ticket.grade is Grade.RED:
        notices.tell_red(work, ticket)
    done = receipt(work, command, ticket)
    join(work, ticket)
    return done


@handles(AddEntry)
def add_entry(work: Work, command: AddEntry) -> Receipt:
    """Write a line into the timeline; words that reach the customer answer a first response."""
    ticket = locked(work, command.ticket_id, command.action)
    happened = when(work, command.occurred_at)
    if command.kind not in _WRITABLE:
        raise Invalid(N_("Such a line is written by the desk itself."), field="kind")
    write_line(work, ticket, command.kind, command.text, happened)
    tell_words(work, ticket, command.kind, happened)
    return receipt(work, command, ticket)


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
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    if ticket.assignee_id == work.actor.id:
        return receipt(work, command, ticket)
    if ticket.assignee_id is not None:
        raise taken(work, ticket)
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
    write_line(work, ticket, EntryKind.ASSIGNMENT, "", work.now, what="claim", to=work.actor.name)
    return receipt(work, command, ticket)


@handles(ReleaseTicket)
def release_ticket(work: Work, command: ReleaseTicket) -> Receipt:
    """Put a ticket back for others to claim; its owner stays."""
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    ticket.assignee_id = None
    write_line(work, ticket, EntryKind.ASSIGNMENT, command.reason, work.now, what="release")
    return receipt(work, command, ticket)


@handles(AssignTicket)
def assign_ticket(work: Work, command: AssignTicket) -> Receipt:
    """Give a ticket to somebody; it goes to their desk."""
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    agent = active_agent(work, command.agent_id)
    ticket.owner_id = ticket.owner_id or agent.id
    goes_to(work, ticket, agent.team_id or ticket.team_id)
    ticket.assignee_id = agent.id
    write_line(work, ticket, EntryKind.ASSIGNMENT, command.reason, work.now, what="assign", to=agent.name)
    return receipt(work, command, ticket)


@handles(MoveOwner)
def move_owner(work: Work, command: MoveOwner) -> Receipt:
    """Give the first-contact ownership to somebody else."""
    ticket = locked(work, command.ticket_id, command.action)
    agent = active_agent(work, command.agent_id)
    ticket.owner_id = agent.id
    write_line(work, ticket, EntryKind.ASSIGNMENT, command.reason, work.now, what="owner", to=agent.name)
    return receipt(work, command, ticket)


@handles(EditTicket)
def edit_ticket(work: Work, command: EditTicket) -> Receipt:
    """Correct what the ticket says; only what is given is changed."""
    ticket = locked(work, command.ticket_id, command.action)
    work.expect(ticket, command.version)
    check_machine(work, command.machine_id, command.customer_id or ticket.customer_id)
    for name in ("subject", "description", "product", "fault", "machine_id", "customer_id"):
        if value := getattr(command, name):
            setattr(ticket, name, value)
    index(work, ticket)
    done = receipt(work, command, ticket)
    join(work, ticket)
    return done


@handles(RegradeTicket)
def regrade_ticket(work: Work, command: RegradeTicket) -> Receipt:
    """Change grade or priority; the promise follows, used time carries over."""
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    before = (ticket.grade, ticket.priority)
    ticket.grade, ticket.priority = command.grade or ticket.grade, command.priority or ticket.priority
    if (ticket.grade, ticket.priority) == before:
        raise Invalid(N_("Grade and priority are that already."), field="grade")
    clocks.change_facts(work, ticket)
    if ticket.grade is Grade.RED and before[0] is not Grade.RED:
        notices.tell_red(work, ticket)
    write_line(
        work, ticket, EntryKind.STATUS, command.reason, work.now,
        what="regrade", grade=ticket.grade.value, priority=ticket.priority.value,
    )  # fmt: skip
    return receipt(work, command, ticket)


@handles(PauseTicket)
def pause_ticket(work: Work, command: PauseTicket) -> Receipt:
    """Wait for somebody else, with the day it should go on."""
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    if command.until <= work.now:
        raise Invalid(N_("The time to go on must lie ahead."), field="until")
    ticket.status, ticket.pause_reason, ticket.paused_until = Status.PAUSED, command.reason, command.until
    clocks.tell(work, ticket, EventKind.PAUSED, reason=command.reason.value, back_at=command.until)
    write_line(
        work, ticket, EntryKind.STATUS, command.text, work.now,
        what="pause", reason=command.reason.value, until=command.until.isoformat(),
    )  # fmt: skip
    return receipt(work, command, ticket)


@handles(ResumeTicket)
def resume_ticket(work: Work, command: ResumeTicket) -> Receipt:
    """Go on with a paused ticket."""
    ticket = locked(work, command.ticket_id, command.action)
    if ticket.status is not Status.PAUSED:
        raise Conflict(N_("{ticket} is not paused."), ticket=label_of(ticket))
    ticket.status, ticket.pause_reason, ticket.paused_until = Status.OPEN, None, None
    clocks.tell(work, ticket, EventKind.RESUMED)
    write_line(work, ticket, EntryKind.STATUS, command.text, work.now, what="resume")
    return receipt(work, command, ticket)


@handles(SolveTicket)
def solve_ticket(work: Work, command: SolveTicket) -> Receipt:
    """Say how it was solved; a call-back falls due."""
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    happened = when(work, command.occurred_at)
    ticket.status, ticket.solved_at, ticket.resolution = Status.SOLVED, happened, command.resolution
    ticket.pause_reason = ticket.paused_until = None
    book = clocks.tell(work, ticket, EventKind.RESOLVED, happened)
    work.add(CallBack(ticket_id=ticket.id, due_at=clocks.follow_up_due(book) or happened + FOLLOW_UP))
    write_line(work, ticket, EntryKind.STATUS, command.resolution, happened, what="solve")
    index(work, ticket)
    return receipt(work, command, ticket)


@handles(ReopenTicket)
def reopen_ticket(work: Work, command: ReopenTicket) -> Receipt:
    """Go on with the same fault; what was promised before goes on, the gap is not counted."""
    ticket = locked(work, command.ticket_id, command.action)
    if ticket.is_open:
        raise Conflict(N_("{ticket} is open."), ticket=label_of(ticket))
    if ticket.status is Status.CANCELLED:
        raise Conflict(
            N_("{ticket} was cancelled."),
            hint=N_("Open a new ticket; the customer's history links them."),
            ticket=label_of(ticket),
        )
    _reopen(work, ticket, command.reason, same_fault=command.same_fault)
    return receipt(work, command, ticket)


def _reopen(work: Work, ticket: Ticket, reason: str, *, same_fault: bool = True) -> None:
    ticket.status, ticket.reopened = Status.OPEN, ticket.reopened + 1
    ticket.solved_at = ticket.closed_at = None
    _settle_call_back(work, ticket, solved=False)
    clocks.tell(work, ticket, EventKind.REOPENED, same_fault=same_fault)
    write_line(work, ticket, EntryKind.STATUS, reason, work.now, what="reopen")


@handles(CloseTicket)
def close_ticket(work: Work, command: CloseTicket) -> Receipt:
    """End a solved ticket without a call-back."""
    ticket = locked(work, command.ticket_id, command.action)
    if ticket.status is not Status.SOLVED:
        raise Conflict(N_("Only a solved ticket can be closed."), hint=N_("Solve it first."))
    ticket.status, ticket.closed_at = Status.CLOSED, work.now
    _settle_call_back(work, ticket, solved=None)
    clocks.tell(work, ticket, EventKind.CLOSED)
    write_line(work, ticket, EntryKind.STATUS, command.reason, work.now, what="close")
    return receipt(work, command, ticket)


@handles(CancelTicket)
def cancel_ticket(work: Work, command: CancelTicket) -> Receipt:
    """End a ticket that should not be one."""
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    ticket.status, ticket.closed_at = Status.CANCELLED, work.now
    clocks.tell(work, ticket, EventKind.CANCELLED)
    write_line(work, ticket, EntryKind.STATUS, command.reason, work.now, what="cancel")
    return receipt(work, command, ticket)


@handles(OfferHandOver)
def offer_hand_over(work: Work, command: OfferHandOver) -> Receipt:
    """Ask another desk; until it accepts, the ticket stays where it is, and the owner stays in any case."""
    ticket = locked(work, command.ticket_id, command.action)
    require_open(ticket)
    team = work.session.get(Team, command.to_team_id)
    if team is None or not team.active:
        raise NotFound(N_("There is no such desk."), field="to_team_id")
    if team.id == ticket.team_id:
        raise Invalid(N_("{ticket} is at that desk already."), field="to_team_id", ticket=label_of(ticket))
    if command.due_at and command.due_at <= work.now:
        raise Invalid(N_("The deadline must lie ahead."), field="due_at")
    h = table(HandOver).c
    pending = work.session.execute(
        select(h.id).where(h.ticket_id == ticket.id, h.state == HandOverState.OFFERED)
    ).scalar()
    if pending:
        raise Conflict(N_("{ticket} is offered to a desk already."), ticket=label_of(ticket))
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
    write_line(
        work, ticket, EntryKind.HAND_OVER, command.asked, work.now,
        what="offer", to=team.name, due=command.due_at.isoformat() if command.due_at else "",
    )  # fmt: skip
    return receipt(work, command, ticket)


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
        goes_to(work, ticket, offer.to_team_id)
        ticket.assignee_id = work.actor.id
    write_line(
        work, ticket, EntryKind.HAND_OVER, command.answer, work.now,
        what="accept" if command.accept else "send_back", to=work.actor.name,
    )  # fmt: skip
    return receipt(work, command, ticket)


@handles(RecordCallBack)
def record_call_back(work: Work, command: RecordCallBack) -> Receipt:
    """Tell how the call after the solution went: closes the ticket, reopens it, or counts an attempt."""
    ticket = locked(work, command.ticket_id, command.action)
    if ticket.status is not Status.SOLVED:
        raise Conflict(N_("{ticket} waits for no call-back."), ticket=label_of(ticket))
    if command.satisfaction is not None and not 1 <= command.satisfaction <= 5:
        raise Invalid(N_("Satisfaction goes from 1 to 5."), field="satisfaction")
    call = _pending_call_back(work, ticket)
    call.attempts += 1
    write_line(
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
    return receipt(work, command, ticket)


@handles(GetTicket)
def get_ticket(read: Read, query: GetTicket) -> TicketView:
    """Everything about one ticket. Raises NotFound."""
    view = load_ticket(read.session, read.actor, ticket_id=query.ticket_id, number=query.number)
    if view is None:
        raise NotFound(N_("There is no such ticket."), hint=N_("Search for the customer with /."))
    return view


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
