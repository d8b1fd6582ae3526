"""The wallboard drawn as one picture that fills its room: no scrolling, fewer parts where the room is small."""

from datetime import datetime, tzinfo

from textual.content import Content
from textual.widget import Widget

from deskapp.domain.views_wall import Wallboard
from deskapp.widgets import wall_parts as part
from deskapp.widgets.wall_parts import Lines, Wanted


class Wall(Widget):
    """Shows a board at a time; a tick draws it again with new countdowns and asks nobody."""

    ALLOW_SELECT = False

    def __init__(self, empty: str = "") -> None:
        super().__init__()
        self._board: Wallboard | None = None
        self._now: datetime | None = None
        self._zone: tzinfo | None = None
        self._ascii = True
        self.empty = empty

    def tell(self, board: Wallboard, zone: tzinfo, *, ascii: bool) -> None:  # noqa: A002
        """Show a board; days and hours are those of `zone`."""
        self._board, self._zone, self._ascii = board, zone, ascii
        self._now = max(board.now, self._now or board.now)
        self.refresh()

    def draw_as(self, *, ascii: bool) -> None:  # noqa: A002
        """Draw with ASCII or with blocks."""
        self._ascii = ascii
        self.refresh()

    def tick(self, now: datetime) -> None:
        """Let the countdowns go on."""
        if self._board is not None and now != self._now:
            self._now = now
            self.refresh()

    def render(self) -> Content:
        if self._board is None or self._now is None or self._zone is None:
            return Content(self.empty)
        wanted = Wanted(self._board, self._now, self._zone, self._ascii)
        width, height = self.size
        # One cell of air at the left edge.
        lines = picture(wanted, max(40, width - 2), height)
        return Content("\n").join([Content(" ") + row for row in lines])


def picture(wanted: Wanted, width: int, height: int) -> Lines:
    """The lines of the wallboard, at most `height` of them, each `width` cells."""
    lines = _whole(wanted, width, height) if width >= 108 and height >= 36 else _short(wanted, width, height)
    return lines[:height]


def _whole(wanted: Wanted, width: int, height: int) -> Lines:
    half = (width - 2) // 2
    other = width - 2 - half
    wide = width * 5 // 8
    slim = width - 2 - wide
    gap = [Content(" " * width)]
    top = part.beside(5, (part.big_figures(wanted, half), half), (part.levels(wanted, other), other))
    right = [*part.colours(wanted, slim), Content(" " * slim), *part.ageing(wanted, slim)]
    middle = part.beside(13, (part.promises(wanted, wide, 11), wide), (right, slim))
    left = part.arrivals(wanted, half)
    left += [Content(" " * half)] * (6 - len(left)) + part.forecast(wanted, half, 3)
    low = part.beside(9, (left, half), (part.heat(wanted, other), other))
    rest = height - 5 - 13 - 9 - 3
    faults = part.mass_faults(wanted, half, rest)
    bottom = part.beside(rest, (faults, half), (part.agents(wanted, other, rest), other))
    return [*top, *gap, *middle, *gap, *low, *gap, *bottom]


def _short(wanted: Wanted, width: int, height: int) -> Lines:
    wide = width * 4 // 7
    slim = width - 2 - wide
    gap = [Content(" " * width)]
    top = part.beside(5, (part.big_figures(wanted, wide), wide), (part.levels(wanted, slim), slim))
    rest = max(0, height - 7)
    upper = min(11, max(6, rest - rest // 2))
    lower = max(0, rest - upper)
    middle = part.beside(upper, (part.promises(wanted, wide, upper), wide), ([*part.colours(wanted, slim)], slim))
    forecast = part.forecast(wanted, wide, 3)
    faults = part.mass_faults(wanted, wide, max(2, lower - len(forecast)))
    left = [*faults, *[Content(" " * wide)] * max(0, lower - len(faults) - len(forecast)), *forecast]
    bottom = part.beside(lower, (left, wide), (part.agents(wanted, slim, lower), slim))
    return [*top, *gap, *middle, *gap, *bottom]


__all__ = ["Wall", "picture"]
