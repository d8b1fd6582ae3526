"""The catalogues of the areas make one: they agree on each message, and keep its named fields."""

import string
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from hatch_build import LOCALES, read_catalogue  # noqa: E402


def fields(template: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in string.Formatter().parse(template) if name}


def test_the_areas_agree() -> None:
    """Reading raises where two areas translate a message differently."""
    assert len(read_catalogue(LOCALES / "zh")) > 100


@pytest.mark.parametrize("language", ["zh"])
def test_a_translation_has_the_fields_of_its_message(language: str) -> None:
    wrong = [
        message.id
        for message in read_catalogue(LOCALES / language)
        if isinstance(message.id, str) and message.id and fields(str(message.string)) - fields(message.id)
    ]
    assert wrong == []
