"""A released result of one's own (or of one's team): each item with its evidence; dispute items once, in the window."""

from collections.abc import Sequence
from datetime import datetime

from deskapp.domain.card_edit import number_word
from deskapp.domain.i18n import _
from deskapp.domain.qa_views import ResultLine
from deskapp.domain.scorecard import Item
from deskapp.domain.scoring import shown
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.told import dispute_window, line
from deskapp.screens.qa.words import ROLES, SEVERITIES, points_word, result_word
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.results import OpenDispute
from deskapp.widgets.lines import Bit


class ResultScreen(Page, scope="qa_result"):
    """The items of the card left, marked where they are disputed; standard, evidence and findings right."""

    def __init__(self, about: ResultLine) -> None:
        super().__init__()
        self.about = about
        self._marked: set[str] = set()

    def ready(self) -> None:
        self.put(self.about.card.record_items)

    def ticked(self, now: datetime) -> None:
        if now.second == 0:
            self.tell_again()

    # What is shown

    def head(self) -> str:
        row = self.about
        return (
            f"{row.campaign}  {row.record}  {row.agent}   {shown(row.settled.score)}  {result_word(row.settled.passed)}"
        )

    def bits(self, row: Item) -> Sequence[Bit]:
        value = self.about.settled.points.get(row.id)
        low = value is not None and value < 8
        mark = "[x]" if row.id in self._marked else "[ ]"
        return (
            Bit(mark, 3, "$text-warning bold" if row.id in self._marked else "$quiet"),
            Bit(points_word(value), 4, "$text-error bold" if low else "bold", 0, True),
            Bit(str(row.text)),
        )

    def detail(self, row: Item, width: int) -> Sequence[Piece]:
        about = self.about
        parts: list[Piece] = [line(str(row.text), width, "bold")]
        value = about.settled.points.get(row.id)
        told = _("does not apply") if value is None else _("{points} of 10, weight {weight}").format(
            points=points_word(value), weight=number_word(row.weight))  # fmt: skip
        parts.append(line(told, width, "$accent"))
        if str(row.standard):
            parts.append(line(str(row.standard), width, "$quiet"))
        evidence = about.evidence.get(row.id, ())
        if evidence:
            parts.append(line("\n" + _("evidence"), width, "bold"))
            parts += [line("> " + text, width, "", 2) for text in evidence]
        for finding in about.settled.findings:
            if finding.item == row.id:
                text = "  ".join(filter(None, (_(SEVERITIES[finding.severity]), finding.text, finding.root_cause)))
                parts.append(line("! " + text, width, "$text-warning"))
        parts.append("\n")
        parts += [line("; " + comment, width) for comment in about.comments]
        scored_by = ", ".join(_(ROLES.get(role, role)) for role in about.raters if role)
        if scored_by:
            parts.append(line(_("scored by: {roles}").format(roles=scored_by), width, "$quiet"))
        parts += dispute_window(about, width, self.shell.local, self.shell.clock.now())
        if about.decision:
            parts.append(line(_("decided: {text}").format(text=about.decision), width))
        return parts

    # Keys

    def action_result_mark(self) -> None:
        row: Item | None = self.row
        if row is not None:
            self._marked ^= {row.id}
            self.put(self.lines.rows, at=min(len(self.lines.rows) - 1, (self.lines.highlighted or 0) + 1))

    def action_result_dispute(self) -> None:
        about, until = self.about, self.about.dispute_until
        if not self.may_do("qa.dispute"):
            self.shell.tell(_("The agent disputes, or the lead on behalf."))
        elif self._marked & about.disputed:
            self.shell.tell(_("This was disputed before; each item can be disputed once."))
        elif until is None or self.shell.clock.now() >= until:
            self.shell.tell(_("the dispute window is closed"))
        elif not self._marked:
            self.shell.tell(_("Mark the items first, with Space."))
        else:
            items = tuple(item.id for item in about.card.record_items if item.id in self._marked)
            names = ", ".join(str(item.text) for item in about.card.record_items if item.id in self._marked)
            self.ask_line(
                _("What is wrong with: {items}? It can be disputed once.").format(items=names),
                lambda text: OpenDispute(sample_id=about.sample_id, items=items, text=text), limit=2000,
            )  # fmt: skip

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("Disputed. The QA lead decides; you will find it here."))
        self.app.pop_screen()


__all__ = ["ResultScreen"]
