"""The one place where settings, engine, services and app are put together."""

import gc
import getpass
import os
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from deskapp.clock import AnchoredClock, Clock, ReplayClock
from deskapp.domain.errors import Invalid
from deskapp.domain.i18n import N_, use_language
from deskapp.drafts import JournalDrafts
from deskapp.preferences import Preferences
from deskapp.seat import OpenDesk
from deskapp.settings import Settings, desk_id, load, save_preferences

if TYPE_CHECKING:
    from deskapp.app import DeskApp
    from deskapp.cli.opening import Opening
    from deskapp.services.desk import Desk


def open_desk(settings: Settings, *, clock: Clock | None = None, read_only: bool = False) -> "Desk":
    """Open the desk of the settings and look at its tables; `clock` replaces the one that runs by the database.

    Imports half a second of packages: the app calls it in a thread, after its first frame. Raises Unreachable with the
    next step for a desk that is not there, older or newer than this deskapp.
    """
    from deskapp.services import own_pack
    from deskapp.services.desk import Desk
    from deskapp.store.engine import database_clock_offset, open_engine
    from deskapp.store.migrate import require_current

    own_pack.use(settings.pack)
    engine = open_engine(settings.database, single_process=settings.single_process)
    require_current(engine)
    return Desk(engine, clock or AnchoredClock(database_clock_offset(engine)), read_only=read_only)


def make_app(
    settings: Settings,
    *,
    login: str = "",
    opener: Callable[[], OpenDesk] | None = None,
    clock: Clock | None = None,
    read_only: bool = False,
) -> "DeskApp":
    """Make the terminal app for a desk; nothing is opened before it runs. `login` is the OS user's unless given."""
    from deskapp.app import DeskApp

    use_language(settings.language)
    in_force = settings
    login, time = login or getpass.getuser(), clock or AnchoredClock()
    runtime = Path(folder) / "deskapp" / f"{desk_id(settings.database)}.db" if (folder := _runtime()) else None

    def save(chosen: Preferences) -> None:
        nonlocal in_force
        in_force = save_preferences(in_force, chosen)

    return DeskApp(
        opener or (lambda: open_desk(settings, clock=clock, read_only=read_only)),
        time,
        login=login,
        log_path=settings.log,
        preferences=settings.preferences,
        save=save,
        zone=_zone(settings.time_zone),
        drafts=lambda: JournalDrafts(settings.drafts, login, time.now, runtime=runtime),
        flow_folder=settings.flow_folder,
    )


def show(opening: "Opening") -> int:
    """Open the desk in this terminal and return the exit code; nothing is painted before the settings are read."""
    # What is imported lives as long as the app: looking through it for garbage takes an eighth of the start.
    gc.disable()
    settings = load(flags={"database": opening.db, "language": opening.language})
    if not opening.at:
        opener = _collecting_again(lambda: open_desk(settings))
        return make_app(settings, login=opening.login, opener=opener).run() or 0
    clock = ReplayClock(_moment(opening.at, settings), opening.speed)
    replay = Replay(settings, clock)
    try:
        return make_app(settings, login=opening.login, opener=_collecting_again(replay.open), clock=clock).run() or 0
    finally:
        replay.close()


def _collecting_again(opener: Callable[[], OpenDesk]) -> Callable[[], OpenDesk]:
    """Let garbage be collected once the desk is open, without what has been imported by then."""

    def opened() -> OpenDesk:
        try:
            return opener()
        finally:
            gc.freeze()
            gc.enable()

    return opened


class Replay:
    """The imported log of a desk as it stands at the clock's time: made once, whoever asks first, gone when closed."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock, self._lock = settings, clock, Lock()
        self._desk: Desk | None = None

    def open(self) -> "Desk":
        """Return the replay, making it at the first call. Raises NotFound where no log was imported, Unreachable."""
        from deskapp.services.replay import ReplayDesk

        with self._lock:
            if self._desk is None:
                self._desk = ReplayDesk(open_desk(self._settings, clock=self._clock).engine, self._clock)
            return self._desk

    def close(self) -> None:
        """Remove it from the disk."""
        with self._lock:
            if self._desk is not None:
                self._desk.close()


def _runtime() -> str:
    return os.environ.get("XDG_RUNTIME_DIR", "")


def _moment(text: str, settings: Settings) -> datetime:
    """An instant as it was typed, in the desk's zone unless it names its own. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(
            N_("{text} is not a moment."), hint=N_("Write it as 2015-02-10T12:00."), field="at", text=text
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=_zone(settings.time_zone)).astimezone()


def _zone(name: str) -> tzinfo | None:
    """The zone of that name; without one the machine's own, with its daylight saving where the system tells it."""
    if name:
        return ZoneInfo(name)
    try:
        with open("/etc/localtime", "rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return None
