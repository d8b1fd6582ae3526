"""A customer's data as such: duplicates, merging and back, unmasking, export, erasure."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.permissions import Actor
from deskapp.domain.terms import ContactKind, Role
from deskapp.domain.views import CustomerBrief
from deskapp.models.base import Identified, table
from deskapp.models.customer import Contact, Customer, CustomerMerge, Machine, Preference
from deskapp.models.ticket import Ticket
from deskapp.services.customers import done, live, reindex
from deskapp.services.desk import Read, Work, afterwards, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.privacy import (
    EraseCustomer,
    FindDuplicates,
    FindFile,
    GetExport,
    MergeCustomers,
    PreviewMerge,
    RecordExport,
    RevealContacts,
    UndoMerge,
)
from deskapp.store import customers as store
from deskapp.store.erase import erase_rows, files_of, scrub
from deskapp.store.erase_words import erase_words, traces_of
from deskapp.store.search import CUSTOMER, remove

_MOVED: tuple[type[Identified], ...] = (Contact, Machine, Preference, Ticket)


@handles(FindDuplicates)
def find_duplicates(read: Read, query: FindDuplicates) -> tuple[CustomerBrief, ...]:
    """Files that may be the same person; `shared` is a number with another name on it, as families have it."""
    c, mine = table(Contact).c, table(Contact).alias("mine").c
    customer = table(Customer).c
    same_phone = select(c.customer_id).where(
        c.kind == ContactKind.PHONE, c.ended_at.is_(None), c.value != "",
        c.value.in_(select(mine.value).where(mine.customer_id == query.customer_id, mine.kind == ContactKind.PHONE)),
    )  # fmt: skip
    own = read.session.execute(
        select(customer.name_key, customer.reading).where(customer.id == query.customer_id)
    ).first()
    if own is None:
        raise NotFound(N_("There is no such customer."))
    address = select(mine.value).where(mine.customer_id == query.customer_id, mine.kind == ContactKind.ADDRESS)
    same_home = (
        select(customer.id)
        .join_from(table(Customer), table(Contact), c.customer_id == customer.id)
        .where(customer.name_key == own.name_key, customer.name_key != "")
        .where(c.kind == ContactKind.ADDRESS, c.value.in_(address))
    )
    alive = select(customer.id, customer.name_key, customer.reading).where(
        customer.id != query.customer_id, customer.merged_into.is_(None), customer.erased_at.is_(None)
    )
    found = dict.fromkeys((row.id for row in read.session.execute(alive.where(customer.id.in_(same_home)))), "address")
    for row in read.session.execute(alive.where(customer.id.in_(same_phone))):
        alike = row.name_key == own.name_key or set(row.reading.split()) & set(own.reading.split())
        found[row.id] = "phone" if alike else "shared"
    return store.briefs(read.session, read.actor, list(found.items()))


@handles(PreviewMerge)
def preview_merge(read: Read, query: PreviewMerge) -> dict[str, int]:
    """How many contacts, machines, preferences and tickets would move."""
    return {model.__name__.lower(): len(_things(read.session, model, query.from_id)) for model in _MOVED}


@handles(MergeCustomers)
def merge_customers(work: Work, command: MergeCustomers) -> Receipt:
    """Move everything of one file into the other. Raises Conflict for a file that is gone, Invalid for the same."""
    work.authorize(command.action)
    if command.from_id == command.into_id:
        raise Invalid(N_("A file cannot be merged into itself."))
    source, target = live(work, command.from_id), live(work, command.into_id)
    moved: dict[str, list[str]] = {}
    for model in _MOVED:
        ids = _things(work.session, model, source.id)
        moved[model.__name__] = [str(id_) for id_ in ids]
        for id_ in ids:
            work.lock(model, id_).customer_id = target.id
    source.merged_into = target.id
    remove(work.session, CUSTOMER, source.id)
    merge = CustomerMerge(
        id=command.submission_id, from_id=source.id, into_id=target.id, moved=moved, merged_by=work.actor.id,
        merged_at=work.now,
    )  # fmt: skip
    work.add(merge)
    work.session.flush()
    reindex(work, target)
    return done(work, command.action, target)


@handles(UndoMerge)
def undo_merge(work: Work, command: UndoMerge) -> Receipt:
    """Give the file that was merged in last its own things back; what came since stays. Raises NotFound."""
    work.authorize(command.action)
    m = table(CustomerMerge).c
    found = work.session.execute(
        select(m.id).where(m.into_id == command.into_id, m.undone_at.is_(None)).order_by(m.merged_at.desc()).limit(1)
    ).scalar()
    if found is None:
        raise NotFound(N_("No file was merged into this one."))
    merge = work.lock(CustomerMerge, found)
    source, target = work.lock(Customer, merge.from_id), live(work, merge.into_id)
    for model in _MOVED:
        for id_ in merge.moved.get(model.__name__, ()):
            row = work.lock(model, UUID(id_))
            if row.customer_id == target.id:  # type: ignore[attr-defined]
                row.customer_id = source.id
    source.merged_into = None
    merge.undone_at, merge.undone_by = work.now, work.actor.id
    work.session.flush()
    reindex(work, source)
    reindex(work, target)
    return done(work, command.action, source)


@handles(FindFile)
def find_file(read: Read, query: FindFile) -> UUID:
    """The file of a number. Raises NotFound."""
    c = table(Customer).c
    found: UUID | None = read.session.execute(select(c.id).where(c.number == query.number)).scalar()
    if found is None:
        raise NotFound(N_("There is no such customer."))
    return found


@handles(RevealContacts)
def reveal_contacts(work: Work, command: RevealContacts) -> Receipt:
    """Tell the numbers and addresses; the audit says who asked."""
    work.authorize(command.action)
    customer = live(work, command.customer_id)
    c = table(Contact).c
    shown = work.session.execute(
        select(c.raw).where(c.customer_id == customer.id, c.ended_at.is_(None)).order_by(c.id)
    ).scalars()
    told = "  ".join(shown)
    work.tell(reason=command.reason)
    done(work, command.action, customer)
    return Receipt("customer", customer.id, told, 0)


@handles(RecordExport)
def record_export(work: Work, command: RecordExport) -> Receipt:
    """Write down that the data is handed out."""
    work.authorize(command.action)
    return done(work, command.action, live(work, command.customer_id))


@handles(GetExport)
def get_export(read: Read, query: GetExport) -> dict[str, Any]:
    """All that is kept of the customer, also what has ended: file, tickets, their timelines. Raises NotFound."""
    # Who may export sees what is exported: the customer's own data, unmasked.
    owner = Actor(read.actor.id, read.actor.login, read.actor.name, Role.LEAD, read.actor.team_id)
    view = store.load_customer(read.session, owner, query.customer_id, whole=True)
    if view is None:
        raise NotFound(N_("There is no such customer."))
    records = store.service_records(read.session, (ticket.id for ticket in view.tickets))
    return {"format": "deskapp/customer@1", "customer": asdict(view), **records}


@handles(EraseCustomer)
def erase_customer(work: Work, command: EraseCustomer) -> Receipt:
    """Erase the customer. Raises Conflict while a ticket is open: the service is owed first."""
    work.authorize(command.action)
    customer = live(work, command.customer_id)
    files = files_of(work.session, customer.id)
    t = table(Ticket).c
    opened = work.session.execute(select(t.number).where(and_(t.customer_id.in_(files), t.is_open)).limit(1)).scalar()
    if opened:
        raise Conflict(
            N_("T-{number} of this customer is open."), hint=N_("Solve or cancel it first, then erase."), number=opened
        )
    number = customer.number
    work.session.expunge(customer)
    traces = traces_of(work.session, files)
    erase_rows(work.session, files, work.now)
    # Only now: what was said of the customer's own tickets is gone as a whole.
    erase_words(work.session, traces)
    work.record(command.action, "customer", Customer(id=customer.id, number=number, name="", created_at=work.now))
    return Receipt("customer", customer.id, f"C-{number}", 0)


afterwards(EraseCustomer)(scrub)


def _things(session: Any, model: type[Identified], customer_id: UUID) -> list[UUID]:
    columns = table(model).c
    return list(session.execute(select(columns.id).where(columns.customer_id == customer_id)).scalars())
