"""Key to paint and idle CPU of the queue list, against a bare line-API list and visidata, in a real pty, in turns.

    python bench/queue_widget.py [--keys 200] [--sessions 4] [--rows 100000]

Targets: p50 <= 1.3 and p99 <= 2 times the bare list, idle <= 1.2 % of one core with the countdown running.
"""

import argparse
import csv
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
CACHE = ROOT / ".cache" / "bench"
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench import pty_latency  # noqa: E402 - found by the path above
from bench.queue_data import COLUMNS, START, place_of, tickets  # noqa: E402

TARGETS = {"p50": 1.3, "p99": 2.0}
IDLE_TARGET = 1.2  # per cent of one core
FRAME = 1000 / 60  # ms


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=200, help="keys a session")
    parser.add_argument("--sessions", type=int, default=4, help="sessions a program")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--idle", type=int, default=20, help="seconds a program, three times")
    parser.add_argument("--key", action="append", default=None, help="the keys pressed in turn; default down")
    given = parser.parse_args()

    programs = [
        ("queue", [sys.executable, "-m", "bench.queue_app", str(given.rows)]),
        ("bare", [sys.executable, "-m", "bench.baselines.bare_list", str(given.rows)]),
    ]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if (visidata := visidata_command(given.rows)) is not None:
        programs.append(("visidata", visidata))

    # The countdown's own cells do not count, or a tick after a key would be taken for the key's paint.
    start, end = place_of("due", 120)
    keys = [part for key in given.key or ["down"] for part in ("--key", key)]
    options = [
        "keys", "--keys", str(given.keys), "--sessions", str(given.sessions), "--gap", "7",
        "--settle", "800", "--setup", "sleep:3", "--quiet", "120", *keys, "--", "-",
    ]  # fmt: skip
    ticking = set(range(start, end + 1))
    figures = pty_latency.measure(pty_latency.parse(options)[0], programs, {"queue": ticking, "bare": ticking})
    idle_options = ["idle", "--idle", str(given.idle), "--idle-runs", "3", "--", "-"]
    idle = pty_latency.measure(pty_latency.parse(idle_options)[0], programs)
    for name, _ in programs:
        figures[name]["idle"] = idle[name]["idle"]
        pty_latency.show(figures[name])
    return report(figures)


def report(figures: dict[str, Any]) -> int:
    """Print the ratios beside their targets; 1 when one is missed."""
    queue, missed = figures["queue"], []
    for other in figures:
        if other == "queue":
            continue
        ours, theirs = queue["keys"]["latency_ms"], figures[other]["keys"]["latency_ms"]
        for which, target in TARGETS.items():
            ratio = ours[which] / theirs[which]
            bound = f"(target {target})" if other == "bare" else ""
            print(f"key to paint {which}: {ours[which]:.2f} ms = {ratio:.2f} x {other} {theirs[which]:.2f} ms {bound}")
            if other == "bare" and ratio > target:
                missed.append(which)
    p99 = queue["keys"]["latency_ms"]["p99"]
    print(f"key to paint p99 within one 60 Hz frame ({FRAME:.1f} ms): {'yes' if p99 <= FRAME else 'no'} ({p99:.1f} ms)")
    share = queue["idle"]["cpu_pct"]["p50"]
    bare = figures["bare"]["idle"]["cpu_pct"]["p50"]
    print(f"idle: {share:.2f} % of one core (target {IDLE_TARGET}), bare {bare:.2f} %")
    if share > IDLE_TARGET:
        missed.append("idle")
    print("noise", queue["noise"])
    print("all targets met" if not missed else f"missed: {', '.join(missed)}")
    return 1 if missed else 0


def visidata_command(rows: int) -> list[str] | None:
    """Return how to open the same rows in visidata, installed on its own; None, and why, when it cannot be."""
    program = CACHE / "venv" / "bin" / "vd"
    if not program.exists():
        venv.create(CACHE / "venv", with_pip=True)
        install = [str(program.with_name("pip")), "install", "--quiet", "-r", str(HERE / "requirements.txt")]
        done = subprocess.run(install, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            print(f"without visidata, which could not be installed: {done.stderr.strip().splitlines()[-1:]}")
            return None
    table = CACHE / f"queue-{rows}.csv"
    if not table.exists():
        with table.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(column.title for column in COLUMNS)
            for ticket in tickets(rows):
                writer.writerow(column.cell(ticket, START).text for column in COLUMNS)
    return [str(program), "--nothing", str(table)]


if __name__ == "__main__":
    sys.exit(main())
