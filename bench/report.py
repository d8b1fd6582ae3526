"""A measured figure beside what it is compared with and what it should be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `other` was measured in turns in the same run. Targets: for the value, or for the ratio.

    `wish` is a bound that may be missed. `least` and `least_other` are the best of all runs, where that says more.
    """

    name: str
    value: float
    unit: str
    other: float | None = None
    at_most: float | None = None
    ratio_at_most: float | None = None
    wish: float | None = None
    least: float | None = None
    least_other: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.other if self.other else None

    @property
    def missed(self) -> bool:
        over = self.at_most is not None and self.value > self.at_most
        ratio = self.ratio
        return over or (self.ratio_at_most is not None and ratio is not None and ratio > self.ratio_at_most)

    def line(self) -> str:
        parts = [f"{self.name:52} {self.value:9.2f} {self.unit}"]
        if self.other:
            parts.append(f": {self.other:.2f} = {self.ratio:.2f} x")
        if self.least and self.least_other:
            parts.append(f"[best {self.least:.0f} : {self.least_other:.0f} = {self.least / self.least_other:.2f} x]")
        elif self.least:
            parts.append(f"[best {self.least:.2f}]")
        for bound, word in ((self.at_most, self.unit), (self.ratio_at_most, "x")):
            if bound is not None:
                parts.append(f"(target {bound} {word}{', MISSED' if self.missed else ''})")
        if self.wish is not None:
            parts.append(f"(wish {self.wish:.1f} {self.unit}: {'yes' if self.value <= self.wish else 'no'})")
        return "  ".join(parts)
