"""Read tickets for a file: in the order of their numbers, a page at a time, so that memory does not grow with them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session

from deskapp.domain.permissions import Actor
from deskapp.domain.queue import QueueFilter
from deskapp.domain.terms import ContactKind
from deskapp.models.base import table
from deskapp.models.customer import Contact, Customer
from deskapp.models.people import Agent, Team
from deskapp.models.ticket import CallBack, Ticket
from deskapp.store import queue
from deskapp.store.customers import mask, masked_for

_PAGE = 1000
_t, _c, _team = table(Ticket).c, table(Customer).c, table(Team).c
_assignee, _owner = table(Agent).alias("doing"), table(Agent).alias("owning")
_JOINED = (
    table(Ticket)
    .outerjoin(table(Customer), _t.customer_id == _c.id)
    .outerjoin(table(Team), _t.team_id == _team.id)
    .outerjoin(_assignee, _t.assignee_id == _assignee.c.id)
    .outerjoin(_owner, _t.owner_id == _owner.c.id)
)
_COLUMNS = (
    _t.id, _t.number, _t.customer_id, _t.subject, _t.status, _t.grade, _t.priority, _t.channel, _t.product, _t.fault,
    func.coalesce(_c.name, "").label("customer"), func.coalesce(_team.name, "").label("team"),
    func.coalesce(_assignee.c.name, "").label("assignee"), func.coalesce(_owner.c.name, "").label("owner"),
    _t.opened_at, _t.first_response_at, _t.due_at, _t.solved_at, _t.closed_at, _t.reopened, _t.description,
    _t.resolution,
)  # fmt: skip


def tickets(
    session: Session,
    actor: Actor,
    wanted: QueueFilter,
    *,
    team_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
) -> Iterator[tuple[Any, str, int | None]]:
    """Every ticket that the filter takes, with the customer's first telephone (masked for roles that need none) and the
    satisfaction told at the call-back. `team_id` keeps it to one team, `since` and `until` to when it was opened."""
    conditions = [queue.where(session, actor, wanted, now)]
    if team_id is not None:
        conditions.append(_t.team_id == team_id)
    if since is not None:
        conditions.append(_t.opened_at >= since)
    if until is not None:
        conditions.append(_t.opened_at < until)
    last = -1
    while rows := _page(session, and_(*conditions), last):
        last = rows[-1].number
        phones, stars = _phones(session, rows), _satisfaction(session, rows)
        hidden = masked_for(actor)
        for row in rows:
            phone = phones.get(row.customer_id, "")
            yield row, mask(phone) if hidden else phone, stars.get(row.id)


def _page(session: Session, condition: ColumnElement[bool], last: int) -> list[Any]:
    query = select(*_COLUMNS).select_from(_JOINED).where(condition, _t.number > last).order_by(_t.number).limit(_PAGE)
    return list(session.execute(query).all())


def _phones(session: Session, rows: list[Any]) -> dict[UUID, str]:
    c = table(Contact).c
    query = (
        select(c.customer_id, c.raw)
        .where(c.customer_id.in_({row.customer_id for row in rows}), c.kind == ContactKind.PHONE, c.ended_at.is_(None))
        .order_by(c.id.desc())
    )
    return {customer: raw for customer, raw in session.execute(query)}


def _satisfaction(session: Session, rows: list[Any]) -> dict[UUID, int]:
    b = table(CallBack).c
    query = select(b.ticket_id, func.max(b.satisfaction)).where(b.ticket_id.in_([row.id for row in rows]))
    found = session.execute(query.where(b.satisfaction.is_not(None)).group_by(b.ticket_id))
    return {ticket: stars for ticket, stars in found}
