"""Read the audit ledger, and recompute its chain: every hash, every number, every commitment."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select
from sqlmodel import Session

from deskapp.domain.audit import Anchor, AuditLine, Finding, Flaw, Verdict
from deskapp.domain.permissions import Actor, Reach, may, reach
from deskapp.models.audit import AuditEvent, AuditPayload, Ledger
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket
from deskapp.services.desk import Read, handles
from deskapp.services.requests.audit import GetAnchor, GetAudit, VerifyAudit
from deskapp.store.uow import chain_hash, commitment

PAGE = 5_000
"""Events read in one transaction: on an SQLite without WAL a longer one would hold up those who write."""
_TOLD = 100
_MOST = 10_000

_event, _payload, _ledger = table(AuditEvent).c, table(AuditPayload).c, table(Ledger).c


@handles(GetAnchor)
def get_anchor(read: Read, _query: GetAnchor) -> Anchor:
    """Where the chain stands."""
    return anchor_of(read.session)


def anchor_of(source: Session | Connection) -> Anchor:
    """Where the chain stands, by the ledger's own mark."""
    seq, head = source.execute(select(_ledger.seq, _ledger.head).where(_ledger.id == 1)).one()
    return Anchor(seq, head)


@handles(VerifyAudit)
def verify_audit(read: Read, query: VerifyAudit) -> Verdict:
    """Recompute the chain up to where it stands at the beginning."""
    return verify(read.session, query.anchor)


def verify(session: Session, anchor: Anchor | None = None) -> Verdict:
    """Recompute the chain page by page, each in a transaction of its own; memory stays the same however long it is."""
    session.rollback()
    head = anchor_of(session)
    check = _Check(anchor)
    beyond = session.execute(select(func.max(_event.seq))).scalar()
    if beyond is not None and beyond > head.seq:
        check.find(beyond, Flaw.LEDGER)
    for page in _pages(session, head.seq):
        for seq, entry in page:
            check.take(seq, entry)
    check.end(head)
    if (stray := _stray(session, head.seq)) is not None:
        check.find(stray, Flaw.STRAY)
    session.rollback()
    return Verdict(
        head, check.events, check.bare, tuple(check.findings), check.found, anchor.seq if anchor else None
    )  # fmt: skip


_Entry = tuple[int, "dict[str, Any] | None"]
"""An event's number and its columns, with those of its payload; None where they cannot even be read."""

_ROWS = (
    select(table(AuditEvent), _payload.salt, _payload.body)
    .outerjoin_from(table(AuditEvent), table(AuditPayload), _event.seq == _payload.seq)
    .order_by(_event.seq)
)


def _pages(session: Session, last: int) -> Iterator[list[_Entry]]:
    """Read the events up to `last`, with their payloads, in the order of their numbers."""
    numbers = select(_event.seq).where(_event.seq <= last).order_by(_event.seq).limit(PAGE)
    page = list(session.execute(numbers).scalars())
    while page:
        within = _event.seq.between(page[0], page[-1])
        try:
            yield [(row["seq"], dict(row)) for row in session.execute(_ROWS.where(within)).mappings()]
        except (ValueError, TypeError):
            # Something that is no date, no id, no JSON: find out which it is.
            yield [(seq, _one(session, seq)) for seq in page]
        session.rollback()
        page = list(session.execute(numbers.where(_event.seq > page[-1])).scalars())


def _one(session: Session, seq: int) -> dict[str, Any] | None:
    try:
        row = session.execute(_ROWS.where(_event.seq == seq)).mappings().first()
    except (ValueError, TypeError):
        return None
    return dict(row) if row else None


def _stray(session: Session, last: int) -> int | None:
    """The first payload without its event."""
    return session.execute(
        select(_payload.seq)
        .outerjoin_from(table(AuditPayload), table(AuditEvent), _event.seq == _payload.seq)
        .where(_event.seq.is_(None), _payload.seq <= last)
        .order_by(_payload.seq)
        .limit(1)
    ).scalar()


class _Check:
    """Follows the chain event by event and goes on behind a flaw, so that one does not hide another."""

    def __init__(self, anchor: Anchor | None) -> None:
        self.anchor = anchor
        self.events = self.bare = self.found = 0
        self.findings: list[Finding] = []
        self._number, self._met = 0, False
        self._previous: str | None = ""

    def take(self, seq: int, event: dict[str, Any] | None) -> None:
        """Look at the next event; None stands for one that cannot be read."""
        self.events += 1
        if seq != self._number + 1:
            self.find(seq, Flaw.GAP)
        self._number = seq
        if event is None:
            self.find(seq, Flaw.CHANGED)
            self._previous = None
            return
        if self._previous is not None and event["previous"] != self._previous:
            self.find(seq, Flaw.LINK)
        if chain_hash(event) != event["hash"]:
            self.find(seq, Flaw.CHANGED)
        if event["salt"] is None:
            self.bare += 1
        elif commitment(event["salt"], event["body"]) != event["commitment"]:
            self.find(seq, Flaw.PAYLOAD)
        if self.anchor and seq == self.anchor.seq:
            self._met = True
            if event["hash"] != self.anchor.head:
                self.find(seq, Flaw.REWRITTEN)
        self._previous = event["hash"]

    def end(self, head: Anchor) -> None:
        """Compare with the ledger's own mark and with the anchor."""
        if (self._number, self._previous) != (head.seq, head.head):
            self.find(head.seq, Flaw.LEDGER)
        if self.anchor and self.anchor.seq and not self._met:
            self.find(self.anchor.seq, Flaw.CUT if self.anchor.seq > self._number else Flaw.REWRITTEN)

    def find(self, seq: int, flaw: Flaw) -> None:
        """Note a flaw; the first ones are told one by one."""
        self.found += 1
        if len(self.findings) < _TOLD:
            self.findings.append(Finding(seq, flaw))


@handles(GetAudit)
def get_audit(read: Read, query: GetAudit) -> tuple[AuditLine, ...]:
    """The newest events that fit, oldest first; a lead sees what the own team did."""
    ticket = table(Ticket).c
    rows = select(
        _event.seq, _event.at, _event.actor_login, _event.role, _event.action, _event.object_kind, _event.object_id,
        _event.object_version, ticket.number, _event.hash, _payload.body,
    ).select_from(
        table(AuditEvent)
        .outerjoin(table(Ticket), _event.ticket_id == ticket.id)
        .outerjoin(table(AuditPayload), _event.seq == _payload.seq)
    )  # fmt: skip
    for condition in (*_wanted(query), *_within_reach(read.actor)):
        rows = rows.where(condition)
    limit = max(1, min(query.limit, _MOST))
    found = read.session.execute(rows.order_by(_event.seq.desc()).limit(limit)).all()
    # What changed is what stands in tickets and customers' files: who may not read those does not read it here.
    tells = query.details and may(read.actor, "ticket.read")
    return tuple(
        AuditLine(
            row.seq, row.at, row.actor_login, row.role, row.action, row.object_kind, row.object_id,
            row.object_version, row.number, row.hash, _changes(row.body) if tells else None,
        )
        for row in reversed(found)
    )  # fmt: skip


def _changes(body: Any) -> tuple[dict[str, Any], ...]:
    return tuple(body.get("changes", ())) if body else ()


def _wanted(query: GetAudit) -> Iterator[Any]:
    if query.ticket_number is not None:
        yield table(Ticket).c.number == query.ticket_number
    if query.login:
        yield _event.actor_login == query.login
    if query.done:
        yield _event.action == query.done
    if query.since:
        yield _event.at >= query.since
    if query.until:
        yield _event.at < query.until


def _within_reach(actor: Actor) -> Iterator[Any]:
    if reach(actor, GetAudit.action) >= Reach.ALL:
        return
    agent = table(Agent).c
    if actor.team_id is None:
        yield _event.actor_id == actor.id
    else:
        yield _event.actor_id.in_(select(agent.id).where(agent.team_id == actor.team_id))


__all__ = ["anchor_of", "get_anchor", "get_audit", "verify", "verify_audit"]
