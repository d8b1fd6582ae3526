"""Where `deskapp` starts: answers `--version` and `--help`, opens the desk, hands all else to the command line."""

import sys


def main() -> None:
    """Run deskapp and leave with its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from deskapp import __version__

        sys.stdout.write(f"deskapp {__version__}\n")
        return
    if sys.argv[1:] in (["--help"], ["-h"]):
        from deskapp.cli.language import asked_language
        from deskapp.cli.table import root_help
        from deskapp.domain.i18n import use_language

        use_language(asked_language([]))
        sys.stdout.write(root_help())
        return
    from deskapp.cli.opening import open_plainly, plainly_asked

    if plainly_asked(sys.argv[1:]) and sys.stdin.isatty() and sys.stdout.isatty():
        sys.exit(open_plainly(sys.argv[1:], _show))
    from deskapp.cli.root import run

    sys.exit(run(sys.argv[1:], _show))


def _show(opening: object) -> int:
    from importlib import import_module

    # The only place that knows both the command line and the screens.
    code: int = import_module("deskapp.bootstrap").show(opening)
    return code


if __name__ == "__main__":
    main()
