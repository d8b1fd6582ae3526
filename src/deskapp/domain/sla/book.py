"""The book of one ticket: its clocks, what has happened to it so far, and the rules it is judged by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from deskapp.domain.calendar import WorkCalendar
from deskapp.domain.errors import NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.sla.clock import Clock, State
from deskapp.domain.sla.events import EventKind, Pause
from deskapp.domain.sla.policy import Facts, Metric, Policy

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a history is judged by: policies by `key@version`, calendars by version id."""

    policies: Mapping[str, Policy]
    calendars: Mapping[str, WorkCalendar]

    def policy(self, policy_id: str) -> Policy:
        """Return a policy version. Raises NotFound."""
        if (policy := self.policies.get(policy_id)) is None:
            raise NotFound(
                N_("The policy “{policy}” is missing."), hint=N_("Restore its file or row."), policy=policy_id
            )
        return policy

    def calendar(self, version_id: str) -> WorkCalendar:
        """Return a calendar version. Raises NotFound."""
        if (calendar := self.calendars.get(version_id)) is None:
            raise NotFound(
                N_("The calendar version “{version}” is missing."),
                hint=N_("Restore its file or row."),
                version=version_id,
            )
        return calendar


@dataclass(frozen=True, slots=True)
class Marks:
    """Instants of a ticket from which a promise added later would count, and what is done already."""

    arrived: datetime | None = None
    taken: datetime | None = None
    opened: datetime | None = None
    contacted: datetime | None = None
    booked: datetime | None = None
    on_site: datetime | None = None
    progress_from: datetime | None = None  # hand-over or the last update since
    unanswered_from: datetime | None = None  # oldest customer contact without an answer
    resolved: datetime | None = None
    followed_up: datetime | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """The clocks of one ticket with what is needed to apply the next event. `closed` says why there are no more."""

    facts: Facts = field(default_factory=Facts)
    policy: str = ""
    calendar: str = ""
    clocks: tuple[Clock, ...] = ()
    marks: Marks = field(default_factory=Marks)
    pauses: tuple[Pause, ...] = ()
    last: tuple[datetime, int] = (NEVER, -1)
    closed: str = ""

    def latest(self, metric: Metric, name: str = "") -> Clock | None:
        """Return the clock of the last round of a metric."""
        return next((c for c in reversed(self.clocks) if c.metric is metric and c.name == name), None)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """What an event did to one clock: for the audit trail beside it."""

    metric: Metric
    name: str
    round: int
    kind: EventKind
    at: datetime
    by: str
    why: str
    state_before: State | None
    state_after: State
    due_before: datetime | None
    due_after: datetime | None
