"""Score a record: its lines left, the card right, a digit scores and moves on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_views import ScoreSheet
from deskapp.domain.qa_words import PROVES
from deskapp.domain.score_pad import Mark, Pad, fresh, points_of_key
from deskapp.domain.scorecard import CriticalClass, Item, Severity, Source
from deskapp.domain.scoring import shown
from deskapp.domain.timeline import sentence
from deskapp.screens.base import DeskScreen
from deskapp.screens.qa.page import takes_digits
from deskapp.screens.qa.record import record_text
from deskapp.screens.qa.score_text import card_pieces
from deskapp.screens.qa.words import CLASSES
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.scoring import GetSheet, GivenAnswer, GivenFinding, SubmitEvaluation
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.text import Live

IDLE = timedelta(seconds=30)
"""A pause between two keys counts as work up to this long."""
_SENDING = "an evaluation"
TEMPLATES = (
    N_("Well done: clear, calm, complete."),
    N_("Read the note out before closing it."),
    N_("Ask when and how the fault shows before proposing a solution."),
    N_("Say what happens next and when."),
)


@takes_digits
class ScoreScreen(DeskScreen[None], scope="score"):
    """One task after the other; what was entered is kept until it is submitted."""

    CSS_PATH = "../../styles/score.tcss"

    def __init__(self, task_id: UUID | None = None) -> None:
        super().__init__()
        self._wanted = task_id
        self.sheet: ScoreSheet | None = None
        self.pad: Pad | None = None
        self._line = 0
        self._active = timedelta()
        self._last: datetime | None = None
        self._sent = self._over = False
        self._at: tuple[int, ...] = ()
        self._found = ""

    def body(self) -> ComposeResult:
        yield Live(self._head, id="head")
        with Horizontal():
            with VerticalScroll(id="record", can_focus=False):
                yield Live(self._record, id="lines")
            with Vertical(id="card"), VerticalScroll(id="items-box", can_focus=False):
                yield Live(self._card, id="items")

    def ready(self) -> None:
        self.fetch("sheet", GetSheet(task_id=self._wanted), self._take, keys_wait=True)

    def _take(self, sheet: ScoreSheet | None) -> None:
        self._sent, self._wanted, self._found = False, None, ""
        self.sheet, self._line, self._active, self._last = sheet, 0, timedelta(), self.shell.clock.now()
        self._over = sheet is None
        self.pad = None
        if sheet is not None:
            kinds = {line.id: PROVES[line.kind] for line in sheet.snapshot.lines}
            pad = fresh(sheet.card.record_items, sheet.prefilled, kinds)
            kept = self.shell.recall_draft("score", str(sheet.task.id))
            self.pad = pad.recalled(kept["pad"]) if kept else pad
        self._show()

    def _show(self) -> None:
        for name in ("#head", "#lines", "#items"):
            self.query_one(name).refresh(layout=True)
        self.call_after_refresh(self._bring_into_sight)

    def _bring_into_sight(self) -> None:
        """The line under the cursor and the item that is scored, each with what stands around it."""
        record, items = self.query_one("#record", VerticalScroll), self.query_one("#items-box", VerticalScroll)
        if self._line < len(self._at):
            at, end = self._at[self._line], (*self._at, self._at[-1] + 4)[self._line + 1]
            if at < record.scroll_y + 1 or end > record.scroll_y + record.size.height:
                record.scroll_to(y=max(0, at - 2), animate=False)
        if self.pad is not None and not 0 <= self.pad.cursor - items.scroll_y < items.size.height - 4:
            items.scroll_to(y=max(0, self.pad.cursor - 1), animate=False)

    # What is shown

    def _head(self) -> str:
        if self.sheet is None or self.pad is None:
            return _("Nothing to score is left. Esc goes back.") if self._over else self.nothing("")
        sheet, pad = self.sheet, self.pad
        seconds = int(self._active.total_seconds())
        told = _("{campaign}   record {place} of {of}   {record}   {agent}   active {minutes:02d}:{seconds:02d}")
        to_go = len(pad.missing) + len(pad.unproven)
        head = told.format(
            campaign=sheet.task.campaign, place=sheet.place, of=sheet.of, record=sheet.task.record,
            agent=sheet.snapshot.agent or _("agent hidden"), minutes=seconds // 60, seconds=seconds % 60,
        ) + "   " + (_("{count} items to go").format(count=to_go) if to_go else _("ctrl+s submits"))  # fmt: skip
        if sheet.show_total and pad.so_far is not None:
            head += "   " + _("so far {score}").format(score=shown(pad.so_far))
        keys = _("0 met, x not met") if pad.item.scale.pass_fail else _("1-9, 0 is ten, x is zero")
        whole = f"{head}   ({keys})"
        return whole if cell_len(whole) < self.size.width - 1 else head

    def _record(self) -> Content:
        if self.sheet is None or self.pad is None:
            return Content("")
        proofs = self.pad.marks.get(self.pad.item.id, Mark()).lines
        width = max(30, self.query_one("#record").scrollable_content_region.width)
        told = record_text(
            self.sheet.snapshot, width, self.shell.zone, cursor=self._line, proofs=proofs, found=self._found
        )
        self._at = told.at
        return Content.assemble(*told.pieces)

    def _card(self) -> Content:
        if self.sheet is None or self.pad is None:
            return Content("")
        return Content.assemble(
            *card_pieces(self.sheet, self.pad, max(30, self.query_one("#items-box").scrollable_content_region.width))
        )

    # Keys

    def on_key(self, _event: events.Key) -> None:
        self._worked()

    def _worked(self) -> None:
        """Count the time since the last key; a longer pause counts as far as it may have been reading or typing."""
        now = self.shell.clock.now()
        if self._last is not None:
            self._active += min(now - self._last, IDLE)
        self._last = now

    def _press(self, change: Callable[[Pad], Pad]) -> None:
        if self.pad is None or self.sheet is None or self._sent:
            return
        try:
            self.pad = change(self.pad)
        except DeskError as error:
            self.shell.tell(str(error), severity="warning", hint=error.hint)
            return
        self.shell.keep_draft("score", str(self.sheet.task.id), {"pad": self.pad.kept()})
        self._show()

    def _ask(self, title: str, then: Callable[[Pad, str], Pad], *, value: str = "", optional: bool = False) -> None:
        def take(text: str | None) -> None:
            self._worked()
            if text is not None:
                self._press(lambda pad: then(pad, text))

        if self.pad is not None:
            self.app.push_screen(AskLine(title, value=value, optional=optional), take)

    def digit(self, key: str) -> None:
        """Give the item the points of a key, and go to the next."""
        if self.pad is None:
            return
        points, item = points_of_key(key), self.pad.item
        if item.scale.pass_fail and points not in (0, 10):
            self.shell.tell(_("{item}: 0 is met, x is not met.").format(item=item.text), severity="warning")
            return
        ruled = self.pad.prefilled.get(item.id)
        if ruled is not None and item.source is Source.RULE and ruled.points != points:
            self._ask(_("The rule says otherwise. Why do you?"), lambda pad, text: pad.points(points, text))
            return
        self._press(lambda pad: pad.points(points))

    def action_score_zero(self) -> None:
        self.digit("x")

    def action_score_na(self) -> None:
        pad = self.pad
        if pad is not None and not pad.item.na_allowed and pad.item.id not in pad.prefilled:
            self.shell.tell(_("{item} applies to every record.").format(item=pad.item.text), severity="warning")
            return
        self._ask(_("Why does it not apply?"), lambda pad, text: pad.not_applicable(text))

    def action_score_minor(self) -> None:
        self._finding(Severity.MINOR)

    def action_score_major(self) -> None:
        self._finding(Severity.MAJOR)

    def _finding(self, severity: Severity) -> None:
        self._ask(
            _("What was found? Enter alone keeps the item's name."), lambda pad, text: pad.find(severity, text),
            optional=True,
        )  # fmt: skip

    def action_score_critical(self) -> None:
        def chosen(kind: CriticalClass | None) -> None:
            if kind is not None:
                self._ask(_("What was found?"), lambda pad, text: pad.find(Severity.CRITICAL, text, kind))

        choices = [Choice(kind, _(name)) for kind, name in CLASSES.items()]
        self.app.push_screen(Choose(_("Critical for whom?"), choices), chosen)

    def action_score_evidence(self) -> None:
        if self.pad and self.sheet and self.sheet.snapshot.lines:
            lines = [line.id for line in self.sheet.snapshot.lines]
            at = self._line
            self._press(lambda pad: pad.prove(lines[at]))
            self._line = self.pad.after(lines, at)
            self._show()

    def action_score_template(self) -> None:
        if self.pad is None:
            return

        def chosen(text: str | None) -> None:
            if text is not None:
                self._press(lambda pad: pad.say(" ".join(filter(None, (pad.comment, text)))))

        texts = [*(str(cause) for cause in self.pad.item.root_causes), *(_(text) for text in TEMPLATES)]
        self.app.push_screen(Choose(_("Add to the comment"), [Choice(text, text) for text in texts]), chosen)

    def action_score_comment(self) -> None:
        value = self.pad.comment if self.pad else ""
        self._ask(_("Comment on the record"), lambda pad, text: pad.say(text), value=value, optional=True)

    def action_score_undo(self) -> None:
        self._press(lambda pad: pad.undo())

    def action_score_next_item(self) -> None:
        self._press(lambda pad: pad.move(1))

    def action_score_item_before(self) -> None:
        self._press(lambda pad: pad.move(-1))

    def action_score_line_down(self) -> None:
        self._go(1)

    def action_score_line_up(self) -> None:
        self._go(-1)

    def _go(self, step: int) -> None:
        if self.sheet and self.sheet.snapshot.lines:
            self._line = max(0, min(self._line + step, len(self.sheet.snapshot.lines) - 1))
            self._show()

    def action_score_page_down(self) -> None:
        self.query_one("#record", VerticalScroll).scroll_page_down(animate=False)

    def action_score_page_up(self) -> None:
        self.query_one("#record", VerticalScroll).scroll_page_up(animate=False)

    def action_score_search(self) -> None:
        def find(text: str | None) -> None:
            if not text or self.sheet is None:
                return
            lines = [sentence(line, self.shell.zone).casefold() for line in self.sheet.snapshot.lines]
            order = [(self._line + step) % len(lines) for step in range(1, len(lines) + 1)]
            found = next((i for i in order if text.casefold() in lines[i]), None)
            if found is None:
                self.shell.tell(_("{text} is not in this record.").format(text=text))
                return
            self._line, self._found = found, text
            self._show()

        self.app.push_screen(AskLine(_("Find in the record")), find)

    def action_pane_toggle(self) -> None:
        self.toggle_class("-pane")

    def action_score_submit(self) -> None:
        if self.pad is None or self.sheet is None or self._sent:
            return
        for item in (*self.pad.missing, *self.pad.unproven):
            told = _("{item} has no answer yet.") if item in self.pad.missing else (
                _("{item} needs {wanted} kinds of evidence and has {found}."))  # fmt: skip
            self.shell.tell(
                told.format(item=item.text, wanted=item.evidence_kinds, found=self.pad.proof(item)), severity="warning"
            )
            self._to(item)
            return
        self._sent = True
        # What is pressed from now on is about the next record.
        self.hold_keys(_SENDING)
        answers = tuple(
            GivenAnswer(item=name, points=mark.points, na_reason=mark.na_reason, override_reason=mark.override,
                        lines=mark.lines)
            for name, mark in self.pad.marks.items() if mark.given
        )  # fmt: skip
        findings = tuple(
            GivenFinding(severity=f.severity, item=f.item, critical_class=f.critical_class, text=f.text,
                         root_cause=f.root_cause)
            for f in self.pad.findings
        )  # fmt: skip
        self.shell.dispatch(
            SubmitEvaluation(
                task_id=self.sheet.task.id, answers=answers, findings=findings, comment=self.pad.comment,
                active_seconds=int(self._active.total_seconds()),
            )
        )  # fmt: skip

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, SubmitEvaluation):
            self.shell.drop_draft("score", str(command.task_id))
            self.fetch("sheet", GetSheet(), self._take, keys_wait=True)
            self.let_keys_in(_SENDING)

    def refused(self, command: Command, error: DeskError) -> bool:
        if not isinstance(command, SubmitEvaluation):
            return False
        self._sent = False
        self.let_keys_in(_SENDING)
        if isinstance(error, Invalid) and self.pad is not None:
            for item in self.pad.items:
                if item.id == error.field:
                    self._to(item)
        return False

    def _to(self, item: Item) -> None:
        self._press(lambda pad: pad.move(pad.items.index(item) - pad.cursor))


__all__ = ["ScoreScreen"]
