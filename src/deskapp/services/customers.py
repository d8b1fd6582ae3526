"""The customer file: found by whatever is said, kept with its history."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.terms import ContactKind
from deskapp.domain.views import CustomerBrief, CustomerView
from deskapp.models.base import table
from deskapp.models.customer import Contact, Customer, Machine, Preference
from deskapp.services.desk import Read, Work, handles
from deskapp.services.normal import DEFAULT_REGION, name_keys, phone, serial_key, typed_number
from deskapp.services.region import region_of
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.customers import (
    AddContact,
    AddPreference,
    CreateCustomer,
    EditCustomer,
    EndContact,
    EndPreference,
    FindCustomers,
    GetCustomer,
    PinPreference,
    SaveMachine,
)
from deskapp.store import customers as store
from deskapp.store import search

_MOST_MATCHES = 100
_FEWEST_DIGITS = 4
_FILE_NUMBER = re.compile(r"[cC]-?(\d{1,9})")
_YEARS_BACK = timedelta(days=366 * 60)


@handles(FindCustomers)
def find_customers(read: Read, query: FindCustomers) -> tuple[CustomerBrief, ...]:
    """Matches for what was typed; none before the fourth digit of a number or the first letter of a name."""
    said = _said(query.text, region_of(read.session))
    found = store.matches(read.session, said, max(1, min(query.limit, _MOST_MATCHES)))
    return store.briefs(read.session, read.actor, found, said)


@handles(GetCustomer)
def get_customer(read: Read, query: GetCustomer) -> CustomerView:
    """The customer file. Raises NotFound."""
    view = store.load_customer(read.session, read.actor, query.customer_id)
    if view is None:
        raise NotFound(N_("There is no such customer."))
    return view


@handles(CreateCustomer)
def create_customer(work: Work, command: CreateCustomer) -> Receipt:
    """Open a file. A number that somebody has already is no obstacle: families share one."""
    work.authorize(command.action)
    customer = new_customer(command.submission_id, command.name, work.now, language=command.language)
    contacts = [
        new_contact(customer.id, kind, raw, region=region_of(work.session))
        for kind, raw in (
            (ContactKind.PHONE, command.phone),
            (ContactKind.ADDRESS, command.address),
            (ContactKind.EMAIL, command.email),
        )
        if raw
    ]
    customer.number = work.next_number("customer")
    work.add(customer, *contacts)
    reindex(work, customer, contacts)
    return done(work, command.action, customer)


@handles(EditCustomer)
def edit_customer(work: Work, command: EditCustomer) -> Receipt:
    """Change name, language or tags."""
    work.authorize(command.action)
    customer = live(work, command.customer_id)
    work.expect(customer, command.version)
    _name(customer, command.name)
    customer.language, customer.tags = command.language, command.tags
    reindex(work, customer)
    return done(work, command.action, customer)


@handles(AddContact)
def add_contact(work: Work, command: AddContact) -> Receipt:
    """Add a way to reach the customer."""
    work.authorize(command.action)
    customer = live(work, command.customer_id)
    contact = new_contact(customer.id, command.kind, command.raw, command.label, region=region_of(work.session))
    if contact.kind is ContactKind.PHONE and not contact.digits:
        raise Invalid(N_("A telephone number has digits."), field="raw")
    work.add(contact)
    reindex(work, customer, [contact])
    return done(work, command.action, customer)


@handles(EndContact)
def end_contact(work: Work, command: EndContact) -> Receipt:
    """Say that a contact is no longer good."""
    work.authorize(command.action)
    contact = work.lock(Contact, command.contact_id)
    if contact.ended_at:
        raise Conflict(N_("That was ended already."))
    contact.ended_at = work.now
    customer = live(work, contact.customer_id)
    work.flush()
    reindex(work, customer)
    return done(work, command.action, customer)


@handles(SaveMachine)
def save_machine(work: Work, command: SaveMachine) -> Receipt:
    """Add a machine, or change what is known of it."""
    work.authorize(command.action)
    customer = live(work, command.customer_id)
    today = work.now.date()
    if command.bought_on and not today - _YEARS_BACK <= command.bought_on <= today + timedelta(days=1):
        raise Invalid(N_("That day of purchase cannot be."), field="bought_on")
    if command.machine_id:
        machine = work.lock(Machine, command.machine_id)
        work.expect(machine, command.version)
        if machine.customer_id != customer.id:
            raise Invalid(N_("This machine belongs to another customer."), field="machine_id")
    else:
        machine = Machine(id=command.submission_id, customer_id=customer.id, product=command.product)
    machine.product, machine.model, machine.place = command.product, command.model, command.place
    machine.serial, machine.serial_key = command.serial, serial_key(command.serial)
    machine.bought_on, machine.warranty_until = command.bought_on, command.warranty_until
    work.add(machine)
    work.customer_id = customer.id
    work.record(command.action, "machine", machine)
    return Receipt("machine", machine.id, machine.product, 0)


@handles(AddPreference)
def add_preference(work: Work, command: AddPreference) -> Receipt:
    """Remember how the customer wants to be served, with consent; a correction ends what it replaces."""
    work.authorize(command.action)
    customer = live(work, command.customer_id)
    if not command.consent:
        raise Invalid(
            N_("Without the customer's consent nothing is remembered."), hint=N_("Ask first."), field="consent"
        )
    if command.valid_until and command.valid_until < work.now.date() - timedelta(days=1):
        raise Invalid(N_("That day has passed."), field="valid_until")
    preference = Preference(
        id=command.submission_id,
        customer_id=customer.id,
        kind=command.kind,
        text=command.text,
        source=command.source,
        consent=command.consent,
        recorded_by=work.actor.id,
        recorded_at=work.now,
        valid_until=command.valid_until,
        pinned=command.pinned,
        replaces=command.replaces,
    )
    if command.replaces:
        former = work.lock(Preference, command.replaces)
        if former.customer_id != customer.id:
            raise Invalid(N_("This preference belongs to another customer."), field="replaces")
        if former.ended_at:
            raise Conflict(N_("That was ended already."))
        former.ended_at, former.ended_by = work.now, work.actor.id
    work.add(preference)
    return done(work, command.action, customer)


@handles(EndPreference)
def end_preference(work: Work, command: EndPreference) -> Receipt:
    """Say that a preference holds no more."""
    work.authorize(command.action)
    preference = work.lock(Preference, command.preference_id)
    if preference.ended_at:
        raise Conflict(N_("That was ended already."))
    preference.ended_at, preference.ended_by = work.now, work.actor.id
    return done(work, command.action, live(work, preference.customer_id))


@handles(PinPreference)
def pin_preference(work: Work, command: PinPreference) -> Receipt:
    """Show a preference first, or no longer."""
    work.authorize(command.action)
    preference = work.lock(Preference, command.preference_id)
    preference.pinned = command.pinned
    return done(work, command.action, live(work, preference.customer_id))


def _said(text: str, region: str) -> store.Said:
    typed = sum(character.isdigit() for character in text)
    if number := typed_number(text, region):
        serial = serial_key(text) if text.isascii() else ""
        return (
            store.Said(first=number.first, last=number.last, serial=serial) if typed >= _FEWEST_DIGITS else store.Said()
        )
    if not text or text.isdigit():
        return store.Said()
    keys, own = name_keys(text), _FILE_NUMBER.fullmatch(text)
    return store.Said(
        number=int(own[1]) if own else 0,
        name_key=keys.key,
        reading=text.casefold().replace(" ", "") if text.isascii() else "",
        serial=serial_key(text) if text.isascii() else "",
        words=text,
    )


# What other services make customers with ------------------------------------------------------------------------------


def live(work: Work, customer_id: UUID) -> Customer:
    """A file to change, locked. Raises Conflict for one that was merged or erased."""
    customer = work.lock(Customer, customer_id)
    if customer.merged_into or customer.erased_at:
        raise Conflict(N_("This file was merged or erased."), hint=N_("Search for the customer again."))
    return customer


def done(work: Work, action: str, customer: Customer) -> Receipt:
    """Record what was done with a file, and confirm it."""
    work.customer_id = customer.id
    work.record(action, "customer", customer)
    return Receipt("customer", customer.id, customer.name, 0)


def new_customer(customer_id: UUID, name: str, now: datetime, *, language: str = "", number: int = 0) -> Customer:
    """A customer row with the keys of its name; the caller gives it a number and adds it."""
    now = now.astimezone(UTC)
    customer = Customer(id=customer_id, number=number, name=name, language=language, since=now.date(), created_at=now)
    _name(customer, name)
    return customer


def new_contact(
    customer_id: UUID, kind: ContactKind, raw: str, label: str = "", *, region: str = DEFAULT_REGION
) -> Contact:
    """A contact row in normal form, a number as said in `region`; an odd one is kept by its digits, never refused."""
    if kind is not ContactKind.PHONE:
        value = raw.casefold() if kind is ContactKind.EMAIL else raw
        return Contact(customer_id=customer_id, kind=kind, raw=raw, value=value, label=label)
    number = phone(raw, region)
    return Contact(
        customer_id=customer_id,
        kind=kind,
        raw=raw,
        value=number.value,
        extension=number.extension,
        digits=number.digits[:20],
        digits_reversed=number.digits[::-1][:20],
        label=label,
    )


def wishes_of(work: Work, customer_id: UUID) -> set[str]:
    """What is remembered of a customer now, in words."""
    p = table(Preference).c
    kept = select(p.text).where(p.customer_id == customer_id, p.ended_at.is_(None))
    return set(work.session.execute(kept).scalars())


def has_contact(work: Work, customer_id: UUID, kind: ContactKind, raw: str) -> bool:
    """Whether the file has this number or address, however it was written."""
    c, wanted = table(Contact).c, new_contact(customer_id, kind, raw, region=region_of(work.session))
    same = c.value == wanted.value if wanted.value else c.raw == raw
    found = select(c.id).where(c.customer_id == customer_id, c.kind == kind, c.ended_at.is_(None), same)
    return work.session.execute(found).first() is not None


def add_spoken_contact(work: Work, customer_id: UUID, kind: ContactKind, raw: str) -> None:
    """Put a number or address that was given on a call into the file."""
    work.authorize("customer.edit")
    customer = live(work, customer_id)
    contact = new_contact(customer_id, kind, raw, region=region_of(work.session))
    work.add(contact)
    reindex(work, customer, [contact])
    work.record("customer.edit", "customer", customer)


def index_words(customer: Customer, addresses: list[str]) -> list[str]:
    """What a customer is found by as words."""
    return [customer.name, *addresses]


def _name(customer: Customer, name: str) -> None:
    keys = name_keys(name)
    customer.name, customer.name_key = name, keys.key
    customer.reading, customer.initials = keys.reading, keys.initials


def reindex(work: Work, customer: Customer, new: list[Contact] | None = None) -> None:
    """Index a customer again under the name and the addresses in force; `new` ones are not in the database yet."""
    c = table(Contact).c
    kept = work.session.execute(
        select(c.raw).where(c.customer_id == customer.id, c.kind == ContactKind.ADDRESS, c.ended_at.is_(None))
    ).scalars()
    addresses = [*kept, *(contact.raw for contact in new or () if contact.kind is ContactKind.ADDRESS)]
    search.put(work.session, search.CUSTOMER, customer.id, index_words(customer, addresses))
