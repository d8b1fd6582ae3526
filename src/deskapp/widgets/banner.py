"""A line under the header that is only there when something is wrong: offline, stale, could not be read."""

from textual.content import Content
from textual.widget import Widget

from deskapp.widgets.text import plain


class Banner(Widget):
    """Shows a text over as many lines as it needs, or nothing. `level` is `error` or `warning`."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Banner { dock: top; margin-top: 1; height: auto; display: none; padding: 0 1; text-style: bold; }
    Banner.-error { color: $text-error; background: $error-muted; }
    Banner.-warning { color: $text-warning; background: $warning-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def tell(self, text: str, level: str = "error") -> None:
        """Show the text; an empty one hides the banner."""
        if text != self._text:
            self._text = text
            self.display = bool(text)
            self.refresh(layout=True)
        self.set_class(level == "error", "-error")
        self.set_class(level == "warning", "-warning")

    def render(self) -> Content:
        return plain(self._text)
