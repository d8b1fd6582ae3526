"""Text on the screen: data that is never read as markup, and lines that say themselves again in another language."""

from collections.abc import Callable

from textual.content import Content
from textual.geometry import Size
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


class Broken(Widget):
    """Shows what a function makes of its width in cells: who says it breaks the lines, with indents and wide signs."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Broken { width: 1fr; height: auto; }
    """

    def __init__(self, say: Callable[[int], Content], *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._say, self._cells = say, 0

    def render(self) -> Content:
        return self._say(self._cells) if self._cells else Content("")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        self._cells = self._cells or width
        return super().get_content_height(container, viewport, width)

    def on_resize(self) -> None:
        if self._cells != self.content_size.width:
            self._cells = self.content_size.width
            self.refresh(layout=True)
