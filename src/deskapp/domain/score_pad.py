"""The rater's pad: a digit scores an item and moves on, each press can be undone. No screen, no clock."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_
from deskapp.domain.scorecard import TOP, CriticalClass, Item, Severity, Source
from deskapp.domain.scoring import Answer, Finding


@dataclass(frozen=True, slots=True)
class Mark:
    """What the rater gave an item: points, or why it does not apply; why a rule is overridden; the lines that prove."""

    points: Fraction | None = None
    na_reason: str = ""
    override: str = ""
    lines: tuple[str, ...] = ()
    given: bool = False


@dataclass(frozen=True, slots=True)
class Pad:
    """The state of an evaluation while it is made; every press gives a new one that knows the one before.

    `kinds` tells what each line of the record proves as: two lines of one kind are one kind of evidence.
    """

    items: tuple[Item, ...]
    prefilled: Mapping[str, Answer]
    kinds: Mapping[str, str]
    marks: Mapping[str, Mark] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    comment: str = ""
    cursor: int = 0
    before: "Pad | None" = None

    @property
    def item(self) -> Item:
        """Return the item that the next press is about."""
        return self.items[self.cursor]

    def is_settled(self, item: Item) -> bool:
        """Tell whether an item needs no press any more: given, or decided by rule or condition."""
        mark = self.marks.get(item.id)
        return (mark is not None and mark.given) or item.id in self.prefilled

    def proof(self, item: Item) -> int:
        """Return how many kinds of evidence are attached to an item."""
        return len({self.kinds[line] for line in self._of(item).lines if line in self.kinds})

    def points(self, points: Fraction, override: str = "") -> "Pad":
        """Score the item and move on. Raises Invalid off the scale, or for a rule's item without a reason."""
        item = self.item
        item.scale.check(points, item.id)
        ruled = self.prefilled.get(item.id)
        if ruled is not None and item.source is Source.RULE and ruled.points != points and not override:
            raise Invalid(N_("Say why you decide otherwise."), field=item.id)
        mark = replace(self._mark(), points=points, na_reason="", override=override, given=True)
        return self._with(mark).on()

    def not_applicable(self, reason: str) -> "Pad":
        """Leave the item out, with the reason, and move on."""
        if not reason.strip():
            raise Invalid(N_("Say why {item} does not apply."), item=str(self.item.text), field=self.item.id)
        return self._with(replace(self._mark(), points=None, na_reason=reason.strip(), given=True)).on()

    def prove(self, line: str) -> "Pad":
        """Attach a line of the record to the item, or take it away again."""
        mark = self._mark()
        lines = tuple(x for x in mark.lines if x != line) if line in mark.lines else (*mark.lines, line)
        return self._with(replace(mark, lines=lines))

    def after(self, lines: Sequence[str], at: int) -> int:
        """Return where to look after the line at a place was attached: the next, of another kind while one is wanted.

        Round at the end, so that pressing on never takes the same line away again.
        """
        order = [(at + step) % len(lines) for step in range(1, len(lines) + 1)]
        if self.proof(self.item) >= self.item.evidence_kinds:
            return order[0]
        known = {self.kinds.get(line) for line in self._mark().lines}
        return next((place for place in order if self.kinds.get(lines[place]) not in known), order[0])

    def find(self, severity: Severity, text: str = "", kind: CriticalClass | None = None, cause: str = "") -> "Pad":
        """Note a finding on the item."""
        finding = Finding(severity, self.item.id, kind, text, cause)
        return replace(self, findings=(*self.findings, finding), before=self)

    def say(self, comment: str) -> "Pad":
        """Keep a comment on the whole record."""
        return replace(self, comment=comment, before=self)

    def move(self, step: int) -> "Pad":
        """Go to another item, none of them left out."""
        return replace(self, cursor=(self.cursor + step) % len(self.items))

    def on(self) -> "Pad":
        """Go to the next item that needs a press; where all are settled, stay."""
        count = len(self.items)
        order = [(self.cursor + step) % count for step in range(1, count + 1)]
        return replace(self, cursor=next((i for i in order if not self.is_settled(self.items[i])), self.cursor))

    def undo(self) -> "Pad":
        """Take the last press back."""
        return self.before or self

    @property
    def missing(self) -> tuple[Item, ...]:
        """Return the items that still need a press."""
        return tuple(item for item in self.items if not self.is_settled(item))

    @property
    def unproven(self) -> tuple[Item, ...]:
        """Return the items that have points, but fewer kinds of evidence than they want."""
        return tuple(
            item for item in self.items
            if item.source is not Source.RULE and self._of(item).points is not None
            and self.proof(item) < item.evidence_kinds
        )  # fmt: skip

    def _of(self, item: Item) -> Mark:
        return self.marks.get(item.id, Mark())

    @property
    def so_far(self) -> Fraction | None:
        """Return the score of what has been answered, of 100; None while nothing was."""
        given: dict[str, Fraction | None] = {name: answer.points for name, answer in self.prefilled.items()}
        given |= {name: mark.points for name, mark in self.marks.items() if mark.given}
        parts = [(item.weight, points) for item in self.items if (points := given.get(item.id)) is not None]
        return sum((w * p * 10 for w, p in parts), Fraction(0)) / sum(w for w, _p in parts) if parts else None

    def _mark(self) -> Mark:
        return self._of(self.item)

    def _with(self, mark: Mark) -> "Pad":
        return replace(self, marks={**self.marks, self.item.id: mark}, before=self)

    # Drafts

    def kept(self) -> str:
        """Return what was entered as text, to be kept until it is submitted."""
        marks = {
            name: asdict(mark) | {"points": None if mark.points is None else str(mark.points)}
            for name, mark in self.marks.items()
        }
        findings = [
            {"severity": f.severity.value, "item": f.item, "text": f.text, "cause": f.root_cause,
             "class": f.critical_class.value if f.critical_class else ""}
            for f in self.findings
        ]  # fmt: skip
        return json.dumps({"marks": marks, "findings": findings, "comment": self.comment, "cursor": self.cursor})

    def recalled(self, text: str) -> "Pad":
        """Return this pad with what was kept; what the card no longer has is left out."""
        data = json.loads(text)
        known = {item.id for item in self.items}
        marks = {
            name: Mark(None if m["points"] is None else Fraction(m["points"]), m["na_reason"], m["override"],
                       tuple(m["lines"]), m["given"])
            for name, m in data["marks"].items() if name in known
        }  # fmt: skip
        findings = tuple(
            Finding(Severity(f["severity"]), f["item"], CriticalClass(f["class"]) if f["class"] else None, f["text"],
                    f["cause"])
            for f in data["findings"] if f["item"] in known
        )  # fmt: skip
        cursor = min(int(data["cursor"]), len(self.items) - 1)
        return replace(self, marks=marks, findings=findings, comment=str(data["comment"]), cursor=cursor)


def fresh(items: tuple[Item, ...], prefilled: Mapping[str, Answer], kinds: Mapping[str, str]) -> Pad:
    """Return an empty pad at its first item that needs a press."""
    pad = Pad(items, prefilled, kinds)
    return pad if not pad.is_settled(pad.item) else pad.on()


def points_of_key(digit: str) -> Fraction:
    """Return the points of a key: 1 to 9, 0 for ten, x for none."""
    return Fraction(0) if digit == "x" else TOP if digit == "0" else Fraction(int(digit))
