"""Where the answer to a flow's question is given: the pane that digits go to, the line of a typed answer."""

from textual import events
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input

from deskapp.domain.flow import Kind, Mark, Question, Value
from deskapp.domain.flow.session import NUMBERS, TYPED
from deskapp.domain.i18n import _, language


class Questions(VerticalScroll):
    """The pane that has the focus while answers are chosen by digits."""

    can_focus = True


class AnswerLine(Input):
    """The line of a typed answer; a lone minus says that the customer would not tell."""

    _minus_refuses = False

    class Refused(Message):
        """Minus on an empty line."""

    def ask(self, question: Question | None, value: Value | None) -> None:
        """Stand ready for the answer of a question, with what was answered; hidden where nothing is typed."""
        self._minus_refuses = (
            question is not None
            and question.unknown
            and not (question.type in NUMBERS and question.min is not None and question.min < 0)
        )
        typed = question is not None and question.type in TYPED
        self.set_class(typed, "-on")
        if question is not None and typed:
            with self.prevent(Input.Changed):
                self.value = "" if value is None or isinstance(value, Mark) else str(value)
            self.placeholder = _placeholder(question)

    def on_key(self, event: events.Key) -> None:
        if event.key == "minus" and self._minus_refuses and not self.value:
            event.stop()
            event.prevent_default()
            self.post_message(self.Refused())


def _placeholder(question: Question) -> str:
    unit = question.unit.get(language()) if question.unit else ""
    return {
        Kind.DATE: _("2023-06-01"), Kind.PHONE: _("number"), Kind.SERIAL: _("as on the plate"),
    }.get(question.type, unit)  # fmt: skip


__all__ = ["AnswerLine", "Questions"]
