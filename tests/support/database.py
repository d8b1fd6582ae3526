"""Fresh databases for the tests, copied from a template that is made once a session."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import Engine

from deskapp.models.tables import metadata
from deskapp.store.engine import open_engine, writing
from deskapp.store.schema import complete
from tests.support import postgres

USER = "desk"


def make_schema(engine: Engine) -> None:
    """Give an empty database the tables of the models."""
    with writing(engine).begin() as connection:
        metadata.create_all(connection)
        complete(connection)


def sqlite_template(folder: Path) -> Path:
    """Return the session's SQLite template, making it when this worker is the first to ask."""
    template = folder / "template.db"
    with postgres.locked(folder):
        if not template.exists():
            part = folder / "part.db"
            engine = open_engine(f"sqlite:///{part}", create=True)
            make_schema(engine)
            engine.dispose()
            part.replace(template)
    return template


def copy_sqlite(template: Path, target: Path) -> str:
    """Copy the template, which nobody has open, and return the copy's address."""
    shutil.copyfile(template, target)
    os.chmod(target, 0o600)
    return f"sqlite:///{target}"


class PostgresDatabases:
    """Makes databases on the session's server; one of these for each worker."""

    def __init__(self, folder: Path, owner: int) -> None:
        self.folder = folder
        self.socket = postgres.server(folder, owner)
        self.admin = psycopg.connect(
            host=self.socket, port=postgres.PORT, user=USER, dbname="postgres", autocommit=True
        )

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self.socket}&port={postgres.PORT}"

    def template(self) -> str:
        """Return the name of the template, making it when this worker is the first to ask."""
        made = self.folder / "postgres-template"
        with postgres.locked(self.folder):
            if not made.exists():
                self.admin.execute("CREATE DATABASE desk_template")
                engine = open_engine(self.url("desk_template"))
                make_schema(engine)
                engine.dispose()
                made.touch()
        return "desk_template"

    @contextmanager
    def fresh(self, template: str = "template1") -> Iterator[str]:
        """Yield the address of a new copy of the template, dropped at the end, whoever is still connected."""
        name = f"t{uuid4().hex}"
        self.admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self.admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self) -> None:
        self.admin.close()
