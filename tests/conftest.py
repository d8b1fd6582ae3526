"""Fixtures for every room: a fresh database of each kind, quickly, and nothing left behind.

`database_url` runs a test on SQLite and on PostgreSQL; `sqlite_url` and `postgres_url` are one of them alone, and the
`empty_…` ones have no tables. `engine` is open on `database_url`. Without PostgreSQL the tests that need it fail.
"""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from deskapp.domain.i18n import use_language
from deskapp.store.engine import open_engine
from hatch_build import compile_catalogues
from tests.support import postgres
from tests.support.database import PostgresDatabases, copy_sqlite, sqlite_template
from tests.support.memory import keep_in_memory

_FOLDER, _OWNER = "DESKAPP_TEST_FOLDER", "DESKAPP_TEST_OWNER"


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that the workers of this session share; they find it through the environment."""
    # No test may fail for the machine being busy: how long an example takes is no behaviour.
    settings.register_profile("desk", deadline=None)
    settings.load_profile("desk")
    if not hasattr(config, "workerinput"):
        compile_catalogues()
        keep_in_memory()
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix="desktests-")
        os.environ[_OWNER] = str(os.getpid())


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: looking through it for garbage again and again is time lost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and _FOLDER in os.environ:
        folder = Path(os.environ.pop(_FOLDER))
        postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def english() -> None:
    """Every test begins in English, whatever the one before it has chosen."""
    use_language("en")


@pytest.fixture(scope="session")
def session_folder() -> Path:
    """The folder of this test session, shared by its workers."""
    return Path(os.environ[_FOLDER])


@pytest.fixture(scope="session")
def postgres_databases(session_folder: Path) -> Iterator[PostgresDatabases]:
    """The session's PostgreSQL server, started at first use. Fails with the reason where there is none."""
    databases = PostgresDatabases(session_folder, int(os.environ[_OWNER]))
    yield databases
    databases.close()


@pytest.fixture
def sqlite_url(session_folder: Path, tmp_path: Path) -> str:
    """A fresh SQLite desk with its tables."""
    return copy_sqlite(sqlite_template(session_folder), tmp_path / "desk.db")


@pytest.fixture
def postgres_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A fresh PostgreSQL desk with its tables."""
    with postgres_databases.fresh(postgres_databases.template()) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh desk with its tables: the test runs once on each database."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A fresh SQLite desk without tables."""
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    open_engine(url, create=True).dispose()
    return url


@pytest.fixture
def empty_postgres_url(postgres_databases: PostgresDatabases) -> Iterator[str]:
    """A fresh PostgreSQL database without tables."""
    with postgres_databases.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database without tables: the test runs once on each kind."""
    url: str = request.getfixturevalue("empty_sqlite_url" if request.param == "sqlite" else "empty_postgres_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh desk, as the app opens it."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()
