"""The keys of a screen, made from their declarations."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskapp.commands import SCOPES, Scope, keys_of, shown_key
from deskapp.domain.i18n import _
from deskapp.screens.base import DeskScreen
from deskapp.widgets.cells import fit
from deskapp.widgets.text import Live


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
        parts: list[str | tuple[str, str]] = []
        for part in (scope, *(SCOPES[name] for name in scope.includes), SCOPES["app"]):
            parts += self._section(part)
        parts += ["\n", (_("A letter does nothing while you type text or an input method is on: use its twin."), "dim")]
        return Content.assemble(*parts)

    def _section(self, scope: Scope) -> list[str | tuple[str, str]]:
        keymap = self.shell.keymap
        parts: list[str | tuple[str, str]] = [(_(scope.title) + "\n", "bold")]
        for action in scope.actions:
            keys = "  ".join(shown_key(key) for key in keys_of(action, keymap))
            parts += [("  " + fit(keys, 16), "$accent"), fit(_(action.label), 20), f" {_(action.help)}\n"]
        return [*parts, "\n"]


__all__ = ["HelpScreen"]
