"""The doctor: each ailment is found, named, and comes with what to do; a healthy desk has nothing to mend."""

import os
import pty
import re
import shutil
import sqlite3
import tty
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import text

from deskapp.services import doctor
from deskapp.services.doctor import Check, State, examine, file_system, worst
from deskapp.services.terminal import Terminal, colours, look_at_terminal, width_on_screen
from deskapp.settings import Settings
from deskapp.store.engine import open_engine, sqlite_path, writing
from deskapp.store.migrate import upgrade

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = Terminal(True, "xterm-256color", 120, 40, 256, "utf-8", 2, 1)
UTF8 = {"LANG": "C.UTF-8"}


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    """Settings without a desk behind them."""
    return Settings(database=f"{tmp_path}/no.db", language="en", state=tmp_path / "state", file=tmp_path / "none.toml")


@pytest.fixture
def settings(empty_database_url: str, tmp_path: Path) -> Settings:
    upgrade(empty_database_url)
    return Settings(database=empty_database_url, language="en", state=tmp_path / "state", file=tmp_path / "none.toml")


def run(
    settings: Settings, terminal: Terminal = GOOD, environ: Mapping[str, str] = UTF8, **options: object
) -> dict[str, Check]:
    checks = examine(settings, terminal, NOW, environ=environ, **options)  # type: ignore[arg-type]
    assert all(check.mend for check in checks if check.state is not State.OK)
    assert len({check.id for check in checks}) == len(checks)
    return {check.id: check for check in checks}


def test_a_healthy_desk(settings: Settings) -> None:
    """The tests' server has fsync off and lets us in as its superuser: that, and an old SQLite, is told."""
    found = run(settings, unconfirmed={"china": []}, deep=True)
    ill = {name for name, check in found.items() if check.state is not State.OK}
    assert ill <= {"sqlite", "packages", "postgresql.durable", "postgresql.role"}
    assert {"python", "database", "schema", "paths", "terminal", "terminal.width", "calendar.china"} <= set(found)
    assert settings.desk_state.exists() is False


def test_the_servers_settings_are_told(settings: Settings) -> None:
    found = run(settings)
    if settings.database.startswith("sqlite"):
        assert found["integrity"].state is State.OK
    else:
        assert found["postgresql.durable"].state is State.FAIL
        assert "fsync = off" in found["postgresql.durable"].what
        assert found["clock"].state is State.OK


def test_a_skewed_clock(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "database_clock_offset", lambda _: timedelta(minutes=-5))
    found = run(settings)
    if not settings.database.startswith("sqlite"):
        assert found["clock"].state is State.WARN
        assert "-300.0 s" in found["clock"].what


@pytest.mark.parametrize("database", ["postgresql://nobody@127.0.0.1:9/desk", "mysql://x/y", "/nowhere/desk.db"])
def test_no_desk(here: Settings, database: str) -> None:
    assert run(replace(here, database=database))["database"].state is State.FAIL


def test_tables_of_another_deskapp(settings: Settings) -> None:
    engine = open_engine(settings.database)
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    assert "newer" in run(settings)["schema"].what
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert "db upgrade" in run(settings)["schema"].mend
    with writing(engine).begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert "init" in run(settings)["schema"].mend
    engine.dispose()


@pytest.mark.parametrize(("mode", "state"), [(0o600, State.OK), (0o660, State.WARN), (0o644, State.FAIL)])
def test_who_can_open_the_desk(sqlite_url: str, here: Settings, mode: int, state: State) -> None:
    sqlite_path(sqlite_url).chmod(mode)
    assert run(replace(here, database=sqlite_url))["desk.private"].state is state


def test_a_password_that_others_can_read(here: Settings, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.touch(0o644)
    told = replace(here, file=file, database="postgresql://ann:secret@127.0.0.1:9/desk")
    found = run(told)
    assert found["settings.private"].state is State.FAIL
    assert not any("secret" in check.what + check.mend for check in found.values())
    assert "settings.private" not in run(replace(told, database="postgresql://ann@127.0.0.1:9/desk"))


def test_a_damaged_page_is_found(sqlite_url: str, here: Settings) -> None:
    path = sqlite_path(sqlite_url)
    with sqlite3.connect(path) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ticket'").fetchone()[0]
    connection.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xaa" * 4096
    path.write_bytes(content)
    found = run(replace(here, database=sqlite_url))
    assert found["integrity"].state is State.FAIL
    assert "restore" in found["integrity"].mend


@pytest.mark.parametrize(("free", "state"), [(5_000_000_000, "ok"), (500_000_000, "warn"), (5_000_000, "fail")])
def test_free_space(here: Settings, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    usage = shutil.disk_usage("/")._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert run(here)["disk.state"].state == state


MOUNTS = """\
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 21 0:40 / /srv rw shared:9 - nfs4 files:/desk rw
31 30 0:41 / /srv/local rw - ext4 /dev/vdb rw
32 21 0:42 / /mnt/team\\040files rw - cifs //nas/team rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/x/desk.db", "ext4"),
        ("/srv/desk.db", "nfs4"),
        ("/srv/local/d.db", "ext4"),
        ("/srvx", "ext4"),
        ("/mnt/team files/desk.db", "cifs"),
    ],
)
def test_the_file_system_of_a_path(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_a_network_drive_is_refused(sqlite_url: str, here: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "file_system", lambda *_: "nfs4")
    assert run(replace(here, database=sqlite_url))["filesystem"].state is State.FAIL


@pytest.mark.parametrize(
    ("change", "name", "state"),
    [
        ({"interactive": False}, "terminal", State.WARN),
        ({"kind": "dumb", "colours": 0}, "terminal", State.FAIL),
        ({"columns": 79}, "terminal", State.WARN),
        ({"encoding": "ANSI_X3.4-1968"}, "terminal.utf8", State.FAIL),
        ({"wide": 1}, "terminal.width", State.FAIL),
        ({"ambiguous": 2}, "terminal.width", State.WARN),
    ],
)
def test_terminals(change: dict[str, object], name: str, state: State) -> None:
    found = {check.id: check for check in doctor._screen(replace(GOOD, **change))}  # type: ignore[arg-type]
    assert found[name].state is state
    assert found[name].mend


@pytest.mark.parametrize(
    ("years", "at", "state"),
    [
        ([2026], NOW, State.WARN),
        ([2027], NOW, State.WARN),
        ([2027], NOW.replace(month=6), State.OK),
        ([2028], NOW, State.OK),
    ],
)
def test_calendar_years(years: list[int], at: datetime, state: State) -> None:
    assert [check.state for check in doctor._calendars({"china": years}, at)] == [state]


@pytest.mark.parametrize(
    ("environ", "count"),
    [
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, 1 << 24),
        ({"TERM": "screen-256color"}, 256),
        ({"TERM": "linux"}, 16),
        ({"TERM": "dumb"}, 0),
        ({}, 0),
    ],
)
def test_colours(environ: dict[str, str], count: int) -> None:
    assert colours(environ) == count


@pytest.mark.parametrize(("answer", "width"), [(b"\x1b[5;3R", 2), (b"x\x1b[5;2R", 1), (b"", None)])
def test_the_width_is_what_the_terminal_says(answer: bytes, width: int | None) -> None:
    """The keys that were typed meanwhile do not confuse it; a terminal that is silent is left alone."""
    ours, theirs = pty.openpty()
    tty.setraw(ours)
    seen = b""

    def terminal() -> None:
        nonlocal seen
        while b"6n" not in seen:
            seen += os.read(ours, 100)
        os.write(ours, answer)

    thread = Thread(target=terminal)
    thread.start()
    assert width_on_screen(theirs, theirs, "中", patience=5 if answer else 0.05) == width
    thread.join()
    assert re.search("\r中".encode(), seen)
    os.close(ours)
    os.close(theirs)


def test_no_terminal_is_asked_nothing(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+", encoding="utf-8") as stream:
        assert look_at_terminal(stream, stream) == Terminal(False, encoding="utf-8")
        assert stream.tell() == 0


def test_worst() -> None:
    ok, warn, fail = (Check("x", state, "x") for state in State)
    assert [worst(found) for found in ([], [warn, ok], [fail, warn])] == [State.OK, State.WARN, State.FAIL]
