"""What can be asked while a call is taken."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from deskapp.domain.terms import Channel, Grade, PreferenceKind, Priority
from deskapp.services.requests.base import Command, body, line


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCall(Command):
    """Record a call as a whole: the customer where it is a new one, the machine, what is to be remembered, the case.

    Either all of it is stored or nothing; `submission_id` becomes the ticket's id.
    """

    action: ClassVar[str] = "ticket.create"
    customer_id: UUID | None = None
    name: str = line(120)
    phone: str = line(40)
    address: str = line(300)
    language: str = line(8)
    machine_id: UUID | None = None
    product: str = line(80)
    model: str = line(80)
    serial: str = line(80)
    channel: Channel = Channel.PHONE
    grade: Grade = Grade.GREEN
    priority: Priority = Priority.NORMAL
    subject: str = line(200, required=True)
    description: str = body(8000)
    fault: str = line(120)
    note: str = body(4000)
    remember: str = line(300)
    remember_kind: PreferenceKind = PreferenceKind.OTHER
    remember_until: date | None = None
    occurred_at: datetime | None = None
