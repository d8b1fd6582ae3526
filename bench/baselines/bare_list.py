"""A bare line-API list of 100,000 rows with a countdown: one colour, nothing kept, as little as a list can be."""

import sys
import time
from datetime import timedelta

from rich.segment import Segment
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from bench.queue_data import COLUMNS, START, Ticket, tickets
from deskapp.widgets.cells import place


class BareList(ScrollView, can_focus=True):
    BINDINGS = [
        Binding("down,j", "move(1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("pagedown", "move(39)", show=False),
        Binding("pageup", "move(-39)", show=False),
    ]
    COMPONENT_CLASSES = {"bare-list--cursor"}
    DEFAULT_CSS = "BareList .bare-list--cursor { background: $primary-muted; }"

    def __init__(self, rows: list[Ticket]) -> None:
        super().__init__()
        self.rows, self.cursor, self.now = rows, 0, START
        self.placed = place(COLUMNS, 0)
        self.placed_width = 0
        self.virtual_size = Size(0, len(rows))

    def render_line(self, y: int) -> Strip:
        index, width = self.scroll_offset.y + y, self.size.width
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        if width != self.placed_width:
            self.placed, self.placed_width = place(COLUMNS, width), width
        row = self.rows[index]
        style = self.get_component_rich_style("bare-list--cursor") if index == self.cursor else self.rich_style
        line = "  " + "  ".join(placed.text(placed.column.cell(row, self.now).text) for placed in self.placed)
        return Strip([Segment(line, style)]).adjust_cell_length(width, style)

    def action_move(self, by: int) -> None:
        old, self.cursor = self.cursor, max(0, min(self.cursor + by, len(self.rows) - 1))
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + self.size.height:
            self.scroll_to(y=self.cursor - self.size.height + 1, animate=False)
        self.refresh_line(old)
        self.refresh_line(self.cursor)


class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield BareList(tickets(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))

    def on_mount(self) -> None:
        self.began = time.monotonic()
        self.set_interval(1, self.tick)

    def tick(self) -> None:
        bare = self.query_one(BareList)
        bare.now = START + timedelta(seconds=int(time.monotonic() - self.began))
        bare.refresh()


if __name__ == "__main__":
    Bare().run()
