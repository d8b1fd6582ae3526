"""A record as it stood when it was drawn, in lines of terminal cells: for who scores, settles or learns."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import tzinfo

from rich.cells import cell_len

from deskapp.domain.i18n import _
from deskapp.domain.qa_views import Snapshot
from deskapp.domain.terms import LABELS
from deskapp.domain.timeline import sentence
from deskapp.screens.qa.page import Piece
from deskapp.screens.qa.words import known_word
from deskapp.widgets.cells import fit
from deskapp.widgets.wrap import hanging, wrap

_TIME, _MARK = 11, 3  # cells of "10-09 04:30" and of "[e]"
_BESIDE = 32  # cells that a text needs beside its time and kind; else it stands below them


@dataclass(frozen=True, slots=True)
class RecordText:
    """The pieces to assemble, and at which line of them each line of the record begins."""

    pieces: tuple[Piece, ...]
    at: tuple[int, ...]


def record_text(
    shown: Snapshot,
    width: int,
    zone: tzinfo,
    *,
    cursor: int | None = None,
    proofs: Collection[str] = (),
    found: str = "",
) -> RecordText:
    """Lay a record out: head, description, its lines with time and kind, the solution; `>` stands at the cursor."""
    facts = "   ".join(
        fact for fact in (shown.product, shown.fault, known_word(shown.grade), known_word(shown.channel)) if fact
    )
    parts: list[Piece] = [("\n".join(wrap(shown.subject, width)) + "\n", "bold")]
    if facts:
        parts.append(("\n".join(wrap(facts, width)) + "\n", "$quiet"))
    if shown.description and shown.description not in (line.text for line in shown.lines):
        parts.append("\n".join(wrap(shown.description, width)) + "\n")
    parts.append("\n")
    kinds = max((cell_len(_(LABELS[line.kind])) for line in shown.lines), default=0)
    before = 2 + _TIME + 1 + _MARK + 1
    starts = []
    for number, line in enumerate(shown.lines):
        here = number == cursor
        starts.append(sum(_text(part).count("\n") for part in parts))
        mark = "[e]" if line.id in proofs else "   "
        at = f"{line.occurred_at.astimezone(zone):%m-%d %H:%M}"
        parts.append((f"{'>' if here else ' '} {at} ", "$accent" if here else "$quiet"))
        parts.append((f"{mark} ", "$text-success bold"))
        parts.append((fit(_(LABELS[line.kind]), kinds), "bold"))
        said = sentence(line, zone) or " "
        text = hanging(said, width, before + kinds + 2) if width - before - kinds > _BESIDE else (
            "\n    " + hanging(said, width, 4))  # fmt: skip
        style = "reverse" if here else "$text-warning" if found and found.casefold() in said.casefold() else ""
        parts += ["  ", (text, style), "\n"]
    if shown.resolution:
        word = _("solution") + "  "
        parts += [("\n" + word, "$quiet"), hanging(shown.resolution, width, cell_len(word)), "\n"]
    return RecordText(tuple(parts), tuple(starts))


def _text(part: Piece) -> str:
    return part if isinstance(part, str) else part[0]


__all__ = ["RecordText", "record_text"]
