"""Find a customer by whatever is said, or a ticket by its number."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.domain.views import CustomerBrief, TicketView
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.customers import FindCustomers
from deskapp.services.requests.tickets import GetTicket
from deskapp.widgets.caller import MOST, Caller
from deskapp.widgets.text import Live


class FindScreen(DeskScreen[None], scope="find"):
    """One line; what it finds opens with Enter."""

    CSS_PATH = "../styles/find.tcss"

    def body(self) -> ComposeResult:
        with Vertical():
            yield Live(lambda: _("Find a customer, or a ticket by its number (T-2041)"), classes="heading")
            yield Caller(self._find, nobody=_nobody, most=lambda: self._room)

    def ready(self) -> None:
        self.query_one(Caller).take_focus()

    async def _find(self, text: str) -> Sequence[CustomerBrief]:
        try:
            found: Sequence[CustomerBrief] = await self.shell.ask(FindCustomers(text=text, limit=self._room))
        except DeskError as error:
            self.shell.tell(str(error), severity="error", hint=error.hint)
            return ()
        return found

    @property
    def _room(self) -> int:
        """Matches that fit below the line, so that nothing is cut off."""
        return max(MOST, min(20, self.size.height - 7))

    @on(Caller.Chosen)
    def _open(self, event: Caller.Chosen) -> None:
        self.app.pop_screen()
        self.shell.open_customer(event.customer.id)

    @on(Caller.Left)
    def _ticket(self) -> None:
        number = _ticket_number(self.query_one(Caller).text)
        if number is not None:
            self.fetch("ticket", GetTicket(number=number), self._open_ticket)

    def _open_ticket(self, ticket: TicketView) -> None:
        self.app.pop_screen()
        self.shell.open_ticket(ticket.id)


def _ticket_number(text: str) -> int | None:
    figures = text.upper().removeprefix("T-").removeprefix("#")
    return int(figures) if figures.isascii() and figures.isdigit() and len(figures) < 10 else None


def _nobody(text: str) -> str:
    number = _ticket_number(text)
    return _("Nobody matches.") if number is None else _("Nobody matches; Enter opens T-{number}").format(number=number)
