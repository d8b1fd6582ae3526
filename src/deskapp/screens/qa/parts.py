"""The parts of QA's place as lists: what each asks, the columns of a line, what it says when it is empty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor, may
from deskapp.domain.qa_views import (
    ActionView,
    CardLine,
    DisputeLine,
    ResultLine,
    RoundLine,
    SessionView,
    SharedCase,
    TaskLine,
    TaskQueue,
)
from deskapp.domain.qa_words import QA_LABELS, CardState, DisputeState, TaskState
from deskapp.domain.scoring import shown
from deskapp.domain.verification import ActionState
from deskapp.screens.qa.words import STAGES, STATES, countdown, result_word
from deskapp.services.requests.base import Query
from deskapp.services.requests.qa.actions import ListActions
from deskapp.services.requests.qa.cards import ListCards
from deskapp.services.requests.qa.cases import ListCases
from deskapp.services.requests.qa.looking import ListRounds
from deskapp.services.requests.qa.results import GetResults, ListDisputes
from deskapp.services.requests.qa.scoring import GetTasks
from deskapp.services.requests.qa.sessions import ListSessions
from deskapp.widgets.lines import Bit


@dataclass(frozen=True, slots=True)
class Part:
    """A part of QA: its name, the right it needs, what it asks, the columns of a line, what it says when it is empty.

    `begin` is the right to what brings a line here; `own` tells those who have it what to press, `others` who does it.
    """

    key: str
    title: str
    right: str
    query: Callable[[], Query]
    bits: Callable[[Any, datetime], Sequence[Bit]]
    empty: str
    begin: str
    own: str
    others: str
    rows: Callable[[Any], Sequence[Any]] = tuple

    def how(self, actor: Actor) -> str:
        """How a line comes here."""
        return _(self.own if may(actor, self.begin) else self.others)


def _tasks(queue: TaskQueue) -> Sequence[TaskLine]:
    return (*queue.open, *reversed(queue.done))


def task_bits(task: TaskLine, _now: datetime) -> Sequence[Bit]:
    style = "" if task.state is TaskState.OPEN else "$quiet"
    return (Bit(_(QA_LABELS[task.state]), 9, style), Bit(task.campaign, 5, style, 1), Bit(task.record, 7, "bold"),
            Bit(task.subject, 0, style))  # fmt: skip


def round_bits(line: RoundLine, _now: datetime) -> Sequence[Bit]:
    scored = "" if line.wanted is None else f"{line.submitted}/{line.wanted}"
    return (Bit(line.label, 5, "bold"), Bit(_(STAGES[line.stage.value]), 11, "$accent"), Bit(scored, 7, "", 2, True),
            Bit(f"{line.first_day} - {line.last_day}", 23, "$quiet", 3), Bit(line.title))  # fmt: skip


def action_bits(view: ActionView, now: datetime) -> Sequence[Bit]:
    ended = view.state in (ActionState.CLOSED, ActionState.VOID, ActionState.ESCALATED)
    left = view.deadline - now
    late = not ended and left.total_seconds() < 0
    due = "" if ended else countdown(left)
    style = "$text-error bold" if late else "$quiet" if ended else ""
    return (Bit(view.label, 5, "bold"), Bit(_(STATES[view.state]), 12), Bit(due, 15, style, 0, True),
            Bit(view.responsible, 13, "$quiet", 1), Bit(view.finding))  # fmt: skip


def result_bits(line: ResultLine, _now: datetime) -> Sequence[Bit]:
    style = "$text-success" if line.settled.passed else "$text-error bold"
    return (Bit(line.campaign, 5, "$quiet", 3), Bit(line.record, 7, "bold"),
            Bit(str(shown(line.settled.score)), 6, style, 0, True), Bit(result_word(line.settled.passed), 6, style),
            Bit(_("disputed") if line.dispute is DisputeState.OPEN else _(QA_LABELS[line.dispute])
                if line.dispute else "", 9, "$text-warning", 1),
            Bit(line.agent, 12, "$quiet", 2), Bit(line.subject))  # fmt: skip


def dispute_bits(line: DisputeLine, _now: datetime) -> Sequence[Bit]:
    style = "$text-warning bold" if line.state is DisputeState.OPEN else "$quiet"
    return (Bit(_(QA_LABELS[line.state]), 9, style), Bit(line.campaign, 5, "$quiet", 2), Bit(line.record, 7, "bold"),
            Bit(str(shown(line.score)), 6, "", 0, True), Bit(line.agent, 12, "$quiet", 1), Bit(line.text))  # fmt: skip


def session_bits(view: SessionView, _now: datetime) -> Sequence[Bit]:
    state = _("closed") if view.closed_at else _("to score") if view.mine is None else _("scored by you")
    style = "$text-warning" if not view.closed_at and view.mine is None else "$quiet"
    return (Bit(view.label, 5, "bold"), Bit(_(QA_LABELS[view.kind]), 11), Bit(state, 13, style),
            Bit(view.snapshot.record, 7, "$quiet", 1), Bit(view.title))  # fmt: skip


def case_bits(case: SharedCase, _now: datetime) -> Sequence[Bit]:
    kind, style = (_("to follow"), "$text-success") if case.good else (_("to avoid"), "$text-warning")
    waiting = "" if case.approved else _("to approve")
    return (Bit(f"#{case.number}", 4, "bold"), Bit(kind, 9, style), Bit(waiting, 10, "$text-warning"),
            Bit(" ".join(case.story.split())))  # fmt: skip


def card_bits(line: CardLine, _now: datetime) -> Sequence[Bit]:
    style = "$text-warning" if line.state is CardState.DRAFT else "$quiet"
    return (
        Bit(line.card, 10, "bold"),
        Bit(str(line.edition), 3, "", 0, True),
        Bit(_(QA_LABELS[line.state]), 10, style),
        Bit(line.content_hash[:8], 8, "$quiet", 2),
        Bit(line.title),
    )


PARTS = (
    Part("tasks", N_("My queue"), "qa.score", GetTasks, task_bits, N_("Nothing to score."),
         "qa.conduct", N_("In Rounds, g deals the drawn records to the raters."),
         N_("Records come here once the QA lead deals a round."), _tasks),
    Part("rounds", N_("Rounds"), "qa.rounds", ListRounds, round_bits, N_("No round yet."),
         "qa.conduct", N_("n plans one."), N_("The QA lead plans rounds.")),
    Part("results", N_("Results"), "qa.results", GetResults, result_bits, N_("No released result yet."),
         "qa.conduct", N_("In Rounds, g releases a settled round to the agents."),
         N_("Results come here once the QA lead releases a round.")),
    Part("disputes", N_("Disputes"), "qa.disputes", ListDisputes, dispute_bits, N_("No dispute."),
         "qa.dispute", N_("In Results, Enter opens a score and d disputes it, while its window is open."),
         N_("Agents dispute their results while the window is open.")),
    Part("actions", N_("Actions"), "qa.action.read", ListActions, action_bits, N_("No corrective action yet."),
         "qa.action.edit", N_("In a round, i issues one."), N_("The QA lead issues them on what a round found.")),
    Part("sessions", N_("Sessions"), "qa.session.read", ListSessions, session_bits, N_("No session yet."),
         "qa.calibrate", N_("n opens a calibration; where scores are compared, E makes a case of an exam."),
         N_("The QA lead opens calibrations and exams.")),
    Part("cases", N_("Cases"), "qa.case.read", ListCases, case_bits, N_("No case shared yet."),
         "qa.case.propose", N_("Where scores are compared, g proposes one."),
         N_("They come here once the QA lead shares them.")),
    Part("cards", N_("Cards"), "qa.card.read", ListCards, card_bits,
         N_("No card used yet: the first round adds the shipped one."),
         "qa.card.edit", N_("n begins a draft."), N_("The QA lead edits cards.")),
)  # fmt: skip


def parts_for(actor: Actor) -> tuple[Part, ...]:
    """The parts that somebody may see; an agent's own results come first."""
    return tuple(part for part in PARTS if may(actor, part.right))


__all__ = ["PARTS", "Part", "parts_for"]
