"""Back-test of the breach forecast on the Boston and ServiceNow logs: was a chance of 30 % a miss three times in ten?

    DESKAPP_REAL_DATA=… PYTHONPATH=src:. python -m bench.forecast_eval [boston|itsm]

At noon of each day the forecast sees what the log knew at that moment and nothing else: tickets opened by then, those
finished by then, and the type they had then. It is asked about every open ticket whose target is still ahead; the
log then says whether the target was missed. Boston has its own due times. ServiceNow has none, so targets are set
here by priority (4 h, 1 day, 3 days, 5 days); its later columns are hidden as they were copied back onto all rows.
Rivals: the share of misses among tickets of the kind whose target has passed ("usual share"), and serving each
kind first come, first served, at the rate at which it finished tickets in the last 14 days ("throughput").
"""

import sys
import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp
from zoneinfo import ZoneInfo

from bench.nhtsa_logs import data_folder, rows
from deskapp.domain.calibration import Calibration, calibrate
from deskapp.domain.forecast import DAY, HOUR, DeskPace, OpenTicket, ServiceTimes, Spell, forecast

PERIOD = 28 * DAY
TARGETS = {"1": 4 * HOUR, "2": DAY, "3": 3 * DAY, "4": 5 * DAY}


@dataclass(frozen=True, slots=True)
class Case:
    """A logged ticket, in seconds since the epoch; `kinds` is what it was called from when on."""

    key: str
    opened: float
    due: float | None
    closed: float | None
    kinds: tuple[tuple[float, str], ...]

    def kind(self, now: float) -> str:
        """What it was called at that moment."""
        return next((name for since, name in reversed(self.kinds) if since <= now), self.kinds[0][1])

    def open_at(self, now: float) -> bool:
        """Opened and not finished by then."""
        return self.opened <= now and (self.closed is None or self.closed > now)


Chances = Callable[[Sequence[Case], Sequence[Case], float], list[float]]


def main() -> None:
    """Back-test the logs asked for; both without an argument."""
    asked, folder = sys.argv[1:] or ["boston", "itsm"], data_folder()
    if "boston" in asked:
        cases = boston(rows(folder / "boston311_opened_2015-01_02.csv.gz"))
        backtest("Boston", cases, [datetime(2015, 1, 22, 17, tzinfo=UTC) + timedelta(days=d) for d in range(37)])
    if "itsm" in asked:
        cases = itsm(rows(folder / "itsm_opened_to_2016-03-15.csv.gz"))
        backtest(
            "ServiceNow", cases, [datetime(2016, 3, 9, 12, tzinfo=UTC) + timedelta(hours=12 * d) for d in range(13)]
        )


def backtest(name: str, cases: Sequence[Case], moments: Sequence[datetime]) -> dict[str, Calibration]:
    """Ask every method at every moment, print scores and the reliability table of the forecast, return the scores."""
    chances: dict[str, list[float]] = defaultdict(list)
    missed: list[bool] = []
    within: list[bool] = []
    began, spent = time.perf_counter(), 0.0
    daily = []
    for moment in moments:
        now = moment.timestamp()
        known = [c for c in cases if c.opened <= now]
        oldest = max((min(now, c.closed or now) - c.opened for c in known), default=0.0)
        asked = [c for c in known if c.open_at(now) and c.due is not None and now < c.due]
        within += [(c.due or now) - c.opened <= oldest for c in asked]
        truth = [c.closed is None or c.closed > (c.due or 0.0) for c in asked]
        missed += truth
        for method, ask in METHODS.items():
            start = time.perf_counter()
            answers = ask(known, asked, now)
            spent += (time.perf_counter() - start) * (method == "forecast")
            chances[method] += answers
            if method == "forecast":
                daily.append((moment, len(asked), sum(truth), sum(answers)))
    print(f"\n{name}: {len(cases)} tickets, {len(moments)} moments, {len(missed)} open tickets asked about,")
    print(f"{sum(missed) / len(missed):.1%} of them missed; {spent / len(moments):.2f} s a forecast")
    seen = [i for i, known_age in enumerate(within) if known_age]
    print(f"{len(seen)} of them have a target at an age that some ticket has been seen at:")
    everything = scored(chances, missed, range(len(missed)))
    show(scored(chances, missed, seen))
    print("all of them, also where the log has never seen a ticket that old:")
    show(everything)
    print("  moment            open  missed  forecast")
    for moment, count, truth_sum, expected in daily[:: max(1, len(daily) // 6)]:
        print(f"  {moment:%Y-%m-%d %H:%M}{count:>6}{truth_sum:>8}{expected:>10.0f}")
    print(f"  ({time.perf_counter() - began:.0f} s)")
    return everything


def scored(
    chances: Mapping[str, Sequence[float]], missed: Sequence[bool], which: Sequence[int]
) -> dict[str, Calibration]:
    """The scores of every method on the same events."""
    truth = [missed[i] for i in which]
    return {method: calibrate([values[i] for i in which], truth) for method, values in chances.items()}


def show(scores: Mapping[str, Calibration]) -> None:
    """Print the scores and the reliability table of the forecast."""
    for method, score in scores.items():
        skill = score.skill(scores["usual share"])
        print(f"  {method:<14} Brier {score.brier:.4f}  calibration error {score.error:.3f}  skill {skill:+.2f}")
    print("  chance      asked  forecast  observed")
    for row in scores["forecast"].bins:
        print(f"  {row.low:>4.0%}-{row.high:<5.0%}{row.count:>6}{row.forecast:>10.1%}{row.observed:>10.1%}")


def by_forecast(known: Sequence[Case], asked: Sequence[Case], now: float) -> list[float]:
    """The product's own forecast."""
    tickets = [OpenTicket(c.key, c.kind(now), (c.due or now) - now, now - c.opened) for c in asked]
    times = ServiceTimes(spells(known, now))
    risks = forecast(tickets, times, DeskPace(agents=10), runs=1).tickets
    found = {risk.key: risk.miss for risk in risks}
    return [found[c.key] for c in asked]


def spells(known: Sequence[Case], now: float) -> list[Spell]:
    """What the last four weeks showed of every ticket, finished or not."""
    since = now - PERIOD
    return [
        Spell(
            c.kind(now), max(0.0, since - c.opened), max(0.0, end - c.opened), c.closed is not None and c.closed <= now
        )
        for c in known
        if (end := min(now, c.closed if c.closed is not None else now)) >= since
    ]


def by_share(known: Sequence[Case], asked: Sequence[Case], now: float) -> list[float]:
    """The share of misses of the kind so far, shrunk to that of all kinds."""
    late: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for c in known:
        if c.due is not None and c.due <= now:
            seen[c.kind(now)] += 1
            late[c.kind(now)] += c.closed is None or c.closed > c.due
    overall = (sum(late.values()) + 1) / (sum(seen.values()) + 2)
    return [(late[k] + 4 * overall) / (seen[k] + 4) for k in (c.kind(now) for c in asked)]


def by_throughput(known: Sequence[Case], asked: Sequence[Case], now: float) -> list[float]:
    """First come, first served within the kind: will as many be finished by the due time as stand before it?"""
    since = now - 14 * DAY
    pace = Counter(c.kind(now) for c in known if c.closed is not None and since < c.closed <= now)
    ahead: dict[str, list[float]] = defaultdict(list)
    for c in known:
        if c.open_at(now):
            ahead[c.kind(now)].append(c.opened)
    for opened in ahead.values():
        opened.sort()
    chances = []
    for c in asked:
        kind = c.kind(now)
        mean = (pace[kind] + 0.5) / (14 * DAY) * ((c.due or now) - now)
        before = bisect_left(ahead[kind], c.opened)
        term, below = exp(-min(700.0, mean)), 0.0
        for k in range(before + 1):
            below += term
            term *= mean / (k + 1)
        chances.append(min(1.0, max(0.0, below)))
    return chances


METHODS: dict[str, Chances] = {"forecast": by_forecast, "usual share": by_share, "throughput": by_throughput}


def boston(table: Sequence[dict[str, str]] | object) -> list[Case]:
    """Requests with their own due times; closed before opened counts as closed at once."""
    zone = ZoneInfo("America/New_York")

    def instant(text: str) -> float | None:
        if not text:
            return None
        return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=zone).timestamp()

    found = []
    for row in table:  # type: ignore[attr-defined]
        opened, closed = instant(row["OPEN_DT"]), instant(row["CLOSED_DT"])
        assert opened is not None
        ended = max(opened, closed) if closed is not None else None
        found.append(Case(row["CASE_ENQUIRY_ID"], opened, instant(row["TARGET_DT"]), ended, ((opened, row["TYPE"]),)))
    return found


def itsm(table: Sequence[dict[str, str]] | object) -> list[Case]:
    """Incidents by their update rows; priority and category are those of the last row before the moment asked about."""

    def instant(text: str) -> float | None:
        return None if text == "?" else datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC).timestamp()

    updates: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in table:  # type: ignore[attr-defined]
        updates[row["number"]].append(row)
    found = []
    for number, steps in updates.items():
        opened, resolved = instant(steps[0]["opened_at"]), instant(steps[-1]["resolved_at"])
        closed = resolved if resolved is not None else instant(steps[-1]["closed_at"])
        if opened is None:
            continue
        kinds = tuple((instant(s["sys_updated_at"]) or opened, f"{s['priority'][:1]} {s['category']}") for s in steps)
        due = opened + TARGETS[steps[0]["priority"][:1]]
        found.append(Case(number, opened, due, max(opened, closed) if closed is not None else None, kinds))
    return found


if __name__ == "__main__":
    main()
