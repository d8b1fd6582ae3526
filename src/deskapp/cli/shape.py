"""What the answers hold as JSON: one place, so that scripts can rely on it (docs/cli.md)."""

from typing import Any

from deskapp.cli.output import instant
from deskapp.domain.views import CustomerBrief, CustomerView, QueueCounts, QueuePage, QueueRow, TicketView, TimelineLine
from deskapp.services.requests.base import Receipt


def row(ticket: QueueRow) -> dict[str, Any]:
    """One line of the queue."""
    return {
        "ticket": ticket.label,
        "id": str(ticket.id),
        "subject": ticket.subject,
        "product": ticket.product,
        "grade": ticket.grade.value,
        "priority": ticket.priority.value,
        "status": ticket.status.value,
        "customer": ticket.customer,
        "team": ticket.team,
        "assignee": ticket.assignee,
        "owner": ticket.owner,
        "opened_at": instant(ticket.opened_at),
        "due": ticket.due_metric or None,
        "due_at": instant(ticket.due_at),
        "paused_until": instant(ticket.paused_until),
    }


def queue(page: QueuePage, counts: QueueCounts, now: str | None) -> dict[str, Any]:
    """A stretch of the queue with the figures above it."""
    return {
        "now": now,
        "open": counts.open,
        "late": counts.late,
        "red": counts.red,
        "unclaimed": counts.unclaimed,
        "paused": counts.paused,
        "matching": page.total,
        "first": page.first,
        "tickets": [row(ticket) for ticket in page.rows],
    }


def line(entry: TimelineLine) -> dict[str, Any]:
    """One line of a timeline."""
    return {
        "at": instant(entry.occurred_at),
        "recorded_at": instant(entry.recorded_at),
        "kind": entry.kind.value,
        "author": entry.author,
        "text": entry.text,
        "details": entry.details,
    }


def ticket(view: TicketView) -> dict[str, Any]:
    """A ticket with everything that hangs on it."""
    machine = view.machine
    return row(view.row) | {
        "channel": view.channel.value,
        "description": view.description,
        "fault": view.fault,
        "resolution": view.resolution,
        "first_response_at": instant(view.first_response_at),
        "solved_at": instant(view.solved_at),
        "closed_at": instant(view.closed_at),
        "reopened": view.reopened,
        "pause_reason": view.pause_reason.value if view.pause_reason else None,
        "machine": {"product": machine.product, "model": machine.model, "serial": machine.serial} if machine else None,
        "caller": caller(view.customer) if view.customer else None,
        "timeline": [line(entry) for entry in view.timeline],
        "call_backs": [
            {
                "due_at": instant(call.due_at), "done_at": instant(call.done_at), "attempts": call.attempts,
                "solved": call.solved, "satisfaction": call.satisfaction,
            }
            for call in view.call_backs
        ],
    }  # fmt: skip


def caller(customer: CustomerView) -> dict[str, Any]:
    """The customer of a ticket; numbers are hidden from roles that need none."""
    return {
        "number": customer.number,
        "id": str(customer.id),
        "name": customer.name,
        "phone": customer.phone,
        "address": customer.address,
        "masked": customer.masked,
    }


def match(customer: CustomerBrief) -> dict[str, Any]:
    """A customer among matches."""
    return {
        "number": customer.number,
        "id": str(customer.id),
        "name": customer.name,
        "phone": customer.phone,
        "address": customer.address,
        "machine": customer.machine,
        "open_tickets": customer.open_tickets,
        "matched": customer.matched,
    }


def receipt(done: Receipt) -> dict[str, Any]:
    """What a command did."""
    return {"kind": done.kind, "id": str(done.id), "label": done.label, "repeated": done.repeated}
