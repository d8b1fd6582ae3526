"""Practice: choose a flow and take a call of a scripted caller; a lead sees who has not practised this month."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from textual import on
from textual.app import ComposeResult

from deskapp.domain.i18n import _
from deskapp.domain.practice import Caller
from deskapp.domain.views_flow import FlowLine, FlowSheet, PracticeLine, Practiser
from deskapp.screens.base import DeskScreen
from deskapp.screens.practice.words import FlowToRehearse, PersonRow, flow_columns, flow_rows, people_columns, told
from deskapp.services.requests.flows import GetFlow, GetFlows
from deskapp.services.requests.practice import GetCallers, GetPractisers, GetRehearsals
from deskapp.widgets.dialogs import Told
from deskapp.widgets.queue_list import QueueList

_SHOWN = 20


class PracticeScreen(DeskScreen[None], scope="practice"):
    """Two lists in one place: the flows, and the people."""

    CSS_PATH = "../../styles/practice.tcss"

    def __init__(self) -> None:
        super().__init__()
        now = self.shell.clock.now()
        self._flows: QueueList[FlowToRehearse] = QueueList(flow_columns(), now, empty=self._no_flow, id="flows")
        self._people: QueueList[PersonRow] = QueueList(people_columns(self._day), now, empty=self._nobody, id="people")
        self._people.display = False
        self._published: Sequence[FlowLine] = ()

    def body(self) -> ComposeResult:
        yield self._flows
        yield self._people

    def _no_flow(self) -> str:
        return self.nothing(_("No flow is published: a lead does that under Flows."))

    def _nobody(self) -> str:
        return self.nothing(_("Nobody here takes calls."))

    def _day(self, at: datetime | None) -> str:
        return f"{self.shell.local(at):%Y-%m-%d}" if at else _("never")

    def ready(self) -> None:
        self._flows.focus()
        self.action_list_refresh()

    def changed(self, tickets: frozenset[object] | None) -> None:
        if tickets is None:
            self.action_list_refresh()

    def said(self) -> None:
        self._flows.set_columns(flow_columns())
        self._people.set_columns(people_columns(self._day))

    def action_list_refresh(self) -> None:
        self.fetch("flows", GetFlows(), self._take_flows)
        self.fetch("people", GetPractisers(zone=self.shell.zone), self._take_people)

    def _take_flows(self, lines: tuple[FlowLine, ...]) -> None:
        self._published = lines
        actor = self.shell.actor
        self.fetch("mine", GetRehearsals(agent_id=actor.id if actor else None), self._take_mine)

    def _take_mine(self, mine: tuple[PracticeLine, ...]) -> None:
        self._flows.set_rows(flow_rows(self._published, mine))

    def _take_people(self, lines: tuple[Practiser, ...]) -> None:
        self._people.set_rows([PersonRow(line.agent_id, line) for line in lines])

    # Keys

    def action_practice_people(self) -> None:
        self._people.display, self._flows.display = self._flows.display, self._people.display
        (self._people if self._people.display else self._flows).focus()

    @on(QueueList.Opened)
    def action_practice_begin(self) -> None:
        if self._people.display:
            if person := self._people.cursor_row:
                self.fetch("one", GetRehearsals(agent_id=person.key, limit=_SHOWN), self._tell)
            return
        row = self._flows.cursor_row
        if row is not None:
            self.fetch("flow", GetFlow(version_id=row.key), self._with_callers)

    def _tell(self, lines: tuple[PracticeLine, ...]) -> None:
        person = self._people.cursor_row
        if person is None:
            return
        texts = [text for line in lines for text in told(line, self._day(line.done_at))]
        self.app.push_screen(Told(person.line.name, texts or [_("Has not practised yet.")]))

    def _with_callers(self, sheet: FlowSheet) -> None:
        def begin(callers: tuple[Caller, ...]) -> None:
            if not callers:
                self.shell.tell(_("This flow has no tests and no outcomes to rehearse."), severity="warning")
                return
            seed = int(self.shell.clock.now().timestamp()) % 100_000
            self.shell.show("rehearsal", sheet, Random(seed).choice(callers), seed)

        self.fetch("callers", GetCallers(version_id=sheet.line.version_id), begin)


__all__ = ["PracticeScreen"]
