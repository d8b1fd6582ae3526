"""Calendars and policies as files: read with file and line of every trouble, unknown keys refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from deskapp.domain.calendar import AnnualClosure, DayRow, Span, Spans, WeekVersion, WorkCalendar, week_of
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.scorecard import Words
from deskapp.domain.sla import Amount, Colours, Match, Metric, Offset, Policy, Rule, Target, Unit
from deskapp.services.holiday_seed import HolidayYear, confirmed_years, rows_of, seed_holidays
from deskapp.services.pack_files import PackFile, Strict, TitleShape
from deskapp.services.strict_yaml import DataPath

PACK = Path(__file__).resolve().parent.parent / "pack"
CALENDARS, POLICIES = PACK / "calendars", PACK / "policies"


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A calendar as its file says it; public holidays come from the library when it is built for some years."""

    id: str
    title: Words
    zone: str
    versions: tuple[WeekVersion, ...]
    days: tuple[DayRow, ...]
    country: str
    subdivision: str
    make_up: Spans

    def holidays(self, years: Iterable[int], *, zh: bool | None = None) -> tuple[HolidayYear, ...]:
        """Return the public holidays of its country for some years; none when it names no country."""
        if not self.country:
            return ()
        return seed_holidays(self.country, years, self.make_up, subdivision=self.subdivision, zh=zh)

    def build(self, holidays: Iterable[HolidayYear] = ()) -> WorkCalendar:
        """Return the calendar with these public holidays; the file's own day rows win over them."""
        seeded = tuple(holidays)
        rows = {**rows_of(seeded), **{row.day: row for row in self.days}}
        unconfirmed = {year.year for year in seeded} - confirmed_years(seeded)
        return WorkCalendar(self.id, self.zone, self.versions, days=tuple(rows.values()), unconfirmed=unconfirmed)


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy with the words its rules, reasons and targets are shown in."""

    policy: Policy
    title: Words
    rules: dict[str, Words]
    reasons: dict[str, Words]


def read_calendar(path: Path) -> CalendarFile:
    """Read a calendar file. Raises FileInvalid with file and line for what does not fit, NotFound without it."""
    file = PackFile(path)
    found = file.shape(_CalendarDoc)
    versions = []
    for w, shape in enumerate(found.weeks):
        place: DataPath = ("weeks", w)
        days = {}
        for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            texts: list[str] = getattr(shape, name)
            days[name] = _spans(file, (*place, name), texts)
        since = date.min if shape.since is None else _date(file, (*place, "since"), shape.since)
        annual = tuple(_closure(file, ("annual", n), row) for n, row in enumerate(found.annual))
        versions.append(WeekVersion(week_of(days), since, annual))
    rows = [_day_row(file, ("days", n), row) for n, row in enumerate(found.days)]
    make_up = _spans(file, ("make_up_hours",), found.make_up_hours) or _usual_day(versions)
    if found.country and not make_up:
        raise file.error(("country",), N_("a country needs make_up_hours, or a day with opening hours"))
    result = CalendarFile(
        found.id, found.title.words, found.zone, tuple(versions), tuple(rows), found.country, found.subdivision, make_up
    )
    for n, row in enumerate(rows):
        if row.day in {other.day for other in rows[:n]}:
            raise file.error(("days", n, "date"), N_("the date {day} is there twice"), day=row.day.isoformat())
    file.build(("zone",) if _bad_zone(found.zone) else ("weeks",), result.build)
    return result


def read_policy(path: Path, source: str | None = None) -> PolicyFile:
    """Read a policy file, or its text. Raises FileInvalid with file and line for what does not fit, NotFound."""
    file = PackFile(path, source)
    found = file.shape(_PolicyDoc)
    rules = []
    for n, shape in enumerate(found.rules):
        place: DataPath = ("rules", n)
        targets = tuple(_target(file, (*place, "targets", name), name, t) for name, t in shape.targets.items())
        rules.append(Rule(shape.id, shape.when.match(), targets))
        for name, target in shape.targets.items():
            reasons = target.pause if isinstance(target, _TargetShape) else []
            if unknown := sorted(set(reasons) - set(found.pause_reasons)):
                at: DataPath = (*place, "targets", name, "pause")
                raise file.error(at, N_("{reason} is none of the pause_reasons of this file"), reason=unknown[0])
        if shape.id in {rule.key for rule in rules[:-1]}:
            raise file.error((*place, "id"), N_("the rule {rule} is there twice"), rule=shape.id)
    colours = file.build(("colours",), lambda: found.colours.build(file))
    policy = file.build(
        ("notices",),
        lambda: Policy(
            found.id,
            found.version,
            tuple(rules),
            colours,
            tuple(sorted(float(share) for share in found.notices)),
            _real(file, ("reopen_within",), found.reopen_within),
            _real(file, ("late_entry",), found.late_entry),
            frozenset(found.pause_reasons),
        ),
    )
    return PolicyFile(
        policy,
        found.title.words,
        {shape.id: shape.title.words for shape in found.rules},
        {key: words.words for key, words in found.pause_reasons.items()},
    )


def shipped_calendars() -> dict[str, CalendarFile]:
    """Return the calendars of the pack by id."""
    return {found.id: found for found in map(read_calendar, sorted(CALENDARS.glob("*.yaml")))}


def shipped_policies() -> dict[str, PolicyFile]:
    """Return the policies of the pack by id."""
    return {found.policy.key: found for found in map(read_policy, sorted(POLICIES.glob("*.yaml")))}


_Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class _DayShape(Strict):
    date: str
    closed: bool = False
    hours: list[str] = []
    name: str = ""


class _ClosureShape(Strict):
    day: str
    name: str = ""


class _WeekShape(Strict):
    since: str | None = None
    mon: list[str] = []
    tue: list[str] = []
    wed: list[str] = []
    thu: list[str] = []
    fri: list[str] = []
    sat: list[str] = []
    sun: list[str] = []


class _CalendarDoc(Strict):
    format: Literal["deskapp/calendar@1"]
    id: _Name
    title: TitleShape
    zone: str
    country: str = ""
    subdivision: str = ""
    make_up_hours: list[str] = []
    weeks: list[_WeekShape] = Field(min_length=1)
    annual: list[_ClosureShape] = []
    days: list[_DayShape] = []


class _WhenShape(Strict):
    grade: list[str] = []
    priority: list[str] = []
    outcome: list[str] = []
    channel: list[str] = []
    tags: list[str] = []

    def match(self) -> Match:
        return Match(*(frozenset(getattr(self, name)) for name in ("grade", "priority", "outcome", "channel", "tags")))


class _TargetShape(Strict):
    within: str
    pause: list[str] = []
    escalate: list[str] = []


_Metric = Literal[
    "answer", "first_response", "book", "on_site", "next_response", "progress", "resolve", "follow_up"
]  # plans have their own file


class _RuleShape(Strict):
    id: _Name
    title: TitleShape
    when: _WhenShape = _WhenShape()
    targets: dict[_Metric, str | _TargetShape]


class _LimitShape(Strict):
    left: str
    part: Decimal | int


class _ColoursShape(Strict):
    green_share: Decimal | int
    red_share: Decimal | int
    yellow: _LimitShape
    red: _LimitShape

    def build(self, file: PackFile) -> Colours:
        return Colours(
            float(self.green_share),
            float(self.red_share),
            _real(file, ("colours", "yellow", "left"), self.yellow.left),
            float(self.yellow.part),
            _real(file, ("colours", "red", "left"), self.red.left),
            float(self.red.part),
        )


class _PolicyDoc(Strict):
    format: Literal["deskapp/policy@1"]
    id: _Name
    version: int = Field(ge=1)
    title: TitleShape
    colours: _ColoursShape
    notices: list[Decimal]
    reopen_within: str
    late_entry: str
    pause_reasons: dict[_Name, TitleShape]
    rules: list[_RuleShape] = Field(min_length=1)


def _spans(file: PackFile, place: DataPath, texts: list[str]) -> Spans:
    spans = tuple(
        sorted(file.build((*place, n), lambda text=text: Span.parse(text)) for n, text in enumerate(texts))  # type: ignore[misc]
    )
    for before, after in pairwise(spans):
        if after.opens < before.closes:
            raise file.error(place, N_("{before} and {after} overlap"), before=str(before), after=str(after))
    return spans


def _date(file: PackFile, place: DataPath, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise file.error(place, N_("{text} is not a date; write it as 2024-10-01"), text=text) from None


def _closure(file: PackFile, place: DataPath, shape: _ClosureShape) -> AnnualClosure:
    month, dash, day = shape.day.partition("-")
    if not (dash and month.isdecimal() and day.isdecimal()):
        raise file.error((*place, "day"), N_("{text} is not a month and day; write it as 05-01"), text=shape.day)
    return file.build((*place, "day"), lambda: AnnualClosure(int(month), int(day), shape.name))


def _day_row(file: PackFile, place: DataPath, shape: _DayShape) -> DayRow:
    if shape.closed == bool(shape.hours):
        raise file.error(place, N_("a day is either closed: true or has hours"))
    return DayRow(_date(file, (*place, "date"), shape.date), _spans(file, (*place, "hours"), shape.hours), shape.name)


def _target(file: PackFile, place: DataPath, name: str, shape: str | _TargetShape) -> Target:
    full = _TargetShape(within=shape) if isinstance(shape, str) else shape
    within: DataPath = place if isinstance(shape, str) else (*place, "within")
    amount = file.build(within, lambda: Amount.parse(full.within))
    steps = tuple(
        file.build((*place, "escalate", n), lambda text=text: Offset.parse(text))  # type: ignore[misc]
        for n, text in enumerate(full.escalate)
    )
    return file.build((*place, "pause"), lambda: Target(Metric(name), amount, frozenset(full.pause), escalations=steps))


def _real(file: PackFile, place: DataPath, text: str) -> timedelta:
    amount = file.build(place, lambda: Amount.parse(text))
    if amount.unit is not Unit.REAL:
        raise file.error(place, N_("{text} must be real time, such as 24h"), text=text)
    return amount.length


def _usual_day(versions: Iterable[WeekVersion]) -> Spans:
    """The hours of the first working day of the newest week: those of a make-up workday unless the file says more."""
    newest = max(versions, key=lambda version: version.since)
    return next((spans for spans in newest.week if spans), ())


def _bad_zone(zone: str) -> bool:
    try:
        WorkCalendar.weekly(zone, week_of({"mon": [Span.of("09:00", "17:00")]}))
    except Invalid:
        return True
    return False
