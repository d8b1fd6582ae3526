"""One mass fault as a dialog: its reasons and its plan above, what can be done about it below."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList

from deskapp.domain.i18n import _
from deskapp.domain.incident import STATE_LABELS, IncidentState
from deskapp.domain.terms import LABELS
from deskapp.domain.views_incident import MassFaultLine, MassFaultView, PlanActionLine
from deskapp.widgets.countdown import clock_of
from deskapp.widgets.dialogs import Choice, Choose
from deskapp.widgets.text import Live

_LISTED = 12


class Act(StrEnum):
    """What can be done about a mass fault."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    DONE = "done"
    CALL_OFF = "call_off"
    BROADCAST = "broadcast"
    LOWER = "lower"
    CLOSING = "closing"
    SOLVE = "solve"
    GO_ON = "go_on"
    CLOSE = "close"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Deed:
    """One choice of the dialog: what to do, and to which action or ticket."""

    act: Act
    about: UUID | None = None


class FaultCase(Choose[Deed]):
    """Shows a mass fault and asks what to do. Whoever may not decide sees its tickets."""

    DEFAULT_CSS = """
    FaultCase .case { width: 1fr; margin-top: 1; }
    """

    def __init__(self, view: MassFaultView, now: datetime, zone: tzinfo, *, decides: bool) -> None:
        line = view.line
        level = "  " + _("level {level}").format(level=line.level) if line.level else ""
        name = f"{line.label}  {line.product}, {line.fault}  {_(STATE_LABELS[line.state])}{level}"
        super().__init__(name, list(deeds(view, now, decides=decides)))
        self._text = "\n".join(story(view, now, zone))

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Live(lambda: self._title, classes="title")
            yield Live(lambda: self._text, classes="case")
            yield Input(placeholder=_("Type a part of it"))
            yield OptionList(*self._options(), markup=False)
            yield Live(self._foot, classes="keys")


def fault_choices(lines: Sequence[MassFaultLine], now: datetime) -> list[Choice[UUID]]:
    """Mass faults to choose from."""
    return [
        Choice(
            line.id,
            f"{line.label}  {line.product}, {line.fault}",
            "  ".join(
                part
                for part in (
                    _("level {level}").format(level=line.level) if line.level else "",
                    _(STATE_LABELS[line.state]),
                    _("{count} customers").format(count=line.customers),
                    _("plan {time}").format(time=_left(line.due_at, now)) if line.due_at else "",
                )
                if part
            ),
        )
        for line in lines
    ]


def story(view: MassFaultView, now: datetime, zone: tzinfo) -> Iterable[str]:
    """Why it was proposed, how many customers it has now, and how its plan stands."""
    yield view.signal.explanation
    line = view.line
    if line.state is not IncidentState.PROPOSED:
        yield _("{customers} different customers, {open} tickets open.").format(
            customers=line.customers, open=line.open_tickets
        )
    for action in view.actions:
        yield f"{state_of(action, now)}  {action.title} ({action.role})"
    if view.steps:
        last = view.steps[-1]
        yield f"{last.at.astimezone(zone):%m-%d %H:%M}  {last.by or _('by itself')}  {last.text}".rstrip()


def state_of(action: PlanActionLine, now: datetime) -> str:
    """How an action of the plan stands: time left, done, done late, called off."""
    if action.done_at is None:
        return _left(action.due_at, now)
    if action.called_off:
        return _("called off")
    return _("done late") if action.late else _("done")


def deeds(view: MassFaultView, now: datetime, *, decides: bool) -> Iterable[Choice[Deed]]:
    """What can be done in its state, the next step first; then its tickets."""
    if decides:
        yield from _decisions(view, now)
    for child in view.children[:_LISTED]:
        note = "  ".join(part for part in (_(LABELS[child.status]), child.customer, child.subject) if part)
        yield Choice(Deed(Act.TICKET, child.id), _("Open {ticket}").format(ticket=child.label), note)


def _decisions(view: MassFaultView, now: datetime) -> Iterable[Choice[Deed]]:
    state, opened = view.line.state, len(view.open_children)
    if state is IncidentState.PROPOSED:
        yield Choice(Deed(Act.CONFIRM), _("Confirm"), _("links its tickets, begins its level and plan"))
        yield Choice(Deed(Act.DISMISS), _("Dismiss"), _("it is none; comes back with twice the customers"))
        return
    if state.is_over:
        return
    if state is IncidentState.CLOSING:
        yield Choice(
            Deed(Act.SOLVE), _("Solve all {count} open tickets").format(count=opened),
            _("proposed; each customer is still called back"),
        )  # fmt: skip
        yield Choice(Deed(Act.CLOSE), _("End it"), _("open tickets stay open"))
    for action in view.open_actions:
        yield Choice(
            Deed(Act.DONE, action.id), _("Done: {action}").format(action=action.title), _left(action.due_at, now)
        )
    yield Choice(
        Deed(Act.BROADCAST),
        _("Tell all customers"),
        _("into {count} open tickets, counts as progress").format(count=opened),
    )
    if state is IncidentState.CLOSING:
        yield Choice(Deed(Act.GO_ON), _("Not over"), _("back to active"))
    else:
        yield Choice(Deed(Act.CLOSING), _("Begin closing"), _("it is mended"))
    if view.line.level > 1:
        yield Choice(Deed(Act.LOWER), _("Lower the level"), _("it rises again by itself"))
    for action in view.open_actions:
        yield Choice(Deed(Act.CALL_OFF, action.id), _("Call off: {action}").format(action=action.title))


def _left(due: datetime, now: datetime) -> str:
    left = due - now
    return f"{_('LATE')} +{clock_of(left)}" if left < timedelta(0) else clock_of(left)


__all__ = ["Act", "Deed", "FaultCase", "fault_choices"]
