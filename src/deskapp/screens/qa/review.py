"""The pack for a quarter's review meeting: trends with their breaks, items to rewrite, shared cases, the next card."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from deskapp.domain.i18n import N_, _
from deskapp.screens.qa.card_text import changes_told
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.report_text import span
from deskapp.screens.qa.told import line
from deskapp.services.requests.qa.review import GetReview
from deskapp.widgets.cells import fit
from deskapp.widgets.lines import Bit

if TYPE_CHECKING:
    from deskapp.services.qa.review import ReviewPack


@dataclass(frozen=True, slots=True)
class Topic:
    """A line of the list: a part of the pack and how many there are."""

    key: str
    title: str
    count: int


class ReviewScreen(Page, scope="qa_review"):
    """The parts of the pack left, one of them right; left and right go through the quarters."""

    def __init__(self) -> None:
        super().__init__()
        self._year, self._number = 0, 0
        self.pack: ReviewPack | None = None

    def ready(self) -> None:
        now = self.shell.local(self.shell.clock.now())
        self._year, self._number = now.year, (now.month + 2) // 3
        self._read()

    @property
    def quarter(self) -> str:
        """The quarter in sight, such as 2026-Q2."""
        return f"{self._year}-Q{self._number}"

    def _read(self) -> None:
        self.fetch("review", GetReview(quarter=self.quarter), self._take)

    def _take(self, pack: "ReviewPack") -> None:
        self.pack = pack
        self.put((
            Topic("trends", N_("Rounds and trend"), len(pack.trends)),
            Topic("rewrite", N_("Items to rewrite"), len(pack.rewrite)),
            Topic("cases", N_("Cases for all"), len(pack.cases)),
            Topic("next", N_("Next card"), len(pack.changes)),
        ))  # fmt: skip

    # What is shown

    def head(self) -> str:
        return _("Review of {quarter}   (left and right: other quarters)").format(quarter=self.quarter)

    def bits(self, row: Topic) -> Sequence[Bit]:
        return (Bit(_(row.title)), Bit(str(row.count), 4, "$quiet", 0, True))

    def detail(self, row: Topic, width: int) -> Sequence[Piece]:
        assert self.pack is not None
        told = {"trends": self._trends, "rewrite": self._rewrite, "cases": self._cases, "next": self._next}
        return told[row.key](self.pack, width)

    def _trends(self, pack: "ReviewPack", width: int) -> list[Piece]:
        if not pack.trends:
            return [line(_("No round ended in this quarter. Left shows the one before."), width)]
        parts: list[Piece] = []
        room = max(10, min(36, width - 40))
        for t in pack.trends:
            if t.broken:
                text = _("--- new card version {edition}: figures are not compared across this line ---")
                parts.append(line(text.format(edition=t.edition), width, "$text-warning"))
            parts += [
                (f"{fit(t.campaign, 6)} ", "bold"),
                f"{t.last_day}  ",
                span(t.low, t.pass_rate, t.high, room),
                (f" {t.pass_rate * 100:5.1f} %", "bold"),
                (f"  {t.score:.1f}  n {t.records}\n", "$quiet"),
            ]
        parts.append(line("\n" + _("[*] pass rate with its 95 % interval from 0 to 100 %, then the mean score"), width,
                          "$quiet"))  # fmt: skip
        return parts

    def _rewrite(self, pack: "ReviewPack", width: int) -> list[Piece]:
        if not pack.rewrite:
            return [line(_("No item has low agreement or upheld disputes."), width)]
        parts: list[Piece] = [
            line(_("raters agree little (alpha under 0.667), or disputes were upheld"), width, "$quiet")
        ]
        for r in pack.rewrite:
            alpha = "alpha n/a " if r.alpha is None else f"alpha {r.alpha:.2f}"
            upheld = _("{count} upheld").format(count=r.upheld) if r.upheld else ""
            parts += [(f"{alpha}  {fit(upheld, 10)}  ", "$text-warning"), fit(str(r.item), width - 24).rstrip() + "\n"]
        return parts

    def _cases(self, pack: "ReviewPack", width: int) -> list[Piece]:
        if not pack.cases:
            return [line(_("No case was approved for sharing."), width)]
        parts: list[Piece] = []
        for case in pack.cases:
            parts += [line(case.label, width, "bold"), line(case.story, width)]
            if case.lesson:
                parts.append(line(_("lesson: {text}").format(text=case.lesson), width, "$accent"))
            parts.append("\n")
        return parts

    def _next(self, pack: "ReviewPack", width: int) -> list[Piece]:
        if not pack.proposed:
            return [line(_("No draft of a next card. In Cards, n begins one."), width)]
        return [line(pack.proposed, width, "bold"), *changes_told(None, pack.changes, width)]

    # Keys

    def action_review_before(self) -> None:
        self._turn(-1)

    def action_review_next(self) -> None:
        self._turn(1)

    def _turn(self, step: int) -> None:
        place = self._year * 4 + self._number - 1 + step
        self._year, self._number = place // 4, place % 4 + 1
        self._read()


__all__ = ["ReviewScreen"]
