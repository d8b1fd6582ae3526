"""A guided call on screen: outline, question and live card; digits answer, a red rule fills it with its script."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from deskapp.clock import Clock
from deskapp.domain.errors import DeskError
from deskapp.domain.flow import Kind, Mark, Text
from deskapp.domain.flow.session import NUMBERS, GuidedSession
from deskapp.domain.i18n import _, language
from deskapp.domain.terms import Grade
from deskapp.domain.visits import SlotLine
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import Choose
from deskapp.widgets.guide_jump import JumpWords, places
from deskapp.widgets.guide_lines import AnswerLine, Questions
from deskapp.widgets.guide_words import card, grade_part, outline, question_head, question_rest, script_page
from deskapp.widgets.text import Broken, Live

# Read out where the flow itself has no emergency: the agent's own word is enough to stop.
ANY_RED = (
    Text("请先确认人身安全:有人受伤或危险还在继续吗?", "First of all: is anybody hurt, or still in danger?"),
    Text("如有危险,请马上带家人离开,到安全的地方再打急救或消防电话。",
         "If there is danger, leave with everybody now and call the ambulance or fire service from a safe place."),
    Text("请不要再操作这台机器。我们的负责人正在接入。", "Please leave the machine alone now; my lead is joining us."),
)  # fmt: skip
NUMBER_KEYS = frozenset("123456789")


class Guide(Vertical):
    """Shows a `GuidedSession` and turns keys into answers. Say `begin`, listen for the messages."""

    DEFAULT_CSS = """
    Guide { height: 1fr; }
    Guide #panes { height: 1fr; }
    Guide #outline { width: 36; border-right: solid $panel; padding: 0 1 0 0; scrollbar-size-vertical: 1; }
    Guide #middle { width: 1fr; }
    Guide Questions { height: 1fr; padding: 0 2; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    Guide #card {
        width: 36; border-left: solid $panel; padding: 0 0 0 1; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    Guide Live { width: 1fr; }
    Guide #guide-head { height: 1; background: $surface; }
    Guide Input, Guide Input:focus { border: none; height: 1; padding: 0 1; background: $surface; display: none; }
    Guide Input:focus { background: $panel; }
    Guide Input.-on { display: block; }
    Guide #noted { height: 1; color: $quiet; padding: 0 2; }
    Guide.-script Questions { background: $error 15%; }
    Guide.-script #outline { display: none; }
    """

    class Changed(Message):
        """Something was answered, noted or read: keep it."""

    class Alarm(Message):
        """The call has become an emergency: the desk must hear at once."""

    class Finished(Message):
        """Enter where nothing is left to ask."""

    class Left(Message):
        """Back from the first question."""

    def __init__(
        self, clock: Callable[[], Clock], local: Callable[[datetime], datetime], *, id: str | None = None,  # noqa: A002
        wishes: Callable[[], Sequence[str]] = tuple,
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self._clock, self._local, self._wishes = clock, local, wishes
        self.session: GuidedSession | None = None
        # Offered for a visit, the digit nearest at hand first.
        self.slots: tuple[SlotLine, ...] = ()
        self.sample = False
        # Off while somebody writes beside it: a new question then does not call the cursor away.
        self.takes_focus = True
        self._problem, self._why, self._alarmed = "", False, False
        self._jump: JumpWords = {}

    def compose(self) -> ComposeResult:
        yield Live(self._head, id="guide-head")
        with Horizontal(id="panes"):
            with VerticalScroll(id="outline", can_focus=False):
                yield Live(self._outline, id="outline-text")
            with Vertical(id="middle"):
                with Questions():
                    yield Broken(self._page, id="page")
                    yield AnswerLine(id="typed", max_length=2000)
                    yield Broken(self._rest, id="rest")
                yield Live(self._noted, id="noted")
                yield Input(id="note-line", max_length=1000)
            with VerticalScroll(id="card", can_focus=False):
                yield Broken(self._card, id="card-text")

    @property
    def problem(self) -> str:
        """What is wrong with the answer on screen, as shown."""
        return self._problem

    def begin(self, session: GuidedSession, *, sample: bool, jump: JumpWords) -> None:
        """Show a call; it may be one that was resumed. `jump`: what else questions and answers are found by."""
        self.session, self.sample, self._jump = session, sample, jump
        self._problem, self._why, self._alarmed = "", False, session.alarm
        self.turn()

    def offer_slots(self, slots: Sequence[SlotLine]) -> None:
        """Take the windows for a visit: those that suit the customer come first."""
        self.slots = tuple(sorted(slots, key=lambda slot: bool(slot.against)))[:9]
        self.refresh_all()

    # What is shown

    def _head(self) -> Content:
        session = self.session
        if session is None:
            return Content("")
        spent = int((self._clock().now() - session.started_at).total_seconds())
        asked = sum(1 for item in session.evaluation.questions if item.id in session.draft.answers)
        left = session.left()
        told = _("{done} of about {all}").format(done=asked, all=asked + left) if left else _("all asked")
        grade = Grade.RED if session.red else session.evaluation.grade
        parts: list[str | tuple[str, str]] = [
            ("  " + _("so far") + " ", "$quiet"), grade_part(grade),
            f"   {told}   {spent // 60:02d}:{spent % 60:02d}",
        ]  # fmt: skip
        rest = Content.assemble(*parts)
        name, width = session.compiled.flow.title.get(language()), self.query_one("#guide-head").size.width
        # Where it is narrow the name gives way: it is known what the call is about.
        room = min(cell_len(name), max(8, width - rest.cell_length - 1)) if width else cell_len(name)
        return Content.assemble((" " + fit(name, room), "bold"), rest)

    def _outline(self) -> Content:
        width = self.query_one("#outline").size.width or 30
        return outline(self.session, width) if self.session else Content("")

    def _page(self, width: int) -> Content:
        session = self.session
        if session is None:
            return Content("")
        return script_page(session, width) if session.script else question_head(session, width)

    def _rest(self, width: int) -> Content:
        session = self.session
        if session is None or session.script:
            return Content("")
        return question_rest(session, self.slots, self._problem, self._why, width)

    def _card(self, width: int) -> Content:
        return card(self.session, self._wishes(), self.sample, width) if self.session else Content("")

    def _noted(self) -> Content:
        notes = self.session.notes if self.session else ()
        if not notes:
            return Content(_("F2: a note, with the time")).stylize("$quiet")
        last, room = notes[-1], self.query_one("#noted").content_size.width - 6
        return Content.assemble((f"{self._local(last.at):%H:%M} ", "$quiet"), fit(last.text, max(1, room)))

    def tick(self) -> None:
        """A second has passed."""
        self.query_one("#guide-head").refresh()

    def refresh_all(self) -> None:
        """Say everything again."""
        for said in self.query("Live, Broken"):
            said.refresh(layout=True)

    def turn(self) -> None:
        """The question on screen is another one: lay out its line, put the focus where its answer goes."""
        session = self.session
        if session is None:
            return
        question = session.question if not session.script else None
        self.set_class(bool(session.script), "-script")
        line = self.query_one("#typed", AnswerLine)
        line.ask(question, session.answer)
        self.query_one("#note-line").remove_class("-on")
        if self.takes_focus:
            (line if line.has_class("-on") else self.query_one(Questions)).focus()
        self.query_one(Questions).scroll_home(animate=False)
        self.refresh_all()
        self.call_after_refresh(self._follow)

    def _follow(self) -> None:
        """Keep the question on screen in sight of the outline."""
        if self.session is None:
            return
        shown = [item.id for item in self.session.shown()]
        pane = self.query_one("#outline", VerticalScroll)
        if self.session.here in shown:
            place = shown.index(self.session.here)
            pane.scroll_to(y=max(0, place - pane.size.height // 2), animate=False)

    # Keys

    def on_key(self, event: events.Key) -> None:
        session = self.session
        if session is None or not self.display:
            return
        note = self.query_one("#note-line", Input)
        if note.has_focus:
            if event.key == "escape":
                event.stop()
                self.turn()
            return
        if self.query_one("#typed").has_focus:
            return
        if event.key in NUMBER_KEYS and not session.script:
            event.stop()
            self.choose(int(event.key))
        elif event.key == "enter":
            event.stop()
            self.accept()
        elif event.key in ("up", "down"):
            event.stop()
            pane = self.query_one(Questions)
            (pane.scroll_up if event.key == "up" else pane.scroll_down)(animate=False)

    @on(AnswerLine.Refused)
    def _would_not_say(self) -> None:
        self.mark(Mark.REFUSED)

    @on(Input.Submitted, "#typed")
    def _typed_sent(self, event: Input.Submitted) -> None:
        event.stop()
        session = self.session
        question = session.question if session else None
        if session is None or question is None:
            return
        text = event.value.strip()
        if not text:
            self._do(
                lambda: session.accept(self._now()) if session.answer is None else session.move_on(behind=question.id)
            )
        elif text == "0" and question.type not in NUMBERS and question.unknown:
            self.mark(Mark.UNKNOWN)
        else:
            self._do(lambda: session.give(text, self._now()))

    @on(Input.Submitted, "#note-line")
    def _note_sent(self, event: Input.Submitted) -> None:
        event.stop()
        if self.session:
            self.session.note(event.value, self._now())
            event.input.value = ""
            self.post_message(self.Changed())
            self.turn()

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    def half_typed(self) -> dict[str, str]:
        """What stands in the lines and is not an answer or a note yet: as safe from a crash as what is."""
        typed, note = self.query_one("#typed", AnswerLine), self.query_one("#note-line", Input)
        found = {"typing": typed.value if typed.has_class("-on") else "", "noting": note.value}
        return {name: text for name, text in found.items() if text}

    def type_on(self, half: Mapping[str, str]) -> None:
        """Go on with what `half_typed` told."""
        if text := half.get("typing", ""):
            self.query_one("#typed", AnswerLine).value = text
        if text := half.get("noting", ""):
            self.note()
            self.query_one("#note-line", Input).value = text

    def choose(self, number: int) -> None:
        """The digit of a choice or of a window on offer."""
        session = self.session
        if session is None or session.script:
            return
        question = session.question
        if question is not None and question.type is Kind.TIME_SLOT:
            if number <= len(self.slots):
                self._do(lambda: session.give(self.slots[number - 1].answer, self._now()))
            return
        self._do(lambda: session.choose(number, self._now()) or None)

    def accept(self) -> None:
        """Enter: a script's line is read out, an answer is taken, an optional question passed over."""
        session = self.session
        if session is None:
            return
        if session.script:
            session.keys += 1
            session.read(self._now(), language())
            self.post_message(self.Changed())
            self.turn()
        elif session.here is None:
            session.keys += 1
            self.post_message(self.Finished())
        else:
            self._do(lambda: session.accept(self._now()))

    def mark(self, mark: Mark) -> None:
        """The customer does not know, or would not say."""
        session = self.session
        if session is not None and session.here and not session.script:
            self._do(lambda: session.give(mark, self._now()))

    def back(self) -> None:
        """To the question before; never blocked."""
        if self.session is None:
            return
        self._problem, self._why = "", False
        self.session.keys += 1
        if not self.session.back():
            self.post_message(self.Left())
            return
        self.post_message(self.Changed())
        self.turn()

    def go(self, question: str, choice: str = "") -> None:
        """Jump to a question; with a choice, answer it: the caller said it out of turn."""
        session = self.session
        if session is None:
            return
        if choice:
            several = session.compiled.question(question).type is Kind.SELECT_MULTIPLE
            self._do(lambda: session.give([choice] if several else choice, self._now(), question=question))
        else:
            session.keys += 1
            session.go(question)
            self._problem, self._why = "", False
            self.turn()

    def choose_place(self) -> None:
        """Ask where to jump: a question or an answer, by a part of it."""
        if self.session is not None:
            jumps = places(self.session, self._jump)
            self.app.push_screen(
                Choose(_("Jump to which question or answer?"), jumps, fuzzy=True),
                lambda place: self.go(*place) if place else None,
            )

    def why(self) -> None:
        """Show or hide why the question is asked."""
        self._why = not self._why
        self.query_one("#rest").refresh(layout=True)

    def note(self) -> None:
        """Put the cursor into the note line."""
        line = self.query_one("#note-line", Input)
        line.add_class("-on")
        line.placeholder = _("What does the caller say? Enter keeps it with the time.")
        line.focus()

    def red(self) -> None:
        """An emergency by the agent's word: the gravest script of the flow, or one that fits any."""
        session = self.session
        if session is None:
            return
        session.keys += 1
        session.red = True
        scripts = (outcome.safety_script for outcome in session.compiled.flow.outcomes if outcome.emergency)
        session.begin_script(next((script for script in scripts if script), ANY_RED))
        self._after()
        self.turn()

    def complain(self, question: str, problem: str) -> None:
        """Show a question and what is wrong with it."""
        if self.session:
            self.session.go(question)
            self._problem = problem
            self.turn()

    def _do(self, act: Callable[[], object]) -> None:
        assert self.session is not None
        self.session.keys += 1
        self._problem, self._why = "", False
        try:
            act()
        except DeskError as error:
            self._problem = f"{error} {error.hint}".strip()
            self.query_one("#rest").refresh(layout=True)
            return
        self._after()
        self.turn()

    def _after(self) -> None:
        self.post_message(self.Changed())
        if self.session and self.session.alarm and not self._alarmed:
            self._alarmed = True
            self.app.bell()
            self.post_message(self.Alarm())

    def _now(self) -> datetime:
        return self._clock().now()


__all__ = ["ANY_RED", "Guide"]
