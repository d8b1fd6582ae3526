"""The root of the command line: reads the options, opens the desk when no command is given, tells errors plainly."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer

from deskapp.cli import table
from deskapp.cli.kit import Agent, Call, Db, DeskGroup, Json, Language, value_of
from deskapp.cli.language import asked_language
from deskapp.cli.opening import Opening, Show, tell, told
from deskapp.cli.table import COMMANDS
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, _, language, use_language

_show: Show = lambda opening: 1  # noqa: E731


At = Annotated[str, typer.Option("--at", metavar="MOMENT", help=table.AT)]
Speed = Annotated[float, typer.Option("--speed", metavar="FACTOR", min=0.0, help=table.SPEED)]
Version = Annotated[bool, typer.Option("--version", help=table.VERSION)]


def root(
    ctx: typer.Context,
    db: Db = "",
    agent: Agent = "",
    language: Language = "",
    json: Json = False,
    at: At = "",
    speed: Speed = 1.0,
    version: Version = False,
) -> None:
    if version:
        from deskapp import __version__

        sys.stdout.write(f"deskapp {__version__}\n")
        raise typer.Exit
    call = Call(db, agent, language, json)
    ctx.find_root().meta["call"] = call
    if at and ctx.invoked_subcommand is not None:
        raise Invalid(
            N_("--at opens the desk; with a command it stands behind it."), hint=N_("Such as: deskapp queue --at …")
        )
    if ctx.invoked_subcommand is None:
        raise typer.Exit(open_desk(call, at, speed))


def open_desk(call: Call, at: str = "", speed: float = 1.0) -> int:
    """Open the desk in the terminal; without one, print it as plain lines and say how to open it."""
    if sys.stdin.isatty() and sys.stdout.isatty() and not call.json:
        return _show(Opening(call.db, call.agent, language(), at, speed))
    from deskapp.cli.queue import print_desk

    print_desk(call, at)
    return 0


def group() -> Any:
    """The root as a command group."""
    app = typer.Typer(
        cls=DeskGroup, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
        invoke_without_command=True, help=table.ABOUT,
    )  # fmt: skip
    app.callback(invoke_without_command=True)(root)
    return typer.main.get_command(app)


def run(arguments: Sequence[str], show: Show) -> int:
    """Carry out a command line and return the exit code.

    0 ok, 1 failure, 2 usage, 3 needs action, 4 database unreachable, 5 not permitted.
    """
    global _show
    _show = show
    _take_any_sign()
    return told(lambda: _run(arguments))


def _take_any_sign() -> None:
    """What the terminal's encoding does not have is written escaped, what is not of it is read as �: no text breaks."""
    for stream, errors in ((sys.stdout, "backslashreplace"), (sys.stdin, "replace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def _run(arguments: Sequence[str]) -> int:
    use_language(asked_language(arguments))
    try:
        command = group()
        with command.make_context("deskapp", list(arguments)) as context:
            command.invoke(context)
        sys.stdout.flush()
        return 0
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort as stopped:
        raise KeyboardInterrupt from stopped
    except typer.core._click.exceptions.UsageError as error:  # type: ignore[attr-defined]
        return _tell_usage(error)


# What the option parser says, in our words: its own are English only.
_USAGE = {
    "NoSuchOption": N_("There is no option {name}."),
    "MissingParameter": N_("{name} is missing."),
    "BadParameter": N_("{name} cannot be that."),
    "BadOptionUsage": N_("{name} needs a value."),
}


def _tell_usage(error: Any) -> int:
    kind = type(error).__name__
    context = error.ctx
    path = context.command_path if context else "deskapp"
    if kind == "NoArgsIsHelpError":
        sys.stderr.write(str(error.message) + "\n")
        return 2
    name = getattr(error, "option_name", "") or ""
    if getattr(error, "param", None) is not None:
        name = error.param.opts[-1] if error.param.param_type_name == "option" else str(error.param.name).upper()
    if kind in _USAGE and name:
        message = _(_USAGE[kind]).format(name=name)
        if kind == "BadParameter" and "|" in (words := value_of(error.param, context).strip("[]")):
            message += " " + _("There are: {choices}").format(choices=words.replace("|", ", "))
    elif context and error.message.startswith("No such command"):
        message = _no_such_command(error.message, context)
    else:
        message = _("This was not understood: {what}").format(what=error.message)
    return tell(message, _("See: {command}").format(command=f"{path} --help"), 2)


def _no_such_command(message: str, context: Any) -> str:
    import difflib

    table = getattr(context.command, "table", COMMANDS)
    name = message.split("'")[1] if "'" in message else ""
    told = _("There is no command {name}.").format(name=name)
    close = difflib.get_close_matches(name, table, 1)
    return told + (" " + _("Did you mean {name}?").format(name=close[0]) if close else "")


__all__ = ["Opening", "group", "open_desk", "run"]
