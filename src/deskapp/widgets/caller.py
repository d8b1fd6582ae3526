"""Who is calling: one line to type a number, a name, a serial number or an address into, and who it may be."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from deskapp.domain.i18n import _
from deskapp.domain.text import guard
from deskapp.domain.views import CustomerBrief
from deskapp.widgets.cells import fit
from deskapp.widgets.text import Live

Find = Callable[[str], Awaitable[Sequence[CustomerBrief]]]
MOST = 8
"""How many matches a call has room for; whoever finds so many is better off typing on."""


class Caller(Vertical):
    """Shows matches as they are typed, from the fourth digit on; Down and Enter choose one, Enter alone the first.

    `find` answers what is typed; an older answer never wins.
    """

    DEFAULT_CSS = """
    Caller { height: auto; }
    Caller Input, Caller Input:focus { border: none; height: 1; padding: 0; background: $surface; }
    Caller Input:focus { background: $panel; }
    Caller OptionList { border: none; height: auto; max-height: 8; padding: 0; background: $background; display: none;
        text-wrap: nowrap; text-overflow: clip; }
    Caller OptionList.-some { display: block; }
    Caller .hint { color: $quiet; width: 1fr; height: 1; }
    """

    class Chosen(Message):
        """Somebody was chosen from the matches."""

        def __init__(self, customer: CustomerBrief) -> None:
            super().__init__()
            self.customer = customer

    class Typed(Message):
        """The line changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Enter on a text that nobody matches: somebody new."""

    def __init__(
        self, find: Find, *, id: str | None = None,  # noqa: A002 - Textual's name
        waits: Callable[[bool], None] = lambda waits: None, nobody: Callable[[str], str] | None = None,
        most: Callable[[], int] = lambda: MOST,
    ) -> None:  # fmt: skip
        """`waits` is told that what is typed from here on is about somebody who is still looked up, and when not;
        `nobody` says what Enter does with a text that nobody matches, `most` how many matches `find` gives."""
        super().__init__(id=id)
        self._nobody, self._most = nobody, most
        self._find, self._waits = find, waits
        self._matches: Sequence[CustomerBrief] = ()
        self._asked = ""
        self._known, self._name = False, ""
        # Pressed while it is being looked up: done when the answer is there.
        self._looking, self._later = False, list[Callable[[], Any]]()

    def compose(self) -> ComposeResult:
        yield Input(max_length=120)
        yield OptionList(markup=False)
        yield Live(self._hint, classes="hint")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False

    def _hint(self) -> str:
        text = self.query_one(Input).value.strip()
        if self._known:
            return ""
        if not text:
            return _("4+ digits, name, initials, serial no., address")
        if len(self._matches) >= self._most():
            return _("First {count}: type more, or Up Down, Enter").format(count=len(self._matches))
        if self._matches:
            return _("{count} found: Up Down choose, Enter takes").format(count=len(self._matches))
        digits = sum(character.isdigit() for character in text)
        if digits == len(text) and digits < 4:
            return _("digits still to come: {more}").format(more=4 - digits)
        if self._asked != text:
            return ""
        return self._nobody(text) if self._nobody else _("Nobody yet: Enter goes on with somebody new")

    @property
    def text(self) -> str:
        """What was typed."""
        return self.query_one(Input).value.strip()

    def put(self, text: str) -> None:
        """Put a text into the line as if it had been typed."""
        self._name = text.strip()
        self.query_one(Input).value = text

    def take_focus(self) -> None:
        """Put the cursor into the line."""
        self.query_one(Input).focus()

    def clear(self) -> None:
        """It is known who it is: show no matches until something else is typed."""
        self._known = True
        self._show((), "")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        text = event.value.strip()
        self._known = self._known and text == self._name
        self._looking = bool(text)
        self._later.clear()
        self.post_message(self.Typed(text))
        self.run_worker(self._look(text), exclusive=True, group="find")

    async def _look(self, text: str) -> None:
        self._show(await self._find(text) if text else (), text)

    def _show(self, matches: Sequence[CustomerBrief], text: str) -> None:
        self._looking = False
        self._matches, self._asked = matches, text
        listed = self.query_one(OptionList)
        listed.set_options(Option(_line(match, self.size.width)) for match in matches)
        listed.highlighted = 0 if matches else None
        listed.set_class(bool(matches), "-some")
        self.query_one(".hint").refresh()
        for pressed in self._later:
            pressed()
        self._later.clear()
        self._waits(False)

    def on_key(self, event: events.Key) -> None:
        listed = self.query_one(OptionList)
        moves: dict[str, Callable[[], Any]] = {"down": listed.action_cursor_down, "up": listed.action_cursor_up}
        if (move := moves.get(event.key)) and (self._matches or self._looking):
            event.stop()
            self._do(move)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        self._do(self._choose)

    def _do(self, act: Callable[[], Any]) -> None:
        if self._looking:
            self._later.append(act)
            self._waits(True)
        else:
            act()

    def _choose(self) -> None:
        place = self.query_one(OptionList).highlighted
        if place is not None and self._matches:
            self.post_message(self.Chosen(self._matches[place]))
        else:
            self.post_message(self.Left())

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Chosen(self._matches[event.option_index]))


def _line(match: CustomerBrief, width: int) -> Content:
    opened = _("{count} open").format(count=match.open_tickets) if match.open_tickets else ""
    told = (match.address, match.machine) if match.matched == "address" else (match.machine, match.address)
    rest = "  ".join(guard(part) for part in told if part)
    return Content.assemble(
        fit(guard(match.name), 16),
        " ",
        (fit(guard(match.phone), 18), ""),
        (fit(opened, 9), "$accent"),
        " ",
        (fit(rest, max(20, width - 46)).rstrip(), "$quiet"),
    )


__all__ = ["MOST", "Caller"]
