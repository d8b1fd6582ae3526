"""R11: a backup restores, also one made under load; a damaged one is refused; a desk is never replaced by accident."""

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from deskapp.domain.errors import Conflict, Invalid, Unreachable
from deskapp.models.audit import Counter
from deskapp.models.people import Agent, Team
from deskapp.store import backup as backup_module
from deskapp.store.backup import BadBackup, Manifest, copy_live, read_manifest, restore, verify_backup, write_backup
from deskapp.store.engine import open_engine, sqlite_path, writing
from deskapp.store.migrate import head, require_current, upgrade
from tests.support import catalogue
from tests.support.database import PostgresDatabases

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def desk(empty_database_url: str) -> str:
    """A desk with a few rows, among them text that a dump could trip over."""
    upgrade(empty_database_url)
    engine = open_engine(empty_database_url)
    with writing(engine).begin() as connection:
        team = uuid4()
        connection.execute(Team.__table__.insert(), {"id": team, "version": 1, "key": "a", "name": "售后", "department": "", "active": True})  # type: ignore[attr-defined]  # fmt: skip  # noqa: E501
        awkward = ["a\tb\nc\\d", "\\.", "\\N", "NULL", "", "张伟 😀", "'; --"]
        for number, name in enumerate(awkward):
            row = {"id": uuid4(), "version": 1, "login": f"u{number}", "name": name, "role": "agent", "team_id": team}
            row |= {"shift": "early", "state": "off", "os_user": "", "active": True}
            connection.execute(Agent.__table__.insert(), row)  # type: ignore[attr-defined]
    engine.dispose()
    return empty_database_url


def save(url: str, target: Path, **options: Any) -> Manifest:
    engine = open_engine(url)
    try:
        return write_backup(engine, target, now=NOW, **options)
    finally:
        engine.dispose()


def look(url: str) -> tuple[Any, Any]:
    engine = open_engine(url)
    with engine.connect() as connection:
        found = catalogue.schema(connection), catalogue.rows(connection)
    engine.dispose()
    return found


@pytest.fixture
def elsewhere(desk: str, tmp_path: Path, postgres_databases: PostgresDatabases) -> Any:
    """Another address of the same kind, with nothing there."""
    if desk.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/other/desk.db"
    else:
        with postgres_databases.fresh() as url:
            yield url


def test_what_is_restored_is_what_was_backed_up(desk: str, elsewhere: str, tmp_path: Path) -> None:
    before = look(desk)
    manifest = save(desk, tmp_path / "b.zip", anchor=lambda _: {"seq": 7, "hash": "ab"})
    assert (manifest.schema, manifest.rows["agent"], manifest.audit_head) == (head(), 7, {"seq": 7, "hash": "ab"})
    assert read_manifest(tmp_path / "b.zip") == manifest
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    assert restore(tmp_path / "b.zip", elsewhere, now=NOW).kept is None
    assert look(elsewhere) == before
    engine = open_engine(elsewhere)
    require_current(engine)
    engine.dispose()
    assert sorted(path.name for path in tmp_path.iterdir() if "b.zip" in path.name) == ["b.zip"]


def test_a_desk_is_only_replaced_when_that_is_asked_for(desk: str, tmp_path: Path) -> None:
    save(desk, tmp_path / "b.zip")
    saved = look(desk)
    engine = open_engine(desk)
    with writing(engine).begin() as connection:
        connection.execute(text("DELETE FROM agent"))
        connection.execute(Counter.__table__.insert(), {"name": "later", "value": 1})  # type: ignore[attr-defined]
    engine.dispose()
    changed = look(desk)
    with pytest.raises(Conflict, match="already") as caught:
        restore(tmp_path / "b.zip", desk, now=NOW)
    assert "--force" in caught.value.hint
    assert look(desk) == changed
    kept = restore(tmp_path / "b.zip", desk, now=NOW, force=True).kept
    assert look(desk) == saved
    if desk.startswith("sqlite"):
        assert kept is not None
        assert look(str(kept)) == changed
        assert sqlite_path(desk).stat().st_mode & 0o777 == 0o600


def test_a_desk_in_use_is_not_replaced(desk: str, tmp_path: Path) -> None:
    save(desk, tmp_path / "b.zip")
    colleague = open_engine(desk)
    with colleague.connect(), pytest.raises(Unreachable) as caught:
        restore(tmp_path / "b.zip", desk, now=NOW, force=True)
    assert "Close the other" in caught.value.hint
    colleague.dispose()


def test_a_failed_restore_changes_nothing(desk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(desk, tmp_path / "b.zip")
    before = look(desk)
    wrong = json.loads(zipfile.ZipFile(tmp_path / "b.zip").read("manifest.json"))
    wrong["rows"]["agent"] += 1
    monkeypatch.setattr(backup_module, "verify_backup", lambda _: Manifest(**wrong))
    with pytest.raises(BadBackup):
        restore(tmp_path / "b.zip", desk, now=NOW, force=True)
    assert look(desk) == before


def test_a_backup_does_not_overwrite(desk: str, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("precious")
    with pytest.raises(Conflict):
        save(desk, tmp_path / "b.zip")
    assert (tmp_path / "b.zip").read_text() == "precious"


def test_an_empty_database_is_no_desk_to_back_up(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no desk"):
        save(empty_database_url, tmp_path / "b.zip")
    assert [path.name for path in tmp_path.iterdir() if "b.zip" in path.name] == []


def flip(data: bytearray) -> None:
    data[len(data) // 3] ^= 1


def cut(data: bytearray) -> None:
    del data[-100:]


def clear(data: bytearray) -> None:
    data.clear()


@pytest.mark.parametrize("change", [flip, cut, clear])
def test_a_damaged_backup_is_refused(sqlite_desk: str, tmp_path: Path, change: Callable[[bytearray], None]) -> None:
    save(sqlite_desk, tmp_path / "b.zip")
    data = bytearray((tmp_path / "b.zip").read_bytes())
    change(data)
    (tmp_path / "b.zip").write_bytes(data)
    with pytest.raises(BadBackup, match="damaged"):
        restore(tmp_path / "b.zip", f"{tmp_path}/other.db", now=NOW)
    assert not (tmp_path / "other.db").exists()


@pytest.fixture
def sqlite_desk(empty_sqlite_url: str) -> str:
    upgrade(empty_sqlite_url)
    return empty_sqlite_url


def repack(path: Path, **changes: object) -> None:
    """Write the archive again with other words in its manifest."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | changes).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"format": 2}, BadBackup, "another kind"),
        ({"schema": "0999"}, Unreachable, "newer deskapp"),
        ({"kind": "postgresql"}, Invalid, "postgresql"),
        ({"files": {}}, BadBackup, "damaged"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(
    sqlite_desk: str, tmp_path: Path, changes: dict[str, object], error: type[Exception], words: str
) -> None:
    save(sqlite_desk, tmp_path / "b.zip")
    repack(tmp_path / "b.zip", **changes)
    with pytest.raises(error, match=words):
        restore(tmp_path / "b.zip", f"{tmp_path}/other.db", now=NOW)


def test_a_backup_under_load_is_of_one_moment(desk: str, elsewhere: str, tmp_path: Path) -> None:
    """Each writer moves one from a counter to another: in every backup the two must add up."""
    engine = open_engine(desk, pool_size=4)
    table = Counter.__table__  # type: ignore[attr-defined]
    with writing(engine).begin() as connection:
        connection.execute(table.insert(), [{"name": "a", "value": 1000}, {"name": "b", "value": 0}])
    done = Event()

    def move() -> None:
        while not done.is_set():
            with writing(engine).begin() as connection:
                for name, step in (("a", -1), ("b", 1)):
                    connection.execute(
                        text("UPDATE counter SET value = value + :step WHERE name = :name"),
                        {"name": name, "step": step},
                    )

    writers = [Thread(target=move) for _ in range(2)]
    for writer in writers:
        writer.start()
    try:
        for number in range(5):
            write_backup(engine, tmp_path / f"{number}.zip", now=NOW)
    finally:
        done.set()
        for writer in writers:
            writer.join()
        engine.dispose()
    for number in range(5):
        restore(tmp_path / f"{number}.zip", elsewhere, now=NOW, force=True)
        assert sum(row[1] for row in look(elsewhere)[1]["counter"]) == 1000


class Disturbed:
    """A connection whose every step of copying meets a change by somebody else."""

    def __init__(self, path: Path) -> None:
        self.source, self.other = (sqlite3.connect(path, isolation_level=None) for _ in range(2))
        self.steps = 0

    def backup(self, copy: sqlite3.Connection, *, progress: Any = None, **options: Any) -> None:
        def disturb(*facts: int) -> None:
            self.steps += 1
            self.other.execute("INSERT INTO counter (name, value) VALUES (?, 0)", (str(self.steps),))
            progress(*facts)

        self.source.backup(copy, progress=progress and disturb, **options)


def test_restless_writers_do_not_keep_a_backup_from_ending(
    sqlite_desk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change by another connection starts the copy again: after a few times it is made at once."""
    monkeypatch.setattr(backup_module, "_STEP_PAGES", 1)
    disturbed = Disturbed(sqlite_path(sqlite_desk))
    copy_live(disturbed, tmp_path / "copy.db")  # type: ignore[arg-type]
    disturbed.source.close()
    disturbed.other.close()
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT count(*) FROM counter").fetchone() == (disturbed.steps,)
    copy.close()
    assert 3 < disturbed.steps < 12


def test_an_old_journal_is_not_played_into_the_restored_desk(sqlite_desk: str, tmp_path: Path) -> None:
    """A desk that crashed in the middle of a write leaves a hot journal beside it."""
    save(sqlite_desk, tmp_path / "b.zip")
    path = sqlite_path(sqlite_desk)
    crashed = tmp_path / "crashed"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("PRAGMA cache_size=1")
    writer.execute("BEGIN IMMEDIATE")
    for number in range(2000):
        writer.execute("INSERT INTO counter (name, value) VALUES (?, 0)", (f"{number:0200d}",))
    crashed.mkdir()
    for file in (path, path.with_name(path.name + "-journal")):
        shutil.copyfile(file, crashed / file.name)
    writer.close()
    desk = crashed / path.name
    assert (crashed / f"{path.name}-journal").stat().st_size > 0
    kept = restore(tmp_path / "b.zip", str(desk), now=NOW, force=True).kept
    assert look(str(desk))[1]["counter"] == []
    assert kept is not None
    assert kept.with_name(kept.name + "-journal").exists()
    assert look(str(kept))[1]["counter"] == []


def test_verify_reads_everything(sqlite_desk: str, tmp_path: Path) -> None:
    manifest = save(sqlite_desk, tmp_path / "b.zip")
    assert verify_backup(tmp_path / "b.zip") == manifest
    with pytest.raises(Unreachable, match="cannot be opened"):
        verify_backup(tmp_path / "none.zip")
