"""A flow being written: source with its findings on the left, the flow in play on the right; kept on disk as typed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from deskapp.domain.errors import Conflict, DeskError
from deskapp.domain.flow import from_data
from deskapp.domain.flow.draft import move_draft
from deskapp.domain.flow.facts import prefilled
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import _
from deskapp.domain.permissions import Reach, reach
from deskapp.domain.practice import PERSONA, windows_of
from deskapp.domain.views_flow import FlowLine, FlowSheet
from deskapp.screens.flows.author_words import remarks_of, state_of, test_remarks
from deskapp.screens.flows.publishing import Publishing
from deskapp.services.flow_drafts import FlowFolder, Judged, Source, judge, source_of, template
from deskapp.services.requests.flows import GetFlow, GetSignOffs
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.guide import Guide
from deskapp.widgets.guide_keys import GuideKeys
from deskapp.widgets.source_pane import Remark, SourcePane
from deskapp.widgets.text import Live

_PAUSE = 0.35  # seconds without a key before the text is kept and judged
_SOON = 0.02


class AuthorScreen(Publishing, GuideKeys, scope="author"):
    """Whoever may neither publish nor sign reads and plays only. Nothing here touches tickets or published versions
    but the two commands, which judge again themselves."""

    CSS_PATH = "../../styles/author.tcss"

    def __init__(self, name: str, line: FlowLine | None) -> None:
        super().__init__()
        self.flow_name, self.line = name, line
        self.folder = FlowFolder(self.shell.flow_folder)
        self.source: Source | None = None
        self._moved = ""
        self._judging = self._again = self._asking = False
        self.pane = SourcePane(self._state, id="writing")
        self.guide = Guide(lambda: self.shell.clock, self.shell.local, id="guide")
        self.guide.takes_focus = False

    def body(self) -> ComposeResult:
        with Horizontal(id="panes"):
            yield self.pane
            with Vertical(id="playing"):
                yield Live(lambda: self._moved, id="moved")
                yield self.guide

    def place(self) -> str:
        return f"{super().place()}: {self.flow_name}"

    @property
    def writes(self) -> bool:
        """Whether whoever sits here may change flows: publish or sign them."""
        actor = self.shell.actor
        return actor is not None and max(reach(actor, "flow.publish"), reach(actor, "flow.sign")) > Reach.NONE

    def _state(self) -> Content:
        at = self.shell.local(self.shell.clock.now()) if self.source and self.source.stamp else None
        return state_of(self.judged, self.line, self.signed, writes=self.writes, kept=at)

    # Reading

    def ready(self) -> None:
        if self.source is not None:
            return
        self.pane.area.read_only = not self.writes
        self.pane.area.focus()
        if self.line is None:
            self.beside(self._open)
        else:
            self.fetch("flow", GetFlow(version_id=self.line.version_id), self._take_published)

    def _take_published(self, sheet: FlowSheet) -> None:
        self._published = from_data(sheet.data)

        async def read() -> None:
            self._published_text = await asyncio.to_thread(source_of, sheet.data)
            await self._open()

        self.beside(read)

    async def _open(self) -> None:
        """The file of the folder; where there is none the published source, else a new flow to begin with."""
        kept = await asyncio.to_thread(self.folder.read, self.flow_name) if self.writes else None
        if kept is None:
            text = self._published_text or template(self.flow_name)
            kept = Source(self.flow_name, self.folder.path(self.flow_name), text, None)
        self.source = kept
        self.pane.put(kept.text)
        await self.look()

    def beside(self, work: Callable[[], Awaitable[None]]) -> None:
        async def told() -> None:
            try:
                await work()
            except DeskError as error:
                self.shell.tell(str(error), severity="error", hint=error.hint)

        self.run_worker(told, group="files")  # type: ignore[arg-type]

    # Keeping and judging what is typed

    @on(SourcePane.Typed)
    def _typed(self) -> None:
        if self.source is not None:
            self.set_timer(_PAUSE, self._paused)

    def _paused(self) -> None:
        if self.source is not None and (self.judged is None or self.judged.text != self.pane.text):
            self.beside(self.look)

    async def look(self) -> None:
        """Keep the text and judge it in a thread; only the last text of a fast run is looked at."""
        if self._judging:
            self._again = True
            while self._judging:  # whoever publishes must have what is typed now, not what was judged before
                await asyncio.sleep(_SOON)
            return
        self._judging = True
        try:
            while True:
                self._again, text = False, self.pane.text
                await self._keep(text)
                assert self.source is not None
                judged = await asyncio.to_thread(judge, self.source.path, text)
                if text == self.pane.text and not self._again:
                    break
        finally:
            self._judging = False
        if self.is_attached:
            self._take(judged)

    async def _keep(self, text: str) -> None:
        source = self.source
        if source is None or text == source.text or not self.writes:
            return
        try:
            self.source = await asyncio.to_thread(self.folder.write, source, text)
        except Conflict:
            self._changed_on_disk()

    def _take(self, judged: Judged) -> None:
        before, self.judged = self.judged, judged
        self.pane.remark(remarks_of(judged))
        compiled = judged.file.compiled
        if compiled is None:
            return
        session = self.guide.session
        if session is None:
            self.action_flow_again()
        elif session.compiled.hash != compiled.hash:
            now = self.shell.clock.now()
            move = move_draft(session.draft, session.compiled, compiled, today=session.today)
            self._play(session.moved(compiled, now))
            self._moved = _("answers kept: {kept}   parked: {parked}   new questions: {new}").format(
                kept=len(move.kept), parked=", ".join(move.parked) or 0, new=", ".join(move.new) or 0
            )
            self.query_one("#moved").refresh(layout=True)
        if before is None or before.file.compiled is None or before.file.compiled.hash != compiled.hash:
            self.signed = ()
            self.fetch("signed", GetSignOffs(flow=compiled.flow.id, hash=compiled.hash), self.take_signed)

    def ticked(self, now: datetime) -> None:
        self.guide.tick()
        source = self.source
        if source is not None and source.stamp is not None and self.folder.stamp(self.flow_name) != source.stamp:
            if self.pane.text == source.text:
                self.beside(self._reread)
            else:
                self._changed_on_disk()

    def said(self) -> None:
        if self.judged:
            self.pane.remark(remarks_of(self.judged))
        self.guide.refresh_all()

    def save_draft(self) -> None:
        """The app leaves, or this screen: what was typed since the last pause is kept at once."""
        source = self.source
        if source is not None and self.writes and self.is_attached and self.pane.text != source.text:
            try:
                self.source = self.folder.write(source, self.pane.text)
            except DeskError as error:
                self.shell.tell(str(error), severity="error", hint=error.hint)

    async def _reread(self) -> None:
        kept = await asyncio.to_thread(self.folder.read, self.flow_name)
        if kept is None:
            kept = Source(self.flow_name, self.folder.path(self.flow_name), self.pane.text, None)
        else:
            self.shell.tell(_("{file} was read again: another program changed it.").format(file=kept.path.name))
        self.source = kept
        self.pane.put(kept.text)
        await self.look()

    def _changed_on_disk(self) -> None:
        """Two have written: whoever sits here says which text stays."""
        if self._asking:
            return
        self._asking = True

        def answer(mine: bool | None) -> None:
            self._asking = False
            if mine and self.source is not None:
                stamp = self.folder.stamp(self.flow_name)
                self.source = Source(self.source.name, self.source.path, "", stamp)
                self.beside(self.look)
            elif mine is False:
                self.beside(self._reread)

        choices = [Choice(False, _("Read what is on the disk")), Choice(True, _("Keep mine, over it"))]
        self.app.push_screen(Choose(_("Another program changed this file while you wrote."), choices), answer)

    # Playing

    def _play(self, session: GuidedSession) -> None:
        self.guide.begin(session, sample=not self.signed, jump=self.judged.jump if self.judged else {})
        self.guide.offer_slots(windows_of(session.today, self.shell.zone))

    def action_flow_again(self) -> None:
        compiled = self.judged.file.compiled if self.judged else None
        if compiled is None:
            return
        now = self.shell.clock.now()
        self._moved = ""
        by = self.shell.actor.login if self.shell.actor else ""
        session = GuidedSession(compiled, by=by, started_at=now, today=self.shell.local(now).date())
        # A play begins as a call of a known customer does: what the file knows is not asked.
        session.prefill(prefilled(compiled, PERSONA), now)
        self._play(session)

    @on(Guide.Finished)
    def _played(self) -> None:
        outcome = self.guide.session.outcome if self.guide.session else None
        self.shell.tell(_("This call would end with: {outcome}").format(outcome=outcome.id if outcome else "-"))

    @on(Guide.Changed)
    @on(Guide.Alarm)
    @on(Guide.Left)
    def _only_a_play(self) -> None:
        """No ticket, no alarm: nothing of a play leaves this screen."""

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A new question calls the cursor only while it is in the play, never out of a sentence being written."""
        self.guide.takes_focus = self.guide.has_focus_within

    def action_flow_pane(self) -> None:
        playing = not self.guide.has_focus_within
        self.set_class(playing, "-play")
        if playing:
            self.guide.takes_focus = True
            self.guide.turn()
        else:
            self.pane.area.focus()

    # What the keys do to the source

    def action_flow_save(self) -> None:
        if self.source is not None:
            self.beside(self.look)

    def action_finding_next(self) -> None:
        self.remove_class("-play")
        if not self.pane.next():
            self.shell.tell(_("Nothing is wrong with it."))

    def action_flow_test(self) -> None:
        async def run() -> None:
            await self.look()
            if self.judged is not None:
                self.pane.remark(test_remarks(self.judged, self.pane.text) or [Remark(0, 0, _("There are no tests."))])

        self.beside(run)

    def action_flow_reread(self) -> None:
        if self.source is None:
            return
        choices = [Choice("disk", _("Read what is on the disk"))]
        if self._published_text:
            choices.append(Choice("published", _("Take the published source instead; ctrl+z takes it back")))

        def answer(what: str | None) -> None:
            if what == "disk":
                self.beside(self._reread)
            elif what == "published" and self.writes:
                area = self.pane.area
                area.replace(self._published_text, area.document.start, area.document.end)

        self.app.push_screen(Choose(_("Read again"), choices), answer)


__all__ = ["AuthorScreen"]
