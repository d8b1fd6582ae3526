"""Read timelines: a ticket's, or everything that happened with a customer."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from deskapp.domain.views import TimelineLine
from deskapp.models.base import table
from deskapp.models.people import Agent
from deskapp.models.ticket import Ticket, TimelineEntry

_t, _e, _agent = table(Ticket).c, table(TimelineEntry).c, table(Agent).c


def timeline(session: Session, condition: Any, *, limit: int | None = 500) -> tuple[TimelineLine, ...]:
    """The newest lines of a timeline (None: all of them), oldest first."""
    found = session.execute(
        select(
            _e.id, _e.ticket_id, _t.number, _e.kind, _e.text, func.coalesce(_agent.name, ""), _e.occurred_at,
            _e.recorded_at, _e.details,
        )
        .select_from(
            table(TimelineEntry)
            .join(table(Ticket), _e.ticket_id == _t.id)
            .outerjoin(table(Agent), _e.author_id == _agent.id)
        )
        .where(condition)
        .order_by(_e.occurred_at.desc(), _e.id.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(TimelineLine(*row) for row in reversed(found.all()))
