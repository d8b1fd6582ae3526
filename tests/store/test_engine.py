"""Engines: the settings that keep acknowledged changes, and plain words for everything that can be wrong."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from deskapp.domain.errors import Conflict, DeskError, Invalid, Unreachable
from deskapp.store import engine as engine_module
from deskapp.store.engine import (
    APPLICATION_ID,
    claim_file,
    database_clock_offset,
    is_busy,
    open_engine,
    parse_url,
    reading,
    sqlite_path,
    translate,
    wal_is_safe,
    writing,
)
from tests.support.database import PostgresDatabases


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((4, 0, 0), True),
    ],
)
def test_wal_is_shared_only_on_a_mended_sqlite(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("foreign_keys", 1),
        ("synchronous", 2),
        ("recursive_triggers", 1),
        ("secure_delete", 1),
        ("trusted_schema", 0),
        ("cell_size_check", 1),
        ("mmap_size", 0),
        ("busy_timeout", 10_000),
        ("application_id", APPLICATION_ID),
    ],
)
def test_every_sqlite_connection_has_the_settings(sqlite_url: str, name: str, value: int) -> None:
    engine = open_engine(sqlite_url)
    assert pragma(engine, name) == value
    engine.dispose()


@pytest.mark.parametrize(
    ("mended", "alone", "mode"), [(False, False, "truncate"), (False, True, "wal"), (True, False, "wal")]
)
def test_journal_is_wal_where_it_is_safe(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, mended: bool, alone: bool, mode: str
) -> None:
    monkeypatch.setattr(engine_module, "wal_is_safe", lambda: mended)
    engine = open_engine(sqlite_url, single_process=alone)
    assert pragma(engine, "journal_mode") == mode
    engine.dispose()


def test_a_desk_left_in_wal_goes_back_when_it_is_shared(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "wal_is_safe", lambda: False)
    alone = open_engine(sqlite_url, single_process=True)
    assert pragma(alone, "journal_mode") == "wal"
    alone.dispose()
    shared = open_engine(sqlite_url)
    assert pragma(shared, "journal_mode") == "truncate"
    shared.dispose()


def test_a_wal_desk_in_use_elsewhere_is_refused_by_a_faulty_sqlite(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "wal_is_safe", lambda: True)
    newer = open_engine(sqlite_url)
    monkeypatch.setattr(engine_module, "wal_is_safe", lambda: False)
    monkeypatch.setattr(engine_module, "_PRAGMAS", ("PRAGMA busy_timeout=0",))
    with newer.connect() as connection:
        connection.execute(text("SELECT count(*) FROM counter")).scalar_one()
        with pytest.raises(Unreachable, match="WAL mode"):
            open_engine(sqlite_url).connect()
    newer.dispose()


def test_one_program_alone_excludes_the_others_and_the_other_way_round(sqlite_url: str) -> None:
    alone, shared = open_engine(sqlite_url, single_process=True), open_engine(sqlite_url)
    alone.connect().close()
    with pytest.raises(Unreachable, match="claimed by one program"):
        shared.connect()
    alone.dispose()
    shared.connect().close()
    with pytest.raises(Unreachable, match="Somebody else has"):
        alone.connect()
    shared.dispose()


def test_a_claim_ends_with_its_process(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    hold = (
        "import sys, pathlib; from deskapp.store.engine import claim_file;"
        "claim_file(pathlib.Path(sys.argv[1]), alone=True); print(flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(Unreachable):
        claim_file(path, alone=False)
    holder.kill()
    holder.communicate()
    os.close(claim_file(path, alone=False))


def test_a_new_desk_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        engine = open_engine(f"{tmp_path}/folder/desk.db", create=True)
        with writing(engine).begin() as connection:
            connection.execute(text("CREATE TABLE t (x)"))
            modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "folder").iterdir()}
    finally:
        os.umask(before)
    engine.dispose()
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700
    assert "desk.db" in modes
    assert set(modes.values()) == {0o600}
    with pytest.raises(Conflict, match="something at"):
        open_engine(f"{tmp_path}/folder/desk.db", create=True)


def make_missing(path: Path) -> None:
    pass


def make_empty(path: Path) -> None:
    path.touch()


def make_garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 400)


def make_other(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (make_missing, "no desk at"),
        (make_empty, "empty file"),
        (make_garbage, "not a desk"),
        (make_other, "not a desk"),
        (make_folder, "cannot be opened"),
    ],
)
def test_what_is_no_desk_is_refused_and_left_as_it_is(tmp_path: Path, make: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "desk.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(Unreachable, match=words) as caught:
        open_engine(str(path)).connect()
    assert caught.value.hint
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("/srv/desk.db", "sqlite:////srv/desk.db"),
        ("sqlite:////srv/desk.db", "sqlite:////srv/desk.db"),
        ("postgres://ann@db/desk", "postgresql+psycopg://ann@db/desk"),
        ("postgresql://ann@db/desk", "postgresql+psycopg://ann@db/desk"),
    ],
)
def test_addresses(given: str, taken: str) -> None:
    assert parse_url(given) == make_url(taken)


@pytest.mark.parametrize(
    "given", ["mysql://db/desk", "sqlite://", "sqlite:///:memory:", "://", "postgresql://h:port/x"]
)
def test_addresses_that_name_no_desk(given: str) -> None:
    with pytest.raises(Invalid):
        parse_url(given)


def test_no_update_is_lost_between_two_who_read_then_write(database_url: str) -> None:
    """Fails on SQLite when a write transaction begins otherwise than IMMEDIATE."""
    engine = open_engine(database_url, pool_size=4)
    write = writing(engine)
    with write.begin() as connection:
        connection.execute(text("INSERT INTO counter (name, value) VALUES ('n', 0)"))
    start, failures = Barrier(4), []

    def count() -> None:
        start.wait()
        for _ in range(25):
            try:
                with write.begin() as connection:
                    lock = "" if engine.dialect.name == "sqlite" else " FOR UPDATE"
                    value = connection.execute(text(f"SELECT value FROM counter WHERE name = 'n'{lock}")).scalar_one()
                    connection.execute(text("UPDATE counter SET value = :v WHERE name = 'n'"), {"v": value + 1})
            except DBAPIError as error:
                failures.append(error)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(write).connect() as connection:
        assert connection.execute(text("SELECT value FROM counter WHERE name = 'n'")).scalar_one() == 100
    assert failures == []
    engine.dispose()


def test_a_reader_sees_one_moment_and_stops_no_writer(sqlite_url: str) -> None:
    """Two reads in one transaction agree, although a writer waits behind them."""
    engine = open_engine(sqlite_url, single_process=True)
    with engine.connect() as reader:
        query = text("SELECT count(*) FROM counter")
        assert reader.execute(query).scalar_one() == 0
        with writing(engine).begin() as writer:
            writer.execute(text("INSERT INTO counter (name, value) VALUES ('n', 0)"))
        assert reader.execute(query).scalar_one() == 0
    engine.dispose()


def test_postgresql_has_its_time_limits(postgres_url: str) -> None:
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone", "client_encoding")
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        told = [
            connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one() for name in names
        ]
    engine.dispose()
    assert told == ["5s", "3s", "1min", "UTC", "UTF8"]


def test_what_the_address_says_wins(postgres_url: str) -> None:
    engine = open_engine(f"{postgres_url}&application_name=night&options=-c%20statement_timeout%3D7s")
    with engine.connect() as connection:
        names = "current_setting('application_name'), current_setting('statement_timeout')"
        assert connection.execute(text(f"SELECT {names}")).one() == ("night", "7s")
    engine.dispose()


def test_a_server_that_forgets_commits_is_refused(postgres_url: str) -> None:
    engine = open_engine(f"{postgres_url}&options=-c%20synchronous_commit%3Doff")
    with pytest.raises(Unreachable, match="synchronous_commit"):
        engine.connect()
    engine.dispose()


def test_a_database_that_cannot_hold_chinese_is_refused(postgres_databases: PostgresDatabases) -> None:
    admin = postgres_databases.admin
    admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    engine = open_engine(postgres_databases.url("latin"))
    try:
        with pytest.raises(Unreachable, match="LATIN1"):
            engine.connect()
    finally:
        engine.dispose()
        admin.execute("DROP DATABASE latin WITH (FORCE)")


def test_the_clock_of_the_database(database_url: str) -> None:
    engine = open_engine(database_url)
    assert abs(database_clock_offset(engine)) < timedelta(seconds=2)
    behind = database_clock_offset(engine, lambda: datetime.now(UTC) - timedelta(minutes=5))
    expected = timedelta(0) if engine.dialect.name == "sqlite" else timedelta(minutes=5)
    assert abs(behind - expected) < timedelta(seconds=2)
    engine.dispose()


class TestFaults:
    """R15: what is wrong is told in plain words, with the next step and without anybody's data."""

    def told(self, engine: Engine, statement: str, **values: object) -> DeskError:
        with pytest.raises(DBAPIError) as caught, writing(engine).begin() as connection:
            connection.execute(text(statement), values)
        error = translate(caught.value)
        assert error.hint
        return error

    def test_read_only_file(self, sqlite_url: str) -> None:
        engine = open_engine(sqlite_url)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            with pytest.raises(DBAPIError) as caught:
                connection.execute(text("INSERT INTO counter (name, value) VALUES ('n', 0)"))
        assert "only be read" in str(translate(caught.value))
        engine.dispose()

    def test_full_disk(self, sqlite_url: str) -> None:
        engine = open_engine(sqlite_url)
        with writing(engine).begin() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
            with pytest.raises(DBAPIError) as caught:
                connection.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(100000)")
        assert str(translate(caught.value)).startswith("The disk is full")
        engine.dispose()

    def test_damaged_page(self, sqlite_url: str) -> None:
        path = sqlite_path(sqlite_url)
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xaa" * (len(content) - 4096)
        path.write_bytes(content)
        engine = open_engine(sqlite_url)
        with pytest.raises((DBAPIError, Unreachable)) as caught, engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM ticket"))
        assert "damaged" in str(translate(caught.value))
        engine.dispose()

    def test_busy(self, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine_module, "_PRAGMAS", ("PRAGMA busy_timeout=0",))
        engine = open_engine(sqlite_url)
        with writing(engine).begin():
            error = self.told(engine, "SELECT 1")
            with pytest.raises(DBAPIError) as caught:
                writing(engine).begin().__enter__()
        assert "Others are writing" in str(error)
        assert is_busy(caught.value)
        engine.dispose()

    def test_lock_not_granted_in_time(self, postgres_url: str) -> None:
        one, two = open_engine(postgres_url), open_engine(f"{postgres_url}&options=-c%20lock_timeout%3D50ms")
        with one.begin() as connection:
            connection.execute(text("LOCK TABLE counter"))
            error = self.told(two, "LOCK TABLE counter")
        assert "Others are writing" in str(error)
        one.dispose()
        two.dispose()

    def test_slow_statement(self, postgres_url: str) -> None:
        engine = open_engine(f"{postgres_url}&options=-c%20statement_timeout%3D50ms")
        assert "too long" in str(self.told(engine, "SELECT pg_sleep(60)"))
        engine.dispose()

    def test_no_tables(self, empty_database_url: str) -> None:
        engine = open_engine(empty_database_url)
        error = self.told(engine, "SELECT * FROM ticket")
        assert isinstance(error, Unreachable)
        assert "db upgrade" in error.hint
        engine.dispose()

    def test_clash_names_no_values(self, engine: Engine) -> None:
        insert = "INSERT INTO counter (name, value) VALUES (:name, 0)"
        with writing(engine).begin() as connection:
            connection.execute(text(insert), {"name": "13800138000"})
        error = self.told(engine, insert, name="13800138000")
        assert isinstance(error, Conflict)
        assert "13800138000" not in str(error) + error.hint

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda url: url.set(database="nowhere"), "no such database"),
            (lambda url: url.set(username="nobody_known"), "refuses this user"),
            (lambda url: url.update_query_dict({"host": "/nowhere"}), "does not answer"),
            (lambda url: url.set(query={}, host="127.0.0.1", port=9), "does not answer"),
        ],
    )
    def test_no_connection(self, empty_postgres_url: str, change: Callable[..., object], words: str) -> None:
        engine = open_engine(change(make_url(empty_postgres_url)))  # type: ignore[arg-type]
        with pytest.raises(DBAPIError) as caught:
            engine.connect()
        error = translate(caught.value)
        assert isinstance(error, Unreachable)
        assert words in str(error)
        engine.dispose()

    def test_the_server_ends_the_connection(
        self, empty_postgres_url: str, postgres_databases: PostgresDatabases
    ) -> None:
        engine = open_engine(empty_postgres_url)
        with engine.connect() as connection:
            pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            postgres_databases.admin.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
            with pytest.raises(DBAPIError) as caught:
                connection.execute(text("SELECT 1"))
        assert "does not answer" in str(translate(caught.value))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
        engine.dispose()
