"""Windows for visits, a week at a time: how many fit, how many are booked; a lead adds, changes and closes them."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import may
from deskapp.domain.sla.words import DAYS
from deskapp.domain.terms import LABELS
from deskapp.domain.text import guard
from deskapp.domain.visits import SlotCell, SlotGrid
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.slots import GetSlotGrid, SaveSlot
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.form import Form, Line
from deskapp.widgets.text import Live

_WEEK = 7
_Row = tuple[int, int, str]


class SlotsScreen(DeskScreen[None], scope="slots"):
    """Days side by side, windows below each other; `booked/room` in each, what is booked in words below."""

    CSS_PATH = "../styles/slots.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._grid: SlotGrid | None = None
        self._team: UUID | None = None
        self._day = date.min
        self._row = 0

    def place(self) -> str:
        return _("Visits") + (f"  {self._grid.team}" if self._grid and self._of_others else "")

    def body(self) -> ComposeResult:
        with VerticalScroll(id="week"):
            yield Live(self._week)

    def ready(self) -> None:
        self.query_one("#week").focus()
        self._read()

    def changed(self, tickets: frozenset[UUID] | None) -> None:
        self._read()

    def _read(self) -> None:
        today = self.shell.local(self.shell.clock.now()).date()
        if self._day == date.min:
            self._day = today
        first = self._day - timedelta(days=(self._day - today).days % _WEEK)
        query = GetSlotGrid(zone=self.shell.zone, team_id=self._team, first=first, days=_WEEK)
        self.fetch("grid", query, self._show, keys_wait=True)

    def _show(self, grid: SlotGrid) -> None:
        self._grid, self._team = grid, grid.team_id
        self._row = min(self._row, max(0, len(self._rows) - 1))
        self.query_one(Live).refresh(layout=True)
        self.show_who()

    @property
    def _of_others(self) -> bool:
        """Whether another team's windows are shown: one's own stands in the first line already."""
        actor = self.shell.actor
        return actor is None or self._grid is None or actor.team_id != self._grid.team_id

    def _may_plan(self) -> bool:
        actor = self.shell.actor
        return actor is not None and may(actor, SaveSlot.action)

    @property
    def _rows(self) -> list[_Row]:
        return sorted({cell.row for cell in self._grid.cells}) if self._grid else []

    def _cell(self, day: date, row: _Row) -> SlotCell | None:
        cells = self._grid.cells if self._grid else ()
        return next((cell for cell in cells if cell.day == day and cell.row == row), None)

    @property
    def _here(self) -> SlotCell | None:
        rows = self._rows
        return self._cell(self._day, rows[self._row]) if rows else None

    # What is shown

    def _week(self) -> Content:
        grid = self._grid
        if grid is None:
            return Content(self.nothing(_("There is no team here.")))
        days = [grid.first + timedelta(days=ahead) for ahead in range(grid.days)]
        side = max(13, *(cell_len(_row_name(row)) + 1 for row in self._rows)) if self._rows else 13
        side = min(side, 26)
        width = max(7, min(14, (self.size.width - 4 - side) // len(days)))
        head = fit(f"{grid.first:%Y-%m}", side) + "".join(
            fit(f" {day:%d} {_(DAYS[day.weekday()])[:3]}", width) for day in days
        )
        parts: list[tuple[str, str]] = [(head.rstrip() + "\n", "$quiet")]
        for place, row in enumerate(self._rows):
            parts.append((fit(guard(_row_name(row)), side), ""))
            for day in days:
                here = place == self._row and day == self._day
                text, style = _shown(self._cell(day, row))
                parts.append((fit((">" if here else " ") + text, width), "reverse" if here else style))
            parts.append(("\n", ""))
        parts.append(("\n" + _("booked/room   * of this date alone   - closed") + "\n\n", "$quiet"))
        return Content.assemble(*parts, *self._told())

    def _told(self) -> list[tuple[str, str]]:
        cell = self._here
        if cell is None:
            told = _("No window on this day. a adds one.") if self._may_plan() else _("No window on this day.")
            return [(told, "$quiet")]
        name = _row_name(cell.row)
        if cell.capacity is None:
            room = _("as often as asked: nothing is planned yet")
        elif cell.capacity == 0:
            room = _("closed")
        else:
            room = _("{booked} of {room} booked").format(booked=len(cell.visits), room=cell.capacity)
        lines = [(f"{cell.day:%Y-%m-%d} {_(DAYS[cell.day.weekday()])}  {guard(name)}  ", "bold"), (room + "\n", "")]
        for visit in cell.visits:
            told = "  ".join(guard(part) for part in (visit.ticket, visit.customer, visit.technician) if part)
            lines.append((f"  {told}  {_(LABELS[visit.state])}\n", ""))
        return lines

    # Keys

    def _move(self, days: int) -> None:
        self._day += timedelta(days=days)
        grid = self._grid
        if grid is None or not grid.first <= self._day < grid.first + timedelta(days=grid.days):
            self._read()
        else:
            self.query_one(Live).refresh(layout=True)

    def _step(self, rows: int) -> None:
        self._row = max(0, min(len(self._rows) - 1, self._row + rows))
        self.query_one(Live).refresh(layout=True)

    def action_day_left(self) -> None:
        self._move(-1)

    def action_day_right(self) -> None:
        self._move(1)

    def action_slot_up(self) -> None:
        self._step(-1)

    def action_slot_down(self) -> None:
        self._step(1)

    def action_week_next(self) -> None:
        self._move(_WEEK)

    def action_week_back(self) -> None:
        self._move(-_WEEK)

    def action_slot_team(self) -> None:
        choices = [Choice(id_, name) for id_, name in self._grid.teams] if self._grid else []

        def take(team: UUID | None) -> None:
            if team is not None:
                self._team = team
                self._read()

        self.app.push_screen(Choose(_("Whose windows?"), choices), take)

    def action_slot_ticket(self) -> None:
        visits = self._here.visits if self._here else ()
        choices = [Choice(v.ticket_id, f"{v.ticket}  {v.customer}", _(LABELS[v.state])) for v in visits]
        if not choices:
            self.shell.tell(_("Nothing is booked in this window."), severity="warning")
            return
        self.app.push_screen(
            Choose(_("Open which ticket?"), choices), lambda t: self.shell.open_ticket(t) if t is not None else None
        )

    def action_slot_edit(self) -> None:
        cell = self._here
        if not self._may_plan():
            self.action_slot_ticket()
            return
        if cell is None:
            self.action_slot_add()
            return
        lines = (
            Line("room", _("How many visits fit"), str(cell.capacity or len(cell.visits) or 1), 3, required=True),
            self._holds(own=cell.own),
        )
        self._form(
            f"{cell.day:%m-%d} {_row_name(cell.row)}", lines,
            lambda values: self._slot(cell.day, cell.row, _number(values["room"]), values["holds"]),
        )  # fmt: skip

    def action_slot_add(self) -> None:
        if self._grid is None or self._refused():
            return
        day = self._day
        lines = (
            Line("hours", _("Hours"), "09:00-12:00", 11, required=True, hint="09:00-12:00"),
            Line("room", _("How many visits fit"), "2", 3, required=True),
            Line("skill", _("Skill"), limit=40, hint=_("empty: whoever of the team")),
            self._holds(own=False),
        )

        def make(values: Mapping[str, str]) -> SaveSlot:
            row = (*_hours(values["hours"]), values["skill"].strip())
            return self._slot(day, row, _number(values["room"]), values["holds"])

        self._form(_("A window on {day}").format(day=f"{day:%m-%d} {_(DAYS[day.weekday()])}"), lines, make)

    def action_slot_close(self) -> None:
        cell = self._here
        if cell is None or self._refused():
            return
        told = ""
        if cell.visits:
            told = "  " + _("{count} booked visits stay: move them.").format(count=len(cell.visits))
        choices = [
            Choice("day", _("On {day} alone").format(day=f"{cell.day:%m-%d}")),
            Choice("week", _("Every {day}").format(day=_(DAYS[cell.day.weekday()]))),
        ]

        def close(holds: str | None) -> None:
            if holds:
                self.shell.dispatch(self._slot(cell.day, cell.row, 0, holds))

        self.app.push_screen(Choose(_("Close {window}?").format(window=_row_name(cell.row)) + told, choices), close)

    def _refused(self) -> bool:
        if not self._may_plan():
            self.shell.tell(_("A lead plans the windows."), severity="warning")
            return True
        return False

    def _holds(self, *, own: bool) -> Line:
        words = (("week", _("every week")), ("day", _("on this date alone")))
        return Line("holds", _("Holds"), "day" if own else "week", words=words)

    def _slot(self, day: date, row: _Row, room: int, holds: str) -> SaveSlot:
        assert self._grid is not None
        starts, ends, skill = row
        return SaveSlot(
            team_id=self._grid.team_id, weekday=day.weekday(), starts=starts, ends=ends, capacity=room, skill=skill,
            day=day if holds == "day" else None,
        )  # fmt: skip

    def _form(self, title: str, lines: tuple[Line, ...], make: object) -> None:
        assert callable(make)

        def send(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self.shell.dispatch(make(values))

        self.app.push_screen(Form(title, lines, check=make), send)

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, SaveSlot):
            unplanned = self._grid is not None and all(cell.capacity is None or cell.own for cell in self._grid.cells)
            if unplanned and command.day is None:
                told = _("The plan has begun: from now on only planned windows are offered. Add the others.")
                self.shell.tell(told, severity="warning")
            else:
                self.shell.tell(_("The plan of visits is changed."))
        self._read()

    def refused(self, command: Command, error: DeskError) -> bool:
        self._read()
        return False


def _row_name(row: _Row) -> str:
    starts, ends, skill = row
    return f"{starts // 60:02d}:{starts % 60:02d}-{ends // 60:02d}:{ends % 60:02d}" + (f" {skill}" if skill else "")


def _shown(cell: SlotCell | None) -> tuple[str, str]:
    if cell is None:
        return "", ""
    booked, mark = len(cell.visits), "*" if cell.own else ""
    if cell.capacity is None:
        return str(booked or ""), ""
    if cell.capacity == 0:
        return (f"- {booked}" if booked else "-") + mark, "$text-error" if booked else "$quiet"
    style = "$text-warning" if booked >= cell.capacity else ""
    return f"{booked}/{cell.capacity}{mark}", style


def _number(text: str) -> int:
    if not text.strip().isdigit():
        raise Invalid(N_("Write a whole number."), field="room")
    return int(text)


def _hours(text: str) -> tuple[int, int]:
    try:
        first, last = (part.strip().split(":") for part in text.split("-"))
        starts, ends = (int(hour) * 60 + int(minute) for hour, minute in (first, last))
    except ValueError as error:
        raise Invalid(N_("Write the hours as 09:00-12:00."), field="hours") from error
    return starts, ends


__all__ = ["SlotsScreen"]
