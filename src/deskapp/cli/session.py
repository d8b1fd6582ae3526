"""Open the desk that a command line names, as the person it names; services are imported here, when they are needed."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from deskapp.cli.kit import Call
from deskapp.domain.i18n import language
from deskapp.domain.permissions import Actor

if TYPE_CHECKING:
    from deskapp.services.desk import Desk
    from deskapp.settings import Settings


def settings_of(call: Call) -> "Settings":
    """The settings in force for a call: its flags over DESKAPP_* over the file. Raises Invalid."""
    from deskapp.settings import load

    return load(flags={"database": call.db, "language": language()})


def address(call: Call) -> str:
    """Which desk: --db, else DESKAPP_DATABASE, else the settings, else the desk of this OS user."""
    return settings_of(call).database


def login(call: Call) -> str:
    """Who acts: --agent, else the OS user."""
    return call.agent or os_user()


def os_user() -> str:
    """The name of the OS user; empty where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def now() -> datetime:
    """The time, where no desk is open to tell it."""
    from deskapp.clock import AnchoredClock

    return AnchoredClock().now()


def desk_zone() -> tzinfo:
    """The zone of the desk's wall clock by the settings; where none is set, this machine's."""
    from zoneinfo import ZoneInfo

    from deskapp.settings import load

    name = load().time_zone
    return ZoneInfo(name) if name else now().astimezone().tzinfo or UTC


@contextmanager
def desk_of(call: Call, at: str = "") -> "Iterator[tuple[Desk, Actor]]":
    """Open the desk and sign on; with `at`, an imported log as it stood then. Raises Unreachable, Denied."""
    from deskapp.clock import AnchoredClock, FrozenClock
    from deskapp.services import own_pack
    from deskapp.services.desk import Desk
    from deskapp.store.engine import database_clock_offset, open_engine
    from deskapp.store.migrate import require_current

    settings = settings_of(call)
    own_pack.use(settings.pack)
    engine = open_engine(settings.database, single_process=settings.single_process)
    desk: Desk | None = None
    try:
        require_current(engine)
        if at:
            from deskapp.services.replay import ReplayDesk, moment_of

            desk = ReplayDesk(engine, FrozenClock(moment_of(at, settings.time_zone)))
        else:
            desk = Desk(engine, AnchoredClock(database_clock_offset(engine)))
        yield desk, desk.sign_on(login(call))
    finally:
        if desk is not None:
            desk.close()
        engine.dispose()
