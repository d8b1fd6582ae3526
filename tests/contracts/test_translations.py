"""Everything a person reads has its Chinese: each message of the source is in the catalogue, with the same fields."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

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


def test_every_message_has_its_chinese() -> None:
    untold = [
        f"{file.relative_to(SOURCE)}:{line}: {text!r}"
        for file in FILES
        for line, text in messages(ast.parse(file.read_text(encoding="utf-8")))
        if text is None or (text and text not in CHINESE)
    ]
    assert untold == []


def test_a_translation_fills_the_same_fields() -> None:
    assert {text: chinese for text, chinese in CHINESE.items() if not fields(chinese) <= fields(text)} == {}


def test_a_message_that_is_put_together_is_found() -> None:
    assert list(messages(ast.parse("_(f'{count} tickets')"))) == [(1, None)]
