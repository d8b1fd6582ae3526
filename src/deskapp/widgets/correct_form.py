"""Correct what a ticket says; when somebody else did so first, both versions are in sight and what was typed stays."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from deskapp.domain.i18n import N_, _
from deskapp.domain.views import TicketView
from deskapp.services.requests.tickets import EditTicket
from deskapp.widgets.form import Form, Line

FIELDS = {
    "subject": (N_("Problem"), 200), "product": (N_("Product"), 80), "fault": (N_("Fault"), 120),
    "description": (N_("In the customer's words"), 4000),
}  # fmt: skip


def stored(ticket: TicketView) -> dict[str, str]:
    """What the ticket says now, as the form shows it."""
    return {
        "subject": ticket.row.subject, "product": ticket.row.product, "fault": ticket.fault,
        "description": ticket.description.replace("\n", " / "),
    }  # fmt: skip


def typed(command: EditTicket) -> dict[str, str]:
    """What somebody typed."""
    return {name: getattr(command, name) for name in FIELDS}


def correct_form(ticket: TicketView, values: Mapping[str, str], problem: str = "") -> Form:
    """The form with these values; it makes the command that `command_of` does."""
    lines = tuple(
        Line(name, _(label), values[name], limit, required=name == "subject") for name, (label, limit) in FIELDS.items()
    )
    told = "\n".join([problem, *_differences(ticket, values)]) if problem else ""
    title = _("Correct {ticket}").format(ticket=ticket.row.label)
    return Form(title, lines, problem=told, check=lambda v: command_of(ticket.id, ticket.version, v))


def _differences(ticket: TicketView, values: Mapping[str, str]) -> Iterator[str]:
    """Where what is stored is another than what was typed: the stored words, field by field."""
    for name, kept in stored(ticket).items():
        if kept != values[name]:
            yield _("Stored now, {field}: {text}").format(field=_(FIELDS[name][0]), text=kept or "-")


def command_of(ticket_id: UUID, version: int, values: Mapping[str, str]) -> EditTicket:
    """The command that stores what was typed, if the ticket is still as it was seen. Raises Invalid."""
    facts: dict[str, Any] = {name: values[name] for name in FIELDS}
    return EditTicket(ticket_id=ticket_id, version=version, **facts)


__all__ = ["command_of", "correct_form", "stored", "typed"]
