"""Drafts the next revision from the models: `python -m deskapp.store.revise "what changes"`. For developers."""

import subprocess
import sys
import tempfile
from pathlib import Path

from deskapp.store.engine import open_engine, writing
from deskapp.store.migrate import alembic_config, create, head


def draft(message: str) -> Path:
    """Compare the models with an SQLite desk at the newest revision and write the difference as the next one."""
    from alembic import command

    number = f"{int(head() or 0) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/desk.db"
        if head():
            create(url)
        else:
            open_engine(url, create=True).dispose()
        engine = open_engine(url, migrating=True)
        try:
            with writing(engine).begin() as connection:
                script = command.revision(alembic_config(connection), message, autogenerate=True, rev_id=number)
        finally:
            engine.dispose()
    path = Path(script.path)  # type: ignore[union-attr]
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", path], check=True)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('usage: python -m deskapp.store.revise "what changes"')
    print(draft(sys.argv[1]))  # noqa: T201
