"""The shell: first frame, time, changes, keys, languages, trouble and the way out."""

import asyncio
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from textual.widgets import Input

from deskapp.app import DeskApp
from deskapp.commands import SCOPES, actions_of
from deskapp.domain.errors import Conflict, Unreachable
from deskapp.domain.i18n import _, use_language
from deskapp.domain.terms import Grade
from deskapp.domain.views_time import NoticeLine
from deskapp.drafts import MemoryDrafts
from deskapp.notice_watch import toasts_of
from deskapp.preferences import Preferences
from deskapp.screens.desk import HomeScreen
from deskapp.services.requests.queue import GetDesk
from deskapp.services.requests.tickets import ClaimNext
from deskapp.themes import THEMES
from tests.tui.memory_desk import NOW, MemoryDesk, row, uid
from tests.tui.running import press, running, settled, shown, until

MINE = {"assignee_id": uid("chen"), "assignee": "Chen Yu"}
AWAY = Unreachable("The database does not answer.", hint="Ask for help.")


@pytest.fixture
def desk() -> MemoryDesk:
    """Three tickets: two of ours, one of nobody."""
    return MemoryDesk(
        [row(1, **MINE), row(2, subject="gas smell", grade=Grade.RED, **MINE), row(3, subject="free one")]
    )


@pytest.fixture(autouse=True)
def english() -> None:
    use_language("en")


async def test_the_desk_shows_who_and_what_is_to_do(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, _pilot):
        text = shown(app)
    for words in ("Chen Yu, agent, early shift", "MINE TO DO  2", "T-1", "gas smell", "RED", "unclaimed 1"):
        assert words in text


async def test_the_first_frame_does_not_wait_for_the_desk(desk: MemoryDesk, tmp_path: Path) -> None:
    opening = threading.Event()

    def slowly() -> MemoryDesk:
        opening.wait(10)
        return desk

    app = DeskApp(slowly, desk.clock, login="chen", log_path=tmp_path / "log", ticking=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "Reading" in shown(app))
        assert "New call" in shown(app)
        opening.set()
        await settled(app)
        assert "T-1" in shown(app)


async def test_a_screen_still_being_made_when_the_desk_opens_is_read_once_it_stands(
    desk: MemoryDesk, tmp_path: Path
) -> None:
    opening = threading.Event()

    def slowly() -> MemoryDesk:
        opening.wait(10)
        return desk

    app = DeskApp(slowly, desk.clock, login="chen", log_path=tmp_path / "log", ticking=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "Reading" in shown(app))
        app.go("queue")
        app.screen.signed_on()  # as if the desk had opened in this very moment
        opening.set()
        await until(pilot, lambda: "3 tickets" in shown(app))
        await settled(app)


async def test_no_thread_outlives_the_app(desk: MemoryDesk, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2")
        begun = set(threading.enumerate()) - before
        assert any(thread.name.startswith("desk-read") for thread in begun)
    for thread in begun:
        await asyncio.to_thread(thread.join, 10)
    assert [thread.name for thread in begun if thread.name.startswith("desk-") and thread.is_alive()] == []


async def test_a_desk_that_is_slow_to_open_is_opened_once(desk: MemoryDesk, tmp_path: Path) -> None:
    opening, opened = threading.Event(), list[str]()

    def slowly() -> MemoryDesk:
        opened.append("once")
        opening.wait(10)
        return desk

    app = DeskApp(slowly, desk.clock, login="chen", log_path=tmp_path / "log", ticking=False)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: bool(opened))
        for _second in range(3):
            app.tick()
        opening.set()
        await until(pilot, lambda: "T-1" in shown(app))
        await settled(app)
    assert opened == ["once"]


def test_notices_that_come_together_are_one_toast() -> None:
    def notice(number: int, kind: str) -> NoticeLine:
        red = kind == "red"
        return NoticeLine(
            uid(f"n{number}"), uid(str(number)), f"T-{number}", "smoke", Grade.RED, "" if red else "resolve", kind, NOW,
            True, ("call them",) if red else (),
        )  # fmt: skip

    reds = [notice(number, "red") for number in (1, 2, 3)]
    toasts = toasts_of((*reds, notice(4, "breach"), notice(5, "used:0.5")))
    assert toasts == [
        ("RED T-1: smoke", "error", "1. call them"),
        ("2 more red tickets", "error", "T-2  T-3"),
        ("2 notices on promises", "error", "T-4  T-5"),  # as grave as its gravest
    ]
    assert [text for text, _severity, _more in toasts_of((notice(4, "breach"),))] == ["T-4: resolve is overdue"]


async def test_a_tick_counts_down_and_rings_once_when_a_promise_breaks(
    desk: MemoryDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[DeskApp] = []
    monkeypatch.setattr(DeskApp, "bell", lambda self: rung.append(self))
    async with running(desk, tmp_path) as (app, _pilot):
        assert "02:00:00" in shown(app)
        for advance in (timedelta(minutes=30), timedelta(hours=2), timedelta(seconds=1)):
            desk.clock.advance(seconds=advance.total_seconds())
            app.tick()
            await settled(app)
            if advance == timedelta(minutes=30):
                assert "01:30:00" in shown(app)
                assert not rung
        assert "LATE +00:30:01" in shown(app)
    # Two tickets broke their promise at the same tick: one bell; the tick after it rings no more.
    assert len(rung) == 1


async def test_another_seats_change_is_seen_and_the_cursor_stays_on_its_ticket(
    desk: MemoryDesk, tmp_path: Path
) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "down")
        assert app.screen.query_one("#mine").cursor_row.duty.row.label == "T-2"  # type: ignore[attr-defined]
        desk.touch(row(9, subject="came in first", due_at=NOW + timedelta(minutes=1), **MINE))
        app.tick()
        await settled(app)
        assert "came in first" in shown(app)
        app.tell("RED T-9", hint="1. ring them\n2. send somebody")
        await settled(app)
        assert "2. send somebody" in shown(app) and "\ufffd" not in shown(app)
        assert app.screen.query_one("#mine").cursor_row.duty.row.label == "T-2"  # type: ignore[attr-defined]


async def test_an_older_answer_never_wins(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        screen, got = app.screen, list[str]()
        assert isinstance(screen, HomeScreen)
        desk.hold = threading.Event()
        screen.fetch("slot", GetDesk(), lambda _answer: got.append("older"))
        await pilot.pause()
        screen.fetch("slot", GetDesk(), lambda _answer: got.append("newer"))
        await pilot.pause()
        desk.hold.set()
        await settled(app)
        assert got == ["newer"]


async def test_a_slow_answer_is_said_and_then_forgotten(desk: MemoryDesk, tmp_path: Path) -> None:
    desk.rows.clear()
    desk.hold = threading.Event()
    async with running(desk, tmp_path, settle=False) as (app, pilot):
        await until(pilot, lambda: "Reading ..." in shown(app))
        desk.hold.set()
        await settled(app)
        assert "Press c to take the next ticket" in shown(app)


# Languages, keys, palette, help, colours


async def test_the_language_switches_everything_at_once(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "ctrl+l")
        chinese = shown(app)
        for words in ("我的待办", "新来电", "期限", "坐席", "解决", "待领 1"):
            assert words in chinese
        for english in ("MINE", "New call", "resolve", "agent", "due", "unclaimed"):
            assert english not in chinese
        assert all(_(active.binding.description) for active in app.screen.active_bindings.values())
        await press(app, pilot, "ctrl+l")
        assert "MINE TO DO" in shown(app)


async def test_preferences_are_saved_when_they_change(desk: MemoryDesk, tmp_path: Path) -> None:
    saved: list[Preferences] = []
    async with running(desk, tmp_path, save=saved.append) as (app, pilot):
        await press(app, pilot, "ctrl+y", "ctrl+l")
        assert app.theme == "light"
    assert [(p.theme, p.language) for p in saved] == [("light", "en"), ("light", "zh")]


async def test_settings_that_cannot_be_saved_are_told(desk: MemoryDesk, tmp_path: Path) -> None:
    def refuse(preferences: Preferences) -> None:
        raise PermissionError(13, "Permission denied")

    async with running(desk, tmp_path, save=refuse) as (app, pilot):
        await press(app, pilot, "ctrl+y")
        assert "could not be saved: Permission denied" in shown(app)


@pytest.mark.parametrize("theme", THEMES)
async def test_every_theme_draws_the_desk(theme: str, desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path, preferences=Preferences(theme=theme)) as (app, _pilot):
        assert app.theme == theme
        assert "T-1" in shown(app)


async def test_without_colour_everything_is_still_said(
    desk: MemoryDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    desk.clock.advance(hours=1, minutes=55)
    async with running(desk, tmp_path) as (app, _pilot):
        text = shown(app)
        assert "R 00:05:00" in text
        assert ">" in text
        styles = {
            segment.style.color.get_truecolor()
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.color
        }
        assert all(red == green == blue for red, green, blue in styles)


async def test_a_key_of_the_settings_replaces_the_shipped_one(desk: MemoryDesk, tmp_path: Path) -> None:
    wanted = Preferences(keys={"ticket.claim_next": "t,f9"})
    async with running(desk, tmp_path, preferences=wanted) as (app, pilot):
        assert "t Take next" in shown(app)
        await press(app, pilot, "c")
        assert desk.done == []
        await press(app, pilot, "t")
        assert isinstance(desk.done[0], ClaimNext)


async def test_bad_keys_of_the_settings_are_told_at_the_start(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path, preferences=Preferences(keys={"ticket.clam": "t"})) as (app, _pilot):
        assert "there is no command 'ticket.clam'" in shown(app)


async def test_the_palette_finds_a_command_and_runs_it(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "ctrl+p", *"unclaimed")
        assert "Take next" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(desk.done[0], ClaimNext)
        assert "T-3 is yours." in shown(app)


async def test_the_palette_speaks_chinese_only(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path, preferences=Preferences(language="zh")) as (app, pilot):
        await press(app, pilot, "ctrl+p")
        palette = shown(app)
        assert "领下一单" in palette
        for english in ("Search", "command", "Quit", "Theme", "Screenshot"):
            assert english not in palette


@pytest.mark.parametrize("place", ["1", "2"])
async def test_help_lists_every_key_of_the_screen(place: str, desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path, size=(120, 100)) as (app, pilot):
        await press(app, pilot, place)
        scope = app.screen.SCOPE  # type: ignore[attr-defined]
        await press(app, pilot, "f1")
        text = " ".join(shown(app).split())
        for action in (*actions_of(scope), *SCOPES["app"].actions):
            assert action.help in text
        await press(app, pilot, "escape")
        assert scope == app.screen.SCOPE  # type: ignore[attr-defined]


async def test_while_text_is_typed_the_bar_shows_the_twins(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2", "slash")
        assert isinstance(app.focused, Input)
        assert "F5 Claim" in shown(app)


@pytest.mark.parametrize(("width", "height"), [(20, 5), (40, 10), (80, 24), (120, 40), (500, 200)])
async def test_any_size_is_drawn_and_small_ones_say_the_key_to_the_pane(
    width: int, height: int, desk: MemoryDesk, tmp_path: Path
) -> None:
    async with running(desk, tmp_path, size=(width, height)) as (app, pilot):
        for key in ("2", "1"):
            await press(app, pilot, key)
            assert max(len(line) for line in shown(app).splitlines()) <= width
        if width == 80:
            assert "p Pane" in shown(app)
            await press(app, pilot, "p")
            assert "elderly at home: mornings" in shown(app)
        if width >= 120:
            assert "elderly at home: mornings" in shown(app)


# Sign on


async def test_a_stranger_chooses_who_they_are(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path, login="nobody") as (app, pilot):
        assert "nobody is nobody at this desk" in shown(app)
        await press(app, pilot, *"sato", "enter")
        assert app.actor is not None
        assert app.actor.login == "sato"
        assert "Sato Ken" in shown(app)


# Trouble


async def test_a_desk_that_falls_silent_is_said_with_its_age_and_comes_back_by_itself(
    desk: MemoryDesk, tmp_path: Path
) -> None:
    async with running(desk, tmp_path) as (app, _pilot):
        desk.fail = AWAY
        app.tick()
        await settled(app)
        desk.clock.advance(seconds=7)
        app.tick()
        await settled(app)
        assert "Offline since" in shown(app)
        assert "(7 s)" in shown(app)
        assert "T-1" in shown(app)
        desk.fail = None
        desk.rows[uid("T-1")] = row(1, subject="new words", **MINE)
        for _second in range(12):
            app.tick()
            await settled(app)
        assert "Offline" not in shown(app)
        assert "new words" in shown(app)


async def test_a_desk_that_cannot_be_opened_is_tried_again(desk: MemoryDesk, tmp_path: Path) -> None:
    doors = [AWAY, AWAY]

    def door() -> MemoryDesk:
        if doors:
            raise doors.pop()
        return desk

    app = DeskApp(door, desk.clock, login="chen", log_path=tmp_path / "log", ticking=False)
    async with app.run_test(size=(100, 30)):
        await settled(app)
        assert "Offline since" in shown(app)
        for _second in range(12):
            app.tick()
            await settled(app)
        assert "T-1" in shown(app)


async def test_a_late_answer_about_changes_makes_the_screen_stale(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        desk.hold = threading.Event()
        app.tick()
        await pilot.pause()
        desk.clock.advance(seconds=6)
        app.tick()
        await until(pilot, lambda: "Not up to date since" in shown(app))
        desk.hold.set()
        await settled(app)
        app.tick()
        await settled(app)
        assert "Not up to date" not in shown(app)


async def test_an_unexpected_error_has_a_number_a_place_and_nobodys_data(desk: MemoryDesk, tmp_path: Path) -> None:
    log = tmp_path / "desk.log"
    async with running(desk, tmp_path) as (app, pilot):
        desk.fail = KeyError("13800138000")
        await press(app, pilot, "r")
        text = " ".join(shown(app).split())
        assert "incident" in text
        assert str(log) in text
        assert "KeyError" in log.read_text()
        assert "memory_desk.py" in log.read_text()
        assert "13800138000" not in log.read_text() + text
        assert os.stat(log).st_mode & 0o777 == 0o600
        # The next answer takes the banner away.
        await press(app, pilot, "r")
        assert "incident" not in shown(app)


async def test_a_crash_leaves_a_number_and_no_locals(desk: MemoryDesk, tmp_path: Path) -> None:
    app = DeskApp(lambda: desk, desk.clock, login="chen", log_path=tmp_path / "desk.log", ticking=False)

    def broken() -> None:
        canary = "Wang Fang 13800138000"
        raise ZeroDivisionError(canary)

    async def crash() -> None:
        async with app.run_test() as pilot:
            await settled(app)
            app.screen.call_later(broken)
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await crash()
    log = (tmp_path / "desk.log").read_text()
    assert "ZeroDivisionError" in log
    assert "in broken" in log
    assert "13800138000" not in log


async def test_a_conflict_is_told_with_who_and_the_next_step(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2")
        desk.fail = Conflict("{label} was claimed by {who}.", hint="Press r to see it.", label="T-3", who="Sato")
        await press(app, pilot, "c")
        assert "T-3 was claimed by Sato." in shown(app)
        assert "Press r to see it." in shown(app)
        desk.fail = None


async def test_drafts_that_are_not_safe_are_said(desk: MemoryDesk, tmp_path: Path) -> None:
    drafts = MemoryDrafts()
    drafts.trouble = "Drafts are not safe: no folder can be written."
    async with running(desk, tmp_path, drafts=lambda: drafts) as (app, _pilot):
        app.keep_draft("note", "", {"text": "half a word"})
        app.tick()
        await settled(app)
        assert drafts.trouble in shown(app)


# The way out


async def test_quitting_waits_for_what_is_being_written(desk: MemoryDesk, tmp_path: Path) -> None:
    async with running(desk, tmp_path) as (app, pilot):
        desk.hold_writes = threading.Event()
        await pilot.press("c")
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert app.is_running
        assert "Saving, then leaving" in shown(app)
        desk.hold_writes.set()
        await until(pilot, lambda: app.return_code == 0)
    assert isinstance(desk.done[0], ClaimNext)


async def test_leaving_saves_the_drafts_of_every_screen(
    desk: MemoryDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[str] = []
    monkeypatch.setattr(HomeScreen, "save_draft", lambda self: saved.append(self.SCOPE))
    async with running(desk, tmp_path) as (app, pilot):
        await press(app, pilot, "2")
        await pilot.press("ctrl+q")
        await until(pilot, lambda: app.return_code == 0)
    assert saved == ["desk"]
