"""The clock of a corrective action: real time from notice to deadline, told at half, three quarters and its end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from deskapp.domain.sla import BREACH, Shown, plain_shown

METRIC = "corrective_action"
SHARES = (0.5, 0.75)
ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A round of an action: it runs from `since` to `until` (aware UTC), in real time: a deadline is a date."""

    since: datetime
    until: datetime

    @property
    def span(self) -> timedelta:
        """The whole time given."""
        return self.until - self.since

    def steps(self) -> tuple[tuple[str, datetime], ...]:
        """What is told when: `used:0.5`, `used:0.75`, `breach`, as of any other clock."""
        shares = tuple((f"used:{share:g}", self.since + self.span * share) for share in SHARES)
        return (*shares, (BREACH, self.until))

    def due(self, now: datetime, told: Collection[str]) -> tuple[tuple[str, datetime], ...]:
        """What is to be told by now and was not."""
        return tuple((kind, at) for kind, at in self.steps() if at <= now and kind not in told)

    def next_at(self, told: Collection[str]) -> datetime | None:
        """When there is something to tell next; None once all is told."""
        return next((at for kind, at in self.steps() if kind not in told), None)

    def again(self, now: datetime) -> "Deadline":
        """A further round: as much time as before, from now on."""
        return Deadline(now, now + self.span)

    def shown(self) -> Shown:
        """The countdown, with the colours of any promise."""
        return plain_shown(self.until, self.span, METRIC)


__all__ = ["ESCALATED", "METRIC", "SHARES", "Deadline"]
