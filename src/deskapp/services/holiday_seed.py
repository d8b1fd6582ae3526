"""Public holidays and make-up workdays of a country as day rows, from the kept library, each year marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from deskapp.domain.calendar import DayRow, Spans
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _, language

if TYPE_CHECKING:
    from holidays import HolidayBase

FIRST_YEAR, LAST_YEAR = 1970, 2100


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """The public holidays of a country in one year; not `confirmed` while they are a forecast."""

    country: str
    year: int
    confirmed: bool
    rows: tuple[DayRow, ...]


def seed_holidays(
    country: str, years: Iterable[int], make_up: Spans, *, subdivision: str = "", zh: bool | None = None
) -> tuple[HolidayYear, ...]:
    """Return closed rows for public holidays and rows open at `make_up` for workdays moved to a weekend.

    Names are in the country's own words where they are in the language asked for (`zh`; by default that in force),
    else in English. A year is not confirmed while the country moves workdays by decree and none is known for it or
    a later year, or while a date in it is estimated (lunar calendars). Raises Invalid for an unknown country.
    """
    wanted = sorted(set(years))
    if not wanted or not FIRST_YEAR <= wanted[0] <= wanted[-1] <= LAST_YEAR:
        raise Invalid(
            N_("Public holidays are known for the years {first} to {last}."),
            hint=N_("Ask for years in that range."),
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    found = _library(country, subdivision, wanted, language() == "zh" if zh is None else zh)
    make_up_name = _("Make-up workday")
    decreed = getattr(found, "special_public_holidays", None) or {}
    estimated = _estimated_mark(found)
    result = []
    for year in wanted:
        closed = sorted((day, name) for day, name in found.items() if day.year == year)
        moved = sorted(day for day in getattr(found, "weekend_workdays", ()) if day.year == year and day not in found)
        by_decree = bool(getattr(found, "has_substituted_holidays", False)) and year > max(decreed, default=LAST_YEAR)
        guessed = bool(estimated) and any(estimated in name for _day, name in closed)
        rows = [DayRow(day, (), name) for day, name in closed] + [DayRow(day, make_up, make_up_name) for day in moved]
        rows.sort(key=lambda row: row.day)
        result.append(HolidayYear(country.upper(), year, not (by_decree or guessed), tuple(rows)))
    return tuple(result)


def _library(country: str, subdivision: str, years: list[int], zh: bool) -> "HolidayBase":
    import holidays  # imported where it is used: it takes 0.1 s

    code = country.upper()
    try:
        plain = holidays.country_holidays(code, subdiv=subdivision or None)
    except (NotImplementedError, KeyError, AttributeError) as error:
        raise Invalid(
            N_("No public holidays are known for “{country}”."),
            hint=N_("Use the two-letter code of the country, such as CN, and a code of its subdivision."),
            country=f"{country} {subdivision}".strip(),
        ) from error
    spoken = "zh" if zh else "en"
    languages = [name for name in plain.supported_languages or () if name.startswith(spoken)]
    own = plain.default_language or ""
    wording = own if own.startswith(spoken) else ("zh_CN" if "zh_CN" in languages else next(iter(languages), own))
    make: Any = type(plain)
    options = {"subdiv": subdivision or None, "years": years, "language": wording or None}
    try:
        found: HolidayBase = make(**options, islamic_show_estimated=True)
    except TypeError:  # not a country with dates by moon sighting
        found = make(**options)
    return found


def _estimated_mark(found: "HolidayBase") -> str:
    label = getattr(found, "estimated_label", None)
    return str(found.tr(label)).replace("%s", "").strip() if label else ""


def confirmed_years(years: Iterable[HolidayYear]) -> frozenset[int]:
    """Return the years whose holidays are certain."""
    return frozenset(year.year for year in years if year.confirmed)


def rows_of(years: Iterable[HolidayYear]) -> dict[date, DayRow]:
    """Return the rows of several years by date."""
    return {row.day: row for year in years for row in year.rows}
