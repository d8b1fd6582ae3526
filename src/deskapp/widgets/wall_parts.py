"""Parts of the wallboard as lines: big figures, levels, promises, colours, ageing, arrivals, heat, agents, faults."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from rich.cells import cell_len
from rich.text import Text
from textual.content import Content, Span

from deskapp.domain.i18n import N_, _
from deskapp.domain.incident import STATE_LABELS, IncidentState
from deskapp.domain.terms import LABELS, AgentState, Grade
from deskapp.domain.views_wall import AgentLoad, Wallboard
from deskapp.domain.wall_words import age_of, figures, forecast_line, metric_name, percent
from deskapp.widgets.bars import Bar, heat_map, horizontal_bars, sparkline
from deskapp.widgets.cells import fit
from deskapp.widgets.countdown import clock_of, row_due
from deskapp.widgets.ticket_columns import METRICS, what

Part = str | tuple[str, str]
Lines = list[Content]
LOUD, BAD, WARN, GOOD, QUIET = "$text-error bold", "$text-error", "$text-warning", "$text-success", "$quiet"
_LEVELS = {"late": LOUD, "red": BAD, "yellow": WARN, "green": GOOD, "paused": QUIET}
_WIDE = 48  # cells from which a part has room for whole words
_WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))

# Seven segments are read from afar and are one cell wide on every terminal; blocks where those are drawn.
_SEGMENTS = {
    "0": (" _ ", "| |", "|_|"), "1": (" ", "|", "|"), "2": (" _ ", " _|", "|_ "), "3": (" _ ", " _|", " _|"),
    "4": ("   ", "|_|", "  |"), "5": (" _ ", "|_ ", " _|"), "6": (" _ ", "|_ ", "|_|"), "7": (" _ ", "  |", "  |"),
    "8": (" _ ", "|_|", "|_|"), "9": (" _ ", "|_|", " _|"), "k": ("   ", "|/ ", "|\\ "),
}  # fmt: skip
_BLOCKS = {
    "0": ("█▀█", "█ █", "▀▀▀"), "1": ("▄█", " █", " ▀"), "2": ("▀▀█", "█▀▀", "▀▀▀"), "3": ("▀▀█", "▀▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"), "5": ("█▀▀", "▀▀█", "▀▀▀"), "6": ("█▀▀", "█▀█", "▀▀▀"), "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"), "9": ("█▀█", "▀▀█", "▀▀▀"), "k": ("█ ▄", "█▀▄", "▀ ▀"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What every part is drawn from: the desk, the time, the zone of the wall clock, ASCII or drawn."""

    board: Wallboard
    now: datetime
    zone: tzinfo
    ascii: bool


def line(width: int, *parts: Part) -> Content:
    """One line of exactly `width` cells; what does not fit is cut at a word's edge."""
    made: list[Part] = []
    room = width
    for part in parts:
        text, style = part if isinstance(part, tuple) else (part, "")
        text = fit(text, min(room, cell_len(text)))
        room -= cell_len(text)
        made.append((text, style) if style else text)
    return Content.assemble(*made, " " * max(0, room))


def title(width: int, text: str, note: str = "") -> Content:
    """The heading of a part, with a quiet note behind it."""
    return line(width, (text.upper(), "$accent bold"), ("  " + note if note else "", QUIET))


def numerals(text: str, ascii: bool) -> tuple[str, str, str]:  # noqa: A002
    """A number three lines high."""
    glyphs = [(_SEGMENTS if ascii else _BLOCKS)[char] for char in text]
    top, middle, bottom = (" ".join(glyph[row] for glyph in glyphs) for row in range(3))
    return top, middle, bottom


def big_figures(wanted: Wanted, width: int) -> Lines:
    """Late, red, unclaimed, open: name, number three lines high, a word on it."""
    board, cell = wanted.board, width // 4
    counts = [count for _name, count in figures(board)]
    styles = [
        LOUD if counts[0] else GOOD,
        BAD if counts[1] else GOOD,
        WARN if counts[2] else GOOD,
        "bold",
    ]
    oldest = board.oldest_due
    told = [
        _worst(wanted.now - oldest, cell) if oldest else "",
        "",
        "",
        _("paused {count}").format(count=f"{board.counts.paused:,}") if board.counts.paused else "",
    ]
    rows: list[list[Part]] = [[] for _row in range(5)]
    for (name, count), style, note in zip(figures(board), styles, told, strict=True):
        drawn = numerals(str(count) if count < 10_000 else f"{count // 1000}k", wanted.ascii)
        under = note or (f"{count:,}" if count >= 10_000 else "")
        for row, (text, look) in enumerate(
            [(name.upper(), "bold"), *((part, style) for part in drawn), (under, QUIET)]
        ):
            rows[row].append((fit(text, cell), look))
    return [line(width, *parts) for parts in rows]


def _worst(length: timedelta, width: int) -> str:
    told = _("worst +{time}").format(time=_short(length))
    return told if cell_len(told) < width else f"+{_short(length)}"


def _short(length: timedelta) -> str:
    hours = length // timedelta(hours=1)
    return f"{hours // 24}d {hours % 24}h" if hours >= 48 else clock_of(length)[:-3]


def levels(wanted: Wanted, width: int) -> Lines:
    """Today's service levels as bars with a mark at the target."""
    bars, wide = [], width >= _WIDE
    for level in wanted.board.levels:
        goal = round(level.target * 100)
        if level.share is None:
            none = _("none yet, goal {goal}").format(goal=goal) if wide else f"-  >= {goal}"
            note, value, style = none, 0.0, ""
        else:
            sign = "! " if level.short else "  "
            note, value = f"{sign}{percent(level.share)} %  >= {goal}", level.share * 100
            style = BAD if level.short else GOOD
        name = metric_name(level.metric) if wide else _(METRICS[level.metric])
        bars.append(Bar(name, value, note, style, goal))
    head = title(width, _("kept today"), _("| marks the goal in per cent") if wide else "")
    return [head, *(_content(text) for text in horizontal_bars(bars, width, top=100, ascii=wanted.ascii))]


def promises(wanted: Wanted, width: int, height: int) -> Lines:
    """The promises due next: time left, what, ticket, whose; the first as many as fit."""
    found = [title(width, _("next promises"))]
    if not wanted.board.promises:
        found.append(line(width, (_("Nothing is due."), QUIET)))
    for row in wanted.board.promises[: height - 1]:
        due = row_due(row, wanted.now)
        red = row.grade is Grade.RED
        found.append(
            line(
                width,
                (
                    fit(due.text, (14 if width >= _WIDE else 11) if due.style != "late" else 17),
                    _LEVELS.get(due.style, ""),
                ),
                fit(what(row, wanted.now), 10) + " ",
                (fit(row.label, max(7, cell_len(row.label) + 1)), "bold" if red else QUIET),
                (fit(_(LABELS[row.grade]) if red else "", 5), BAD) if width >= 60 else "",
                row.subject,
            )
        )
    return found


def colours(wanted: Wanted, width: int) -> Lines:
    """Open tickets by grade and colour of their countdown; each column has its sign."""
    signs = ("!", "R", "Y", "g", "=", "-")
    looks = (LOUD, BAD, WARN, GOOD, QUIET, QUIET)
    columns = 6 if any(row.colours[-1] for row in wanted.board.grades) else 5
    first = max(cell_len(_(LABELS[row.grade])) for row in wanted.board.grades) + 1 if wanted.board.grades else 7
    cell = max(3, min(8, (width - first) // (columns + 1)))
    marks = list(zip(signs, looks, strict=True))[:columns]
    head: list[Part] = [fit("", first), *((fit(sign, cell, "right"), look) for sign, look in marks)]
    rows = [
        title(width, _("open by colour"), _("! late  R red  Y yellow  g green") if width >= 46 else ""),
        line(width, *head, (fit(_("all"), cell, "right"), QUIET)),
    ]  # fmt: skip
    for row in wanted.board.grades:
        parts: list[Part] = [fit(_(LABELS[row.grade]), first)]
        for count, (_sign, look) in zip(row.colours, marks, strict=False):
            parts.append((fit(_count(count), cell, "right"), look if count else QUIET))
        rows.append(line(width, *parts, (fit(_count(row.open), cell, "right"), "bold")))
    return rows


def _count(count: int) -> str:
    return f"{count // 1000}k" if count >= 10_000 else f"{count}" if count else "."


def ageing(wanted: Wanted, width: int) -> Lines:
    """How long open tickets have been open."""
    bars = [Bar(age_of(bucket), bucket.count, f"{bucket.count:,}") for bucket in wanted.board.ageing]
    return [
        title(width, _("age of open tickets")),
        *map(_content, horizontal_bars(bars, width, ascii=wanted.ascii)),
    ]


def arrivals(wanted: Wanted, width: int) -> Lines:
    """New tickets by hour, today above the usual day, and in words where today is unusual."""
    hours, local = wanted.board.hours, wanted.now.astimezone(wanted.zone)
    label = max(cell_len(_("today")), cell_len(_("usual"))) + 1
    each = max(1, min(2, (width - label) // 24))
    top = max([1.0, *(float(h.today) for h in hours), *(h.usual or 0 for h in hours)])
    today = [float(h.today) if h.hour <= local.hour else None for h in hours for _cell in range(each)]
    usual = [h.usual for h in hours for _cell in range(each)]
    so_far = sum(h.today for h in hours)
    normal = sum(h.usual or 0 for h in hours if h.hour < local.hour) + (
        (hours[local.hour].usual or 0) * local.minute / 60 if hours else 0
    )
    odd = [h for h in hours if h.unusual and h.hour <= local.hour]
    told = _("{count} so far, usual {usual}").format(count=so_far, usual=round(normal))
    axis = "".join(str(h).ljust(3 * each) for h in range(0, 24, 3))
    found = [
        title(width, _("arrivals by hour"), told),
        line(width, fit(_("today"), label), *_parts(sparkline(today, 24 * each, top=top, ascii=wanted.ascii))),
        line(width, (fit(_("usual"), label), QUIET), *_parts(sparkline(usual, 24 * each, top=top, ascii=wanted.ascii))),
        line(width, (" " * label + axis, QUIET)),
    ]
    if odd:
        worst = max(odd, key=lambda h: abs(h.today - (h.usual or 0)))
        note = _("! unusual at {hour}:00: {today} instead of {usual}").format(
            hour=f"{worst.hour:02d}", today=worst.today, usual=f"{worst.usual:g}"
        )
        found.append(line(width, (note, WARN)))
    return found


def heat(wanted: Wanted, width: int) -> Lines:
    """Tickets by weekday and hour of the last weeks."""
    labels = [_(day) for day in _WEEKDAYS]
    styles = ("", QUIET, "", WARN, BAD)
    return [
        title(width, _("when they come"), _("weekday by hour, last weeks")),
        *map(_content, heat_map(wanted.board.heat, labels, width, ascii=wanted.ascii, styles=styles)),
    ]


def forecast(wanted: Wanted, width: int, height: int) -> Lines:
    """What will be missed and what one more agent changes, with the tickets at most risk."""
    found = wanted.board.forecast
    told = forecast_line(found, wanted.zone)
    style = LOUD if found and round(found.expected) else ""
    rows = [title(width, _("forecast")), *_wrapped(told, width, style)]
    if found and found.due and height > len(rows):
        told = _("likely {low} to {high}").format(low=found.low, high=found.high)
        for number, chance in found.riskiest:
            risk = f"  T-{number} {percent(chance)} %"
            if chance >= 0.2 and cell_len(told + risk) <= width:
                told += risk
        rows.append(line(width, (told, QUIET)))
    return rows[:height]


def agents(wanted: Wanted, width: int, height: int) -> Lines:
    """Who works, in what state, with how much; those with nothing who are signed off are left out."""
    shown = [one for one in wanted.board.agents if one.state is not AgentState.OFF or one.open]
    ready = sum(one.state is AgentState.READY for one in shown)
    case = sum(one.state is AgentState.ON_CASE for one in shown)
    note = _("ready {ready}  on a case {case}").format(ready=ready, case=case)
    rows = [title(width, _("agents"), note)]
    columns = max(1, min(2, width // 30, -(-len(shown) // max(1, height - 1))))
    each, room = width // columns, (height - 1) * columns
    if len(shown) > room:
        shown, left = shown[: room - 1], len(shown) - room + 1
    else:
        left = 0
    cells = [_agent(one, each, wanted) for one in shown]
    if left:
        cells.append(line(each, (_("and {count} more").format(count=left), QUIET)))
    for at in range(0, len(cells), columns):
        rows.append(Content("").join(cells[at : at + columns]))
    return rows


def _agent(one: AgentLoad, width: int, wanted: Wanted) -> Content:
    late = f"! {one.late}" if one.late else ""
    style = QUIET if one.state in (AgentState.OFF, AgentState.AWAY) else ""
    since = 8 if width >= _WIDE - 4 else 0
    told = f" {_short(wanted.now - one.since)}" if one.since and one.state is not AgentState.OFF else ""
    return line(
        width, (fit(one.name, max(4, width - 22 - since)), style), " ", (fit(_(LABELS[one.state]), 11), style),
        (fit(told, since), QUIET), fit(_count(one.open), 4, "right"), "  ", (late, LOUD),
    )  # fmt: skip


def mass_faults(wanted: Wanted, width: int, height: int) -> Lines:
    """Mass faults under way and proposed: level, distinct customers, how long until the plan's next action."""
    found = wanted.board.mass_faults
    rows = [title(width, _("mass faults"), _("i decides") if found else "")]
    if not found:
        rows.append(line(width, (_("none"), QUIET)))
    room = height - 1
    for fault in found[: room if len(found) <= room else room - 1]:
        if fault.state is IncidentState.PROPOSED:
            head, style = _("? new"), WARN
        else:
            head, style = _("level {level}").format(level=fault.level), LOUD if fault.level > 1 else BAD
        parts: list[Part] = [
            (fit(head, 8), style),
            (fit(_("{count} customers").format(count=fault.customers), 14), "bold"),
        ]
        rest = f"{fault.product}, {fault.fault}"
        if fault.due_at is not None:
            left = fault.due_at - wanted.now
            late = left < timedelta(0)
            text = (f"! {_('LATE')} +" if late else "") + _short(abs(left))
            parts.append((_("plan {time}").format(time=text) + "  ", LOUD if late else ""))
        elif fault.state is not IncidentState.PROPOSED:
            parts.append((_(STATE_LABELS[fault.state]) + "  ", QUIET))
        rows.append(line(width, *parts, rest))
    if len(found) > room:
        rows.append(line(width, (_("and {count} more").format(count=len(found) - room + 1), QUIET)))
    return rows


def beside(height: int, *blocks: tuple[Lines, int]) -> Lines:
    """Blocks side by side, each of its width, all of this height."""
    rows = []
    for at in range(height):
        parts: list[Content] = []
        for number, (block, width) in enumerate(blocks):
            if number:
                parts.append(Content("  "))
            parts.append(block[at] if at < len(block) else Content(" " * width))
        rows.append(Content("").join(parts))
    return rows


def _wrapped(text: str, width: int, style: str) -> Iterable[Content]:
    at = max(text.find("; "), text.find("；"))
    if cell_len(text) > width and at > 0:
        return [line(width, (text[: at + 1], style)), line(width, (text[at + 1 :].strip(), style))]
    return [line(width, (text, style))]


def _parts(text: Text) -> Sequence[Part]:
    return [text.plain]


def _content(text: Text) -> Content:
    return Content(text.plain, spans=[Span(span.start, span.end, str(span.style)) for span in text.spans])
