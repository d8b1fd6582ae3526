"""`deskapp customer find`."""

from typing import Annotated

import typer

from deskapp.cli import shape
from deskapp.cli.kit import Call
from deskapp.cli.output import emit, print_table, say
from deskapp.cli.session import desk_of
from deskapp.domain.i18n import N_, _
from deskapp.domain.views import CustomerBrief
from deskapp.services.requests.customers import FindCustomers


def find(
    call: Call,
    text: Annotated[str, typer.Argument(metavar="TEXT", help=N_("A number, a name, a serial number or an address."))],
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help=N_("How many to print."))] = 20,
) -> None:
    with desk_of(call) as (desk, actor):
        found: tuple[CustomerBrief, ...] = desk.read(actor, FindCustomers(text=text, limit=limit))
    if call.json:
        emit({"customers": [shape.match(customer) for customer in found]})
        return
    if not found:
        say(_("Nobody matches. A telephone number is looked up from its fourth digit on."))
        return
    headings = (_("no."), _("name"), _("phone"), _("machine"), _("open"), _("address"))
    print_table(
        headings,
        [(str(c.number), c.name, c.phone, c.machine, str(c.open_tickets), c.address) for c in found],
    )
