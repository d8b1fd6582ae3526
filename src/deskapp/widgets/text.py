"""Text on the screen: data that is never read as markup, and lines that say themselves again in another language."""

import re
from collections.abc import Callable

from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Size
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widget import Widget

from deskapp.domain.text import guard


def plain(text: str) -> Content:
    """Wrap text from outside for any Textual widget: no markup is read, nothing in it acts on the terminal."""
    return Content(guard(text) if not text.isprintable() and "\n" not in text else _lines(text))


def _lines(text: str) -> str:
    return "\n".join(guard(line) for line in text.split("\n"))


class Hanging(Visual):
    """Text of which each line that is too long goes on under its own beginning: behind its blanks and its bullet."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._broken = (0, content)

    def at(self, width: int) -> Content:
        """The text broken into lines of at most `width` cells."""
        if self._broken[0] != width:
            lines = (part for line in self._content.split(allow_blank=True) for part in _hung(line, width))
            self._broken = (width, Content("\n").join(lines))
        return self._broken[1]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        return self.at(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self._content.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return self.at(width).get_height(rules, width)


_BEGINNING = re.compile(r" *(?:[*-] +)?")


def _hung(line: Content, width: int) -> list[Content]:
    found = _BEGINNING.match(line.plain)
    indent = found.end() if found else 0
    if not indent or indent * 2 > width or line.cell_length <= width:
        return [line]
    first, *rest = line[indent:].wrap(width - indent)
    return [line[:indent] + first, *(Content(" " * indent) + part for part in rest)]


class Live(Widget):
    """Shows what a function returns, asked again on every refresh: words follow the language.

    `hang`: what is indented stays so when it is wrapped.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Live { width: auto; height: auto; }
    """

    def __init__(
        self,
        say: Callable[[], str | Content],
        *,
        hang: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._say, self._hang = say, hang

    def render(self) -> Visual:
        said = self._say()
        content = plain(said) if isinstance(said, str) else said
        return Hanging(content) if self._hang else content


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
