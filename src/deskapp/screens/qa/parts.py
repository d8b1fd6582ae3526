"""The parts of QA's place as lists: what each asks, how a line reads, what is told of it beside."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

from deskapp.domain.i18n import N_, _
from deskapp.domain.permissions import Actor, may
from deskapp.domain.qa_views import (
    ActionView,
    CardLine,
    Comparison,
    DisputeLine,
    Evaluated,
    ResultLine,
    RoundLine,
    SessionView,
    SharedCase,
    TaskLine,
    TaskQueue,
)
from deskapp.domain.qa_words import QA_LABELS
from deskapp.domain.scoring import shown
from deskapp.domain.verification import VERDICT_NAMES, ActionState
from deskapp.services.requests.base import Query
from deskapp.services.requests.qa.actions import ListActions
from deskapp.services.requests.qa.cards import ListCards
from deskapp.services.requests.qa.cases import ListCases
from deskapp.services.requests.qa.looking import ListRounds
from deskapp.services.requests.qa.results import GetResults, ListDisputes
from deskapp.services.requests.qa.scoring import GetTasks
from deskapp.services.requests.qa.sessions import ListSessions

STAGES = {
    "planned": N_("planned"), "frozen": N_("frozen"), "seeded": N_("seeded"), "drawn": N_("drawn"),
    "assigned": N_("assigned"), "scoring": N_("scoring"), "revealed": N_("revealed"),
    "adjudicated": N_("adjudicated"), "released": N_("released"), "final": N_("final"), "reported": N_("reported"),
    "void": N_("void"),
}  # fmt: skip
STATES = {
    ActionState.OPEN: N_("open"), ActionState.DONE: N_("done"), ActionState.VERIFYING: N_("verifying"),
    ActionState.SECOND_ROUND: N_("second round"), ActionState.CLOSED: N_("closed"),
    ActionState.ESCALATED: N_("ESCALATED"), ActionState.VOID: N_("void"),
}  # fmt: skip
ROLES = {"lead": N_("reads the standard"), "qa": N_("carries it out"),
         "customer_experience": N_("the customer's view")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A part of QA: its name, the right it needs, what it asks, how one of its lines reads, what it says when empty."""

    key: str
    title: str
    right: str
    query: Callable[[], Query]
    line: Callable[[Any, datetime], str]
    empty: str
    rows: Callable[[Any], Sequence[Any]] = tuple


def _tasks(queue: TaskQueue) -> Sequence[TaskLine]:
    return (*queue.open, *reversed(queue.done))


def task_line(task: TaskLine, _now: datetime) -> str:
    return f"{_(QA_LABELS[task.state]):<12} {task.campaign:<6} {task.record:<9} {task.subject}"


def round_line(line: RoundLine, _now: datetime) -> str:
    scored = "" if line.wanted is None else f"{line.submitted}/{line.wanted}"
    days = f"{line.first_day} - {line.last_day}"
    return f"{line.label:<6} {_(STAGES[line.stage.value]):<12} {scored:>9}  {days}  {line.title}"


def action_line(view: ActionView, now: datetime) -> str:
    left = view.deadline - now
    due = "" if view.state in (ActionState.CLOSED, ActionState.VOID, ActionState.ESCALATED) else countdown(left)
    return f"{view.label:<6} {_(STATES[view.state]):<13} {due:>14}  {view.responsible:<14} {view.finding}"


def result_line(line: ResultLine, _now: datetime) -> str:
    result = _("pass") if line.settled.passed else _("FAIL")
    dispute = _(QA_LABELS[line.dispute]) if line.dispute else ""
    score = shown(line.settled.score)
    return f"{line.campaign:<6} {line.record:<8} {score:>6} {result:<6} {dispute:<9} {line.agent:<12} {line.subject}"


def dispute_line(line: DisputeLine, _now: datetime) -> str:
    return f"{_(QA_LABELS[line.state]):<10} {line.campaign:<6} {line.record:<8} {line.agent:<12} {line.text}"


def session_line(view: SessionView, _now: datetime) -> str:
    state = _("closed") if view.closed_at else _("open") if view.mine is None else _("scored by you")
    return f"{view.label:<6} {_(QA_LABELS[view.kind]):<12} {state:<14} {view.snapshot.record:<8} {view.title}"


def case_line(case: SharedCase, _now: datetime) -> str:
    kind = _("to follow") if case.good else _("to avoid")
    waiting = "" if case.approved else _("not approved yet")
    return f"#{case.number:<5} {kind:<10} {waiting:<18} {case.story}"


def card_line(line: CardLine, _now: datetime) -> str:
    return f"{line.card} {line.edition:<4} {_(QA_LABELS[line.state]):<11} {line.content_hash[:12]}  {line.title}"


PARTS = (
    Part("tasks", N_("My queue"), "qa.score", GetTasks, task_line, N_("Nothing to score."), _tasks),
    Part("rounds", N_("Rounds"), "qa.rounds", ListRounds, round_line, N_("No round yet. n plans one.")),
    Part("results", N_("Results"), "qa.results", GetResults, result_line, N_("No released result yet.")),
    Part("disputes", N_("Disputes"), "qa.disputes", ListDisputes, dispute_line, N_("No dispute.")),
    Part("actions", N_("Actions"), "qa.action.read", ListActions, action_line, N_("No corrective action yet.")),
    Part("sessions", N_("Calibration"), "qa.session.read", ListSessions, session_line, N_("No session yet.")),
    Part("cases", N_("Cases"), "qa.case.read", ListCases, case_line, N_("No case shared yet.")),
    Part("cards", N_("Cards"), "qa.card.read", ListCards, card_line, N_("No card used yet: the first round adds it.")),
)


def parts_for(actor: Actor) -> tuple[Part, ...]:
    """The parts that somebody may see; an agent's own results come first."""
    return tuple(part for part in PARTS if may(actor, part.right))


def countdown(left: timedelta) -> str:
    """Time left, or LATE and by how much."""
    seconds = abs(int(left.total_seconds()))
    days, rest = divmod(seconds, 86400)
    figure = f"{days}d {rest // 3600:02d}:{rest % 3600 // 60:02d}"
    return _("LATE +{figure}").format(figure=figure) if left < timedelta() else figure


def details(row: Any, zone: tzinfo) -> Iterable[str]:
    """What is told of a line beside the list."""
    if isinstance(row, ResultLine):
        yield from _result(row, zone)
    elif isinstance(row, ActionView):
        yield from _action(row, zone)
    elif isinstance(row, RoundLine):
        yield f"{row.label}  {row.title}"
        yield _("card {card} {edition}, {stage}").format(card=row.card, edition=row.edition,
                                                         stage=_(STAGES[row.stage.value]))  # fmt: skip
        if row.drawn is not None:
            yield _("{drawn} of {frame} records drawn").format(drawn=row.drawn, frame=row.frame_size)
    elif isinstance(row, DisputeLine):
        yield from (f"{row.record}  {row.agent}", row.text, row.decision)
    elif isinstance(row, SharedCase):
        yield from (row.story, row.lesson)
    elif isinstance(row, SessionView):
        yield row.snapshot.subject
        yield from (f"{name}: " + points_text(points) for name, points in row.votes)
        if row.key:
            yield _("key") + ": " + points_text(row.key)
        if row.note:
            yield row.note
    elif isinstance(row, TaskLine):
        yield from (row.record, row.subject)


def comparison_text(found: Comparison) -> Iterable[str]:
    """A record with everybody's evaluations."""
    yield f"{found.record}  {found.agent}  {found.subject}"
    for vote in found.evaluations:
        yield _vote(vote)
    if found.settled:
        told = _("settled: {score} {result} ({way})")
        result = _("pass") if found.settled.passed else _("FAIL")
        yield told.format(score=shown(found.settled.score), result=result, way=_(QA_LABELS[found.settled.way]))
    for reason in found.reasons:
        yield "! " + _(reason)
    if found.waits_for:
        yield _("waits for {name}").format(name=found.waits_for)


def _vote(vote: Evaluated) -> str:
    fast = _("  under 15 s") if vote.fast else ""
    result = _("pass") if vote.passed else _("FAIL")
    return f"{vote.rater:<12} {shown(vote.score):>6} {result}{fast}  " + points_text(
        {item: answer.points for item, answer in vote.answers.items()}
    )


def points_text(points: Any) -> str:
    """Points by item in a line."""
    return "  ".join(f"{item} {'-' if value is None else format(float(value), 'g')}" for item, value in points.items())


def _result(row: ResultLine, zone: tzinfo) -> Iterable[str]:
    result = _("pass") if row.settled.passed else _("FAIL")
    yield f"{row.record}  {row.subject}"
    yield f"{shown(row.settled.score)}  {result}"
    yield ", ".join(_(ROLES.get(role, role)) for role in row.raters if role)
    for item in row.card.record_items:
        value = row.settled.points.get(item.id)
        yield f"  {'-' if value is None else format(float(value), 'g'):>4}  {item.text}"
        yield from (f"        {text}" for text in row.evidence.get(item.id, ()))
    for finding in row.settled.findings:
        yield f"! {finding.severity.value}  {finding.item}  {finding.text}"
    yield from row.comments
    if row.dispute_until:
        yield _("Disputes until {at}").format(at=f"{row.dispute_until.astimezone(zone):%Y-%m-%d %H:%M}")
    if row.decision:
        yield row.decision


def _action(row: ActionView, zone: tzinfo) -> Iterable[str]:
    yield f"{row.label}  {row.finding}"
    yield f"{row.department}, {row.responsible}"
    yield _("in copy: {head}").format(head=row.head_in_copy)
    yield row.action
    yield _("deadline {at}").format(at=f"{row.deadline.astimezone(zone):%Y-%m-%d %H:%M}")
    if row.done_text:
        yield row.done_text
    for proof in row.proofs:
        told = _("round {round}: {passes} of {n}, {verdict}")
        yield told.format(round=proof.round, passes=proof.passes, n=proof.n, verdict=_(VERDICT_NAMES[proof.verdict]))
    if row.plan:
        for failures, n in row.plan.smallest:
            yield _("with {failures} failures, {n} records prove it").format(failures=failures, n=n or "-")
