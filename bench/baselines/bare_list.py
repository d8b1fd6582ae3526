"""A bare line-API list of 100,000 rows with a countdown: as little as Textual lets a list be, nothing kept."""

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
    COMPONENT_CLASSES = {"bare-list--cursor", "bare-list--late", "bare-list--red", "bare-list--yellow"}
    DEFAULT_CSS = """
    BareList {
        .bare-list--cursor { background: $primary-muted; }
        .bare-list--late, .bare-list--red { color: $text-error; }
        .bare-list--yellow { color: $text-warning; }
    }
    """

    def __init__(self, rows: list[Ticket]) -> None:
        super().__init__()
        self.rows, self.cursor, self.now = rows, 0, START
        self.virtual_size = Size(0, len(rows))

    def render_line(self, y: int) -> Strip:
        index = self.scroll_offset.y + y
        width = self.size.width
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        base = self.get_component_rich_style("bare-list--cursor") if index == self.cursor else self.rich_style
        segments, x = [], 0
        for placed in place(COLUMNS, width):
            text, style = placed.column.cell(self.rows[index], self.now)
            drawn = base
            if style in ("late", "red", "yellow"):
                drawn = base + self.get_component_rich_style(f"bare-list--{style}", partial=True)
            segments.append(Segment(" " * (placed.start - x), base))
            segments.append(Segment(placed.text(text), drawn))
            x = placed.start + placed.width
        segments.append(Segment(" " * (width - x), base))
        return Strip(segments, width)

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
