"""Read the sheets of an XLSForm: rows of texts under one spelling of each column's name."""

import re
from pathlib import Path

from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_

# Other names of columns, as older forms have them (also behind `bind::`).
_NAMES = {
    "relevance": "relevant", "caption": "label", "command": "type", "tag": "name", "value": "name",
    "constraining_message": "constraint_message", "jr:constraintmsg": "constraint_message", "calculate": "calculation",
    "readonly": "read_only", "count": "repeat_count", "jr:count": "repeat_count", "required_msg": "required_message",
    "jr:requiredmsg": "required_message",
}  # fmt: skip
_ONE_COLON = re.compile(r"(bind|media|label|hint|caption|constraint.message)\s*:(?!:)\s*(.+)", re.IGNORECASE)


def read_xlsform(path: Path) -> dict[str, list[dict[str, str]]]:
    """The sheets of a workbook as rows of texts by column name. Raises Invalid for a file that is no workbook."""
    from python_calamine import CalamineError, CalamineWorkbook  # read only where a workbook is imported

    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names
        }
    except (CalamineError, OSError, ValueError) as trouble:
        raise Invalid(
            N_("{file} cannot be read as a workbook: {reason}"), file=path.name, reason=str(trouble)
        ) from None
    found: dict[str, list[dict[str, str]]] = {}
    for name, rows in sheets.items():
        head = [column(str(cell)) for cell in rows[0]] if rows else []
        found[name.strip().lower()] = [
            {key: _cell(cell) for key, cell in zip(head, row, strict=False) if key} for row in rows[1:]
        ]
    if "survey" not in found:
        raise Invalid(N_("{file} has no sheet named survey: it is no XLSForm."), file=path.name)
    return found


def column(head: str) -> str:
    """A column's name in its usual spelling, its language behind `::`."""
    text = head.strip()
    if single := _ONE_COLON.fullmatch(text):
        text = f"{single[1]}::{single[2]}"
    name, _colons, language = (part.strip() for part in text.partition("::"))
    name = name.lower().replace(" ", "_")
    if name == "bind":
        name, language = language.lower(), ""
    name = _NAMES.get(name, name)
    return f"{name}::{language}" if language else name


def _cell(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


__all__ = ["column", "read_xlsform"]
