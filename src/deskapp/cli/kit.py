"""What every command is made of: options all share, help in the reader's language, commands imported when called.

Nothing here imports services, the database or Rich.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from deskapp.cli import table
from deskapp.cli.table import COMMANDS, HELP, Entry, help_text
from deskapp.domain.i18n import _


@dataclass(frozen=True, slots=True)
class Call:
    """What all commands share: which desk, who acts, in what form to answer."""

    db: str = ""
    agent: str = ""
    language: str = ""
    json: bool = False


Db = Annotated[str, typer.Option("--db", metavar="ADDRESS", help=table.DB)]
Agent = Annotated[str, typer.Option("--agent", metavar="LOGIN", help=table.AGENT)]
Language = Annotated[str, typer.Option("--language", metavar="en|zh", help=table.LANGUAGE)]
Json = Annotated[bool, typer.Option("--json", help=table.JSON)]
SHARED: dict[str, Any] = {"db": Db, "agent": Agent, "language": Language, "json": Json}
_NOTHING: dict[str, Any] = {"db": "", "agent": "", "language": "", "json": False}


def command_of(name: str, entry: Entry) -> TyperCommand:
    """Import a command's function and make the command of it, with the options that all share."""
    module, _colon, attribute = entry.target.partition(":")
    function: Callable[..., None] = getattr(import_module(module), attribute)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, cls=DeskCommand, help=entry.help)(with_shared(function))
    command = typer.main.get_command(app)
    assert isinstance(command, TyperCommand)
    return command


def with_shared(function: Callable[..., None]) -> Callable[..., None]:
    """Give a function `(call, …)` the shared options; what the root was given holds where they are not given again."""
    own = inspect.signature(function, eval_str=True)
    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=_NOTHING[name])
        for name, kind in SHARED.items()
        if name not in own.parameters
    ]
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in list(own.parameters.values())[1:]]

    def command(**values: Any) -> None:
        given = {name: values.pop(name) for name in SHARED if name in values and name not in own.parameters}
        context = typer.main.get_current_context()  # type: ignore[attr-defined]
        root: Call = context.find_root().meta.get("call", Call())
        function(replace(root, **{name: value for name, value in given.items() if value}), **values)

    command.__name__ = function.__name__
    command.__annotations__ = {p.name: p.annotation for p in (*parameters, *shared)}
    command.__signature__ = inspect.Signature([*parameters, *shared])  # type: ignore[attr-defined]
    return command


# Help in the reader's language ----------------------------------------------------------------------------------------


class DeskCommand(TyperCommand):
    """A command whose help is translated when it is shown."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(_help(self, ctx, {}))


class DeskGroup(TyperGroup):
    """A group whose commands are imported when they are called; its help needs the table alone."""

    table: Mapping[str, Entry] = COMMANDS

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        if entry.commands is not None:
            return group_of(cmd_name, entry)
        return command_of(cmd_name, entry)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        formatter.write(_help(self, ctx, self.table))


def group_of(name: str, entry: Entry) -> DeskGroup:
    """A group inside the root, such as `db`."""
    group = DeskGroup(name=name, help=entry.help, rich_markup_mode=None, no_args_is_help=True)
    group.table = entry.commands or {}
    return group


def _help(command: TyperCommand | TyperGroup, ctx: Any, commands: Mapping[str, Entry]) -> str:
    arguments, options = [], []
    for param in command.get_params(ctx):
        text = _(getattr(param, "help", None) or "")
        if param.param_type_name == "argument":
            arguments.append((str(param.metavar or param.name).upper(), text))
        else:
            names = " ".join((", ".join(param.opts), *filter(None, (value_of(param, ctx),))))
            options.append((names, _(HELP) if param.name == "help" else text + _default(param)))
    usage = " ".join([ctx.command_path, *(piece for piece in command.collect_usage_pieces(ctx) if piece)])
    return help_text(usage, command.help or "", arguments, options, commands)


_KINDS = {
    "str": "TEXT",
    "int": "N",
    "int range": "N",
    "float range": "N",
    "Path": "FILE",
    "file": "FILE",
    "path": "FILE",
}


def value_of(param: Any, ctx: Any) -> str:
    """What an option takes: the words there are, or a name for it; empty for a switch."""
    if getattr(param, "is_flag", False):
        return ""
    told = str(param.metavar or param.display_type(ctx)).strip("<>").removeprefix("list[").removesuffix("]")
    return _KINDS.get(told, told)


def _default(param: Any) -> str:
    value = param.default
    if value in (None, "", (), False, True) or callable(value):
        return ""
    return " [" + _("default: {value}").format(value=getattr(value, "value", value)) + "]"
