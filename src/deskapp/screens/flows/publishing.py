"""Publishing and signing a flow that is being written: judged now, its changes shown, a second person's word asked."""

from collections.abc import Awaitable, Callable

from deskapp.domain.flow import Flow, from_data, to_data
from deskapp.domain.flow.changes import told_changes
from deskapp.domain.i18n import _
from deskapp.domain.views_flow import FlowLine, FlowSheet, SignOffLine
from deskapp.screens.base import DeskScreen
from deskapp.screens.flows.author_words import test_remarks
from deskapp.services.flow_drafts import Judged, raised
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.flows import GetFlow, GetFlows, GetSignOffs, PublishFlow, SignFlow
from deskapp.widgets.dialogs import AskLine, Choice, Choose, Told
from deskapp.widgets.source_pane import SourcePane


class Publishing(DeskScreen[None]):
    """What F10 and ctrl+o do to the text of `pane`; the desk itself judges again and holds to the second person."""

    pane: SourcePane
    line: FlowLine | None = None
    judged: Judged | None = None
    signed: tuple[SignOffLine, ...] = ()
    _published: Flow | None = None
    _published_text = ""

    async def look(self) -> None:
        """Judge the text as it stands now."""
        raise NotImplementedError

    def beside(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something with files beside the screen; a DeskError is told."""
        raise NotImplementedError

    def action_finding_next(self) -> None:
        """Go to the next finding."""
        raise NotImplementedError

    def take_signed(self, signed: tuple[SignOffLine, ...]) -> None:
        """Show who has signed this content."""
        self.signed = signed
        self.query_one("#state").refresh(layout=True)

    async def _right(self) -> Flow | None:
        """The flow as it is typed, judged now; None, and the first finding is shown, while it has errors."""
        await self.look()
        judged = self.judged
        if judged is None:
            return None
        if judged.errors or judged.failed or judged.file.flow is None:
            self.shell.tell(
                _("It cannot be published: {errors} errors, {failed} tests fail.").format(
                    errors=judged.errors, failed=len(judged.failed)
                ),
                severity="error", hint=_("F7 goes from finding to finding."),
            )  # fmt: skip
            self.action_finding_next() if judged.errors else self.pane.remark(test_remarks(judged, self.pane.text))
            return None
        return judged.file.flow

    def action_flow_publish(self) -> None:
        async def go() -> None:
            if flow := await self._right():
                self._ask_publish(flow)

        self.beside(go)

    def _ask_publish(self, flow: Flow) -> None:
        line, changes = self.line, told_changes(self._published, flow)
        if not changes:
            self.shell.tell(_("Nothing differs from the published version."))
            return
        raise_it = line is not None and line.version == flow.version
        ask = _("Raise the version, then publish") if raise_it else _("Publish {version}")
        choices = [
            Choice("publish", ask.format(version=flow.version)), Choice("diff", _("See what changes")),
            Choice("", _("Not now")),
        ]  # fmt: skip
        sides = [sum(change[0] == sign for change in changes) for sign in "+-~>"]
        title = _("{added} added, {removed} removed, {changed} changed, {moved} moved").format(
            added=sides[0], removed=sides[1], changed=sides[2], moved=sides[3]
        )

        def answer(what: str | None) -> None:
            if what == "diff":
                self.app.push_screen(Told(title, changes), lambda _closed: self._ask_publish(flow))
            elif what == "publish" and raise_it and line is not None:
                self.pane.put(raised(self.pane.text, line.version))
                self.beside(self._publish_raised)
            elif what == "publish":
                self.shell.dispatch(PublishFlow(data=to_data(flow)))

        self.app.push_screen(Choose(title, choices), answer)

    async def _publish_raised(self) -> None:
        if flow := await self._right():
            self.shell.dispatch(PublishFlow(data=to_data(flow)))

    def action_flow_sign(self) -> None:
        async def go() -> None:
            flow = await self._right()
            if flow is None:
                return

            def sign(note: str | None) -> None:
                if note:
                    self.shell.dispatch(SignFlow(data=to_data(flow), note=note))

            told = _("You sign {count} changes against the published version; somebody else publishes them.")
            count = sum(not line.startswith(" ") for line in told_changes(self._published, flow))
            self.app.push_screen(AskLine(_("In what capacity do you sign?"), told.format(count=count)), sign)

        self.beside(go)

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, PublishFlow):
            self.shell.tell(_("Published: {flows}. New calls are taken with it.").format(flows=receipt.label))
            self.fetch("line", GetFlows(retired=True), self._take_line)
        elif isinstance(command, SignFlow):
            self.shell.tell(_("Signed: {flow}. It holds for this very content.").format(flow=receipt.label))
            if self.judged and (compiled := self.judged.file.compiled):
                self.fetch("signed", GetSignOffs(flow=compiled.flow.id, hash=compiled.hash), self.take_signed)

    def _take_line(self, lines: tuple[FlowLine, ...]) -> None:
        flow = self.judged.file.flow if self.judged else None
        self.line = next((line for line in lines if flow is not None and line.flow == flow.id), self.line)
        if self.line is not None:
            self.fetch("flow", GetFlow(version_id=self.line.version_id), self._took_published)
        self.query_one("#state").refresh(layout=True)

    def _took_published(self, sheet: FlowSheet) -> None:
        self._published, self._published_text = from_data(sheet.data), self.pane.text


__all__ = ["Publishing"]
