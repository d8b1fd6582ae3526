"""Read the public owner-complaint logs (Toyota, GM) for the mass-fault evaluation; their dirt is handled here."""

import csv
import gzip
import os
import re
import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from deskapp.domain.outbreak import Report

# Recall and complaint files name the same part differently; both are brought to these faults.
GROUPS = {
    "SERVICE BRAKES": "BRAKES",
    "HYDRAULIC": "BRAKES",
    "AIR": "BRAKES",
    "PARKING BRAKE": "BRAKES",
    "ENGINE AND ENGINE COOLING": "ENGINE",
    "FUEL SYSTEM": "FUEL",
    "FUEL/PROPULSION SYSTEM": "FUEL",
    "GASOLINE": "FUEL",
    "DIESEL": "FUEL",
    "HYBRID PROPULSION SYSTEM": "FUEL",
    "VISIBILITY": "VISIBILITY/WIPER",
}
# No fault at all: what cannot be told apart cannot be a mass fault of a part.
UNSPECIFIC = {"UNKNOWN OR OTHER", "OTHER", "OTHER/I AM NOT SURE", "EQUIPMENT"}
COMPONENT_NAMES = re.compile(r"ELECTRONIC STABILITY CONTROL \(ESC\)|[^,]+")


@dataclass(frozen=True, slots=True)
class Recall:
    """One recall row: a product (model and model year), the fault it answers, and the day it was filed."""

    campaign: str
    product: str
    fault: str
    day: date
    label_only: bool


def data_folder() -> Path:
    """The folder of the logs, from DESKAPP_REAL_DATA; leaves with a plain sentence when it is not set."""
    where = os.environ.get("DESKAPP_REAL_DATA")
    if not where or not Path(where).is_dir():
        sys.exit("Set DESKAPP_REAL_DATA to the folder that holds the logs (toyota_complaints.csv.gz and others).")
    return Path(where)


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a gzipped CSV file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def faults(components: str) -> list[str]:
    """The faults named by a list of components, each once; what is unspecific is left out."""
    names = [name.strip().upper() for name in COMPONENT_NAMES.findall(components)]
    return list(dict.fromkeys(GROUPS.get(name, name) for name in names if name and name not in UNSPECIFIC))


def toyota_reports(folder: Path) -> list[Report]:
    """One report per complaint and fault, at the day it can have been filed.

    The log has no filing date, but its numbers are given in order of filing: a complaint was filed no earlier than the
    latest incident day named by any complaint with a lower number. Owners who file the same incident again (same car
    model and year, same incident day, a shared component, within 3,000 numbers) are one customer.
    """
    table = sorted(rows(folder / "toyota_complaints.csv.gz"), key=lambda row: int(row["odi_number"]))
    found, filed = [], date.min
    earlier: dict[tuple[str, str], list[tuple[int, set[str], str]]] = defaultdict(list)
    for row in table:
        filed = max(filed, date.fromisoformat(row["incident_date"]))
        number, product = int(row["odi_number"]), f"{row['model']} {row['model_year']}"
        named = set(faults(row["component"]))
        customer = str(number)
        same = earlier[product, row["incident_date"]]
        for other, theirs, who in same:
            if number - other <= 3000 and named & theirs:
                customer = who
                break
        same.append((number, named, customer))
        when = datetime.combine(filed, time(12), UTC)
        found += [Report(product, fault, customer, when, str(number)) for fault in sorted(named)]
    return found


def toyota_recalls(folder: Path) -> list[Recall]:
    """The recall rows; one whose component is the label or loose equipment has no fault owners could report."""
    found = []
    for row in rows(folder / "toyota_recalls.csv.gz"):
        head = row["component"].split(":")[0]
        name = "FUEL" if head.startswith("FUEL SYSTEM") else "BRAKES" if "BRAKE" in head else head.strip().upper()
        found.append(
            Recall(
                row["campaign"],
                f"{row['model']} {row['model_year']}",
                GROUPS.get(name, name),
                date.fromisoformat(row["recall_date"]),
                name in UNSPECIFIC or "LABELS" in row["component"],
            )
        )
    return found


# What the owners' words say happened; the first three are the faults of known recalls.
GM_FAULTS = {
    "IGNITION/STALL": re.compile(
        r"IGNITION (SWITCH|KEY|LOCK|CYLINDER)|\bKEY\b.{0,60}\b(BUMP|HIT|KNEE|TURN|REMOVE|STUCK|COME OUT|FELL OUT)"
        r"|(SHUT|SHUTS|SHUTTING|SHUTTED|TURN(S|ED)?|CUT(S)?) (ITSELF )?(OFF|DOWN)\b.{0,60}\b(DRIV|WHILE)"
        r"|(ENGINE|VEHICLE|CAR)( \w+){0,3} (STALL|SHUT|CUT OUT|DIED|DIES|TURNED OFF)"
    ),
    "POWER STEERING": re.compile(
        r"POWER STEERING|STEERING WHEEL (LOCK|FROZE|SEIZE)|LOST STEERING|STEERING (ASSIST|FAIL)"
    ),
    "FUEL LEAK": re.compile(
        r"(FUEL|GAS|GASOLINE)( \w+){0,4} (LEAK|SMELL|ODOR|FUMES)|SMELL(ED)? (OF )?(GAS|FUEL)|FUEL PUMP"
    ),
    "AIR BAG": re.compile(r"AIR ?BAG"),
    "TRANSMISSION": re.compile(r"TRANSMISSION|SHIFT(S|ED|ING)? "),
    "BRAKES": re.compile(r"BRAK(E|ES|ING) (FAIL|PEDAL|PAD|ROTOR|DID|WOULD|LINE|NOISE)|ROTORS?\b"),
    "DOOR/LOCK": re.compile(r"DOOR (LOCK|LATCH|HANDLE)|LATCH"),
}
_MONTHS = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
]
_NUMERIC = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](\d{2}(?:\d{2})?)\b")
_NAMED = re.compile(rf"\b({'|'.join(_MONTHS)})\s+(?:(\d{{1,2}})(?:ST|ND|RD|TH)?,?\s+)?(?:OF\s+)?(20\d\d)\b")


def gm_reports(folder: Path) -> list[Report]:
    """One report per complaint and fault named in the owner's words, at the day that numbers and texts allow.

    This log has no date at all. A complaint was filed no earlier than any day named in a lower-numbered text; a day
    that most of the next 40 dated texts have not reached yet is a slip of the pen and is passed over. Between the
    days so found the numbers are taken to run evenly. It dates the log, it tells the detector nothing.
    """
    table = sorted(rows(folder / "gm_complaints_id_below_10400000.csv.gz"), key=lambda row: int(row["nthsa_id"]))
    numbers = [int(row["nthsa_id"]) for row in table]
    dated = [(i, max(days)) for i, row in enumerate(table) if (days := _days_named(row["description"]))]
    marks = [(numbers[0], date(2003, 6, 1).toordinal())]
    for at, (i, day) in enumerate(dated):
        following = sorted(other for _j, other in dated[at + 1 : at + 41])
        if len(following) >= 8 and following[len(following) // 2] >= day and day.toordinal() > marks[-1][1]:
            marks.append((numbers[i], day.toordinal()))
    marks.append((numbers[-1], max(marks[-1][1], dated[-1][1].toordinal())))
    found = []
    for row, number in zip(table, numbers, strict=True):
        at = bisect_right([n for n, _day in marks], number)
        (low, since), (high, until) = marks[at - 1], marks[min(at, len(marks) - 1)]
        share = (number - low) / (high - low) if high > low else 0.0
        filed = date.fromordinal(round(since + share * (until - since)))
        text = row["description"].upper()
        when = datetime.combine(filed, time(12), UTC)
        found += [
            Report(row["model"], fault, row["nthsa_id"], when, row["nthsa_id"])
            for fault, words in GM_FAULTS.items()
            if words.search(text)
        ]
    return found


def _days_named(text: str) -> list[date]:
    days = []
    text = text.upper()
    for month, day, year in _NUMERIC.findall(text):
        days += _possible(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    for name, day, year in _NAMED.findall(text):
        days += _possible(int(year), _MONTHS.index(name) + 1, int(day or 1))
    return days


def _possible(year: int, month: int, day: int) -> list[date]:
    if not 2002 <= year <= 2012 or not 1 <= month <= 12:
        return []
    first = date(year, month, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return [first.replace(day=day)] if 1 <= day <= last.day else []


def weekly(reports: Iterable[Report]) -> tuple[int, int]:
    """First Monday and last day (ordinals) to look at."""
    days = [r.reported_at.toordinal() for r in reports]
    return min(days) - (min(days) - 1) % 7, max(days)
