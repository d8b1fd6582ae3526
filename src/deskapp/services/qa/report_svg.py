"""Drawings of the QA report as inline SVG: bars, control chart, whiskers; words beside every colour, no scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from deskapp.domain.statistics import Interval, PChart
from deskapp.services.tables import fitted

WIDTH = 920
INK, SOFT, GRID, BLUE, RED, PALE = "#1b1f24", "#5b6470", "#d8dde3", "#0f6cbd", "#b3261e", "#9aa3ad"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a Pareto chart."""

    label: str
    value: float
    cumulative: float
    note: str
    strong: bool


@dataclass(frozen=True, slots=True)
class Whisker:
    """A point with its interval; `soft` is drawn grey (few records), `mark` stands at the right end in words."""

    label: str
    value: float
    interval: Interval
    mark: str
    soft: bool = False
    strong: bool = False


def svg(height: float, body: str, title: str, *, width: float = WIDTH) -> str:
    """Return a drawing that scales to its place and says in words what it is."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{escape(title)}</title>{body}</svg>'
    )


def interval_bar(value: float, interval: Interval, mark: float | None, title: str) -> str:
    """Return a 0 to 100 % bar with the share as a line and its interval as a band; `mark` is a target line."""
    width, left, right = 280.0, 4.0, 276.0

    def x(share: float) -> float:
        return left + (right - left) * share

    parts = [
        _rect(left, 10, right - left, 12, "#eef1f4"),
        _rect(x(interval.low), 10, max(1.5, x(interval.high) - x(interval.low)), 12, "#9ec5ea"),
        _line(x(value), 6, x(value), 26, BLUE, 2.5),
        *(_text(x(t), 40, f"{t * 100:g} %", 10, SOFT, "middle" if 0 < t < 1 else "start" if not t else "end")
          for t in (0.0, 0.5, 1.0)),
    ]  # fmt: skip
    if mark is not None:
        parts.append(_line(x(mark), 6, x(mark), 26, RED, 1.2, dash="3 2"))
    return svg(44, "".join(parts), title, width=width)


def pareto(bars: Sequence[Bar], title: str) -> str:
    """Return a Pareto chart: bars by records, the cumulative share as a line, the first three in strong colour."""
    left, right, row = 250.0, 700.0, 26.0
    height = 26 + row * len(bars)
    most = max((bar.value for bar in bars), default=1) or 1
    parts = []
    points = []
    for i, bar in enumerate(bars):
        y = 22 + row * i
        wide = (right - left) * bar.value / most
        parts.append(_text(left - 8, y + 14, fitted(bar.label, 38).rstrip(), 12, INK, "end"))
        parts.append(_rect(left, y + 3, max(1.0, wide), row - 9, BLUE if bar.strong else PALE))
        parts.append(_text(left + wide + 6, y + 14, bar.note, 11, INK))
        points.append((right + 180, y + 14, f"{bar.cumulative * 100:.0f} %"))
    parts.append(_text(right + 180, 12, "Σ %", 11, SOFT, "middle"))
    parts += [_text(x, y, words, 11, SOFT, "middle") for x, y, words in points]
    return svg(height, "".join(parts), title)


def control_chart(chart: PChart, title: str, words: Callable[[tuple[int, ...]], str], centre: str) -> str:
    """Return a p-chart with stepped limits; a point that breaks a rule is red, larger and says why."""
    left, right, top, bottom, height = 60.0, WIDTH - 20.0, 30.0, 230.0, 290.0
    points = chart.points
    highest = max(max(p.high for p in points), max(p.share for p in points), 0.01) * 1.08
    step = (right - left) / len(points)

    def x(i: float) -> float:
        return left + step * (i + 0.5)

    def y(share: float) -> float:
        return bottom - (bottom - top) * share / highest

    parts = []
    for t in _ticks(highest):
        parts.append(_line(left, y(t), right, y(t), GRID, 1))
        parts.append(_text(left - 6, y(t) + 4, f"{t * 100:g} %", 11, SOFT, "end"))
    parts.append(_line(left, y(chart.centre), right, y(chart.centre), SOFT, 1.4))
    for low in (True, False):
        path = " ".join(
            f"{'M' if not i else 'L'}{x(i - 0.5):.1f} {y(p.low if low else p.high):.1f} H{x(i + 0.5):.1f}"
            for i, p in enumerate(points)
        )
        parts.append(f'<path d="{path}" fill="none" stroke="{RED}" stroke-width="1.2" stroke-dasharray="5 3"/>')
    line = " ".join(f"{x(i):.1f},{y(p.share):.1f}" for i, p in enumerate(points))
    parts.append(f'<polyline points="{line}" fill="none" stroke="{BLUE}" stroke-width="1.6"/>')
    every = max(1, -(-len(points) * 64 // int(right - left)))
    for i, p in enumerate(points):
        colour, radius = (RED, 5) if p.signals else (BLUE, 3)
        hint = f"{p.label}: {p.count}/{p.n}"
        parts.append(
            f'<circle cx="{x(i):.1f}" cy="{y(p.share):.1f}" r="{radius}" fill="{colour}">'
            f"<title>{escape(hint)}</title></circle>"
        )
        if p.signals:
            side = "end" if i > len(points) * 0.7 else "start"
            shift = -9 if side == "end" else 9
            parts.append(_text(x(i) + shift, y(p.share) - 8, words(p.signals), 11, RED, side))
        if i % every == 0:
            parts.append(_text(x(i), bottom + 18, p.label, 11, SOFT, "middle"))
            parts.append(_text(x(i), bottom + 34, f"n={p.n}", 10, SOFT, "middle"))
    # Last, so that its outline parts it from whatever line runs below it.
    parts.append(_text(right, y(chart.centre) - 5, centre, 11, SOFT, "end"))
    return svg(height, "".join(parts), title)


def whiskers(rows: Sequence[Whisker], title: str, *, low: float, high: float, zero: float | None, unit: str) -> str:
    """Return points with their intervals on one axis; `zero` draws a line to compare with."""
    left, right, row = 190.0, 700.0, 24.0
    height = 34 + row * len(rows)
    spread = (high - low) or 1.0

    def x(value: float) -> float:
        return left + (right - left) * (min(max(value, low), high) - low) / spread

    bottom = 10 + row * len(rows)
    parts = []
    for t in _ticks_between(low, high):
        parts.append(_line(x(t), 6, x(t), bottom, GRID, 1))
        parts.append(_text(x(t), bottom + 16, f"{t:g}{unit}", 11, SOFT, "middle"))
    if zero is not None:
        parts.append(_line(x(zero), 6, x(zero), bottom, SOFT, 1.4, dash="4 3"))
    for i, found in enumerate(rows):
        y = 10 + row * i + row / 2
        colour = PALE if found.soft else RED if found.strong else BLUE
        parts.append(_text(left - 10, y + 4, fitted(found.label, 24).rstrip(), 12, SOFT if found.soft else INK, "end"))
        parts.append(_line(x(found.interval.low), y, x(found.interval.high), y, colour, 3))
        parts.append(f'<circle cx="{x(found.value):.1f}" cy="{y:.1f}" r="5" fill="{colour}" stroke="#fff"/>')
        parts.append(_text(right + 14, y + 4, found.mark, 11, SOFT if found.soft else INK))
    return svg(height, "".join(parts), title)


def _ticks(highest: float) -> list[float]:
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0) if highest / s <= 6 or s == 1.0)
    return [step * i for i in range(int(highest / step + 1e-9) + 1)]


def _ticks_between(low: float, high: float) -> list[float]:
    step = next(s for s in (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0) if (high - low) / s <= 8 or s == 100.0)
    first = -(-low // step)
    return [step * i for i in range(int(first), int(high // step) + 1)]


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float, *, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
        f'stroke-width="{width:g}"{dashes}/>'
    )


def _text(x: float, y: float, words: str, size: int, fill: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" paint-order="stroke" '
        f'stroke="#fff" stroke-width="3">{escape(words)}</text>'
    )
