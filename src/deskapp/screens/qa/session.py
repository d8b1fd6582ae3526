"""A calibration or an exam: score the record unseen by the others, then all votes beside each other and a consensus."""

from collections.abc import Sequence
from fractions import Fraction
from statistics import median_low
from typing import Any

from deskapp.domain.errors import DeskError, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_views import ExamLine, SessionView
from deskapp.domain.qa_words import QA_LABELS, SessionKind
from deskapp.domain.score_pad import points_of_key
from deskapp.domain.scorecard import Item
from deskapp.screens.qa.page import Page, Piece, takes_digits
from deskapp.screens.qa.record import record_text
from deskapp.screens.qa.told import line
from deskapp.screens.qa.words import points_word, result_word
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.sessions import (
    CastVote,
    CloseSession,
    GetExamResults,
    ListSessions,
    OpenSession,
    SettleSession,
)
from deskapp.widgets.cells import fit
from deskapp.widgets.form import Form, Line, Values
from deskapp.widgets.lines import Bit

Points = dict[str, Fraction | None]


@takes_digits
class SessionScreen(Page, scope="qa_session"):
    """The items left; the record right while one scores, everybody's points once it is closed."""

    def __init__(self, about: SessionView) -> None:
        super().__init__()
        self.about = about
        self.given: Points = {}
        self.notes: dict[str, str] = {}
        self.exam: Sequence[ExamLine] = ()
        self._steps: list[str] = []
        self._record = False

    @staticmethod
    def opening(values: Values) -> OpenSession:
        """The command that a filled form stands for."""
        return OpenSession(title=values["title"], number=int(values["number"].upper().removeprefix("T-")))

    def ready(self) -> None:
        self._begin()
        self.fetch("sessions", ListSessions(), self._take)

    def changed_beside(self) -> None:
        self.fetch("sessions", ListSessions(), self._take)

    def _take(self, found: Sequence[SessionView]) -> None:
        before = self.about
        self.about = next((view for view in found if view.id == before.id), before)
        if (before.closed_at, before.mine) != (self.about.closed_at, self.about.mine):
            self._begin()
        if self.about.kind is SessionKind.EXAM and self.about.closed_at:
            self.fetch("exam", GetExamResults(title=self.about.title), self._graded)
        self.tell_again()

    def _graded(self, found: Sequence[ExamLine]) -> None:
        self.exam = found
        self.tell_again()

    def _begin(self) -> None:
        self._steps = []
        if self.is_voting:
            kept = self.shell.recall_draft("session", str(self.about.id)) or {}
            self.given = {k: None if v == "-" else Fraction(v) for k, v in kept.items()}
        elif self.is_settling:
            self.given = {item.id: self._middle(item) for item in self.about.card.record_items}
        else:
            self.given = {}
        self.put(self.about.card.record_items)

    def _middle(self, item: Item) -> Fraction | None:
        """The consensus begins at the middle of the votes."""
        found = [points[item.id] for _name, points in self.about.votes if points.get(item.id) is not None]
        return median_low(found) if found else None  # type: ignore[type-var]

    @property
    def is_voting(self) -> bool:
        """Whether the reader is to score the record."""
        return self.about.closed_at is None and self.about.mine is None and self.may_do("qa.session.vote")

    @property
    def is_settling(self) -> bool:
        """Whether the consensus is to be settled by the reader."""
        about = self.about
        return bool(about.closed_at and about.kind is SessionKind.CALIBRATION and not about.key
                    and self.may_do("qa.calibrate"))  # fmt: skip

    # What is shown

    def head(self) -> str:
        about = self.about
        state = (
            _("score it; nobody sees your points before it is closed") if self.is_voting
            else _("scored by you; the others are not seen yet") if about.closed_at is None
            else _("settle the consensus") if self.is_settling else _("closed")
        )  # fmt: skip
        count = "   " + _("{count} have scored it").format(count=about.voted) if about.voted is not None else ""
        return f"{about.label}  {_(QA_LABELS[about.kind])}  {about.title}   {state}{count}"

    def bits(self, row: Item) -> Sequence[Bit]:
        about = self.about
        if self.is_voting or self.is_settling:
            value = points_word(self.given[row.id]) if row.id in self.given else ""
        elif about.key:
            value = points_word(about.key.get(row.id))
        else:
            value = points_word(about.mine[row.id]) if about.mine and row.id in about.mine else ""
        gap = self._gap(row)
        mark = f"! {points_word(gap)}" if gap >= 2 else ""
        return (Bit(value, 4, "$text-success bold", 0, True), Bit(str(row.text)), Bit(mark, 5, "$text-error bold"),
                Bit(";" if row.id in self.notes else "", 1, "$accent"))  # fmt: skip

    def _gap(self, row: Item) -> Fraction:
        found = [points[row.id] for _name, points in self.about.votes if points.get(row.id) is not None]
        return max(found) - min(found) if found else Fraction(0)  # type: ignore[type-var,operator]

    def detail(self, row: Item, width: int) -> Sequence[Piece]:
        standard: list[Piece] = [line(str(row.text), width, "bold"), line(str(row.standard), width, "$quiet"), "\n"]
        if self.about.closed_at is None or self._record:
            return [*standard, *record_text(self.about.snapshot, width, self.shell.zone).pieces]
        parts = standard + self._votes(width)
        parts += self._results(width)
        if row.id in self.notes:
            parts.append(line("\n; " + self.notes[row.id], width, "$accent"))
        if self.about.note:
            parts.append(line("\n" + self.about.note, width))
        if self.is_settling:
            hint = _("Digits change the consensus, ; notes what was agreed for the item, ctrl+s settles it.")
            parts.append(line("\n" + hint, width, "$quiet"))
        return parts

    def _votes(self, width: int) -> list[Piece]:
        """Everybody's points by item; what differs by two and more stands out."""
        votes = list(self.about.votes)
        if not votes and self.about.mine:
            votes = [(_("you"), self.about.mine)]
        room = min(10, max(5, (width - 18) // (len(votes) + 1) - 1))
        first = max(8, width - (room + 1) * (len(votes) + 1))
        last = _("key") if self.about.kind is SessionKind.EXAM else _("agreed")
        parts: list[Piece] = [
            (
                fit("", first)
                + "".join(" " + fit(name, room, "right") for name in (*(n for n, _p in votes), last))
                + "\n",
                "bold",
            )
        ]
        for item in self.about.card.record_items:
            style = "$text-error bold" if self._gap(item) >= 2 else ""
            agreed = self.given.get(item.id) if self.is_settling else self.about.key.get(item.id)
            cells = "".join(" " + fit(points_word(points.get(item.id)), room, "right") for _name, points in votes)
            parts += [
                fit(str(item.text), first),
                (cells, style),
                (" " + fit(points_word(agreed), room, "right") + "\n", "bold"),
            ]
        return parts

    def _results(self, width: int) -> list[Piece]:
        """How each person did in the whole exam, over all its cases."""
        if not self.exam:
            return []
        of = max(found.of for found in self.exam)
        parts: list[Piece] = [line("\n" + _("the exam, over its {count} closed cases").format(count=of), width, "bold")]
        for found in self.exam:
            told = _("{person}: {cases} of {of} scored, mean distance {distance}, largest {worst}").format(
                person=found.person, cases=found.cases, of=found.of, distance=points_word(found.distance),
                worst=points_word(found.worst),
            )  # fmt: skip
            style = "$text-success" if found.passed else "$text-error"
            parts += [(result_word(found.passed) + "  ", style), line(told, width)]
        return parts

    # Keys

    def digit(self, key: str) -> None:
        """Give the item under the cursor the points of a key."""
        self.give(points_of_key(key))

    def give(self, value: Fraction | None) -> None:
        """Give the item under the cursor points (None: not applicable) and go to the next without any."""
        row: Item | None = self.row
        if row is None or not (self.is_voting or self.is_settling):
            self.shell.tell(_("There is nothing to score here."))
            return
        try:
            if value is not None:
                row.scale.check(value, row.id)
        except DeskError as error:
            self.shell.tell(str(error), severity="warning", hint=error.hint)
            return
        self.given[row.id] = value
        self._steps.append(row.id)
        self._keep()
        items = list(self.about.card.record_items)
        at = items.index(row)
        ahead = [(at + n) % len(items) for n in range(1, len(items) + 1)]
        free = at + 1 if self.is_settling else next((n for n in ahead if items[n].id not in self.given), at)
        self.put(items, at=min(free, len(items) - 1))

    def _keep(self) -> None:
        if self.is_voting:
            kept = {k: "-" if v is None else str(v) for k, v in self.given.items()}
            self.shell.keep_draft("session", str(self.about.id), kept)

    def action_score_zero(self) -> None:
        self.give(Fraction(0))

    def action_session_na(self) -> None:
        self.give(None)

    def action_score_undo(self) -> None:
        if self._steps and self.is_voting:
            last = self._steps.pop()
            self.given.pop(last, None)
            self._keep()
            items = list(self.about.card.record_items)
            self.put(items, at=[item.id for item in items].index(last))

    def action_session_note(self) -> None:
        row: Item | None = self.row
        if row is None or not self.is_settling:
            self.shell.tell(_("Notes to items are written when the consensus is settled."))
            return

        def take(text: str) -> None:
            self.notes[row.id] = text
            self.put(self.lines.rows)

        self.ask_line(_("What was agreed about: {item}?").format(item=row.text), take,
                      value=self.notes.get(row.id, ""), limit=2000)  # fmt: skip

    def action_session_send(self) -> None:
        about = self.about
        if self.is_voting:
            missing = next((n for n, item in enumerate(about.card.record_items) if item.id not in self.given), None)
            if missing is not None:
                self.shell.tell(_("{item} has no answer yet.").format(item=about.card.record_items[missing].text),
                                severity="warning")  # fmt: skip
                self.put(self.lines.rows, at=missing)
                return
            self.shell.dispatch(CastVote(session_id=about.id, points=tuple(self.given.items())))
        elif self.is_settling:
            self.ask_line(
                _("What was agreed on the whole? (may stay empty)"),
                lambda text: SettleSession(session_id=about.id, consensus=tuple(self.given.items()), note=text,
                                           item_notes=tuple(self.notes.items())), limit=2000, optional=True,
            )  # fmt: skip
        else:
            self.shell.tell(_("There is nothing to score here."))

    def action_session_close(self) -> None:
        if not self.may_do("qa.calibrate"):
            self.shell.tell(_("The QA lead closes sessions."))
        elif self.about.closed_at is not None:
            self.shell.tell(_("The session is closed."))
        elif not self.about.voted:
            self.shell.tell(_("Nobody has scored it yet."))
        else:
            self.shell.dispatch(CloseSession(session_id=self.about.id))

    def action_compare_record(self) -> None:
        self._record = not self._record
        self.tell_again()

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, CastVote):
            self.shell.drop_draft("session", str(self.about.id))
        self.notes = {} if isinstance(command, SettleSession) else self.notes
        self.shell.tell(_("Done: {what}").format(what=receipt.label))
        self.fetch("sessions", ListSessions(), self._take)


def session_form() -> Form:
    """What is asked for a new calibration; exam cases are made where scores are compared."""

    def check(values: Any) -> None:
        number = values["number"].upper().removeprefix("T-")
        if not (number.isascii() and number.isdigit()):
            raise Invalid(N_("Write the ticket's number, such as T-1042."), field="number")

    return Form(
        _("New calibration: everybody scores one record"),
        (Line("title", _("Title"), "", 120, True), Line("number", _("Ticket, such as T-1042"), "", 12, True)),
        note=_("A case of an exam is made where scores are compared, with E."), check=check,
    )  # fmt: skip


__all__ = ["SessionScreen", "session_form"]
