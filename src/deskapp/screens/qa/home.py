"""QA's place: the parts that one may see, each a list; Enter opens the screen of a line, n begins something new."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList

from deskapp.command_kit import Action
from deskapp.domain.i18n import _
from deskapp.domain.qa_views import (
    ActionView,
    CardLine,
    DisputeLine,
    ResultLine,
    RoundLine,
    SessionView,
    SharedCase,
    TaskLine,
)
from deskapp.domain.qa_words import TaskState
from deskapp.screens.qa.action import ActionScreen
from deskapp.screens.qa.card import CardScreen
from deskapp.screens.qa.case import CaseScreen
from deskapp.screens.qa.dispute import DisputeScreen
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.parts import Part, parts_for
from deskapp.screens.qa.plan import PlanScreen
from deskapp.screens.qa.result import ResultScreen
from deskapp.screens.qa.review import ReviewScreen
from deskapp.screens.qa.round import RoundScreen
from deskapp.screens.qa.score import ScoreScreen
from deskapp.screens.qa.session import SessionScreen, session_form
from deskapp.screens.qa.told import told
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.scoring import GetTasks
from deskapp.widgets.dialogs import AskLine
from deskapp.widgets.key_bar import KeyBar
from deskapp.widgets.lines import Bit
from deskapp.widgets.text import Live

SCREEN_OF: dict[type, Callable[[Any], Page | ScoreScreen]] = {
    TaskLine: lambda row: ScoreScreen(row.id),
    RoundLine: RoundScreen,
    ResultLine: ResultScreen,
    DisputeLine: DisputeScreen,
    ActionView: lambda row: ActionScreen(row.id),
    SessionView: SessionScreen,
    SharedCase: CaseScreen,
    CardLine: lambda row: CardScreen(row.id),
}


class QaScreen(Page, scope="qa"):
    """The parts in a line at the top, the list of one of them below, the line under the cursor beside."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: tuple[Part, ...] = ()
        self._at = 0
        self._rows: Sequence[Any] = ()
        self._words = ""

    def body(self) -> ComposeResult:
        yield Live(self._bar, id="parts")
        yield from super().body()

    def _bar(self) -> Content:
        pieces: list[str | tuple[str, str]] = []
        for number, part in enumerate(self.parts):
            pieces.append((f" {_(part.title)} ", "reverse bold" if number == self._at else "$quiet"))
        return Content.assemble(*pieces)

    @property
    def part(self) -> Part | None:
        """The part in sight."""
        return self.parts[self._at] if self.parts else None

    def head(self) -> str:
        if self._words:
            return _("with: {words}   (/ and Enter shows all)").format(words=self._words)
        waiting = [row for row in self._rows if isinstance(row, TaskLine) and row.state is TaskState.OPEN]
        told = _("{count} to score, {done} scored; s scores the next")
        return told.format(count=len(waiting), done=len(self._rows) - len(waiting)) if waiting else ""

    def bits(self, row: Any) -> Sequence[Bit]:
        part = self.part
        return part.bits(row, self.shell.clock.now()) if part else ()

    def detail(self, row: Any, width: int) -> Sequence[Piece]:
        return told(row, width, self.shell.local, self.shell.clock.now())

    def empty(self) -> str:
        if self._words:
            return _("No line has these words.")
        if self.part is None or self.shell.actor is None:
            return _("Your role has no part in QA.")
        return f"{_(self.part.empty)} {self.part.how(self.shell.actor)}"

    def ready(self) -> None:
        assert self.shell.actor is not None
        self.parts = parts_for(self.shell.actor)
        self.query_one("#parts").refresh(layout=True)
        self.query_one(KeyBar).refresh()
        self.query_one("#head").display = False
        self._read()

    def changed_beside(self) -> None:
        self._read()

    def ticked(self, now: datetime) -> None:
        if self.part and self.part.key == "actions" and now.second == 0:
            self._show()

    def _read(self) -> None:
        if self.part is None:
            self.put(())
        elif self.part.key == "tasks" and self._words:
            self.fetch("rows", GetTasks(text=self._words), self._take)
        else:
            self.fetch("rows", self.part.query(), self._take)

    def _take(self, answer: Any) -> None:
        assert self.part is not None
        self._rows = self.part.rows(answer)
        self._show()

    def _show(self) -> None:
        rows, words = self._rows, self._words.casefold()
        # The rater's own search looks into the records, and was answered by the desk.
        if words and self.part and self.part.key != "tasks":
            now = self.shell.clock.now()
            rows = [r for r in rows if words in " ".join(bit.text for bit in self.part.bits(r, now)).casefold()]
        self.query_one("#head").display = bool(self.head())
        self.put(rows)

    # Keys

    def action_qa_next(self) -> None:
        self._turn(1)

    def action_qa_before(self) -> None:
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self.parts:
            self._at, self._rows, self._words = (self._at + step) % len(self.parts), (), ""
            self.query_one("#parts").refresh(layout=True)
            self.put((), at=0)
            self.query_one(KeyBar).refresh()
            self._read()

    def action_list_refresh(self) -> None:
        self._read()

    def action_qa_find(self) -> None:
        def take(text: str | None) -> None:
            if text is not None:
                self._words = text
                self._read()

        self.app.push_screen(AskLine(_("Show lines with these words"), value=self._words, optional=True), take)

    def action_qa_score(self) -> None:
        if self.may_do("qa.score"):
            self.app.push_screen(ScoreScreen())
        else:
            self.shell.tell(_("Your role does not score."))

    def action_qa_review(self) -> None:
        if self.may_do("qa.report"):
            self.app.push_screen(ReviewScreen())
        else:
            self.shell.tell(_("Your role reads no reports."))

    @on(OptionList.OptionSelected)
    def action_qa_open(self) -> None:
        row = self.row
        if row is not None:
            self.app.push_screen(SCREEN_OF[type(row)](row))

    def action_qa_new(self) -> None:
        if self.part is None or self.shell.actor is None:
            return
        if not self._begins:
            self.shell.tell(self.part.how(self.shell.actor))
        elif self.part.key == "sessions":
            self.app.push_screen(session_form(), self._open_session)
        else:
            self.app.push_screen(CardScreen(None) if self.part.key == "cards" else PlanScreen())

    @property
    def _begins(self) -> bool:
        """Whether `n` begins something in this part."""
        part = self.part
        return part is not None and part.key in ("rounds", "sessions", "cards") and self.may_do(part.begin)

    def _footer(self) -> list[Action]:
        without = {"qa.new": self._begins, "qa.score": self.may_do("qa.score")}
        return [action for action in super()._footer() if without.get(action.id, True)]

    def _open_session(self, made: Any) -> None:
        if made is not None:
            self.shell.dispatch(SessionScreen.opening(made))

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("Done: {what}").format(what=receipt.label))
        self._read()


__all__ = ["QaScreen"]
