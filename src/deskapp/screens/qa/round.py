"""One round: the steps of the loop with where it stands, its strata and raters; one key takes the next step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.qa_loop import ORDER, Stage
from deskapp.domain.qa_plan import share_of
from deskapp.domain.qa_views import CardLine, RoundLine, RoundView
from deskapp.domain.scorecard import Scorecard
from deskapp.domain.terms import Role
from deskapp.domain.views import Directory
from deskapp.screens.qa.audit import AuditScreen
from deskapp.screens.qa.compare import CompareScreen
from deskapp.screens.qa.page import Page, Piece
from deskapp.screens.qa.report import ReportScreen
from deskapp.screens.qa.told import line
from deskapp.screens.qa.words import ROLES, STAGES, known_word
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.qa.actions import IssueAction
from deskapp.services.requests.qa.cards import GetCard, ListCards
from deskapp.services.requests.qa.dealing import AssignRound, ReplaceRecord
from deskapp.services.requests.qa.looking import GetRound
from deskapp.services.requests.qa.rounds import (
    AdvanceRound,
    DrawRound,
    EnlargeRound,
    FreezeRound,
    SeedRound,
    VoidRound,
)
from deskapp.widgets.cells import fit
from deskapp.widgets.choose_many import ChooseMany
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.form import Form, Line, Values
from deskapp.widgets.lines import Bit

# What each step stores, in the order of the loop.
STEPS: dict[Stage, str] = {
    Stage.PLANNED: N_("which records, by which strata, how many"),
    Stage.FROZEN: N_("the population is stored, with its SHA-256"),
    Stage.SEEDED: N_("the seed is fixed, after the hash"),
    Stage.DRAWN: N_("the seed has drawn the records"),
    Stage.ASSIGNED: N_("every record has its raters"),
    Stage.SCORING: N_("raters score, nobody sees another's"),
    Stage.REVEALED: N_("all is seen; what differs is settled"),
    Stage.ADJUDICATED: N_("every record has one score"),
    Stage.RELEASED: N_("agents see their own and may dispute"),
    Stage.FINAL: N_("the scores stand"),
    Stage.REPORTED: N_("the report is given out"),
}
# What the QA lead does next, by stage: the question, and the command.
NEXT: dict[Stage, tuple[str, Callable[[UUID], Command]]] = {
    Stage.PLANNED: (N_("Freeze the frame"), lambda id_: FreezeRound(campaign_id=id_)),
    Stage.FROZEN: (N_("Fix the seed"), lambda id_: SeedRound(campaign_id=id_)),
    Stage.SEEDED: (N_("Draw"), lambda id_: DrawRound(campaign_id=id_)),
    Stage.ASSIGNED: (N_("Reveal the scores"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.REVEALED)),
    Stage.SCORING: (N_("Reveal the scores"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.REVEALED)),
    Stage.REVEALED: (N_("End adjudication"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.ADJUDICATED)),
    Stage.ADJUDICATED: (N_("Release to the agents"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.RELEASED)),
    Stage.RELEASED: (N_("Make it final"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.FINAL)),
    Stage.FINAL: (N_("Give the report out"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.REPORTED)),
}
_SEEN = (Stage.REVEALED, Stage.ADJUDICATED, Stage.RELEASED, Stage.FINAL, Stage.REPORTED)


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the list: a step of the loop and whether it is done, in force, or to come."""

    stage: Stage
    state: str


class RoundScreen(Page, scope="qa_round"):
    """The loop left with a mark where the round stands; what is known of it right."""

    def __init__(self, about: RoundLine) -> None:
        super().__init__()
        self.about = about
        self.view: RoundView | None = None

    def ready(self) -> None:
        self.fetch("round", GetRound(campaign_id=self.about.id), self._take)

    def changed_beside(self) -> None:
        self.ready()

    def action_list_refresh(self) -> None:
        self.ready()

    def _take(self, view: RoundView) -> None:
        self.view, self.about = view, view.line
        at = ORDER.index(view.line.stage) if view.line.stage in ORDER else -1
        steps = [Step(stage, "done" if n < at else "here" if n == at else "") for n, stage in enumerate(ORDER)]
        self.put(steps, at=max(0, at))

    # What is shown

    def head(self) -> str:
        return f"{self.about.label}  {self.about.title}   {self.about.first_day} - {self.about.last_day}"

    def bits(self, row: Step) -> Sequence[Bit]:
        mark, style = {"done": ("x", "$text-success"), "here": (">", "$accent bold")}.get(row.state, (" ", "$quiet"))
        return (
            Bit(mark, 1, style),
            Bit(_(STAGES[row.stage.value]), 12, style),
            Bit(_(STEPS[row.stage]), 0, "$quiet", 1),
        )

    def detail(self, row: Step, width: int) -> Sequence[Piece]:
        return self._facts(width)

    def _facts(self, width: int) -> list[Piece]:
        view = self.view
        if view is None:
            return []
        told = view.line
        parts: list[Piece] = [line(_("card {card} {edition}, {stage}").format(
            card=told.card, edition=told.edition, stage=_(STAGES[told.stage.value])), width, "bold")]  # fmt: skip
        if view.void_reason:
            parts.append(line(view.void_reason, width, "$text-error"))
        if waits := self._waits:
            parts.append(line(waits, width, "$accent"))
        elif self.may_do("qa.conduct") and (told.stage in NEXT or told.stage is Stage.DRAWN):
            step = _(NEXT[told.stage][0]) if told.stage in NEXT else _("Deal to the raters")
            parts.append(line(_("next: {step} (g)").format(step=step), width, "$accent"))
        if told.dispute_until:
            at = self.shell.local(told.dispute_until)
            parts.append(line(_("Disputes until {at}").format(at=f"{at:%Y-%m-%d %H:%M}"), width))
        for count, text in (
            (view.undecided, _("{count} records to settle")),
            (view.open_disputes, _("{count} disputes open")),
        ):
            if count:
                parts.append(line("! " + text.format(count=count), width, "$text-warning bold"))
        parts += self._strata(view, width) + self._raters(view, width)
        if view.frame_hash:
            parts.append(line("\n" + _("frame of {count} records").format(count=told.frame_size), width, "bold"))
            parts.append(line(f"sha256 {view.frame_hash}", width, "$quiet"))
            if view.seed:
                parts.append(line(_("seed {seed}").format(seed=view.seed), width, "$quiet"))
            for reason, count in view.exclusions:
                parts.append(
                    line(_("left out: {count}, {reason}").format(count=count, reason=_(reason)), width, "$quiet")
                )
        return parts

    @property
    def _waits(self) -> str:
        """What the next step waits for, empty where it can be taken."""
        left = sum(row.wanted - row.submitted for row in self.view.progress) if self.view else 0
        scoring = self.about.stage in (Stage.ASSIGNED, Stage.SCORING)
        return _("The raters score: {count} evaluations are to come.").format(count=left) if scoring and left else ""

    def _strata(self, view: RoundView, width: int) -> list[Piece]:
        if not view.strata:
            return []
        first = min(16, width - 24)
        parts: list[Piece] = [("\n" + fit(_("stratum"), first) + f"{'N':>7}{'n':>6}  " + _("replaced") + "\n", "bold")]
        for row in view.strata:
            replaced = str(row.replaced) if row.replaced else ""
            name = fit(known_word(row.name) or _("all"), first)
            parts.append(f"{name}{row.population:>7}{row.n or '-':>6}  {replaced}\n")
        return parts

    def _raters(self, view: RoundView, width: int) -> list[Piece]:
        parts: list[Piece] = []
        first = min(16, width - 24)
        for row in view.progress:
            left = row.wanted - row.submitted
            filled = 10 * row.submitted // row.wanted if row.wanted else 0
            bar = "[" + "#" * filled + "." * (10 - filled) + "]"
            parts.append((f"{'' if parts else chr(10)}{fit(row.rater, first)} {bar} ", "" if left else "$text-success"))
            parts.append(f"{row.submitted}/{row.wanted}  {_(ROLES.get(row.role, row.role)) if row.role else ''}\n")
        return parts

    # Keys

    def action_round_go(self) -> None:
        if self.may_do("qa.conduct"):
            # Asked again: what the raters did a moment ago decides whether the step can be taken.
            self.fetch("round", GetRound(campaign_id=self.about.id), self._go, keys_wait=True)
        else:
            self.shell.tell(_("The QA lead takes the steps of a round."))

    def _go(self, view: RoundView) -> None:
        self._take(view)
        if waits := self._waits:
            self.shell.tell(waits)
        elif self.about.stage is Stage.DRAWN:
            self.fetch("people", GetDirectory(), self._deal, keys_wait=True)
        elif self.about.stage in NEXT:
            name, make = NEXT[self.about.stage]
            choices = [Choice(True, _(name)), Choice(False, _("Leave it"))]

            def go(yes: bool | None) -> None:
                if yes:
                    self.shell.dispatch(make(self.about.id))

            self.app.push_screen(Choose(_("No step is taken back. Go on?"), choices), go)
        else:
            self.shell.tell(_("This round is at its end."))

    def _deal(self, people: Directory) -> None:
        raters = [p for p in people.people if p.active and p.role in (Role.RATER, Role.QA_LEAD, Role.LEAD)]
        raters.sort(key=lambda p: (p.role is not Role.RATER, p.name))
        choices = [Choice(p.id, p.name, p.team) for p in raters]
        chosen = [n for n, p in enumerate(raters) if p.role is Role.RATER]

        def take(ids: tuple[UUID, ...] | None) -> None:
            if ids:
                self.shell.dispatch(AssignRound(campaign_id=self.about.id, raters=ids))

        self.app.push_screen(ChooseMany(_("Who scores? Two or three"), choices, chosen), take)

    def action_round_compare(self) -> None:
        if self.about.stage in _SEEN or self.may_do("qa.values"):
            self.app.push_screen(CompareScreen(self.about))
        else:
            self.shell.tell(_("Scores stay hidden until all are submitted and the QA lead reveals them."))

    def action_round_report(self) -> None:
        if self.about.stage in _SEEN:
            self.app.push_screen(ReportScreen(self.about))
        else:
            self.shell.tell(_("There is a report once the scores are revealed."))

    def action_round_audit(self) -> None:
        if not self.may_do("qa.verify_draw"):
            self.shell.tell(_("QA lead and auditor draw again."))
        elif ORDER.index(self.about.stage) < ORDER.index(Stage.DRAWN):
            self.shell.tell(_("Nothing was drawn yet."))
        else:
            self.app.push_screen(AuditScreen(self.about))

    def action_round_enlarge(self) -> None:
        if self.about.stage is not Stage.DRAWN or not self.may_do("qa.conduct"):
            self.shell.tell(_("The QA lead enlarges a sample between the draw and the dealing."))
            return
        self.ask_line(
            _("How large is the sample to be? A share such as 40 %"),
            lambda text: EnlargeRound(campaign_id=self.about.id, share=share_of(text)),
        )

    def action_round_replace(self) -> None:
        if self.about.stage not in (Stage.DRAWN, Stage.ASSIGNED, Stage.SCORING) or not self.may_do("qa.conduct"):
            self.shell.tell(_("The QA lead replaces records before the reveal."))
            return
        form = Form(
            _("Replace by the next of the reserve"),
            (Line("record", _("Record, such as T-1042"), required=True, limit=20),
             Line("reason", _("Why can't it be scored?"), required=True)),
        )  # fmt: skip

        def send(values: Values | None) -> None:
            if values:
                self.shell.dispatch(
                    ReplaceRecord(campaign_id=self.about.id, record=values["record"].upper(), reason=values["reason"])
                )

        self.app.push_screen(form, send)

    def action_round_notice(self) -> None:
        if self.about.stage not in _SEEN or not self.may_do("qa.action.edit"):
            self.shell.tell(_("The QA lead issues corrective actions once the scores are revealed."))
            return

        self.fetch("cards", ListCards(), self._ask_notice, keys_wait=True)

    def _ask_notice(self, cards: Sequence[CardLine]) -> None:
        """Ask for a notice on an item of the card that the round is scored with."""
        about = self.about
        card_id = next(card.id for card in cards if (card.card, card.edition) == (about.card, about.edition))

        def send(values: Values | None) -> None:
            if values:
                self.shell.dispatch(self._notice(values))

        self.fetch(
            "card", GetCard(card_id=card_id), lambda view: self.app.push_screen(notice_form(view.card), send),
            keys_wait=True,
        )  # fmt: skip

    def _notice(self, values: Values) -> IssueAction:
        days = timedelta(days=int(values["days"]))
        return IssueAction(
            campaign_id=self.about.id, item=values["item"], finding=values["finding"],
            department=values["department"], responsible=values["responsible"], todo=values["todo"],
            head_in_copy=values["head"], deadline=self.shell.clock.now() + days, target=share_of(values["target"]),
        )  # fmt: skip

    def action_round_void(self) -> None:
        if not self.may_do("qa.void") or self.about.stage in (Stage.REPORTED, Stage.VOID):
            self.shell.tell(_("A reported round stays; the QA lead voids others, with the reason."))
        else:
            self.ask_line(
                _("Why is it void? It stays in the books."),
                lambda text: VoidRound(campaign_id=self.about.id, reason=text),
            )

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("Done: {what}").format(what=receipt.label))
        self.ready()


def notice_form(card: Scorecard) -> Form:
    """What a corrective action must say; the head of the department is always in copy."""
    items = (("", _("the whole record")), *((item.id, str(item.text)) for item in card.items))

    def check(values: Any) -> None:
        if not (values["days"].isdigit() and 0 < int(values["days"]) < 366):
            raise Invalid(N_("Days are a number from 1 to 365."), field="days")
        share_of(values["target"], "target")

    return Form(
        _("Corrective action"),
        (
            Line("finding", _("What was found"), "", 400, True),
            Line("item", _("Item of the card"), words=items),
            Line("department", _("Department"), "", 80, True),
            Line("responsible", _("Responsible"), "", 80, True, hint=_("who works here finds it in their list")),
            Line("todo", _("What is to be done"), "", 1000, True),
            Line("head", _("Head of department, in copy"), "", 80, True),
            Line("days", _("Deadline in days"), "7", 3, True),
            Line("target", _("Target"), "95%", 8, True),
        ),
        check=check,
    )  # fmt: skip


__all__ = ["RoundScreen", "notice_form"]
