"""The flows of the desk: what is published and by whose word, what is being written; Enter opens source and play."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.views_flow import FlowLine
from deskapp.screens.base import DeskScreen
from deskapp.services.flow_drafts import DraftLine, FlowFolder
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.flows import GetFlows, PublishShipped, RetireFlow
from deskapp.widgets.cells import Cell, Column
from deskapp.widgets.dialogs import AskLine
from deskapp.widgets.queue_list import QueueList


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow by name: as it is published, as it is being written, or both."""

    key: str
    line: FlowLine | None
    draft: DraftLine | None

    @property
    def title(self) -> str:
        """Its title in the reader's language, else its name."""
        if self.line is not None:
            return self.line.title.get(language())
        zh, en = self.draft.title if self.draft else ("", "")
        return (zh if language() == "zh" else en) or self.key

    @property
    def state(self) -> Cell:
        """How the published version stands."""
        line = self.line
        if line is None:
            return Cell(_("not published"), "dim")
        if line.retired:
            return Cell(_("retired"), "dim")
        if line.signed_by:
            return Cell(_("signed: {name}").format(name=line.signed_by), "green")
        return Cell(_("sample, not signed") if line.shipped else _("not signed"), "yellow" if line.red else "")

    @property
    def writing(self) -> Cell:
        """How the file that is being written stands to the published version."""
        if self.draft is None:
            return Cell("")
        if not self.draft.hash:
            return Cell(_("has errors"), "red")
        if self.line is not None and self.line.hash == self.draft.hash:
            return Cell(_("as published"), "dim")
        return Cell(_("{version}, changed").format(version=self.draft.version), "accent")


def _columns() -> list[Column[FlowRow]]:
    return [
        Column("title", N_("flow"), 26, lambda row, now: Cell(row.title), grow=2),
        Column("name", N_("file name"), 22, lambda row, now: Cell(row.key, "dim"), min_total_width=100),
        Column("version", N_("version"), 8, lambda row, now: Cell(row.line.version if row.line else "")),
        Column("state", N_("for new calls"), 20, lambda row, now: row.state, grow=1),
        Column("draft", N_("being written"), 16, lambda row, now: row.writing, grow=1),
    ]


class FlowsScreen(DeskScreen[None], scope="flows"):
    """One list; what is done with a flow is done in a screen of its own."""

    CSS_PATH = "../../styles/flows.tcss"
    ABOUT = ("flow",)

    def __init__(self) -> None:
        super().__init__()
        self._list: QueueList[FlowRow] = QueueList(_columns(), self.shell.clock.now(), empty=self._empty, id="list")

    def body(self) -> ComposeResult:
        yield self._list

    def _empty(self) -> str:
        return self.nothing(_("No flow is published. m publishes the samples, n begins one."))

    def ready(self) -> None:
        self._list.focus()
        self.action_list_refresh()

    def changed_beside(self) -> None:
        self.action_list_refresh()

    def said(self) -> None:
        self._list.set_columns(_columns())

    def action_list_refresh(self) -> None:
        self.fetch("flows", GetFlows(retired=True), self._show)

    def _show(self, published: Sequence[FlowLine]) -> None:
        async def read() -> None:
            # Files are compiled to see how they stand: not on the screen's loop.
            drafts = {line.name: line for line in await asyncio.to_thread(FlowFolder(self.shell.flow_folder).lines)}
            lines = {line.flow: line for line in published}
            rows = [FlowRow(name, lines.get(name), drafts.get(name)) for name in sorted({*lines, *drafts})]
            self._list.set_rows(sorted(rows, key=lambda row: (row.line is not None and row.line.retired, row.title)))

        self.run_worker(read, group="drafts", exclusive=True)  # type: ignore[arg-type]

    # Keys

    @on(QueueList.Opened)
    def action_flow_edit(self) -> None:
        if row := self._list.cursor_row:
            self.shell.show("author", row.key, row.line)

    def action_flow_new(self) -> None:
        def begin(name: str | None) -> None:
            if name:
                try:
                    FlowFolder(self.shell.flow_folder).path(name)
                except DeskError as error:
                    self.shell.tell(str(error), severity="error", hint=error.hint)
                    return
                self.shell.show("author", name, None)

        told = _("Small letters, digits and -, such as dryer-no-heat.")
        self.app.push_screen(AskLine(_("The name of the new flow"), told, limit=60), begin)

    def action_figures_show(self) -> None:
        row = self._list.cursor_row
        self.shell.show("figures", row.key if row else "")

    def action_flow_retire(self) -> None:
        row = self._list.cursor_row
        if row and row.line:
            self.shell.dispatch(RetireFlow(flow=row.key, retired=not row.line.retired))

    def action_flow_samples(self) -> None:
        self.shell.dispatch(PublishShipped())

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, RetireFlow):
            told = _("{flow} is offered no more.") if command.retired else _("{flow} is offered again.")
            self.shell.tell(told.format(flow=command.flow))
        elif isinstance(command, PublishShipped):
            self.shell.tell(_("The samples are published; each waits for a qualified person's signature."))
        self.action_list_refresh()


__all__ = ["FlowRow", "FlowsScreen"]
