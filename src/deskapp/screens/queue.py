"""The queue: all open tickets with their countdown; claim, assign, filter, sort, search, views, many at once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.domain.permissions import may
from deskapp.domain.presence import PresenceLine, foremost, sentence
from deskapp.domain.queue import QueueFilter, Sort, order_from_json
from deskapp.domain.terms import LABELS
from deskapp.domain.views import Directory, QueueCounts, QueuePage, QueueRow, SavedViewLine, TicketView
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.presence import GetPresence
from deskapp.services.requests.queue import DeleteView, GetCounts, GetPosition, GetQueue, GetViews, SaveView
from deskapp.services.requests.tickets import AssignTicket, ClaimTicket, GetTicket, ReleaseTicket
from deskapp.widgets.bulk import Bulk
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.queue_list import QueueList
from deskapp.widgets.queue_words import SORTS, describe, filter_choices, order, view_choices
from deskapp.widgets.rows import CHUNK
from deskapp.widgets.text import Live
from deskapp.widgets.ticket_columns import queue_columns
from deskapp.widgets.ticket_pane import TicketPane

_MEET_EVERY = 3  # ticks
_COUNT_EVERY = 15  # ticks; tickets become late without anybody changing them


class QueueScreen(DeskScreen[None], scope="queue"):
    """One list over all desks. Rows come by chunk; changes of other seats are read at most once a second."""

    CSS_PATH = "../styles/queue.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._wanted, self._sort, self._descending = QueueFilter(), Sort.DUE, False
        self._teams: Directory | None = None
        self._shown_total: int | None = None
        self._ticks = 0
        self._bulk = Bulk()
        self._loaded: set[int] = set()
        self._here: dict[UUID, PresenceLine] = {}

    def body(self) -> ComposeResult:
        yield Live(self._line, id="line")
        yield Input(id="search")
        with Horizontal():
            # Straight in its row: each container around the list is drawn again with every key.
            yield QueueList(queue_columns(self._here), self.shell.clock.now(), empty=self._empty, id="queue")
            yield TicketPane(lambda: self.shell.zone, lambda: _("The ticket under the cursor is shown here."))

    def _line(self) -> str:
        parts = [self._described() or _("all desks"), _("by {order}").format(order=order(self._sort, self._descending))]
        if self._shown_total is not None:
            parts.append(_("{count} tickets").format(count=f"{self._shown_total:,}"))
        if counts := self.shell.counts:
            parts.append(_("open {open}  paused {paused}").format(open=f"{counts.open:,}", paused=f"{counts.paused:,}"))
        if self.is_mounted and (marked := len(self._list.marked)):
            told = _("{count} marked: {bulk} does something to them, {back} forgets them")
            parts.insert(0, told.format(count=marked, bulk=self.key("queue.bulk"), back=self.key("app.back")))
        row = self._list.cursor_row if self._here and self.is_mounted else None
        if row is not None and (here := self._here.get(row.id)):
            # Where the list has no room for the column, too.
            parts.insert(0, f"! {row.label}: {sentence([here])}")
        return " " + "  |  ".join(parts)

    def _described(self) -> str:
        known = self._teams
        return describe(self._wanted, known.teams, known.people) if known else describe(self._wanted)

    def _empty(self) -> str:
        if self._wanted == QueueFilter():
            return self.nothing(_("No ticket is open. Press {key} for a new call.").format(key=self.key("call.new")))
        told = _("No ticket fits. Press {back} to show all, {filter} for another filter.")
        return self.nothing(told.format(back=self.key("app.back"), filter=self.key("queue.filter")))

    @property
    def _list(self) -> QueueList[QueueRow]:
        return self.query_one("#queue", QueueList)

    # Reading

    def on_mount(self) -> None:
        self._list.focus()
        self._say_search()

    def said(self) -> None:
        self._say_search()

    def _say_search(self) -> None:
        self.query_one("#search", Input).placeholder = _("Words, a number or a name; Enter searches, Esc ends")

    def ready(self) -> None:
        self.changed(None)
        self.fetch("teams", GetDirectory(), self._know_teams)

    def _know_teams(self, found: Directory) -> None:
        self._teams = found
        self.query_one("#line").refresh()

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        self._count()
        key = self._list.cursor_key
        if self._list.total > CHUNK and isinstance(key, UUID):
            where = GetPosition(ticket_id=key, filter=self._wanted, sort=self._sort, descending=self._descending)
            self.fetch("page", where, self._reload)
        else:
            self._reload(None)

    def _reload(self, cursor: int | None) -> None:
        at = self._list.cursor_index if cursor is None else cursor
        first = at // CHUNK * CHUNK
        self.fetch("page", self._page(first), lambda page: self._show(page, cursor))

    def _page(self, first: int) -> GetQueue:
        return GetQueue(filter=self._wanted, sort=self._sort, descending=self._descending, first=first, count=CHUNK)

    def _show(self, page: QueuePage, cursor: int | None) -> None:
        self._loaded = {page.first}
        generation = self._list.begin(page.total, cursor=cursor)
        self._list.load(page.first, page.rows, generation)
        if self._shown_total != page.total:
            self._shown_total = page.total
            self.query_one("#line").refresh()

    def _show_top(self, page: QueuePage) -> None:
        self._show(page, None)
        self._list.move_to(0)

    @on(QueueList.ChunkWanted)
    def _read_chunk(self, event: QueueList.ChunkWanted) -> None:
        if event.generation != self._list.generation or event.first in self._loaded:
            return
        self._loaded.add(event.first)
        first, generation = event.first, event.generation
        self.fetch(
            f"chunk {first}", self._page(first), lambda page: self._list.load(first, page.rows, generation) and None
        )

    def _count(self) -> None:
        self.fetch("counts", GetCounts(), self._tell_counts)

    def _tell_counts(self, counts: QueueCounts) -> None:
        self.shell.stands(counts)
        self.show_who()
        self.query_one("#line").refresh()

    def ticked(self, now: datetime) -> None:
        self._list.tick(now)
        self._ticks += 1
        if self.shell.actor is None:
            return
        if self._ticks % _COUNT_EVERY == 0:
            self._count()
        if self._ticks % _MEET_EVERY == 0:
            self.fetch("presence", GetPresence(), self._meet)

    def _meet(self, others: tuple[PresenceLine, ...]) -> None:
        """Take who is at which ticket; the next tick paints it."""
        here = foremost(others)
        if here != self._here:
            self._here.clear()
            self._here.update(here)
            self.query_one("#line").refresh()

    @on(QueueList.Highlighted)
    def _look(self) -> None:
        if self._here:
            self.query_one("#line").refresh()
        pane, row = self.query_one(TicketPane), self._list.cursor_row
        if pane.display and row is not None:
            self.fetch("pane", GetTicket(ticket_id=row.id), self._show_ticket)

    def _show_ticket(self, ticket: TicketView) -> None:
        self.query_one(TicketPane).tell(ticket)

    @on(QueueList.Marked)
    def _count_marks(self) -> None:
        self.query_one("#line").refresh()

    @on(QueueList.Opened)
    def _open(self, event: QueueList.Opened) -> None:
        if isinstance(event.key, UUID):
            self.shell.open_ticket(event.key)

    # Which tickets, in what order

    def _want(self, wanted: QueueFilter | None, sort: Sort | None = None, descending: bool = False) -> None:
        if wanted is None:
            return
        self._wanted = wanted
        if sort is not None:
            self._sort, self._descending = sort, descending
        self._list.clear_marks()
        self.query_one("#line").refresh()
        # Another order is read from its top; the cursor leaves its ticket.
        self.fetch("page", self._page(0), self._show_top)

    def action_queue_filter(self) -> None:
        teams = self._teams.teams if self._teams else ()
        choices = list(filter_choices(self._wanted, teams, self._list.cursor_row))
        self.app.push_screen(Choose(_("Show only ..."), choices), self._want)

    def action_queue_sort(self) -> None:
        choices = [Choice(sort, _(name)) for sort, name in SORTS.items()]

        def take(sort: Sort | None) -> None:
            if sort is not None:
                self._want(self._wanted, sort, sort is self._sort and not self._descending)

        self.app.push_screen(Choose(_("In what order? The same one again turns it round."), choices), take)

    def action_queue_search(self) -> None:
        self.add_class("-search")
        search = self.query_one("#search", Input)
        search.value = self._wanted.text
        search.focus()

    @on(Input.Submitted, "#search")
    def _search(self, event: Input.Submitted) -> None:
        self.remove_class("-search")
        self._list.focus()
        self._want(replace(self._wanted, text=event.value.strip()))

    def action_queue_views(self) -> None:
        def take(chosen: QueueFilter | SavedViewLine | None) -> None:
            try:
                if isinstance(chosen, SavedViewLine):
                    self._want(QueueFilter.from_json(chosen.filter), *order_from_json(chosen.filter))
                else:
                    self._want(chosen)
            except DeskError as error:
                self.shell.tell(str(error), severity="error", hint=error.hint)

        def ask(saved: Iterable[SavedViewLine]) -> None:
            self.app.push_screen(Choose(_("Views"), list(view_choices(saved))), take)

        self.fetch("views", GetViews(), ask)

    def action_queue_save_view(self) -> None:
        def name(given: str | None) -> None:
            actor = self.shell.actor
            if given and actor is not None and may(actor, "view.share"):
                who = [Choice(False, _("for me")), Choice(True, _("for everybody"))]
                self.app.push_screen(Choose(_("For whom?"), who), lambda shared: save(given, shared))
            elif given:
                save(given, False)

        def save(given: str, shared: bool | None) -> None:
            if shared is not None:
                self.shell.dispatch(
                    SaveView(
                        name=given, filter=self._wanted, shared=shared, sort=self._sort, descending=self._descending
                    )
                )

        by = _("by {order}").format(order=order(self._sort, self._descending))
        what = f"{self._described() or _('all desks')}, {by}"
        self.app.push_screen(AskLine(_("Name of the view"), what, limit=60), name)

    def action_queue_delete_view(self) -> None:
        def ask(saved: Iterable[SavedViewLine]) -> None:
            own = [Choice(line.id, line.name) for line in saved if line.mine]
            if not own:
                self.shell.tell(_("You have no saved view."))
                return
            self.app.push_screen(Choose(_("Delete which view?"), own), delete)

        def delete(view_id: UUID | None) -> None:
            if view_id is not None:
                self.shell.dispatch(DeleteView(view_id=view_id))

        self.fetch("views", GetViews(), ask)

    def action_app_back(self) -> None:
        """One level back: search box, marks, filter, pane, then one's own desk."""
        if self.has_class("-search"):
            self.remove_class("-search")
            self._list.focus()
        elif self._list.marked:
            self._list.clear_marks()
        elif self._wanted != QueueFilter():
            self._want(QueueFilter())
        elif self.has_class("-pane"):
            self.action_pane_toggle()
        else:
            super().action_app_back()

    # What is done to tickets

    def _chosen(self) -> list[UUID]:
        """The marked tickets, or the one under the cursor."""
        marked = [cast(UUID, key) for key in self._list.marked]
        row = self._list.cursor_row
        return marked or ([row.id] if row is not None else [])

    def _send(self, make: Callable[[UUID], Command]) -> None:
        commands = [make(ticket_id) for ticket_id in self._chosen()]
        if len(commands) > 1:
            self._bulk.begin(commands)
            self._list.clear_marks()
        for command in commands:
            self.shell.dispatch(command)

    def action_ticket_claim(self) -> None:
        self._send(lambda ticket_id: ClaimTicket(ticket_id=ticket_id))

    def action_ticket_release(self) -> None:
        self._send(lambda ticket_id: ReleaseTicket(ticket_id=ticket_id))

    def action_ticket_assign(self) -> None:
        if self._chosen():
            self.fetch("people", GetDirectory(), self._choose_assignee)

    def _choose_assignee(self, found: Directory) -> None:
        people = [
            Choice(person.id, person.name, f"{_(LABELS[person.state])}  {person.team}", person.login)
            for person in found.people
            if person.active
        ]

        def give(agent_id: UUID | None) -> None:
            if agent_id is not None:
                self._send(lambda ticket_id: AssignTicket(ticket_id=ticket_id, agent_id=agent_id))

        count = len(self._chosen())
        title = _("Give {count} tickets to whom?").format(count=count) if count > 1 else _("Give it to whom?")
        self.app.push_screen(Choose(title, people), give)

    def action_queue_bulk(self) -> None:
        if not self._list.marked:
            self.shell.tell(
                _("Mark tickets with {mark} first; then {bulk} does something to all of them.").format(
                    mark=self.key("list.mark"), bulk=self.key("queue.bulk")
                )
            )
            return
        choices = [
            Choice(self.action_ticket_claim, _("Claim")),
            Choice(self.action_ticket_assign, _("Assign")),
            Choice(self.action_ticket_release, _("Put back")),
        ]
        title = _("What to do with {count} tickets?").format(count=len(self._list.marked))
        self.app.push_screen(Choose(title, choices), lambda act: act() if act else None)

    def done(self, command: Command, receipt: Receipt) -> None:
        if self._bulk.took(command):
            self._tell_bulk()
        elif isinstance(command, ClaimTicket):
            self.shell.tell(_("{ticket} is yours.").format(ticket=receipt.label))
        elif isinstance(command, SaveView):
            self.shell.tell(_("Saved. Find it with {key}.").format(key=self.key("queue.views")))

    def refused(self, command: Command, error: DeskError) -> bool:
        if not self._bulk.took(command, error):
            return False
        self._tell_bulk()
        return True

    def _tell_bulk(self) -> None:
        if text := self._bulk.summary():
            self.shell.tell(text)

    def action_list_refresh(self) -> None:
        self.changed(None)

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")
        self.call_after_refresh(self._look)
