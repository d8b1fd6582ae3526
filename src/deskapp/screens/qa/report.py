"""The report of a round in the app: its parts left, the figures right with their intervals, bars and maps in text."""

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.cells import cell_len

from deskapp.domain.i18n import _
from deskapp.domain.qa_report import QaReport
from deskapp.domain.qa_views import RoundLine
from deskapp.domain.text import guard
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.report_text import DRAWN
from deskapp.services.qa.report_tables import report_tables
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.tables import Table, render_text, text_of
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.lines import Bit
from deskapp.widgets.wrap import hanging

_COLUMN = 12  # cells that a column needs beside others; else each row stands as lines of its own


class ReportScreen(Page, scope="qa_report"):
    """One line for each part of the report; what is drawn of it beside."""

    def __init__(self, about: RoundLine) -> None:
        super().__init__()
        self.about = about
        self.report: QaReport | None = None

    def ready(self) -> None:
        self.fetch("report", GetReport(campaign_id=self.about.id), self._take)

    def said(self) -> None:
        if self.report is not None:
            self._take(self.report)

    def _take(self, report: QaReport) -> None:
        self.report = report
        self.put([table for table in report_tables(report) if table.rows])

    # What is shown

    def head(self) -> str:
        if self.report is None:
            return self.about.label
        report = self.report
        rate = report.pass_rate
        told = _("{round}  {title}  {period}   score {score:.1f}   pass rate {rate:.1f} %")

        def head(title: str) -> str:
            whole = told.format(round=self.about.label, title=title, period=report.period, score=report.score.value,
                                rate=rate.share * 100)  # fmt: skip
            return whole + ("   " + _("census") if rate.census else "")

        # The title leaves first where the line has no room.
        whole = head(report.title)
        return whole if cell_len(whole) < self.size.width - 1 else head("").replace("   ", "  ")

    def bits(self, row: Table) -> Sequence[Bit]:
        return (Bit(row.title),)

    def detail(self, row: Table, width: int) -> Sequence[Piece]:
        assert self.report is not None
        draw: Callable[[QaReport, int], list[Piece]] | None = DRAWN.get(row.key)
        parts: list[Piece] = [(row.title + "\n\n", "bold")]
        if draw is None and width < _COLUMN * len(row.heads):
            return [*parts, *_records(row, width)]
        if draw is None:
            text = render_text(row, width=width)
            # The title stands above already, with its line under it.
            return [*parts, "\n".join(text.splitlines()[2:]) + "\n"]
        parts += draw(self.report, width)
        return [*parts, *((guard(note) + "\n", "$quiet") for note in row.notes)]

    # Keys

    def action_report_write(self) -> None:
        report = self.report
        if report is None:
            return

        def name(kind: str | None) -> None:
            if kind is not None:
                value = self.about.label + ("" if kind == "csv" else f".{kind}")
                self.app.push_screen(
                    AskLine(_("Where to?"), value=value, limit=1000), lambda text: self._write(report, kind, text)
                )

        choices = [
            Choice("html", "HTML", _("one file that prints well")), Choice("xlsx", "XLSX", _("a sheet for each table")),
            Choice("csv", "CSV", _("a folder with a file for each table")),
        ]  # fmt: skip
        self.app.push_screen(Choose(_("Write the report as"), choices), name)

    def _write(self, report: QaReport, kind: str, text: str | None) -> None:
        from deskapp.services.qa.report_html import write_html
        from deskapp.services.tables import write_csv, write_xlsx

        if not text:
            return
        path = Path(text).expanduser()
        try:
            if path.exists():
                raise FileExistsError(17, _("it is there already"))
            if kind == "html":
                write_html(report, path)
            elif kind == "xlsx":
                write_xlsx(report_tables(report), path)
            else:
                path.mkdir(parents=True)
                write_csv(report_tables(report), path)
        except OSError as error:
            self.shell.tell(_("Not written: {why}").format(why=error.strerror or error), severity="error",
                            hint=_("Give it another name."))  # fmt: skip
            return
        self.shell.tell(_("Written: {path}").format(path=path))


def _records(table: Table, width: int) -> list[Piece]:
    """A table of more columns than there is room for: each row with its cells one below the other."""
    parts: list[Piece] = []
    for row in table.rows:
        cells = zip(table.heads, map(text_of, row), strict=True)
        first, *others = (hanging(f"{head}: {guard(cell)}", width, 2) + "\n" for head, cell in cells)
        parts += [(first, "bold"), *others, "\n"]
    return parts


__all__ = ["ReportScreen"]
