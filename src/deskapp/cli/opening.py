"""Opening the desk, and telling plainly how anything ended; without the option parser, which takes as long to import
as a third of the way to the first frame.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deskapp.cli.language import asked_language
from deskapp.domain.errors import DeskError
from deskapp.domain.i18n import _, language, use_language


@dataclass(frozen=True, slots=True)
class Opening:
    """Which desk to open in the terminal, as whom; `at` and `speed` open an imported log as it stood at that moment."""

    db: str = ""
    login: str = ""
    language: str = "en"
    at: str = ""
    speed: float = 1.0


Show = Callable[[Opening], int]


def plainly_asked(arguments: Sequence[str]) -> bool:
    """Whether a command line only opens a desk: no words but those of --db and --agent."""
    names, values = arguments[::2], arguments[1::2]
    return (
        len(names) == len(values)
        and set(names) <= {"--db", "--agent"}
        and not any(value.startswith("-") for value in values)
    )


def open_plainly(arguments: Sequence[str], show: Show) -> int:
    """Open the desk that `plainly_asked` arguments name, and return the exit code."""

    def opened() -> int:
        use_language(asked_language(arguments))
        given = dict(zip(arguments[::2], arguments[1::2], strict=True))
        return show(Opening(given.get("--db", ""), given.get("--agent", ""), language()))

    return told(opened)


def told(action: Callable[[], int]) -> int:
    """Carry something out; whatever goes wrong is said plainly and becomes an exit code."""
    try:
        return action()
    except DeskError as error:
        return tell(str(error), error.hint, error.exit_code)
    except KeyboardInterrupt:
        return tell(_("Stopped."), "", 130)
    except BrokenPipeError:
        # Whoever read the answer has seen enough: `deskapp queue | head` is no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _tell_incident(error)


def tell(message: str, hint: str, code: int) -> int:
    """Say a message and its hint where errors go; returns the code."""
    from deskapp.domain.text import guard

    sys.stderr.write(guard(message) + "\n")
    if hint:
        sys.stderr.write(guard(hint) + "\n")
    return code


def _tell_incident(error: Exception) -> int:
    """What nobody expected: a number for the person, the place for the log, nobody's data in either."""
    from platformdirs import user_state_path

    from deskapp.cli.session import now
    from deskapp.incidents import IncidentLog

    incident = IncidentLog(user_state_path("deskapp") / "incidents.log").record(error, now())
    return tell(str(incident), incident.hint, incident.exit_code)


__all__ = ["Opening", "Show", "open_plainly", "plainly_asked", "tell", "told"]
