"""The end of a shift in words: duties by kind and line by line, the same on the screen and on paper."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, Grade, Shift, Status
from deskapp.domain.views import Duty
from deskapp.domain.views_shift import ShiftDuties

DUTIES = {
    "red": N_("red, not read"),
    "ticket": N_("to work on"),
    "follow_up": N_("call-back"),
    "waiting": N_("waiting for others"),
    "visit": N_("visit"),
}


def figures(found: ShiftDuties) -> str:
    """How many duties of each kind there are, and how many promises hang on them."""
    told = [f"{_(name)} {found.count(kind)}" for kind, name in DUTIES.items() if found.count(kind)]
    return "   ".join([*told, _("open promises {count}").format(count=found.promises)])


def lines(found: ShiftDuties, now: datetime, zone: tzinfo) -> Iterator[str]:
    """Each duty in a line: by when, what, which ticket, for whom; times in `zone`."""
    for duty in found.duties:
        grade = _(LABELS[duty.row.grade]) if duty.row.grade is Grade.RED else ""
        whom = _("for {owner}").format(owner=duty.for_whom) if duty.for_whom else ""
        told = (when(duty, now, zone), _(DUTIES[duty.kind]), duty.row.label, grade, duty.row.subject, whom)
        yield "  ".join(part for part in told if part)


def when(duty: Duty, now: datetime, zone: tzinfo) -> str:
    """By when a duty is due."""
    if duty.row.status is Status.PAUSED and duty.kind != "visit":
        return _("paused")
    if duty.due_at is None:
        return _("no promise")
    at = f"{duty.due_at.astimezone(zone):%m-%d %H:%M}"
    return f"{_('LATE')} {at}" if duty.due_at < now else at


def place(team: str, shift: Shift | None) -> str:
    """A team, or one shift of it."""
    return ", ".join(part for part in (team, _(LABELS[shift]) if shift else "") if part)


__all__ = ["DUTIES", "figures", "lines", "place", "when"]
