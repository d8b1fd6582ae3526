"""How the app looks: colours, language, lines, keys by the settings, and what stands between it and the terminal."""

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, ClassVar

from textual.app import App
from textual.filter import LineFilter
from textual.scrollbar import ScrollBar

from deskapp.domain.i18n import LANGUAGES, use_language
from deskapp.preferences import Preferences
from deskapp.themes import THEMES, themes
from deskapp.widgets.terminal_guard import PlainBar, TerminalGuard

_STYLES = Path(__file__).parent / "styles"


class Look(App[int], inherit_bindings=False):
    """An app that draws by the preferences; `wear` puts other ones on while it runs."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "deskapp"
    # The first screen's style is read with the app's own: a style that comes later makes all be parsed again.
    CSS_PATH: ClassVar[list[str | PurePath]] = [_STYLES / "app.tcss", _STYLES / "desk.tcss"]

    def __init__(self, preferences: Preferences, **options: Any) -> None:
        self._guard = TerminalGuard()
        ScrollBar.renderer = PlainBar
        super().__init__(**options)
        self.preferences = preferences
        for theme in themes():
            self.register_theme(theme)
        # The colours in force before any style is parsed; the parsing that Textual does for its first colours is
        # then one too many.
        self.set_reactive(App.theme, self._theme_of(preferences))
        self.stylesheet.set_variables(self.get_css_variables())
        self._is_dressed = False
        self.wear(preferences)

    @property
    def keymap(self) -> dict[str, str]:
        """The keys of the settings by command."""
        return dict(self.preferences.keys)

    def wear(self, preferences: Preferences) -> None:
        """Draw by these preferences from now on; an unknown language or theme becomes the first one."""
        self.preferences = preferences
        use_language(preferences.language if preferences.language in LANGUAGES else LANGUAGES[0])
        self.theme = self._theme_of(preferences)
        self.set_class(not preferences.ascii, "-drawn")
        self.set_keymap(self.keymap)

    @staticmethod
    def _theme_of(preferences: Preferences) -> str:
        return preferences.theme if preferences.theme in THEMES else next(iter(THEMES))

    def refresh_css(self, animate: bool = True) -> None:
        if self._is_dressed:
            super().refresh_css(animate)
        self._is_dressed = True

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._guard]

    def to_terminal(self, sequence: str) -> None:
        """Write a control sequence of our own, such as the one for the title."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
