"""The figures of the real app in a real terminal: start, key to paint, idle share, memory; others in turns with it."""

import os
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import pty_latency
from bench.big_desk import LOGIN, Scale, sqlite_desk
from bench.queue_data import place_of
from bench.queue_widget import FRAME, visidata_command
from bench.report import Figure
from deskapp.widgets.cells import place
from deskapp.widgets.ticket_columns import queue_columns

ROOT = Path(__file__).resolve().parent.parent
_IN_QUEUE = ["--setup", "text:2", "--setup", "sleep:3"]  # the key that goes to the queue
_WIDTH = 120
_APP = [sys.executable, "-m", "deskapp"]
_EMPTY = [sys.executable, "-m", "bench.baselines.empty_textual"]
_EMPTY_SQLMODEL = [sys.executable, "-m", "bench.baselines.empty_textual_sqlmodel"]
_BARE = [sys.executable, "-m", "bench.baselines.bare_list"]
_ROWS = r"T-\d+"


@contextmanager
def at_desk(database: Path) -> Iterator[None]:
    """Let what is started find the desk, and be somebody who works there; nothing of this machine's user is touched."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="deskapp-bench-") as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ.update(
            PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / "src")]), DESKAPP_DATABASE=str(database),
            DESKAPP_STATE=folder, DESKAPP_CONFIG=f"{folder}/config.toml", LOGNAME=LOGIN, XDG_RUNTIME_DIR=folder,
        )  # fmt: skip
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def start(scale: Scale, runs: int) -> Iterator[Figure]:
    """First frame against the empty app, first rows against the empty app with SQLModel; wall clock and CPU."""
    programs = [("deskapp", _APP), ("empty", _EMPTY), ("with sqlmodel", _EMPTY_SQLMODEL)]
    with at_desk(sqlite_desk(scale)):
        figures = _measure(["startup", "--runs", str(runs), "--ready", f"{_ROWS}|ready"], programs)
    desk, empty, both = (figures[name]["startup"] for name in ("deskapp", "empty", "with sqlmodel"))
    for name in ("first_paint", "ready", "cpu_ms"):
        for other, theirs in (("empty", empty), ("with sqlmodel", both)):
            target = {("first_paint", "empty"): 1.15, ("ready", "with sqlmodel"): 1.25}.get((name, other))
            title = {"first_paint": "first frame", "ready": "first rows", "cpu_ms": "CPU to rest"}[name]
            ours, base = desk[name], theirs["first_paint" if name == "first_paint" else name]
            yield Figure(f"{title} : {other}", ours["p50"], "ms", base["p50"], ratio_at_most=target, least=ours["min"],
                         least_other=base["min"])  # fmt: skip


def keys(scale: Scale, count: int, sessions: int) -> Iterator[Figure]:
    """Key to paint in the queue, countdown running, against the bare list and visidata."""
    programs = [("deskapp", _APP), ("bare", [*_BARE, str(scale.open)])]
    with at_desk(sqlite_desk(scale)):
        if visidata := visidata_command(scale.open):
            programs.append(("visidata", visidata))
        given = ["keys", "--keys", str(count), "--sessions", str(sessions), "--gap", "7", "--settle", "800",
                 "--quiet", "120", *_IN_QUEUE]  # fmt: skip
        figures = _measure(given, programs, {"deskapp": _ticking(), "bare": set(range(place_of("due", _WIDTH)[1] + 1))})
    ours = figures["deskapp"]["keys"]
    for which, target in (("p50", 1.3), ("p99", 2.0)):
        for name, _command in programs[1:]:
            theirs = figures[name]["keys"]["latency_ms"][which]
            bound = target if name == "bare" else None
            yield Figure(f"key to paint {which} : {name}", ours["latency_ms"][which], "ms", theirs, ratio_at_most=bound)
    cpu = figures["bare"]["keys"]["cpu_ms_per_key"]["p50"]
    yield Figure("CPU a key : bare", ours["cpu_ms_per_key"]["p50"], "ms", cpu)
    yield Figure("key to paint p99 in one 60 Hz frame", ours["latency_ms"]["p99"], "ms", wish=FRAME)


def idle(scale: Scale, seconds: int, runs: int) -> Iterator[Figure]:
    """The share of one core with the queue in sight, its countdown running, nobody typing."""
    with at_desk(sqlite_desk(scale)):
        given = [
            "idle",
            "--idle",
            str(seconds),
            "--idle-runs",
            str(runs),
            "--idle-warm",
            "6",
            "--settle",
            "800",
            *_IN_QUEUE,
        ]
        figures = _measure(given, [("deskapp", _APP), ("bare", [*_BARE, str(scale.open)])])
    ours, theirs = (figures[name]["idle"]["cpu_pct"] for name in ("deskapp", "bare"))
    yield Figure("idle, ticking : bare", ours["p50"], "% of a core", theirs["p50"], at_most=1.2, least=ours["min"])


def memory(scale: Scale, keys: int = 60) -> Iterator[Figure]:
    """Peak memory after paging through the queue to its end and back, on a small desk and on the big one."""
    small = Scale(1000, 1000)
    found: dict[Scale, list[float]] = {small: [], scale: []}
    for _round in range(3):
        for size, peaks in found.items():
            with at_desk(sqlite_desk(size)):
                turns = [part for key in ("pagedown", "pagedown", "end", "home") for part in ("--key", key)]
                given = ["keys", "--keys", str(keys), "--sessions", "1", *_IN_QUEUE, *turns]
                peaks.append(_measure(given, [("deskapp", _APP)])["deskapp"]["keys"]["peak_rss_mib"])
    ours, theirs = statistics.median(found[scale]), statistics.median(found[small])
    yield Figure(f"peak memory at {scale.tickets:,} : 1,000 tickets", ours, "MiB", theirs, ratio_at_most=1.2)


def _ticking() -> set[int]:
    """The cells that change without a key: the countdown's and those of the clock in the header."""
    due = next(placed for placed in place(queue_columns(), _WIDTH) if placed.column.id == "due")
    return {*range(due.start + due.width), *range(_WIDTH - 10, _WIDTH)}


def _measure(given: list[str], programs: list[Any], masks: dict[str, set[int]] | None = None) -> Any:
    options = pty_latency.parse([*given, "--", "-"])[0]
    return pty_latency.measure(options, programs, masks)


def calm() -> str:
    """What else the machine is doing: figures taken under load compare with others of the same run only."""
    cores = os.cpu_count() or 1
    return re.sub(
        r"\s+", " ", f"load {os.getloadavg()[0]:.1f} on {cores} cores, fixed loop {pty_latency.calibrate():.0f} ms"
    )
