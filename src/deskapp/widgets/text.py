"""Text on the screen: data that is never read as markup, and lines that say themselves again in another language."""

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget

from deskapp.domain.text import guard


def plain(text: str) -> Content:
    """Wrap text from outside for any Textual widget: no markup is read, nothing in it acts on the terminal."""
    return Content(guard(text) if not text.isprintable() and "\n" not in text else _lines(text))


def _lines(text: str) -> str:
    return "\n".join(guard(line) for line in text.split("\n"))


class Live(Widget):
    """Shows what a function returns, asked again on every refresh: words follow the language."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Live { width: auto; height: auto; }
    """

    def __init__(self, say: Callable[[], str | Content], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._say = say

    def render(self) -> Content:
        said = self._say()
        return plain(said) if isinstance(said, str) else said
