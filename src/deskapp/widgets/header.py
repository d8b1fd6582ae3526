"""The line at the top of every screen: which desk, who, which shift, how the desk stands, what time it is."""

from datetime import datetime

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from deskapp.domain.text import guard
from deskapp.widgets.cells import fit


class Header(Widget):
    """One line. The left gives way to the right when the terminal is narrow; the clock stays whole."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Header { dock: top; height: 1; background: $footer-background; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._left = self._middle = self._right = self._clock = ""

    def tell(self, *, left: str, middle: str, right: str) -> None:
        """Say where one is, who one is, how the desk stands."""
        if (left, middle, right) != (self._left, self._middle, self._right):
            self._left, self._middle, self._right = left, middle, right
            self.refresh()

    def tick(self, local: datetime) -> None:
        """Show the local time."""
        clock = f"{local:%H:%M:%S}"
        if clock != self._clock:
            self._clock = clock
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        right = f"{self._right}   {self._clock} " if self._right else f"{self._clock} "
        left, middle = f" {self._left}", self._middle
        room = width - cell_len(right) - cell_len(left) - 3
        middle = fit(middle, min(cell_len(middle), room)) if room >= 8 else ""
        gap = width - cell_len(left) - cell_len(middle) - cell_len(right)
        if gap < 1:
            left, gap = fit(left, max(1, width - cell_len(right) - 1)), 1
        before = min(gap // 2, 12) if middle else gap
        return Content.assemble(
            (guard(left), "bold"), " " * before, (guard(middle), "$quiet"), " " * (gap - before), guard(right)
        )
