"""Make text from outside safe: no control characters, no invisible direction changes, one normal form."""

import re
import unicodedata

# C0 and C1 controls, bidi controls, zero-width characters (ZWJ and ZWNJ stay: scripts need them), line and
# paragraph separators, interlinear annotation, byte order mark, tag characters. Everything a terminal could obey
# or a reader could not see.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_MARKS_IN_A_ROW = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4})"
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f]+")
_NOT_DRAWN = {"Co", "Cn", "Cs"}


def clean(text: str, *, multiline: bool = False) -> str:
    """Return text that is safe to store, search and show: NFC, no control, bidi, tag or private characters.

    One line unless `multiline`; tabs become spaces, CRLF becomes LF. Idempotent. Length is not its business:
    a text that is too long is refused with a message, never cut.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    text = _UNSAFE.sub("", text) if multiline else _UNSAFE.sub("", text.replace("\n", " "))
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) not in _NOT_DRAWN)
        text = unicodedata.normalize("NFC", _MARKS_IN_A_ROW.sub(r"\1", text))
    if not multiline:
        return _SPACES.sub(" ", text).strip()
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


# What the line filter in front of the terminal puts in the place of anything that could still act on it.
TERMINAL_GUARD = {
    code: "\ufffd"
    for code in (
        *range(0x20), *range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A),
        *range(0xE0000, 0xE0080), *range(0xD800, 0xE000),
    )
}  # fmt: skip


def guard(text: str) -> str:
    """Replace whatever could act on a terminal by U+FFFD; for text that may not have been cleaned."""
    return text.translate(TERMINAL_GUARD)
