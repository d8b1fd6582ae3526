"""Everything a person reads has its Chinese: each message of the source is in the catalogue, with the same fields."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from hatch_build import LOCALES, read_catalogue

SOURCE = Path(__file__).resolve().parents[2] / "src" / "deskapp"


def messages(tree: ast.AST) -> Iterator[tuple[int, str | None]]:
    """The messages marked with `_` or `N_`; None for one that is not written out, which no catalogue can hold."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_")):
            continue
        argument = node.args[0]
        if isinstance(argument, ast.Constant):
            yield node.lineno, argument.value
        elif isinstance(argument, ast.JoinedStr):
            yield node.lineno, None


def fields(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _text, name, _spec, _conversion in Formatter().parse(text) if name}


CHINESE = {message.id: message.string for message in read_catalogue(LOCALES / "zh") if message.id and message.string}
FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_message_has_its_chinese(file: Path) -> None:
    found = list(messages(ast.parse(file.read_text(encoding="utf-8"))))
    assert [(line, text) for line, text in found if text is None or (text and text not in CHINESE)] == []


@pytest.mark.parametrize("text", [text for text in CHINESE if "{" in text])
def test_a_translation_fills_the_same_fields(text: str) -> None:
    assert fields(CHINESE[text]) <= fields(text)


def test_a_message_that_is_put_together_is_found() -> None:
    assert list(messages(ast.parse("_(f'{count} tickets')"))) == [(1, None)]
