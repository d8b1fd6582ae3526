"""What is said of rehearsals: the talk so far, how one went, the columns of flows and people."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from textual.content import Content

from deskapp.domain.flow import Value, show_value
from deskapp.domain.i18n import N_, _, language
from deskapp.domain.practice import TARGET_KEYS, TARGET_SECONDS, Score
from deskapp.domain.rehearsal import Rehearsal, Spoken
from deskapp.domain.text import guard
from deskapp.domain.views_flow import FlowLine, PracticeLine, Practiser
from deskapp.widgets.cells import Cell, Column

Part = str | tuple[str, str]


def talk(spoken: Sequence[Spoken], lines: int) -> Content:
    """The last lines of what was said."""
    parts: list[Part] = []
    for line in spoken[-lines:]:
        who = _("Caller") if line.by_caller else _("You")
        parts.append((f" {who}: ", "$accent" if line.by_caller else "$quiet"))
        parts.append((guard(line.text.get(language())) + "\n", "bold" if line.by_caller else "$quiet"))
    return Content.assemble(*parts)


def result_page(rehearsal: Rehearsal, score: Score) -> Content:
    """How the rehearsal went, and against what."""
    return Content.assemble(*_result(rehearsal, score))


def _result(rehearsal: Rehearsal, score: Score) -> Iterator[Part]:
    flow = rehearsal.compiled.flow
    yield _("{points} of 100 points").format(points=score.points), "bold"
    yield ("   " + (_("has passed") if score.passed else _("not passed")) + "\n\n", _style(score.passed))
    took, target = int(score.seconds), int(TARGET_SECONDS)
    yield _("time {minutes:02d}:{seconds:02d} (at most {target} s)").format(
        minutes=took // 60, seconds=took % 60, target=target
    ), "" if took <= target else "$text-warning"  # fmt: skip
    yield (
        "   " + _("key presses {keys} (at most {target})").format(keys=score.keys, target=TARGET_KEYS) + "\n",
        ("" if score.keys <= TARGET_KEYS else "$text-warning"),
    )
    reached, meant = flow.outcome(score.outcome or ""), flow.outcome(score.expected)
    yield _("your outcome: {outcome}").format(outcome=reached.title.get(language()) if reached else "-") + "\n", ""
    if score.outcome != score.expected and meant is not None:
        yield _("it was: {outcome}").format(outcome=guard(meant.title.get(language()))) + "\n", "$text-error"
    yield from _listed(rehearsal, _("Needed and not asked"), score.missed)
    if score.wrong:
        yield "\n" + _("Not what the caller said") + "\n", "$text-error"
        for id_ in score.wrong:
            given = next(step.value for step in reversed(rehearsal.steps) if step.question == id_)
            yield "  " + _("{question} you: {given}; the caller: {said}").format(
                question=guard(_label(rehearsal, id_)), given=guard(_shown(rehearsal, id_, given)),
                said=guard(_shown(rehearsal, id_, rehearsal.script.replies[id_].value)),
            ) + "\n", ""  # fmt: skip
    yield from _listed(rehearsal, _("Asked again although it had been said"), score.asked_again)
    yield "\n" + _("What was said") + "\n", "$accent bold"
    for line in rehearsal.spoken:
        who = _("Caller") if line.by_caller else _("You")
        yield f"  {who}: {guard(line.text.get(language()))}\n", "" if line.by_caller else "$quiet"


def _listed(rehearsal: Rehearsal, title: str, ids: Sequence[str]) -> Iterator[Part]:
    if ids:
        yield "\n" + title + "\n", "$text-warning"
        yield from ((f"  {guard(_label(rehearsal, id_))}\n", "") for id_ in ids)


def _label(rehearsal: Rehearsal, id_: str) -> str:
    return rehearsal.compiled.question(id_).label.get(language())


def _shown(rehearsal: Rehearsal, id_: str, value: Value) -> str:
    return show_value(rehearsal.compiled.question(id_), value, language())


def _style(passed: bool) -> str:
    return "$text-success bold" if passed else "$text-error bold"


# Lists ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FlowToRehearse:
    """A flow and one's own last rehearsal of it."""

    key: UUID
    line: FlowLine
    times: int
    last: PracticeLine | None


def flow_rows(flows: Sequence[FlowLine], mine: Sequence[PracticeLine]) -> list[FlowToRehearse]:
    """Flows by title, those never rehearsed first."""
    rows = []
    for line in flows:
        done = [item for item in mine if item.flow == line.flow]
        rows.append(FlowToRehearse(line.version_id, line, len(done), done[0] if done else None))
    return sorted(rows, key=lambda row: (row.times > 0, row.line.title.get(language())))


def flow_columns() -> list[Column[FlowToRehearse]]:
    """The flows one can rehearse."""

    def last(row: FlowToRehearse, now: datetime) -> Cell:
        if row.last is None:
            return Cell(_("never"), "dim")
        return Cell(_("has passed") if row.last.passed else _("not passed"), "green" if row.last.passed else "yellow")

    return [
        Column("flow", N_("flow"), 30, lambda row, now: Cell(row.line.title.get(language())), grow=1),
        Column("red", N_("danger"), 8, lambda row, now: Cell(_("red") if row.line.red else "", "red")),
        Column("times", N_("your times"), 10, lambda row, now: Cell(str(row.times or "")), align="right"),
        Column("last", N_("last time"), 12, last),
        Column("points", N_("points"), 8, lambda row, now: Cell(str(row.last.points) if row.last else ""),
               align="right"),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody who should practise."""

    key: UUID
    line: Practiser


def people_columns(day: Callable[[datetime | None], str]) -> list[Column[PersonRow]]:
    """Who practised this month; what is missing is said in words."""

    def month(row: PersonRow, now: datetime) -> Cell:
        return Cell(str(row.line.month)) if row.line.month else Cell(_("not this month"), "yellow")

    def trend(row: PersonRow, now: datetime) -> Cell:
        change = row.line.trend
        return Cell("") if change is None else Cell(f"{change:+.0f}", "green" if change >= 0 else "yellow")

    def points(row: PersonRow, now: datetime) -> Cell:
        return Cell("" if row.line.points is None else f"{row.line.points:.0f}")

    return [
        Column("name", N_("person"), 18, lambda row, now: Cell(row.line.name), grow=1),
        Column("month", N_("this month"), 16, month),
        Column("passed", N_("passes"), 8, lambda row, now: Cell(str(row.line.passed or "")), align="right"),
        Column("points", N_("points"), 8, points, align="right"),
        Column("trend", N_("trend"), 8, trend, align="right"),
        Column("last", N_("last time"), 12, lambda row, now: Cell(day(row.line.last_at))),
    ]


def told(line: PracticeLine, day: str) -> list[str]:
    """A rehearsal in a few lines."""

    def name(id_: str) -> str:
        return line.names[id_].get(language()) if id_ in line.names else id_

    passed = _("has passed") if line.passed else _("not passed")
    lines = [
        f"{day}  {line.title.get(language())}  "
        + _("{points} points, {passed}, {seconds} s, {keys} keys").format(
            points=line.points, passed=passed, seconds=line.seconds, keys=line.keys
        )
    ]
    if line.outcome != line.expected:
        lines.append("    " + _("outcome {given}, it was {expected}").format(
            given=name(line.outcome) or "-", expected=name(line.expected)
        ))  # fmt: skip
    for title, ids in ((_("not asked"), line.missed), (_("wrong"), line.wrong), (_("asked again"), line.asked_again)):
        if ids:
            lines.append(f"    {title}: {', '.join(map(name, ids))}")
    return lines


__all__ = [
    "FlowToRehearse", "PersonRow", "flow_columns", "flow_rows", "people_columns", "result_page", "talk", "told",
]  # fmt: skip
