"""A whole log brought in once a session, whoever asks first; each test gets a copy of that desk."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskapp.clock import FrozenClock
from deskapp.services.desk import Desk
from deskapp.services.importing import ImportReport, import_log, load_map
from deskapp.store.engine import open_engine
from tests.real_data.logs import open_log
from tests.services.conftest import staff
from tests.support import postgres
from tests.support.database import copy_sqlite, sqlite_template

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Imported = Callable[[str], tuple[str, ImportReport]]


@pytest.fixture
def imported(session_folder: Path, tmp_path: Path) -> Imported:
    """Gives, by the name of a log, the address of an SQLite desk that holds it and what its import reported."""

    def give(name: str) -> tuple[str, ImportReport]:
        source = open_log(name)
        whole, told = session_folder / f"log-{name}.db", session_folder / f"log-{name}.report"
        template = sqlite_template(session_folder)
        with postgres.locked(session_folder):
            if not told.exists():
                report = _bring_in(copy_sqlite(template, whole), name, source)
                told.write_bytes(pickle.dumps(report))
        return copy_sqlite(whole, tmp_path / "log.db"), pickle.loads(told.read_bytes())

    return give


def _bring_in(url: str, name: str, source: Path) -> ImportReport:
    engine = open_engine(url)
    try:
        people, _teams = staff(engine)
        return import_log(Desk(engine, FrozenClock(NOW)), people["lin"], load_map(name), source, verify=True)
    finally:
        engine.dispose()
