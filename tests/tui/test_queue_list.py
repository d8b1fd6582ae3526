"""The queue list: what the reader sees, where the cursor stays, what is asked for and what is painted again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot

from deskapp.domain.i18n import use_language
from deskapp.widgets.cells import Cell, Column, countdown
from deskapp.widgets.queue_list import QueueList
from deskapp.widgets.rows import CHUNK, KEPT

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    name: str = "Li Na"
    due: datetime = NOW + timedelta(hours=2)


def left(row: Row, now: datetime) -> Cell:
    return countdown(str((row.due - now) // timedelta(seconds=1)), "late" if row.due < now else "green")


def minutes(row: Row, now: datetime) -> Cell:
    return Cell(str((row.due - now) // timedelta(minutes=1)))


COLUMNS: list[Column[Row]] = [
    Column("due", "due", 10, left, ticking=True),
    Column("key", "ticket", 8, lambda row, now: Cell(row.key)),
    Column("name", "customer", 20, lambda row, now: Cell(row.name), grow=1),
    Column("minutes", "min", 5, minutes, align="right", ticking=True),
    Column("desk", "desk", 10, lambda row, now: Cell("kitchen", "dim"), min_total_width=100),
]


def row_at(index: int) -> Row:
    return Row(f"T-{index}", due=NOW + timedelta(seconds=index))


class Desk(App[None]):
    """Answers chunks from a sequence that is never built, unless told to be slow."""

    def __init__(self, total: int = 0, answers: bool = True) -> None:
        super().__init__()
        self.total, self.answers = total, answers
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield QueueList(COLUMNS, NOW, empty=lambda: "Nothing is waiting. Press n.")

    @property
    def queue(self) -> QueueList[Row]:
        return self.query_one(QueueList)

    def on_mount(self) -> None:
        if self.total:
            self.queue.begin(self.total)

    def on_queue_list_chunk_wanted(self, wanted: QueueList.ChunkWanted) -> None:
        self.heard.append(wanted)
        if self.answers:
            rows = [row_at(i) for i in range(wanted.first, wanted.first + wanted.count)]
            self.queue.load(wanted.first, rows, wanted.generation)

    def on_queue_list_highlighted(self, message: QueueList.Highlighted) -> None:
        self.heard.append(message)

    def on_queue_list_opened(self, message: QueueList.Opened) -> None:
        self.heard.append(message)

    def on_queue_list_marked(self, message: QueueList.Marked) -> None:
        self.heard.append(message)

    def said(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.heard if isinstance(message, kind)]


def screen_lines(app: Desk) -> list[str]:
    queue = app.queue
    return [strip.text for strip in queue.render_lines(Region(0, 0, *queue.size))]


def cursor_line(app: Desk) -> str:
    lines = [line for line in screen_lines(app) if line.startswith(">")]
    assert len(lines) == 1, "one line carries the cursor"
    return lines[0]


@contextmanager
def painted(app: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Region]]:
    """Collect the regions of the list that are asked to be painted again; a call without one is the whole list."""
    regions: list[Region] = []
    queue, refresh = app.queue, app.queue.refresh

    def spy(*asked: Region, **options: Any) -> QueueList[Row]:
        regions.extend(asked or [queue.size.region])
        return refresh(*asked, **options)

    with monkeypatch.context() as patch:
        patch.setattr(queue, "refresh", spy)
        yield regions


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_the_keys_move_over_a_million_rows_and_only_a_few_chunks_are_held() -> None:
    app = Desk(1_000_000)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        expected = [
            ("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("pagedown", 23), ("pageup", 0), ("ctrl+d", 11),
            ("ctrl+u", 0), ("G", 999_999), ("home", 0), ("end", 999_999), ("pageup", 999_976),
        ]  # fmt: skip
        for key, index in expected:
            await press(pilot, key)
            assert (app.queue.cursor_index, app.queue.cursor_key) == (index, f"T-{index}"), key
            assert f" T-{index} " in cursor_line(app), key
        await press(pilot, "g", "x", "g")
        assert app.queue.cursor_index == 999_976
        await press(pilot, "g")
        assert app.queue.cursor_index == 0
        for _ in range(KEPT * CHUNK // 23 + 5):
            await press(pilot, "pagedown")
        assert len(app.queue._rows.known()) <= KEPT * CHUNK
        asked = [(wanted.first, wanted.generation) for wanted in app.said(QueueList.ChunkWanted)]
        assert all(first % CHUNK == 0 for first, _ in asked)
        assert len(asked) < KEPT + 10, "a chunk is asked for once while it is held"


async def test_rows_not_here_yet_are_blank_and_an_old_answer_is_refused() -> None:
    app = Desk(500, answers=False)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert [line.strip() for line in screen_lines(app)[1:]] == [">"] + [""] * 8
        first = app.said(QueueList.ChunkWanted)
        assert [(wanted.first, wanted.count) for wanted in first] == [(0, CHUNK)]
        await press(pilot, "enter", "space")
        assert not app.said(QueueList.Opened)
        old = app.queue.generation
        new = app.queue.begin(300)
        assert not app.queue.load(0, [row_at(9)], old)
        await press(pilot, "end")
        assert [(w.first, w.count, w.generation) for w in app.said(QueueList.ChunkWanted)[1:]] == [
            (0, 200, new), (200, 100, new),
        ]  # fmt: skip
        assert app.queue.load(200, [row_at(i) for i in range(200, 300)], new)
        await pilot.pause()
        assert "T-299" in cursor_line(app)
        assert app.said(QueueList.Highlighted)[-1].key == "T-299"
        with pytest.raises(ValueError, match="chunks of 200"):
            app.queue.load(7, [], new)


async def test_the_cursor_stays_on_its_ticket_when_rows_move() -> None:
    app = Desk()
    async with app.run_test(size=(80, 12)) as pilot:
        rows = [row_at(i) for i in range(100)]
        app.queue.set_rows(rows)
        await press(pilot, *["j"] * 40)
        line = next(i for i, text in enumerate(screen_lines(app)) if text.startswith(">"))
        app.queue.set_rows([row_at(1000 + i) for i in range(5)] + rows[3:])
        await pilot.pause()
        assert (app.queue.cursor_key, app.queue.cursor_index) == ("T-40", 42)
        assert screen_lines(app)[line].startswith(">"), "it stays on its line of the screen"
        app.queue.set_rows(rows[:40] + rows[41:])
        await pilot.pause()
        assert (app.queue.cursor_index, app.queue.cursor_key) == (42, "T-43"), "its ticket left: the next is here"
        assert app.said(QueueList.Highlighted)[-1].key == "T-43"
        app.queue.set_rows(rows[:2])
        await pilot.pause()
        assert app.queue.cursor_key == "T-1"
        app.queue.set_rows([])
        await pilot.pause()
        assert app.queue.cursor_key is None
        assert "Nothing is waiting. Press n." in "".join(screen_lines(app))


async def test_at_the_top_what_arrives_is_seen() -> None:
    app = Desk()
    async with app.run_test(size=(80, 12)) as pilot:
        rows = [row_at(i) for i in range(100)]
        app.queue.set_rows(rows)
        await press(pilot, "j")
        app.queue.set_rows([Row("T-new"), *rows])
        await pilot.pause()
        assert "T-new" in screen_lines(app)[1]
        assert "T-1 " in cursor_line(app)


async def test_a_long_list_follows_the_ticket_through_a_new_order() -> None:
    app = Desk(10_000)
    async with app.run_test(size=(80, 12)) as pilot:
        await press(pilot, *["pagedown"] * 30)
        key, index = app.queue.cursor_key, app.queue.cursor_index
        app.answers = False
        generation = app.queue.begin(10_003, cursor=index + 3)
        await pilot.pause()
        assert str(key) in "".join(screen_lines(app)) or app.queue.cursor_key == key
        first = (index + 3) // CHUNK * CHUNK
        app.queue.load(first, [row_at(i - 3) for i in range(first, first + CHUNK)], generation)
        await pilot.pause()
        assert (app.queue.cursor_key, app.queue.cursor_index) == (key, index + 3)
        assert f" {key} " in cursor_line(app)


async def test_marks_are_kept_by_key_and_told() -> None:
    app = Desk()
    async with app.run_test(size=(80, 12)) as pilot:
        rows = [row_at(i) for i in range(6)]
        app.queue.set_rows(rows)
        await press(pilot, "space", "space", "k", "space")
        assert [sorted(m.keys) for m in app.said(QueueList.Marked)] == [["T-0"], ["T-0", "T-1"], ["T-0"]]
        app.queue.set_rows(reversed(rows))
        assert screen_lines(app)[6].startswith(" *")
        app.queue.set_rows(rows[1:])
        await pilot.pause()
        assert app.said(QueueList.Marked)[-1].keys == frozenset()
        await press(pilot, "space")
        app.queue.clear_marks()
        assert not app.queue.marked


async def test_the_mouse_points_opens_and_scrolls() -> None:
    app = Desk(1_000)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        await pilot.click(QueueList, offset=(20, 4))
        assert app.queue.cursor_key == "T-3"
        await pilot.click(QueueList, offset=(20, 0))
        assert app.queue.cursor_key == "T-3", "the header is no row"
        await pilot.click(QueueList, offset=(20, 5), times=2)
        assert [message.key for message in app.said(QueueList.Opened)] == ["T-4"]
        await pilot._post_mouse_events([MouseScrollDown], QueueList, offset=(5, 5))
        await pilot.pause()
        assert app.queue.scroll_offset.y > 0
        assert app.queue.cursor_key == "T-4"
        await press(pilot, "enter")
        assert app.said(QueueList.Opened)[-1].key == "T-4"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 120])
async def test_wide_characters_keep_the_columns_straight(width: int, language: str) -> None:
    names = ["Wang Fang 王芳", "王芳" * 30, "x" * 99, "冷蔵庫が冷えない", "e\u0301te\u0301", ""]
    use_language(language)
    try:
        app = Desk()
        async with app.run_test(size=(width, 12)) as pilot:
            app.queue.set_rows([Row(f"T-{i}", name) for i, name in enumerate(names)])
            await pilot.pause()
            lines = screen_lines(app)
            assert {cell_len(line) for line in lines} == {app.queue.size.width}
            starts = {cell_len(line[: line.index("120")]) for line in lines[1 : len(names) + 1]}
            assert len(starts) == 1, "the minutes stand under each other"
            assert ("kitchen" in lines[1]) == (width == 120), "the desk column leaves below 100"
    finally:
        use_language("en")


HOSTILE = [
    "bad [/close]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;eA==\x07\x1b[2J",
    "a\r\nb\tc",
    "\u202eevil",
    "\x9b31m",
    "[red]",
]


async def test_text_is_data_and_never_acts() -> None:
    app = Desk()
    async with app.run_test(size=(80, 12)) as pilot:
        app.queue.set_rows([Row(text, text) for text in HOSTILE])
        await pilot.pause()
        await press(pilot, "j", "space", "enter")
        text = "\n".join(screen_lines(app))
        assert text.replace("\n", "").isprintable()
        assert "bad [/close]" in text
        assert "[@click=app.quit]x~" in text or "[@click=app.quit]x[/]" in text
        assert "a b c" in text


async def test_a_tick_paints_only_the_cells_whose_text_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(row: Row, now: datetime) -> Cell:
        asked.append(row.key)
        return left(row, now)

    app = Desk(100_000)
    async with app.run_test(size=(120, 12)) as pilot:
        await pilot.pause()
        app.queue.set_columns([replace(COLUMNS[0], cell=counted), *COLUMNS[1:]])
        screen_lines(app)
        asked.clear()
        with painted(app, monkeypatch) as regions:
            app.queue.tick(NOW)
            assert regions == [], "no text changed"
            app.queue.tick(NOW + timedelta(seconds=1))
        await pilot.pause()
        # The first row's minutes turn as well (its due is past by then): its line is painted further.
        assert sorted((region.y, region.height) for region in regions) == [(1, 1), (2, 10)]
        assert max(region.right for region in regions if region.y == 2) == 12, "only as far as the countdown"
        visible = {f"T-{i}" for i in range(11)}
        assert set(asked) == visible
        assert len(asked) == len(visible), "once for a time, and not again to paint it"
        assert "! -1" in screen_lines(app)[1]
        with painted(app, monkeypatch) as regions:
            app.queue.display = False
            await pilot.pause()
            regions.clear()
            asked.clear()
            app.queue.tick(NOW + timedelta(seconds=2))
        assert (regions, asked) == ([], []), "out of sight costs nothing"


async def test_moving_the_cursor_paints_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Desk(100_000)
    async with app.run_test(size=(120, 12)) as pilot:
        await press(pilot, "j")
        with painted(app, monkeypatch) as regions:
            await press(pilot, "j")
        assert sorted((region.y, region.height) for region in regions) == [(2, 1), (3, 1)]


async def test_a_changed_row_is_bright_for_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Desk()
    async with app.run_test(size=(80, 12)) as pilot:
        rows = [row_at(i) for i in range(5)]
        app.queue.set_rows(rows)
        await pilot.pause()

        def bright() -> list[int]:
            strips = app.queue.render_lines(Region(0, 0, *app.queue.size))[1:]
            return [i for i, strip in enumerate(strips) if strip._segments[0].style.bold and strip.text[0] != ">"]

        assert bright() == []
        with painted(app, monkeypatch) as regions:
            app.queue.patch([replace(rows[2], name="He Jun"), rows[3], Row("T-not-here")])
        assert [(region.y, region.height) for region in regions] == [(3, 1)]
        assert bright() == [2]
        assert "He Jun" in screen_lines(app)[3]
        app.queue.tick(NOW + timedelta(seconds=1))
        assert bright() == [2]
        app.queue.tick(NOW + timedelta(seconds=2))
        assert bright() == []
        app.queue.set_rows([replace(rows[0], name="Wu Min"), *rows[1:], Row("T-new")])
        app.queue.move_to(1)
        assert bright() == [0, 2, 5], "two changed, one came"


async def test_highlighted_is_told_once_for_a_fast_run() -> None:
    app = Desk(1_000)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        app.heard.clear()
        for index in range(1, 6):
            app.queue.move_to(index)
        await pilot.pause()
        assert [message.key for message in app.said(QueueList.Highlighted)] == ["T-5"]


async def test_no_colour_still_says_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Desk()
    async with app.run_test(size=(80, 12)) as pilot:
        app.queue.set_rows([Row("T-1", due=NOW - timedelta(minutes=3)), Row("T-2")])
        await press(pilot, "space")
        lines = screen_lines(app)
        assert lines[1].startswith(" *! -180")
        assert lines[2].startswith("> g 7200")
