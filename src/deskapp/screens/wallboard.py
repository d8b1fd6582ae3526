"""The wallboard: how the whole desk stands, on one screen; and what a lead does about a mass fault."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from textual.app import ComposeResult

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.domain.permissions import may
from deskapp.domain.views_incident import MassFaultLine, MassFaultView, ScanAnswer
from deskapp.domain.views_wall import Wallboard
from deskapp.screens.base import DeskScreen
from deskapp.services.requests import incidents as ask
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.wallboard import GetWallboard
from deskapp.widgets.dialogs import AskLine, Choose
from deskapp.widgets.fault_case import Act, Deed, FaultCase, fault_choices
from deskapp.widgets.wall import Wall

_READ_EVERY = 15  # ticks; promises run out without anybody changing anything
_SOONEST = 3  # ticks between two readings, however much changes
_SCAN_EVERY = timedelta(hours=1)


class WallboardScreen(DeskScreen[None], scope="wallboard"):
    """Read when something changed, at most every three seconds; between, countdowns go on by themselves."""

    CSS_PATH = "../styles/wallboard.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._board: Wallboard | None = None
        self._since_read = 0
        self._stale = False
        self._asked_scan = False

    def body(self) -> ComposeResult:
        yield Wall()

    @property
    def _wall(self) -> Wall:
        return self.query_one(Wall)

    def ready(self) -> None:
        self._since_read, self._stale = 0, False
        self.fetch("wall", GetWallboard(zone=self.shell.zone), self._show)

    def _show(self, board: Wallboard) -> None:
        self._board = board
        self.shell.stands(board.counts)
        self.show_who()
        self._wall.tell(board, self.shell.zone, ascii=self.shell.preferences.ascii)
        # A lead's wallboard has the desk look for mass faults once an hour.
        due = board.last_scan is None or board.now - board.last_scan > _SCAN_EVERY
        if due and self._may("incident.scan") and not self._asked_scan:
            self._scan(quiet=True)

    def ticked(self, now: datetime) -> None:
        self._wall.empty = self.nothing("")
        self._wall.tick(now)
        self._since_read += 1
        if self.shell.actor is None:
            return
        if self._since_read >= _READ_EVERY or (self._stale and self._since_read >= _SOONEST):
            self.ready()

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        if tickets is None or self._since_read >= _SOONEST or self._board is None:
            self.ready()
        else:
            self._stale = True

    def said(self) -> None:
        self._wall.draw_as(ascii=self.shell.preferences.ascii)

    def action_list_refresh(self) -> None:
        self.ready()

    # Mass faults

    def _may(self, action: str) -> bool:
        actor = self.shell.actor
        return actor is not None and may(actor, action)

    def action_incident_scan(self) -> None:
        if self._may("incident.scan"):
            self.shell.tell(_("Looking through the tickets ..."))
            self._scan(quiet=False)
        else:
            self.shell.tell(_("Only a lead has the desk look for mass faults."), severity="warning")

    def _scan(self, *, quiet: bool) -> None:
        self._asked_scan = True

        def keep(found: ScanAnswer) -> None:
            self.shell.dispatch(ask.RecordScan(as_of=found.as_of, signals=found.signals))
            if not quiet:
                told = _("{reports} reports looked at, {signals} unusual.")
                self.shell.tell(told.format(reports=f"{found.reports:,}", signals=len(found.signals)))

        self.fetch("scan", ask.FindMassFaults(zone=self.shell.zone), keep)

    def action_incident_list(self) -> None:
        self.fetch("faults", ask.GetMassFaults(), self._choose)

    def _choose(self, lines: tuple[MassFaultLine, ...]) -> None:
        if not lines:
            self.shell.tell(_("No mass fault is under way."))
        elif len(lines) == 1:
            self._open(lines[0].id)
        else:
            choices = fault_choices(lines, self.shell.clock.now())
            self.app.push_screen(Choose(_("Which mass fault?"), choices), self._open)

    def _open(self, key: UUID | None) -> None:
        if key is not None:
            self.fetch("fault", ask.GetMassFault(id=key), self._ask_what)

    def _ask_what(self, view: MassFaultView) -> None:
        case = FaultCase(view, self.shell.clock.now(), self.shell.zone, decides=self._may("incident.confirm"))
        self.app.push_screen(case, lambda deed: self._do(view, deed))

    def _do(self, view: MassFaultView, deed: Deed | None) -> None:
        if deed is None:
            return
        key, about = view.line.id, deed.about
        match deed.act:
            case Act.TICKET if about is not None:
                self.shell.open_ticket(about)
            case Act.CONFIRM:
                self.shell.dispatch(ask.ConfirmMassFault(id=key))
            case Act.CLOSE:
                self.shell.dispatch(ask.CloseMassFault(id=key))
            case Act.DONE if about is not None:
                self._with(_("What was done?"), lambda t: ask.FinishAction(action_id=about, note=t), optional=True)
            case Act.CALL_OFF if about is not None:
                self._with(
                    _("Why is it called off?"), lambda t: ask.FinishAction(action_id=about, note=t, call_off=True)
                )
            case Act.DISMISS:
                self._with(_("Why is it none?"), lambda t: ask.DismissMassFault(id=key, reason=t))
            case Act.BROADCAST:
                self._with(_("What are they told?"), lambda t: ask.Broadcast(id=key, text=t), limit=2000)
            case Act.LOWER:
                lower = view.line.level - 1
                self._with(_("Why is it lowered?"), lambda t: ask.LowerLevel(id=key, level=lower, reason=t))
            case Act.CLOSING:
                self._with(_("How was it mended?"), lambda t: ask.BeginClosing(id=key, reason=t))
            case Act.GO_ON:
                self._with(_("Why is it not over?"), lambda t: ask.GoOn(id=key, reason=t))
            case Act.SOLVE:
                chosen = tuple(child.id for child in view.open_children)
                self._with(
                    _("How were they solved?"),
                    lambda t: ask.SolveChildren(id=key, ticket_ids=chosen, resolution=t),
                    limit=2000,
                )
            case _:
                raise AssertionError(deed)

    def _with(self, title: str, make: Callable[[str], Command], *, optional: bool = False, limit: int = 900) -> None:
        """Ask for the words that belong to a decision, then send it."""

        def send(text: str | None) -> None:
            if text is not None:
                self.shell.dispatch(make(text))

        self.app.push_screen(AskLine(title, limit=limit, optional=optional), send)

    def done(self, command: Command, receipt: Receipt) -> None:
        told: dict[type[Any], str] = {
            ask.ConfirmMassFault: _("{number} is confirmed."),
            ask.DismissMassFault: _("{number} is dismissed."),
            ask.Broadcast: _("Written into every open ticket of {number}."),
            ask.SolveChildren: _("Solved; each customer of {number} is to be called back."),
            ask.CloseMassFault: _("{number} is closed."),
        }
        if type(command) in told:
            self.shell.tell(told[type(command)].format(number=receipt.label))
        elif not isinstance(command, ask.RecordScan):
            self.shell.tell(_("Written into {number}.").format(number=receipt.label))
        self.ready()

    def refused(self, command: Command, error: DeskError) -> bool:
        # A desk that takes no changes is looked at all the same.
        return isinstance(command, ask.RecordScan)


__all__ = ["WallboardScreen"]
