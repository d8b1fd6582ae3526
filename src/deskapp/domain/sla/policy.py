"""Policies: which tickets are promised what, by ordered rules; the figures all come from the pack."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.sla.amounts import Amount, Offset


class Metric(StrEnum):
    """What is promised."""

    ANSWER = "answer"
    FIRST_RESPONSE = "first_response"
    BOOK = "book"
    ON_SITE = "on_site"
    NEXT_RESPONSE = "next_response"
    PROGRESS = "progress"
    RESOLVE = "resolve"
    FOLLOW_UP = "follow_up"
    PLAN = "plan"


METRIC_TITLES = {
    Metric.ANSWER: N_("answer"),
    Metric.FIRST_RESPONSE: N_("first response"),
    Metric.BOOK: N_("booking"),
    Metric.ON_SITE: N_("on-site"),
    Metric.NEXT_RESPONSE: N_("next response"),
    Metric.PROGRESS: N_("progress"),
    Metric.RESOLVE: N_("resolve"),
    Metric.FOLLOW_UP: N_("follow-up"),
    Metric.PLAN: N_("plan"),
}
NEVER_PAUSE = frozenset({Metric.ANSWER, Metric.FIRST_RESPONSE, Metric.ON_SITE, Metric.PROGRESS})


@dataclass(frozen=True, slots=True)
class Facts:
    """What a policy looks at: the ticket's grade, priority, flow outcome, channel and the customer's tags."""

    grade: str = ""
    priority: str = ""
    outcome: str = ""
    channel: str = ""
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Match:
    """Values a rule asks for; an empty set asks for nothing. One of the customer's tags is enough."""

    grade: frozenset[str] = frozenset()
    priority: frozenset[str] = frozenset()
    outcome: frozenset[str] = frozenset()
    channel: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()

    def fits(self, facts: Facts) -> bool:
        """Whether every set that asks for something is satisfied."""
        return (
            (not self.grade or facts.grade in self.grade)
            and (not self.priority or facts.priority in self.priority)
            and (not self.outcome or facts.outcome in self.outcome)
            and (not self.channel or facts.channel in self.channel)
            and (not self.tags or bool(self.tags & facts.tags))
        )


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: the metric, how long, for which reasons it pauses, and when it escalates around its due time.

    `name` tells the actions of a plan apart; it is empty for the metrics of a ticket.
    """

    metric: Metric
    amount: Amount
    pause: frozenset[str] = frozenset()
    name: str = ""
    escalations: tuple[Offset, ...] = ()

    def __post_init__(self) -> None:
        if self.pause and self.metric in NEVER_PAUSE:
            raise Invalid(
                N_("The target “{metric}” never pauses."),
                hint=N_("Remove its pause reasons."),
                field="pause",
                metric=self.metric.value,
            )


@dataclass(frozen=True, slots=True)
class Rule:
    """Tickets that fit get these targets; the first rule that fits decides."""

    key: str
    match: Match
    targets: tuple[Target, ...]
    _index: dict[tuple[Metric, str], Target] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        index = {(t.metric, t.name): t for t in self.targets}
        if len(index) < len(self.targets):
            raise Invalid(
                N_("The rule “{rule}” has two targets for the same metric."), hint=N_("Keep one."), rule=self.key
            )
        object.__setattr__(self, "_index", index)

    def target(self, metric: Metric, name: str = "") -> Target | None:
        """Return the target for a metric, if the rule promises it."""
        return self._index.get((metric, name))


@dataclass(frozen=True, slots=True)
class Colours:
    """When a countdown turns yellow and red.

    Green while share > `green_share` and left > min(`yellow_left`, `yellow_part` x target); red from share <=
    `red_share` or left <= min(`red_left`, `red_part` x target) or overdue; yellow between.
    """

    green_share: float
    red_share: float
    yellow_left: timedelta
    yellow_part: float
    red_left: timedelta
    red_part: float

    def __post_init__(self) -> None:
        shares = (self.green_share, self.red_share, self.yellow_part, self.red_part)
        ordered = self.red_share <= self.green_share and self.red_part <= self.yellow_part
        if not ordered or self.red_left > self.yellow_left or any(not 0 <= share <= 1 for share in shares):
            raise Invalid(
                N_("The colour limits are out of order."),
                hint=N_("Shares lie between 0 and 1, and red begins no earlier than yellow."),
            )

    def limits(self, span: timedelta) -> tuple[timedelta, timedelta]:
        """Return what must be left for green (more than), and at which red begins, for a target of that length."""
        yellow = max(span * self.green_share, min(self.yellow_left, span * self.yellow_part))
        red = max(span * self.red_share, min(self.red_left, span * self.red_part))
        return yellow, red


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of the promises of a desk. Immutable: a change is a new version.

    `notices` are the shares used (0.5, 0.75) that warn; `late_entry` is how far back an event may be dated.
    """

    key: str
    version: int
    rules: tuple[Rule, ...]
    colours: Colours
    notices: tuple[float, ...]
    reopen_within: timedelta
    late_entry: timedelta
    pause_reasons: frozenset[str]

    def __post_init__(self) -> None:
        for rule in self.rules:
            for target in rule.targets:
                if unknown := sorted(target.pause - self.pause_reasons):
                    raise Invalid(
                        N_("The rule “{rule}” pauses for “{reason}”, which the policy does not name."),
                        hint=N_("Name it among the pause reasons of the policy."),
                        rule=rule.key,
                        reason=unknown[0],
                    )
        if any(not 0 < share < 1 for share in self.notices):
            raise Invalid(N_("A warning comes at a share between 0 and 1."), hint=N_("Write 0.5 for half of the time."))

    @property
    def id(self) -> str:
        """Key and version: what clocks and events refer to."""
        return f"{self.key}@{self.version}"

    def match(self, facts: Facts) -> Rule | None:
        """Return the first rule that fits, or None when nothing is promised to such a ticket."""
        return first_match(self.rules, facts)


def first_match(rules: Iterable[Rule], facts: Facts) -> Rule | None:
    """Return the first rule that fits these facts."""
    return next((rule for rule in rules if rule.match.fits(facts)), None)
