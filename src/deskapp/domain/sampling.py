"""Draw a sample that an auditor can draw again: frame and hash, strata, allocation, seeded order, reserve."""

import hashlib
import hmac
import math
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from deskapp.domain.errors import Conflict, Invalid, NotFound
from deskapp.domain.i18n import N_
from deskapp.domain.statistics import expected_half_width, sample_size_finite

DRAW_VERSION = "deskapp-draw-v1"
SEPARATOR = "\x1f"
_CONTROL = re.compile("[\x00-\x1f]")


@dataclass(frozen=True, slots=True, order=True)
class FrameRecord:
    """A record that could be drawn: its public id, its stratum, and whose work it is (for the raters' guards)."""

    id: str
    stratum: str
    agent: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Exclusion:
    """A record that the filter met but that can't be drawn, and why."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The population of a campaign as it stood: what was asked for, what is in, what was left out.

    Its `hash` is the SHA-256 of `text`: sorted lines, so an auditor checks an exported frame with
    `LC_ALL=C sort frame.tsv | sha256sum`, whatever the order it was read in.
    """

    filter: str
    records: tuple[FrameRecord, ...]
    exclusions: tuple[Exclusion, ...] = ()

    def __post_init__(self) -> None:
        ids = [r.id for r in self.records] + [x.id for x in self.exclusions]
        if len(set(ids)) < len(ids):
            twice = next(a for a, b in pairwise(sorted(ids)) if a == b)
            raise Invalid(N_("Record {id} stands in the frame twice."), id=twice)

    @property
    def text(self) -> str:
        """Return the frame's lines, sorted by their bytes, tab-separated, each with its line end."""
        lines = [_line("filter", self.filter)]
        lines += [_line("record", r.id, r.stratum, r.agent, r.team) for r in self.records]
        lines += [_line("excluded", x.id, x.reason) for x in self.exclusions]
        return "".join(sorted(lines, key=lambda line: line.encode()))

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def strata(self) -> dict[str, int]:
        """Return the strata in the order of their names, with the records each holds."""
        sizes: dict[str, int] = {}
        for record in self.records:
            sizes[record.stratum] = sizes.get(record.stratum, 0) + 1
        return dict(sorted(sizes.items()))


def _line(*cells: str) -> str:
    for cell in cells:
        if _CONTROL.search(cell):
            raise Invalid(N_("{text} holds a control character; the frame can't be written as lines."), text=repr(cell))
    return "\t".join(cells) + "\n"


@dataclass(frozen=True, slots=True)
class SampleSize:
    """How many records are wanted: a share of the population with a minimum, or a half-width at 95 %."""

    share: Fraction = Fraction(3, 10)
    minimum: int = 0
    half_width: float | None = None

    def of(self, population: int) -> int:
        """Return the n for a population: never more than there is; the share is rounded up."""
        if self.half_width is not None:
            n = sample_size_finite(population, half_width=self.half_width) if population else 0
        else:
            n = math.ceil(self.share * population)
        return min(population, max(n, self.minimum))


def allocate(
    sizes: Sequence[int],
    n: int,
    *,
    minimum: int = 0,
    method: str = "proportional",
    already: Sequence[int] | None = None,
) -> list[int]:
    """Return how many of n records each stratum gives.

    `proportional`: largest remainder with Hare's quota n·N_h/N on exact integers (Hamilton's method; Balinski & Young
    1982); equal remainders go to the larger stratum, then to the earlier. `equal`: the same number each, as far as a
    stratum has them. Each stratum gives at least the minimum (or all it has) and at least what was `already` drawn:
    the largest remainder alone can take a record back when n grows (the Alabama paradox), which a draw must never do.
    The sum is n unless these floors ask for more. Raises Invalid for a negative number, more than there is, or an
    unknown method.
    """
    total = sum(sizes)
    if n < 0 or minimum < 0 or any(size < 0 for size in sizes) or n > total:
        raise Invalid(N_("{n} records can't be drawn from {total}."), n=n, total=total)
    if method not in ("proportional", "equal"):
        raise Invalid(N_("There is no allocation {method}."), method=method)
    before = list(already) if already is not None else [0] * len(sizes)
    if any(a > size for a, size in zip(before, sizes, strict=True)):
        raise Invalid(N_("More was drawn from a stratum than it holds."))
    floors = [max(min(minimum, size), a) for size, a in zip(sizes, before, strict=True)]
    shares = list(sizes) if method == "proportional" else [1] * len(sizes)
    fixed: dict[int, int] = {i: floor for i, floor in enumerate(floors) if not shares[i]}
    while True:
        free = [i for i in range(len(sizes)) if i not in fixed]
        rest, weight = n - sum(fixed.values()), sum(shares[i] for i in free)
        if not free or rest <= 0:
            return [fixed.get(i, floors[i]) for i in range(len(sizes))]
        low = {i: floors[i] for i in free if rest * shares[i] < floors[i] * weight}
        high = {i: sizes[i] for i in free if rest * shares[i] > sizes[i] * weight}
        if not low and not high:
            dealt = _largest_remainder([shares[i] for i in free], rest, [sizes[i] for i in free])
            fixed |= dict(zip(free, dealt, strict=True))
        # A stratum held at its floor leaves less to the others, so their quotas are looked at again.
        fixed |= low or high


def _largest_remainder(shares: list[int], n: int, sizes: list[int]) -> list[int]:
    weight = sum(shares)
    got = [n * share // weight for share in shares]
    order = sorted(range(len(shares)), key=lambda i: (-(n * shares[i] % weight), -sizes[i], i))
    for i in order[: n - sum(got)]:
        got[i] += 1
    return got


def ticket(seed: str, record: str, label: str = "draw") -> str:
    """Return the lot of a record: HMAC-SHA256 in hex (RFC 2104, FIPS 180-4), key the seed, message version, label, id.

    The three parts are joined by the unit separator (octal 037), so no two different triples give one message.
    """
    message = SEPARATOR.join((DRAW_VERSION, label, record))
    return hmac.digest(seed.encode(), message.encode(), "sha256").hex()


def first_by_ticket(records: Iterable[str], seed: str, label: str, n: int) -> tuple[str, ...]:
    """Return the first n records in the order of their tickets under a label; a larger n only adds.

    Labels in use: `draw`, `assign`, `double` (scored twice), `rescore` (the blind re-scoring of evaluations).
    """
    return tuple(sorted(records, key=lambda record: (ticket(seed, record, label), record))[:n])


def openssl_line(seed: str, record: str, label: str = "draw") -> str:
    """Return the shell line that recomputes a record's lot with plain printf and openssl."""
    message = shlex.join(["printf", r"%s\037%s\037%s", DRAW_VERSION, label, record])
    return f"{message} | openssl dgst -sha256 -hmac {shlex.quote(seed)}"


def make_seed(campaign: str, frame_hash: str, entropy: bytes) -> str:
    """Return a seed that shows it was made after the frame: campaign, the start of the frame's hash, fresh entropy.

    Raises Invalid without a stored hash or with less than 8 bytes of entropy.
    """
    if len(frame_hash) != 64 or len(entropy) < 8:
        raise Invalid(
            N_("The seed is fixed only after the frame's hash is stored."), hint=N_("Freeze the frame first.")
        )
    return f"{campaign}|{frame_hash[:16]}|{entropy.hex()}"


@dataclass(frozen=True, slots=True)
class Lot:
    """A record in the order of the draw, with the ticket that put it there."""

    record: str
    ticket: str


@dataclass(frozen=True, slots=True)
class StratumDraw:
    """One stratum drawn: all of its records in order; the first n are the sample, the rest is the reserve."""

    name: str
    n: int
    order: tuple[Lot, ...]

    @property
    def sample(self) -> tuple[Lot, ...]:
        """Return the drawn records in order."""
        return self.order[: self.n]

    @property
    def reserve(self) -> tuple[Lot, ...]:
        """Return the records that stand by, in the order in which they are to be used."""
        return self.order[self.n :]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A drawn record that can't be scored, the reserve record in its place (None when there is no more), and why."""

    record: str
    by: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Draw:
    """A whole draw: the frame it was made from, the seed, and its strata."""

    frame_hash: str
    seed: str
    strata: tuple[StratumDraw, ...]

    @property
    def records(self) -> tuple[str, ...]:
        """Return the ids of the drawn records, stratum by stratum."""
        return tuple(lot.record for stratum in self.strata for lot in stratum.sample)


def draw(frame: Frame, seed: str, allocation: Mapping[str, int]) -> Draw:
    """Draw the first n of each stratum in the order of their tickets; equal tickets by id.

    The result depends on the ids, the strata, the seed and n alone: not on the machine, the database, the order of
    insertion or the language; a larger n only adds. Raises Invalid for an unknown stratum or too large an n.
    """
    if not seed or "\0" in seed:
        raise Invalid(N_("A draw needs a seed."), hint=N_("Freeze the frame, then fix the seed."))
    sizes = frame.strata
    for name, n in allocation.items():
        if not 0 <= n <= sizes.get(name, 0):
            raise Invalid(N_("{n} records can't be drawn from {name}, which has {size}."), n=n, name=name,
                          size=sizes.get(name, 0))  # fmt: skip
    lots: dict[str, list[Lot]] = {name: [] for name in sizes}
    for record in frame.records:
        lots[record.stratum].append(Lot(record.id, ticket(seed, record.id)))
    strata = []
    for name in sizes:
        ordered = sorted(lots[name], key=lambda lot: (lot.ticket, lot.record))
        strata.append(StratumDraw(name, allocation.get(name, 0), tuple(ordered)))
    return Draw(frame.hash, seed, tuple(strata))


def replace(drawn: Draw, record: str, reason: str, done: Sequence[Replacement] = ()) -> Replacement:
    """Return the replacement of a record by the first unused reserve record of its stratum.

    Raises Invalid without a reason, NotFound for a record that is not in the sample, Conflict for one that was
    replaced before.
    """
    if not reason.strip():
        raise Invalid(N_("Say why {record} can't be scored."), record=record, field="reason")
    if any(d.record == record for d in done):
        raise Conflict(N_("{record} was replaced before."), record=record)
    used = {d.by for d in done}
    for stratum in drawn.strata:
        if any(lot.record == record for lot in stratum.sample) or (
            record in used and any(lot.record == record for lot in stratum.reserve)
        ):
            free = (lot.record for lot in stratum.reserve if lot.record not in used)
            return Replacement(record, next(free, None), reason.strip())
    raise NotFound(N_("{record} is not in the sample."), record=record)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a re-draw found other than what is stored: records missing, records too many."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Tell whether the stored sample is the one that the seed gives."""
        return not self.missing and not self.extra


def verify(drawn: Draw, stored: Sequence[str]) -> Difference:
    """Compare a fresh draw with the sample as stored."""
    fresh = set(drawn.records)
    return Difference(tuple(sorted(fresh - set(stored))), tuple(sorted(set(stored) - fresh)))


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A line of the plan: a stratum's N, n, the half-width to expect (95 %, p = 0.5), and the raters' hours."""

    stratum: str
    population: int
    n: int
    half_width: float
    hours: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a campaign would draw and cost, before it is frozen."""

    rows: tuple[PlanRow, ...]
    total: PlanRow
    double_scored: int

    @property
    def allocation(self) -> dict[str, int]:
        """Return n by stratum."""
        return {row.stratum: row.n for row in self.rows}


def plan(
    strata: Mapping[str, int],
    size: SampleSize,
    *,
    minimum: int = 0,
    method: str = "proportional",
    already: Mapping[str, int] | None = None,
    minutes_per_record: float = 8.0,
    double_share: Fraction = Fraction(1, 5),
    double_minimum: int = 30,
) -> Plan:
    """Return the plan table: N, n, half-width and rater hours per stratum and in all, with the double scoring in it."""
    names, sizes = list(strata), list(strata.values())
    before = [already.get(name, 0) for name in names] if already else None
    numbers = allocate(sizes, size.of(sum(sizes)), minimum=minimum, method=method, already=before)
    n, population = sum(numbers), sum(sizes)
    doubles = double_scored(n, share=double_share, minimum=double_minimum)
    hours = minutes_per_record / 60 * (1 + (doubles / n if n else 0))
    rows = tuple(
        PlanRow(name, whole, part, expected_half_width(part, whole) if whole else 0.0, part * hours)
        for name, whole, part in zip(names, sizes, numbers, strict=True)
    )
    width = expected_half_width(n, population) if population else 0.0
    return Plan(rows, PlanRow("", population, n, width, n * hours), doubles)


def double_scored(n: int, *, share: Fraction = Fraction(1, 5), minimum: int = 30) -> int:
    """Return how many of n records two raters score: a share, at least a minimum, at most all."""
    return min(n, max(math.ceil(share * n), minimum))
