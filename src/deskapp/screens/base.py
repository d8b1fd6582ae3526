"""What every screen of the desk shares: header, banner, keys, reading, and how it hears of time and changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar, cast
from uuid import UUID

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from deskapp.clock import Clock
from deskapp.commands import PANE, SCOPES, Action, actions_of, key_of
from deskapp.domain.errors import DeskError, Unreachable
from deskapp.domain.i18n import _
from deskapp.domain.terms import LABELS
from deskapp.preferences import Preferences
from deskapp.widgets.banner import Banner
from deskapp.widgets.header import Header
from deskapp.widgets.key_bar import KeyBar
from deskapp.widgets.messages import Changed, Done, Failed, Said, Tick

if TYPE_CHECKING:
    from deskapp.domain.permissions import Actor
    from deskapp.domain.views import Directory, PersonLine, QueueCounts
    from deskapp.domain.views_time import NoticeLine
    from deskapp.services.requests.base import Command, Query, Receipt

T = TypeVar("T")
_WIDE = 100  # cells from which a pane has room beside the list
SLOW = 0.15  # seconds without an answer before a screen says that it is reading


class Shell(Protocol):
    """What a screen may ask of the app."""

    clock: Clock
    preferences: Preferences
    keymap: dict[str, str]
    # Where flows are written.
    flow_folder: Path
    # Who is signed on, and their line in the directory; None until then.
    actor: Actor | None
    me: PersonLine | None
    counts: QueueCounts | None

    async def ask(self, query: Query) -> Any:
        """Answer a query from a reader thread. Raises DeskError, and nothing else."""

    def dispatch(self, command: Command) -> None:
        """Carry out a command, one after the other; the screen in sight gets Done or Failed."""

    def murmur(self, command: Command) -> None:
        """Carry out a command of which nobody needs to hear how it went."""

    async def directory(self) -> Directory:
        """People and teams, read once and again when they change."""

    @property
    def zone(self) -> tzinfo:
        """The zone of the desk's wall clock."""

    def local(self, instant: datetime) -> datetime:
        """The instant as the desk's wall clock shows it."""

    def trouble(self) -> tuple[str, str]:
        """What the app knows to be wrong with the database, and its level; empty when nothing is."""

    def stands(self, counts: QueueCounts) -> None:
        """Take the desk's figures for header and terminal title."""

    def breached(self, tickets: Iterable[UUID]) -> None:
        """Ring once for each ticket that has just become late."""

    def tell(self, text: str, *, severity: str = "information", hint: str = "") -> None:
        """Show a toast; text is data."""

    def keep_draft(self, form: str, entity: str, values: Mapping[str, str]) -> None:
        """Keep what is typed in a form about something, until it is sent."""

    def recall_draft(self, form: str, entity: str) -> dict[str, str] | None:
        """What was typed there and not sent, None when nothing was."""

    def drafts(self, form: str) -> Sequence[tuple[str, dict[str, str]]]:
        """Everything of a form that was typed and not sent, by what it is about, the newest first."""

    def drop_draft(self, form: str, entity: str) -> None:
        """Forget a draft: it was sent, or thrown away on purpose."""

    def open_ticket(self, ticket_id: UUID) -> None: ...
    def open_customer(self, customer_id: UUID) -> None: ...
    def open_action(self, action_id: UUID) -> None: ...
    def new_call(self) -> None: ...
    def show(self, name: str, *about: object) -> None: ...
    def keep_page(self, name: str, text: str) -> Path:
        """Write a page to print into the folder of this desk's seat. Raises OSError."""

    def go(self, place: str) -> None: ...
    def change(self, preferences: Preferences) -> None: ...
    def leave(self) -> None: ...


def bindings_of(scope: str) -> list[Binding]:
    """Make the Textual bindings of a scope from their declarations."""
    made = []
    own = SCOPES[scope].actions if scope == "app" else tuple(actions_of_screen(scope))
    for action in own:
        letters = [key for key in action.keys if len(key) == 1]
        others = [key for key in action.keys if len(key) > 1]
        for keys, priority in ((others, action.everywhere), (letters, False)):
            if keys:
                made.append(
                    Binding(",".join(keys), action.method, action.label, show=False, priority=priority,
                            tooltip=action.help, id=action.id)
                )  # fmt: skip
    return made


def actions_of_screen(scope: str) -> Iterable[Action]:
    """What a screen itself carries out: its scope without the keys of its lists."""
    lists = {action.id for action in SCOPES["list"].actions}
    return (action for action in actions_of(scope) if action.id not in lists)


class DeskScreen(Screen[T]):
    """A screen of the desk. Subclasses name their scope: `class QueueScreen(DeskScreen[None], scope="queue")`."""

    SCOPE: ClassVar[str] = "app"
    ABOUT: ClassVar[tuple[str, ...]] = ()
    # Textual's own word for the window's title is not used.
    TITLE = None

    def __init_subclass__(cls, scope: str = "", **options: Any) -> None:
        if scope:
            cls.SCOPE = scope
            cls.BINDINGS = [*bindings_of(scope), *cls.__dict__.get("BINDINGS", ())]
        super().__init_subclass__(**options)

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Made under the colours in force: Textual else parses every style again when it first shows a place.
        self._css_update_count = self.app._css_update_count
        self._waiting: set[str] = set()
        self._made = self._missed = False
        self._errors: dict[str, DeskError] = {}
        # What is read that the next key is about; `up` until the screen was painted once.
        self._holding: dict[str, object] = {"up": None}

    @property
    def shell(self) -> Shell:
        """The app, as far as a screen may know it."""
        return cast(Shell, self.app)

    # What subclasses say

    def body(self) -> ComposeResult:
        """The widgets between header and keys."""
        yield from ()

    def place(self) -> str:
        """The name of this place, for the header."""
        return _(SCOPES[self.SCOPE].title)

    def ready(self) -> None:
        """The desk is open and somebody is signed on: read."""

    def ticked(self, now: datetime) -> None:
        """A second has passed (aware UTC)."""

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        """Somebody changed these tickets (None: perhaps everything)."""

    def changed_beside(self) -> None:
        """Something that is no ticket and of which the screen tells changed (its kind begins with one of `ABOUT`)."""

    def hears(self, notice: NoticeLine) -> bool:
        """Whether a new notice is told over this screen; the list of notices keeps it in any case."""
        return True

    def done(self, command: Command, receipt: Receipt) -> None:
        """A command was carried out."""

    def refused(self, command: Command, error: DeskError) -> bool:
        """A command changed nothing; return True when the screen has shown why, at the field."""
        return False

    def said(self) -> None:
        """The language changed: say again what is not asked on every refresh."""

    def save_draft(self) -> None:
        """Store what was typed; called before the app leaves, whatever the reason. Must not raise."""

    def key(self, action: str) -> str:
        """The key that does something here, as people write it; the one that they chose where they chose another."""
        return key_of(action, self.shell.keymap)

    # Reading

    def fetch(self, slot: str, query: Query, then: Callable[[Any], object], *, keys_wait: bool = False) -> None:
        """Ask the desk and give the answer to `then`; a later question of the same slot makes this one void.

        `keys_wait`: what is typed before the answer is about the answer, so it waits for it (a moment at most).
        """
        self._holding.pop(slot, None)
        mark = object()
        if keys_wait:
            self._holding[slot] = mark

        async def read() -> None:
            try:
                await self._fetch(slot, query, then)
            finally:
                if self._holding.get(slot) is mark:
                    del self._holding[slot]

        self.run_worker(read, group=slot, exclusive=True)  # type: ignore[arg-type]

    async def _fetch(self, slot: str, query: Query, then: Callable[[Any], object]) -> None:
        slow = self.set_timer(SLOW, partial(self._slow, slot))
        try:
            answer = await self.shell.ask(query)
        except DeskError as error:
            self._errors[slot] = error
            self.show_trouble()
            return
        finally:
            slow.stop()
            self._waiting.discard(slot)
        if self._errors.pop(slot, None):
            self.show_trouble()
        then(answer)

    def _slow(self, slot: str) -> None:
        self._waiting.add(slot)
        self.refresh(recompose=False)
        for widget in self.walk_children(Widget):
            widget.refresh()

    @property
    def keys_wait(self) -> bool:
        """Whether a key pressed now would not reach what it is about; the app holds it back meanwhile."""
        return bool(self._holding)

    def hold_keys(self, what: str) -> None:
        """Let keys wait until `let_keys_in` of the same is said: what was sent turns the screen."""
        self._holding[what] = None

    def let_keys_in(self, what: str = "") -> None:
        """Let keys wait no longer for something; without a name, for anything."""
        if what:
            self._holding.pop(what, None)
        else:
            self._holding.clear()

    @property
    def is_reading(self) -> bool:
        """Whether an answer is so late that the person should know."""
        return bool(self._waiting)

    def nothing(self, empty: str) -> str:
        """What a list without rows says: that it is being read, that it could not be, or `empty` with the next key."""
        if self._errors:
            return _("Not read: see above.")
        return _("Reading ...") if self._waiting or self.shell.actor is None else empty

    # The frame

    def compose(self) -> ComposeResult:
        yield Header()
        yield from self.body()
        yield KeyBar(self._footer, lambda: self.shell.keymap)

    def _footer(self) -> list[Action]:
        actions = [action for action in (*actions_of(self.SCOPE), *SCOPES["app"].actions) if action.footer]
        # Where the pane hides the list, or has no room beside it, its key comes first.
        # By the width, since the bar may be drawn before the screen has its class.
        if self.app.size.width < _WIDE and PANE in SCOPES[self.SCOPE].actions:
            actions.insert(0, PANE)
        return actions

    def on_mount(self) -> None:
        self.call_after_refresh(self._is_up)
        for below in self.app.screen_stack:
            # It is told to rest before it is covered, and can't see by what.
            if isinstance(below, DeskScreen) and below is not self:
                below._missed = True
        self._made = True
        self.show_who()
        self.query_one(Header).tick(self.shell.local(self.shell.clock.now()))
        if self.shell.actor is not None:
            self.ready()

    def _is_up(self) -> None:
        self._holding.pop("up", None)

    def on_screen_suspend(self) -> None:
        # (`is_current` also holds for what lies under a screen that is not styled yet.)
        above = self.app.screen
        self._missed = self._missed or (above is not self and not above.is_modal)

    def on_screen_resume(self) -> None:
        # While it was out of sight it heard of nothing; under a dialog it heard everything.
        if self._missed and self.is_mounted and self.shell.actor is not None:
            self._missed = False
            self.on_tick(Tick(self.shell.clock.now()))
            self.on_changed(Changed(None))

    def on_tick(self, event: Tick) -> None:
        self.query_one(Header).tick(self.shell.local(event.now))
        self.show_trouble()
        self.ticked(event.now)

    def on_changed(self, event: Changed) -> None:
        self.show_who()
        if event.tickets is None or event.tickets or not event.kinds:
            self.changed(event.tickets)
        if event.tickets is None or any(kind.startswith(self.ABOUT) for kind in event.kinds):
            self.changed_beside()

    def on_done(self, event: Done) -> None:
        self.done(event.command, event.receipt)

    def on_failed(self, event: Failed) -> None:
        if not self.refused(event.command, event.error):
            self.shell.tell(str(event.error), severity="error", hint=event.error.hint)

    def on_said(self, event: Said) -> None:
        self.show_who()
        self.show_trouble()
        self.said()
        self.refresh_bindings()
        for widget in self.walk_children(Widget):
            widget.refresh(layout=True)

    def signed_on(self) -> None:
        """Called by the app once the desk is open and it is known who acts; a screen still being made hears it then."""
        if self._made:
            self.show_who()
            self.ready()

    def show_who(self) -> None:
        """Bring the header up to date: who is signed on, how the desk stands."""
        me, actor, counts = self.shell.me, self.shell.actor, self.shell.counts
        who = [] if actor is None else [actor.name, label(actor.role)]
        if me is not None:
            who.append(label(me.shift))
        figures = ""
        if counts is not None:
            figures = _("late {late}  red {red}  unclaimed {unclaimed}").format(
                late=counts.late, red=counts.red, unclaimed=counts.unclaimed
            )
        left = "  ".join(part for part in (self.place(), me.team if me else "") if part)
        self.query_one(Header).tell(left=left, middle=", ".join(who), right=figures)

    def show_trouble(self) -> None:
        """Bring the banner up to date: what is wrong with the desk, else what this screen could not read."""
        text, level = self.shell.trouble()
        if not text:
            own = next((e for e in self._errors.values() if not isinstance(e, Unreachable)), None)
            text, level = (f"{own} {own.hint}".strip(), "error") if own else ("", "error")
        banner = self.query_one_optional(Banner)
        if banner is None and text:
            self.mount(banner := Banner(), after=self.query_one(Header))
        if banner is not None:
            banner.tell(text, level)

    @property
    def active_bindings(self) -> Any:
        """The bindings in force, in the reader's language."""
        return {
            key: active._replace(
                binding=dataclasses.replace(active.binding, description=_(active.binding.description)),
                tooltip=_(active.tooltip),
            )
            for key, active in super().active_bindings.items()
        }

    def action_go_desk(self) -> None:
        self.shell.go("desk")

    def action_go_queue(self) -> None:
        self.shell.go("queue")

    def action_go_qa(self) -> None:
        self.shell.go("qa")

    def action_go_wallboard(self) -> None:
        self.shell.go("wallboard")

    def action_calendar_show(self) -> None:
        self.shell.show("calendar")

    def action_flows_show(self) -> None:
        self.shell.show("flows")

    def action_practice_show(self) -> None:
        self.shell.show("practice")

    def action_notices_show(self) -> None:
        self.shell.show("notices")

    def action_slots_show(self) -> None:
        self.shell.show("slots")

    def action_call_new(self) -> None:
        self.shell.new_call()

    def action_customer_find(self) -> None:
        self.shell.show("find")

    def action_app_back(self) -> None:
        """One level back: a pushed screen is left, a place goes to one's desk."""
        if len(self.app.screen_stack) > 1:
            self.save_draft()
            self.app.pop_screen()
        else:
            self.shell.go("desk")


def label(word: StrEnum) -> str:
    """A word of `domain.terms` in the reader's language."""
    return _(LABELS[word])


__all__ = ["DeskScreen", "Shell", "bindings_of", "label"]
