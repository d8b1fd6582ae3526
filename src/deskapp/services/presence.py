"""Who is at which ticket: one small table, written when that changes and to renew it, outside the audit chain."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from deskapp.domain.errors import NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.presence import LEASE, PresenceLine, Present
from deskapp.models.audit import Presence
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket
from deskapp.services.desk import Read, Work, handles
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.presence import GetPresence, TellPresence

_MOST = 500
_SWEPT_AFTER = timedelta(hours=1)
_p = table(Presence).c


@handles(TellPresence)
def tell_presence(work: Work, command: TellPresence) -> Receipt:
    """Say what one does at a ticket. Raises NotFound for one that is not there."""
    work.authorize(command.action)
    connection, me = work.session.connection(), work.actor.id
    ticket = table(Ticket).c
    if connection.execute(select(ticket.id).where(ticket.id == command.ticket_id)).first() is None:
        raise NotFound(N_("There is no such ticket."))
    mine = (_p.ticket_id == command.ticket_id) & (_p.agent_id == me)
    # Seats that were killed leave rows behind; whoever comes by takes them along.
    connection.execute(delete(table(Presence)).where(_p.seen_at < work.now - _SWEPT_AFTER))
    if command.state is Present.GONE:
        connection.execute(delete(table(Presence)).where(mine))
    else:
        values = {"state": command.state.value, "seen_at": work.now}
        if not connection.execute(update(table(Presence)).where(mine).values(**values)).rowcount:
            row = {"ticket_id": command.ticket_id, "agent_id": me, **values}
            connection.execute(insert(table(Presence)).values(**row))
    return Receipt("presence", UUID(int=0), "", 0)


@handles(GetPresence)
def get_presence(read: Read, query: GetPresence) -> tuple[PresenceLine, ...]:
    """Everybody else who is at a ticket, as far as it was renewed in time."""
    agent = table(Agent).c
    found = (
        select(_p.ticket_id, _p.agent_id, agent.name, _p.state)
        .join_from(table(Presence), table(Agent), _p.agent_id == agent.id)
        .where(_p.seen_at > read.clock.now() - LEASE, _p.agent_id != read.actor.id)
        .order_by(_p.ticket_id, agent.name)
        .limit(_MOST)
    )
    if query.ticket_id is not None:
        found = found.where(_p.ticket_id == query.ticket_id)
    known = set(Present)
    rows = read.session.execute(found)
    return tuple(PresenceLine(t, a, name, Present(state)) for t, a, name, state in rows if state in known)


__all__ = ["get_presence", "tell_presence"]
