"""The card as the rater sees it: an item a line, its points in a column, what the rule found, what is still missing."""

from rich.cells import cell_len

from deskapp.domain.i18n import _
from deskapp.domain.qa_views import ScoreSheet
from deskapp.domain.score_pad import Mark, Pad
from deskapp.domain.scorecard import Item, Severity, Source
from deskapp.screens.qa.page import Piece
from deskapp.screens.qa.words import CLASSES, SEVERITIES, points_word
from deskapp.widgets.cells import fit
from deskapp.widgets.wrap import hanging

_BEFORE, _POINTS, _NOTE = 6, 4, 12  # cells of cursor and number, of the points, of the note behind them


def card_pieces(sheet: ScoreSheet, pad: Pad, width: int) -> list[Piece]:
    """Every item in a line, the one under the cursor with its standard and notes; then findings and comment."""
    parts: list[Piece] = []
    for number, item in enumerate(pad.items):
        here = number == pad.cursor
        parts.append((f"{'>>' if here else '  '} {number + 1:2} ", "$accent bold" if here else "$quiet"))
        room = width - _BEFORE - _POINTS - _NOTE - 2
        points, points_style, note, note_style = _given(item, sheet, pad)
        parts.append((fit(str(item.text), room), "bold" if here else ""))
        parts += [(fit(points, _POINTS, "right") + "  ", points_style), (fit(note, _NOTE).rstrip() + "\n", note_style)]
        if here:
            for text in (str(item.standard), _reason(item, sheet, pad), *sheet.notes.get(item.id, ())):
                if text:
                    parts.append((" " * _BEFORE + hanging(text, width, _BEFORE) + "\n", "$quiet"))
    return parts + _findings(pad, width)


def _given(item: Item, sheet: ScoreSheet, pad: Pad) -> tuple[str, str, str, str]:
    """The points of an item and what stands behind them, each with its style."""
    mark, ruled = pad.marks.get(item.id, Mark()), pad.prefilled.get(item.id)
    have, wanted = pad.proof(item), item.evidence_kinds
    proof = _("evidence {have}/{wanted}").format(have=have, wanted=wanted) if wanted else ""
    style = "$text-warning" if have < wanted else "$quiet"
    if mark.given:
        if mark.points is None:
            return points_word(None), "$text-success bold", _("N/A"), "$quiet"
        note, style = (_("not the rule"), "$text-warning") if mark.override else (proof, style)
        return points_word(mark.points), "$text-success bold", note, style
    if ruled is not None:
        by = _("by rule") if item.source is Source.RULE else _("by condition")
        late = "$text-error" if ruled.points == 0 else "$quiet"
        return points_word(ruled.points), late, by, late
    return "", "", proof, style


def _reason(item: Item, sheet: ScoreSheet, pad: Pad) -> str:
    """What the rule found, or why the item does not apply."""
    mark, ruled = pad.marks.get(item.id, Mark()), pad.prefilled.get(item.id)
    if mark.given:
        return mark.override or mark.na_reason
    if item.source is Source.RULE:
        return sheet.evidence.get(item.id, "")
    return ruled.na_reason if ruled else ""


def _findings(pad: Pad, width: int) -> list[Piece]:
    parts: list[Piece] = []
    for finding in pad.findings:
        style = "$text-error bold" if finding.severity is Severity.CRITICAL else "$text-warning"
        name = next((str(item.text) for item in pad.items if item.id == finding.item), "")
        kind = _(CLASSES[finding.critical_class]) if finding.critical_class else ""
        told = "  ".join(
            filter(None, (_(SEVERITIES[finding.severity]), name, kind, finding.text or finding.root_cause))
        )
        parts.append(("\n! " + hanging(told, width, 2), style))
    if pad.comment:
        parts.append(("\n; " + hanging(pad.comment, width, cell_len("; ")), "$quiet"))
    return [*parts, "\n"] if parts else parts


__all__ = ["card_pieces"]
