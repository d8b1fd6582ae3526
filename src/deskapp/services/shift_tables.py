"""The report of a shift as tables, to print or to keep as a file."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from pathlib import Path

from deskapp.domain.i18n import _
from deskapp.domain.incident import STATE_LABELS
from deskapp.domain.shift_words import DUTIES, place
from deskapp.domain.sla import METRIC_TITLES, Metric
from deskapp.domain.terms import LABELS
from deskapp.domain.views_shift import HandedOver, PromiseLine, ShiftReport
from deskapp.services.tables import Table, render_csv, render_text, write_xlsx

ENDINGS = (".txt", ".csv", ".xlsx", ".json")


def report_tables(report: ShiftReport, zone: tzinfo) -> tuple[Table, ...]:
    """The report's tables; times in `zone`, the desk's."""
    soon, late, red = report.totals
    return (
        _facts(report, zone),
        _promises("late", _("LATE"), report.late, late, zone),
        _promises("red", _("RED"), report.red, red, zone),
        _promises("promises", _("OPEN PROMISES, THE NEXT 24 HOURS"), report.promises, soon, zone),
        _handed(report.handed, zone),
        Table(
            "faults",
            _("MASS FAULTS"),
            (_("number"), _("state"), _("level"), _("customers"), _("open"), _("what"), _("due")),
            tuple(
                (
                    fault.label, _(STATE_LABELS[fault.state]), fault.level, fault.customers, fault.open_tickets,
                    f"{fault.product}, {fault.fault}", _at(fault.due_at, zone),
                )
                for fault in report.faults
            ),
        ),
    )  # fmt: skip


def _facts(report: ShiftReport, zone: tzinfo) -> Table:
    whose = report.person or place(report.team, report.shift) or _("the whole desk")
    rows = (
        (_("from"), f"{report.since.astimezone(zone):%Y-%m-%d %H:%M}"),
        (_("to"), f"{report.now.astimezone(zone):%Y-%m-%d %H:%M %Z}"),
        (_("opened"), report.opened),
        (_("solved"), report.solved),
        (_("called back"), report.called_back),
        (_("audit anchor"), report.anchor.line),
    )
    title = _("SHIFT REPORT  {whose}").format(whose=whose)
    return Table("shift", title, (_("what"), _("value")), rows)


def _promises(key: str, title: str, lines: Sequence[PromiseLine], total: int, zone: tzinfo) -> Table:
    rows = tuple(
        (
            _at(line.due_at, zone) or _("paused"), _(METRIC_TITLES[Metric(line.metric)]), line.ticket,
            _(LABELS[line.grade]), line.customer, line.subject, line.owner, line.assignee or _("nobody"),
        )
        for line in lines
    )  # fmt: skip
    heads = (
        _("due"), _("promise"), _("ticket"), _("grade"), _("customer"), _("subject"), _("owner"), _("works on it"),
    )  # fmt: skip
    more = (_("... and {count} more").format(count=total - len(lines)),) if total > len(lines) else ()
    return Table(key, title, heads, rows, more)


def _handed(handed: Sequence[HandedOver], zone: tzinfo) -> Table:
    rows = []
    for one in handed:
        by = _("{giver} (by {lead})").format(giver=one.giver, lead=one.by) if one.by else one.giver
        for duty in one.duties:
            state = _("to be done") if duty.is_open else _("done")
            taker = place(one.taker, one.shift)
            rows.append(
                (_at(one.at, zone), by, taker, _(DUTIES[duty.kind]), duty.ticket, duty.subject, state, one.note)
            )
    heads = (_("at"), _("from whom"), _("to whom"), _("what"), _("ticket"), _("subject"), _("state"), _("note"))
    return Table("handed_over", _("HANDED OVER"), heads, tuple(rows))


def _at(instant: datetime | None, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%m-%d %H:%M}" if instant else ""


def render_report(report: ShiftReport, zone: tzinfo) -> str:
    """The report as text to print; what is empty is left out."""
    first, *rest = report_tables(report, zone)
    return "\n".join(render_text(table, width=110) for table in (first, *(table for table in rest if table.rows)))


def write_report(report: ShiftReport, zone: tzinfo, path: Path) -> None:
    """Write the report as the file's ending says: text, one CSV with all tables, a workbook. Raises OSError."""
    tables = report_tables(report, zone)
    match path.suffix.lower():
        case ".xlsx":
            write_xlsx(tables, path)
        case ".csv":
            whole = "\r\n".join(f"{table.title}\r\n{render_csv(table)}" for table in tables)
            path.write_text("\ufeff" + whole, encoding="utf-8", newline="")
        case _:
            path.write_text(render_report(report, zone), encoding="utf-8")


__all__ = ["ENDINGS", "render_report", "report_tables", "write_report"]
