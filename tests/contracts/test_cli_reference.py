"""docs/cli.md describes every command with all its options, and every line of help has its Chinese."""

from collections.abc import Iterator

import pytest

from bench.cli_reference import DOCS, written
from deskapp.cli.kit import command_of
from deskapp.cli.table import COMMANDS, ROOT_OPTIONS, Entry
from hatch_build import LOCALES, read_catalogue

CHINESE = {message.id for message in read_catalogue(LOCALES / "zh") if message.id and message.string}


def walk(table: dict[str, Entry], prefix: str = "") -> Iterator[tuple[str, Entry]]:
    for name, entry in table.items():
        if entry.commands is None:
            yield prefix + name, entry
        else:
            yield from walk(entry.commands, f"{prefix}{name} ")


EVERY = dict(walk(COMMANDS))


def test_every_command_is_described_with_all_its_options_and_no_other() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert text == written(text), "run: python -m bench.cli_reference"
    assert all(f"### `deskapp {name}`" in text for name in EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_every_line_of_help_has_its_chinese(name: str) -> None:
    params = command_of(name.split()[-1], EVERY[name]).params
    lines = [EVERY[name].help, *(getattr(param, "help", None) or "a parameter without help" for param in params)]
    assert [line for line in lines if line not in CHINESE] == []


def test_the_roots_options_have_their_chinese() -> None:
    assert [text for _name, text in ROOT_OPTIONS if text not in CHINESE] == []
