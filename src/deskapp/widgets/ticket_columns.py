"""The columns of tickets and duties, the same in every list that shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from deskapp.domain.i18n import N_, _
from deskapp.domain.terms import LABELS, Grade
from deskapp.widgets.cells import Cell, Column
from deskapp.widgets.countdown import due_cell, row_due

if TYPE_CHECKING:
    from deskapp.domain.presence import PresenceLine
    from deskapp.domain.views import Duty, QueueRow

# What is due, in as few letters as a column has.
METRICS = {
    "answer": N_("answer"),
    "first_response": N_("first rsp"),
    "book": N_("book"),
    "on_site": N_("on-site"),
    "next_response": N_("next rsp"),
    "progress": N_("progress"),
    "resolve": N_("resolve"),
    "follow_up": N_("follow-up"),
    "plan": N_("plan"),
    "hand_over": N_("hand-over"),
    "visit": N_("visit"),
    "shift": N_("take over"),
    "action": N_("action"),
}


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A duty as a row of a list."""

    duty: Duty

    @property
    def key(self) -> tuple[str, UUID]:
        return self.duty.kind, self.duty.row.id


def what(row: QueueRow, now: datetime) -> str:
    """The name of the promise that the row shows."""
    clock = row.worst(now)
    metric = clock.metric if clock else row.due_metric
    return _(METRICS[metric]) if metric in METRICS else metric


def age(row: QueueRow, now: datetime) -> str:
    """How long ago the ticket was opened, in four cells: `45m`, `7h`, `12d`, `434d`, `2.7y`, `12y`."""
    minutes = max(timedelta(0), now - row.opened_at) // timedelta(minutes=1)
    if minutes < 60:
        return f"{minutes}m"
    if minutes < 2880:
        return f"{minutes // 60}h"
    days = minutes // 1440
    # Cut, not rounded: nothing looks older than it is.
    return f"{days}d" if days < 1000 else f"{days * 10 // 365 / 10:.1f}y" if days < 3650 else f"{days // 365}y"


def grade(row: QueueRow) -> Cell:
    """The manual's grade as a word; green ones stay quiet."""
    return Cell(_(LABELS[row.grade]), {Grade.RED: "late", Grade.YELLOW: "", Grade.GREEN: "dim"}[row.grade])


def _duty_due(entry: DutyRow, now: datetime) -> Cell:
    duty = entry.duty
    if duty.kind in ("ticket", "shift", "action"):
        return row_due(duty.row, now)
    return due_cell(duty.due_at, 3600, now)


def _duty_what(entry: DutyRow, now: datetime) -> Cell:
    return Cell(what(entry.duty.row, now) if entry.duty.kind == "ticket" else _(METRICS[entry.duty.kind]))


def _duty_fault(entry: DutyRow, now: datetime) -> Cell:
    told = entry.duty.text or entry.duty.row.subject
    if entry.duty.for_whom:
        told = _("(for {owner}) {text}").format(owner=entry.duty.for_whom, text=told)
    return Cell(told)


def duty_columns() -> list[Column[DutyRow]]:
    """An agent's own list."""
    return [
        Column("due", N_("due"), 16, _duty_due, ticking=True),
        Column("what", N_("what"), 9, _duty_what, ticking=True),
        Column("ticket", N_("ticket"), 8, lambda e, now: Cell(e.duty.label)),
        Column("customer", N_("customer"), 10, lambda e, now: Cell(e.duty.row.customer), grow=2),
        Column("fault", N_("fault"), 12, _duty_fault, grow=4),
        Column("grade", N_("grade"), 6, lambda e, now: grade(e.duty.row), min_total_width=64),
    ]


def queue_columns(here: Mapping[UUID, PresenceLine] | None = None) -> list[Column[QueueRow]]:
    """All open tickets; what a lead needs least leaves first when the room shrinks. `here`: who is at which ticket."""
    at = here if here is not None else {}
    return [
        Column("due", N_("due"), 16, row_due, ticking=True),
        Column("what", N_("what"), 9, lambda row, now: Cell(what(row, now)), min_total_width=60, ticking=True),
        Column("ticket", N_("ticket"), 8, lambda row, now: Cell(row.label)),
        Column("customer", N_("customer"), 10, lambda row, now: Cell(row.customer), grow=2),
        Column("fault", N_("fault"), 12, lambda row, now: Cell(row.subject), grow=5),
        Column("grade", N_("grade"), 6, lambda row, now: grade(row), min_total_width=70),
        Column("desk", N_("desk"), 11, lambda row, now: Cell(row.team, "dim"), min_total_width=112, grow=1),
        Column(
            "assignee",
            N_("assignee"),
            11,
            lambda row, now: _assignee(row, at.get(row.id)),
            min_total_width=78,
            grow=1,
            ticking=True,
        ),
        Column("owner", N_("owner"), 11, lambda row, now: Cell(row.owner, "dim"), min_total_width=124, grow=1),
        Column("age", N_("age"), 4, lambda row, now: Cell(age(row, now), "dim"), min_total_width=100, align="right"),
    ]


def _assignee(row: QueueRow, here: PresenceLine | None) -> Cell:
    """Who works on it; `e` before the name of somebody else who writes there now, `v` who looks at what is nobody's."""
    if here is not None and here.state == "editing":
        return Cell(f"e {here.name}", "yellow")
    if here is not None and here.state == "viewing" and not row.assignee_id:
        return Cell(f"v {here.name}", "dim")
    return Cell(row.assignee) if row.assignee_id else Cell(_("nobody"), "accent")
