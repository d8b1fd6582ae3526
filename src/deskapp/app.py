"""The terminal app: places, colours, keys, the ticker; it reads and writes beside the screen and says how it went."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from rich.text import Text
from textual.screen import Screen

from deskapp.clock import Clock
from deskapp.commands import key_problems
from deskapp.domain.errors import Denied, DeskError
from deskapp.domain.i18n import _, language
from deskapp.domain.terms import Role
from deskapp.domain.text import guard
from deskapp.drafts import Drafts, KeepsDrafts, MemoryDrafts
from deskapp.incidents import IncidentLog
from deskapp.key_gate import KeysWait
from deskapp.look import Look
from deskapp.pages import KeepsPages
from deskapp.preferences import Preferences
from deskapp.screens.base import DeskScreen, bindings_of
from deskapp.seat import OpenDesk, Seat
from deskapp.themes import THEMES
from deskapp.widgets.dialogs import palette
from deskapp.widgets.messages import Changed, Done, Failed, Said, Tick

if TYPE_CHECKING:
    from deskapp.domain.permissions import Actor
    from deskapp.domain.views import Directory, PersonLine, QueueCounts
    from deskapp.notice_watch import NoticeWatch
    from deskapp.services.requests.base import Command, Query

# Where screens live; a module is imported when its screen is first shown.
SCREENS = {
    "desk": "deskapp.screens.desk:HomeScreen",
    "queue": "deskapp.screens.queue:QueueScreen",
    "qa": "deskapp.screens.qa.home:QaScreen",
    "wallboard": "deskapp.screens.wallboard:WallboardScreen",
    "action": "deskapp.screens.qa.action:ActionScreen",
    "help": "deskapp.screens.help:HelpScreen",
    "settings": "deskapp.screens.settings:SettingsScreen",
    "sign_on": "deskapp.screens.sign_on:SignOnScreen",
    "ticket": "deskapp.screens.ticket:TicketScreen",
    "intake": "deskapp.screens.intake:IntakeScreen",
    "customer": "deskapp.screens.customer:CustomerScreen",
    "find": "deskapp.screens.find:FindScreen",
    "calendar": "deskapp.screens.calendar:CalendarScreen",
    "flows": "deskapp.screens.flows.home:FlowsScreen",
    "author": "deskapp.screens.flows.author:AuthorScreen",
    "figures": "deskapp.screens.flows.figures:FiguresScreen",
    "practice": "deskapp.screens.practice.home:PracticeScreen",
    "rehearsal": "deskapp.screens.practice.rehearsal:RehearsalScreen",
    "notices": "deskapp.screens.notices:NoticesScreen",
    "slots": "deskapp.screens.slots:SlotsScreen",
}
PLACES = ("desk", "queue", "qa", "wallboard")
_LEAVE_WITHIN = 5.0  # seconds that leaving waits for what is being written


def screen_of(name: str) -> type[DeskScreen[Any]]:
    """Import a screen's class by its name."""
    module, _colon, attribute = SCREENS[name].partition(":")
    return cast(type[DeskScreen[Any]], getattr(import_module(module), attribute))


def _maker(name: str) -> Callable[[], Screen[Any]]:
    return lambda: screen_of(name)()


class DeskApp(KeepsDrafts, KeepsPages, KeysWait, Look, inherit_bindings=False):
    """The desk in a terminal. `open_desk` is called in a thread after the first frame is painted.

    `ticking=False` leaves the seconds to the caller of `tick()`; `save` is given the preferences when they change.
    """

    BINDINGS = bindings_of("app")  # type: ignore[assignment]
    MODES = {name: _maker(name) for name in PLACES}
    DEFAULT_MODE = PLACES[0]

    def __init__(
        self,
        open_desk: Callable[[], OpenDesk],
        clock: Clock,
        *,
        login: str,
        log_path: Path,
        preferences: Preferences | None = None,
        save: Callable[[Preferences], None] = lambda preferences: None,
        zone: tzinfo | None = None,
        ticking: bool = True,
        drafts: Callable[[], Drafts] = MemoryDrafts,
        flow_folder: Path | None = None,
    ) -> None:
        super().__init__(preferences or Preferences())
        self.flow_folder = flow_folder or log_path.parent / "flows"
        self.seat = Seat(open_desk, clock, IncidentLog(log_path))
        self.open_drafts = drafts
        self._notices: NoticeWatch | None = None
        self._connecting = False
        self.counts: QueueCounts | None = None
        self._login, self._save, self._zone, self._ticking = login, save, zone, ticking
        self._tasks: set[asyncio.Task[None]] = set()
        self._writes: set[asyncio.Task[None]] = set()
        self._rung: set[UUID] = set()
        self._choosing = False

    # What screens may ask for

    @property
    def clock(self) -> Clock:
        return self.seat.clock

    @property
    def actor(self) -> Actor | None:
        return self.seat.actor

    @property
    def me(self) -> PersonLine | None:
        return self.seat.me

    async def ask(self, query: Query) -> Any:
        """Answer a query from a reader thread. Raises DeskError, and nothing else."""
        return await self.seat.ask(query)

    def dispatch(self, command: Command) -> None:
        """Carry out a command, one after the other; the screen in sight gets Done or Failed."""
        self._writes.add(task := self.track(self._carry_out(command)))
        task.add_done_callback(self._writes.discard)

    def murmur(self, command: Command) -> None:
        """Carry out a command of which nobody needs to hear how it went."""

        async def send() -> None:
            with suppress(DeskError):
                await self.seat.carry_out(command)

        self.track(send())

    async def directory(self) -> Directory:
        """People and teams as they are now."""
        return await self.seat.refresh_people()

    @property
    def zone(self) -> tzinfo:
        """The zone of the desk's wall clock; where none is set, the machine's as it stands now."""
        return self._zone or self.clock.now().astimezone().tzinfo or UTC

    def local(self, instant: datetime) -> datetime:
        """The instant as the desk's wall clock shows it."""
        return instant.astimezone(self._zone)

    def trouble(self) -> tuple[str, str]:
        """What is wrong with the desk as a text and its level; empty when nothing is."""
        trouble = self.seat.trouble
        if trouble is None:
            return self.draft_trouble, "warning"
        at, age = self.local(trouble.since), int((self.clock.now() - trouble.since).total_seconds())
        if trouble.error is None:
            text = _("Not up to date since {at:%H:%M:%S} ({age} s): the database is slow to answer. Drafts are safe.")
            return text.format(at=at, age=age), "warning"
        text = _("Offline since {at:%H:%M:%S} ({age} s): {error} {hint} Drafts are safe; it is tried again by itself.")
        return text.format(at=at, age=age, error=trouble.error, hint=trouble.error.hint), "error"

    def stands(self, counts: QueueCounts) -> None:
        """Take the desk's figures for header and terminal title."""
        if counts != self.counts:
            if self.counts is not None and counts.red > self.counts.red and self.actor and self.actor.role is Role.LEAD:
                self.bell()
                self.tell(_("RED: an emergency is on the desk."), severity="error", hint=_("It stands on top."))
            self.counts = counts
            late = _("{late} late").format(late=counts.late) if counts.late else ""
            self.to_terminal(f"\x1b]0;{guard(' - '.join(part for part in (late, self.TITLE) if part))}\x07")

    def breached(self, tickets: Iterable[UUID]) -> None:
        """Ring once for each ticket that has just become late."""
        new = set(tickets) - self._rung
        self._rung |= new
        if new and self.preferences.bell:
            self.bell()

    def tell(self, text: str, *, severity: str = "information", hint: str = "") -> None:
        """Show a toast; text is data, never markup."""
        whole = "\n".join(guard(line) for part in (text, hint) if part for line in part.split("\n"))
        self.notify(whole, severity=cast(Any, severity), markup=False, timeout=10 if severity == "error" else 4)

    def open_ticket(self, ticket_id: UUID) -> None:
        """Show a ticket over the current place."""
        self._push("ticket", ticket_id)

    def open_customer(self, customer_id: UUID) -> None:
        """Show a customer's file over the current place."""
        self._push("customer", customer_id)

    def open_action(self, action_id: UUID) -> None:
        """Show a corrective action over the current place."""
        self._push("action", action_id)

    def new_call(self) -> None:
        """Take a call."""
        self._push("intake")

    def show(self, name: str, *about: object) -> None:
        """Show a screen by its name over the current place."""
        self._push(name, *about)

    def go(self, place: str) -> None:
        """Go to a place (`desk`, `queue`, `qa`, `wallboard`); what is open above it stays open there."""
        self.switch_mode(place)

    def change(self, preferences: Preferences) -> None:
        """Apply preferences at once everywhere and have them saved."""
        self.wear(preferences)
        for screen in self.desk_screens():
            screen.post_message(Said())
        self.track(self._keep(preferences))

    # Beginning, listening, writing

    def on_mount(self) -> None:
        if not self.is_headless:
            for number in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._leave_at_once, number)
            self.to_terminal("\x1b[22;0t")
        if self._ticking:
            self.set_interval(1, self.tick)
        for problem in key_problems(self.preferences.keys):
            self.tell(_("Keys in the settings: {problem}.").format(problem=problem), severity="warning")
        self.call_after_refresh(self._begin)

    def on_unmount(self) -> None:
        self.seat.leave()

    def tick(self) -> None:
        """Say the time to what is visible, and listen for changes."""
        tick = Tick(self.clock.now())
        for screen in self._visible():
            screen.post_message(tick)
        if self._notices is not None and self._notices.due(self.clock.now()):
            self.track(self._watch(self._notices))
        if self.seat.wants_the_clock():
            self.track(self._settle_clock())
        if self.seat.wants_to_listen():
            self.track(self._listen() if self.actor else self._connect())

    def _begin(self) -> None:
        # Only now that the first frame is painted: opening a desk imports half a second of packages.
        self.track(self._connect())

    async def _connect(self) -> None:
        # (A tick that comes while a slow desk is still opening must not open it a second time.)
        if self._choosing or self._connecting or self.actor:
            return
        self._connecting = True
        try:
            await self._enter()
        finally:
            self._connecting = False

    async def _enter(self) -> None:
        try:
            await self.seat.open()
            try:
                await self.seat.sign_on(self._login)
            except Denied:
                self._choosing = True
                self._push("sign_on", self._login, await self.seat.everybody(), self._chosen)
                return
        except DeskError:
            # The seat keeps what is wrong: the banner says it, and a tick tries again.
            self._show_trouble()
            return
        for screen in self.desk_screens():
            screen.signed_on()
        if self._ticking:
            self.seat.hear(partial(self._call_soon, asyncio.get_running_loop()))
        self.track(self._meet())

    async def _meet(self) -> None:
        await self.seat.rest()  # what the screen shows comes first: the rest takes as long again
        if self._ticking:
            from deskapp.notice_watch import NoticeWatch

            self._notices = NoticeWatch(self.seat)
        with suppress(DeskError):  # the header then lacks team and shift; whatever is read next says why
            await self.seat.refresh_people()
        for screen in self.desk_screens():
            screen.show_who()

    def _chosen(self, login: str) -> None:
        self._login, self._choosing = login, False
        self.pop_screen()
        self.track(self._connect())

    def _call_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop is closed: the app has left
            loop.call_soon_threadsafe(self._rang)

    def _rang(self) -> None:
        if self.is_running and self.actor:
            self.track(self._listen())

    async def _settle_clock(self) -> None:
        with suppress(DeskError):
            if jump := await self.seat.settle_clock():
                seconds = int(jump.total_seconds())
                self.tell(_("This machine's clock jumped by {seconds} s.").format(seconds=seconds), severity="warning")

    async def _watch(self, notices: NoticeWatch) -> None:
        from deskapp.notice_watch import toasts_of

        with suppress(DeskError):  # the banner says what is wrong; it is tried again
            new = await notices.look()
            for screen in self._visible() if new else ():
                screen.post_message(Changed(frozenset()))
            front = self._front()
            told = tuple(line for line in new if not isinstance(front, DeskScreen) or front.hears(line))
            for text, severity, more in toasts_of(told):
                self.tell(text, severity=severity, hint=more)
            if self.preferences.bell and any(line.kind in ("red", "breach") for line in new):
                self.bell()

    async def _listen(self) -> None:
        try:
            changes = await self.seat.listen()
        except DeskError as error:
            if self.seat.trouble is None:
                self.tell(str(error), severity="error", hint=error.hint)
            self._show_trouble()
            return
        if (changes.tickets is None or changes.tickets) and self._notices is not None:
            self._notices.wake()
        if changes.tickets is None or changes.tickets or changes.kinds:
            for screen in self._visible():
                screen.post_message(Changed(changes.tickets, changes.kinds))

    def _show_trouble(self) -> None:
        if isinstance(screen := self._front(), DeskScreen):
            screen.show_trouble()

    async def _carry_out(self, command: Command) -> None:
        try:
            receipt = await self.seat.carry_out(command)
        except DeskError as error:
            self._front().post_message(Failed(command, error))
        else:
            self._front().post_message(Done(command, receipt))
            await self._listen()

    async def _keep(self, preferences: Preferences) -> None:
        try:
            await asyncio.to_thread(self._save, preferences)
        except OSError as error:
            self.tell(_("The settings could not be saved: {reason}.").format(reason=error.strerror), severity="error")

    def track(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something beside the screen; an error in it that nobody expected ends the app as any other does."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self._handle_exception(error)

    @property
    def busy(self) -> frozenset[asyncio.Task[None]]:
        """What is going on beside the screen."""
        return frozenset(self._tasks)

    # Screens

    def desk_screens(self) -> Iterator[DeskScreen[Any]]:
        """Every screen of every place, the visible one last."""
        for stack in self._screen_stacks.values():
            yield from (screen for screen in stack if isinstance(screen, DeskScreen))

    def _visible(self) -> Iterator[Screen[Any]]:
        for screen in reversed(self.screen_stack):
            yield screen
            if not screen.is_modal:
                return

    def _front(self) -> Screen[Any]:
        return next((screen for screen in self._visible() if not screen.is_modal), self.screen)

    def _push(self, name: str, *args: object) -> None:
        self.push_screen(screen_of(name)(*args))

    # Keys that work everywhere

    def action_help_show(self) -> None:
        if isinstance(screen := self._front(), DeskScreen) and screen.SCOPE != "help":
            self._push("help", screen.SCOPE)

    def action_settings_show(self) -> None:
        if isinstance(screen := self._front(), DeskScreen) and screen.SCOPE != "settings":
            self._push("settings")

    def action_palette_show(self) -> None:
        if isinstance(front := self.screen, DeskScreen):
            self.push_screen(palette(front.SCOPE, self.keymap), lambda method: self._run(method, front))

    def _run(self, method: str | None, screen: DeskScreen[Any]) -> None:
        if method:
            self.call_next(self.run_action, method, screen)

    def action_language_switch(self) -> None:
        self.change(replace(self.preferences, language="en" if language() == "zh" else "zh"))

    def action_theme_next(self) -> None:
        names = list(THEMES)
        name = names[(names.index(self.theme) + 1) % len(names)]
        self.change(replace(self.preferences, theme=name))
        self.tell(_("Colours: {name}").format(name=_(THEMES[name])))

    def action_app_quit(self) -> None:
        self.leave()

    def leave(self) -> None:
        """Save drafts, wait for what is being written, then go."""
        self.save_drafts()
        if self._writes:
            self.tell(_("Saving, then leaving ..."))
        self.track(self._leave(0))

    # Leaving

    def save_drafts(self) -> None:
        """Have every screen store what was typed."""
        for screen in self.desk_screens():
            screen.save_draft()
        self.flush_drafts()

    async def _leave(self, code: int) -> None:
        if self._writes:
            await asyncio.wait(self._writes, timeout=_LEAVE_WITHIN)
        self.to_terminal("\x1b[23;0t")
        self.exit(code, return_code=code)

    def _leave_at_once(self, number: int) -> None:
        """A signal: drafts first, then the way out; where the terminal is gone and blocks it, out anyway."""
        self.save_drafts()
        watchdog = threading.Timer(_LEAVE_WITHIN + 1, os._exit, [128 + number])
        watchdog.daemon = True
        watchdog.start()
        self.track(self._leave(128 + number))

    def _handle_exception(self, error: Exception) -> None:
        """Leave with an incident's number and the log's path. (Textual would print every frame's values.)"""
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
            incident = self.seat.incidents.record(error, self.clock.now())
            self.save_drafts()
            self._exit_renderables.append(Text(guard(f"{incident} {incident.hint}")))
        self._close_messages_no_wait()


__all__ = ["SCREENS", "DeskApp", "screen_of"]
