"""Who are you? Asked when the login belongs to nobody at this desk."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from deskapp.domain.i18n import _
from deskapp.domain.text import guard
from deskapp.domain.views import Directory, PersonLine
from deskapp.screens.base import DeskScreen, label
from deskapp.widgets.text import Live


class SignOnScreen(DeskScreen[None], scope="sign_on"):
    """A list of the desk's people, narrowed by typing; `chosen` gets the login."""

    CSS_PATH = "../styles/sign_on.tcss"

    def __init__(self, login: str, directory: Directory, chosen: Callable[[str], None]) -> None:
        super().__init__()
        self._login, self._chosen = login, chosen
        self._people = [person for person in directory.people if person.active]
        self._shown = self._people

    def body(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Live(self._why, classes="why")
            yield Input(placeholder=_("Type a part of your name, login or team"))
            yield OptionList(*self._options(), markup=False)

    def on_mount(self) -> None:
        people = self.query_one(OptionList)
        people.can_focus = False
        people.highlighted = 0 if self._shown else None
        self.query_one(Input).focus()

    def _why(self) -> str:
        if not self._people:
            return _("Nobody works at this desk yet. Leave with Esc and make a person: deskapp init.")
        return _("{login} is nobody at this desk. Who are you?").format(login=self._login)

    def _options(self) -> list[Option]:
        return [
            Option(
                Content.assemble(
                    guard(person.name),
                    (f"   {guard(person.login)}   {label(person.role)}   {guard(person.team)}", "$quiet"),
                )
            )
            for person in self._shown
        ]

    @on(Input.Changed)
    def _narrow(self, event: Input.Changed) -> None:
        words = event.value.casefold().split()

        def text(person: PersonLine) -> str:
            return f"{person.name} {person.login} {person.team} {label(person.role)}".casefold()

        self._shown = [person for person in self._people if all(word in text(person) for word in words)]
        people = self.query_one(OptionList)
        people.set_options(self._options())
        people.highlighted = 0 if self._shown else None

    def said(self) -> None:
        self.query_one(Input).placeholder = _("Type a part of your name, login or team")
        self.query_one(OptionList).set_options(self._options())

    def key_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def key_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    @on(Input.Submitted)
    def _take(self) -> None:
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None and highlighted < len(self._shown):
            self._chosen(self._shown[highlighted].login)

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        self._chosen(self._shown[event.option_index].login)

    def action_app_leave(self) -> None:
        self.shell.leave()
