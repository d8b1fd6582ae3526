"""A rehearsal: a scripted caller above the guide of a real call; at the end how it went. No ticket, clock or figure."""

from datetime import date, datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from deskapp.domain.errors import DeskError
from deskapp.domain.flow import CompiledFlow, compile_flow, from_data
from deskapp.domain.flow.session import GuidedSession
from deskapp.domain.i18n import _
from deskapp.domain.practice import Caller, Score, make_script, windows_of
from deskapp.domain.rehearsal import Rehearsal
from deskapp.domain.views_flow import FlowSheet
from deskapp.screens.base import DeskScreen
from deskapp.screens.practice.words import result_page, talk
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.practice import KeepRehearsal, RehearsalStep
from deskapp.widgets.guide import Guide
from deskapp.widgets.guide_keys import GuideKeys
from deskapp.widgets.text import Live

_LINES = 4


class RehearsalScreen(DeskScreen[None], GuideKeys, scope="rehearsal"):
    """The caller answers when asked (F3 or space), vaguely at times; what was said unasked stands there from the start.

    The same flow, caller and seed are the same rehearsal; the desk scores it again from the steps that are sent.
    """

    CSS_PATH = "../../styles/practice.tcss"

    def __init__(self, sheet: FlowSheet, caller: Caller, seed: int) -> None:
        super().__init__()
        self.sheet, self.caller, self.seed = sheet, caller, seed
        self.rehearsal: Rehearsal | None = None
        self.result: Score | None = None
        self._warned = False
        self.guide = Guide(lambda: self.shell.clock, self.shell.local, id="guide")

    def body(self) -> ComposeResult:
        yield Live(self._talk, id="caller")
        yield self.guide
        with VerticalScroll(id="result"):
            yield Live(self._result)

    def _talk(self) -> Content:
        if self.rehearsal is None:
            return Content("")
        return talk(self.rehearsal.spoken, _LINES)

    def _result(self) -> Content:
        if self.rehearsal is None or self.result is None:
            return Content("")
        return result_page(self.rehearsal, self.result)

    def ready(self) -> None:
        if self.rehearsal is not None:
            return
        compiled, now = compile_flow(from_data(self.sheet.data)), self.shell.clock.now()
        today = self.caller.today or self.shell.local(now).date()
        self.guide.offer_slots(windows_of(today, self.shell.zone))
        self.rehearsal = self._begin(compiled, now, today)
        if self.rehearsal is not None:
            self.guide.begin(self.rehearsal.session, sample=not self.sheet.line.signed_by, jump=self.sheet.jump)
            self.query_one("#caller").refresh(layout=True)

    def _begin(self, compiled: CompiledFlow, now: datetime, today: date) -> Rehearsal | None:
        try:
            script = make_script(compiled, compiled.read(self.caller.answers), seed=self.seed, today=today)
        except DeskError as error:
            self.shell.tell(str(error), severity="error", hint=error.hint)
            return None
        by = self.shell.actor.login if self.shell.actor else ""
        return Rehearsal(GuidedSession(compiled, by=by, started_at=now, today=today), script)

    def ticked(self, now: datetime) -> None:
        if self.result is None:
            self.guide.tick()

    def said(self) -> None:
        self.guide.refresh_all()

    # The call

    @on(Guide.Changed)
    def _follow(self) -> None:
        if self.rehearsal is not None:
            self.rehearsal.follow()

    @on(Guide.Alarm)
    @on(Guide.Left)
    def _only_practice(self) -> None:
        """Nobody is alarmed, and back from the first question stays there."""

    def action_caller_ask(self) -> None:
        if self.rehearsal is not None and self.result is None and not self.rehearsal.session.script:
            self.rehearsal.ask()
            self.query_one("#caller").refresh(layout=True)

    @on(Guide.Finished)
    def action_practice_finish(self) -> None:
        rehearsal = self.rehearsal
        if rehearsal is None or self.result is not None:
            return
        compiled = rehearsal.compiled
        own = [item for item in rehearsal.session.evaluation.blockers if compiled.question(item.question).block is None]
        if own and not self._warned:
            self._warned = True
            trouble = compiled.trouble(own[0])
            self.guide.complain(trouble.field, f"{trouble} " + _("F10 again: hang up all the same."))
            return
        rehearsal.follow()
        now = self.shell.clock.now()
        self.result = rehearsal.score(now)
        steps = tuple(map(RehearsalStep.of, rehearsal.steps))
        self.shell.dispatch(
            KeepRehearsal(
                version_id=self.sheet.line.version_id, case=self.caller.answers, seed=self.seed, steps=steps,
                seconds=self.result.seconds, today=rehearsal.session.today.isoformat(),
            )
        )  # fmt: skip
        self.guide.display = self.query_one("#caller").display = False
        page = self.query_one("#result")
        page.display = True
        page.focus()
        self.query_one("#result Live").refresh(layout=True)

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, KeepRehearsal):
            self.shell.tell(_("Kept with your results. Esc goes back to the flows."))


__all__ = ["RehearsalScreen"]
