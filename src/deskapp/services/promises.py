"""The promise a ticket makes next, kept on the ticket for the queue: which one, when, in what order."""

from datetime import datetime, timedelta

from deskapp.domain.terms import Grade, Status
from deskapp.models.ticket import Ticket
from deskapp.store.queue import PAUSED, RUNNING, UNPROMISED

_FIRST_RESPONSE = timedelta(minutes=10)
_BY_GRADE = {
    Grade.GREEN: ("resolve", timedelta(hours=24)),
    Grade.YELLOW: ("progress", timedelta(hours=48)),
    Grade.RED: ("on_site", timedelta(hours=2)),
}


def refresh(ticket: Ticket, now: datetime) -> None:
    """Bring the queue's columns of a ticket in line with its state."""
    ticket.is_open = ticket.status.is_open
    ticket.grade_rank = ticket.grade.rank
    if not ticket.is_open:
        ticket.due_metric, ticket.due_target, ticket.due_at = "", None, None
        ticket.queue_band, ticket.queue_at = UNPROMISED, ticket.opened_at
        return
    if ticket.status is Status.PAUSED:
        ticket.due_metric, ticket.due_at = _BY_GRADE[ticket.grade][0], None
        ticket.queue_band, ticket.queue_at = PAUSED, ticket.paused_until or now
        return
    metric, target = _BY_GRADE[ticket.grade]
    if ticket.first_response_at is None:
        metric, target = "first_response", _FIRST_RESPONSE
    ticket.due_metric, ticket.due_target = metric, int(target.total_seconds())
    ticket.due_at = ticket.queue_at = ticket.opened_at + target
    ticket.queue_band = RUNNING
