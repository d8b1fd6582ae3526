"""Ask for what happens with a visit: a window to book or move to, an arrival, what was done; a few keys each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

from textual.app import App

from deskapp.domain.i18n import _
from deskapp.domain.sla import Metric
from deskapp.domain.sla.words import DAYS
from deskapp.domain.terms import AppointmentState
from deskapp.domain.views import AppointmentLine
from deskapp.domain.visits import SlotLine, need_photos
from deskapp.services.requests.base import Command
from deskapp.services.requests.visits import BookVisit, CancelVisit, MoveVisit, ReportArrival, ReportVisit
from deskapp.widgets.dialogs import AskLine, Choice, Choose
from deskapp.widgets.form import Form, Line

Send = Callable[[Command], None]
# When what is promised of a visit is due, by metric, in the desk's zone.
Due = Mapping[str, datetime]


def choose_window(app: App[Any], slots: Sequence[SlotLine], then: Callable[[SlotLine, str], None], due: Due) -> None:
    """Choose a window, those that suit the customer first; one against a wish asks for the customer's word."""
    suited = sorted(slots, key=lambda slot: bool(slot.against))
    choices = [Choice(slot, _window(slot.starts_at, slot.ends_at), _note(slot, due)) for slot in suited]

    def taken(slot: SlotLine | None) -> None:
        if slot is None:
            return
        if not slot.against:
            then(slot, "")
            return
        title = _("This goes against what the customer asked for: {wish}.").format(wish=slot.against)
        app.push_screen(
            AskLine(title, _("The customer agrees, because (Esc: another time):")),
            lambda despite: then(slot, despite) if despite else None,
        )

    app.push_screen(Choose("  ".join([_("When do we come?"), *_promises(due)]), choices), taken)


def _window(starts: datetime, ends: datetime) -> str:
    return f"{starts:%m-%d} {_(DAYS[starts.weekday()])[:3]} {starts:%H:%M}-{ends:%H:%M}"


def _note(slot: SlotLine, due: Due) -> str:
    late = due.get(Metric.ON_SITE) is not None and slot.starts_at > due[Metric.ON_SITE]
    notes = ["! " + slot.against] if slot.against else []
    if late:
        notes.append(_("after the promise"))
    if not slot.against and slot.free:
        notes.append(_("{free} free").format(free=slot.free))
    return ", ".join(notes)


def _promises(due: Due) -> list[str]:
    told = {Metric.BOOK: _("Agreed by {at}."), Metric.ON_SITE: _("On site by {at}.")}
    return [text.format(at=f"{due[metric]:%m-%d %H:%M}") for metric, text in told.items() if metric in due]


def book(app: App[Any], slots: Sequence[SlotLine], ticket_id: UUID, send: Send, due: Due) -> None:
    """Book a visit."""
    choose_window(
        app, slots,
        lambda slot, despite: send(
            BookVisit(ticket_id=ticket_id, starts_at=slot.starts_at, ends_at=slot.ends_at, despite=despite)
        ),
        due,
    )  # fmt: skip


def change(
    app: App[Any], slots: Sequence[SlotLine], visit: AppointmentLine, send: Send, due: Due, zone: tzinfo
) -> None:
    """What happens with a visit that is booked: arrived, done, moved, called off."""

    def move(reason: str | None) -> None:
        if reason:
            choose_window(
                app, slots,
                lambda slot, despite: send(
                    MoveVisit(
                        visit_id=visit.id, version=visit.version, starts_at=slot.starts_at, ends_at=slot.ends_at,
                        reason=reason, despite=despite,
                    )
                ),
                due,
            )  # fmt: skip

    def done(values: Mapping[str, str] | None) -> None:
        if values is not None:
            send(_report(visit.id, values))

    def report() -> None:
        app.push_screen(Form(_("Visit done"), _lines(), check=lambda values: _report(visit.id, values)), done)

    def what(answer: str | None) -> None:
        if answer == "arrived":
            send(ReportArrival(visit_id=visit.id))
        elif answer == "done":
            report()
        elif answer == "move":
            app.push_screen(AskLine(_("Another time: why?")), move)
        elif answer == "cancel":
            app.push_screen(
                AskLine(_("Call it off: why?")),
                lambda reason: send(CancelVisit(visit_id=visit.id, reason=reason)) if reason else None,
            )

    if visit.state is AppointmentState.ARRIVED:
        report()  # whoever is there has neither another time nor none
        return
    choices = [
        Choice("arrived", _("The technician is there")), Choice("done", _("Visit done")),
        Choice("move", _("Another time")), Choice("cancel", _("Call it off")),
    ]  # fmt: skip
    window = _window(visit.starts_at.astimezone(zone), visit.ends_at.astimezone(zone))
    app.push_screen(Choose("  ".join(filter(None, (_("The visit"), window, visit.technician))), choices), what)


def _lines() -> tuple[Line, ...]:
    # Not taken until somebody says so: QA counts what stands here.
    taken = (("no", _("not taken")), ("yes", _("taken")))
    return (
        Line("before", _("photo before"), words=taken),
        Line("after", _("photo after"), words=taken),
        Line("text", _("What was done"), limit=2000),
    )


def _report(visit_id: UUID, values: Mapping[str, str]) -> ReportVisit:
    before, after = values["before"] == "yes", values["after"] == "yes"
    need_photos(before, after, values["text"])
    return ReportVisit(visit_id=visit_id, text=values["text"], photos_before=before, photos_after=after)


__all__ = ["book", "change", "choose_window"]
