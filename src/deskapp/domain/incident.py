"""A mass fault as a case of its own: proposed, confirmed, its level, the plan each level starts, closing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from deskapp.domain.errors import Conflict, Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.outbreak import Signal
from deskapp.domain.scorecard import Words


class IncidentState(StrEnum):
    """Where a mass fault stands. ACTIVE carries a level; CONFIRMED has no customers linked yet."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    ACTIVE = "active"
    CLOSING = "closing"
    CLOSED = "closed"
    DISMISSED = "dismissed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to it."""
        return self in (IncidentState.CLOSED, IncidentState.DISMISSED)


STATE_LABELS: dict[IncidentState, str] = {
    IncidentState.PROPOSED: N_("proposed"),
    IncidentState.CONFIRMED: N_("confirmed"),
    IncidentState.ACTIVE: N_("active"),
    IncidentState.CLOSING: N_("closing"),
    IncidentState.CLOSED: N_("closed"),
    IncidentState.DISMISSED: N_("dismissed"),
}


@dataclass(frozen=True, slots=True)
class PlanAction:
    """One thing a level asks for: whose, what, and `within` what time of the level's begin (as targets are written)."""

    key: str
    owner_role: str
    within: str
    title: Words
    steps: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelPlan:
    """A level begins at this many distinct customers; its actions start plan clocks."""

    level: int
    from_customers: int
    owner_role: str
    actions: tuple[PlanAction, ...]


@dataclass(frozen=True, slots=True)
class IncidentRules:
    """The levels in rising order, and when a dismissed mass fault may be proposed again; from the pack."""

    levels: tuple[LevelPlan, ...]
    repropose_factor: float = 2.0

    def __post_init__(self) -> None:
        """Refuse levels that are not 1, 2, … with rising counts from 1; raises Invalid."""
        numbers = [plan.level for plan in self.levels]
        counts = [plan.from_customers for plan in self.levels]
        if not numbers or numbers != list(range(1, len(numbers) + 1)):
            raise Invalid(N_("Emergency levels must be 1, 2, 3 … without a gap."), field="levels")
        if counts[0] != 1 or any(b <= a for a, b in pairwise(counts)):
            raise Invalid(
                N_("Emergency levels must begin at 1 customer and rise from level to level."), field="from_customers"
            )
        if self.repropose_factor <= 1:
            raise Invalid(
                N_("A dismissed mass fault may come back only with more customers."), field="repropose_factor"
            )

    def level_for(self, customers: int) -> int:
        """The level of this many distinct customers; 0 when there is none."""
        return max((plan.level for plan in self.levels if customers >= plan.from_customers), default=0)

    def actions(self, above: int, upto: int) -> tuple[tuple[int, PlanAction], ...]:
        """The actions of every level above `above` up to `upto`: a jump over a level skips none of its promises."""
        return tuple((p.level, action) for p in self.levels if above < p.level <= upto for action in p.actions)


@dataclass(frozen=True, slots=True)
class IncidentEvent:
    """What happened to an incident, when (aware UTC), by whom (empty: by itself), and the counts of that moment."""

    at: datetime
    kind: str
    by: str
    level: int
    customers: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """A mass fault of one product × fault; every change is a new value with one more event."""

    product: str
    fault: str
    state: IncidentState
    first_signal_at: datetime
    customers: int
    level: int = 0
    highest_level: int = 0
    # The count at which somebody lowered the level: it rises again only when a level above that count is reached.
    lowered_at_customers: int = 0
    events: tuple[IncidentEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The incident after a step, and the actions whose plan clocks begin with it (level, action)."""

    incident: Incident
    begins: tuple[tuple[int, PlanAction], ...] = ()


def propose(signal: Signal, now: datetime) -> Incident:
    """Make a proposal of a signal."""
    fresh = Incident(
        signal.product, signal.fault, IncidentState.PROPOSED, signal.first_signal_at, signal.distinct_customers
    )
    return _noted(fresh, now, "proposed", "", signal.explanation)


def may_propose(signal: Signal, earlier: Sequence[Incident], rules: IncidentRules) -> bool:
    """Whether the signal is news: no incident of it is under way, and it is not one that a lead has just answered.

    After a closed incident the signal must have begun anew; after a dismissal it must have begun anew or have
    `repropose_factor` times the customers it had then.
    """
    for old in earlier:
        if (old.product, old.fault) != (signal.product, signal.fault):
            continue
        if not old.state.is_over:
            return False
        if signal.first_signal_at > old.events[-1].at:
            continue
        if old.state is IncidentState.CLOSED or signal.distinct_customers < rules.repropose_factor * old.customers:
            return False
    return True


def confirm(incident: Incident, now: datetime, by: str, rules: IncidentRules) -> Change:
    """A lead confirms a proposal: its level begins by the customers known. Raises Conflict from another state."""
    _only(incident, IncidentState.PROPOSED)
    confirmed = _noted(replace(incident, state=IncidentState.CONFIRMED), now, "confirmed", by)
    return count(confirmed, confirmed.customers, now, rules)


def dismiss(incident: Incident, now: datetime, by: str, reason: str) -> Incident:
    """A lead says that it is none; a reason is needed. Raises Invalid without one, Conflict from another state."""
    _only(incident, IncidentState.PROPOSED)
    return _noted(replace(incident, state=IncidentState.DISMISSED), now, "dismissed", by, _reason(reason))


def count(incident: Incident, customers: int, now: datetime, rules: IncidentRules) -> Change:
    """Take the present number of distinct customers: the level rises by itself and never falls here.

    A closing incident that reaches a higher level is active again. Raises Conflict once it is over.
    """
    if incident.state.is_over:
        raise _conflict(incident)
    if incident.state is IncidentState.PROPOSED:
        return Change(replace(incident, customers=max(customers, incident.customers)))
    reached = rules.level_for(customers)
    held = rules.level_for(incident.lowered_at_customers)
    counted = replace(incident, customers=max(customers, incident.customers))
    if reached <= max(incident.level, held):
        return Change(counted)
    begins = rules.actions(max(incident.level, incident.highest_level), reached)
    risen = replace(
        counted,
        state=IncidentState.ACTIVE,
        level=reached,
        highest_level=max(reached, incident.highest_level),
        lowered_at_customers=0,
    )
    return Change(_noted(risen, now, "level_rose", ""), begins)


def lower(incident: Incident, level: int, now: datetime, by: str, reason: str) -> Incident:
    """A lead lowers the level by hand; it rises again only when the customers reach a level above today's count.

    Plan clocks already begun go on. Raises Invalid for a level that is not lower or without a reason.
    """
    _only(incident, IncidentState.ACTIVE, IncidentState.CLOSING)
    if not 1 <= level < incident.level:
        raise Invalid(
            N_("Level {level} is not below the present level {present}."),
            hint=N_("The level rises by itself; by hand it can only be lowered, to 1 at the least."),
            field="level",
            level=level,
            present=incident.level,
        )
    lowered = replace(incident, level=level, lowered_at_customers=incident.customers)
    return _noted(lowered, now, "level_lowered", by, _reason(reason))


def begin_closing(incident: Incident, now: datetime, by: str, reason: str) -> Incident:
    """The fault is mended: closing its children is proposed from here on, never forced."""
    _only(incident, IncidentState.ACTIVE, IncidentState.CONFIRMED)
    return _noted(replace(incident, state=IncidentState.CLOSING), now, "closing", by, _reason(reason))


def resume(incident: Incident, now: datetime, by: str, reason: str) -> Incident:
    """It was not over: back to active at the level it had."""
    _only(incident, IncidentState.CLOSING)
    state = IncidentState.ACTIVE if incident.level else IncidentState.CONFIRMED
    return _noted(replace(incident, state=state), now, "resumed", by, _reason(reason))


def close(incident: Incident, now: datetime, by: str, open_actions: int) -> Incident:
    """End it. Children keep their own promises and call-backs; the plan's own actions must be done or called off."""
    _only(incident, IncidentState.CLOSING)
    if open_actions:
        raise Conflict(
            N_("{count} actions of the emergency plan are still open."),
            hint=N_("Mark each as done or call it off with a reason, then close."),
            count=open_actions,
        )
    return _noted(replace(incident, state=IncidentState.CLOSED), now, "closed", by)


def quiet_since(reported: Sequence[datetime], now: datetime) -> timedelta | None:
    """How long nobody new has reported it; None when nobody has. A lead closes on this, the rules do not."""
    return now - max(reported) if reported else None


def _noted(incident: Incident, now: datetime, kind: str, by: str, reason: str = "") -> Incident:
    event = IncidentEvent(now, kind, by, incident.level, incident.customers, reason)
    return replace(incident, events=(*incident.events, event))


def _only(incident: Incident, *allowed: IncidentState) -> None:
    if incident.state not in allowed:
        raise _conflict(incident)


def _conflict(incident: Incident) -> Conflict:
    last = incident.events[-1]
    return Conflict(
        N_("The mass fault {product}, {fault} is {state} since {at}."),
        hint=N_("Open it again to see what was decided and by whom."),
        product=incident.product,
        fault=incident.fault,
        state=_(STATE_LABELS[incident.state]),
        at=f"{last.at:%Y-%m-%d %H:%M}Z",
    )


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Invalid(N_("A reason is needed."), hint=N_("Say in a few words why."), field="reason")
    return reason.strip()
