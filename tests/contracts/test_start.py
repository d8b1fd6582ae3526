"""What is imported before the first frame: nothing that knows a database, reads files of settings or checks numbers."""

import subprocess
import sys

import pytest

HEAVY = ("sqlalchemy", "sqlmodel", "pydantic", "alembic", "typer", "ruamel", "pypinyin", "phonenumbers", "holidays",
         "rapidfuzz", "psycopg", "tomllib", "deskapp.services.desk", "deskapp.store", "deskapp.models",
         "deskapp.screens.queue", "deskapp.screens.settings", "deskapp.domain.sla", "deskapp.domain.calendar",
         "deskapp.domain.views", "deskapp.services.requests.tickets", "sqlite3")  # fmt: skip


def modules_after(statement: str) -> set[str]:
    """What a fresh interpreter has imported after a statement."""
    code = f"{statement}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import deskapp.app", "from deskapp.app import screen_of; screen_of('desk')"])
def test_the_way_to_the_first_frame_is_light(statement: str) -> None:
    assert sorted(modules_after(statement) & set(HEAVY)) == []


def test_declarations_and_requests_need_the_standard_library_only() -> None:
    loaded = modules_after(
        "import deskapp.commands, deskapp.preferences, deskapp.lanes, deskapp.incidents, deskapp.seat\n"
        "import deskapp.services.requests.tickets, deskapp.services.requests.queue"
    )
    assert {name.partition(".")[0] for name in loaded} <= set(sys.stdlib_module_names) | {"deskapp", "__main__"} | {
        name for name in loaded if name.startswith("_") and "." not in name
    } | {"sitecustomize", "usercustomize"}
