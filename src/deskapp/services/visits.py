"""Visits: free windows, booking with the customer's wishes in sight, moving with a reason, arriving, reporting."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session as OrmSession

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.sla import ClockEvent, EventKind
from deskapp.domain.terms import AppointmentState, ContactKind, EntryKind, PreferenceKind
from deskapp.domain.views import AppointmentLine
from deskapp.domain.visits import Planned, SlotLine, Wish, against, need_photos, windows
from deskapp.models.base import table
from deskapp.models.customer import Preference
from deskapp.models.flow import FlowCase
from deskapp.models.people import Agent
from deskapp.models.ticket import Appointment, Ticket, VisitSlot
from deskapp.services import clocks, slots, ticket_kit, tickets
from deskapp.services.desk import Read, Work, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.tickets import GetTicket
from deskapp.services.requests.visits import (
    BookVisit,
    CancelVisit,
    GetSlots,
    GetVisitCard,
    MoveVisit,
    ReportArrival,
    ReportVisit,
)
from deskapp.services.slots import ACTIVE
from deskapp.services.visit_card import VisitCard

SOONEST = timedelta(hours=2)
"""How soon the earliest window on offer begins."""
_FURTHEST = timedelta(days=120)
_ACTING = (PreferenceKind.TIME, PreferenceKind.HOUSEHOLD, PreferenceKind.CONTACT, PreferenceKind.OTHER)


@handles(GetSlots)
def get_slots(read: Read, query: GetSlots) -> tuple[SlotLine, ...]:
    """The windows on offer, those that go against a wish named."""
    team = query.team_id or read.actor.team_id
    now = read.clock.now()
    s, a, t = table(VisitSlot).c, table(Appointment).c, table(Ticket).c
    plan = [
        Planned(*row)
        for row in read.session.execute(
            select(s.weekday, s.starts, s.ends, s.capacity, s.day, s.skill).where(
                s.team_id == team, s.active, (s.skill == query.skill) | (s.skill == "")
            )
        )
    ]
    skilled = (a.skill == query.skill) if query.skill and any(_skilled(read.session, team, query.skill)) else true()
    taken = read.session.execute(
        select(a.starts_at, a.ends_at)
        .join_from(table(Appointment), table(Ticket), a.ticket_id == t.id)
        .where(a.team_id == team, a.state.in_(ACTIVE), a.ends_at > now, skilled)
    )
    wishes = wishes_of(read.session, query.customer_id)
    return tuple(
        windows(
            plan, [(starts, ends) for starts, ends in taken], wishes,
            earliest=query.earliest or now + SOONEST, days=max(1, min(query.days, 30)), zone=query.zone,
        )
    )  # fmt: skip


def _skilled(session: OrmSession, team: UUID | None, skill: str) -> list[UUID]:
    s = table(VisitSlot).c
    return list(session.execute(select(s.id).where(s.team_id == team, s.skill == skill, s.active)).scalars())


def wishes_of(session: OrmSession, customer_id: UUID | None) -> list[Wish]:
    """What a customer asked for that may concern a visit, and has not been ended."""
    if customer_id is None:
        return []
    p = table(Preference).c
    rows = session.execute(
        select(p.text, p.valid_until)
        .where(p.customer_id == customer_id, p.ended_at.is_(None), p.consent, p.kind.in_(_ACTING))
        .order_by(p.pinned.desc(), p.recorded_at)
    )
    return [Wish(*row) for row in rows]


@handles(BookVisit)
def book_visit(work: Work, command: BookVisit) -> Receipt:
    """Agree on a visit. Raises Conflict, naming the wish, when the time goes against one and nobody asked."""
    ticket = ticket_kit.locked(work, command.ticket_id, command.action)
    _active(work, ticket, expected=False)
    book(work, ticket, command)
    return ticket_kit.receipt(work, command, ticket)


def book(work: Work, ticket: Ticket, command: BookVisit) -> None:
    """Book a visit on a ticket in a use case under way."""
    if not ticket.is_open:
        raise Conflict(N_("T-{number} is not open any more."), number=ticket.number)
    wish = _check(work, ticket, command.starts_at, command.ends_at, command.despite)
    slots.need_room(work, ticket.team_id, command.starts_at, command.ends_at, command.skill)
    visit = Appointment(
        id=command.submission_id, ticket_id=ticket.id, team_id=ticket.team_id, technician_id=command.technician_id,
        starts_at=command.starts_at, ends_at=command.ends_at, note=command.note, booked_by=work.actor.id,
        booked_at=work.now, skill=command.skill,
    )  # fmt: skip
    if command.technician_id and work.session.get(Agent, command.technician_id) is None:
        raise NotFound(N_("Nobody of that name works here."), field="technician_id")
    work.add(visit)
    _tell(work, ticket, visit, "book", _despite(wish, command.despite) or command.note, booked_at=work.now.isoformat())


@handles(MoveVisit)
def move_visit(work: Work, command: MoveVisit) -> Receipt:
    """Agree on another time."""
    visit, ticket = _locked(work, command.visit_id, command.action)
    work.expect(visit, command.version)
    if visit.state not in (AppointmentState.BOOKED, AppointmentState.MOVED):
        raise Conflict(N_("This visit has begun or is over."))
    wish = _check(work, ticket, command.starts_at, command.ends_at, command.despite)
    slots.need_room(work, visit.team_id, command.starts_at, command.ends_at, visit.skill, but=visit.id)
    visit.starts_at, visit.ends_at = command.starts_at, command.ends_at
    visit.state, visit.reason = AppointmentState.MOVED, command.reason
    text = "; ".join(part for part in (command.reason, _despite(wish, command.despite)) if part)
    _tell(work, ticket, visit, "move", text, booked_at=work.now.isoformat())
    return ticket_kit.receipt(work, command, ticket)


@handles(CancelVisit)
def cancel_visit(work: Work, command: CancelVisit) -> Receipt:
    """Call a visit off."""
    visit, ticket = _locked(work, command.visit_id, command.action)
    if visit.state not in (AppointmentState.BOOKED, AppointmentState.MOVED):
        raise Conflict(N_("This visit has begun or is over."))
    visit.state, visit.reason = AppointmentState.CANCELLED, command.reason
    _tell(work, ticket, visit, "cancel_visit", command.reason)
    return ticket_kit.receipt(work, command, ticket)


@handles(ReportArrival)
def report_arrival(work: Work, command: ReportArrival) -> Receipt:
    """Write down that the technician is there."""
    visit, ticket = _locked(work, command.visit_id, command.action)
    if visit.state not in (AppointmentState.BOOKED, AppointmentState.MOVED):
        raise Conflict(N_("The arrival was written down already, or the visit is off."))
    visit.arrived_at = ticket_kit.when(work, command.occurred_at)
    visit.state = AppointmentState.ARRIVED
    _tell(work, ticket, visit, "arrive", "", happened=visit.arrived_at, arrived_at=visit.arrived_at.isoformat())
    return ticket_kit.receipt(work, command, ticket)


@handles(ReportVisit)
def report_visit(work: Work, command: ReportVisit) -> Receipt:
    """Write down what was done. Raises Invalid without the photos before and after, unless the text says why."""
    visit, ticket = _locked(work, command.visit_id, command.action)
    if visit.state not in ACTIVE:
        raise Conflict(N_("This visit is over or off."))
    need_photos(command.photos_before, command.photos_after, command.text)
    done = ticket_kit.when(work, command.occurred_at)
    visit.arrived_at = visit.arrived_at or done
    visit.done_at, visit.state = done, AppointmentState.DONE
    visit.photos_before, visit.photos_after = command.photos_before, command.photos_after
    photos = {"photos_before": int(command.photos_before), "photos_after": int(command.photos_after)}
    _tell(work, ticket, visit, "visit_done", command.text, happened=done, photos=f"{sum(photos.values())}/2", **photos)
    return ticket_kit.receipt(work, command, ticket)


@handles(GetVisitCard)
def get_visit_card(read: Read, query: GetVisitCard) -> VisitCard:
    """Everything on the card of the next visit. Raises NotFound for a ticket without one."""
    ticket = tickets.get_ticket(read, GetTicket(number=query.ticket_number))
    visits = [visit for visit in ticket.appointments if visit.state in ACTIVE]
    if not visits:
        raise NotFound(N_("No visit is booked on {ticket}."), ticket=ticket.row.label)
    c = table(FlowCase).c
    snapshot = read.session.execute(select(c.snapshot).where(c.ticket_id == ticket.id)).scalar() or {}
    customer = ticket.customer
    visit: AppointmentLine = visits[0]
    now = read.clock.now()
    return VisitCard(
        ticket=ticket.row.label, subject=ticket.row.subject, grade=ticket.row.grade, starts_at=visit.starts_at,
        ends_at=visit.ends_at, technician=visit.technician, note=visit.note,
        customer=customer.name if customer else "",
        phones=tuple(c.raw for c in customer.contacts if c.kind is ContactKind.PHONE) if customer else (),
        address=customer.address if customer else "", machine=ticket.machine, product=ticket.row.product,
        description=ticket.description,
        wishes=tuple(
            Wish(wish.text, wish.valid_until) for wish in (customer.preferences if customer else ())
            if wish.ended_at is None
        ),
        case=snapshot, made_at=now,
    )  # fmt: skip


def _locked(work: Work, visit_id: UUID, action: str) -> tuple[Appointment, Ticket]:
    visit = work.lock(Appointment, visit_id)
    return visit, ticket_kit.locked(work, visit.ticket_id, action)


def _active(work: Work, ticket: Ticket, *, expected: bool) -> None:
    a = table(Appointment).c
    found = work.session.execute(select(a.id).where(a.ticket_id == ticket.id, a.state.in_(ACTIVE))).first()
    if found and not expected:
        raise Conflict(N_("A visit is booked already."), hint=N_("Move it instead."))


def _check(work: Work, ticket: Ticket, starts: datetime, ends: datetime, despite: str) -> str:
    """The wish a window goes against, agreed with the customer. Raises Invalid, Conflict."""
    if starts.utcoffset() is None or ends.utcoffset() is None:
        raise ValueError("a visit's instants need a time zone")
    if not starts < ends or ends - starts > timedelta(days=1):
        raise Invalid(N_("A visit ends after it begins, on the same day."), field="ends_at")
    if not work.now - timedelta(hours=1) <= starts <= work.now + _FURTHEST:
        raise Invalid(N_("A visit lies ahead, within {days} days."), field="starts_at", days=_FURTHEST.days)
    wish = against(wishes_of(work.session, ticket.customer_id), starts, ends)
    if wish and not despite:
        raise Conflict(
            N_("This goes against what the customer asked for: {wish}."),
            hint=N_("Ask, and say that the customer agrees; or take another time."), field="despite", wish=wish,
        )  # fmt: skip
    return wish


def _despite(wish: str, despite: str) -> str:
    return f"{despite} ({wish})" if wish else ""


def _tell(
    work: Work, ticket: Ticket, visit: Appointment, what: str, text: str, *, happened: datetime | None = None,
    **facts: object,
) -> None:  # fmt: skip
    kind = EntryKind.VISIT if what in ("arrive", "visit_done") else EntryKind.APPOINTMENT
    told: dict[str, object] = {
        "what": what, "starts": visit.starts_at.isoformat(), "ends": visit.ends_at.isoformat(), "visit": str(visit.id),
    }  # fmt: skip
    ticket_kit.write_line(work, ticket, kind, text, happened or work.now, first=False, **told, **facts)
    meant = [ClockEvent(found, max(happened or work.now, ticket.opened_at)) for found in _MEANS.get(what, ())]
    if meant:
        book = clocks.tell_all(work, ticket, *meant)
        ticket.first_response_at = book.marks.contacted or ticket.first_response_at


# What happens to a visit, as the promises see it.
_MEANS = {
    "book": (EventKind.BOOKED,),
    "move": (EventKind.BOOKED,),
    "arrive": (EventKind.ON_SITE, EventKind.UPDATE),
    "visit_done": (EventKind.ON_SITE, EventKind.UPDATE),
}


__all__ = ["book"]
