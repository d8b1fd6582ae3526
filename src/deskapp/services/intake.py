"""Take a call: customer, machine, preference and ticket in one piece."""

from uuid import UUID, uuid5

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.terms import EntryKind
from deskapp.services import customers, tickets
from deskapp.services.desk import Work, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.customers import AddPreference, CreateCustomer, SaveMachine
from deskapp.services.requests.intake import TakeCall
from deskapp.services.requests.tickets import AddEntry, OpenTicket


@handles(TakeCall)
def take_call(work: Work, call: TakeCall) -> Receipt:
    """Store all of a call or nothing of it. Raises Invalid when neither a customer nor a name or number is given."""
    customer_id = call.customer_id or _new_customer(work, call)
    machine_id = call.machine_id or _new_machine(work, call, customer_id)
    receipt = tickets.open_ticket(
        work,
        OpenTicket(
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
        ),
    )
    work.flush()
    if call.note:
        note = AddEntry(submission_id=_part(call, "note"), ticket_id=receipt.id, kind=EntryKind.NOTE, text=call.note)
        tickets.add_entry(work, note)
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
    )
    customers.save_machine(work, machine)
    work.flush()
    return machine.submission_id


def _part(call: TakeCall, name: str) -> UUID:
    # Derived, so that the same call sent again names the same rows.
    return uuid5(call.submission_id, name)
