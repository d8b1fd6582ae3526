"""Measure the app: `make bench`, or `python -m bench [PART ...] [--tickets N] [--customers N]`.

Parts: calendar, clocks, beside, qa (these need no big desk), start, keys, idle, queries, wallboard, postgresql,
memory; all of them without a name. The big desk is made first (a few minutes, once). Where there is something to
compare with, it was measured in turns in the same run: look at the ratios.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict

from bench import beside, board, calendar_ops, clock_store, qa_report, qa_submit, queries, terminal
from bench.big_desk import Scale, sqlite_desk
from bench.report import Figure

QUICK = 4  # times fewer rounds
_SMALL = {"calendar", "clocks", "beside", "qa"}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="what to measure; default everything")
    parser.add_argument("--tickets", type=int, default=Scale().tickets, help="a tenth of them is open")
    parser.add_argument("--customers", type=int, default=Scale().customers)
    parser.add_argument("--quick", action="store_true", help="a quarter of the rounds")
    parser.add_argument("--json", metavar="FILE", help="append the figures to this file, a line each")
    given = parser.parse_args()
    scale, less = Scale(given.tickets, given.customers), QUICK if given.quick else 1
    parts: dict[str, Callable[[], Iterator[Figure]]] = {
        "calendar": lambda: calendar_ops.figures(100_000 // less),
        "clocks": lambda: clock_store.figures(33_334 // less, 10_000 // less),
        "beside": lambda: beside.figures(60 // less),
        "start": lambda: terminal.start(scale, 12 // less),
        "keys": lambda: terminal.keys(scale, 160 // less, 3),
        "idle": lambda: terminal.idle(scale, 20 // less, 3),
        "queries": lambda: (*queries.syncing(100), *queries.sqlite(scale, 200 // less)),
        "wallboard": lambda: board.figures(scale, 5 // less + 1),
        "postgresql": lambda: queries.postgresql(scale, 200 // less),
        "qa": lambda: (
            *qa_submit.figures(40 // less),
            *qa_report.sqlite(qa_report.RECORDS // less),
            *qa_report.postgresql(qa_report.RECORDS // less),
        ),
        "memory": lambda: terminal.memory(scale),
    }
    if unknown := set(given.parts) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    began = time.monotonic()
    if not given.parts or set(given.parts) - _SMALL:
        path = sqlite_desk(scale)
        print(f"{path.name}: {scale.open:,} open of {scale.tickets:,} tickets, {time.monotonic() - began:.0f} s")
    missed = []
    for name in given.parts or parts:
        print(f"-- {name} ({terminal.calm()})", flush=True)
        for figure in parts[name]():
            print("  " + figure.line(), flush=True)
            missed += [figure.name] if figure.missed else []
            if given.json:
                with open(given.json, "a", encoding="utf-8") as file:
                    file.write(json.dumps({"part": name, **asdict(figure)}) + "\n")
    print("every target met" if not missed else "missed: " + "; ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
