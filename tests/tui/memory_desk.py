"""A desk in memory with the two methods of the real one: quick, and it can be told to fail or to be late."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from deskapp.clock import FrozenClock
from deskapp.domain.errors import Conflict, Denied, DeskError, NotFound
from deskapp.domain.permissions import Actor
from deskapp.domain.presence import PresenceLine, Present
from deskapp.domain.qa_views import ActionView
from deskapp.domain.queue import order_to_json
from deskapp.domain.terms import (
    AgentState,
    AppointmentState,
    Channel,
    ContactKind,
    EntryKind,
    Grade,
    PreferenceKind,
    Priority,
    Role,
    Shift,
    Status,
)
from deskapp.domain.verification import ActionState
from deskapp.domain.views import (
    Changes,
    ContactLine,
    CustomerBrief,
    CustomerView,
    DeskView,
    Directory,
    Duty,
    MachineLine,
    PersonLine,
    PreferenceLine,
    QueueCounts,
    QueuePage,
    QueueRow,
    SavedViewLine,
    TeamLine,
    TicketView,
    TimelineLine,
)  # fmt: skip
from deskapp.domain.views_shift import ShiftDuties
from deskapp.domain.views_time import NoticeLine
from deskapp.domain.visits import SlotCell, SlotGrid, VisitLine
from deskapp.services.requests import (
    causes,
    customers,
    notices,
    people,
    presence,
    privacy,
    queue,
    shift,
    slots,
    tickets,
)
from deskapp.services.requests.base import Command, Query, Receipt
from deskapp.services.requests.qa.actions import ListActions
from tests.tui.memory_flows import MemoryFlows

NOW = datetime(2026, 11, 22, 1, 41, 7, tzinfo=UTC)
_SPACE = UUID("5a0f7a52-0d5a-4e0e-9c0b-0d1c6e1f2a3b")
EVIL = [
    "[/evil] 冷蔵庫[E-4021]",
    "[@click=app.quit]free visit[/]",
    "\x1b]52;c;ZXZpbA==\x07 clip\x1b[2Jboard",
    "a\x9b31mred \x90dcs\x9c",
    "left\u202eright \u2066iso\u2069 \ufeffbom \u200bzero",
    "$accent [b]$x[/b] {late} %s \\",
    "tab\tnew\nline\rback\x00nul\x7f",
    "\U000e0041tag \ue000private e\u0301\u0301\u0301\u0301\u0301\u0301",
    "王" * 400,
    "👩‍👩‍👧‍👦 🇨🇳 ﷽",
]


def uid(name: str) -> UUID:
    """A stable id for a name."""
    return uuid5(_SPACE, name)


def row(number: int, **facts: Any) -> QueueRow:
    """A ticket as a queue row; open, green, of nobody, due in two hours unless said otherwise."""
    plain: dict[str, Any] = {
        "id": uid(f"T-{number}"), "number": number, "version": 1, "subject": "AC not cooling", "product": "AC-35GW",
        "grade": Grade.GREEN, "priority": Priority.NORMAL, "status": Status.OPEN, "customer_id": uid("wang"),
        "customer": "Wang Fang", "team_id": uid("repairs"), "team": "Repairs", "assignee_id": None, "assignee": "",
        "owner_id": uid("chen"), "owner": "Chen Yu", "opened_at": NOW - timedelta(hours=3), "due_metric": "resolve",
        "due_target": 86400, "due_at": NOW + timedelta(hours=2), "paused_until": None,
    }  # fmt: skip
    return QueueRow(**plain | facts)


def person(login: str, name: str, role: Role = Role.AGENT, team: str = "Repairs") -> PersonLine:
    return PersonLine(
        uid(login), 1, login, name, role, uid(team.lower()), team, Shift.EARLY, AgentState.READY, True
    )  # fmt: skip


class MemoryDesk(MemoryFlows):
    """Rows by id; `fail` is raised by whatever is asked next, `hold` keeps readers waiting until it is set."""

    def __init__(self, rows: Iterable[QueueRow] = (), *, clock: FrozenClock | None = None) -> None:
        self.clock = clock or FrozenClock(NOW)
        self.rows = {entry.id: entry for entry in rows}
        self.people = [
            person("chen", "Chen Yu"), person("sato", "Sato Ken"), person("lin", "Lin Hua", Role.LEAD),
        ]  # fmt: skip
        self.teams = [TeamLine(uid(k), 1, k, k.title(), "", True) for k in ("repairs", "gas")]
        self.views: list[SavedViewLine] = []
        self.promises: list[Duty] = []
        self.lines: list[str] = ["blows warm since Sunday"]
        self.preferences: list[str] = ["elderly at home: mornings"]
        self.done: list[Command] = []
        self.asked: list[Query] = []
        self.seq = 1
        self.changes: list[tuple[int, UUID]] = []
        self.seen: set[UUID] = set()
        self.present: list[tuple[str, Present]] = []
        self.fail: Exception | None = None
        self.hold: threading.Event | None = None
        self.hold_writes: threading.Event | None = None

    def sign_on(self, login: str) -> Actor:
        found = next((p for p in self.people if p.login == login), None)
        if found is None:
            raise Denied("{login} is nobody at this desk.", login=login)
        return Actor(found.id, found.login, found.name, found.role, found.team_id)

    def close(self) -> None: ...

    def touch(self, changed: QueueRow) -> None:
        """What another seat does: change a row and note it."""
        self.seq += 1
        self.rows[changed.id] = changed
        self.changes.append((self.seq, changed.id))

    # Commands

    def execute(self, actor: Actor, command: Command) -> Receipt:
        if self.hold_writes:
            self.hold_writes.wait(10)
        self._fail()
        self.done.append(command)
        method = getattr(self, f"_do_{type(command).__name__}", None)
        ticket = getattr(command, "ticket_id", None)
        if method is not None:
            ticket = method(actor, command) or ticket
        label = self.rows[ticket].label if ticket in self.rows else ""
        return Receipt("ticket", ticket or command.submission_id, label, self.seq, ticket)

    def _change(self, ticket_id: UUID, **facts: Any) -> UUID:
        if ticket_id not in self.rows:
            raise NotFound("That ticket does not exist any more.")
        old = self.rows[ticket_id]
        self.touch(replace(old, version=old.version + 1, **facts))
        return ticket_id

    def _do_ClaimTicket(self, actor: Actor, command: tickets.ClaimTicket) -> UUID:
        held = self.rows[command.ticket_id]
        if held.assignee_id is not None:
            raise Conflict(
                "{label} was claimed by {who}.", hint="Press r to see it.", label=held.label, who=held.assignee
            )
        return self._change(command.ticket_id, assignee_id=actor.id, assignee=actor.name)

    def _do_ClaimNext(self, actor: Actor, command: tickets.ClaimNext) -> UUID:
        free = [r for r in self._ordered() if r.assignee_id is None]
        if not free:
            raise NotFound("Nothing waits to be claimed.")
        return self._change(free[0].id, assignee_id=actor.id, assignee=actor.name)

    def _do_ReleaseTicket(self, actor: Actor, command: tickets.ReleaseTicket) -> UUID:
        return self._change(command.ticket_id, assignee_id=None, assignee="")

    def _do_AssignTicket(self, actor: Actor, command: tickets.AssignTicket) -> UUID:
        name = next(p.name for p in self.people if p.id == command.agent_id)
        return self._change(command.ticket_id, assignee_id=command.agent_id, assignee=name)

    def _do_SaveView(self, actor: Actor, command: queue.SaveView) -> None:
        self.views.append(
            SavedViewLine(
                command.submission_id,
                command.name,
                command.shared,
                True,
                command.filter.to_json() | order_to_json(command.sort, command.descending),
            )
        )

    def _do_DeleteView(self, actor: Actor, command: queue.DeleteView) -> None:
        self.views = [view for view in self.views if view.id != command.view_id]

    def _do_SetState(self, actor: Actor, command: people.SetState) -> None:
        self.people = [replace(p, state=command.state) if p.id == command.agent_id else p for p in self.people]

    # Queries

    def read(self, actor: Actor, query: Query) -> Any:
        if self.hold:
            self.hold.wait(10)
        self._fail()
        self.asked.append(query)
        return getattr(self, f"_get_{type(query).__name__}")(actor, query)

    def _fail(self) -> None:
        if self.fail is not None:
            error = self.fail
            if not isinstance(error, DeskError):
                self.fail = None
            raise error

    def _ordered(self) -> list[QueueRow]:
        return sorted(self.rows.values(), key=lambda r: (r.due_at is None, r.due_at or NOW, r.number))

    def _shown(self, actor: Actor, wanted: queue.QueueFilter) -> list[QueueRow]:
        now = self.clock.now()
        held = {"me": actor.id, "nobody": None}
        return [
            r
            for r in self._ordered()
            if r.status.is_open
            and (wanted.holder.value not in held or r.assignee_id == held[wanted.holder.value])
            and (not wanted.grades or r.grade in wanted.grades)
            and (not wanted.overdue or (r.due_at is not None and r.due_at < now))
            and (wanted.text.casefold() in f"{r.subject} {r.customer} {r.label}".casefold())
            and (wanted.team_id is None or r.team_id == wanted.team_id)
            and (wanted.assignee_id is None or r.assignee_id == wanted.assignee_id)
        ]

    def _get_GetQueue(self, actor: Actor, query: queue.GetQueue) -> QueuePage:
        shown = self._shown(actor, query.filter)
        if query.sort is queue.Sort.NUMBER:
            shown.sort(key=lambda r: r.number)
        if query.descending:
            shown.reverse()
        return QueuePage(len(shown), query.first, tuple(shown[query.first : query.first + query.count]), self.seq)

    def _get_GetPosition(self, actor: Actor, query: queue.GetPosition) -> int | None:
        keys = [r.id for r in self._shown(actor, query.filter)]
        return keys.index(query.ticket_id) if query.ticket_id in keys else None

    def _get_GetRows(self, actor: Actor, query: queue.GetRows) -> tuple[QueueRow, ...]:
        return tuple(self.rows[key] for key in query.ticket_ids if key in self.rows)

    def _get_GetCounts(self, actor: Actor, query: queue.GetCounts) -> QueueCounts:
        rows, now = [r for r in self.rows.values() if r.status.is_open], self.clock.now()
        return QueueCounts(
            len(rows),
            sum(r.due_at is not None and r.due_at < now for r in rows),
            sum(r.grade is Grade.RED for r in rows),
            sum(r.assignee_id is None for r in rows),
            sum(r.status is Status.PAUSED for r in rows),
        )

    def _get_GetChanges(self, actor: Actor, query: queue.GetChanges) -> Changes:
        return Changes(self.seq, frozenset(key for seq, key in self.changes if seq > query.since >= 0))

    def _get_GetDesk(self, actor: Actor, query: queue.GetDesk) -> DeskView:
        rows = [r for r in self._ordered() if r.status.is_open]
        mine = tuple(Duty("ticket", r, r.due_at) for r in rows if r.assignee_id == actor.id)
        waiting = tuple(Duty("ticket", r, r.due_at) for r in rows if r.owner_id == actor.id != r.assignee_id)
        counts = self._get_GetCounts(actor, queue.GetCounts())
        return DeskView(mine, waiting, tuple(self.promises), counts, self.seq)

    def _get_GetNotices(self, actor: Actor, query: notices.GetNotices) -> tuple[NoticeLine, ...]:
        kinds = ("red", "breach", "used:0.5", "shift", "step:+1h", "return")
        return tuple(
            NoticeLine(uid(f"notice {n}"), r.id, r.label, r.subject, r.grade, "" if n % 6 in (0, 3) else "resolve",
                       kinds[n % 6], NOW, True, tuple(self.lines) if n % 6 == 0 else (), True)
            for n, r in enumerate(self._ordered())
            if uid(f"notice {n}") not in self.seen
        )  # fmt: skip

    def _do_SeeNotices(self, actor: Actor, command: notices.SeeNotices) -> None:
        self.seen |= set(command.notice_ids)

    def _get_GetPresence(self, actor: Actor, query: presence.GetPresence) -> tuple[PresenceLine, ...]:
        wanted = [r for r in self.rows.values() if query.ticket_id in (None, r.id)]
        return tuple(PresenceLine(r.id, uid("other"), name, state) for r in wanted for name, state in self.present)

    def _get_GetDuties(self, actor: Actor, query: shift.GetDuties) -> ShiftDuties:
        found = tuple(
            Duty("follow_up" if r.assignee_id == actor.id else "waiting", r, r.due_at, "", r.owner)
            for r in self._ordered()
        )
        return ShiftDuties(actor.id, actor.name, found)

    def _get_GetDirectory(self, actor: Actor, query: people.GetDirectory) -> Directory:
        return Directory(tuple(self.people), tuple(self.teams))

    def _get_GetViews(self, actor: Actor, query: queue.GetViews) -> tuple[SavedViewLine, ...]:
        return tuple(self.views)

    def _get_GetSlotGrid(self, actor: Actor, query: slots.GetSlotGrid) -> SlotGrid:
        first, words = query.first or NOW.date(), (*self.lines, "x")
        visits = tuple(VisitLine(uid(w), w, w, w, AppointmentState.BOOKED) for w in words)
        cells = (
            SlotCell(first, 540, 720, "", 2, False, ()),
            *(SlotCell(first, 800, 900, w[:40], 2, True, visits) for w in words),
        )
        return SlotGrid(uid("team"), words[0], first, query.days, cells, tuple((uid(w), w) for w in words))

    def _get_ListActions(self, actor: Actor, query: ListActions) -> tuple[ActionView, ...]:
        words = (*self.lines, *["x"] * 6)
        return tuple(
            ActionView(
                uid(f"CA-{n}"), 2, n, "", *words[n : n + 5], NOW, NOW, ActionState.OPEN, 1, NOW, words[n + 5], False
            )
            for n in range(0, len(words) - 5, 6)
        )  # fmt: skip

    def _get_FindDuplicates(self, actor: Actor, query: privacy.FindDuplicates) -> tuple[CustomerBrief, ...]:
        return tuple(CustomerBrief(uid(w), 2, w, w, w, "", 0, "phone") for w in self.lines)

    def _get_GetCauses(self, actor: Actor, query: causes.GetCauses) -> None:
        return None

    def _get_GetCustomer(self, actor: Actor, query: customers.GetCustomer) -> CustomerView:
        name = next((r.customer for r in self.rows.values() if r.customer_id == query.customer_id), "Wang Fang")
        contact = ContactLine(uid("phone"), 1, ContactKind.PHONE, "138 **** 8000", "", "", "")
        machine = MachineLine(uid("machine"), 1, "AC-35GW", "35", "SN1", None, None, "bedroom")
        kept = tuple(
            PreferenceLine(uid(text), PreferenceKind.TIME, text, "call", "Chen Yu", NOW, None, True, True, None)
            for text in self.preferences
        )
        return CustomerView(
            query.customer_id, 1, 1, name, "zh", None, ("vip",), (contact,), (machine,), kept, (), self._timeline()
        )  # fmt: skip

    def _timeline(self) -> tuple[TimelineLine, ...]:
        return tuple(
            TimelineLine(uid(text), uid("T-1"), 1, EntryKind.CALL_IN, text, "Chen Yu", NOW, NOW, {})
            for text in self.lines
        )

    def _get_GetTicket(self, actor: Actor, query: tickets.GetTicket) -> TicketView:
        found = next((r for r in self.rows.values() if query.ticket_id == r.id or query.number == r.number), None)
        if found is None:
            raise NotFound("That ticket does not exist any more.")
        customer = self._get_GetCustomer(actor, customers.GetCustomer(customer_id=found.customer_id or uid("wang")))
        return TicketView(
            found, "", "", "", Channel.PHONE, customer.machines[0], None, None, None, 0, None, self._timeline(), (), (),
            (), customer,
        )  # fmt: skip
