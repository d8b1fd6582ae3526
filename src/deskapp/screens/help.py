"""The keys of a screen, made from their declarations."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskapp.commands import SCOPES, Scope, keys_of, shown_key
from deskapp.domain.i18n import _
from deskapp.screens.base import DeskScreen
from deskapp.widgets.cells import fit
from deskapp.widgets.text import Live

_INDENT = 16  # cells for the keys


class HelpScreen(DeskScreen[None], scope="help"):
    """Lists what works on the screen it was opened from; arrows and pages scroll."""

    CSS_PATH = "../styles/help.tcss"

    def __init__(self, about: str) -> None:
        super().__init__()
        self._about = about

    def place(self) -> str:
        return _("Help: {screen}").format(screen=_(SCOPES[self._about].title))

    def body(self) -> ComposeResult:
        with VerticalScroll():
            yield Live(self._rows)

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _rows(self) -> Content:
        scope = SCOPES[self._about]
        lines: list[Content] = []
        for part in (scope, *(SCOPES[name] for name in scope.includes), SCOPES["app"]):
            lines += [Content.styled(_(part.title), "bold"), *self._section(part), Content()]
        note = _("A letter does nothing while you type text or an input method is on: use its twin.")
        return Content("\n").join([*lines, *Content.styled(note, "$quiet").wrap(self._width)])

    @property
    def _width(self) -> int:
        return max(30, self.size.width - 6)

    def _section(self, scope: Scope) -> Iterator[Content]:
        for action in scope.actions:
            keys = "  ".join(shown_key(key) for key in keys_of(action, self.shell.keymap))
            told = Content.assemble((_(action.label), "bold"), "  ", _(action.help)).wrap(self._width - _INDENT)
            for index, line in enumerate(told):
                yield Content.assemble((fit("" if index else f"  {keys}", _INDENT), "$accent"), line)

    def on_resize(self) -> None:
        self.query_one(Live).refresh(layout=True)


__all__ = ["HelpScreen"]
