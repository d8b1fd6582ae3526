"""What happens to a ticket that its clocks care about: append-only, dated when it occurred and when recorded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.sla.policy import Facts, Metric, Policy, Target


class EventKind(StrEnum):
    """What happened."""

    ARRIVED = "arrived"  # a call or chat comes in
    TAKEN = "taken"  # an agent takes it
    ABANDONED = "abandoned"  # the customer hangs up first
    OPENED = "opened"  # the ticket is opened
    CONTACT = "contact"  # an agent's words reach the customer
    CUSTOMER_CONTACT = "customer_contact"  # the customer gets in touch
    BOOKED = "booked"  # an appointment is agreed
    ON_SITE = "on_site"  # the technician arrives
    HANDED_OVER = "handed_over"  # another desk works on it
    HANDED_BACK = "handed_back"
    UPDATE = "update"  # an agent tells the customer how it stands
    BROADCAST = "broadcast"  # a mass-fault update reaches the customer
    PAUSED = "paused"
    RESUMED = "resumed"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    FOLLOWED_UP = "followed_up"  # call-back made, satisfaction asked
    CLOSED = "closed"  # ended without a call-back
    CANCELLED = "cancelled"  # the ticket is withdrawn
    MERGED_AWAY = "merged_away"  # this ticket goes into another
    MERGED_IN = "merged_in"  # another ticket comes into this one
    CHANGED = "changed"  # grade, priority, outcome, channel or tags
    POLICY_CHANGED = "policy_changed"
    CALENDAR_CHANGED = "calendar_changed"
    PLAN_STARTED = "plan_started"  # a mass-fault level begins, a corrective action is asked for
    PLAN_DONE = "plan_done"


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which time does not count: from, to (None while it lasts), why, and the planned return."""

    since: datetime
    until: datetime | None = None
    reason: str = ""
    back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """An open promise of a ticket that is merged into another: enough to keep the earlier of two due times."""

    metric: Metric
    name: str
    target: Target
    started_at: datetime
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One thing that happened. All instants are aware UTC; events are ordered by (`at`, `seq`).

    `at` is when it occurred, `recorded_at` when it was written down (equal unless it is a late entry), `seq` the
    order of recording. The first event of a ticket names policy and calendar version; CHANGED, POLICY_CHANGED and
    CALENDAR_CHANGED replace `facts`, `policy`, `calendar`. `reason` is the pause reason or the why in words.
    """

    kind: EventKind
    at: datetime
    seq: int = 0
    recorded_at: datetime | None = None
    by: str = ""
    reason: str = ""
    back_at: datetime | None = None  # PAUSED: the planned return
    facts: Facts | None = None
    policy: str = ""
    calendar: str = ""
    same_fault: bool = True  # REOPENED: for the same fault as before
    name: str = ""  # PLAN_DONE: which action
    targets: tuple[Target, ...] = ()  # PLAN_STARTED: what is to be done by when
    promises: tuple[Promise, ...] = ()  # MERGED_IN: the open promises of the other ticket


def check_event(event: ClockEvent, policy: Policy) -> None:
    """Refuse an event that may not be recorded: dated in the future, too far back, or a pause without its terms.

    Raises Invalid. Events that are recorded already are folded as they are.
    """
    recorded = event.recorded_at or event.at
    if event.at > recorded:
        raise Invalid(N_("This lies in the future."), hint=N_("Give the time at which it happened."), field="at")
    if recorded - event.at > policy.late_entry:
        raise Invalid(
            N_("This may be dated back by {limit} at most."),
            hint=N_("Ask a lead to correct older entries."),
            field="at",
            limit=policy.late_entry,
        )
    if event.kind is EventKind.PAUSED:
        if event.reason not in policy.pause_reasons:
            raise Invalid(
                N_("“{reason}” is no reason to pause."),
                hint=N_("The reasons are: {reasons}."),
                field="reason",
                reason=event.reason,
                reasons=", ".join(sorted(policy.pause_reasons)),
            )
        if event.back_at is None or event.back_at <= event.at:
            raise Invalid(
                N_("A pause needs a planned return."), hint=N_("Say when to come back to it."), field="back_at"
            )
