#!/usr/bin/env python3
"""Measure any full-screen terminal program from outside, through a pseudo-terminal.

    pty_latency.py startup [options] -- CMD ARG...   exec -> first paint / stable / ready, peak RSS
    pty_latency.py keys    [options] -- CMD ARG...   keystroke -> last byte that changed the screen
    pty_latency.py idle    [options] -- CMD ARG...   CPU %, bytes/s, frames/s with nobody typing
    pty_latency.py all     [options] -- CMD ARG...   the three, one after the other
    pty_latency.py screen  [options] -- CMD ARG...   print the stable screen (to choose --ready/--setup)

Add --also 'NAME::CMD ARG...' (repeatable) to measure other programs in alternation (A B C A B C ...), so that a
machine whose speed drifts still gives honest ratios.

How it measures
  * The child gets a COLSxROWS pty (default 120x40), TERM=xterm-256color, COLORTERM=truecolor, its own session.
  * The harness answers the usual terminal queries at once (DA1/DA2, cursor position, synchronised output 2026,
    in-band resize 2048, kitty keyboard, background colour) so nobody waits for an answer that never comes, and it
    sends arrows as ESC [ B or ESC O B according to the mode the program asked for (DECCKM).
  * While measuring, bytes are only time-stamped and stored. They are fed to the pyte emulator AFTERWARDS, so the
    emulator's own cost is never inside a figure.
  * first_byte: first byte from the child.  first_paint: first chunk after which the screen holds >= --min-chars
    visible characters.  stable: the last chunk that changed the screen before --settle ms without a change.
    ready: first chunk after which --ready REGEX matches the screen text (only with --ready).
  * A key's latency is the time from just before write(2) of the key to the arrival of the last chunk that changed a
    cell (text or attributes) outside --mask-cols, in the burst that follows the key (a burst ends after --quiet ms
    of silence). Keys that changed nothing are counted as `no_change` and left out of the percentiles.
  * Idle CPU is utime+stime of the child and all its descendants from /proc over --idle seconds.
Needs: Linux, Python >= 3.9, pyte (pip install pyte).
"""

import argparse
import contextlib
import errno
import fcntl
import json
import os
import pty
import re
import select
import shlex
import signal
import statistics
import struct
import sys
import termios
import time

try:
    import pyte
except ImportError:  # pragma: no cover
    sys.exit("pyte is needed: pip install pyte")

CLK = os.sysconf("SC_CLK_TCK")
KEYS = {
    "down": b"\x1b[B",
    "up": b"\x1b[A",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "pagedown": b"\x1b[6~",
    "pageup": b"\x1b[5~",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "enter": b"\r",
    "tab": b"\t",
    "esc": b"\x1b",
    "space": b" ",
    "f1": b"\x1bOP",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f4": b"\x1bOS",
    "f5": b"\x1b[15~",
    "f9": b"\x1b[20~",
    "f10": b"\x1b[21~",
    "backspace": b"\x7f",
    "appdown": b"\x1bOB",
    "appup": b"\x1bOA",
    "shifttab": b"\x1b[Z",
}


def key_bytes(name):
    if name in KEYS:
        return KEYS[name]
    m = re.fullmatch(r"ctrl[+-](.)", name)
    if m:
        return bytes([ord(m.group(1).lower()) & 0x1F])
    if name.startswith("text:"):
        return name[5:].encode()
    return name.encode()


# ---------------------------------------------------------------- terminal side
QUERIES = [  # (pattern in the child's output, answer)
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[>0?c"), b"\x1b[>1;10;0c"),
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[5n"), b"\x1b[0n"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\"),
]
# what pyte 0.8 would print as text or choke on: drop it before feeding
DROP = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[@-~]|\x1b\[\?[0-9;]*\$p|\x1b\[\?[0-9;]*u|\x1b\[[0-9;]*[ !\"$'][@-~]"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^X][^\x1b]*\x1b\\|\x1b\[[0-9;]*t"
)
TAIL = re.compile(rb"\x1b(?:\[[0-9;:<>=?!\"$' ]*|[\]P_^X][^\x07\x1b]*\x1b?|[()#%]?)?$")


class Emulator:
    """pyte plus a filter for what pyte does not know; says which chunks changed the screen."""

    def __init__(self, cols, rows, mask=()):
        self.screen = pyte.Screen(cols, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.cols, self.rows, self.rest = cols, rows, b""
        self.mask = frozenset(mask)
        self.keep = [c for c in range(cols) if c not in self.mask]
        self.snap = {}

    def _row(self, y):
        line, default = self.screen.buffer[y], self.screen.default_char
        return tuple(line.get(x, default) if hasattr(line, "get") else line[x] for x in self.keep)

    def feed(self, data):
        """True when a cell outside the mask changed."""
        data = self.rest + data
        m = TAIL.search(data)
        self.rest = b""
        if m and m.group(0) and len(m.group(0)) < 4096:
            self.rest, data = m.group(0), data[: m.start()]
        self.screen.dirty.clear()
        # An odd sequence must not end the measurement.
        with contextlib.suppress(TypeError, ValueError, LookupError, AttributeError):
            self.stream.feed(DROP.sub(b"", data))
        changed = False
        for y in list(self.screen.dirty):
            if y < self.rows:
                row = self._row(y)
                if self.snap.get(y) != row:
                    if y in self.snap or any(c.data != " " or c.bg != "default" for c in row):
                        changed = True
                    self.snap[y] = row
        return changed

    def text(self):
        return "\n".join(self.screen.display)

    def visible(self):
        return sum(len(line.replace(" ", "")) for line in self.screen.display)


# ---------------------------------------------------------------- process side
def tree(pid):
    """pid and every descendant still alive."""
    kids, out, todo = {}, [], [pid]
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                with open(f"/proc/{d}/stat") as f:
                    kids.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(d))
            except OSError:
                pass
    while todo:
        p = todo.pop()
        out.append(p)
        todo += kids.get(p, [])
    return out


def cpu_seconds(pid):
    total = 0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/stat") as f:
                v = f.read().rsplit(")", 1)[1].split()
            total += int(v[11]) + int(v[12]) + (int(v[13]) + int(v[14]) if p == pid else 0)
        except OSError:
            pass
    return total / CLK


def cpu_ns(pid):
    """CPU of every live thread of the tree, in seconds, at nanosecond grain (exited threads are not in it)."""
    total = 0
    for p in tree(pid):
        try:
            for t in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{t}/schedstat") as f:
                    total += int(f.read().split()[0])
        except OSError:
            pass
    return total / 1e9


def rss(pid):
    """(peak of the main process, summed peaks of the tree, summed current) in MiB."""
    main = hw = now = 0
    for p in tree(pid):
        try:
            with open(f"/proc/{p}/status") as f:
                t = f.read()
            h = int(re.search(r"VmHWM:\s+(\d+)", t).group(1)) / 1024
            hw += h
            now += int(re.search(r"VmRSS:\s+(\d+)", t).group(1)) / 1024
            if p == pid:
                main = h
        except (OSError, AttributeError):
            pass
    return round(main, 1), round(hw, 1), round(now, 1)


class Session:
    def __init__(self, argv, a):
        env = dict(
            os.environ,
            TERM=a.term,
            COLORTERM="truecolor",
            COLUMNS=str(a.cols),
            LINES=str(a.rows),
            LANG="C.UTF-8",
            LC_ALL="C.UTF-8",
        )
        for kv in a.env:
            k, _, v = kv.partition("=")
            env[k] = v
        self.a, self.log, self.dead, self.app_keys = a, [], False, False
        r, w = os.pipe()
        self.t0 = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.close(w)
            os.read(r, 1)  # until the parent has set the window size
            try:
                if a.cwd:
                    os.chdir(a.cwd)
                os.execvpe(argv[0], argv, env)
            except OSError as e:
                os.write(2, f"cannot start: {e}".encode())
                os._exit(127)
        os.close(r)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", a.rows, a.cols, 0, 0))
        self.t0 = time.perf_counter()
        os.write(w, b"g")
        os.close(w)
        self.qtail = b""

    def read(self, timeout):
        """One chunk (stored with its arrival time) or None after `timeout` seconds of silence."""
        r, _, _ = select.select([self.fd], [], [], max(0, timeout))
        if not r:
            return None
        try:
            data = os.read(self.fd, 65536)
        except OSError as e:
            if e.errno == errno.EIO:
                self.dead = True
                return None
            raise
        t = time.perf_counter() - self.t0
        if not data:
            self.dead = True
            return None
        self.log.append((t, data))
        look = self.qtail + data
        for pat, answer in QUERIES:
            for m in pat.finditer(look):
                if m.end() > len(self.qtail):
                    os.write(self.fd, answer)
        on, off = look.rfind(b"\x1b[?1h"), look.rfind(b"\x1b[?1l")
        if on != off:
            self.app_keys = on > off  # DECCKM: a real terminal then sends ESC O B for the down arrow
        self.qtail = look[-12:] if b"\x1b" in look[-12:] else b""
        return data

    def key(self, data):
        """Send a key as a real terminal would in the mode the program asked for."""
        if self.app_keys and len(data) == 3 and data[:2] == b"\x1b[" and data[2:3] in b"ABCDHF":
            data = b"\x1bO" + data[2:]
        os.write(self.fd, data)

    def drain(self, quiet, limit):
        end = time.perf_counter() + limit
        while not self.dead and time.perf_counter() < end:
            if self.read(min(quiet, end - time.perf_counter())) is None:
                break

    def close(self):
        usage = None
        for sig in (signal.SIGTERM, signal.SIGKILL):
            for p in reversed(tree(self.pid)):
                with contextlib.suppress(OSError):
                    os.kill(p, sig)
            end = time.time() + (1.5 if sig == signal.SIGTERM else 5)
            while time.time() < end:
                try:
                    pid, _, usage = os.wait4(self.pid, os.WNOHANG)
                except ChildProcessError:
                    pid = self.pid
                if pid:
                    break
                try:  # keep the pty from filling up
                    if select.select([self.fd], [], [], 0.02)[0]:
                        os.read(self.fd, 65536)
                except OSError:
                    time.sleep(0.02)
            else:
                continue
            break
        with contextlib.suppress(OSError):
            os.close(self.fd)
        return round(usage.ru_maxrss / 1024, 1) if usage else None


def until_ready(s, a, emu, state=None):
    """Read until the screen is stable (and --ready matches). Returns times in ms; leaves emu up to date."""
    fed, res, ready = 0, {}, re.compile(a.ready, re.S | re.M) if a.ready else None
    last_change = None
    deadline = time.perf_counter() + a.timeout
    while time.perf_counter() < deadline and not s.dead:
        got = s.read(a.settle / 1000)
        if got is not None and len(s.log) - fed < 4000 and (s.log[-1][0] - s.log[fed][0]) < 5:
            # still talking; but a program that repaints all the time never falls silent: look every 5 s
            continue
        for t, data in s.log[fed:]:
            if "first_byte" not in res:
                res["first_byte"] = t * 1e3
            if emu.feed(data):
                last_change = t
            if "first_paint" not in res and emu.visible() >= a.min_chars:
                res["first_paint"] = t * 1e3
            if ready and "ready" not in res and ready.search(emu.text()):
                res["ready"] = t * 1e3
        fed = len(s.log)
        if last_change is not None and "first_paint" in res and (not ready or "ready" in res):
            res["stable"] = last_change * 1e3
            break
    return res


def setup_keys(s, a, emu):
    """Send the --setup keys, waiting for quiet after each."""
    for k in a.setup:
        if k.startswith("sleep:"):
            s.drain(float(k[6:]), float(k[6:]))
            continue
        n = len(s.log)
        s.key(key_bytes(k))
        s.drain(a.settle / 1000, 5)
        for _t, d in s.log[n:]:
            emu.feed(d)


def spread(v, nd=1):
    if not v:
        return None
    q = sorted(v)

    def pct(p):
        return q[min(len(q) - 1, max(0, round(p * (len(q) - 1))))]

    return {
        "n": len(q),
        "min": round(q[0], nd),
        "p50": round(statistics.median(q), nd),
        "p95": round(pct(0.95), nd),
        "p99": round(pct(0.99), nd),
        "max": round(q[-1], nd),
    }


def calibrate():
    """A fixed loop, in ms: what the same work costs right now on this machine (noise gauge)."""
    t = time.perf_counter()
    x = 0
    for i in range(300_000):
        x += i & 7
    return (time.perf_counter() - t) * 1e3


def once_startup(argv, a):
    emu = Emulator(a.cols, a.rows)
    s = Session(argv, a)
    res = until_ready(s, a, emu)
    res["cpu_ms"] = max(cpu_ns(s.pid), cpu_seconds(s.pid)) * 1e3
    main, tot, _ = rss(s.pid)
    res["bytes"] = sum(len(d) for _, d in s.log)
    res["peak_rss_mib"], res["tree_peak_mib"] = main, tot
    if s.dead and not main:
        res["died"] = emu.text().strip()[-300:]
    s.close()
    return res, emu


def once_keys(argv, a, n, mask):
    emu = Emulator(a.cols, a.rows, mask)
    s = Session(argv, a)
    start = until_ready(s, a, emu)
    setup_keys(s, a, emu)
    base, cpu0 = len(s.log), cpu_seconds(s.pid)
    marks = []
    keys = [key_bytes(k) for k in a.key]
    for i in range(n + a.warm_keys):
        s.drain(a.pre_quiet / 1000, 0.25)
        if s.dead:
            break
        mark = len(s.log)
        t = time.perf_counter() - s.t0
        s.key(keys[i % len(keys)])
        end, sent = time.perf_counter() + a.key_timeout / 1000, False
        while time.perf_counter() < end:
            # until the first byte wait for the key timeout; then until the burst falls silent
            if s.read(min(a.quiet / 1000 if sent else a.key_timeout / 1000, end - time.perf_counter())) is None:
                break
            sent = True
        marks.append((t, mark, len(s.log)))
        if a.gap:
            s.drain(a.gap / 1000, a.gap / 1000)
    main, tot, _ = rss(s.pid)
    cpu = 1e3 * (cpu_seconds(s.pid) - cpu0) / max(1, len(marks))
    # replay
    lat, first, none, sizes = [], [], 0, []
    for _t, d in s.log[base : marks[0][1]] if marks else []:
        emu.feed(d)
    for i, (t, b, e) in enumerate(marks):
        stop = marks[i + 1][1] if i + 1 < len(marks) else len(s.log)
        last = fst = None
        for ct, d in s.log[b:e]:
            if emu.feed(d):
                last = ct
                fst = fst or ct
        for _ct, d in s.log[e:stop]:
            emu.feed(d)
        if i < a.warm_keys:
            continue
        if last is None:
            none += 1
        else:
            lat.append((last - t) * 1e3)
            first.append((fst - t) * 1e3)
            sizes.append(sum(len(d) for _, d in s.log[b:e]))
    s.close()
    return {
        "lat": lat,
        "first": first,
        "no_change": none,
        "sizes": sizes,
        "start": start,
        "peak_rss_mib": main,
        "tree_peak_mib": tot,
        "died": s.dead and len(marks) < n,
        "cpu_ms_per_key": cpu,
    }, emu


def once_idle(argv, a):
    emu = Emulator(a.cols, a.rows)
    s = Session(argv, a)
    until_ready(s, a, emu)
    setup_keys(s, a, emu)
    s.drain(a.idle_warm, a.idle_warm)
    n, c0, t0 = len(s.log), cpu_seconds(s.pid), time.perf_counter()
    end = t0 + a.idle
    while time.perf_counter() < end and not s.dead:
        s.read(end - time.perf_counter())
    dt = time.perf_counter() - t0
    c1 = cpu_seconds(s.pid)
    got = s.log[n:]
    bursts, prev = 0, -9.0
    for t, _ in got:
        if t - prev > 0.02:
            bursts += 1
        prev = t
    now = rss(s.pid)[2]
    s.close()
    return {
        "cpu_pct": 100 * (c1 - c0) / dt,
        "bytes_s": sum(len(d) for _, d in got) / dt,
        "bursts_s": bursts / dt,
        "rss_mib": now,
    }


def main():
    a, progs = parse(sys.argv[1:])
    if a.mode == "screen":
        for n, c in progs:
            emu = Emulator(a.cols, a.rows)
            s = Session(c, a)
            r = until_ready(s, a, emu)
            setup_keys(s, a, emu)
            s.close()
            print(f"--- {n}: {r}")
            print("\n".join(line.rstrip() for line in emu.screen.display))
        return
    out = measure(a, progs)
    for o in out.values():
        if a.json:
            with open(a.json, "a") as f:
                f.write(json.dumps(o) + "\n")
        show(o)
    print("noise", json.dumps(o["noise"]))


def parse(argv):
    """(options, [(name, command)...]) of a command line; `--` stands before the first program's command."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("mode", choices=["startup", "keys", "idle", "all", "screen"])
    p.add_argument("--name", default=None)
    p.add_argument("--also", action="append", default=[], metavar="NAME::CMD", help="measured in alternation")
    p.add_argument("--cols", type=int, default=120)
    p.add_argument("--rows", type=int, default=40)
    p.add_argument("--term", default="xterm-256color")
    p.add_argument("--env", action="append", default=[], metavar="K=V")
    p.add_argument("--cwd", default=None)
    p.add_argument("--runs", type=int, default=5)
    p.add_argument("--warmup", type=int, default=1)
    p.add_argument("--settle", type=float, default=400, help="ms without a byte = stable")
    p.add_argument("--min-chars", type=int, default=2)
    p.add_argument("--ready", default=None, help="regex that the screen text must match")
    p.add_argument("--timeout", type=float, default=60, help="s, for a start-up")
    p.add_argument("--setup", action="append", default=[], help="key (or text:..., sleep:S) sent before measuring")
    p.add_argument("--key", action="append", default=[], help="key(s) to measure, used in turn; default down")
    p.add_argument("--keys", type=int, default=200, help="how many keys per session")
    p.add_argument("--sessions", type=int, default=2, help="sessions of --keys keys each (alternating with --also)")
    p.add_argument("--warm-keys", type=int, default=5)
    p.add_argument("--quiet", type=float, default=60, help="ms of silence that end a key's burst")
    p.add_argument("--pre-quiet", type=float, default=25, help="ms of silence wanted before a key")
    p.add_argument("--gap", type=float, default=0, help="extra ms between keys (use a prime to spread over ticks)")
    p.add_argument("--key-timeout", type=float, default=3000)
    p.add_argument("--mask-cols", default="", help="columns whose changes do not count, e.g. 90-99,110 (0-based)")
    p.add_argument("--idle", type=float, default=10)
    p.add_argument("--idle-warm", type=float, default=2)
    p.add_argument("--idle-runs", type=int, default=3)
    p.add_argument("--json", default=None, help="append one JSON line per program to this file")
    p.add_argument("--tag", default="")
    cmd = []
    if "--" in argv:
        i = argv.index("--")
        argv, cmd = argv[:i], argv[i + 1 :]
    a = p.parse_args(argv)
    a.key = a.key or ["down"]
    a.mask = set()
    for part in filter(None, a.mask_cols.split(",")):
        lo, _, hi = part.partition("-")
        a.mask |= set(range(int(lo), int(hi or lo) + 1))
    progs = []
    if cmd:
        progs.append((a.name or os.path.basename(cmd[0]), cmd))
    for x in a.also:
        n, _, c = x.partition("::")
        progs.append((n, shlex.split(c)))
    if not progs:
        p.error("no command")
    return a, progs


def measure(a, progs, masks=None):
    """Figures by program name; the programs take turns, so that a drifting machine still gives honest ratios.

    `masks` gives a program other masked columns than the options do.
    """
    a.masks = masks or {}
    out = {n: {"name": n, "cmd": shlex.join(c), "tag": a.tag, "size": f"{a.cols}x{a.rows}"} for n, c in progs}
    cal, load0 = [calibrate()], os.getloadavg()[0]
    for mode, take in (("startup", measure_startup), ("keys", measure_keys), ("idle", measure_idle)):
        if a.mode in (mode, "all"):
            take(a, progs, out, cal)
    noise = {"calib_ms": spread(cal, 2), "load_start": load0, "load_end": os.getloadavg()[0]}
    for n, _ in progs:
        out[n]["noise"] = noise
        out[n]["at"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return out


def measure_startup(a, progs, out, cal):
    acc = {n: [] for n, _ in progs}
    for i in range(a.runs + a.warmup):
        for n, c in progs:
            r, _ = once_startup(c, a)
            if i >= a.warmup:
                acc[n].append(r)
            cal.append(calibrate())
    for n, _ in progs:
        o = out[n]["startup"] = {
            k: spread([r[k] for r in acc[n] if k in r])
            for k in ("first_byte", "first_paint", "stable", "ready", "cpu_ms", "peak_rss_mib", "tree_peak_mib")
        }
        o["bytes"] = statistics.median(r["bytes"] for r in acc[n])
        o["incomplete"] = sum("stable" not in r for r in acc[n])
        died = [r["died"] for r in acc[n] if "died" in r]
        if died:
            o["died"] = died[0]


def measure_keys(a, progs, out, cal):
    acc = {n: [] for n, _ in progs}
    for _ in range(a.sessions):
        for n, c in progs:
            acc[n].append(once_keys(c, a, a.keys, a.masks.get(n, a.mask))[0])
            cal.append(calibrate())
    for n, _ in progs:
        rs = acc[n]
        out[n]["keys"] = {
            "key": a.key,
            "latency_ms": spread([x for r in rs for x in r["lat"]], 2),
            "first_change_ms": spread([x for r in rs for x in r["first"]], 2),
            "session_p50": [round(statistics.median(r["lat"]), 2) if r["lat"] else None for r in rs],
            "cpu_ms_per_key": spread([r["cpu_ms_per_key"] for r in rs], 2),
            "no_change": sum(r["no_change"] for r in rs),
            "bytes_per_key": statistics.median([x for r in rs for x in r["sizes"]] or [0]),
            "peak_rss_mib": max(r["peak_rss_mib"] for r in rs),
            "tree_peak_mib": max(r["tree_peak_mib"] for r in rs),
            "died": any(r["died"] for r in rs),
        }


def measure_idle(a, progs, out, cal):
    acc = {n: [] for n, _ in progs}
    for _ in range(a.idle_runs):
        for n, c in progs:
            acc[n].append(once_idle(c, a))
            cal.append(calibrate())
    for n, _ in progs:
        out[n]["idle"] = {k: spread([r[k] for r in acc[n]], 2) for k in ("cpu_pct", "bytes_s", "bursts_s", "rss_mib")}


def show(o):
    print(f"== {o['name']}  [{o['cmd'][:100]}]")
    if "startup" in o:
        s = o["startup"]
        for k in ("first_byte", "first_paint", "ready", "stable", "cpu_ms"):
            if s.get(k):
                v = s[k]
                print(f"  {k:12s} p50 {v['p50']:8.1f} ms   min {v['min']:.1f} max {v['max']:.1f}  n={v['n']}")
        v = s["peak_rss_mib"]
        if v:
            print(
                f"  peak RSS     p50 {v['p50']:8.1f} MiB  (tree {s['tree_peak_mib']['p50']})  bytes {s['bytes']}"
                f"  incomplete {s['incomplete']}"
            )
        if s.get("died"):
            print("  died:", s["died"][-200:])
    if "keys" in o:
        k = o["keys"]
        v = k["latency_ms"]
        if v:
            print(
                f"  key->paint   p50 {v['p50']:8.2f}  p95 {v['p95']}  p99 {v['p99']}  max {v['max']} ms  n={v['n']}"
                f"  no_change {k['no_change']}  sessions {k['session_p50']}  bytes/key {k['bytes_per_key']}"
                f"  cpu/key {k['cpu_ms_per_key']['p50']} ms"
                f"  rss {k['peak_rss_mib']}"
            )
        else:
            print("  key->paint   nothing changed", k)
    if "idle" in o:
        i = o["idle"]
        print(
            f"  idle         cpu {i['cpu_pct']['p50']:.2f}% (min {i['cpu_pct']['min']} max {i['cpu_pct']['max']})"
            f"  {i['bytes_s']['p50']:.0f} B/s  {i['bursts_s']['p50']:.2f} bursts/s  rss {i['rss_mib']['p50']} MiB"
        )


if __name__ == "__main__":
    main()
