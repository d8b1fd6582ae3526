"""A queue's filter and order in words, and the ways to change them as choices."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import N_, _
from deskapp.domain.queue import Holder, QueueFilter, Sort, order_from_json
from deskapp.domain.terms import LABELS, Channel, Grade, Priority, Status
from deskapp.domain.views import PersonLine, QueueRow, SavedViewLine, TeamLine
from deskapp.widgets.dialogs import Choice

HOLDERS = {
    Holder.ANYBODY: N_("everybody's"),
    Holder.ME: N_("mine"),
    Holder.MY_TEAM: N_("my desk's"),
    Holder.NOBODY: N_("nobody's"),
    Holder.OWNED_BY_ME: N_("owned by me"),
}
SORTS = {
    Sort.DUE: N_("what is due first"),
    Sort.NUMBER: N_("number"),
    Sort.GRADE: N_("grade"),
    Sort.AGE: N_("age"),
    Sort.CUSTOMER: N_("customer"),
    Sort.ASSIGNEE: N_("assignee"),
}
_WORDS = {"grades": Grade, "statuses": Status, "priorities": Priority, "channels": Channel}
_KINDS = {
    "grades": N_("grade"), "statuses": N_("status"), "priorities": N_("priority"), "channels": N_("channel"),
}  # fmt: skip


def describe(wanted: QueueFilter, teams: Iterable[TeamLine] = (), people: Iterable[PersonLine] = ()) -> str:
    """The filter in a few words; empty when it asks for nothing."""
    words = [] if wanted.holder is Holder.ANYBODY else [_(HOLDERS[wanted.holder])]
    if wanted.overdue:
        words.append(_("late"))
    for name in _WORDS:
        if values := getattr(wanted, name):
            words.append("/".join(_(LABELS[value]) for value in values))
    if wanted.team_id:
        words.append(next((team.name for team in teams if team.id == wanted.team_id), _("another desk")))
    if wanted.assignee_id:
        words.append(next((one.name for one in people if one.id == wanted.assignee_id), _("somebody's")))
    if wanted.product:
        words.append(wanted.product)
    if wanted.text:
        words.append(f'"{wanted.text}"')
    return ", ".join(words)


def order(sort: Sort, descending: bool) -> str:
    """The order in words."""
    return _(SORTS[sort]) + (" " + _("(turned round)") if descending else "")


def filter_choices(
    wanted: QueueFilter, teams: Iterable[TeamLine], near: QueueRow | None = None
) -> Iterator[Choice[QueueFilter]]:
    """Each way to narrow or widen a filter; what is chosen now carries a `*`. `near`: the ticket under the cursor."""
    if wanted != QueueFilter():
        yield Choice(QueueFilter(), "  " + _("Everything"), _("no filter at all"))
    yield Choice(replace(wanted, overdue=not wanted.overdue), _mark(wanted.overdue) + _("late"))
    for holder, name in HOLDERS.items():
        yield Choice(replace(wanted, holder=holder), _mark(wanted.holder is holder) + _(name), _("held by"))
    for name, words in _WORDS.items():
        chosen = getattr(wanted, name)
        for word in words:
            if word in (Status.CLOSED, Status.CANCELLED):
                continue
            values = tuple(v for v in words if (v in chosen) != (v is word))
            changed: dict[str, Any] = {name: values}
            yield Choice(replace(wanted, **changed), _mark(word in chosen) + _(LABELS[word]), _(_KINDS[name]))
    product = wanted.product or (near.product if near else "")
    if product:
        changed = {"product": "" if wanted.product else product}
        yield Choice(replace(wanted, **changed), _mark(bool(wanted.product)) + product, _("product"))
    person, name = (near.assignee_id, near.assignee) if near else (None, "")
    if wanted.assignee_id or person:
        changed = {"assignee_id": None if wanted.assignee_id else person}
        label = _("one person's") if wanted.assignee_id else name
        yield Choice(replace(wanted, **changed), _mark(bool(wanted.assignee_id)) + label, _("assignee"))
    for team in teams:
        now = wanted.team_id == team.id
        yield Choice(replace(wanted, team_id=None if now else team.id), _mark(now) + team.name, _("desk"))


def view_choices(saved: Iterable[SavedViewLine]) -> Iterator[Choice[QueueFilter | SavedViewLine]]:
    """The views that are always there, then the saved ones."""
    shipped = {
        N_("All open"): QueueFilter(),
        N_("Late"): QueueFilter(overdue=True),
        N_("Red grade"): QueueFilter(grades=(Grade.RED,)),
        N_("Unclaimed red"): QueueFilter(holder=Holder.NOBODY, grades=(Grade.RED,)),
        N_("Nobody's"): QueueFilter(holder=Holder.NOBODY),
        N_("My desk's"): QueueFilter(holder=Holder.MY_TEAM),
        N_("Mine"): QueueFilter(holder=Holder.ME),
        N_("Owned by me"): QueueFilter(holder=Holder.OWNED_BY_ME),
        N_("Paused"): QueueFilter(statuses=(Status.PAUSED,)),
        N_("Call-backs due"): QueueFilter(statuses=(Status.SOLVED,)),
    }
    for name, wanted in shipped.items():
        yield Choice(wanted, _(name), describe(wanted))
    for line in saved:
        yield Choice(line, line.name, "  ".join((_("shared") if line.shared else _("saved"), _told(line))))


def _told(line: SavedViewLine) -> str:
    """What a saved view asks for, in words; one of a newer desk says so when it is chosen."""
    try:
        told = describe(QueueFilter.from_json(line.filter))
    except DeskError:
        return ""
    sort, descending = order_from_json(line.filter)
    by = "" if (sort, descending) == (Sort.DUE, False) else _("by {order}").format(order=order(sort, descending))
    return ", ".join(part for part in (told, by) if part)


def _mark(chosen: bool) -> str:
    return "* " if chosen else "  "
