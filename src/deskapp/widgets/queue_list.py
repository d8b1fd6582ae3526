"""A list of tickets that stays quick at a million rows: drawn line by line, loaded by chunk, ticking in place."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from deskapp.domain.i18n import N_, language
from deskapp.widgets.cells import Column, R, Row, fit
from deskapp.widgets.row_painter import CURSOR, FRESH, MARKED, RowPainter
from deskapp.widgets.rows import CHUNK, RowWindow
from deskapp.widgets.terminal_guard import PlainBar

BRIGHT = timedelta(seconds=2)  # how long a changed row stands out
_HEADER = 1  # lines


class QueueList(ScrollView, Generic[R], can_focus=True):
    """A list of rows in columns; rows are asked for by `ChunkWanted` and given by `load`.

    `now` (aware UTC) is only what the owner says by `tick`; the list has no timer. The cursor stays on its key when
    rows move. Text is data: no markup is read and control characters are never drawn.
    """

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", N_("Down"), show=False, id="list.down"),
        Binding("k,up", "move(-1)", N_("Up"), show=False, id="list.up"),
        Binding("pagedown", "page(1)", N_("Page down"), show=False, id="list.page_down"),
        Binding("pageup", "page(-1)", N_("Page up"), show=False, id="list.page_up"),
        Binding("ctrl+d", "page(0.5)", N_("Half a page down"), show=False, id="list.half_down"),
        Binding("ctrl+u", "page(-0.5)", N_("Half a page up"), show=False, id="list.half_up"),
        Binding("home", "first", N_("First"), show=False, id="list.first"),
        Binding("end,G", "last", N_("Last"), show=False, id="list.last"),
        Binding("g", "go", N_("g g: first"), show=False, id="list.go"),
        Binding("space", "mark", N_("Mark"), show=False, id="list.mark"),
        Binding("enter", "open", N_("Open"), show=False, id="list.open"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "queue-list--header", "queue-list--cursor", "queue-list--marked", "queue-list--fresh", "queue-list--unknown",
        "queue-list--empty", "queue-list--dim", "queue-list--accent", "queue-list--late", "queue-list--red",
        "queue-list--yellow", "queue-list--green", "queue-list--paused", "queue-list--done",
    }  # fmt: skip
    DEFAULT_CSS = """
    QueueList {
        overflow-x: hidden; scrollbar-size-vertical: 1; background: $background; color: $foreground; height: 1fr;
        .queue-list--header { text-style: bold; color: $text-muted; }
        .queue-list--cursor { background: $surface-lighten-2; }
        &:focus .queue-list--cursor { background: $primary-muted; text-style: bold; }
        &:ansi .queue-list--cursor { text-style: reverse; }
        .queue-list--marked { text-style: italic; }
        .queue-list--fresh { text-style: bold; background: $surface-lighten-1; }
        .queue-list--unknown, .queue-list--dim, .queue-list--done { color: $text-muted; }
        .queue-list--empty { color: $text-muted; }
        .queue-list--accent { color: $text-accent; }
        .queue-list--late { color: $text-error; text-style: bold; }
        .queue-list--red { color: $text-error; }
        .queue-list--yellow { color: $text-warning; }
        .queue-list--green { color: $text-success; }
        .queue-list--paused { color: $text-primary; }
    }
    """

    class About(Message):
        """Something about a row; `row` is None while it is not loaded."""

        def __init__(self, queue: "QueueList[Any]", index: int, row: Row | None) -> None:
            super().__init__()
            self.queue, self.index, self.row = queue, index, row
            self.key: Hashable = None if row is None else row.key

        @property
        def control(self) -> "QueueList[Any]":
            return self.queue

    class Highlighted(About):
        """The cursor is on another ticket. Sent after the cursor is painted; only the last of a fast run counts."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, QueueList.Highlighted) and message.queue is self.queue

    class Opened(About):
        """Enter or a double click on a loaded row."""

    class Marked(Message):
        """The set of marked keys changed."""

        def __init__(self, queue: "QueueList[Any]", keys: frozenset[Hashable]) -> None:
            super().__init__()
            self.queue, self.keys = queue, keys

        @property
        def control(self) -> "QueueList[Any]":
            return self.queue

    class ChunkWanted(Message):
        """Answer with `load(first, rows, generation)`, `rows` being the `count` rows from index `first`."""

        def __init__(self, queue: "QueueList[Any]", first: int, count: int, generation: int) -> None:
            super().__init__()
            self.queue, self.first, self.count, self.generation = queue, first, count, generation

        @property
        def control(self) -> "QueueList[Any]":
            return self.queue

    def __init__(
        self,
        columns: Sequence[Column[R]],
        now: datetime,
        *,
        empty: Callable[[], str] = str,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        """`empty` says what to show, and which key to press, when there are no rows."""
        super().__init__(id=id, classes=classes)
        self._columns, self._now, self._empty = columns, now, empty
        self._rows: RowWindow[R] = RowWindow()
        self._cursor = 0
        self._cursor_key: Hashable = None
        self._told: Hashable = None
        self._marks: dict[Hashable, None] = {}
        self._fresh: dict[Hashable, datetime] = {}
        self._asked: set[int] = set()
        self._keys = self._go_at = 0
        self._thumb_drawn = -1
        self._kept: RowPainter[R] | None = None
        self._drawn_for = (0, "", False)  # width, language, focus
        self._header: Strip | None = None

    # What the owner asks and tells

    @property
    def total(self) -> int:
        return self._rows.total

    @property
    def cursor_index(self) -> int:
        return self._cursor

    @property
    def cursor_key(self) -> Hashable:
        """The key under the cursor; None while its row is not loaded, or when there are no rows."""
        return self._cursor_key

    @property
    def cursor_row(self) -> R | None:
        return self._rows.at(self._cursor)

    @property
    def marked(self) -> frozenset[Hashable]:
        return frozenset(self._marks)

    @property
    def generation(self) -> int:
        return self._rows.generation

    def set_rows(self, rows: Iterable[R]) -> None:
        """Show exactly these rows: for a list short enough to be given whole."""
        before, anchor = self._rows.known() if self.total else {}, self._anchor()
        self._rows.replace(rows)
        known = self._rows.known()
        if before:
            self._brighten(key for key, row in known.items() if before.get(key) != row)
        self._moved(anchor)
        if gone := [key for key in self._marks if key not in known]:
            for key in gone:
                del self._marks[key]
            self.post_message(self.Marked(self, self.marked))

    def begin(self, total: int, *, cursor: int | None = None) -> int:
        """Show `total` rows in a new order; they are asked for by chunk. Returns the generation.

        `cursor` is the index at which the key under the cursor stands now, when the owner knows it; otherwise the
        cursor follows its key if that comes with the rows around it, and stays at its index if it does not.
        """
        anchor = self._anchor()
        generation = self._rows.begin(total)
        self._asked.clear()
        self._moved(anchor, cursor)
        return generation

    def load(self, first: int, rows: Sequence[R], generation: int) -> bool:
        """Take the rows from index `first` on; False when they answer an older generation."""
        before = {row.key: row for i in range(first, first + len(rows)) if (row := self._rows.at(i)) is not None}
        anchor = self._anchor()
        if not self._rows.load(first, rows, generation):
            return False
        self._asked.discard(first // CHUNK)
        self._brighten(row.key for row in rows if row.key in before and before[row.key] != row)
        self._moved(anchor)
        return True

    def patch(self, rows: Iterable[R]) -> None:
        """Change rows in place by key; one that is not at hand is passed over."""
        for row in rows:
            if (found := self._rows.patch(row)) is None:
                continue
            index, old = found
            if old != row:
                self._brighten([row.key])
                self._repaint(index)

    def tick(self, now: datetime) -> None:
        """Say what time it is (aware UTC): only the visible cells whose text changed are painted, at once."""
        self._now = now
        faded = [key for key, until in self._fresh.items() if until <= now]
        for key in faded:
            del self._fresh[key]
        if not (self.is_attached and self.is_mounted and self.display and self.screen.is_current):
            return
        painter = self._painter()
        top, width, regions = self.scroll_offset.y, painter.width, list[Region]()
        for index in range(top, min(self.total, top + self.size.height - _HEADER)):
            if (row := self._rows.at(index)) is None:
                continue
            end = width if row.key in faded else painter.changed_until(row, self._state(index, row.key), now)
            if end:
                y = index - top + _HEADER
                # Neighbours are one region: fewer to cut and to merge.
                if regions and regions[-1].bottom == y and regions[-1].width == end:
                    last = regions.pop()
                    regions.append(Region(0, last.y, end, last.height + 1))
                else:
                    regions.append(Region(0, y, end, 1))
        if regions:
            self.refresh(*regions)

    def set_columns(self, columns: Sequence[Column[R]]) -> None:
        """Show other columns."""
        self._columns, self._kept = columns, None
        self.refresh()

    def move_to(self, index: int) -> None:
        """Put the cursor on an index, kept within the list, and in sight."""
        if not self.total:
            return
        index = max(0, min(index, self.total - 1))
        if index != self._cursor:
            self._repaint(self._cursor, index)
            self._cursor = index
        row = self._rows.at(index)
        self._cursor_key = None if row is None else row.key
        self._show_cursor()
        self._tell()

    def select_key(self, key: Hashable) -> bool:
        """Put the cursor on a key; False when it is not at hand."""
        index = self._rows.index_of(key)
        if index is not None:
            self.move_to(index)
        return index is not None

    def clear_marks(self) -> None:
        """Forget all marks."""
        if self._marks:
            self._marks.clear()
            self.refresh()
            self.post_message(self.Marked(self, self.marked))

    # Keys and mouse

    @property
    def _page(self) -> int:
        return max(1, self.size.height - _HEADER)

    def on_key(self, event: events.Key) -> None:
        self._keys += 1

    def action_move(self, by: int) -> None:
        self.move_to(self._cursor + by)

    def action_page(self, pages: float) -> None:
        by = int(self._page * pages)
        self._scroll_rows(self.scroll_offset.y + by)
        self.move_to(self._cursor + by)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(self.total - 1)

    def action_go(self) -> None:
        """The first row, when it is the key pressed twice in a row."""
        if self._go_at and self._go_at == self._keys - 1:
            self.move_to(0)
            self._go_at = 0
        else:
            self._go_at = self._keys

    def action_mark(self) -> None:
        if (row := self.cursor_row) is None:
            return
        if row.key in self._marks:
            del self._marks[row.key]
        else:
            self._marks[row.key] = None
        self._repaint(self._cursor)
        self.move_to(self._cursor + 1)
        self.post_message(self.Marked(self, self.marked))

    def action_open(self) -> None:
        if (row := self.cursor_row) is not None:
            self.post_message(self.Opened(self, self._cursor, row))

    def on_click(self, event: events.Click) -> None:
        index = self.scroll_offset.y + event.y - _HEADER
        if event.y >= _HEADER and index < self.total:
            self.move_to(index)
            if event.chain == 2:
                self.action_open()

    # Cursor, scrolling, asking

    def _anchor(self) -> tuple[Hashable, int]:
        """The key that should not move on the screen, and its index."""
        top = self.scroll_offset.y
        if top <= self._cursor < top + self._page:
            return self._cursor_key, self._cursor
        row = self._rows.at(top)
        return None if row is None else row.key, top

    def _moved(self, anchor: tuple[Hashable, int], cursor: int | None = None) -> None:
        """Rows may stand elsewhere: put the cursor on its key and keep the anchor on its line."""
        if cursor is None and self._cursor_key is not None:
            cursor = self._rows.index_of(self._cursor_key)
        was, was_at = anchor
        stands = cursor if was == self._cursor_key else self._rows.index_of(was) if was is not None else None
        self._cursor = max(0, min(self._cursor if cursor is None else cursor, self.total - 1))
        self._resize()
        # At the top the reader wants to see what arrives, so the list grows downwards there.
        if stands is not None and stands != was_at and self.scroll_offset.y:
            self._scroll_rows(self.scroll_offset.y + stands - was_at)
        if was == self._cursor_key:
            self._show_cursor()
        self._want()
        if self._cursor_key is None or (cursor is None and not self._asked):
            # There was none, or everything around is here and the key is not: the ticket left the list.
            row = self._rows.at(self._cursor)
            self._cursor_key = None if row is None else row.key
        self._tell()
        self.refresh()

    def _show_cursor(self) -> None:
        top = self.scroll_offset.y
        if self._cursor < top:
            self._scroll_rows(self._cursor)
        elif self._cursor >= top + self._page:
            self._scroll_rows(self._cursor - self._page + 1)

    def _scroll_rows(self, top: int) -> None:
        top = max(0, min(top, self.total - self._page))
        if top != self.scroll_offset.y:
            self.scroll_target_y = self.scroll_y = top

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self.show_vertical_scrollbar and (thumb := self._thumb(new_value)) != self._thumb_drawn:
            # Drawing the bar costs as much as drawing the list: only when its thumb would move by a cell.
            self._thumb_drawn = thumb
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            # Not the bar's column: the compositor then leaves the bar alone, and the rest of the screen.
            self.refresh(Region(0, _HEADER, self._width, self._page))
            self._want()

    def _thumb(self, scroll_y: float) -> int:
        height, lines = self.size.height, self.virtual_size.height
        room = height - max(1, height * height / max(1, lines))
        return int(room * scroll_y / max(1, self.max_scroll_y))

    def _want(self) -> None:
        """Ask for the chunks of what is in sight, a page around it, and the cursor's own."""
        top = self.scroll_offset.y
        missing = self._rows.missing(top - self._page, top + 2 * self._page)
        missing += self._rows.missing(self._cursor, self._cursor)
        for number in missing:
            if number not in self._asked:
                self._asked.add(number)
                first = number * CHUNK
                self.post_message(self.ChunkWanted(self, first, min(CHUNK, self.total - first), self.generation))

    def _tell(self) -> None:
        self.call_after_refresh(self._tell_now)

    def _tell_now(self) -> None:
        row = self.cursor_row
        key = None if row is None else row.key
        if key != self._told:
            self._told = key
            self.post_message(self.Highlighted(self, self._cursor, row))

    def _resize(self) -> None:
        size = Size(0, self.total + _HEADER)
        if size != self.virtual_size:
            self._thumb_drawn = -1
            self.virtual_size = size

    def on_mount(self) -> None:
        bar = self.vertical_scrollbar
        bar.renderer = PlainBar  # type: ignore[misc] # Textual's documentation sets it on the instance

    def on_resize(self) -> None:
        self._thumb_drawn = -1
        self._show_cursor()
        self._want()

    def _brighten(self, keys: Iterable[Hashable]) -> None:
        until = self._now + BRIGHT
        for key in keys:
            self._fresh[key] = until

    def _repaint(self, *indexes: int) -> None:
        top, page, width = self.scroll_offset.y, self._page, self._width
        regions = [Region(0, index - top + _HEADER, width, 1) for index in indexes if 0 <= index - top < page]
        if regions:
            self.refresh(*regions)

    # Drawing

    @property
    def _width(self) -> int:
        return self.size.width - self.scrollbar_size_vertical

    def render_lines(self, crop: Region) -> list[Strip]:
        """Give the compositor the kept strips: without border or padding there is nothing to add to them."""
        if self.styles.gutter != (0, 0, 0, 0) or self.opacity < 1:
            return super().render_lines(crop)
        painter, top = self._painter(), self.scroll_offset.y
        strips = [self._draw(y, top, painter) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.x or crop.width < painter.width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        return self._draw(y, self.scroll_offset.y, self._painter())

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._kept = None

    def _painter(self) -> RowPainter[R]:
        """The painter for this width, language, theme and focus; a new one draws everything again."""
        drawn_for = (self._width, language(), self.has_focus)
        if self._kept is None or drawn_for != self._drawn_for:
            self._drawn_for, self._header = drawn_for, None
            self._kept = RowPainter(self._columns, self._drawn_for[0], self._style)
        return self._kept

    def _draw(self, y: int, top: int, painter: RowPainter[R]) -> Strip:
        if y < _HEADER:
            if self._header is None:
                self._header = painter.header(self.get_component_rich_style("queue-list--header"))
            return self._header
        index = top + y - _HEADER
        row = self._rows.at(index)
        if row is not None:
            return painter.strip(row, self._state(index, row.key), self._now)
        width = painter.width
        if 0 <= index < self.total:
            state = CURSOR if index == self._cursor else 0
            return Strip([Segment(fit(">" if state else "", width), self._style(state, "unknown"))], width)
        if not self.total and y == _HEADER + 1:
            return Strip([Segment(fit("  " + self._empty(), width), self._style(0, "empty"))], width)
        return Strip.blank(width, self._style(0, ""))

    def _state(self, index: int, key: Hashable) -> int:
        state = 0
        if index == self._cursor:
            state |= CURSOR
        if key in self._marks:
            state |= MARKED
        if key in self._fresh:
            state |= FRESH
        return state

    def _style(self, state: int, name: str) -> Style:
        """The style of a cell: the row's state gives the ground, the cell's own name the colour."""
        style = self.get_component_rich_style("queue-list--cursor") if state & CURSOR else self.rich_style
        names = ["marked"] * bool(state & MARKED) + ["fresh"] * bool(state & FRESH) + [name] * bool(name)
        for part in names:
            style += self.get_component_rich_style(f"queue-list--{part}", partial=True)
        return style
