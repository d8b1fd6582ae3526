"""R12: a migration is all or nothing on both databases; a newer schema is refused; the wheel's head is Alembic's."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, text

from deskapp.domain.errors import Conflict, Unreachable
from deskapp.models.tables import metadata
from deskapp.store import migrate
from deskapp.store.engine import open_engine, sqlite_path, writing
from deskapp.store.migrate import BrokenMigration, Schema, SchemaState, alembic_config, schema_state, upgrade
from tests.support import catalogue
from tests.support.database import make_schema

FIRST = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001", None

def upgrade():
    op.create_table("customer", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_index("ix_ticket_customer_id", "ticket", ["customer_id"])
"""

SECOND = """
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"

def upgrade():
    op.create_table("team", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("customer", recreate="auto") as batch:
        batch.add_column(sa.Column("language", sa.String(8), nullable=False, server_default="en"))
        batch.alter_column("name", existing_type=sa.String(20), nullable=False)
    op.execute("UPDATE customer SET language = 'zh' WHERE id = 1")
    op.create_index("ix_customer_language", "customer", ["language"])
"""


def third(body: str, changes: str = "frozenset()") -> str:
    """A revision that does one thing to the desk of the second."""
    head = f'from alembic import op\nrevision, down_revision = "0003", "0002"\nchanges_rows = {changes}\n'
    return f"{head}\ndef upgrade():\n    op.execute({body!r})\n"


@pytest.fixture
def revise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Replace the shipped revisions by those given, in order."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.migrations_folder(), folder, ignore=shutil.ignore_patterns("0*.py"))
    monkeypatch.setattr(migrate, "migrations_folder", lambda: folder)

    def write(*sources: str) -> None:
        for number, source in enumerate(sources, 1):
            (folder / "versions" / f"{number:04d}_step.py").write_text(source)
        migrate.revisions.cache_clear()

    yield write
    migrate.revisions.cache_clear()


def look(url: str) -> tuple[Any, Any]:
    """The whole schema and every row."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = catalogue.schema(connection), catalogue.rows(connection)
    engine.dispose()
    return found


def fill(url: str) -> None:
    """Two customers, three tickets."""
    engine = open_engine(url)
    with writing(engine).begin() as connection:
        connection.execute(text("INSERT INTO customer (id, name) VALUES (1, '张伟'), (2, 'Ann')"))
        connection.execute(text("INSERT INTO ticket (id, customer_id) VALUES (1, 1), (2, 1), (3, 2)"))
    engine.dispose()


class Fault(Exception):
    """Raised by the tests in the middle of a migration."""


def each_statement(act: Callable[[int], None]) -> Callable[[], None]:
    """Call `act` with the number of each statement that any engine runs; returns what ends it."""
    count = 0

    def before(*_: object) -> None:
        nonlocal count
        count += 1
        act(count)

    event.listen(Engine, "before_cursor_execute", before)
    return lambda: event.remove(Engine, "before_cursor_execute", before)


def fail_at(url: str, number: int) -> bool:
    """Upgrade, failing at one statement; False when the upgrade has fewer."""

    def act(count: int) -> None:
        if count == number:
            raise Fault

    end = each_statement(act)
    try:
        upgrade(url)
    except Fault:
        return True
    finally:
        end()
    return False


def test_an_error_at_any_statement_leaves_the_desk_as_it_was(
    empty_database_url: str, revise: Callable[..., None]
) -> None:
    revise(FIRST)
    upgrade(empty_database_url)
    fill(empty_database_url)
    before = look(empty_database_url)
    revise(FIRST, SECOND)
    number = 1
    while fail_at(empty_database_url, number):
        assert look(empty_database_url) == before, f"statement {number}"
        number += 1
    assert number > 15
    after = look(empty_database_url)
    assert [row[0] for row in after[1]["ticket"]] == [1, 2, 3]
    assert {row[0]: row[-1] for row in after[1]["customer"]} == {1: "zh", 2: "en"}
    assert after[1]["alembic_version"] == [("0002",)]


def test_an_error_at_any_statement_of_the_first_revision_leaves_nothing(
    empty_database_url: str, revise: Callable[..., None]
) -> None:
    revise(FIRST)
    before = look(empty_database_url)
    number = 1
    while fail_at(empty_database_url, number):
        assert look(empty_database_url) == before, f"statement {number}"
        number += 1
    assert number > 6


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from deskapp.store import migrate
folder, url, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
migrate.migrations_folder = lambda: folder
count = 0
def before(*_):
    global count
    count += 1
    if count == number:
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(Engine, "before_cursor_execute", before)
migrate.upgrade(url)
"""


@pytest.mark.parametrize("number", [8, 20, 26])
def test_a_kill_leaves_the_desk_as_it_was(empty_sqlite_url: str, revise: Callable[..., None], number: int) -> None:
    revise(FIRST)
    upgrade(empty_sqlite_url)
    fill(empty_sqlite_url)
    before = look(empty_sqlite_url)
    revise(FIRST, SECOND)
    arguments = [str(migrate.migrations_folder()), empty_sqlite_url, str(number)]
    done = subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    assert look(empty_sqlite_url) == before
    upgrade(empty_sqlite_url)
    assert look(empty_sqlite_url)[1]["alembic_version"] == [("0002",)]


@pytest.mark.parametrize(
    "body",
    ["DELETE FROM ticket WHERE id = 3", "DROP TABLE ticket"],
)
def test_rows_may_not_go_unless_the_revision_says_so(
    empty_database_url: str, revise: Callable[..., None], body: str
) -> None:
    revise(FIRST, SECOND)
    upgrade(empty_database_url)
    fill_second = "INSERT INTO customer (id, name) VALUES (1, '张伟')"
    engine = open_engine(empty_database_url)
    with writing(engine).begin() as connection:
        connection.execute(text(fill_second))
        connection.execute(text("INSERT INTO ticket (id, customer_id) VALUES (3, 1)"))
    engine.dispose()
    before = look(empty_database_url)
    revise(FIRST, SECOND, third(body))
    with pytest.raises(BrokenMigration, match="1 rows of ticket into 0"):
        upgrade(empty_database_url)
    assert look(empty_database_url) == before
    revise(FIRST, SECOND, third(body, "frozenset({'ticket'})"))
    assert upgrade(empty_database_url).after == "0003"


def test_references_may_not_be_left_hanging(empty_sqlite_url: str, revise: Callable[..., None]) -> None:
    """SQLite only: PostgreSQL refuses by itself."""
    revise(FIRST, SECOND)
    upgrade(empty_sqlite_url)
    revise(FIRST, SECOND, third("INSERT INTO ticket (id, customer_id) VALUES (9, 9)", "frozenset({'ticket'})"))
    before = look(empty_sqlite_url)
    with pytest.raises(BrokenMigration, match="pointing at nothing"):
        upgrade(empty_sqlite_url)
    assert look(empty_sqlite_url) == before


def test_states(empty_database_url: str, revise: Callable[..., None]) -> None:
    engine = open_engine(empty_database_url)
    revise(FIRST, SECOND)
    assert schema_state(engine) == SchemaState(Schema.EMPTY, "", "0002")
    with pytest.raises(Unreachable, match="there is no desk"):
        migrate.require_current(engine)
    engine.dispose()
    upgrade(empty_database_url, to="0001")
    assert schema_state(engine) == SchemaState(Schema.OLDER, "0001", "0002")
    with pytest.raises(Unreachable, match="revision 0001; this deskapp needs 0002") as caught:
        migrate.require_current(engine)
    assert "db upgrade" in caught.value.hint
    engine.dispose()
    upgrade(empty_database_url)
    assert schema_state(engine) == SchemaState(Schema.CURRENT, "0002", "0002")
    migrate.require_current(engine)
    engine.dispose()


def test_a_newer_desk_is_refused_and_left_as_it_is(empty_database_url: str, revise: Callable[..., None]) -> None:
    revise(FIRST, SECOND)
    upgrade(empty_database_url)
    engine = open_engine(empty_database_url)
    with writing(engine).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
    assert schema_state(engine).schema is Schema.NEWER
    with pytest.raises(Unreachable, match="newer deskapp") as caught:
        migrate.require_current(engine)
    assert "Update deskapp" in caught.value.hint
    engine.dispose()
    before = look(empty_database_url)
    with pytest.raises(Unreachable, match="newer deskapp"):
        upgrade(empty_database_url)
    assert look(empty_database_url) == before


def test_a_database_of_somebody_else_is_refused(empty_database_url: str, revise: Callable[..., None]) -> None:
    engine = open_engine(empty_database_url)
    with writing(engine).begin() as connection:
        connection.execute(text("CREATE TABLE invoice (id INTEGER PRIMARY KEY)"))
    engine.dispose()
    revise(FIRST)
    with pytest.raises(Conflict, match="invoice"):
        upgrade(empty_database_url)


def test_a_backup_is_made_first_and_only_of_a_desk(
    empty_database_url: str, revise: Callable[..., None], tmp_path: Path
) -> None:
    seen = []

    def backup(engine: Engine, state: SchemaState) -> Path:
        seen.append((schema_state(engine).revision, state.head))
        return tmp_path / "backup"

    revise(FIRST)
    assert upgrade(empty_database_url, backup=backup).backup is None
    revise(FIRST, SECOND)
    assert upgrade(empty_database_url, backup=backup).backup == tmp_path / "backup"
    assert upgrade(empty_database_url, backup=backup).backup is None
    assert seen == [("0001", "0002")]


def test_nobody_else_may_have_the_sqlite_desk_open(sqlite_url: str) -> None:
    colleague = open_engine(sqlite_url)
    colleague.connect().close()
    with pytest.raises(Unreachable, match="Somebody else"):
        upgrade(sqlite_url)
    colleague.dispose()


def test_a_desk_that_could_not_be_finished_is_removed(tmp_path: Path, revise: Callable[..., None]) -> None:
    revise("revision, down_revision = '0001', None\n\ndef upgrade():\n    raise ArithmeticError\n")
    with pytest.raises(ArithmeticError):
        migrate.create(f"{tmp_path}/desk.db")
    assert not (tmp_path / "desk.db").exists()


class TestShipped:
    """The revisions of this deskapp."""

    def test_the_cheap_head_is_alembics(self, empty_sqlite_url: str) -> None:
        engine = open_engine(empty_sqlite_url)
        with engine.connect() as connection:
            script = ScriptDirectory.from_config(alembic_config(connection))
        engine.dispose()
        assert script.get_heads() == [migrate.head()]
        assert [step.revision for step in script.walk_revisions()] == [*reversed(migrate.revisions())]

    def test_upgraded_is_what_the_models_say(
        self, empty_database_url: str, tmp_path: Path, postgres_databases: Any
    ) -> None:
        upgrade(empty_database_url)
        engine = open_engine(empty_database_url)
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "include_object": lambda i, n, k, r, c: n in metadata.tables}
            )
            assert compare_metadata(context, metadata) == []
        engine.dispose()
        migrated, _ = look(empty_database_url)
        if empty_database_url.startswith("sqlite"):
            open_engine(url := f"sqlite:///{tmp_path}/made.db", create=True).dispose()
            made = self.made(url)
        else:
            with postgres_databases.fresh() as url:
                made = self.made(url)
        for part, facts in made.items():
            assert set(facts) ^ set(migrated[part]) == set(), part

    def made(self, url: str) -> dict[str, list[tuple[Any, ...]]]:
        engine = open_engine(url)
        make_schema(engine)
        engine.dispose()
        found: dict[str, list[tuple[Any, ...]]] = look(url)[0]
        return found

    def test_an_error_in_the_middle_leaves_nothing(self, empty_database_url: str) -> None:
        before = look(empty_database_url)
        for number in (10, 40, 70):
            assert fail_at(empty_database_url, number)
            assert look(empty_database_url) == before
        upgrade(empty_database_url)

    def test_a_new_desk(self, tmp_path: Path) -> None:
        url = f"{tmp_path}/desk.db"
        assert migrate.create(url).after == migrate.head()
        assert sqlite_path(url).stat().st_mode & 0o777 == 0o600
        with pytest.raises(Conflict):
            migrate.create(url)


def test_the_start_does_not_import_alembic() -> None:
    look_up = "import sys, deskapp.store.migrate as m; m.head(); sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look_up], check=False, env=os.environ).returncode == 0
