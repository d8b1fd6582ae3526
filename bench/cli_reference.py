"""Write the section "Commands" of docs/cli.md from the commands themselves: `python -m bench.cli_reference`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from deskapp.cli.kit import SHARED, command_of, value_of
from deskapp.cli.table import COMMANDS, Entry

DOCS = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
BEGIN, END = "The options every command takes are left out here.\n\n", "## audit: what was done"


def reference(table: Mapping[str, Entry] = COMMANDS, prefix: str = "") -> str:
    """A section for each command: its line of help, its arguments and its own options."""
    return "\n\n".join(_sections(table, prefix))


def _sections(table: Mapping[str, Entry], prefix: str) -> Iterator[str]:
    for name, entry in table.items():
        if entry.commands is not None:
            yield from _sections(entry.commands, f"{prefix}{name} ")
            continue
        command = command_of(name, entry)
        context = typer.Context(command, info_name=name)
        arguments = [param for param in command.params if param.param_type_name == "argument"]
        words = " ".join(_word(param) if param.required else f"[{_word(param)}]" for param in arguments)
        title = f"### `deskapp {prefix}{name}`" + (f" `{words}`" if words else "")
        rows = [(f"`{_word(param)}`", param.help or "") for param in arguments]  # type: ignore[attr-defined]
        rows += [
            _option(param, context)
            for param in command.params
            if param.param_type_name == "option" and param.name not in SHARED
        ]
        lines = [title, "", entry.help]
        if rows:
            lines += ["", "| | |", "|---|---|", *(f"| {left} | {right} |" for left, right in rows)]
        yield "\n".join(lines)


def _word(param: Any) -> str:
    return str(param.metavar or param.name).upper()


def _option(param: Any, context: typer.Context) -> tuple[str, str]:
    takes = value_of(param, context).replace("|", "\\|")
    default = param.default
    plain = default in (None, "", (), False, True) or callable(default)
    told = "" if plain else f" Default: `{getattr(default, 'value', default)}`."
    return f"`{' '.join(filter(None, (', '.join(param.opts), takes)))}`", (param.help or "") + told


def written(text: str) -> str:
    """The document with the section as it should be."""
    head, rest = text.split(BEGIN)
    return head + BEGIN + reference() + "\n\n" + END + rest.split(END)[1]


if __name__ == "__main__":
    DOCS.write_text(written(DOCS.read_text(encoding="utf-8")), encoding="utf-8")
