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


def test_opening_the_desk_needs_no_option_parser() -> None:
    loaded = modules_after(
        "from deskapp.cli.opening import open_plainly, plainly_asked\n"
        "assert plainly_asked([]) and plainly_asked(['--db', 'x', '--agent', 'y'])\n"
        "assert not any(map(plainly_asked, (['queue'], ['--db'], ['--db', '--json'], ['--at', '2015-02-10T12:00'])))\n"
        "assert open_plainly(['--db', 'x'], lambda opening: 7 if opening.db == 'x' else 0) == 7"
    )
    assert sorted(loaded & {"typer", "click", "typer._click", "pydantic", "deskapp.cli.root", "rich"}) == []


def test_reading_the_queue_needs_no_reader_of_files() -> None:
    loaded = modules_after("import deskapp.services.desk, deskapp.services.queue, deskapp.services.people")
    needless = {"ruamel.yaml", "holidays", "tomlkit", "deskapp.services.time_files", "alembic",
                "sqlalchemy.dialects.postgresql"}  # fmt: skip
    assert sorted(loaded & needless) == []


def test_garbage_is_collected_again_once_the_desk_is_open() -> None:
    modules_after(
        "import gc\n"
        "from deskapp.bootstrap import _collecting_again\n"
        "gc.disable()\n"
        "assert _collecting_again(lambda: 7)() == 7 and gc.isenabled() and gc.get_freeze_count()\n"
        "gc.disable()\n"
        "try: _collecting_again(lambda: 1 / 0)()\n"
        "except ZeroDivisionError: assert gc.isenabled()\n"
        "else: raise AssertionError"
    )
