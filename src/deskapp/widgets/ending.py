"""How a ticket ends: solved, closed or called back; before it does, what it really was and what was missing."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from textual.app import App

from deskapp.domain.i18n import _, language
from deskapp.domain.views_flow import Causes
from deskapp.services.requests.base import Command
from deskapp.services.requests.causes import ConfirmCause
from deskapp.services.requests.tickets import CloseTicket, RecordCallBack, SolveTicket
from deskapp.widgets.dialogs import AskLine, Choice, Choose, Told
from deskapp.widgets.form import Form, Line

_OTHER, _OPEN = "\0other", "\0open"
Send = Callable[[Command], None]


class Ending:
    """Asks for the end of a ticket and sends it; where a flow guessed, what the technician found comes first."""

    def __init__(
        self, app: App[Any], ticket_id: UUID, send: Send, causes: Callable[[Callable[[Causes | None], None]], None]
    ) -> None:
        """`causes` reads what it may have been and gives it to a function."""
        self._app, self._about, self._send, self._causes = app, ticket_id, send, causes

    def solve(self, typed: str = "") -> None:
        """Ask how it was solved."""

        def told(text: str | None) -> None:
            if text is not None:
                solve = SolveTicket(ticket_id=self._about, resolution=text)
                self._then(solve, lambda: self.solve(text), again=True)

        self._app.push_screen(AskLine(_("How was it solved?"), value=typed, limit=4000), told)

    def close(self, typed: str = "") -> None:
        """Ask why it ends without a call-back."""

        def told(text: str | None) -> None:
            if text is not None:
                self._then(CloseTicket(ticket_id=self._about, reason=text), lambda: self.close(text))

        self._app.push_screen(AskLine(_("Close it without a call-back: why?"), value=typed), told)

    def call_back(self, typed: Mapping[str, str] | None = None) -> None:
        """Ask how the call after the solution went."""
        # No figure stands there beforehand: what nobody said must not count as content.
        typed = typed or {"result": "solved", "stars": "", "comment": ""}
        stars = (*((str(n), f"{n}/5") for n in (1, 2, 3, 4, 5)), ("", _("not told")))
        results = (("solved", _("solved")), ("not", _("not solved")), ("missed", _("not reached")))
        lines = [
            Line("result", _("Result"), typed["result"], words=results),
            Line("stars", _("Satisfaction"), typed["stars"], words=stars),
            Line("comment", _("What did the customer say?"), typed["comment"], limit=2000),
        ]

        def command(values: Mapping[str, str]) -> RecordCallBack:
            return RecordCallBack(
                ticket_id=self._about, reached=values["result"] != "missed", solved=values["result"] == "solved",
                satisfaction=int(values["stars"]) if values["stars"] and values["result"] != "missed" else None,
                comment=values["comment"],
            )  # fmt: skip

        def told(values: Mapping[str, str] | None) -> None:
            if values is not None and values["result"] == "solved":
                self._then(command(values), lambda: self.call_back(values))
            elif values is not None:
                self._send(command(values))

        self._app.push_screen(Form(_("Call-back"), lines, check=command), told)

    def cause(self) -> None:
        """Ask what it really was, whenever the technician tells."""

        def choose(causes: Causes | None) -> None:
            if causes is None:
                self._app.push_screen(Told(_("Cause"), [_("This ticket was taken without a flow.")]))
            else:
                confirm(self._app, self._about, causes, self._send)

        self._causes(choose)

    def _then(self, command: Command, back: Callable[[], None], *, again: bool = False) -> None:
        """Send the end once the cause is told; `again` asks also where it was left open before."""

        def choose(causes: Causes | None) -> None:
            if causes is None or causes.confirmed or (causes.asked and not again):
                self._send(command)
                return

            def both(cause: Command) -> None:
                self._send(cause)
                self._send(command)

            confirm(self._app, self._about, causes, both, back)

        self._causes(choose)


def confirm(
    app: App[Any], ticket_id: UUID, causes: Causes, send: Send, back: Callable[[], None] = lambda: None
) -> None:
    """Ask, and send what was answered; Esc goes one question back, at the first one to `back`."""

    def again() -> None:
        confirm(app, ticket_id, causes, send, back)

    def missing(cause: str) -> None:
        def told(text: str | None) -> None:
            if text is None:
                again()
            else:
                send(ConfirmCause(ticket_id=ticket_id, cause=cause, missing=text))

        title = _("Was a part or tool missing? Which? Enter: nothing was missing.")
        app.push_screen(AskLine(title, value=causes.missing, optional=True), told)

    def line(title: str, limit: int, then: Callable[[str], None]) -> None:
        app.push_screen(AskLine(title, limit=limit), lambda text: then(text) if text else again())

    def chosen(answer: str | None) -> None:
        if answer is None:
            back()
        elif answer == _OTHER:
            line(_("What was it?"), 200, missing)
        elif answer == _OPEN:
            line(
                _("Why is the cause not known?"), 300,
                lambda reason: send(ConfirmCause(ticket_id=ticket_id, open_because=reason)),
            )  # fmt: skip
        else:
            missing(answer)

    app.push_screen(Choose(_title(causes), _choices(causes)), chosen)


def _title(causes: Causes) -> str:
    title = _("What was it really? The technician's word.")
    if causes.confirmed:
        title += "  " + _("Until now: {cause}").format(cause=causes.confirmed.get(language()))
    return title


def _choices(causes: Causes) -> list[Choice[str]]:
    choices = [Choice(text.en, text.get(language()), words=f"{text.zh} {text.en}") for text in causes.choices]
    choices.append(Choice(_OTHER, _("Another cause: type it")))
    choices.append(Choice(_OPEN, _("Not known yet: say why")))
    return choices


__all__ = ["Ending"]
