"""Compare and settle: every rater's scores beside each other, what differs marked; decide, or ask a third rater."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

from deskapp.domain.i18n import _
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_views import CaseDraft, Comparison, Evaluated, RaterChoice, RoundLine
from deskapp.domain.qa_words import QA_LABELS, SessionKind, TaskKind
from deskapp.domain.scorecard import Item
from deskapp.domain.scoring import Answer, Finding, prefill, shown
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.record import record_text
from deskapp.screens.qa.words import CLASSES, ROLES, SEVERITIES, known_word, points_word, result_word
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.cases import DraftCase, ProposeCase
from deskapp.services.requests.qa.sessions import OpenSession
from deskapp.services.requests.qa.settling import Adjudicate, AskThird, GetComparison, ListThirds
from deskapp.widgets.cells import fit
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.form import Form, Line, Values
from deskapp.widgets.lines import Bit
from deskapp.widgets.wrap import hanging, wrap

FAR = Fraction(2)  # points of 10 from which a difference on an item is marked strongly


class CompareScreen(Page, scope="qa_compare"):
    """The records of a round, those that are to be settled first; beside, the evaluations of one by item."""

    # Everything at once only: a large round takes seconds to read, and each settlement of a colleague changes it.
    ABOUT = ()

    def __init__(self, about: RoundLine) -> None:
        super().__init__()
        self.about = about
        self._all: Sequence[Comparison] = ()
        self._undecided = self._record = False

    def ready(self) -> None:
        self.fetch("compare", GetComparison(campaign_id=self.about.id), self._take)

    def changed_beside(self) -> None:
        self.ready()

    def _take(self, found: Sequence[Comparison]) -> None:
        # A rater stands in the same column on every record.
        rows = [replace(c, evaluations=tuple(sorted(c.evaluations, key=_column))) for c in found if c.evaluations]
        self._all = sorted(rows, key=lambda c: (c.settled is not None, bool(c.waits_for)))
        self._show()

    def _show(self) -> None:
        self.put([c for c in self._all if c.settled is None] if self._undecided else self._all)

    # What is shown

    def identity(self, row: Comparison) -> UUID:
        return row.sample_id

    def head(self) -> str:
        open_ = sum(c.settled is None for c in self._all)
        told = _("{round}  {title}   {open} of {all} records to settle").format(
            round=self.about.label, title=self.about.title, open=open_, all=len(self._all)
        )
        return told + ("   " + _("only these") if self._undecided else "")

    def empty(self) -> str:
        return _("Nothing is left to settle.") if self._undecided else _("No record of this round is for you to see.")

    def bits(self, row: Comparison) -> Sequence[Bit]:
        if row.settled:
            state, style = _(QA_LABELS[row.settled.way]), "$quiet"
        elif row.waits_for:
            state, style = _("with a third"), "$text-warning"
        else:
            state, style = _("! to settle"), "$text-error bold"
        scores = " / ".join(str(shown(v.score)) for v in row.evaluations)
        return (Bit(row.record, 7), Bit(state, 12, style), Bit(scores, 15), Bit(row.subject, 0, "$quiet", 1))

    def detail(self, row: Comparison, width: int) -> Sequence[Piece]:
        if self._record and row.snapshot:
            return record_text(row.snapshot, width, self.shell.zone).pieces
        return comparison_pieces(row, width)

    # Keys

    def action_compare_undecided(self) -> None:
        self._undecided = not self._undecided
        self._show()

    def action_compare_record(self) -> None:
        self._record = not self._record
        self.tell_again()

    def _open_row(self) -> Comparison | None:
        row: Comparison | None = self.row
        if not self.may_do("qa.adjudicate"):
            self.shell.tell(_("The QA lead settles what raters differ on."))
        elif row is None or row.settled or self.about.stage is not Stage.REVEALED:
            self.shell.tell(_("This record is settled.") if row else self.empty())
        else:
            return row
        return None

    def action_compare_stands(self) -> None:
        row = self._open_row()
        if row is None:
            return
        choices = [
            Choice(v, f"{shown(v.score)}  {v.rater}", _(ROLES.get(v.role, v.role)) if v.role else "")
            for v in row.evaluations
        ]

        def why(vote: Evaluated | None) -> None:
            if vote is not None:
                self.ask_line(
                    _("Why does this one stand?"),
                    lambda text: Adjudicate(sample_id=row.sample_id, evaluation_id=vote.id, reason=text),
                )

        self.app.push_screen(Choose(_("Which evaluation of {record} stands?").format(record=row.record), choices), why)

    def action_compare_third(self) -> None:
        row = self._open_row()
        if row is None:
            return
        if row.waits_for:
            self.shell.tell(_("{name} scores it already.").format(name=row.waits_for))
            return

        def ask(free: Sequence[RaterChoice]) -> None:
            if not free:
                self.shell.tell(_("Nobody is left who neither scored nor worked on it."), severity="warning")
                return
            choices = [Choice(p.id, p.name, _("{count} waiting").format(count=p.load)) for p in free]

            def give(person: UUID | None) -> None:
                if person is not None:
                    self.shell.dispatch(AskThird(sample_id=row.sample_id, rater_id=person))

            title = _("Who scores {record} blind? That evaluation decides.").format(record=row.record)
            self.app.push_screen(Choose(title, choices), give)

        self.fetch("thirds", ListThirds(sample_id=row.sample_id), ask, keys_wait=True)

    def action_case_propose(self) -> None:
        row: Comparison | None = self.row
        if row is None or row.settled is None:
            self.shell.tell(_("Only a settled record can be shared as a case."))
        elif not self.may_do("qa.case.propose"):
            self.shell.tell(_("Your role proposes no cases."))
        else:
            self.fetch("draft", DraftCase(sample_id=row.sample_id), self._propose, keys_wait=True)

    def _propose(self, draft: CaseDraft) -> None:
        def send(values: Values | None) -> None:
            if values is not None:
                self.shell.dispatch(
                    ProposeCase(sample_id=draft.sample_id, good=values["good"] == "yes", story=values["story"],
                                lesson=values["lesson"])
                )  # fmt: skip

        self.app.push_screen(case_form(draft), send)

    def _settled_row(self) -> Comparison | None:
        row: Comparison | None = self.row
        if not self.may_do("qa.calibrate"):
            self.shell.tell(_("The QA lead opens exams and calibrations."))
        elif row is not None:
            return row
        return None

    def action_compare_exam(self) -> None:
        row = self._settled_row()
        if row is None:
            return
        if row.settled is None or self.about.stage not in (Stage.RELEASED, Stage.FINAL, Stage.REPORTED):
            self.shell.tell(_("An exam's key is a settled score of a released round."))
            return
        self.ask_line(
            _("Which exam is {record} a case of? Cases of one title are one exam.").format(record=row.record),
            lambda title: OpenSession(kind=SessionKind.EXAM, title=title, number=_number(row), card=self.about.card,
                                      key_from=row.sample_id), limit=120,
        )  # fmt: skip

    def action_compare_calibrate(self) -> None:
        row = self._settled_row()
        if row is not None:
            self.ask_line(
                _("Title of the calibration on {record}").format(record=row.record),
                lambda title: OpenSession(title=title, number=_number(row), card=self.about.card), limit=120,
                value=row.subject[:120],
            )  # fmt: skip

    def done(self, command: Command, receipt: Receipt) -> None:
        if isinstance(command, ProposeCase):
            self.shell.tell(_("Proposed: the QA lead reads it before all do."))
        else:
            self.shell.tell(_("Done: {what}").format(what=receipt.label))
            self.ready()


def _column(vote: Evaluated) -> tuple[bool, str]:
    return vote.kind is TaskKind.THIRD, vote.rater


def _number(row: Comparison) -> int:
    return int(row.record.removeprefix("T-"))


def case_form(draft: CaseDraft) -> Form:
    """What is asked when a record becomes a case: its story is there without names, to be shortened."""
    words = (("yes", _("to follow")), ("no", _("to avoid")))
    return Form(
        _("{record} as a case for all").format(record=draft.record),
        (
            Line("good", _("Kind"), "yes" if draft.passed else "no", words=words),
            Line("story", _("What happened"), " ".join(draft.story.split()), 4000, True),
            Line("lesson", _("What to learn from it"), "", 1000),
        ),
        note=_("Names and numbers are taken out again when it is kept; the QA lead reads it before all do."),
    )


# The table of a record ------------------------------------------------------------------------------------------------


def comparison_pieces(row: Comparison, width: int) -> list[Piece]:
    """A record's evaluations: what is to be settled and the totals first, then by item; `!` where they differ."""
    votes = row.evaluations
    parts: list[Piece] = [("\n".join(wrap(f"{row.record}  {row.subject}", width)) + "\n", "bold")]
    parts.append(
        ("\n".join(wrap("  ".join(filter(None, (row.agent, known_word(row.stratum)))), width)) + "\n", "$quiet")
    )
    for reason in row.reasons if row.settled is None else ():
        parts.append(("! " + hanging(_(reason), width, 2) + "\n", "$text-error"))
    if row.waits_for:
        parts.append((_("waits for {name}").format(name=row.waits_for) + "\n", "$text-warning"))
    if row.settled and row.settled.reason:
        parts.append((hanging(row.settled.reason, width, 0) + "\n", ""))
    room = min(12, max(6, (width - 24) // (len(votes) + 1) - 1))
    first = width - (room + 1) * (len(votes) + bool(row.settled)) - 6
    heads = [*(v.rater for v in votes), *([_("stands")] if row.settled else [])]
    parts.append(("\n" + " " * (first + 6) + " ".join(fit(name, room, "right") for name in heads) + "\n", "bold"))
    parts += _totals(row, first, room)
    for item in row.card.record_items if row.card else ():
        parts += _item_line(item, row, first, room)
    names = {item.id: str(item.text) for item in row.card.record_items} if row.card else {}
    # What the card itself leaves out is no rater's word.
    by_card = prefill(row.card, row.snapshot.facts) if row.card and row.snapshot else {}
    for vote in votes:
        parts += _told_by(vote, names, by_card, width)
    return parts


def _item_line(item: Item, row: Comparison, first: int, room: int) -> list[Piece]:
    values = [answer.points if (answer := v.answers.get(item.id)) else None for v in row.evaluations]
    given = [value for value in values if value is not None]
    gap = max(given) - min(given) if given else Fraction(0)
    mixed = bool(given) and len(given) < len(values)
    style = "$text-error bold" if gap >= FAR or mixed else "$text-warning" if gap else ""
    mark = f"! {points_word(gap):>3} " if gap else "! N/A " if mixed else "      "
    parts: list[Piece] = [(mark, style), fit(str(item.text), first)]
    parts += [(" " + fit(points_word(value), room, "right") if n else fit(points_word(value), room, "right"), style)
              for n, value in enumerate(values)]  # fmt: skip
    if row.settled:
        parts.append((" " + fit(points_word(row.settled.points.get(item.id)), room, "right"), "bold"))
    return [*parts, "\n"]


def _totals(row: Comparison, first: int, room: int) -> list[Piece]:
    scores = [str(shown(v.score)) for v in row.evaluations] + ([str(shown(row.settled.score))] if row.settled else [])
    results = [result_word(v.passed) for v in row.evaluations] + (
        [result_word(row.settled.passed)] if row.settled else []
    )
    differ = len({v.passed for v in row.evaluations}) > 1
    lines: list[Piece] = []
    for name, cells, style in (
        (_("Score"), scores, "bold"), (_("Result"), results, "$text-error bold" if differ else "bold"),
    ):  # fmt: skip
        lines.append((" " * 6 + fit(name, first) + " ".join(fit(cell, room, "right") for cell in cells) + "\n", style))
    if len(row.evaluations) > 1:
        lines.append((" " * 6 + _("difference {points}").format(points=shown(row.difference)) + "\n", "$quiet"))
    return [*lines, "\n"]


def _told_by(vote: Evaluated, names: Mapping[str, str], by_card: Mapping[str, Answer], width: int) -> list[Piece]:
    role = _(ROLES.get(vote.role, vote.role)) if vote.role else ""
    head = "  ".join(filter(None, (vote.rater, role, _(QA_LABELS[vote.kind]))))
    parts: list[Piece] = [("\n" + "\n".join(wrap(head, width)), "$accent")]
    if vote.fast:
        parts.append(("  " + _("under 15 s"), "$text-warning bold"))
    parts.append("\n")
    parts += [_finding(finding, names, width) for finding in vote.findings]
    for item, answer in vote.answers.items():
        left_out = answer.points is None and not (item in by_card and by_card[item].points is None)
        na_reason = answer.na_reason if left_out else ""
        for word, reason in ((_("N/A"), na_reason), (_("instead of the rule"), answer.override_reason)):
            if reason:
                told = f"{names.get(item, item)}, {word}: {reason}"
                parts.append(("  " + hanging(told, width, 2) + "\n", "$quiet"))
    if vote.comment:
        parts.append("  " + hanging(vote.comment, width, 2) + "\n")
    return parts


def _finding(finding: Finding, names: Mapping[str, str], width: int) -> Piece:
    kind = _(CLASSES[finding.critical_class]) if finding.critical_class else ""
    name = names.get(finding.item, finding.item)
    told = "  ".join(filter(None, (_(SEVERITIES[finding.severity]), kind, name, finding.text)))
    return ("! " + hanging(told, width, 2) + "\n", "$text-error" if finding.critical_class else "$text-warning")


__all__ = ["CompareScreen", "comparison_pieces"]
