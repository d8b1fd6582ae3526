"""The working calendar, a month at a time: a lead edits a date and sees first which due times it moves."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import N_, _
from deskapp.domain.sla import METRIC_TITLES, Metric
from deskapp.domain.sla.words import DAYS, day_of, moment, unconfirmed
from deskapp.domain.text import guard
from deskapp.domain.views_time import CalendarView, EditPreview
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.calendars import DayEdit, GetCalendar, PreviewDays, SaveDays
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.form import Form, Line
from deskapp.widgets.text import Live

_MOVED = 6


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a date stands: the sign says it without colour."""

    sign: str
    style: str
    words: str


_KINDS = {
    "open": _Kind(" ", "", N_("open by the week")),
    "closed": _Kind("-", "$quiet", N_("closed by the week")),
    "holiday": _Kind("x", "$text-error", N_("closed, by name")),
    "own": _Kind("*", "$accent", N_("hours of its own")),
}


class CalendarScreen(DeskScreen[None], scope="calendar"):
    """A month as weeks; the line below says the date under the cursor in words."""

    CSS_PATH = "../styles/calendar.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._view: CalendarView | None = None
        self._day = date.min
        self._edit: DayEdit | None = None

    def body(self) -> ComposeResult:
        with VerticalScroll(id="month"):
            yield Live(self._month)

    def ready(self) -> None:
        self.query_one("#month").focus()
        self.fetch("calendar", GetCalendar(), self._show)

    def changed(self, tickets: frozenset[object] | None) -> None:
        if tickets is None:
            self.fetch("calendar", GetCalendar(), self._show)

    def _show(self, view: CalendarView) -> None:
        self._view = view
        if self._day == date.min:
            self._day = view.calendar.local_date(self.shell.clock.now())
        self.query_one(Live).refresh(layout=True)

    # What is shown

    def _month(self) -> Content:
        if self._view is None:
            return Content(self.nothing(_("There is no calendar here.")))
        work, today = self._view.calendar, self._view.calendar.local_date(self.shell.clock.now())
        width = max(9, min(16, (self.size.width - 4) // 7))
        parts: list[str | tuple[str, str]] = [
            (f"{self._day:%Y-%m}  {guard(work.key)}  {work.zone.key}\n\n", "bold"),
            ("".join(fit(_(name), width) for name in DAYS) + "\n", "$quiet"),
        ]
        for week in months.Calendar().monthdatescalendar(self._day.year, self._day.month):
            for line in range(2):
                for day in week:
                    parts.append(self._cell(day, line, width, today))
                parts.append("\n")
        parts.append("\n")
        parts += [(line + "\n", "") for line in self._told()]
        year = self._day.year
        if year not in self._view.years or year in work.unconfirmed:
            parts += [(line + "\n", "$warning") for line in unconfirmed([year])]
        return Content.assemble(*parts)

    def _cell(self, day: date, line: int, width: int, today: date) -> tuple[str, str]:
        assert self._view is not None
        if day.month != self._day.month:
            return " " * width, ""
        row, spans = self._view.calendar.days.get(day), self._view.calendar.spans_on(day)
        kind = _KINDS[self._kind(day)]
        if line:
            text = row.name if row else ("" if not spans else f"{str(spans[0])[:5]}-{str(spans[-1])[-5:]}")
            text = " " + guard(text)
            while cell_len(text) >= width:
                text = text[:-1]
        else:
            mark = ">" if day == self._day else " "
            text = f"{mark}{day.day:2d}{kind.sign}{'<' if day == today else ''}"
        style = "reverse" if day == self._day and not line else kind.style
        return fit(text, width), style

    def _kind(self, day: date) -> str:
        assert self._view is not None
        row, spans = self._view.calendar.days.get(day), self._view.calendar.spans_on(day)
        if row is not None:
            return "own" if row.spans else "holiday"
        return "open" if spans else "closed"

    def _told(self) -> list[str]:
        assert self._view is not None
        work = self._view.calendar
        row, spans = work.days.get(self._day), work.spans_on(self._day)
        hours = "  ".join(map(str, spans)) or _("closed")
        name = f"  {guard(row.name)}" if row and row.name else ""
        return [f"{day_of(self._day)}  {_(_KINDS[self._kind(self._day)].words)}", f"{hours}{name}"]

    # Keys

    def _move(self, to: date) -> None:
        self._day = to
        self.query_one(Live).refresh(layout=True)

    def action_day_left(self) -> None:
        self._move(self._day - timedelta(1))

    def action_day_right(self) -> None:
        self._move(self._day + timedelta(1))

    def action_day_up(self) -> None:
        self._move(self._day - timedelta(7))

    def action_day_down(self) -> None:
        self._move(self._day + timedelta(7))

    def action_month_next(self) -> None:
        self._move((self._day.replace(day=28) + timedelta(4)).replace(day=1))

    def action_month_back(self) -> None:
        self._move((self._day.replace(day=1) - timedelta(1)).replace(day=1))

    def action_day_edit(self) -> None:
        if self._view is None:
            return
        row, spans, day = self._view.calendar.days.get(self._day), self._view.calendar.spans_on(self._day), self._day
        lines = [
            Line("hours", _("Hours"), " ".join(map(str, spans)), 200, hint=_("09:00-12:00 13:30-18:00; empty: closed")),
            Line("name", _("Name"), row.name if row else "", 120),
        ]

        def send(values: Mapping[str, str] | None) -> None:
            if values is not None:
                self._preview(DayEdit(day=day, hours=values["hours"], name=values["name"]))

        self.app.push_screen(Form(day_of(day), tuple(lines)), send)

    def action_day_usual(self) -> None:
        self._preview(DayEdit(day=self._day, as_usual=True))

    def _preview(self, edit: DayEdit) -> None:
        self._edit = edit
        self.fetch("preview", PreviewDays(days=(edit,)), self._ask)

    def _ask(self, preview: EditPreview) -> None:
        edit, view = self._edit, self._view
        if edit is None or view is None:
            return
        title = _("{day}: {moved} due times move, {late} become overdue, {better} no longer are").format(
            day=day_of(edit.day), moved=preview.moved, late=preview.become_overdue, better=preview.no_longer_overdue
        )
        zone = ZoneInfo(view.calendar.zone.key)
        first = [
            Choice(
                False, move.ticket,
                f"{_(METRIC_TITLES[Metric(move.metric)])}  {moment(move.before, zone)} > {moment(move.after, zone)}",
            )
            for move in preview.first[:_MOVED]
        ]  # fmt: skip
        choices = [Choice(True, _("Change it")), Choice(False, _("Leave it as it is")), *first]

        def take(yes: bool | None) -> None:
            if yes:
                try:
                    self.shell.dispatch(SaveDays(version=view.version, days=(edit,)))
                except DeskError as error:
                    self.shell.tell(str(error), severity="error", hint=error.hint)

        self.app.push_screen(Choose(title, choices), take)

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, SaveDays):
            self.shell.tell(_("The calendar is changed; open promises are counted again."))
        self.ready()


__all__ = ["CalendarScreen"]
