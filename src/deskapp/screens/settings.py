"""Language, colours, borders, bell and keys; what is changed holds at once and is written to the settings file."""

from collections.abc import Iterator
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from deskapp.commands import SCOPES, Action, all_actions, key_problems, keys_of, shown_key
from deskapp.domain.i18n import LANGUAGES, N_, _
from deskapp.domain.text import guard
from deskapp.preferences import Preferences
from deskapp.screens.base import DeskScreen
from deskapp.themes import THEMES
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import AskLine

_NAMES = {"en": "English", "zh": "中文"}
_ROWS = {
    "language": N_("Language"),
    "theme": N_("Colours"),
    "ascii": N_("Lines"),
    "bell": N_("Bell when a promise is broken"),
}


class SettingsScreen(DeskScreen[None], scope="settings"):
    """One list: Enter changes the line under the cursor."""

    CSS_PATH = "../styles/settings.tcss"

    def body(self) -> ComposeResult:
        # The keys of every list, here too; Enter is the screen's own.
        yield OptionList(*self._options(), markup=False)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = 1
        options.focus()

    BINDINGS = [
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
    ]

    def action_cursor(self, by: int) -> None:
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    @property
    def _now(self) -> Preferences:
        return self.shell.preferences

    def said(self) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted
        options.set_options(self._options())
        options.highlighted = at

    def _options(self) -> list[Option]:
        return list(self._rows())

    def _rows(self) -> Iterator[Option]:
        yield Option(_heading(_("Screen")), disabled=True)
        values = {
            "language": _NAMES[self._now.language],
            "theme": _(THEMES.get(self._now.theme, self._now.theme)),
            "ascii": _("ASCII") if self._now.ascii else _("line characters"),
            "bell": _("yes") if self._now.bell else _("no"),
        }
        for name, label in _ROWS.items():
            yield Option(Content.assemble("  ", fit(_(label), 34), (values[name], "$accent")), id=name)
        seen: set[str] = set()
        for scope in SCOPES.values():
            yield Option(_heading(_("Keys: {place}").format(place=_(scope.title))), disabled=True)
            for action in scope.actions:
                if action.id not in seen:
                    seen.add(action.id)
                    yield Option(self._keys_row(action), id=action.id.replace(".", "-"))

    def _keys_row(self, action: Action) -> Content:
        keys = "  ".join(shown_key(key) for key in keys_of(action, self._now.keys))
        changed = ("  " + _("changed"), "$warning") if action.id in self._now.keys else ""
        return Content.assemble("  ", fit(_(action.label), 34), (fit(guard(keys), 20), "$accent"), changed)

    @on(OptionList.OptionSelected)
    def action_settings_change(self) -> None:
        if (name := self._chosen) is None:
            return
        if name == "language":
            self._change(language=_next(list(LANGUAGES), self._now.language))
        elif name == "theme":
            self._change(theme=_next(list(THEMES), self._now.theme))
        elif name in ("ascii", "bell"):
            self._change(**{name: not getattr(self._now, name)})
        else:
            self._ask_keys(all_actions()[name])

    @property
    def _chosen(self) -> str | None:
        options = self.query_one(OptionList)
        if options.highlighted is None:
            return None
        name = options.get_option_at_index(options.highlighted).id
        return None if name is None else name if name in _ROWS else name.replace("-", ".", 1)

    def _ask_keys(self, action: Action) -> None:
        def take(typed: str | None) -> None:
            if typed is None:
                return
            keys = {**self._now.keys, action.id: typed.replace(" ", "")}
            if problem := next(key_problems(keys), ""):
                self.shell.tell(_("Not changed: {problem}.").format(problem=problem), severity="warning")
                return
            self._change(keys=keys)

        now = ",".join(keys_of(action, self._now.keys))
        text = _("Keys with commas between them, such as c,f5 or ctrl+k. A letter needs a twin.")
        self.app.push_screen(AskLine(_(action.label), text, value=now, limit=60), take)

    def action_settings_reset(self) -> None:
        if self._chosen in self._now.keys:
            self._change(keys={name: keys for name, keys in self._now.keys.items() if name != self._chosen})

    def _change(self, **what: object) -> None:
        self.shell.change(replace(self._now, **what))  # type: ignore[arg-type]


def _heading(text: str) -> Content:
    return Content.assemble((text, "bold $foreground"))


def _next(names: list[str], now: str) -> str:
    return names[(names.index(now) + 1) % len(names)] if now in names else names[0]
