"""A guided call on screen: outline, question and live card; digits answer, a red rule fills it with its script."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from deskapp.clock import Clock
from deskapp.domain.errors import DeskError
from deskapp.domain.flow import Kind, Mark, Question, Text, show_value
from deskapp.domain.flow.session import NUMBERS, TYPED, GuidedSession
from deskapp.domain.i18n import _, language
from deskapp.domain.terms import Grade
from deskapp.domain.text import guard
from deskapp.domain.visits import SlotLine
from deskapp.widgets.guide_words import card, grade_part, outline, question_page, script_page
from deskapp.widgets.text import Live

# Read out where the flow itself has no emergency: the agent's own word is enough to stop.
ANY_RED = (
    Text("请先确认人身安全:有人受伤或危险还在继续吗?", "First of all: is anybody hurt, or still in danger?"),
    Text("如有危险,请马上带家人离开,到安全的地方再打急救或消防电话。",
         "If there is danger, leave with everybody now and call the ambulance or fire service from a safe place."),
    Text("请不要再操作这台机器。我们的负责人正在接入。", "Please leave the machine alone now; my lead is joining us."),
)  # fmt: skip
NUMBER_KEYS = frozenset("123456789")


class Questions(VerticalScroll):
    """The pane that has the focus while answers are chosen by digits."""

    can_focus = True


class AnswerLine(Input):
    """The line of a typed answer; a lone minus says that the customer would not tell."""

    minus_refuses = False

    class Refused(Message):
        """Minus on an empty line."""

    def on_key(self, event: events.Key) -> None:
        if event.key == "minus" and self.minus_refuses and not self.value:
            event.stop()
            event.prevent_default()
            self.post_message(self.Refused())


class Guide(Vertical):
    """Shows a `GuidedSession` and turns keys into answers. Say `begin`, listen for the messages."""

    DEFAULT_CSS = """
    Guide { height: 1fr; }
    Guide #panes { height: 1fr; }
    Guide #outline { width: 36; border-right: solid $panel; padding: 0 1 0 0; scrollbar-size-vertical: 1; }
    Guide #middle { width: 1fr; }
    Guide Questions { height: 1fr; padding: 0 2; scrollbar-size-vertical: 1; }
    Guide #card { width: 36; border-left: solid $panel; padding: 0 1; scrollbar-size-vertical: 1; }
    Guide Live { width: 1fr; }
    Guide #guide-head { height: 1; background: $surface; }
    Guide Input, Guide Input:focus { border: none; height: 1; padding: 0 2; background: $surface; display: none; }
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
        wishes: Callable[[], Sequence[str]] = tuple, slots: Callable[[], Sequence[SlotLine]] = tuple,
    ) -> None:  # fmt: skip
        super().__init__(id=id)
        self._clock, self._local, self._wishes, self._slots = clock, local, wishes, slots
        self.session: GuidedSession | None = None
        self.sample = False
        # Off while somebody writes beside it: a new question then does not call the cursor away.
        self.takes_focus = True
        self._problem, self._why, self._alarmed = "", False, False
        self._jump: Mapping[tuple[str, str], tuple[str, ...]] = {}

    def compose(self) -> ComposeResult:
        yield Live(self._head, id="guide-head")
        with Horizontal(id="panes"):
            with VerticalScroll(id="outline", can_focus=False):
                yield Live(self._outline, id="outline-text")
            with Vertical(id="middle"):
                with Questions():
                    yield Live(self._page, id="page")
                yield AnswerLine(id="typed", max_length=2000)
                yield Live(self._noted, id="noted")
                yield Input(id="note-line", max_length=1000)
            with VerticalScroll(id="card", can_focus=False):
                yield Live(self._card, id="card-text")

    @property
    def problem(self) -> str:
        """What is wrong with the answer on screen, as shown."""
        return self._problem

    def begin(self, session: GuidedSession, *, sample: bool, jump: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        """Show a call; it may be one that was resumed."""
        self.session, self.sample, self._jump = session, sample, jump
        self._problem, self._why, self._alarmed = "", False, session.alarm
        self.turn()

    # What is shown

    def _head(self) -> Content:
        session = self.session
        if session is None:
            return Content("")
        spent = int((self._clock().now() - session.started_at).total_seconds())
        asked = sum(1 for item in session.evaluation.questions if item.id in session.draft.answers)
        left = session.left()
        told = _("{done} of about {all}").format(done=asked, all=asked + left) if left else _("all asked")
        name = guard(session.compiled.flow.title.get(language()))
        grade = session.evaluation.grade
        return Content.assemble(
            (f" {name}  ", "bold"), (_("so far") + " ", "$quiet"), grade_part(Grade.RED if session.red else grade),
            f"   {told}   {spent // 60:02d}:{spent % 60:02d}",
        )  # fmt: skip

    def _outline(self) -> Content:
        width = self.query_one("#outline").size.width or 30
        return outline(self.session, width) if self.session else Content("")

    def _page(self) -> Content:
        if self.session is None:
            return Content("")
        if self.session.script:
            return script_page(self.session)
        return question_page(self.session, self._slots(), self._problem, self._why, {})

    def _card(self) -> Content:
        return card(self.session, self._wishes(), self.sample) if self.session else Content("")

    def _noted(self) -> Content:
        notes = self.session.notes if self.session else ()
        if not notes:
            return Content(_("F2: a note, with the time")).stylize("$quiet")
        last = notes[-1]
        return Content.assemble((f"{self._local(last.at):%H:%M} ", "$quiet"), guard(last.text))

    def tick(self) -> None:
        """A second has passed."""
        self.query_one("#guide-head").refresh()

    def refresh_all(self) -> None:
        """Say everything again."""
        for live in self.query(Live):
            live.refresh(layout=True)

    def turn(self) -> None:
        """The question on screen is another one: lay out its line, put the focus where its answer goes."""
        session = self.session
        if session is None:
            return
        question = session.question if not session.script else None
        self.set_class(bool(session.script), "-script")
        line = self.query_one("#typed", AnswerLine)
        line.minus_refuses = (
            question is not None
            and question.unknown
            and not (question.type in NUMBERS and question.min is not None and question.min < 0)
        )
        typed = question is not None and question.type in TYPED
        line.set_class(typed, "-on")
        self.query_one("#note-line").remove_class("-on")
        if question is not None and typed:
            value = session.answer
            shown = "" if value is None or isinstance(value, Mark) else str(value)
            with line.prevent(Input.Changed):
                line.value = shown
            line.placeholder = _placeholder(question)
        if self.takes_focus:
            (line if typed else self.query_one(Questions)).focus()
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
            slots = self._slots()
            if number <= len(slots):
                self._do(lambda: session.give(slots[number - 1].answer, self._now()))
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

    def why(self) -> None:
        """Show or hide why the question is asked."""
        self._why = not self._why
        self.query_one("#page").refresh(layout=True)

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
            self.query_one("#page").refresh(layout=True)
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

    def jumps(self) -> list[tuple[str, str, str, str, tuple[str, ...]]]:
        """Everywhere one can jump: question, choice, label, what stands there now, texts it is found by."""
        session = self.session
        if session is None:
            return []
        found = []
        for item in session.shown():
            question = session.compiled.question(item.id)
            value = session.draft.answers.get(item.id)
            label = question.label.get(language())
            said = show_value(question, value, language()) if value is not None else ""
            words = (question.label.zh, question.label.en, *question.synonyms.zh, *question.synonyms.en)
            found.append((item.id, "", label, said, (*words, *self._jump.get((item.id, ""), ()))))
            for choice in question.choices:
                texts = (choice.label.zh, choice.label.en, *choice.synonyms.zh, *choice.synonyms.en)
                pinyin = self._jump.get((item.id, choice.id), ())
                found.append((item.id, choice.id, "  = " + choice.label.get(language()), label, (*texts, *pinyin)))
        return found


def _placeholder(question: Question) -> str:
    unit = question.unit.get(language()) if question.unit else ""
    return {
        Kind.DATE: _("2023-06-01"), Kind.PHONE: _("number"), Kind.SERIAL: _("as on the plate"),
    }.get(question.type, unit)  # fmt: skip


__all__ = ["ANY_RED", "Guide", "Questions"]
