"""Two tickets are one case: one goes into the other, with its promises, visits and what was told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.sla import EventKind
from deskapp.domain.terms import EntryKind, Grade, HandOverState, Priority, Status
from deskapp.models.base import table
from deskapp.models.incident import MassFaultTicket
from deskapp.models.shift import TicketMerge
from deskapp.models.ticket import Appointment, HandOver, Ticket
from deskapp.services import clocks, notices
from deskapp.services.clock_rules import in_force
from deskapp.services.desk import Work, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.merging import MergeTicket
from deskapp.services.ticket_kit import locked, receipt, write_line

_TO_COME = ("booked", "moved")
_RISING = tuple(Priority)


@handles(MergeTicket)
def merge_ticket(work: Work, command: MergeTicket) -> Receipt:
    """End a ticket in another one. Raises Conflict where they are of different customers, or one is not open."""
    # In one order whichever goes into which, so that two never wait for each other.
    for key in sorted({command.ticket_id, command.target_id}):
        work.lock(Ticket, key)
    source = locked(work, command.ticket_id, command.action)
    target = work.lock(Ticket, command.target_id)
    _check(source, target)
    merge = TicketMerge(source_id=source.id, target_id=target.id, at=work.now, by_id=work.actor.id)
    work.add(merge)
    answered = _first_answer(work, source, target)
    _take_the_graver(work, source, target)
    source.status, source.closed_at, source.pause_reason, source.paused_until = Status.CANCELLED, work.now, None, None
    clocks.merge_clocks(work, source, target)
    if answered is not None:
        book = clocks.tell(work, target, EventKind.CONTACT, answered)
        target.first_response_at = book.marks.contacted
    _withdraw_offers(work, source)
    _move_visits(work, source, target)
    _link_mass_faults(work, source, target)
    target.customer_id = target.customer_id or source.customer_id
    for ticket, what, other in ((source, "merged_into", target), (target, "took_in", source)):
        write_line(work, ticket, EntryKind.STATUS, command.reason, work.now, what=what, other=f"T-{other.number}")
    done = receipt(work, command, source)
    work.record(command.action, "ticket", target, ticket_id=target.id)
    return done


def _check(source: Ticket, target: Ticket) -> None:
    names = {"source": f"T-{source.number}", "target": f"T-{target.number}"}
    if source.id == target.id:
        raise Invalid(N_("A ticket cannot go into itself."), field="target_id")
    for ticket in (source, target):
        if not ticket.is_open:
            raise Conflict(
                N_("{ticket} is not open any more."), hint=N_("Only two open tickets become one."),
                ticket=f"T-{ticket.number}",
            )  # fmt: skip
    if source.customer_id and target.customer_id and source.customer_id != target.customer_id:
        raise Conflict(
            N_("{source} and {target} are of different customers."),
            hint=N_("Is it one person with two files? Merge the files first. The same fault of many is a mass fault."),
            **names,
        )


def _take_the_graver(work: Work, source: Ticket, target: Ticket) -> None:
    """An emergency stays one, whichever of the two was graded so."""
    grade = min(source.grade, target.grade, key=lambda grade: grade.rank)
    priority = max(source.priority, target.priority, key=_RISING.index)
    if (grade, priority) == (target.grade, target.priority):
        return
    turns_red = grade is Grade.RED and target.grade is not Grade.RED
    target.grade, target.priority = grade, priority
    clocks.change_facts(work, target)
    if turns_red:
        notices.tell_red(work, target)


def _first_answer(work: Work, source: Ticket, target: Ticket) -> datetime | None:
    """When the customer was spoken with on the one ticket, where the other still waits for it."""
    if source.first_response_at is None or target.first_response_at is not None:
        return None
    limit = in_force(work.session.connection(), work.now, by=work.actor.id).policy.late_entry
    return max(source.first_response_at, target.opened_at, work.now - limit)


def _withdraw_offers(work: Work, source: Ticket) -> None:
    h = table(HandOver).c
    pending = select(h.id).where(h.ticket_id == source.id, h.state == HandOverState.OFFERED)
    for key in work.session.execute(pending).scalars().all():
        offer = work.lock(HandOver, key)
        offer.state, offer.answered_by, offer.answered_at = HandOverState.WITHDRAWN, work.actor.id, work.now


def _move_visits(work: Work, source: Ticket, target: Ticket) -> None:
    a = table(Appointment).c
    to_come = select(a.id).where(a.ticket_id == source.id, a.state.in_(_TO_COME))
    found = work.session.execute(to_come).scalars().all()
    for key in found:
        work.lock(Appointment, key).ticket_id = target.id
    if found:
        clocks.tell(work, target, EventKind.BOOKED)


def _link_mass_faults(work: Work, source: Ticket, target: Ticket) -> None:
    link = table(MassFaultTicket).c

    def of(ticket_id: UUID) -> set[UUID]:
        query = select(link.mass_fault_id).where(link.ticket_id == ticket_id)
        return set(work.session.execute(query).scalars())

    for fault in of(source.id) - of(target.id):
        work.add(MassFaultTicket(mass_fault_id=fault, ticket_id=target.id, linked_at=work.now))


__all__ = ["merge_ticket"]
