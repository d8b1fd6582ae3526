"""False alarms and speed of the mass-fault detector on simulated logs: quiet ones first, then with a planted fault.

    PYTHONPATH=src:. python -m bench.outbreak_quiet [alpha …]

Every product × fault is watched daily for three years after one year of history. Quiet worlds: Poisson, negative
binomial days (variance 3 times the mean), a season of ± 50 %, a rise of 50 % a year, one report in five on the 1st.
"""

import math
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from deskapp.domain.outbreak import DetectionRules, FaultLog, Report, episodes

START = datetime(2020, 1, 1, 9, tzinfo=UTC)
YEARS, WATCHED = 4, 3
RATES = (3, 20, 100, 400)
Shape = Callable[[random.Random, int], float]
WORLDS: dict[str, Shape] = {
    "Poisson": lambda _rng, _day: 1.0,
    "negative binomial": lambda rng, _day: rng.gammavariate(0.5, 2.0),
    "season ±50 %": lambda _rng, day: 1 + 0.5 * math.sin(2 * math.pi * day / 365.25),
    "rise 50 % a year": lambda _rng, day: 1.5 ** (day / 365.25),
    "heaps on the 1st": lambda _rng, day: 7.0 if (START + timedelta(days=day)).day == 1 else 0.8,
}


def main() -> None:
    """Print both tables."""
    alphas = [float(a) for a in sys.argv[1:]] or [DetectionRules().alpha]
    for alpha in alphas:
        rules = DetectionRules(alpha=alpha)
        print(f"\nalpha {alpha}: false alarms per product × fault × year, by customers a year")
        print(f"{'quiet world':<20}" + "".join(f"{rate:>9}" for rate in RATES))
        for name, shape in WORLDS.items():
            print(f"{name:<20}" + "".join(f"{false_alarms(shape, rate, rules):>9.3f}" for rate in RATES), flush=True)
        print("planted fault (40 runs each): share found within 28 days, median days to the first signal")
        print(f"{'customers a week':<20}" + "".join(f"{rate:>14}" for rate in RATES[:3]))
        for weekly in (3, 6, 12, 25):
            print(f"{weekly:<20}" + "".join(f"{found(weekly, rate, rules):>14}" for rate in RATES[:3]), flush=True)


def world(rng: random.Random, shape: Shape, rate: float, product: str, days: int = 365 * YEARS) -> list[Report]:
    """The reports of one series: a Poisson process of `rate` customers a year, its intensity following `shape`."""
    out = []
    for day in range(days):
        for i in range(_poisson(rng, rate / 365 * shape(rng, day))):
            out.append(Report(product, "fault", f"{product}.{day}.{i}", START + timedelta(days=day)))
    return out


def false_alarms(shape: Shape, rate: float, rules: DetectionRules) -> float:
    """Episodes per series-year; each series is a desk of its own so that nothing is borrowed between them."""
    series = 40 if rate < 100 else 12
    alarms = 0
    for seed in range(series):
        log = FaultLog(world(random.Random(f"{rate}.{seed}"), shape, rate, "p"), rules)
        first = START.toordinal() + 365 * (YEARS - WATCHED)
        alarms += len(episodes(log, range(first, first + 365 * WATCHED, 1 if rate < 100 else 2)))
    return alarms / (series * WATCHED)


def found(weekly: int, rate: float, rules: DetectionRules) -> str:
    """How a fault that adds `weekly` customers a week is found."""
    delays = []
    for seed in range(40):
        rng = random.Random(f"{weekly}.{rate}.{seed}")
        begin = 400 + rng.randrange(300)
        reports = world(rng, WORLDS["Poisson"], rate, "p", begin + 30)
        for day in range(28):
            reports += [
                Report("p", "fault", f"x{day}.{i}", START + timedelta(days=begin + day))
                for i in range(_poisson(rng, weekly / 7))
            ]
        log, first = FaultLog(reports, rules), START.toordinal() + begin
        hit = next((d for d in range(28) if log.look(("p", "fault"), first + d)), None)
        if hit is not None:
            delays.append(hit + 1)
    return f"{len(delays) / 40:.0%} {median(delays):.0f} d" if delays else "0%"


def _poisson(rng: random.Random, mean: float) -> int:
    limit, product, n = math.exp(-mean), rng.random(), 0
    while product > limit:
        n, product = n + 1, product * rng.random()
    return n


if __name__ == "__main__":
    main()
