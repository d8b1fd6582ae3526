"""What flows, questions and answers are found by besides their own words: pinyin and its initials."""

from collections.abc import Iterable
from functools import lru_cache

from deskapp.domain.flow import Flow
from deskapp.services.normal import name_keys


def jump_words(flow: Flow) -> dict[tuple[str, str], tuple[str, ...]]:
    """What else questions and answers are found by: pinyin by question and choice (empty: the question itself)."""
    found = {}
    for question in flow.questions:
        found[question.id, ""] = pinyin_of((question.label.zh, *question.synonyms.zh))
        for choice in question.choices:
            found[question.id, choice.id] = pinyin_of((choice.label.zh, *choice.synonyms.zh))
    return found


def pinyin_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Initials and full readings of Chinese texts: xyjyx and xiyijiyixiang for 洗衣机异响."""
    return tuple(dict.fromkeys(word for text in texts for word in _pinyin(text)))


@lru_cache(maxsize=8192)
def _pinyin(text: str) -> tuple[str, ...]:
    han = "".join(character for character in text if "\u3400" <= character <= "\u9fff")
    if not han:
        return ()
    keys = name_keys(han)
    return keys.initials.split(" ")[0], keys.reading.split(" ")[0]


__all__ = ["jump_words", "pinyin_of"]
