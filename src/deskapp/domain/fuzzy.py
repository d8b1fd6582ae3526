"""Find things by what is typed of them: beginnings, parts, initials, letters in order, a letter wrong."""

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

T = TypeVar("T")
_CLOSE = 0.8


def score(typed: str, texts: Iterable[str]) -> int:
    """How well one of the texts is meant by what was typed: 0 not at all, 100 it begins with it."""
    words = " ".join(typed.casefold().split())
    return max((_score(words, text.casefold()) for text in texts if text), default=0) if words else 1


def _score(typed: str, text: str) -> int:
    if text.startswith(typed):
        return 100
    place = text.find(typed)
    if place > 0:
        return 85 if not text[place - 1].isalnum() else 75
    parts = typed.split()
    if len(parts) > 1 and all(part in text for part in parts):
        return 70
    if len(typed) >= 3 and " " not in typed and _in_order(typed, text):
        return 40
    if len(typed) >= 4 and typed.isascii():
        close = max((SequenceMatcher(None, typed, word).ratio() for word in text.split() if word.isascii()), default=0)
        return 30 if close >= _CLOSE else 0
    return 0


def _in_order(typed: str, text: str) -> bool:
    """Letters in order inside one stretch not much longer than themselves: `nocold` finds `not cold`."""
    place, first = -1, -1
    for letter in typed:
        place = text.find(letter, place + 1)
        if place < 0:
            return False
        first = place if first < 0 else first
    return place - first < 2 * len(typed) + 2


def ranked(typed: str, items: Iterable[tuple[T, Sequence[str]]]) -> list[T]:
    """The items that are meant, best first; items as good as each other keep their order."""
    found = [(score(typed, texts), item) for item, texts in items]
    return [item for points, item in sorted(found, key=lambda pair: -pair[0]) if points]


__all__ = ["ranked", "score"]
