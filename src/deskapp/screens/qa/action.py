"""A corrective action: its states, its deadline as a countdown, done, its proof by rule or by a round of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_views import ActionView
from deskapp.domain.verification import VERDICT_NAMES, ActionState
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.plan import PlanScreen
from deskapp.screens.qa.told import action_told, line
from deskapp.screens.qa.words import STATES
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.qa.actions import CompleteAction, ListActions, VerifyAction, VoidAction
from deskapp.widgets.lines import Bit

WAY = (
    (ActionState.OPEN, N_("the notice is issued, head of department in copy")),
    (ActionState.DONE, N_("what was to be done is done")),
    (ActionState.VERIFYING, N_("records after it are looked at")),
    (ActionState.SECOND_ROUND, N_("not met: done again, looked at again")),
    (ActionState.CLOSED, N_("proven")),
    (ActionState.ESCALATED, N_("not met twice")),
)
_RUNNING = (ActionState.OPEN, ActionState.SECOND_ROUND)
_TO_PROVE = (ActionState.DONE, ActionState.VERIFYING)


@dataclass(frozen=True, slots=True)
class State:
    """A line of the list: a state of the action."""

    state: ActionState
    text: str


class ActionScreen(Page, scope="qa_action"):
    """The states left with a mark where the action stands; notice, proofs and the power of samples right."""

    def __init__(self, action_id: UUID) -> None:
        super().__init__()
        self._action_id = action_id
        self.about: ActionView | None = None

    def ready(self) -> None:
        self.fetch("actions", ListActions(), self._take)

    def changed_beside(self) -> None:
        self.ready()

    def ticked(self, now: datetime) -> None:
        if now.second == 0:
            self.tell_again()

    def _take(self, found: Sequence[ActionView]) -> None:
        about = self.about = next((row for row in found if row.id == self._action_id), None)
        rows = [State(state, text) for state, text in WAY] if about else []
        self.put(rows, at=next((n for n, row in enumerate(rows) if about and row.state is about.state), 0))

    # What is shown

    def head(self) -> str:
        return f"{self.about.label}  {self.about.finding}" if self.about else ""

    def empty(self) -> str:
        return _("This action is not for you to see.")

    def bits(self, row: State) -> Sequence[Bit]:
        here = self.about is not None and row.state is self.about.state
        return (
            Bit(">" if here else " ", 1, "$accent bold"),
            Bit(_(STATES[row.state]), 13, "$accent bold" if here else ""),
            Bit(_(row.text), 0, "$quiet", 1),
        )

    def detail(self, row: State, width: int) -> Sequence[Piece]:
        about = self.about
        if about is None:
            return []
        parts = list(action_told(about, width, self.shell.local, self.shell.clock.now()))
        if about.proofs:
            last = about.proofs[-1]
            verdict = _("verdict: {verdict}").format(verdict=_(VERDICT_NAMES[last.verdict]))
            figures = _("{passes} of {n} met it, p = {p:.3f}, target {target:.0f} %").format(
                passes=last.passes, n=last.n, p=last.p_value, target=float(last.target) * 100
            )
            parts += [line("\n" + verdict, width, "bold"), line(figures, width, "$quiet")]
        if about.plan:
            parts.append(line("\n" + _("what a sample can show, if 99 % are right:"), width, "bold"))
            for power in about.plan.table:
                told = _("n {n}: {allowed} failures allowed, proven in {power:.0f} % of such samples")
                if power.allowed is None:
                    told = _("n {n}: proves nothing")
                told = told.format(n=power.n, allowed=power.allowed, power=power.power * 100)
                parts.append(line(told, width, "$quiet"))
        return parts

    # Keys

    def action_action_done(self) -> None:
        about = self.about
        if about is None:
            return
        if not self.may_do("qa.action.do"):
            self.shell.tell(_("Who is responsible, the lead or the QA lead says that it is done."))
        elif about.state not in _RUNNING:
            self.shell.tell(_("It is done already."))
        else:
            self.ask_line(_("What was done?"), lambda text: CompleteAction(action_id=about.id, text=text))

    def action_action_verify(self) -> None:
        about = self.about
        if about is None:
            return
        if not self.may_do("qa.action.edit"):
            self.shell.tell(_("The QA lead proves an action."))
        elif about.state not in _TO_PROVE:
            self.shell.tell(_("First it is to be done."))
        else:
            self.shell.dispatch(VerifyAction(action_id=about.id))

    def action_action_round(self) -> None:
        about = self.about
        if about is None:
            return
        if not self.may_do("qa.conduct") or about.state not in _TO_PROVE:
            self.shell.tell(_("The QA lead plans a round for an action that is done."))
        elif about.by_rule:
            self.shell.tell(_("A rule decides this item: v proves it from every record."))
        else:
            self.app.push_screen(PlanScreen(about))

    def action_action_void(self) -> None:
        about = self.about
        if about is None:
            return
        if not self.may_do("qa.void") or about.state in (ActionState.CLOSED, ActionState.VOID):
            self.shell.tell(_("Only the QA lead voids an action, and none that is closed."))
        else:
            self.ask_line(
                _("Why is it void? It stays in the books."),
                lambda text: VoidAction(action_id=about.id, reason=text),
            )

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("Done: {what}").format(what=receipt.label))
        self.ready()


__all__ = ["ActionScreen"]
