"""Erase a customer so that nothing of them is left in the file: rows, words, index, audit payloads, log of writes.

Statements go past the unit of work on purpose: what they remove must not come back as an audit payload.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Table, delete, or_, select, text, update
from sqlalchemy.orm import Session

from deskapp.models.audit import AuditEvent, AuditPayload
from deskapp.models.base import table
from deskapp.models.customer import Contact, Customer, CustomerMerge, Machine, Preference
from deskapp.models.flow import AnswerEvent, FlowAnswer, FlowCase
from deskapp.models.qa import QaSample, QaSession
from deskapp.models.shift import ShiftDuty
from deskapp.models.ticket import Appointment, CallBack, HandOver, Ticket, TimelineEntry
from deskapp.store import search

_EMPTY_SNAPSHOT = {"format": "deskapp/case@1", "erased": True}


def files_of(session: Session, customer_id: UUID) -> list[UUID]:
    """The customer's file and every file that was merged into it."""
    c, found = table(Customer).c, [customer_id]
    for file in found:
        found += session.execute(select(c.id).where(c.merged_into == file)).scalars()
    return found


def erase_rows(session: Session, files: list[UUID], now: Any) -> None:
    """Empty or delete everything of these files; tickets stay with what they count for: kind, times, grade, outcome."""
    t, e = table(Ticket).c, table(TimelineEntry).c
    tickets = list(session.execute(select(t.id).where(t.customer_id.in_(files))).scalars())
    _drop_payloads(session, files, tickets)
    for entry in session.execute(select(e.id).where(e.ticket_id.in_(tickets))).scalars().all():
        search.remove(session, search.ENTRY, entry)
    for ticket in tickets:
        search.remove(session, search.TICKET, ticket)
    for file in files:
        search.remove(session, search.CUSTOMER, file)
    _empty(session, table(TimelineEntry), e.ticket_id.in_(tickets), text="", details={})
    _empty(
        session, table(Ticket), t.id.in_(tickets), subject="-", description="", resolution="", machine_id=None
    )  # fmt: skip
    _empty(session, table(HandOver), table(HandOver).c.ticket_id.in_(tickets), asked="-", answer="")
    _empty(session, table(CallBack), table(CallBack).c.ticket_id.in_(tickets), comment="")
    _empty(session, table(Appointment), table(Appointment).c.ticket_id.in_(tickets), note="", reason="")
    _erase_shift_notes(session, tickets)
    _erase_cases(session, tickets)
    _erase_records(session, tickets)
    for model in (Contact, Preference, Machine):
        owner = table(model).c.customer_id
        session.execute(delete(table(model)).where(owner.in_(files)))
    _empty(
        session, table(Customer), table(Customer).c.id.in_(files), name="", name_key="", reading="", initials="",
        language="", since=None, tags="", erased_at=now,
    )  # fmt: skip
    _empty(session, table(CustomerMerge), table(CustomerMerge).c.into_id.in_(files), moved={})


def _erase_shift_notes(session: Session, tickets: list[UUID]) -> None:
    """What was said at the end of a shift stands in every ticket handed over, and may name whoever is erased."""
    duty, entry = table(ShiftDuty).c, table(TimelineEntry).c
    about = select(duty.hand_over_id).where(duty.ticket_id.in_(tickets))
    found = session.execute(select(duty.entry_id).where(duty.hand_over_id.in_(about)).distinct()).scalars().all()
    notes = [key for key in found if key is not None]
    for key in notes:
        search.remove(session, search.ENTRY, key)
    _empty(session, table(TimelineEntry), entry.id.in_(notes), text="")


def _erase_cases(session: Session, tickets: list[UUID]) -> None:
    """Of guided calls only what was chosen from a list may stay in the figures; words, numbers and days go."""
    c, a, e = table(FlowCase).c, table(FlowAnswer).c, table(AnswerEvent).c
    cases = list(session.execute(select(c.id).where(c.ticket_id.in_(tickets))).scalars())
    if not cases:
        return
    session.execute(delete(table(FlowAnswer)).where(a.case_id.in_(cases)))
    _empty(session, table(AnswerEvent), e.case_id.in_(cases), value=None)
    _empty(session, table(FlowCase), c.id.in_(cases), snapshot=_EMPTY_SNAPSHOT, grade_reason="", cause="", missing=None)


def _erase_records(session: Session, tickets: list[UUID]) -> None:
    """Of records that QA keeps the words go; kinds, times and what the rules read stay, so that scores stay proven."""
    t = table(Ticket).c
    labels = {f"T-{number}" for number in session.execute(select(t.number).where(t.id.in_(tickets))).scalars()}
    for model, condition in (
        (QaSample, table(QaSample).c.ticket_id.in_(tickets)),
        (QaSession, table(QaSession).c.record.in_(labels)),
    ):
        kept = table(model)
        for row in session.execute(select(kept.c.id, kept.c.snapshot).where(condition)).all():
            words = {"subject": "-", "description": "", "resolution": ""}
            lines = [{**line, "text": "", "details": {}} for line in row.snapshot.get("lines", [])]
            facts = {**row.snapshot.get("facts", {}), "problem": "-"}
            _empty(
                session, kept, kept.c.id == row.id, snapshot={**row.snapshot, **words, "lines": lines, "facts": facts}
            )


def _drop_payloads(session: Session, files: list[UUID], tickets: list[UUID]) -> None:
    """The payloads of everything that was done to the customer; the events and the chain over them stay."""
    p, e = table(AuditPayload).c, table(AuditEvent).c
    things = [*files, *tickets]
    for model in (Contact, Preference, Machine):
        owner = table(model).c
        things += session.execute(select(owner.id).where(owner.customer_id.in_(files))).scalars()
    # A hand-over at the end of a shift tells of many tickets in one payload.
    duty = table(ShiftDuty).c
    things += session.execute(select(duty.hand_over_id).where(duty.ticket_id.in_(tickets)).distinct()).scalars()
    about = select(e.seq).where(or_(e.object_id.in_(things), e.ticket_id.in_(tickets)))
    session.execute(delete(table(AuditPayload)).where(or_(p.customer_id.in_(files), p.seq.in_(about))))


def _empty(session: Session, where: Table, condition: Any, **values: Any) -> None:
    session.execute(update(where).where(condition).values(**values))


def scrub(engine: Engine) -> None:
    """Remove the last traces behind an erasure: tombstones of the index, free pages, the write-ahead log (SQLite);
    dead rows (PostgreSQL: its write-ahead log and replicas keep them until they are recycled)."""
    if engine.dialect.name == "sqlite":
        search.purge(engine)
        # Pages that were emptied are zero already (secure_delete); the log of writes still has what they held.
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))


__all__ = ["erase_rows", "files_of", "scrub"]
