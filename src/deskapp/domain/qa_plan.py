"""A QA plan: which records, by which strata, how many, scored by how many raters; a file of the pack or a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.sampling import SampleSize
from deskapp.domain.scorecard import Words
from deskapp.domain.terms import Channel, Grade, Shift, Status

STRATA = ("shift", "agent", "team", "channel", "grade", "none")
CLOSED: dict[str, tuple[str, ...]] = {
    "status": tuple(Status), "channel": tuple(Channel), "grade": tuple(Grade), "shift": tuple(Shift),
    "on_site": ("yes", "no"),
}  # fmt: skip
"""The filters whose values are closed words."""
ALLOCATIONS = ("proportional", "equal")
FILTERS = ("period", "status", "channel", "grade", "shift", "agent", "team", "on_site", "product", "number")


class Period(StrEnum):
    """A period named by its place before the day of planning."""

    LAST_MONTH = "last_month"
    THIS_MONTH = "this_month"
    LAST_QUARTER = "last_quarter"
    LAST_WEEK = "last_week"


@dataclass(frozen=True, slots=True)
class QaPlan:
    """A plan as it is kept; the campaign made from it keeps a copy. Raises Invalid for what can't be planned."""

    id: str
    title: Words
    scorecard: str
    filter: Mapping[str, tuple[str, ...]]
    strata: str = "shift"
    size: SampleSize = field(default_factory=SampleSize)
    per_stratum: int = 0
    allocation: str = "proportional"
    everyone: bool = False
    double_share: Fraction = Fraction(1, 5)
    double_minimum: int = 30
    rescore_share: Fraction = Fraction(1, 20)
    minutes_per_record: float = 8.0
    dispute_days: int = 5
    # What a rater sees before submitting; hidden unless a plan says otherwise.
    show_agent: bool = False
    show_total: bool = False

    def __post_init__(self) -> None:
        if self.strata not in STRATA:
            raise Invalid(N_("There are no strata {name}; there are {known}."), name=self.strata,
                          known=", ".join(STRATA), field="strata")  # fmt: skip
        if self.allocation not in ALLOCATIONS:
            raise Invalid(N_("There is no allocation {method}."), method=self.allocation, field="allocation",
                          hint=N_("Use one of: {known}."), known=", ".join(ALLOCATIONS))  # fmt: skip
        unknown = sorted(set(self.filter) - set(FILTERS))
        if unknown:
            raise Invalid(N_("There is no filter {name}; there are {known}."), name=unknown[0],
                          known=", ".join(FILTERS), field="filter")  # fmt: skip
        for name, values in self.filter.items():
            wrong = sorted(set(values) - set(CLOSED.get(name, values)))
            if wrong:
                raise Invalid(N_("{value} is no {name}; there are {known}."), value=wrong[0], name=name,
                              known=", ".join(CLOSED[name]), field="filter")  # fmt: skip
        if not self.filter.get("period"):
            raise Invalid(N_("The plan needs a period."), field="filter")
        if not 0 < self.size.share <= 1:
            raise Invalid(N_("The share must be above 0 and at most 1."), field="size")


def share_of(text: str, field: str = "share") -> Fraction:
    """Return a share from 40%, 40 or 0.4. Raises Invalid."""
    bare = text.strip().removesuffix("%").strip()
    try:
        value = Fraction(bare)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if text.strip().endswith("%") or value > 1:
        value /= 100
    if not 0 < value <= 1:
        raise Invalid(N_("{text} is no share."), text=text, hint=N_("Write 40 % or 0.4."), field=field)
    return value


def period_dates(period: str, today: date) -> tuple[date, date]:
    """Return the first and the last day (both included) of a period, seen from a day; also `2026-05`, `2026-05-04`,
    and `2026-04-01..2026-04-30`. Raises Invalid for another text.
    """
    first = today.replace(day=1)
    if period == Period.THIS_MONTH:
        return first, _month_end(first)
    if period == Period.LAST_MONTH:
        last = first - timedelta(days=1)
        return last.replace(day=1), last
    if period == Period.LAST_WEEK:
        monday = today - timedelta(days=today.weekday() + 7)
        return monday, monday + timedelta(days=6)
    if period == Period.LAST_QUARTER:
        quarter = first.replace(month=(first.month - 1) // 3 * 3 + 1)
        last = quarter - timedelta(days=1)
        return last.replace(day=1, month=last.month - 2), last
    try:
        if ".." in period:
            start, end = (date.fromisoformat(part) for part in period.split(".."))
        elif len(period) == 7:
            start = date.fromisoformat(f"{period}-01")
            end = _month_end(start)
        else:
            start = end = date.fromisoformat(period)
    except ValueError:
        start, end = today, today - timedelta(days=1)
    if end < start:
        raise Invalid(
            N_("{period} is no period."),
            period=period,
            hint=N_("Write last_month, last_week, last_quarter, 2026-05 or 2026-05-01..2026-05-31."),
        )
    return start, end


def _month_end(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
