"""Items decided by rule from a record's facts, with the evidence shown: a closed set, so that a card can't run code."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.scorecard import TOP, Item, RuleName, Scope

NOT_APPLICABLE = N_("does not apply to this record")


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What is known of a record when it is scored; instants are aware UTC, None: it did not happen (yet)."""

    id: str
    opened_at: datetime
    channel: str = ""
    grade: str = ""
    product: str = ""
    on_site: bool = False
    first_response_at: datetime | None = None
    arrived_at: datetime | None = None
    solved_at: datetime | None = None
    resolve_due_at: datetime | None = None
    called_back_at: datetime | None = None
    satisfaction_asked: bool = False
    reopened: int = 0
    repeat_contact_at: datetime | None = None
    photos_before: int = 0
    photos_after: int = 0
    problem: str = ""
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a rule decided so: an English template and its values, put into words where it is shown."""

    template: str
    values: Mapping[str, "Fact"] = field(default_factory=dict)

    def __str__(self) -> str:
        words = {name: _(str(value)) if name == "what" else _shown(value) for name, value in self.values.items()}
        return _(self.template).format(**words)


Fact = str | int | float | datetime | timedelta


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What a rule says of a record: met, not met, or None (not applicable or not decidable yet), and the evidence."""

    met: bool | None
    evidence: Evidence

    @property
    def points(self) -> Fraction | None:
        """Return 10 where the rule is met, 0 where it is not, None where it does not apply."""
        return None if self.met is None else TOP if self.met else Fraction(0)


def applies(item: Item, facts: RecordFacts) -> bool:
    """Tell whether an item's conditions hold for a record."""
    if not item.applies_when:
        return True
    known = {
        "channel": facts.channel,
        "grade": facts.grade,
        "product": facts.product,
        "on_site": "yes" if facts.on_site else "no",
        "solved": "yes" if facts.solved_at else "no",
    }
    return all(known[name] in values for name, values in item.applies_when.items())


def decide(item: Item, facts: RecordFacts) -> RuleOutcome:
    """Return what the item's rule says of the record. Raises Invalid for an item without a rule."""
    return next(outcomes(item, [facts]))


def outcomes(item: Item, records: Iterable[RecordFacts]) -> Iterator[RuleOutcome]:
    """Return what the item's rule says of each record. Raises Invalid for an item without a rule."""
    if item.rule is None:
        raise Invalid(N_("{item} is not scored by rule."), item=item.id)
    rule = _RULES[item.rule.name](item.rule.limit)
    for facts in records:
        yield rule(facts) if applies(item, facts) else RuleOutcome(None, Evidence(NOT_APPLICABLE))


def met_of(item: Item, records: Iterable[RecordFacts]) -> list[bool]:
    """Return, for each record that the rule could decide, whether it met the item."""
    return [outcome.met for outcome in outcomes(item, records) if outcome.met is not None]


@dataclass(frozen=True, slots=True)
class AggregateResult:
    """An aggregate item over all records of a period: so many met it among those that it applies to."""

    item: str
    met: int
    n: int
    target: Fraction

    @property
    def share(self) -> Fraction | None:
        """Return the share that met it; None where it applied to none."""
        return Fraction(self.met, self.n) if self.n else None

    @property
    def reached(self) -> bool | None:
        """Tell whether the share reaches the target; None where the item applied to none."""
        return None if self.share is None else self.share >= self.target


def aggregate(item: Item, records: Iterable[RecordFacts]) -> AggregateResult:
    """Decide an aggregate item by census: every record of the period, no sampling error."""
    if item.scope is not Scope.AGGREGATE or item.target is None:
        raise Invalid(N_("{item} is not an aggregate item."), item=item.id)
    met = met_of(item, records)
    return AggregateResult(item.id, sum(met), len(met), item.target)


def _within(start: datetime, done: datetime | None, limit: timedelta, until: datetime | None, what: str) -> RuleOutcome:
    """Decide "done within the limit"; equal is met. Not done is late once the limit has passed, undecided before."""
    if done is None:
        if until is not None and until <= start + limit:
            return RuleOutcome(None, Evidence(N_("{what}: not done, still in time"), {"what": what}))
        return RuleOutcome(False, Evidence(N_("{what}: not done"), {"what": what}))
    took = done - start
    # Put into words only where they are shown: a census decides hundreds of thousands of items.
    values: dict[str, Fact] = {"what": what, "start": start, "done": done, "took": took, "limit": limit}
    return RuleOutcome(took <= limit, Evidence(N_("{what}: {start} to {done} UTC is {took}, limit {limit}"), values))


Rule = Callable[[RecordFacts], RuleOutcome]


# Each makes the rule of a figure; the figure is turned into a span once, not for every record of a census.


def _first_response(limit: Fraction) -> Rule:
    allowed = timedelta(minutes=float(limit))
    return lambda f: _within(f.opened_at, f.first_response_at, allowed, f.known_until, N_("first response"))


def _on_site(limit: Fraction) -> Rule:
    allowed = timedelta(minutes=float(limit))

    def rule(facts: RecordFacts) -> RuleOutcome:
        if not facts.on_site:
            return RuleOutcome(None, Evidence(N_("no visit on this record")))
        return _within(facts.opened_at, facts.arrived_at, allowed, facts.known_until, N_("arrival"))

    return rule


def _call_back(limit: Fraction) -> Rule:
    allowed = timedelta(hours=float(limit))

    def rule(facts: RecordFacts) -> RuleOutcome:
        if facts.solved_at is None:
            return RuleOutcome(None, Evidence(N_("not solved yet")))
        return _within(facts.solved_at, facts.called_back_at, allowed, facts.known_until, N_("call-back"))

    return rule


def _solved_first_time(limit: Fraction) -> Rule:
    days = timedelta(days=float(limit))
    values: dict[str, Fact] = {"days": float(limit)}

    def rule(facts: RecordFacts) -> RuleOutcome:
        if facts.solved_at is None:
            return RuleOutcome(None, Evidence(N_("not solved yet")))
        if facts.reopened:
            return RuleOutcome(False, Evidence(N_("reopened {count} times"), {"count": facts.reopened}))
        again = facts.repeat_contact_at
        if again is not None and again - facts.solved_at <= days:
            told = N_("same fault again at {done} UTC, within {days:g} days")
            return RuleOutcome(False, Evidence(told, {"done": again} | values))
        if facts.known_until is not None and facts.known_until < facts.solved_at + days:
            return RuleOutcome(None, Evidence(N_("the {days:g} days are not over yet"), values))
        return RuleOutcome(True, Evidence(N_("not reopened, no same fault within {days:g} days"), values))

    return rule


def _resolved(_limit: Fraction) -> Rule:
    def rule(facts: RecordFacts) -> RuleOutcome:
        if facts.resolve_due_at is None:
            return RuleOutcome(None, Evidence(N_("no target on this record")))
        if facts.solved_at is None:
            late = facts.known_until is None or facts.known_until > facts.resolve_due_at
            return RuleOutcome(False if late else None, Evidence(N_("not solved yet")))
        values = {"done": facts.solved_at, "due": facts.resolve_due_at}
        met = facts.solved_at <= facts.resolve_due_at
        return RuleOutcome(met, Evidence(N_("solved {done} UTC, due {due} UTC"), values))

    return rule


def _photos(_limit: Fraction) -> Rule:
    def rule(facts: RecordFacts) -> RuleOutcome:
        if not facts.on_site:
            return RuleOutcome(None, Evidence(N_("no visit on this record")))
        values = {"before": facts.photos_before, "after": facts.photos_after}
        met = facts.photos_before > 0 and facts.photos_after > 0
        return RuleOutcome(met, Evidence(N_("photos: {before} before, {after} after"), values))

    return rule


def _satisfaction(_limit: Fraction) -> Rule:
    def rule(facts: RecordFacts) -> RuleOutcome:
        if facts.called_back_at is None:
            return RuleOutcome(None, Evidence(N_("no call-back yet")))
        words = N_("satisfaction asked") if facts.satisfaction_asked else N_("satisfaction not asked")
        return RuleOutcome(facts.satisfaction_asked, Evidence(words))

    return rule


def _problem_recorded(limit: Fraction) -> Rule:
    def rule(facts: RecordFacts) -> RuleOutcome:
        length = len(facts.problem.strip())
        values = {"length": length, "limit": int(limit)}
        return RuleOutcome(length >= limit, Evidence(N_("problem text: {length} characters, at least {limit}"), values))

    return rule


_RULES: dict[RuleName, Callable[[Fraction], Rule]] = {
    RuleName.FIRST_RESPONSE: _first_response,
    RuleName.CALL_BACK: _call_back,
    RuleName.SOLVED_FIRST_TIME: _solved_first_time,
    RuleName.ON_SITE: _on_site,
    RuleName.RESOLVED: _resolved,
    RuleName.PHOTOS: _photos,
    RuleName.SATISFACTION: _satisfaction,
    RuleName.PROBLEM_RECORDED: _problem_recorded,
}


def _shown(value: Fact) -> str | int | float:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if not isinstance(value, timedelta):
        return value
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    return f"{sign}{hours}:{rest // 60:02d}:{rest % 60:02d}"
