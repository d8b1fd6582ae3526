"""Decide a dispute: the items that were disputed, the points that are to stand, uphold or reject with the reason."""

from collections.abc import Sequence
from fractions import Fraction

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _
from deskapp.domain.qa_views import DisputeLine, ResultLine
from deskapp.domain.qa_words import DisputeState
from deskapp.domain.score_pad import points_of_key
from deskapp.domain.scorecard import Item
from deskapp.domain.scoring import shown
from deskapp.screens.qa.page import Page, Piece, takes_digits
from deskapp.screens.qa.told import line
from deskapp.screens.qa.words import points_word
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.results import DecideDispute, GetResults
from deskapp.widgets.lines import Bit


@takes_digits
class DisputeScreen(Page, scope="qa_dispute"):
    """The card's items with the points as they stand and as they shall; what is said for it right."""

    def __init__(self, about: DisputeLine) -> None:
        super().__init__()
        self.about = about
        self.result: ResultLine | None = None
        self._given: dict[str, Fraction] = {}

    def ready(self) -> None:
        self.fetch("results", GetResults(), self._take)

    def _take(self, found: Sequence[ResultLine]) -> None:
        self.result = next((row for row in found if row.sample_id == self.about.sample_id), None)
        if self.result is None:
            return
        # Only what was disputed gets other points; a dispute that names no item is about all of them.
        named = self.about.items
        self.put([item for item in self.result.card.record_items if item.id in named or not named])

    # What is shown

    def head(self) -> str:
        row = self.about
        return f"{row.campaign}  {row.record}  {row.agent}   {shown(row.score)}"

    def empty(self) -> str:
        return _("The disputed score is not for you to see.")

    def bits(self, row: Item) -> Sequence[Bit]:
        assert self.result is not None
        before = points_word(self.result.settled.points.get(row.id))
        after = f"> {points_word(self._given[row.id])}" if row.id in self._given else ""
        mark = "!" if row.id in self.about.items else " "
        return (
            Bit(mark, 1, "$text-warning bold"),
            Bit(before, 4, "bold", 0, True),
            Bit(after, 5, "$text-success bold"),
            Bit(str(row.text)),
        )

    def detail(self, row: Item, width: int) -> Sequence[Piece]:
        assert self.result is not None
        parts: list[Piece] = [line(self.about.text, width, "bold")]
        at = self.shell.local(self.about.at)
        parts.append(line(f"{self.about.agent}  {at:%Y-%m-%d %H:%M}", width, "$quiet"))
        parts += [line("\n" + str(row.text), width, "bold"), line(str(row.standard), width, "$quiet")]
        parts += [line("> " + text, width, "", 2) for text in self.result.evidence.get(row.id, ())]
        parts += [line("; " + text, width) for text in self.result.comments]
        if self.about.state is DisputeState.OPEN and self.may_do("qa.decide_dispute"):
            parts.append(line("\n" + _("Digits give the item other points; y upholds, n rejects."), width, "$accent"))
        if self.about.decision:
            parts.append(line("\n" + _("decided: {text}").format(text=self.about.decision), width))
        return parts

    # Keys

    def digit(self, key: str) -> None:
        """Give the item under the cursor other points."""
        row: Item | None = self.row
        if row is None or not self._open():
            return
        points = points_of_key(key)
        try:
            row.scale.check(points, row.id)
        except DeskError as error:
            self.shell.tell(str(error), severity="warning", hint=error.hint)
            return
        self._given[row.id] = points
        self.put(self.lines.rows)

    def action_score_zero(self) -> None:
        self.digit("x")

    def action_score_undo(self) -> None:
        if self._given:
            self._given.popitem()
            self.put(self.lines.rows)

    def _open(self) -> bool:
        if not self.may_do("qa.decide_dispute"):
            self.shell.tell(_("The QA lead decides disputes."))
            return False
        if self.about.state is not DisputeState.OPEN:
            self.shell.tell(_("This dispute is decided."))
            return False
        return True

    def action_dispute_uphold(self) -> None:
        if not self._open():
            return
        if not self._given:
            self.shell.tell(_("Give the items their points first, with digits."))
            return
        points = tuple(self._given.items())
        self.ask_line(
            _("Why is it upheld?"),
            lambda text: DecideDispute(dispute_id=self.about.id, version=self.about.version, upheld=True, points=points,
                                       decision=text), limit=2000,
        )  # fmt: skip

    def action_dispute_reject(self) -> None:
        if self._open():
            self.ask_line(
                _("Why is it rejected?"),
                lambda text: DecideDispute(dispute_id=self.about.id, version=self.about.version, upheld=False,
                                           decision=text), limit=2000,
            )  # fmt: skip

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("Decided: the agent reads it with the reason."))
        self.app.pop_screen()


__all__ = ["DisputeScreen"]
