"""What a command of the screens is made of, and those that several screens carry out in the same way."""

from dataclasses import dataclass, replace

from deskapp.domain.i18n import N_


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do with a key.

    `id` is what the keys table of the settings calls it; a screen carries it out in `action_<id with _ for .>`.
    `keys[0]` is the one shown. `everywhere`: works inside text fields and dialogs too (not its letters).
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    footer: bool = False
    palette: bool = True
    everywhere: bool = False

    @property
    def method(self) -> str:
        """The name of the Textual action."""
        return self.id.replace(".", "_")


@dataclass(frozen=True, slots=True)
class Scope:
    """The actions of one screen or widget; `includes` names scopes whose actions work there too."""

    title: str
    actions: tuple[Action, ...]
    includes: tuple[str, ...] = ()


# What several screens do in the same way, with the same key.
NEW_CALL = Action("call.new", ("n", "ctrl+n"), N_("New call"), N_("Take a call: find the customer, record the case."))
OPEN_TICKET = Action("ticket.open", ("enter",), N_("Open"), N_("Open the ticket under the cursor."), palette=False)
OPEN_CUSTOMER = Action("customer.open", ("u", "f7"), N_("Customer"), N_("Open the file of this ticket's customer."))
FIND_CUSTOMER = Action(
    "customer.find", ("/", "f3"), N_("Find"), N_("Find a customer by number, name, machine or address."), footer=True
)
CLAIM = Action("ticket.claim", ("c", "f5"), N_("Claim"), N_("Take the ticket; exactly one of two who try wins."))
RELEASE = Action("ticket.release", ("x", "ctrl+x"), N_("Put back"), N_("Put the ticket back for others to claim."))
HAND_OVER = Action(
    "ticket.hand_over", ("h", "f6"), N_("Hand over"), N_("Ask another desk to work on it; you stay the owner.")
)
CALL_BACK = Action("ticket.call_back", ("b", "ctrl+b"), N_("Call-back"), N_("Write down the call after a solution."))
PANE = Action("pane.toggle", ("p", "f4"), N_("Pane"), N_("Show or hide the pane beside the list."))
REFRESH = Action("list.refresh", ("r", "ctrl+r"), N_("Refresh"), N_("Read everything again."))
BACK = Action("app.back", ("escape",), N_("Back"), N_("One level back; a draft is never lost."), palette=False)


def footer(action: Action) -> Action:
    """The same action, shown in the footer."""
    return replace(action, footer=True)
