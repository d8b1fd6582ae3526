"""docs/cli.md describes every command with all its options, and every line of help has its Chinese."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deskapp.cli.kit import SHARED, command_of
from deskapp.cli.table import COMMANDS, ROOT_OPTIONS, Entry
from hatch_build import LOCALES, read_catalogue

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
CHINESE = {message.id for message in read_catalogue(LOCALES / "zh") if message.id and message.string}


def walk(table: dict[str, Entry], prefix: str = "") -> Iterator[tuple[str, Entry]]:
    for name, entry in table.items():
        if entry.commands is None:
            yield prefix + name, entry
        else:
            yield from walk(entry.commands, f"{prefix}{name} ")


EVERY = dict(walk(COMMANDS))


def params(name: str) -> list[Any]:
    return [param for param in command_of(name.split()[-1], EVERY[name]).params if param.name not in SHARED]


def section(name: str) -> str:
    found = re.search(rf"^### `deskapp {re.escape(name)}`.*?(?=^##|\Z)", DOCS, re.M | re.S)
    assert found, f"docs/cli.md has no section for deskapp {name}"
    return found.group()


@pytest.mark.parametrize("name", EVERY)
def test_a_command_is_described_with_all_its_options(name: str) -> None:
    told = section(name)
    assert EVERY[name].help in told
    for param in params(name):
        word = (
            max(param.opts, key=len) if param.param_type_name == "option" else str(param.metavar or param.name).upper()
        )
        assert re.search(rf"`{re.escape(word)}\b", told), f"{name}: {word} is not described"


@pytest.mark.parametrize("name", EVERY)
def test_every_line_of_help_has_its_chinese(name: str) -> None:
    lines = [EVERY[name].help, *(param.help for param in params(name))]
    assert [line for line in lines if line not in CHINESE] == []


def test_the_reference_describes_nothing_that_is_not_there() -> None:
    told = {name for name in re.findall(r"^### `deskapp ([^`]+)`", DOCS, re.M)}
    assert told == set(EVERY)
    assert [text for _name, text in ROOT_OPTIONS if text not in CHINESE] == []
