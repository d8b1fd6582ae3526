"""How early and how often wrongly: the mass-fault detector and its rivals on the Toyota and GM owners' complaints.

    DESKAPP_REAL_DATA=… PYTHONPATH=src:. python -m bench.outbreak_eval [toyota|gm|quiet]

Every method looks at the end of each week at what had been reported by then. A recall row (model, model year,
component) is matched by an alarm for the same model, model year and part within the two years before the recall; the
lead is from the first week of that alarm to the recall. An alarm is unmatched when no recall of that model, year and
part lies between a year before its first week and two years after its last. Recalls of labels and loose equipment,
and those with fewer reports than the floor in the year before, are counted apart: reports could not have shown them.
An unmatched alarm may be a real fault that was never recalled, so the false alarms are counted on a null as well: the
same log with the part names shuffled among the reports of a product. It keeps each product's sales, seasons and heaps
and holds no fault of a part, so every alarm in it is false.
"""

import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from statistics import median

from bench.nhtsa_logs import Recall, data_folder, gm_reports, toyota_recalls, toyota_reports, weekly
from bench.outbreak_methods import Alarm, cusum, ears, farrington
from deskapp.domain.outbreak import DetectionRules, Episode, FaultLog, Report, Series, episodes

RULES = DetectionRules()
Detector = Callable[[Sequence[Report]], list[Episode]]


def scan_with(alpha: float) -> Detector:
    """The product's own detector at one alpha, all else as shipped."""

    def run(reports: Sequence[Report]) -> list[Episode]:
        first, last = weekly(reports)
        log = FaultLog(reports, replace(RULES, alpha=alpha))
        return list(episodes(log, range(first + 6, last + 1, 7)))

    return run


def weekly_with(alarm: Alarm) -> Detector:
    """A rival on weekly counts: one customer once in 84 days, the floor over four weeks, runs joined as the scan's."""

    def run(reports: Sequence[Report]) -> list[Episode]:
        first, last = weekly(reports)
        weeks = (last - first) // 7 + 1
        counts: dict[Series, list[int]] = defaultdict(lambda: [0] * weeks)
        seen: dict[tuple[str, str, str], int] = {}
        for report in reports:
            day, key = report.reported_at.toordinal(), (report.product, report.fault, report.customer)
            if day - seen.get(key, -1000) >= max(RULES.windows):
                seen[key] = day
                counts[report.product, report.fault][(day - first) // 7] += 1
        found = []
        for (product, fault), series in counts.items():
            start = next(i for i, count in enumerate(series) if count)
            alarms = [
                t
                for t in range(start, weeks)
                if sum(series[max(0, t - 3) : t + 1]) >= RULES.floor and alarm(series[start:], t - start)
            ]
            found += _join(product, fault, [first + 7 * t + 6 for t in alarms])
        return found

    return run


METHODS: dict[str, Detector] = {
    "scan NB 0.0001": scan_with(0.0001),
    "scan NB 0.0005": scan_with(0.0005),
    "scan NB 0.001": scan_with(0.001),
    "scan NB 0.005": scan_with(0.005),
    "EARS C1 > 3": weekly_with(ears("C1", 3)),
    "EARS C2 > 3": weekly_with(ears("C2", 3)),
    "EARS C2 > 6": weekly_with(ears("C2", 6)),
    "EARS C3 > 2": weekly_with(ears("C3", 2)),
    "Farrington 0.001": weekly_with(farrington(0.001)),
    "Farrington 1e-5": weekly_with(farrington(0.00001)),
    "NB CUSUM h=4": weekly_with(cusum(4)),
    "NB CUSUM h=7": weekly_with(cusum(7)),
}


def main() -> None:
    """Print the tables asked for; all of them without an argument."""
    asked = sys.argv[1:] or ["toyota", "gm"]
    folder = data_folder()
    if "toyota" in asked:
        reports, recalls = toyota_reports(folder), toyota_recalls(folder)
        evaluate("Toyota", reports, recalls)
    if "gm" in asked:
        # 14V047: https://www.autosafety.org/major-recalls-chevrolet-cobalt-airbag (7 and 24 February 2014).
        evaluate_gm(gm_reports(folder))


def evaluate(name: str, reports: list[Report], recalls: list[Recall]) -> None:
    """One line per method: recalls met before the day, lead, false alarms on the log and on its shuffled twin."""
    years = product_years(reports)
    series_years = product_years(reports, lambda r: (r.product, r.fault))
    visible = [r for r in recalls if not r.label_only and _before(reports, r) >= RULES.floor]
    quiet = [shuffled(reports, seed) for seed in (1, 2, 3)]
    print(f"\n{name}: {len({r.case for r in reports})} complaints, {len(recalls)} recall rows, {len(visible)} of which")
    print(f"had at least {RULES.floor} matching reports in the year before; {years:.0f} product-years,")
    print(f"{series_years:.0f} product-fault-years.")
    print(
        f"{'method':<18}{'recalls met':>12}{'campaigns':>11}{'median lead':>13}{'unmatched':>11}"
        f"{'shuffled log':>14}{'s':>6}"
    )
    print(f"{'':<18}{'of ' + str(len(visible)):>12}{'of ' + str(len({r.campaign for r in visible})):>11}{'days':>13}"
          f"{'/prod-year':>11}{'/prod-year':>14}")  # fmt: skip
    for method, detector in METHODS.items():
        began = time.perf_counter()
        alarms = detector(reports)
        leads = {r: lead for r in visible if (lead := lead_days(alarms, r)) is not None}
        wrong = [a for a in alarms if not any(explains(r, a) for r in recalls)]
        null = sum(len(detector(twin)) for twin in quiet) / len(quiet)
        print(
            f"{method:<18}{len(leads):>12}{len({r.campaign for r in leads}):>11}"
            f"{median(leads.values()) if leads else float('nan'):>13.0f}"
            f"{len(wrong) / years:>11.2f}{null / years:>14.2f}{time.perf_counter() - began:>6.0f}",
            flush=True,
        )


def evaluate_gm(reports: list[Report]) -> None:
    """When each method first speaks of the ignition fault, against the recall of 7 February 2014."""
    recall = date(2014, 2, 7)
    print(f"\nGM: {len({r.case for r in reports})} complaints naming a fault; ignition recall 14V047 on {recall}.")
    for method in METHODS:
        alarms = sorted(METHODS[method](reports), key=lambda a: a.first)
        mine = [a for a in alarms if a.fault == "IGNITION/STALL"]
        null = len(METHODS[method](shuffled(reports, 1)))
        text = ", ".join(f"{a.product} {a.first} ({(recall - a.first).days} d)" for a in mine[:3]) or "never"
        print(f"{method:<18}ignition: {text}; other alarms {len(alarms) - len(mine)}, shuffled {null}", flush=True)


def product_years(reports: Iterable[Report], key: Callable[[Report], object] = lambda r: r.product) -> float:
    """Years under watch: from each product's first report to the end of the log."""
    firsts: dict[object, date] = {}
    end = date.min
    for report in reports:
        day = report.reported_at.date()
        firsts[key(report)] = min(firsts.get(key(report), day), day)
        end = max(end, day)
    return sum((end - first).days for first in firsts.values()) / 365.25


def shuffled(reports: Sequence[Report], seed: int) -> list[Report]:
    """The log with each product's part names dealt anew among its reports."""
    rng = random.Random(seed)
    places: dict[str, list[int]] = defaultdict(list)
    for i, report in enumerate(reports):
        places[report.product].append(i)
    out = list(reports)
    for where in places.values():
        names = [reports[i].fault for i in where]
        rng.shuffle(names)
        for i, name in zip(where, names, strict=True):
            out[i] = replace(reports[i], fault=name, customer=reports[i].customer + name)
    return out


def lead_days(alarms: Iterable[Episode], recall: Recall) -> int | None:
    """Days from the first alarm in the two years before the recall to the recall; None when there was none."""
    leads = [
        min(730, (recall.day - a.first).days)
        for a in alarms
        if (a.product, a.fault) == (recall.product, recall.fault)
        and a.first <= recall.day
        and (recall.day - a.last).days <= 730
    ]
    return max(leads, default=None)


def explains(recall: Recall, alarm: Episode) -> bool:
    """Whether the recall lies between a year before the alarm's first week and two years after its last."""
    return (
        (alarm.product, alarm.fault) == (recall.product, recall.fault)
        and (alarm.first - recall.day).days <= 365
        and (recall.day - alarm.last).days <= 730
    )


def _before(reports: Iterable[Report], recall: Recall) -> int:
    return len(
        {
            r.customer
            for r in reports
            if (r.product, r.fault) == (recall.product, recall.fault)
            and 0 < (recall.day - r.reported_at.date()).days <= 365
        }
    )


def _join(product: str, fault: str, days: Sequence[int]) -> list[Episode]:
    runs: list[list[int]] = []
    for day in days:
        if runs and day - runs[-1][-1] <= max(RULES.windows):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [Episode(product, fault, date.fromordinal(r[0]), date.fromordinal(r[-1]), 0, 0.0) for r in runs]


if __name__ == "__main__":
    main()
