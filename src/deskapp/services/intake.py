"""Take a call: customer, machine, preference, ticket, what was asked and the visit in one piece."""

from uuid import UUID, uuid5

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.terms import ContactKind, EntryKind, Grade
from deskapp.models.ticket import Ticket
from deskapp.services import clocks, customers, guided, ticket_kit, tickets, visits
from deskapp.services.desk import Work, handles
from deskapp.services.incident_links import join
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.customers import AddPreference, CreateCustomer, SaveMachine
from deskapp.services.requests.intake import ContinueTicket, RaiseRed, TakeCall
from deskapp.services.requests.tickets import OpenTicket
from deskapp.services.requests.visits import BookVisit


@handles(TakeCall)
def take_call(work: Work, call: TakeCall) -> Receipt:
    """Store all of a call or nothing of it. Raises Invalid when neither a customer nor a name or number is given."""
    work.authorize(call.action)
    understood = guided.understand(work, call.guided) if call.guided else None
    if understood:
        call = guided.completed(call, understood)
    customer_id = call.customer_id or _new_customer(work, call)
    if call.customer_id and understood:
        _new_contacts(work, call, call.customer_id)
    machine_id = call.machine_id or _new_machine(work, call, customer_id)
    raised = work.session.get(Ticket, call.submission_id)
    if raised and raised.owner_id != work.actor.id:
        raise Conflict(N_("This call was recorded already."))
    # What the agent decides stands over the promise that the flow ends with.
    promise = understood.outcome.sla if understood and understood.outcome and not understood.call.grade else ""
    store = _complete if raised else _open
    receipt = store(work, call, customer_id, machine_id, promise)
    work.flush()
    ticket = work.lock(Ticket, receipt.id)
    for said in call.notes:
        ticket_kit.write_line(work, ticket, EntryKind.NOTE, said.text, min(said.at, work.now))
    if call.note:
        ticket_kit.write_line(work, ticket, EntryKind.NOTE, call.note, work.now)
    if understood:
        guided.store(work, ticket, understood)
        guided.remember(work, customer_id, understood)
    if call.visit:
        skill = understood.outcome.skill or "" if understood and understood.outcome else ""
        work.flush()
        visits.book(
            work,
            ticket,
            BookVisit(
                submission_id=_part(call, "visit"), ticket_id=ticket.id, starts_at=call.visit.starts_at,
                ends_at=call.visit.ends_at, skill=skill, despite=call.visit.despite,
            ),
        )  # fmt: skip
    if call.remember:
        customers.add_preference(
            work,
            AddPreference(
                submission_id=_part(call, "preference"),
                customer_id=customer_id,
                kind=call.remember_kind,
                text=call.remember,
                source="call",
                valid_until=call.remember_until,
            ),
        )
    return receipt


@handles(RaiseRed)
def raise_red(work: Work, command: RaiseRed) -> Receipt:
    """Put a red ticket on the desk while the call goes on; a second time does nothing."""
    work.authorize(command.action)
    there = work.session.get(Ticket, command.call_id)
    if there is not None:
        return Receipt("ticket", there.id, f"T-{there.number}", 0, there.id)
    reach = "  ".join(filter(None, (command.phone, command.address)))
    opening = OpenTicket(
        submission_id=command.call_id, customer_id=command.customer_id, grade=Grade.RED, subject=command.subject,
        description="\n".join(filter(None, (command.description, reach)))[:8000], product=command.product,
    )  # fmt: skip
    receipt = tickets.open_ticket(work, opening)
    work.flush()
    ticket = work.lock(Ticket, receipt.id)
    ticket_kit.write_line(work, ticket, EntryKind.OUTCOME, "", work.now, what="raise_red")
    return receipt


@handles(ContinueTicket)
def continue_ticket(work: Work, command: ContinueTicket) -> Receipt:
    """Write the contact down; it answers no promise by itself. Raises NotFound."""
    ticket = ticket_kit.locked(work, command.ticket_id, command.action)
    kind = EntryKind.CALL_IN if command.channel.is_live else EntryKind.MESSAGE_IN
    ticket_kit.write_line(work, ticket, kind, command.text, work.now, what="again")
    tickets.tell_words(work, ticket, kind, work.now)
    return ticket_kit.receipt(work, command, ticket)


def _open(work: Work, call: TakeCall, customer_id: UUID, machine_id: UUID | None, promise: str) -> Receipt:
    opening = OpenTicket(
        submission_id=call.submission_id,
        customer_id=customer_id,
        machine_id=machine_id,
        channel=call.channel,
        grade=call.grade,
        priority=call.priority,
        subject=call.subject,
        description=call.description,
        product=call.product,
        fault=call.fault,
        occurred_at=call.occurred_at,
        arrived_at=call.arrived_at,
        outcome=promise or "",
    )
    return tickets.open_ticket(work, opening)


def _complete(work: Work, call: TakeCall, customer_id: UUID, machine_id: UUID | None, promise: str) -> Receipt:
    """Fill in the ticket that an emergency opened during this call; it stays red."""
    ticket = ticket_kit.locked(work, call.submission_id, call.action)
    ticket.customer_id, ticket.machine_id = customer_id, machine_id
    ticket.channel, ticket.priority, ticket.subject = call.channel, call.priority, call.subject
    ticket.description = call.description or ticket.description
    ticket.product, ticket.fault = call.product, call.fault
    ticket_kit.index(work, ticket)
    clocks.change_facts(work, ticket, outcome=promise or "")
    receipt = ticket_kit.receipt(work, call, ticket)
    join(work, ticket)
    return receipt


def _new_contacts(work: Work, call: TakeCall, customer_id: UUID) -> None:
    """A known customer who gives another number or address: it joins the file."""
    for kind, raw in ((ContactKind.PHONE, call.phone), (ContactKind.ADDRESS, call.address)):
        if raw and not customers.has_contact(work, customer_id, kind, raw):
            customers.add_spoken_contact(work, customer_id, kind, raw)


def _new_customer(work: Work, call: TakeCall) -> UUID:
    name = call.name or call.phone
    if not name:
        raise Invalid(N_("Who is calling?"), hint=N_("Type a number or a name."), field="who")
    created = customers.create_customer(
        work,
        CreateCustomer(
            submission_id=_part(call, "customer"),
            name=name,
            phone=call.phone,
            address=call.address,
            language=call.language,
        ),
    )
    work.flush()
    return created.id


def _new_machine(work: Work, call: TakeCall, customer_id: UUID) -> UUID | None:
    # A product alone names what the case is about; a model or a serial number makes it a machine to remember.
    if not call.product or not (call.model or call.serial):
        return None
    machine = SaveMachine(
        submission_id=_part(call, "machine"),
        customer_id=customer_id,
        product=call.product,
        model=call.model,
        serial=call.serial,
        bought_on=call.bought_on,
    )
    customers.save_machine(work, machine)
    work.flush()
    return machine.submission_id


def _part(call: TakeCall, name: str) -> UUID:
    # Derived, so that the same call sent again names the same rows.
    return uuid5(call.submission_id, name)
