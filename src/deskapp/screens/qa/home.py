"""QA's place: the parts that one may see, each a list, with what is told of a line and what can be done with it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import may
from deskapp.domain.qa_loop import Stage
from deskapp.domain.qa_views import (
    ActionView,
    CardLine,
    Comparison,
    DisputeLine,
    DrawCheck,
    PlanPreview,
    ResultLine,
    RoundLine,
    SharedCase,
    TaskLine,
)
from deskapp.domain.qa_words import CardState, DisputeState
from deskapp.domain.terms import Role
from deskapp.domain.verification import ActionState
from deskapp.domain.views import Directory
from deskapp.screens.base import DeskScreen
from deskapp.screens.qa.parts import Part, comparison_text, details, parts_for
from deskapp.screens.qa.score import ScoreScreen
from deskapp.services.requests.base import Command, Receipt
from deskapp.services.requests.people import GetDirectory
from deskapp.services.requests.qa.actions import CompleteAction, IssueAction, VerifyAction
from deskapp.services.requests.qa.cards import PublishCard
from deskapp.services.requests.qa.cases import ApproveCase
from deskapp.services.requests.qa.dealing import AssignRound
from deskapp.services.requests.qa.looking import CheckDraw, PreviewPlan
from deskapp.services.requests.qa.reports import GetReport
from deskapp.services.requests.qa.results import DecideDispute, OpenDispute
from deskapp.services.requests.qa.rounds import (
    AdvanceRound,
    DrawRound,
    FreezeRound,
    PlanChoice,
    PlanRound,
    SeedRound,
    VoidRound,
)
from deskapp.services.requests.qa.settling import Adjudicate, GetComparison
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.text import Live, plain

PLANS = {"monthly": N_("Monthly round"), "complaints": N_("Complaints, all"), "vendors": N_("Vendor round")}
# What the QA lead does next with a round, by its stage.
NEXT: dict[Stage, tuple[str, Callable[[Any], Command]]] = {
    Stage.PLANNED: (N_("Freeze the frame"), lambda id_: FreezeRound(campaign_id=id_)),
    Stage.FROZEN: (N_("Fix the seed"), lambda id_: SeedRound(campaign_id=id_)),
    Stage.SEEDED: (N_("Draw"), lambda id_: DrawRound(campaign_id=id_)),
    Stage.SCORING: (N_("Reveal the scores"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.REVEALED)),
    Stage.REVEALED: (N_("End adjudication"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.ADJUDICATED)),
    Stage.ADJUDICATED: (N_("Release to the agents"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.RELEASED)),
    Stage.RELEASED: (N_("Make it final"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.FINAL)),
    Stage.FINAL: (N_("Give the report out"), lambda id_: AdvanceRound(campaign_id=id_, to=Stage.REPORTED)),
}
Deed = tuple[str, Callable[[], None]]


class QaScreen(DeskScreen[None], scope="qa"):
    """The parts in a line at the top, the list of one of them below, the line under the cursor beside."""

    CSS_PATH = "../../styles/qa.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.parts: tuple[Part, ...] = ()
        self._at = 0
        self._rows: Sequence[Any] = ()
        self._text: Sequence[str] = ()

    def body(self) -> ComposeResult:
        yield Live(self._bar, id="parts")
        with Horizontal():
            yield OptionList(id="list", markup=False)
            with VerticalScroll(id="detail", can_focus=False):
                yield Live(lambda: "\n".join(self._text), id="told")
        yield Live(self._empty, id="empty")

    def _bar(self) -> Content:
        pieces: list[str | tuple[str, str]] = []
        for number, part in enumerate(self.parts):
            pieces.append((f" {_(part.title)} ", "reverse bold" if number == self._at else "$quiet"))
        return Content.assemble(*pieces)

    def _empty(self) -> str:
        if self._rows:
            return ""
        return self.nothing(_(self.parts[self._at].empty) if self.parts else _("Your role has no part in QA."))

    def ready(self) -> None:
        assert self.shell.actor is not None
        self.parts = parts_for(self.shell.actor)
        self._read()

    def changed(self, tickets: frozenset[Any] | None) -> None:
        if tickets is None:
            self._read()

    def said(self) -> None:
        self._show()

    def ticked(self, now: datetime) -> None:
        if self.parts and self.parts[self._at].key == "actions" and now.second == 0:
            self._show()

    def _read(self) -> None:
        if self.parts:
            self.fetch("rows", self.parts[self._at].query(), self._take)

    def _take(self, answer: Any) -> None:
        self._rows = self.parts[self._at].rows(answer)
        self._show()

    def _show(self) -> None:
        found, now = self.query_one("#list", OptionList), self.shell.clock.now()
        at = found.highlighted or 0
        part = self.parts[self._at] if self.parts else None
        found.set_options([Option(plain(part.line(row, now))) for row in self._rows] if part else [])
        if self._rows:
            found.highlighted = min(at, len(self._rows) - 1)
            found.focus()
        self._tell(list(details(self._row, self.shell.zone)) if self._rows else [])
        self.query_one("#parts").refresh(layout=True)
        self.query_one("#empty").refresh(layout=True)

    def _tell(self, lines: Sequence[str]) -> None:
        self._text = [line for line in lines if line]
        self.query_one("#told").refresh(layout=True)

    @property
    def _row(self) -> Any:
        at = self.query_one("#list", OptionList).highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        if self._row is not None:
            self._tell(list(details(self._row, self.shell.zone)))

    @on(OptionList.OptionSelected)
    def _chosen(self) -> None:
        self.action_qa_open()

    # Keys

    def action_qa_next(self) -> None:
        self._turn(1)

    def action_qa_before(self) -> None:
        self._turn(-1)

    def _turn(self, step: int) -> None:
        if self.parts:
            self._at, self._rows = (self._at + step) % len(self.parts), ()
            self._show()
            self._read()

    def action_list_refresh(self) -> None:
        self._read()

    def action_qa_score(self) -> None:
        if self.shell.actor and may(self.shell.actor, "qa.score"):
            self.app.push_screen(ScoreScreen())
        else:
            self.shell.tell(_("Your role does not score."))

    def action_qa_plan(self) -> None:
        if not (self.shell.actor and may(self.shell.actor, "qa.conduct")):
            self.shell.tell(_("The QA lead plans rounds."))
            return

        def plan(name: str | None) -> None:
            if name is not None:
                self.app.push_screen(
                    AskLine(_("Which period? last_month, 2026-05, or 2026-05-01..2026-05-31"), value="last_month"),
                    lambda period: self._preview(name, period),
                )

        self.app.push_screen(Choose(_("Which plan?"), [Choice(k, _(v)) for k, v in PLANS.items()]), plan)

    def _preview(self, name: str, period: str | None) -> None:
        if period is None:
            return
        choice = PlanChoice(plan=name, period=period, zone=getattr(self.shell.zone, "key", "UTC"))

        def show(found: PlanPreview) -> None:
            rows = [*found.plan.rows, found.plan.total]
            lines = [
                f"{r.stratum or _('all'):<10} N {r.population:>6}  n {r.n:>5}  +-{r.half_width:6.1%}  {r.hours:.1f} h"
                for r in rows
            ]
            self._tell(lines)
            total = found.plan.total
            title = _("{n} of {population} records, {hours:.1f} rater hours. Begin?").format(
                n=total.n, population=total.population, hours=total.hours
            )
            choices = [Choice(True, _("Begin the round")), Choice(False, _("Leave it"))]
            self.app.push_screen(Choose(title, choices), begin)

        def begin(yes: bool | None) -> None:
            if yes:
                self.shell.dispatch(PlanRound(choice=choice))

        self.fetch("plan", PreviewPlan(choice=choice), show)

    def action_qa_open(self) -> None:
        row = self._row
        if isinstance(row, TaskLine):
            self.app.push_screen(ScoreScreen(row.id))
            return
        deeds = self._deeds(row) if row is not None else []
        if not deeds:
            return

        def do(number: int | None) -> None:
            if number is not None:
                deeds[number][1]()

        self.app.push_screen(Choose(_("What next?"), [Choice(i, name) for i, (name, _do) in enumerate(deeds)]), do)

    # What can be done with a line

    def _deeds(self, row: Any) -> list[Deed]:
        def may_do(right: str) -> bool:
            return self.shell.actor is not None and may(self.shell.actor, right)

        found: list[Deed] = []
        if isinstance(row, RoundLine):
            found = self._round_deeds(row, may_do)
        elif isinstance(row, ResultLine) and row.dispute is None and may_do("qa.dispute"):
            found.append((_("Dispute this score"), lambda: self._line(
                _("What is wrong with it?"),
                lambda text: OpenDispute(sample_id=row.sample_id, text=text))))  # fmt: skip
        elif isinstance(row, DisputeLine) and row.state is DisputeState.OPEN and may_do("qa.decide_dispute"):
            found.append((_("Reject, with the reason"), lambda: self._line(
                _("Why?"), lambda text: DecideDispute(dispute_id=row.id, version=row.version, upheld=False,
                                                      decision=text))))  # fmt: skip
            found += [(_("Uphold: full points for {item}").format(item=item), self._uphold(row, item))
                      for item in row.items]  # fmt: skip
        elif isinstance(row, ActionView):
            if row.state in (ActionState.OPEN, ActionState.SECOND_ROUND) and may_do("qa.action.do"):
                found.append((_("It is done"), lambda: self._line(
                    _("What was done?"), lambda text: CompleteAction(action_id=row.id, text=text))))  # fmt: skip
            if row.state in (ActionState.DONE, ActionState.VERIFYING) and may_do("qa.action.edit"):
                found.append((_("Verify"), lambda: self.shell.dispatch(VerifyAction(action_id=row.id))))
        elif isinstance(row, SharedCase) and not row.approved and may_do("qa.case.approve"):
            found.append((_("Share it with all"), lambda: self.shell.dispatch(
                ApproveCase(case_id=row.id, version=row.version))))  # fmt: skip
        elif isinstance(row, CardLine) and row.state is CardState.DRAFT and may_do("qa.card.edit"):
            found.append((_("Publish: it never changes again"), lambda: self.shell.dispatch(
                PublishCard(card_id=row.id, version=row.version))))  # fmt: skip
        return found

    def _uphold(self, row: DisputeLine, item: str) -> Callable[[], None]:
        from fractions import Fraction

        return lambda: self._line(
            _("Why?"),
            lambda text: DecideDispute(dispute_id=row.id, version=row.version, upheld=True,
                                       points=((item, Fraction(10)),), decision=text),
        )  # fmt: skip

    def _round_deeds(self, row: RoundLine, may_do: Callable[[str], bool]) -> list[Deed]:
        found: list[Deed] = []
        if may_do("qa.conduct"):
            if row.stage in NEXT:
                name, make = NEXT[row.stage]
                found.append((_(name), lambda: self.shell.dispatch(make(row.id))))
            if row.stage is Stage.DRAWN:
                found.append((_("Deal to the raters"), lambda: self.fetch("people", GetDirectory(), self._deal(row))))
        if row.stage.value in ("revealed", "adjudicated", "released", "final", "reported"):
            found.append((_("Compare the scores"), lambda: self.fetch(
                "compare", GetComparison(campaign_id=row.id), self._compare)))  # fmt: skip
            found.append((_("Report"), lambda: self.fetch("report", GetReport(campaign_id=row.id), self._report)))
            if may_do("qa.action.edit"):
                found.append((_("Issue a corrective action"), lambda: self._issue(row)))
        if may_do("qa.verify_draw") and row.frame_size:
            found.append((_("Audit: draw again"), lambda: self.fetch(
                "audit", CheckDraw(campaign_id=row.id), self._audit)))  # fmt: skip
        if may_do("qa.void") and row.stage not in (Stage.REPORTED, Stage.VOID):
            found.append((_("Void it, with the reason"), lambda: self._line(
                _("Why?"), lambda text: VoidRound(campaign_id=row.id, reason=text))))  # fmt: skip
        return found

    def _line(self, title: str, make: Callable[[str], Command]) -> None:
        def take(text: str | None) -> None:
            if text:
                self.shell.dispatch(make(text))

        self.app.push_screen(AskLine(title, limit=1000), take)

    def _deal(self, row: RoundLine) -> Callable[[Directory], None]:
        def ask(people: Directory) -> None:
            known = {p.login: p.id for p in people.people if p.active and p.role in (Role.RATER, Role.QA_LEAD)}
            raters = " ".join(p.login for p in people.people if p.active and p.role is Role.RATER)

            def take(text: str | None) -> None:
                if not text:
                    return
                wrong = [login for login in text.split() if login not in known]
                if wrong:
                    self.shell.tell(_("{who} may not score.").format(who=wrong[0]), severity="warning")
                    return
                ids = tuple(known[login] for login in text.split())
                self.shell.dispatch(AssignRound(campaign_id=row.id, raters=ids))

            self.app.push_screen(AskLine(_("Who scores? Logins, two or three"), value=raters), take)

        return ask

    def _compare(self, found: Sequence[Comparison]) -> None:
        open_ = [c for c in found if c.settled is None and c.evaluations]
        self._tell(
            [line for c in (*open_, *(c for c in found if c not in open_)) for line in (*comparison_text(c), " ")]
        )
        if not open_ or not (self.shell.actor and may(self.shell.actor, "qa.adjudicate")):
            return
        choices = [
            Choice((c, vote), f"{c.record}  {vote.rater}  {float(vote.score):.2f}", "; ".join(_(r) for r in c.reasons))
            for c in open_ for vote in c.evaluations
        ]  # fmt: skip

        def decide(chosen: Any) -> None:
            if chosen is not None:
                record, vote = chosen
                self._line(
                    _("Why does this one stand?"),
                    lambda text: Adjudicate(sample_id=record.sample_id, evaluation_id=vote.id, reason=text),
                )

        self.app.push_screen(Choose(_("Which evaluation stands?"), choices), decide)

    def _report(self, report: Any) -> None:
        from deskapp.services.qa_report_tables import render_report_text

        width = max(40, self.query_one("#detail").size.width - 2)
        self._tell(render_report_text(report, width=width).splitlines())

    def _audit(self, check: DrawCheck) -> None:
        self._tell([
            _("The frame is as it was frozen.") if check.frame_same else _("The frame is NOT as it was frozen."),
            _("The sample is the one that the seed gives.") if check.difference.same
            else _("The sample is NOT the one that the seed gives."),
            f"sha256 {check.frame_hash}", f"seed {check.seed}", check.openssl, f"# {check.lot}",
        ])  # fmt: skip

    def _issue(self, row: RoundLine) -> None:
        asked = (N_("Item of the card (may stay empty)"), N_("What was found?"), N_("Which department?"),
                 N_("Who is responsible?"), N_("What is to be done?"), N_("Head of department, in copy"),
                 N_("In how many days?"))  # fmt: skip
        given: list[str] = []

        def take(text: str | None) -> None:
            if text is None:
                return
            given.append(text)
            if len(given) < len(asked):
                ask()
                return
            days = int(given[6]) if given[6].isdigit() else 7
            self.shell.dispatch(
                IssueAction(
                    campaign_id=row.id, item=given[0], finding=given[1], department=given[2], responsible=given[3],
                    todo=given[4], head_in_copy=given[5], deadline=self.shell.clock.now() + timedelta(days=days),
                )
            )  # fmt: skip

        def ask() -> None:
            value = "7" if len(given) == 6 else ""
            self.app.push_screen(AskLine(_(asked[len(given)]), value=value, optional=not given), take)

        ask()

    def done(self, command: Command, receipt: Receipt) -> None:
        self.shell.tell(_("Done: {what}").format(what=receipt.label))
        self._read()
