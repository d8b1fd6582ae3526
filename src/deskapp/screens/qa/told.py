"""What is told of a line of QA's lists beside it, in pieces of wrapped text."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from deskapp.domain.i18n import _
from deskapp.domain.qa_views import (
    ActionView,
    CardLine,
    DisputeLine,
    ResultLine,
    RoundLine,
    SessionView,
    SharedCase,
    TaskLine,
)
from deskapp.domain.qa_words import QA_LABELS
from deskapp.domain.scoring import shown
from deskapp.domain.verification import VERDICT_NAMES, ActionState
from deskapp.screens.qa.page import Piece
from deskapp.screens.qa.words import (
    ROLES,
    SEVERITIES,
    STAGES,
    STATES,
    countdown,
    points_word,
    result_word,
)
from deskapp.widgets.wrap import hanging

Local = Callable[[datetime], datetime]
_ENDED = (ActionState.CLOSED, ActionState.ESCALATED, ActionState.VOID)


def told(row: Any, width: int, local: Local, now: datetime) -> list[Piece]:
    """What is told of a row, wrapped to a width; times as the desk's wall clock shows them."""
    teller: dict[type, Callable[..., Iterator[Piece]]] = {
        ResultLine: result_told, ActionView: action_told, RoundLine: _round, DisputeLine: dispute_told,
        SharedCase: case_told, SessionView: _session, TaskLine: _task, CardLine: _card,
    }  # fmt: skip
    return list(teller[type(row)](row, width, local, now))


def line(text: str, width: int, style: str = "", indent: int = 0) -> Piece:
    """A text as lines of its own."""
    return (" " * indent + hanging(text, width, indent) + "\n", style)


def _task(row: TaskLine, width: int, _local: Local, _now: datetime) -> Iterator[Piece]:
    yield line(f"{row.record}  {row.subject}", width, "bold")
    yield line(_(QA_LABELS[row.state]), width, "$quiet")
    yield line(_("Enter opens it with its card."), width, "$quiet")


def _round(row: RoundLine, width: int, local: Local, _now: datetime) -> Iterator[Piece]:
    yield line(f"{row.label}  {row.title}", width, "bold")
    yield line(f"{row.first_day} - {row.last_day}   {_(QA_LABELS[row.kind])}", width, "$quiet")
    yield line(_("card {card} {edition}, {stage}").format(card=row.card, edition=row.edition,
                                                          stage=_(STAGES[row.stage.value])), width)  # fmt: skip
    if row.drawn is not None:
        yield line(_("{drawn} of {frame} records drawn").format(drawn=row.drawn, frame=row.frame_size), width)
    if row.wanted:
        yield line(_("{done} of {all} evaluations submitted").format(done=row.submitted, all=row.wanted), width)
    if row.dispute_until:
        yield line(_("Disputes until {at}").format(at=f"{local(row.dispute_until):%Y-%m-%d %H:%M}"), width)
    yield line("\n" + _("Enter opens the round."), width, "$quiet")


def result_told(row: ResultLine, width: int, local: Local, now: datetime) -> Iterator[Piece]:
    """A released result: score, items with their evidence, findings, comments, the dispute and its window."""
    yield line(f"{row.record}  {row.subject}", width, "bold")
    style = "$text-success bold" if row.settled.passed else "$text-error bold"
    yield line(f"{shown(row.settled.score)}  {result_word(row.settled.passed)}", width, style)
    yield line(", ".join(_(ROLES.get(role, role)) for role in row.raters if role), width, "$quiet")
    yield from dispute_window(row, width, local, now)
    yield "\n"
    for item in row.card.record_items:
        value = row.settled.points.get(item.id)
        low = value is not None and value < 8
        yield (f"{points_word(value):>4}  ", "$text-error bold" if low else "bold")
        yield hanging(str(item.text), width, 6) + "\n"
        for text in row.evidence.get(item.id, ()):
            yield line("> " + text, width, "$quiet", 6)
    names = {item.id: str(item.text) for item in row.card.record_items}
    for finding in row.settled.findings:
        name = names.get(finding.item, finding.item)
        text = "  ".join(filter(None, (_(SEVERITIES[finding.severity]), name, finding.text)))
        yield line("! " + text, width, "$text-warning")
    for comment in row.comments:
        yield line(comment, width)
    if row.decision:
        yield line(_("decided: {text}").format(text=row.decision), width)


def dispute_window(row: ResultLine, width: int, local: Local, now: datetime) -> Iterator[Piece]:
    """Whether a result may be disputed, and for how long."""
    if row.dispute:
        yield line(_("dispute: {state}").format(state=_(QA_LABELS[row.dispute])), width, "$text-warning")
    elif row.dispute_until and now < row.dispute_until:
        text = _("may be disputed until {at}, {left} left").format(
            at=f"{local(row.dispute_until):%m-%d %H:%M}", left=countdown(row.dispute_until - now)
        )
        yield line(text, width, "$quiet")
    elif row.dispute_until:
        yield line(_("the dispute window is closed"), width, "$quiet")


def dispute_told(row: DisputeLine, width: int, local: Local, _now: datetime) -> Iterator[Piece]:
    """A dispute: who, what about, since when, how it was decided."""
    yield line(f"{row.record}  {row.agent}  {shown(row.score)}", width, "bold")
    count = _("{count} items").format(count=len(row.items))
    yield line(f"{_(QA_LABELS[row.state])}  {local(row.at):%m-%d %H:%M}  {count}", width, "$quiet")
    yield line(row.text, width)
    if row.decision:
        yield line("\n" + _("decided: {text}").format(text=row.decision), width)


def action_told(row: ActionView, width: int, local: Local, now: datetime) -> Iterator[Piece]:
    """A corrective action: its notice, its deadline as a countdown, its proofs with their verdicts."""
    yield line(f"{row.label}  {row.finding}", width, "bold")
    left = row.deadline - now
    due = "" if row.state in _ENDED else "   " + countdown(left)
    late = bool(due) and left.total_seconds() < 0
    yield line(
        f"{_(STATES[row.state])}   " + _("deadline {at}").format(at=f"{local(row.deadline):%Y-%m-%d %H:%M}") + due,
        width,
        "$text-error bold" if late else "$accent",
    )
    yield line(f"{row.department}, {row.responsible}", width)
    yield line(_("in copy: {head}").format(head=row.head_in_copy), width, "$quiet")
    yield line("\n" + row.action, width)
    if row.done_text and row.done_at:
        yield line(f"\n{_('done')} {local(row.done_at):%Y-%m-%d %H:%M}: {row.done_text}", width)
    for proof in row.proofs:
        text = _("round {round}: {passes} of {n}, {verdict}")
        style = {"proven": "$text-success bold", "not_met": "$text-error bold"}.get(
            proof.verdict.value, "$text-warning"
        )
        yield line(text.format(round=proof.round, passes=proof.passes, n=proof.n,
                               verdict=_(VERDICT_NAMES[proof.verdict])), width, style)  # fmt: skip
    if row.plan:
        by = _("by rule: every record since then counts") if row.by_rule else _("by a sample of its own")
        yield line("\n" + _("proof: {by}").format(by=by), width, "$quiet")
        for failures, n in row.plan.smallest:
            yield line(_("with {failures} failures, {n} records prove it").format(failures=failures, n=n or "-"), width,
                       "$quiet")  # fmt: skip


def case_told(row: SharedCase, width: int, _local: Local, _now: datetime) -> Iterator[Piece]:
    """A case as all will read it."""
    yield line(f"#{row.number}   {_('to follow') if row.good else _('to avoid')}   {shown(row.score)}", width, "bold")
    if not row.approved:
        yield line(_("Not approved yet: read it, then Enter."), width, "$text-warning")
    yield line("\n" + row.story, width)
    if row.lesson:
        yield line("\n" + _("lesson: {text}").format(text=row.lesson), width, "bold")


def _session(row: SessionView, width: int, _local: Local, _now: datetime) -> Iterator[Piece]:
    yield line(f"{row.label}  {row.title}", width, "bold")
    yield line(f"{row.snapshot.record}  {row.snapshot.subject}", width)
    if row.voted is not None:
        yield line(_("{count} have scored it").format(count=row.voted), width, "$quiet")
    if row.note:
        yield line("\n" + row.note, width)
    yield line("\n" + _("Enter opens it."), width, "$quiet")


def _card(row: CardLine, width: int, local: Local, _now: datetime) -> Iterator[Piece]:
    yield line(f"{row.card} {row.edition}  {row.title}", width, "bold")
    yield line(_(QA_LABELS[row.state]), width)
    if row.published_at:
        yield line(f"{local(row.published_at):%Y-%m-%d %H:%M}  {row.published_by}", width, "$quiet")
    yield line(f"sha256 {row.content_hash}", width, "$quiet")
    yield line("\n" + _("Enter opens it."), width, "$quiet")


__all__ = ["action_told", "case_told", "dispute_told", "dispute_window", "line", "result_told", "told"]
