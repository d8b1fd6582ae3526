"""A flow as a picture: an outline in text, a Mermaid diagram, an SVG."""

from collections.abc import Iterator
from html import escape
from unicodedata import east_asian_width

from deskapp.domain.flow.binding import bind
from deskapp.domain.flow.condition import And, Atom, Node, Not, Or, atoms, render
from deskapp.domain.flow.model import Flow, Outcome, Question
from deskapp.domain.i18n import _
from deskapp.domain.terms import Grade

_COLOURS = {Grade.RED: "#c62828", Grade.YELLOW: "#b26a00", Grade.GREEN: "#2e7d32"}
_ARROW = "#78909c"
_BOX, _HEIGHT, _GAP_X, _GAP_Y, _EDGE = 250, 46, 90, 16, 20
_TEXT_CELLS = 33  # what fits into a box at its font size


def as_text(flow: Flow, language: str) -> str:
    """An outline: questions in order with what they depend on, outcomes gravest first with their rules."""
    lines = [f"{flow.title.get(language)}  ({flow.id} {flow.version})", ""]
    for number, question in enumerate(flow.questions, 1):
        marks = [word for word, on in ((_("safety"), question.safety), (_("info"), question.info)) if on]
        marks += [f"[{question.block}]"] if question.block else []
        lines.append(f"{number:>3}  {question.id}: {question.label.get(language)}  {' '.join(marks)}".rstrip())
        if question.when:
            lines.append(f"       {_('when')} {question.when}")
    lines.append("")
    for outcome in flow.outcomes:
        rule = _("otherwise") if outcome.otherwise else outcome.when
        lines.append(f"  {outcome.grade.upper():<7}{outcome.id}: {outcome.title.get(language)}")
        lines.append(f"       {rule}")
    return "\n".join(lines)


def as_mermaid(flow: Flow, language: str) -> str:
    """A Mermaid flowchart: an arrow says that a question or an outcome depends on a question."""
    lines = ["flowchart LR"]
    for question in flow.questions:
        lines.append(f'  q_{question.id}["{_quoted(question.label.get(language))}"]')
    for outcome in flow.outcomes:
        lines.append(f'  o_{outcome.id}(["{_quoted(outcome.title.get(language))}"]):::{outcome.grade}')
    for source, target, label in _edges(flow):
        lines.append(f'  {source} -->|"{_quoted(label)}"| {target}')
    lines += [f"  classDef {grade} stroke:{colour},stroke-width:2px" for grade, colour in _COLOURS.items()]
    return "\n".join(lines)


def as_svg(flow: Flow, language: str) -> str:
    """An SVG: questions in columns by how many answers they wait for, outcomes in the last column."""
    columns = _columns(flow)
    last = max(columns.values(), default=0) + 1
    spots: dict[str, tuple[int, int]] = {}
    rows: dict[int, int] = {}
    items: list[Question | Outcome] = [*flow.questions, *flow.outcomes]
    for item in items:
        column = columns.get(item.id, last) if isinstance(item, Question) else last
        row = rows.get(column, 0)
        rows[column] = row + 1
        name = ("q_" if isinstance(item, Question) else "o_") + item.id
        spots[name] = (_EDGE + column * (_BOX + _GAP_X), _EDGE + row * (_HEIGHT + _GAP_Y))
    width = _EDGE * 2 + (last + 1) * _BOX + last * _GAP_X
    height = _EDGE * 2 + max(rows.values(), default=1) * (_HEIGHT + _GAP_Y)
    boxes = [_box(item, spots, language) for item in items]
    ends = {f"o_{outcome.id}": _COLOURS[outcome.grade] for outcome in flow.outcomes}
    arrows = [
        _arrow(spots[source], spots[target], label, ends.get(target, _ARROW)) for source, target, label in _edges(flow)
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
            ' font-family="sans-serif" font-size="12">',
            f"<title>{escape(flow.title.get(language))}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            f'<path d="M0 0L8 4L0 8z" fill="{_ARROW}"/></marker></defs>',
            *arrows,
            *boxes,
            "</svg>",
        ]
    )


def _edges(flow: Flow) -> Iterator[tuple[str, str, str]]:
    """Arrows from each question to what depends on it, with the comparisons about it."""
    bound = bind(flow)
    targets: list[tuple[str, Node | None]] = [
        *((f"q_{question.id}", node) for question, node in zip(flow.questions, bound.whens, strict=True)),
        *((f"o_{outcome.id}", node) for outcome, node in zip(flow.outcomes, bound.rules, strict=True)),
    ]
    known = {question.id for question in flow.questions}
    for target, node in targets:
        if node is None:
            continue
        labels: dict[str, list[str]] = {}
        for atom, negated in _signed(node):
            source = atom.operand.question
            if source in known:
                words = render(atom).removeprefix(f"{source} ").removesuffix(f"({source})")
                labels.setdefault(source, []).append(f"not {words}" if negated else words)
        for source, comparisons in labels.items():
            yield f"q_{source}", target, ", ".join(comparisons)


def _signed(node: Node, negated: bool = False) -> Iterator[tuple[Atom, bool]]:
    """The comparisons of a tree, each with whether it counts when it does not hold."""
    if isinstance(node, And | Or):
        for item in node.nodes:
            yield from _signed(item, negated)
    elif isinstance(node, Not):
        yield from _signed(node.node, not negated)
    else:
        yield node, negated


def _columns(flow: Flow) -> dict[str, int]:
    """For each question the longest chain of questions it waits for."""
    columns: dict[str, int] = {}
    for question, node in zip(flow.questions, bind(flow).whens, strict=True):
        waits = [columns.get(atom.operand.question, -1) for atom in atoms(node)] if node else []
        columns[question.id] = max(waits, default=-1) + 1
    return columns


def _box(item: Question | Outcome, spots: dict[str, tuple[int, int]], language: str) -> str:
    question = isinstance(item, Question)
    x, y = spots[("q_" if question else "o_") + item.id]
    text = item.label.get(language) if isinstance(item, Question) else item.title.get(language)
    stroke = _COLOURS[item.grade] if isinstance(item, Outcome) else "#c62828" if item.safety else "#546e7a"
    shape = f'rx="{4 if question else 20}" fill="#fafafa" stroke="{stroke}" stroke-width="{1 if question else 2}"'
    return (
        f'<rect x="{x}" y="{y}" width="{_BOX}" height="{_HEIGHT}" {shape}/>'
        f'<text x="{x + 12}" y="{y + 18}" fill="#455a64">{escape(item.id)}</text>'
        f'<text x="{x + 12}" y="{y + 36}">{escape(_cut(text, _TEXT_CELLS))}</text>'
    )


def _arrow(source: tuple[int, int], target: tuple[int, int], label: str, colour: str) -> str:
    x1, y1 = source[0] + _BOX, source[1] + _HEIGHT // 2
    x2, y2 = target[0], target[1] + _HEIGHT // 2
    bend = max((x2 - x1) // 2, 30)
    return (
        f'<path d="M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}" fill="none" stroke="{colour}"'
        f' marker-end="url(#to)"><title>{escape(label)}</title></path>'
    )


def _cut(text: str, cells: int) -> str:
    """The text cut to a width in terminal cells, wide characters counted twice."""
    width = 0
    for place, sign in enumerate(text):
        width += 2 if east_asian_width(sign) in "WF" else 1
        if width > cells:
            return text[: max(place - 1, 0)] + "…"
    return text


def _quoted(text: str) -> str:
    return text.replace('"', "#quot;").replace("\n", " ")
