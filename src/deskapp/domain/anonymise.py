"""Take out of a text what looks like a telephone number, an address of mail, an identity or serial number."""

import re

_EDGE, _END = r"(?<![0-9A-Za-z-])", r"(?![0-9A-Za-z])"
# Mail addresses; identity cards (17 digits and a digit or X); codes that mix letters and digits, as serial numbers do;
# runs of digits as telephones are written.
_PATTERNS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(_EDGE + r"\d{17}[\dXx]" + _END),
    re.compile(_EDGE + r"(?=[A-Za-z-]*\d)(?=[0-9-]*[A-Za-z])[0-9A-Za-z](?:-?[0-9A-Za-z]){7,}" + _END),
    re.compile(_EDGE + r"\+?\d(?:[\s()-]{0,2}\d){6,}" + _END),
)


def without_numbers(text: str) -> str:
    """Return the text with `*` in the place of each such number; what is left is for a person to read again."""
    for pattern in _PATTERNS:
        text = pattern.sub("*", text)
    return text
