"""`deskapp new`, `note`, `claim`, `solve`: a ticket's way as commands."""

import sys
from typing import Annotated

import typer

from deskapp.cli import shape
from deskapp.cli.customer import one_customer
from deskapp.cli.kit import Call
from deskapp.cli.output import emit, say
from deskapp.cli.queue import Ticket, find_ticket
from deskapp.cli.session import desk_of
from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import Channel, EntryKind, Grade, Priority
from deskapp.services.requests.base import Receipt
from deskapp.services.requests.merging import MergeTicket
from deskapp.services.requests.tickets import AddEntry, ClaimNext, ClaimTicket, OpenTicket, SolveTicket

Words = Annotated[str, typer.Argument(metavar="TEXT", help=N_("The words; - reads them from standard input."))]


def new(
    call: Call,
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help=N_("What it is about, in a line."))],
    description: Annotated[str, typer.Option("--description", help=N_("The customer's words; - reads them."))] = "",
    customer: Annotated[
        str, typer.Option("--customer", metavar="WHO", help=N_("The customer: a number, a name, a serial number."))
    ] = "",
    channel: Annotated[Channel, typer.Option("--channel", help=N_("How the customer reached you."))] = Channel.PHONE,
    grade: Annotated[Grade, typer.Option("--grade", help=N_("Who has to act."))] = Grade.GREEN,
    priority: Annotated[Priority, typer.Option("--priority", help=N_("How urgent it is."))] = Priority.NORMAL,
    product: Annotated[str, typer.Option("--product", help=N_("The kind of machine."))] = "",
    fault: Annotated[str, typer.Option("--fault", help=N_("What is wrong with it."))] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        who = one_customer(desk, actor, customer) if customer else None
        command = OpenTicket(
            subject=subject, description=_read(description), customer_id=who,
            channel=channel, grade=grade, priority=priority, product=product, fault=fault,
        )  # fmt: skip
        done = desk.execute(actor, command)
    _tell(call, done, _("{ticket} was opened."))


def note(call: Call, ticket: Ticket, text: Words) -> None:
    with desk_of(call) as (desk, actor):
        found = find_ticket(desk, actor, ticket)
        done = desk.execute(actor, AddEntry(ticket_id=found.id, kind=EntryKind.NOTE, text=_read(text)))
    _tell(call, done, _("Written into {ticket}."))


def claim(
    call: Call,
    ticket: Annotated[
        str, typer.Argument(metavar="TICKET", help=N_("A ticket's number; without it, the next of your team."))
    ] = "",
) -> None:
    with desk_of(call) as (desk, actor):
        command = ClaimTicket(ticket_id=find_ticket(desk, actor, ticket).id) if ticket else ClaimNext()
        done = desk.execute(actor, command)
    _tell(call, done, _("{ticket} is yours."))


def solve(
    call: Call,
    ticket: Ticket,
    resolution: Annotated[str, typer.Argument(metavar="TEXT", help=N_("How it was solved; - reads it."))],
) -> None:
    with desk_of(call) as (desk, actor):
        found = find_ticket(desk, actor, ticket)
        done = desk.execute(actor, SolveTicket(ticket_id=found.id, resolution=_read(resolution)))
    _tell(call, done, _("{ticket} is solved; the customer is to be called back."))


def merge(
    call: Call,
    ticket: Annotated[str, typer.Argument(metavar="SOURCE", help=N_("The ticket that goes into the other one."))],
    target: Annotated[str, typer.Argument(metavar="TARGET", help=N_("The ticket that stays."))],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=N_("Why they are one case."))],
) -> None:
    with desk_of(call) as (desk, actor):
        source, other = find_ticket(desk, actor, ticket), find_ticket(desk, actor, target)
        done = desk.execute(actor, MergeTicket(ticket_id=source.id, target_id=other.id, reason=reason))
    _tell(call, done, _("{ticket} went into the other one."))


def _read(text: str) -> str:
    return sys.stdin.read() if text == "-" else text


def _tell(call: Call, done: Receipt, sentence: str) -> None:
    if call.json:
        emit(shape.receipt(done))
    else:
        say(sentence.format(ticket=done.label))
