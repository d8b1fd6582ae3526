"""How flows and their questions fared on calls, with a hint what to mend."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from deskapp.domain.flow.advice import flow_advice, question_advice
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.text import guard
from deskapp.domain.views_flow import FlowFigures, QuestionFigures
from deskapp.screens.base import DeskScreen
from deskapp.services.requests.flow_figures import GetFlowFigures
from deskapp.widgets.cells import Cell, Column
from deskapp.widgets.queue_list import QueueList
from deskapp.widgets.text import Live

_SPANS = (90, 365, 30)
_OUTCOMES = 4


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question with its figures, in its flow's count of cases."""

    key: str
    figures: QuestionFigures
    cases: int

    @property
    def given(self) -> int:
        """How many cases have an answer of any kind."""
        return self.figures.answered + self.figures.unknown + self.figures.refused

    def share(self, count: int) -> Cell:
        """A count as a share of the answers, empty where there are none."""
        return Cell(f"{count / self.given:.0%}" if self.given else "")

    @property
    def advice(self) -> tuple[str, ...]:
        """What to look at."""
        return question_advice(self.figures, self.cases)


def _columns() -> list[Column[QuestionRow]]:
    def bits(value: float | None) -> Cell:
        return Cell("" if value is None else f"{value:.2f}")

    def seconds(row: QuestionRow, now: datetime) -> Cell:
        return Cell("" if row.figures.seconds is None else f"{row.figures.seconds:.0f}")

    def hint(row: QuestionRow, now: datetime) -> Cell:
        return Cell(row.advice[0] if row.advice else "", "yellow")

    return [
        Column("question", N_("question"), 24, lambda row, now: Cell(row.figures.label.get(language())), grow=2),
        Column("asked", N_("asked"), 6, lambda row, now: Cell(str(row.figures.asked)), align="right"),
        Column("answered", N_("answered"), 8, lambda row, now: row.share(row.figures.answered), 100, "right"),
        Column("unknown", N_("unknown"), 8, lambda row, now: row.share(row.figures.unknown), align="right"),
        Column("changed", N_("changed"), 8, lambda row, now: row.share(row.figures.changed), align="right"),
        Column("seconds", N_("seconds"), 7, seconds, 90, "right"),
        Column("outcome", N_("tells outcome"), 13, lambda row, now: bits(row.figures.gain_outcome), align="right"),
        Column("cause", N_("tells cause"), 11, lambda row, now: bits(row.figures.gain_cause), 110, "right"),
        Column("hint", N_("what to mend"), 20, hint, grow=3),
    ]  # fmt: skip


class FiguresScreen(DeskScreen[None], scope="figures"):
    """One flow at a time: the flow as a whole above, its questions in a list, all hints on the one under the cursor."""

    CSS_PATH = "../../styles/flows.tcss"

    def __init__(self, flow: str = "") -> None:
        super().__init__()
        self._flow, self._days = flow, _SPANS[0]
        self._figures: tuple[FlowFigures, ...] = ()
        self._list: QueueList[QuestionRow] = QueueList(_columns(), self.shell.clock.now(), empty=self._empty, id="list")

    def body(self) -> ComposeResult:
        yield Live(self._head, id="head")
        yield self._list
        yield Live(self._told, id="told")

    def _empty(self) -> str:
        return self.nothing(_("No call was taken with a flow in {days} days.").format(days=self._days))

    @property
    def _shown(self) -> FlowFigures | None:
        found = [item for item in self._figures if item.flow == self._flow]
        return found[0] if found else None

    def _head(self) -> Content:
        item = self._shown
        if item is None:
            known = bool(self._figures)
            return Content(_("No call was taken with it; Tab shows the next flow.") if known else "")
        place = 1 + [figures.flow for figures in self._figures].index(item.flow)
        title = guard(item.title.get(language()))
        parts: list[str | tuple[str, str]] = [
            (title, "bold"),
            (f"   {place}/{len(self._figures)}   " + _("{days} days").format(days=self._days) + "\n", "$quiet"),
            _("{cases} calls   {seconds:.0f} s   {keys:.0f} keys   ").format(
                cases=item.cases, seconds=item.seconds, keys=item.keys
            ).rstrip() + "\n",
            _("grade changed {overridden}   broken off {broken}   first visit {first}   part missing {missing}").format(
                overridden=_share(item.overridden), broken=_share(item.broken_off), first=_share(item.first_visit),
                missing=_share(item.missing_part),
            ),
            "\n",
        ]  # fmt: skip
        titles = {id_: text.get(language()) for id_, text in item.names.items()}
        common = "   ".join(f"{guard(titles.get(id_, id_))} {count}" for id_, count in item.outcomes[:_OUTCOMES])
        parts.append((common + "\n", "$quiet"))
        parts += [(f"! {text}\n", "$text-warning") for text in flow_advice(item)]
        return Content.assemble(*parts)

    def _told(self) -> Content:
        row = self._list.cursor_row
        if row is None:
            return Content("")
        figures = row.figures
        counts = _("volunteered {volunteered}   from the file {prefilled}   refused {refused}").format(
            volunteered=figures.volunteered, prefilled=figures.prefilled, refused=figures.refused
        )
        parts: list[str | tuple[str, str]] = [
            (guard(figures.label.get(language())), "bold"), f"  [{guard(figures.question)}]  {counts}\n",
        ]  # fmt: skip
        parts += [(f"! {text}\n", "$text-warning") for text in row.advice]
        if not row.advice:
            parts.append(_("Nothing stands out.") + "\n")
        return Content.assemble(*parts)

    def ready(self) -> None:
        self._list.focus()
        self.action_list_refresh()

    def said(self) -> None:
        self._list.set_columns(_columns())
        self._refresh()

    def _refresh(self) -> None:
        for live in self.query(Live):
            live.refresh(layout=True)

    def action_list_refresh(self) -> None:
        since = self.shell.clock.now() - timedelta(days=self._days)
        self.fetch("figures", GetFlowFigures(since=since), self._take)

    def _take(self, figures: tuple[FlowFigures, ...]) -> None:
        self._figures = figures
        if self._shown is None and not self._flow and figures:
            self._flow = figures[0].flow
        self._show()

    def _show(self) -> None:
        item = self._shown
        # The flow's own questions first: those of blocks say little of it.
        questions = sorted(item.questions, key=lambda question: question.block is not None) if item else []
        self._list.set_rows([QuestionRow(q.question, q, item.cases) for q in questions if item])
        self._refresh()

    @on(QueueList.Highlighted)
    def _other_row(self) -> None:
        self.query_one("#told").refresh(layout=True)

    def action_figures_next(self) -> None:
        flows = [item.flow for item in self._figures]
        if flows:
            at = flows.index(self._flow) if self._flow in flows else -1
            self._flow = flows[(at + 1) % len(flows)]
            self._show()
            self._list.move_to(0)

    def action_figures_days(self) -> None:
        self._days = _SPANS[(_SPANS.index(self._days) + 1) % len(_SPANS)]
        self.action_list_refresh()


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


__all__ = ["FiguresScreen", "QuestionRow"]
