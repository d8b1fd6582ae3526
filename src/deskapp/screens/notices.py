"""What the desk told somebody: warnings, misses, red tickets with what to do; opened, and taken note of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from deskapp.domain.i18n import N_, _
from deskapp.domain.notice_words import sentence, told
from deskapp.domain.text import guard
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.notices import GetNotices, SeeNotices
from deskapp.widgets.cells import Cell, Column
from deskapp.widgets.queue_list import QueueList
from deskapp.widgets.text import Live

if TYPE_CHECKING:
    from deskapp.domain.views_time import NoticeLine
    from deskapp.services.requests.base import Command, Receipt

_MOST = 200


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice as a row of the list; `at` is the wall clock's time."""

    line: NoticeLine
    at: datetime

    @property
    def key(self) -> UUID:
        return self.line.id


def _style(row: NoticeRow) -> str:
    if not row.line.is_new:
        return "dim"
    kind = row.line.kind
    return "late" if kind in ("red", "breach") or kind.startswith("step") else "yellow" if kind != "shift" else "accent"


def notice_columns() -> list[Column[NoticeRow]]:
    """When, about which ticket, what."""
    return [
        Column("new", N_("new"), 3, lambda row, now: Cell("*" if row.line.is_new else "", _style(row))),
        Column("at", N_("at"), 11, lambda row, now: Cell(f"{row.at:%m-%d %H:%M}", "dim")),
        Column("ticket", N_("ticket"), 8, lambda row, now: Cell(row.line.ticket)),
        Column("notice", N_("notice"), 24, lambda row, now: Cell(told(row.line), _style(row)), grow=3),
        Column("fault", N_("fault"), 14, lambda row, now: Cell(row.line.subject), grow=2, min_total_width=64),
    ]


class NoticesScreen(DeskScreen[None], scope="notices"):
    """The list; below it, what to do about the line under the cursor."""

    CSS_PATH = "../styles/notices.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[NoticeLine, ...] = ()
        self._earlier = False

    def body(self) -> ComposeResult:
        yield Live(self._heading, id="heading")
        yield QueueList(notice_columns(), self.shell.clock.now(), empty=self._empty, id="notices")
        yield Live(self._about, id="about")

    @property
    def _list(self) -> QueueList[NoticeRow]:
        return self.query_one("#notices", QueueList)

    def _heading(self) -> str:
        new = sum(line.is_new for line in self._lines)
        count = _("{new} new").format(new=new)
        if self._earlier:
            return f" {count}   " + _("{count} in all").format(count=len(self._lines))
        return f" {count}   " + _("{key}: earlier ones, too").format(key=self.key("notices.earlier"))

    def _empty(self) -> str:
        nothing = _("Nothing new. {key} shows what was told earlier.").format(key=self.key("notices.earlier"))
        return self.nothing(_("The desk has told you nothing.") if self._earlier else nothing)

    def _about(self) -> Content:
        row = self._list.cursor_row if self.is_mounted else None
        if row is None:
            return Content("")
        line = row.line
        parts: list[str | tuple[str, str]] = [(guard(sentence(line)), "bold"), f"\n{guard(line.subject)}"]
        if line.checklist:
            parts.append(("\n" + _("EMERGENCY: WHAT TO DO"), "$text-error bold"))
            parts += [f"\n {n}. {guard(step)}" for n, step in enumerate(line.checklist, 1)]
        return Content.assemble(*parts)

    # Reading

    def on_mount(self) -> None:
        self._list.focus()

    def ready(self) -> None:
        self.fetch("notices", GetNotices(limit=_MOST, earlier=self._earlier), self._show)

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        self.ready()

    def _show(self, found: tuple[NoticeLine, ...]) -> None:
        self._lines = found
        self._list.set_rows(NoticeRow(line, self.shell.local(line.at)) for line in found)
        self.query_one("#heading").refresh()
        self._look()

    @on(QueueList.Highlighted)
    def _look(self) -> None:
        self.query_one("#about").refresh(layout=True)

    # What the keys do

    @on(QueueList.Opened)
    def action_ticket_open(self) -> None:
        """Open the ticket; all that was told about it has been taken note of by then."""
        if (row := self._list.cursor_row) is not None:
            self._see(line.id for line in self._lines if line.ticket_id == row.line.ticket_id and line.is_new)
            if row.line.ticket.startswith("CA-"):
                self.shell.open_action(row.line.ticket_id)
            else:
                self.shell.open_ticket(row.line.ticket_id)

    def action_notice_see(self) -> None:
        """Take note of the line under the cursor, or of all marked ones."""
        row = self._list.cursor_row
        keys = self._list.marked or (frozenset({row.key}) if row else frozenset())
        self._see(line.id for line in self._lines if line.id in keys and line.is_new)

    def action_notice_see_all(self) -> None:
        """Take note of everything but red: an emergency is looked at by itself."""
        self._see(line.id for line in self._lines if line.is_new and line.kind != "red")
        if any(line.is_new and line.kind == "red" for line in self._lines):
            self.shell.tell(_("Red ones stay: open each of them."), severity="warning")

    def _see(self, ids: Iterable[UUID]) -> None:
        if seen := tuple(ids):
            self._list.clear_marks()
            self.shell.dispatch(SeeNotices(notice_ids=seen))

    def action_notices_earlier(self) -> None:
        self._earlier = not self._earlier
        self.ready()

    def action_list_refresh(self) -> None:
        self.ready()

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, SeeNotices):
            self.ready()
