"""Who scores which record: dealt by the draw's hash, never one's own record, no lead on their own team as primary."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.sampling import FrameRecord, double_scored, first_by_ticket, ticket

ROLES = ("lead", "qa", "customer_experience")


@dataclass(frozen=True, slots=True)
class Rater:
    """A rater: the person, the teams that the person leads, the role in this round, and records one has worked on."""

    id: str
    leads: frozenset[str] = field(default_factory=frozenset)
    role: str = "qa"
    worked_on: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A record with its primary rater and those who score it blind beside."""

    record: str
    primary: str
    others: tuple[str, ...] = ()

    @property
    def raters(self) -> tuple[str, ...]:
        """Return all who score the record, the primary first."""
        return (self.primary, *self.others)


def may_rate(rater: Rater, record: FrameRecord, *, primary: bool) -> bool:
    """Tell whether a rater may score a record: never one's own; a lead not the own team's as primary."""
    if rater.id == record.agent or record.id in rater.worked_on:
        return False
    return not (primary and record.team and record.team in rater.leads)


def assign(
    records: Sequence[FrameRecord],
    raters: Sequence[Rater],
    seed: str,
    *,
    double_share: Fraction = Fraction(1, 5),
    double_minimum: int = 30,
    everyone: bool = False,
    kept: Mapping[str, Assignment] | None = None,
) -> tuple[Assignment, ...]:
    """Deal the records to the raters in the order of their tickets under other labels; equal loads, rotating pairs.

    A share of the records (at least a minimum) gets a second rater, or with `everyone` every record gets all who may.
    What is `kept` from before stays as it is, so a sample that grows only adds work. Raises Invalid when a record has
    nobody who may score it, naming it.
    """
    if len({rater.id for rater in raters}) != len(raters):
        raise Invalid(N_("A rater is named twice."))
    before = dict(kept or {})
    ordered = sorted(records, key=lambda r: (ticket(seed, r.id, "assign"), r.id))
    doubles = double_scored(len(records), share=double_share, minimum=double_minimum)
    wanted = set(first_by_ticket([r.id for r in records], seed, "double", doubles))
    load: Counter[str] = Counter()
    pairs: Counter[frozenset[str]] = Counter()
    for assignment in before.values():
        load.update(assignment.raters)
        pairs.update(frozenset((assignment.primary, other)) for other in assignment.others)
    result = []
    for record in ordered:
        found = before.get(record.id)
        missing = everyone or (record.id in wanted and not (found and found.others))
        if found is None or (missing and not found.others):
            fresh = _one(record, raters, seed, load, pairs, found, everyone, record.id in wanted)
            load.update(fresh.raters if found is None else fresh.others)
            pairs.update(frozenset((fresh.primary, other)) for other in fresh.others)
            found = fresh
        result.append(found)
    return tuple(sorted(result, key=lambda a: a.record))


def roles_of_round(raters: Sequence[str], number: int) -> dict[str, str]:
    """Return the role of each rater in a round (from 0): the roles move on by one each round."""
    return {rater: ROLES[(i + number) % len(ROLES)] for i, rater in enumerate(sorted(raters))}


def _one(
    record: FrameRecord,
    raters: Sequence[Rater],
    seed: str,
    load: Counter[str],
    pairs: Counter[frozenset[str]],
    found: Assignment | None,
    everyone: bool,
    double: bool,
) -> Assignment:
    def lot(rater: str) -> str:
        return ticket(seed, f"{record.id}|{rater}", "rater")

    if found is None:
        allowed = [r.id for r in raters if may_rate(r, record, primary=True)]
        if not allowed:
            raise Invalid(
                N_("Nobody may score {record} as primary rater."),
                record=record.id,
                hint=N_("Add a rater who is neither its agent nor the lead of its team."),
            )
        primary = min(allowed, key=lambda r: (load[r], lot(r)))
    else:
        primary = found.primary
    others = [r.id for r in raters if r.id != primary and may_rate(r, record, primary=False)]
    if everyone:
        return Assignment(record.id, primary, tuple(sorted(others, key=lot)))
    if not double:
        return Assignment(record.id, primary)
    if not others:
        raise Invalid(
            N_("{record} is to be scored twice and has only one rater who may."),
            record=record.id,
            hint=N_("Name at least two raters."),
        )
    second = min(others, key=lambda r: (pairs[frozenset((primary, r))], load[r], lot(r)))
    return Assignment(record.id, primary, (second,))
