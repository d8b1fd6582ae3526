"""Score a record on a card: exact points, not applicable, findings, and the pass that a critical finding overrides."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _
from deskapp.domain.rule_items import NOT_APPLICABLE, RecordFacts, applies, decide
from deskapp.domain.scorecard import CriticalClass, Item, OnCritical, Scorecard, Severity, Source


class Result(StrEnum):
    """Whether the record passed; a column of its own beside the number."""

    PASS = "pass"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: how bad, on which item, for whom a critical one is critical, why it happened."""

    severity: Severity
    item: str = ""
    critical_class: CriticalClass | None = None
    text: str = ""
    root_cause: str = ""

    def __post_init__(self) -> None:
        if (self.severity is Severity.CRITICAL) != (self.critical_class is not None):
            raise Invalid(
                N_("A critical finding says for whom it is critical, another does not."),
                hint=N_("Choose customer, business or compliance."),
                field=self.item,
            )


@dataclass(frozen=True, slots=True)
class Answer:
    """A rater's or a rule's answer to one item: points of 10, or not applicable with its reason.

    `evidence` are the kinds of evidence attached (recording, note, photo …), each once.
    """

    points: Fraction | None = None
    na_reason: str = ""
    evidence: frozenset[str] = frozenset()
    override_reason: str = ""

    @property
    def not_applicable(self) -> bool:
        """Tell whether the item was left out of the score."""
        return self.points is None


@dataclass(frozen=True, slots=True)
class Score:
    """A record's score. `exact` is what the pass rule looks at; `shown` is cut, never rounded up, to two places."""

    exact: Fraction
    result: Result
    critical: bool
    weight: Fraction
    weight_of_all: Fraction
    before_zero: Fraction

    @property
    def shown(self) -> Decimal:
        """Return the score for people: 79.996 shows as 79.99, so that what shows 80.00 has passed."""
        return shown(self.exact)


def shown(score: Fraction) -> Decimal:
    """Return an exact score cut to two places."""
    return Decimal(math.floor(score * 100)).scaleb(-2)


def record_score(
    parts: Sequence[tuple[Fraction, Fraction | None]],
    *,
    critical: bool = False,
    pass_mark: Fraction = Fraction(80),
    on_critical: OnCritical = OnCritical.KEEP,
) -> Score:
    """Return the score of (weight, points of 10 or None for not applicable): 100·Σ w·s/10 ÷ Σ w over those that apply.

    Passes at the mark or above without a critical finding. Raises Invalid when under half of the weight applies.
    """
    whole = sum((weight for weight, _points in parts), Fraction(0))
    weight = sum((weight for weight, points in parts if points is not None), Fraction(0))
    if not weight or weight * 2 < whole:
        raise Invalid(
            N_("Under half of the card's weight applies to this record: it has no score."),
            hint=N_("Replace the record from the reserve, with the reason."),
        )
    number = sum((w * points * 10 for w, points in parts if points is not None), Fraction(0)) / weight
    result = Result.PASS if number >= pass_mark and not critical else Result.FAIL
    exact = Fraction(0) if critical and on_critical is OnCritical.ZERO else number
    return Score(exact, result, critical, weight, whole, number)


def evaluate(
    card: Scorecard, facts: RecordFacts, answers: Mapping[str, Answer], findings: Iterable[Finding] = ()
) -> Score:
    """Check a whole evaluation as it is submitted and return its score.

    Raises Invalid, with the item as `field`, for an unanswered or unknown item, points off the scale, a missing
    reason (not applicable, rule overridden), too little evidence, a finding on an unknown item, or under half of the
    weight left.
    """
    unknown = set(answers) - {item.id for item in card.record_items}
    if unknown:
        raise Invalid(N_("There is no item {item} on the card {card}."), item=sorted(unknown)[0], card=card.id)
    found = tuple(findings)
    for finding in found:
        if finding.item:
            card.item(finding.item)
    parts = []
    for item in card.record_items:
        answer = answers.get(item.id)
        if answer is None:
            raise Invalid(N_("{item} has no answer yet."), item=str(item.text), field=item.id)
        check_answer(item, answer, facts)
        parts.append((item.weight, answer.points))
    critical = any(finding.severity is Severity.CRITICAL for finding in found)
    return record_score(parts, critical=critical, pass_mark=card.pass_mark, on_critical=card.on_critical)


def check_answer(item: Item, answer: Answer, facts: RecordFacts) -> None:
    """Raise Invalid when an answer breaks the rules of its item, see `evaluate`."""
    ruled = decide(item, facts) if item.source is Source.RULE else None
    overridden = ruled is not None and ruled.points != answer.points
    if ruled is not None and overridden and not answer.override_reason.strip():
        raise Invalid(
            N_("{item} was decided by rule ({evidence})."),
            item=str(item.text),
            evidence=str(ruled.evidence),
            hint=N_("Say why you decide otherwise."),
            field=item.id,
        )
    if answer.points is None:
        if applies(item, facts) and not item.na_allowed and (ruled is None or overridden):
            raise Invalid(N_("{item} applies to every record."), item=str(item.text), field=item.id)
        if not answer.na_reason.strip():
            raise Invalid(N_("Say why {item} does not apply."), item=str(item.text), field=item.id)
        return
    item.scale.check(answer.points, item.id)
    if ruled is None and len(answer.evidence) < item.evidence_kinds:
        raise Invalid(
            N_("{item} needs {wanted} kinds of evidence and has {found}."),
            item=str(item.text),
            wanted=item.evidence_kinds,
            found=len(answer.evidence),
            hint=N_("Attach another kind, for instance the note beside the recording."),
            field=item.id,
        )


def prefill(card: Scorecard, facts: RecordFacts) -> dict[str, Answer]:
    """Return the answers that need no rater: items decided by rule, and those whose conditions do not hold."""
    answers: dict[str, Answer] = {}
    for item in card.record_items:
        if item.source is Source.RULE:
            outcome = decide(item, facts)
            reason = str(outcome.evidence) if outcome.points is None else ""
            answers[item.id] = Answer(outcome.points, na_reason=reason, evidence=frozenset({"record"}))
        elif not applies(item, facts):
            answers[item.id] = Answer(None, na_reason=_(NOT_APPLICABLE))
    return answers
