"""Make cells safe for spreadsheets: text that begins like a formula stays text."""

import re

# What makes a spreadsheet calculate: the full-width forms in East Asian editions, tab and CR where a cell is split.
_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_PHONE = re.compile(r"\+?\d[\d ().-]{5,}\d")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def guard_cell(text: str) -> str:
    """The cell with a ' in front where it would be read as a formula; telephone and plain numbers stay as they are.

    The one guard of every export (OWASP, CSV Injection). A workbook holds texts as texts; there a changed result says
    which cell needs the quote prefix, so that editing it makes no formula of it either.
    """
    probe = text.lstrip(" \u00a0\u3000")
    if not probe or (probe[0] not in _STARTS and text[0] not in _STARTS):
        return text
    return text if _PHONE.fullmatch(text) or _NUMBER.fullmatch(text) else "'" + text


__all__ = ["guard_cell"]
