"""`deskapp customer find`, and the one customer that a command means."""

import re
from typing import Annotated
from uuid import UUID

import typer

from deskapp.cli import shape
from deskapp.cli.kit import Call
from deskapp.cli.output import emit, print_table, say
from deskapp.cli.session import desk_of
from deskapp.domain.errors import Conflict, NotFound
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor
from deskapp.domain.views import CustomerBrief
from deskapp.services.desk import Desk
from deskapp.services.requests.customers import FindCustomers
from deskapp.services.requests.privacy import FindFile

_FILE_NUMBER = re.compile(r"[cC]-?(\d{1,9})")


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


def one_customer(desk: Desk, actor: Actor, who: str) -> UUID:
    """The customer who is meant by words, a file's number or its id. Raises NotFound, or Conflict naming several."""
    try:
        return UUID(who)
    except ValueError:
        if own := _FILE_NUMBER.fullmatch(who):
            return UUID(str(desk.read(actor, FindFile(number=int(own[1])))))
        found: tuple[CustomerBrief, ...] = desk.read(actor, FindCustomers(text=who, limit=5))
    if not found:
        raise NotFound(
            N_("No customer matches {who}."), hint=N_("Look with `deskapp customer find`."), field="customer", who=who
        )
    if len(found) > 1:
        raise Conflict(
            N_("Several customers match {who}: {names}."), hint=N_("Give the file's number, such as C-10001."),
            field="customer", who=who,
            names=", ".join(f"C-{match.number} {match.name} {match.phone}".strip() for match in found),
        )  # fmt: skip
    return found[0].id
